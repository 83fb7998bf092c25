//! Metrics of classes: against scikit-learn's numbers, and what holds of each. A metric is tested by being in the table.

use chainrule_learn::{Cases, METRICS, Metric, confusion};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("metrics.txt");
const TOLERANCE: f64 = 1e-12;

/// A case of the table: the rows, and what is wanted of them.
#[derive(Default)]
struct Example {
    name: String,
    classes: usize,
    truth: Vec<usize>,
    probabilities: Vec<f64>,
    weights: Option<Vec<f64>>,
    wanted: BTreeMap<String, Option<f64>>,
    confusion: Vec<f64>,
}

impl Example {
    fn cases(&self) -> Cases<'_> {
        Cases {
            classes: self.classes,
            truth: &self.truth,
            probabilities: &self.probabilities,
            weights: self.weights.as_deref(),
        }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// The rows in another order or number, each with a weight.
    fn with(&self, rows: &[(usize, f64)]) -> Example {
        let k = self.classes;
        Example {
            classes: k,
            truth: rows.iter().map(|(row, _)| self.truth[*row]).collect(),
            probabilities: rows
                .iter()
                .flat_map(|(row, _)| self.probabilities[row * k..(row + 1) * k].to_vec())
                .collect(),
            weights: Some(rows.iter().map(|(_, weight)| *weight).collect()),
            ..Example::default()
        }
    }

    fn all(&self) -> Vec<(usize, f64)> {
        (0..self.truth.len()).map(|row| (row, self.weight(row))).collect()
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap();
        if word == "case" {
            examples.push(Example { name: rest.to_owned(), ..Example::default() });
            continue;
        }
        let example = examples.last_mut().unwrap();
        let mut cells = rest.split_whitespace();
        match word {
            "classes" => example.classes = rest.parse().unwrap(),
            "row" => {
                example.truth.push(cells.next().unwrap().parse().unwrap());
                if let Some(weight) = cells.next().filter(|cell| *cell != "-") {
                    example.weights.get_or_insert_default().push(number(weight));
                }
                example.probabilities.extend(cells.map(number));
            }
            "want" => {
                let (name, value) = rest.split_once(' ').unwrap();
                example.wanted.insert(name.to_owned(), (value != "none").then(|| number(value)));
            }
            "confusion" => {
                example.confusion =
                    rest.split([' ', ';']).filter(|cell| !cell.is_empty()).map(number).collect();
            }
            other => panic!("a line begins with `{other}`"),
        }
    }
    assert!(examples.len() > 10);
    examples
}

fn near(found: Option<f64>, wanted: Option<f64>) -> bool {
    match (found, wanted) {
        (Some(found), Some(wanted)) => (found - wanted).abs() <= TOLERANCE * wanted.abs().max(1.0),
        (found, wanted) => found == wanted,
    }
}

/// Judges every metric on every example.
fn every(judge: impl Fn(&Metric, &Example)) {
    for example in examples() {
        for metric in METRICS {
            judge(metric, &example);
        }
    }
}

#[test]
fn metrics_are_those_of_scikit_learn() {
    every(|metric, example| {
        let wanted = example.wanted.get(metric.name);
        let wanted = wanted.unwrap_or_else(|| panic!("{} lacks {}", example.name, metric.name));
        let found = (metric.of)(&example.cases());
        assert!(near(found, *wanted), "{}, {}: {found:?} is not {wanted:?}", example.name, metric.name);
    });
}

#[test]
fn confusions_are_those_of_scikit_learn() {
    for example in examples() {
        let found = confusion(&example.cases()).unwrap();
        let near = found.data().iter().zip(&example.confusion).all(|(a, b)| near(Some(*a), Some(*b)));
        assert!(near && found.data().len() == example.confusion.len(), "{}: {found:?}", example.name);
    }
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_a_weight_of_zero_is_no_row() {
    every(|metric, example| {
        let (mut weighted, mut written_out) = (Vec::new(), Vec::new());
        for (row, weight) in example.all() {
            let times = [2.0, 0.0, 1.0, 3.0][row % 4];
            weighted.push((row, times * weight));
            written_out.extend((0..times as usize).map(|_| (row, weight)));
        }
        let (left, right) =
            ((metric.of)(&example.with(&weighted).cases()), (metric.of)(&example.with(&written_out).cases()));
        assert!(near(left, right), "{}, {}: {left:?} is not {right:?}", example.name, metric.name);
    });
}

#[test]
fn neither_the_order_of_rows_nor_the_unit_of_weights_matters() {
    every(|metric, example| {
        let mut rows = example.all();
        rows.reverse();
        rows.iter_mut().for_each(|(_, weight)| *weight *= 7.0);
        let (left, right) = ((metric.of)(&example.with(&rows).cases()), (metric.of)(&example.cases()));
        assert!(near(left, right), "{}, {}: {left:?} is not {right:?}", example.name, metric.name);
    });
}

#[test]
fn what_is_right_is_best_and_what_is_wrong_is_worse() {
    for classes in [2, 3, 7] {
        let truth: Vec<usize> = (0..4 * classes).map(|row| row % classes).collect();
        let one_hot = |shift: usize| -> Vec<f64> {
            let row = |class: &usize| {
                let class = *class;
                (0..classes).map(move |at| f64::from(u8::from(at == (class + shift) % classes)))
            };
            truth.iter().flat_map(row).collect()
        };
        for metric in METRICS {
            let of = |probabilities: &[f64]| {
                (metric.of)(&Cases { classes, truth: &truth, probabilities, weights: None }).unwrap()
            };
            let (right, wrong) = (of(&one_hot(0)), of(&one_hot(1)));
            assert!(
                near(Some(right), Some(f64::from(u8::from(metric.higher_is_better)))),
                "{}: {right}",
                metric.name
            );
            assert!((right > wrong) == metric.higher_is_better, "{}: {right} and {wrong}", metric.name);
        }
    }
}

#[test]
fn what_is_no_number_is_none() {
    let cases = |classes, truth, probabilities, weights| Cases { classes, truth, probabilities, weights };
    let half = [0.5, 0.5, 0.25, 0.75];
    let wrong: &[(&str, Cases)] = &[
        ("no rows", cases(2, &[], &[], None)),
        ("no rows with weights", cases(2, &[], &[], Some(&[]))),
        ("no classes", cases(0, &[], &[], None)),
        ("no classes with rows", cases(0, &[0], &[], None)),
        ("a class that is none", cases(2, &[0, 2], &half, None)),
        ("a probability too few", cases(2, &[0, 1], &half[1..], None)),
        ("a weight too few", cases(2, &[0, 1], &half, Some(&[1.0]))),
        ("weights that are 0", cases(2, &[0, 1], &half, Some(&[0.0, 0.0]))),
        ("a weight below 0", cases(2, &[0, 1], &half, Some(&[2.0, -1.0]))),
        ("a weight that is no number", cases(2, &[0, 1], &half, Some(&[1.0, f64::NAN]))),
        ("a probability that is no number", cases(2, &[0, 1], &[0.5, f64::NAN, 0.5, 0.5], None)),
        ("an infinite probability", cases(2, &[0, 1], &[0.5, f64::INFINITY, 0.5, 0.5], None)),
        ("sizes beyond all bounds", cases(usize::MAX, &[0, 1], &half, None)),
    ];
    for (what, cases) in wrong {
        for metric in METRICS {
            assert_eq!((metric.of)(cases), None, "{what}, {}", metric.name);
        }
        assert_eq!(confusion(cases), None, "{what}");
    }
}
