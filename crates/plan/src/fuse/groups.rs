//! Which lane programs may become one: those joined by an entry that one writes and the other reads, or that read the same.

use crate::tile::late_phases;
use crate::{Access, Extent, Instruction, Phase, Plan, Reduction};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Registers of a merged program at most, so that an interpreter's blocks stay in the first-level cache.
const REGISTERS: usize = 192;

/// A value that one instruction writes and another reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    to: usize,
    /// Whether the reader needs at each entry just what the writer computes there.
    entrywise: bool,
}

/// What may be merged with what.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Lanes(Extent, Extent, Phase),
    Other,
}

struct Group {
    /// Sorted; empty once merged into another.
    members: Vec<usize>,
    kind: Kind,
    registers: usize,
}

/// The instructions of a plan in groups, each to become one instruction.
pub(super) struct Groups {
    /// For each instruction, who reads what it writes.
    edges: Vec<Vec<Edge>>,
    group_of: Vec<usize>,
    groups: Vec<Group>,
    /// When a group was last seen by a search, so that none needs a list of its own.
    seen: Vec<usize>,
    search: usize,
}

impl Groups {
    /// Merges what may be merged: from the last instruction to the first, each joins those that read it, so that what is
    /// needed late is computed late and is not kept in between; then programs that read the same values join.
    pub fn of(plan: &Plan) -> Groups {
        let mut groups = Groups::apart(plan);
        for index in (0..plan.instructions.len()).rev() {
            let readers: BTreeSet<Edge> = groups.edges[index].iter().copied().collect();
            for edge in readers.into_iter().filter(|edge| edge.entrywise) {
                groups.merge(groups.group_of[index], groups.group_of[edge.to]);
            }
        }
        for pair in siblings(plan) {
            groups.merge(groups.group_of[pair[0]], groups.group_of[pair[1]]);
        }
        groups
    }

    /// The members of each group, groups that are read before those that read them.
    pub fn in_order(self) -> Vec<Vec<usize>> {
        let mut waits = vec![0_usize; self.groups.len()];
        for group in 0..self.groups.len() {
            for reader in self.readers(group) {
                waits[reader] += 1;
            }
        }
        // What can run next, that of the earliest last member first.
        let rank = |group: usize| Reverse((self.groups[group].members.last().copied(), group));
        let free = (0..self.groups.len()).filter(|group| waits[*group] == 0);
        let mut ready: BinaryHeap<_> =
            free.filter(|group| !self.groups[*group].members.is_empty()).map(rank).collect();
        let mut order = Vec::new();
        while let Some(Reverse((_, group))) = ready.pop() {
            order.push(self.groups[group].members.clone());
            for reader in self.readers(group) {
                waits[reader] -= 1;
                if waits[reader] == 0 {
                    ready.push(rank(reader));
                }
            }
        }
        order
    }

    fn apart(plan: &Plan) -> Groups {
        let mut writer = vec![None; plan.values.len()];
        let mut edges: Vec<Vec<Edge>> = vec![Vec::new(); plan.instructions.len()];
        for (index, instruction) in plan.instructions.iter().enumerate() {
            let entrywise: Vec<bool> = match instruction {
                Instruction::Lanes(lanes) => {
                    lanes.inputs.iter().map(|input| input.access == Access::Entry).collect()
                }
                _ => Vec::new(),
            };
            for (place, value) in instruction.reads().into_iter().enumerate() {
                if let Some((from, kept)) = writer[value.index()] {
                    let entrywise = kept && entrywise.get(place).copied().unwrap_or(false);
                    let from: usize = from;
                    edges[from].push(Edge { to: index, entrywise });
                }
            }
            for value in instruction.writes() {
                writer[value.index()] = Some((index, false));
            }
            if let Instruction::Lanes(lanes) = instruction {
                for output in &lanes.outputs {
                    writer[output.to.index()] = Some((index, output.reduction == Reduction::Keep));
                }
            }
        }
        let phases = late_phases(plan);
        let group = |(index, instruction): (usize, &Instruction)| match instruction {
            Instruction::Lanes(lanes) => Group {
                members: vec![index],
                kind: Kind::Lanes(lanes.rows, lanes.cols, phases[index]),
                registers: lanes.inputs.len() + lanes.operations.len(),
            },
            Instruction::Product(_) | Instruction::Transpose(_) | Instruction::Fill(_) => {
                Group { members: vec![index], kind: Kind::Other, registers: 0 }
            }
        };
        let groups: Vec<Group> = plan.instructions.iter().enumerate().map(group).collect();
        let count = groups.len();
        Groups { edges, group_of: (0..count).collect(), groups, seen: vec![0; count], search: 0 }
    }

    /// Makes two groups one where that is allowed.
    fn merge(&mut self, a: usize, b: usize) {
        let (first, second) = (&self.groups[a], &self.groups[b]);
        let fits = a != b
            && first.kind == second.kind
            && first.kind != Kind::Other
            && first.registers + second.registers <= REGISTERS;
        if !fits || self.is_apart(a, b) || self.is_apart(b, a) {
            return;
        }
        let moved = std::mem::take(&mut self.groups[b].members);
        for member in &moved {
            self.group_of[*member] = a;
        }
        let registers = self.groups[b].registers;
        let group = &mut self.groups[a];
        group.registers += registers;
        group.members.extend(moved);
        group.members.sort_unstable();
    }

    /// Whether one group must run before the other: it reads a sum or another entry of it, or something in between does.
    fn is_apart(&mut self, from: usize, to: usize) -> bool {
        let Some(last) = self.groups[to].members.last().copied() else {
            return false;
        };
        self.search += 1;
        let mut stack = Vec::new();
        for member in &self.groups[from].members {
            for edge in &self.edges[*member] {
                match self.group_of[edge.to] {
                    reader if reader == to && !edge.entrywise => return true,
                    reader if reader == to || reader == from => {}
                    reader => stack.push(reader),
                }
            }
        }
        while let Some(group) = stack.pop() {
            if std::mem::replace(&mut self.seen[group], self.search) == self.search {
                continue;
            }
            for member in &self.groups[group].members {
                // Readers stand behind what they read, so nothing behind the last member leads to it.
                for edge in self.edges[*member].iter().filter(|_| *member < last) {
                    match self.group_of[edge.to] {
                        reader if reader == to => return true,
                        reader => stack.push(reader),
                    }
                }
            }
        }
        false
    }

    /// The other groups that read a group, each once, in order.
    fn readers(&self, group: usize) -> BTreeSet<usize> {
        let edges = self.groups[group].members.iter().flat_map(|member| &self.edges[*member]);
        edges.map(|edge| self.group_of[edge.to]).filter(|reader| *reader != group).collect()
    }
}

/// Pairs of instructions that read the same entries, or that are programs of a single entry.
fn siblings(plan: &Plan) -> Vec<[usize; 2]> {
    let mut pairs = Vec::new();
    let mut last_reader: Vec<Option<usize>> = vec![None; plan.values.len()];
    let mut last_scalar = None;
    for (index, instruction) in plan.instructions.iter().enumerate() {
        let Instruction::Lanes(lanes) = instruction else {
            continue;
        };
        for input in lanes.inputs.iter().filter(|input| input.access == Access::Entry) {
            if let Some(before) = last_reader[input.value.index()].replace(index)
                && before != index
            {
                pairs.push([before, index]);
            }
        }
        if (lanes.rows, lanes.cols) == (Extent::Fixed(1), Extent::Fixed(1))
            && let Some(before) = last_scalar.replace(index)
        {
            pairs.push([before, index]);
        }
    }
    pairs
}
