//! Networks with their gradients as formulas, written by hand, and the functions that they apply.

use crate::judge::{named, variable};
use chainrule_plan::{Binding, Request};
use formula::{Body, Formula, Function, FunctionId, Name, NodeId, Number, Primitive, Shape, Sizes, Variable};
pub fn function(formula: &mut Formula, name: &str, body: Body, slope: Option<NodeId>) -> FunctionId {
    formula.add_function(Function {
        name: Name::from(name),
        parameters: vec![Name::from("x")],
        settings: Vec::new(),
        signature: None,
        body,
        slopes: slope.into_iter().map(|slope| (vec![0], slope)).collect(),
        stable: None,
        latex: None,
        code: Default::default(),
        portable: false,
    })
}

/// sigmoid(x) = 1/(1 + exp(-x)), with the slope sigmoid(x)*(1 - sigmoid(x)).
pub fn sigmoid(formula: &mut Formula) -> FunctionId {
    let x = formula.variable(Variable::new("x", Shape::scalar()));
    let minus = formula.negate(x).unwrap();
    let exp = formula.primitive(Primitive::EXP);
    let exp = formula.apply(exp, &[], &[minus]).unwrap();
    let one = formula.number(Number::ONE);
    let sum = formula.add(&[one, exp]).unwrap();
    let body = formula.reciprocal(sum).unwrap();
    let sigmoid = function(formula, "sigmoid", Body::Defined(body), None);
    let value = formula.apply(sigmoid, &[], &[x]).unwrap();
    let minus = formula.negate(value).unwrap();
    let rest = formula.add(&[one, minus]).unwrap();
    let slope = formula.scale(value, rest).unwrap();
    formula.function_mut(sigmoid).slopes.insert(vec![0], slope);
    sigmoid
}

/// relu(x) = max(x, 0), with the slope step(x).
pub fn relu(formula: &mut Formula) -> FunctionId {
    let x = formula.variable(Variable::new("x", Shape::scalar()));
    let zero = formula.number(Number::ZERO);
    let max = formula.primitive(Primitive::MAX);
    let body = formula.apply(max, &[], &[x, zero]).unwrap();
    let step = formula.primitive(Primitive::STEP);
    let slope = formula.apply(step, &[], &[x]).unwrap();
    function(formula, "relu", Body::Defined(body), Some(slope))
}

/// x*sigmoid(2*x), with its slope: a function of a user.
pub fn swish2(formula: &mut Formula) -> FunctionId {
    let sigmoid = sigmoid(formula);
    let x = formula.variable(Variable::new("x", Shape::scalar()));
    let two = formula.number(Number::integer(2));
    let double = formula.scale(two, x).unwrap();
    let gate = formula.apply(sigmoid, &[], &[double]).unwrap();
    let body = formula.scale(x, gate).unwrap();
    let slope = formula.apply(sigmoid, &[0], &[double]).unwrap();
    let double_slope = formula.scale(two, slope).unwrap();
    let second = formula.scale(x, double_slope).unwrap();
    let slope = formula.add(&[gate, second]).unwrap();
    function(formula, "swish2", Body::Defined(body), Some(slope))
}

/// A network of L weight matrices with biases, norm(A - Y)^2/m, and its gradients as the article writes them.
pub fn network(layers: usize, activation: fn(&mut Formula) -> FunctionId) -> (Formula, Request) {
    let mut f = Formula::new();
    let g = activation(&mut f);
    let width = |layer: usize| match layer {
        0 => "n".to_owned(),
        layer if layer == layers => "q".to_owned(),
        layer => format!("p{layer}"),
    };
    let x = variable(&mut f, "X", "m", "n");
    let y = variable(&mut f, "Y", "m", "q");
    let m = named("m");
    let ones = f.ones(Shape::column(m.clone()));
    let mut a = vec![x];
    let (mut z, mut weights) = (Vec::new(), Vec::new());
    let mut request = Request { walked: Some(Name::from("m")), ..Request::default() };
    for layer in 1..=layers {
        let w = variable(&mut f, &format!("W{layer}"), &width(layer - 1), &width(layer));
        let b = variable(&mut f, &format!("b{layer}"), &width(layer), "1");
        let product = f.product(&[a[layer - 1], w]).unwrap();
        let row = f.transpose(b);
        let row = f.product(&[ones, row]).unwrap();
        z.push(f.add(&[product, row]).unwrap());
        weights.push(w);
        let last = layer == layers;
        a.push(if last { z[layer - 1] } else { f.apply(g, &[], &[z[layer - 1]]).unwrap() });
        for name in ["W", "b"] {
            request.inputs.push((Name::from(format!("{name}{layer}")), Binding::Parameter));
        }
    }
    request.inputs.extend([(Name::from("X"), Binding::Data), (Name::from("Y"), Binding::Data)]);
    let minus = f.negate(y).unwrap();
    let residual = f.add(&[a[layers], minus]).unwrap();
    let norm = f.norm(residual);
    let two = f.number(Number::integer(2));
    let square = f.power(norm, two).unwrap();
    let m = f.size(&m);
    let per_row = f.reciprocal(m).unwrap();
    let loss = f.scale(per_row, square).unwrap();
    request.outputs.push((Name::from("f"), loss));
    let factor = f.scale(two, per_row).unwrap();
    let mut dz = f.scale(factor, residual).unwrap();
    for layer in (1..=layers).rev() {
        let before = f.transpose(a[layer - 1]);
        let dw = f.product(&[before, dz]).unwrap();
        let turned = f.transpose(dz);
        let db = f.product(&[turned, ones]).unwrap();
        request.outputs.push((Name::from(format!("df/dW{layer}")), dw));
        request.outputs.push((Name::from(format!("df/db{layer}")), db));
        if layer > 1 {
            let w = f.transpose(weights[layer - 1]);
            let da = f.product(&[dz, w]).unwrap();
            let slope = f.apply(g, &[0], &[z[layer - 2]]).unwrap();
            dz = f.times(&[da, slope]).unwrap();
        }
    }
    request.sizes = Sizes::from([(Name::from("n"), 3), (Name::from("q"), 1)]);
    request.sizes.extend((1..layers).map(|layer| (Name::from(format!("p{layer}")), 4 + layer)));
    (f, request)
}
