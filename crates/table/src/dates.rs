//! Dates and times as people write them, and what a network sees of them: the year, and points of the circles of months, weekdays
//! and hours.
//!
//! Read are the forms of ISO 8601 (`2024-04-03`, `2024-04-03T10:30:00Z`, `2024-04`), the same with slashes or points, day or month
//! first (`03/04/2024`), months by their English names (`3 Apr 2024`, `April 3, 2024`), and times alone (`10:30`, `9:05 pm`). A
//! time is what the clock on the spot shows: an offset from UTC is read and changes nothing.

use std::f64::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::scale::Scale;

/// Which comes first in a date such as `03/04/2024`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayOrder {
    /// 3 April.
    DayFirst,
    /// March 4.
    MonthFirst,
}

/// A date, a time of day, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moment {
    /// Year and month, from 1.
    month: Option<(i32, u32)>,
    /// The day of the month, from 1.
    day: Option<u32>,
    /// The hour with its fraction, 0 to below 24.
    hour: Option<f64>,
}

/// The parts of a date that vary among the training rows, and so become inputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateParts {
    /// The map of the year's number, where it varies.
    pub year: Option<Scale>,
    /// Whether the month varies: sine and cosine of its place in the year.
    pub month: bool,
    /// Whether the weekday varies: sine and cosine of its place in the week, Monday first.
    pub weekday: bool,
    /// Whether the time of day varies: sine and cosine of its place in the day.
    pub hour: bool,
}

impl DayOrder {
    pub(crate) const ALL: [DayOrder; 2] = [DayOrder::DayFirst, DayOrder::MonthFirst];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            DayOrder::DayFirst => "day-first",
            DayOrder::MonthFirst => "month-first",
        }
    }
}

impl fmt::Display for DayOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Moment {
    /// What a text says, read with this order where it leaves the order open.
    pub(crate) fn read(text: &str, order: DayOrder) -> Option<Moment> {
        let text = text.trim();
        let Some(colon) = text.find(':') else { return read_date(text, order) };
        let hour_digits = text[..colon].bytes().rev().take_while(u8::is_ascii_digit).count();
        let (date, time) = text.split_at(colon - hour_digits);
        let hour = Some(read_time(time)?);
        let date = match date.strip_suffix(['T', 't']) {
            // A `T` stands between two digits.
            Some(before) if before.ends_with(|sign: char| sign.is_ascii_digit()) => before,
            _ => date.trim_end_matches([' ', ',']),
        };
        if date.is_empty() {
            return Some(Moment { hour, ..Moment::default() });
        }
        Some(Moment { hour, ..read_date(date, order)? })
    }

    /// Whether a text is a date in both orders, and another in each.
    pub(crate) fn is_open(text: &str) -> bool {
        let [first, second] = DayOrder::ALL.map(|order| Moment::read(text, order));
        first.is_some() && second.is_some() && first != second
    }

    /// The weekday, 0 for Monday.
    fn weekday(&self) -> Option<u32> {
        let ((year, month), day) = (self.month?, self.day?);
        // Days since 1970-01-01, a Thursday, in the calendar whose years begin with March, so that a leap day ends the year.
        let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * month as i32 + 2) / 5 + day as i32 - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        u32::try_from((days + 3).rem_euclid(7)).ok()
    }
}

impl DateParts {
    /// The parts that vary among moments, each with its weight.
    pub(crate) fn fit(moments: &[(Moment, f64)]) -> DateParts {
        let varies = |of: fn(&Moment) -> Option<f64>| {
            let mut values = moments.iter().filter_map(|(moment, _)| of(moment));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        let year = |moment: &Moment| moment.month.map(|(year, _)| f64::from(year));
        let years: Vec<(f64, f64)> =
            moments.iter().filter_map(|(moment, weight)| Some((year(moment)?, *weight))).collect();
        // Days that are all the first stand for their months, and their weekdays say nothing.
        let has_days = moments.iter().any(|(moment, _)| moment.day.is_some_and(|day| day != 1));
        DateParts {
            year: varies(year).then(|| Scale::fit(crate::NumberScaling::Standard, &years)),
            month: varies(|moment| moment.month.map(|(_, month)| f64::from(month))),
            weekday: has_days && varies(|moment| moment.weekday().map(f64::from)),
            hour: varies(|moment| moment.hour),
        }
    }

    /// The number of encoded columns.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.year.is_some())
            + 2 * [self.month, self.weekday, self.hour].map(usize::from).iter().sum::<usize>()
    }

    /// The cycles that vary: the name, how many of its units are a turn, and the place of a moment in it.
    fn cycles(&self) -> impl Iterator<Item = &'static Cycle> {
        let varies = [self.month, self.weekday, self.hour];
        CYCLES.iter().zip(varies).filter(|(_, varies)| *varies).map(|(cycle, _)| cycle)
    }

    /// The encoded columns, each with its name behind the column's and what it is of the column.
    pub(crate) fn formulas(&self, variable: &str) -> Vec<(String, String)> {
        let mut formulas = Vec::new();
        if let Some(scale) = &self.year {
            formulas.push(("year".to_owned(), scale.formula(&format!("year of {variable}"))));
        }
        for Cycle { name, turn, place, .. } in self.cycles() {
            for (word, function) in [("sine", "sin"), ("cosine", "cos")] {
                formulas.push((
                    format!("{name} {word}"),
                    format!("{function}(2*pi*({place} of {variable})/{turn})"),
                ));
            }
        }
        formulas
    }

    /// The encoded values of a moment; what it lacks is 0.
    pub(crate) fn encode(&self, moment: &Moment, mut put: impl FnMut(usize, f64)) {
        let mut at = 0;
        if let Some(scale) = &self.year {
            if let Some((year, _)) = moment.month {
                put(at, scale.apply(f64::from(year)));
            }
            at += 1;
        }
        for cycle in self.cycles() {
            if let Some(place) = (cycle.of)(moment) {
                let angle = TAU * place / f64::from(cycle.turn);
                put(at, libm::sin(angle));
                put(at + 1, libm::cos(angle));
            }
            at += 2;
        }
    }
}

struct Cycle {
    name: &'static str,
    turn: u32,
    place: &'static str,
    of: fn(&Moment) -> Option<f64>,
}

static CYCLES: [Cycle; 3] = [
    Cycle {
        name: "month",
        turn: 12,
        place: "months since January",
        of: |moment| moment.month.map(|(_, month)| f64::from(month) - 1.0),
    },
    Cycle {
        name: "weekday",
        turn: 7,
        place: "days since Monday",
        of: |moment| moment.weekday().map(f64::from),
    },
    Cycle { name: "hour", turn: 24, place: "hours since midnight", of: |moment| moment.hour },
];

/// What the words of a column say of its order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FoundDates {
    /// Some word is no date in either order.
    None,
    /// All words are dates with this order; whether they are with the other too, and the same.
    Order(DayOrder),
    /// All words are dates in both orders, and this one is another date in each.
    Open(String),
}

/// Finds the order in which all words are dates.
pub(crate) fn find_dates<'a>(words: impl Iterator<Item = &'a str>) -> FoundDates {
    let mut fits = [true; 2];
    let mut open = None;
    let mut is_empty = true;
    for word in words {
        is_empty = false;
        let read = DayOrder::ALL.map(|order| Moment::read(word, order).filter(|_| !is_digits(word)));
        fits = [fits[0] && read[0].is_some(), fits[1] && read[1].is_some()];
        if fits == [false; 2] {
            return FoundDates::None;
        }
        if open.is_none() && read[0] != read[1] {
            open = Some(word);
        }
    }
    match (is_empty, fits, open) {
        (true, ..) | (_, [false, false], _) => FoundDates::None,
        (_, [true, false], _) => FoundDates::Order(DayOrder::DayFirst),
        (_, [false, true], _) => FoundDates::Order(DayOrder::MonthFirst),
        (_, [true, true], Some(word)) => FoundDates::Open(word.to_owned()),
        (_, [true, true], None) => FoundDates::Order(DayOrder::DayFirst),
    }
}

/// Numbers are numbers, unless they are told to be dates.
pub(crate) fn is_digits(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a number is a day of the last or this century written as its year, month and day: 20240403.
pub(crate) fn is_date_number(value: f64) -> bool {
    (19_000_101.0..=20_991_231.0).contains(&value)
        && value.fract() == 0.0
        && Moment::read(&value.to_string(), DayOrder::DayFirst).is_some()
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The hour with its fraction: `9:05`, `21:05:30.5`, `9:05 pm`, each with `Z` or an offset such as `+02:00` behind.
fn read_time(text: &str) -> Option<f64> {
    let clock = |byte: &u8| byte.is_ascii_digit() || *byte == b':' || *byte == b'.';
    let (time, rest) = text.split_at(text.bytes().take_while(clock).count());
    let mut parts = time.split(':');
    let hour = number(parts.next()?, 1..=2).filter(|&hour| hour < 24)?;
    let minute = number(parts.next()?, 2..=2).filter(|&minute| minute < 60)?;
    let second = match parts.next() {
        None => 0.0,
        Some(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            number(whole, 2..=2).filter(|&second| second <= 60)?;
            number(&fraction[..fraction.len().min(9)], 1..=9)?;
            text.parse::<f64>().ok()?
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let rest = rest.trim();
    let hour = match rest.to_ascii_lowercase().as_str() {
        "" | "z" | "utc" | "gmt" => hour,
        "am" | "a.m." if (1..=12).contains(&hour) => hour % 12,
        "pm" | "p.m." if (1..=12).contains(&hour) => hour % 12 + 12,
        _ => {
            let offset = rest.strip_prefix(['+', '-'])?.replace(':', "");
            number(&offset, 2..=4).filter(|_| offset.len() != 3)?;
            hour
        }
    };
    Some(f64::from(hour) + f64::from(minute) / 60.0 + second / 3600.0)
}

fn read_date(text: &str, order: DayOrder) -> Option<Moment> {
    /// No date is longer.
    const LONGEST: usize = 40;
    if text.len() > LONGEST || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return read_named(text);
    }
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return date(text[..4].parse().ok()?, number(&text[4..6], 2..=2)?, number(&text[6..], 2..=2));
    }
    let sign = text.chars().find(|sign| "-/.".contains(*sign))?;
    let parts: Vec<&str> = text.split(sign).collect();
    match parts.as_slice() {
        [year, month] if year.len() == 4 && sign != '.' => date(year_of(year)?, number(month, 1..=2)?, None),
        [month, year] if year.len() == 4 && sign == '/' => date(year_of(year)?, number(month, 1..=2)?, None),
        [year, month, day] if year.len() == 4 => {
            date(year_of(year)?, number(month, 1..=2)?, Some(number(day, 1..=2)?))
        }
        [first, second, year] => {
            // `1.2.10` is a version rather than a date.
            let is_short = |part: &&str| part.len() != 2;
            if sign == '.' && year.len() == 2 && [first, second].into_iter().any(is_short) {
                return None;
            }
            let (first, second) = (number(first, 1..=2)?, number(second, 1..=2)?);
            let (day, month) = match order {
                DayOrder::DayFirst => (first, second),
                DayOrder::MonthFirst => (second, first),
            };
            date(year_of(year)?, month, Some(day))
        }
        _ => None,
    }
}

/// A date whose month is a word: `3 Apr 2024`, `Apr 3, 2024`, `03-Apr-24`, `Wed, 3 April 2024`, `Apr 2024`.
fn read_named(text: &str) -> Option<Moment> {
    let mut parts: Vec<&str> =
        text.split([' ', '-', '/', '.', ',']).filter(|part| !part.is_empty()).collect();
    if parts.len() == 4 && named(parts[0], &WEEKDAYS).is_some() {
        parts.remove(0);
    }
    let place = parts.iter().position(|part| named(part, &MONTHS).is_some())?;
    let month = named(parts.remove(place), &MONTHS)?;
    match parts.as_slice() {
        [year] if year.len() == 4 => date(year_of(year)?, month, None),
        [year, day] if year.len() == 4 => date(year_of(year)?, month, Some(number(day, 1..=2)?)),
        [day, year] => date(year_of(year)?, month, Some(number(day, 1..=2)?)),
        _ => None,
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The place, from 1, of a name that is written whole or by its first letters, three or more.
fn named(text: &str, names: &[&str]) -> Option<u32> {
    let text = text.to_ascii_lowercase();
    let place = names.iter().position(|name| text.len() >= 3 && name.starts_with(&text))?;
    u32::try_from(place + 1).ok()
}

/// A year of four digits, or of two: 69 to 99 are of the last century (POSIX, `strptime`).
fn year_of(text: &str) -> Option<i32> {
    let year = i32::try_from(number(text, 2..=4)?).ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(if year >= 69 { year + 1900 } else { year + 2000 }),
        _ => None,
    }
}

fn date(year: i32, month: u32, day: Option<u32>) -> Option<Moment> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let is_day = day.is_none_or(|day| (1..=days).contains(&day));
    is_day.then_some(Moment { month: Some((year, month)), day, hour: None })
}

impl Moment {
    /// A number that rises with time: days, with the time of day as their fraction.
    pub(crate) fn order(&self) -> f64 {
        let (year, month) = self.month.unwrap_or((0, 1));
        let days = f64::from(year) * 372.0 + f64::from(month) * 31.0 + f64::from(self.day.unwrap_or(1));
        days + self.hour.unwrap_or(0.0) / 24.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, order: DayOrder) -> Option<String> {
        let moment = Moment::read(text, order)?;
        let mut words = Vec::new();
        if let Some((year, month)) = moment.month {
            words.push(format!("{year}-{month}"));
        }
        words.extend(moment.day.map(|day| day.to_string()));
        words.extend(moment.hour.map(|hour| format!("at {hour}")));
        Some(words.join(" "))
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let both = |text: &str, want: &str| {
            for order in DayOrder::ALL {
                assert_eq!(show(text, order).as_deref(), Some(want), "{text}");
            }
        };
        both("2024-04-03", "2024-4 3");
        both("2024/4/3", "2024-4 3");
        both("2024.04.03", "2024-4 3");
        both("20240403", "2024-4 3");
        both("2024-04", "2024-4");
        both("4/2024", "2024-4");
        both("2024-04-03T10:30:00Z", "2024-4 3 at 10.5");
        both("2024-04-03 22:30:00.000+02:00", "2024-4 3 at 22.5");
        both("2024-04-03 22:30 -0500", "2024-4 3 at 22.5");
        both("3 Apr 2024", "2024-4 3");
        both("April 3, 2024", "2024-4 3");
        both("03-APR-24", "2024-4 3");
        both("Wed, 3 April 2024 9:15 pm", "2024-4 3 at 21.25");
        both("Sept 2024", "2024-9");
        both("12:15 AM", "at 0.25");
        both("2024-02-29", "2024-2 29");
        for sign in ["/", ".", "-"] {
            let text = ["03", "04", "2024"].join(sign);
            assert_eq!(show(&text, DayOrder::DayFirst).as_deref(), Some("2024-4 3"));
            assert_eq!(show(&text, DayOrder::MonthFirst).as_deref(), Some("2024-3 4"));
        }
        assert_eq!(show("31/12/99 0:00", DayOrder::DayFirst).as_deref(), Some("1999-12 31 at 0"));
        assert_eq!(show("31/12/99", DayOrder::MonthFirst), None);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "x",
            "1",
            "12",
            "2024",
            "1.5",
            "1.2.10",
            "2023-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-1-32",
            "24:00",
            "9:5",
            "10:60",
            "13 pm",
            "13:00 pm",
            "10.0.0.1",
            "1/2",
            "1-2-3",
            "May",
            "Mayor 3 2024",
            "3 Apr",
            "1:2:3:4",
            "é:30",
            "T10:30",
            "192.168.1.10",
            "12:30x",
            "2024-01-01-02",
            "-1-2024",
            "ab:12",
        ] {
            for order in DayOrder::ALL {
                assert_eq!(show(text, order), None, "{text}");
            }
        }
    }

    #[test]
    fn weekdays_follow_each_other() {
        let weekday = |text| Moment::read(text, DayOrder::DayFirst).unwrap().weekday().unwrap();
        for (text, want) in
            [("1970-01-01", 3), ("2000-02-29", 1), ("2024-04-03", 2), ("1900-01-01", 0), ("0001-01-01", 0)]
        {
            assert_eq!(weekday(text), want, "{text}");
        }
    }

    #[test]
    fn one_order_must_fit_alone() {
        let found = |words: &[&str]| find_dates(words.iter().copied());
        assert_eq!(found(&["03/04/2024", "31/12/2024"]), FoundDates::Order(DayOrder::DayFirst));
        assert_eq!(found(&["03/04/2024", "12/31/2024"]), FoundDates::Order(DayOrder::MonthFirst));
        assert_eq!(found(&["01/01/2024", "03/04/2024"]), FoundDates::Open("03/04/2024".to_owned()));
        assert_eq!(found(&["01/01/2024", "2024-04-03"]), FoundDates::Order(DayOrder::DayFirst));
        assert_eq!(found(&["31/12/2024", "12/31/2024"]), FoundDates::None);
        assert_eq!(found(&[]), FoundDates::None);
        assert_eq!(found(&["20240403"]), FoundDates::None);
    }
}
