//! Parting the rows of a table into training, validation and test rows.

use crate::error::{Error, Part};
use crate::random::{Purpose, Random};

/// The rows of each part, counted from 0; no row is in two parts.
///
/// Drawn rows stand in rising order, rows that were given in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The rows that the model learns from, at least one.
    pub train: Vec<usize>,
    /// The rows that choose the best epoch.
    pub validation: Vec<usize>,
    /// The rows that judge the model, read once.
    pub test: Vec<usize>,
}

/// How the rows of a part are chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Drawn by the seed; from 0, for no rows, up to but not including 1.
    Fraction(f64),
    /// These rows, counted from 0.
    Rows(Vec<usize>),
}

/// Parts `rows` rows by a seed: `test_fraction` of all rows to test, `validation_fraction` of the rest to validation,
/// what remains to training. 0.2 and 0.2 give 64, 16 and 20 parts of a hundred.
///
/// Counts are rounded to the nearest, but a fraction above 0 gives at least one row. A fraction of 0 gives none.
///
/// # Errors
/// For a fraction that is not from 0 up to 1, and when no row is left for a part.
pub fn split(rows: usize, seed: u64, test_fraction: f64, validation_fraction: f64) -> Result<Split, Error> {
    Split::new(rows, seed, None, Choice::Fraction(validation_fraction), Choice::Fraction(test_fraction))
}

impl Split {
    /// Parts `rows` rows, some by row numbers and some by the seed.
    ///
    /// A test fraction is one of all rows. A validation fraction is one of the rows left after the test rows, or, when
    /// the training rows are given, of those. Without given training rows all rows that are left are for training.
    ///
    /// # Errors
    /// For a fraction that is not from 0 up to 1, a row beyond the last, a row in two parts or twice in one, given
    /// training rows with test rows to be drawn, and when no row is left for a part.
    pub fn new(
        rows: usize,
        seed: u64,
        train: Option<Vec<usize>>,
        validation: Choice,
        test: Choice,
    ) -> Result<Split, Error> {
        check_fraction(&validation, Part::Validation)?;
        check_fraction(&test, Part::Test)?;
        let mut owners = Owners { parts: vec![None; rows] };
        if let Some(train) = &train {
            owners.claim(train, Part::Train)?;
        }
        if let Choice::Rows(validation) = &validation {
            owners.claim(validation, Part::Validation)?;
        }
        if let Choice::Rows(test) = &test {
            owners.claim(test, Part::Test)?;
        }

        let order = Random::new(seed, Purpose::Split, 0).permutation(rows);
        let test = match test {
            Choice::Rows(test) => test,
            Choice::Fraction(fraction) if fraction > 0.0 && train.is_some() => {
                return Err(Error::TestRowsNeeded);
            }
            Choice::Fraction(fraction) => owners.draw(&order, None, Part::Test, fraction, rows)?,
        };
        let validation = match validation {
            Choice::Rows(validation) => validation,
            Choice::Fraction(fraction) => {
                let from = train.as_ref().map(|_| Part::Train);
                let pool = owners.count(from);
                owners.draw(&order, from, Part::Validation, fraction, pool)?
            }
        };
        let train: Vec<usize> = match train {
            Some(train) => train.into_iter().filter(|&row| owners.parts[row] == Some(Part::Train)).collect(),
            None => (0..rows).filter(|&row| owners.parts[row].is_none()).collect(),
        };
        if train.is_empty() {
            return Err(Error::TooFewRows { part: Part::Train, rows });
        }
        Ok(Split { train, validation, test })
    }
}

/// Which part each row belongs to so far.
struct Owners {
    parts: Vec<Option<Part>>,
}

impl Owners {
    /// Gives the rows to a part, unless one is taken.
    fn claim(&mut self, chosen: &[usize], part: Part) -> Result<(), Error> {
        let rows = self.parts.len();
        for &row in chosen {
            let owner = self.parts.get_mut(row).ok_or(Error::NoRow { row, rows })?;
            if let Some(other) = owner.replace(part) {
                return Err(Error::Overlap { parts: [other, part], row });
            }
        }
        Ok(())
    }

    fn count(&self, owner: Option<Part>) -> usize {
        self.parts.iter().filter(|&&part| part == owner).count()
    }

    /// Gives `fraction` of `whole` rows to a part: the first in the order that belong to `from`. They come back in
    /// rising order.
    fn draw(
        &mut self,
        order: &[usize],
        from: Option<Part>,
        part: Part,
        fraction: f64,
        whole: usize,
    ) -> Result<Vec<usize>, Error> {
        if fraction == 0.0 {
            return Ok(Vec::new());
        }
        let wanted = ((fraction * whole as f64).round() as usize).max(1);
        let mut drawn: Vec<usize> =
            order.iter().copied().filter(|&row| self.parts[row] == from).take(wanted).collect();
        if drawn.is_empty() {
            return Err(Error::TooFewRows { part, rows: self.parts.len() });
        }
        drawn.sort_unstable();
        for &row in &drawn {
            self.parts[row] = Some(part);
        }
        Ok(drawn)
    }
}

fn check_fraction(choice: &Choice, part: Part) -> Result<(), Error> {
    match choice {
        Choice::Fraction(fraction) if !(0.0..1.0).contains(fraction) => {
            Err(Error::WrongFraction { part, fraction: *fraction })
        }
        Choice::Fraction(_) | Choice::Rows(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_sizes(rows: usize, want: [usize; 3]) {
        let split = split(rows, 0, 0.2, 0.2).unwrap();
        assert_eq!([split.train.len(), split.validation.len(), split.test.len()], want, "{rows} rows");
    }

    #[test]
    fn default_fractions_give_64_16_20() {
        check_sizes(100, [64, 16, 20]);
        check_sizes(20640, [13210, 3302, 4128]);
        check_sizes(4, [2, 1, 1]);
        check_sizes(3, [1, 1, 1]);
    }

    #[test]
    fn the_seed_alone_decides() {
        assert_eq!(split(50, 1, 0.2, 0.2), split(50, 1, 0.2, 0.2));
        assert_ne!(split(50, 1, 0.2, 0.2), split(50, 2, 0.2, 0.2));
    }

    #[test]
    fn given_rows_are_kept_and_the_rest_is_drawn_around_them() {
        let split = Split::new(10, 0, None, Choice::Fraction(0.5), Choice::Rows(vec![9, 0])).unwrap();
        assert_eq!(split.test, [9, 0]);
        assert_eq!((split.validation.len(), split.train.len()), (4, 4));
    }

    #[test]
    fn validation_is_drawn_from_given_training_rows() {
        let train = vec![8, 6, 4, 2];
        let split = Split::new(10, 0, Some(train), Choice::Fraction(0.25), Choice::Rows(vec![1])).unwrap();
        assert_eq!((split.validation.len(), split.train.len()), (1, 3));
        assert!(split.validation.iter().chain(&split.train).all(|row| row % 2 == 0));
        assert!(split.train.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn no_fraction_gives_no_rows() {
        let split = split(1, 0, 0.0, 0.0).unwrap();
        assert_eq!((split.train, split.validation, split.test), (vec![0], vec![], vec![]));
    }

    #[test]
    fn impossible_splits_are_refused() {
        let fraction = Choice::Fraction;
        let rows = |rows: &[usize]| Choice::Rows(rows.to_vec());
        let error = |train: Option<Vec<usize>>, validation, test| {
            Split::new(5, 0, train, validation, test).unwrap_err()
        };
        assert_eq!(
            error(Some(vec![1]), fraction(0.0), rows(&[0, 1])),
            Error::Overlap { parts: [Part::Train, Part::Test], row: 1 }
        );
        assert_eq!(
            error(None, rows(&[3, 3]), fraction(0.2)),
            Error::Overlap { parts: [Part::Validation; 2], row: 3 }
        );
        assert_eq!(error(None, rows(&[5]), fraction(0.2)), Error::NoRow { row: 5, rows: 5 });
        assert_eq!(error(Some(vec![1]), fraction(0.2), fraction(0.2)), Error::TestRowsNeeded);
        for wrong in [-0.1, 1.0, f64::NAN] {
            assert!(matches!(error(None, fraction(0.2), fraction(wrong)), Error::WrongFraction { .. }));
        }
        assert_eq!(
            error(None, rows(&[0, 1, 2, 3, 4]), fraction(0.2)),
            Error::TooFewRows { part: Part::Test, rows: 5 }
        );
        assert!(matches!(split(2, 0, 0.2, 0.2), Err(Error::TooFewRows { part: Part::Train, rows: 2 })));
        assert!(matches!(split(0, 0, 0.2, 0.2), Err(Error::TooFewRows { .. })));
    }
}
