//! The structural words as nodes: sums and means as products with ones, norms, roots, and constant matrices.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Join, Scope, Values, unforeseen};
use crate::shapes::size_of;
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use crate::words::{Counted, END, Meaning, Word};
use formula::{Name, NodeId, Number, Primitive, ShapeError, Size};

/// Which way a sum goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    All,
    /// `(X, 1)`: down each column, `1 x n`.
    Columns,
    /// `(X, 2)`: along each row, `m x 1`.
    Rows,
}

impl Elaborator<'_> {
    /// The node of a structural word.
    pub fn word(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (call, word): (&Call, &Word),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (least, most) = word.arguments;
        let found = call.arguments.len();
        if !(least..=most).contains(&found) {
            let wanted = if found < least { least } else { most };
            let mend = format!("write `{}`", word.form);
            return Err(tree.error(Mistake::Arguments { name: call.name.clone(), wanted, found, mend }, id));
        }
        if let (Some(page), false) = (&scope.body_of, word.meaning == Meaning::SquareRoot) {
            let mistake = Mistake::ReductionInBody { word: call.name.clone(), page: page.clone() };
            return Err(tree.error(mistake, id));
        }
        if !call.marks.is_empty() {
            let what = format!("`{}` has no slope entry by entry", call.name);
            return Err(tree.error(Mistake::Page { what, mend: "leave the `'` out".to_owned() }, id));
        }
        let misfit = |error: ShapeError| unforeseen(tree, id, error);
        let argument = |at: usize| values.get(call.arguments[at]);
        match word.meaning {
            Meaning::Sum => self.total(tree, id, call, argument(0)),
            Meaning::Mean => {
                let sum = self.total(tree, id, call, argument(0))?;
                let shape = self.formula.shape(argument(0)).clone();
                let counts = match along(tree, call)? {
                    Along::All => vec![shape.rows, shape.cols],
                    Along::Columns => vec![shape.rows],
                    Along::Rows => vec![shape.cols],
                };
                let counts: Vec<NodeId> = counts.iter().map(|size| self.formula.size(size)).collect();
                let count = self.formula.product(&counts).map_err(misfit)?;
                let exponent = self.formula.number(Number::MINUS_ONE);
                let share = self.power(tree, id, count, exponent)?;
                self.formula.scale(share, sum).map_err(misfit)
            }
            Meaning::Count(counted) => {
                let shape = self.formula.shape(argument(0)).clone();
                let size = match counted {
                    Counted::Rows => Some(shape.rows),
                    Counted::Columns => Some(shape.cols),
                    Counted::Entries => crate::unify::product_of(&shape.rows, &shape.cols),
                };
                let Some(size) = size else { return Err(tree.error(Mistake::SizeTooLarge, id)) };
                Ok(self.formula.size(&size))
            }
            Meaning::Norm => {
                // The norm of a scalar is simplified to its absolute value, whose slopes are then asked for.
                if self.formula.is_scalar(argument(0)) {
                    self.primitive(Primitive::ABS)?;
                }
                Ok(self.formula.norm(argument(0)))
            }
            Meaning::AbsoluteNorm => {
                let abs = self.primitive(Primitive::ABS)?;
                let all = self.formula.apply(abs, &[], &[argument(0)]).map_err(misfit)?;
                self.formula.sum(all).map_err(misfit)
            }
            Meaning::Dot => {
                let (left, right) = (argument(0), argument(1));
                if self.formula.shape(left) != self.formula.shape(right) {
                    let (a, b) = (call.arguments[0], call.arguments[1]);
                    let place = Join { tree, whole: id, operator: Operator::Times, left: a, right: b, scope };
                    return Err(self.misfit(&place, left, right));
                }
                if self.formula.shape(left).is_column() {
                    let row = self.formula.transpose(left);
                    return self.formula.product(&[row, right]).map_err(misfit);
                }
                let products = self.formula.times(&[left, right]).map_err(misfit)?;
                self.formula.sum(products).map_err(misfit)
            }
            Meaning::Bars => self.bars(tree, id, (call, argument(0)), scope),
            Meaning::SquareRoot => {
                self.doubt_whole(id, call, self.formula.shape(argument(0)).clone());
                let half = Number::ratio(1, 2).unwrap_or(Number::ONE);
                let half = self.formula.number(half);
                self.power(tree, id, argument(0), half)
            }
            Meaning::Matrix(word) => self.matrix_word(tree, id, (call, word), scope, values),
            Meaning::Lawless(what) => Err(tree.error(lawless(&call.name, what), id)),
            Meaning::Instead(text) => {
                let (name, instead) = (call.name.clone(), Some(text.to_owned()));
                Err(tree.error(Mistake::UnknownFunction { name, nearest: Vec::new(), instead }, id))
            }
        }
    }

    /// Says something once of the text that is read, and nothing of what pages say.
    pub fn note(&mut self, note: String) {
        if self.inlining.is_empty() && self.building.is_empty() && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// `sum(X)`, `sum(X, 1)`, `sum(X, 2)`
    fn total(&mut self, tree: &Tree, id: ExprId, call: &Call, value: NodeId) -> Result<NodeId, Diagnostic> {
        self.doubt_number(tree, call.arguments[0], id, value);
        let along = along(tree, call)?;
        let sum = match along {
            Along::All => self.formula.sum(value),
            Along::Columns => self.formula.sum_rows(value),
            Along::Rows => self.formula.sum_columns(value),
        };
        let sum = sum.map_err(|error| unforeseen(tree, id, error))?;
        if along != Along::All {
            let (text, shape) = (tree.source(id), self.formula.shape(sum));
            let way = if along == Along::Columns { "down each column" } else { "along each row" };
            let note = format!("`{text}` is {shape}: {way}, as MATLAB counts");
            self.note(note);
        }
        Ok(sum)
    }

    /// A size that an argument spells, in terms of what its names stand for.
    pub fn size(&self, tree: &Tree, id: ExprId, scope: &Scope) -> Result<Size, Diagnostic> {
        self.spelled_size(tree, id, scope, None)
    }

    /// A place among so many rows or columns, the last of which is `end`.
    pub fn size_in(&self, tree: &Tree, id: ExprId, scope: &Scope, whole: &Size) -> Result<Size, Diagnostic> {
        self.spelled_size(tree, id, scope, Some(whole))
    }

    fn spelled_size(
        &self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        end: Option<&Size>,
    ) -> Result<Size, Diagnostic> {
        let mut size = size_of(tree, id)?;
        if let Some(end) = end {
            let is_end = |name: Name| (&*name == END).then(|| (name, end.clone()));
            size = size.substitute(&size.names().into_iter().filter_map(is_end).collect());
        }
        let is_new = |name: &Name| end.is_none_or(|end| !end.names().contains(name));
        let is_unknown = |name: &Name| !scope.sizes.contains_key(name) && is_new(name);
        if let Some(name) = size.names().into_iter().find(is_unknown) {
            let nearest = crate::nearest::nearest(&name, scope.sizes.keys().cloned());
            return Err(tree.error(Mistake::UnknownName { name, nearest }, id));
        }
        Ok(size.substitute(&scope.sizes))
    }
}

/// The mistake that a function of whole matrices has no law.
pub(crate) fn lawless(name: &formula::Name, what: &str) -> Mistake {
    let what = format!("`{name}` is {what}, a function of the whole matrix that has no law here");
    let mend = match &**name {
        "expm" | "logm" | "sqrtm" => format!(
            "`{0}(X)` is entry by entry and has one; it is another function",
            name.trim_end_matches('m')
        ),
        "pinv" => "where X has full column rank, write `inv(X'*X)*X'`".to_owned(),
        "svd" => "the sum of their squares is `norm(X)^2`, which has a law".to_owned(),
        "eig" | "eigh" | "eigvals" | "eigvalsh" => {
            "their sum is `tr(X)` and their product `det(X)`, which have laws".to_owned()
        }
        _ => "what has laws is `inv`, `det`, `logdet`, `tr` and the products of matrices".to_owned(),
    };
    Mistake::Page { what, mend }
}

/// Which way `sum` and `mean` go: the second argument, 1 or 2.
pub(crate) fn along(tree: &Tree, call: &Call) -> Result<Along, Diagnostic> {
    let Some(second) = call.arguments.get(1) else {
        return Ok(Along::All);
    };
    let number = match tree.expr(*second) {
        Expr::Number(number, _) => number.as_integer(),
        _ => None,
    };
    match number {
        Some(1) => Ok(Along::Columns),
        Some(2) => Ok(Along::Rows),
        _ => {
            let expected = "1 for the sum down each column, or 2 for the sum along each row".to_owned();
            let found = format!("`{}`", tree.source(*second));
            Err(tree.error(Mistake::Expected { expected, found }, *second))
        }
    }
}
