//! Bringing one column of numbers to a common size: how it is fitted, what it does, and how it is written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kind::{named, word_of};
use crate::quantiles::{Weighted, normal_score};
use crate::scaling::{ScalingKind, fit_column};

/// How the numbers of inputs are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberScaling {
    /// Less the mean, over the standard deviation.
    #[default]
    Standard,
    /// Less the median, over the interquartile range, and clipped smoothly: x -> x/sqrt(1 + (x/3)^2), within 3 of 0.
    Robust,
    /// To the normal score of its rank among the training rows.
    Quantile,
    /// Less the least number of all columns, over the greatest less the least: from 0 to 1, for columns of one unit, such as pixels.
    Shared,
    /// As they are.
    None,
}

/// The map of one column's numbers, fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scale {
    /// x -> (x - offset)/factor.
    Straight {
        /// What becomes 0, in the column's unit.
        offset: f64,
        /// How much becomes 1, in the column's unit; above 0.
        factor: f64,
    },
    /// x -> z/sqrt(1 + (z/3)^2) with z = (x - offset)/factor.
    Clipped {
        /// What becomes 0, in the column's unit.
        offset: f64,
        /// How much becomes about 1, in the column's unit; above 0.
        factor: f64,
    },
    /// The straight lines through points (value, score); beyond the first and the last, their scores.
    Quantiles {
        /// Values in strictly rising order, at least one.
        values: Vec<f64>,
        /// The score of each value.
        scores: Vec<f64>,
    },
}

impl NumberScaling {
    const ALL: [(NumberScaling, &'static str); 5] = [
        (NumberScaling::Standard, "standard"),
        (NumberScaling::Robust, "robust"),
        (NumberScaling::Quantile, "quantile"),
        (NumberScaling::Shared, "shared"),
        (NumberScaling::None, "none"),
    ];
}

impl fmt::Display for NumberScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word_of(&NumberScaling::ALL, self))
    }
}

impl FromStr for NumberScaling {
    type Err = String;

    fn from_str(text: &str) -> Result<NumberScaling, String> {
        named(&NumberScaling::ALL, text)
    }
}

impl Scale {
    /// Leaves every number as it is.
    pub const NONE: Scale = Scale::Straight { offset: 0.0, factor: 1.0 };

    /// Where values are clipped smoothly.
    const CLIP: f64 = 3.0;
    /// The most points of a map by quantiles.
    const MOST_POINTS: usize = 1000;

    /// Fits a map to finite values with their weights, which are above 0. Values that are all equal become 0.
    pub(crate) fn fit(scaling: NumberScaling, cells: &[(f64, f64)]) -> Scale {
        match scaling {
            NumberScaling::None => Scale::NONE,
            NumberScaling::Standard => {
                let (offset, factor) = fit_column(ScalingKind::Standard, cells.iter().copied());
                Scale::Straight { offset, factor }
            }
            // Of this column alone; the encoding puts the columns together.
            NumberScaling::Shared => {
                let (offset, factor) = fit_column(ScalingKind::Range, cells.iter().copied());
                Scale::Straight { offset, factor }
            }
            NumberScaling::Robust => {
                let sorted = Weighted::new(cells);
                let range = sorted.quantile(0.75) - sorted.quantile(0.25);
                // Where more than half of the values are equal, their spread is that of the others.
                let (_, deviation) = fit_column(ScalingKind::Standard, cells.iter().copied());
                let is_usable = range > 0.0 && range.is_finite();
                Scale::Clipped {
                    offset: sorted.quantile(0.5),
                    factor: if is_usable { range } else { deviation },
                }
            }
            NumberScaling::Quantile => Scale::quantiles(&Weighted::new(cells)),
        }
    }

    fn quantiles(sorted: &Weighted) -> Scale {
        let points = sorted.len().clamp(1, Scale::MOST_POINTS);
        let mut values: Vec<f64> = Vec::new();
        let mut scores: Vec<f64> = Vec::new();
        let mut equal = 0.0;
        for point in 0..points {
            let share = (point as f64 + 0.5) / points as f64;
            let (value, score) = (sorted.quantile(share), normal_score(share));
            match (values.last(), scores.last_mut()) {
                // Equal values have the mean of their scores.
                (Some(&last), Some(mean)) if last >= value => {
                    equal += 1.0;
                    *mean += (score - *mean) / equal;
                }
                _ => {
                    equal = 1.0;
                    values.push(value);
                    scores.push(score);
                }
            }
        }
        Scale::Quantiles { values, scores }
    }

    /// The scaled value of a finite number.
    pub fn apply(&self, value: f64) -> f64 {
        match self {
            Scale::Straight { offset, factor } => (value - offset) / factor,
            Scale::Clipped { offset, factor } => {
                let z = (value - offset) / factor;
                if z.abs() > 1e100 {
                    // The square would be beyond a double.
                    return Scale::CLIP.copysign(z);
                }
                z / (1.0 + (z / Scale::CLIP) * (z / Scale::CLIP)).sqrt()
            }
            Scale::Quantiles { values, scores } => {
                let after = values.partition_point(|&other| other <= value);
                match (after.checked_sub(1), values.get(after)) {
                    (None, _) => scores.first().copied().unwrap_or(0.0),
                    (Some(before), None) => scores.get(before).copied().unwrap_or(0.0),
                    (Some(before), Some(&next)) => {
                        let (Some(low), Some(high)) = (scores.get(before), scores.get(after)) else {
                            return 0.0;
                        };
                        // Halves, for the distance of two doubles may be none.
                        let share =
                            (value / 2.0 - values[before] / 2.0) / (next / 2.0 - values[before] / 2.0);
                        low + share * (high - low)
                    }
                }
            }
        }
    }

    /// Whether the numbers are as fitting makes them, so that no value becomes NaN.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Scale::Straight { offset, factor } | Scale::Clipped { offset, factor } => {
                offset.is_finite() && factor.is_finite() && *factor > 0.0
            }
            Scale::Quantiles { values, scores } => {
                !values.is_empty()
                    && values.len() == scores.len()
                    && values.iter().chain(scores).all(|number| number.is_finite())
                    && values.is_sorted_by(|a, b| a < b)
            }
        }
    }

    /// What it does to a variable, with its numbers to so many digits: `(age - 38.6)/13.6`.
    pub fn formula(&self, variable: &str) -> String {
        match self {
            Scale::Straight { offset: 0.0, factor: 1.0 } => variable.to_owned(),
            Scale::Straight { offset, factor } => straight(variable, *offset, *factor),
            Scale::Clipped { offset, factor } => {
                let z = straight(variable, *offset, *factor);
                format!("z/sqrt(1 + (z/3)^2) with z = {z}")
            }
            Scale::Quantiles { values, .. } => format!(
                "the normal score of {variable} among {} quantiles from {} to {}",
                values.len(),
                digits(values.first().copied().unwrap_or(0.0)),
                digits(values.last().copied().unwrap_or(0.0))
            ),
        }
    }
}

fn straight(variable: &str, offset: f64, factor: f64) -> String {
    let shifted = match offset {
        0.0 => variable.to_owned(),
        offset if offset < 0.0 => format!("({variable} + {})", digits(-offset)),
        offset => format!("({variable} - {})", digits(offset)),
    };
    if factor == 1.0 { shifted } else { format!("{shifted}/{}", digits(factor)) }
}

/// A number to six significant digits, without trailing zeros.
pub(crate) fn digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    let size = rounded.abs();
    if size == 0.0 || (1e-4..1e15).contains(&size) { rounded.to_string() } else { format!("{rounded:e}") }
}
