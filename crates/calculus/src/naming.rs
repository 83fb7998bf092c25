//! Names for the intermediates of a formula: those of its lets, and Z1, A1, Z2, A2, ... where none was written.

use crate::scalars::is_ones;
use formula::{Apply, Body, Formula, Name, Node, NodeId, Primitive};
use std::collections::{BTreeMap, BTreeSet};

/// The named intermediates of a formula, children before parents.
///
/// A let keeps its name. Of what has none, the product that feeds a function, alone, scaled or within a sum, is Z, and so is a
/// product in use at several places; the function's value is A with the same number, and so is a function's value that
/// feeds a function.
pub(crate) fn intermediates(formula: &Formula) -> BTreeMap<NodeId, Name> {
    let Some((result, lets)) = formula.lines.split_last() else { return BTreeMap::new() };
    let variables: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
    let varies = formula.depends_on(&formula.variables(&variables));
    let mut naming = Naming::new(formula, result.value);
    for line in lets {
        if varies[line.value.index()] && !matches!(formula.node(line.value), Node::Variable(_)) {
            naming.names.entry(line.value).or_insert_with(|| line.name.clone());
        }
    }
    for id in formula.reachable(&[result.value]) {
        if varies[id.index()] && id != result.value && !naming.names.contains_key(&id) {
            naming.name(id);
        }
    }
    naming.names
}

struct Naming<'a> {
    formula: &'a Formula,
    names: BTreeMap<NodeId, Name>,
    taken: BTreeSet<Name>,
    /// How often a node is an operand.
    uses: Vec<usize>,
    /// The first function that a node feeds.
    feeds: BTreeMap<NodeId, NodeId>,
    next: usize,
}

impl<'a> Naming<'a> {
    fn new(formula: &'a Formula, result: NodeId) -> Naming<'a> {
        let mut uses = vec![0; formula.len()];
        let mut feeds = BTreeMap::new();
        for id in formula.reachable(&[result]) {
            for child in formula.node(id).children() {
                uses[child.index()] += 1;
                if is_function(formula, id) {
                    feeds.entry(*child).or_insert(id);
                }
            }
        }
        Naming { formula, names: BTreeMap::new(), taken: names_in_use(formula), uses, feeds, next: 1 }
    }

    fn name(&mut self, id: NodeId) {
        let name = if is_function(self.formula, id) {
            let fed_by = self
                .formula
                .node(id)
                .children()
                .iter()
                .copied()
                .find(|child| self.names.contains_key(child) && !is_function(self.formula, *child));
            match fed_by {
                Some(child) => self.paired("A", child),
                None if self.feeds.contains_key(&id) => self.fresh("A"),
                None => return,
            }
        } else {
            let function = self.feeds.get(&id).copied();
            let holds = function.is_some() || self.uses[id.index()] > 1;
            if !(holds && self.holds_product(id, function.is_some())) {
                return;
            }
            match function {
                Some(function) => self.paired("Z", function),
                None => self.fresh("Z"),
            }
        };
        self.taken.insert(name.clone());
        self.names.insert(id, name);
    }

    /// A name with the number of the layer that a named partner belongs to, where it is free.
    fn paired(&mut self, letter: &str, partner: NodeId) -> Name {
        let partner = self.names.get(&partner).map_or("", Name::as_str);
        let digits = partner.trim_start_matches(|c: char| !c.is_ascii_digit());
        let name = Name::from(format!("{letter}{digits}"));
        let number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
        if number && !self.taken.contains(&name) { name } else { self.fresh(letter) }
    }

    /// A name with the next number that neither Z nor A has yet.
    fn fresh(&mut self, letter: &str) -> Name {
        while ["Z", "A"].iter().any(|letter| self.taken.contains(format!("{letter}{}", self.next).as_str())) {
            self.next += 1;
        }
        self.next += 1;
        Name::from(format!("{letter}{}", self.next - 1))
    }

    /// Whether a value is a product, or, where parts are looked into, a scaled one or a sum with one.
    fn holds_product(&self, id: NodeId, parts: bool) -> bool {
        match self.formula.node(id) {
            Node::Product(word) => word.iter().filter(|factor| !is_ones(self.formula, **factor)).count() > 1,
            Node::Add(terms) => {
                let unnamed = terms.iter().filter(|term| !self.names.contains_key(term));
                unnamed.into_iter().any(|term| self.is_scaled_product(*term))
            }
            Node::Scale(_) => parts && self.is_scaled_product(id),
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Times(_)
            | Node::Apply(_)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => false,
        }
    }

    fn is_scaled_product(&self, id: NodeId) -> bool {
        let mut body = id;
        while let Node::Scale([_, inner]) = self.formula.node(body) {
            body = *inner;
        }
        !self.names.contains_key(&body)
            && matches!(self.formula.node(body), Node::Product(_))
            && self.holds_product(body, false)
    }
}

/// A function applied; a power is an operator.
fn is_function(formula: &Formula, id: NodeId) -> bool {
    let Node::Apply(Apply { function, marks, .. }) = formula.node(id) else { return false };
    marks.is_empty() && formula.function(*function).body != Body::Primitive(Primitive::POWER)
}

/// The first of these names that nothing in the formula has yet, else the first with a number.
pub(crate) fn free(formula: &Formula, wished: &[&str]) -> Name {
    free_among(&names_in_use(formula), wished)
}

/// The first of these names that is not taken, else the first with a number.
pub(crate) fn free_among(taken: &BTreeSet<Name>, wished: &[&str]) -> Name {
    if let Some(free) = wished.iter().find(|name| !taken.contains(**name)) {
        return Name::from(*free);
    }
    let first = wished.first().copied().unwrap_or("G");
    let mut numbered = (1_usize..).map(|number| Name::from(format!("{first}{number}")));
    numbered.find(|name| !taken.contains(name)).unwrap_or_else(|| Name::from(first))
}

/// Every name that a new one must differ from.
pub(crate) fn names_in_use(formula: &Formula) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> = formula.lines.iter().map(|line| line.name.clone()).collect();
    names.extend(formula.functions().map(|(_, function)| function.name.clone()));
    let values: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
    for id in formula.reachable(&values) {
        let shape = formula.shape(id);
        let sizes = [&shape.rows, &shape.cols].into_iter().chain(formula.node(id).sizes());
        names.extend(sizes.flat_map(|size| size.names()));
        if let Node::Variable(variable) = formula.node(id) {
            names.insert(variable.name.clone());
        }
    }
    names
}
