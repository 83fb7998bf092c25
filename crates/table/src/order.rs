//! Which rows a split draws: by chance, the same share of each class, whole groups, or the last of an order.

use std::collections::BTreeMap;

use crate::column::Cells;
use crate::dates::{FoundDates, Moment, find_dates};
use crate::encoding::open_dates;
use crate::error::Error;
use crate::kind::ColumnKind;
use crate::place::Role;
use crate::strays::most_dates;
use crate::table::Table;

/// Which rows are drawn for a part of a split. What is given is one a row of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Order {
    /// Any, by chance.
    #[default]
    Random,
    /// By chance, of each class the same share to within a row, and never all rows of a class.
    Stratified(Vec<usize>),
    /// By chance, but all rows of a group or none.
    Grouped(Vec<usize>),
    /// Those with the greatest keys; of equal keys the last rows.
    Ordered(Vec<f64>),
}

impl Order {
    /// Groups by the values of a column; a row whose cell is missing is a group of its own.
    ///
    /// # Errors
    /// For a name that is no column.
    pub fn grouped_by(table: &Table, column: &str) -> Result<Order, Error> {
        let column = table.find(column, Role::Group)?;
        let mut groups = column.cells()?.codes();
        let mut next = groups.iter().flatten().max().map_or(0, |&last| last + 1);
        let own = |group: &mut Option<usize>| {
            group.take().unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        };
        Ok(Order::Grouped(groups.iter_mut().map(own).collect()))
    }

    /// The order of a column of numbers or dates.
    ///
    /// # Errors
    /// For a name that is no column, a missing or infinite cell, text that is no date, and dates that can be read in two ways.
    pub fn ordered_by(table: &Table, column: &str) -> Result<Order, Error> {
        let column = table.find(column, Role::Order)?;
        let place = |row| table.place(row, column, Role::Order);
        let keys: Vec<f64> = match &*column.cells()? {
            Cells::Number(numbers) => numbers.values.clone(),
            Cells::Text(words) if let Some(values) = words.plain_numbers() => {
                words.places().map(|place| place.map_or(f64::NAN, |place| values[place])).collect()
            }
            Cells::Text(words) => {
                let day = match find_dates(words.distinct.iter()) {
                    FoundDates::Order(day) => day,
                    FoundDates::Open(word) => {
                        return Err(open_dates(table, &[(column.name().to_owned(), word)]));
                    }
                    FoundDates::None => {
                        let are_dates = most_dates(&words.distinct).map(|(_, are_dates)| are_dates);
                        let is_other = |place: Option<usize>| {
                            place.is_some_and(|place| are_dates.as_ref().is_none_or(|are| !are[place]))
                        };
                        let row = words.places().position(is_other).unwrap_or(0);
                        let (place, cell) = (place(row), words.get(row).unwrap_or_default().to_owned());
                        return Err(Error::WrongKind { place, cell, kind: ColumnKind::Date });
                    }
                };
                let key = |word: &str| Moment::read(word, day).map_or(f64::NAN, |moment| moment.order());
                let keys: Vec<f64> = words.distinct.iter().map(key).collect();
                words.places().map(|place| place.map_or(f64::NAN, |place| keys[place])).collect()
            }
        };
        match keys.iter().position(|key| !key.is_finite()) {
            Some(row) if keys[row].is_nan() => Err(Error::MissingCell { place: place(row) }),
            Some(row) => Err(Error::NotFinite { place: place(row), value: keys[row] }),
            None => Ok(Order::Ordered(keys)),
        }
    }

    /// The number of rows that it is of; none where it is of any.
    pub(crate) fn rows(&self) -> Option<usize> {
        match self {
            Order::Random => None,
            Order::Stratified(groups) | Order::Grouped(groups) => Some(groups.len()),
            Order::Ordered(keys) => Some(keys.len()),
        }
    }

    /// About so many of these rows, which stand in the order of chance.
    pub(crate) fn draw(&self, free: &[usize], wanted: usize) -> Vec<usize> {
        match self {
            Order::Random => free[..wanted.min(free.len())].to_vec(),
            Order::Stratified(classes) => stratified(&gathered(free, classes), free.len(), wanted),
            Order::Grouped(groups) => {
                let mut drawn: Vec<usize> = Vec::new();
                for group in gathered(free, groups) {
                    // Groups come in the order of chance; one that would lead away from the wanted number is passed over.
                    let with = drawn.len() + group.len();
                    if with.abs_diff(wanted) < drawn.len().abs_diff(wanted) {
                        drawn.extend(group);
                    }
                }
                drawn
            }
            Order::Ordered(keys) => {
                let sorted = in_order(free, keys);
                sorted[sorted.len().saturating_sub(wanted)..].to_vec()
            }
        }
    }

    /// These rows, which stand in the order of chance, in so many pieces; one more where rows are ordered.
    pub(crate) fn pieces(&self, free: &[usize], folds: usize) -> Result<Vec<Vec<usize>>, Error> {
        let groups = match self {
            Order::Grouped(groups) => gathered(free, groups),
            Order::Random | Order::Stratified(_) | Order::Ordered(_) => Vec::new(),
        };
        let pieces = folds.saturating_add(usize::from(matches!(self, Order::Ordered(_))));
        let parts = if matches!(self, Order::Grouped(_)) { groups.len() } else { free.len() };
        if folds < 2 || pieces > parts {
            return Err(Error::TooManyFolds { folds, parts });
        }
        let dealt = |rows: &[usize]| -> Vec<Vec<usize>> {
            (0..pieces).map(|piece| rows.iter().copied().skip(piece).step_by(pieces).collect()).collect()
        };
        Ok(match self {
            Order::Random => dealt(free),
            Order::Stratified(classes) => dealt(&gathered(free, classes).concat()),
            Order::Grouped(_) => {
                let mut groups = groups;
                groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
                let mut made: Vec<Vec<usize>> = vec![Vec::new(); pieces];
                for group in groups {
                    let least = (0..pieces).min_by_key(|&piece| made[piece].len()).unwrap_or(0);
                    made[least].extend(group);
                }
                made
            }
            Order::Ordered(keys) => {
                let sorted = in_order(free, keys);
                let cut = |piece: usize| piece * sorted.len() / pieces;
                (0..pieces).map(|piece| sorted[cut(piece)..cut(piece + 1)].to_vec()).collect()
            }
        })
    }
}

/// The rows of each group, in the order in which groups and rows first appear.
fn gathered(rows: &[usize], groups: &[usize]) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut gathered: Vec<Vec<usize>> = Vec::new();
    for &row in rows {
        let place = *places.entry(groups[row]).or_insert_with(|| {
            gathered.push(Vec::new());
            gathered.len() - 1
        });
        gathered[place].push(row);
    }
    gathered
}

fn in_order(rows: &[usize], keys: &[f64]) -> Vec<usize> {
    let mut sorted = rows.to_vec();
    sorted.sort_unstable_by(|&a, &b| keys[a].total_cmp(&keys[b]).then(a.cmp(&b)));
    sorted
}

/// Of each class its share of the wanted rows, rounded down; the rows that are still wanted go to the classes that lost most by
/// the rounding. One row of each class is left, so that no class is without training rows.
fn stratified(classes: &[Vec<usize>], free: usize, wanted: usize) -> Vec<usize> {
    let share = |class: &Vec<usize>| wanted as f64 * class.len() as f64 / free.max(1) as f64;
    let most = |class: &Vec<usize>| class.len().saturating_sub(1);
    let mut counts: Vec<usize> =
        classes.iter().map(|class| (share(class).floor() as usize).min(most(class))).collect();
    let mut by_loss: Vec<usize> = (0..classes.len()).collect();
    let loss = |place: usize| share(&classes[place]) - share(&classes[place]).floor();
    by_loss.sort_by(|&a, &b| loss(b).total_cmp(&loss(a)));
    let mut left = wanted.saturating_sub(counts.iter().sum());
    while left > 0 {
        let before = left;
        for &place in &by_loss {
            if left > 0 && counts[place] < most(&classes[place]) {
                counts[place] += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    classes.iter().zip(counts).flat_map(|(class, count)| class[..count].iter().copied()).collect()
}
