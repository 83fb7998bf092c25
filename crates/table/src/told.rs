//! What a column becomes that is told to be of a kind, whatever its cells look like, or which cell does not fit.

use std::collections::{BTreeMap, BTreeSet};

use crate::categories::{Ranked, boolean_pair, known_order};
use crate::column::{Cells, Column, Numbers, Words};
use crate::dates::{DayOrder, FoundDates, Moment, find_dates};
use crate::error::Error;
use crate::finding::{
    Doubt, Found, Training, alone, category, cells_of, dates, measures, of_numbers, ordered,
};
use crate::kind::{ColumnKind, Wanted};
use crate::number::read_told;
use crate::part::Part;
use crate::place::Role;
use crate::reading::Decimal;
use crate::strays::{most_dates, refuse_stray_dates};

/// A column as it was told to be.
pub(crate) fn told(
    (column, cells): (&Column, &Cells),
    training: &Training<'_>,
    wanted: &Wanted,
) -> Result<Found, Doubt> {
    let wrong = |row: usize, cell: &str| {
        let place = training.table.place(row, column, Role::Kind);
        Error::WrongKind { place, cell: cell.to_owned(), kind: wanted.kind }
    };
    // Numbers that are told to be something else are the words that they are written as.
    let made;
    let words = match cells {
        Cells::Text(words) => words,
        // Two numbers are scaled as numbers are, whether they are found or told.
        Cells::Number(numbers) if wanted.kind == ColumnKind::TwoValues => {
            match of_numbers(column, numbers, training)? {
                found if found.kind == wanted.kind => return Ok(found),
                _ => {
                    made = numbers.as_words();
                    &made
                }
            }
        }
        Cells::Number(numbers) if wanted.kind != ColumnKind::Number => {
            made = numbers.as_words();
            &made
        }
        Cells::Number(numbers) => {
            let (cells, missing) = cells_of(column, numbers, training)?;
            return Ok(Found::new(wanted.kind, "", training.numbers(&cells, missing, alone())));
        }
    };
    let ranked = Ranked::of_words(words, training.weighted());
    let flag = ranked.missing > 0;
    let mut found = match wanted.kind {
        ColumnKind::Number => {
            let decimal = training.table.reading().decimal.unwrap_or(Decimal::Point);
            let is_number = |word: &str| read_told(word, decimal).is_some_and(|(value, _)| value.is_finite());
            let fits: Vec<bool> = words.distinct.iter().map(is_number).collect();
            if let Some(row) = words.places().position(|place| place.is_some_and(|place| !fits[place])) {
                return Err(wrong(row, words.get(row).unwrap_or_default()).into());
            }
            measures(words, training, decimal, ranked.missing)
        }
        ColumnKind::Category => category(column, &ranked),
        ColumnKind::Date => {
            let day = match wanted.day {
                Some(day) => day,
                None => match find_dates(words.distinct.iter()) {
                    FoundDates::Order(day) => day,
                    FoundDates::Open(word) => return Err(Doubt::Dates(word)),
                    FoundDates::None => {
                        refuse_stray_dates(training.table, column, words, Role::Kind)?;
                        most_dates(&words.distinct).map_or(DayOrder::DayFirst, |(day, _)| day)
                    }
                },
            };
            let is_wrong =
                |row: &usize| words.get(*row).is_some_and(|word| Moment::read(word, day).is_none());
            if let Some(row) = (0..training.table.rows()).find(is_wrong) {
                return Err(wrong(row, words.get(row).unwrap_or_default()).into());
            }
            let mut found = dates(words, training, day, flag);
            if let (Part::Date { open, .. }, Some(_)) = (&mut found.part, wanted.day) {
                *open = false;
            }
            found
        }
        ColumnKind::Ordered => {
            let values = || ranked.values.iter().map(|(value, _)| *value);
            let order = match (wanted.order.as_slice(), known_order(values())) {
                ([], Some(order)) => order,
                // Without an order of their own, numbers have that of numbers and words that of letters.
                ([], None) => ranked.in_order().into_iter().map(|value| vec![value]).collect(),
                (order, _) => order.iter().map(|value| vec![value.clone()]).collect(),
            };
            let known: BTreeSet<&String> = order.iter().flatten().collect();
            let lost =
                |word: &str| !known.contains(&word.to_owned()) && !known.contains(&word.to_lowercase());
            if let Some((row, _)) = training.weighted().find(|&(row, _)| words.get(row).is_some_and(lost)) {
                return Err(wrong(row, words.get(row).unwrap_or_default()).into());
            }
            ordered(words, training, order, ranked.missing)
        }
        ColumnKind::TwoValues | ColumnKind::Boolean => {
            let values = || ranked.values.iter().map(|(value, _)| *value);
            let values = match (boolean_pair(values()), ranked.in_order().as_slice()) {
                (Some([no, yes]), _) => [vec![no.to_owned()], vec![yes.to_owned()]],
                (None, [first, second]) => [vec![first.clone()], vec![second.clone()]],
                (None, [only]) => return Ok(Found::constant(Some(only.clone()), ranked.missing)),
                (None, []) => return Ok(Found::constant(None, ranked.missing)),
                (None, [first, second, ..]) => {
                    let others =
                        |row: usize| words.get(row).is_some_and(|word| word != first && word != second);
                    let row = training.weighted().map(|(row, _)| row).find(|&row| others(row)).unwrap_or(0);
                    return Err(wrong(row, words.get(row).unwrap_or_default()).into());
                }
            };
            Found::new(wanted.kind, "", Part::TwoValues { values, flag })
        }
        ColumnKind::Text | ColumnKind::Identifier | ColumnKind::Constant => Found::left_out(wanted.kind, ""),
    };
    found.kind = wanted.kind;
    found.distinct = Some(ranked.values.len());
    Ok(found)
}

impl Numbers {
    /// The numbers as words, each as short as it reads back.
    fn as_words(&self) -> Words {
        let mut words = Words { codes: Vec::with_capacity(self.values.len()), ..Words::default() };
        let mut places: BTreeMap<u64, u32> = BTreeMap::new();
        for &value in &self.values {
            let code = if value.is_nan() {
                Words::MISSING
            } else {
                *places.entry(crate::part::bits(value)).or_insert_with(|| {
                    words.distinct.push(&(value + 0.0).to_string());
                    u32::try_from(words.distinct.len() - 1).unwrap_or(Words::MISSING)
                })
            };
            words.codes.push(code);
        }
        words
    }
}
