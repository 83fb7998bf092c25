//! Parquet -> a table: the columns that are flat, one after the other; those of lists, structs or bytes are left out and said.
//!
//! What a damaged file promises is held to the length of the file and to the bytes of each page before it is believed. The crate that
//! decodes pages is not free of panics on damaged ones; [`unharmed`] makes them errors.

use std::cell::Cell as Flag;
use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result as Outcome};
use ::parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
    ParquetStatisticsPolicy,
};
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::file::serialized_reader::SerializedPageReader;
use bytes::Bytes;

use crate::column::Column;
use crate::error::Error;
use crate::missing::Missing;
use crate::names::Names;
use crate::reading::Reading;
use crate::room::Room;
use crate::source::{Anywhere, Source};
use crate::stored::Stored;
use crate::table::{Lines, Table};
use crate::typed::{Typed, meaning};
use crate::words::short;

/// Whether a file begins as Parquet does.
pub(crate) fn is_parquet(start: &[u8]) -> bool {
    start.starts_with(b"PAR1")
}

/// Reads the flat columns. Types are the file's own: text is not looked at for numbers, and a null is a missing cell, as are the
/// words that stand for one.
pub(crate) fn read(name: &str, source: &Source<'_>, told: &Reading) -> Result<Table, Error> {
    let damaged = |reason: String| Error::Damaged { file: source.file.clone(), reason };
    let bytes = Arc::new(match source.anywhere()? {
        Anywhere::File(file) => Place::File(file),
        Anywhere::Memory(bytes) => Place::Memory(bytes.into()),
    });
    let metadata = unharmed(|| metadata(&bytes)).map_err(|reason| {
        damaged(format!("its end, which says what it holds, is no Parquet's ({reason})"))
    })?;
    let rows = count_rows(&metadata).ok_or_else(|| damaged("it counts its rows in two ways".to_owned()))?;
    let schema = metadata.file_metadata().schema_descr();
    let mut left_out = Vec::new();
    let mut kept = Vec::new();
    let mut leaf = 0;
    for (place, field) in schema.root_schema().get_fields().iter().enumerate() {
        // A flat column is the one leaf under its field; the leaves of others are passed over.
        match meaning(field, || schema.column(leaf)) {
            Ok(meaning) => kept.push((leaf, meaning)),
            Err(of) => left_out.push((field.name().to_owned(), of)),
        }
        while leaf < schema.num_columns() && schema.get_column_root_idx(leaf) == place {
            leaf += 1;
        }
    }
    if kept.is_empty() {
        return Err(Error::ForeignFormat {
            file: source.file.clone(),
            format: "a Parquet file whose columns are all lists, maps, structs or bytes",
            mend: "write a column for each of their values, as with pandas' `explode` and `json_normalize`",
        });
    }
    if rows == 0 {
        return Err(Error::HeaderOnly { file: source.file.clone(), columns: kept.len() });
    }
    check_compression(source, &metadata)?;
    let names = Names::new(kept.iter().map(|(leaf, _)| schema.column(*leaf).name().to_owned()));
    let missing = Missing::new(&told.missing);
    let (mut room, mut spooled) = (Room::default(), 0);
    let mut columns: Vec<Column> = Vec::with_capacity(kept.len());
    for ((leaf, meaning), name) in kept.into_iter().zip(&names.names) {
        let mut typed = Typed::new(meaning, &missing);
        for group in metadata.row_groups() {
            let chunk = group.column(leaf);
            let before = typed.rows();
            unharmed(|| {
                let pages = pages(&bytes, chunk, usize::try_from(group.num_rows())?)?;
                typed.take(
                    chunk.column_descr_ptr(),
                    Box::new(pages),
                    before + usize::try_from(group.num_rows())?,
                )
            })
            .map_err(|reason| {
                damaged(format!(
                    "column `{}`, row {} or later: its pages are damaged ({reason})",
                    short(name),
                    typed.rows()
                ))
            })?;
        }
        let column = Column::new(name.clone(), typed.cells());
        room.keep(column.stored.held());
        columns.push(column);
        if let Some(spool) = room.last(0, names.names.len())? {
            for column in &mut columns[spooled..] {
                let stored = std::mem::replace(&mut column.stored, Stored::nothing());
                column.stored = stored.spooled(&spool)?;
            }
            spooled = columns.len();
        }
    }
    let mut notes = vec!["the format Parquet".to_owned()];
    notes.extend(left_out.iter().map(|(name, of)| format!("column `{}` of {of} left out", short(name))));
    notes.extend(names.notes(&[]));
    if source.is_gzip() {
        notes.push("gzip".to_owned());
    }
    let reading = Reading { missing: told.missing.clone(), notes, ..Reading::default() };
    let file = source.file.clone();
    Ok(Table { name: name.to_owned(), file, first: 0, rows, columns, lines: Lines::default(), reading })
}

thread_local! {
    /// Whether a panic of this thread is made an error.
    static IS_CAUGHT: Flag<bool> = const { Flag::new(false) };
}

/// Whether a panic of this thread, at this moment, is made an error, so that a panic hook has nothing to say of it.
pub fn is_caught() -> bool {
    IS_CAUGHT.get()
}

/// What decoding gives; what is wrong as words, a panic within included. What was being filled is not to be used afterwards.
fn unharmed<T>(decode: impl FnOnce() -> Outcome<T>) -> Result<T, String> {
    let before = IS_CAUGHT.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(decode));
    IS_CAUGHT.set(before);
    match outcome {
        Ok(outcome) => {
            outcome.map_err(|error| error.to_string().trim_start_matches("Parquet error: ").to_owned())
        }
        Err(_) => Err("what is there cannot be decoded".to_owned()),
    }
}

/// What the end of the file says. Statistics are nothing that a table needs.
fn metadata(bytes: &Place) -> Outcome<ParquetMetaData> {
    let mut options = ParquetMetaDataOptions::new();
    options.set_column_stats_policy(ParquetStatisticsPolicy::SkipAll);
    options.set_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    ParquetMetaDataReader::new().with_metadata_options(Some(options)).parse_and_finish(bytes)
}

/// The number of rows, where the file and its groups agree on it.
fn count_rows(metadata: &ParquetMetaData) -> Option<usize> {
    let mut groups = metadata.row_groups().iter();
    let sum = groups.try_fold(0_i64, |sum, group| {
        let rows = group.num_rows();
        let agree = rows >= 0 && group.columns().iter().all(|column| column.num_values() >= 0);
        sum.checked_add(rows).filter(|_| agree)
    })?;
    usize::try_from(sum).ok().filter(|_| sum == metadata.file_metadata().num_rows())
}

fn check_compression(source: &Source<'_>, metadata: &ParquetMetaData) -> Result<(), Error> {
    const MEND: &str = "write it anew, as with pandas' `to_parquet(FILE, compression=\"snappy\")`";
    for chunk in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let format = match chunk.compression() {
            Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => {
                continue;
            }
            Compression::LZO => "a Parquet file compressed with LZO",
            Compression::BROTLI(_) => "a Parquet file compressed with Brotli",
            Compression::LZ4 | Compression::LZ4_RAW => "a Parquet file compressed with LZ4",
        };
        return Err(Error::ForeignFormat { file: source.file.clone(), format, mend: MEND });
    }
    Ok(())
}

/// The pages of a column in a group of rows.
fn pages(bytes: &Arc<Place>, chunk: &ColumnChunkMetaData, rows: usize) -> Outcome<Checked> {
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let end = start.checked_add(chunk.compressed_size()).and_then(|end| u64::try_from(end).ok());
    if start < 0 || chunk.compressed_size() < 0 || end.is_none_or(|end| end > bytes.len()) {
        return Err(ParquetError::General("they end beyond the file".to_owned()));
    }
    Ok(Checked(SerializedPageReader::new(Arc::clone(bytes), chunk, rows, None)?))
}

/// Pages whose dictionaries have no more values than bytes.
struct Checked(SerializedPageReader<Place>);

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Outcome<Option<Page>> {
        let page = self.0.get_next_page()?;
        match &page {
            Some(Page::DictionaryPage { buf, num_values, .. }) if *num_values as usize > buf.len() => Err(
                ParquetError::General(format!("a dictionary of {num_values} values in {} bytes", buf.len())),
            ),
            _ => Ok(page),
        }
    }

    fn peek_next_page(&mut self) -> Outcome<Option<PageMetadata>> {
        self.0.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Outcome<()> {
        self.0.skip_next_page()
    }
}

impl Iterator for Checked {
    type Item = Outcome<Page>;

    fn next(&mut self) -> Option<Outcome<Page>> {
        self.get_next_page().transpose()
    }
}

/// Where the bytes of the file are.
enum Place {
    File(File),
    Memory(Bytes),
}

impl Length for Place {
    fn len(&self) -> u64 {
        match self {
            Place::File(file) => Length::len(file),
            Place::Memory(bytes) => Length::len(bytes),
        }
    }
}

impl ChunkReader for Place {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Outcome<Box<dyn Read>> {
        self.check(start, 0)?;
        Ok(match self {
            Place::File(file) => Box::new(file.get_read(start)?),
            Place::Memory(bytes) => Box::new(bytes.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Outcome<Bytes> {
        self.check(start, length)?;
        match self {
            Place::File(file) => file.get_bytes(start, length),
            Place::Memory(bytes) => bytes.get_bytes(start, length),
        }
    }
}

impl Place {
    /// Space is taken only for bytes that are there.
    fn check(&self, start: u64, length: usize) -> Outcome<()> {
        match start.checked_add(length as u64) {
            Some(end) if end <= self.len() => Ok(()),
            _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
}
