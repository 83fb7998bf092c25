//! The shapes of undeclared names: the kinds that make every operation fit, letters where nothing else decides.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Scope};
use crate::fit::{Fit, Rule, constant_shape};
use crate::functions::Callee;
use crate::letters::{self, Kind};
use crate::program::Program;
use crate::reductions::{Along, along};
use crate::shapes::Declared;
use crate::tree::{Expr, ExprId};
use crate::unify::{Dims, Place};
use crate::usage::{Usage, Usages};
use crate::words::Meaning;
use formula::{Name, Shape, Size};
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
}

/// How many expressions are looked at, over all tries of kinds.
const MOST_WORK: usize = 1_000_000;

/// How many names may differ from what their letters say.
const MOST_CHANGES: usize = 4;

/// The inference of one program.
struct Inference<'a> {
    program: &'a Program,
    usages: &'a Usages,
    rules: BTreeMap<ExprId, Rule>,
    size_names: &'a BTreeSet<Name>,
    /// The undeclared names, in order of appearance.
    unknown: Vec<&'a Usage>,
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
    if unknown.is_empty() {
        return Ok(Inferred::default());
    }
    let rules = rules(program, usages, size_names, elaborator, scope)?;
    let inference = Inference { program, usages, rules, size_names, unknown };
    let kinds = inference.settle()?;
    let mut fit = inference.fit(&kinds);
    fit.run();
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
    fn undeclared(&self) -> impl Iterator<Item = &Usage> {
        self.unknown.iter().copied().filter(|usage| self.program.declared(&usage.name).is_none())
    }

    /// The kind of every undeclared name: as its letter says, but for as few names as can be.
    fn settle(&self) -> Result<BTreeMap<Name, Kind>, Diagnostic> {
        let mut kinds = BTreeMap::new();
        let mut open: Vec<&Usage> = Vec::new();
        for usage in self.undeclared() {
            let kind = match letters::kind(&usage.name) {
                _ if usage.scalar_only => Kind::Scalar,
                Kind::Scalar if usage.transposed => Kind::Vector,
                kind => kind,
            };
            if !usage.scalar_only && !usage.transposed && kind != Kind::Matrix {
                open.push(usage);
            }
            kinds.insert(usage.name.clone(), kind);
        }
        let most_tries = self.most_tries();
        let mut tries = 0;
        for changes in 0..=open.len().min(MOST_CHANGES) {
            let mut fitting: Vec<(Vec<usize>, BTreeMap<Name, Kind>)> = Vec::new();
            let mut broadcast = None;
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
            match (fitting.len(), broadcast) {
                (1, _) => return Ok(fitting.swap_remove(0).1),
                (0, Some(error)) => return Err(error),
                (0, None) => {}
                _ => return Err(self.unsettled(&open, &fitting)),
            }
        }
        // Nothing fits: the letters stand, and the place where shapes differ is shown when nodes are built.
        self.hidden_broadcast(&open, &kinds).map_or(Ok(kinds), Err)
    }

    /// Where some names would have to be matrices, though their letters stand for none, a broadcast was meant: the first.
    fn hidden_broadcast(&self, open: &[&Usage], kinds: &BTreeMap<Name, Kind>) -> Option<Diagnostic> {
        let mut freed = kinds.clone();
        let mut conflicts = self.fit(&freed).run();
        let mut helped = Vec::new();
        for usage in open.iter().take(self.most_tries()) {
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
        let name = helped
            .into_iter()
            .find(|name| fit.names.get(*name).is_some_and(|dims| !fit.sizes.is_one(dims.cols)))?;
        (conflicts == 0).then(|| self.broadcast_error(&fit, name))?
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
        let vectors: Vec<&Name> = chosen
            .iter()
            .map(|at| &open[*at].name)
            .filter(|name| kinds.get(*name) == Some(&Kind::Vector))
            .collect();
        let mut freed = kinds.clone();
        for name in &vectors {
            freed.insert((*name).clone(), Kind::Matrix);
        }
        let mut fit = self.fit(&freed);
        if vectors.is_empty() || fit.run() > 0 {
            return None;
        }
        let name = vectors
            .into_iter()
            .find(|name| fit.names.get(*name).is_some_and(|dims| !fit.sizes.is_one(dims.cols)))?;
        self.broadcast_error(&fit, name)
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
            let upright = fit.sizes.is_one(matrix.cols) || fit.sizes.size(vector.rows) == Some(&rows);
            // A failure is shown when nodes are built.
            let _ = match upright {
                true => {
                    fit.sizes.unify(matrix.rows, vector.rows).and_then(|()| fit.sizes.unify(matrix.cols, 0))
                }
                false => fit.sizes.unify(matrix.cols, vector.rows),
            };
        }
    }

    /// Names for the sizes that stay unknown, in order of appearance.
    fn size_namer(&self, fit: &Fit, allowed: &BTreeSet<Name>, last: Option<&Name>) -> Namer {
        let mut used: BTreeSet<Name> = self.usages.names.iter().map(|usage| usage.name.clone()).collect();
        for usage in self.undeclared().filter(|usage| usage.scalar_only) {
            used.remove(&usage.name);
        }
        self.finish_namer(fit, used, allowed, last)
    }

    fn finish_namer(
        &self,
        fit: &Fit,
        mut used: BTreeSet<Name>,
        allowed: &BTreeSet<Name>,
        last: Option<&Name>,
    ) -> Namer {
        used.extend(self.usages.called.iter().cloned());
        used.extend(self.program.declarations.iter().map(|declaration| declaration.name.clone()));
        used.extend(self.program.lines.iter().filter_map(|line| line.name.clone()));
        used.extend(self.size_names.iter().cloned());
        used.retain(|name| !allowed.contains(name));
        let mut namer = Namer { used, names: BTreeMap::new(), next: 0 };
        let named_last = |usage: &&&Usage| Some(&usage.name) == last;
        let (late, early): (Vec<&&Usage>, Vec<&&Usage>) = self.unknown.iter().partition(named_last);
        for usage in early.into_iter().chain(late) {
            if let Some(dims) = fit.names.get(&usage.name) {
                namer.shape(fit, *dims);
            }
        }
        namer
    }

    /// The shapes with their sizes named, and what was assumed.
    fn name_shapes(&self, fit: &Fit, kinds: &BTreeMap<Name, Kind>) -> Inferred {
        let mut namer = self.size_namer(fit, &BTreeSet::new(), None);
        // A name that is only divided by is the size of that name, if that counts the rows of what goes in first.
        let divisors: Vec<&Usage> = self.undeclared().filter(|usage| usage.scalar_only).collect();
        let sizes: BTreeSet<Name> = divisors
            .iter()
            .map(|usage| usage.name.clone())
            .filter(|name| namer.place(name).is_some_and(|place| self.counts_rows(fit, place)))
            .collect();
        if divisors.iter().any(|usage| !sizes.contains(&usage.name)) {
            let used = self.usages.names.iter().map(|usage| usage.name.clone());
            let used = used.filter(|name| !sizes.contains(name)).collect();
            namer = self.finish_namer(fit, used, &BTreeSet::new(), None);
        }
        let mut inferred = Inferred { sizes, ..Inferred::default() };
        for usage in &self.unknown {
            let name = &usage.name;
            let Some(dims) = fit.names.get(name).copied() else { continue };
            let declared = self.program.declared(name).is_some();
            let (kind, why) = if inferred.sizes.contains(name) {
                let rows = self.rows_of(fit, &namer, name);
                ("size".to_owned(), format!("it is only divided by, and names the rows of {rows}"))
            } else {
                let shape = namer.shape(fit, dims);
                let kind = if shape.is_scalar() { "scalar".to_owned() } else { shape.to_string() };
                inferred.shapes.insert(name.clone(), shape.clone());
                let why = if declared {
                    "its sizes make every operation fit"
                } else {
                    why(usage, &shape, kinds.get(name))
                };
                (kind, why.to_owned())
            };
            inferred.assumptions.push(Assumption { name: name.clone(), kind, why });
        }
        inferred
    }

    /// Whether a size is the rows of a value that stands innermost, and the columns of none.
    fn counts_rows(&self, fit: &Fit, place: Place) -> bool {
        let matrices = || {
            let of = |usage: &'_ Usage| Some((usage.depth, *fit.names.get(&usage.name)?));
            self.usages.names.iter().filter_map(of).filter(|(_, dims)| !fit.sizes.is_scalar(*dims))
        };
        let innermost = matrices().map(|(depth, _)| depth).max();
        let rows = |dims: Dims| fit.sizes.root(dims.rows) == place;
        matches!(innermost, Some(most) if matrices().any(|(depth, dims)| depth == most && rows(dims)))
            && matrices().all(|(_, dims)| fit.sizes.root(dims.cols) != place)
    }

    fn rows_of(&self, fit: &Fit, namer: &Namer, size: &Name) -> String {
        let place = namer.place(size);
        let has = |usage: &&Usage| {
            fit.names.get(&usage.name).is_some_and(|dims| Some(fit.sizes.root(dims.rows)) == place)
        };
        let names: Vec<&str> =
            self.usages.names.iter().filter(has).map(|usage| usage.name.as_str()).collect();
        names.join(" and ")
    }
}

fn why(usage: &Usage, shape: &Shape, settled: Option<&Kind>) -> &'static str {
    let letter = letters::kind(&usage.name);
    match settled {
        _ if usage.scalar_only => "it is only divided by, or an exponent",
        Some(Kind::Scalar) if letter == Kind::Scalar => "its letter stands for a scalar",
        Some(Kind::Scalar) => "only a scalar fits",
        Some(Kind::Vector) if letter == Kind::Vector => "its letter stands for a vector",
        Some(Kind::Vector) if usage.transposed => "it is transposed, and its letter stands for no matrix",
        Some(Kind::Vector) => "only a vector fits without broadcasting",
        _ if shape.cols.is_one() || shape.rows.is_one() => "only this shape fits without broadcasting",
        _ => "a capital letter stands for a matrix",
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

/// Names given to sizes.
struct Namer {
    used: BTreeSet<Name>,
    names: BTreeMap<Place, Name>,
    next: usize,
}

impl Namer {
    fn size(&mut self, fit: &Fit, place: Place) -> Size {
        if let Some(size) = fit.sizes.size(place) {
            return size.clone();
        }
        let root = fit.sizes.root(place);
        if let Some(name) = self.names.get(&root) {
            return Size::named(name.clone());
        }
        const LETTERS: [&str; 10] = ["m", "n", "p", "q", "k", "r", "s", "t", "u", "v"];
        loop {
            let (letter, round) = (LETTERS[self.next % LETTERS.len()], self.next / LETTERS.len());
            self.next += 1;
            let name = Name::from(if round == 0 { letter.to_owned() } else { format!("{letter}{round}") });
            if !self.used.contains(&name) {
                self.names.insert(root, name.clone());
                return Size::named(name);
            }
        }
    }

    fn shape(&mut self, fit: &Fit, dims: Dims) -> Shape {
        let rows = self.size(fit, dims.rows);
        Shape::new(rows, self.size(fit, dims.cols))
    }

    fn place(&self, name: &Name) -> Option<Place> {
        self.names.iter().find(|(_, known)| *known == name).map(|(place, _)| *place)
    }
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

/// What each call does with shapes.
fn rules(
    program: &Program,
    usages: &Usages,
    size_names: &BTreeSet<Name>,
    elaborator: &mut Elaborator,
    scope: &Scope,
) -> Result<BTreeMap<ExprId, Rule>, Diagnostic> {
    let tree = &program.tree;
    let is_value = |name: &Name| {
        let declared = matches!(program.declared(name), Some(Declared::Value { .. }));
        declared
            || size_names.contains(name)
            || program.lines.iter().any(|line| line.name.as_ref() == Some(name))
    };
    let mut rules = BTreeMap::new();
    for id in program.lines.iter().flat_map(|line| tree.within(line.value)) {
        let Expr::Call(call) = tree.expr(id) else { continue };
        if usages.apart.contains(&id) || is_value(&call.name) {
            continue;
        }
        let rule = match elaborator.callee(tree, id, call, scope)? {
            Callee::Abstract(_) | Callee::Primitive(_) => Rule::Each,
            Callee::Page(page) if page.is_elementwise() => Rule::Each,
            Callee::Page(page) => {
                let shapes = page.parameters.iter().filter_map(|parameter| parameter.shape.clone()).collect();
                Rule::Page(shapes, elaborator.library.value_shape(&page)?)
            }
            Callee::Word(word) => match word.meaning {
                Meaning::Sum | Meaning::Mean => match along(tree, call)? {
                    Along::All => Rule::Scalar,
                    Along::Columns => Rule::Columns,
                    Along::Rows => Rule::Rows,
                },
                Meaning::Norm | Meaning::AbsoluteNorm => Rule::Scalar,
                Meaning::Dot => Rule::Dot,
                Meaning::SquareRoot => Rule::Each,
                Meaning::Ones | Meaning::Zeros | Meaning::Identity => {
                    match constant_shape(program, call, word.meaning == Meaning::Identity) {
                        Some(shape) => Rule::Constant(shape),
                        None => continue,
                    }
                }
                Meaning::Planned | Meaning::Instead(_) => continue,
            },
        };
        rules.insert(id, rule);
    }
    Ok(rules)
}
