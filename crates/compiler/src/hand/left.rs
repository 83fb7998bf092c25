//! The left side of a claim, as in `df/dx_i = 2*x_i`: what it says that the claim is about.

use super::places::{mistaken, words};
use crate::{ClaimQuestion, CompileError};
use calculus::Request;
use formula::{Name, NodeId};
use syntax::{Parsed, Span};

/// What a claim is about: what was asked, by what its left side says where nothing else does.
///
/// # Errors
/// When the left side says something else than what was asked.
pub(super) fn asked(question: &ClaimQuestion, parsed: &Parsed) -> Result<(Request, Left), CompileError> {
    let mut request = question.request.clone();
    let whole = |name: &str| parsed.whole(name).unwrap_or_else(|| Name::from(name));
    let asked_by = request.wrt.first().cloned();
    request.wrt = request.wrt.iter().map(|name| whole(name)).collect();
    let refuse = |what: String, mend: String| -> Result<(Request, Left), CompileError> {
        let end = question.claim.find(" = ").unwrap_or(question.claim.len());
        Err(mistaken(question.claim, Span { start: 0, end }, what, mend))
    };
    let roots: Vec<NodeId> = parsed.formula.lines.iter().map(|line| line.value).collect();
    let variables = crate::sample::variables(&parsed.formula, &roots);
    let variables: Vec<Name> = variables.into_iter().map(|variable| variable.name).collect();
    let Some((of, by)) = sides(question.claim) else {
        // `dw = ...` and `w_grad = ...` say it too.
        let named = named_by(question.claim).into_iter().map(Name::from);
        let other = named.into_iter().find(|name| variables.contains(name) && !request.wrt.contains(name));
        if let Some(name) = other.filter(|_| !request.wrt.is_empty()) {
            return refuse(
                format!("the claim is named as the derivative by `{name}`, and another was asked"),
                format!("ask by `{name}`, or leave the left side of the claim out"),
            );
        }
        // `--wrt x_i` says it as well.
        let by = asked_by.filter(|name| request.wrt.len() == 1 && *name != request.wrt[0]);
        let labels = by.map(|name| labels(&name)).unwrap_or_default();
        return Ok((request, Left { labels }));
    };
    let (said, above) = (whole(by), whole(of));
    let lines = &parsed.formula.lines;
    let result = lines.last().map(|line| line.name.clone());
    let is_known = lines.iter().any(|line| line.name == above) || variables.contains(&above);
    if is_known && result.as_ref() != Some(&above) {
        return refuse(
            format!("the claim is about `{above}`, and the formula that was asked about is another"),
            format!(
                "check the formula of `{above}` by itself, or give formula and claims as the lines of a file"
            ),
        );
    }
    match request.wrt.as_slice() {
        [] => request.wrt = vec![said.clone()],
        all if request.order == calculus::Order::First && !all.contains(&said) => {
            let asked: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
            let asked = asked.join(" or ");
            return refuse(
                format!("the claim is about the derivative by `{said}`, and the one by {asked} was asked"),
                format!("ask by `{said}`, or claim the derivative by {asked}"),
            );
        }
        _ => request.wrt = vec![said.clone()],
    }
    // The y of `dy_i/dx_j` is a name for the formula itself.
    let mut indices = if is_known && *of == *above { Vec::new() } else { labels(of) };
    indices.extend(if *by == *said { Vec::new() } else { labels(by) });
    if !indices.is_empty() && request.layout != calculus::Layout::default() {
        return refuse(
            String::from("a claim about one entry says which entry it is, in whatever layout"),
            String::from("leave `--layout` out"),
        );
    }
    Ok((request, Left { labels: indices }))
}

/// What the left side of a claim says of its entry: the indices, those of what is derived first.
pub(super) struct Left {
    pub labels: Vec<char>,
}

fn labels(name: &str) -> Vec<char> {
    name.split_once('_')
        .map_or_else(Vec::new, |(_, labels)| labels.chars().filter(|label| *label != '_').collect())
}

/// What a claim says that it is derived by: the x_i of `df/dx_i = 2*x_i`.
pub(super) fn left_side(claim: &str) -> Option<&str> {
    sides(claim).map(|(_, by)| by)
}

/// What a claim may be named to be the derivative by: the w of `dw = ...`, `dL_dw = ...`, `f_w = ...` and `w_grad = ...`.
fn named_by(claim: &str) -> Vec<&str> {
    let Some((left, _)) = claim.split_once(" = ") else { return Vec::new() };
    let left = left.trim();
    let behind = left.rsplit_once('_').map(|(_, behind)| behind);
    let parts = [
        left.strip_prefix('d'),
        behind,
        behind.and_then(|behind| behind.strip_prefix('d')),
        left.strip_suffix("_grad"),
    ];
    parts.into_iter().flatten().collect()
}

/// What a claim says that it is the derivative of, and by what.
fn sides(claim: &str) -> Option<(&str, &str)> {
    let (left, _) = claim.split_once('=')?;
    let (of, by) = left.trim().split_once("/d")?;
    let is_name =
        |name: &str| matches!(words(name).as_slice(), [all] if all.start == 0 && all.end == name.len());
    let of = of.strip_prefix('d')?;
    (is_name(by) && is_name(of)).then_some((of, by))
}
