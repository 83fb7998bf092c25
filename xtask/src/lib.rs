//! The rules that the workspace holds itself to, as programs: `tidy` reads the source, `readme` runs the documents.
//!
//! `cargo run -p xtask -- tidy` reads every file of the repository and prints each breach as `file:line: what is
//! wrong; how to mend it`. `cargo run -p xtask -- readme` runs the shell blocks of the documents in a scratch copy.
//! Both use the standard library alone, so that they build in a moment and need no network.
//!
//! The one decision: a rule is a plain function from the files of the repository to the breaches it finds, so a rule
//! is tested on a few lines of text and listed in one table, [`tidy::RULES`].
//!
//! ```
//! use xtask::{tidy, tree::Tree};
//!
//! let tree = Tree::from_texts(&[("crates/plan/src/tile.rs", "fn tile() {\n    todo!()\n}\n")]);
//! let findings = tidy::check(&tree);
//! assert!(findings.iter().any(|f| f.to_string().starts_with("crates/plan/src/tile.rs:2: `todo!`")));
//! ```

pub mod readme;
pub mod rust_source;
pub mod tidy;
pub mod tree;
