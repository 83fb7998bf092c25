//! Which kind a column is of, and what it becomes: found in its cells, or as it was told.

use crate::categories::{Ranked, boolean_pair, known_order};
use crate::column::{Cells, Column, Numbers, Words};
use crate::dates::{DateParts, DayOrder, FoundDates, Moment, find_dates, is_date_number};
use crate::encoding::{EncodedColumn, column_option};
use crate::error::Error;
use crate::identifier::{counts_up, is_named_so};
use crate::kind::{ColumnKind, Wanted};
use crate::number::{Form, is_own_alone, read_written};
use crate::part::Part;
use crate::place::Role;
use crate::quantiles::{Weighted, median};
use crate::reading::Decimal;
use crate::scale::{NumberScaling, Scale, digits};
use crate::strays::{nearly_numbers, refuse_stray_dates, refuse_stray_numbers};
use crate::table::Table;
use crate::told::told;
use crate::words::short;

/// The rows that an encoding is fitted on.
pub(crate) struct Training<'a> {
    pub(crate) table: &'a Table,
    rows: &'a [usize],
    weights: Option<&'a [f64]>,
    scaling: NumberScaling,
}

/// Why a column's kind is not found.
pub(crate) enum Doubt {
    /// This word, among all of a column, is a date with the day and with the month first.
    Dates(String),
    Error(Box<Error>),
}

impl From<Error> for Doubt {
    fn from(error: Error) -> Doubt {
        Doubt::Error(Box::new(error))
    }
}

impl<'a> Training<'a> {
    pub(crate) fn new(
        table: &'a Table,
        rows: &'a [usize],
        weights: Option<&'a [f64]>,
        scaling: NumberScaling,
    ) -> Result<Training<'a>, Error> {
        if let Some(&row) = rows.iter().find(|&&row| row >= table.rows()) {
            return Err(Error::NoRow { row, rows: table.rows() });
        }
        if let Some(weights) = weights {
            if weights.len() != table.rows() {
                return Err(Error::WrongCount { cells: weights.len(), rows: table.rows(), columns: 1 });
            }
            if let Some(&row) = rows.iter().find(|&&row| !(weights[row].is_finite() && weights[row] >= 0.0)) {
                return Err(Error::WrongWeight { row, weight: weights[row] });
            }
        }
        Ok(Training { table, rows, weights, scaling })
    }

    /// The rows that count, each with its weight.
    pub(crate) fn weighted(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
        self.rows.iter().map(move |&row| (row, weight(row))).filter(|(_, weight)| *weight > 0.0)
    }

    /// The median of values with their weights, in linear time where all weights are equal.
    fn median(&self, cells: &[(f64, f64)]) -> f64 {
        match self.weights {
            Some(_) => Weighted::new(cells).quantile(0.5),
            None => median(&mut cells.iter().map(|&(value, _)| value).collect::<Vec<f64>>()),
        }
    }

    /// What a part of numbers, or of places in an order, holds: the median for missing cells, the map, and whether there are gaps.
    pub(crate) fn number(&self, cells: &[(f64, f64)], missing: usize) -> (f64, Scale, bool) {
        (self.median(cells), Scale::fit(self.scaling, cells), missing > 0)
    }

    /// What a column of these numbers, with their weights, becomes; `signs` stand beside them.
    pub(crate) fn numbers(&self, cells: &[(f64, f64)], missing: usize, signs: Vec<String>) -> Part {
        let (gap, scale, flag) = self.number(cells, missing);
        let (low, high) = cells.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (value, _)| {
            (low.min(*value), high.max(*value))
        });
        Part::Number { gap, scale, flag, range: (low <= high).then_some([low, high]), signs }
    }
}

/// Finds what a column is, or makes it what it was told to be.
pub(crate) fn find(
    column: &Column,
    training: &Training<'_>,
    wanted: Option<&Wanted>,
) -> Result<EncodedColumn, Doubt> {
    let cells = column.cells()?;
    let found = match (&*cells, wanted) {
        (_, Some(wanted)) if wanted.kind.is_left_out() => Found::left_out(wanted.kind, String::new()),
        (Cells::Number(numbers), None) => of_numbers(column, numbers, training)?,
        (Cells::Text(words), None) => of_words(column, words, training)?,
        (cells, Some(wanted)) => told((column, cells), training, wanted)?,
    };
    let missing = match &*cells {
        Cells::Number(numbers) => {
            training.weighted().filter(|&(row, _)| numbers.values[row].is_nan()).count()
        }
        Cells::Text(words) => training.weighted().filter(|&(row, _)| words.get(row).is_none()).count(),
    };
    let mut notes = found.notes;
    notes.extend(column.missing_note());
    Ok(EncodedColumn {
        name: column.name().to_owned(),
        kind: found.kind,
        why: if wanted.is_some() { "as told".to_owned() } else { found.why },
        told: wanted.is_some(),
        notes,
        missing,
        distinct: found.distinct,
        part: found.part,
    })
}

/// What a column is, as it was found.
pub(crate) struct Found {
    pub(crate) kind: ColumnKind,
    pub(crate) why: String,
    pub(crate) notes: Vec<String>,
    pub(crate) distinct: Option<usize>,
    pub(crate) part: Part,
}

impl Found {
    pub(crate) fn new(kind: ColumnKind, why: impl Into<String>, part: Part) -> Found {
        Found { kind, why: why.into(), notes: Vec::new(), distinct: None, part }
    }

    pub(crate) fn left_out(kind: ColumnKind, why: impl Into<String>) -> Found {
        Found::new(kind, why, Part::LeftOut)
    }

    /// A column with one value or none.
    pub(crate) fn constant(value: Option<String>, missing: usize) -> Found {
        let distinct = Some(usize::from(value.is_some()));
        let found = match (value, missing) {
            (None, _) => Found::left_out(ColumnKind::Constant, "no value in the training rows"),
            (Some(value), 0) => {
                Found::left_out(ColumnKind::Constant, format!("`{}` in all training rows", short(&value)))
            }
            (Some(value), _) => {
                Found::new(ColumnKind::TwoValues, format!("`{}` or missing", short(&value)), Part::Missing)
            }
        };
        Found { distinct, ..found }
    }
}

/// The numbers of the rows that count with their weights, and how many are missing; an infinite one in any row is an error.
pub(crate) fn cells_of(
    column: &Column,
    numbers: &Numbers,
    training: &Training<'_>,
) -> Result<(Vec<(f64, f64)>, usize), Error> {
    if let Some(row) = numbers.values.iter().position(|value| value.is_infinite()) {
        let place = training.table.place(row, column, Role::Input);
        return Err(Error::NotFinite { place, value: numbers.values[row] });
    }
    let mut cells = Vec::with_capacity(training.rows.len());
    let mut missing = 0;
    for (row, weight) in training.weighted() {
        match numbers.values[row] {
            value if value.is_nan() => missing += 1,
            value => cells.push((value, weight)),
        }
    }
    Ok((cells, missing))
}

pub(crate) fn of_numbers(
    column: &Column,
    numbers: &Numbers,
    training: &Training<'_>,
) -> Result<Found, Doubt> {
    let (cells, missing) = cells_of(column, numbers, training)?;
    let first = cells.first().map(|&(value, _)| value);
    let second = cells.iter().map(|&(value, _)| value).find(|&value| Some(value) != first);
    let (Some(first), Some(second)) = (first, second) else {
        return Ok(Found::constant(first.map(digits), missing));
    };
    if let Some(why) = counts_up(column.name(), &numbers.values) {
        return Ok(Found::left_out(ColumnKind::Identifier, why));
    }
    let is_two = cells.iter().all(|&(value, _)| value == first || value == second);
    let part = training.numbers(&cells, missing, alone());
    Ok(if is_two {
        let (low, high) = (first.min(second), first.max(second));
        let why = format!("{} and {}", digits(low), digits(high));
        Found { distinct: Some(2), ..Found::new(ColumnKind::TwoValues, why, part) }
    } else {
        let mut found = Found::new(ColumnKind::Number, "numbers", part);
        if let Some(&(example, _)) =
            cells.first().filter(|_| cells.iter().all(|&(value, _)| is_date_number(value)))
        {
            let option = column_option(column.name(), ColumnKind::Date.word());
            found.notes.push(format!("numbers such as {example} may be dates (`{option}` makes them dates)"));
        }
        found
    })
}

fn of_words(column: &Column, words: &Words, training: &Training<'_>) -> Result<Found, Doubt> {
    let ranked = Ranked::of_words(words, training.weighted());
    let found = find_among(column, words, training, &ranked)?;
    let mut found = Found { distinct: Some(ranked.values.len()), ..found };
    let decimal = training.table.reading().decimal.unwrap_or(Decimal::Point);
    found.notes.extend(nearly_numbers(column, words, decimal, found.kind));
    Ok(found)
}

fn find_among(
    column: &Column,
    words: &Words,
    training: &Training<'_>,
    ranked: &Ranked,
) -> Result<Found, Doubt> {
    let (distinct, missing) = (ranked.values.len(), ranked.missing);
    let flag = missing > 0;
    if distinct < 2 {
        return Ok(Found::constant(ranked.values.first().map(|(value, _)| (*value).to_owned()), missing));
    }
    let values = || ranked.values.iter().map(|(value, _)| *value);
    if let Some([no, yes]) = boolean_pair(values()) {
        let part = Part::TwoValues { values: [vec![no.to_owned()], vec![yes.to_owned()]], flag };
        return Ok(Found::new(ColumnKind::Boolean, format!("{no} and {yes}"), part));
    }
    let decimal = training.table.reading().decimal.unwrap_or(Decimal::Point);
    // What names rows is no number for what all names have behind one, as in `101A`.
    let names_rows = is_named_so(column.name()) && distinct == ranked.cells;
    if let Some(form) = Form::of(&words.distinct, decimal).filter(|_| !names_rows) {
        let notes = vec![form.to_string()];
        return Ok(Found { notes, ..measures(words, training, decimal, missing) });
    }
    match find_dates(words.distinct.iter()) {
        FoundDates::Order(day) => return Ok(dates(words, training, day, flag)),
        FoundDates::Open(word) => return Err(Doubt::Dates(word)),
        FoundDates::None => {}
    }
    if let Some(order) = known_order(values()) {
        return Ok(ordered(words, training, order, missing));
    }
    if distinct == 2 {
        let mut two: Vec<String> = values().map(str::to_owned).collect();
        two.sort_unstable();
        let why = format!("`{}` and `{}`", short(&two[0]), short(&two[1]));
        let values = [vec![two[0].clone()], vec![two[1].clone()]];
        return Ok(Found::new(ColumnKind::TwoValues, why, Part::TwoValues { values, flag }));
    }
    if distinct == ranked.cells || distinct > Ranked::MOST_FEW {
        refuse_stray_dates(training.table, column, words, Role::Input)?;
        refuse_stray_numbers(training.table, column, words, decimal, Role::Input)?;
    }
    if distinct == ranked.cells {
        return Ok(Found::left_out(ColumnKind::Identifier, "another text in each row"));
    }
    if is_named_so(column.name()) && distinct > Ranked::MOST_FEW && 4 * distinct > 3 * ranked.cells {
        return Ok(Found::left_out(ColumnKind::Identifier, "another text in nearly each row"));
    }
    if distinct > Ranked::MOST_FEW && 2 * distinct > ranked.cells {
        let why = format!("{distinct} texts in {} rows", ranked.cells);
        return Ok(Found::left_out(ColumnKind::Text, why));
    }
    Ok(category(column, ranked))
}

pub(crate) fn category(column: &Column, ranked: &Ranked) -> Found {
    let distinct = ranked.values.len();
    let is_code = |(value, _): &(&str, f64)| value.len() > 1 && value.starts_with('0');
    let are_codes = ranked.values.iter().all(|(value, _)| value.bytes().all(|byte| byte.is_ascii_digit()))
        && ranked.values.iter().any(is_code);
    let why =
        if are_codes { format!("{distinct} codes with leading zeros") } else { format!("{distinct} values") };
    let (values, other) = ranked.most_frequent();
    let own = values.len();
    let mut found =
        Found::new(ColumnKind::Category, why, Part::Category { values, other, flag: ranked.missing > 0 });
    if other {
        found.notes.push(format!(
            "the {own} most frequent of {distinct} values have a column each, the others one together (leave it out with `{}`)",
            column_option(column.name(), ColumnKind::Text.word())
        ));
    }
    found
}

/// Numbers, each read from one of the words, with the signs that the training rows have beside them.
pub(crate) fn measures(words: &Words, training: &Training<'_>, decimal: Decimal, missing: usize) -> Found {
    let read: Vec<Option<(f64, String)>> =
        words.distinct.iter().map(|word| read_written(word, decimal)).collect();
    // What a column is told or found to have alone, all of its cells may have.
    let own_alone = read.iter().flatten().map(|(_, sign)| sign.as_str()).filter(|sign| is_own_alone(sign));
    let mut signs: Vec<&str> = own_alone.collect();
    signs.sort_unstable();
    signs.dedup();
    let mut cells: Vec<(f64, f64)> = Vec::new();
    for (row, weight) in training.weighted() {
        let Some((value, sign)) = words.place(row).and_then(|place| read[place].as_ref()) else { continue };
        cells.push((*value, weight));
        if !signs.contains(&sign.as_str()) {
            signs.push(sign);
        }
    }
    let signs = signs.into_iter().map(str::to_owned).collect();
    Found::new(ColumnKind::Number, "numbers", training.numbers(&cells, missing, signs))
}

/// The signs of numbers that stand alone.
pub(crate) fn alone() -> Vec<String> {
    vec![String::new()]
}

/// An ordered category, with the values of each place from the least on.
pub(crate) fn ordered(
    words: &Words,
    training: &Training<'_>,
    order: Vec<Vec<String>>,
    missing: usize,
) -> Found {
    let place = |word: &str| {
        let has =
            |values: &Vec<String>| values.iter().any(|value| value == word || *value == word.to_lowercase());
        order.iter().position(has).map(|place| place as f64)
    };
    let places: Vec<Option<f64>> = words.distinct.iter().map(place).collect();
    let cells: Vec<(f64, f64)> = training
        .weighted()
        .filter_map(|(row, weight)| Some((places.get(words.place(row)?).copied().flatten()?, weight)))
        .collect();
    let (gap, scale, flag) = training.number(&cells, missing);
    let names: Vec<&str> = order.iter().filter_map(|values| values.first()).map(String::as_str).collect();
    let why = short(&names.join(" < "));
    Found::new(ColumnKind::Ordered, why, Part::Ordered { order, gap, scale, flag })
}

pub(crate) fn dates(words: &Words, training: &Training<'_>, day: DayOrder, flag: bool) -> Found {
    let read: Vec<Option<Moment>> = words.distinct.iter().map(|word| Moment::read(word, day)).collect();
    let moments: Vec<(Moment, f64)> = training
        .weighted()
        .filter_map(|(row, weight)| Some((read.get(words.place(row)?).copied().flatten()?, weight)))
        .collect();
    let parts = DateParts::fit(&moments);
    let example = words.distinct.first().unwrap_or_default();
    let why = format!("dates such as `{}`", short(example));
    if parts.width() == 0 && !flag {
        let why = format!("{why}, whose year, month, weekday and hour do not vary");
        return Found::left_out(ColumnKind::Constant, why);
    }
    // What reads alike in both orders leaves open which of them other dates have.
    let is_alike =
        |word: &str| Moment::read(word, DayOrder::DayFirst) == Moment::read(word, DayOrder::MonthFirst);
    let open = words.distinct.iter().all(is_alike);
    Found::new(ColumnKind::Date, why, Part::Date { day, open, parts, flag })
}
