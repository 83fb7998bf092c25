//! How much of a table is in memory while it is read; what is beyond lies in a spool.

use std::sync::Arc;

use crate::error::Error;
use crate::spool::{Growing, Spool};

/// The memory for the cells of a table that is read.
#[derive(Default)]
pub(crate) struct Room {
    spool: Option<Arc<Spool>>,
    /// The bytes of cells in the spool.
    spooled: usize,
    /// The bytes of cells that stay in memory.
    kept: usize,
}

/// A column that is read.
pub(crate) trait Reads {
    /// The bytes of cells that it has in memory and may move.
    fn held(&self) -> usize;

    fn spool(&mut self, spool: &Spool) -> Result<(), Error>;
}

impl Room {
    /// So many bytes of cells may be in memory, or, of many columns, so many of each, for short pieces are slow to read.
    const LEAST: usize = 4 << 20;
    const MOST: usize = 16 << 20;
    const OF_COLUMN: usize = 4 << 10;
    /// This part of what the spool has may be in memory, so that its pieces grow with it.
    const SHARE: usize = 4;

    fn most(&self, columns: usize) -> usize {
        let most = columns.saturating_mul(Room::OF_COLUMN).clamp(Room::LEAST, Room::MOST);
        most.max(self.spooled / Room::SHARE)
    }

    /// Moves what is in memory to the spool where it is too much; after so many rows it is to be looked again.
    pub(crate) fn look<R: Reads>(&mut self, columns: &mut [R]) -> Result<usize, Error> {
        let mut held = columns.iter().map(Reads::held).sum::<usize>();
        if held > 0 && held + self.kept > self.most(columns.len()) {
            let spool = self.spool()?;
            columns.iter_mut().try_for_each(|column| column.spool(&spool))?;
            self.spooled += held;
            held = 0;
        }
        let left = self.most(columns.len()).saturating_sub(held + self.kept);
        Ok(left / (size_of::<f64>() * columns.len().max(1)) + 1)
    }

    /// Counts cells that stay in memory.
    pub(crate) fn keep(&mut self, bytes: usize) {
        self.kept += bytes;
    }

    /// The spool for the last cells of columns that have so many bytes in memory; none where the table fits there.
    pub(crate) fn last(&mut self, held: usize, columns: usize) -> Result<Option<Arc<Spool>>, Error> {
        let is_large = self.spool.is_some() || held + self.kept > self.most(columns);
        is_large.then(|| self.spool()).transpose()
    }

    fn spool(&mut self) -> Result<Arc<Spool>, Error> {
        let spool = match self.spool.take() {
            Some(spool) => spool,
            None => Arc::new(Spool::new()?),
        };
        Ok(Arc::clone(self.spool.insert(spool)))
    }
}

impl Reads for Growing<f64> {
    fn held(&self) -> usize {
        Growing::held(self)
    }

    fn spool(&mut self, spool: &Spool) -> Result<(), Error> {
        Growing::spool(self, spool)
    }
}
