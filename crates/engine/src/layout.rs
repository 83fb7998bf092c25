//! Where every value of a plan lies: in the caller's arrays or in the workspace's arenas, checked once, ahead.

use crate::error::EngineError;
use plan::{Extent, Phase, Place, Plan, Source, Value, ValueId};

/// Bases that every run has; the caller's data, updated matrices and row results follow them.
pub(crate) const PARAMETERS: usize = 0;
pub(crate) const FIXED: usize = 1;
pub(crate) const TILE: usize = 2;
pub(crate) const RESULTS: usize = 3;
pub(crate) const FIRST_ARGUMENT: usize = 4;

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// Which array: a place in the run's list of bases.
    pub base: usize,
    /// Its first entry, plus `per_tile_row` times the rows of the tile, plus `per_row` times the rows before the tile.
    pub start: usize,
    pub per_tile_row: usize,
    pub per_row: usize,
    /// Its entries: `fixed` if its size is fixed, else `width` for each row of the tile.
    pub entries: Entries,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entries {
    Fixed(usize),
    PerRow(usize),
}

/// The rows at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// Rows of the batch before this tile.
    pub from: usize,
    /// Rows of this tile.
    pub rows: usize,
}

impl Entries {
    pub(crate) fn count(self, frame: Frame) -> usize {
        match self {
            Entries::Fixed(entries) => entries,
            Entries::PerRow(width) => width * frame.rows,
        }
    }

    fn width(self) -> usize {
        match self {
            Entries::Fixed(entries) | Entries::PerRow(entries) => entries,
        }
    }
}

impl Location {
    pub(crate) fn offset(&self, frame: Frame) -> usize {
        self.start + self.per_tile_row * frame.rows + self.per_row * frame.from
    }

    /// Whether two values may share an entry, for any number of rows.
    pub(crate) fn overlaps(&self, other: &Location) -> bool {
        let span = |at: &Location| {
            let from = if at.base == TILE { at.per_tile_row } else { at.start };
            (from, from + at.entries.width())
        };
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
    pub(crate) fn new(plan: &Plan, phases: &[Phase]) -> Result<Layout, EngineError> {
        let (fixed, per_row) =
            plan.buffers.as_ref().map_or((0, 0), |buffers| (buffers.fixed, buffers.per_row));
        if plan.buffers.as_ref().is_some_and(|buffers| buffers.places.len() != plan.values.len()) {
            return Err(EngineError::Plan { mistake: "it has not one place for each value".to_owned() });
        }
        let mut layout = Layout {
            locations: Vec::with_capacity(plan.values.len()),
            fixed,
            per_row,
            scalars: 0,
            copies: Copies::default(),
        };
        layout.scalars = layout.take_fixed(plan.scalars.len() + 1)?;
        for index in 0..plan.values.len() {
            let location = layout.locate(plan, phases, ValueId(index as u32))?;
            layout.locations.push(location);
        }
        layout.copy_results(plan)?;
        Ok(layout)
    }

    pub(crate) fn at(&self, id: ValueId) -> Location {
        self.locations[id.0 as usize]
    }

    fn locate(&mut self, plan: &Plan, phases: &[Phase], id: ValueId) -> Result<Location, EngineError> {
        let value = plan.value(id);
        let entries = entries(value)?;
        let at = |base, start| Location { base, start, per_tile_row: 0, per_row: 0, entries };
        Ok(match value.source {
            Source::Data(place) => argument(FIRST_ARGUMENT + place, value)?,
            Source::Updated(place) => argument(FIRST_ARGUMENT + plan.data.len() + place, value)?,
            Source::Parameter(start) => at(PARAMETERS, start),
            Source::Scalar(place) => at(FIXED, self.scalars + place),
            Source::RowCount => at(FIXED, self.scalars + plan.scalars.len()),
            Source::Computed => {
                let given = plan.buffers.as_ref().and_then(|buffers| buffers.places[id.0 as usize]);
                match given.or_else(|| wanted_place(plan, id)) {
                    Some(Place::Updated(place)) if is_read_late(plan, phases, id, place) => {
                        self.own(entries)?
                    }
                    Some(place) => placed(plan, id, place)?,
                    None => self.own(entries)?,
                }
            }
        })
    }

    /// A place that no other value has.
    fn own(&mut self, entries: Entries) -> Result<Location, EngineError> {
        let place = Location { base: FIXED, start: 0, per_tile_row: 0, per_row: 0, entries };
        Ok(match entries {
            Entries::Fixed(count) => Location { start: self.take_fixed(count)?, ..place },
            Entries::PerRow(width) => {
                let per_tile_row = self.per_row;
                self.per_row = self.per_row.checked_add(width).ok_or(EngineError::TooLarge)?;
                Location { base: TILE, per_tile_row, ..place }
            }
        })
    }

    fn take_fixed(&mut self, count: usize) -> Result<usize, EngineError> {
        let start = self.fixed;
        self.fixed = self.fixed.checked_add(count).ok_or(EngineError::TooLarge)?;
        Ok(start)
    }

    /// Lists the copies to results that are not computed in place.
    fn copy_results(&mut self, plan: &Plan) -> Result<(), EngineError> {
        let mut wanted = Vec::new();
        for (index, update) in plan.updated.iter().enumerate() {
            wanted.push((update.new, self.at(update.old), Place::Updated(index)));
        }
        for (index, output) in plan.row_results.iter().enumerate() {
            wanted.push((
                output.value,
                placed(plan, output.value, Place::RowResult(index))?,
                Place::RowResult(index),
            ));
        }
        let mut start = 0;
        for output in &plan.results {
            let to = placed(plan, output.value, Place::Result(start))?;
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
            let middle = if is_staged { Some(self.own(from.entries)?) } else { None };
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
fn argument(base: usize, value: &Value) -> Result<Location, EngineError> {
    let entries = entries(value)?;
    let per_row = if value.rows == Extent::Walked { entries.width() } else { 0 };
    Ok(Location { base, start: 0, per_tile_row: 0, per_row, entries })
}

/// The place of a computed value, checked against its array's size.
fn placed(plan: &Plan, id: ValueId, place: Place) -> Result<Location, EngineError> {
    let value = plan.value(id);
    let entries = entries(value)?;
    let wrong =
        || EngineError::Plan { mistake: format!("the place of value {} is not one it can have", id.0) };
    let (fixed, per_row) = plan.buffers.as_ref().map_or((0, 0), |buffers| (buffers.fixed, buffers.per_row));
    let fits = |start: usize, size: usize| start.checked_add(entries.width()).is_some_and(|end| end <= size);
    let at = |base, start, per_tile_row| Location { base, start, per_tile_row, per_row: 0, entries };
    let is_fixed = matches!(entries, Entries::Fixed(_));
    let same_shape = |other: ValueId| {
        let other = plan.value(other);
        (other.rows, other.cols) == (value.rows, value.cols)
    };
    match place {
        Place::Fixed(start) if is_fixed && fits(start, fixed) => Ok(at(FIXED, start, 0)),
        Place::Tile(offset) if !is_fixed && fits(offset, per_row) => Ok(at(TILE, 0, offset)),
        Place::Result(start) if is_fixed && fits(start, plan.result_entries()) => Ok(at(RESULTS, start, 0)),
        Place::Updated(index) if plan.updated.get(index).is_some_and(|update| same_shape(update.old)) => {
            argument(FIRST_ARGUMENT + plan.data.len() + index, value)
        }
        Place::RowResult(index)
            if plan.row_results.get(index).is_some_and(|output| same_shape(output.value)) =>
        {
            argument(FIRST_ARGUMENT + plan.data.len() + plan.updated.len() + index, value)
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
        let in_next_tile =
            has_tiles && is_fixed && phases[reader] == Phase::Tile && phases[writer] == Phase::Tile;
        when(reader) > when(writer) || in_next_tile
    })
}
