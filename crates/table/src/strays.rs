//! Columns of one kind but for a few cells, which are asked about rather than taken for another kind, and words that are nearly
//! numbers, of which it is said what would make them numbers.

use std::fmt;

use crate::building::is_code;
use crate::column::{Column, Words};
use crate::dates::{DayOrder, Moment, is_digits};
use crate::distinct::Distinct;
use crate::encoding::column_option;
use crate::error::Error;
use crate::kind::ColumnKind;
use crate::number::{
    is_beyond_double, is_own_alone, read_any_number, read_number, read_signed, read_told, read_written,
    unit_of,
};
use crate::place::{Place, Role};
use crate::reading::Decimal;
use crate::table::Table;
use crate::target::TargetColumn;
use crate::words::{argument, listed, missing_option, short};

/// The cells of a column that are not of the kind of all others. Its `Display` is a sentence with the mends.
#[derive(Clone, Debug, PartialEq)]
pub struct Strays {
    /// Where the first of them stands.
    pub place: Box<Place>,
    /// The distinct ones, in the order in which they appear.
    pub strays: Vec<String>,
    /// What the others are.
    pub kind: ColumnKind,
    /// The first stray as the number that it is where the column is told to be numbers, if all are some.
    pub told: Option<f64>,
    /// The number of cells that are of this kind, and of the column's form.
    pub fitting: usize,
    /// The number of cells that are not missing.
    pub cells: usize,
    /// Other columns with such cells, each with the distinct ones.
    pub also: Vec<(String, Vec<String>)>,
}

/// Of ten cells so many are of a kind where the others are taken for strays.
const MOST_OF_TEN: usize = 9;

/// An error for a column of text that is one of numbers but for a few cells, which would make each number a class of a target, or
/// leave an input out. Numbers of several forms are strays of a target alone, for an input may be told to be numbers.
pub(crate) fn refuse_stray_numbers(
    table: &Table,
    column: &Column,
    words: &Words,
    decimal: Decimal,
    role: Role,
) -> Result<(), Error> {
    let other = if decimal == Decimal::Point { Decimal::Comma } else { Decimal::Point };
    let own: Vec<bool> = words.distinct.iter().map(|word| read_any_number(word, decimal).is_some()).collect();
    let sign = |word| read_written(word, decimal).or_else(|| read_written(word, other)).map(|(_, sign)| sign);
    // What has a unit is a number that a target may be meant as.
    let has_units = role == Role::Target
        && words.distinct.iter().any(|word| sign(word).is_some_and(|sign| is_own_alone(&sign)));
    let either = |place: usize| {
        let word = &words.distinct[place];
        own[place] || read_any_number(word, other).is_some() || has_units && sign(word).is_some()
    };
    let are_numbers: Vec<bool> = (0..own.len()).map(either).collect();
    let distinct = are_numbers.iter().filter(|is| **is).count();
    // What is a code, such as `01`, is no quantity.
    let has_codes = words.distinct.iter().any(is_code);
    if has_codes || distinct <= TargetColumn::MOST_OFFERED || !are_nearly_all(words, &are_numbers) {
        return Ok(());
    }
    if role != Role::Target && !own.contains(&false) {
        return Ok(());
    }
    // Where all are numbers of some form, those of the rarer form are the strays.
    let is_plain = |word: &str| read_number(word, decimal).is_some();
    let plain: Vec<bool> = words.distinct.iter().map(is_plain).collect();
    let fits = match own.contains(&false) {
        true if has_units => most_frequent(words, &words.distinct.iter().map(sign).collect::<Vec<_>>()),
        true => own,
        false => plain,
    };
    refuse(table, column, words, (ColumnKind::Number, &fits), (role, decimal))
}

/// An error for a column of text that is one of dates but for a few cells.
pub(crate) fn refuse_stray_dates(
    table: &Table,
    column: &Column,
    words: &Words,
    role: Role,
) -> Result<(), Error> {
    match most_dates(&words.distinct) {
        Some((day, mut are_dates)) if are_nearly_all(words, &are_dates) => {
            // What is told to be dates may be digits alone.
            if role == Role::Kind {
                let read = words.distinct.iter().map(|word| Moment::read(word, day).is_some());
                are_dates = read.collect();
            }
            let decimal = table.reading().decimal.unwrap_or(Decimal::Point);
            refuse(table, column, words, (ColumnKind::Date, &are_dates), (role, decimal))
        }
        Some(_) | None => Ok(()),
    }
}

/// An error for a target of so many dates that they are no classes.
pub(crate) fn refuse_dates(table: &Table, column: &Column, words: &Words) -> Result<(), Error> {
    let Some((_, are_dates)) = most_dates(&words.distinct) else { return Ok(()) };
    let are_few = words.distinct.len() <= TargetColumn::MOST_OFFERED;
    if are_few || !are_nearly_all(words, &are_dates) {
        return Ok(());
    }
    let is_date = |place: &Option<usize>| place.is_some_and(|place| are_dates[place]);
    let row = words.places().position(|place| is_date(&place)).unwrap_or(0);
    let cell = words.get(row).unwrap_or_default().to_owned();
    Err(Error::DateTarget {
        place: table.place(row, column, Role::Target),
        cell,
        distinct: words.distinct.len(),
        cells: words.places().flatten().count(),
    })
}

/// The order in which most of these words are dates, and which of them are; none where no word is a date.
pub(crate) fn most_dates(words: &Distinct) -> Option<(DayOrder, Vec<bool>)> {
    let is_date = |word: &str, order| !is_digits(word) && Moment::read(word, order).is_some();
    let of = |order| (order, words.iter().map(|word| is_date(word, order)).collect::<Vec<bool>>());
    let count = |(_, are): &(DayOrder, Vec<bool>)| are.iter().filter(|is| **is).count();
    // Of two orders with as many the first, as everywhere.
    let found = DayOrder::ALL.map(of).into_iter().rev().max_by_key(count)?;
    (count(&found) > 0).then_some(found)
}

/// Which words have the sign that most cells have.
fn most_frequent(words: &Words, signs: &[Option<String>]) -> Vec<bool> {
    let are = |sign: &Option<String>| signs.iter().map(|own| own == sign).collect::<Vec<bool>>();
    let mut kinds: Vec<&Option<String>> = signs.iter().filter(|sign| sign.is_some()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(are).max_by_key(|are| count(words, are)).unwrap_or_default()
}

/// The number of cells whose word is one of these.
fn count(words: &Words, are: &[bool]) -> usize {
    words.places().flatten().filter(|&place| are[place]).count()
}

fn are_nearly_all(words: &Words, are: &[bool]) -> bool {
    count(words, are) * 10 >= words.places().flatten().count() * MOST_OF_TEN
}

/// An error where some word does not fit.
pub(crate) fn refuse(
    table: &Table,
    column: &Column,
    words: &Words,
    (kind, fits): (ColumnKind, &[bool]),
    (role, decimal): (Role, Decimal),
) -> Result<(), Error> {
    let Some(row) = words.places().position(|place| place.is_some_and(|place| !fits[place])) else {
        return Ok(());
    };
    let strays = words.distinct.iter().zip(fits).filter(|(_, fits)| !**fits).map(|(word, _)| word.to_owned());
    let strays: Vec<String> = strays.collect();
    let number = |word: &String| read_told(word, decimal).map(|(value, _)| value);
    let told = (kind == ColumnKind::Number && strays.iter().all(|word| number(word).is_some()))
        .then(|| number(strays.first()?))
        .flatten();
    Err(Error::Strays(Box::new(Strays {
        place: table.place(row, column, role),
        strays,
        kind,
        told,
        fitting: count(words, fits),
        cells: words.places().flatten().count(),
        also: Vec::new(),
    })))
}

/// The units or signs that stand beside the numbers of all words, in words; none where some word has none.
fn units(words: &Words, decimal: Decimal) -> Option<String> {
    const MOST: usize = 3;
    let mut units: Vec<String> =
        words.distinct.iter().map(|word| unit_of(word, decimal)).collect::<Option<_>>()?;
    units.sort_unstable();
    units.dedup();
    let shown: Vec<String> = units.iter().take(MOST).map(|unit| format!("`{}`", short(unit))).collect();
    // Letters of many kinds are no units.
    (1..=MOST).contains(&units.len()).then(|| shown.join(" and "))
}

/// What is said of text that is left out or a category where most of its words are numbers.
pub(crate) fn nearly_numbers(
    column: &Column,
    words: &Words,
    decimal: Decimal,
    kind: ColumnKind,
) -> Option<String> {
    if !matches!(kind, ColumnKind::Text | ColumnKind::Category | ColumnKind::Identifier) {
        return None;
    }
    let is_number = |word: &&str| read_number(word, Decimal::Point).is_some();
    let numbers = words.distinct.iter().filter(is_number).count();
    if numbers == words.distinct.len() {
        let option = column_option(column.name(), ColumnKind::Number.word());
        return Some(if words.distinct.iter().any(is_beyond_double) {
            format!(
                "whole numbers beyond 2^53 are taken as codes, each with all its digits (`{option}` makes them numbers to 16 digits)"
            )
        } else {
            format!("numbers with leading zeros are taken as codes (`{option}` makes them numbers)")
        });
    }
    if let Some(units) = units(words, decimal) {
        return Some(format!(
            "numbers with {units}, which are numbers where the cells have the number alone, in one unit"
        ));
    }
    let option = column_option(column.name(), ColumnKind::Number.word());
    if words.distinct.iter().all(|word| read_signed(word, decimal).is_some()) {
        return Some(format!(
            "numbers with different signs of money or per cent, or some without (`{option}` takes the numbers alone)"
        ));
    }
    let other = if decimal == Decimal::Point { Decimal::Comma } else { Decimal::Point };
    for (mark, before) in [(decimal, ""), (other, "--decimal ")] {
        let told: Option<Vec<(f64, String)>> =
            words.distinct.iter().map(|word| read_told(word, mark)).collect();
        let odd = told.iter().flatten().position(|(_, sign)| is_own_alone(sign));
        if let (Some(told), Some(odd)) = (told, odd) {
            let sign = match (before, mark) {
                ("", _) => "",
                (_, Decimal::Point) => ". ",
                (_, Decimal::Comma) => ", ",
            };
            return Some(format!(
                "numbers such as `{}`, which `{before}{sign}{option}` takes as {}",
                short(&words.distinct[odd]),
                told[odd].0
            ));
        }
    }
    let other = words.distinct.iter().find(|word| !is_number(word))?;
    (2 * numbers > words.distinct.len()).then(|| {
        format!(
            "{numbers} of its {} values are numbers, and `{}` is none (`--missing {}` where it stands for a missing cell)",
            words.distinct.len(),
            short(other),
            argument(other)
        )
    })
}

impl Strays {
    /// The one error for all columns with such cells.
    pub(crate) fn of_all(found: Vec<Strays>) -> Option<Error> {
        let mut found = found.into_iter();
        let mut first = found.next()?;
        let others: Vec<Strays> = found.collect();
        // One option for one column.
        first.told = first.told.filter(|_| others.is_empty());
        first.also = others.into_iter().map(|other| (other.place.column, other.strays)).collect();
        Some(Error::Strays(Box::new(first)))
    }
}

impl fmt::Display for Strays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMED: usize = 3;
        let Strays { place, strays, kind, told, fitting, cells, also } = self;
        let others = strays.get(1..).unwrap_or_default();
        let whose = if matches!(place.role, Role::Target | Role::ModelTarget) { "target" } else { "column" };
        write!(
            f,
            "{place}: `{}` is no {kind} as {fitting} of the {cells} cells of the {whose} are",
            short(strays.first().map_or("", String::as_str))
        )?;
        if !others.is_empty() {
            let mut named: Vec<String> =
                others.iter().take(NAMED - 1).map(|stray| format!("`{}`", short(stray))).collect();
            if let Some(more @ 1..) = others.len().checked_sub(NAMED - 1) {
                named.push(format!("{more} more"));
            }
            write!(f, ", nor {} {}", if others.len() == 1 { "is" } else { "are" }, named.join(" and "))?;
        }
        if !also.is_empty() {
            let names: Vec<String> = also.iter().map(|(name, _)| name.clone()).collect();
            write!(
                f,
                ", and {} {} such cells too",
                listed(&names, " and "),
                if also.len() == 1 { "has" } else { "have" }
            )?;
        }
        // One word may stand in several columns.
        let mut all: Vec<String> = Vec::new();
        for stray in strays.iter().chain(also.iter().flat_map(|(_, strays)| strays)) {
            if !all.contains(stray) {
                all.push(stray.clone());
            }
        }
        let what = if also.is_empty() { format!("what is no {kind}") } else { "them".to_owned() };
        match missing_option(&all) {
            Some(option) => write!(f, ": take {what} as missing with `{option}`")?,
            None => write!(f, ": write all {kind}s in one form")?,
        }
        // What a model's target is was told where it was trained.
        if place.role == Role::ModelTarget {
            return Ok(());
        }
        let is_target = place.role == Role::Target;
        if let Some(value) = told {
            let option = match is_target {
                true => String::from("--task numbers"),
                false => column_option(&place.column, ColumnKind::Number.word()),
            };
            write!(f, ", or as numbers with `{option}`, {value} the first")?;
        }
        if is_target {
            return f.write_str(", or take each value as a class with `--task classes`");
        }
        let columns = std::iter::once(&place.column).chain(also.iter().map(|(name, _)| name));
        let options: Vec<String> = columns.map(|name| column_option(name, ColumnKind::Text.word())).collect();
        let what = if also.is_empty() { "the column" } else { "the columns" };
        write!(f, ", or leave {what} out with `{}`", options.join(" "))
    }
}
