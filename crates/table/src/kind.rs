//! What the cells of a column are, and the words by which a person says it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::dates::DayOrder;

/// What the cells of a column are, which decides how they become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// A quantity: one scaled number.
    Number,
    /// Two distinct values: one number, for words -1 and 1.
    TwoValues,
    /// True and false, yes and no, and their kin: -1 and 1.
    Boolean,
    /// One of several values without an order, codes with leading zeros among them: 1 for its value and 0 for the others.
    Category,
    /// One of several values in an order, such as low, medium, high: its scaled place.
    Ordered,
    /// A date, a time or both: year, and month, weekday and hour as points of a circle.
    Date,
    /// Text that hardly repeats: left out.
    Text,
    /// What tells one row from another and nothing else: left out.
    Identifier,
    /// One value in all training rows: left out.
    Constant,
}

/// The kind of a column as a person says it, with what the kind leaves open.
///
/// Its text is a kind's word, `ordered:low,medium,high` for an order, or `day-first` or `month-first` for dates.
///
/// ```
/// # use chainrule_table::{ColumnKind, Wanted};
/// let wanted: Wanted = "ordered:low,high".parse()?;
/// assert_eq!((wanted.kind, wanted.order.len()), (ColumnKind::Ordered, 2));
/// assert_eq!(wanted.to_string(), "ordered:low,high");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The kind.
    pub kind: ColumnKind,
    /// The values of an ordered category from the least to the greatest; empty where the order is to be found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// How dates written as `03/04/2024` are read; none where it is to be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<DayOrder>,
}

impl ColumnKind {
    /// Every kind.
    pub const ALL: [ColumnKind; 9] = [
        ColumnKind::Number,
        ColumnKind::TwoValues,
        ColumnKind::Boolean,
        ColumnKind::Category,
        ColumnKind::Ordered,
        ColumnKind::Date,
        ColumnKind::Text,
        ColumnKind::Identifier,
        ColumnKind::Constant,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            ColumnKind::Number => "number",
            ColumnKind::TwoValues => "two-values",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Category => "category",
            ColumnKind::Ordered => "ordered",
            ColumnKind::Date => "date",
            ColumnKind::Text => "text",
            ColumnKind::Identifier => "identifier",
            ColumnKind::Constant => "constant",
        }
    }

    /// Whether columns of this kind are left out.
    pub fn is_left_out(self) -> bool {
        matches!(self, ColumnKind::Text | ColumnKind::Identifier | ColumnKind::Constant)
    }
}

impl From<ColumnKind> for Wanted {
    fn from(kind: ColumnKind) -> Wanted {
        Wanted { kind, order: Vec::new(), day: None }
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for ColumnKind {
    type Err = String;

    fn from_str(text: &str) -> Result<ColumnKind, String> {
        ColumnKind::ALL.into_iter().find(|kind| kind.word() == text).ok_or_else(|| {
            let words: Vec<&str> = ColumnKind::ALL.iter().map(|kind| kind.word()).collect();
            format!(
                "expected one of the kinds {}, an order such as ordered:low,medium,high, or day-first or month-first for dates",
                words.join(", ")
            )
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.order.as_slice()) {
            (Some(day), _) => write!(f, "{day}"),
            (None, []) => write!(f, "{}", self.kind),
            (None, order) => write!(f, "{}:{}", self.kind, order.join(",")),
        }
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        if let Some(day) = DayOrder::ALL.into_iter().find(|day| day.word() == text) {
            return Ok(Wanted { day: Some(day), ..Wanted::from(ColumnKind::Date) });
        }
        let Some((word, values)) = text.split_once(':') else {
            return Ok(Wanted::from(text.parse::<ColumnKind>()?));
        };
        let kind: ColumnKind = word.parse()?;
        if kind != ColumnKind::Ordered {
            return Err(format!(
                "`{kind}` has no list of values: expected `{kind}` alone, or ordered:low,medium,high"
            ));
        }
        let order: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        let is_repeated = order.iter().enumerate().any(|(place, value)| order[..place].contains(value));
        if order.len() < 2 || is_repeated || order.iter().any(String::is_empty) {
            return Err(
                "expected two or more distinct values, the least first, such as ordered:low,medium,high"
                    .to_owned(),
            );
        }
        Ok(Wanted { order, ..Wanted::from(kind) })
    }
}

/// The word of a value, among all values with their words.
pub(crate) fn word_of<T: PartialEq>(all: &[(T, &'static str)], value: &T) -> &'static str {
    all.iter().find(|(own, _)| own == value).map_or("", |(_, word)| word)
}

/// The value of a word, among all values with their words.
pub(crate) fn named<T: Copy>(all: &[(T, &'static str)], text: &str) -> Result<T, String> {
    all.iter().find(|(_, word)| *word == text).map(|(value, _)| *value).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|(_, word)| *word).collect();
        format!("expected one of {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back_from_their_words() {
        for kind in ColumnKind::ALL {
            assert_eq!(kind.word().parse(), Ok(kind));
            assert_eq!(kind.word().parse(), Ok(Wanted::from(kind)));
        }
        for text in ["day-first", "month-first", "ordered:a,b", "category"] {
            assert_eq!(text.parse::<Wanted>().unwrap().to_string(), text);
        }
        for text in ["", "categories", "ordered:", "ordered:a", "ordered:a,a", "ordered:a,,b", "number:1,2"] {
            assert!(text.parse::<Wanted>().is_err(), "{text}");
        }
    }
}
