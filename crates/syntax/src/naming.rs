//! Names for the sizes that no declaration names, and what is said of each assumption.

use crate::alike::Standing;
use crate::fit::Fit;
use crate::infer::{Assumption, Inference, Inferred};
use crate::letters::{self, Kind};
use crate::meanings::{Form, meaning};
use crate::preference::{Against, Cost, turned};
use crate::unify::{Dims, Place};
use crate::usage::Usage;
use formula::{Name, Shape, Size};
use std::collections::{BTreeMap, BTreeSet};

impl Inference<'_> {
    /// Names for the sizes that stay unknown, in order of appearance.
    pub fn size_namer(&self, fit: &Fit, allowed: &BTreeSet<Name>, last: Option<&Name>) -> Namer {
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
        // Once the sums have their matrix form.
        used.extend(self.program.entries.iter().map(|(_, whole)| whole.clone()));
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
    pub fn name_shapes(&self, fit: &Fit, kinds: &BTreeMap<Name, Kind>, least: Cost) -> Inferred {
        // What was found of names that stand alike and are of one shape.
        let mut known: BTreeMap<(Standing, bool, bool), (Others, &str)> = BTreeMap::new();
        let mut namer = self.size_namer(fit, &BTreeSet::new(), None);
        // A name that is only divided by is the size of that name, if that counts the rows of what goes in first.
        let divisors: Vec<&Usage> =
            self.undeclared().filter(|usage| usage.scalar_only && !usage.exponent).collect();
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
            let mut or = Vec::new();
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
                    let key = (self.standing(name, kinds), shape.rows.is_one(), shape.cols.is_one());
                    let (others, why) = known.entry(key).or_insert_with(|| {
                        let others = self.others(usage, kinds, least);
                        let why = self.why(fit, usage, &shape, (kinds, least, &others));
                        (others, why)
                    });
                    or = self.declarations(fit, &mut namer, usage, others);
                    *why
                };
                (kind, why.to_owned())
            };
            inferred.assumptions.push(Assumption {
                name: name.clone(),
                kind,
                why,
                or,
                is_property: self.is_square_form(fit, name),
                is_constant: false,
            });
        }
        for (id, dims) in &fit.free {
            inferred.constants.insert(*id, namer.shape(fit, *dims));
        }
        if let Some(id) = self.places.identities.first()
            && let Some(shape) = inferred.constants.get(id)
        {
            let name = Name::from(self.program.tree.source(*id));
            let kind = meaning(Form::Identity, &name)
                .map_or_else(String::new, |word| format!("{word}({})", shape.rows));
            let or = vec![format!("{name}: {shape}")];
            let why = "the identity: it is only added to square matrices".to_owned();
            inferred.assumptions.push(Assumption {
                name,
                kind,
                why,
                or,
                is_property: false,
                is_constant: true,
            });
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

/// Beside how many names the other kind of a capital is tried.
const MOST_TURNED: usize = 50;

/// What speaks against the other kind of a name.
#[derive(Default)]
pub(crate) struct Others {
    /// Of its own accord, and as it would be if it had been declared so; and the least of all.
    turned: Option<(Cost, Cost, Cost)>,
}

impl Inference<'_> {
    /// What speaks against the other kind of a name.
    fn others(&self, usage: &Usage, kinds: &BTreeMap<Name, Kind>, least: Cost) -> Others {
        if letters::kind(&usage.name) == Kind::Matrix || !self.may_look() {
            return Others::default();
        }
        let turned = turned(kinds, [&usage.name].into_iter());
        let declared = BTreeSet::from([usage.name.clone()]);
        Others { turned: Some((self.cost(&turned, &BTreeSet::new()), self.cost(&turned, &declared), least)) }
    }

    /// Whether a name is the square matrix of a quadratic form.
    fn is_square_form(&self, fit: &Fit, name: &Name) -> bool {
        let dims = fit.names.get(name).filter(|_| self.places.quadratic.contains(name));
        dims.is_some_and(|dims| !fit.sizes.is_one(dims.cols) && fit.sizes.same(dims.rows, dims.cols))
    }

    /// The declarations that choose other readings of a name that are as good.
    fn declarations(&self, fit: &Fit, namer: &mut Namer, usage: &Usage, others: &Others) -> Vec<String> {
        let name = &usage.name;
        if self.is_square_form(fit, name) {
            return vec![format!("{name}: symmetric")];
        }
        if self.places.quantities.contains(name) {
            return Vec::new();
        }
        if self.places.scales.contains(name)
            && fit.names.get(name).is_some_and(|dims| fit.sizes.is_scalar(*dims))
        {
            return vec![format!("{name}: matrix")];
        }
        let Some((turned, other, least)) = others.turned else { return Vec::new() };
        let Some(dims) = fit.names.get(name) else { return Vec::new() };
        let is_scalar = fit.sizes.is_scalar(*dims);
        let mut all = Vec::new();
        if let Some(id) = self.places.bias_of.get(name)
            && !is_scalar
            && let Some(product) = fit.biased.get(id)
        {
            let other = if self.places.upright.contains(id) { product.cols } else { product.rows };
            all.push(format!("{name}: {}", namer.size(fit, other)));
        }
        let fits = other.conflicts == 0
            && (other.broadcasts, other.behind, other.flattened)
                <= (least.broadcasts, least.behind, least.flattened);
        let as_good = Cost { letters: 0, ..turned } <= Cost { letters: 0, ..least };
        // One number where it is only that nothing is repeated unasked.
        let is_offset =
            !is_scalar && self.places.offsets.contains(name) && !self.places.no_scalar.contains(name);
        if fits && (as_good || is_offset) && !usage.scalar_only {
            all.push(format!("{name}: {}", if is_scalar { "vector" } else { "scalar" }));
        }
        all
    }

    /// Whether a name is the bias of a product that begins with its weights.
    fn is_upright(&self, name: &Name) -> bool {
        self.places.bias_of.get(name).is_some_and(|id| self.places.upright.contains(id))
    }

    /// Whether the other kind of a name does not fit even where the kinds of all others are declared, so that they may be repeated.
    fn is_firm(&self, name: &Name, kinds: &BTreeMap<Name, Kind>) -> bool {
        let declared = kinds.keys().cloned().collect();
        self.cost(&turned(kinds, [name].into_iter()), &declared).conflicts > 0
    }

    fn why(
        &self,
        fit: &Fit,
        usage: &Usage,
        shape: &Shape,
        (kinds, least, others): (&BTreeMap<Name, Kind>, Cost, &Others),
    ) -> &'static str {
        let name = &usage.name;
        let (letter, settled) = (letters::kind(name), kinds.get(name));
        let is_bias = self.places.bias_of.get(name).is_some_and(|id| fit.biased.contains_key(id));
        let against = match (others.turned, letter, settled) {
            // What does not fit only because nobody said that it is repeated.
            (Some((turned, ..)), ..) if turned.conflicts > least.conflicts && !self.is_firm(name, kinds) => {
                Some(Against::Broadcasts)
            }
            (Some((turned, ..)), ..) => turned.first_above(least),
            (None, Kind::Matrix, Some(Kind::Scalar)) if kinds.len() < MOST_TURNED => {
                self.cost(&turned(kinds, [name].into_iter()), &BTreeSet::new()).first_above(least)
            }
            (None, ..) => None,
        };
        match (settled, against) {
            _ if usage.scalar_only => "it is only divided by, or an exponent",
            (Some(Kind::Scalar), _) if self.places.quantities.contains(name) => {
                "nothing in the formula is of matrices, and numbers are divided or raised in it"
            }
            (Some(Kind::Vector), _) if is_bias && self.is_upright(name) => {
                "a bias is a column where the weights stand in front of the data"
            }
            (Some(Kind::Vector), _) if is_bias => "a name added to a product of two matrices is a bias",
            (Some(Kind::Scalar), _) if letter == Kind::Scalar => "its letter stands for a scalar",
            (Some(Kind::Vector), _) if letter == Kind::Vector => "its letter stands for a vector",
            (Some(Kind::Scalar), Some(Against::Conflicts)) if kinds.len() == 1 => "only a scalar fits",
            (Some(Kind::Scalar), Some(Against::Conflicts)) => "beside the others only a scalar fits",
            (Some(Kind::Scalar), Some(Against::Broadcasts)) => "else a number beside it would be repeated",
            (Some(Kind::Scalar), Some(Against::Spreads)) => {
                "else the result of a reduction would be repeated"
            }
            (Some(Kind::Scalar), Some(Against::Result)) => "so the result is a number",
            (Some(Kind::Scalar), Some(Against::Before)) => "it stands in front of a name",
            (Some(Kind::Scalar), Some(Against::Flattened)) => "so capitals stay matrices",
            (Some(Kind::Scalar), _) => "so the others are what their places say",
            (Some(Kind::Vector), _) if usage.diagonal => {
                "it is made a diagonal, and its letter stands for no matrix"
            }
            (Some(Kind::Vector), _) if usage.transposed => {
                "it is transposed, and its letter stands for no matrix"
            }
            (Some(Kind::Vector), _) if usage.repeated => {
                "it stands in each row of a matrix, and its letter stands for no matrix"
            }
            (Some(Kind::Vector), Some(Against::Broadcasts)) => "a scalar would be repeated here",
            (Some(Kind::Vector), Some(Against::Scalars)) if self.places.no_scalar.contains(name) => {
                "it is joined entry by entry, and nobody writes a scalar so"
            }
            (Some(Kind::Vector), Some(Against::Scalars)) => "it is a term of what is summed",
            (Some(Kind::Vector), Some(Against::Behind)) => "it stands behind a matrix or a row",
            (Some(Kind::Vector), Some(Against::Flattened)) => "so capitals stay matrices",
            (Some(Kind::Vector), Some(Against::Result)) => "so the result is a number",
            (Some(Kind::Vector), Some(Against::Conflicts)) => {
                "beside the others only a vector fits without broadcasting"
            }
            (Some(Kind::Vector), Some(Against::Spreads)) => {
                "else the result of a reduction would be repeated"
            }
            (Some(Kind::Vector), _) => "so the others are what their places say",
            _ if (shape.cols.is_one() || shape.rows.is_one()) && self.places.divided_by.contains(name) => {
                "`/` divides by a number; for the inverse of a matrix write `inv(...)`"
            }
            _ if shape.cols.is_one() || shape.rows.is_one() => "only this shape fits without broadcasting",
            _ => "a capital letter stands for a matrix",
        }
    }
}

/// Names given to sizes.
pub(crate) struct Namer {
    used: BTreeSet<Name>,
    names: BTreeMap<Place, Name>,
    next: usize,
}

impl Namer {
    pub fn size(&mut self, fit: &Fit, place: Place) -> Size {
        let known = fit.sizes.size_by(place, &mut |free| Some(self.named(free)));
        // What is built of too many parts is as good as any new size: the misfit is shown when nodes are built.
        known.unwrap_or_else(|| self.named(fit.sizes.root(place)))
    }

    fn named(&mut self, root: Place) -> Size {
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

    pub fn shape(&mut self, fit: &Fit, dims: Dims) -> Shape {
        let rows = self.size(fit, dims.rows);
        Shape::new(rows, self.size(fit, dims.cols))
    }

    fn place(&self, name: &Name) -> Option<Place> {
        self.names.iter().find(|(_, known)| *known == name).map(|(place, _)| *place)
    }
}
