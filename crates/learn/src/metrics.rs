//! How good probabilities of classes are: the metrics that are no formulas but counts and ranks of rows, one row of a table each.
//!
//! Every metric knows weights: a row of weight 2 counts as the row twice, one of weight 0 as left out. What is no number for the
//! cases at hand is `None`: a rank between two classes where one of them is absent, or anything of no rows.

use table::Matrix;

/// What was seen and what was predicted, one row a case.
#[derive(Clone, Copy, Debug)]
pub struct Cases<'a> {
    /// How many classes there are. Where there are two, the last is the positive one.
    pub classes: usize,
    /// The class of each row, counted from 0.
    pub truth: &'a [usize],
    /// The probability of each class, a row after the other: as many as rows times classes.
    pub probabilities: &'a [f64],
    /// What each row counts, 0 or more; 1 without.
    pub weights: Option<&'a [f64]>,
}

/// A metric of classes.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, as reports have it.
    pub name: &'static str,
    /// Its value; `None` where it is no number.
    pub of: fn(&Cases) -> Option<f64>,
    /// Whether larger values are better.
    pub higher_is_better: bool,
}

/// Every metric of classes, in the order of reports.
pub const METRICS: &[Metric] = &[
    Metric { name: "accuracy", of: accuracy, higher_is_better: true },
    Metric { name: "balanced_accuracy", of: balanced_accuracy, higher_is_better: true },
    Metric { name: "log_loss", of: log_loss, higher_is_better: false },
    Metric { name: "auc", of: auc, higher_is_better: true },
    Metric { name: "f1", of: f1, higher_is_better: true },
];

/// One case: its class, its probabilities and its weight.
struct Row<'a> {
    truth: usize,
    probabilities: &'a [f64],
    weight: f64,
}

impl<'a> Cases<'a> {
    /// The rows that count; `None` where there are none, where the parts do not fit each other, or where a number is not finite.
    fn rows(&self) -> Option<Vec<Row<'a>>> {
        let count = self.truth.len();
        let fits = self.classes > 0
            && Some(self.probabilities.len()) == count.checked_mul(self.classes)
            && self.weights.is_none_or(|weights| weights.len() == count)
            && self.truth.iter().all(|class| *class < self.classes)
            && self.probabilities.iter().all(|probability| probability.is_finite());
        if !fits {
            return None;
        }
        let row = |(at, probabilities)| {
            let weight = self.weights.map_or(1.0, |weights| weights[at]);
            Row { truth: self.truth[at], probabilities, weight }
        };
        let mut rows: Vec<Row> = self.probabilities.chunks_exact(self.classes).enumerate().map(row).collect();
        if !rows.iter().all(|row| row.weight.is_finite() && row.weight >= 0.0) {
            return None;
        }
        rows.retain(|row| row.weight > 0.0);
        (!rows.is_empty()).then_some(rows)
    }
}

impl Row<'_> {
    /// The class of the largest probability, the first of several that tie.
    fn predicted(&self) -> usize {
        let mut largest = 0;
        for (class, probability) in self.probabilities.iter().enumerate() {
            if *probability > self.probabilities[largest] {
                largest = class;
            }
        }
        largest
    }
}

/// The weights of rows by the class that was seen (a row of the matrix) and the class that was predicted (a column), which is the
/// one of the largest probability, the first of several that tie. `None` where the parts of the cases do not fit each other, or
/// where no row counts.
pub fn confusion(cases: &Cases) -> Option<Matrix> {
    let k = cases.classes;
    let rows = cases.rows()?;
    let mut counts = vec![0.0; k.checked_mul(k)?];
    for row in rows {
        counts[row.truth * k + row.predicted()] += row.weight;
    }
    Matrix::new(k, k, counts).ok()
}

/// Of each class: the weight that is right, that was seen, and that was predicted.
fn marginals(cases: &Cases) -> Option<Vec<[f64; 3]>> {
    let counts = confusion(cases)?;
    let of = |class: usize| {
        let predicted = counts.iter_rows().map(|row| row[class]).sum();
        [counts.row(class)[class], counts.row(class).iter().sum(), predicted]
    };
    Some((0..cases.classes).map(of).collect())
}

/// The mean of numbers; `None` of none, and where it is not finite.
fn mean(numbers: &[f64]) -> Option<f64> {
    share(numbers.iter().sum(), numbers.len() as f64)
}

/// A ratio; `None` where it is no finite number.
fn share(part: f64, whole: f64) -> Option<f64> {
    Some(part / whole).filter(|share| share.is_finite())
}

/// The share of rows whose class was predicted.
fn accuracy(cases: &Cases) -> Option<f64> {
    let classes = marginals(cases)?;
    share(classes.iter().map(|[right, ..]| right).sum(), classes.iter().map(|[_, seen, _]| seen).sum())
}

/// The mean over the classes that were seen of the share of their rows that was predicted (Brodersen and others, 2010).
fn balanced_accuracy(cases: &Cases) -> Option<f64> {
    let seen = marginals(cases)?.into_iter().filter(|[_, seen, _]| *seen > 0.0);
    mean(&seen.map(|[right, seen, _]| right / seen).collect::<Vec<_>>())
}

/// The mean of -log p of the class that was seen (Good, 1952). A p below the rounding unit of doubles counts as that unit, and one
/// above 1 less it as that, so that one row that was held to be impossible costs 36 and not everything.
fn log_loss(cases: &Cases) -> Option<f64> {
    let rows = cases.rows()?;
    let cost = |row: &Row| {
        let probability = row.probabilities[row.truth].clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        -row.weight * libm::log(probability)
    };
    share(rows.iter().map(cost).sum(), rows.iter().map(|row| row.weight).sum())
}

/// The area under the curve of true positives over false positives: the probability that a row of the class is ranked above a row of
/// another (Hanley and McNeil, 1982), ties counting half. Of two classes it is the positive one's; of more the mean of each class
/// against the rest, which is no number where one of them was not seen.
fn auc(cases: &Cases) -> Option<f64> {
    let rows = cases.rows()?;
    match cases.classes {
        2 => ranked(&rows, 1),
        classes => mean(&(0..classes).map(|class| ranked(&rows, class)).collect::<Option<Vec<_>>>()?),
    }
}

/// The share of pairs, of a row of the class and a row of another, in which the first has the larger probability of the class; a tie
/// is half a pair.
fn ranked(rows: &[Row], class: usize) -> Option<f64> {
    let mut ranks: Vec<(f64, bool, f64)> =
        rows.iter().map(|row| (row.probabilities[class], row.truth == class, row.weight)).collect();
    ranks.sort_by(|(left, ..), (right, ..)| left.total_cmp(right));
    let (mut inside, mut outside, mut pairs) = (0.0, 0.0, 0.0);
    // `==` of probabilities, so that 0 and -0 tie.
    for tied in ranks.chunk_by(|(left, ..), (right, ..)| left == right) {
        let weight = |of: bool| -> f64 {
            tied.iter().filter(|(_, is_inside, _)| *is_inside == of).map(|(.., weight)| weight).sum()
        };
        pairs += weight(true) * (outside + weight(false) / 2.0);
        inside += weight(true);
        outside += weight(false);
    }
    share(pairs, inside * outside)
}

/// The harmonic mean of precision and recall (van Rijsbergen, 1979), `2*right/(seen + predicted)`. Of two classes it is the positive
/// one's, and no number where that was neither seen nor predicted; of more it is the mean over the classes that were seen or
/// predicted.
fn f1(cases: &Cases) -> Option<f64> {
    let classes = marginals(cases)?;
    let of = |[right, seen, predicted]: [f64; 3]| share(2.0 * right, seen + predicted);
    match classes.as_slice() {
        [_, positive] => of(*positive),
        all => mean(&all.iter().filter_map(|class| of(*class)).collect::<Vec<_>>()),
    }
}
