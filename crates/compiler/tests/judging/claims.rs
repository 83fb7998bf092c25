//! Claims: what is right is accepted in any form, what is wrong is refused, and a known slip has its name.

use super::draw;
use calculus::Request;
use chainrule_compiler::{ClaimQuestion, Library, Part, Verdict, check_claim};
use formula::Name;

/// The verdict on a claim, in a word or two: `yes`, `numbers`, the name of the slip, or `no`.
fn verdict(formula: &str, declarations: &str, by: &str, claim: &str) -> String {
    let request = Request { wrt: vec![Name::from(by)], ..Request::default() };
    verdict_in(formula, declarations, &request, claim)
}

/// The same for any request.
fn verdict_in(formula: &str, declarations: &str, request: &Request, claim: &str) -> String {
    let question = ClaimQuestion { text: formula, declarations, request, claim };
    let answer = match check_claim(&question, &Library::standard(), &mut draw()) {
        Ok(answer) => answer,
        Err(error) => return format!("error: {error}"),
    };
    match &answer.judged.verdict {
        Verdict::Equal { .. } => "yes".to_owned(),
        Verdict::EqualOnNumbers { .. } => "numbers".to_owned(),
        Verdict::Undecided => "undecided".to_owned(),
        Verdict::Different(difference) => match &difference.slip {
            None => "no".to_owned(),
            Some(slip) => {
                let mut says = slip.says.to_owned();
                for (at, part) in slip.parts.iter().enumerate() {
                    let text = match part {
                        Part::Value(id) => notation::text(&answer.judged.formula, *id).unwrap_or_default(),
                        Part::Number(number) => number.to_string(),
                        Part::Word(word) => (*word).to_owned(),
                    };
                    says = says.replace(&format!("{{{at}}}"), &text);
                }
                format!("{}: {says}", slip.name)
            }
        },
    }
}

#[test]
fn slips_have_their_names() {
    let squares = "norm(X*w - y)^2/m";
    let declared = "X: m x n, w: n, y: m";
    let layer = "norm(g(X*W) - Y)^2";
    let layers = "X: m x n, W: n x p, Y: m x p, g: function";
    let cases = [
        (squares, declared, "w", "2/m*X'*(X*w - y)", "yes"),
        (squares, declared, "w", "(2*X'*X*w - 2*X'*y)/m", "yes"),
        (squares, declared, "w", "-2/m*X'*(X*w - y)", "sign"),
        (squares, declared, "w", "1/m*X'*(X*w - y)", "factor: a factor 2 is missing"),
        (squares, declared, "w", "4/m*X'*(X*w - y)", "factor: a factor 2 is too many"),
        (squares, declared, "w", "3/m*X'*(X*w - y)", "factor: it is 1.5 times"),
        (squares, declared, "w", "2*X'*(X*w - y)", "size factor: a factor 1/m is missing"),
        (squares, declared, "w", "2/m*(X*w - y)'*X", "transposed"),
        (squares, declared, "w", "2/m*X'*(X*w + y)", "operator"),
        (squares, declared, "w", "2/m*X'*X*w", "term lost: the term"),
        (squares, declared, "w", "2/m*X'*(X*w - y) + w", "term too many: the term w is too many"),
        (layer, layers, "W", "2*X'*((g(X*W) - Y) .* g(X*W))", "slope: g(X*W) stands where g'(X*W) belongs"),
        (layer, layers, "W", "2*X'*((g(X*W) - Y) .* g'(g(X*W)))", "slope"),
        (layer, layers, "W", "2*X'*(g(X*W) - Y)", "factor lost: the factor g'(X*W) is missing"),
        (layer, layers, "W", "2*X'*((g(X*W) - Y) ./ g'(X*W))", "operator"),
        ("x'*A*x", "A: n x n, x: n", "x", "2*A*x", "symmetric part: it is right only where A is symmetric"),
        ("x'*A*x", "A: n x n, x: n", "x", "A*x", "term lost: the term A' is missing, the transpose"),
        ("x'*A*x", "A: n x n, x: n", "A", "x*x'", "yes"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "x*y'*B'", "yes"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "x*B'*y'", "error"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "B'*x*y'", "swapped factors"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "x*y'*B", "transposed factor"),
        ("sum(exp(c*x))", "x: n, c: scalar", "x", "exp(c*x)", "factor: a factor c is missing"),
        ("sum(exp(c*x))", "x: n, c: scalar", "x", "c*exp(x)", "factor lost: the factor c is missing"),
        ("sum(log(x))", "x: n", "x", "1./x + q", "error: `q` is not known here"),
        ("sum(x.^3)", "x: n", "x", "3*x.^3", "number: 3 stands where 2 belongs"),
        ("sum(x .* y)", "x: n, y: n", "x", "x", "no"),
    ];
    let mut wrong = Vec::new();
    for (formula, declarations, by, claim, want) in cases {
        let found = verdict(formula, declarations, by, claim);
        if !found.starts_with(want) {
            wrong.push(format!("{formula} by {by}: {claim}\n    wanted {want}\n    found  {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
