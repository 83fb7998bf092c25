//! The known slips, one row each: a name, what it is to be said, and the formulas that would be equal if it were this slip. The
//! first row that makes claim and answer equal on numbers names the slip.

use super::search::Search;
use super::{change, factors, operators, scale, slopes, terms};
use formula::{NodeId, Number};

/// A known slip that explains a wrong claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Slip {
    /// Its name.
    pub name: &'static str,
    /// What happened, as a sentence in which {0} and {1} stand for the parts.
    pub says: &'static str,
    /// What the sentence speaks of.
    pub parts: Vec<Part>,
}

/// Something that a slip is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A value of the judged arena.
    Value(NodeId),
    /// A number.
    Number(Number),
}

/// Two values that are equal if a claim has this slip: the claim mended and the right answer, or the claim and the right answer
/// spoilt.
pub(super) struct Candidate {
    pub claimed: NodeId,
    pub right: NodeId,
    pub says: &'static str,
    pub parts: Vec<Part>,
}

/// One row of the table.
struct Row {
    name: &'static str,
    candidates: fn(&mut Search) -> Vec<Candidate>,
}

/// The table, the plainest explanation first.
const TABLE: &[Row] = &[
    Row { name: "transposed", candidates: change::transposed },
    Row { name: "sign", candidates: change::sign },
    Row { name: "factor", candidates: scale::constant_factor },
    Row { name: "size factor", candidates: scale::size_factor },
    Row { name: "factor", candidates: scale::scalar_factor },
    Row { name: "other layout", candidates: change::other_convention },
    Row { name: "symmetric part", candidates: change::symmetric_part },
    Row { name: "swapped factors", candidates: factors::swapped },
    Row { name: "other layout", candidates: change::other_layout },
    Row { name: "operator", candidates: operators::wrong },
    Row { name: "slope", candidates: slopes::wrong },
    Row { name: "taken as known", candidates: change::taken_as_known },
    Row { name: "term lost", candidates: terms::lost },
    Row { name: "term too many", candidates: terms::too_many },
    Row { name: "factor lost", candidates: factors::lost },
    Row { name: "factor too many", candidates: factors::too_many },
    Row { name: "transposed factor", candidates: factors::transposed },
    Row { name: "number", candidates: change::number },
    Row { name: "inverse", candidates: change::inverse },
    Row { name: "sum", candidates: change::summed },
    Row { name: "symmetric part", candidates: change::taken_as_symmetric },
    Row { name: "term lost", candidates: terms::lost_somewhere },
    Row { name: "factor lost", candidates: factors::lost_somewhere },
    Row { name: "transposed", candidates: scale::transposed_and_scaled },
];

/// The first row that explains a wrong claim. Where the numbers do not tell the two apart, none of them can; an answer spoilt until
/// it is 0 explains no claim of 0, since a slope that is pushed to where it is flat is 0 too.
pub(super) fn find(search: &mut Search) -> Option<Slip> {
    let (claimed, original) = (search.claimed, search.right);
    if search.is_equal(claimed, original) || search.is_zero(claimed) && search.is_zero(original) {
        return None;
    }
    for row in TABLE {
        for Candidate { claimed, right, says, parts } in (row.candidates)(search) {
            let is_flat = |search: &mut Search| right != original && search.is_zero(right);
            if search.is_equal(claimed, right) && !is_flat(search) {
                return Some(Slip { name: row.name, says, parts });
            }
        }
    }
    None
}
