//! Sums over one index: their matrix forms, held to the sums themselves and to difference quotients.

use chainrule::{Library, Question, Source, Verdict, check_equal, derive};
use formula::Name;
use judge::check_sums;
use random::{Purpose, Random};
use syntax::{Spelling, parse, spell};

/// The formulas, their declarations and their matrix forms.
fn formulas() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = include_str!("index_sums.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let (left, form) = line.rsplit_once(" | ").expect("a formula and its form");
        let (formula, declarations) = left.split_once(" @ ").unwrap_or((left, ""));
        (formula, declarations, form)
    })
}

#[test]
fn every_sum_is_its_matrix_form_with_right_gradients() {
    let library = Library::standard();
    let (mut count, mut wrong) = (0, Vec::new());
    for (typed, declarations, form) in formulas() {
        count += 1;
        let spelled = match spell(typed, declarations, Spelling::Auto) {
            Ok(spelled) => spelled,
            Err(error) => {
                wrong.push(error.render());
                continue;
            }
        };
        let question = Question { formula: &spelled.text, declarations, ..Question::default() };
        let answer = match derive(&question, &library) {
            Ok(answer) => answer,
            Err(error) => {
                wrong.push(format!("{typed}: {error}"));
                continue;
            }
        };
        let echo = answer.parsed.echo.lines().next_back().unwrap_or_default();
        let read = echo.split_once(" = ").map_or(echo, |(_, read)| read);
        let (checked, sums) = (answer.check.passed, answer.sums.is_some_and(|sums| sums.passed));
        if read != form || !checked || !sums {
            wrong.push(format!(
                "{typed}\n    is {read}\nwanted {form}, gradients {checked}, sums {sums} {:?}",
                answer.sums
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 60, "{count} sums");
}

#[test]
fn what_a_sum_was_read_as_reads_back_the_same() {
    let library = Library::standard();
    for (typed, declarations, _) in formulas() {
        let spelled = spell(typed, declarations, Spelling::Auto).unwrap();
        let again = spell(&spelled.text, declarations, Spelling::Auto).unwrap();
        assert_eq!(again.text, spelled.text, "{typed}");
        let parsed = parse(Source { text: &spelled.text, declarations }, &library).unwrap();
        // Where an X is declared, the x_i are its rows; so declaring what was assumed of another X says something else.
        if parsed.notes.iter().any(|note| note.contains("has a meaning of its own")) {
            continue;
        }
        let assumed = parsed.assumptions.iter().filter(|one| !one.is_constant && one.kind != "size");
        let assumed: Vec<String> = assumed.map(|one| format!("{}: {}", one.name, one.kind)).collect();
        let declarations = format!("{declarations}\n{}", assumed.join("\n"));
        match parse(Source { text: &spelled.text, declarations: &declarations }, &library) {
            Ok(declared) => assert_eq!(declared.echo, parsed.echo, "{typed} with {declarations}"),
            Err(error) => panic!("{}", error.render()),
        }
    }
}

/// Declarations for the letters of the table.
const LETTERS: &str = "a_i: scalar, b_i: scalar, x_i: n, z_i: n, c: n, C: n x n";
const WHOLE: &str = "a: m, b: m, X: m x n, Z: m x n, c: n";

#[test]
fn every_row_of_the_table_is_true() {
    let library = Library::standard();
    let mut random = Random::new(1, Purpose::Check, 0);
    let mut count = 0;
    for row in library::INDEX_SUMS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (word, rest) = row.split_once(' ').unwrap();
        let columns: Vec<&str> = rest.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
        let [name, left, right] = columns.as_slice() else { panic!("{row}") };
        count += 1;
        if word == "each" {
            let text = format!("sum_i({left})");
            let parsed = parse(Source { text: &text, declarations: LETTERS }, &library);
            let parsed = parsed.unwrap_or_else(|error| panic!("{}", error.render()));
            let sums = parsed.sums.as_ref().expect("a sum");
            assert!(sums.vectorized[0].by.contains(name), "{row}: {}", sums.vectorized[0]);
            let check = check_sums(&parsed, 5, &mut || random.normal()).unwrap().expect("a sum");
            assert!(check.passed, "{row}: {check:?}");
        } else {
            let whole = if word == "number" { format!("sum({left})") } else { format!("({left})'*ones(m)") };
            let answer = check_equal(Source { text: &whole, declarations: WHOLE }, right, 0, &library);
            let verdict = answer.unwrap_or_else(|error| panic!("{row}: {error}")).judged.verdict;
            let is_true = matches!(verdict, Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. });
            assert!(is_true, "{row}: {verdict:?}");
        }
    }
    assert!(count >= 25, "{count} rows");
}

#[test]
fn a_form_that_is_not_the_sum_is_caught() {
    let library = Library::standard();
    let mut random = Random::new(1, Purpose::Check, 0);
    for (typed, declarations, _) in formulas().take(20) {
        let spelled = spell(typed, declarations, Spelling::Auto).unwrap();
        let mut parsed = parse(Source { text: &spelled.text, declarations }, &library).unwrap();
        let last = parsed.formula.lines.len() - 1;
        let value = parsed.formula.lines[last].value;
        let factor = formula::Number::from_f64(1.001).unwrap();
        let factor = parsed.formula.number(factor);
        parsed.formula.lines[last].value = parsed.formula.scale(factor, value).unwrap();
        let check = check_sums(&parsed, 3, &mut || random.normal()).unwrap().expect("a sum");
        assert!(!check.passed, "{typed}: {check:?}");
    }
}

/// What has no matrix form, and a part of the error.
const REFUSED: [(&str, &str); 33] = [
    ("sum_{i,j} a_ij", "one index"),
    ("sum_{i,j} log(a_ij)", "one index"),
    (r"\sum_{i<j} x_i x_j", "one index"),
    ("sum_i sum_j a_ij*x_i*x_j", "`a_ij` has another index"),
    ("sum_i sum_j (x_i - x_j)^2", "inside a sum over its own index"),
    ("sum_i log(sum_j exp(x_i'*w_j))", "inside a sum over its own index"),
    ("sum_i (y_i - x_i'*w)^2 + x_i", "`x_i` stands outside the sum over i"),
    ("x_i*sum_i y_i", "`x_i` stands outside"),
    ("sum_i norm(A_i*w)^2", "`A_i` is a matrix for each i"),
    ("sum_i det(A_i)", "`A_i` is a matrix for each i"),
    ("sum_i tr(A_i'*A_i)", "`A_i` is a matrix for each i"),
    (r"\sum_i (x_i - x_{i-1})^2", "is the entry beside another"),
    ("sum_i (x_i - x_{i+1})^2", "is the entry beside another"),
    ("sum_i x_i1*x_i2", "`x_i1` has another index"),
    ("sum_{i=0}^n x_i*x_0", "begins at something else than 1"),
    (r"\sum_{i=1}^m x_i + \sum_{i=1}^n y_i", "goes to m, another to n"),
    (r"\sum_{i=1}^m x_i + \sum_{j=1}^n x_j", "goes to"),
    ("sum_i logdet(x_i*x_i' + A)", "no form for all terms"),
    ("sum_i norm(x_i*x_i' - A)^2", "no form for all terms"),
    ("sum_i (c - 1)^2", "nothing in the sum over i changes"),
    (r"\sum_i w^T w", "nothing in the sum over i changes"),
    ("sum_i [x_i; 1]'*w", "no form for all terms"),
    ("sum_i (y_i - x_i'*w)^2 @ y: 5, X: 6 x n", "declared for"),
    (r"\sum_i i x_i", "`i` is what the sum runs over"),
    ("sum_i (i - 1)*x_i", "`i` is what the sum runs over"),
    ("sum_i 2^i*x_i", "`i` is what the sum runs over"),
    (r"\sum_t \gamma^t r_t", "`t` is what the sum runs over"),
    ("sum_i x_i/i", "`i` is what the sum runs over"),
    ("sum_k k^2*p_k", "`k` is what the sum runs over"),
    ("sum_j cos(j*x_j)", "`j` is what the sum runs over"),
    (r"\sum_{i=1}^n (n - i) x_i", "`i` is what the sum runs over"),
    (r"c\, e^{z_c}/\sum_j e^{z_j}", "`c` is a value as well"),
    (r"\lambda k - z_k + \log \sum_j e^{z_j}", "`k` is a value as well"),
];

#[test]
fn what_has_no_matrix_form_is_refused_by_name() {
    let library = Library::standard();
    for (typed, wanted) in REFUSED {
        let (text, declarations) = typed.split_once(" @ ").unwrap_or((typed, ""));
        let error = match parse(Source { text, declarations }, &library) {
            Ok(parsed) => panic!("{typed} is read as {}", parsed.echo),
            Err(error) => error,
        };
        assert!(error.to_string().contains(wanted), "{typed}: {}", error.render());
        assert!(!error.mend().unwrap_or_default().is_empty(), "{typed} has no mend");
        assert_eq!(error.text.text, text, "the place is in the typed text");
    }
}

#[test]
fn names_for_all_terms_are_new_where_they_have_to_be() {
    let library = Library::standard();
    for (text, declarations, names) in [
        ("sum_i (y_i - x_i'*w)^2 + norm(X)^2", "", "y X w"),
        ("sum_i (y_i - x_i'*w)^2 + X'*X", "X: 3 x 3", "y X w"),
        ("\\|Xw - y\\|^2 + \\sum_j |w_j|", "", "X w y"),
        ("sum_i norm(x_i - x)^2", "", "X x"),
        ("sum_i (y_i - x_i'*w)^2", "X: m x n", "y X w"),
        ("sum_i (y_i - x_i'*w)^2 + norm(X)^2", "X: m x n", "y X w"),
        ("sum_i (w*x_i - y_i)^2 + sum_j w_j^2", "", "w x y w_all"),
        ("sum_i (y_i - x_i'*w)^2 + sum_j w_j^2", "", "y X w"),
        ("sum_i x_i^2 + sum_j x_j", "", "x"),
    ] {
        let parsed = parse(Source { text, declarations }, &library).unwrap();
        let result = parsed.formula.result().unwrap();
        let found = parsed.formula.variables(&[result]);
        let mut found: Vec<Name> = found
            .into_iter()
            .filter_map(|id| match parsed.formula.node(id) {
                formula::Node::Variable(variable) => Some(variable.name.clone()),
                _ => None,
            })
            .collect();
        let mut wanted: Vec<Name> = names.split(' ').map(Name::from).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{text}: {}", parsed.echo);
    }
}
