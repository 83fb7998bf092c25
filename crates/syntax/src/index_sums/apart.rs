//! Lets whose entries or rows stand in sums: the z of `z = X*w; sum_i (z_i - y_i)^2`. While the sums are read z is a column like any
//! other; then its line stands before them again.

use super::IndexSum;
use super::names::capital;
use crate::echo::echo;
use crate::infer::Assumption;
use crate::program::{Assignment, Declaration, Program};
use crate::shapes::Declared;
use formula::Name;
use std::collections::BTreeSet;

/// The lines that are put aside while sums are read, each with its place among all lines.
pub(super) struct Apart {
    lines: Vec<(usize, Name, String)>,
}

impl Apart {
    /// Puts aside the lets whose entries or rows stand in sums, with what only they mention.
    pub fn of(program: &mut Program, sums: &[IndexSum]) -> Apart {
        let tree = &program.tree;
        let is_indexed = |name: &Name| {
            let index = name.rsplit_once('_').map(|(_, index)| index);
            sums.iter().any(|sum| Some(sum.index.as_str()) == index)
        };
        // `p_i = exp(z_i)` is the line of one term.
        let is_of_terms = |line: &&Assignment| line.name.as_ref().is_some_and(is_indexed);
        let of_terms = program.lines.iter().filter(is_of_terms).map(|line| line.value);
        let bodies = sums.iter().map(|sum| sum.body).chain(of_terms);
        let indexed: Vec<Name> = bodies.flat_map(|body| tree.names(body)).filter(is_indexed).collect();
        let is_set = |name: &str| program.lines.iter().any(|line| line.name.as_deref() == Some(name));
        let wholes: BTreeSet<String> = indexed
            .iter()
            .filter(|name| !is_set(name))
            .filter_map(|name| name.rsplit_once('_'))
            .flat_map(|(stem, _)| [stem.to_owned(), capital(stem)])
            .collect();
        let mentioned: Vec<Vec<Name>> = program.lines.iter().map(|line| tree.names(line.value)).collect();
        let has_sum = |at: usize| {
            let within = tree.within(program.lines[at].value);
            sums.iter().any(|sum| within.contains(&sum.id))
                || mentioned[at].iter().any(|name| indexed.contains(name))
        };
        let last = program.lines.len().saturating_sub(1);
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for at in (0..last).rev().filter(|at| !has_sum(*at)) {
            let Some(name) = &program.lines[at].name else { continue };
            let mut users = (0..=last).filter(|user| mentioned[*user].contains(name)).peekable();
            let is_inner = users.peek().is_some() && users.all(|user| taken.contains(&user));
            if wholes.contains(name.as_str()) || is_inner {
                taken.insert(at);
            }
        }
        let mut lines = Vec::new();
        for at in taken.into_iter().rev() {
            let line = program.lines.remove(at);
            program.beside -= usize::from(at < program.beside);
            lines.extend(line.name.map(|name| (at, name, echo(&program.tree, line.value))));
        }
        lines.reverse();
        Apart { lines }
    }

    /// The other lines with these in their places.
    pub fn with(&self, mut others: Vec<String>) -> Vec<String> {
        for (at, name, value) in &self.lines {
            others.insert((*at).min(others.len()), format!("{name} = {value}"));
        }
        others
    }

    /// What is declared where these lines stand again: nothing of their names, and no count that is not `given` in the text, for it is
    /// the number of their rows.
    pub fn declarations(
        &self,
        mut declarations: Vec<Declaration>,
        program: &Program,
        given: &BTreeSet<Name>,
    ) -> Vec<Declaration> {
        if self.lines.is_empty() {
            return declarations;
        }
        declarations.retain(|one| !self.has(&one.name));
        let own = |name: &Name| program.declarations.iter().any(|one| one.declared.sizes().contains(name));
        let is_free = |name: &Name| program.counts.contains(name) && !own(name) && !given.contains(name);
        for one in &mut declarations {
            if let Declared::Value { rows: rows @ Some(_), .. } = &mut one.declared
                && rows.as_ref().is_some_and(|rows| rows.names().iter().all(is_free) && !rows.is_one())
            {
                *rows = None;
            }
        }
        declarations
    }

    /// What was assumed while the sums were read, with the shapes that were found then, and what was assumed of these lines.
    pub fn assumptions(&self, before: Vec<Assumption>, then: Vec<Assumption>) -> Vec<Assumption> {
        let mut all: Vec<Assumption> = before.into_iter().filter(|one| !self.has(&one.name)).collect();
        for one in then {
            match all.iter_mut().find(|known| known.name == one.name) {
                Some(known) => known.kind = one.kind,
                None if one.is_constant || !self.lines.is_empty() => all.push(one),
                None => {}
            }
        }
        all
    }

    fn has(&self, name: &Name) -> bool {
        self.lines.iter().any(|(_, own, _)| own == name)
    }
}
