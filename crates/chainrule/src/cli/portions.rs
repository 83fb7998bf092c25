//! The options of `chainrule train` to the rows of each part.

use super::Failure;
use super::arguments::{TableOptions, Train};
use learn::{Portion, Portions, SMALL_TABLE};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use table::read_rows;

/// The rows of each part, as the options give them.
pub fn of(train: &Train, rows: usize) -> Result<Portions, Failure> {
    let training = train.train.as_ref().map(|path| read_rows(path, rows)).transpose()?;
    Ok(Portions {
        train: training,
        validation: portion(validation(train, rows), rows, &train.reading)?,
        test: portion(test(train, rows), rows, &train.reading)?,
    })
}

/// Rows below which none is kept back to judge by, where nothing is said: too few to tell one model from another.
pub const FEWEST: usize = table::FEW_ROWS;

/// What is told of the test rows, or what is meant where nothing is.
pub fn test(train: &Train, rows: usize) -> &OsStr {
    let usual = if rows < FEWEST { "0" } else { "0.2" };
    train.test.as_ref().map_or(OsStr::new(usual), OsString::as_os_str)
}

/// The same of the validation rows.
pub fn validation(train: &Train, rows: usize) -> &OsStr {
    let usual = match rows {
        _ if rows < FEWEST => "0",
        _ if rows < SMALL_TABLE => "0.1",
        _ => "0.2",
    };
    train.validation.as_ref().map_or(OsStr::new(usual), OsString::as_os_str)
}

/// A number is a fraction, a name that ends like those of tables a table, any other a file of row numbers.
fn portion(text: &OsStr, rows: usize, reading: &TableOptions) -> Result<Portion, Failure> {
    if let Some(fraction) = text.to_str().and_then(|text| text.trim().parse().ok()) {
        return Ok(Portion::Fraction(fraction));
    }
    let path = Path::new(text);
    if is_named_as_table(path) {
        let table = super::table(path, reading)?;
        super::tell_reading(table.name(), table.reading());
        Ok(Portion::Table(Box::new(table)))
    } else {
        Ok(Portion::Rows(read_rows(path, rows)?))
    }
}

/// The endings of tables; files of row numbers end otherwise.
fn is_named_as_table(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let endings = [".csv", ".tsv", ".tab", ".psv", ".data", ".gz", "idx3-ubyte", ".idx"];
    endings.iter().any(|ending| name.ends_with(ending))
}
