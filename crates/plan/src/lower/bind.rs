//! The ends of a plan: its inputs, bound as the request says, and its results, each a computed value of its own.

use super::Lowering;
use super::form::{Form, Kind, Scalar};
use crate::{Binding, Extent, Output, PlanError, Request, Source, Update};
use formula::{Name, Node, NodeId, Shape};
use std::collections::BTreeMap;

/// The nodes a request asks for: its outputs, then the new values of what is overwritten.
pub(super) fn asked(request: &Request) -> Vec<NodeId> {
    let outputs = request.outputs.iter().map(|(_, node)| *node);
    let updates = request.inputs.iter().filter_map(|(_, binding)| match binding {
        Binding::Updated(new) => Some(*new),
        Binding::Data | Binding::Parameter | Binding::Scalar => None,
    });
    outputs.chain(updates).collect()
}

impl Lowering<'_> {
    /// A value for each input of the request, in its order.
    pub(super) fn bind_inputs(&mut self, reachable: &[NodeId]) -> Result<(), PlanError> {
        let shapes = self.shapes(reachable)?;
        let mut parameter_entries = 0;
        for (name, binding) in &self.request.inputs {
            if self.inputs.contains_key(name) {
                return Err(PlanError::BoundTwice { name: name.clone() });
            }
            let shape = match (shapes.get(name), binding) {
                (Some(shape), _) => shape.clone(),
                (None, Binding::Scalar) => Shape::scalar(),
                (None, _) => return Err(PlanError::UnknownInput { name: name.clone() }),
            };
            let source = match binding {
                Binding::Data => Source::Data(self.plan.data.len()),
                Binding::Updated(_) => Source::Updated(self.plan.updated.len()),
                Binding::Parameter => Source::Parameter(parameter_entries),
                Binding::Scalar => Source::Scalar(self.plan.scalars.len()),
            };
            let value = self.value(&shape, source)?;
            self.plan.values[value.index()].name = Some(name.clone());
            match binding {
                Binding::Data => self.plan.data.push(value),
                // The new value is known at the end.
                Binding::Updated(_) => self.plan.updated.push(Update { old: value, new: value }),
                Binding::Parameter => {
                    let Some(entries) = self.plan.value(value).fixed_entries() else {
                        return Err(PlanError::WalkedParameter { name: name.clone(), shape });
                    };
                    parameter_entries = match parameter_entries.checked_add(entries) {
                        Some(sum) => sum,
                        None => return Err(PlanError::TooLarge { shape }),
                    };
                    self.plan.parameters.push(value);
                }
                Binding::Scalar if shape.is_scalar() => self.plan.scalars.push(value),
                Binding::Scalar => return Err(PlanError::NotScalar { name: name.clone(), shape }),
            }
            let kind = match shape.is_scalar() {
                true => Kind::Uniform(Scalar::Value(value)),
                false => Kind::Matrix { value, transposed: false },
            };
            self.inputs.insert(name.clone(), Form { shape, kind });
        }
        Ok(())
    }

    /// Each asked value under its name; the roots are those of [`asked`], unfolded.
    pub(super) fn keep_outputs(&mut self, roots: &[NodeId]) -> Result<(), PlanError> {
        let request = self.request;
        let (outputs, news) = roots.split_at(request.outputs.len());
        for ((name, _), node) in request.outputs.iter().zip(outputs) {
            let value = self.own(&self.form(*node))?;
            self.plan.values[value.index()].name = Some(name.clone());
            let walked = self.extents(value).0 == Extent::Walked || self.extents(value).1 == Extent::Walked;
            let list = if walked { &mut self.plan.row_results } else { &mut self.plan.results };
            list.push(Output { name: name.clone(), value });
        }
        for (index, node) in news.iter().enumerate() {
            let form = self.form(*node);
            let old = self.plan.updated[index].old;
            let name = self.plan.value(old).name.clone().unwrap_or_else(|| Name::from(""));
            if let Some(input) = self.inputs.get(&name)
                && input.shape != form.shape
            {
                let (old, new) = (input.shape.clone(), form.shape);
                return Err(PlanError::UpdateShape { name, old, new });
            }
            let value = self.own(&form)?;
            self.plan.values[value.index()].name = Some(name);
            self.plan.updated[index].new = value;
        }
        Ok(())
    }

    /// A computed value that no other result is, in just the shape of this form.
    fn own(&mut self, form: &Form) -> Result<crate::ValueId, PlanError> {
        if let Kind::Matrix { value, transposed: false } | Kind::Uniform(Scalar::Value(value)) = form.kind {
            let stands = form.shape.is_scalar() || matches!(form.kind, Kind::Matrix { .. });
            let computed = self.plan.value(value).source == Source::Computed;
            if stands && computed && self.taken.insert(value) {
                return Ok(value);
            }
        }
        let value = self.copy(form)?;
        self.taken.insert(value);
        Ok(value)
    }

    /// The shape of every variable: those that are used, then those that only stand in the arena.
    fn shapes(&self, reachable: &[NodeId]) -> Result<BTreeMap<Name, Shape>, PlanError> {
        let mut shapes: BTreeMap<Name, Shape> = BTreeMap::new();
        for id in reachable {
            if let Node::Variable(variable) = self.formula.node(*id) {
                let known = shapes.entry(variable.name.clone()).or_insert_with(|| variable.shape.clone());
                if *known != variable.shape {
                    let (first, second) = (known.clone(), variable.shape.clone());
                    return Err(PlanError::TwoShapes { name: variable.name.clone(), first, second });
                }
            }
        }
        for id in self.formula.ids() {
            if let Node::Variable(variable) = self.formula.node(id) {
                shapes.entry(variable.name.clone()).or_insert_with(|| variable.shape.clone());
            }
        }
        Ok(shapes)
    }
}
