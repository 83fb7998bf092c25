//! A step opened entry by entry, as text: the multivariable chain rule in the law's letters, and on numbers.

use crate::text::text;
use calculus::{Entrywise, Factor, Index, Term, Why};
use formula::{Apply, Body, Formula, Matrix, Name, Node, NodeId, Number, Primitive};
use std::fmt::Write as _;

/// A step opened entry by entry, as text.
///
/// ```text
/// right multiplication:  G = X*W    df/dX = df/dG*W'
///   here G = A1*W2, X = A1, W = W2
///   df/dX[i,j] = sum over k, l of df/dG[k,l]*dG[k,l]/dX[i,j]    (multivariable chain rule)
///   G[k,l] = sum over r of X[k,r]*W[r,l]
///   dG[k,l]/dX[i,j] = [k = i]*W[j,l]
///   df/dX[i,j] = sum over l of df/dG[i,l]*W[j,l]
///   df/dX = df/dG*W'
/// ```
///
/// and then the sum for one entry of X on the numbers of a small example.
pub fn why_text(why: &Why) -> String {
    let f = &why.formula;
    let mut lines = vec![format!("{}:  {}", why.law, why.statement)];
    let letters: Vec<String> = why
        .letters
        .iter()
        .filter_map(|(name, value)| text(f, *value).map(|value| format!("{name} = {value}")))
        .collect();
    if !letters.is_empty() {
        lines.push(format!("here {}", letters.join(", ")));
    }
    if let Some((unknown, shown)) = &why.stand_in {
        lines.push(format!("{unknown} is any function; {shown} stands in for it"));
    }
    let [whole, operand] = [why.whole, why.operand].map(|id| name_of(f, id));
    let (g, x) = (indexed(f, why.whole, "k", "l"), indexed(f, why.operand, "i", "j"));
    let slope = format!("d{g}/d{x}");
    let by_operand = format!("df/d{x}");
    // A law of a matrix to a scalar f: df/dG[i,j] is what is looked for.
    let to_scalar = f.as_number(why.incoming).is_some();
    let by_whole = if to_scalar { None } else { Some(format!("df/d{g}")) };
    let over = match (f.shape(why.whole).rows.is_one(), f.shape(why.whole).cols.is_one()) {
        (false, false) => "sum over k, l of ",
        (false, true) => "sum over k of ",
        (true, false) => "sum over l of ",
        (true, true) => "",
    };
    if let Some(by_whole) = &by_whole {
        lines.push(format!("{by_operand} = {over}{by_whole}*{slope}    (multivariable chain rule)"));
    }
    let itself = |terms: &&Vec<Term>| !matches!(terms.as_slice(), [Term { factors, .. }] if matches!(factors.as_slice(), [Factor::Entry(id, _)] if *id == why.pattern));
    match why.whole_entry.as_ref().filter(itself) {
        Some(terms) => lines.push(format!("{g} = {}", sum(f, terms, None))),
        None => lines.extend(text(f, why.pattern).map(|pattern| format!("{whole} = {pattern}"))),
    }
    if let (Some(terms), false) = (&why.slope, to_scalar) {
        lines.push(format!("{slope} = {}", sum(f, terms, None)));
    }
    if let Some(terms) = &why.collapsed {
        lines.push(format!("{by_operand} = {}", sum(f, terms, Some(why.incoming))));
    }
    lines.extend(text(f, why.derivative).map(|derivative| format!("df/d{operand} = {derivative}")));
    if let Some(example) = &why.example {
        numbers(&mut lines, example, &slope, by_whole.as_deref(), &x);
    }
    lines.join("\n  ") + "\n"
}

/// The sum for one entry of X on numbers.
fn numbers(lines: &mut Vec<String>, example: &Entrywise, slope: &str, by_whole: Option<&str>, by: &str) {
    let sizes: Vec<String> = example.sizes.iter().map(|(name, size)| format!("{name} = {size}")).collect();
    let (i, j) = (example.entry.0 + 1, example.entry.1 + 1);
    let place = match (by.contains("[i"), by.contains("j]")) {
        (true, true) => format!(", for i = {i}, j = {j}"),
        (true, false) => format!(", for i = {i}"),
        (false, true) => format!(", for j = {j}"),
        (false, false) => String::new(),
    };
    lines.push(format!(
        "on numbers{}{place}:",
        sizes.iter().fold(String::new(), |all, size| all + ", " + size)
    ));
    for (name, value) in &example.values {
        lines.push(format!("  {name} = {}", matrix(value)));
    }
    let Some(by_whole) = by_whole else {
        let (by_differences, given) = (number(example.sum), number(example.given));
        lines.push(format!("  {slope} = {by_differences} by differences, and the law gives {given}"));
        return;
    };
    lines.push(format!("  {slope} = {}", matrix(&example.slopes)));
    lines.push(format!("  {by_whole}*{slope} = {}", matrix(&example.products)));
    lines.push(format!(
        "  their sum is {}, and the law gives {}",
        number(example.sum),
        number(example.given)
    ));
}

/// Terms with their signs between them.
fn sum(formula: &Formula, terms: &[Term], incoming: Option<NodeId>) -> String {
    let mut sum = String::new();
    for (place, own) in terms.iter().enumerate() {
        let (negative, text) = term(formula, own, incoming);
        match (place, negative) {
            (0, false) => {}
            (0, true) => sum.push('-'),
            (_, false) => sum.push_str(" + "),
            (_, true) => sum.push_str(" - "),
        }
        // A sum's reach ends with its bracket where something follows.
        if terms.len() > 1 && !own.sums.is_empty() {
            let _ = write!(sum, "({text})");
        } else {
            sum.push_str(&text);
        }
    }
    if sum.is_empty() { "0".to_owned() } else { sum }
}

/// Whether a term is negative, and its text without the sign.
fn term(formula: &Formula, term: &Term, incoming: Option<NodeId>) -> (bool, String) {
    let names = summed_names(term, incoming);
    let name = |index: Index| match index {
        Index::Only => "1".to_owned(),
        Index::Row => "i".to_owned(),
        Index::Column => "j".to_owned(),
        Index::WholeRow => "k".to_owned(),
        Index::WholeColumn => "l".to_owned(),
        Index::Summed(_) => {
            names.iter().find(|(known, _)| *known == index).map_or_else(String::new, |(_, name)| name.clone())
        }
    };
    let size = term.number.abs();
    let mut factors: Vec<String> = Vec::new();
    if size != Number::ONE || term.factors.is_empty() {
        factors.push(size.to_string());
    }
    for factor in &term.factors {
        factors.push(match factor {
            Factor::Equal(a, b) => format!("[{} = {}]", name(*a), name(*b)),
            Factor::Entry(id, indices) => {
                let inner: Vec<String> =
                    indices.iter().filter(|index| **index != Index::Only).map(|index| name(*index)).collect();
                let base = base(formula, *id);
                if inner.is_empty() { base } else { format!("{base}[{}]", inner.join(",")) }
            }
        });
    }
    let product = factors.join("*");
    let sums: Vec<String> = term.sums.iter().map(|index| name(*index)).collect();
    let text = if sums.is_empty() { product } else { format!("sum over {} of {product}", sums.join(", ")) };
    (term.number.is_negative(), text)
}

/// Names for what is summed over: k and l where they are the indices of df/dG, else r, s, t, ...
fn summed_names(term: &Term, incoming: Option<NodeId>) -> Vec<(Index, String)> {
    let mut names: Vec<(Index, String)> = Vec::new();
    for factor in &term.factors {
        if let Factor::Entry(id, indices) = factor
            && Some(*id) == incoming
        {
            for (index, name) in indices.iter().zip(["k", "l"]) {
                if term.sums.contains(index) && names.iter().all(|(known, _)| known != index) {
                    names.push((*index, name.to_owned()));
                }
            }
        }
    }
    let mut letters = ["r", "s", "t", "u", "v"].into_iter();
    for index in &term.sums {
        if names.iter().all(|(known, _)| known != index) {
            let name = letters.next().map_or_else(|| format!("r{}", names.len()), str::to_owned);
            names.push((*index, name));
        }
    }
    names
}

/// A value that entries are taken of, in brackets where it is no name and no call.
fn base(formula: &Formula, id: NodeId) -> String {
    let text = text(formula, id).unwrap_or_else(|| "...".to_owned());
    let bare = match formula.node(id) {
        Node::Number(_)
        | Node::Size(_)
        | Node::Variable(_)
        | Node::Constant(..)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Kronecker(_)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => true,
        Node::Apply(Apply { function, marks, .. }) => {
            !marks.is_empty() || formula.function(*function).body != Body::Primitive(Primitive::POWER)
        }
        Node::Add(_) | Node::Product(_) | Node::Scale(_) | Node::Times(_) | Node::Transpose(_) => false,
    };
    if bare { text } else { format!("({text})") }
}

/// `G[k,l]`, or without what there is only one of.
fn indexed(formula: &Formula, id: NodeId, row: &str, column: &str) -> String {
    let shape = formula.shape(id);
    let name = name_of(formula, id);
    match (shape.rows.is_one(), shape.cols.is_one()) {
        (true, true) => name.to_string(),
        (false, true) => format!("{name}[{row}]"),
        (true, false) => format!("{name}[{column}]"),
        (false, false) => format!("{name}[{row},{column}]"),
    }
}

fn name_of(formula: &Formula, id: NodeId) -> Name {
    let Node::Variable(variable) = formula.node(id) else { return Name::from("") };
    variable.name.clone()
}

fn matrix(value: &Matrix) -> String {
    if value.entries.len() == 1 {
        return value.entries.first().map_or_else(String::new, |entry| number(*entry));
    }
    let row = |row: usize| {
        let entries: Vec<String> = (0..value.cols).map(|col| number(value.at(row, col))).collect();
        entries.join(", ")
    };
    format!("[{}]", (0..value.rows).map(row).collect::<Vec<_>>().join("; "))
}

/// A number to four places.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calculus::Laws;
    use syntax::{Library, Source};

    fn opened(formula: &str, declarations: &str, wrt: &str) -> Vec<String> {
        let source = Source { text: formula, declarations };
        let parsed = syntax::parse(source, &Library::standard()).unwrap();
        let derivation =
            calculus::differentiate(&parsed.formula, &[Name::from(wrt)], Laws::standard()).unwrap();
        let why = |step| calculus::why(&derivation.formula, step, Laws::standard()).unwrap();
        derivation.steps.iter().map(|step| why_text(&why(step))).collect()
    }

    #[test]
    fn a_product_is_opened_as_in_the_article() {
        let texts = opened("norm(g(X*W) - Y)^2/m", "X: m x n, W: n x p, Y: m x p, g: function", "X");
        let product = texts.last().unwrap();
        println!("{}", texts.join("\n"));
        let want = "right multiplication:  G = X*W    df/dX = df/dG*W'\n  here G = X*W, X = X, W = W\n  \
                    df/dX[i,j] = sum over k, l of df/dG[k,l]*dG[k,l]/dX[i,j]    (multivariable chain rule)\n  \
                    G[k,l] = sum over r of X[k,r]*W[r,l]\n  \
                    dG[k,l]/dX[i,j] = [k = i]*W[j,l]\n  \
                    df/dX[i,j] = sum over l of df/dG[i,l]*W[j,l]\n  \
                    df/dX = df/dG*W'\n  \
                    on numbers, m = 3, n = 2, p = 3, for i = 1, j = 2:\n";
        assert!(product.starts_with(want), "{product}");
    }

    #[test]
    fn every_step_is_opened() {
        for (formula, declarations, wrt) in [
            ("tr(inv(X)*A)", "X: n x n, A: n x n", "X"),
            ("logdet(X) + det(X)", "X: n x n", "X"),
            ("sum(softmax(X, 2) .* Y)", "X: m x n, Y: m x n", "X"),
            ("sum(diag(x)*A) + x'*diag(A)", "x: n, A: n x n", "x"),
            ("norm(kron(A, X)) + norm([X, X])", "X: m x n, A: p x q", "X"),
        ] {
            for text in opened(formula, declarations, wrt) {
                println!("{text}");
                assert!(text.contains("the law gives"), "{text}");
            }
        }
    }
}
