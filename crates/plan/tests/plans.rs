//! The plans of networks and optimizers, as texts to be read and as counts.

mod judge;
mod networks;

use chainrule_plan::{
    Access, Binding, Instruction, Operation, Phase, Plan, PlanError, Request, assign_buffers, fuse, lower,
    tile, verify,
};
use formula::{
    Body, Formula, Function, FunctionId, Name, Node, NodeId, Number, Primitive, Shape, Sizes, Variable,
};
use judge::{Call, Random, evaluate, named, run, variable};
use networks::{function, network, relu, sigmoid, swish2};
use std::collections::BTreeMap;

fn compile(formula: &Formula, request: &Request) -> Result<Plan, PlanError> {
    verify(assign_buffers(tile(fuse(verify(lower(formula, request)?)?))))
}

/// The text of a plan is that of the file; run with UPDATE_GOLDEN=1 to write it anew, and read what changed.
fn golden(name: &str, plan: &Plan) {
    let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, plan.to_string()).unwrap();
    }
    assert_eq!(plan.to_string(), std::fs::read_to_string(&path).unwrap(), "{path}\n{plan}");
}

#[test]
fn a_network_of_two_layers_reads_like_this() {
    let (formula, request) = network(2, sigmoid);
    let plan = compile(&formula, &request).unwrap();
    golden("two_layers", &plan);
}

#[test]
fn lowering_alone_reads_like_this() {
    let (formula, request) = network(1, sigmoid);
    let plan = lower(&formula, &request).unwrap();
    golden("one_layer_lowered", &plan);
}

#[test]
fn relu_keeps_no_more_than_its_product_and_value() {
    let (formula, request) = network(2, relu);
    let plan = compile(&formula, &request).unwrap();
    golden("relu", &plan);
}

#[test]
fn a_function_of_a_user_reads_like_this() {
    let (formula, request) = network(2, swish2);
    let plan = compile(&formula, &request).unwrap();
    golden("swish2", &plan);
}

#[test]
fn a_step_of_l_layers_takes_three_l_less_one_products() {
    for activation in [sigmoid, relu, swish2] {
        for layers in [1, 2, 3, 8] {
            let (formula, request) = network(layers, activation);
            let plan = compile(&formula, &request).unwrap();
            assert_eq!(plan.products(), 3 * layers - 1, "{layers} layers\n{plan}");
            assert!(plan.tiling.unwrap().height.is_some());
        }
    }
}

#[test]
fn networks_keep_their_values_in_tiles() {
    for (activation, layers) in [(sigmoid as fn(&mut Formula) -> FunctionId, 1), (relu, 3), (swish2, 4)] {
        let (formula, mut request) = network(layers, activation);
        let plan = compile(&formula, &request).unwrap();
        let rows = 13;
        request.sizes.insert(Name::from("m"), rows);
        let mut random = Random(7);
        let mut inputs = BTreeMap::new();
        for id in formula.variables(&request.outputs.iter().map(|(_, node)| *node).collect::<Vec<_>>()) {
            let shape = formula.shape(id).clone();
            let Node::Variable(variable) = formula.node(id) else { continue };
            let size = |size: &formula::Size| size.evaluate(&request.sizes).unwrap();
            inputs.insert(variable.name.clone(), random.matrix(size(&shape.rows), size(&shape.cols)));
        }
        let roots: Vec<NodeId> = request.outputs.iter().map(|(_, node)| *node).collect();
        let want = evaluate(&formula, &roots, &inputs, &request.sizes);
        let want: Vec<f64> = want.into_iter().flat_map(|matrix| matrix.entries).collect();
        for height in [1, 4, 13] {
            let got = run(&plan, &Call::of(&plan, rows, &inputs), Some(height)).results;
            assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(&want) {
                assert!((got - want).abs() < 1e-12, "{got} is not {want}\n{plan}");
            }
        }
    }
}

#[test]
fn samples_in_columns_are_walked_as_rows_where_the_data_have_them_so() {
    // f = norm(W2*tanh(W1*X') - Y')^2 with df/dW2 = 2*R*A1', df/dW1 = 2*((W2'*R) .* (1 - A1.^2))*X
    let mut f = Formula::new();
    let (x, y) = (variable(&mut f, "X", "m", "n"), variable(&mut f, "Y", "m", "q"));
    let (w1, w2) = (variable(&mut f, "W1", "p", "n"), variable(&mut f, "W2", "q", "p"));
    let (turned_x, turned_y) = (f.transpose(x), f.transpose(y));
    let z1 = f.product(&[w1, turned_x]).unwrap();
    let tanh = f.primitive(Primitive::TANH);
    let a1 = f.apply(tanh, &[], &[z1]).unwrap();
    let z2 = f.product(&[w2, a1]).unwrap();
    let minus = f.negate(turned_y).unwrap();
    let residual = f.add(&[z2, minus]).unwrap();
    let norm = f.norm(residual);
    let two = f.number(Number::integer(2));
    let loss = f.power(norm, two).unwrap();
    let slope = f.power(a1, two).unwrap();
    let slope = f.negate(slope).unwrap();
    let shape = f.shape(slope).clone();
    let ones = f.ones(shape);
    let slope = f.add(&[ones, slope]).unwrap();
    let double = f.scale(two, residual).unwrap();
    let turned_a1 = f.transpose(a1);
    let dw2 = f.product(&[double, turned_a1]).unwrap();
    let turned_w2 = f.transpose(w2);
    let da1 = f.product(&[turned_w2, double]).unwrap();
    let dz1 = f.times(&[da1, slope]).unwrap();
    let dw1 = f.product(&[dz1, x]).unwrap();
    let request = Request {
        outputs: [("f", loss), ("df/dW2", dw2), ("df/dW1", dw1)]
            .map(|(name, node)| (Name::from(name), node))
            .into(),
        inputs: [
            ("X", Binding::Data),
            ("Y", Binding::Data),
            ("W1", Binding::Parameter),
            ("W2", Binding::Parameter),
        ]
        .map(|(name, binding)| (Name::from(name), binding))
        .into(),
        walked: Some(Name::from("m")),
        sizes: [("n", 4), ("p", 5), ("q", 2)].map(|(name, size)| (Name::from(name), size)).into(),
    };
    let plan = compile(&f, &request).unwrap();
    assert_eq!(plan.products(), 5, "{plan}");
    assert!(plan.instructions.iter().all(|it| !matches!(it, Instruction::Transpose(_))), "{plan}");
    assert!(plan.tiling.as_ref().unwrap().height.is_some(), "{plan}");
}

/// Adam over all parameters as one column: W, M, V are overwritten.
fn adam() -> (Formula, Request) {
    let mut f = Formula::new();
    let [w, m, v, g] = ["W", "M", "V", "G"].map(|name| variable(&mut f, name, "k", "1"));
    let [t, rate] = ["t", "rate"].map(|name| variable(&mut f, name, "1", "1"));
    let number = |f: &mut Formula, text: &str| f.number(Number::decimal(text).unwrap());
    let moving = |f: &mut Formula, beta: &str, rest: &str, old: NodeId, new: NodeId| {
        let (beta, rest) = (number(f, beta), number(f, rest));
        let (old, new) = (f.scale(beta, old).unwrap(), f.scale(rest, new).unwrap());
        f.add(&[old, new]).unwrap()
    };
    let new_m = moving(&mut f, "0.9", "0.1", m, g);
    let two = number(&mut f, "2");
    let square = f.power(g, two).unwrap();
    let new_v = moving(&mut f, "0.999", "0.001", v, square);
    let unbiased = |f: &mut Formula, beta: &str, value: NodeId| {
        let beta = number(f, beta);
        let power = f.power(beta, t).unwrap();
        let minus = f.negate(power).unwrap();
        let one = f.number(Number::ONE);
        let rest = f.add(&[one, minus]).unwrap();
        let reciprocal = f.reciprocal(rest).unwrap();
        f.scale(reciprocal, value).unwrap()
    };
    let (m_hat, v_hat) = (unbiased(&mut f, "0.9", new_m), unbiased(&mut f, "0.999", new_v));
    let half = number(&mut f, "0.5");
    let root = f.power(v_hat, half).unwrap();
    let epsilon = number(&mut f, "1e-8");
    let shape = f.shape(root).clone();
    let epsilon = f.broadcast(epsilon, &shape).unwrap();
    let divisor = f.add(&[root, epsilon]).unwrap();
    let divisor = f.reciprocal(divisor).unwrap();
    let step = f.times(&[m_hat, divisor]).unwrap();
    let step = f.scale(rate, step).unwrap();
    let minus = f.negate(step).unwrap();
    let new_w = f.add(&[w, minus]).unwrap();
    let request = Request {
        inputs: [
            ("W", Binding::Updated(new_w)),
            ("M", Binding::Updated(new_m)),
            ("V", Binding::Updated(new_v)),
            ("G", Binding::Data),
            ("t", Binding::Scalar),
            ("rate", Binding::Scalar),
        ]
        .map(|(name, binding)| (Name::from(name), binding))
        .into(),
        walked: Some(Name::from("k")),
        ..Request::default()
    };
    (f, request)
}

#[test]
fn adam_is_one_pass_with_one_division_an_entry() {
    let (formula, request) = adam();
    let plan = compile(&formula, &request).unwrap();
    golden("adam", &plan);
    let tiled: Vec<&Instruction> = plan
        .instructions
        .iter()
        .zip(&plan.tiling.as_ref().unwrap().phases)
        .filter_map(|(instruction, phase)| phase.walks().then_some(instruction))
        .collect();
    let [Instruction::Lanes(lanes)] = tiled.as_slice() else { panic!("one program\n{plan}") };
    assert_eq!(plan.buffers.as_ref().unwrap().per_row, 0, "all is overwritten in place");
    let scalars: Vec<usize> =
        (0..lanes.inputs.len()).filter(|input| lanes.inputs[*input].access == Access::Scalar).collect();
    let by_entry = lanes.operations.iter().filter(|operation| match operation {
        Operation::Divide(_, divisor) => !scalars.contains(&divisor.index()),
        _ => false,
    });
    assert_eq!(by_entry.count(), 1, "{plan}");
}

#[test]
fn updates_that_swap_two_inputs_are_not_written_too_early() {
    let mut f = Formula::new();
    let a = variable(&mut f, "A", "k", "1");
    let b = variable(&mut f, "B", "k", "1");
    let request = Request {
        inputs: vec![(Name::from("A"), Binding::Updated(b)), (Name::from("B"), Binding::Updated(a))],
        walked: Some(Name::from("k")),
        ..Request::default()
    };
    let plan = compile(&f, &request).unwrap();
    let lowered = assign_buffers(lower(&f, &request).unwrap());
    for plan in [plan, lowered] {
        let call =
            Call { rows: 3, updated: vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]], ..Call::default() };
        let answer = run(&plan, &call, Some(2));
        assert_eq!(answer.updated, [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]], "{plan}");
    }
}

#[test]
fn a_penalty_is_added_once_after_the_rows() {
    // f = norm(X*w)^2 + norm(w)^2
    let mut f = Formula::new();
    let (x, w) = (variable(&mut f, "X", "m", "n"), variable(&mut f, "w", "n", "1"));
    let product = f.product(&[x, w]).unwrap();
    let two = f.number(Number::integer(2));
    let squares = [product, w].map(|value| {
        let norm = f.norm(value);
        f.power(norm, two).unwrap()
    });
    let sum = f.add(&squares).unwrap();
    let request = Request {
        outputs: vec![(Name::from("f"), sum)],
        inputs: vec![(Name::from("X"), Binding::Data), (Name::from("w"), Binding::Parameter)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 2)]),
    };
    let plan = compile(&f, &request).unwrap();
    let call = Call { rows: 5, data: vec![vec![1.0; 10]], parameters: vec![1.0, 2.0], ..Call::default() };
    for height in 1..=5 {
        assert_eq!(run(&plan, &call, Some(height)).results, [50.0], "{plan}");
    }
}

#[test]
fn what_every_tile_reads_outlives_them_all() {
    // f = norm(X*tanh(W)): tanh(W) is computed before the rows, and the sum of squares must not take its place.
    let mut f = Formula::new();
    let (x, w) = (variable(&mut f, "X", "m", "n"), variable(&mut f, "W", "n", "n"));
    let tanh = f.primitive(Primitive::TANH);
    let value = f.apply(tanh, &[], &[w]).unwrap();
    let product = f.product(&[x, value]).unwrap();
    let norm = f.norm(product);
    let request = Request {
        outputs: vec![(Name::from("f"), norm)],
        inputs: vec![(Name::from("X"), Binding::Data), (Name::from("W"), Binding::Parameter)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 2)]),
    };
    let plan = compile(&f, &request).unwrap();
    let call = Call { rows: 6, data: vec![vec![1.0; 12]], parameters: vec![0.5; 4], ..Call::default() };
    let [whole, tiled] = [6, 2].map(|height| run(&plan, &call, Some(height)).results[0]);
    assert!((whole - tiled).abs() < 1e-14, "{whole} is not {tiled}\n{plan}");
}

#[test]
fn a_number_that_tiles_need_is_not_merged_with_what_follows_them() {
    // f = norm(X) and Z = exp(t)*X: both exp(t) and the root are programs of one entry.
    let mut f = Formula::new();
    let (x, t) = (variable(&mut f, "X", "m", "n"), variable(&mut f, "t", "1", "1"));
    let exp = f.primitive(Primitive::EXP);
    let factor = f.apply(exp, &[], &[t]).unwrap();
    let scaled = f.scale(factor, x).unwrap();
    let norm = f.norm(x);
    let request = Request {
        outputs: vec![(Name::from("f"), norm), (Name::from("Z"), scaled)],
        inputs: vec![(Name::from("X"), Binding::Data), (Name::from("t"), Binding::Scalar)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 2)]),
    };
    let plan = compile(&f, &request).unwrap();
    let phases = plan.tiling.as_ref().unwrap().phases.as_slice();
    assert_eq!(phases, [Phase::Once(0), Phase::Rows(0), Phase::Once(1)], "{plan}");
}

#[test]
fn long_products_are_taken_in_the_cheapest_order() {
    // X'*X*w is X'*(X*w), and X*W*V is X*(W*V) for few columns.
    let mut f = Formula::new();
    let (x, w) = (variable(&mut f, "X", "m", "n"), variable(&mut f, "w", "n", "1"));
    let turned = f.transpose(x);
    let node = f.product(&[turned, x, w]).unwrap();
    let mut request = Request {
        outputs: vec![(Name::from("f"), node)],
        inputs: vec![(Name::from("X"), Binding::Data), (Name::from("w"), Binding::Parameter)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 50)]),
    };
    assert_eq!(compile(&f, &request).unwrap().multiply_adds(), (100, 0));
    // Once X'*X is asked for too, it is taken over.
    let gram = f.product(&[turned, x]).unwrap();
    request.outputs.push((Name::from("gram"), gram));
    assert_eq!(compile(&f, &request).unwrap().multiply_adds(), (2500, 2500));
}

#[test]
fn sums_and_broadcasts_make_no_ones_and_no_products() {
    // sum(X - ones(m)*mean(X, 1), 2) and X*ones(n)*ones(n)'
    let mut f = Formula::new();
    let x = variable(&mut f, "X", "m", "n");
    let sums = f.sum_rows(x).unwrap();
    let m = f.size(&named("m"));
    let per_row = f.reciprocal(m).unwrap();
    let mean = f.scale(per_row, sums).unwrap();
    let ones = f.ones(Shape::column(named("m")));
    let means = f.product(&[ones, mean]).unwrap();
    let minus = f.negate(means).unwrap();
    let centred = f.add(&[x, minus]).unwrap();
    let along = f.sum_columns(centred).unwrap();
    let wide = f.ones(Shape::new(named("n"), named("n")));
    let spread = f.product(&[x, wide]).unwrap();
    let request = Request {
        outputs: vec![(Name::from("along"), along), (Name::from("spread"), spread)],
        inputs: vec![(Name::from("X"), Binding::Data)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 3)]),
    };
    let plan = compile(&f, &request).unwrap();
    assert_eq!(plan.products(), 0, "{plan}");
    let tiling = plan.tiling.unwrap();
    assert!(
        tiling.height.is_some() && tiling.phases.contains(&Phase::Rows(1)),
        "rows depend on a sum over all of them"
    );
}

#[test]
fn what_cannot_be_planned_is_said() {
    let mut f = Formula::new();
    let (x, y) = (variable(&mut f, "X", "m", "n"), variable(&mut f, "Y", "2", "n"));
    let turned = f.transpose(x);
    let square = f.product(&[x, turned]).unwrap();
    let abstract_function = function(&mut f, "g", Body::Abstract, None);
    let unknown = f.apply(abstract_function, &[], &[y]).unwrap();
    let exp = f.primitive(Primitive::EXP);
    let slope = f.apply(exp, &[0], &[y]).unwrap();
    let double = f.ones(Shape::column(named("m").add(&named("m"))));
    let row = f.ones(Shape::column(named("n")));
    let row = f.transpose(row);
    let double = f.product(&[double, row]).unwrap();
    let endless = f.add_function(Function::unknown(Name::from("h"), vec![Name::from("x")], None));
    let parameter = f.variable(Variable::new("x", Shape::scalar()));
    let two = f.number(Number::integer(2));
    let twice = f.scale(two, parameter).unwrap();
    let body = f.apply(endless, &[], &[twice]).unwrap();
    f.function_mut(endless).body = Body::Defined(body);
    let endless = f.apply(endless, &[], &[y]).unwrap();
    let name = |text: &str| Name::from(text);
    let bindings = vec![(name("X"), Binding::Data), (name("Y"), Binding::Data)];
    let say = |node: NodeId, inputs: &[(Name, Binding)], sizes: &[(&str, usize)]| {
        let request = Request {
            outputs: vec![(name("f"), node)],
            inputs: inputs.to_vec(),
            walked: Some(name("m")),
            sizes: sizes.iter().map(|(size, count)| (name(size), *count)).collect(),
        };
        lower(&f, &request).unwrap_err().to_string()
    };
    let n = [("n", 3)];
    assert!(say(square, &bindings, &n).starts_with("a matrix of m x m would have every row beside"));
    assert!(say(unknown, &bindings, &n).starts_with("the function `g` is only declared"));
    assert!(say(slope, &bindings, &n).starts_with("the slope of `exp` by argument 1 is not known"));
    assert!(say(double, &bindings, &n).contains("an axis of size 2*m cannot be"));
    assert!(say(endless, &bindings, &n).starts_with("the function `h` is defined by itself without end"));
    assert!(say(x, &bindings[1..], &n).starts_with("the variable `X` is not bound"));
    assert!(say(x, &bindings, &[]).starts_with("the size `n` has no number"));
    let twice = [bindings[0].clone(), bindings[0].clone()];
    assert!(say(x, &twice, &n).starts_with("`X` is bound twice"));
    let parameter = [(name("X"), Binding::Parameter)];
    assert!(say(x, &parameter, &n).starts_with("the parameter `X` is m x n"));
    let scalar = [(name("X"), Binding::Scalar)];
    assert!(say(x, &scalar, &n).starts_with("`X` is bound as one number but is m x n"));
    let unknown = [bindings[0].clone(), (name("Q"), Binding::Data)];
    assert!(say(x, &unknown, &n).starts_with("the formula has no variable `Q`"));
    let updated = [bindings[0].clone(), (name("Y"), Binding::Updated(x))];
    assert!(say(x, &updated, &n).starts_with("`Y` is 2 x n and cannot be overwritten"));
    let huge = say(y, &bindings, &[("n", usize::MAX)]);
    assert!(huge.contains("has more than 2^40 entries with these sizes"), "{huge}");
}

#[test]
fn inputs_and_values_asked_for_twice_are_copied() {
    let mut f = Formula::new();
    let x = variable(&mut f, "X", "m", "n");
    let double = f.add(&[x, x]).unwrap();
    let turned = f.transpose(x);
    let request = Request {
        outputs: [("x", x), ("d", double), ("e", double), ("t", turned)]
            .map(|(name, node)| (Name::from(name), node))
            .into(),
        inputs: vec![(Name::from("X"), Binding::Data)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 2)]),
    };
    let plan = compile(&f, &request).unwrap();
    let call = Call { rows: 2, data: vec![vec![1.0, 2.0, 3.0, 4.0]], ..Call::default() };
    let answer = run(&plan, &call, None);
    let doubled = vec![2.0, 4.0, 6.0, 8.0];
    let want = [vec![1.0, 2.0, 3.0, 4.0], doubled.clone(), doubled, vec![1.0, 3.0, 2.0, 4.0]];
    assert_eq!(answer.row_results, want, "{plan}");
}

#[test]
fn a_deep_formula_is_planned_without_overflow() {
    let mut f = Formula::new();
    let mut value = variable(&mut f, "X", "m", "n");
    let tanh = f.primitive(Primitive::TANH);
    for _ in 0..5000 {
        value = f.apply(tanh, &[], &[value]).unwrap();
    }
    let request = Request {
        outputs: vec![(Name::from("f"), value)],
        inputs: vec![(Name::from("X"), Binding::Data)],
        walked: Some(Name::from("m")),
        sizes: Sizes::from([(Name::from("n"), 2)]),
    };
    let plan = compile(&f, &request).unwrap();
    assert!(plan.instructions.len() < 60, "{}", plan.instructions.len());
}

#[test]
fn a_broken_plan_is_found() {
    let (formula, request) = network(2, sigmoid);
    let whole = compile(&formula, &request).unwrap();
    let broken = |change: fn(&mut Plan)| {
        let mut plan = whole.clone();
        change(&mut plan);
        verify(plan).is_err()
    };
    assert!(broken(|plan| plan.instructions.swap(0, 1)));
    assert!(broken(|plan| plan.values[0].rows = chainrule_plan::Extent::Fixed(77)));
    assert!(broken(|plan| {
        plan.instructions.pop();
    }));
    assert!(broken(|plan| plan.results.push(plan.results[0].clone())));
    assert!(broken(|plan| {
        let places = &mut plan.buffers.as_mut().unwrap().places;
        let tiles =
            |place: &Option<chainrule_plan::Place>| matches!(place, Some(chainrule_plan::Place::Tile(_)));
        places.iter_mut().filter(|place| tiles(place)).for_each(|place| {
            *place = Some(chainrule_plan::Place::Tile(0));
        });
    }));
}
