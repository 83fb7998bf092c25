//! The table through which a run speaks with its machine code: a list of words, by their distance in bytes.

/// Entries of a row, or of all, in bytes: where the last ends.
pub(super) const END: i32 = 0;
/// A flat program: where the first entry lies, up to a vector before 0. Another: the rows of a group that went before.
pub(super) const START: i32 = 8;
/// The numbers of the run.
pub(super) const NUMBERS: i32 = 16;
/// Rows still to do.
pub(super) const REMAINING: i32 = 24;
/// Of the group at hand: its first entry and row, the end of its rows in bytes, its rows, and whether it ends with them.
pub(super) const GROUP_ENTRY: i32 = 32;
pub(super) const GROUP_ROW: i32 = 40;
pub(super) const ROW_END: i32 = 48;
pub(super) const GROUP_ROWS: i32 = 56;
pub(super) const IS_COMPLETE: i32 = 64;
/// Whether a cut-off vector begins a flat program that counts its entries.
pub(super) const HAS_HEAD: i32 = 72;
/// The masks of the cut-off vector at hand (at first the head's), and of the last: 64 bytes each.
pub(super) const MASK: i32 = 80;
pub(super) const TAIL: i32 = MASK + 64;
const STREAMS: i32 = TAIL + 64;

/// Words before the streams.
pub(super) const WORDS: usize = STREAMS as usize / 8;

/// The pointer of a stream: the inputs, the kept results, then two words for each sum.
pub(super) const fn stream(place: usize) -> i32 {
    STREAMS + 8 * place as i32
}
