//! Closed forms beside what they are the derivatives of.

use crate::DeriveError;
use crate::arrangement::Arrangement;
use crate::sample::variables;
use calculus::{Derivation, Form, Reading, Request};
use formula::{Formula, Line, Name, NodeId, Shape, Variable};
use std::collections::{HashMap, HashSet};

/// Gradients of more nodes are judged by their lines alone, where they are those lines.
const LARGE: usize = 300;
/// A derivative in closed form.
#[derive(Clone)]
pub(crate) struct ClosedForm<V> {
    pub name: Name,
    pub value: V,
    /// What it is the derivative of, in the inputs and in what it is derived by.
    pub of: V,
    pub by: Variable,
    pub arrangement: Arrangement,
}

/// Whether a reading is a gradient in the shape of the variable.
pub(crate) fn is_plain(reading: &Reading, request: &Request) -> bool {
    let is_gradient = reading.form == Form::Gradient && reading.second.is_none();
    is_gradient && !request.layout.transposes(reading.form)
}

/// Whether a closed form is a large gradient that is nothing but its lines put into each other: those are judged one by one.
pub(crate) fn is_lines(formula: &Formula, reading: &Reading, request: &Request) -> bool {
    is_plain(reading, request)
        && reading.value == reading.raw
        && formula.reachable(&[reading.value]).len() > LARGE
}

/// The results of derivations as values of one formula. All variables share the value that is derived.
pub(crate) struct Derived<'a> {
    derivation: &'a Derivation,
    lets: HashSet<&'a Name>,
    /// The result with its lets put in, and the variables in it.
    whole: Option<(NodeId, HashMap<Name, Variable>)>,
}

impl<'a> Derived<'a> {
    pub fn new(derivation: &'a Derivation) -> Derived<'a> {
        let lines = derivation.lets.iter().chain([&derivation.result]);
        Derived { derivation, lets: lines.map(|line| &line.name).collect(), whole: None }
    }

    /// The result as it depends on a variable or let, and that variable or the symbol of the let.
    fn value_by(&mut self, formula: &mut Formula, by: &Name) -> Result<(NodeId, Variable), DeriveError> {
        if let Some((value, known)) = &self.whole
            && let Some(by) = known.get(by)
            && !self.lets.contains(&by.name)
        {
            return Ok((*value, by.clone()));
        }
        let of = ValueBy::new(self.derivation, by)?;
        let value = formula.graft(&of.formula, &[of.value])[0];
        if self.whole.is_none() && !self.lets.contains(by) {
            let known = variables(&of.formula, &[of.value]).into_iter();
            self.whole = Some((value, known.map(|variable| (variable.name.clone(), variable)).collect()));
        }
        Ok((value, of.by))
    }

    /// A reading, and for a second derivative the first one that it is the derivative of.
    pub fn closed_forms(
        &mut self,
        formula: &mut Formula,
        reading: &Reading,
        request: &Request,
    ) -> Result<Vec<ClosedForm<NodeId>>, DeriveError> {
        let (first_of, first_by) = self.value_by(formula, &reading.by)?;
        let by = reading.by2.as_ref().unwrap_or(&reading.by);
        let title = Name::from(format!("{} in closed form", reading.title));
        let value = reading.value;
        let arrangement = Arrangement::new(reading, request);
        let Some(second) = reading.second.as_ref().map(|second| &second.derivation) else {
            return Ok(vec![ClosedForm { name: title, value, of: first_of, by: first_by, arrangement }]);
        };
        let again = ValueBy::new(second, by)?;
        let gradient = formula.graft(&again.formula, &[again.value])[0];
        let first = ClosedForm {
            name: Name::from(format!("{} by {}", second.result.name, reading.by)),
            value: gradient,
            of: first_of,
            by: first_by,
            arrangement: Arrangement::gradient_in(request.symmetric),
        };
        let second = ClosedForm { name: title, value, of: gradient, by: again.by, arrangement };
        Ok(vec![first, second])
    }
}

/// The result of a derivation as it depends on a variable or let.
pub(crate) struct ValueBy {
    pub formula: Formula,
    /// Its value in the inputs and in that variable or let.
    pub value: NodeId,
    /// The variable, or the symbol of the let.
    pub by: Variable,
}

impl ValueBy {
    pub fn new(derivation: &Derivation, by: &Name) -> Result<ValueBy, DeriveError> {
        let mut formula = Formula::new();
        let lines: Vec<&Line> = derivation.lets.iter().chain([&derivation.result]).collect();
        let values: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
        let values = formula.graft(&derivation.formula, &values);
        let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
        let mut root = None;
        for (line, value) in lines.iter().zip(&values) {
            let symbol = Variable::new(line.name.clone(), formula.shape(*value).clone());
            let symbol = formula.variable(symbol);
            let inlined = if line.name == *by { symbol } else { formula.substitute(*value, &mut meaning)? };
            meaning.insert(symbol, inlined);
            root = Some(inlined);
        }
        let root = root.ok_or(DeriveError::NoResult)?;
        let known = variables(&formula, &[&values[..], &[root]].concat());
        let found = known.into_iter().find(|variable| variable.name == *by);
        let of_gradient = derivation.gradients.iter().find(|gradient| gradient.by == *by);
        let shape = of_gradient
            .map_or_else(Shape::scalar, |gradient| derivation.formula.shape(gradient.value).clone());
        let by = found.unwrap_or_else(|| Variable::new(by.clone(), shape));
        Ok(ValueBy { formula, value: root, by })
    }
}
