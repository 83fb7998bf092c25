//! Weights of classes that make rare classes count as much as frequent ones.

/// What a row of each class counts so that all classes that were seen count the same and the rows together as much as before:
/// `n/(k*count)` for the `k` classes with a count above 0, whose counts sum to `n` (King and Zeng, 2001). A class that was not seen has
/// no rows to weigh, and 0.
///
/// The counts are of rows, or sums of the rows' own weights. Probabilities that were trained with such weights are not calibrated: they
/// are those of a population in which all classes are equally frequent.
pub fn balanced(counts: &[f64]) -> Vec<f64> {
    let n: f64 = counts.iter().sum();
    let k = counts.iter().filter(|count| **count > 0.0).count() as f64;
    counts.iter().map(|count| if *count > 0.0 { n / (k * count) } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::balanced;

    #[test]
    fn rare_classes_count_as_much_as_frequent_ones() {
        assert_eq!(balanced(&[6.0, 2.0]), [8.0 / 12.0, 2.0]);
        assert_eq!(balanced(&[5.0, 5.0, 5.0]), [1.0; 3]);
        for counts in [vec![1.0, 10.0, 100.0], vec![0.5, 0.25, 7.0, 1e6], vec![3.0]] {
            let weighted: Vec<f64> =
                balanced(&counts).iter().zip(&counts).map(|(w, count)| w * count).collect();
            let (sum, wanted): (f64, f64) = (weighted.iter().sum(), counts.iter().sum());
            assert!((sum - wanted).abs() <= 1e-12 * wanted, "{counts:?}");
            assert!(weighted.iter().all(|class| (class - weighted[0]).abs() <= 1e-12 * wanted), "{counts:?}");
        }
    }

    #[test]
    fn classes_that_were_not_seen_change_nothing() {
        assert_eq!(balanced(&[6.0, 0.0, 2.0]), [8.0 / 12.0, 0.0, 2.0]);
        assert_eq!(balanced(&[0.0, 0.0]), [0.0, 0.0]);
        assert_eq!(balanced(&[]), [0.0; 0]);
    }
}
