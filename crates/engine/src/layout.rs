//! Where every value of a plan lies: in the caller's arrays or in the workspace's arenas, checked once, ahead.

use crate::arrangement::Arrangement;
use crate::error::EngineError;
use plan::{Extent, Phase, Place, Plan, Source, Value, ValueId};

/// Bases that every run has; the caller's data, updated matrices and row results follow them.
pub(crate) const PARAMETERS: usize = 0;
pub(crate) const FIXED: usize = 1;
pub(crate) const TILE: usize = 2;
pub(crate) const KEPT: usize = 3;
pub(crate) const RESULTS: usize = 4;
pub(crate) const FIRST_ARGUMENT: usize = 5;

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// Which array: a place in the run's list of bases.
    pub base: usize,
    /// Its first entry; in an arena of rows, times the rows that the arena has room for.
    pub start: usize,
    /// How its rows follow those of the batch.
    pub walk: Walk,
    /// Its entries: `Fixed` if its size is fixed, else so many for each row at hand.
    pub entries: Entries,
}

/// Which rows an array holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// It does not walk along its rows.
    Still,
    /// Every row of the batch.
    Batch,
    /// Rows of the caller's data, or those gathered from it.
    Data,
    /// Rows of the tile.
    Tile,
    /// Rows of the macro-batch.
    Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entries {
    Fixed(usize),
    PerRow(usize),
}

/// The rows at hand, counted from the start of the batch, and which rows the arrays hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame {
    /// The first row at hand.
    pub from: usize,
    /// Rows at hand.
    pub rows: usize,
    /// The first row of the leaf, from which sums count.
    pub leaf: usize,
    /// The first row that the data's arrays hold.
    pub data: usize,
    /// The first row of the tile, and how many its arena has room for.
    pub tile: usize,
    pub tile_room: usize,
    /// The same of the macro-batch.
    pub kept: usize,
    pub kept_room: usize,
}

impl Frame {
    /// All rows of a batch, in one tile.
    pub(crate) fn whole(rows: usize) -> Frame {
        Frame { rows, tile_room: rows, kept_room: rows, ..Frame::default() }
    }

    /// Some of its rows.
    pub(crate) fn part(self, from: usize, rows: usize) -> Frame {
        Frame { from, rows, ..self }
    }
}

impl Entries {
    pub(crate) fn count(self, frame: Frame) -> usize {
        match self {
            Entries::Fixed(entries) => entries,
            Entries::PerRow(width) => width * frame.rows,
        }
    }

    pub(crate) fn width(self) -> usize {
        match self {
            Entries::Fixed(entries) | Entries::PerRow(entries) => entries,
        }
    }
}

impl Location {
    pub(crate) fn offset(&self, frame: Frame) -> usize {
        let width = self.entries.width();
        match self.walk {
            Walk::Still if self.base == TILE => self.start * frame.tile_room,
            Walk::Still => self.start,
            Walk::Batch => self.start + width * frame.from,
            Walk::Data => self.start + width * (frame.from - frame.data),
            Walk::Tile => self.start * frame.tile_room + width * (frame.from - frame.tile),
            Walk::Kept => self.start * frame.kept_room + width * (frame.from - frame.kept),
        }
    }

    /// Whether two values may share an entry, for any number of rows.
    pub(crate) fn overlaps(&self, other: &Location) -> bool {
        let span = |at: &Location| (at.start, at.start + at.entries.width());
        let ((a, a_end), (b, b_end)) = (span(self), span(other));
        // A caller's matrix with walked rows holds one value, so its span in either unit meets only itself.
        self.base == other.base && a < b_end && b < a_end
    }
}

/// Where all values lie, and how large the arenas are.
#[derive(Debug)]
pub(crate) struct Layout {
    pub locations: Vec<Location>,
    /// Entries of the arena of fixed size.
    pub fixed: usize,
    /// Entries of the tile's arena for each row of a tile.
    pub per_row: usize,
    /// Entries of the macro-batch's arena for each of its rows.
    pub kept_per_row: usize,
    /// Where the call's scalars begin in the fixed arena; the number of rows follows them.
    pub scalars: usize,
    /// Values that are not computed where their results are wanted: from, to.
    pub copies: Copies,
}

/// Copies by when they run.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// Before anything: from values that are bound, since a bound value may be overwritten.
    pub first: Vec<(Location, Location)>,
    /// The same for each tile.
    pub tile_first: Vec<(Location, Location)>,
    /// At the end of each tile.
    pub tile_last: Vec<(Location, Location)>,
    /// At the end.
    pub last: Vec<(Location, Location)>,
}

impl Layout {
    /// Places every value of a checked plan.
    pub(crate) fn new(
        plan: &Plan,
        phases: &[Phase],
        arrangement: &Arrangement,
    ) -> Result<Layout, EngineError> {
        let (fixed, per_row, kept_per_row) = arenas(plan);
        if plan.buffers.as_ref().is_some_and(|buffers| buffers.places.len() != plan.values.len()) {
            return Err(EngineError::Plan { mistake: "it has not one place for each value".to_owned() });
        }
        let mut layout = Layout {
            locations: Vec::with_capacity(plan.values.len()),
            fixed,
            per_row,
            kept_per_row,
            scalars: 0,
            copies: Copies::default(),
        };
        layout.scalars = layout.take_fixed(plan.scalars.len() + 1)?;
        for index in 0..plan.values.len() {
            let location = layout.locate(plan, phases, arrangement, ValueId(index as u32))?;
            layout.locations.push(location);
        }
        layout.copy_results(plan, arrangement)?;
        Ok(layout)
    }

    pub(crate) fn at(&self, id: ValueId) -> Location {
        self.locations[id.0 as usize]
    }

    fn locate(
        &mut self,
        plan: &Plan,
        phases: &[Phase],
        arrangement: &Arrangement,
        id: ValueId,
    ) -> Result<Location, EngineError> {
        let value = plan.value(id);
        let entries = entries(value)?;
        let at = |base, start| Location { base, start, walk: Walk::Still, entries };
        Ok(match value.source {
            Source::Data(place) => {
                let bound = Value { cols: plan.bound_cols(id), ..value.clone() };
                argument(FIRST_ARGUMENT + place, &bound, Walk::Data)?
            }
            Source::Updated(place) => argument(FIRST_ARGUMENT + plan.data.len() + place, value, Walk::Batch)?,
            Source::Parameter(start) => at(PARAMETERS, arrangement.parameter(start)),
            Source::Scalar(place) => at(FIXED, self.scalars + place),
            Source::RowCount => at(FIXED, self.scalars + plan.scalars.len()),
            Source::Computed => {
                let given = plan.buffers.as_ref().and_then(|buffers| buffers.places[id.0 as usize]);
                match given.or_else(|| wanted_place(plan, id)) {
                    Some(Place::Updated(place)) if is_read_late(plan, phases, id, place) => {
                        self.own(value)?
                    }
                    Some(place) => placed(plan, arrangement, id, place)?,
                    None => self.own(value)?,
                }
            }
        })
    }

    /// A place that no other value has.
    fn own(&mut self, value: &Value) -> Result<Location, EngineError> {
        let entries = entries(value)?;
        let walk = if value.rows == Extent::Walked { Walk::Tile } else { Walk::Still };
        let place = Location { base: FIXED, start: 0, walk: Walk::Still, entries };
        Ok(match entries {
            Entries::Fixed(count) => Location { start: self.take_fixed(count)?, ..place },
            Entries::PerRow(width) => {
                let start = self.per_row;
                self.per_row = self.per_row.checked_add(width).ok_or(EngineError::TooLarge)?;
                Location { base: TILE, start, walk, ..place }
            }
        })
    }

    fn take_fixed(&mut self, count: usize) -> Result<usize, EngineError> {
        let start = self.fixed;
        self.fixed = self.fixed.checked_add(count).ok_or(EngineError::TooLarge)?;
        Ok(start)
    }

    /// Lists the copies to results that are not computed in place.
    fn copy_results(&mut self, plan: &Plan, arrangement: &Arrangement) -> Result<(), EngineError> {
        let mut wanted = Vec::new();
        for (index, update) in plan.updated.iter().enumerate() {
            wanted.push((update.new, self.at(update.old), Place::Updated(index)));
        }
        for (index, output) in plan.row_results.iter().enumerate() {
            wanted.push((
                output.value,
                placed(plan, arrangement, output.value, Place::RowResult(index))?,
                Place::RowResult(index),
            ));
        }
        let mut start = 0;
        for output in &plan.results {
            let to = placed(plan, arrangement, output.value, Place::Result(start))?;
            wanted.push((output.value, to, Place::Result(start)));
            start += to.entries.width();
        }
        for (id, to, place) in wanted {
            let from = self.at(id);
            if from == to {
                continue;
            }
            let is_bound = plan.value(id).source != Source::Computed;
            // A matrix that takes the place of another: by way of a place of its own, since both may be overwritten.
            let is_staged = is_bound && matches!(place, Place::Updated(_));
            let middle = if is_staged { Some(self.own(plan.value(id))?) } else { None };
            let copies = &mut self.copies;
            let (first, last) = match from.entries {
                Entries::Fixed(_) => (&mut copies.first, &mut copies.last),
                Entries::PerRow(_) => (&mut copies.tile_first, &mut copies.tile_last),
            };
            match middle {
                Some(middle) => {
                    first.push((from, middle));
                    last.push((middle, to));
                }
                None if is_bound => first.push((from, to)),
                None => last.push((from, to)),
            }
        }
        Ok(())
    }
}

fn entries(value: &Value) -> Result<Entries, EngineError> {
    match (value.rows, value.cols) {
        (Extent::Fixed(rows), Extent::Fixed(cols)) => {
            rows.checked_mul(cols).map(Entries::Fixed).ok_or(EngineError::TooLarge)
        }
        (Extent::Walked, Extent::Fixed(width)) | (Extent::Fixed(width), Extent::Walked) => {
            Ok(Entries::PerRow(width))
        }
        (Extent::Walked, Extent::Walked) => Err(EngineError::Plan {
            mistake:
                "a value has the walked rows along both axes, so its memory would grow with their square"
                    .to_owned(),
        }),
    }
}

/// A matrix of the caller's.
fn argument(base: usize, value: &Value, walk: Walk) -> Result<Location, EngineError> {
    let walk = if value.rows == Extent::Walked { walk } else { Walk::Still };
    Ok(Location { base, start: 0, walk, entries: entries(value)? })
}

/// Entries of the fixed arena, and for each row of the tile's and of the macro-batch's.
fn arenas(plan: &Plan) -> (usize, usize, usize) {
    let buffers = plan.buffers.as_ref();
    buffers.map_or((0, 0, 0), |buffers| (buffers.fixed, buffers.per_row, buffers.kept_per_row))
}

/// The place of a computed value, checked against its array's size.
fn placed(
    plan: &Plan,
    arrangement: &Arrangement,
    id: ValueId,
    place: Place,
) -> Result<Location, EngineError> {
    let value = plan.value(id);
    let entries = entries(value)?;
    let wrong =
        || EngineError::Plan { mistake: format!("the place of value {} is not one it can have", id.0) };
    let (fixed, per_row, kept_per_row) = arenas(plan);
    let fits = |start: usize, size: usize| start.checked_add(entries.width()).is_some_and(|end| end <= size);
    let by_rows = |walk| if value.rows == Extent::Walked { walk } else { Walk::Still };
    let at = |base, start, walk| Location { base, start, walk: by_rows(walk), entries };
    let is_fixed = matches!(entries, Entries::Fixed(_));
    let same_shape = |other: ValueId| {
        let other = plan.value(other);
        (other.rows, other.cols) == (value.rows, value.cols)
    };
    match place {
        Place::Fixed(start) if is_fixed && fits(start, fixed) => Ok(at(FIXED, start, Walk::Still)),
        Place::Tile(offset) if !is_fixed && fits(offset, per_row) => Ok(at(TILE, offset, Walk::Tile)),
        Place::Kept(offset) if value.rows == Extent::Walked && fits(offset, kept_per_row) => {
            Ok(at(KEPT, offset, Walk::Kept))
        }
        Place::Result(start) if is_fixed && fits(start, plan.result_entries()) => {
            Ok(at(RESULTS, arrangement.result(start), Walk::Still))
        }
        Place::Updated(index) if plan.updated.get(index).is_some_and(|update| same_shape(update.old)) => {
            argument(FIRST_ARGUMENT + plan.data.len() + index, value, Walk::Batch)
        }
        Place::RowResult(index)
            if plan.row_results.get(index).is_some_and(|output| same_shape(output.value)) =>
        {
            argument(FIRST_ARGUMENT + plan.data.len() + plan.updated.len() + index, value, Walk::Batch)
        }
        _ => Err(wrong()),
    }
}

/// Where the caller wants a computed value, if anywhere.
fn wanted_place(plan: &Plan, id: ValueId) -> Option<Place> {
    if let Some(index) = plan.updated.iter().position(|update| update.new == id) {
        return Some(Place::Updated(index));
    }
    if let Some(index) = plan.row_results.iter().position(|output| output.value == id) {
        return Some(Place::RowResult(index));
    }
    let mut start = 0;
    for output in &plan.results {
        if output.value == id {
            return Some(Place::Result(start));
        }
        start += plan.value(output.value).fixed_entries()?;
    }
    None
}

/// Whether the value that `new` overwrites is read after `new` was written, so that it must wait in a place of its own.
fn is_read_late(plan: &Plan, phases: &[Phase], new: ValueId, place: usize) -> bool {
    let Some(update) = plan.updated.get(place) else { return false };
    let when = |index: usize| (phases[index], index);
    let instructions = || plan.instructions.iter().enumerate();
    let Some((writer, _)) = instructions().find(|(_, instruction)| instruction.writes().contains(&new))
    else {
        return false;
    };
    let is_fixed = plan.value(new).fixed_entries().is_some();
    let has_tiles = plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
    instructions().filter(|(_, instruction)| instruction.reads().contains(&update.old)).any(|(reader, _)| {
        // What a tile writes to a matrix of fixed size, the next tile would read.
        let in_next_tile = has_tiles && is_fixed && phases[reader].walks() && phases[writer].walks();
        when(reader) > when(writer) || in_next_tile
    })
}
