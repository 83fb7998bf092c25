//! Names for the sizes that no declaration names, and what is said of each assumption.

use crate::fit::Fit;
use crate::infer::{Assumption, Inference, Inferred};
use crate::letters::{self, Kind};
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
    pub fn name_shapes(&self, fit: &Fit, kinds: &BTreeMap<Name, Kind>) -> Inferred {
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
        for (id, dims) in &fit.free {
            inferred.constants.insert(*id, namer.shape(fit, *dims));
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
        Some(Kind::Vector) if usage.diagonal => "it is made a diagonal, and its letter stands for no matrix",
        Some(Kind::Vector) if usage.transposed => "it is transposed, and its letter stands for no matrix",
        Some(Kind::Vector) => "only a vector fits here",
        _ if shape.cols.is_one() || shape.rows.is_one() => "only this shape fits without broadcasting",
        _ => "a capital letter stands for a matrix",
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
