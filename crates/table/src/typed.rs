//! A column of Parquet, whose type is said -> cells: what its values mean, and how each becomes a number or a word.

use ::parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::column::page::PageReader;
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::{ParquetError, Result as Outcome};
use ::parquet::schema::types::{ColumnDescPtr, Type};

use crate::column::{Cells, Numbers, Words};
use crate::missing::Missing;
use crate::second::{Kind, Second};

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The number itself.
    Number,
    /// A number without sign, in the bits of one with it.
    Unsigned,
    /// A number of 16 bits, of which five are the exponent.
    Half,
    /// Units of ten to the power of minus this.
    Decimal(i32),
    /// `false` or `true`.
    Boolean,
    /// UTF-8.
    Text,
    /// Days since 1970.
    Date,
    /// So many a second, since midnight.
    Time(i64),
    /// So many a second, since 1970.
    Moment(i64),
    /// Nanoseconds of the day, and its Julian number.
    JulianMoment,
}

/// What the column under a field means; where it is no column of a table, what it is of.
pub(crate) fn meaning(field: &Type, column: impl FnOnce() -> ColumnDescPtr) -> Result<Meaning, &'static str> {
    /// What fits a number of 128 bits.
    const MOST_DIGITS: i32 = 38;
    let info = field.get_basic_info();
    let (logical, converted) = (info.logical_type_ref(), info.converted_type());
    match (logical, converted) {
        _ if info.has_repetition() && info.repetition() == Repetition::REPEATED => return Err("lists"),
        (Some(LogicalType::List), _) | (_, ConvertedType::LIST) => return Err("lists"),
        (Some(LogicalType::Map), _) | (_, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => {
            return Err("maps");
        }
        _ if field.is_group() => return Err("structs"),
        _ => {}
    }
    let column = column();
    let a_second = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    let physical = column.physical_type();
    let is_whole = matches!(physical, Physical::INT32 | Physical::INT64);
    let is_bytes = matches!(physical, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY);
    match (logical, converted, physical) {
        (Some(LogicalType::Timestamp(of)), ..) if physical == Physical::INT64 => {
            Ok(Meaning::Moment(a_second(&of.unit)))
        }
        (Some(LogicalType::Time(of)), ..) if is_whole => Ok(Meaning::Time(a_second(&of.unit))),
        (Some(LogicalType::Float16), _, Physical::FIXED_LEN_BYTE_ARRAY) if column.type_length() == 2 => {
            Ok(Meaning::Half)
        }
        (_, ConvertedType::TIMESTAMP_MILLIS, Physical::INT64) => Ok(Meaning::Moment(1_000)),
        (_, ConvertedType::TIMESTAMP_MICROS, Physical::INT64) => Ok(Meaning::Moment(1_000_000)),
        (_, ConvertedType::TIME_MILLIS, _) if is_whole => Ok(Meaning::Time(1_000)),
        (_, ConvertedType::TIME_MICROS, _) if is_whole => Ok(Meaning::Time(1_000_000)),
        (_, ConvertedType::DATE, Physical::INT32) => Ok(Meaning::Date),
        (_, ConvertedType::DECIMAL, _) if column.type_precision() > MOST_DIGITS => {
            Err("decimals of more than 38 digits")
        }
        (_, ConvertedType::DECIMAL, _) if is_whole || is_bytes => Ok(Meaning::Decimal(column.type_scale())),
        (_, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON, Physical::BYTE_ARRAY) => {
            Ok(Meaning::Text)
        }
        (
            _,
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64,
            _,
        ) if is_whole => Ok(Meaning::Unsigned),
        (_, _, Physical::BOOLEAN) => Ok(Meaning::Boolean),
        (_, _, Physical::INT32 | Physical::INT64 | Physical::FLOAT | Physical::DOUBLE) => Ok(Meaning::Number),
        (_, _, Physical::INT96) => Ok(Meaning::JulianMoment),
        (_, _, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY) => Err("bytes"),
    }
}

/// A column while it is read.
pub(crate) struct Typed<'a> {
    meaning: Meaning,
    missing: &'a Missing,
    rows: usize,
    /// The first row of text.
    first: Option<usize>,
    cells: Building,
}

enum Building {
    Numbers(Vec<f64>),
    Words(Second),
}

impl<'a> Typed<'a> {
    pub(crate) fn new(meaning: Meaning, missing: &'a Missing) -> Typed<'a> {
        let cells = match meaning {
            Meaning::Number | Meaning::Unsigned | Meaning::Half | Meaning::Decimal(_) => {
                Building::Numbers(Vec::new())
            }
            Meaning::Boolean
            | Meaning::Text
            | Meaning::Date
            | Meaning::Time(_)
            | Meaning::Moment(_)
            | Meaning::JulianMoment => Building::Words(Second::new(0, Kind::Words, 0, 0)),
        };
        Typed { meaning, missing, rows: 0, first: None, cells }
    }

    /// The number of cells so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes the cells of a group of rows, after which there are `rows`.
    pub(crate) fn take(
        &mut self,
        column: ColumnDescPtr,
        pages: Box<dyn PageReader>,
        rows: usize,
    ) -> Outcome<()> {
        let most = column.max_def_level();
        match get_column_reader(column, pages) {
            ColumnReader::BoolColumnReader(reader) => {
                self.values(reader, most, |typed, value| typed.word(if *value { "true" } else { "false" }))
            }
            ColumnReader::Int32ColumnReader(reader) => self.values(reader, most, |typed, value| {
                // The bits of 32 stand for themselves, without the sign's copies above.
                let value = if typed.meaning == Meaning::Unsigned {
                    i64::from(*value as u32)
                } else {
                    i64::from(*value)
                };
                typed.whole(value)
            }),
            ColumnReader::Int64ColumnReader(reader) => {
                self.values(reader, most, |typed, value| typed.whole(*value))
            }
            ColumnReader::FloatColumnReader(reader) => {
                self.values(reader, most, |typed, value| typed.number(f64::from(*value)))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                self.values(reader, most, |typed, value| typed.number(*value))
            }
            ColumnReader::Int96ColumnReader(reader) => self.values(reader, most, |typed, value| {
                /// The Julian number of 1970-01-01.
                const EPOCH: i128 = 2_440_588;
                let &[low, high, day] = value.data() else { return Err(wrong("a moment of another length")) };
                let of_day = i128::from(u64::from(low) | u64::from(high) << 32);
                typed.moment((i128::from(day) - EPOCH) * 86_400_000_000_000 + of_day, 1_000_000_000)
            }),
            ColumnReader::ByteArrayColumnReader(reader) => self.values(reader, most, Typed::bytes),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                self.values(reader, most, |typed, value| typed.bytes(value))
            }
        }?;
        if self.rows == rows {
            Ok(())
        } else {
            Err(wrong(&format!("{} cells where {rows} are to be", self.rows)))
        }
    }

    /// The values of pages; those below the greatest level are null.
    fn values<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        most: i16,
        take: impl Fn(&mut Self, &T::T) -> Outcome<()>,
    ) -> Outcome<()> {
        const AT_ONCE: usize = 1 << 12;
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        loop {
            values.clear();
            levels.clear();
            let (count, ..) = reader.read_records(AT_ONCE, Some(&mut levels), None, &mut values)?;
            if count == 0 {
                return Ok(());
            }
            let mut next = values.iter();
            for row in 0..count {
                let is_there = most == 0 || *levels.get(row).ok_or_else(|| wrong("too few levels"))? == most;
                match is_there {
                    true => take(self, next.next().ok_or_else(|| wrong("too few values"))?)?,
                    false => self.null()?,
                }
                self.rows += 1;
            }
            if next.next().is_some() {
                return Err(wrong("more values than cells"));
            }
        }
    }

    fn null(&mut self) -> Outcome<()> {
        match &self.cells {
            Building::Numbers(_) => self.number(f64::NAN),
            Building::Words(_) => self.push(""),
        }
    }

    fn number(&mut self, value: f64) -> Outcome<()> {
        let Building::Numbers(values) = &mut self.cells else { return Err(wrong("a number among words")) };
        values.push(if self.missing.has_number(value) { f64::NAN } else { value });
        Ok(())
    }

    fn word(&mut self, word: &str) -> Outcome<()> {
        self.push(word.trim())
    }

    fn push(&mut self, word: &str) -> Outcome<()> {
        let Building::Words(words) = &mut self.cells else { return Err(wrong("a word among numbers")) };
        if !words.push(word, self.missing) {
            return Err(wrong("more distinct words than are read"));
        }
        if self.first.is_none() && words.ends_in_word() {
            self.first = Some(self.rows);
        }
        Ok(())
    }

    fn whole(&mut self, value: i64) -> Outcome<()> {
        match self.meaning {
            Meaning::Unsigned => self.integer(i128::from(value as u64)),
            Meaning::Decimal(scale) => self.number(decimal(i128::from(value), scale)),
            Meaning::Date => self.word(&date(value)),
            Meaning::Time(unit) => self.word(&time(i128::from(value), unit)),
            Meaning::Moment(unit) => self.moment(i128::from(value), unit),
            Meaning::Number | Meaning::Half | Meaning::Boolean | Meaning::Text | Meaning::JulianMoment => {
                self.integer(i128::from(value))
            }
        }
    }

    /// Takes a whole number. With the first that a double does not hold the column is one of words, which keep all digits.
    fn integer(&mut self, value: i128) -> Outcome<()> {
        if let Building::Numbers(values) = &self.cells {
            if value as f64 as i128 == value {
                return self.number(value as f64);
            }
            let before: Vec<f64> = values.clone();
            self.cells = Building::Words(Second::new(0, Kind::Words, before.len(), 0));
            self.first = before.iter().position(|number| !number.is_nan());
            for number in before {
                let is_missing = number.is_nan();
                self.push(&if is_missing { String::new() } else { (number as i128).to_string() })?;
            }
        }
        self.push(&value.to_string())
    }

    /// A moment, so many units since 1970 of which so many are a second.
    fn moment(&mut self, value: i128, unit: i64) -> Outcome<()> {
        let day = i128::from(unit) * 86_400;
        let days = i64::try_from(value.div_euclid(day)).map_err(|_| wrong("a moment beyond all years"))?;
        self.word(&format!("{} {}", date(days), time(value.rem_euclid(day), unit)))
    }

    fn bytes(&mut self, value: &ByteArray) -> Outcome<()> {
        let bytes = value.data();
        match self.meaning {
            Meaning::Decimal(scale) => self.number(decimal(big_endian(bytes)?, scale)),
            Meaning::Half => {
                let bytes = <[u8; 2]>::try_from(bytes).map_err(|_| wrong("a number of another length"))?;
                self.number(half(u16::from_le_bytes(bytes)))
            }
            _ => self.word(str::from_utf8(bytes).map_err(|_| wrong("text that is no UTF-8"))?),
        }
    }

    /// The cells; words that are all missing are numbers as much as text.
    pub(crate) fn cells(self) -> Cells {
        match (self.cells, self.first) {
            (Building::Numbers(values), _) => Cells::Number(Numbers { values }),
            (Building::Words(_), None) => Cells::Number(Numbers { values: vec![f64::NAN; self.rows] }),
            (Building::Words(second), Some(first)) => match second.cells() {
                Cells::Text(words) => Cells::Text(Words { first_text: first, ..words }),
                cells @ Cells::Number(_) => cells,
            },
        }
    }
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}

/// A whole number in units of ten to the power of minus `scale`, rounded once.
fn decimal(units: i128, scale: i32) -> f64 {
    format!("{units}e{}", -i64::from(scale)).parse().unwrap_or(f64::NAN)
}

/// The number of bytes in two's complement, the highest first.
fn big_endian(bytes: &[u8]) -> Outcome<i128> {
    let sign = if bytes.first().is_some_and(|first| first & 0x80 != 0) { -1 } else { 0 };
    match bytes.len() {
        0 => Err(wrong("a decimal without bytes")),
        1..=16 => Ok(bytes.iter().fold(sign, |number, byte| number << 8 | i128::from(*byte))),
        _ => Err(wrong("a decimal of more than 16 bytes")),
    }
}

/// A number of 16 bits: a sign, five of exponent, ten of fraction (IEEE 754-2008, binary16).
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1F);
    let fraction = f64::from(bits & 0x3FF) / 1024.0;
    let power = |exponent: i32| f64::from_bits(((1023 + exponent) as u64) << 52);
    sign * match exponent {
        0 => fraction * power(-14),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (1.0 + fraction) * power(exponent - 15),
    }
}

/// The date of a day counted from 1970-01-01, in the calendar of Gregory: `2024-04-03`.
///
/// Days are counted from 1 March of a year that 400 divides, so that a leap day is the last of its year, its four and its hundred
/// years: the first three of each have a day less.
fn date(days: i64) -> String {
    const ERA: i64 = 146_097;
    let days = i128::from(days) + 719_468;
    let (era, day) = (days.div_euclid(i128::from(ERA)), days.rem_euclid(i128::from(ERA)) as i64);
    let century = (day / 36_524).min(3);
    let day = day - century * 36_524;
    let four = day / 1_461;
    let day = day - four * 1_461;
    let one = (day / 365).min(3);
    let day = day - one * 365;
    // From March on, five months have 153 days.
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let year = era * 400 + i128::from(century * 100 + four * 4 + one + i64::from(month >= 10));
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// The time of day, so many units after midnight of which so many are a second: `10:30:00`, with a fraction where there is one.
fn time(value: i128, unit: i64) -> String {
    let (seconds, rest) = (value.div_euclid(i128::from(unit)), value.rem_euclid(i128::from(unit)));
    let (hours, minutes, seconds) =
        (seconds.div_euclid(3600), seconds.rem_euclid(3600) / 60, seconds.rem_euclid(60));
    let width = unit.ilog10() as usize;
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:0width$}") };
    format!("{hours:02}:{minutes:02}:{seconds:02}{}", fraction.trim_end_matches('0'))
}
