//! Names with a fixed index beside a sum: in `z_c - log(sum_j exp(z_j))` the number `z_c` is one entry of z, as the z_j are.

use super::names::{Indices, capital};
use super::refused;
use crate::diagnostic::Diagnostic;
use crate::meanings::call;
use crate::parse::Prepared;
use crate::program::Program;
use crate::tree::{Expr, ExprId};
use crate::usage::usages;
use formula::{Name, Number};
use std::collections::BTreeMap;

/// A name with a fixed index.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    name: Name,
    /// The index, a size from 1 on, or the number that it is.
    pub(super) index: Name,
    /// A name of the same stem with the index of a sum.
    beside: Name,
    stem: String,
}

impl Indices {
    /// The names with a fixed index: those that nothing declares, with one letter below them that no sum is over, beside names of
    /// the same stem that a sum is over.
    ///
    /// # Errors
    /// When the letter is a value as well.
    pub(super) fn fixed(&self, program: &Program) -> Result<Vec<Fixed>, Diagnostic> {
        let usages = usages(program);
        let mut found = Vec::new();
        for name in usages.names.iter().map(|usage| &usage.name) {
            if self.names.contains_key(name) || program.declared(name).is_some() {
                continue;
            }
            let place = program.lines.iter().flat_map(|line| program.tree.within(line.value));
            let mut place =
                place.filter(|id| matches!(program.tree.expr(*id), Expr::Name(known) if known == name));
            let Some(place) = place.next() else { continue };
            let Some((stem, index)) = name.rsplit_once('_') else { continue };
            let beside = self.names.iter().find(|(_, (_, known))| known == stem);
            let Some((beside, _)) = beside.filter(|_| is_fixed(index)) else { continue };
            let index = Name::from(index);
            let is_value = usages.names.iter().any(|usage| usage.name == index)
                || usages.called.contains(&index)
                || program.declared(&index).is_some();
            if is_value {
                let what = format!(
                    "`{name}` is an entry of `{stem}` beside the `{beside}`, and `{index}` is a value as well"
                );
                let mend = format!(
                    "give the fixed index a letter of its own, such as `{stem}_r`, or take the entry as a product, `e'*{stem}` with a column `e` that is 1 there and else 0"
                );
                return Err(refused(program, place, what, mend));
            }
            found.push(Fixed { name: name.clone(), index, beside: beside.clone(), stem: stem.to_owned() });
        }
        Ok(found)
    }

    /// Writes names with a fixed index as entries of a column, or as rows of a matrix, whichever the names beside them are; where
    /// each expression stands now.
    pub(super) fn fix(&mut self, program: &mut Program, fixed: &[Fixed], ready: &Prepared) -> Vec<ExprId> {
        let mut parts: BTreeMap<&Name, (bool, bool, Name, &Name)> = BTreeMap::new();
        for one in fixed {
            let value = ready.scope.values.get(&one.beside);
            let shape = value.map(|value| ready.elaborator.formula.shape(*value).clone());
            let is_number = shape.as_ref().is_none_or(|shape| shape.is_scalar());
            let is_row = shape.is_some_and(|shape| shape.rows.is_one());
            let whole = Name::from(if is_number { one.stem.clone() } else { capital(&one.stem) });
            let what = match is_number {
                true => format!("the entry of `{whole}` with the index {}", one.index),
                false => format!("row {} of `{whole}`", one.index),
            };
            self.notes.push(format!("`{}` is read as {what}, as the `{}` are", one.name, one.beside));
            parts.insert(&one.name, (is_number, is_row, whole, &one.index));
        }
        let (tree, now) = program.tree.with_names(&mut |name, first| {
            let (is_number, is_row, whole, index) = parts.get(name)?;
            let bound = match index.parse::<u32>() {
                Ok(number) => Expr::Number(Number::integer(number.into()), (*index).clone()),
                Err(_) => Expr::Name((*index).clone()),
            };
            let arguments = vec![first(Expr::Name(whole.clone())), first(bound.clone()), first(bound)];
            Some(match (is_number, is_row) {
                (true, _) => call("entries", arguments),
                (false, true) => call("rows", arguments),
                (false, false) => Expr::Transpose(first(call("rows", arguments))),
            })
        });
        program.tree = tree;
        program.lines.iter_mut().for_each(|line| line.value = now[line.value.index()]);
        now
    }
}

/// One letter, or a number from 1 on.
pub(crate) fn is_fixed(index: &str) -> bool {
    let mut letters = index.chars();
    match letters.next() {
        Some('1'..='9') => index.bytes().all(|byte| byte.is_ascii_digit()) && index.len() < 7,
        Some(letter) => letter.is_alphabetic() && letters.next().is_none(),
        None => false,
    }
}
