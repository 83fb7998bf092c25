//! The functions of a module: which a derivation uses, and their Python definitions.

use super::spelling::{STAND_IN, preamble};
use super::{CodeError, Writer};
use formula::{Body, Formula, FunctionId, Node, NodeId, Primitive};
use std::collections::BTreeSet;

/// A function, or a slope of it, as it is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) function: FunctionId,
    /// The arguments by which slopes were taken, counted from 0.
    pub(super) marks: Vec<u8>,
}

/// How a use is computed.
enum Definition {
    /// By a machine function.
    Primitive(Primitive),
    /// By a formula over the parameters.
    Formula(NodeId),
    /// By nothing that is known.
    Abstract,
}

/// Every function that a derivation uses, those inside other functions included.
pub(super) struct Functions(Vec<(Use, Definition)>);

impl Functions {
    /// Finds them, in the order of their use.
    pub(super) fn used(formula: &Formula, roots: &[NodeId]) -> Result<Functions, CodeError> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut waiting = vec![roots.to_vec()];
        while let Some(roots) = waiting.pop() {
            for id in formula.reachable(&roots) {
                let Node::Apply(apply) = formula.node(id) else { continue };
                let used = Use { function: apply.function, marks: apply.marks.clone() };
                if !seen.insert(used.clone()) {
                    continue;
                }
                let definition = definition(formula, &used)?;
                if let Definition::Formula(body) = definition {
                    waiting.push(vec![body]);
                }
                found.push((used, definition));
            }
        }
        Ok(Functions(found))
    }

    /// Those that the module defines.
    pub(super) fn uses(&self) -> impl Iterator<Item = &Use> {
        let defined = |entry: &&(Use, Definition)| !matches!(entry.1, Definition::Primitive(_));
        self.0.iter().filter(defined).map(|(used, _)| used)
    }

    /// What the module says before its functions, so that the machine functions are there.
    pub(super) fn preambles(&self) -> impl Iterator<Item = [&'static str; 2]> {
        self.0.iter().filter_map(|(_, definition)| match definition {
            Definition::Primitive(primitive) => preamble(*primitive),
            Definition::Formula(_) | Definition::Abstract => None,
        })
    }
}

fn definition(formula: &Formula, used: &Use) -> Result<Definition, CodeError> {
    let function = formula.function(used.function);
    let slope = function.slopes.get(&used.marks).copied();
    Ok(match (used.marks.is_empty(), function.body, slope) {
        (true, Body::Primitive(primitive), _) => Definition::Primitive(primitive),
        (true, Body::Defined(body), _) => Definition::Formula(function.stable.unwrap_or(body)),
        (false, _, Some(slope)) => Definition::Formula(slope),
        (_, Body::Abstract, _) => Definition::Abstract,
        (false, _, None) => {
            let marks = used.marks.clone();
            return Err(CodeError::UnknownSlope { function: function.name.clone(), marks });
        }
    })
}

impl Writer<'_> {
    /// One Python function for each use that NumPy does not have; inside, every parameter is an array of any shape.
    pub(super) fn write_functions(&self, out: &mut String) -> Result<(), CodeError> {
        for [_, definition] in self.functions.preambles() {
            out.push_str(&format!("\n{definition}\n"));
        }
        for (used, definition) in &self.functions.0 {
            let function = self.formula.function(used.function);
            let Some(name) = self.names.function(used) else { continue };
            let parameters: Vec<&str> =
                function.parameters.iter().map(|name| self.names.variable(name)).collect();
            let what = match used.marks.len() {
                0 => format!("{}, entry by entry.", function.name),
                1 => format!("The slope of {}, entry by entry.", function.name),
                order => format!("A slope of order {order} of {}, entry by entry.", function.name),
            };
            let (what, body) = match definition {
                Definition::Primitive(_) => continue,
                Definition::Formula(body) => {
                    let code = self.expression(&function.name, *body)?;
                    let is_constant = self.formula.variables(&[*body]).is_empty();
                    let code = match parameters.first() {
                        // A constant slope still has an entry for each entry of the argument.
                        Some(first) if is_constant => format!("{code} + np.zeros_like({first}, dtype=float)"),
                        _ => code,
                    };
                    (what, code)
                }
                Definition::Abstract => {
                    let what = format!("{what} Any function will do: write yours here, with its slopes.");
                    (what, stand_in(&parameters, used.marks.len()))
                }
            };
            out.push_str(&format!(
                "\n\ndef {name}({}):\n    \"\"\"{what}\"\"\"\n    return {body}\n",
                parameters.join(", ")
            ));
        }
        Ok(())
    }
}

/// A function whose slopes of every order are known: a sine of the sum, a quarter turn on for each slope.
fn stand_in(parameters: &[&str], order: usize) -> String {
    let sum = parameters.join(" + ");
    match order {
        0 => format!("{STAND_IN}({sum})"),
        _ => format!("{STAND_IN}({sum} + {order} * np.pi / 2)"),
    }
}
