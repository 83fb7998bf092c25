//! What one column becomes: its part of the encoded matrix, with the numbers that were fitted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::building::is_code;
use crate::dates::{DateParts, DayOrder, Moment};
use crate::number::{is_own_alone, read_held, read_written};
use crate::reading::Decimal;
use crate::scale::{Scale, digits};

/// What one column becomes. The values of a row in it are zeros but for what is said here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Part {
    /// Nothing.
    LeftOut,
    /// A scaled number; where `flag`, a second column is 1 for a missing cell.
    Number {
        /// What stands for a missing cell: the median of the training rows.
        gap: f64,
        /// The map of the number.
        scale: Scale,
        /// Whether the training rows have missing cells.
        flag: bool,
        /// The least and the greatest number of the training rows; none in models that were made before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<[f64; 2]>,
        /// The signs of money or per cent and the units that stand beside the numbers of the training rows, an empty one for a number alone; none
        /// in models that were made before they were kept.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        signs: Vec<String>,
    },
    /// The scaled place, from 0, of a value in its order; where `flag`, a second column is 1 for a missing cell.
    Ordered {
        /// For each place the values that have it.
        order: Vec<Vec<String>>,
        /// The place that stands for a missing cell and for a value that is not in the order.
        gap: f64,
        /// The map of the place.
        scale: Scale,
        /// Whether the training rows have missing cells.
        flag: bool,
    },
    /// -1 for the first value and 1 for the second; where `flag`, a second column is 1 for a missing cell.
    TwoValues {
        /// For each of the two the values, in any case of letters for a boolean.
        values: [Vec<String>; 2],
        /// Whether the training rows have missing cells.
        flag: bool,
    },
    /// A column for each value, 1 for its own: a row of a one-hot matrix.
    Category {
        /// The values, the most frequent first where some are left to `other`, else in their order.
        values: Vec<String>,
        /// Whether a column stands for every value of the training rows that is not among `values`; it is for unseen values too.
        other: bool,
        /// Whether the last column stands for missing cells.
        flag: bool,
    },
    /// The parts of a date that vary; where `flag`, a last column is 1 for a missing cell.
    Date {
        /// How `03/04/2024` is read.
        day: DayOrder,
        /// Whether neither the training rows nor anybody says it, so that such a date is refused.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        open: bool,
        /// The parts.
        parts: DateParts,
        /// Whether the training rows have missing cells.
        flag: bool,
    },
    /// 1 for a missing cell: all that a column tells which has one value or none.
    Missing,
}

/// What a cell is to a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Missing,
    /// A value that the training rows do not have.
    Unseen,
    Number(f64),
    /// A number with another sign beside it than the training rows have, or without theirs.
    OtherSign(f64),
    /// The place of a value.
    Place(usize),
    /// The place of a value that is the same number with other zeros in front.
    Alike(usize),
    Moment(Moment),
}

/// Looks up what words and numbers are to a part.
pub(crate) struct Reader<'a> {
    part: &'a Part,
    pub(crate) decimal: Decimal,
    /// The places of values. The maps are only looked up, never walked through.
    words: HashMap<String, usize>,
    /// Those of numbers, each with whether it is written with zeros in front.
    numbers: HashMap<u64, (usize, bool)>,
}

impl Part {
    /// The number of encoded columns.
    pub fn width(&self) -> usize {
        match self {
            Part::LeftOut => 0,
            Part::Missing => 1,
            Part::Number { flag, .. } | Part::Ordered { flag, .. } | Part::TwoValues { flag, .. } => {
                1 + usize::from(*flag)
            }
            Part::Category { values, other, flag } => values.len() + usize::from(*other) + usize::from(*flag),
            Part::Date { parts, flag, .. } => parts.width() + usize::from(*flag),
        }
    }

    fn has_flag(&self) -> bool {
        match self {
            Part::LeftOut => false,
            Part::Missing => true,
            Part::Number { flag, .. }
            | Part::Ordered { flag, .. }
            | Part::TwoValues { flag, .. }
            | Part::Category { flag, .. }
            | Part::Date { flag, .. } => *flag,
        }
    }

    /// The encoded columns of the column of a name: the name of each, and what it is, with its numbers to six digits:
    /// `("age", "(age - 38.6)/13.6")`, `("zip=9021", "1 where zip is 9021, else 0")`.
    pub fn formulas(&self, name: &str) -> Vec<(String, String)> {
        let mut formulas: Vec<(String, String)> = match self {
            Part::LeftOut | Part::Missing => Vec::new(),
            Part::Number { scale, .. } => vec![(name.to_owned(), scale.formula(name))],
            Part::Ordered { order, scale, .. } => {
                let places: Vec<String> = order
                    .iter()
                    .enumerate()
                    .map(|(place, values)| format!("{place} {}", values.join("|")))
                    .collect();
                let what = format!("{}, place of {name} in {}", scale.formula("place"), places.join(", "));
                vec![(name.to_owned(), what)]
            }
            Part::TwoValues { values: [first, second], .. } => {
                let (first, second) = (first.join("|"), second.join("|"));
                vec![(
                    format!("{name}={second}"),
                    format!("1 where {name} is {second}, -1 where it is {first}"),
                )]
            }
            Part::Category { values, other, .. } => {
                let one = |value: &String| {
                    (format!("{name}={value}"), format!("1 where {name} is {value}, else 0"))
                };
                let rest = (format!("{name}=other"), format!("1 where {name} is another value, else 0"));
                values.iter().map(one).chain(other.then_some(rest)).collect()
            }
            Part::Date { parts, .. } => {
                let named = |(part, formula): (String, String)| (format!("{name} {part}"), formula);
                parts.formulas(name).into_iter().map(named).collect()
            }
        };
        if self.has_flag() {
            let gap = match self {
                Part::Number { gap, .. } => format!(", and then {name} is {}", digits(*gap)),
                _ => String::new(),
            };
            formulas.push((format!("{name} is missing"), format!("1 where {name} is missing, else 0{gap}")));
        }
        formulas
    }

    /// Puts the values of a cell; the others of the row are 0.
    pub(crate) fn encode(&self, cell: &Cell, mut put: impl FnMut(usize, f64)) {
        if *cell == Cell::Missing && self.has_flag() {
            put(self.width() - 1, 1.0);
        }
        match (self, cell) {
            (
                Part::Number { scale, .. } | Part::Ordered { scale, .. },
                Cell::Number(value) | Cell::OtherSign(value),
            ) => put(0, scale.apply(*value)),
            (Part::Ordered { scale, .. }, Cell::Place(place) | Cell::Alike(place)) => {
                put(0, scale.apply(*place as f64))
            }
            (Part::Number { gap, scale, .. } | Part::Ordered { gap, scale, .. }, _) => {
                put(0, scale.apply(*gap))
            }
            (Part::TwoValues { .. }, Cell::Place(place) | Cell::Alike(place)) => {
                put(0, if *place == 0 { -1.0 } else { 1.0 })
            }
            (Part::Category { .. }, Cell::Place(place) | Cell::Alike(place)) => put(*place, 1.0),
            (Part::Category { values, other: true, .. }, Cell::Unseen) => put(values.len(), 1.0),
            (Part::Date { parts, .. }, Cell::Moment(moment)) => parts.encode(moment, put),
            (
                Part::LeftOut
                | Part::Missing
                | Part::TwoValues { .. }
                | Part::Category { .. }
                | Part::Date { .. },
                _,
            ) => {}
        }
    }

    /// Whether a number is far from all training rows: more than ten times the width of their range beyond it, whatever
    /// the scaling makes of it.
    pub(crate) fn is_far(&self, value: f64) -> bool {
        const WIDTHS: f64 = 10.0;
        match self {
            Part::Number { range: Some([low, high]), .. } => {
                // Halves, for the width of a range may overflow.
                let width = high / 2.0 - low / 2.0;
                let beyond = (low / 2.0 - value / 2.0).max(value / 2.0 - high / 2.0);
                beyond > WIDTHS * width
            }
            Part::Number { scale: Scale::Straight { offset, factor }, range: None, .. } => {
                ((value - offset) / factor).abs() > 1e6
            }
            _ => false,
        }
    }

    /// Whether the numbers are as fitting makes them.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Part::LeftOut | Part::Missing | Part::TwoValues { .. } | Part::Category { .. } => true,
            Part::Number { gap, scale, range, .. } => {
                let is_range = |[low, high]: &[f64; 2]| low.is_finite() && high.is_finite() && low <= high;
                gap.is_finite() && scale.is_sound() && range.as_ref().is_none_or(is_range)
            }
            Part::Ordered { gap, scale, .. } => gap.is_finite() && scale.is_sound(),
            Part::Date { parts, .. } => parts.year.as_ref().is_none_or(Scale::is_sound),
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads for a part, with this mark in numbers that stand in text.
    pub(crate) fn new(part: &'a Part, decimal: Decimal) -> Reader<'a> {
        let mut reader = Reader { part, decimal, words: HashMap::new(), numbers: HashMap::new() };
        match part {
            Part::Ordered { order, .. } => reader.note(order.iter().enumerate()),
            Part::TwoValues { values, .. } => reader.note(values.iter().enumerate()),
            Part::Category { values, .. } => {
                reader.note(values.iter().map(std::slice::from_ref).enumerate());
            }
            Part::LeftOut | Part::Missing | Part::Number { .. } | Part::Date { .. } => {}
        }
        reader
    }

    fn note<V: AsRef<[String]>>(&mut self, places: impl Iterator<Item = (usize, V)>) {
        for (place, values) in places {
            for value in values.as_ref() {
                if let Some(number) = read_held(value) {
                    // `7` is itself rather than `007`.
                    let is_own = number.to_string() == *value;
                    let known = self.numbers.entry(bits(number)).or_insert((place, is_code(value)));
                    if is_own {
                        *known = (place, false);
                    }
                }
                self.words.insert(value.clone(), place);
            }
        }
    }

    /// What a word is; none where the part takes numbers or dates, and the word is none.
    pub(crate) fn word(&self, word: &str) -> Option<Cell> {
        match self.part {
            Part::LeftOut | Part::Missing => Some(Cell::Unseen),
            Part::Number { signs, .. } => read_written(word, self.decimal)
                .filter(|(value, sign)| value.is_finite() && (!is_own_alone(sign) || signs.contains(sign)))
                .map(|(value, sign)| signed(signs, value, &sign)),
            Part::Date { open: true, .. } if Moment::is_open(word) => None,
            Part::Date { day, .. } => Moment::read(word, *day).map(Cell::Moment),
            Part::Ordered { .. } | Part::TwoValues { .. } | Part::Category { .. } => {
                let place = self
                    .words
                    .get(word)
                    .or_else(|| self.words.get(&word.to_lowercase()).filter(|_| self.is_any_case()));
                // A column that was numbers once may be text now, for another of its cells is text.
                let same = || Some(self.same(read_held(word)?, is_code(word)));
                Some(place.map(|&place| Cell::Place(place)).or_else(same).unwrap_or(Cell::Unseen))
            }
        }
    }

    fn is_any_case(&self) -> bool {
        matches!(self.part, Part::Ordered { .. } | Part::TwoValues { .. })
    }

    /// What a finite number is; none where the part takes dates, and the number is none.
    pub(crate) fn number(&self, value: f64) -> Option<Cell> {
        match self.part {
            Part::LeftOut | Part::Missing => Some(Cell::Unseen),
            Part::Number { signs, .. } => Some(signed(signs, value, "")),
            Part::Date { .. } => self.word(&value.to_string()),
            Part::Ordered { .. } | Part::TwoValues { .. } | Part::Category { .. } => {
                Some(self.same(value, false))
            }
        }
    }

    /// The value that is the same number as a cell, which has zeros in front or none.
    fn same(&self, number: f64, has_zeros: bool) -> Cell {
        match self.numbers.get(&bits(number)) {
            Some(&(place, own)) if own == has_zeros => Cell::Place(place),
            Some(&(place, _)) => Cell::Alike(place),
            None => Cell::Unseen,
        }
    }
}

/// What a number with a sign is, empty where it has none, to a part whose training rows have these.
fn signed(signs: &[String], value: f64, sign: &str) -> Cell {
    if signs.is_empty() || signs.iter().any(|own| own == sign) {
        Cell::Number(value)
    } else {
        Cell::OtherSign(value)
    }
}

/// The bits of a number, of 0 for -0.
pub(crate) fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}
