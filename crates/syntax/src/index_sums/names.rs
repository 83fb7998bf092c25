//! What indexed names stand for: which index each has, how many terms a sum has, and what all of them together are called.

use super::{IndexSum, refused};
use crate::diagnostic::{Diagnostic, Origin, Text};
use crate::letters;
use crate::parse::Prepared;
use crate::program::{Declaration, Program};
use crate::shapes::Declared;
use crate::tree::{Expr, ExprId};
use crate::usage::usages;
use crate::words::{Meaning, word};
use formula::{Name, Properties, Shape, Size};
use std::collections::{BTreeMap, BTreeSet};

/// What is said of a name beside which entries with its letter stand.
pub(crate) const OWN_MEANING: &str = "has a meaning of its own";

/// How a name's values for each i stand for all i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// An entry of a column.
    Number,
    /// A row of a matrix.
    Row,
}

/// An indexed name.
pub(crate) struct Indexed {
    pub name: Name,
    pub index: Name,
    pub stands: Stands,
    /// How long its rows are.
    length: Size,
    /// What all of them are.
    pub all: Name,
    /// Whether a line gives it its value.
    pub is_let: bool,
}

impl Indexed {
    /// The shape of all of them.
    pub fn shape(&self, count: &Size) -> Shape {
        match self.stands {
            Stands::Number => Shape::column(count.clone()),
            Stands::Row => Shape::new(count.clone(), self.length.clone()),
        }
    }
}

/// The indices of a program.
pub(crate) struct Indices {
    /// Names with the index that they end with, and what stands before it.
    pub(super) names: BTreeMap<Name, (Name, String)>,
    /// How many terms the sums over each index have.
    pub counts: BTreeMap<Name, Size>,
    /// Names that are only divided by and were taken for such a count, with the index.
    pub divisors: Vec<(Name, Name)>,
    /// Undeclared columns whose entries are indexed as well.
    met: BTreeSet<Name>,
    pub notes: Vec<String>,
}

impl Indices {
    /// The indexed names, each in a sum over its index.
    pub fn new(program: &Program, sums: &[IndexSum]) -> Result<Indices, Diagnostic> {
        let tree = &program.tree;
        let over: BTreeSet<&Name> = sums.iter().map(|sum| &sum.index).collect();
        let indexed = |name: &Name| {
            let (stem, index) = name.rsplit_once('_')?;
            over.iter().find(|known| known.as_str() == index).map(|index| ((*index).clone(), stem.to_owned()))
        };
        // The indices of the sums that each expression stands in.
        let mut inside: BTreeMap<ExprId, BTreeSet<&Name>> = BTreeMap::new();
        for sum in sums {
            for id in tree.within(sum.body) {
                inside.entry(id).or_default().insert(&sum.index);
            }
        }
        let mut names = BTreeMap::new();
        for line in &program.lines {
            let of_line = line.name.as_ref().and_then(indexed);
            if let (Some(name), Some(known)) = (&line.name, &of_line) {
                names.insert(name.clone(), known.clone());
            }
            for id in tree.within(line.value) {
                let Expr::Name(name) = tree.expr(id) else { continue };
                let around = inside.get(&id).cloned().unwrap_or_default();
                if around.contains(name) {
                    let what = format!(
                        "`{name}` is what the sum runs over, and stands in it as a number; a formula over matrices has no column of the numbers 1, 2, 3"
                    );
                    let mend = format!(
                        "give these numbers a name with the index, such as `c_{name}`: then c is the column of them"
                    );
                    return Err(refused(program, id, what, mend));
                }
                if let Some(index) = around.iter().copied().find(|index| is_doubly(name, index, &over)) {
                    let shifted = ["_plus_", "_minus_"].into_iter().find_map(|sign| name.split_once(sign));
                    if let Some((before, _)) = shifted {
                        let stem = before.split('_').next().unwrap_or(before);
                        let what = format!(
                            "`{}` is the entry beside another, and in a sum over {index} all names have the index {index} itself",
                            program.tree.source(id)
                        );
                        let mend = format!(
                            "take two parts of the column, as in `sum(({stem}(2:n) - {stem}(1:n-1)).^2)` with `{stem}: vector(n)` declared"
                        );
                        return Err(refused(program, id, what, mend));
                    }
                    if let Some(matrix) = name.strip_suffix(&format!("_{index}{index}")) {
                        let what = format!("`{}` is an entry on a diagonal", program.tree.source(id));
                        let mend = format!(
                            "the column of these entries is `diag({matrix})`, as in `sum(log(diag({matrix})))`, and their sum is `tr({matrix})`"
                        );
                        return Err(refused(program, id, what, mend));
                    }
                    let what = format!(
                        "`{name}` has another index beside {index}, or a shifted one, and only sums over one index are read"
                    );
                    return Err(refused(program, id, what, over_two()));
                }
                let Some((index, stem)) = indexed(name) else { continue };
                let is_let = of_line.as_ref().is_some_and(|(known, _)| *known == index);
                if !around.contains(&index) && !is_let {
                    let what = format!("`{name}` stands outside the sum over {index}");
                    let mend = format!(
                        "move it into the sum, or give it a name without the index, such as `{stem}0`"
                    );
                    return Err(refused(program, id, what, mend));
                }
                names.insert(name.clone(), (index, stem));
            }
        }
        for sum in sums {
            let within = tree.within(sum.body);
            let other = |id: &&ExprId| match tree.expr(**id) {
                Expr::Name(name) => names.get(name).is_some_and(|(index, _)| {
                    *index != sum.index && inside.get(&sum.id).is_some_and(|around| around.contains(index))
                }),
                _ => false,
            };
            if let Some(id) = within.iter().find(other) {
                let what = format!(
                    "`{}` stands in a sum over {} inside a sum over its own index, and only sums over one index are read",
                    tree.source(*id),
                    sum.index
                );
                return Err(refused(program, *id, what, over_two()));
            }
            let changes = |id: &ExprId| matches!(tree.expr(*id), Expr::Name(name) if names.get(name).is_some_and(|(index, _)| *index == sum.index));
            if sum.to.is_none() && !within.iter().any(changes) {
                let index = &sum.index;
                let what = format!(
                    "nothing in the sum over {index} changes with {index}, and nothing says how many terms it has"
                );
                let mend = format!(
                    "give names in it the index, such as `x_{index}`, or say how far it goes, as in `sum_{{{index}=1}}^m`"
                );
                return Err(refused(program, sum.id, what, mend));
            }
        }
        Ok(Indices {
            names,
            counts: BTreeMap::new(),
            divisors: Vec::new(),
            met: BTreeSet::new(),
            notes: Vec::new(),
        })
    }

    /// Undeclared columns whose entries stand in sums as well, as in `x_i'*w + sum_j w_j^2`, get the count of that sum as their
    /// length, and matrices whose rows do get it as their rows; whether there are any. A matrix is met only where `fits` then, and so
    /// is what could be one number, but stands outside of the sums alone: the x of `x/sum_i x_i`. `within` are the names in sums.
    pub fn meet(
        &mut self,
        program: &mut Program,
        ready: &Prepared,
        (within, fits): (&BTreeSet<Name>, impl Fn(&Program) -> bool),
    ) -> bool {
        let shape = |name: &str| {
            let value = ready.scope.values.get(name)?;
            Some(ready.elaborator.formula.shape(*value).clone())
        };
        let mut found = false;
        for (name, (index, stem)) in &self.names {
            let Some(own) = shape(name) else { continue };
            let is_matrix = !own.is_scalar();
            let whole = if is_matrix { capital(stem) } else { stem.clone() };
            let all = shape(&whole);
            let is_open = all.as_ref().is_some_and(|all| all.is_scalar() && !is_matrix)
                && !within.contains(whole.as_str());
            let is_whole = all.is_some_and(|all| match is_matrix {
                _ if is_open => program.declared(&Name::from(whole.as_str())).is_none(),
                true => !all.rows.is_one() && !all.cols.is_one() && (own.rows.is_one() || own.cols.is_one()),
                false => all.is_column() && !all.is_scalar(),
            });
            let is_let = program.lines.iter().any(|line| line.name.as_deref() == Some(&whole));
            if !is_whole || is_let {
                continue;
            }
            let whole = Name::from(whole.as_str());
            if program.declared(&whole).is_none() {
                let declared = Declared::Value {
                    rows: Some(self.counts[index].clone()),
                    cols: (!is_matrix).then(|| Size::number(1)),
                    properties: Properties::default(),
                };
                let text = Text::new(Origin::Declarations, "");
                program.declarations.push(Declaration {
                    name: whole.clone(),
                    declared,
                    text,
                    span: Default::default(),
                    alone: None,
                });
                let rows = program.rows.len();
                program.rows.extend(is_matrix.then(|| (name.clone(), whole.clone())));
                if (is_matrix || is_open) && !fits(program) {
                    program.declarations.pop();
                    program.rows.truncate(rows);
                    continue;
                }
                let are = if is_matrix { "rows" } else { "entries" };
                self.notes.push(format!("the `{name}` are the {are} of `{whole}`"));
                found = true;
            } else if is_matrix && !self.met.contains(&whole) {
                continue;
            }
            self.met.insert(whole);
        }
        found
    }

    /// Bars round names of which nothing says that they are rows, such as `w_j`, are absolute values.
    pub fn bars_of_entries(&self, program: &mut Program) {
        let stands: BTreeSet<Name> = usages(program).names.into_iter().map(|usage| usage.name).collect();
        let tree = &program.tree;
        let all = || program.lines.iter().flat_map(|line| tree.within(line.value));
        let turned: BTreeSet<Name> = all()
            .filter(|id| matches!(tree.expr(*id), Expr::Transpose(_)))
            .flat_map(|id| tree.names(id))
            .collect();
        // Nothing says that these are rows of a matrix: they are not transposed, and no matrix has their letter.
        let is_open = |part: &Name, all: &Name| {
            let matrix = all.to_uppercase();
            let is_matrix = |name: &str| stands.contains(name) || program.declared(name).is_some();
            !turned.contains(part) && !is_matrix(&matrix)
        };
        let entries: BTreeSet<Name> = self
            .entries()
            .into_iter()
            .filter(|(part, all)| stands.contains(all) || is_open(part, all))
            .map(|(part, _)| part)
            .collect();
        let is_of_entries = |id: &ExprId| match tree.expr(*id) {
            Expr::Call(call) if word(&call.name).is_some_and(|word| word.meaning == Meaning::Bars) => {
                let names = tree.names(*id);
                names.iter().any(|name| entries.contains(name))
                    && names.iter().all(|name| letters::kind(name) != letters::Kind::Matrix)
                    && tree.within(*id).iter().all(|part| !matches!(tree.expr(*part), Expr::Transpose(_)))
            }
            _ => false,
        };
        let found: Vec<ExprId> = all().filter(is_of_entries).collect();
        found.into_iter().for_each(|id| program.tree.rename(id, "abs"));
    }

    /// The indexed names with small letters, with the columns whose entries they would be.
    pub fn entries(&self) -> Vec<(Name, Name)> {
        let stems = self.names.iter().map(|(name, (_, stem))| (name.clone(), Name::from(stem.as_str())));
        stems.filter(|(_, stem)| letters::kind(stem) != letters::Kind::Matrix).collect()
    }

    /// The indexed names with what all of them are.
    pub fn all(
        &mut self,
        program: &Program,
        shapes: &BTreeMap<ExprId, Shape>,
        ready: &Prepared,
    ) -> Result<Vec<Indexed>, Diagnostic> {
        let tree = &program.tree;
        let places = || program.lines.iter().flat_map(|line| tree.within(line.value));
        let mut taken: BTreeSet<Name> = usages(program).names.into_iter().map(|usage| usage.name).collect();
        taken.extend(program.lines.iter().filter_map(|line| line.name.clone()));
        taken.extend(program.counts.iter().cloned());
        taken.retain(|name| !self.names.contains_key(name));
        let mut found: Vec<(Indexed, &str)> = Vec::new();
        for (name, (index, stem)) in &self.names {
            let line = program.lines.iter().find(|line| line.name.as_ref() == Some(name));
            let place = places().find(|id| matches!(tree.expr(*id), Expr::Name(known) if known == name));
            let Some(place) = place.or(line.map(|line| line.value)) else { continue };
            let value = ready.scope.values.get(name).map(|value| ready.elaborator.formula.shape(*value));
            let Some(shape) = value.or(shapes.get(&place)) else { continue };
            let (stands, length) = match (shape.rows.is_one(), shape.cols.is_one()) {
                (true, true) => (Stands::Number, Size::number(1)),
                (false, true) => (Stands::Row, shape.rows.clone()),
                (true, false) => (Stands::Row, shape.cols.clone()),
                (false, false) => {
                    let what = format!(
                        "`{name}` is a matrix for each {index}, and sums of matrices have no matrix form"
                    );
                    let mend = format!(
                        "declare `{name}: vector` if it is one, or give the matrices names of their own, such as `{stem}1 + {stem}2`"
                    );
                    return Err(refused(program, place, what, mend));
                }
            };
            let wanted = Name::from(if stands == Stands::Number { stem.clone() } else { capital(stem) });
            let same = found.iter().find(|(known, known_stem)| known_stem == stem && known.stands == stands);
            let all = match same {
                Some((known, _)) => known.all.clone(),
                None => {
                    let is_free = |name: &Name| {
                        !taken.contains(name) && found.iter().all(|(known, _)| known.all != *name)
                    };
                    let is_meant =
                        self.met.contains(&wanted) || program.declared(&wanted).is_some() && line.is_none();
                    let more = (2_u64..).map(|number| Name::from(format!("{wanted}_all{number}")));
                    let mut others =
                        [wanted.clone(), Name::from(format!("{wanted}_all"))].into_iter().chain(more);
                    let all = if is_meant { Some(wanted.clone()) } else { others.find(is_free) };
                    let all = all.unwrap_or_else(|| wanted.clone());
                    let is_column = stands == Stands::Row && taken.contains(&Name::from(stem.as_str()));
                    if is_column && all.as_str() != stem {
                        self.notes.push(format!(
                            "the `{name}` are the rows of `{all}`, and `{stem}` beside them is another variable"
                        ));
                    }
                    if all != wanted {
                        self.notes.push(format!(
                            "`{wanted}` {OWN_MEANING}, so all `{name}` together are called `{all}`"
                        ));
                    }
                    all
                }
            };
            found.push((
                Indexed {
                    name: name.clone(),
                    index: index.clone(),
                    stands,
                    length,
                    all,
                    is_let: line.is_some(),
                },
                stem,
            ));
        }
        Ok(found.into_iter().map(|(one, _)| one).collect())
    }
}

/// Whether a name has an index beside this one, as `x_ij` and `x_i_j`, or a shifted one, as `x_i_plus_1`.
fn is_doubly(name: &str, index: &str, over: &BTreeSet<&Name>) -> bool {
    let labels: Vec<&str> = name.split('_').skip(1).collect();
    let is_pair = |label: &str| {
        label.strip_prefix(index).or_else(|| label.strip_suffix(index)).is_some_and(|rest| {
            let is_index = |letter: char| {
                letter.is_ascii_digit()
                    || "ijkl".contains(letter)
                    || over.iter().any(|name| name.as_str() == rest)
            };
            rest.chars().count() == 1 && rest.chars().all(is_index)
        })
    };
    match labels.split_last() {
        None => false,
        Some((last, before)) => {
            let is_indexed = *last == index || over.iter().any(|name| name.as_str() == *last);
            before.contains(&index)
                || is_pair(last)
                || is_indexed && before.iter().any(|label| over.iter().any(|name| name.as_str() == *label))
        }
    }
}

/// A name with a capital first letter.
pub(crate) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn over_two() -> String {
    "write the inner sum as a product, such as `x_i'*w` for `sum_j x_ij*w_j`, or the matrix form, such as `norm(X*W - Y)^2` for a sum over all entries, and `W*x + b` for `sum_j W_ij*x_j + b_i` for each i".to_owned()
}
