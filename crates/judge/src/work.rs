//! How much work it is to evaluate formulas on numbers, told before any number is made.

use crate::DeriveError;
use formula::{Body, Call, Formula, FunctionId, Node, NodeId, Operator, Size, Sizes};
use std::collections::HashMap;

/// The most entries of a value in a check.
pub(crate) const LARGEST: usize = 1 << 22;
/// A size that is declared as a larger number is smaller where it has a name.
const NAMED: usize = 8;
/// The most multiplications of one evaluation in a check.
pub(crate) const WORK: f64 = 1e8;
/// What reading an operand and making room for a value take, in multiplications.
const OPERAND: f64 = 10.0;
/// What a function of numbers takes, in multiplications.
const FUNCTION: f64 = 10.0;
/// Up to so many multiplications a value is computed to 31 digits; beyond, in doubles.
pub(crate) const CHEAP: f64 = 3e5;
/// From so many multiplications on, one point is judged.
pub(crate) const DEAR: f64 = 3e6;

/// Refuses values that numbers would take too long for, at sizes as they are declared; else says how much work they are.
///
/// # Errors
/// When a value, or a part of one, has too many entries or takes too much work.
pub(crate) fn refuse_large(formula: &Formula, roots: &[NodeId], sizes: &Sizes) -> Result<f64, DeriveError> {
    let mut estimate = Estimate::new(formula);
    let work = estimate.work(roots, sizes)?;
    let by_numbers = || {
        let shapes = formula.variables(roots).into_iter().map(|id| formula.shape(id));
        let is_large =
            |size: &Size| size.names().is_empty() && size.evaluate(sizes).is_ok_and(|size| size > NAMED);
        shapes.into_iter().any(|shape| is_large(&shape.rows) || is_large(&shape.cols))
    };
    match estimate.largest {
        [rows, cols] if rows.saturating_mul(cols) > LARGEST => {
            Err(DeriveError::TooLarge { rows, cols, by_numbers: by_numbers() })
        }
        _ if work > WORK => Err(DeriveError::TooMuchWork { work, by_numbers: by_numbers() }),
        _ => Ok(work),
    }
}

/// About how many multiplications it takes to evaluate these values once.
///
/// # Errors
/// When a size has no number.
pub(crate) fn work(formula: &Formula, roots: &[NodeId], sizes: &Sizes) -> Result<f64, DeriveError> {
    Estimate::new(formula).work(roots, sizes)
}

/// What is known of the work so far. Functions are looked into, each once, for pages within pages are evaluated again wherever
/// they are called.
struct Estimate<'f> {
    formula: &'f Formula,
    /// The value with the most entries.
    largest: [usize; 2],
    /// What a function of numbers takes for one entry.
    functions: HashMap<(FunctionId, Vec<u8>), f64>,
    /// What a function of whole matrices takes, by the shapes of its arguments.
    calls: HashMap<(FunctionId, Vec<[usize; 2]>), f64>,
}

impl Estimate<'_> {
    fn new(formula: &Formula) -> Estimate<'_> {
        Estimate { formula, largest: [0, 0], functions: HashMap::new(), calls: HashMap::new() }
    }

    fn work(&mut self, roots: &[NodeId], sizes: &Sizes) -> Result<f64, DeriveError> {
        let formula = self.formula;
        let mut work = 0.0;
        let size = |size: &Size| size.evaluate(sizes).map_err(DeriveError::UnknownSize);
        for id in formula.reachable(roots) {
            let shape = formula.shape(id);
            let (rows, cols) = (size(&shape.rows)?, size(&shape.cols)?);
            let entries = rows.saturating_mul(cols);
            if entries > self.largest[0].saturating_mul(self.largest[1]) {
                self.largest = [rows, cols];
            }
            let entries = entries as f64;
            work += OPERAND * formula.node(id).children().len() as f64;
            work += match formula.node(id) {
                Node::Product(factors) => {
                    let mut multiplications = 0.0;
                    if let Some(first) = factors.first() {
                        let rows = size(&formula.shape(*first).rows)? as f64;
                        for factor in &factors[1..] {
                            let shape = formula.shape(*factor);
                            multiplications += rows * size(&shape.rows)? as f64 * size(&shape.cols)? as f64;
                        }
                    }
                    multiplications
                }
                Node::Operator(Operator::Inverse | Operator::Determinant | Operator::LogDeterminant, of) => {
                    let rows = size(&formula.shape(*of).rows)? as f64;
                    3.0 * rows * rows * rows
                }
                Node::Apply(apply) => entries * self.function(apply.function, &apply.marks),
                Node::Call(call) => entries + self.call(call, sizes)?,
                Node::Number(_)
                | Node::Size(_)
                | Node::Variable(_)
                | Node::Constant(..)
                | Node::Add(_)
                | Node::Times(_)
                | Node::Scale(_)
                | Node::Transpose(_)
                | Node::Norm(_)
                | Node::Operator(..)
                | Node::Unvec(..)
                | Node::Kronecker(_)
                | Node::Commutation(_)
                | Node::Block(..)
                | Node::Part(_) => entries,
            };
        }
        Ok(work)
    }

    /// What an entry of a function of numbers, or of its slope, takes.
    fn function(&mut self, function: FunctionId, marks: &[u8]) -> f64 {
        let key = (function, marks.to_vec());
        if let Some(known) = self.functions.get(&key) {
            return *known;
        }
        // A slope may be told by the function itself.
        self.functions.insert(key.clone(), FUNCTION);
        let known = self.formula.function(function);
        let body = match (marks, known.body) {
            ([], Body::Defined(body)) => Some(known.stable.unwrap_or(body)),
            ([_, ..], _) => known.slopes.get(marks).copied(),
            ([], _) => None,
        };
        let mut work = 0.0;
        for id in body.into_iter().flat_map(|body| self.formula.reachable(&[body])) {
            work += match self.formula.node(id) {
                Node::Apply(apply) => self.function(apply.function, &apply.marks),
                _ => 1.0,
            };
        }
        let work = FUNCTION.max(work);
        self.functions.insert(key, work);
        work
    }

    fn call(&mut self, call: &Call, sizes: &Sizes) -> Result<f64, DeriveError> {
        let known = self.formula.function(call.function);
        let (Body::Defined(body), Some(signature)) = (known.body, &known.signature) else {
            return Ok(FUNCTION);
        };
        let mut within = Sizes::new();
        let mut shapes = Vec::with_capacity(call.arguments.len());
        for (argument, expected) in call.arguments.iter().zip(&signature.parameters) {
            let shape = self.formula.shape(*argument);
            let mut counts = [0; 2];
            for (at, (actual, expected)) in
                [(&shape.rows, &expected.rows), (&shape.cols, &expected.cols)].into_iter().enumerate()
            {
                counts[at] = actual.evaluate(sizes).map_err(DeriveError::UnknownSize)?;
                if let Some(name) = expected.as_name() {
                    within.insert(name.clone(), counts[at]);
                }
            }
            shapes.push(counts);
        }
        let key = (call.function, shapes);
        if let Some(known) = self.calls.get(&key) {
            return Ok(*known);
        }
        let work = self.work(&[known.stable.unwrap_or(body)], &within)?;
        self.calls.insert(key, work);
        Ok(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_within_pages_are_counted_wherever_they_are_called() {
        let mut library = syntax::Library::standard();
        library.define("function p0(x) = sin(x) + x").unwrap();
        for at in 1..40 {
            let before = at - 1;
            let page = format!("function p{at}(x) = p{before}(x)*p{before}(2*x)");
            library.define(&page).unwrap();
        }
        let refused = |text: &str, declarations: &str| {
            let source = syntax::Source { text, declarations };
            let formula = syntax::parse(source, &library).unwrap().formula;
            refuse_large(&formula, &[formula.result().unwrap()], &Sizes::from([("n".into(), 2)]))
        };
        assert!(refused("sum(p5(x))", "x: n").is_ok());
        assert!(matches!(
            refused("sum(p39(x))", "x: n"),
            Err(DeriveError::TooMuchWork { by_numbers: false, .. })
        ));
        // What a function of matrices makes inside.
        assert!(refused("max(x)", "x: 500").is_ok_and(|work| work > DEAR));
        assert!(matches!(refused("max(x)", "x: 20000"), Err(DeriveError::TooLarge { by_numbers: true, .. })));
    }

    #[test]
    fn the_limit_that_is_met_is_named() {
        let refused = |text: &str, declarations: &str| {
            let source = syntax::Source { text, declarations };
            let formula = syntax::parse(source, &syntax::Library::standard()).unwrap().formula;
            refuse_large(&formula, &[formula.result().unwrap()], &Sizes::new()).unwrap_err().to_string()
        };
        let large = refused("logdet(X)", "X: 400 x 400");
        assert!(large.contains("1.9e8 multiplications") && large.contains("by names"), "{large}");
        let factors = (0..12).fold(String::from("X"), |inner, _| format!("kron({inner}, X)"));
        let large = refused(&format!("sum({factors})"), "X: 2 x 2");
        assert!(large.contains("entries") && large.contains("fewer factors"), "{large}");
    }
}
