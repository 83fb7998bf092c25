//! A value as a sum of terms `c*L*U*R` in an unknown matrix U, where it is affine in U.

use super::is_symmetric_unknown;
use formula::{Constant, Formula, Node, NodeId, Operator, Shape, ShapeError};

/// A term `c*L*U*R`, or with U' in the place of U; what is absent is 1 or the identity.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub scalar: Option<NodeId>,
    pub left: Option<NodeId>,
    pub right: Option<NodeId>,
    pub is_transposed: bool,
}

impl Term {
    /// `(c*L*U*R)'` is `c*R'*U'*L'`.
    pub fn turned(&self, formula: &mut Formula) -> Term {
        let mut turned = |part: Option<NodeId>| part.map(|part| formula.transpose(part));
        let (left, right) = (turned(self.right), turned(self.left));
        Term { scalar: self.scalar, left, right, is_transposed: !self.is_transposed }
    }
}

/// Why a value is no sum of such terms.
#[derive(Clone, Debug)]
pub(super) enum NotAffine {
    /// This part is not affine in the unknown.
    Part(NodeId),
    /// A part has no such shape.
    Shape(ShapeError),
}

impl From<ShapeError> for NotAffine {
    fn from(error: ShapeError) -> NotAffine {
        NotAffine::Shape(error)
    }
}

/// The terms of a value that have the unknown in them; the rest is what is left with U = 0.
pub(super) fn terms(formula: &mut Formula, value: NodeId, unknown: NodeId) -> Result<Vec<Term>, NotAffine> {
    let depends = formula.depends_on(&[unknown]);
    let mut affine = Affine { formula, depends, unknown };
    affine.terms(value)
}

/// Whether a value is affine in a scalar unknown; else the part that is not.
pub(super) fn is_affine(formula: &Formula, value: NodeId, unknown: NodeId) -> Result<(), NodeId> {
    let depends = formula.depends_on(&[unknown]);
    for id in formula.reachable(&[value]) {
        if !depends[id.index()] || id == unknown {
            continue;
        }
        let node = formula.node(id);
        let dependent = node.children().iter().filter(|child| depends[child.index()]).count();
        let is_linear = match node {
            Node::Add(_)
            | Node::Transpose(_)
            | Node::Unvec(..)
            | Node::Block(..)
            | Node::Part(_)
            | Node::Operator(
                Operator::Trace | Operator::Diagonal | Operator::DiagonalMatrix | Operator::Vec,
                _,
            ) => true,
            Node::Product(_) | Node::Scale(_) | Node::Times(_) | Node::Kronecker(_) => dependent == 1,
            Node::Operator(Operator::Determinant | Operator::LogDeterminant | Operator::Inverse, _)
            | Node::Apply(_)
            | Node::Norm(_)
            | Node::Call(_)
            | Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Commutation(_) => false,
        };
        if !is_linear {
            return Err(id);
        }
    }
    Ok(())
}

struct Affine<'a> {
    formula: &'a mut Formula,
    depends: Vec<bool>,
    unknown: NodeId,
}

impl Affine<'_> {
    fn has_unknown(&self, id: NodeId) -> bool {
        self.depends.get(id.index()).copied().unwrap_or(false)
    }

    fn terms(&mut self, id: NodeId) -> Result<Vec<Term>, NotAffine> {
        if !self.has_unknown(id) {
            return Ok(Vec::new());
        }
        if id == self.unknown {
            return Ok(vec![Term { scalar: None, left: None, right: None, is_transposed: false }]);
        }
        match self.formula.node(id).clone() {
            Node::Add(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.terms(part)?);
                }
                Ok(all)
            }
            Node::Scale([scalar, value]) => match (self.has_unknown(scalar), self.has_unknown(value)) {
                (false, _) => {
                    let mut all = self.terms(value)?;
                    for term in &mut all {
                        term.scalar = Some(match term.scalar {
                            Some(known) => self.formula.scale(scalar, known)?,
                            None => scalar,
                        });
                    }
                    Ok(all)
                }
                (true, false) => self.spread(id, scalar, value),
                (true, true) => Err(NotAffine::Part(id)),
            },
            Node::Product(factors) => {
                let at = self.only(id, &factors)?;
                let mut all = self.terms(factors[at])?;
                let (before, after) = (&factors[..at], &factors[at + 1..]);
                for term in &mut all {
                    if !before.is_empty() {
                        let factors: Vec<NodeId> = before.iter().copied().chain(term.left).collect();
                        term.left = Some(self.product(&factors)?);
                    }
                    if !after.is_empty() {
                        let factors: Vec<NodeId> =
                            term.right.into_iter().chain(after.iter().copied()).collect();
                        term.right = Some(self.product(&factors)?);
                    }
                }
                Ok(all)
            }
            Node::Times(factors) => {
                let at = self.only(id, &factors)?;
                let mut others = factors.clone();
                others.remove(at);
                let weight = self.formula.times(&others)?;
                let all = self.terms(factors[at])?;
                self.weighted(id, all, weight)
            }
            Node::Transpose(value) => {
                let all = self.terms(value)?;
                Ok(all.iter().map(|term| self.transposed(term)).collect())
            }
            Node::Operator(Operator::Trace, value) => {
                let mut all = self.terms(value)?;
                for term in &mut all {
                    // tr(L*u*r) of a column u and a row r is r*L*u.
                    let Some(row) = term.right.filter(|row| self.formula.shape(*row).rows.is_one()) else {
                        return Err(NotAffine::Part(id));
                    };
                    let factors: Vec<NodeId> = std::iter::once(row).chain(term.left).collect();
                    term.left = Some(self.product(&factors)?);
                    term.right = None;
                }
                Ok(all)
            }
            Node::Operator(..)
            | Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Apply(_)
            | Node::Norm(_)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => Err(NotAffine::Part(id)),
        }
    }

    /// The one factor that has the unknown in it.
    fn only(&self, id: NodeId, factors: &[NodeId]) -> Result<usize, NotAffine> {
        let mut with = (0..factors.len()).filter(|at| self.has_unknown(factors[*at]));
        match (with.next(), with.next()) {
            (Some(at), None) => Ok(at),
            _ => Err(NotAffine::Part(id)),
        }
    }

    /// `(l*U*r)*v` for a scalar l*U*r: `(v*l)*U*r` for a column v, and `l*U*(r*v)` for a row.
    fn spread(&mut self, id: NodeId, scalar: NodeId, value: NodeId) -> Result<Vec<Term>, NotAffine> {
        let mut all = self.terms(scalar)?;
        for term in &mut all {
            if term.is_transposed {
                *term = self.transposed(term);
            }
            let shape = self.formula.shape(value).clone();
            if shape.is_scalar() {
                term.scalar = Some(match term.scalar {
                    Some(known) => self.formula.scale(value, known)?,
                    None => value,
                });
            } else if shape.is_column() {
                let factors: Vec<NodeId> = std::iter::once(value).chain(term.left).collect();
                term.left = Some(self.product(&factors)?);
            } else if shape.rows.is_one() {
                let factors: Vec<NodeId> = term.right.into_iter().chain([value]).collect();
                term.right = Some(self.product(&factors)?);
            } else {
                return Err(NotAffine::Part(id));
            }
        }
        Ok(all)
    }

    /// `d .* (L*U*R)` is `diag(d)*L*U*R` for a column d, and `L*U*R*diag(d')` for a row.
    fn weighted(&mut self, id: NodeId, mut all: Vec<Term>, weight: NodeId) -> Result<Vec<Term>, NotAffine> {
        let shape = self.formula.shape(weight).clone();
        for term in &mut all {
            if shape.is_column() {
                let diagonal = self.formula.operator(Operator::DiagonalMatrix, weight)?;
                let factors: Vec<NodeId> = std::iter::once(diagonal).chain(term.left).collect();
                term.left = Some(self.product(&factors)?);
            } else if shape.rows.is_one() {
                let column = self.formula.transpose(weight);
                let diagonal = self.formula.operator(Operator::DiagonalMatrix, column)?;
                let factors: Vec<NodeId> = term.right.into_iter().chain([diagonal]).collect();
                term.right = Some(self.product(&factors)?);
            } else {
                return Err(NotAffine::Part(id));
            }
        }
        Ok(all)
    }

    fn transposed(&mut self, term: &Term) -> Term {
        let turned = term.turned(self.formula);
        let is_transposed = turned.is_transposed && !is_symmetric_unknown(self.formula, self.unknown);
        Term { is_transposed, ..turned }
    }

    /// A product in which a scalar scales.
    fn product(&mut self, factors: &[NodeId]) -> Result<NodeId, ShapeError> {
        let mut value: Option<NodeId> = None;
        for &factor in factors {
            value = Some(match value {
                None => factor,
                Some(value) if self.formula.is_scalar(value) => self.formula.scale(value, factor)?,
                Some(value) if self.formula.is_scalar(factor) => self.formula.scale(factor, value)?,
                Some(value) => self.formula.product(&[value, factor])?,
            });
        }
        match value {
            Some(value) => Ok(value),
            None => Ok(self.formula.constant(Constant::Ones, Shape::scalar())),
        }
    }
}
