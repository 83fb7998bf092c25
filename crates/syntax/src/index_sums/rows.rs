//! The rows of the library's table of index sums: patterns in the language of formulas, and what stands for them.

use crate::diagnostic::{Diagnostic, Origin, Text};
use crate::parser::expression;
use crate::tree::{Expr, ExprId, Tree};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// A part for one i, and for all i at once.
    Each,
    /// The sum of a number over all i.
    Number,
    /// The sum of a column over all i.
    Column,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub of: Of,
    /// The name of the rule.
    pub name: &'static str,
    pub left: ExprId,
    pub right: ExprId,
}

/// The table, its patterns in one tree.
pub(crate) struct Rows {
    pub tree: Tree,
    pub rows: Vec<Row>,
}

impl Rows {
    /// The rows of the library.
    pub fn standard() -> &'static Rows {
        static ROWS: LazyLock<Rows> = LazyLock::new(|| {
            Rows::read(::library::INDEX_SUMS).expect("the library's table is read by a test")
        });
        &ROWS
    }

    /// Reads a table.
    pub fn read(table: &'static str) -> Result<Rows, Diagnostic> {
        let mut all = Rows { tree: Tree::default(), rows: Vec::new() };
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let Some((word, rest)) = line.split_once(' ') else { continue };
            let of = match word {
                "number" => Of::Number,
                "column" => Of::Column,
                _ => Of::Each,
            };
            let mut columns = rest.split("  ").map(str::trim).filter(|part| !part.is_empty());
            if let (Some(name), Some(left), Some(right)) = (columns.next(), columns.next(), columns.next()) {
                let left = all.pattern(left)?;
                let right = all.pattern(right)?;
                all.rows.push(Row { of, name, left, right });
            }
        }
        Ok(all)
    }

    fn pattern(&mut self, text: &str) -> Result<ExprId, Diagnostic> {
        let text = Text::new(Origin::Definitions, text);
        expression(&mut self.tree, &text, text.whole(), &[])
    }

    /// Whether a form for all i fits a pattern: the parts that its letters stand for. These are the columns of numbers.
    pub fn fits(
        &self,
        pattern: ExprId,
        (out, numbers): (&Tree, &BTreeSet<ExprId>),
        value: ExprId,
    ) -> Option<BTreeMap<Name, ExprId>> {
        let mut bound: BTreeMap<Name, ExprId> = BTreeMap::new();
        let mut stack = vec![(pattern, value)];
        while let Some((pattern, value)) = stack.pop() {
            let (theirs, ours) = (self.tree.expr(pattern), out.expr(value));
            if let Expr::Name(letter) = theirs {
                let is_number = matches!(&**letter, "a" | "b");
                if is_number && !numbers.contains(&value) {
                    return None;
                }
                if *bound.entry(letter.clone()).or_insert(value) != value {
                    return None;
                }
                continue;
            }
            if !same_head(theirs, ours) {
                return None;
            }
            let (left, right) = (self.tree.operands(pattern), out.operands(value));
            if left.len() != right.len() {
                return None;
            }
            stack.extend(left.into_iter().zip(right));
        }
        Some(bound)
    }
}

/// Whether two expressions are the same but for their operands.
pub(crate) fn same_head(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Number(one, _), Expr::Number(other, _)) => one == other,
        (Expr::Name(one), Expr::Name(other)) => one == other,
        (Expr::Negate(_), Expr::Negate(_)) | (Expr::Transpose(_), Expr::Transpose(_)) => true,
        (Expr::Binary(one, ..), Expr::Binary(other, ..)) => one == other,
        (Expr::Call(one), Expr::Call(other)) => {
            one.name == other.name && one.marks == other.marks && one.settings == other.settings
        }
        _ => false,
    }
}
