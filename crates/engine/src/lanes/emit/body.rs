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

/// Everything to do for several vectors, in order, and when each value is needed. Value v of vector c is `v + c*values`; numbers
/// are those of vector 0.
#[derive(Debug)]
pub(super) struct Body {
    /// What to do, and for which vector.
    pub items: Vec<(Item, usize)>,
    /// For each value: the items that read it, in order.
    pub uses: Vec<Vec<usize>>,
    /// Values of one vector.
    pub values: usize,
}

/// The order of one vector's items.
#[derive(Debug)]
pub(super) struct Plain {
    pub items: Vec<Item>,
    /// The most values, numbers aside, that are alive at once.
    pub pressure: usize,
}

impl Plain {
    /// Loads come just before their first use; results are stored as soon as they are there and no input in the same place
    /// is still to be loaded.
    pub(super) fn new<T: Number>(graph: &Graph, program: &Program<T>) -> Plain {
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
        let pressure = pressure(graph, &items, &uses(graph, items.iter().map(|item| (*item, 0)), 1));
        Plain { items, pressure }
    }

    /// The same for so many vectors, `abreast` of them in step: while one's results ripen, the others' are at work.
    pub(super) fn repeat(&self, graph: &Graph, vectors: usize, abreast: usize) -> Body {
        let mut items = Vec::with_capacity(self.items.len() * vectors);
        for first in (0..vectors).step_by(abreast) {
            for item in &self.items {
                items.extend((first..(first + abreast).min(vectors)).map(|vector| (*item, vector)));
            }
        }
        let uses = uses(graph, items.iter().copied(), vectors);
        Body { items, uses, values: graph.operations.len() }
    }
}

impl Body {
    /// A value of a vector.
    pub(super) fn value(&self, graph: &Graph, value: Value, vector: usize) -> Value {
        of_vector(graph, value, vector)
    }
}

fn of_vector(graph: &Graph, value: Value, vector: usize) -> Value {
    let is_number = graph.operations[value as usize].is_number();
    if is_number { value } else { value + (vector * graph.operations.len()) as Value }
}

/// For each value of each vector: the items that read it.
fn uses(graph: &Graph, items: impl Iterator<Item = (Item, usize)>, vectors: usize) -> Vec<Vec<usize>> {
    let mut uses = vec![Vec::new(); graph.operations.len() * vectors];
    for (place, (item, vector)) in items.enumerate() {
        for value in item.reads(graph) {
            let uses: &mut Vec<usize> = &mut uses[of_vector(graph, *value, vector) as usize];
            if uses.last() != Some(&place) {
                uses.push(place);
            }
        }
    }
    uses
}

impl Item {
    /// The values that it reads.
    fn reads<'a>(&self, graph: &'a Graph) -> &'a [Value] {
        match self {
            Item::Compute(value) => graph.operations[*value as usize].operands(),
            Item::Store(keep) => std::slice::from_ref(&graph.keeps[*keep]),
            Item::Sum(sum) => std::slice::from_ref(&graph.sums[*sum]),
        }
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
        let mut read = item.reads(graph).to_vec();
        read.sort_unstable();
        read.dedup();
        alive -= read.iter().filter(ended).count();
    }
    most
}
