//! How a table is read, where it is not as it is found; the same for every subcommand that reads one.

use clap::Args;
use table::{Charset, Decimal, Delimiter, Mark, Reading};

/// The options of a table. What is not given is found in the file.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Table")]
pub struct TableOptions {
    /// What stands between cells: one sign, or tab, or blanks [default: as found].
    #[arg(long, value_name = "SIGN", allow_hyphen_values = true)]
    pub delimiter: Option<Delimiter>,
    /// What stands before the fraction of a number; the other sign then parts thousands [default: as found].
    #[arg(long, value_name = ".|,")]
    pub decimal: Option<Decimal>,
    /// What encloses cells that hold delimiters, or none [default: as found].
    #[arg(long, value_name = "SIGN|none")]
    pub quote: Option<Mark>,
    /// What begins a line that is no row, or none [default: # where the file begins with it].
    #[arg(long, value_name = "SIGN|none")]
    pub comment: Option<Mark>,
    /// The encoding, such as utf-8, utf-16, latin-1, windows-1252 or shift_jis [default: as found].
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<Charset>,
    /// The first line is a row; columns are called c1, c2 and so on.
    #[arg(long)]
    pub no_header: bool,
    /// The first line names the columns, even if it looks like a row.
    #[arg(long, conflicts_with = "no_header")]
    pub header: bool,
    /// Cells that are missing besides the usual ones (empty, NA, ?, null and the like), such as -999,unknown.
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_hyphen_values = true)]
    pub missing: Vec<String>,
    /// Columns, the target among them, in which words that differ in capitals, blanks or a last point alone are one; may be repeated
    /// [default: none; of a model, as it was trained].
    #[arg(long, value_name = "COLUMNS")]
    pub merge: Vec<String>,
}

impl TableOptions {
    /// These options with what was told before of missing cells, where they do not say otherwise, and of spellings.
    pub fn recalling(&self, missing: &[String], merged: &[String]) -> TableOptions {
        TableOptions {
            missing: table::recalled(missing, &self.missing),
            merge: [merged, self.merge.as_slice()].concat(),
            ..self.clone()
        }
    }

    /// What was told of a table.
    pub fn reading(&self) -> Reading {
        Reading {
            has_one_unit: false,
            delimiter: self.delimiter,
            decimal: self.decimal,
            quote: self.quote,
            comment: self.comment,
            encoding: self.encoding,
            header: if self.no_header { Some(false) } else { self.header.then_some(true) },
            missing: self.missing.clone(),
            merged: self.merge.clone(),
            notes: Vec::new(),
        }
    }
}
