//! The rows of a table in three parts, of which the third stays closed.

use super::Columns;
use crate::scores::Truth;
use crate::{LearnError, Rows, Task, balanced};
use engine::Element;
use std::borrow::Cow;
use table::{Choice, Encoding, Parting, Rounded, Scaling, Split, Table, TargetColumn};

/// Where the rows of validation or test come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Portion {
    /// A fraction of the table's rows, drawn by the seed; from 0, for none, up to but not including 1.
    Fraction(f64),
    /// These rows of the table, counted from 0.
    Rows(Vec<usize>),
    /// Every row of another table.
    Table(Box<Table>),
}

/// Where the rows of each part come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Portions {
    /// The training rows, counted from 0; all that are left when absent.
    pub train: Option<Vec<usize>>,
    /// The rows that choose the best epoch; a fraction is one of what the test rows leave.
    pub validation: Portion,
    /// The rows that judge the model.
    pub test: Portion,
}

impl Default for Portions {
    /// 64, 16 and 20 rows of a hundred for training, validation and test.
    fn default() -> Portions {
        Portions { train: None, validation: Portion::Fraction(0.2), test: Portion::Fraction(0.2) }
    }
}

/// Some rows of a table with their targets.
pub(super) struct Part<'t> {
    pub(super) table: Cow<'t, Table>,
    pub(super) rows: Vec<usize>,
    /// For each target its values in these rows.
    pub(super) truth: Vec<Vec<f64>>,
    pub(super) weights: Option<Vec<f64>>,
    /// What else is to be said of its targets, where they were read for a task that was known.
    pub(super) notes: Vec<String>,
}

/// The three parts.
pub(super) struct Parts<'t> {
    pub(super) train: Part<'t>,
    pub(super) validation: Option<Part<'t>>,
    // Invariant: nothing but `open` reads it, `all` for checksums, and `fit` for cells that cannot be encoded.
    test: Option<Part<'t>>,
    split: Split,
    pub(super) targets: Vec<String>,
    /// Rows of the table without a target.
    pub(super) without_target: usize,
}

impl<'t> Parts<'t> {
    pub(super) fn new(
        table: &'t Table,
        columns: &Columns,
        (found, task, weights): (&[TargetColumn], &Task, Option<&[f64]>),
        portions: Portions,
        seed: u64,
    ) -> Result<Parts<'t>, LearnError> {
        let choice = |portion: &Portion| match portion {
            Portion::Fraction(fraction) => Choice::Fraction(*fraction),
            Portion::Rows(rows) => Choice::Rows(rows.clone()),
            Portion::Table(_) => Choice::Fraction(0.0),
        };
        let usable: Vec<usize> =
            (0..table.rows()).filter(|row| TargetColumn::all_known(found, *row)).collect();
        let without_target = table.rows() - usable.len();
        let parting = Parting {
            rows: table.rows(),
            usable: (without_target > 0).then_some(usable),
            seed,
            order: columns.order_of(table, found)?,
            train: portions.train,
            validation: choice(&portions.validation),
            test: choice(&portions.test),
        };
        let split = parting.split()?;
        let own = |rows: &[usize]| Part::of(Cow::Borrowed(table), found, weights, rows.to_vec());
        let part = |portion: Portion, rows: &[usize]| -> Result<Option<Part<'t>>, LearnError> {
            match portion {
                Portion::Table(table) => Part::of_table(*table, columns, task).map(Some),
                Portion::Fraction(_) | Portion::Rows(_) if rows.is_empty() => Ok(None),
                Portion::Fraction(_) | Portion::Rows(_) => Ok(Some(own(rows))),
            }
        };
        let parts = Parts {
            train: own(&split.train),
            validation: part(portions.validation, &split.validation)?,
            test: part(portions.test, &split.test)?,
            split,
            targets: task.names(),
            without_target,
        };
        parts.trains_every_class(task)?;
        parts.varies(task)?;
        Ok(parts)
    }

    /// An error for a class that is in other parts alone.
    fn trains_every_class(&self, task: &Task) -> Result<(), LearnError> {
        for (place, target) in task.targets.iter().enumerate() {
            let count = |part: &Part| {
                let mut counts = vec![0_usize; target.classes.len()];
                for value in &part.truth[place] {
                    if let Some(count) = counts.get_mut(*value as usize) {
                        *count += 1;
                    }
                }
                counts
            };
            let trained = count(&self.train);
            let others: Vec<Vec<usize>> =
                [&self.validation, &self.test].into_iter().flatten().map(count).collect();
            for (class, name) in target.classes.iter().enumerate() {
                let rows = others.iter().map(|counts| counts[class]).sum();
                if trained[class] == 0 && rows > 0 {
                    let (column, class) = (target.name.clone(), name.clone());
                    return Err(LearnError::UntrainedClass { column, class, rows });
                }
            }
        }
        Ok(())
    }

    /// An error for a target that is one number in every training row, where there are several.
    fn varies(&self, task: &Task) -> Result<(), LearnError> {
        for (target, values) in task.targets.iter().zip(&self.train.truth) {
            if let Some(value) = values.first().copied()
                && values.len() > 1
                && values.iter().all(|other| *other == value)
            {
                let column = target.name.clone();
                return Err(match target.classes.get(value as usize) {
                    Some(class) => LearnError::OneClass { column, class: class.clone() },
                    None => LearnError::ConstantTarget { column, value },
                });
            }
        }
        Ok(())
    }

    /// An error for a part that is a table of its own and lacks an input, or has a cell that its encoding cannot take.
    pub(super) fn fit(&self, encoding: &Encoding) -> Result<(), LearnError> {
        for part in [self.validation.as_ref(), self.test.as_ref()].into_iter().flatten() {
            if let Cow::Owned(table) = &part.table {
                encoding.encoder(false).on(table)?.verify(Some(&part.rows))?;
            }
        }
        Ok(())
    }

    /// The numbers of rows for training, validation and test.
    pub(super) fn rows(&self) -> [usize; 3] {
        [Some(&self.train), self.validation.as_ref(), self.test.as_ref()]
            .map(|part| part.map_or(0, |part| part.rows.len()))
    }

    /// Every part that has rows, for their checksums alone.
    pub(super) fn all(&self) -> Vec<&Part<'t>> {
        [Some(&self.train), self.validation.as_ref(), self.test.as_ref()].into_iter().flatten().collect()
    }

    /// Which row of the table is in which part.
    pub(super) fn split(&self) -> &Split {
        &self.split
    }

    /// The test rows: the only way to them.
    pub(super) fn open(&self) -> Option<&Part<'t>> {
        self.test.as_ref()
    }
}

impl<'t> Part<'t> {
    pub(super) fn of(
        table: Cow<'t, Table>,
        found: &[TargetColumn],
        weights: Option<&[f64]>,
        rows: Vec<usize>,
    ) -> Part<'t> {
        let at = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        let truth = found.iter().map(|column| at(&column.values)).collect();
        let weights = weights.map(at);
        Part { table, rows, truth, weights, notes: Vec::new() }
    }

    /// The part with what is to be said of targets that were read for a task.
    pub(super) fn with_notes(self, found: &[TargetColumn]) -> Part<'t> {
        Part { notes: found.iter().flat_map(|column| column.notes.clone()).collect(), ..self }
    }

    /// Every row of another table that has all targets.
    fn of_table(table: Table, columns: &Columns, task: &Task) -> Result<Part<'static>, LearnError> {
        let found = targets_for(&table, task)?;
        let rows: Vec<usize> =
            (0..table.rows()).filter(|row| TargetColumn::all_known(&found, *row)).collect();
        if rows.is_empty() {
            return Err(LearnError::NoTargets { column: task.names().join(", ") });
        }
        let weights = columns.weights_of(&table)?;
        Ok(Part::of(Cow::Owned(table), &found, weights.as_deref(), rows).with_notes(&found))
    }

    /// What predictions for these rows are judged by.
    pub(super) fn truth(&self) -> Truth<'_> {
        Truth { targets: &self.truth, weights: self.weights.as_deref() }
    }

    /// The weights that training gives these rows: their own, times those of their classes where classes are balanced.
    pub(super) fn training_weights(&self, task: &Task, is_balanced: bool) -> Option<Vec<f64>> {
        if !(is_balanced && task.is_classes()) {
            return self.weights.clone();
        }
        let mut weights = self.weights.clone().unwrap_or_else(|| vec![1.0; self.rows.len()]);
        for (target, truth) in task.targets.iter().zip(&self.truth) {
            let mut counts = vec![0.0; target.classes.len()];
            truth.iter().zip(&weights).for_each(|(class, weight)| counts[*class as usize] += weight);
            let factors = balanced(&counts);
            weights.iter_mut().zip(truth).for_each(|(weight, class)| *weight *= factors[*class as usize]);
        }
        Some(weights)
    }

    /// The first of these rows as the network sees them, at most so many, with the codes of wide categories or all written out.
    pub(super) fn encode_some<T: Element + Rounded>(
        &self,
        encoding: &Encoding,
        task: &Task,
        (scaling, log): (&Scaling, bool),
        weights: Option<&[f64]>,
        (count, is_coded): (usize, bool),
    ) -> Result<Rows<T>, LearnError> {
        let rows = &self.rows[..count.min(self.rows.len())];
        let widths = [encoding.width(), task.width()];
        let codes = if is_coded { encoding.codes() } else { Vec::new() };
        let mut encoder = encoding.encoder(is_coded);
        let mut x = vec![T::from_f64(0.0); rows.len() * encoder.width()];
        encoder.on(&self.table)?.encode_into(Some(rows), &mut x)?;
        let truth: Vec<Vec<f64>> = self.truth.iter().map(|values| values[..rows.len()].to_vec()).collect();
        let scaled = |(at, value): (usize, f64)| {
            let value = if log { libm::log(value) } else { value };
            let column = at % widths[1];
            T::from_f64((value - scaling.offset[column]) / scaling.factor[column])
        };
        let y = task.encode(&truth).into_iter().enumerate().map(scaled).collect();
        let rows = Rows::encoded(x, y, widths, codes)?;
        match weights {
            Some(weights) => rows.with_weights(&weights[..count.min(weights.len())]),
            None => Ok(rows),
        }
    }
}

/// The targets of a task in another table.
pub(crate) fn targets_for(table: &Table, task: &Task) -> Result<Vec<TargetColumn>, LearnError> {
    let find = |target: &crate::Target| {
        TargetColumn::for_model(table, &target.name, task.kind, (&target.classes, &target.signs))
    };
    Ok(task.targets.iter().map(find).collect::<Result<_, _>>()?)
}
