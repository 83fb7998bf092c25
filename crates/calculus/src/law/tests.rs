//! Every law of the table, judged on numbers: by central differences and by the multivariable chain rule
//! `df/dX_ij = sum over k, l of df/dG_kl * dG_kl/dX_ij`.

use super::*;
use crate::matching::Bindings;
use crate::simplify::testing::{Matrix, Reader, Values, evaluate, library, relative_error};
use formula::{Body, Formula, Function, Node, NodeId, Variable};

#[test]
fn every_law_matches_differences_and_the_double_sum() {
    assert_eq!(failures(Laws::standard()), Vec::<String>::new());
    assert!(Laws::standard().rows().len() > 15, "the table is there");
}

#[test]
fn every_law_is_caught_when_it_is_wrong() {
    for (number, law) in Laws::standard().rows().iter().enumerate() {
        let laws = Laws::parse(&scaled(&standard_text(), number)).unwrap();
        let failures = failures(&laws);
        println!("1.001 times {}: {}", law.name, failures.join("; "));
        assert_eq!(failures.len(), 1, "{}: {failures:?}", law.name);
        assert!(failures[0].starts_with(&*law.name), "{}: {failures:?}", law.name);
    }
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

/// The text of laws with the law of this number, counted from 0, multiplied by 1.001.
fn scaled(text: &str, number: usize) -> String {
    let mut seen = 0;
    let mut lines = Vec::new();
    for line in text.lines() {
        let row = line.split('#').next().unwrap();
        if row.trim().is_empty() {
            continue;
        }
        let column = row.rfind("  df/d").unwrap();
        let (by, derivative) = row[column..].split_once('=').unwrap();
        let factor = if seen == number { "1.001" } else { "1" };
        lines.push(format!("{}  {by}= {factor}*({})", &row[..column], derivative.trim()));
        seen += 1;
    }
    lines.join("\n")
}

/// What is wrong with each law, if anything.
fn failures(laws: &Laws) -> Vec<String> {
    let judge = |law| judge(laws, law).err().map(|problem| format!("{}: {problem}", law.name));
    laws.rows().iter().filter_map(judge).collect()
}

fn judge(laws: &Laws, law: &Law) -> Result<(), String> {
    let (mut formula, whole, operand) = instance(law);
    let bindings = fitting(laws, law, &formula, whole, operand)?;
    let shape = formula.shape(whole).clone();
    let incoming = formula.variable(Variable::new("df/dG", shape));
    let answer = law.apply(&mut formula, &bindings, whole, incoming).map_err(|error| format!("{error:?}"))?;
    if formula.shape(answer) != formula.shape(operand) {
        return Err(format!("its shape is {}", formula.shape(answer)));
    }

    let Node::Variable(x) = formula.node(operand).clone() else { return Err("no operand".to_owned()) };
    let mut values = Values::new(7, &[("m", 3), ("n", 4), ("p", 2), ("q", 5)]);
    let start = values.variable(&x);
    let mut whole_at = |entry: usize, by: f64| {
        let mut moved = start.clone();
        moved.data[entry] += by;
        values.set(&x.name, moved);
        evaluate(&formula, whole, &values)
    };
    // Some f of G that is not linear, so that df/dG differs from entry to entry.
    let f = |g: &Matrix| -> f64 {
        g.data.iter().enumerate().map(|(at, g)| g * g / 2.0 + (at as f64 - 1.5) * g).sum()
    };
    let step = 1e-5;
    let quotient = |above: f64, below: f64| (above - below) / (2.0 * step);

    let g = whole_at(0, 0.0);
    let mut by_whole = g.clone();
    for entry in 0..g.data.len() {
        let moved = |by: f64| {
            let mut moved = g.clone();
            moved.data[entry] += by;
            f(&moved)
        };
        by_whole.data[entry] = quotient(moved(step), moved(-step));
    }
    let (mut direct, mut double_sum) = (start.clone(), start.clone());
    for entry in 0..start.data.len() {
        let (above, below) = (whole_at(entry, step), whole_at(entry, -step));
        direct.data[entry] = quotient(f(&above), f(&below));
        let parts = above.data.iter().zip(&below.data).zip(&by_whole.data);
        double_sum.data[entry] = parts.map(|((above, below), by)| by * quotient(*above, *below)).sum();
    }
    values.set(&x.name, start);
    values.set(&Name::from("df/dG"), by_whole);
    let answer = evaluate(&formula, answer, &values);
    for (judge, right) in [("differences", direct), ("the double sum", double_sum)] {
        match relative_error(&answer, &right) {
            Some(error) if error < 1e-7 => {}
            error => {
                return Err(format!("{judge} give {:?}, it gives {:?} ({error:?})", right.data, answer.data));
            }
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

/// G and X of a law, its letters as variables, read by a reader that knows nothing of laws. An exponent is the number 3, and a
/// function letter is a function that treats each argument differently.
fn instance(law: &Law) -> (Formula, NodeId, NodeId) {
    let mut reader = library();
    for (letter, shape) in &law.shapes {
        let id = reader.formula.variable(Variable::new(letter.clone(), shape.clone()));
        reader.variables.insert(letter.to_string(), id);
    }
    let operand = reader.variables[law.operand.as_str()];
    if let Expression::Power(pair) = &law.pattern
        && let Expression::Name(exponent) = &pair[1]
    {
        let three = reader.formula.number(Number::integer(3));
        reader.variables.insert(exponent.to_string(), three);
    }
    let (whole, _) = law.statement.split_once("    ").unwrap();
    let mut pattern = whole.split_once('=').unwrap().1.to_owned();
    if let Expression::Call(call) = &law.pattern
        && is_letter(&call.function)
    {
        define_functions(&mut reader);
        let name = format!("judge{}(", call.arguments.len());
        pattern = pattern.replace(&format!("{}(", call.function), &name);
    }
    let whole = reader.read(&pattern);
    (reader.formula, whole, operand)
}

/// `judge1(x) = sin(x)`, `judge2(x, y) = sin(x)*exp(y)` and `judge3(x, y, z) = sin(x)*exp(y)*z^2`, with their slopes.
fn define_functions(reader: &mut Reader) {
    let rows: [(&[&str], &str, &[&str]); 3] = [
        (&["x"], "sin(x)", &["cos(x)"]),
        (&["x", "y"], "sin(x)*exp(y)", &["cos(x)*exp(y)", "sin(x)*exp(y)"]),
        (
            &["x", "y", "z"],
            "sin(x)*exp(y)*z^2",
            &["cos(x)*exp(y)*z^2", "sin(x)*exp(y)*z^2", "sin(x)*exp(y)*2*z"],
        ),
    ];
    let letters = reader.variables.clone();
    for name in ["x", "y", "z"] {
        let id = reader.formula.variable(Variable::new(name, Shape::scalar()));
        reader.variables.insert(name.to_owned(), id);
    }
    for (parameters, body, slopes) in rows {
        let body = Body::Defined(reader.read(body));
        let slopes =
            slopes.iter().zip(0_u8..).map(|(slope, mark)| (vec![mark], reader.read(slope))).collect();
        reader.formula.add_function(Function {
            name: Name::from(format!("judge{}", parameters.len())),
            parameters: parameters.iter().map(|name| Name::from(*name)).collect(),
            settings: Vec::new(),
            signature: None,
            body,
            slopes,
            stable: None,
            latex: None,
            code: Default::default(),
            portable: false,
        });
    }
    reader.variables = letters;
}
