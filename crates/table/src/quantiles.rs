//! Quantiles of weighted values, and the quantiles of the normal distribution.

use std::f64::consts::{PI, SQRT_2};

/// Finite values in rising order, each with the weight of it and all before.
pub(crate) struct Weighted {
    values: Vec<f64>,
    sums: Vec<f64>,
}

impl Weighted {
    /// Sorts finite values with their weights, which are above 0.
    pub(crate) fn new(cells: &[(f64, f64)]) -> Weighted {
        let mut cells = cells.to_vec();
        cells.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut sum = 0.0;
        let sums = cells.iter().map(|&(_, weight)| {
            sum += weight;
            sum
        });
        let sums = sums.collect();
        Weighted { values: cells.into_iter().map(|(value, _)| value).collect(), sums }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value below which this share of the weight lies; the middle of two where the share ends exactly between them, so that a
    /// value of weight 2 and the value twice are the same. 0 without values.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let Some(&total) = self.sums.last() else { return 0.0 };
        let wanted = share * total;
        // Sums of weights round, so that a share that should end between two values may miss it by as much.
        let room = total * 1e-12;
        let place = self.sums.partition_point(|&sum| sum < wanted - room).min(self.values.len() - 1);
        let value = self.values[place];
        match self.values.get(place + 1) {
            Some(&next) if self.sums[place] <= wanted + room => value / 2.0 + next / 2.0,
            _ => value,
        }
    }
}

/// The median of values of equal weight, in linear time; 0 without values.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    let is_odd = values.len() % 2 == 1;
    let (below, &mut middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    if is_odd {
        return middle;
    }
    let before = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    before / 2.0 + middle / 2.0
}

/// The x below which the share p of the standard normal distribution lies, 0 < p < 1: Newton's method on Phi(x) = erfc(-x/sqrt(2))/2,
/// whose slope is the density.
pub(crate) fn normal_score(p: f64) -> f64 {
    if p > 0.5 {
        // Phi loses the digits of its distance from 1.
        return -normal_score(1.0 - p);
    }
    let mut x = 0.0;
    for _ in 0..64 {
        let density = libm::exp(-x * x / 2.0) / (2.0 * PI).sqrt();
        let step = (libm::erfc(-x / SQRT_2) / 2.0 - p) / density;
        // The slope is small far out, where a whole step would leap.
        let step = step.clamp(-1.0, 1.0);
        x -= step;
        if step.abs() < 1e-14 {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_counts_as_so_many_values() {
        let weighted = Weighted::new(&[(3.0, 2.0), (1.0, 1.0), (7.0, 3.0)]);
        let repeated = Weighted::new(&[1.0, 3.0, 3.0, 7.0, 7.0, 7.0].map(|value| (value, 1.0)));
        for percent in 1..100 {
            let share = f64::from(percent) / 100.0;
            assert_eq!(weighted.quantile(share), repeated.quantile(share), "{share}");
        }
        assert_eq!(weighted.quantile(0.5), 5.0);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut []), 0.0);
    }

    /// The values are those of tables of the normal distribution.
    #[test]
    fn normal_scores_are_those_of_the_tables() {
        for (p, want) in [
            (0.5, 0.0),
            (0.975, 1.959963984540054),
            (0.025, -1.959963984540054),
            (0.9995, 3.2905267314919255),
            (1e-9, -5.997807015007667),
        ] {
            assert!((normal_score(p) - want).abs() < 1e-9, "{p}: {}", normal_score(p));
        }
    }
}
