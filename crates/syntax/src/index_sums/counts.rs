//! How many terms a sum over an index has: its upper bound, a declared size, a name that is only divided by, or a new size.

use super::fixed::Fixed;
use super::names::{Indices, capital};
use super::{IndexSum, refused};
use crate::diagnostic::{Diagnostic, Origin, Text};
use crate::program::{Declaration, Program};
use crate::shapes::Declared;
use crate::usage::usages;
use formula::{Name, Properties, Size};
use std::collections::{BTreeMap, BTreeSet};

/// Names of sizes where nothing names how many terms there are.
const COUNTS: [&str; 8] = ["m", "n", "p", "q", "r", "k", "l", "s"];

impl Indices {
    /// How many terms the sums over each index have: the upper bound, a declared size, a name that is only divided by, or a new one.
    pub fn count(
        &mut self,
        program: &mut Program,
        sums: &[IndexSum],
        fixed: &[Fixed],
    ) -> Result<(), Diagnostic> {
        let mut known: BTreeMap<Name, Size> = BTreeMap::new();
        for sum in sums {
            let Some(to) = &sum.to else { continue };
            match known.get(&sum.index) {
                Some(before) if before != to => {
                    let what = format!("one sum over {} goes to {before}, another to {to}", sum.index);
                    let mend = "give one of the two another index, such as `sum_{j=1}^n`".to_owned();
                    return Err(refused(program, sum.id, what, mend));
                }
                _ => drop(known.insert(sum.index.clone(), to.clone())),
            }
        }
        // What is declared of all of them says what each is.
        let text = Text::new(Origin::Declarations, "");
        let one = Some(Size::number(1));
        for (name, (index, stem)) in &self.names {
            if program.lines.iter().any(|line| line.name.as_ref() == Some(name)) {
                continue;
            }
            let of = |name: &str| match program.declared(name) {
                Some(Declared::Value { rows, cols, properties }) if (rows, cols) != (&one, &one) => {
                    Some((rows.clone(), cols.clone(), *properties))
                }
                _ => None,
            };
            let (mut low, high) = (of(stem), of(&capital(stem)));
            // Beside `X: m x n` and `x: n` the x_i are rows of X, which x is compared with.
            if let (Some((length, ..)), Some((_, width, _))) = (&low, &high)
                && length.is_some()
                && length == width
                && capital(stem) != *stem
            {
                low = None;
            }
            let found = match (low, high) {
                (Some((rows, cols, properties)), _) if cols == one => Some((rows, one.clone(), properties)),
                (low, Some((rows, cols, properties)))
                    if cols != one && (low.is_none() || capital(stem) == *stem) =>
                {
                    Some((rows, cols, properties))
                }
                _ => None,
            };
            let Some((count, length, properties)) = found else { continue };
            if let Some(count) = count {
                match known.get(index) {
                    Some(before) if *before != count => {
                        let id = sums.iter().find(|sum| sum.index == *index).map_or(sums[0].id, |sum| sum.id);
                        let what = format!(
                            "the sum over {index} has {before} terms, but `{name}` is declared for {count}"
                        );
                        return Err(refused(
                            program,
                            id,
                            what,
                            format!("declare `{stem}` with {before} rows"),
                        ));
                    }
                    _ => drop(known.insert(index.clone(), count)),
                }
            }
            if let Some(own) = program.declarations.iter_mut().find(|one| one.name == *name) {
                if let Declared::Value { rows: rows @ None, .. } = &mut own.declared {
                    *rows = length;
                }
                continue;
            }
            let properties =
                if properties.is_positive() { Properties::POSITIVE } else { Properties::default() };
            let declared = Declared::Value { rows: length, cols: one.clone(), properties };
            let (name, text) = (name.clone(), text.clone());
            program.declarations.push(Declaration {
                name,
                declared,
                text,
                span: Default::default(),
                alone: None,
            });
        }
        self.share(program, sums, &mut known)?;
        let open: Vec<Name> =
            sums.iter().map(|sum| sum.index.clone()).filter(|index| !known.contains_key(index)).collect();
        let usages = usages(program);
        let mut used: BTreeSet<Name> = usages.names.iter().map(|usage| usage.name.clone()).collect();
        let counts_terms = |name: &&Name| name.chars().count() == 1 && "mnpqkMNTKL".contains(name.as_str());
        let mut divisors = usages
            .names
            .iter()
            .filter(|usage| usage.scalar_only && !usage.exponent && program.declared(&usage.name).is_none())
            .map(|usage| &usage.name)
            .filter(counts_terms);
        let divisor = divisors.next().cloned().filter(|_| divisors.next().is_none());
        used.extend(usages.sizes.iter().chain(&usages.called).cloned());
        used.extend(
            program
                .declarations
                .iter()
                .flat_map(|one| [one.name.clone()].into_iter().chain(one.declared.sizes())),
        );
        used.extend(program.lines.iter().filter_map(|line| line.name.clone()));
        used.extend(fixed.iter().map(|one| one.index.clone()));
        used.extend(known.values().flat_map(Size::names));
        let mut given: Option<Name> = divisor;
        for index in open {
            if known.contains_key(&index) {
                continue;
            }
            let count = match given.take() {
                Some(name) => {
                    self.divisors.push((name.clone(), index.clone()));
                    name
                }
                None => {
                    let more = (1_u64..).map(|number| Name::from(format!("m{number}")));
                    let mut letters = COUNTS.iter().map(|name| Name::from(*name)).chain(more);
                    letters.find(|name| !used.contains(name)).unwrap_or_else(|| Name::from("m"))
                }
            };
            used.insert(count.clone());
            known.insert(index.clone(), Size::named(count));
            self.share(program, sums, &mut known)?;
        }
        program.counts = known.values().flat_map(Size::names).collect();
        self.counts = known;
        Ok(())
    }

    /// Indices of one name have one count.
    fn share(
        &self,
        program: &Program,
        sums: &[IndexSum],
        known: &mut BTreeMap<Name, Size>,
    ) -> Result<(), Diagnostic> {
        let mut is_new = true;
        while std::mem::take(&mut is_new) {
            for (index, stem) in self.names.values() {
                for (other, other_stem) in self.names.values() {
                    let (Some(count), true) = (known.get(index).cloned(), stem == other_stem) else {
                        continue;
                    };
                    match known.get(other) {
                        Some(before) if *before != count => {
                            let id =
                                sums.iter().find(|sum| sum.index == *other).map_or(sums[0].id, |sum| sum.id);
                            let what =
                                format!("`{stem}_{index}` goes to {count}, and `{stem}_{other}` to {before}");
                            return Err(refused(
                                program,
                                id,
                                what,
                                "give one of the two another name".to_owned(),
                            ));
                        }
                        Some(_) => {}
                        None => {
                            known.insert(other.clone(), count);
                            is_new = true;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
