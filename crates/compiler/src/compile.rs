//! The spine: text to a plan, every stage in its order.

use crate::CompileError;
use calculus::Laws;
use engine::Arguments;
use formula::{Formula, Name, NodeId, Sizes};
use judge::{DeriveError, judge_borrowed_pages};
use plan::{Binding, Plan};
use syntax::{Library, Optimizer, Schedule, Source};

/// What is to be computed of a text, and how its variables are bound.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The formula: lets and a last line, which is `f` where it has no name.
    pub text: &'a str,
    /// Declarations of its variables.
    pub declarations: &'a str,
    /// The lines whose values are wanted.
    pub values: &'a [&'a str],
    /// The variables and lets by which the last line's derivatives are wanted; they follow the values.
    pub gradients: &'a [&'a str],
    /// Variables bound to matrices for each call, in this order.
    pub data: &'a [&'a str],
    /// Variables that lie in the flat array of parameters, in this order.
    pub parameters: &'a [&'a str],
    /// Variables bound to numbers for each call, in this order.
    pub scalars: &'a [&'a str],
    /// The named size along which rows are walked.
    pub walked: Option<&'a str>,
    /// The column, one of the data, by which each of these rows is weighted in every sum over them.
    pub weights: Option<&'a str>,
    /// The numbers of all other sizes.
    pub sizes: &'a Sizes,
}

/// Nothing asked of an empty text.
impl Default for Request<'_> {
    fn default() -> Self {
        static NO_SIZES: Sizes = Sizes::new();
        Request {
            text: "",
            declarations: "",
            values: &[],
            gradients: &[],
            data: &[],
            parameters: &[],
            scalars: &[],
            walked: None,
            weights: None,
            sizes: &NO_SIZES,
        }
    }
}

/// Text to a plan that computes values and gradients.
///
/// # Errors
/// What is wrong with the text, or what of it has no law or cannot be planned.
pub fn compile(request: &Request, library: &Library) -> Result<Plan, CompileError> {
    let source = Source { text: request.text, declarations: request.declarations };
    let mut formula = syntax::parse(source, library)?.formula;
    judge_borrowed_pages(library, &formula)?;
    if let (Some(rows), Some(weights)) = (request.walked, request.weights) {
        formula.weigh(&Name::from(rows), &Name::from(weights))?;
    }
    let (mut formula, outputs) = if request.gradients.is_empty() {
        let values = values(&formula, request.values)?;
        let roots: Vec<NodeId> = values.iter().map(|(_, value)| *value).collect();
        calculus::write_out_slopes(&mut formula, &roots)?;
        (formula, values)
    } else {
        differentiated(&formula, request)?
    };
    let inputs = [
        (request.data, Binding::Data),
        (request.parameters, Binding::Parameter),
        (request.scalars, Binding::Scalar),
    ];
    let bind = |(names, binding): (&[&str], Binding)| -> Vec<(Name, Binding)> {
        names.iter().map(|name| (Name::from(*name), binding)).collect()
    };
    let request = plan::Request {
        outputs,
        inputs: inputs.into_iter().flat_map(bind).collect(),
        walked: request.walked.map(Name::from),
        sizes: request.sizes.clone(),
    };
    finish(&mut formula, &request)
}

/// An optimizer's page to a plan that updates a flat array of entries: updated data are the parameters W and then its states,
/// data is the gradient G, scalars are the step's number t and the rate.
///
/// # Errors
/// What of the page cannot be planned.
pub fn compile_update(optimizer: &Optimizer) -> Result<Plan, CompileError> {
    let mut formula = optimizer.formula.clone();
    let new = |name: &str| formula.lines.iter().find(|line| &*line.name == name).map(|line| line.value);
    let updated = std::iter::once("W").chain(optimizer.states.iter().map(|(name, _)| &**name));
    let mut inputs: Vec<(Name, Binding)> = Vec::new();
    for name in updated {
        let value = new(name)
            .ok_or_else(|| DeriveError::UnknownValue { name: Name::from(name), known: Vec::new() })?;
        inputs.push((Name::from(name), Binding::Updated(value)));
    }
    inputs.push((Name::from("G"), Binding::Data));
    inputs.push((Name::from("t"), Binding::Scalar));
    inputs.push((Name::from("rate"), Binding::Scalar));
    let request =
        plan::Request { outputs: Vec::new(), inputs, walked: Some(Name::from("k")), sizes: Sizes::new() };
    finish(&mut formula, &request)
}

/// A schedule's page to a plan from the scalar u to its factor.
///
/// # Errors
/// What of the page cannot be planned.
pub fn compile_schedule(schedule: &Schedule) -> Result<Plan, CompileError> {
    let mut formula = schedule.formula.clone();
    let value = formula.result().ok_or(DeriveError::NoResult)?;
    let request = plan::Request {
        outputs: vec![(Name::from("f"), value)],
        inputs: vec![(Name::from("u"), Binding::Scalar)],
        walked: None,
        sizes: Sizes::new(),
    };
    finish(&mut formula, &request)
}

/// Runs a plan plainly, in doubles: its results of fixed size, one after another.
///
/// # Errors
/// When the numbers do not fit the plan.
pub fn evaluate(
    plan: &Plan,
    data: &[&[f64]],
    parameters: &[f64],
    scalars: &[f64],
    rows: usize,
) -> Result<Vec<f64>, CompileError> {
    let mut results = vec![0.0; plan.result_entries()];
    let arguments =
        Arguments { rows, data, parameters, scalars, results: &mut results, ..Arguments::default() };
    engine::run_reference(plan, arguments)?;
    Ok(results)
}

/// The stages from a formula to a plan that runs.
fn finish(formula: &mut Formula, request: &plan::Request) -> Result<Plan, CompileError> {
    let plan = plan::lower(formula, request)?; // shared parts once
    let plan = plan::fuse(plan); // neighbours become lane programs
    let plan = plan::tile(plan); // rows of the batch
    let plan = plan::assign_buffers(plan);
    Ok(plan::verify(plan)?)
}

/// The values asked for, and the gradients, each step a named law.
fn differentiated(
    formula: &Formula,
    request: &Request,
) -> Result<(Formula, Vec<(Name, NodeId)>), CompileError> {
    let by: Vec<Name> = request.gradients.iter().map(|name| Name::from(*name)).collect();
    let derivation = calculus::differentiate(formula, &by, Laws::standard())?;
    let result = derivation.result.name.clone();
    // The derivation's arena is the formula's, grown, so the formula's own nodes are still there.
    let mut outputs = values(formula, request.values)?;
    for gradient in &derivation.gradients {
        outputs.push((Name::from(format!("d{result}/d{}", gradient.by)), gradient.value));
    }
    Ok((derivation.formula, outputs))
}

fn values(formula: &Formula, names: &[&str]) -> Result<Vec<(Name, NodeId)>, CompileError> {
    let value = |name: &&str| {
        let line = formula.lines.iter().find(|line| &*line.name == *name);
        let known = || formula.lines.iter().map(|line| line.name.clone()).collect();
        match line {
            Some(line) => Ok((line.name.clone(), line.value)),
            None => Err(DeriveError::UnknownValue { name: Name::from(*name), known: known() }.into()),
        }
    };
    names.iter().map(value).collect()
}
