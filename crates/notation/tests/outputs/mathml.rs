//! MathML and pages are well-formed: every element is closed where it was opened, and holds as many parts as it has to.

use crate::random::random_formula;
use chainrule_notation::{Numbers, Page, html, mathml};
use syntax::{Library, Source, parse};

/// Reads a text as XML; how many parts each element has is checked on the way.
fn well_formed(text: &str) -> Result<(), String> {
    let mut open: Vec<(&str, usize)> = vec![("", 0)];
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let words = &rest[..at];
        if words.contains('>') {
            return Err(format!("a stray > in {words}"));
        }
        for entity in words.split('&').skip(1) {
            let name = entity.split_once(';').map_or("", |(name, _)| name);
            if !matches!(name, "amp" | "lt" | "gt" | "quot" | "#x2061" | "#x2062") {
                return Err(format!("no entity {entity}"));
            }
        }
        rest = &rest[at + 1..];
        let end = rest.find('>').ok_or("an element without an end")?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let (opened, parts) = open.pop().unwrap_or_default();
            let wanted = match name {
                "msup" | "msub" | "mfrac" => Some(2),
                "msubsup" => Some(3),
                _ => None,
            };
            if opened != name || wanted.is_some_and(|wanted| wanted != parts) {
                return Err(format!("<{opened}> with {parts} parts is closed by </{name}>"));
            }
        } else if !tag.starts_with('!') {
            if let Some(last) = open.last_mut() {
                last.1 += 1;
            }
            if !tag.ends_with('/') {
                open.push((tag.split(' ').next().unwrap_or(tag), 0));
            }
        }
    }
    if open.len() == 1 { Ok(()) } else { Err(format!("{open:?} are left open")) }
}

#[test]
fn every_mathml_is_well_formed() {
    let mut judged = 0;
    for seed in 0..200 {
        let (formula, pool) = random_formula(seed, 60);
        for id in pool.iter().rev().take(15) {
            for numbers in [Numbers::Below, Numbers::Above] {
                let Some(math) = mathml(&formula, *id, numbers) else { continue };
                well_formed(&math).unwrap_or_else(|error| panic!("{error}\n{math}"));
                judged += 1;
            }
        }
    }
    assert!(judged > 4000, "{judged}");
}

#[test]
fn a_page_is_well_formed_and_has_no_need_of_others() {
    let text = "Z1 = X*W1\nA1 = sigmoid(Z1)\nf = norm(A1*W2 - Y)^2/m + sum(softmax(X, 2) .* X)";
    let parsed = parse(Source { text, declarations: "" }, &Library::standard()).unwrap();
    let request = calculus::Request::default();
    let mut derived = calculus::derive(&parsed.formula, &request, calculus::Laws::standard()).unwrap();
    let arena = &mut derived.derivation.formula;
    let algebra: Vec<_> = derived.readings.iter().map(|reading| reading.algebra(arena)).collect();
    assert!(algebra.iter().any(|steps| !steps.value.is_empty()));
    let page = html(&Page {
        formula: "f = 1 < 2 & \"3\"",
        assumptions: &[["X: m x n".to_owned(), "a <capital> is a matrix".to_owned()]],
        notes: &["a note".to_owned()],
        derivation: &derived.derivation,
        closed: &derived.readings,
        algebra: &algebra,
        check: ("3 points", true),
        numbers: Numbers::Below,
    });
    // What a style sheet says is no XML, and the page's is there unchanged.
    let (head, rest) = page.split_once("<style>").expect("a style sheet");
    let (_, body) = rest.split_once("</style>").expect("its end");
    well_formed(&format!("{head}{body}")).unwrap_or_else(|error| panic!("{error}\n{page}"));
    for outside in ["http:", "https:", "src=", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for part in ["f = 1 &lt; 2 &amp; &quot;3&quot;", "elementwise function", "<math>", "prefers-color-scheme"]
    {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_reader_of_xml_refuses_what_is_not_well_formed() {
    for wrong in
        ["<mi>x</mo>", "<msup><mi>x</mi></msup>", "<mrow><mi>x</mi>", "</mi>", "<mi>a & b</mi>", "a > b<mi/>"]
    {
        assert!(well_formed(wrong).is_err(), "{wrong}");
    }
}
