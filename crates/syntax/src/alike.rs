//! Names that stand alike, such as those of `x0^2 + x1^2 + x2^2`: one that changed places with another would change nothing, so
//! what is found for one of them holds for all.

use crate::infer::Inference;
use crate::letters;
use crate::rules::Rule;
use crate::tree::{Expr, ExprId, Operator};
use crate::usage::Usage;
use formula::{Name, Number};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// How often what stands round names is told from what is known of the names in it.
const ROUNDS: usize = 4;

/// Numbers for names; those that stand alike have one number.
pub(crate) type Alike = BTreeMap<Name, u64>;

/// How a name stands, and its kind.
pub(crate) type Standing = (u64, u8);

fn hash(of: impl Hash) -> u64 {
    let mut hasher = formula::StableHasher::default();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Inference<'_> {
    /// The undeclared names by where they stand: in what, beside what, and beside names that stand how. The terms of one sum are
    /// beside each other in no order.
    pub fn alike(&self) -> Alike {
        let mut alike: Alike =
            self.undeclared().map(|usage| (usage.name.clone(), self.role(usage))).collect();
        let mut count = 0;
        for _ in 0..ROUNDS {
            let different = alike.values().collect::<BTreeSet<_>>().len();
            if different == count {
                break;
            }
            count = different;
            alike = self.refined(&alike);
        }
        alike
    }

    /// What is known of a name by itself.
    fn role(&self, usage: &Usage) -> u64 {
        let (name, places) = (&usage.name, &self.places);
        let sets = [
            &places.no_scalar,
            &places.summed,
            &places.offsets,
            &places.raised,
            &places.quadratic,
            &places.scales,
        ];
        let counts = [&places.behind, &places.before];
        // A name that belongs to a column by its own name is like no other.
        let own =
            self.program.entries.iter().find(|(part, whole)| part == name || whole == name).map(|_| name);
        hash((
            letters::kind(name) as u8,
            [usage.scalar_only, usage.transposed, usage.repeated, usage.diagonal],
            sets.map(|set| set.contains(name)),
            counts.map(|map| map.get(name).copied()),
            places.bias_of.contains_key(name),
            own,
        ))
    }

    /// Names told apart by what stands round them, too.
    fn refined(&self, alike: &Alike) -> Alike {
        let tree = &self.program.tree;
        let mut found: BTreeMap<Name, Vec<u64>> = BTreeMap::new();
        for (line, root) in self.program.lines.iter().enumerate() {
            let parts = tree.within(root.value);
            // Operands stand before what joins them.
            let mut inside: BTreeMap<ExprId, u64> = BTreeMap::new();
            for id in &parts {
                let operands: Vec<u64> = tree.operands(*id).iter().map(|part| inside[part]).collect();
                let known = match tree.expr(*id) {
                    Expr::Name(name) => alike.get(name).copied().unwrap_or_else(|| hash(name)),
                    _ => hash((self.joins(*id), operands)),
                };
                inside.insert(*id, known);
            }
            let mut around: BTreeMap<ExprId, (u64, bool)> =
                BTreeMap::from([(root.value, (hash(line), false))]);
            for id in parts.iter().rev() {
                let (outside, is_term) = around[id];
                let operands = tree.operands(*id);
                let sum = match tree.expr(*id) {
                    Expr::Name(name) if alike.contains_key(name) => {
                        found.entry(name.clone()).or_default().push(outside);
                        None
                    }
                    Expr::Binary(Operator::Add, ..) => Some(false),
                    Expr::Binary(Operator::Subtract, ..) => Some(true),
                    _ => None,
                };
                let whole = if is_term { outside } else { hash((outside, "sum")) };
                for (at, part) in operands.iter().enumerate() {
                    let below = match sum {
                        Some(takes) if takes && at == 1 => (hash((whole, "taken")), true),
                        Some(_) => (whole, true),
                        None => {
                            let beside: Vec<u64> = operands
                                .iter()
                                .filter(|other| *other != part)
                                .map(|other| inside[other])
                                .collect();
                            (hash((outside, is_term, self.joins(*id), at, beside)), false)
                        }
                    };
                    around.insert(*part, below);
                }
            }
        }
        let told = alike.iter().map(|(name, role)| {
            let mut places = found.remove(name).unwrap_or_default();
            places.sort_unstable();
            (name.clone(), hash((role, places)))
        });
        told.collect()
    }

    /// What joins the operands of an expression.
    fn joins(&self, id: ExprId) -> u64 {
        match self.program.tree.expr(id) {
            // How large a factor or an exponent is says nothing of the kinds beside it.
            Expr::Number(..) => hash(0),
            Expr::Name(name) => hash((1, name)),
            Expr::Negate(_) => hash(2),
            Expr::Transpose(_) => hash(3),
            Expr::Binary(operator, ..) => hash((4, operator.sign())),
            Expr::Call(_) if matches!(self.rules.get(&id), Some(Rule::Each)) => hash(7),
            Expr::Call(call) => {
                // The direction of a sum is an argument.
                let numbers: Vec<&Number> = (call.arguments.iter())
                    .filter_map(|part| match self.program.tree.expr(*part) {
                        Expr::Number(number, _) => Some(number),
                        _ => None,
                    })
                    .collect();
                let settings: Vec<&Name> = call.settings.iter().map(|(name, _)| name).collect();
                hash((5, &call.name, &call.marks, numbers, settings))
            }
            Expr::Block(direction, parts) => hash((6, *direction as u8, parts.len())),
        }
    }
}
