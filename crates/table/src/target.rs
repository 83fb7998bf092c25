//! What is to be predicted: numbers, counts or classes, found in the target's column or as it was told.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::categories::sorted;
use crate::column::{Cells, Column, Words};
use crate::error::Error;
use crate::kind::{ColumnKind, named, word_of};
use crate::merging::plain;
use crate::number::{Form, base_of, is_own_alone, read_told, read_written};
use crate::part::bits;
use crate::place::Role;
use crate::reading::Decimal;
use crate::scale::digits;
use crate::strays::{refuse, refuse_dates, refuse_stray_numbers};
use crate::table::Table;
use crate::words::short;

/// What a target's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// Quantities.
    Numbers,
    /// How often something happens: whole numbers from 0 on.
    Counts,
    /// One of several classes.
    Classes,
}

/// The column of a target.
///
/// ```
/// # use chainrule_table::{Table, TargetColumn, TargetKind};
/// let table = Table::parse("t", b"x,y\n1,no\n2,yes\n3,\n4,no\n")?;
/// let target = TargetColumn::find(&table, "y", None)?;
/// assert_eq!(target.kind, TargetKind::Classes);
/// assert_eq!((target.classes, target.missing), (vec!["no".to_owned(), "yes".to_owned()], vec![2]));
/// assert_eq!(target.values[..2], [0.0, 1.0]);
/// # Ok::<(), chainrule_table::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TargetColumn {
    /// The column's name.
    pub name: String,
    /// What its values are.
    pub kind: TargetKind,
    /// Why, in a few words.
    pub why: String,
    /// Whether the kind was told rather than found.
    pub told: bool,
    /// What it may be as well, and what to tell then.
    pub offers: Vec<TargetKind>,
    /// What else a person should know, each a clause with what to do about it.
    pub notes: Vec<String>,
    /// The classes in their order: numbers by size where all are numbers, else texts by code points. Empty but for classes.
    pub classes: Vec<String>,
    /// The signs of money or per cent and the like that stand beside its numbers, an empty one for a number alone, each once.
    pub signs: Vec<String>,
    /// One a row of the table: the number, or the place of the class; NaN where it is missing.
    pub values: Arc<Vec<f64>>,
    /// The rows, counted from 0, whose target is missing.
    pub missing: Vec<usize>,
}

impl TargetKind {
    const ALL: [(TargetKind, &'static str); 3] =
        [(TargetKind::Numbers, "numbers"), (TargetKind::Counts, "counts"), (TargetKind::Classes, "classes")];
}

impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word_of(&TargetKind::ALL, self))
    }
}

impl FromStr for TargetKind {
    type Err = String;

    fn from_str(text: &str) -> Result<TargetKind, String> {
        named(&TargetKind::ALL, text)
    }
}

impl TargetColumn {
    /// Whether a row, counted from 0, has a value in every one of these targets; a row beyond the last has none.
    pub fn all_known(targets: &[TargetColumn], row: usize) -> bool {
        targets.iter().all(|target| target.values.get(row).is_some_and(|value| !value.is_nan()))
    }

    /// Up to this many distinct whole numbers may be classes.
    pub const MOST_OFFERED: usize = 20;

    /// Finds what a target is, or takes it as what it was told to be. Text, booleans and exactly two distinct values are classes;
    /// other numbers are numbers.
    ///
    /// # Errors
    /// For a name that is no column, an infinite cell, text where numbers or counts were told, a count that is negative or no
    /// whole number, and, where nothing was told, a column of numbers but for a few cells and one of many dates.
    pub fn find(table: &Table, name: &str, told: Option<TargetKind>) -> Result<TargetColumn, Error> {
        let column = table.find(name, Role::Target)?;
        let cells = column.cells()?;
        let (kind, why, offers) = match &*cells {
            Cells::Text(words) if words.distinct.len() > 2 && words.are_beyond_doubles() => {
                let is_offered = words.distinct.len() <= TargetColumn::MOST_OFFERED;
                let offers = is_offered.then_some(TargetKind::Classes);
                (TargetKind::Numbers, "whole numbers".to_owned(), offers.into_iter().collect())
            }
            Cells::Text(words) => {
                let decimal = table.reading().decimal.unwrap_or(Decimal::Point);
                match Form::of(&words.distinct, decimal) {
                    Some(form) if words.distinct.len() > 2 => {
                        (TargetKind::Numbers, form.to_string(), Vec::new())
                    }
                    Some(_) | None => {
                        if told.is_none() {
                            refuse_stray_numbers(table, column, words, decimal, Role::Target)?;
                            refuse_dates(table, column, words)?;
                        }
                        let why = match words.distinct.len() {
                            1 => "one text".to_owned(),
                            count => format!("{count} texts"),
                        };
                        let is_told = |word: &str| read_told(word, decimal).is_some();
                        let may_be_numbers = words.distinct.len() > 2 && words.distinct.iter().all(is_told);
                        let offers = may_be_numbers.then_some(TargetKind::Numbers);
                        (TargetKind::Classes, why, offers.into_iter().collect())
                    }
                }
            }
            Cells::Number(numbers) => of_numbers(&numbers.values),
        };
        let mut target = match told.unwrap_or(kind) {
            TargetKind::Classes => TargetColumn::classes(table, (column, &cells), None)?,
            TargetKind::Numbers => TargetColumn::numbers(table, (column, &cells), None)?,
            TargetKind::Counts => {
                let target = TargetColumn::numbers(table, (column, &cells), None)?;
                let is_count = |value: f64| value.is_nan() || value >= 0.0 && value.fract() == 0.0;
                if let Some(row) = target.values.iter().position(|&value| !is_count(value)) {
                    let place = table.place(row, column, Role::Target);
                    return Err(Error::NoCount { place, value: target.values[row] });
                }
                TargetColumn { kind: TargetKind::Counts, ..target }
            }
        };
        target.notes.extend(column.missing_note().filter(|_| target.kind == TargetKind::Classes));
        target.told = told.is_some();
        target.why = if told.is_some() { "as told".to_owned() } else { why };
        target.offers = offers.into_iter().filter(|offer| *offer != target.kind).collect();
        Ok(target)
    }

    /// The target of a trained model from another table; `signs` are those of its training rows, or none where they were not kept.
    /// Numbers that all have another sign are read, and [`TargetColumn::notes`] say so.
    ///
    /// # Errors
    /// For a name that is no column, an infinite cell, text where the model has numbers, numbers of which a few have another sign, and
    /// a value that is none of its classes.
    pub fn for_model(
        table: &Table,
        name: &str,
        kind: TargetKind,
        (classes, signs): (&[String], &[String]),
    ) -> Result<TargetColumn, Error> {
        let column = table.find(name, Role::Target)?;
        let cells = column.cells()?;
        if kind == TargetKind::Classes {
            return TargetColumn::classes(table, (column, &cells), Some(classes));
        }
        let mut target = TargetColumn {
            kind,
            ..TargetColumn::numbers(table, (column, &cells), (!signs.is_empty()).then_some(signs))?
        };
        let shown = |signs: &[String]| {
            let words = signs.iter().map(|sign| match sign.as_str() {
                "" => "no sign".to_owned(),
                sign => format!("`{sign}`"),
            });
            words.collect::<Vec<_>>().join(", ")
        };
        let bases = |signs: &[String]| signs.iter().map(|sign| base_of(sign).to_owned()).collect::<Vec<_>>();
        let (own, known) = (bases(&target.signs), bases(signs));
        if !known.is_empty() && own.iter().any(|sign| !known.contains(sign)) {
            target.notes.push(format!(
                "the numbers of `{}` have {} beside them, and those of the training rows {}: they are taken in one unit",
                short(name),
                shown(&own),
                shown(&known)
            ));
        }
        Ok(target)
    }

    /// For each of these rows the place of its class; rows without one are left out.
    pub fn places(&self, rows: &[usize]) -> Vec<usize> {
        let values = rows.iter().filter_map(|&row| self.values.get(row));
        values.filter(|value| !value.is_nan()).map(|&value| value as usize).collect()
    }

    fn new(column: &Column, kind: TargetKind, classes: Vec<String>, values: Vec<f64>) -> TargetColumn {
        let missing = (0..values.len()).filter(|&row| values[row].is_nan()).collect();
        let name = column.name().to_owned();
        TargetColumn {
            name,
            kind,
            why: String::new(),
            told: true,
            offers: Vec::new(),
            notes: Vec::new(),
            classes,
            signs: Vec::new(),
            values: Arc::new(values),
            missing,
        }
    }

    /// The numbers of a column; of a model's target, whose signs are known, those of one form alone.
    fn numbers(
        table: &Table,
        (column, cells): (&Column, &Cells),
        known: Option<&[String]>,
    ) -> Result<TargetColumn, Error> {
        let place = |row| table.place(row, column, Role::Target);
        let mut signs: Vec<String> = Vec::new();
        let values: Vec<f64> = match cells {
            Cells::Number(numbers) => {
                signs.push(String::new());
                numbers.values.clone()
            }
            Cells::Text(words) => {
                let decimal = table.reading().decimal.unwrap_or(Decimal::Point);
                // Units are read where all have one, or where those that are known are.
                let has_units = known.is_some() || Form::of(&words.distinct, decimal).is_some();
                let reader = if has_units { read_written } else { read_told };
                let read: Vec<Written> = words.distinct.iter().map(|word| reader(word, decimal)).collect();
                if let Some(known) = known {
                    refuse_other_forms(table, column, words, (&read, known), decimal)?;
                }
                for (_, sign) in read.iter().flatten() {
                    if !signs.contains(sign) {
                        signs.push(sign.clone());
                    }
                }
                let number = |(row, code): (usize, Option<usize>)| match code.and_then(|code| read.get(code))
                {
                    None => Ok(f64::NAN),
                    Some(Some((value, _))) => Ok(*value),
                    Some(None) => {
                        let cell = words.get(row).unwrap_or_default().to_owned();
                        Err(Error::WrongKind { place: place(row), cell, kind: ColumnKind::Number })
                    }
                };
                words.places().enumerate().map(number).collect::<Result<_, _>>()?
            }
        };
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            return Err(Error::NotFinite { place: place(row), value: values[row] });
        }
        Ok(TargetColumn { signs, ..TargetColumn::new(column, TargetKind::Numbers, Vec::new(), values) })
    }

    /// The classes of a column, or each row as one of the known classes.
    fn classes(
        table: &Table,
        (column, cells): (&Column, &Cells),
        known: Option<&[String]>,
    ) -> Result<TargetColumn, Error> {
        let (labels, codes) = cells.labels();
        let label = |code: Option<usize>| labels.get(code?);
        if let Some(row) =
            codes.iter().position(|&code| label(code).is_some_and(|label| label.contains("inf")))
            && let Some(values) = cells.numbers()
        {
            let place = table.place(row, column, Role::Target);
            return Err(Error::NotFinite { place, value: values[row] });
        }
        let classes = known.map_or_else(|| sorted(labels.clone()), <[String]>::to_vec);
        let own: HashMap<&str, usize> =
            classes.iter().enumerate().map(|(place, class)| (class.as_str(), place)).collect();
        let by_number: HashMap<u64, usize> = (classes.iter().enumerate())
            .filter_map(|(place, class)| Some((bits(class.parse().ok()?), place)))
            .collect();
        // What is written otherwise is a class where no two are written so alike.
        let mut by_spelling: HashMap<String, Option<usize>> = HashMap::new();
        for (place, class) in classes.iter().enumerate() {
            by_spelling.entry(plain(class)).and_modify(|known| *known = None).or_insert(Some(place));
        }
        let mut alike: Vec<String> = Vec::new();
        let mut place_of = |label: &String| {
            let same = || by_number.get(&bits(label.parse().ok()?));
            let found = own.get(label.as_str()).or_else(same).copied();
            found.or_else(|| {
                let place = by_spelling.get(&plain(label)).copied().flatten()?;
                alike.push(format!("`{}` for `{}`", short(label), short(&classes[place])));
                Some(place)
            })
        };
        let places: Vec<Option<usize>> = labels.iter().map(&mut place_of).collect();
        let value = |(row, &code): (usize, &Option<usize>)| match code.and_then(|code| places.get(code)) {
            None => Ok(f64::NAN),
            Some(Some(place)) => Ok(*place as f64),
            Some(None) => {
                let place = table.place(row, column, Role::Target);
                let cell = label(code).cloned().unwrap_or_default();
                Err(Error::UnknownClass { place, cell, classes: classes.clone() })
            }
        };
        let values = codes.iter().enumerate().map(value).collect::<Result<_, _>>()?;
        let mut target = TargetColumn::new(column, TargetKind::Classes, classes, values);
        alike.truncate(4);
        if !alike.is_empty() {
            target.notes.push(format!(
                "words of `{}` are taken for classes, such as {}",
                column.name(),
                alike.join(", ")
            ));
        }
        Ok(target)
    }
}

/// The number of a word and what stands beside it; none where it is no number.
type Written = Option<(f64, String)>;

/// An error for words of which some are numbers as those of a model's training rows are, and others are none or have other signs.
fn refuse_other_forms(
    table: &Table,
    column: &Column,
    words: &Words,
    (read, known): (&[Written], &[String]),
    decimal: Decimal,
) -> Result<(), Error> {
    let is_own = |sign: &String| {
        known.contains(sign) || !is_own_alone(sign) && known.iter().any(|own| base_of(own) == base_of(sign))
    };
    let sign = |number: &Written| number.as_ref().map(|(_, sign)| sign.clone());
    let mut fits: Vec<bool> =
        read.iter().map(|number| sign(number).is_some_and(|sign| is_own(&sign))).collect();
    if !fits.contains(&true) {
        // One other sign is said where it is read, but no other unit.
        let form = Form::of(&words.distinct, decimal);
        if read.contains(&None) || form.is_some_and(|form| !is_own_alone(&form.sign)) {
            return Ok(());
        }
        let first = read.first().and_then(sign);
        fits = read.iter().map(|number| sign(number) == first).collect();
        if !fits.contains(&false) {
            let row = words.places().position(|place| place.is_some()).unwrap_or(0);
            let (place, cell) =
                (table.place(row, column, Role::ModelTarget), words.get(row).unwrap_or_default());
            return Err(Error::WrongKind { place, cell: cell.to_owned(), kind: ColumnKind::Number });
        }
    }
    refuse(table, column, words, (ColumnKind::Number, &fits), (Role::ModelTarget, decimal))
}

/// What numbers are as a target, why, and what they may be as well.
fn of_numbers(values: &[f64]) -> (TargetKind, String, Vec<TargetKind>) {
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    let (mut are_whole, mut are_counts) = (true, true);
    for &value in values.iter().filter(|value| !value.is_nan()) {
        are_whole &= value.fract() == 0.0;
        are_counts &= value >= 0.0 && value.fract() == 0.0;
        if seen.len() <= TargetColumn::MOST_OFFERED {
            seen.insert(bits(value));
        }
    }
    if seen.len() == 2 {
        let mut two: Vec<f64> = seen.iter().map(|&bits| f64::from_bits(bits)).collect();
        two.sort_by(f64::total_cmp);
        let why = format!("two values, {} and {}", short(&digits(two[0])), short(&digits(two[1])));
        return (TargetKind::Classes, why, vec![TargetKind::Numbers]);
    }
    let mut offers = Vec::new();
    if are_whole && (3..=TargetColumn::MOST_OFFERED).contains(&seen.len()) {
        offers.push(TargetKind::Classes);
    }
    if are_counts && seen.len() > 2 {
        offers.push(TargetKind::Counts);
    }
    let why = if are_whole { "whole numbers" } else { "numbers" };
    (TargetKind::Numbers, why.to_owned(), offers)
}
