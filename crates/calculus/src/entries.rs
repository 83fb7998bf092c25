//! A value entry by entry: the sum of products of entries that stands in row a and column b.

use formula::{Constant, Formula, Node, NodeId, Number, Operator};

/// The place of an entry in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Index {
    /// The only row or column there is.
    Only,
    /// The row of the operand X, i.
    Row,
    /// The column of the operand X, j.
    Column,
    /// The row of the whole G, k.
    WholeRow,
    /// The column of the whole G, l.
    WholeColumn,
    /// One that is summed over.
    Summed(usize),
}

/// A number times a product of entries, summed over some indices.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The number in front.
    pub number: Number,
    /// The indices summed over.
    pub sums: Vec<Index>,
    /// What is multiplied.
    pub factors: Vec<Factor>,
}

/// One factor of a product of entries.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// An entry of a value.
    Entry(NodeId, [Index; 2]),
    /// 1 where the two are equal, else 0.
    Equal(Index, Index),
}

/// A sum with more terms is no explanation.
const MOST: usize = 12;

/// Writes values out entry by entry, each summed index a new one.
pub(crate) struct Entries<'a> {
    pub formula: &'a Formula,
    /// Values that are not looked into beyond their entries: df/dG must stay visible in everything else.
    pub next: usize,
}

impl Entries<'_> {
    /// The entry of a value in a row and a column; nothing where it would be no explanation.
    pub fn entry(&mut self, id: NodeId, [row, column]: [Index; 2]) -> Option<Vec<Term>> {
        let shape = self.formula.shape(id);
        let at = [
            if shape.rows.is_one() { Index::Only } else { row },
            if shape.cols.is_one() { Index::Only } else { column },
        ];
        let whole =
            || vec![Term { number: Number::ONE, sums: Vec::new(), factors: vec![Factor::Entry(id, at)] }];
        let terms = match self.formula.node(id).clone() {
            Node::Number(number) => vec![Term { number, sums: Vec::new(), factors: Vec::new() }],
            Node::Constant(Constant::Ones, _) => {
                vec![Term { number: Number::ONE, sums: Vec::new(), factors: Vec::new() }]
            }
            Node::Constant(Constant::Zeros, _) => Vec::new(),
            Node::Constant(Constant::Identity, _) => {
                let factors = vec![Factor::Equal(at[0], at[1])];
                vec![Term { number: Number::ONE, sums: Vec::new(), factors }]
            }
            Node::Add(parts) => {
                let mut sum = Vec::new();
                for part in parts {
                    sum.extend(self.entry(part, at)?);
                }
                sum
            }
            Node::Product(factors) => self.product(&factors, at)?,
            Node::Scale([scalar, body]) => {
                let scalar = self.entry(scalar, [Index::Only; 2])?;
                let body = self.entry(body, at)?;
                multiply(&scalar, &body)?
            }
            Node::Times(factors) => {
                let mut product = vec![Term { number: Number::ONE, sums: Vec::new(), factors: Vec::new() }];
                for factor in factors {
                    let entry = self.entry(factor, at)?;
                    product = multiply(&product, &entry)?;
                }
                product
            }
            Node::Transpose(inner) => self.entry(inner, [at[1], at[0]])?,
            Node::Operator(Operator::Trace, inner) => {
                let index = self.summed();
                let mut terms = self.entry(inner, [index, index])?;
                terms.iter_mut().for_each(|term| term.sums.push(index));
                terms
            }
            Node::Operator(Operator::Diagonal, inner) => self.entry(inner, [at[0], at[0]])?,
            Node::Operator(Operator::DiagonalMatrix, inner) => {
                let equal = Term {
                    number: Number::ONE,
                    sums: Vec::new(),
                    factors: vec![Factor::Equal(at[0], at[1])],
                };
                let entry = self.entry(inner, [at[0], Index::Only])?;
                multiply(&[equal], &entry)?
            }
            Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(Constant::Pi, _)
            | Node::Apply(_)
            | Node::Norm(_)
            | Node::Operator(
                Operator::Determinant | Operator::LogDeterminant | Operator::Inverse | Operator::Vec,
                _,
            )
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => whole(),
        };
        (terms.len() <= MOST).then(|| terms.into_iter().map(settle).collect())
    }

    /// `(A*B)[a,b] = sum over r of A[a,r]*B[r,b]`
    fn product(&mut self, factors: &[NodeId], at: [Index; 2]) -> Option<Vec<Term>> {
        let mut product = vec![Term { number: Number::ONE, sums: Vec::new(), factors: Vec::new() }];
        let mut row = at[0];
        for (place, factor) in factors.iter().enumerate() {
            let last = place + 1 == factors.len();
            let inner =
                if last || self.formula.shape(*factor).cols.is_one() { None } else { Some(self.summed()) };
            let column = if last { at[1] } else { inner.unwrap_or(Index::Only) };
            let entry = self.entry(*factor, [row, column])?;
            product = multiply(&product, &entry)?;
            if let Some(inner) = inner {
                product.iter_mut().for_each(|term| term.sums.push(inner));
            }
            row = column;
        }
        Some(product)
    }

    fn summed(&mut self) -> Index {
        self.next += 1;
        Index::Summed(self.next - 1)
    }
}

fn multiply(left: &[Term], right: &[Term]) -> Option<Vec<Term>> {
    let mut terms = Vec::with_capacity(left.len() * right.len());
    for a in left {
        for b in right {
            terms.push(Term {
                number: a.number.times(b.number)?,
                sums: a.sums.iter().chain(&b.sums).copied().collect(),
                factors: a.factors.iter().chain(&b.factors).cloned().collect(),
            });
        }
    }
    (terms.len() <= MOST).then_some(terms)
}

/// A sum over r of what is 0 but where r is i: r becomes i.
pub(crate) fn settle(mut term: Term) -> Term {
    while let Some(place) = term.factors.iter().position(|factor| match factor {
        Factor::Equal(a, b) => a == b || term.sums.contains(a) || term.sums.contains(b),
        Factor::Entry(..) => false,
    }) {
        if let Factor::Equal(a, b) = term.factors.remove(place)
            && a != b
        {
            let (from, to) = if term.sums.contains(&a) { (a, b) } else { (b, a) };
            term.sums.retain(|index| *index != from);
            rename(&mut term, from, to);
        }
    }
    term
}

/// Puts one index in the place of another.
pub(crate) fn rename(term: &mut Term, from: Index, to: Index) {
    let swap = |index: &mut Index| {
        if *index == from {
            *index = to;
        }
    };
    term.sums.iter_mut().for_each(swap);
    for factor in &mut term.factors {
        match factor {
            Factor::Entry(_, indices) => indices.iter_mut().for_each(swap),
            Factor::Equal(a, b) => {
                swap(a);
                swap(b);
            }
        }
    }
}
