//! Printed texts are read again: equal in value, and as formulas the same, node for node.

use crate::random::{DECLARATIONS, Draw, random_formula};
use chainrule_notation::text;
use formula::{Formula, Matrix, Name, Node, NodeId, Number, Point, Sizes};
use std::collections::BTreeMap;
use syntax::{Library, Source, parse};

/// Sizes and variables of one point.
fn point(formula: &Formula, roots: &[NodeId]) -> Point {
    let sizes: Sizes = [("m", 4), ("n", 3), ("p", 2)].map(|(name, size)| (Name::from(name), size)).into();
    let mut point = Point { sizes, variables: BTreeMap::new() };
    for id in formula.variables(roots) {
        let Node::Variable(variable) = formula.node(id) else { continue };
        let rows = variable.shape.rows.evaluate(&point.sizes).unwrap();
        let cols = variable.shape.cols.evaluate(&point.sizes).unwrap();
        let mut draw = Draw(variable.name.bytes().map(u64::from).sum());
        let entries: Vec<f64> = (0..rows * cols).map(|_| draw.below(2001) as f64 / 1000.0 - 1.0).collect();
        let symmetric = variable.properties.is_symmetric();
        let value = Matrix::from_fn(rows, cols, |row, col| {
            let at = |row: usize, col: usize| entries[row * cols + col];
            if symmetric { at(row, col) + at(col, row) } else { at(row, col) }
        });
        point.variables.insert(variable.name.clone(), value);
    }
    point
}

fn value(formula: &Formula, root: NodeId) -> Matrix {
    let point = point(formula, &[root]);
    formula.evaluate(&[root], &point).unwrap_or_else(|error| panic!("{error}")).swap_remove(0)
}

/// Whether two formulas are built from the same nodes, the scalars in front of a value taken together. Classes of equal nodes are numbered as they are met, in both arenas.
fn same(left: (&Formula, NodeId), right: (&Formula, NodeId)) -> bool {
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    let [left, right] = [left, right].map(|(formula, root)| {
        let mut class_of: BTreeMap<NodeId, usize> = BTreeMap::new();
        for id in formula.reachable(&[root]) {
            let node = formula.node(id);
            let children: Vec<usize> = node.children().iter().map(|child| class_of[child]).collect();
            let what = match node {
                Node::Number(number) => format!("number {number}"),
                Node::Size(size) => format!("size {size}"),
                Node::Variable(variable) => format!("variable {variable:?}"),
                Node::Constant(constant, _) => format!("{constant:?}"),
                Node::Commutation([rows, cols]) => format!("commutation {rows} {cols}"),
                Node::Apply(apply) => {
                    format!("apply {} {:?}", formula.function(apply.function).name, apply.marks)
                }
                Node::Call(call) => {
                    let function = formula.function(call.function);
                    format!("call {} {:?}", function.name, function.signature)
                }
                Node::Operator(operator, _) => format!("{operator:?}"),
                Node::Block(direction, _) => format!("block {direction:?}"),
                Node::Part(part) => format!("part {:?} {} {}", part.direction, part.before, part.length),
                Node::Unvec(..) => "unvec".to_owned(),
                Node::Add(_) => "+".to_owned(),
                Node::Product(_) => "*".to_owned(),
                Node::Times(_) => ".*".to_owned(),
                Node::Scale(_) => {
                    let key = scalars(formula, id, &class_of);
                    let next = classes.len();
                    class_of.insert(id, *classes.entry(key).or_insert(next));
                    continue;
                }
                Node::Transpose(_) => "'".to_owned(),
                Node::Norm(_) => "norm".to_owned(),
                Node::Kronecker(_) => "kron".to_owned(),
            };
            let key = format!("{what} {} {children:?}", formula.shape(id));
            let next = classes.len();
            class_of.insert(id, *classes.entry(key).or_insert(next));
        }
        class_of[&root]
    });
    left == right
}

/// A value with the scalars in front of it, which stand in one order in print however they were put there.
fn scalars(formula: &Formula, id: NodeId, class_of: &BTreeMap<NodeId, usize>) -> String {
    let (mut number, mut classes, mut waiting) = (Number::ONE, Vec::new(), vec![id]);
    while let Some(id) = waiting.pop() {
        match (formula.node(id), formula.as_number(id)) {
            (Node::Scale(pair), _) => waiting.extend(pair),
            (_, Some(factor)) => number = number.times(factor).expect("numbers that fit"),
            _ => classes.push(class_of[&id]),
        }
    }
    classes.sort_unstable();
    format!("scale {number} {classes:?}")
}

fn read(printed: &str, library: &Library) -> Formula {
    match parse(Source { text: printed, declarations: DECLARATIONS }, library) {
        Ok(parsed) => parsed.formula,
        Err(error) => panic!("{printed}: {error}"),
    }
}

#[test]
fn every_text_reads_back_with_its_value_and_prints_the_same_formula() {
    let library = Library::standard();
    let (mut judged, mut finite, mut identical) = (0, 0, 0);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..200 {
        let (formula, pool) = random_formula(seed, 60);
        for &id in pool.iter().rev().take(12) {
            let Some(printed) = text(&formula, id).filter(|text| text.len() < 1500) else { continue };
            let first = read(&printed, &library);
            let root = first.result().unwrap();
            let (want, got) = (value(&formula, id), value(&first, root));
            assert_eq!((want.rows, want.cols), (got.rows, got.cols), "{printed}");
            let scale = want.entries.iter().fold(1.0_f64, |scale, entry| scale.max(entry.abs()));
            let is_finite = want.entries.iter().all(|entry| entry.is_finite()) && scale < 1e12;
            for (want, got) in want.entries.iter().zip(&got.entries) {
                let near = (want - got).abs() <= 1e-7 * scale;
                assert!(near || !is_finite, "{printed}: {want} and {got}");
            }
            // What was read prints to what reads as the same formula.
            let again = text(&first, root).unwrap();
            let second = read(&again, &library);
            assert!(same((&first, root), (&second, second.result().unwrap())), "{printed}\n{again}");
            identical += usize::from(same((&formula, id), (&first, root)));
            judged += 1;
            finite += usize::from(is_finite);
            for node in formula.reachable(&[id]) {
                let kind = format!("{:?}", formula.node(node));
                *kinds.entry(kind.split(['(', ' ', '{']).next().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    println!(
        "{judged} texts, {finite} of finite value, {identical} the very formula they were printed from; {kinds:?}"
    );
    assert!(judged > 1000 && finite > judged / 2, "{judged}, {finite}");
    assert_eq!(kinds.len(), 18, "every kind of node occurs: {kinds:?}");
}

/// What the language prints of its own formulas is what was typed.
#[test]
fn plain_formulas_print_as_they_were_typed() {
    let library = Library::standard();
    let declarations = "X: m x n, A: n x n, B: n x n, Y: m x n, y: m, a: n, b: n, s: scalar, c: scalar, \
                        g: function";
    for typed in [
        "norm(g(X*A)*B - Y)^2/m",
        "2/m*X'*((X*A - Y) .* g'(X*A))",
        "2/m*(X*A - Y) .* g'(X*B)",
        "X*A + ones(m)*b'",
        "sum(X*A, 1)'",
        "sum(X, 2)*b'",
        "sum(X .* Y)/(m*n)",
        "sum(max(X, 0))",
        "1 - exp(-X) ./ sqrt(1 + Y.^2)",
        "s*norm(a)^2 + c*sum(abs(a))",
        "-y .* g''(X*b)",
        "(a'*A*b)*B",
        "(a + b)'*(A - 2*B)*a",
        "2/(3*m)*X",
        "leaky_relu(X, slope = 0.2)",
        "log(1 + exp(-s))^2/c",
        "1/sqrt(s) - s^(2/3)",
        "eye(n) - ones(n, n)/n",
    ] {
        let parsed = match parse(Source { text: typed, declarations }, &library) {
            Ok(parsed) => parsed,
            Err(error) => panic!("{typed}: {error}"),
        };
        let result = parsed.formula.result().unwrap();
        assert_eq!(text(&parsed.formula, result).as_deref(), Some(typed));
    }
}

/// A simplest form is one: it prints, reads back and simplifies to the same text.
#[test]
fn simplest_forms_read_back_as_themselves() {
    let library = Library::standard();
    for typed in [
        "norm(sigmoid(X*W1)*W2 - Y)^2/m",
        "norm(softplus(X*W1 + ones(m)*b')*W2 - Y)^2/(2*m)",
        "norm(g(X*W) - Y)^2/m + s*norm(W)^2",
        "sum(log(1 + exp(-y .* (X*w))))/m",
        "sum(exp(X*w) ./ (1 + (X*w).^2))",
        "norm(X*w - y)",
    ] {
        let declarations =
            "X: m x n, Y: m x q, y: m, w: n, b: p, W1: n x p, W2: p x q, W: n x q, s: scalar, g: function";
        let mut parsed = parse(Source { text: typed, declarations }, &library).unwrap();
        let derivation = calculus::differentiate(&parsed.formula, &[], calculus::Laws::standard()).unwrap();
        parsed.formula = derivation.formula;
        for gradient in derivation.gradients {
            let simplest = calculus::simplify(&mut parsed.formula, gradient.value);
            let printed = text(&parsed.formula, simplest).unwrap();
            let mut again = parse(Source { text: &printed, declarations }, &library).unwrap().formula;
            let result = again.result().unwrap();
            let simplest = calculus::simplify(&mut again, result);
            assert_eq!(
                text(&again, simplest).as_deref(),
                Some(printed.as_str()),
                "{typed} by {}",
                gradient.by
            );
        }
    }
}
