//! Numbers of a column that are doubtful: signs that there is none, numbers far from all others, and digits that were lost.

use crate::place::Role;
use crate::scale::digits;
use crate::warning::{Warning, WarningKind};
use crate::words::{argument, short};

/// What is doubtful of the numbers of a column of this name.
pub(crate) fn of_numbers(name: &str, values: &[f64], role: Role) -> Vec<Warning> {
    let shown = short(name);
    let warning =
        |kind, numbers, words, mend| Warning { kind, columns: vec![name.to_owned()], numbers, words, mend };
    let mut found = Vec::new();
    let sentinel = sentinel_among(values);
    if let Some((value, count)) = sentinel {
        let words = format!(
            "{} in {count} cell{} of `{shown}` lies far from all others",
            digits(value),
            plural(count)
        );
        let mend = format!("take it as missing with `--missing={}` where it stands for that", digits(value));
        found.push(warning(WarningKind::Sentinel, vec![value, count as f64], words, mend));
    } else if let Some((value, count)) = outlier_among(values) {
        let words = format!(
            "{} in `{shown}`, one of {count} cell{}, is more than a million deviations from the others",
            digits(value),
            plural(count)
        );
        let mend = format!("correct the file, or take it as missing with `--missing={value:?}`");
        found.push(warning(WarningKind::Outlier, vec![value, count as f64], words, mend));
    }
    const EXACT: f64 = 9_007_199_254_740_992.0;
    const MOST: f64 = 18_446_744_073_709_551_616.0;
    let large = values.iter().filter(|value| (EXACT..MOST).contains(&value.abs())).count();
    if large > 0 {
        let words =
            format!("{large} whole number{} of `{shown}` beyond 2^53 lost the last digits", plural(large));
        let mend = match role {
            Role::Target => "take each value as a class with `--task classes` where it is a name".to_owned(),
            _ => format!("leave the column out with `--ignore {}` where it names rows", argument(name)),
        };
        found.push(warning(WarningKind::LargeInteger, vec![large as f64], words, mend));
    }
    found
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Numbers by which people write that there is none.
const SENTINELS: [f64; 10] =
    [-99.0, -999.0, -9999.0, -99999.0, -999.25, -999999.0, 999.0, 9999.0, 99999.0, 999999.0];

/// Such a number with its count where it is the least or the greatest, and further from all others than they are from each other.
fn sentinel_among(values: &[f64]) -> Option<(f64, usize)> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let extreme = [low, high].into_iter().filter(|value| SENTINELS.contains(value));
    extreme.into_iter().find_map(|extreme| {
        let others = || finite().filter(|&value| value != extreme);
        let (least, greatest) = others()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let distance = if extreme == low { least - extreme } else { extreme - greatest };
        let is_far = greatest > least && distance > greatest - least;
        is_far.then(|| (extreme, finite().filter(|&value| value == extreme).count()))
    })
}

/// The number that lies furthest, with how many lie as far, where it is more than a million deviations of the others from their mean.
fn outlier_among(values: &[f64]) -> Option<(f64, usize)> {
    /// So many numbers say where the middle is.
    const SAMPLE: usize = 1001;
    const FEWEST: usize = 8;
    const FAR: f64 = 1e6;
    let step = values.len().div_ceil(SAMPLE).max(1);
    let mut sample: Vec<f64> =
        values.iter().copied().step_by(step).filter(|value| value.is_finite()).collect();
    let middle = crate::quantiles::median(&mut sample);
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let furthest = finite().max_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()))?;
    let reach = (furthest - middle).abs() / 1000.0;
    let near = || finite().map(|value| value - middle).filter(|distance| distance.abs() < reach);
    let count = near().count();
    if count < FEWEST || 2 * count < finite().count() {
        return None;
    }
    let mean = near().sum::<f64>() / count as f64;
    let deviation = (near().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count as f64).sqrt();
    let is_far = deviation > 0.0 && (furthest - middle - mean).abs() > FAR * deviation;
    is_far.then(|| (furthest, finite().count() - count))
}
