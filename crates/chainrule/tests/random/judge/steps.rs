//! Steps of a derivation by themselves.

use super::*;

/// A step with its part G as a function of the operand X alone: every other operand is a name.
pub(super) struct OpenedStep {
    pub(super) law: Name,
    pub(super) of: NodeId,
    pub(super) by: NodeId,
    pub(super) from: NodeId,
    /// What the uses of X in G give, which add up.
    pub(super) to: Vec<NodeId>,
    pub(super) part: NodeId,
    pub(super) symbol: Name,
    /// What the other names stand for.
    pub(super) others: Vec<(Name, NodeId)>,
}

pub(super) fn opened_steps(derivation: &mut Derivation) -> Result<Vec<OpenedStep>, Verdict> {
    let mut opened: Vec<OpenedStep> = Vec::new();
    for step in &derivation.steps {
        if let Some(same) =
            opened.iter_mut().find(|same| (same.of, same.by, same.from) == (step.of, step.by, step.from))
        {
            same.to.push(step.to);
            continue;
        }
        let symbol = Name::from("the operand");
        let mut others = Vec::new();
        // A law may look through a transpose or a norm: the operand is then below the nearest parts of G.
        let part = (1..=4).find_map(|depth| {
            others.clear();
            open(&mut derivation.formula, step.of, (step.by, &symbol), depth, &mut others)
        });
        let Some(part) = part else {
            let of = shown(&derivation.formula, step.of);
            return Err(Verdict::Wrong(format!("the operand of step {} is no part of {of}", step.number)));
        };
        opened.push(OpenedStep {
            law: step.law.clone(),
            of: step.of,
            by: step.by,
            from: step.from,
            to: vec![step.to],
            part,
            symbol,
            others,
        });
    }
    Ok(opened)
}

/// A node with the operand as a variable of its own and everything else named, if the operand is at most that deep in it.
fn open(
    formula: &mut Formula,
    id: NodeId,
    operand: (NodeId, &Name),
    depth: usize,
    others: &mut Vec<(Name, NodeId)>,
) -> Option<NodeId> {
    let children = formula.node(id).children().to_vec();
    let mut found = false;
    let mut built = Vec::with_capacity(children.len());
    for child in children {
        if child == operand.0 {
            found = true;
            let shape = formula.shape(child).clone();
            built.push(formula.variable(Variable::new(operand.1.clone(), shape)));
        } else if let Some(inner) =
            (depth > 1).then(|| open(formula, child, operand, depth - 1, others)).flatten()
        {
            found = true;
            built.push(inner);
        } else {
            built.push(child);
        }
    }
    if !found {
        return None;
    }
    for child in &mut built {
        let known = formula.node(*child).children().is_empty();
        let holds_operand =
            formula.variables(&[*child]).iter().any(|id| name_of(formula, *id) == operand.1.as_str());
        if !known && !holds_operand {
            let name = Name::from(format!("part {}", others.len()));
            let shape = formula.shape(*child).clone();
            others.push((name.clone(), *child));
            *child = formula.variable(Variable::new(name, shape));
        }
    }
    formula.rebuild(id, &built).ok()
}

impl OpenedStep {
    /// Differences of sum(df/dG .* G(X)) with df/dG held.
    pub(super) fn judge(&self, formula: &Formula, point: &Point, whole: f64) -> Result<Opinion, Verdict> {
        let from = evaluate(formula, self.from, point)?;
        let at = evaluate(formula, self.by, point)?;
        let mut to = Matrix::from_fn(at.rows, at.cols, |_, _| 0.0);
        for part in &self.to {
            let part = evaluate(formula, *part, point)?;
            to.entries.iter_mut().zip(&part.entries).for_each(|(sum, entry)| *sum += entry);
        }
        let mut local = Point { sizes: point.sizes.clone(), variables: BTreeMap::new() };
        for id in formula.variables(&[self.part]) {
            let name = Name::from(name_of(formula, id));
            if let Some(value) = point.variables.get(&name) {
                local.variables.insert(name, value.clone());
            }
        }
        for (name, id) in &self.others {
            local.variables.insert(name.clone(), evaluate(formula, *id, point)?);
        }
        local.variables.insert(self.symbol.clone(), at.clone());
        let part = evaluate(formula, self.part, &local)?;
        let quotient = sizes_together(&from, &part) + sizes_together(&to, &at);
        let rounding = Rounding { quotient, derivative: quotient.max(whole) };
        Ok(judge(&to, &at, false, rounding, |moved| {
            local.variables.insert(self.symbol.clone(), moved.clone());
            let part = formula.evaluate(&[self.part], &local).ok()?.pop()?;
            Some(from.entries.iter().zip(&part.entries).map(|(a, b)| a * b).sum())
        }))
    }

    pub(super) fn shown(&self, formula: &Formula) -> String {
        self.to.iter().map(|id| shown(formula, *id)).collect::<Vec<_>>().join(" and ")
    }
}
