//! How long a network is trained, where nobody says it.

use std::num::NonZero;
use std::time::Duration;

/// How often the training rows are visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epochs {
    /// So many times.
    Fixed(usize),
    /// As often as this many rows need, by [`Epochs::of`]; training ends earlier where the validation rows say so.
    #[default]
    ByRows,
}

/// Updates that a network is given to settle, however few its rows are.
const STEPS: usize = 20_000;
/// Updates before which no patience ends.
pub(crate) const LEAST_STEPS: u64 = 4_000;
/// The fewest and the most epochs that rows ask for.
const EPOCHS: (usize, usize) = (40, 2_000);
/// The part of the epochs over which no better epoch is waited for.
const PATIENCE: usize = 8;
/// The most time that a training takes that nobody limits.
const TIME: Duration = Duration::from_secs(600);

/// What ends a training at the latest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Budget {
    /// Epochs at most.
    pub epochs: usize,
    /// Epochs without a better one after which it ends; none where it goes on.
    pub patience: Option<usize>,
    /// Time at most.
    pub time: Option<Duration>,
}

impl Epochs {
    /// The number of epochs over so many rows in batches of this size: 20,000 updates, but no fewer than 40 epochs and no more than
    /// 2,000.
    pub fn of(self, rows: usize, batch: usize) -> usize {
        match self {
            Epochs::Fixed(epochs) => epochs,
            Epochs::ByRows => STEPS.div_ceil(rows.div_ceil(batch.max(1)).max(1)).clamp(EPOCHS.0, EPOCHS.1),
        }
    }
}

impl From<usize> for Epochs {
    fn from(epochs: usize) -> Epochs {
        Epochs::Fixed(epochs)
    }
}

impl Budget {
    /// That of options over so many rows: what was told counts more than what rows ask for.
    pub(crate) fn of(options: &crate::Options, rows: usize, batch: usize) -> Budget {
        let epochs = options.epochs.of(rows, batch);
        let is_by_rows = options.epochs == Epochs::ByRows;
        let own = is_by_rows.then(|| epochs.div_ceil(PATIENCE).max(1));
        Budget {
            epochs,
            patience: options.patience.map(NonZero::get).or(own),
            time: options.time_limit.or(is_by_rows.then_some(TIME)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_visited_often_and_many_are_not() {
        for (rows, batch, want) in [
            (4, 64, 2000),
            (197, 64, 2000),
            (6_400, 64, 200),
            (13_210, 64, 97),
            (10_000_000, 64, 40),
            (0, 0, 2000),
        ] {
            assert_eq!(Epochs::ByRows.of(rows, batch), want, "{rows}");
        }
        assert_eq!(Epochs::Fixed(7).of(1_000_000, 1), 7);
    }
}
