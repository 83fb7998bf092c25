//! Which targets the last layer can reach, and the scaling that puts the targets there.

use crate::LearnError;
use crate::network::{call, free};
use compiler::{Library, Request};
use formula::{Name, Sizes};
use table::{Matrix, Scaling, ScalingKind};

/// The values of an output function: `(0, 1)` for sigmoid, all real numbers for identity. It comes from the formula, not
/// from the name, so a function that a user typed is served as a shipped one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    /// The greatest lower bound, where there is one.
    low: Option<f64>,
    /// The least upper bound, where there is one.
    high: Option<f64>,
}

/// The range of an output function, from its values at 0 and at `±2^k` for k from -10 to 20: it counts as bounded where
/// arguments a thousand times larger take it no further.
pub(super) fn of(output: &str, library: &Library) -> Result<Range, LearnError> {
    const EXPONENTS: std::ops::RangeInclusive<i32> = -10..=20;
    const FAR: f64 = 1024.0;
    let powers = EXPONENTS.scan(1.0 / FAR, |power, _| {
        let here = *power;
        *power *= 2.0;
        Some(here)
    });
    let places: Vec<f64> = powers.flat_map(|power| [-power, power]).chain([0.0]).collect();
    let [f, z, k] = ["f", "z", "k"].map(|name| free(name, &[output]));
    let plan = compiler::compile(
        &Request {
            text: &format!("{f} = {}", call(output, &z)),
            declarations: &format!("{z}: {k}"),
            values: &[&f],
            data: &[&z],
            sizes: &Sizes::from([(Name::from(k.as_str()), places.len())]),
            ..Request::default()
        },
        library,
    )?;
    let values = compiler::evaluate(&plan, &[&places], &[], &[], 1)?;
    let extent = |reach: f64| {
        let near = places.iter().zip(&values).filter(|(place, _)| place.abs() <= reach);
        near.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, value)| {
            (low.min(*value), high.max(*value))
        })
    };
    let (near, far) = (extent(FAR), extent(f64::INFINITY));
    let bound = |near: f64, far: f64| ((near - far).abs() <= 0.01 * near.abs().max(1.0)).then_some(far);
    Ok(Range { low: bound(near.0, far.0), high: bound(near.1, far.1) })
}

impl Range {
    /// Whether it has two bounds.
    pub(super) fn is_bounded(self) -> bool {
        self.low.is_some() && self.high.is_some()
    }

    /// The scaling of targets, column by column, by these rows: from one bound to the other where there are two, standard
    /// deviations away from the one bound where there is one, standardised where there is none.
    pub(super) fn scale(self, y: &Matrix, weights: Option<&[f64]>) -> Result<Scaling, LearnError> {
        let rows: Vec<usize> = (0..y.rows()).collect();
        let standard = match weights {
            Some(weights) => weighted(y, weights),
            None => Scaling::fit(ScalingKind::Standard, y, &rows)?,
        };
        let range = Scaling::fit(ScalingKind::Range, y, &rows)?;
        let ends = |column: usize| {
            let values = || y.column(column);
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
        };
        let column = |column: usize| {
            let (least, greatest) = ends(column);
            match self {
                Range { low: Some(low), high: Some(high) } if high > low => {
                    let factor = range.factor[column] / (high - low);
                    (least - low * factor, factor)
                }
                Range { low: Some(low), high: None } => {
                    (least - low * standard.factor[column], standard.factor[column])
                }
                Range { low: None, high: Some(high) } => {
                    (greatest - high * standard.factor[column], standard.factor[column])
                }
                Range { .. } => (standard.offset[column], standard.factor[column]),
            }
        };
        let (offset, factor) = (0..y.cols()).map(column).unzip();
        let kind = if self.low.is_some() && self.high.is_some() {
            ScalingKind::Range
        } else {
            ScalingKind::Standard
        };
        Ok(Scaling { kind, offset, factor })
    }
}

/// The weighted mean of each column, and its deviation.
fn weighted(y: &Matrix, weights: &[f64]) -> Scaling {
    let whole: f64 = weights.iter().sum();
    let mean = |column: &dyn Fn(f64) -> f64, at: usize| {
        y.column(at).zip(weights).map(|(value, weight)| weight * column(value)).sum::<f64>() / whole
    };
    let of = |at: usize| {
        let offset = mean(&|value| value, at);
        let factor = mean(&|value| (value - offset) * (value - offset), at).sqrt();
        (offset, if factor > 0.0 { factor } else { 1.0 })
    };
    let (offset, factor) = (0..y.cols()).map(of).unzip();
    Scaling { kind: ScalingKind::Standard, offset, factor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_comes_from_the_formula() {
        let library = Library::standard();
        let check = |output: &str, low: Option<f64>, high: Option<f64>| {
            let range = of(output, &library).unwrap();
            let near = |found: Option<f64>, want: Option<f64>| match (found, want) {
                (Some(found), Some(want)) => (found - want).abs() < 1e-9,
                (found, want) => found == want,
            };
            assert!(near(range.low, low) && near(range.high, high), "{output}: {range:?}");
        };
        check("identity", None, None);
        check("sigmoid", Some(0.0), Some(1.0));
        check("tanh", Some(-1.0), Some(1.0));
        check("relu", Some(0.0), None);
        check("softplus", Some(0.0), None);
        check("leaky_relu", None, None);
    }

    #[test]
    fn targets_are_mapped_into_the_range() {
        let y = Matrix::new(3, 1, vec![10.0, 30.0, 20.0]).unwrap();
        let scaled = |low, high| Range { low, high }.scale(&y, None).unwrap().apply(&y).unwrap().into_data();
        assert_eq!(scaled(Some(0.0), Some(1.0)), [0.0, 1.0, 0.5]);
        assert_eq!(scaled(Some(-1.0), Some(1.0)), [-1.0, 1.0, 0.0]);
        assert_eq!(scaled(Some(0.0), None)[0], 0.0);
        assert!(scaled(None, None).iter().sum::<f64>().abs() < 1e-12);
    }
}
