//! Rows of a batch gathered from the data, and those of the next one asked for ahead.

use crate::element::Element;
use crate::layout::{FIRST_ARGUMENT, Frame};
use crate::run::Runner;
use crate::simd::prefetch;

impl<T: Element> Runner<'_, '_, T> {
    /// Asks for a part of the next batch's rows of the data, so that they come from memory while this batch is at work.
    pub(crate) fn prefetch_next(&self, part: usize, parts: usize) {
        const LINE: usize = 64;
        let next = self.job.next;
        for chosen in &next[next.len() * part / parts..next.len() * (part + 1) / parts] {
            for data in &self.job.engine.walked_data {
                let row = self.job.data[data.place].as_ptr().wrapping_add(chosen.wrapping_mul(data.width));
                for line in (0..data.width).step_by(LINE / size_of::<T>()) {
                    prefetch(row.wrapping_add(line));
                }
            }
        }
    }

    /// Copies the tile's rows of the data side by side, where the batch is some rows of it.
    pub(crate) fn gather(&mut self, tile: Frame) -> Frame {
        let Some(order) = self.job.order else {
            return tile;
        };
        let engine = self.job.engine;
        let is_kept = engine.keeps_data();
        let (held, room) = if is_kept { (tile.kept, tile.kept_room) } else { (tile.tile, tile.tile_room) };
        let own = self.memory.gathered.as_mut_slice().as_mut_ptr();
        let memory = if is_kept { self.job.gathered } else { own };
        for data in &engine.walked_data {
            let to = memory.wrapping_add(data.start * room);
            self.memory.pointers.bases[FIRST_ARGUMENT + data.place] = to;
            let from = self.job.data[data.place];
            for (row, chosen) in order[tile.from..tile.from + tile.rows].iter().enumerate() {
                let from = &from[chosen * data.width..][..data.width];
                // SAFETY: the memory has room for so many rows of each value, and these rows are this thread's.
                unsafe {
                    to.add((tile.from - held + row) * data.width)
                        .copy_from_nonoverlapping(from.as_ptr(), data.width);
                }
            }
        }
        Frame { data: held, ..tile }
    }
}
