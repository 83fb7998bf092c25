//! Arbitrary functions of a whole matrix, declared as `L: m x n -> scalar`, and their gradients `dL`.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Join, Scope, Values, unforeseen};
use crate::functions::count_arguments;
use crate::tree::{Call, ExprId, Operator, Tree};
use formula::{Function, FunctionId, Name, NodeId, Shape, Signature, Variable};

impl Elaborator<'_> {
    /// A function of which only the shape of its argument is known, and its gradient, which has that shape. The gradient is the
    /// slope of the function.
    pub fn functional(
        &mut self,
        name: &Name,
        gradient: &Name,
        shape: &Shape,
    ) -> Result<(FunctionId, FunctionId), Diagnostic> {
        let parameter = Name::from("X");
        let unknown = |name: &Name, result: Shape| {
            Function::unknown(
                name.clone(),
                vec![parameter.clone()],
                Some(Signature { parameters: vec![shape.clone()], result, axis: Vec::new() }),
            )
        };
        let function = self.formula.add_function(unknown(name, Shape::scalar()));
        let of_gradient = self.formula.add_function(unknown(gradient, shape.clone()));
        let variable = self.formula.variable(Variable::new(parameter.clone(), shape.clone()));
        // The parameter has the shape that the signature wants.
        if let Ok(slope) = self.formula.call(of_gradient, &[variable]) {
            self.formula.function_mut(function).slopes.insert(vec![0], slope);
        }
        Ok((function, of_gradient))
    }

    /// `L(X*W)`
    pub fn of_whole(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (call, function): (&Call, FunctionId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        count_arguments(tree, id, call, 1)?;
        let name = &call.name;
        if !call.marks.is_empty() {
            let what = format!("`{name}'` is no slope: `{name}` is of a whole matrix");
            let mend = format!("write `d{name}(X)` for its gradient at X");
            return Err(tree.error(Mistake::Page { what, mend }, id));
        }
        let spelled = call.arguments[0];
        let value = values.get(spelled);
        let wanted = self.formula.function(function).signature.as_ref();
        let wanted = wanted.and_then(|signature| signature.parameters.first()).cloned();
        let wanted = wanted.unwrap_or(Shape::scalar());
        if *self.formula.shape(value) != wanted {
            let place =
                Join { tree, whole: id, operator: Operator::Times, left: spelled, right: spelled, scope };
            let shape = self.formula.shape(value);
            let mistake = Mistake::WantsShape {
                what: format!("`{name}`"),
                wanted: format!("a matrix of the shape it is declared for, {wanted}"),
                operand: self.operand(&place, spelled, value),
                mend: format!("declare `{name}: {shape} -> scalar`"),
            };
            return Err(tree.error(mistake, id));
        }
        self.formula.call(function, &[value]).map_err(|error| unforeseen(tree, id, error))
    }
}
