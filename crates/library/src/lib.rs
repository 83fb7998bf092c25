//! The mathematics of Chainrule, as text: functions, losses, optimizers, schedules, metrics and laws.
//!
//! Its one decision: mathematics is not code. A page is a file of the folders beside this source, written in the language
//! of formulas; a new file is all that a new function, loss or law takes. This crate only embeds the pages; reading them is
//! the work of `chainrule-syntax` and `chainrule-calculus`.
//!
//! ```
//! use chainrule_library::{Kind, PAGES};
//!
//! let page = PAGES.iter().find(|page| page.kind == Kind::Function && page.name == "softplus").unwrap();
//! assert!(page.text.contains("log(1 + exp(x))"));
//! ```

use std::fmt;

/// Every shipped page, sorted by kind, name and axis.
pub static PAGES: &[Page] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// What is written for something that has another name in the language: a table, one row each, as its first lines say.
pub const MEANINGS: &str = include_str!("../meanings.chainrule");

/// What can be declared of a variable beside its shape: a table, a block each, as its first lines say.
pub const PROPERTIES: &str = include_str!("../properties.chainrule");

/// What a sum over one index is as a formula over matrices: a table, one row each, as its first lines say.
pub const INDEX_SUMS: &str = include_str!("../index_sums.chainrule");

/// How a network is trained and judged by what its targets are: a table, a block each, as its first lines say.
pub const TASKS: &str = include_str!("../tasks.chainrule");

/// The tables of spellings, sorted by name: how signs, names and functions are written in `latex`, `python` and so on, one row
/// each. Reading them is the work of `chainrule-syntax`.
pub static SPELLINGS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/spellings.rs"));

/// One page of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it defines.
    pub kind: Kind,
    /// The first word of its file's name: the name that it defines, or what its laws have in common.
    pub name: &'static str,
    /// The numbers that follow the arguments and belong to the name, such as the 2 of `softmax(X, 2)`; its file is then
    /// called `softmax.2`.
    pub axis: &'static [u8],
    /// Its text.
    pub text: &'static str,
}

/// What a page defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A function, elementwise or over matrices of declared shapes.
    Function,
    /// What training makes small, from what is computed and what is wanted.
    Loss,
    /// How weights move by their gradient.
    Optimizer,
    /// A factor on the learning rate over the run.
    Schedule,
    /// A number that judges what is computed by what is wanted.
    Metric,
    /// Laws of the calculus.
    Law,
}

impl Kind {
    /// Every kind, in the order of [`PAGES`].
    pub const ALL: [Kind; 6] =
        [Kind::Function, Kind::Loss, Kind::Optimizer, Kind::Schedule, Kind::Metric, Kind::Law];

    /// The word that begins such a page.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Function => "function",
            Kind::Loss => "loss",
            Kind::Optimizer => "optimizer",
            Kind::Schedule => "schedule",
            Kind::Metric => "metric",
            Kind::Law => "law",
        }
    }
}

/// The word that begins such a page.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_sorted_and_each_name_is_there_once() {
        let keys: Vec<(Kind, &str, &[u8])> =
            PAGES.iter().map(|page| (page.kind, page.name, page.axis)).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(keys, sorted);
        assert!(
            keys.contains(&(Kind::Function, "softmax", &[2]))
                && keys.contains(&(Kind::Optimizer, "adam", &[]))
        );
    }

    #[test]
    fn a_page_says_what_it_is_and_defines_the_name_of_its_file() {
        for page in PAGES.iter().filter(|page| page.kind != Kind::Law) {
            assert!(page.text.starts_with("# "), "{} begins with a comment", page.name);
            let header = format!("\n{} {}(", page.kind, page.name);
            assert!(page.text.contains(&header), "{} has the line `{}`", page.name, header.trim());
        }
    }
}
