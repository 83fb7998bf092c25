//! Random values of variables with declared properties: the formulas of the table of properties, on random matrices.

use formula::{Formula, Matrix, Node, NodeId, Point, Properties, Real, Sizes, Variable};
use std::collections::HashMap;
use std::sync::OnceLock;
use syntax::{Bearer, Library, Property, Scaled, Source};

/// A value with these properties from any value of its shape. What a row has no value for stays as it is.
pub(crate) fn with_properties(value: Matrix, properties: Properties) -> Matrix {
    let mut value = value;
    for row in syntax::told(properties) {
        if let Some((formula, root)) = texts(row).and_then(|texts| texts.draw.as_ref())
            && let Ok(drawn) = of(formula, *root, &value)
        {
            value = drawn;
        }
    }
    value
}

/// A point in numbers of another kind, in which variables have their properties to the last digit that those numbers have: what is
/// claimed may rest on them.
pub(crate) fn exactly<T: Real>(point: &Point, inputs: &[Variable]) -> Point<T> {
    /// So often the distance from the property is squared.
    const STEPS: usize = 2;
    let mut exact = point.to::<T>();
    for input in inputs.iter().filter(|input| !input.properties.is_empty()) {
        let Some(value) = exact.variables.get_mut(&input.name) else { continue };
        for row in syntax::told(input.properties) {
            let Some((formula, root)) = texts(row).and_then(|texts| texts.exact.as_ref()) else { continue };
            for _ in 0..STEPS {
                if let Ok(nearer) = of(formula, *root, value) {
                    *value = nearer;
                }
            }
        }
    }
    exact
}

/// By which factors a value with these properties can be multiplied and still have them.
pub(crate) fn scaled_by(properties: Properties) -> Scaled {
    let rows = syntax::told(properties);
    let all = |fits: fn(Scaled) -> bool| rows.iter().all(|row| fits(row.scaled));
    match (all(|scaled| scaled == Scaled::Any), all(|scaled| scaled != Scaled::Never)) {
        (true, _) => Scaled::Any,
        (false, true) => Scaled::Positive,
        (false, false) => Scaled::Never,
    }
}

/// What a formula in X of `m x n` is at a value.
fn of<T: Real>(formula: &Formula, root: NodeId, value: &Matrix<T>) -> Result<Matrix<T>, formula::NoValue> {
    let sizes: Sizes = [("m".into(), value.rows), ("n".into(), value.cols)].into();
    let mut point = Point { sizes, ..Point::default() };
    point.variables.insert("X".into(), value.clone());
    Ok(formula.evaluate(&[root], &point)?.swap_remove(0))
}

/// A value with the property of a row from a variable, in the variable's own arena; `None` where nothing of its shape has it.
pub(crate) fn drawn(formula: &mut Formula, variable: NodeId, row: &Property) -> Option<NodeId> {
    /// A name that nobody gives a variable.
    const ANY: &str = "any_value_of_its_shape";
    let shape = formula.shape(variable).clone();
    let is_vector = shape.is_column() || shape.rows.is_one();
    let fits = match row.of {
        Bearer::Any => true,
        Bearer::Square => shape.is_square(),
        Bearer::Vector => is_vector,
        Bearer::Matrix => !is_vector,
    };
    if !fits || formula.is_scalar(variable) {
        return None;
    }
    let word = |word: &str| match word {
        "X" => ANY.to_owned(),
        "m" => format!("({})", shape.rows),
        "n" => format!("({})", shape.cols),
        _ => word.to_owned(),
    };
    let mut text = String::new();
    for part in row.draw.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let end = part.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(part.len());
        text += &word(&part[..end]);
        text += &part[end..];
    }
    let declarations = format!("{ANY}: {} x {}", shape.rows, shape.cols);
    let read = syntax::parse(Source { text: &text, declarations: &declarations }, &Library::standard())
        .ok()?
        .formula;
    let root = formula.graft(&read, &[read.result()?]).pop()?;
    let of = formula.variables(&[root]);
    let of = of.into_iter().find(|id| matches!(formula.node(*id), Node::Variable(v) if &*v.name == ANY))?;
    formula.substitute(root, &mut HashMap::from([(of, variable)])).ok()
}

/// The texts of a row as formulas in X, where it has them.
struct Texts {
    name: &'static str,
    draw: Option<(Formula, NodeId)>,
    exact: Option<(Formula, NodeId)>,
}

fn texts(row: &Property) -> Option<&'static Texts> {
    static TEXTS: OnceLock<Vec<Texts>> = OnceLock::new();
    let all = TEXTS.get_or_init(|| {
        let library = Library::standard();
        let texts = |row: &Property| Texts {
            name: row.name,
            draw: read(row, row.draw, &library),
            exact: read(row, row.exact, &library),
        };
        syntax::properties().iter().map(texts).collect()
    });
    all.iter().find(|texts| texts.name == row.name)
}

/// A text of a row as a formula.
fn read(row: &Property, text: &str, library: &Library) -> Option<(Formula, NodeId)> {
    let declarations = if row.of == Bearer::Square { "X: n x n, v: n" } else { "X: m x n, v: n" };
    let formula = syntax::parse(Source { text, declarations }, library).ok()?.formula;
    let root = formula.result()?;
    Some((formula, root))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether what a row says holds of a value, at any column v.
    fn holds(row: &Property, value: &Matrix, v: &Matrix) -> bool {
        let library = Library::standard();
        let (left, right) = row.holds.split_once(" = ").unwrap_or((row.holds, "1"));
        let side = |text: &str| {
            let (formula, root) = read(row, text, &library).unwrap_or_else(|| panic!("{text} is read"));
            let sizes: Sizes = [("m".into(), value.rows), ("n".into(), value.cols)].into();
            let mut point = Point { sizes, ..Point::default() };
            point.variables.extend([("X".into(), value.clone()), ("v".into(), v.clone())]);
            formula.evaluate(&[root], &point).unwrap().swap_remove(0)
        };
        let (left, right) = (side(left), side(right));
        let other = |at: usize| right.entries.get(at).or(right.entries.first()).copied().unwrap_or(f64::NAN);
        left.entries.iter().enumerate().all(|(at, entry)| (entry - other(at)).abs() < 1e-9)
    }

    fn shapes(of: Bearer) -> &'static [(usize, usize)] {
        match of {
            Bearer::Any => &[(3, 4), (4, 1), (1, 3)],
            Bearer::Square => &[(4, 4), (2, 2)],
            Bearer::Vector => &[(5, 1), (1, 4)],
            Bearer::Matrix => &[(3, 4), (4, 2)],
        }
    }

    fn random(rows: usize, cols: usize, seed: u64) -> Matrix {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 52) as f64 * 2.0 - 2.0
        };
        Matrix { rows, cols, entries: (0..rows * cols).map(|_| next()).collect() }
    }

    #[test]
    fn what_a_row_says_holds_of_what_it_draws() {
        for row in syntax::properties() {
            for &(rows, cols) in shapes(row.of) {
                for seed in 1..6 {
                    let (base, v) = (random(rows, cols, seed), random(cols, 1, seed + 50));
                    let drawn = with_properties(base.clone(), row.with_implied);
                    for implied in row.with_implied.rows() {
                        let implied = &syntax::properties()[implied];
                        assert!(holds(implied, &drawn, &v), "{} of {}: {drawn:?}", implied.name, row.name);
                    }
                }
                let says_something =
                    (1..30).any(|seed| !holds(row, &random(rows, cols, seed), &random(cols, 1, seed + 50)));
                assert!(says_something, "`{}` is true of any value: {}", row.name, row.holds);
            }
        }
    }

    #[test]
    fn rows_that_can_stand_together_are_drawn_together() {
        let library = Library::standard();
        let mut together = 0;
        for (at, first) in syntax::properties().iter().enumerate() {
            for second in &syntax::properties()[..at] {
                let shape = match (first.of, second.of) {
                    (Bearer::Square, _) | (_, Bearer::Square) => "n x n",
                    (Bearer::Vector, _) => "n",
                    _ => "m x n",
                };
                let declarations = format!("X: {shape} {} {}", second.name, first.name);
                let Ok(parsed) = syntax::parse(Source { text: "X", declarations: &declarations }, &library)
                else {
                    continue;
                };
                together += 1;
                let variable = crate::sample::variables(&parsed.formula, &[parsed.formula.result().unwrap()]);
                let properties = variable[0].properties;
                let (rows, cols) = if shape == "n" { (4, 1) } else { (3, 3) };
                for seed in 1..6 {
                    let drawn = with_properties(random(rows, cols, seed), properties);
                    for place in properties.rows() {
                        let row = &syntax::properties()[place];
                        let v = random(cols, 1, seed + 9);
                        assert!(holds(row, &drawn, &v), "{declarations}: {}: {drawn:?}", row.name);
                    }
                }
            }
        }
        assert!(together >= 20, "{together}");
    }

    #[test]
    fn what_is_claimed_may_rest_on_a_property() {
        let library = Library::standard();
        for row in syntax::properties().iter().filter(|row| !row.exact.is_empty()) {
            for &(rows, cols) in shapes(row.of) {
                let drawn = with_properties(random(rows, cols, 7), row.with_implied);
                let sizes: Sizes = [("m".into(), rows), ("n".into(), cols)].into();
                let mut point = Point { sizes, ..Point::default() };
                point.variables.insert("X".into(), drawn);
                let (left, right) = row.holds.split_once(" = ").unwrap();
                let (formula, difference) = read(row, &format!("{left} - ({right})"), &library).unwrap();
                let shape =
                    formula::Shape::new(formula::Size::named("m".into()), formula::Size::named("n".into()));
                let inputs = [Variable { name: "X".into(), shape, properties: row.with_implied }];
                let exact = exactly::<formula::Precise>(&point, &inputs);
                let values = formula.evaluate(&[difference], &exact).unwrap().swap_remove(0);
                assert!(values.entries.iter().all(|entry| !entry.is_apart_from_zero()), "{}", row.name);
            }
        }
    }

    #[test]
    fn what_a_row_says_of_factors_is_true() {
        for row in syntax::properties() {
            for &(rows, cols) in shapes(row.of) {
                let (base, v) = (random(rows, cols, 3), random(cols, 1, 4));
                let drawn = with_properties(base, row.with_implied);
                let scaled = |factor: f64| holds(row, &drawn.map(|entry| factor * entry), &v);
                let want = (row.scaled == Scaled::Any, row.scaled != Scaled::Never);
                assert_eq!((scaled(-2.0), scaled(2.0)), want, "{}", row.name);
            }
        }
    }
}
