//! Values of one formula put into another: what two texts say can be compared, and a part can be taken out on its own.

use crate::{Apply, Body, Call, Formula, Function, FunctionId, Node, NodeId, Part};
use std::collections::{BTreeMap, BTreeSet};

impl Formula {
    /// These values of another formula as values of this one, with the functions they use. A function that is here already by
    /// its name, settings and shapes is taken to be the same one; slopes known of it there are known here afterwards.
    pub fn graft(&mut self, other: &Formula, roots: &[NodeId]) -> Vec<NodeId> {
        let (nodes, functions) = needed(other, roots);
        let mut function_here: BTreeMap<FunctionId, FunctionId> = BTreeMap::new();
        for &id in &functions {
            let function = other.function(id);
            let known = self.functions().find(|(_, here)| is_same(here, function)).map(|(here, _)| here);
            let here = known.unwrap_or_else(|| {
                // Its body and slopes follow when their nodes are here; they may mention the function itself.
                let body = match function.body {
                    Body::Defined(_) => Body::Abstract,
                    Body::Primitive(_) | Body::Abstract => function.body,
                };
                self.add_function(Function {
                    body,
                    slopes: BTreeMap::new(),
                    stable: None,
                    ..function.clone()
                })
            });
            function_here.insert(id, here);
        }
        let mut here: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for id in nodes {
            let node = moved(other.node(id), &here, &function_here);
            here.insert(id, self.intern(node, other.shape(id).clone()));
        }
        for (there, id) in function_here {
            let function = other.function(there);
            let target = self.function_mut(id);
            if let (Body::Abstract, Body::Defined(body)) = (target.body, function.body) {
                target.body = Body::Defined(here[&body]);
                target.stable = function.stable.map(|stable| here[&stable]);
            }
            for (marks, slope) in &function.slopes {
                target.slopes.entry(marks.clone()).or_insert(here[slope]);
            }
        }
        roots.iter().map(|root| here[root]).collect()
    }
}

/// The nodes of these values and of the bodies and slopes of the functions they use, children before parents; and those
/// functions.
fn needed(formula: &Formula, roots: &[NodeId]) -> (BTreeSet<NodeId>, BTreeSet<FunctionId>) {
    let (mut nodes, mut functions) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting = roots.to_vec();
    while let Some(id) = waiting.pop() {
        if !nodes.insert(id) {
            continue;
        }
        waiting.extend_from_slice(formula.node(id).children());
        let (Node::Apply(Apply { function, .. }) | Node::Call(Call { function, .. })) = formula.node(id)
        else {
            continue;
        };
        if functions.insert(*function) {
            let function = formula.function(*function);
            waiting.extend(function.slopes.values());
            waiting.extend(function.stable);
            if let Body::Defined(body) = function.body {
                waiting.push(body);
            }
        }
    }
    (nodes, functions)
}

fn is_same(here: &Function, there: &Function) -> bool {
    here.name == there.name && here.settings == there.settings && here.signature == there.signature
}

/// A node with its children and its function replaced by those of another formula.
fn moved(node: &Node, here: &BTreeMap<NodeId, NodeId>, functions: &BTreeMap<FunctionId, FunctionId>) -> Node {
    let all = |parts: &[NodeId]| parts.iter().map(|part| here[part]).collect::<Vec<_>>();
    match node {
        Node::Number(_) | Node::Size(_) | Node::Variable(_) | Node::Constant(..) | Node::Commutation(_) => {
            node.clone()
        }
        Node::Add(parts) => Node::Add(all(parts)),
        Node::Product(parts) => Node::Product(all(parts)),
        Node::Times(parts) => Node::Times(all(parts)),
        Node::Scale([scalar, value]) => Node::Scale([here[scalar], here[value]]),
        Node::Apply(Apply { function, marks, arguments }) => Node::Apply(Apply {
            function: functions[function],
            marks: marks.clone(),
            arguments: all(arguments),
        }),
        Node::Transpose(part) => Node::Transpose(here[part]),
        Node::Norm(part) => Node::Norm(here[part]),
        Node::Operator(operator, part) => Node::Operator(*operator, here[part]),
        Node::Unvec(part, shape) => Node::Unvec(here[part], shape.clone()),
        Node::Kronecker([left, right]) => Node::Kronecker([here[left], here[right]]),
        Node::Call(Call { function, arguments }) => {
            Node::Call(Call { function: functions[function], arguments: all(arguments) })
        }
        Node::Block(direction, parts) => Node::Block(*direction, all(parts)),
        Node::Part(part) => Node::Part(Part { of: here[&part.of], ..part.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Body, Formula, Function, Name, NodeId, Number, Shape, Size, Variable};

    fn square_matrix(formula: &mut Formula) -> NodeId {
        let n = Size::named(Name::from("n"));
        formula.variable(Variable::new("X", Shape::new(n.clone(), n)))
    }

    /// `swing(X)`, where swing is `x*x` and its slope mentions swing itself.
    fn swing(formula: &mut Formula) -> NodeId {
        let x = formula.variable(Variable::new("x", Shape::scalar()));
        let body = formula.scale(x, x).unwrap();
        let function = formula.add_function(Function {
            name: Name::from("swing"),
            parameters: vec![Name::from("x")],
            settings: Vec::new(),
            signature: None,
            body: Body::Defined(body),
            slopes: Default::default(),
            stable: None,
            latex: None,
            code: Default::default(),
            portable: false,
        });
        let slope = formula.apply(function, &[], &[x]).unwrap();
        formula.function_mut(function).slopes.insert(vec![0], slope);
        let matrix = square_matrix(formula);
        formula.apply(function, &[0], &[matrix]).unwrap()
    }

    #[test]
    fn a_graft_brings_its_functions_and_comes_once() {
        let mut there = Formula::new();
        let value = swing(&mut there);
        let mut here = Formula::new();
        here.number(Number::integer(7));
        let first = here.graft(&there, &[value]);
        let length = here.len();
        let again = here.graft(&there, &[value]);
        assert_eq!(first, again);
        assert_eq!(here.len(), length);
        assert_eq!(here.functions().count(), 1);
        let function = here.functions().next().unwrap().1;
        assert!(matches!(function.body, Body::Defined(_)));
        assert!(function.slopes.contains_key(&vec![0]));
    }

    #[test]
    fn a_graft_is_the_same_value() {
        let mut there = Formula::new();
        square_matrix(&mut there);
        let value = swing(&mut there);
        let mut here = Formula::new();
        let root = here.graft(&there, &[value])[0];
        let point = crate::Point {
            sizes: crate::Sizes::from([(Name::from("n"), 2)]),
            variables: [(Name::from("X"), crate::Matrix::from_fn(2, 2, |i, j| (i + 2 * j) as f64))].into(),
        };
        assert_eq!(here.evaluate(&[root], &point), there.evaluate(&[value], &point));
    }
}
