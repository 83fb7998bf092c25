//! Parting the rows of a table into training, validation and test rows.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::order::Order;
use random::{Purpose, Random};

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
    /// Parts `rows` rows, some by row numbers and some by the seed, as [`Parting`] does in the order of chance.
    ///
    /// # Errors
    /// As for [`Parting::split`].
    pub fn new(
        rows: usize,
        seed: u64,
        train: Option<Vec<usize>>,
        validation: Choice,
        test: Choice,
    ) -> Result<Split, Error> {
        Parting { train, validation, test, ..Parting::new(rows, seed) }.split()
    }
}

/// How the rows of a table are parted.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// The number of rows of the table.
    pub rows: usize,
    /// The rows that can be used, counted from 0, such as those with a target; none where all can. Others are in no part.
    pub usable: Option<Vec<usize>>,
    /// What the order of chance is drawn by.
    pub seed: u64,
    /// Which rows are drawn.
    pub order: Order,
    /// The training rows, where they are given.
    pub train: Option<Vec<usize>>,
    /// The validation rows. A fraction is one of the rows left after the test rows, or, when the training rows are given, of
    /// those.
    pub validation: Choice,
    /// The test rows. A fraction is one of all rows that can be used.
    pub test: Choice,
}

impl Parting {
    /// All rows for training, in the order of chance.
    pub fn new(rows: usize, seed: u64) -> Parting {
        Parting {
            rows,
            usable: None,
            seed,
            order: Order::Random,
            train: None,
            validation: Choice::Fraction(0.0),
            test: Choice::Fraction(0.0),
        }
    }

    /// Parts the rows. Without given training rows all rows that are left are for training.
    ///
    /// # Errors
    /// For a fraction that is not from 0 up to 1, a row beyond the last, a row in two parts or twice in one, given
    /// training rows with test rows to be drawn, an order that is not of so many rows, and when no row is left for a part.
    pub fn split(self) -> Result<Split, Error> {
        let order = self.permutation()?;
        self.split_in(&order)
    }

    /// Parts the rows into so many folds: in each split other rows are for testing, and in all splits together each row is once.
    ///
    /// Groups stay whole, and each class is parted evenly. Ordered rows are parted into one piece more than there are folds; each
    /// piece but the first is tested once, by what stands before it. Validation rows are drawn from the training rows of each
    /// fold; `train` and `test` do not count.
    ///
    /// # Errors
    /// As for [`Parting::split`], and for fewer than two folds or more than there are rows or groups.
    pub fn folds(&self, folds: usize) -> Result<Vec<Split>, Error> {
        let order = self.permutation()?;
        let pieces = self.order.pieces(&order, folds)?;
        let is_forward = matches!(self.order, Order::Ordered(_));
        let first = usize::from(is_forward);
        (first..pieces.len())
            .map(|tested| {
                let is_train = |piece: &usize| if is_forward { *piece < tested } else { *piece != tested };
                let mut train: Vec<usize> = (0..pieces.len())
                    .filter(is_train)
                    .flat_map(|piece| pieces[piece].iter().copied())
                    .collect();
                train.sort_unstable();
                let mut test = pieces[tested].clone();
                test.sort_unstable();
                let split = Parting { train: Some(train), test: Choice::Rows(test), ..self.clone() };
                split.split_in(&order)
            })
            .collect()
    }

    /// The rows that can be used, in the order of chance.
    fn permutation(&self) -> Result<Vec<usize>, Error> {
        let rows = self.rows;
        if let Some(found) = self.order.rows().filter(|&found| found != rows) {
            return Err(Error::WrongCount { cells: found, rows, columns: 1 });
        }
        let mut order = Random::new(self.seed, Purpose::Split, 0).permutation(rows);
        if let Some(usable) = &self.usable {
            let mut is_usable = vec![false; rows];
            for &row in usable {
                *is_usable.get_mut(row).ok_or(Error::NoRow { row, rows })? = true;
            }
            order.retain(|&row| is_usable[row]);
        }
        Ok(order)
    }

    fn split_in(self, order: &[usize]) -> Result<Split, Error> {
        let Parting { rows, train, validation, test, order: way, .. } = self;
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
        let mut is_usable = vec![false; rows];
        order.iter().for_each(|&row| is_usable[row] = true);
        let usable =
            |rows: Vec<usize>| -> Vec<usize> { rows.into_iter().filter(|&row| is_usable[row]).collect() };

        let test = match test {
            Choice::Rows(test) => usable(test),
            Choice::Fraction(fraction) if fraction > 0.0 && train.is_some() => {
                return Err(Error::TestRowsNeeded);
            }
            Choice::Fraction(fraction) => {
                let free = owners.of(order, None);
                owners.draw(&way, &free, Part::Test, fraction, order.len())?
            }
        };
        let validation = match validation {
            Choice::Rows(validation) => usable(validation),
            Choice::Fraction(fraction) => {
                let free = owners.of(order, train.as_ref().map(|_| Part::Train));
                owners.draw(&way, &free, Part::Validation, fraction, free.len())?
            }
        };
        let train: Vec<usize> = match train {
            Some(train) => {
                usable(train).into_iter().filter(|&row| owners.parts[row] == Some(Part::Train)).collect()
            }
            None => (0..rows).filter(|&row| owners.parts[row].is_none() && is_usable[row]).collect(),
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

    /// The rows of the order that belong to a part.
    fn of(&self, order: &[usize], owner: Option<Part>) -> Vec<usize> {
        order.iter().copied().filter(|&row| self.parts[row] == owner).collect()
    }

    /// Gives `fraction` of `whole` rows to a part, from those that are free. They come back in rising order.
    fn draw(
        &mut self,
        way: &Order,
        free: &[usize],
        part: Part,
        fraction: f64,
        whole: usize,
    ) -> Result<Vec<usize>, Error> {
        if fraction == 0.0 {
            return Ok(Vec::new());
        }
        let wanted = ((fraction * whole as f64).round() as usize).max(1);
        let mut drawn = way.draw(free, wanted);
        if drawn.is_empty() {
            let error = match way {
                Order::Stratified(keys) | Order::Grouped(keys) if free.len() > 1 => Error::WholeSets {
                    part,
                    rows: free.len(),
                    sets: free.iter().filter_map(|&row| keys.get(row)).collect::<BTreeSet<_>>().len(),
                    are_groups: matches!(way, Order::Grouped(_)),
                },
                _ => Error::TooFewRows { part, rows: self.parts.len() },
            };
            return Err(error);
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

/// A part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rows that the model learns from.
    Train,
    /// The rows that choose the best epoch.
    Validation,
    /// The rows that judge the model, read once.
    Test,
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
