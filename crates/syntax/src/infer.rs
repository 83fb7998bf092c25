//! The shapes of undeclared names: the kinds that make every operation fit, letters where nothing else decides.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Scope};
use crate::fit::Fit;
use crate::letters::{self, Kind};
use crate::program::Program;
use crate::rules::{Rule, rules};
use crate::shapes::Declared;
use crate::tree::{Expr, ExprId, Operator};
use crate::unify::Dims;
use crate::usage::{Usage, Usages};
use formula::{Name, Shape};
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
}

/// What undeclared names were found to be.
#[derive(Default)]
pub(crate) struct Inferred {
    /// The shapes of names that are values: the undeclared, and those declared without sizes.
    pub shapes: BTreeMap<Name, Shape>,
    /// Undeclared names that are sizes.
    pub sizes: BTreeSet<Name>,
    pub assumptions: Vec<Assumption>,
    /// The shapes of `vector(1)` and `matrix(1)`.
    pub constants: BTreeMap<ExprId, Shape>,
}

/// How many expressions are looked at, over all tries of kinds.
const MOST_WORK: usize = 1_000_000;

/// How many names may differ from what their letters say.
const MOST_CHANGES: usize = 4;

/// The inference of one program.
pub(crate) struct Inference<'a> {
    pub program: &'a Program,
    pub usages: &'a Usages,
    rules: BTreeMap<ExprId, Rule>,
    pub size_names: &'a BTreeSet<Name>,
    /// The undeclared names, in order of appearance.
    pub unknown: Vec<&'a Usage>,
}

/// Finds the shapes of all names that have none declared.
pub(crate) fn infer(
    program: &Program,
    usages: &Usages,
    size_names: &BTreeSet<Name>,
    elaborator: &mut Elaborator,
    scope: &Scope,
) -> Result<Inferred, Diagnostic> {
    let unsaid = |name: &Name| match program.declared(name) {
        Some(Declared::Value { rows, cols, .. }) => rows.is_none() || cols.is_none(),
        Some(Declared::Function) => false,
        None => !size_names.contains(name) && &**name != "pi" && !elaborator.is_function(name),
    };
    let unknown: Vec<&Usage> = usages.names.iter().filter(|usage| unsaid(&usage.name)).collect();
    if unknown.is_empty() && !usages.has_free {
        return Ok(Inferred::default());
    }
    let rules = rules(program, usages, size_names, elaborator, scope)?;
    let inference = Inference { program, usages, rules, size_names, unknown };
    let kinds = inference.settle()?;
    let mut fit = inference.fit(&kinds);
    if fit.run() == 0 {
        inference.check_readings(&kinds, fit.freedom())?;
    }
    inference.judge_deferred(&mut fit);
    Ok(inference.name_shapes(&fit, &kinds))
}

impl Inference<'_> {
    fn fit(&self, kinds: &BTreeMap<Name, Kind>) -> Fit<'_> {
        Fit::new(self.program, &self.rules, (self.size_names, &self.usages.apart), kinds)
    }

    fn most_tries(&self) -> usize {
        (MOST_WORK / self.program.tree.len().max(1)).clamp(20, 2000)
    }

    /// The undeclared names of which nothing at all is declared.
    pub fn undeclared(&self) -> impl Iterator<Item = &Usage> {
        self.unknown.iter().copied().filter(|usage| self.program.declared(&usage.name).is_none())
    }

    /// The kind of every undeclared name: as its letter says, but for as few names as can be.
    fn settle(&self) -> Result<BTreeMap<Name, Kind>, Diagnostic> {
        let mut kinds = BTreeMap::new();
        let mut open: Vec<&Usage> = Vec::new();
        for usage in self.undeclared() {
            let kind = match letters::kind(&usage.name) {
                _ if usage.scalar_only => Kind::Scalar,
                Kind::Scalar if usage.transposed || usage.diagonal => Kind::Vector,
                kind => kind,
            };
            if !usage.scalar_only && !usage.transposed && !usage.diagonal && kind != Kind::Matrix {
                open.push(usage);
            }
            kinds.insert(usage.name.clone(), kind);
        }
        let most_tries = self.most_tries();
        let mut tries = 0;
        let mut broadcast = None;
        for changes in 0..=open.len().min(MOST_CHANGES) {
            let mut fitting: Vec<(Vec<usize>, BTreeMap<Name, Kind>)> = Vec::new();
            for chosen in Choices::new(open.len(), changes) {
                tries += 1;
                if tries > most_tries {
                    return Ok(kinds);
                }
                let changed = change(&kinds, &open, &chosen);
                if self.fit(&changed).run() > 0 {
                    continue;
                }
                match self.only_broadcast(&open, &chosen, &changed) {
                    Some(error) => broadcast = broadcast.or(Some(error)),
                    None => fitting.push((chosen, changed)),
                }
            }
            // Of those that fit, the ones that leave most capitals matrices.
            let flat: Vec<usize> = fitting.iter().map(|(_, kinds)| self.flattened(kinds)).collect();
            let least = flat.iter().copied().min().unwrap_or(0);
            let mut flat = flat.into_iter();
            fitting.retain(|_| flat.next() == Some(least));
            match fitting.len() {
                0 => {}
                1 if changes == 0 => return Ok(self.without_row(&open, kinds)),
                1 => return Ok(fitting.swap_remove(0).1),
                _ => return Err(self.unsettled(&open, &fitting)),
            }
        }
        if let Some(error) = broadcast {
            return Err(error);
        }
        // Nothing fits: the letters stand, and the place where shapes differ is shown when nodes are built.
        self.hidden_broadcast(&open, &kinds).map_or(Ok(kinds), Err)
    }

    /// Nobody asks for a row: where one name taken for a vector makes a number of it, as in `a'*X*b`, it is one.
    fn without_row(&self, open: &[&Usage], kinds: BTreeMap<Name, Kind>) -> BTreeMap<Name, Kind> {
        let result = |kinds: &BTreeMap<Name, Kind>| {
            let mut fit = self.fit(kinds);
            let fits = fit.run() == 0;
            fit.result.filter(|_| fits).map(|dims| (fit.sizes.is_one(dims.rows), fit.sizes.is_one(dims.cols)))
        };
        if result(&kinds) != Some((true, false)) {
            return kinds;
        }
        let changed = (0..open.len().min(self.most_tries())).map(|at| change(&kinds, open, &[at]));
        let mut better = changed.filter(|changed| result(changed) == Some((true, true)));
        match (better.next(), better.next()) {
            (Some(only), None) => only,
            _ => kinds,
        }
    }

    /// Where some names would have to be matrices, though their letters stand for none, a broadcast was meant: the first.
    fn hidden_broadcast(&self, open: &[&Usage], kinds: &BTreeMap<Name, Kind>) -> Option<Diagnostic> {
        let mut freed = kinds.clone();
        let mut conflicts = self.fit(&freed).run();
        let mut helped = Vec::new();
        let scalars = open.iter().filter(|usage| kinds.get(&usage.name) == Some(&Kind::Scalar));
        for usage in scalars.take(self.most_tries()) {
            let mut more = freed.clone();
            more.insert(usage.name.clone(), Kind::Matrix);
            let left = self.fit(&more).run();
            if left < conflicts {
                (freed, conflicts) = (more, left);
                helped.push(&usage.name);
            }
        }
        let mut fit = self.fit(&freed);
        fit.run();
        let name = helped.into_iter().find(|name| self.is_tied_matrix(&fit, name))?;
        (conflicts == 0).then(|| self.broadcast_error(&fit, name))?
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

    /// How many names that may be matrices come out as vectors or scalars.
    fn flattened(&self, kinds: &BTreeMap<Name, Kind>) -> usize {
        let mut fit = self.fit(kinds);
        fit.run();
        let flat = |dims: &Dims| fit.sizes.is_one(dims.rows) || fit.sizes.is_one(dims.cols);
        let matrices = kinds.iter().filter(|(_, kind)| **kind == Kind::Matrix);
        matrices.filter(|(name, _)| fit.names.get(*name).is_some_and(flat)).count()
    }

    /// A name that was taken for a vector, though left to itself it would be a matrix: only a broadcast could be meant.
    fn only_broadcast(
        &self,
        open: &[&Usage],
        chosen: &[usize],
        kinds: &BTreeMap<Name, Kind>,
    ) -> Option<Diagnostic> {
        let names = chosen.iter().map(|at| &open[*at].name);
        names.filter(|name| kinds.get(*name) == Some(&Kind::Vector)).find_map(|name| {
            let mut freed = kinds.clone();
            freed.insert(name.clone(), Kind::Matrix);
            let mut fit = self.fit(&freed);
            let would_be_matrix = fit.run() == 0 && self.is_tied_matrix(&fit, name);
            would_be_matrix.then(|| self.broadcast_error(&fit, name))?
        })
    }

    /// Whether a name left to itself is as wide as another, or of a known width, and no vector.
    fn is_tied_matrix(&self, fit: &Fit, name: &Name) -> bool {
        let Some(dims) = fit.names.get(name) else { return false };
        let cols = fit.sizes.root(dims.cols);
        let others = self.usages.names.iter().filter(|usage| usage.name != *name);
        let mut places =
            others.filter_map(|usage| fit.names.get(&usage.name)).flat_map(|dims| [dims.rows, dims.cols]);
        let known = fit.sizes.size(cols).is_some();
        !fit.sizes.is_one(cols) && (known || places.any(|place| fit.sizes.root(place) == cols))
    }

    fn broadcast_error(&self, fit: &Fit, name: &Name) -> Option<Diagnostic> {
        // Named last, so that the sizes it shares have the names they would have without it.
        let mut names = self.size_namer(fit, &BTreeSet::new(), Some(name));
        let against = names.shape(fit, *fit.names.get(name)?);
        let choices = vec![
            format!("`{name}: {}` (one for each column)", against.cols),
            format!("`{name}: {}` (one for each row)", against.rows),
            format!("`{name}: scalar`"),
        ];
        let first = self.find(name)?;
        let mistake = Mistake::OnlyBroadcast { name: name.clone(), against, choices };
        Some(self.program.tree.error(mistake, first))
    }

    fn unsettled(&self, open: &[&Usage], fitting: &[(Vec<usize>, BTreeMap<Name, Kind>)]) -> Diagnostic {
        let mut places: Vec<usize> = fitting.iter().flat_map(|(chosen, _)| chosen.iter().copied()).collect();
        places.sort();
        places.dedup();
        let names: Vec<Name> = places.iter().map(|at| open[*at].name.clone()).collect();
        let example: Vec<String> = fitting
            .first()
            .map(|(_, kinds)| {
                let word =
                    |name: &Name| if kinds.get(name) == Some(&Kind::Scalar) { "scalar" } else { "vector" };
                names.iter().map(|name| format!("{name}: {}", word(name))).collect()
            })
            .unwrap_or_default();
        let place = names.first().and_then(|name| self.find(name));
        let mistake = Mistake::Unsettled { names, example: example.join(", ") };
        let last = self.program.lines.last().map(|line| line.value);
        match place.or(last) {
            Some(id) => self.program.tree.error(mistake, id),
            None => crate::diagnostic::Text::new(crate::diagnostic::Origin::Formula, "")
                .error(mistake, crate::diagnostic::Span::default()),
        }
    }

    /// Where a name first stands.
    fn find(&self, wanted: &Name) -> Option<ExprId> {
        let tree = &self.program.tree;
        let all = self.program.lines.iter().flat_map(|line| tree.within(line.value));
        let mut all = all.filter(|id| !self.usages.apart.contains(id));
        all.find(|id| matches!(tree.expr(*id), Expr::Name(name) if name == wanted))
    }

    /// A declared vector beside a matrix of unknown width: a column beside each column if it is as long as the rows are
    /// named, else one entry for each column, as biases are.
    fn judge_deferred(&self, fit: &mut Fit) {
        for (vector, matrix) in std::mem::take(&mut fit.deferred) {
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
                true => {
                    fit.sizes.unify(matrix.rows, vector.rows).and_then(|()| fit.sizes.unify(matrix.cols, 0))
                }
                false => fit.sizes.unify(matrix.cols, vector.rows),
            };
        }
    }
}

/// The kinds with those of the chosen names turned round.
fn change(kinds: &BTreeMap<Name, Kind>, open: &[&Usage], chosen: &[usize]) -> BTreeMap<Name, Kind> {
    let mut changed = kinds.clone();
    for at in chosen {
        if let Some(kind) = changed.get_mut(&open[*at].name) {
            *kind = if *kind == Kind::Scalar { Kind::Vector } else { Kind::Scalar };
        }
    }
    changed
}

/// All choices of so many places among so many, in order.
struct Choices {
    among: usize,
    next: Option<Vec<usize>>,
}

impl Choices {
    fn new(among: usize, count: usize) -> Choices {
        Choices { among, next: (count <= among).then(|| (0..count).collect()) }
    }
}

impl Iterator for Choices {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let current = self.next.take()?;
        let count = current.len();
        let movable = (0..count).rev().find(|at| current[*at] < self.among - (count - at));
        self.next = movable.map(|at| {
            let mut following = current.clone();
            let start = following[at] + 1;
            (at..count).for_each(|place| following[place] = start + place - at);
            following
        });
        Some(current)
    }
}
