//! The order of preference among the kinds that undeclared names may have.

use crate::alike::Standing;
use crate::fit::Fit;
use crate::infer::{Inference, TO_PREFER};
use crate::letters::{self, Kind};
use crate::tree::{Expr, ExprId, Operator};
use crate::unify::Dims;
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What speaks against a choice of kinds; what stands first counts before all that follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// Places where shapes do not fit.
    pub conflicts: usize,
    /// Undeclared names that are scalars beside something larger in a sum, and would be repeated.
    pub broadcasts: usize,
    /// Names taken for scalars that stand where nobody writes one, and sums of one number.
    pub scalars: usize,
    /// Results of reductions that are repeated.
    pub spreads: usize,
    /// Scalars directly behind a capital, or a row.
    pub behind: usize,
    /// Rows and columns of capitals that are 1.
    pub flattened: usize,
    /// Whether the result is no scalar.
    pub wide: usize,
    /// Vectors directly in front of a name.
    pub before: usize,
    /// Names such as `w_j` that are no numbers beside a column `w`.
    pub apart: usize,
    /// Names that are not what their letter says.
    pub letters: usize,
}

/// What speaks most against a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    Conflicts,
    Broadcasts,
    Scalars,
    Spreads,
    Behind,
    Flattened,
    Result,
    Before,
    Apart,
    Letters,
}

impl Cost {
    /// The first thing of which there is more than in another choice.
    pub fn first_above(self, other: Cost) -> Option<Against> {
        let all = [
            (self.conflicts, other.conflicts, Against::Conflicts),
            (self.broadcasts, other.broadcasts, Against::Broadcasts),
            (self.scalars, other.scalars, Against::Scalars),
            (self.spreads, other.spreads, Against::Spreads),
            (self.behind, other.behind, Against::Behind),
            (self.flattened, other.flattened, Against::Flattened),
            (self.wide, other.wide, Against::Result),
            (self.before, other.before, Against::Before),
            (self.apart, other.apart, Against::Apart),
            (self.letters, other.letters, Against::Letters),
        ];
        all.into_iter().find(|(mine, theirs, _)| mine > theirs).map(|(.., against)| against)
    }
}

impl Inference<'_> {
    /// What speaks against these kinds. Names in `declared` count as if they had been declared so.
    pub fn cost(&self, kinds: &BTreeMap<Name, Kind>, declared: &BTreeSet<Name>) -> Cost {
        let (fit, conflicts) = self.settled(kinds, declared);
        let tree = &self.program.tree;
        let flat = |name: &Name| {
            let keeps = letters::kind(name) == Kind::Matrix
                && !self.places.scales.contains(name)
                && !self.places.quantities.contains(name);
            let dims: Option<&Dims> = fit.names.get(name).filter(|_| keeps);
            dims.map_or(0, |dims| {
                usize::from(fit.sizes.is_one(dims.rows)) + usize::from(fit.sizes.is_one(dims.cols))
            })
        };
        let flattened = kinds.keys().map(flat).sum();
        // A sum makes no number of what a capital stands in, nor of the powers in it, as in `sum(x^2)`.
        let (mut forced, mut lone) = (0, 0);
        for argument in &fit.lone {
            let parts = tree.within(*argument);
            let names = parts.iter().filter_map(|part| match tree.expr(*part) {
                Expr::Name(name) => kinds.get_key_value(name),
                _ => None,
            });
            let (mut scalars, mut vectors, mut is_flat, mut is_said) = (0, 0, false, false);
            for (name, kind) in names {
                scalars += usize::from(*kind == Kind::Scalar);
                vectors += usize::from(*kind == Kind::Vector);
                is_flat |= flat(name) > 0;
                is_said |= *kind == Kind::Scalar && self.places.summed.contains(name);
            }
            let is_power = |part: &ExprId| match tree.expr(*part) {
                Expr::Binary(Operator::Power, base, _) => !matches!(tree.expr(*base), Expr::Number(..)),
                _ => false,
            };
            let is_plain = scalars > 0 && vectors == 0 && parts.iter().any(is_power);
            forced += usize::from(is_flat || is_plain);
            lone += usize::from(!is_said);
        }
        let is_scalar = |name: &Name| fit.names.get(name).is_some_and(|dims| fit.sizes.is_scalar(*dims));
        let is_said = |name: &Name| fit.names.get(name).is_some_and(|dims| !dims.guessed);
        let is_own = |name: &&Name| kinds.contains_key(*name) && is_scalar(name);
        let transposed = self.places.no_scalar.iter().filter(is_own).count();
        let summed = self.places.summed.iter().filter(is_own).filter(|name| !is_said(name)).count();
        // A term of what is summed is a scalar sooner than what is transposed.
        let scalars = 2 * transposed + summed + lone;
        let is_column = |name: &Name| {
            let dims = fit.names.get(name);
            dims.is_some_and(|dims| fit.sizes.is_one(dims.cols) && !fit.sizes.is_one(dims.rows))
        };
        let is_apart =
            |(part, whole): &&(Name, Name)| kinds.contains_key(part) && !is_scalar(part) && is_column(whole);
        let apart = self.program.entries.iter().filter(is_apart).count();
        let at = |map: &BTreeMap<Name, usize>, name: &Name| map.get(name).copied().unwrap_or(0);
        let mut cost = Cost {
            conflicts: conflicts + forced,
            broadcasts: fit.broadcasts,
            scalars,
            spreads: fit.spreads,
            apart,
            flattened,
            wide: usize::from(!fit.result.is_some_and(|dims| fit.sizes.is_scalar(dims))),
            ..Cost::default()
        };
        for (name, kind) in kinds {
            match kind {
                Kind::Scalar => cost.behind += at(&self.places.behind, name),
                Kind::Vector => cost.before += at(&self.places.before, name),
                Kind::Matrix => {}
            }
            let letter = letters::kind(name);
            cost.letters += usize::from(letter != Kind::Matrix && letter != *kind);
        }
        cost
    }

    /// The shapes for these kinds, and the places where they do not fit. What the formula itself says to be a scalar may be
    /// repeated if the result is one number. The names in `declared` are as if they had been declared.
    pub fn settled(&self, kinds: &BTreeMap<Name, Kind>, declared: &BTreeSet<Name>) -> (Fit<'_>, usize) {
        let (fit, conflicts) = self.fitted(kinds, declared);
        if fit.beside == 0 {
            return (fit, conflicts);
        }
        let said = self.said_scalars(kinds, (conflicts, fit.spreads));
        if said.is_empty() {
            return (fit, conflicts);
        }
        let (settled, left) = self.fitted(kinds, &(declared | &said));
        let is_number = settled.result.is_some_and(|dims| settled.sizes.is_scalar(dims));
        if is_number { (settled, left) } else { (fit, conflicts) }
    }

    /// The shapes for these kinds, and the places where they do not fit. The names in `declared` are as if they had been declared.
    fn fitted(&self, kinds: &BTreeMap<Name, Kind>, declared: &BTreeSet<Name>) -> (Fit<'_>, usize) {
        let mut fit = self.fit(kinds);
        for name in declared {
            if let Some(dims) = fit.names.get_mut(name) {
                dims.guessed = false;
            }
        }
        let conflicts = fit.run();
        self.looked.set(self.looked.get() + self.program.tree.len());
        (fit, conflicts)
    }

    /// The scalars that the formula itself says are scalars: as vectors they would fit less, as the squared offset in
    /// `norm(X*w + b - y)^2 + b^2`. Such a name may be repeated, as one that is declared.
    fn said_scalars(
        &self,
        kinds: &BTreeMap<Name, Kind>,
        (conflicts, spreads): (usize, usize),
    ) -> BTreeSet<Name> {
        let is_said = |name: &&Name| {
            let (fit, others) = self.fitted(&turned(kinds, [*name].into_iter()), &BTreeSet::new());
            others > conflicts || fit.spreads > spreads
        };
        let is_scalar = |name: &&Name| kinds.get(*name) == Some(&Kind::Scalar);
        let scalars: Vec<&Name> = self.places.offsets.union(&self.places.raised).filter(is_scalar).collect();
        let one_of_each = self.one_of_each(scalars.iter().copied(), kinds);
        let said: BTreeSet<Standing> =
            one_of_each.into_iter().filter(|(_, name)| is_said(name)).map(|(standing, _)| standing).collect();
        scalars.into_iter().filter(|name| said.contains(&self.standing(name, kinds))).cloned().collect()
    }

    /// The kinds with the least against them. Few names are tried in all ways; many are turned one by one, and two by two, as
    /// long as that is better.
    pub fn preferred(&self) -> (BTreeMap<Name, Kind>, Cost) {
        let mut best = BTreeMap::new();
        let mut open: Vec<Name> = Vec::new();
        let mut capitals: Vec<Name> = Vec::new();
        for usage in self.undeclared() {
            let name = &usage.name;
            let at = |map: &BTreeMap<Name, usize>| map.get(name).copied().unwrap_or(0);
            let kind = match letters::kind(name) {
                _ if usage.scalar_only || self.places.quantities.contains(name) => Kind::Scalar,
                Kind::Matrix => Kind::Matrix,
                _ if self.places.no_scalar.contains(name) || self.places.summed.contains(name) => {
                    Kind::Vector
                }
                _ if at(&self.places.before) > 0 => Kind::Scalar,
                _ if at(&self.places.behind) > 0 => Kind::Vector,
                letter => letter,
            };
            match kind {
                Kind::Matrix => capitals.push(name.clone()),
                _ if usage.scalar_only || letters::kind(name) == Kind::Matrix => {}
                _ => open.push(name.clone()),
            }
            best.insert(name.clone(), kind);
        }
        let mut left = self.most_tries();
        let none = BTreeSet::new();
        let mut least = self.cost(&best, &none);
        let together = self.together(&open);
        if together.len() < usize::BITS as usize - 1 && 1_usize << together.len() <= left {
            let first = best.clone();
            for choice in 1..1_usize << together.len() {
                let chosen = together.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1);
                let tried = turned(&first, chosen.flat_map(|(_, names)| names.iter().copied()));
                self.improve(&mut best, &mut least, tried);
            }
            left -= 1 << together.len();
        } else {
            // Turned one by one, many numbers beside each other stay repeated until the last.
            let vectors = open.iter().filter(|name| best.get(*name) == Some(&Kind::Vector));
            let tried = turned(&best, vectors);
            self.improve(&mut best, &mut least, tried);
        }
        open.extend(capitals);
        let several = self.together(&open).into_iter().filter(|names| names.len() > 2);
        let pairs = |at: usize| (at + 1..open.len()).map(move |other| [at, other]);
        let all: Vec<Vec<&Name>> = (open.iter().map(|name| vec![name]))
            .chain(several)
            .chain((0..open.len()).flat_map(pairs).take(left).map(|pair| pair.map(|at| &open[at]).to_vec()))
            .collect();
        // What was tried since the last that was better, as far as it is told apart.
        let mut tried = BTreeSet::new();
        loop {
            let before = least;
            for chosen in &all {
                let mut standing: Vec<Standing> =
                    chosen.iter().map(|name| self.standing(name, &best)).collect();
                standing.sort_unstable();
                if !tried.insert(standing) {
                    continue;
                }
                if left == 0 || self.looked.get() > TO_PREFER {
                    return (best, least);
                }
                left -= 1;
                let turned = turned(&best, chosen.iter().copied());
                if self.improve(&mut best, &mut least, turned) {
                    tried.clear();
                }
            }
            if least == before {
                return (best, least);
            }
        }
    }

    /// Names that stand alike, each group by itself, in order.
    fn together<'b>(&self, names: &'b [Name]) -> Vec<Vec<&'b Name>> {
        let mut places: BTreeMap<u64, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<&Name>> = Vec::new();
        for name in names {
            let at = *places.entry(self.alike.get(name).copied().unwrap_or_default()).or_insert(groups.len());
            if at == groups.len() {
                groups.push(Vec::new());
            }
            groups[at].push(name);
        }
        groups
    }

    /// Takes kinds with less against them than the best so far; says whether they are.
    fn improve(
        &self,
        best: &mut BTreeMap<Name, Kind>,
        least: &mut Cost,
        tried: BTreeMap<Name, Kind>,
    ) -> bool {
        let cost = self.cost(&tried, &BTreeSet::new());
        let is_less = cost < *least;
        if is_less {
            (*best, *least) = (tried, cost);
        }
        is_less
    }
}

/// The kinds with those of the chosen names turned round; a capital is a scalar, or anything.
pub(crate) fn turned<'a>(
    kinds: &BTreeMap<Name, Kind>,
    names: impl Iterator<Item = &'a Name>,
) -> BTreeMap<Name, Kind> {
    let mut turned = kinds.clone();
    for name in names {
        let kind = match (turned.get(name), letters::kind(name)) {
            (Some(Kind::Scalar), Kind::Matrix) => Kind::Matrix,
            (Some(Kind::Scalar), _) => Kind::Vector,
            _ => Kind::Scalar,
        };
        turned.insert(name.clone(), kind);
    }
    turned
}
