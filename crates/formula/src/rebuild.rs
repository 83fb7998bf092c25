//! Walking a formula and building it again: what a value depends on, substitution, and functions lifted to matrices.

use crate::{Apply, Call, Formula, FunctionId, Name, Node, NodeId, Part, Shape, ShapeError};
use std::collections::HashMap;

impl Formula {
    /// The nodes that these values are built from, themselves included, children before parents.
    pub fn reachable(&self, roots: &[NodeId]) -> Vec<NodeId> {
        // Not a walk over the whole arena, which a small part of a large formula would pay for.
        let last = roots.iter().map(|id| id.index() + 1).max().unwrap_or(0);
        let mut seen = vec![false; last];
        let mut found = Vec::new();
        let mut stack: Vec<NodeId> = roots.to_vec();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut seen[id.index()], true) {
                found.push(id);
                stack.extend_from_slice(self.node(id).children());
            }
        }
        found.sort_unstable();
        found
    }

    /// For every node of the arena, whether it is one of these or is built from one of them.
    pub fn depends_on(&self, targets: &[NodeId]) -> Vec<bool> {
        let mut depends = vec![false; self.len()];
        for target in targets {
            depends[target.index()] = true;
        }
        for index in 0..self.len() {
            let id = NodeId(index as u32);
            depends[index] =
                depends[index] || self.node(id).children().iter().any(|child| depends[child.index()]);
        }
        depends
    }

    /// The variables that these values are built from, in the order of their first appearance in the arena.
    pub fn variables(&self, roots: &[NodeId]) -> Vec<NodeId> {
        let is_variable = |id: &NodeId| matches!(self.node(*id), Node::Variable(_));
        self.reachable(roots).into_iter().filter(is_variable).collect()
    }

    /// The same node with other children, built again by its constructor.
    ///
    /// # Errors
    /// When the new children's shapes do not fit.
    pub fn rebuild(&mut self, id: NodeId, children: &[NodeId]) -> Result<NodeId, ShapeError> {
        match self.node(id).clone() {
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Commutation(_) => Ok(id),
            Node::Add(_) => self.add(children),
            Node::Product(_) => self.product(children),
            Node::Times(_) => self.times(children),
            Node::Scale(_) => self.scale(children[0], children[1]),
            Node::Apply(Apply { function, marks, .. }) => self.apply(function, &marks, children),
            Node::Transpose(_) => Ok(self.transpose(children[0])),
            Node::Norm(_) => Ok(self.norm(children[0])),
            Node::Operator(operator, _) => self.operator(operator, children[0]),
            Node::Unvec(_, shape) => self.unvec(children[0], shape),
            Node::Kronecker(_) => Ok(self.kronecker(children[0], children[1])),
            Node::Call(Call { function, .. }) => self.call(function, children),
            Node::Block(direction, _) => self.block(direction, children),
            Node::Part(Part { direction, before, length, .. }) => {
                self.part(children[0], direction, before, length)
            }
        }
    }

    /// A value with nodes replaced by others of the same shape. What is shared stays shared: `replaced` grows by every node
    /// built again, and may be passed on to a further call.
    ///
    /// # Errors
    /// When a replacement's shape does not fit in its place.
    pub fn substitute(
        &mut self,
        root: NodeId,
        replaced: &mut HashMap<NodeId, NodeId>,
    ) -> Result<NodeId, ShapeError> {
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            if replaced.contains_key(&id) {
                stack.pop();
                continue;
            }
            let children = self.node(id).children();
            let waiting: Vec<NodeId> =
                children.iter().copied().filter(|child| !replaced.contains_key(child)).collect();
            if !waiting.is_empty() {
                stack.extend(waiting);
                continue;
            }
            let changed: Vec<NodeId> = children.iter().map(|child| replaced[child]).collect();
            let new = if changed == children { id } else { self.rebuild(id, &changed)? };
            replaced.insert(id, new);
            stack.pop();
        }
        Ok(replaced[&root])
    }

    /// A formula over one number for each parameter, made a formula over matrices entry by entry: scalar products become
    /// elementwise, and what depends on no parameter is broadcast.
    ///
    /// # Errors
    /// When the arguments' shapes differ.
    pub fn lift(
        &mut self,
        body: NodeId,
        parameters: &[Name],
        arguments: &[NodeId],
    ) -> Result<NodeId, ShapeError> {
        let matrix = arguments.iter().copied().find(|id| !self.is_scalar(*id));
        let shape = matrix.map_or_else(Shape::scalar, |id| self.shape(id).clone());
        let mut lifted: HashMap<NodeId, NodeId> = HashMap::new();
        for id in self.reachable(&[body]) {
            let node = self.node(id).clone();
            if let Node::Variable(variable) = &node {
                let position = parameters.iter().position(|name| *name == variable.name);
                if let Some(argument) = position.and_then(|at| arguments.get(at)) {
                    lifted.insert(id, self.broadcast(*argument, &shape)?);
                }
                continue;
            }
            let children = node.children();
            if !children.iter().any(|child| lifted.contains_key(child)) {
                continue;
            }
            let new: Vec<NodeId> =
                children.iter().map(|child| lifted.get(child).copied().unwrap_or(*child)).collect();
            let value = match &node {
                Node::Add(_) => {
                    let parts = new
                        .iter()
                        .map(|part| self.broadcast(*part, &shape))
                        .collect::<Result<Vec<_>, _>>()?;
                    self.add(&parts)?
                }
                // The constructor scales by what is still one number.
                Node::Scale(_) => self.times(&new)?,
                _ => self.rebuild(id, &new)?,
            };
            lifted.insert(id, value);
        }
        match lifted.get(&body) {
            Some(value) => Ok(*value),
            None => self.broadcast(body, &shape),
        }
    }

    /// What an application of a function stands for: its body at the arguments, or its slope's body where it is marked and
    /// the slope is known. `None` for primitives, abstract functions and slopes not derived yet.
    ///
    /// # Errors
    /// When the arguments' shapes differ.
    pub fn unfold(&mut self, apply: &Apply) -> Result<Option<NodeId>, ShapeError> {
        let function = self.function(apply.function);
        let body = match (apply.marks.is_empty(), function.body) {
            (true, crate::Body::Defined(body)) => Some(body),
            (true, _) => None,
            (false, _) => function.slopes.get(&apply.marks).copied(),
        };
        let parameters = function.parameters.clone();
        body.map(|body| self.lift(body, &parameters, &apply.arguments)).transpose()
    }

    /// The function of whole matrices of this name, these settings' values and these numbers after its arguments, if the table
    /// has it.
    pub fn find_matrix_function(
        &self,
        name: &str,
        settings: &[crate::Setting],
        axis: &[u8],
    ) -> Option<FunctionId> {
        let is_it = |function: &crate::Function| {
            &*function.name == name
                && function.settings == settings
                && function.signature.as_ref().is_some_and(|signature| signature.axis == axis)
        };
        self.functions().find(|(_, function)| is_it(function)).map(|(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Formula, Function, Name, Node, Number, Primitive, Shape, Size, Variable};
    use std::collections::HashMap;

    fn matrix(formula: &mut Formula, name: &str, rows: &str, cols: &str) -> crate::NodeId {
        let size = |text: &str| Size::named(Name::from(text));
        formula.variable(Variable::new(name, Shape::new(size(rows), size(cols))))
    }

    #[test]
    fn equal_nodes_are_stored_once() {
        let mut f = Formula::new();
        let x = matrix(&mut f, "X", "m", "n");
        let w = matrix(&mut f, "W", "n", "p");
        let once = f.product(&[x, w]).unwrap();
        let again = f.product(&[x, w]).unwrap();
        assert_eq!(once, again);
        assert_eq!(f.shape(once).to_string(), "m x p");
        assert!(f.product(&[w, x]).is_err());
    }

    #[test]
    fn constants_of_different_shapes_are_different_nodes() {
        let mut f = Formula::new();
        let m = Size::named(Name::from("m"));
        let column = f.ones(Shape::column(m.clone()));
        let square = f.ones(Shape::new(m.clone(), m.clone()));
        assert_ne!(column, square);
        assert_eq!(f.ones(Shape::column(m)), column);
        let row = f.transpose(column);
        assert_eq!(f.transpose(row), column);
    }

    #[test]
    fn a_substitution_keeps_sharing() {
        let mut f = Formula::new();
        let x = matrix(&mut f, "X", "m", "n");
        let y = matrix(&mut f, "Y", "m", "n");
        let sum = f.add(&[x, x]).unwrap();
        let square = f.times(&[sum, sum]).unwrap();
        let replaced = f.substitute(square, &mut HashMap::from([(x, y)])).unwrap();
        let Node::Times(factors) = f.node(replaced).clone() else { panic!("a product") };
        assert_eq!(factors[0], factors[1]);
        assert_eq!(f.variables(&[replaced]), vec![y]);
    }

    #[test]
    fn a_body_is_lifted_entry_by_entry() {
        let mut f = Formula::new();
        // g(x) = 1 + 2*x*x
        let x = f.variable(Variable::new("x", Shape::scalar()));
        let square = f.scale(x, x).unwrap();
        let two = f.number(Number::integer(2));
        let double = f.scale(two, square).unwrap();
        let one = f.number(Number::ONE);
        let body = f.add(&[one, double]).unwrap();
        let z = matrix(&mut f, "Z", "m", "n");
        let value = f.lift(body, &[Name::from("x")], &[z]).unwrap();
        assert_eq!(f.shape(value), f.shape(z));
        let Node::Add(parts) = f.node(value).clone() else { panic!("a sum") };
        let squares = f.times(&[z, z]).unwrap();
        assert_eq!(f.scale(two, squares).unwrap(), parts[1]);
    }

    #[test]
    fn a_function_may_mention_itself_in_its_slope() {
        let mut f = Formula::new();
        let x = f.variable(Variable::new("x", Shape::scalar()));
        let exp = f.primitive(Primitive::EXP);
        let slope = f.apply(exp, &[], &[x]).unwrap();
        f.function_mut(exp).slopes.insert(vec![0], slope);
        let z = matrix(&mut f, "Z", "m", "n");
        let marked = f.apply(exp, &[0], &[z]).unwrap();
        let Node::Apply(apply) = f.node(marked).clone() else { panic!("an application") };
        let plain = f.apply(exp, &[], &[z]).unwrap();
        assert_eq!(f.unfold(&apply).unwrap(), Some(plain));
    }

    #[test]
    fn a_deep_formula_does_not_overflow_the_stack() {
        let mut f = Formula::new();
        let x = matrix(&mut f, "X", "m", "n");
        let g = f.add_function(Function::unknown(Name::from("g"), vec![Name::from("x")], None));
        let mut value = x;
        for _ in 0..100_000 {
            value = f.apply(g, &[], &[value]).unwrap();
        }
        let y = matrix(&mut f, "Y", "m", "n");
        let replaced = f.substitute(value, &mut HashMap::from([(x, y)])).unwrap();
        assert_eq!(f.variables(&[replaced]), vec![y]);
    }
}
