//! Slips with slopes: a function where its slope belongs, or a slope at the wrong value.

use super::edit::everywhere;
use super::search::Search;
use super::slips::{Candidate, Part};
use formula::{Apply, Formula, Node, NodeId};
use std::collections::HashMap;

/// A function where its slope belongs, or the slope of the wrong value.
pub(super) fn wrong(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let mut found = Vec::new();
    let marked = |formula: &mut Formula, id: NodeId| {
        let Node::Apply(Apply { function, marks, arguments }) = formula.node(id).clone() else {
            return Vec::new();
        };
        let mut changed = Vec::new();
        for place in 0..arguments.len() {
            let mut more = marks.clone();
            more.push(place as u8);
            changed.extend(formula.apply(function, &more, &arguments));
        }
        if let ([_, ..], [argument]) = (marks.as_slice(), arguments.as_slice()) {
            let plain = formula.apply(function, &[], &[*argument]);
            changed.extend(plain.and_then(|plain| formula.apply(function, &marks, &[plain])));
        }
        changed
    };
    for (whole, before, after) in everywhere(&mut search.formula, claimed, &marked) {
        let says = "{0} stands where {1} belongs";
        let parts = vec![Part::Value(before), Part::Value(after)];
        found.push(Candidate { claimed: whole, right, says, parts });
    }
    // Where the right answer keeps its slopes, each is spoilt, and all of them at once.
    for form in search.forms.clone() {
        for all in [false, true] {
            let spoilt = spoilt_slopes(&mut search.formula, form, all);
            found.extend(spoilt.into_iter().map(|(whole, before, after)| Candidate {
                claimed,
                right: whole,
                says: "{0} stands where {1} belongs",
                parts: vec![Part::Value(after), Part::Value(before)],
            }));
        }
    }
    found
}

/// A value with slopes replaced by the functions, or taken at the functions' values: one of them, or all of a kind.
fn spoilt_slopes(formula: &mut Formula, form: NodeId, all: bool) -> Vec<(NodeId, NodeId, NodeId)> {
    let plain = |formula: &mut Formula, id: NodeId| match formula.node(id).clone() {
        Node::Apply(Apply { function, marks, arguments }) if !marks.is_empty() => {
            formula.apply(function, &marks[..marks.len() - 1], &arguments).ok()
        }
        _ => None,
    };
    let at_value = |formula: &mut Formula, id: NodeId| match formula.node(id).clone() {
        Node::Apply(Apply { function, marks, arguments }) if !marks.is_empty() && arguments.len() == 1 => {
            let value = formula.apply(function, &[], &arguments).ok()?;
            formula.apply(function, &marks, &[value]).ok()
        }
        _ => None,
    };
    type Change<'a> = &'a dyn Fn(&mut Formula, NodeId) -> Option<NodeId>;
    let changes: [Change; 2] = [&plain, &at_value];
    let mut found = Vec::new();
    for change in changes {
        if !all {
            let one = |formula: &mut Formula, id: NodeId| change(formula, id).into_iter().collect::<Vec<_>>();
            found.extend(everywhere(formula, form, &one));
            continue;
        }
        let (mut replaced, mut first) = (HashMap::new(), None);
        for id in formula.reachable(&[form]) {
            if let Some(new) = change(formula, id) {
                replaced.insert(id, new);
                first = first.or(Some((id, new)));
            }
        }
        if let (Some((before, after)), Ok(whole)) = (first, formula.substitute(form, &mut replaced)) {
            found.push((whole, before, after));
        }
    }
    found
}
