//! The order in which the machine does a graph's operations for one vector of entries.

use super::graph::{Graph, Operation, Value};
use crate::element::Number;
use crate::lanes::program::Program;

/// One thing to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Compute(Value),
    /// Store this kept result.
    Store(usize),
    /// Add to this sum.
    Sum(usize),
}

/// Everything to do, in order, and when each value is needed.
#[derive(Debug)]
pub(super) struct Body {
    pub items: Vec<Item>,
    /// For each value: the items that read it, in order.
    pub uses: Vec<Vec<usize>>,
    /// The most values, numbers aside, that are alive at once.
    pub pressure: usize,
}

impl Body {
    /// Loads come just before their first use; results are stored as soon as they are there and no input in the same place
    /// is still to be loaded.
    pub(super) fn new<T: Number>(graph: &Graph, program: &Program<T>) -> Body {
        let mut order = Order {
            graph,
            wanted: wanted(graph),
            placed: vec![false; graph.operations.len()],
            items: Vec::new(),
            waiting: Vec::new(),
        };
        for (keep, value) in graph.keeps.iter().enumerate() {
            let overwritten = program
                .inputs
                .iter()
                .enumerate()
                .filter(|(_, input)| input.from.overlaps(&program.keeps[keep].to))
                .map(|(input, _)| input);
            order.waiting.push((Item::Store(keep), *value, overwritten.collect()));
        }
        for (sum, value) in graph.sums.iter().enumerate() {
            order.waiting.push((Item::Sum(sum), *value, Vec::new()));
        }
        for (value, operation) in graph.operations.iter().enumerate() {
            let is_later = operation.is_number() || matches!(operation, Operation::Load(_));
            if order.wanted[value] && !is_later {
                order.place(value as Value);
            }
        }
        // Inputs that are kept or summed as they are.
        for value in graph.keeps.iter().chain(&graph.sums) {
            order.place(*value);
        }
        order.place_effects();
        let items = order.items;
        let mut uses = vec![Vec::new(); graph.operations.len()];
        for (place, item) in items.iter().enumerate() {
            let read: &[Value] = match item {
                Item::Compute(value) => graph.operations[*value as usize].operands(),
                Item::Store(keep) => std::slice::from_ref(&graph.keeps[*keep]),
                Item::Sum(sum) => std::slice::from_ref(&graph.sums[*sum]),
            };
            for value in read {
                let uses: &mut Vec<usize> = &mut uses[*value as usize];
                if uses.last() != Some(&place) {
                    uses.push(place);
                }
            }
        }
        let pressure = pressure(graph, &items, &uses);
        Body { items, uses, pressure }
    }
}

/// The values on which a result depends.
fn wanted(graph: &Graph) -> Vec<bool> {
    let mut wanted = vec![false; graph.operations.len()];
    for value in graph.keeps.iter().chain(&graph.sums) {
        wanted[*value as usize] = true;
    }
    for (value, operation) in graph.operations.iter().enumerate().rev() {
        if wanted[value] {
            operation.operands().iter().for_each(|operand| wanted[*operand as usize] = true);
        }
    }
    wanted
}

struct Order<'a> {
    graph: &'a Graph,
    wanted: Vec<bool>,
    placed: Vec<bool>,
    items: Vec<Item>,
    /// Stores and sums not yet placed, with their value and the inputs that must be loaded before.
    waiting: Vec<(Item, Value, Vec<usize>)>,
}

impl Order<'_> {
    fn place(&mut self, value: Value) {
        let operation = self.graph.operations[value as usize];
        if self.placed[value as usize] || operation.is_number() {
            return;
        }
        for operand in operation.operands() {
            self.place(*operand);
        }
        self.placed[value as usize] = true;
        self.items.push(Item::Compute(value));
        self.place_effects();
    }

    fn place_effects(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for (item, value, before) in waiting {
            let is_there = |value: usize| self.placed[value] || self.graph.operations[value].is_number();
            let still_read = |input: &usize| {
                let mut loads = self.graph.operations.iter().enumerate();
                loads.any(|(value, operation)| {
                    *operation == Operation::Load(*input) && self.wanted[value] && !self.placed[value]
                })
            };
            if is_there(value as usize) && !before.iter().any(still_read) {
                self.items.push(item);
            } else {
                self.waiting.push((item, value, before));
            }
        }
    }
}

fn pressure(graph: &Graph, items: &[Item], uses: &[Vec<usize>]) -> usize {
    let (mut alive, mut most) = (0_usize, 0);
    for (place, item) in items.iter().enumerate() {
        if let Item::Compute(value) = item {
            alive += 1;
            most = most.max(alive);
            if uses[*value as usize].is_empty() {
                alive -= 1;
            }
        }
        let ended = |value: &&Value| {
            uses[**value as usize].last() == Some(&place) && !graph.operations[**value as usize].is_number()
        };
        let mut read: Vec<Value> = match item {
            Item::Compute(value) => graph.operations[*value as usize].operands().to_vec(),
            Item::Store(keep) => vec![graph.keeps[*keep]],
            Item::Sum(sum) => vec![graph.sums[*sum]],
        };
        read.sort_unstable();
        read.dedup();
        alive -= read.iter().filter(ended).count();
    }
    most
}
