//! The shapes of undeclared names: the kinds that make every operation fit, letters where nothing else decides.

use crate::alike::{Alike, Standing};
use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Scope};
use crate::fit::Fit;
use crate::letters::Kind;
use crate::meanings::identities;
use crate::places::{Places, places};
use crate::program::Program;
use crate::rules::{Rule, rules};
use crate::shapes::Declared;
use crate::tree::{Expr, ExprId, Operator};
use crate::usage::{Usage, Usages};
use formula::{Name, Shape, Size};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Something that was assumed because nothing was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The name.
    pub name: Name,
    /// What it was taken for: a shape `m x n`, `scalar`, or `size`.
    pub kind: String,
    /// Why.
    pub why: String,
    /// Declarations that choose another reading that is as good.
    pub or: Vec<String>,
    /// Whether those say more of a value of the same shape, such as that it is symmetric, and no other kind.
    pub is_property: bool,
    /// Whether it was taken for a constant, and is no variable.
    pub is_constant: bool,
}

/// `b: m x 1 (it is a term of what is summed; or declare b: scalar)`
impl std::fmt::Display for Assumption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.name, self.kind, self.reason())
    }
}

impl Assumption {
    /// Why, and how to choose otherwise.
    pub fn reason(&self) -> String {
        let or: Vec<String> = self.or.iter().map(|or| format!("`{or}`")).collect();
        match or.is_empty() {
            true => self.why.clone(),
            false => format!("{}; or declare {}", self.why, or.join(" or ")),
        }
    }
}

/// What undeclared names were found to be.
#[derive(Default)]
pub(crate) struct Inferred {
    /// The shapes of names that are values: the undeclared, and those declared without sizes.
    pub shapes: BTreeMap<Name, Shape>,
    /// Undeclared names that are sizes.
    pub sizes: BTreeSet<Name>,
    /// What names of sizes stand for that only the wanted shape decides.
    pub meant: BTreeMap<Name, Size>,
    pub assumptions: Vec<Assumption>,
    /// The shapes of `vector(1)`, `matrix(1)` and identities.
    pub constants: BTreeMap<ExprId, Shape>,
}

/// How many expressions are looked at, over all tries of kinds.
const MOST_WORK: usize = 1_000_000;
/// How many of them are to find the kinds; the rest are for what is said of them.
pub(crate) const TO_PREFER: usize = MOST_WORK / 2;

/// The inference of one program.
pub(crate) struct Inference<'a> {
    pub program: &'a Program,
    pub usages: &'a Usages,
    pub rules: BTreeMap<ExprId, Rule>,
    pub places: Places,
    pub size_names: &'a BTreeSet<Name>,
    /// The names of sizes that no declaration knows, where the shape of the result is wanted.
    free_sizes: BTreeSet<Name>,
    /// The undeclared names, in order of appearance.
    pub unknown: Vec<&'a Usage>,
    /// Which undeclared names stand alike.
    pub alike: Alike,
    /// How many expressions were looked at.
    pub looked: Cell<usize>,
}

/// Finds the shapes of all names that have none declared.
pub(crate) fn infer(
    program: &Program,
    usages: &Usages,
    size_names: &BTreeSet<Name>,
    (elaborator, scope): (&mut Elaborator, &Scope),
    wanted: &[Shape],
) -> Result<Inferred, Diagnostic> {
    let identities = match identities(program) {
        found if found.iter().any(|id| size_names.contains(&*program.tree.source(*id))) => BTreeSet::new(),
        found => found,
    };
    let is_identity = |name: &Name| {
        identities
            .first()
            .is_some_and(|id| matches!(program.tree.expr(*id), Expr::Name(known) if known == name))
    };
    let unsaid = |name: &Name| match program.declared(name) {
        Some(Declared::Value { rows, cols, .. }) => rows.is_none() || cols.is_none(),
        Some(Declared::Function | Declared::Functional(_)) => false,
        None => !size_names.contains(name) && &**name != "pi" && !elaborator.is_function(name),
    };
    let unknown: Vec<&Usage> =
        usages.names.iter().filter(|usage| unsaid(&usage.name) && !is_identity(&usage.name)).collect();
    if unknown.is_empty() && !usages.has_free && identities.is_empty() && wanted.is_empty() {
        return Ok(Inferred::default());
    }
    let rules = rules(program, usages, size_names, elaborator, scope)?;
    let places = places(program, &rules, &usages.apart, &identities);
    let declared: BTreeSet<Name> = program.declarations.iter().flat_map(|one| one.declared.sizes()).collect();
    let is_free = |name: &&Name| !wanted.is_empty() && !declared.contains(*name);
    let free_sizes = usages.sizes.iter().filter(is_free).cloned().collect();
    let mut inference = Inference {
        program,
        usages,
        rules,
        places,
        size_names,
        free_sizes,
        unknown,
        alike: Alike::new(),
        looked: Cell::new(0),
    };
    inference.alike = inference.alike();
    let (kinds, least) = inference.preferred();
    let (mut fit, conflicts) = inference.settled(&kinds, &BTreeSet::new());
    let fits = conflicts == 0;
    if fits {
        fit.want(wanted);
        inference.check_readings(&kinds, fit.freedom())?;
    }
    inference.judge_deferred(&mut fit);
    let mut inferred = inference.name_shapes(&fit, &kinds, least);
    if fits {
        let meant = |(name, place): (&Name, &usize)| Some((name.clone(), fit.sizes.size(*place)?));
        inferred.meant = fit.named.iter().filter_map(meant).collect();
    }
    Ok(inferred)
}

impl Inference<'_> {
    pub fn fit(&self, kinds: &BTreeMap<Name, Kind>) -> Fit<'_> {
        let mut fit =
            Fit::new(self.program, &self.rules, (self.size_names, &self.usages.apart, &self.places), kinds);
        let free = self.free_sizes.iter().map(|name| (name.clone(), fit.sizes.free(false)));
        fit.named = free.collect();
        fit
    }

    /// How many choices of kinds may be tried.
    pub fn most_tries(&self) -> usize {
        (TO_PREFER / self.program.tree.len().max(1)).clamp(20, 2000)
    }

    /// Whether more may be looked at.
    pub fn may_look(&self) -> bool {
        self.looked.get() < MOST_WORK
    }

    /// One of each kind among names that stand alike.
    pub fn one_of_each<'b>(
        &self,
        names: impl Iterator<Item = &'b Name>,
        kinds: &BTreeMap<Name, Kind>,
    ) -> BTreeMap<Standing, &'b Name> {
        let mut found = BTreeMap::new();
        for name in names {
            found.entry(self.standing(name, kinds)).or_insert(name);
        }
        found
    }

    /// How a name stands, and its kind.
    pub fn standing(&self, name: &Name, kinds: &BTreeMap<Name, Kind>) -> Standing {
        let kind = kinds.get(name).map_or(u8::MAX, |kind| *kind as u8);
        (self.alike.get(name).copied().unwrap_or_default(), kind)
    }

    /// The undeclared names of which nothing at all is declared.
    pub fn undeclared(&self) -> impl Iterator<Item = &Usage> {
        self.unknown.iter().copied().filter(|usage| self.program.declared(&usage.name).is_none())
    }

    /// `A'*B .* C` written without brackets may be meant as `A'*(B .* C)`. Where the second reading leaves more sizes free, the
    /// first has made different sizes equal to fit, and nobody said that they are.
    fn check_readings(&self, kinds: &BTreeMap<Name, Kind>, freedom: usize) -> Result<(), Diagnostic> {
        let tree = &self.program.tree;
        let all = self.program.lines.iter().flat_map(|line| tree.within(line.value));
        for id in all.take(MOST_WORK / tree.len().max(1)) {
            let Expr::Binary(Operator::Times, left, right) = tree.expr(id) else { continue };
            let Expr::Binary(Operator::Multiply, head, tail) = tree.expr(*left) else { continue };
            if tree.is_bracketed(*left) {
                continue;
            }
            let mut fit = self.fit(kinds);
            fit.reread = Some(id);
            if fit.run() == 0 && fit.freedom() > freedom {
                let [head, tail, right] = [head, tail, right].map(|part| tree.source(*part));
                let read = format!("({head}*{tail}) .* {right}");
                let mistake = Mistake::Reading { read, other: format!("{head}*({tail} .* {right})") };
                return Err(tree.error(mistake, id));
            }
        }
        Ok(())
    }

    /// A declared vector beside a matrix of unknown width: a column beside each column if it is as long as the rows are
    /// named, else one entry for each column, as biases are.
    fn judge_deferred(&self, fit: &mut Fit) {
        for (vector, matrix, is_bias) in std::mem::take(&mut fit.deferred) {
            let shared: BTreeSet<Name> = fit
                .sizes
                .size(vector.rows)
                .map(|size| size.names())
                .unwrap_or_default()
                .into_iter()
                .collect();
            let mut names = self.size_namer(fit, &shared, None);
            let rows = names.size(fit, matrix.rows);
            let upright = fit.sizes.is_one(matrix.cols) || fit.sizes.size(vector.rows) == Some(rows);
            // A failure is shown when nodes are built.
            let _ = match upright {
                true if is_bias => fit.sizes.unify(matrix.rows, vector.rows),
                true => {
                    fit.sizes.unify(matrix.rows, vector.rows).and_then(|()| fit.sizes.unify(matrix.cols, 0))
                }
                false => fit.sizes.unify(matrix.cols, vector.rows),
            };
        }
    }
}
