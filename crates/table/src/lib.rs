//! Files to columns to matrices: readers, column types, audits, splits and scaling.
//!
//! The one decision: a table is read as it is, and judged only where it is used. A text column, a missing cell or a
//! NaN is no mistake in a file; it becomes one, with its line and column and what to do about it, when that column
//! goes into a matrix. So an audit can show any table, and a column that is not needed never stands in the way.
//!
//! ```
//! # use chainrule_table as table;
//! use table::{Dataset, Scaling, ScalingKind, Table, split};
//!
//! let csv = b"zone,rooms,size,price\nnorth,2,50,210\nsouth,3,75,330\nnorth,4,90,?\nsouth,5,120,540\n";
//! let homes = Table::parse("homes", csv)?;
//! println!("{}", homes.audit()?);
//!
//! let error = Dataset::new(&homes, &["prize"], &["zone"]).unwrap_err();
//! assert!(error.to_string().contains("did you mean `price`"));
//!
//! let data = Dataset::new(&homes, &["size"], &["zone", "price"])?;
//! let parts = split(data.rows(), 0, 0.25, 0.0)?;
//! let scaling = Scaling::fit(ScalingKind::Standard, &data.x, &parts.train)?;
//! let x = scaling.apply(&data.x)?.select_rows(&parts.train)?;
//! assert_eq!((x.rows(), x.cols()), (3, 1));
//! # Ok::<(), table::Error>(())
//! ```
//!
//! In the order of the data: [`Table`] reads ([`Reading`] says how), [`Audit`] shows, [`TargetColumn`] says what is to be predicted,
//! [`Parting`] parts rows, an [`Encoding`] is fitted to the training rows and makes any columns numbers ([`Choices`] is what is said
//! of them), and [`warnings`] tells what is doubtful. Where all columns are numbers, [`Dataset`] chooses them and [`Scaling`] brings
//! them to one size as a [`Matrix`]. [`random::Random`] gives every random number of the program from its key alone.

mod audit;
mod blocks;
mod building;
mod categories;
mod charset;
mod choices;
mod codes;
mod column;
mod dataset;
mod dates;
mod delimited;
mod dialect;
mod dictionary;
mod distinct;
mod encoded;
mod encoder;
mod encoding;
mod error;
mod file;
mod finding;
mod identifier;
mod idx;
mod kind;
mod matrix;
mod merging;
mod message;
mod missing;
mod names;
mod nearest;
mod number;
mod odd_numbers;
mod order;
mod output;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod place;
mod quantiles;
mod reader;
mod reading;
mod records;
mod repeats;
mod room;
mod row_file;
mod rows;
mod scale;
mod scaling;
mod second;
mod source;
mod split;
mod spool;
mod stored;
mod strays;
mod sums;
mod table;
mod target;
mod told;
#[cfg(feature = "parquet")]
mod typed;
mod warning;
mod words;

pub use audit::{Audit, ColumnAudit};
pub use blocks::Blocks;
pub use charset::Charset;
pub use choices::Choices;
pub use column::{Column, ColumnType, Loaded};
pub use dataset::Dataset;
pub use dates::{DateParts, DayOrder};
pub use encoded::{ColumnTally, Encoded, Rounded, Tally};
pub use encoder::{Encoder, TableEncoder};
pub use encoding::{EncodedColumn, Encoding};
pub use error::Error;
pub use file::{MOST_FILE, MOST_STREAM, read_file, read_file_as_far};
pub use kind::{ColumnKind, Wanted};
pub use matrix::Matrix;
pub use missing::recalled;
pub use nearest::nearest;
pub use order::Order;
pub use output::{
    Output, beside, is_partial_of, lock, mend_of, past_links, sync_folder_of, write_atomically,
};
#[cfg(feature = "parquet")]
pub use parquet::is_caught;
pub use part::Part as EncodedPart;
pub use place::{Place, Role};
pub use reading::{Decimal, Delimiter, Mark, Question, Reading};
pub use repeats::repeated_rows;
pub use row_file::{read_rows, write_rows};
pub use scale::{NumberScaling, Scale};
pub use scaling::{Scaling, ScalingKind};
pub use split::{Choice, Part, Parting, Split, split};
pub use strays::Strays;
pub use table::Table;
pub use target::{TargetColumn, TargetKind};
pub use warning::{FEW_ROWS, Warning, WarningKind, warnings};
pub use words::argument;
