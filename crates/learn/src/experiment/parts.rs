//! The rows of a table in three parts, of which the third stays closed.

use super::Columns;
use crate::scores::Truth;
use crate::{LearnError, Rows, Task, balanced};
use engine::Element;
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;
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
    pub(super) rows: Chosen,
    /// For each target its values in all rows of the table.
    values: Vec<Arc<Vec<f64>>>,
    pub(super) weights: Option<Vec<f64>>,
    /// What else is to be said of its targets, where they were read for a task that was known.
    pub(super) notes: Vec<String>,
}

/// Rows of a table, those of a split where they are.
pub(super) enum Chosen {
    Own(Vec<usize>),
    Of(Arc<Split>, fn(&Split) -> &[usize]),
}

impl Deref for Chosen {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        match self {
            Chosen::Own(rows) => rows,
            Chosen::Of(split, rows) => rows(split),
        }
    }
}

/// The three parts.
pub(super) struct Parts<'t> {
    pub(super) train: Part<'t>,
    pub(super) validation: Option<Part<'t>>,
    // Invariant: nothing but `open` reads it, `all` for checksums, and `fit` for cells that cannot be encoded.
    test: Option<Part<'t>>,
    split: Arc<Split>,
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
        let is_drawn =
            [&portions.validation, &portions.test].map(|portion| matches!(portion, Portion::Fraction(_)));
        let parting = Parting {
            rows: table.rows(),
            usable: (without_target > 0).then_some(usable),
            seed,
            order: columns.order_of(table, found)?,
            train: portions.train,
            validation: choice(&portions.validation),
            test: choice(&portions.test),
        };
        let split = Arc::new(parting.split()?);
        let own = |rows: fn(&Split) -> &[usize]| {
            Part::of(Cow::Borrowed(table), found, weights, Chosen::Of(Arc::clone(&split), rows))
        };
        let part = |portion, rows: fn(&Split) -> &[usize]| -> Result<Option<Part<'t>>, LearnError> {
            match portion {
                Portion::Table(table) => Part::of_table(*table, columns, task).map(Some),
                Portion::Fraction(_) | Portion::Rows(_) if rows(&split).is_empty() => Ok(None),
                Portion::Fraction(_) | Portion::Rows(_) => Ok(Some(own(rows))),
            }
        };
        let parts = Parts {
            train: own(|split| &split.train),
            validation: part(portions.validation, |split| &split.validation)?,
            test: part(portions.test, |split| &split.test)?,
            split,
            targets: task.names(),
            without_target,
        };
        parts.trains_every_class(task, is_drawn)?;
        parts.varies(task)?;
        Ok(parts)
    }

    /// An error for a class that is in other parts alone; each is drawn by the seed or told.
    fn trains_every_class(&self, task: &Task, is_drawn: [bool; 2]) -> Result<(), LearnError> {
        for (place, target) in task.targets.iter().enumerate() {
            let count = |part: &Part| {
                let mut counts = vec![0_usize; target.classes.len()];
                for value in part.values_of(place) {
                    if let Some(count) = counts.get_mut(value as usize) {
                        *count += 1;
                    }
                }
                counts
            };
            let trained = count(&self.train);
            let others: Vec<(Vec<usize>, bool)> = [&self.validation, &self.test]
                .into_iter()
                .zip(is_drawn)
                .filter_map(|(part, is_drawn)| Some((count(part.as_ref()?), is_drawn)))
                .collect();
            for (class, name) in target.classes.iter().enumerate() {
                let rows = others.iter().map(|(counts, _)| counts[class]).sum();
                let by_seed = others.iter().all(|(counts, is_drawn)| *is_drawn || counts[class] == 0);
                if trained[class] == 0 && rows > 0 {
                    let (column, class) = (target.name.clone(), name.clone());
                    let are_numbers = target.classes.len() > TargetColumn::MOST_OFFERED
                        && target.classes.iter().all(|class| class.parse::<f64>().is_ok());
                    return Err(LearnError::UntrainedClass { column, class, rows, by_seed, are_numbers });
                }
            }
        }
        Ok(())
    }

    /// An error for a target that is one number in every training row, where there are several.
    fn varies(&self, task: &Task) -> Result<(), LearnError> {
        for (place, target) in task.targets.iter().enumerate() {
            let values = || self.train.values_of(place);
            if let Some(value) = values().next()
                && values().len() > 1
                && values().all(|other| other == value)
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
    pub(super) fn split(&self) -> &Arc<Split> {
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
        rows: Chosen,
    ) -> Part<'t> {
        let values = found.iter().map(|column| Arc::clone(&column.values)).collect();
        let weights = weights.map(|weights| rows.iter().map(|row| weights[*row]).collect());
        Part { table, rows, values, weights, notes: Vec::new() }
    }

    /// The values of a target in these rows.
    pub(super) fn values_of(&self, target: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        let values = &self.values[target];
        self.rows.iter().map(|row| values[*row])
    }

    /// The value of a target in one of these rows.
    pub(super) fn value(&self, target: usize, row: usize) -> f64 {
        self.values[target][self.rows[row]]
    }

    /// The targets of the first of these rows as the loss sees them, before any scaling, some rows at a time.
    pub(super) fn encoded(&self, task: &Task, count: usize) -> impl Iterator<Item = Vec<f64>> {
        /// So many rows at a time.
        const ROWS: usize = 1 << 12;
        self.rows[..count].chunks(ROWS).map(move |rows| {
            let at = |values: &Arc<Vec<f64>>| rows.iter().map(|row| values[*row]).collect();
            task.encode(&self.values.iter().map(at).collect::<Vec<_>>())
        })
    }

    /// For each target its values in these rows.
    pub(super) fn truth(&self) -> Vec<Vec<f64>> {
        (0..self.values.len()).map(|target| self.values_of(target).collect()).collect()
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
        Ok(Part::of(Cow::Owned(table), &found, weights.as_deref(), Chosen::Own(rows)).with_notes(&found))
    }

    /// What predictions for these rows are judged by: [`Part::truth`], and the weights.
    pub(super) fn judged_by<'a>(&'a self, truth: &'a [Vec<f64>]) -> Truth<'a> {
        Truth { targets: truth, weights: self.weights.as_deref() }
    }

    /// The weights that training gives these rows: their own, times those of their classes where classes are balanced.
    pub(super) fn training_weights(&self, task: &Task, is_balanced: bool) -> Option<Vec<f64>> {
        if !(is_balanced && task.is_classes()) {
            return self.weights.clone();
        }
        let mut weights = self.weights.clone().unwrap_or_else(|| vec![1.0; self.rows.len()]);
        for (place, target) in task.targets.iter().enumerate() {
            let classes = || self.values_of(place).map(|class| class as usize);
            let mut counts = vec![0.0; target.classes.len()];
            classes().zip(&weights).for_each(|(class, weight)| counts[class] += weight);
            let factors = balanced(&counts);
            weights.iter_mut().zip(classes()).for_each(|(weight, class)| *weight *= factors[class]);
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
        let scaled = |(at, value): (usize, f64)| {
            let value = if log { libm::log(value) } else { value };
            let column = at % widths[1];
            T::from_f64((value - scaling.offset[column]) / scaling.factor[column])
        };
        let mut y = Vec::with_capacity(rows.len() * widths[1]);
        for encoded in self.encoded(task, rows.len()) {
            y.extend(encoded.into_iter().enumerate().map(scaled));
        }
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
