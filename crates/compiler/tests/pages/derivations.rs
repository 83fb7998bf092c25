//! What `derive` prints of a formula with a function in it reads back equal.

use crate::{Draw, Verdict, every, is_elementwise, sizes, worst};
use calculus::Laws;
use chainrule_compiler::{Kind, Library, Request, Source, compile, evaluate};
use formula::{Formula, FunctionId, Name, NodeId};
use std::error::Error;

const DECLARATIONS: &str = "X: m x n, W: n x p, Y: m x p";
/// How far the value of what was read back may be from what was printed, by its size and a part of 1.
const EQUAL: f64 = 1e-9;

/// The entries of a derivative of a text by `by`, or of the line `read_back` where that is empty.
fn value(library: &Library, text: &str, by: &[&str], numbers: &[&[f64]]) -> Result<Vec<f64>, Box<dyn Error>> {
    let request = Request {
        text,
        declarations: DECLARATIONS,
        // A derivative that is 0 everywhere names no variable: the first line names all.
        values: if by.is_empty() { &["all", "read_back"] } else { &["all"] },
        gradients: by,
        data: &["X", "W", "Y"],
        sizes: &sizes(&[("m", 3), ("n", 2), ("p", 4)]),
        ..Request::default()
    };
    let values = evaluate(&compile(&request, library)?, numbers, &[], &[], 1)?;
    Ok(values.get(1..).unwrap_or_default().to_vec())
}

/// A text after it was read: printed as it is, and printed in its simplest form.
fn again(library: &Library, text: &str) -> Result<[String; 2], Box<dyn Error>> {
    let mut formula = syntax::parse(Source { text, declarations: DECLARATIONS }, library)?.formula;
    let result = formula.result().ok_or("a formula has a last line")?;
    // Reading knows the slopes that pages give; the others are derived.
    let functions: Vec<(FunctionId, usize)> =
        formula.functions().map(|(id, function)| (id, function.parameters.len())).collect();
    for (id, arity) in functions {
        for mark in 0..arity {
            calculus::slope(&mut formula, id, &[mark as u8])?;
        }
    }
    let simplest = calculus::simplify(&mut formula, result);
    let print = |value: NodeId| notation::text(&formula, value).ok_or("too long to print");
    Ok([print(result)?, print(simplest)?])
}

/// The derivatives of a loss over the function, as derived and in their simplest form: printed, read back, printed again, and
/// the simplest form evaluated beside what was derived.
pub(crate) fn derivative_reads_back(library: &Library, name: &Name) -> Verdict {
    let arity = {
        let mut formula = Formula::new();
        let id = library.function(&mut formula, name)?;
        formula.function(id).parameters.len()
    };
    // Further arguments are entries of Y, so that there is something to derive by in the first.
    let arguments: Vec<&str> = std::iter::once("X*W").chain(std::iter::repeat("Y")).take(arity).collect();
    let loss = format!("norm({name}({}) - Y)^2/m", arguments.join(", "));
    let parsed = syntax::parse(Source { text: &loss, declarations: DECLARATIONS }, library)?;
    let by = [Name::from("X"), Name::from("W")];
    let mut derivation = calculus::differentiate(&parsed.formula, &by, Laws::standard())?;
    // Small and positive, so that logarithms, roots and inverse sines have values.
    let mut draw = Draw(7);
    let mut matrix =
        |count: usize| -> Vec<f64> { draw.entries(count).iter().map(|entry| 0.3 + 0.2 * entry).collect() };
    let (x, w, y) = (matrix(6), matrix(8), matrix(12));
    let numbers: [&[f64]; 3] = [&x, &w, &y];
    for gradient in derivation.gradients.clone() {
        let simplest = calculus::simplify(&mut derivation.formula, gradient.value);
        let print = |value: NodeId| notation::text(&derivation.formula, value).ok_or("too long to print");
        let (derived, simplest) = (print(gradient.value)?, print(simplest)?);
        for text in [&derived, &simplest] {
            let what = format!("df/d{} = {text}", gradient.by);
            let [read, simplified] =
                again(library, text).map_err(|error| format!("{what} does not read back: {error}"))?;
            if read != *text {
                return Err(format!("{what} reads back as {read}").into());
            }
            if simplified != simplest {
                return Err(
                    format!("{what} becomes {simplified} after reading back, and was {simplest}").into()
                );
            }
        }
        let all = "all = sum((X*W) .* Y)";
        let wanted = value(library, &format!("{all}\nf = {loss}"), &[&gradient.by], &numbers)?;
        let found = value(library, &format!("{all}\nread_back = {simplest}"), &[], &numbers)?;
        let (error, at) = worst(&found, &wanted, 1e-3);
        if found.len() != wanted.len() || error > EQUAL {
            let (found, wanted) = (found.get(at), wanted.get(at));
            let what = format!("df/d{} = {simplest}", gradient.by);
            return Err(
                format!("{what} has entry {at} {found:?} after reading back and {wanted:?} before").into()
            );
        }
    }
    Ok(String::from("its printed derivatives read back equal"))
}

#[test]
fn printed_derivatives_read_back_equal() {
    every(Kind::Function, |library, name| match is_elementwise(library, name)? {
        true => derivative_reads_back(library, name),
        false => Ok(String::from("acts on matrices of its own shapes: a closed form has its body")),
    });
}
