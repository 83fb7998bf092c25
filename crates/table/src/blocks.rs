//! A table that is read block by block, so that no more of it is held than one block.

use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::charset::Charset;
use crate::column::Column;
use crate::delimited::{Layout, Text, survey};
use crate::error::Error;
use crate::missing::Missing;
use crate::place::Role;
use crate::reader;
use crate::reading::{Decimal, Reading};
use crate::second::{Kind, Second};
use crate::source::Source;
use crate::table::{Lines, Table, name_of, no_column};

/// A table of any length, read block by block in the order of its file. A first pass has looked at every cell, so a block is
/// read as the whole table is: a column is text in every block where one of its cells anywhere is text.
///
/// What is no text (IDX, Parquet) is read whole, and is one block.
///
/// ```
/// # use chainrule_table::{Blocks, Error, Role};
/// let file = std::env::temp_dir().join("blocks.csv");
/// std::fs::write(&file, "id,size\na,1\nb,2\nc,3\n").unwrap();
/// let mut blocks = Blocks::open(&file, &Default::default())?;
/// blocks.choose(&["size"], Role::Input)?;
/// let mut seen = Vec::new();
/// blocks.each(2, |block| {
///     seen.push(block.column("size").unwrap().loaded()?.numbers().unwrap().to_vec());
///     Ok::<(), Error>(())
/// })?;
/// assert_eq!(seen, [vec![1.0, 2.0], vec![3.0]]);
/// # std::fs::remove_file(&file).unwrap();
/// # Ok::<(), Error>(())
/// ```
pub struct Blocks {
    name: String,
    source: Source<'static>,
    told: Reading,
    missing: Missing,
    form: Form,
}

enum Form {
    Text {
        layout: Box<Layout>,
        encoding: Charset,
        /// The places of the columns that are read.
        chosen: Vec<usize>,
        /// The places of the columns whose cells are handed over as they stand, in the order asked for.
        kept: Vec<usize>,
    },
    Whole {
        table: Box<Table>,
        /// The names of the columns that are handed over beside the table.
        kept: Vec<String>,
    },
}

impl Blocks {
    /// Looks through a file with what is known of it. All of its columns are chosen.
    ///
    /// # Errors
    /// As for [`Table::read_as`].
    pub fn open(path: impl AsRef<Path>, told: &Reading) -> Result<Blocks, Error> {
        let path = path.as_ref();
        let (name, source) = (name_of(path), Source::open(path)?);
        let missing = Missing::new(&told.missing);
        let form = match reader::read_other(&name, &source, told)? {
            Some(table) => Form::Whole { table: Box::new(table), kept: Vec::new() },
            None => {
                let (layout, encoding) = survey(&name, &source, told, &missing)?;
                let chosen = kept(&layout).collect();
                Form::Text { layout: Box::new(layout), encoding, chosen, kept: Vec::new() }
            }
        };
        Ok(Blocks { name, source, told: told.clone(), missing, form })
    }

    /// The file's name without folder and extension.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the file is read.
    pub fn reading(&self) -> &Reading {
        match &self.form {
            Form::Text { layout, .. } => &layout.reading,
            Form::Whole { table, .. } => table.reading(),
        }
    }

    /// The number of rows, at least one.
    pub fn rows(&self) -> usize {
        match &self.form {
            Form::Text { layout, .. } => layout.rows,
            Form::Whole { table, .. } => table.rows(),
        }
    }

    /// The names of all columns, in the order of the file.
    pub fn column_names(&self) -> Vec<String> {
        match &self.form {
            Form::Text { layout, .. } => kept(layout).map(|place| layout.names[place].clone()).collect(),
            Form::Whole { table, .. } => table.column_names(),
        }
    }

    /// Chooses the columns that blocks have, in the order of the file whatever that of the names; a name may stand twice.
    ///
    /// # Errors
    /// For a name that no column has.
    pub fn choose<S: AsRef<str>>(&mut self, names: &[S], role: Role) -> Result<(), Error> {
        let all = self.column_names();
        let known: HashSet<&str> = all.iter().map(String::as_str).collect();
        if let Some(name) = names.iter().find(|name| !known.contains(name.as_ref())) {
            return Err(no_column(&self.source.file, all, name.as_ref(), role));
        }
        if let Form::Text { layout, chosen, .. } = &mut self.form {
            let wanted: HashSet<&str> = names.iter().map(AsRef::as_ref).collect();
            *chosen = kept(layout).filter(|place| wanted.contains(layout.names[*place].as_str())).collect();
        }
        Ok(())
    }

    /// Keeps the cells of columns as they stand in the file, blanks around them left out; see [`Blocks::each_with_cells`].
    ///
    /// # Errors
    /// For a name that no column has.
    pub fn keep<S: AsRef<str>>(&mut self, names: &[S]) -> Result<(), Error> {
        let all = self.column_names();
        if let Some(name) = names.iter().find(|name| !all.iter().any(|own| own == name.as_ref())) {
            return Err(no_column(&self.source.file, all, name.as_ref(), Role::Input));
        }
        match &mut self.form {
            Form::Text { layout, kept, .. } => {
                let place = |name: &S| layout.names.iter().position(|own| own == name.as_ref());
                *kept = names.iter().filter_map(place).collect();
            }
            Form::Whole { kept, .. } => *kept = names.iter().map(|name| name.as_ref().to_owned()).collect(),
        }
        Ok(())
    }

    /// Reads the chosen columns, so many rows at a time and in the end what is left, and hands every block over; the next is read
    /// meanwhile, by a thread that ends with this call.
    ///
    /// # Errors
    /// Where the file cannot be read on or is no longer what it was, and where a block is refused.
    pub fn each<E: From<Error>>(
        &self,
        rows: usize,
        mut take: impl FnMut(&Table) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_with_cells(rows, |block, _| take(block))
    }

    /// The same, with the columns that are kept: each cell is the text that stands in the file, be it a number or missing. What is
    /// no text (IDX, Parquet) has its columns as they were read.
    ///
    /// # Errors
    /// As for [`Blocks::each`].
    pub fn each_with_cells<E: From<Error>>(
        &self,
        rows: usize,
        mut take: impl FnMut(&Table, &[Column]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (layout, encoding, places) = match &self.form {
            Form::Text { layout, encoding, chosen, kept } => {
                (layout, *encoding, (chosen.as_slice(), kept.as_slice()))
            }
            Form::Whole { table, kept } => {
                let kept: Vec<Column> = kept.iter().filter_map(|name| table.column(name)).cloned().collect();
                return take(table, &kept);
            }
        };
        let text = Text {
            name: &self.name,
            source: &self.source,
            encoding,
            told: &self.told,
            missing: &self.missing,
        };
        // The next block is read while one is used.
        let (send, receive) = sync_channel(1);
        std::thread::scope(|scope| {
            let read = || {
                let send = send;
                // Where nobody takes any more, nothing is left to say.
                if let Err(error) = read_blocks(&text, layout, places, rows.max(1), &send) {
                    let _ = send.send(Err(error));
                }
            };
            let reader = std::thread::Builder::new().name(String::from("reader")).spawn_scoped(scope, read);
            reader.map_err(|error| Error::Unreadable {
                path: text.file().into(),
                reason: format!("the system gives no thread to read it: {error}"),
            })?;
            // A block that is refused ends the loop, and with it the channel and the thread.
            let taken = receive.into_iter().map(|block| {
                let (block, kept) = block?;
                take(&block, &kept)
            });
            let refused = taken.into_iter().find(Result::is_err);
            refused.unwrap_or(Ok(()))
        })
    }
}

/// Reads the chosen columns of a text block by block, until nobody takes them.
fn read_blocks(
    text: &Text<'_>,
    layout: &Layout,
    (chosen, kept): (&[usize], &[usize]),
    rows: usize,
    send: &SyncSender<Result<(Table, Vec<Column>), Error>>,
) -> Result<(), Error> {
    let plain = Kind::Numbers(text.told.decimal.unwrap_or(Decimal::Point));
    let mut records = text.rows(&layout.dialect)?;
    for first in (0..layout.rows).step_by(rows) {
        let count = rows.min(layout.rows - first);
        let second = |&place: &usize| Second::new(place, layout.forms[place].unwrap_or(plain), count, 0);
        let mut seconds: Vec<Second> = chosen.iter().map(second).collect();
        let mut cells: Vec<Second> = kept.iter().map(|&place| Second::of_cells(place, count)).collect();
        let mut lines = Lines::default();
        for row in 0..count {
            if !records.next()? {
                return Err(Error::Changed { file: text.file() });
            }
            lines.note(row, records.record().line);
            text.take(&mut seconds, records.record())?;
            text.take(&mut cells, records.record())?;
        }
        let column = |second: Second| Column::new(layout.names[second.place].clone(), second.cells());
        let block = Table {
            name: text.name.to_owned(),
            file: text.file(),
            first,
            rows: count,
            columns: seconds.into_iter().map(column).collect(),
            lines,
            reading: layout.reading.clone(),
        };
        let block = block.merged(&text.told.merged)?;
        if send.send(Ok((block, cells.into_iter().map(column).collect()))).is_err() {
            return Ok(());
        }
    }
    text.ends(&mut records, layout.rows, layout.rows)
}

/// The places of the columns that are not left out.
fn kept(layout: &Layout) -> impl Iterator<Item = usize> + '_ {
    (0..layout.names.len()).filter(|place| layout.left_out.binary_search(place).is_err())
}
