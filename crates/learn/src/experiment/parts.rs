//! The rows of a table in three parts, of which the third stays closed.

use crate::LearnError;
use table::{Choice, Dataset, Split, Table};

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

/// The three parts, in the table's units.
pub(super) struct Parts {
    pub(super) train: Dataset,
    pub(super) validation: Option<Dataset>,
    // Invariant: nothing but `open` reads it, and `datasets` for a checksum.
    test: Option<Dataset>,
    split: Split,
}

impl Parts {
    pub(super) fn new(data: Dataset, portions: Portions, seed: u64) -> Result<Parts, LearnError> {
        let choice = |portion: &Portion| match portion {
            Portion::Fraction(fraction) => Choice::Fraction(*fraction),
            Portion::Rows(rows) => Choice::Rows(rows.clone()),
            Portion::Table(_) => Choice::Fraction(0.0),
        };
        let (validation, test) = (choice(&portions.validation), choice(&portions.test));
        let split = Split::new(data.rows(), seed, portions.train, validation, test)?;
        let part = |portion: &Portion, rows: &[usize]| match portion {
            Portion::Table(table) => Dataset::for_model(table, &data.inputs, &data.targets).map(Some),
            Portion::Fraction(_) | Portion::Rows(_) if rows.is_empty() => Ok(None),
            Portion::Fraction(_) | Portion::Rows(_) => data.select_rows(rows).map(Some),
        };
        let validation = part(&portions.validation, &split.validation)?;
        let test = part(&portions.test, &split.test)?;
        Ok(Parts { train: data.select_rows(&split.train)?, validation, test, split })
    }

    /// The numbers of rows for training, validation and test.
    pub(super) fn rows(&self) -> [usize; 3] {
        [Some(&self.train), self.validation.as_ref(), self.test.as_ref()]
            .map(|part| part.map_or(0, Dataset::rows))
    }

    /// Every part that has rows, for their checksums alone.
    pub(super) fn datasets(&self) -> Vec<&Dataset> {
        [Some(&self.train), self.validation.as_ref(), self.test.as_ref()].into_iter().flatten().collect()
    }

    /// Which row of the table is in which part.
    pub(super) fn split(&self) -> &Split {
        &self.split
    }

    /// Which rows went where, and the test rows: the only way to them, and the end of the parts.
    pub(super) fn open(self) -> (Split, Option<Dataset>) {
        (self.split, self.test)
    }
}
