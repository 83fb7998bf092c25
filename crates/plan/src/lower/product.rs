//! Products of several factors: in the order that costs least, with sums and broadcasts seen for what they are.

use super::Lowering;
use super::form::{Form, Kind, Scalar};
use crate::{Extent, Instruction, Operand, PlanError, Product};
use formula::{Node, NodeId, Shape, Size};
use std::ops::RangeInclusive;

/// A part of a product, by its factors, each as it is or transposed. A word and its transpose are one: see [`canonical`].
pub(super) type Word = Vec<(NodeId, bool)>;

/// The rows that the walked size counts as where costs are compared: many.
const WALKED_ROWS: f64 = 1e4;

/// Words of more factors than this are multiplied from left to right; the choice takes time in the cube of their number.
const CHOSEN: usize = 64;

/// A factor of a word, with the node it comes from where it is all of it.
struct Factor {
    form: Form,
    node: Option<(NodeId, bool)>,
}

/// For each part of a word, from its first to its last factor, where it is cut best.
struct Cuts {
    width: usize,
    cuts: Vec<usize>,
}

impl Cuts {
    fn at(&self, part: &RangeInclusive<usize>) -> usize {
        self.cuts[part.start() * self.width + part.end()]
    }
}

impl Lowering<'_> {
    /// Notes every product of the formula, so that a longer product takes it over whole.
    pub(super) fn want_words(&mut self, order: &[NodeId]) {
        for id in order {
            if let Node::Product(factors) = self.formula.node(*id) {
                let word: Word = factors.iter().map(|factor| self.base(*factor)).collect();
                self.wanted.insert(canonical(word).0);
            }
        }
    }

    /// The matrix product of nodes.
    pub(super) fn word(&mut self, nodes: &[NodeId]) -> Result<Form, PlanError> {
        let forms: Vec<Form> = nodes.iter().map(|node| self.form(*node)).collect();
        let (Some(first), Some(last)) = (forms.first(), forms.last()) else {
            return Ok(Form::number(&Shape::scalar(), 1.0));
        };
        let shape = Shape::new(first.shape.rows.clone(), last.shape.cols.clone());
        if forms.iter().any(Form::is_zero) {
            return Ok(Form::number(&shape, 0.0));
        }
        let mut scalars = Vec::new();
        let mut factors = Vec::new();
        for (node, form) in nodes.iter().zip(forms) {
            let base = self.base(*node);
            self.spread(base, form, &mut factors, &mut scalars)?;
        }
        let mut value = match factors.len() {
            0 => Form::new(&shape, Kind::Identity),
            1..=CHOSEN => {
                let cuts = self.cuts(&factors)?;
                self.associate(&factors, &cuts, 0..=factors.len() - 1)?
            }
            _ => {
                let mut product = factors[0].form.clone();
                for factor in &factors[1..] {
                    product = self.multiply(&product, &factor.form)?;
                }
                product
            }
        };
        for scalar in scalars {
            value = self.scaled(&scalar, &value)?;
        }
        Ok(value)
    }

    /// Writes a factor as it is, or a broadcast as the product of a column and a row that it is; identities are left out.
    fn spread(
        &self,
        base: (NodeId, bool),
        form: Form,
        factors: &mut Vec<Factor>,
        scalars: &mut Vec<Form>,
    ) -> Result<(), PlanError> {
        let column = Shape::column(form.shape.rows.clone());
        let row = Shape::new(Size::number(1), form.shape.cols.clone());
        let mut push = |form: Form, node: Option<(NodeId, bool)>| {
            if !form.shape.is_scalar() {
                factors.push(Factor { form, node });
            }
        };
        match form.kind {
            Kind::Identity => {}
            Kind::Matrix { .. } => push(form, Some(base)),
            Kind::Uniform(scalar) => {
                let is_ones = scalar == Scalar::Number(1.0);
                if !is_ones {
                    scalars.push(form.as_scalar());
                }
                let node = Some(base).filter(|_| is_ones && (column == form.shape || row == form.shape));
                push(Form::number(&column, 1.0), node);
                push(Form::number(&row, 1.0), node);
            }
            Kind::Column(vector) => {
                push(Form::number(&column, 1.0), None);
                push(self.vector(vector, &row)?, None);
            }
            Kind::Row(vector) => {
                push(self.vector(vector, &column)?, None);
                push(Form::number(&row, 1.0), None);
            }
        }
        Ok(())
    }

    /// Matrix-chain programming: the cheapest order, where what is computed anyway costs nothing.
    fn cuts(&self, factors: &[Factor]) -> Result<Cuts, PlanError> {
        let width = factors.len();
        let mut edges = vec![self.weight(&factors[0].form.shape.rows)?];
        for factor in factors {
            edges.push(self.weight(&factor.form.shape.cols)?);
        }
        let is_walked = |size: &Size| self.request.walked.as_ref() == size.as_name();
        let is_ones = |index: usize| factors[index].form.is_uniform();
        let mut costs = vec![0.0_f64; width * width];
        let mut cuts = vec![0; width * width];
        for length in 1..width {
            for first in 0..width - length {
                let last = first + length;
                let (mut best, mut cut) = (f64::INFINITY, first);
                for middle in first..last {
                    // A column of ones times a row, or a column times a row of ones, is a broadcast and only said.
                    let said = (middle == first && is_ones(first) && edges[first + 1] == 1.0)
                        || (middle + 1 == last && is_ones(last) && edges[last] == 1.0);
                    let both = is_walked(&factors[first].form.shape.rows)
                        && is_walked(&factors[last].form.shape.cols);
                    let own = match (said, both) {
                        (true, _) => 0.0,
                        (false, true) => f64::INFINITY,
                        (false, false) => edges[first] * edges[middle + 1] * edges[last + 1],
                    };
                    let cost = costs[first * width + middle] + costs[(middle + 1) * width + last] + own;
                    if cost < best {
                        (best, cut) = (cost, middle);
                    }
                }
                cuts[first * width + last] = cut;
                let anyway = word_of(&factors[first..=last]).is_some_and(|word| {
                    let (word, _) = canonical(word);
                    self.words.contains_key(&word) || self.wanted.contains(&word)
                });
                costs[first * width + last] = if anyway { 0.0 } else { best };
            }
        }
        Ok(Cuts { width, cuts })
    }

    /// The product of a part of a word; it is cut in two at most [`CHOSEN`] times.
    fn associate(
        &mut self,
        factors: &[Factor],
        cuts: &Cuts,
        part: RangeInclusive<usize>,
    ) -> Result<Form, PlanError> {
        if part.start() == part.end() {
            return Ok(factors[*part.start()].form.clone());
        }
        let word = word_of(&factors[part.clone()]).map(canonical);
        if let Some((word, transposed)) = &word
            && let Some(known) = self.words.get(word)
        {
            return Ok(if *transposed { known.transpose() } else { known.clone() });
        }
        let cut = cuts.at(&part);
        let left = self.associate(factors, cuts, *part.start()..=cut)?;
        let right = self.associate(factors, cuts, cut + 1..=*part.end())?;
        let form = self.multiply(&left, &right)?;
        if let Some((word, transposed)) = word {
            self.words.insert(word, if transposed { form.transpose() } else { form.clone() });
        }
        Ok(form)
    }

    /// The product of two forms.
    pub(super) fn multiply(&mut self, left: &Form, right: &Form) -> Result<Form, PlanError> {
        if left.shape.is_scalar() {
            return self.scaled(left, right);
        }
        if right.shape.is_scalar() {
            return self.scaled(right, left);
        }
        match (left.kind, right.kind) {
            (Kind::Identity, _) => Ok(right.clone()),
            (_, Kind::Identity) => Ok(left.clone()),
            // s*ones(m, k)*X repeats one row.
            (Kind::Uniform(_), _) => {
                let sums = self.sum_down(right)?;
                let row = self.scaled(&left.as_scalar(), &sums)?;
                Ok(self.repeat_down(&row, &left.shape.rows))
            }
            // ones(m)*v'*X repeats one row.
            (Kind::Column(vector), _) => {
                let row = Shape::new(Size::number(1), left.shape.cols.clone());
                let row = self.vector(vector, &row)?;
                let row = self.multiply(&row, right)?;
                Ok(self.repeat_down(&row, &left.shape.rows))
            }
            // v*ones(k)'*X
            (Kind::Row(vector), _) => {
                let column = self.vector(vector, &Shape::column(left.shape.rows.clone()))?;
                let sums = self.sum_down(right)?;
                self.outer(&column, &sums)
            }
            // X*ones(k, n)*s and X*v*ones(n)' repeat one column.
            (_, Kind::Uniform(_)) => {
                let sums = self.sum_along(left)?;
                let column = self.scaled(&right.as_scalar(), &sums)?;
                Ok(self.repeat_along(&column, &right.shape.cols))
            }
            (_, Kind::Row(vector)) => {
                let column = self.vector(vector, &Shape::column(right.shape.rows.clone()))?;
                let column = self.multiply(left, &column)?;
                Ok(self.repeat_along(&column, &right.shape.cols))
            }
            // X*ones(k)*v'
            (_, Kind::Column(vector)) => {
                let row = Shape::new(Size::number(1), right.shape.cols.clone());
                let row = self.vector(vector, &row)?;
                let sums = self.sum_along(left)?;
                self.outer(&sums, &row)
            }
            (
                Kind::Matrix { value: left_value, transposed: left_transposed },
                Kind::Matrix { value: right_value, transposed: right_transposed },
            ) => {
                let shape = Shape::new(left.shape.rows.clone(), right.shape.cols.clone());
                if shape.is_scalar() {
                    return self.dot(left, right);
                }
                let left = Operand { value: left_value, transposed: left_transposed };
                let right = Operand { value: right_value, transposed: right_transposed };
                self.product(&shape, left, right)
            }
        }
    }

    /// The product of a column and a row, either of which may be a broadcast number.
    fn outer(&mut self, column: &Form, row: &Form) -> Result<Form, PlanError> {
        if row.is_uniform() {
            let scaled = self.scaled(&row.as_scalar(), column)?;
            return Ok(self.repeat_along(&scaled, &row.shape.cols));
        }
        if column.is_uniform() {
            let scaled = self.scaled(&column.as_scalar(), row)?;
            return Ok(self.repeat_down(&scaled, &column.shape.rows));
        }
        self.multiply(column, row)
    }

    /// A product that is stored. Where it would walk along its columns, its transpose is: `(A*B)' = B'*A'`.
    fn product(&mut self, shape: &Shape, left: Operand, right: Operand) -> Result<Form, PlanError> {
        let transposed = self.extent(&shape.cols)? == Extent::Walked
            && matches!(self.extent(&shape.rows)?, Extent::Fixed(_));
        let flip = |operand: Operand| Operand { transposed: !operand.transposed, ..operand };
        let (stored, left, right) = if transposed {
            (shape.transpose(), flip(right), flip(left))
        } else {
            (shape.clone(), left, right)
        };
        let to = self.computed(&stored)?;
        self.plan.instructions.push(Instruction::Product(Product { left, right, to }));
        Ok(Form::new(shape, Kind::Matrix { value: to, transposed }))
    }

    /// What a size counts as where costs are compared.
    fn weight(&self, size: &Size) -> Result<f64, PlanError> {
        Ok(match self.extent(size)? {
            Extent::Walked => WALKED_ROWS,
            Extent::Fixed(count) => count as f64,
        })
    }

    /// A node without its transpose, and whether there was one.
    fn base(&self, node: NodeId) -> (NodeId, bool) {
        match self.formula.node(node) {
            Node::Transpose(inner) => (*inner, true),
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Add(_)
            | Node::Product(_)
            | Node::Scale(_)
            | Node::Times(_)
            | Node::Apply(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => (node, false),
        }
    }
}

/// The word of factors that are whole nodes.
fn word_of(factors: &[Factor]) -> Option<Word> {
    factors.iter().map(|factor| factor.node).collect()
}

/// The smaller of a word and its transpose, and whether it is the transpose: `(A*B')' = B*A'`.
fn canonical(word: Word) -> (Word, bool) {
    let transpose: Word = word.iter().rev().map(|(node, transposed)| (*node, !transposed)).collect();
    if transpose < word { (transpose, true) } else { (word, false) }
}
