//! The functions of a module: which a derivation uses, and their Python definitions.

use super::share::share;
use super::{CodeError, Language, Writer, names_of};
use formula::{Body, Formula, FunctionId, Line, Name, Node, NodeId, Primitive, Shape};
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
    /// By a formula over the parameters: lines for the parts it uses again, and then its value.
    Formula(Vec<Line>),
    /// As its page says for this language.
    Text(String),
    /// By nothing that is known.
    Abstract,
}

/// Every function that a derivation uses, those inside other functions included.
pub(super) struct Functions(Vec<(Use, Definition)>);

impl Functions {
    /// Finds them, in the order of their use.
    pub(super) fn used(
        formula: &mut Formula,
        roots: &[NodeId],
        language: Language,
    ) -> Result<Functions, CodeError> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut waiting = vec![roots.to_vec()];
        while let Some(roots) = waiting.pop() {
            for id in formula.reachable(&roots) {
                let used = match formula.node(id) {
                    Node::Apply(apply) => Use { function: apply.function, marks: apply.marks.clone() },
                    Node::Call(call) => Use { function: call.function, marks: Vec::new() },
                    _ => continue,
                };
                if !seen.insert(used.clone()) {
                    continue;
                }
                let mut definition = definition(formula, &used, language)?;
                if let Definition::Formula(lines) = &mut definition {
                    waiting.push(lines.iter().map(|line| line.value).collect());
                    let mut taken = names_of(formula, lines);
                    taken.extend(formula.function(used.function).parameters.iter().cloned());
                    *lines = share(formula, lines, &mut taken);
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

    /// The lines of the module's functions.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().flat_map(|(_, definition)| match definition {
            Definition::Formula(lines) => lines.as_slice(),
            Definition::Primitive(_) | Definition::Text(_) | Definition::Abstract => &[],
        })
    }
}

fn definition(formula: &Formula, used: &Use, language: Language) -> Result<Definition, CodeError> {
    let function = formula.function(used.function);
    let slope = function.slopes.get(&used.marks).copied();
    // A page states the text for its own settings only where it has none.
    let text = function.code.get(language.name()).filter(|_| function.settings.is_empty());
    let lines = |value: NodeId| Definition::Formula(vec![Line { name: function.name.clone(), value }]);
    Ok(match (used.marks.is_empty(), function.body, slope) {
        (true, Body::Primitive(primitive), _) => Definition::Primitive(primitive),
        (true, Body::Defined(body), _) => match text {
            Some(text) => Definition::Text(text.clone()),
            None => lines(function.stable.unwrap_or(body)),
        },
        (false, _, Some(slope)) => lines(slope),
        (_, Body::Abstract, _) => Definition::Abstract,
        (false, _, None) => {
            let marks = used.marks.clone();
            return Err(CodeError::UnknownSlope { function: function.name.clone(), marks });
        }
    })
}

impl Writer<'_> {
    /// What the module says before its functions, so that the machine functions are there.
    pub(super) fn preambles(&self) -> impl Iterator<Item = [&'static str; 2]> {
        self.functions.0.iter().filter_map(|(_, definition)| match definition {
            Definition::Primitive(primitive) => self.row.preamble(*primitive),
            Definition::Formula(_) | Definition::Text(_) | Definition::Abstract => None,
        })
    }

    /// One Python function for each use that the language does not have; inside, every parameter of a function that acts entry
    /// by entry is an array of any shape.
    pub(super) fn write_functions(&self, out: &mut String) -> Result<(), CodeError> {
        for [_, definition] in self.preambles() {
            out.push_str(&format!("\n\n{definition}\n"));
        }
        for (used, definition) in &self.functions.0 {
            let function = self.formula.function(used.function);
            let Some(name) = self.names.function(used) else { continue };
            let parameters: Vec<&str> =
                function.parameters.iter().map(|name| self.names.variable(name)).collect();
            let manner = if function.signature.is_some() { "of whole matrices" } else { "entry by entry" };
            let what = match used.marks.len() {
                0 => format!("{}, {manner}.", function.name),
                1 => format!("The slope of {}, entry by entry.", function.name),
                order => format!("A slope of order {order} of {}, entry by entry.", function.name),
            };
            let mut lines = String::new();
            let (what, body) = match definition {
                Definition::Primitive(_) => continue,
                Definition::Text(text) => (what, text.clone()),
                Definition::Formula(body) => {
                    let [shared @ .., value] = body.as_slice() else { continue };
                    let code = self.expression(&function.name, value.value)?;
                    if let Some(signature) = &function.signature {
                        lines = self.bound_sizes(body, &function.parameters, &signature.parameters);
                    }
                    for Line { name, value } in shared {
                        let code = self.expression(name, *value)?;
                        lines.push_str(&format!("    {} = {code}\n", self.names.variable(name)));
                    }
                    let is_constant = self.formula.variables(&[value.value]).is_empty();
                    let code = match parameters.first() {
                        // A constant slope still has an entry for each entry of the argument.
                        Some(first) if is_constant => {
                            format!("{}zeros_like({first}) + {code}", self.row.prefix)
                        }
                        _ => code,
                    };
                    (what, code)
                }
                Definition::Abstract => {
                    let what = format!("{what} Any function will do: write yours here, with its slopes.");
                    let sine = |order| self.stand_in(&parameters, order);
                    let stand_in = match (&function.signature, function.slopes.is_empty()) {
                        (None, _) => sine(used.marks.len()),
                        // A function of a whole matrix, whose slope is the function that stands for its gradient.
                        (Some(_), false) => format!("{}sum({})", self.row.prefix, sine(0)),
                        (Some(_), true) => sine(1),
                    };
                    (what, stand_in)
                }
            };
            out.push_str(&format!(
                "\n\ndef {name}({}):\n    \"\"\"{what}\"\"\"\n{lines}    return {body}\n",
                parameters.join(", ")
            ));
        }
        Ok(())
    }

    /// The sizes that the body of a function of whole matrices uses, read from its arguments.
    fn bound_sizes(&self, body: &[Line], parameters: &[Name], shapes: &[Shape]) -> String {
        let arrays: Vec<(&Name, &Shape)> = parameters.iter().zip(shapes).collect();
        let used = super::sizes_used(self.formula, &body.iter().map(|line| line.value).collect::<Vec<_>>());
        used.iter()
            .filter_map(|name| Some((name, self.size_source(name, &arrays)?)))
            .map(|(name, source)| format!("    {} = {source}\n", self.names.variable(name)))
            .collect()
    }

    /// A function whose slopes of every order are known: a sine of the sum, a quarter turn on for each slope.
    fn stand_in(&self, parameters: &[&str], order: usize) -> String {
        let (sum, prefix) = (parameters.join(" + "), self.row.prefix);
        match order {
            0 => format!("{prefix}sin({sum})"),
            _ => format!("{prefix}sin({sum} + {order} * {prefix}pi / 2)"),
        }
    }
}
