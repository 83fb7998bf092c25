//! Every pass keeps the values: random formulas, with walked rows, tiles of a few rows and the buffers' own memory.

mod judge;

use chainrule_plan::{Binding, Plan, PlanError, Request, assign_buffers, fuse, lower, tile, verify};
use formula::{Direction, Formula, Name, Node, NodeId, Number, Primitive, Shape, Sizes};
use judge::{Call, Matrix, Random, evaluate, named, run, variable};
use std::collections::BTreeMap;

const INPUTS: [(&str, &str, &str, Binding); 12] = [
    ("X", "m", "n", Binding::Data),
    ("Z", "m", "p", Binding::Data),
    ("y", "m", "1", Binding::Data),
    ("C", "p", "n", Binding::Data),
    ("W", "n", "p", Binding::Parameter),
    ("V", "p", "p", Binding::Parameter),
    ("b", "p", "1", Binding::Parameter),
    ("a", "n", "1", Binding::Parameter),
    ("u", "q", "1", Binding::Parameter),
    ("B", "p", "q", Binding::Parameter),
    ("s", "1", "1", Binding::Scalar),
    ("t", "1", "1", Binding::Scalar),
];

/// A formula grown at random from variables by every constructor; shapes that do not fit are drawn again.
fn grow(random: &mut Random, formula: &mut Formula, in_columns: bool) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = INPUTS
        .iter()
        .map(|(name, rows, cols, _)| match (*rows, in_columns) {
            // Samples may stand in columns instead.
            ("m", true) if *cols != "1" => variable(formula, name, cols, rows),
            _ => variable(formula, name, rows, cols),
        })
        .collect();
    let both_walked = |shape: &Shape| shape.rows == named("m") && shape.cols == named("m");
    let m = named("m");
    nodes.push(formula.size(&m));
    for size in ["m", "n", "p"] {
        nodes.push(formula.ones(Shape::column(named(size))));
    }
    nodes.push(formula.constant(formula::Constant::Identity, Shape::new(named("p"), named("p"))));
    let primitives: Vec<Primitive> =
        ["tanh", "abs", "step", "sin"].iter().map(|name| Primitive::named(name).unwrap()).collect();
    let first = nodes.len();
    let mut tries = 0;
    while nodes.len() < first + 8 + random.below(20) && tries < 2000 {
        tries += 1;
        let pick = |random: &mut Random| {
            // Later nodes rather than earlier ones, so that formulas grow deep.
            let back = random.below(nodes.len()).min(random.below(nodes.len()));
            nodes[nodes.len() - 1 - back]
        };
        let (a, b, c) = (pick(random), pick(random), pick(random));
        let built = match random.below(16) {
            0 | 1 => formula.product(&[a, b]),
            2 => formula.product(&[a, b, c]),
            3 => formula.add(&[a, b]),
            4 => formula.add(&[a, b, c]),
            5 => formula.times(&[a, b]),
            6 => formula.scale(a, b),
            7 => {
                let function = formula.primitive(primitives[random.below(4)]);
                formula.apply(function, &[], &[a])
            }
            8 => {
                let function = formula.primitive(Primitive::MAX);
                formula.apply(function, &[], &[a, b])
            }
            9 => Ok(formula.transpose(a)),
            10 if !formula.is_scalar(a) => {
                let norm = formula.norm(a);
                let two = formula.number(Number::integer(1 + random.below(2) as i64));
                formula.power(norm, two)
            }
            11 => formula.sum_rows(a),
            12 => formula.sum_columns(a),
            13 => {
                // a/(1 + b^2)
                let two = formula.number(Number::integer(2));
                let square = formula.power(b, two).unwrap();
                let one = formula.number(Number::ONE);
                let shape = formula.shape(b).clone();
                let one = formula.broadcast(one, &shape).unwrap();
                let divisor = formula.add(&[one, square]).unwrap();
                let reciprocal = formula.reciprocal(divisor).unwrap();
                formula.times(&[a, reciprocal])
            }
            14 | 15 => beside(formula, [a, b, c], primitives[0], random.below(2) == 0),
            _ => continue,
        };
        let Ok(built) = built else { continue };
        let fits = |id: NodeId| !both_walked(formula.shape(id));
        let children = formula.node(built).children().to_vec();
        let is_new = !nodes.contains(&built) && !matches!(formula.node(built), Node::Number(_));
        let mixed = [&formula.shape(built).rows, &formula.shape(built).cols]
            .iter()
            .any(|size| size.names().len() > 1);
        if is_new && !mixed && fits(built) && children.into_iter().all(fits) {
            nodes.push(built);
        }
    }
    nodes.split_off(first)
}

/// `cols(tanh([a, b]), ...)*[b, c]'` or the like: matrices beside or below one another where they fit, and those where one stood.
fn beside(
    formula: &mut Formula,
    [a, b, c]: [NodeId; 3],
    tanh: Primitive,
    is_down: bool,
) -> Result<NodeId, formula::ShapeError> {
    let direction = if is_down { Direction::Down } else { Direction::Across };
    let length = |formula: &Formula, id: NodeId| {
        let shape = formula.shape(id);
        if is_down { shape.rows.clone() } else { shape.cols.clone() }
    };
    let block = formula.block(direction, &[a, b, c])?;
    let tanh = formula.primitive(tanh);
    let block = formula.apply(tanh, &[], &[block])?;
    let (before, taken) = (length(formula, a), length(formula, b));
    formula.part(block, direction, before, taken)
}

fn stages(formula: &Formula, request: &Request) -> Result<Vec<(&'static str, Plan)>, PlanError> {
    let lowered = verify(lower(formula, request)?)?;
    let fused = verify(fuse(lowered.clone()))?;
    let tiled = verify(tile(fused.clone()))?;
    let height = |plan: &Plan| plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
    assert_eq!(height(&tiled), height(&tile(lowered.clone())), "fusion keeps what can be tiled\n{tiled}");
    let placed = verify(assign_buffers(tiled.clone()))?;
    let plain = verify(assign_buffers(lowered.clone()))?;
    Ok(vec![("lower", lowered), ("fuse", fused), ("tile", tiled), ("assign", placed), ("unfused", plain)])
}

/// Whether a random formula was planned, and in tiles.
fn check_random(seed: u64, in_columns: bool) -> (bool, bool) {
    let mut random = Random(seed);
    let mut formula = Formula::new();
    let nodes = grow(&mut random, &mut formula, in_columns);
    let rows = 1 + random.below(11);
    let sizes: Sizes = [("m", rows), ("n", 3), ("p", 4), ("q", 1 + random.below(2))]
        .map(|(name, size)| (Name::from(name), size))
        .into();
    let mut inputs = BTreeMap::new();
    for (name, height, width, _) in INPUTS {
        let (mut height, mut width) =
            (named(height).evaluate(&sizes).unwrap(), named(width).evaluate(&sizes).unwrap());
        let turned = in_columns && ["X", "Z"].contains(&name);
        if turned {
            (height, width) = (width, height);
        }
        inputs.insert(Name::from(name), random.matrix(height, width));
    }
    let mut request = Request { walked: Some(Name::from("m")), sizes: sizes.clone(), ..Request::default() };
    request.sizes.remove("m");
    request.inputs = INPUTS.iter().map(|(name, _, _, binding)| (Name::from(*name), *binding)).collect();
    for index in 0..1 + random.below(4) {
        let node = nodes[random.below(nodes.len())];
        request.outputs.push((Name::from(format!("out{index}")), node));
    }
    // A value of the formula overwrites an input of its shape.
    for (at, (name, _, _, _)) in INPUTS.iter().enumerate().take(4) {
        let old = formula.ids().find(|id| match formula.node(*id) {
            Node::Variable(variable) => &*variable.name == *name,
            _ => false,
        });
        let shape = formula.shape(old.unwrap());
        let new = nodes.iter().rev().find(|node| formula.shape(**node) == shape);
        if let Some(new) = new.filter(|_| random.below(4) == 0) {
            request.inputs[at].1 = Binding::Updated(*new);
        }
    }
    let stages = match stages(&formula, &request) {
        Ok(stages) => stages,
        Err(PlanError::BothWalked { .. } | PlanError::NoInstruction { .. } | PlanError::MixedSize { .. }) => {
            return (false, false);
        }
        Err(error) => panic!("seed {seed}: {error}"),
    };
    let mut asked: Vec<NodeId> = request.outputs.iter().map(|(_, node)| *node).collect();
    let mut wanted_updates = Vec::new();
    for (_, binding) in &request.inputs {
        if let Binding::Updated(new) = binding {
            wanted_updates.push(*new);
        }
    }
    asked.extend(&wanted_updates);
    let wanted = evaluate(&formula, &asked, &inputs, &sizes);
    let mut is_tiled = false;
    for (stage, plan) in stages {
        is_tiled |= plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
        for height in [1, 2, 3, rows] {
            let call = Call::of(&plan, rows, &inputs);
            let answer = run(&plan, &call, Some(height));
            let mut fixed = answer.results.iter().copied();
            let mut by_rows = answer.row_results.iter();
            for ((name, _), want) in request.outputs.iter().zip(&wanted) {
                let is_fixed = plan.results.iter().any(|output| output.name == *name);
                let got: Vec<f64> = match is_fixed {
                    true => fixed.by_ref().take(want.entries.len()).collect(),
                    false => by_rows.next().unwrap().clone(),
                };
                close(&got, want, &format!("seed {seed}, {stage}, height {height}, {name}\n{plan}"));
            }
            for (got, want) in answer.updated.iter().zip(&wanted[request.outputs.len()..]) {
                close(got, want, &format!("seed {seed}, {stage}, height {height}, updated\n{plan}"));
            }
        }
    }
    (true, is_tiled)
}

fn close(got: &[f64], want: &Matrix, place: &str) {
    assert_eq!(got.len(), want.entries.len(), "{place}");
    let scale = want.entries.iter().fold(1.0_f64, |scale, entry| scale.max(entry.abs()));
    for (got, want) in got.iter().zip(&want.entries) {
        // Numbers beyond all measure, where a sum may round to anything, are let pass.
        let close = (got - want).abs() <= 1e-9 * scale || !scale.is_finite() || scale > 1e12;
        assert!(close, "{got} is not {want}: {place}");
    }
}

#[test]
fn every_pass_keeps_the_values_of_random_formulas() {
    let answers: Vec<(bool, bool)> = (0..2000).map(|seed| check_random(seed, false)).collect();
    let planned = answers.iter().filter(|(planned, _)| *planned).count();
    let tiled = answers.iter().filter(|(_, tiled)| *tiled).count();
    assert!(planned > 1500 && tiled > 400, "{planned} formulas were planned, {tiled} of them in tiles");
}

#[test]
fn every_pass_keeps_the_values_with_samples_in_columns() {
    let planned = (0..700).filter(|seed| check_random(*seed, true).0).count();
    assert!(planned > 450, "{planned} formulas were planned");
}
