//! Every law of the table, judged on numbers: by central differences and by the multivariable chain rule
//! `df/dX_ij = sum over k, l of df/dG_kl * dG_kl/dX_ij`.

use super::*;
use crate::matching::{Bindings, Part};
use crate::testing::{Draw, add_matrix_functions, difference, error, quotients, sizes, value};
use formula::{
    Apply, Body, Direction, Formula, Function, FunctionId, Node, NodeId, Part as Range, Point, Precise,
    Primitive, Real, Variable,
};

/// 2^-20, the step of quotients over numbers of 31 digits; its fourth power is what they leave out.
const STEP: f64 = 9.536_743_164_062_5e-7;
/// How far a law may be from them, by its largest entry.
const RIGHT: f64 = 1e-18;

#[test]
fn every_law_matches_differences_and_the_double_sum() {
    assert_eq!(failures(Laws::standard()), Vec::<String>::new());
    assert!(Laws::standard().rows().len() > 15, "the table is there");
}

#[test]
fn every_law_is_caught_when_it_is_wrong() {
    type Spoil = fn(&str) -> Vec<String>;
    let spoils: [(&str, Spoil); 4] = [
        ("times 1.001", |right| vec![format!("1.001*({right})")]),
        ("the other sign", |right| vec![format!("-({right})")]),
        ("a term of 1e-12 of it with the other sign", |right| {
            vec![format!("{right} - 0.000000000001*({right})")]
        }),
        ("the sign of one term turned", with_a_sign_turned),
    ];
    let count = Laws::standard().rows().len();
    for (what, spoil) in spoils {
        let mut caught = 0;
        for (number, law) in Laws::standard().rows().iter().enumerate() {
            let right = written(&standard_text(), number);
            for spoilt in spoil(&right) {
                let text = with_derivative(&standard_text(), number, &spoilt);
                let failures = failures(&Laws::parse(&text).unwrap());
                assert_eq!(failures.len(), 1, "{what}, {}: {failures:?}", law.name);
                assert!(failures[0].starts_with(&*law.name), "{what}, {}: {failures:?}", law.name);
                caught += 1;
            }
        }
        println!("{what}: caught {caught}, of {count} laws");
        assert!(caught >= if what.ends_with("turned") { 3 } else { count });
    }
    assert_eq!(failures(&Laws::parse(&standard_text()).unwrap()), Vec::<String>::new());
}

#[test]
fn a_row_that_is_no_law_is_an_error() {
    let check = |row: &str, problem: &str| {
        let error = Laws::parse(&format!("# A comment.\n\n{row}\n")).unwrap_err();
        assert_eq!((error.line, error.row.as_str()), (3, row));
        assert!(error.problem.contains(problem), "{error}");
    };
    check("right multiplication  G = X*W  df/dX = df/dG*W'", "begin with `law`");
    check("law right multiplication  G = X*W", "two blanks");
    check("law right multiplication  G = X*W  df/dX = df/dG*V'", "V is neither a letter");
    check("law right multiplication  G = X*W  df/dX = df/dH*W'", "df/dH should be df/dG");
    check("law right multiplication  G = X*W  dX = df/dG*W'", "df/dX = ...");
    check("law square  G = X*X  df/dX = df/dG*X'", "X occurs 2 times");
    check("law sum  G = X + C  df/dY = df/dG", "Y occurs 0 times");
    check("law sum  X: m n  G = X + C  df/dX = df/dG", "its shape");
    check("law sum  D: m x n  G = X + C  df/dX = df/dG", "D is declared and not used");
    check("law sum  G = sum(X)  df/dX = df/dG", "needs the shape of X");
    check("law norm  f = norm(G)  df/dG = df/df*G", "no derivative on its right side");
    check("law right multiplication  G = X*  df/dX = df/dG", "at the end");
}

#[test]
fn a_row_may_leave_shapes_undeclared() {
    let laws = Laws::parse("law right multiplication     G = X*W            df/dX = df/dG*W'").unwrap();
    let law = &laws.rows()[0];
    assert_eq!(law.name.as_str(), "right multiplication");
    assert_eq!(law.statement.as_str(), "G = X*W    df/dX = df/dG*W'");
}

/// The right side of the derivative of the law of this number, counted from 0.
fn written(text: &str, number: usize) -> String {
    let rows = text.lines().map(|line| line.split('#').next().unwrap());
    let row = rows.filter(|row| !row.trim().is_empty()).nth(number).unwrap();
    row[row.rfind("  df/d").unwrap()..].split_once('=').unwrap().1.trim().to_owned()
}

/// The text of laws with another right side of the law of this number, counted from 0.
fn with_derivative(text: &str, number: usize, derivative: &str) -> String {
    let rows = text.lines().map(|line| line.split('#').next().unwrap());
    let mut lines: Vec<String> = rows.filter(|row| !row.trim().is_empty()).map(str::to_owned).collect();
    let row = &mut lines[number];
    let column = row.rfind("  df/d").unwrap();
    let equals = column + row[column..].find('=').unwrap();
    row.replace_range(equals + 1.., &format!(" {derivative}"));
    lines.join("\n")
}

/// The text with each sign between two terms turned, one at a time; what stands in a size's or an exponent's place too, where
/// it then has another value or no meaning, is left out.
fn with_a_sign_turned(right: &str) -> Vec<String> {
    let turned = |(at, sign): (usize, &str)| {
        let other = if sign == " + " { " - " } else { " + " };
        let mut text = right.to_owned();
        text.replace_range(at..at + sign.len(), other);
        text
    };
    let signs = right.match_indices(" + ").chain(right.match_indices(" - "));
    // `cols`, `rows` and `zeros` have sizes in their brackets.
    let is_of_sizes = ["cols", "rows", "zeros"].iter().any(|name| right.contains(name));
    if is_of_sizes { Vec::new() } else { signs.map(turned).collect() }
}

/// What is wrong with each law, if anything.
fn failures(laws: &Laws) -> Vec<String> {
    let judge = |law| judge(laws, law).err().map(|problem| format!("{}: {problem}", law.name));
    laws.rows().iter().filter_map(judge).collect()
}

fn judge(laws: &Laws, law: &Law) -> Result<(), String> {
    let (mut formula, whole, operand) = instance(law)?;
    let bindings = fitting(laws, law, &formula, whole, operand)?;
    let shape = formula.shape(whole).clone();
    let incoming = formula.variable(Variable::new("df/dG", shape));
    let answer = law.apply(&mut formula, &bindings, whole, incoming).map_err(|error| format!("{error:?}"))?;
    if formula.shape(answer) != formula.shape(operand) {
        return Err(format!("its shape is {}", formula.shape(answer)));
    }

    let Node::Variable(x) = formula.node(operand).clone() else { return Err("no operand".to_owned()) };
    let mut point: Point<Precise> = Draw::new(7).point(&formula, &[whole], &sizes()).to();
    // Some f of G that is not linear, so that df/dG differs from entry to entry.
    let tilt = |at: usize| Precise::from(at as f64 - 1.5);
    let f = |entries: &[Precise]| {
        let terms = entries.iter().enumerate().map(|(at, g)| *g * *g / Precise::from(2.0) + tilt(at) * *g);
        terms.fold(Precise::from(0.0), |sum, term| sum + term)
    };
    let mut by_whole = value(&formula, whole, &point);
    by_whole.entries.iter_mut().enumerate().for_each(|(at, g)| *g = *g + tilt(at));

    let count = point.variables[&x.name].entries.len();
    let (mut direct, mut double_sum) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for entry in 0..count {
        let column = difference(&formula, whole, &x.name, entry, &point, STEP);
        let products = column.iter().zip(&by_whole.entries).map(|(a, b)| *a * *b);
        double_sum.push(products.fold(Precise::from(0.0), |sum, product| sum + product));
        let f_at = |by: f64| {
            let mut moved = point.clone();
            let place = &mut moved.variables.get_mut(&x.name).unwrap().entries[entry];
            *place = *place + Precise::from(by);
            vec![f(&value(&formula, whole, &moved).entries)]
        };
        direct.extend(quotients(STEP, f_at));
    }
    point.variables.insert(Name::from("df/dG"), by_whole);
    let answer = value(&formula, answer, &point).entries;
    for (judge, right) in [("differences", direct), ("the double sum", double_sum)] {
        let error = error(&answer, &right);
        if error.is_nan() || error > RIGHT {
            let show = |entries: &[Precise]| entries.iter().map(|entry| entry.value()).collect::<Vec<_>>();
            let (right, answer) = (show(&right), show(&answer));
            return Err(format!("{judge} give {right:?}, it gives {answer:?} ({error:?})"));
        }
    }
    Ok(())
}

/// The law must be the first to fit its own pattern, else it is never used.
fn fitting(
    laws: &Laws,
    law: &Law,
    formula: &Formula,
    whole: NodeId,
    operand: NodeId,
) -> Result<Bindings, String> {
    let depends = formula.depends_on(&[operand]);
    let varies = |id: NodeId| depends[id.index()];
    let children = formula.node(whole).children();
    let place = children.iter().position(|child| varies(*child)).ok_or("no operand")?;
    match laws.fitting(formula, whole, place, &varies) {
        None => Err("no law fits its pattern".to_owned()),
        Some((first, _)) if first.statement != law.statement => {
            Err(format!("{} comes before it", first.statement))
        }
        Some((_, bindings)) if bindings.operand != operand => Err("it finds another operand".to_owned()),
        Some((_, bindings)) => Ok(bindings),
    }
}

/// G and X of a law, its letters as variables, sizes standing for themselves. An exponent is the number 3, and a function
/// letter is a function that treats each argument differently.
fn instance(law: &Law) -> Result<(Formula, NodeId, NodeId), String> {
    let mut formula = Formula::new();
    add_matrix_functions(&mut formula);
    let mut bindings = Bindings {
        operand: formula.number(Number::ONE),
        letters: Vec::new(),
        function: None,
        sizes: sizes().into_keys().map(|name| (name.clone(), Size::named(name))).collect(),
    };
    for (letter, shape) in &law.shapes {
        let exponent =
            matches!(&law.pattern, Expression::Power(pair) if pair[1] == Expression::Name(letter.clone()));
        let id = if exponent {
            formula.number(Number::integer(3))
        } else {
            formula.variable(Variable::new(letter.clone(), shape.clone()))
        };
        bindings.letters.push((letter.clone(), Part::Value(id)));
    }
    if let Expression::Call(call) = &law.pattern
        && is_letter(&call.function)
    {
        let function = match law.is_to_scalar() {
            true => judge_functional(&mut formula),
            false => judge_function(&mut formula, call.arguments.len()),
        };
        let apply = Apply { function, marks: Vec::new(), arguments: Vec::new() };
        bindings.function = Some((call.function.clone(), apply));
    }
    let Some(Part::Value(operand)) = bindings.letter(&law.operand).cloned() else {
        return Err("the shape of its operand is not declared".to_owned());
    };
    let pattern = Law { derivative: law.pattern.clone(), ..law.clone() };
    let whole = pattern
        .apply(&mut formula, &bindings, operand, operand)
        .map_err(|error| format!("`G = ...` cannot be built: {error:?}"))?;
    Ok((formula, whole, operand))
}

/// `sin(x)`, `sin(x)*exp(y)` or `sin(x)*exp(y)*z^2`, with its slopes.
fn judge_function(formula: &mut Formula, count: usize) -> FunctionId {
    let [x, y, z] = ["x", "y", "z"].map(|name| Variable::new(name, Shape::scalar()));
    let (x, y, z) = (formula.variable(x), formula.variable(y), formula.variable(z));
    let call = |formula: &mut Formula, primitive: Primitive, argument: NodeId| {
        let function = formula.primitive(primitive);
        formula.apply(function, &[], &[argument]).unwrap()
    };
    let (sin, cos) = (
        call(formula, Primitive::named("sin").unwrap(), x),
        call(formula, Primitive::named("cos").unwrap(), x),
    );
    let exp = call(formula, Primitive::EXP, y);
    let two = formula.number(Number::integer(2));
    let (square, double) = (formula.power(z, two).unwrap(), formula.scale(two, z).unwrap());
    let rows: [&[&[NodeId]]; 3] = [
        &[&[sin], &[cos]],
        &[&[sin, exp], &[cos, exp], &[sin, exp]],
        &[&[sin, exp, square], &[cos, exp, square], &[sin, exp, square], &[sin, exp, double]],
    ];
    let mut values = rows[count - 1].iter().map(|factors| formula.times(factors).unwrap());
    let body = Body::Defined(values.next().unwrap());
    let slopes = values.zip(0_u8..).map(|(slope, mark)| (vec![mark], slope)).collect();
    formula.add_function(Function {
        name: Name::from("judge"),
        parameters: ["x", "y", "z"][..count].iter().map(|name| Name::from(*name)).collect(),
        settings: Vec::new(),
        signature: None,
        body,
        slopes,
        stable: None,
        latex: None,
        code: Default::default(),
        portable: false,
    })
}

/// `sum(sin(X))` of a matrix X, with its gradient.
fn judge_functional(formula: &mut Formula) -> FunctionId {
    let size = |name: &str| Size::named(Name::from(name));
    let shape = Shape::new(size("m"), size("n"));
    let x = formula.variable(Variable::new("X", shape.clone()));
    let (sin, cos) = (Primitive::named("sin").unwrap(), Primitive::named("cos").unwrap());
    let [sin, cos] = [sin, cos].map(|primitive| {
        let function = formula.primitive(primitive);
        formula.apply(function, &[], &[x]).unwrap()
    });
    let [rows, cols] = ["m", "n"].map(|name| formula.ones(Shape::column(size(name))));
    let rows = formula.transpose(rows);
    let body = crate::scalars::product(formula, &[rows, sin, cols]).unwrap();
    formula.add_function(Function {
        name: Name::from("whole"),
        parameters: vec![Name::from("X")],
        settings: Vec::new(),
        signature: Some(formula::Signature {
            parameters: vec![shape],
            result: Shape::scalar(),
            axis: Vec::new(),
        }),
        body: Body::Defined(body),
        slopes: [(vec![0], cos)].into_iter().collect(),
        stable: None,
        latex: None,
        code: Default::default(),
        portable: false,
    })
}

/// The kinds of node, each by a number, that have operands; `None` for what has none. A new kind has no number here, so that
/// it does not compile before it has one and a sample below.
fn kind_with_operands(node: &Node) -> Option<usize> {
    match node {
        Node::Number(_) | Node::Size(_) | Node::Variable(_) | Node::Constant(..) | Node::Commutation(_) => {
            None
        }
        Node::Add(_) => Some(0),
        Node::Product(_) => Some(1),
        Node::Scale(_) => Some(2),
        Node::Times(_) => Some(3),
        Node::Apply(_) => Some(4),
        Node::Transpose(_) => Some(5),
        Node::Norm(_) => Some(6),
        Node::Unvec(..) => Some(7),
        Node::Kronecker(_) => Some(8),
        Node::Call(_) => Some(9),
        Node::Block(Direction::Across, _) => Some(10),
        Node::Block(Direction::Down, _) => Some(11),
        Node::Part(Range { direction: Direction::Across, .. }) => Some(12),
        Node::Part(Range { direction: Direction::Down, .. }) => Some(13),
        Node::Operator(operator, _) => {
            Operator::ALL.iter().position(|known| known == operator).map(|at| 14 + at)
        }
    }
}

#[test]
fn every_kind_of_node_has_a_law_by_each_operand() {
    let mut f = Formula::new();
    add_matrix_functions(&mut f);
    let softmax = f.find_function("softmax", &[]).unwrap();
    let size = |name: &str| Size::named(Name::from(name));
    let mut square = |name: &str| f.variable(Variable::new(name, Shape::new(size("n"), size("n"))));
    let (x, y, z) = (square("X"), square("Y"), square("Z"));
    let a = f.variable(Variable::new("a", Shape::scalar()));
    let w = f.variable(Variable::new("w", Shape::column(size("n"))));
    let long = f.variable(Variable::new("v", Shape::column(size("m").multiply(&size("n")))));
    let judges = [1, 2, 3].map(|count| judge_function(&mut f, count));
    let mut samples = vec![
        f.add(&[x, y, z]).unwrap(),
        f.product(&[x, y, z]).unwrap(),
        f.product(&[x, w]).unwrap(),
        f.scale(a, x).unwrap(),
        f.scale(a, a).unwrap(),
        f.times(&[x, y, z]).unwrap(),
        f.power(x, y).unwrap(),
        f.transpose(x),
        f.norm(x),
        f.unvec(long, Shape::new(size("m"), size("n"))).unwrap(),
        f.kronecker(x, y),
        f.call(softmax, &[x]).unwrap(),
        f.block(Direction::Across, &[x, y, z]).unwrap(),
        f.block(Direction::Down, &[x, y]).unwrap(),
        f.part(x, Direction::Across, Size::number(1), size("p")).unwrap(),
        f.part(x, Direction::Down, Size::number(0), size("p")).unwrap(),
    ];
    for (count, judge) in (1..).zip(judges) {
        samples.push(f.apply(judge, &[], &[x, y, z][..count]).unwrap());
    }
    for operator in Operator::ALL {
        let of = if operator == Operator::DiagonalMatrix { w } else { x };
        samples.push(f.operator(operator, of).unwrap());
    }
    let mut seen: Vec<usize> = samples.iter().filter_map(|id| kind_with_operands(f.node(*id))).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, (0..14 + Operator::ALL.len()).collect::<Vec<_>>(), "a sample of every kind");
    for id in samples {
        for place in 0..f.node(id).children().len() {
            let fitting = Laws::standard().fitting(&f, id, place, &|_| true);
            assert!(fitting.is_some(), "{:?} by operand {}", f.node(id), place + 1);
        }
    }
}
