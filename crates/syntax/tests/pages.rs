//! Pages: those shipped say what is true, and those of a user go the same way.

use chainrule_syntax::{Kind, Library, Source, optimizer, parse, schedule};
use formula::{Body, Formula, Matrix, Name, NodeId, Number, Point, Primitive, Sizes};
use std::collections::BTreeMap;

/// The value of a formula where every name is a number.
fn value(formula: &Formula, root: NodeId, names: &BTreeMap<&str, f64>) -> f64 {
    let variables = names.iter().map(|(name, value)| (Name::from(*name), Matrix::scalar(*value)));
    let point = Point { sizes: Sizes::from([(Name::from("k"), 1)]), variables: variables.collect() };
    formula.evaluate(&[root], &point).expect("a value")[0].at(0, 0)
}

fn near(a: f64, b: f64, tolerance: f64, what: &str) {
    let is_near = (a - b).abs() <= tolerance * b.abs().max(1.0);
    assert!(is_near || b.is_nan(), "{what}: {a} is not {b}");
}

/// Every function at a few points away from kinks, where it has a value: its slopes against differences, its stable form against its body.
#[test]
fn slopes_and_stable_forms_of_pages_and_primitives_hold() {
    let library = Library::standard();
    for name in library.names(Kind::Function) {
        let mut formula = Formula::new();
        let id = match library.function(&mut formula, &name) {
            Ok(id) => id,
            // A function of matrices that formulas do not keep.
            Err(error) if error.message().contains("written out") => continue,
            Err(error) => panic!("{}", error.render()),
        };
        let function = formula.function(id).clone();
        if function.signature.is_some() {
            continue;
        }
        let names: Vec<&str> = function.parameters.iter().map(|name| name.as_str()).collect();
        for point in [[0.3, 0.7, 0.1], [0.8, 0.25, 0.6], [0.55, 0.9, 0.3], [1.7, 2.3, 1.2]] {
            let at = |point: [f64; 3]| names.iter().copied().zip(point).collect::<BTreeMap<_, _>>();
            let variables: Vec<NodeId> = names
                .iter()
                .map(|name| formula.variable(formula::Variable::new(*name, formula::Shape::scalar())))
                .collect();
            let body = formula.apply(id, &[], &variables).unwrap();
            if let Some(stable) = function.stable {
                let Body::Defined(plain) = function.body else { panic!("{name} is a page") };
                let (a, b) = (value(&formula, stable, &at(point)), value(&formula, plain, &at(point)));
                near(a, b, 1e-12, &name);
            }
            for (marks, slope) in &function.slopes {
                let moved = |by: f64| {
                    let mut moved = point;
                    moved[usize::from(marks[0])] += by;
                    at(moved)
                };
                let step = 1e-5;
                let difference = value(&formula, body, &moved(step)) - value(&formula, body, &moved(-step));
                near(value(&formula, *slope, &at(point)), difference / (2.0 * step), 1e-8, &name);
            }
        }
    }
}

#[test]
fn every_primitive_gets_the_slopes_of_its_row() {
    let library = Library::standard();
    for primitive in Primitive::all() {
        let mut formula = Formula::new();
        let id = library.primitive(&mut formula, primitive).unwrap();
        assert_eq!(formula.function(id).slopes.len(), primitive.row().slopes.len());
        let unready = formula.functions().find(|(_, function)| function.slopes.is_empty());
        assert!(unready.is_none(), "{}", primitive.row().name);
    }
}

#[test]
fn a_users_function_goes_the_same_way() {
    let mut library = Library::standard();
    assert_eq!(library.define("swish2(x) = x .* sigmoid(2*x), cube(x) = x^3").unwrap().len(), 2);
    let page = "# Twice.\nfunction twice(x) = 2*x\n    slope 2\n    latex \\operatorname{twice}\n    check twice(1) = 2\n\nthrice(x) = x + twice(x)";
    assert_eq!(library.define(page).unwrap().len(), 2);
    let parsed = parse("sum(swish2(cube(X)))", &library).unwrap();
    let used = library.definitions_used(&parsed.formula).unwrap();
    let names: Vec<&str> = used.iter().map(|page| page.name.as_str()).collect();
    assert_eq!(names, ["cube", "sigmoid", "swish2"]);
    // What a model stores reads back in another library.
    let text: Vec<String> = used.into_iter().map(|page| page.text).collect();
    let mut other = Library::standard();
    other.define(&text.join("\n")).unwrap();
    assert_eq!(parse("sum(swish2(cube(X)))", &other).unwrap().formula.lines, parsed.formula.lines);
    assert!(library.text("twice")[0].text.starts_with("# Twice."));
    assert!(library.text("tanh")[0].text.contains("1 - tanh(x)^2"));
    assert_eq!(library.text("mae").len(), 2);
    assert!(library.names(Kind::Function).iter().any(|name| &**name == "swish2"));
}

#[test]
fn a_users_page_hides_a_shipped_one() {
    let mut library = Library::standard();
    library.define("sigmoid(x) = x/2").unwrap();
    let formula = parse("sigmoid(3)", &library).unwrap().formula;
    let function = formula.functions().find(|(_, function)| &*function.name == "sigmoid").unwrap().1;
    assert!(function.stable.is_none());
}

#[test]
fn a_page_may_mention_itself_in_its_slope_only() {
    let mut library = Library::standard();
    assert!(library.define("function e1(x) = exp(x)\n    slope e1(x)").is_ok());
    let refused = |text: &str, want: &str| {
        let mut scratch = library.clone();
        let error = scratch.define(text).unwrap_err().to_string();
        assert!(error.contains(want), "{text}: {error}");
    };
    refused("u1(x) = u1(x)", "defined through itself");
    refused("u1(x) = u2(x)\nu2(x) = u1(x)", "defined through itself");
    refused("u1(x) = x*sum(x)", "looks at a whole matrix");
    refused("u1(x) = x*y", "`y` is not known here");
    refused("function u1(x) = x\n    slope 1\n    wobble", "no operator");
    refused("u1(x; k = y) = k*x", "no number");
    refused("norm(x) = x", "has a meaning already");
    refused("u1(x) = x^2\n  code cobol x", "the languages are `numpy`, `jax`, `pytorch`");
    refused("u1(x) = x^2\ncode numpy x", "indent it");
    refused("u1(x) = x^2\n  latex \u{1b}[2J", "control character");
    refused("loss l1(A, Y) = A", "shapes");
    refused("loss l1(A: m x q, Y: m x q) = A - Y", "one number");
    refused("optimizer o(W, G, t; rate = 1)\n    W <- G'*G*W + V", "`V` is not known");
    refused("optimizer o(W, G, t; rate = 1)\n    V <- G", "neither the weights nor a state");
    refused("optimizer o(W, G, t)\n    W <- G", "no setting `rate`");
    refused("schedule s(x) = x", "write `(u)`");
    refused("function u1(x: n) = x\n    slope 1", "no line `slope`");
    refused("function u1(X: m x n, 2) = u1(X, 2)", "defined through itself");
    refused("function u1(X: m x n) = u1(X, 2)\nfunction u1(X: m x n, 2) = u1(X)", "defined through itself");
    refused("u1(x, 2) = x", "shapes");
    refused("u1(X: m x n, 0) = X", "1 or 2");
    refused("", "no definition");
    let chain: String = (1..100).map(|i| format!("u{i}(x) = u{}(x)\n", i - 1)).collect();
    refused(&("u0(x) = x\n".to_owned() + &chain), "deeper");
}

#[test]
fn a_formula_without_a_name_becomes_a_function_or_a_loss() {
    let mut library = Library::standard();
    let used = library.anonymous_function("x .* sigmoid(2*x)", "g1").unwrap();
    assert_eq!(used.on(&["Z1"]), "g1(Z1)");
    assert_eq!(library.anonymous_function("x .* sigmoid(2*x)", "g1").unwrap(), used);
    assert_eq!(&*library.anonymous_function("z + 1", "g1").unwrap().name, "g12");
    assert_eq!(library.anonymous_function("relu", "g").unwrap().to_string(), "relu");
    assert_eq!(library.anonymous_function("tanh", "g").unwrap().on(&["Z"]), "tanh(Z)");
    let leaky = library.anonymous_function("leaky_relu(slope = 0.2)", "g").unwrap();
    assert_eq!(leaky.on(&["Z1"]), "leaky_relu(Z1, slope = 0.2)");
    assert!(library.anonymous_function("x + y", "g").unwrap_err().to_string().contains("`x` and `y`"));
    assert!(library.anonymous_function("2 + 2", "g").is_err());
    assert!(library.anonymous_function("rleu", "g").unwrap_err().to_string().contains("`relu`"));
    let loss = library.anonymous_loss("sum(log(cosh(A - Y)))/m", "loss").unwrap();
    let text = loss.on(&["g1(X*W)", "Y"]);
    let parsed = parse(Source { text: &text, declarations: "Y: m x q" }, &library).unwrap();
    assert!(parsed.formula.result().is_some());
    assert!(library.anonymous_loss("A - Y", "l").unwrap_err().to_string().contains("one number"));
    assert!(library.anonymous_loss("norm(A - B)", "l").unwrap_err().to_string().contains("`B` is not known"));
    assert_eq!(library.choose(Kind::Metric, "rmse").unwrap().on(&["A", "Y"]), "rmse(A, Y)");
    assert!(library.choose(Kind::Loss, "huber(delta = 2)").is_ok());
    assert!(library.choose(Kind::Loss, "hubber").unwrap_err().to_string().contains("`huber`"));
}

#[test]
fn adam_takes_the_step_of_its_paper() {
    let library = Library::standard();
    let adam = optimizer("adam(beta1 = 0.8, rate = 0.01)", &library).unwrap();
    assert_eq!(adam.rate.value, Number::decimal("0.01").unwrap());
    assert_eq!(adam.settings.len(), 3);
    assert_eq!(adam.states.len(), 2);
    let lines: Vec<(String, NodeId)> =
        adam.formula.lines.iter().map(|line| (line.name.to_string(), line.value)).collect();
    assert_eq!(lines.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["M", "V", "W"]);
    // The third step of one weight, by hand.
    let one = Sizes::from([(Name::from("k"), 1)]);
    assert_eq!(adam.formula.shape(lines[2].1).rows.evaluate(&one), Ok(1));
    let names =
        BTreeMap::from([("W", 0.5), ("G", -0.3), ("M", 0.1), ("V", 0.02), ("t", 3.0), ("rate", 0.01)]);
    let (m, v) = (0.8 * 0.1 - 0.2 * 0.3, 0.999 * 0.02 + 0.001 * 0.09);
    let (first, second): (f64, f64) =
        (m / (1.0 - 0.8_f64 * 0.8 * 0.8), v / (1.0 - 0.999_f64 * 0.999 * 0.999));
    let wanted = [m, v, 0.5 - 0.01 * first / (second.sqrt() + 1e-8)];
    for ((name, line), wanted) in lines.iter().zip(wanted) {
        near(value(&adam.formula, *line, &names), wanted, 1e-12, name);
    }
    assert!(optimizer("adma", &library).unwrap_err().to_string().contains("`adam`"));
    assert!(optimizer("adam(beta3 = 1)", &library).is_err());
    let cosine = schedule("cosine(end = 0.5)", &library).unwrap();
    assert_eq!(cosine.formula.lines.len(), 1);
}

#[test]
fn the_words_for_a_shape_and_for_a_property_stand_in_either_order() {
    let library = Library::standard();
    for (one, other) in [
        ("x: positive scalar", "x: scalar positive"),
        ("x: positive vector", "x: vector positive"),
        ("x: positive definite matrix", "x: matrix positive definite"),
    ] {
        let echo = |declared: &str| {
            chainrule_syntax::parse(format!("{declared}\nx'*x").as_str(), &library).unwrap().echo
        };
        assert_eq!(echo(one).replace(one, other), echo(other), "{one}");
    }
    for (wrong, mend) in
        [("x: positive n", "`n positive`"), ("x: scalar positive scalar", "leave out `scalar`")]
    {
        let error =
            chainrule_syntax::parse(format!("{wrong}\nx'*x").as_str(), &library).unwrap_err().to_string();
        assert!(error.contains(mend), "{error}");
    }
}
