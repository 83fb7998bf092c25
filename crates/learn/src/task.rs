//! What a network's outputs mean: numbers, counts or classes of one or several targets.

use crate::LearnError;
use crate::preset::Preset;
use serde::{Deserialize, Serialize};
use table::{TargetColumn, TargetKind};

/// What is predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What the values of every target are.
    pub kind: TargetKind,
    /// The targets in the order given.
    pub targets: Vec<Target>,
}

/// A column that is predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The column's name.
    pub name: String,
    /// Its classes in their order; none where it has numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// The place of the class that counts as positive, where there are two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive: Option<usize>,
    /// The signs that stand beside its numbers in the training table, an empty one for a number alone; none where they were not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<String>,
}

impl Task {
    /// Targets of numbers.
    pub fn numbers(names: &[String]) -> Task {
        let target = |name: &String| Target {
            name: name.clone(),
            classes: Vec::new(),
            positive: None,
            signs: Vec::new(),
        };
        Task { kind: TargetKind::Numbers, targets: names.iter().map(target).collect() }
    }

    /// The task of columns that were found; `positive` is the class that counts as such where there are two, else the last.
    ///
    /// # Errors
    /// For targets of several kinds, one without values or with one value alone, and a positive class that no target has.
    pub(crate) fn of(columns: &[TargetColumn], positive: Option<&str>) -> Result<Task, LearnError> {
        let kind = columns.first().map_or(TargetKind::Numbers, |column| column.kind);
        if columns.iter().any(|column| column.kind != kind) {
            let kinds = columns.iter().map(|column| (column.name.clone(), column.kind)).collect();
            let fits = |kind: &TargetKind| {
                columns.iter().all(|column| column.kind == *kind || column.offers.contains(kind))
            };
            let common = [TargetKind::Numbers, TargetKind::Counts, TargetKind::Classes]
                .into_iter()
                .filter(fits)
                .collect();
            return Err(LearnError::SeveralKinds { kinds, common });
        }
        for column in columns {
            if column.missing.len() == column.values.len() {
                return Err(LearnError::NoTargets { column: column.name.clone() });
            }
            if let [class] = column.classes.as_slice() {
                return Err(LearnError::OneClass { column: column.name.clone(), class: class.clone() });
            }
        }
        // A class is told by its text, or as the same number.
        let place = |column: &TargetColumn, name: &str| {
            let number = |text: &str| text.parse::<f64>().ok();
            let is_same = |class: &String| number(name).is_some() && number(class) == number(name);
            let own = column.classes.iter().position(|class| class == name);
            own.or_else(|| column.classes.iter().position(is_same))
        };
        let target = |column: &TargetColumn| Target {
            name: column.name.clone(),
            classes: column.classes.clone(),
            positive: (column.classes.len() == 2)
                .then(|| positive.and_then(|name| place(column, name)).unwrap_or(1)),
            signs: column.signs.clone(),
        };
        let with_two = || columns.iter().filter(|column| column.classes.len() == 2);
        if let Some(positive) = positive
            && with_two().all(|column| place(column, positive).is_none())
        {
            let classes = with_two().flat_map(|column| column.classes.clone()).collect();
            return Err(LearnError::NoPositive { positive: positive.to_owned(), classes });
        }
        Ok(Task { kind, targets: columns.iter().map(target).collect() })
    }

    /// The names of the targets.
    pub fn names(&self) -> Vec<String> {
        self.targets.iter().map(|target| target.name.clone()).collect()
    }

    /// Whether targets are classes.
    pub fn is_classes(&self) -> bool {
        self.kind == TargetKind::Classes
    }

    pub(crate) fn preset(&self) -> Preset {
        Preset::of(self.kind, &self.targets.iter().map(|target| target.classes.len()).collect::<Vec<_>>())
    }

    /// How many columns of Y each target has: one for numbers and for two classes, else one for each class.
    pub fn widths(&self) -> Vec<usize> {
        let all_two = self.targets.iter().all(|target| target.classes.len() <= 2);
        self.targets.iter().map(|target| if all_two { 1 } else { target.classes.len() }).collect()
    }

    /// The columns of Y.
    pub fn width(&self) -> usize {
        self.widths().iter().sum()
    }

    /// The targets as the loss sees them, before any scaling: row by row of `truth`, which has the values of each target, or the
    /// places of its classes.
    pub(crate) fn encode(&self, truth: &[Vec<f64>]) -> Vec<f64> {
        let rows = truth.first().map_or(0, Vec::len);
        let widths = self.widths();
        let mut encoded = Vec::with_capacity(rows * self.width());
        for row in 0..rows {
            for (values, width) in truth.iter().zip(&widths) {
                match *width {
                    1 => encoded.push(values[row]),
                    classes => {
                        let place = values[row] as usize;
                        encoded.extend((0..classes).map(|class| f64::from(u8::from(class == place))));
                    }
                }
            }
        }
        encoded
    }

    /// The probability of each class of a target from a row of the network's predictions.
    pub fn probabilities(&self, target: usize, row: &[f64]) -> Vec<f64> {
        let widths = self.widths();
        let start: usize = widths[..target].iter().sum();
        match &row[start..start + widths[target]] {
            [second] => {
                let second = second.clamp(0.0, 1.0);
                vec![1.0 - second, second]
            }
            several => {
                let above: Vec<f64> = several.iter().map(|value| value.max(0.0)).collect();
                let sum: f64 = above.iter().sum();
                let equal = 1.0 / above.len() as f64;
                above.into_iter().map(|value| if sum > 0.0 { value / sum } else { equal }).collect()
            }
        }
    }
}

/// The place of the greatest, the first of several; none where one is no number.
pub fn most_probable(probabilities: &[f64]) -> Option<usize> {
    let is_number = probabilities.iter().all(|value| !value.is_nan());
    let better = |best: usize, at: usize| if probabilities[at] > probabilities[best] { at } else { best };
    is_number.then(|| (0..probabilities.len()).reduce(better)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::Table;

    fn task(csv: &str, names: &[&str]) -> Result<Task, LearnError> {
        let table = Table::parse("t", csv.as_bytes()).unwrap();
        let columns: Vec<TargetColumn> =
            names.iter().map(|name| TargetColumn::find(&table, name, None).unwrap()).collect();
        Task::of(&columns, None)
    }

    #[test]
    fn targets_are_encoded_by_their_task() {
        let two = task("x,y\n1,no\n2,yes\n3,no\n", &["y"]).unwrap();
        assert_eq!((two.width(), two.targets[0].positive), (1, Some(1)));
        assert_eq!(two.encode(&[vec![0.0, 1.0]]), [0.0, 1.0]);
        assert_eq!(two.probabilities(0, &[0.25]), [0.75, 0.25]);
        let three = task("x,y\n1,a\n2,b\n3,c\n", &["y"]).unwrap();
        assert_eq!(three.encode(&[vec![2.0, 0.0]]), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(three.probabilities(0, &[0.5, 0.25, 0.25]), [0.5, 0.25, 0.25]);
        let numbers = task("y,z\n1,1.5\n2,2\n3,3\n", &["y", "z"]).unwrap();
        assert_eq!(numbers.encode(&[vec![1.0], vec![5.0]]), [1.0, 5.0]);
        let both = task("y,z\na,p\nb,q\nc,q\n", &["y", "z"]).unwrap();
        assert_eq!(both.widths(), [3, 2]);
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        assert!(matches!(task("x,y\n1,a\n2,a\n", &["y"]), Err(LearnError::OneClass { .. })));
        assert!(matches!(task("x,y\n1,\n2,\n", &["y"]), Err(LearnError::NoTargets { .. })));
        let refused = |csv: &str| task(csv, &["x", "y"]).unwrap_err().to_string();
        let mixed = refused("x,y\n1,a\n2,b\n3,b\n");
        assert!(
            mixed.ends_with(
                "`--target x --ignore y`, or predict all of them as classes with `--task classes`"
            ),
            "{mixed}"
        );
        // Numbers of many values are no classes, and texts no numbers.
        let mixed = refused("x,y\n1.5,a\n2,b\n3,b\n");
        assert!(mixed.ends_with("such as `--target x --ignore y`"), "{mixed}");
    }

    #[test]
    fn of_equal_probabilities_the_first_is_taken() {
        assert_eq!(most_probable(&[0.2, 0.4, 0.4]), Some(1));
        assert_eq!(most_probable(&[f64::NAN, 1.0]), None);
    }
}
