//! Slopes of functions: against difference quotients, and far out.

use crate::{Draw, Verdict, arguments_of, every, is_elementwise, sizes, text_of};
use calculus::Laws;
use chainrule_compiler::{Kind, Library, Request, Source, compile, evaluate};
use formula::{Formula, Function, FunctionId, Name};
use judge::check;
use plan::Plan;
use std::error::Error;

/// The larger step of the difference quotients, as a part of the argument's size (at least of 1); the smaller is a quarter.
const STEP: f64 = 1e-3;
/// Quotients of both steps within this are trusted: between them lies no kink, and no pole is near.
const TRUSTED: f64 = 1e-8;
/// How far a slope may be from the quotient, by the largest of 1, the quotient and the value.
const DIFFERENCES: f64 = 1e-7;
/// How far around a point the function must be finite for its slope to be asked there. No step of this part is a whole number,
/// so that a power of a negative number is seen to have no slope by its exponent.
const AROUND: f64 = 0.000_777;
/// Points at which a slope must have been judged for the verdict to count.
const ENOUGH: usize = 10;

/// A function that acts entry by entry.
pub(crate) struct Elementwise<'a> {
    library: &'a Library,
    name: &'a Name,
    formula: Formula,
    id: FunctionId,
}

/// A function at many points, with its slope by each argument.
pub(crate) struct Values {
    count: usize,
    flat: Vec<f64>,
}

/// A function ready to be evaluated at so many points.
pub(crate) struct Ready(Plan);

impl<'a> Elementwise<'a> {
    pub(crate) fn of(library: &'a Library, name: &'a Name) -> Result<Elementwise<'a>, Box<dyn Error>> {
        let mut formula = Formula::new();
        let id = library.function(&mut formula, name)?;
        Ok(Elementwise { library, name, formula, id })
    }

    pub(crate) fn arity(&self) -> usize {
        self.function().parameters.len()
    }

    fn function(&self) -> &Function {
        self.formula.function(self.id)
    }

    /// The names of the arguments here.
    fn variables(&self) -> Vec<String> {
        (1..=self.arity()).map(|place| format!("x{place}")).collect()
    }

    /// The function as a formula means it, from its text.
    pub(crate) fn shipped(&self, count: usize) -> Result<Ready, Box<dyn Error>> {
        Ok(Ready(self.compiled(None, &sizes(&[("k", count)]))?))
    }

    /// The same over any number of points, which are walked.
    pub(crate) fn walked(&self) -> Result<Plan, Box<dyn Error>> {
        self.compiled(Some("k"), &sizes(&[]))
    }

    fn compiled(&self, walked: Option<&str>, sizes: &formula::Sizes) -> Result<Plan, Box<dyn Error>> {
        let variables = self.variables();
        let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
        let declarations: Vec<String> = variables.iter().map(|name| format!("{name}: k")).collect();
        let request = Request {
            text: &format!("entries = {}({})\nsum(entries)", self.name, variables.join(", ")),
            declarations: &declarations.join(", "),
            values: &["entries"],
            gradients: &variables,
            data: &variables,
            walked,
            sizes,
            ..Request::default()
        };
        Ok(compile(&request, self.library)?)
    }
}

impl Ready {
    /// The values and slopes at the points, plainly.
    pub(crate) fn at(&self, points: &Points) -> Result<Values, Box<dyn Error>> {
        let data: Vec<&[f64]> = points.0.iter().map(Vec::as_slice).collect();
        Ok(Values { count: points.count(), flat: evaluate(&self.0, &data, &[], &[], 1)? })
    }
}

impl Values {
    pub(crate) fn values(&self) -> &[f64] {
        &self.flat[..self.count]
    }

    pub(crate) fn slopes(&self, place: usize) -> &[f64] {
        &self.flat[(place + 1) * self.count..(place + 2) * self.count]
    }
}

/// Points, as one list of numbers for each argument.
#[derive(Clone)]
pub(crate) struct Points(Vec<Vec<f64>>);

impl Points {
    /// Points between -6 and 6, every third of them between -0.9 and 0.9, spread evenly and off the places where people put
    /// kinks.
    pub(crate) fn inner(arity: usize) -> Points {
        // Multiples of irrational numbers, without their whole parts, fill a cube evenly.
        const RATIOS: [f64; 4] =
            [0.618_033_988_749_895, 0.754_877_666_246_693, 0.569_840_290_998_053, 0.819_172_513_396_164];
        let coordinate = |place: usize| {
            let ratio = RATIOS[place % RATIOS.len()];
            let entry = move |at: usize| {
                let spread = 2.0 * (at as f64 * ratio).fract() - 1.0;
                // Stored as single precision has it, so that both precisions see the same points.
                f64::from((if usize::is_multiple_of(at, 3) { 0.9 * spread } else { 6.0 * spread }) as f32)
            };
            (1..=300).map(entry).collect()
        };
        Points((0..arity).map(coordinate).collect())
    }

    /// Points far out, with every combination of signs and sizes.
    pub(crate) fn outer(arity: usize) -> Points {
        const FAR: [f64; 8] = [-1e4, -800.0, -100.0, -30.0, 30.0, 100.0, 800.0, 1e4];
        let count = FAR.len().pow(arity.min(3) as u32);
        let coordinate = |place: usize| {
            let stride = FAR.len().pow(place.min(3) as u32);
            (0..count).map(|at| FAR[at / stride % FAR.len()]).collect()
        };
        Points((0..arity).map(coordinate).collect())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    pub(crate) fn coordinates(&self) -> &[Vec<f64>] {
        &self.0
    }

    pub(crate) fn show(&self, at: usize) -> String {
        let numbers: Vec<String> = self.0.iter().map(|coordinate| coordinate[at].to_string()).collect();
        format!("({})", numbers.join(", "))
    }

    /// The points with one argument moved by so many steps.
    fn moved(&self, place: usize, steps: &[f64], by: f64) -> Points {
        let mut moved = self.clone();
        for (entry, step) in moved.0[place].iter_mut().zip(steps) {
            *entry += by * step;
        }
        moved
    }

    fn steps(&self, place: usize, part: f64) -> Vec<f64> {
        self.0[place].iter().map(|entry| part * entry.abs().max(1.0)).collect()
    }
}

/// Fourth-order central differences by one argument, at all points.
fn quotients(ready: &Ready, points: &Points, place: usize, part: f64) -> Result<Vec<f64>, Box<dyn Error>> {
    let steps = points.steps(place, part);
    let at = |by: f64| -> Result<Vec<f64>, Box<dyn Error>> {
        Ok(ready.at(&points.moved(place, &steps, by))?.values().to_vec())
    };
    let values = [at(-2.0)?, at(-1.0)?, at(1.0)?, at(2.0)?];
    let quotient = |(point, step): (usize, &f64)| {
        let [below, left, right, above] = [0, 1, 2, 3].map(|offset| values[offset][point]);
        (8.0 * (right - left) - (above - below)) / (12.0 * step)
    };
    Ok(steps.iter().enumerate().map(quotient).collect())
}

/// The slope by each argument against difference quotients, wherever two steps give the same quotient.
pub(crate) fn slope_matches_differences(library: &Library, name: &Name) -> Verdict {
    let function = Elementwise::of(library, name)?;
    let points = Points::inner(function.arity());
    let ready = function.shipped(points.count())?;
    let found = ready.at(&points)?;
    let (mut judged, mut worst) = (0, 0.0_f64);
    for place in 0..function.arity() {
        let (coarse, fine) =
            (quotients(&ready, &points, place, STEP)?, quotients(&ready, &points, place, STEP / 4.0)?);
        let mut here = 0;
        for at in 0..points.count() {
            let (slope, quotient) = (found.slopes(place)[at], fine[at]);
            let size = found.values()[at].abs().max(quotient.abs()).max(1.0);
            if !quotient.is_finite() || !size.is_finite() || (coarse[at] - quotient).abs() > TRUSTED * size {
                continue;
            }
            here += 1;
            let error = (slope - quotient).abs() / size;
            // A slope that is NaN must not pass.
            if !error.is_finite() || error > DIFFERENCES {
                let argument = place + 1;
                let what = format!("by argument {argument} at {}", points.show(at));
                return Err(format!(
                    "{what} the slope is {slope:e} and the difference quotient {quotient:e}"
                )
                .into());
            }
            worst = worst.max(error);
        }
        if here < ENOUGH {
            return Err(
                format!("by argument {} it is smooth and finite at {here} points only", place + 1).into()
            );
        }
        judged += here;
    }
    Ok(format!("the slope matches differences at {judged} points, largest error {worst:.0e}"))
}

/// Slopes far out: finite wherever the function is finite around the point.
pub(crate) fn slope_is_finite_far_out(library: &Library, name: &Name) -> Verdict {
    let function = Elementwise::of(library, name)?;
    let points = Points::outer(function.arity());
    let ready = function.shipped(points.count())?;
    let found = ready.at(&points)?;
    let mut judged = 0;
    for place in 0..function.arity() {
        let steps = points.steps(place, AROUND);
        let [below, above] = [-1.0, 1.0].map(|by| ready.at(&points.moved(place, &steps, by)));
        let (below, above) = (below?, above?);
        for (at, slope) in found.slopes(place).iter().enumerate() {
            let around = [found.values()[at], below.values()[at], above.values()[at]];
            if around.iter().all(|value| value.is_finite()) {
                judged += 1;
                if !slope.is_finite() {
                    let what = format!("at {} its value is {:e}", points.show(at), around[0]);
                    let mend = "give the page a `slope` or a `stable` line that holds there";
                    return Err(
                        format!("{what} and its slope {slope} by argument {}; {mend}", place + 1).into()
                    );
                }
            }
        }
    }
    Ok(format!("the slope is finite at all {judged} points far out where the function is"))
}

/// A function of matrices: the derivative of its squared norm by each argument against differences.
pub(crate) fn matrix_derivative_matches_differences(library: &Library, name: &Name) -> Verdict {
    let text = text_of(library, Kind::Function, name)?;
    let arguments = arguments_of(&text, Kind::Function, name)?;
    let names: Vec<&str> =
        arguments.split(',').filter_map(|part| part.split(':').next()).map(str::trim).collect();
    let text = format!("norm({name}({}))^2", names.join(", "));
    let parsed = syntax::parse(Source { text: &text, declarations: &arguments }, library)?;
    let by: Vec<Name> = names.iter().map(|name| Name::from(*name)).collect();
    let derivation = calculus::differentiate(&parsed.formula, &by, Laws::standard())?;
    let mut draw = Draw(1);
    let check = check(&derivation, &[], &calculus::Request::default(), 5, &mut || 1.7 * draw.next())?;
    match check.passed {
        true => {
            Ok(format!("its derivatives match differences, largest error {:.0e}", check.max_relative_error))
        }
        false => {
            Err(format!("its derivatives are {:e} from the differences", check.max_relative_error).into())
        }
    }
}

#[test]
fn slopes_match_differences() {
    every(Kind::Function, |library, name| match is_elementwise(library, name)? {
        true => slope_matches_differences(library, name),
        false => matrix_derivative_matches_differences(library, name),
    });
}

#[test]
fn slopes_are_finite_where_functions_are() {
    every(Kind::Function, |library, name| match is_elementwise(library, name)? {
        true => slope_is_finite_far_out(library, name),
        false => Ok(String::from("acts on matrices: it has no slope of its own")),
    });
}
