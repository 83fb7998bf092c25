//! Cells to numbers, with a decimal point or a decimal comma and marks between thousands; and which of the two a column has.

use std::fmt;

use crate::distinct::Distinct;
use crate::reading::Decimal;

/// The signs besides the point and the comma that part thousands: blanks of every width, and apostrophes.
const MARKS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '\u{2019}'];

/// The signs of money.
const MONEY: [char; 5] = ['$', '\u{20ac}', '\u{a3}', '\u{a5}', '\u{20b9}'];

/// The number that a cell is; a mark between thousands is left out where it parts groups of three digits. What Rust reads as
/// an `f64` is a number, infinities and NaN among them.
pub(crate) fn read_number(text: &str, decimal: Decimal) -> Option<f64> {
    let is_plain = match decimal {
        Decimal::Point => true,
        // With a decimal comma a point parts thousands.
        Decimal::Comma => !text.contains('.'),
    };
    if is_plain && let Some(value) = plain(text, decimal) {
        return Some(value);
    }
    grouped(text, decimal)
}

/// The number that a cell is which has a sign of money before or behind it, a sign of per cent behind, or brackets around a
/// number below 0 as accounts write it; and what it has, such as `%`, `()` or `$()`.
fn read_measure(text: &str, decimal: Decimal) -> Option<(f64, String)> {
    let text = text.trim();
    if let Some((value, sign)) = bracketed(text).and_then(|inside| read_unsigned(inside, decimal)) {
        return Some((-value, format!("{sign}()")));
    }
    // The minus may stand before the sign.
    let (minus, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text),
    };
    let (sign, rest) = match (unsigned.chars().next()?, unsigned.chars().next_back()?) {
        (first, _) if MONEY.contains(&first) => (first, &unsigned[first.len_utf8()..]),
        (_, last) if last == '%' || MONEY.contains(&last) => {
            (last, &unsigned[..unsigned.len() - last.len_utf8()])
        }
        _ => return None,
    };
    let rest = rest.trim();
    if let Some(inside) = bracketed(rest).filter(|_| minus.is_empty()) {
        return read_unsigned(inside, decimal)
            .filter(|(_, inner)| inner.is_empty())
            .map(|(value, _)| (-value, format!("{sign}()")));
    }
    let value = read_number(&format!("{minus}{rest}"), decimal)?;
    value.is_finite().then(|| (value, sign.to_string()))
}

/// What stands in the brackets around a text.
fn bracketed(text: &str) -> Option<&str> {
    text.strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

/// A number that begins with a digit or a sign of money, and what it has beside it.
fn read_unsigned(text: &str, decimal: Decimal) -> Option<(f64, String)> {
    let is_unsigned = !text.starts_with(['-', '+', '\u{2212}', '(']);
    read_signed(text, decimal).filter(|(value, _)| is_unsigned && value.is_finite() && *value >= 0.0)
}

/// What is left of a cell that is a number and letters behind it, such as a unit, or a number and a sign of money or per cent.
pub(crate) fn unit_of(text: &str, decimal: Decimal) -> Option<String> {
    if let Some((_, sign)) = read_measure(text, decimal) {
        return Some(sign);
    }
    let number = text.trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '\u{b0}');
    let unit = &text[number.len()..];
    let is_number = read_number(number.trim_end(), decimal).is_some_and(f64::is_finite);
    (!unit.is_empty() && is_number).then(|| unit.to_owned())
}

/// Whether a cell is a whole number whose last digits a double does not hold, so that it reads as another one.
pub(crate) fn is_beyond_double(text: &str) -> bool {
    /// 2^53 has so many digits.
    const FEWEST: usize = 16;
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() >= FEWEST
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|value: f64| value.to_string() != text)
}

/// The number that a cell is, where a double holds it.
pub(crate) fn read_held(text: &str) -> Option<f64> {
    text.parse().ok().filter(|_| !is_beyond_double(text))
}

/// The number of a cell, with a sign of money or of per cent, in brackets, or without either.
pub(crate) fn read_any_number(text: &str, decimal: Decimal) -> Option<f64> {
    read_signed(text, decimal).map(|(value, _)| value)
}

/// The same number and what it has beside it, empty where it stands alone.
pub(crate) fn read_signed(text: &str, decimal: Decimal) -> Option<(f64, String)> {
    match read_number(text, decimal) {
        Some(value) => Some((value, String::new())),
        None => read_measure(text, decimal),
    }
}

/// The number of a cell that is told to be one: besides those of [`read_signed`] one with the minus behind it, as `5-`, and one with
/// underscores between digits, as `1_000`, which may be names where nobody says what they are; what it has beside it then ends so.
pub(crate) fn read_told(text: &str, decimal: Decimal) -> Option<(f64, String)> {
    read_signed(text, decimal).or_else(|| {
        if let Some(inside) = text.strip_suffix(['-', '\u{2212}']) {
            return read_unsigned(inside.trim_end(), decimal)
                .filter(|(_, sign)| !sign.ends_with("()"))
                .map(|(value, sign)| (-value, format!("{sign}-")));
        }
        let parts: Vec<&str> = text.split('_').collect();
        let is_digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
        let are_between = parts
            .windows(2)
            .all(|pair| is_digit(pair[0].bytes().next_back()) && is_digit(pair[1].bytes().next()));
        if parts.len() < 2 || !are_between {
            return None;
        }
        read_signed(&parts.concat(), decimal).map(|(value, sign)| (value, format!("{sign}_")))
    })
}

/// The number of a cell that is a number and a unit behind it, such as `kg` or `km/h`, and the unit.
fn read_unit(text: &str, decimal: Decimal) -> Option<(f64, String)> {
    let (number, unit) = split_unit(text)?;
    read_number(number, decimal).filter(|value| value.is_finite()).map(|value| (value, unit.to_owned()))
}

/// What stands before a unit, and the unit.
fn split_unit(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 8;
    let is_letter = |letter: char| letter.is_alphabetic() || "\u{b0}\u{b2}\u{b3}/.".contains(letter);
    let at = text.find(|letter: char| letter.is_alphabetic() || letter == '\u{b0}')?;
    let (number, unit) = text.split_at(at);
    (unit.chars().count() <= LONGEST && unit.chars().all(is_letter)).then(|| (number.trim_end(), unit))
}

/// The number of a cell however it is written, with all that may stand beside it in some column.
pub(crate) fn read_written(text: &str, decimal: Decimal) -> Option<(f64, String)> {
    read_told(text, decimal).or_else(|| read_unit(text, decimal))
}

/// Whether a sign of [`read_written`] is one that only columns have which are told, or all of whose numbers have it.
pub(crate) fn is_own_alone(sign: &str) -> bool {
    sign.ends_with(['-', '_'])
        || sign.starts_with(|letter: char| letter.is_alphabetic() || letter == '\u{b0}')
}

/// A cell without what may stand beside its number: signs of money and per cent, a minus, brackets and a unit.
pub(crate) fn bare(text: &str) -> &str {
    let text = bracketed(text).unwrap_or(text);
    let is_before = |letter: char| MONEY.contains(&letter) || "-+\u{2212} ".contains(letter);
    let text = text.trim_start_matches(is_before);
    let text = split_unit(text).map_or(text, |(number, _)| number);
    text.trim_end_matches(|letter: char| is_before(letter) || letter == '%')
}

/// The sign of money or per cent, or the unit, of one of [`read_written`], however a number below 0 is written with it.
pub(crate) fn base_of(sign: &str) -> &str {
    sign.strip_suffix("()").unwrap_or(sign).trim_end_matches(['-', '_'])
}

/// What all numbers of a column have beside them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    /// The sign of money or of per cent, or the unit; empty where the numbers stand alone.
    pub(crate) sign: String,
    /// Whether some stand in brackets, which makes them negative.
    pub(crate) has_brackets: bool,
}

impl Form {
    /// That of words, one or more, which are all numbers with one sign or unit, or with some of them in brackets; none for others,
    /// and for numbers that stand alone.
    pub(crate) fn of(words: &Distinct, decimal: Decimal) -> Option<Form> {
        let mut found: Option<Form> = None;
        let mut are_all_in_brackets = true;
        for word in words.iter() {
            let (_, sign) = read_signed(word, decimal).or_else(|| read_unit(word, decimal))?;
            let (own, is_in_brackets) = match sign.strip_suffix("()") {
                Some(own) => (own, true),
                None => (sign.as_str(), false),
            };
            are_all_in_brackets &= is_in_brackets;
            let form = found.get_or_insert_with(|| Form { sign: own.to_owned(), has_brackets: false });
            form.has_brackets |= is_in_brackets;
            if form.sign != own {
                return None;
            }
        }
        // Brackets around every number are no signs.
        found.filter(|form| !are_all_in_brackets && (form.has_brackets || !form.sign.is_empty()))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.sign.as_str(), self.has_brackets) {
            ("", _) => f.write_str("numbers in brackets are negative"),
            (sign, false) => write!(f, "`{sign}` is left out of its numbers"),
            (sign, true) => {
                write!(f, "`{sign}` is left out of its numbers, and those in brackets are negative")
            }
        }
    }
}

/// A number without marks between thousands.
fn plain(text: &str, decimal: Decimal) -> Option<f64> {
    if decimal == Decimal::Point || !text.contains(',') {
        return text.parse().ok();
    }
    let mut pointed = [0; 32];
    let pointed = pointed.get_mut(..text.len())?;
    pointed.copy_from_slice(text.as_bytes());
    let comma = pointed.iter().position(|&byte| byte == b',')?;
    pointed[comma] = b'.';
    str::from_utf8(pointed).ok()?.parse().ok()
}

fn grouped(text: &str, decimal: Decimal) -> Option<f64> {
    /// A number of more signs is none that a person writes.
    const LONGEST: usize = 400;
    if text.len() > LONGEST {
        return None;
    }
    let (point, other) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let mut plain = String::with_capacity(text.len());
    let (sign, unsigned) = match text.chars().next()? {
        sign @ ('-' | '\u{2212}') => ("-", &text[sign.len_utf8()..]),
        '+' => ("", &text[1..]),
        _ => ("", text),
    };
    plain.push_str(sign);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(place) => (&unsigned[..place], Some(&unsigned[place + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = fraction.unwrap_or_default();
    if !are_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let is_mark = |letter: &char| *letter == other || MARKS.contains(letter);
    match whole.chars().find(is_mark) {
        None if are_digits(whole) => plain.push_str(whole),
        None => return None,
        Some(mark) => {
            for (place, group) in whole.split(mark).enumerate() {
                let fits = match place {
                    0 => (1..=3).contains(&group.len()) && !group.starts_with('0'),
                    _ => group.len() == 3,
                };
                if !fits || !are_digits(group) {
                    return None;
                }
                plain.push_str(group);
            }
        }
    }
    plain.push('.');
    plain.push_str(fraction);
    if let Some(exponent) = exponent {
        plain.push('e');
        plain.push_str(exponent);
    }
    plain.parse().ok()
}

/// What the cells of a column say of its decimal mark.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// Whether some cell is a number with neither mark, or all of them with none of the two.
    is_text: bool,
    /// Whether some cell is no number with a decimal point.
    no_point: bool,
    /// Whether some cell is no number with a decimal comma.
    no_comma: bool,
    /// Whether some cell is a number only by what is left out of it.
    has_marks: bool,
    /// The first line whose cell is a number either way, and not the same.
    differs: Option<(usize, String)>,
    /// Whether some cell has a point, a comma or another sign that may part thousands.
    signs: [bool; 3],
}

/// The decimal mark of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// All cells are numbers with this mark, and not with the other.
    Only(Decimal),
    /// No cell has a mark.
    Either,
    /// All cells are numbers with either mark, and the cell of this line is another number with each.
    Open {
        line: usize,
        cell: String,
        /// Whether all cells are plain numbers with a point.
        is_plain: bool,
    },
    /// The column is text.
    Text,
}

impl Survey {
    /// Notes a cell that is a plain number, as nearly all are.
    pub(crate) fn note_plain(&mut self, line: usize, text: &str) {
        if !self.no_comma && text.contains('.') {
            self.note(line, text);
        }
    }

    /// What is known but for the cell that made the column text, to go on with what its cells have beside their numbers.
    pub(crate) fn of_bare(&self) -> Survey {
        Survey { is_text: false, ..self.clone() }
    }

    /// Notes a cell; false where the column is text by now.
    pub(crate) fn note(&mut self, line: usize, text: &str) -> bool {
        // What is settled is not asked again.
        let point = if self.no_point { None } else { read_number(text, Decimal::Point) };
        let comma = if self.no_comma { None } else { read_number(text, Decimal::Comma) };
        if point.is_none() && comma.is_none() {
            self.is_text = true;
            return false;
        }
        self.has_marks = self.has_marks || text.parse::<f64>().is_err();
        if self.signs != [true; 3] {
            self.signs[0] |= text.contains('.');
            self.signs[1] |= text.contains(',');
            self.signs[2] |= text.contains(MARKS);
        }
        self.no_point |= point.is_none();
        self.no_comma |= comma.is_none();
        if point != comma && point.is_some() && comma.is_some() && self.differs.is_none() {
            self.differs = Some((line, text.to_owned()));
        }
        true
    }

    /// Whether some number, read with this mark, has signs between thousands.
    pub(crate) fn has_thousands(&self, decimal: Decimal) -> bool {
        let [point, comma, other] = self.signs;
        other || if decimal == Decimal::Point { comma } else { point }
    }

    pub(crate) fn found(&self) -> Found {
        match (self.no_point, self.no_comma, &self.differs) {
            _ if self.is_text => Found::Text,
            // One of the two is noted for each number.
            (true, true, _) => Found::Text,
            (true, false, _) => Found::Only(Decimal::Comma),
            (false, true, _) => Found::Only(Decimal::Point),
            (false, false, None) => Found::Either,
            (false, false, Some((line, cell))) => {
                Found::Open { line: *line, cell: cell.clone(), is_plain: !self.has_marks }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decimal::{Comma, Point};

    #[test]
    fn whole_numbers_are_held_up_to_2_to_the_53_and_where_they_read_back() {
        for (text, is_beyond) in [
            ("9007199254740992", false),
            ("9007199254740993", true),
            ("-9007199254740993", true),
            ("1234567890123456789", true),
            ("1577836800000000000", false),
            ("99999999999999999999", true),
            ("9007199254740993.0", false),
            ("0009007199254740993", false),
            ("1e300", false),
            ("123", false),
        ] {
            assert_eq!(is_beyond_double(text), is_beyond, "{text}");
        }
    }

    #[test]
    fn numbers_have_a_decimal_mark_and_marks_between_thousands() {
        for (text, point, comma) in [
            ("1", Some(1.0), Some(1.0)),
            ("-2.5e3", Some(-2500.0), None),
            ("+.5", Some(0.5), None),
            (",5", None, Some(0.5)),
            ("1,5", None, Some(1.5)),
            ("-1,5e-1", None, Some(-0.15)),
            ("1,234", Some(1234.0), Some(1.234)),
            ("1.234", Some(1.234), Some(1234.0)),
            ("0,123", None, Some(0.123)),
            ("0.123", Some(0.123), None),
            ("1234,567", None, Some(1234.567)),
            ("1,234.5", Some(1234.5), None),
            ("1.234,5", None, Some(1234.5)),
            ("1,234,567", Some(1_234_567.0), None),
            ("1.234.567", None, Some(1_234_567.0)),
            ("1 234,5", None, Some(1234.5)),
            ("1\u{202f}234\u{202f}567", Some(1_234_567.0), Some(1_234_567.0)),
            ("1'234.50", Some(1234.5), None),
            ("\u{2212}7", Some(-7.0), Some(-7.0)),
            ("5.", Some(5.0), None),
            ("1e5", Some(1e5), Some(1e5)),
            ("inf", Some(f64::INFINITY), Some(f64::INFINITY)),
            ("18446744073709551616", Some(18_446_744_073_709_551_616.0), Some(18_446_744_073_709_551_616.0)),
        ] {
            assert_eq!((read_number(text, Point), read_number(text, Comma)), (point, comma), "{text:?}");
        }
        let none = [
            "",
            "-",
            "12 kg",
            "0x10",
            "1_000",
            "1,23,456",
            "1,2,3",
            "1.2.3",
            "1,234 567",
            "1 23",
            ".",
            ",",
            "e5",
            "1e",
            "1,234,",
            "--1",
            "10.0.0.1",
            "3.4.2024",
            "12:30",
            "1/2",
            "$5",
            "9%",
            "1.5.e3",
        ];
        for text in none {
            assert_eq!((read_number(text, Point), read_number(text, Comma)), (None, None), "{text}");
        }
    }

    #[test]
    fn signs_of_money_and_per_cent_are_no_part_of_a_number() {
        for (text, want) in [
            ("$97.62", Some((97.62, "$"))),
            ("-$1,234.50", Some((-1234.5, "$"))),
            ("$-5", Some((-5.0, "$"))),
            ("9.8 %", Some((9.8, "%"))),
            ("12 \u{20ac}", Some((12.0, "\u{20ac}"))),
            ("(1,234.5)", Some((-1234.5, "()"))),
            ("($7)", Some((-7.0, "$()"))),
            ("$ (7)", Some((-7.0, "$()"))),
            ("(7 \u{20ac})", Some((-7.0, "\u{20ac}()"))),
            ("(-7)", None),
            ("((7))", None),
            ("-(7)", None),
            ("($(7))", None),
            ("()", None),
            ("(a)", None),
            ("%5", None),
            ("$", None),
            ("5", None),
            ("--$5", None),
            ("", None),
        ] {
            let want = want.map(|(value, sign): (f64, &str)| (value, sign.to_owned()));
            assert_eq!(read_measure(text, Point), want, "{text}");
        }
        let form = |words: &[&str]| {
            let words: Distinct = words.iter().collect();
            Form::of(&words, Point).map(|form| (form.sign, form.has_brackets))
        };
        assert_eq!(form(&["5%", "10%"]), Some(("%".to_owned(), false)));
        assert_eq!(form(&["5 kg", "-1,000.5kg"]), Some(("kg".to_owned(), false)));
        for none in [["5 kg", "10 lb"], ["5 kg", "10"], ["1e5 kg", "2 kg"], ["12A", "12B"], ["kg", "5 kg"]] {
            assert_eq!(form(&none), None, "{none:?}");
        }
        assert_eq!(form(&["5", "(10)"]), Some((String::new(), true)));
        assert_eq!(form(&["$5", "($10)"]), Some(("$".to_owned(), true)));
        assert_eq!(form(&["5%", "10"]), None);
        assert_eq!(form(&["$5", "(10)"]), None);
        assert_eq!(form(&["(1)", "(2)"]), None);
        assert_eq!(form(&["5", "10"]), None);
        assert_eq!(form(&[]), None);
    }

    #[test]
    fn what_may_be_a_name_is_a_number_where_it_is_told() {
        for (text, want) in [
            ("5-", Some((-5.0, "-"))),
            ("1,234.50-", Some((-1234.5, "-"))),
            ("$5 -", Some((-5.0, "$-"))),
            ("1_000", Some((1000.0, "_"))),
            ("-1_000.5", Some((-1000.5, "_"))),
            ("5", Some((5.0, ""))),
            ("(5)", Some((-5.0, "()"))),
            ("-5-", None),
            ("(5)-", None),
            ("-", None),
            ("A-", None),
            ("_5", None),
            ("5_", None),
            ("1__0", None),
            ("a_1", None),
            ("1_a", None),
        ] {
            let want = want.map(|(value, sign): (f64, &str)| (value, sign.to_owned()));
            assert_eq!(read_told(text, Point), want, "{text}");
            let is_own_alone = want.is_none_or(|(_, sign)| is_own_alone(&sign));
            assert_eq!(read_signed(text, Point).is_none(), is_own_alone, "{text}");
        }
    }

    #[test]
    fn a_unit_is_what_stands_behind_a_number() {
        for (text, want) in [
            ("12 kg", Some("kg")),
            ("-1,200.5km", Some("km")),
            ("21 \u{b0}C", Some("\u{b0}C")),
            ("$5", Some("$")),
            ("kg", None),
            ("12", None),
            ("17 Mar 2024", None),
            ("a12 kg", None),
        ] {
            assert_eq!(unit_of(text, Point).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_column_has_the_mark_with_which_all_its_cells_are_numbers() {
        let found = |cells: &[&str]| {
            let mut survey = Survey::default();
            cells.iter().enumerate().for_each(|(line, cell)| {
                survey.note(line, cell);
            });
            survey.found()
        };
        assert_eq!(found(&["1", "2"]), Found::Either);
        assert_eq!(found(&["1,5", "2"]), Found::Only(Comma));
        assert_eq!(found(&["1,234", "0,5"]), Found::Only(Comma));
        assert_eq!(found(&["1,234", "0.5"]), Found::Only(Point));
        assert_eq!(found(&["1.5", "1,5"]), Found::Text);
        assert_eq!(found(&["1", "x"]), Found::Text);
        let open = |cell: &str, is_plain| Found::Open { line: 1, cell: cell.to_owned(), is_plain };
        assert_eq!(found(&["1", "1,234"]), open("1,234", false));
        assert_eq!(found(&["1", "1.234"]), open("1.234", true));
    }
}
