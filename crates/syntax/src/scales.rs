//! Capitals that only scale: the C of `C/2*norm(w)^2` and of `C/2*w'*w`.

use crate::letters::{self, COUNTS, Kind};
use crate::program::Program;
use crate::rules::Rule;
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};

/// The capitals that are multiplied with results of reductions and with numbers wherever they stand, and with nothing else. A trace
/// and a determinant may well scale a matrix, and are none of those but for letters of counts.
pub(crate) fn scales(
    program: &Program,
    rules: &BTreeMap<ExprId, Rule>,
    numbers: &BTreeSet<ExprId>,
) -> BTreeSet<Name> {
    let tree = &program.tree;
    let mut above: BTreeMap<ExprId, ExprId> = BTreeMap::new();
    let mut capitals: Vec<(ExprId, &Name)> = Vec::new();
    for id in program.lines.iter().flat_map(|line| tree.within(line.value)) {
        above.extend(tree.operands(id).into_iter().map(|part| (part, id)));
        if let Expr::Name(name) = tree.expr(id)
            && letters::kind(name) == Kind::Matrix
        {
            capitals.push((id, name));
        }
    }
    let scales_only = |id: ExprId, name: &Name| {
        let is_count = COUNTS.contains(&name.as_str());
        Factors { program, tree, rules, numbers, is_count }.only_scales(id, &above)
    };
    let (scales, others): (Vec<_>, Vec<_>) =
        capitals.into_iter().partition(|(id, name)| scales_only(*id, name));
    let others: BTreeSet<&Name> = others.into_iter().map(|(_, name)| name).collect();
    let scales = scales.into_iter().map(|(_, name)| name).filter(|name| !others.contains(name));
    // The `L_i` of `\sum_i L_i` are entries as well as rows.
    let totals = program.totals.iter().filter_map(|sum| match tree.expr(*sum) {
        Expr::Name(name) if letters::kind(name) == Kind::Matrix => Some(name),
        _ => None,
    });
    scales.chain(totals).cloned().collect()
}

/// What stands beside a capital.
struct Factors<'a> {
    program: &'a Program,
    tree: &'a Tree,
    rules: &'a BTreeMap<ExprId, Rule>,
    numbers: &'a BTreeSet<ExprId>,
    /// Whether the capital is a letter of counts: the N of `N/2*logdet(S)`.
    is_count: bool,
}

impl Factors<'_> {
    /// Whether what stands here is, up to the sum that it is a term of, multiplied with a result of a reduction and with numbers.
    fn only_scales(&self, id: ExprId, above: &BTreeMap<ExprId, ExprId>) -> bool {
        let (mut part, mut is_reduced) = (id, false);
        while let Some(mut whole) = above.get(&part).copied() {
            match self.tree.expr(whole) {
                Expr::Negate(_) => {}
                Expr::Binary(Operator::Divide, left, right) if *left == part => match self.is_literal(*right)
                {
                    true => {}
                    false if self.is_reduced(*right) => is_reduced = true,
                    false => return false,
                },
                Expr::Binary(Operator::Multiply, ..) => {
                    let is_product =
                        |id: &&ExprId| matches!(self.tree.expr(**id), Expr::Binary(Operator::Multiply, ..));
                    while let Some(next) = above.get(&whole).filter(is_product) {
                        whole = *next;
                    }
                    let (first, rest) = self.tree.chain(whole, |operator| operator == Operator::Multiply);
                    let all: Vec<ExprId> =
                        [first].into_iter().chain(rest.iter().map(|(_, right, _)| *right)).collect();
                    let mut sides = all.split(|factor| *factor == part);
                    match (sides.next(), sides.next(), sides.next()) {
                        (Some(before), Some(behind), None) => {
                            let sides = [before, behind].map(|side| self.are_numbers(side));
                            let [Some(before), Some(behind)] = sides else { return false };
                            is_reduced |= before | behind;
                        }
                        _ => return false,
                    }
                }
                Expr::Binary(Operator::Add | Operator::Subtract, ..) => break,
                _ => return false,
            }
            part = whole;
        }
        is_reduced
    }

    /// Whether a result of a reduction is among these factors; `None` where something among them is no number.
    fn are_numbers(&self, factors: &[ExprId]) -> Option<bool> {
        let (mut at, mut is_reduced) = (0, false);
        while let Some(factor) = factors.get(at).copied() {
            at += 1;
            if let Expr::Transpose(row) = self.tree.expr(factor) {
                // `w'*w`, `r'*S*r`
                let is_column = |other: &ExprId| self.tree.source(*other) == self.tree.source(*row);
                at += factors[at..].iter().position(is_column)? + 1;
                is_reduced = true;
            } else if !self.is_literal(factor) {
                is_reduced |= self.is_reduced(factor).then_some(true)?;
            }
        }
        Some(is_reduced)
    }

    /// Whether a value is made of numbers alone, as they are written.
    fn is_literal(&self, id: ExprId) -> bool {
        self.numbers.contains(&id)
            && !self.program.totals.contains(&id)
            && !self.tree.within(id).iter().any(|part| matches!(self.tree.expr(*part), Expr::Call(_)))
    }

    /// Whether a value is a number by a sum, a mean, a norm or an inner product such as `w'*w`.
    fn is_reduced(&self, id: ExprId) -> bool {
        if self.program.is_total_of_numbers(id) {
            return true;
        }
        if matches!(self.tree.expr(id), Expr::Binary(Operator::Multiply, ..)) {
            let (first, rest) = self.tree.chain(id, |operator| operator == Operator::Multiply);
            let all: Vec<ExprId> =
                [first].into_iter().chain(rest.iter().map(|(_, right, _)| *right)).collect();
            return all.len() < 20 && self.are_numbers(&all) == Some(true);
        }
        // What is added to such a result is a number as well.
        if let Expr::Binary(Operator::Add | Operator::Subtract, left, right) = self.tree.expr(id) {
            return self.is_reduced(*left) || self.is_reduced(*right);
        }
        let is_square = |part: &ExprId| matches!(self.rules.get(part), Some(Rule::SquareToScalar));
        let is_whole = self.is_count || !self.tree.within(id).iter().any(is_square);
        self.numbers.contains(&id) && !self.is_literal(id) && is_whole
    }
}
