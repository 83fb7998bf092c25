//! A user's pages, judged before they are used: a slope that is not the body's, a stable form that is not the body, and a `check`
//! line that does not hold are refused.

mod lines;

use self::lines::{Judged, lines_hold};
use crate::{DeriveError, Library};
use formula::{
    Body, Formula, FunctionId, Matrix, Name, Node, NodeId, Point, Precise, Real, Rough, Shape, Sizes,
    Variable,
};
use std::collections::BTreeMap;
use syntax::Kind;

/// How many points a line of a page is judged at; with the sizes below, some 80 microseconds for each line.
const POINTS: usize = 48;
/// The sizes of points: most functions live near 0, some far out.
const SIZES: [f64; 6] = [0.9, 6.0, 0.9, 0.05, 40.0, 700.0];
/// The same for a page of whole matrices, each of a few entries.
const MATRIX_POINTS: usize = 8;
/// The sizes of a matrix's entries: all much alike, so that exponentials of each count.
const MATRIX_SIZES: [f64; 6] = [0.9, 3.0, 0.9, 0.05, 6.0, 2.0];
/// How far the sides of a `check` line may be apart, as a part of the right one, beside what rounds where they are computed.
const CHECKED: f64 = 1e-12;
/// So many `check` lines may the pages of a user have, and so many multiplications may they take: some tenths of a second.
const LINES: usize = 1000;
const LINES_WORK: f64 = 5e8;
/// A setting's default is judged times these, plus these: a line must hold at every setting.
const OTHER_SETTINGS: [(f64, f64); 2] = [(0.625, 0.25), (1.75, -0.125)];

/// Judges every page that a user has defined, and those of them that are used with settings of their own, such as
/// `act(slope = 0.2)`. Shipped pages are judged by tests.
///
/// # Errors
/// The first page that does not keep what it says, with the line and the numbers.
pub fn judge_own_pages<'t>(
    library: &Library,
    used: impl IntoIterator<Item = &'t str>,
) -> Result<(), DeriveError> {
    let own = library.own_pages();
    let mut left = Left::default();
    for (kind, name) in &own {
        judge_one(library, *kind, name, &mut left)?;
    }
    for text in used {
        let name = text.split('(').next().unwrap_or(text).trim();
        let is_own = own.iter().any(|(kind, own)| *kind == Kind::Function && own.as_str() == name);
        if is_own && name != text {
            judge_function(library, text)?;
        }
    }
    Ok(())
}

/// Judges the shipped functions of a formula whose pages use a user's function in the place of a shipped one.
///
/// # Errors
/// The first whose lines no longer hold, with the line and the numbers.
pub fn judge_borrowed_pages(library: &Library, formula: &Formula) -> Result<(), DeriveError> {
    if !library.hides_shipped_functions() {
        return Ok(());
    }
    let own = library.own_pages();
    for (id, function) in formula.functions() {
        let is_own_name =
            |other: &Name| own.iter().any(|(kind, name)| *kind == Kind::Function && name == other);
        let is_own = is_own_name(&function.name);
        if let Body::Primitive(_) = function.body {
            // Nothing but its slopes says what a primitive's slopes are.
            let slopes: Vec<NodeId> = function.slopes.values().copied().collect();
            let used = formula.reachable(&slopes).into_iter().find_map(|node| match formula.node(node) {
                Node::Apply(apply) => {
                    Some(&formula.function(apply.function).name).filter(|name| is_own_name(name))
                }
                _ => None,
            });
            if let Some(used) = used {
                return Err(DeriveError::Page {
                    page: function.name.clone(),
                    what: format!("its slope is written with `{used}`, and here that is a function of yours"),
                    mend: String::from("give your function a name of its own"),
                });
            }
        }
        let is_of_numbers = matches!(function.body, Body::Defined(_)) && function.signature.is_none();
        if !is_own && is_of_numbers {
            let judged = judge_known_function(formula.clone(), id, &function.name);
            judged.map_err(|error| match error {
                DeriveError::Page { page, what, .. } => DeriveError::Page {
                    page,
                    what: format!("it uses a function of yours in the place of a shipped one, and {what}"),
                    mend: String::from("give your function a name of its own"),
                },
                error => error,
            })?;
        }
    }
    Ok(())
}

/// Judges a page: its slopes and its stable form against its body, at points of several sizes, and its `check` lines.
///
/// # Errors
/// What does not hold, with the line and the numbers.
pub fn judge_page(library: &Library, kind: Kind, name: &str) -> Result<(), DeriveError> {
    judge_one(library, kind, name, &mut Left::default())
}

/// The same, of several pages whose `check` lines share what is left.
fn judge_one(library: &Library, kind: Kind, name: &str, left: &mut Left) -> Result<(), DeriveError> {
    if kind == Kind::Function && library.is_elementwise(name)? {
        judge_function(library, name)?;
        for (setting, value) in library.settings(name)? {
            for (factor, more) in OTHER_SETTINGS {
                let text = format!("{name}({setting} = {})", value.value() * factor + more);
                // Other numbers may be out of the setting's range.
                if library.function(&mut Formula::new(), &text).is_ok() {
                    judge_function(library, &text)?;
                }
            }
        }
    } else if kind == Kind::Function {
        let mut formula = Formula::new();
        for function in library.matrix_functions(&mut formula, name)? {
            judge_matrix_function(&formula, function)?;
        }
    }
    checks_hold(library, kind, name, left)
}

/// What the `check` lines of pages may still take.
struct Left {
    lines: usize,
    /// In multiplications.
    work: f64,
}

impl Default for Left {
    fn default() -> Left {
        Left { lines: LINES, work: LINES_WORK }
    }
}

/// Judges a function of numbers as a text uses it, such as `leaky_relu(slope = 0.2)`.
///
/// # Errors
/// When a slope or the stable form is not what the body says.
fn judge_function(library: &Library, text: &str) -> Result<(), DeriveError> {
    let mut formula = Formula::new();
    let function = library.function(&mut formula, text)?;
    judge_known_function(formula, function, &Name::from(text))
}

fn judge_known_function(mut formula: Formula, function: FunctionId, page: &Name) -> Result<(), DeriveError> {
    let known = formula.function(function).clone();
    let Body::Defined(body) = known.body else { return Ok(()) };
    let arguments: Vec<NodeId> = known
        .parameters
        .iter()
        .map(|name| formula.variable(Variable::new(name.clone(), Shape::scalar())))
        .collect();
    let mut lines = Vec::new();
    let at_arguments = |formula: &mut Formula, line: NodeId| {
        formula.lift(line, &known.parameters, &arguments).map_err(DeriveError::Shape)
    };
    let value = at_arguments(&mut formula, body)?;
    if let Some(stable) = known.stable {
        let given = at_arguments(&mut formula, stable)?;
        lines.push(Judged { what: "stable form", given, wanted: value });
    }
    for (marks, slope) in &known.slopes {
        let derived = derived_slope(&formula, function, marks)?;
        let derived = formula.graft(&derived.0, &[derived.1])[0];
        let (given, wanted) = (at_arguments(&mut formula, *slope)?, at_arguments(&mut formula, derived)?);
        lines.push(Judged { what: "slope", given, wanted });
    }
    let points = (0..POINTS).map(|at| point(&known.parameters, at));
    lines_hold(&mut formula, page, value, &lines, points)
}

/// Judges the stable form of a function of whole matrices.
///
/// # Errors
/// When it is not what the body says.
fn judge_matrix_function(formula: &Formula, function: FunctionId) -> Result<(), DeriveError> {
    let known = formula.function(function);
    let (Body::Defined(body), Some(stable)) = (known.body, known.stable) else { return Ok(()) };
    let lines = [Judged { what: "stable form", given: stable, wanted: body }];
    let points = (0..MATRIX_POINTS).map(|at| matrices(formula, &[stable, body], at));
    lines_hold(&mut formula.clone(), &known.name, body, &lines, points)
}

/// The slope that the body gives, whatever slopes the page gives.
fn derived_slope(
    formula: &Formula,
    function: FunctionId,
    marks: &[u8],
) -> Result<(Formula, NodeId), DeriveError> {
    let mut own = formula.clone();
    own.function_mut(function).slopes.clear();
    let slope = calculus::slope(&mut own, function, marks)?;
    Ok((own, slope))
}

/// A point with every argument at a size of its own.
fn point(parameters: &[Name], at: usize) -> Point<Precise> {
    let entry = |(place, name): (usize, &Name)| (name.clone(), Matrix::scalar(spread(place, at, SIZES)));
    let variables: BTreeMap<Name, Matrix<Precise>> = parameters.iter().enumerate().map(entry).collect();
    Point { sizes: Sizes::new(), variables }
}

/// A point for a function of whole matrices, all named sizes different and small.
fn matrices(formula: &Formula, roots: &[NodeId], at: usize) -> Point<Precise> {
    let mut point = Point::default();
    let mut place = 0;
    for id in formula.variables(roots) {
        let Node::Variable(variable) = formula.node(id) else { continue };
        for name in variable.shape.rows.names().into_iter().chain(variable.shape.cols.names()) {
            let size = 2 + (point.sizes.len() + at) % 3;
            point.sizes.entry(name).or_insert(size);
        }
        let (Ok(rows), Ok(cols)) =
            (variable.shape.rows.evaluate(&point.sizes), variable.shape.cols.evaluate(&point.sizes))
        else {
            continue;
        };
        let mut value = Matrix::from_fn(rows, cols, |_, _| Precise::from(0.0));
        for entry in &mut value.entries {
            *entry = spread(place % 4, at * 16 + place / 4, MATRIX_SIZES);
            place += 1;
        }
        point.variables.insert(variable.name.clone(), value);
    }
    point
}

/// A number off the places where people put kinks: multiples of irrational numbers, without their whole parts, fill a cube
/// evenly.
fn spread(place: usize, at: usize, sizes: [f64; 6]) -> Precise {
    const RATIOS: [f64; 4] =
        [0.618_033_988_749_895, 0.754_877_666_246_693, 0.569_840_290_998_053, 0.819_172_513_396_164];
    let spread = 2.0 * ((at + 1) as f64 * RATIOS[place % RATIOS.len()]).fract() - 1.0;
    Precise::from(sizes[(at + place * (at / sizes.len())) % sizes.len()] * spread)
}

/// Both sides of every `check` line of the pages of this kind and name.
fn checks_hold(library: &Library, kind: Kind, name: &str, left: &mut Left) -> Result<(), DeriveError> {
    let mut callable = library.clone();
    let checks = library.checks(kind, name)?;
    if kind != Kind::Function && !checks.is_empty() {
        // Called as a function is, whatever other pages have the name; a schedule can be called in no other way.
        let header = format!("{kind} {name}(");
        for page in library.text(name).into_iter().filter(|page| page.kind == kind) {
            callable.define(&page.text.replacen(&header, &format!("function {name}("), 1))?;
        }
    }
    if checks.len() > left.lines {
        return Err(DeriveError::Page {
            page: Name::from(name),
            what: format!("with it the pages have more than {LINES} `check` lines"),
            mend: String::from("leave some of them out"),
        });
    }
    left.lines -= checks.len();
    for (claimed, right) in checks {
        let refused = |what: String| DeriveError::Page {
            page: Name::from(name),
            what: format!("its line `check {claimed} = {right}` {what}"),
            mend: String::from("mend the line or the body"),
        };
        let mut side = |text: &str| {
            numbers(&callable, text, &mut left.work).map_err(|error| {
                let error = error.to_string();
                refused(format!("has no value: {}", error.lines().next().unwrap_or_default()))
            })
        };
        let (found, wanted) = (side(&claimed)?, side(&right)?);
        if left.work < 0.0 {
            return Err(DeriveError::Page {
                page: Name::from(name),
                what: format!("with it the `check` lines take more than {LINES_WORK:.0e} multiplications"),
                mend: String::from("write them with smaller matrices"),
            });
        }
        if (found.rows, found.cols) != (wanted.rows, wanted.cols) {
            let shape = |value: &Matrix<Rough>| format!("{} x {}", value.rows, value.cols);
            return Err(refused(format!("does not hold: {} is not {}", shape(&found), shape(&wanted))));
        }
        for (found, wanted) in found.entries.iter().zip(&wanted.entries) {
            let rounded = found.error() + wanted.error();
            let (found, wanted) = (found.value(), wanted.value());
            if found == wanted {
                continue;
            }
            // Nothing is no value that another may have.
            if found.is_nan() && wanted.is_nan() {
                return Err(refused(String::from("says nothing: neither side has a value")));
            }
            if found.is_finite() && wanted.is_finite() && rounded.is_infinite() {
                return Err(refused(String::from("cannot be judged: rounding leaves nothing of a side")));
            }
            // A side that is no number is not near one.
            let is_near = (found - wanted).abs() <= CHECKED * wanted.abs() + rounded;
            if !is_near || !found.is_finite() || !wanted.is_finite() {
                return Err(refused(format!("does not hold: the left side is {found:?}")));
            }
        }
    }
    Ok(())
}

/// The value of a formula without variables, as doubles compute it, with a bound of what rounds, taken from the multiplications
/// that are left.
fn numbers(library: &Library, text: &str, left: &mut f64) -> Result<Matrix<Rough>, DeriveError> {
    let formula = syntax::parse(syntax::Source { text, declarations: "" }, library)?.formula;
    let result = formula.result().ok_or(DeriveError::NoResult)?;
    let work = crate::work::refuse_large(&formula, &[result], &Sizes::new())?;
    *left -= work;
    let mut values = formula.evaluate(&[result], &Point::<Rough>::default())?;
    values.pop().ok_or(DeriveError::NoResult)
}
