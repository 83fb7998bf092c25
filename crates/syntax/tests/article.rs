//! The article's own formulas, pasted as they stand.

use chainrule_syntax::{Library, Spelling, parse, spell};

/// Whether each formula is to be read, and the formula.
fn formulas() -> Vec<(bool, String)> {
    let parts = include_str!("article.txt").split("%%%% ").skip(1);
    parts
        .map(|part| {
            let (word, formula) = part.split_once('\n').expect("a word and a formula");
            (word == "read", formula.trim_end().to_owned())
        })
        .collect()
}

#[test]
fn the_article_is_read_as_it_stands() {
    let (mut read, mut wrong) = (0, Vec::new());
    for (is_read, formula) in formulas() {
        match (parse(formula.as_str(), &Library::standard()), is_read) {
            (Ok(parsed), true) => {
                read += 1;
                println!("{}", parsed.echo);
            }
            (Err(error), false) => assert_eq!(error.text.text, formula, "the place is in the typed text"),
            (Ok(parsed), false) => wrong.push(format!("{formula}\nis read as {}", parsed.echo)),
            (Err(error), true) => wrong.push(error.render()),
        }
    }
    assert!(wrong.is_empty() && read >= 37, "{read} are read\n{}", wrong.join("\n"));
}

#[test]
fn the_articles_loss_is_the_squared_norm_of_its_errors() {
    let text = r"f(A^{[L]})=\frac 1m\Vert A^{[L]}-Y\Vert_F^2";
    let spelled = spell(text, "", Spelling::Auto).expect("the article's loss");
    assert_eq!(spelled.spelling, Spelling::Latex);
    assert_eq!(spelled.text, "f = 1/m*norm(A_L - Y)^2");
    assert_eq!(spelled.by.iter().map(|name| name.to_string()).collect::<Vec<_>>(), ["A_L"]);
}
