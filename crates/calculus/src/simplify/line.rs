//! The texts of nodes, as a reader takes them apart.

use super::measure::{Line, Measure, Sign, Tree, TreeId};
use formula::{Apply, Constant, Formula, Node, NodeId, Number, Part, Shape, Size};

/// So many products are opened at once; those inside stay as they are. A product of a value with itself, again and again, has more
/// factors than can be told.
const OPENED: usize = 1000;

/// A value taken apart into its numbers, scalars, divisors and at most one matrix.
#[derive(Default)]
struct Scaled {
    is_negative: bool,
    numbers: Vec<Number>,
    scalars: Vec<NodeId>,
    divisors: Vec<(NodeId, Number)>,
    body: Option<NodeId>,
}

impl Measure {
    /// The line of a node whose parts are known.
    pub(super) fn line(&mut self, formula: &Formula, id: NodeId) -> Line {
        let tree = match formula.node(id) {
            Node::Number(_) | Node::Scale(_) => {
                let scaled = Scaled::open(formula, id);
                let line = self.unsigned(formula, &scaled);
                return if scaled.is_negative { self.negated(line) } else { line };
            }
            Node::Size(size) => self.size(size),
            Node::Variable(_) => self.tree(Tree::Name(id)),
            Node::Constant(Constant::Pi, _) => self.tree(Tree::Pi),
            Node::Constant(constant, shape) => self.constant(*constant, shape),
            Node::Add(parts) => self.sum(formula, parts),
            Node::Product(factors) => return self.word(formula, factors),
            Node::Times(factors) => return self.elementwise(formula, None, factors),
            Node::Apply(apply) => return self.apply(formula, id, apply),
            Node::Transpose(inner) => {
                let inner = self.whole(formula, *inner);
                self.tree(Tree::Transposed(inner))
            }
            Node::Norm(inner) => self.call(formula, "norm", &[*inner]),
            Node::Operator(operator, inner) => self.call(formula, operator.name(), &[*inner]),
            Node::Unvec(inner, shape) => {
                let parts = vec![self.whole(formula, *inner), self.size(&shape.rows), self.size(&shape.cols)];
                self.tree(Tree::Word("unvec", parts))
            }
            Node::Kronecker(pair) => self.call(formula, "kron", pair),
            Node::Commutation([rows, cols]) => {
                let parts = vec![self.size(rows), self.size(cols)];
                self.tree(Tree::Word("commutation", parts))
            }
            Node::Call(call) => {
                let mut parts: Vec<TreeId> =
                    call.arguments.iter().map(|argument| self.whole(formula, *argument)).collect();
                let signature = formula.function(call.function).signature.iter();
                for axis in signature.flat_map(|signature| &signature.axis) {
                    let number = Number::integer(i64::from(*axis));
                    parts.push(self.tree(Tree::Number(number)));
                }
                self.tree(Tree::Function(call.function, Vec::new(), parts))
            }
            Node::Block(direction, parts) => {
                let word = match direction {
                    formula::Direction::Across => "[,]",
                    formula::Direction::Down => "[;]",
                };
                self.call(formula, word, parts)
            }
            Node::Part(Part { of, direction, before, length }) => {
                let word = match direction {
                    formula::Direction::Across => "cols",
                    formula::Direction::Down => "rows",
                };
                let (first, last) = (before.add(&Size::number(1)), before.add(length));
                let parts = vec![self.whole(formula, *of), self.size(&first), self.size(&last)];
                self.tree(Tree::Word(word, parts))
            }
        };
        vec![(Sign::Times, tree)]
    }

    fn call(&mut self, formula: &Formula, word: &'static str, parts: &[NodeId]) -> TreeId {
        let parts = parts.iter().map(|part| self.whole(formula, *part)).collect();
        self.tree(Tree::Word(word, parts))
    }

    fn sum(&mut self, formula: &Formula, parts: &[NodeId]) -> TreeId {
        let opened: Vec<Scaled> = parts.iter().map(|part| Scaled::open(formula, *part)).collect();
        let shows = |scaled: &Scaled| {
            scaled.body.is_some_and(|body| {
                !is_ones(formula, body)
                    && !matches!(formula.node(body), Node::Constant(Constant::Identity, _))
            })
        };
        let is_shown = opened.iter().any(shows);
        let mut sum = None;
        for mut scaled in opened {
            if is_shown && scaled.body.is_some_and(|body| is_ones(formula, body)) {
                scaled.body = None;
            }
            let mut line = self.unsigned(formula, &scaled);
            if scaled.is_negative && sum.is_none() {
                line = self.negated(line);
            }
            let tree = self.fold(&line);
            let sign = if scaled.is_negative { Sign::Minus } else { Sign::Plus };
            sum = Some(match sum {
                Some(before) => self.tree(Tree::Joined(sign, before, tree)),
                None => tree,
            });
        }
        sum.unwrap_or_else(|| self.tree(Tree::Number(Number::ZERO)))
    }

    /// Numbers and scalars, then divisors, then the matrix; divisors behind a matrix that stands alone.
    fn unsigned(&mut self, formula: &Formula, scaled: &Scaled) -> Line {
        let (mut above, mut below): (Line, Line) = (Vec::new(), Vec::new());
        for number in &scaled.numbers {
            let (over, under) = number.as_quotient();
            if !over.is_one() {
                above.push((Sign::Times, self.tree(Tree::Number(over))));
            }
            if !under.is_one() {
                below.push((Sign::Times, self.tree(Tree::Number(under))));
            }
        }
        let is_word = |id: &NodeId| matches!(formula.node(*id), Node::Product(f) if !is_total(formula, f));
        let (words, plain): (Vec<NodeId>, Vec<NodeId>) = scaled.scalars.iter().partition(|id| is_word(id));
        for scalar in plain {
            above.push((Sign::Times, self.whole(formula, scalar)));
        }
        let last = match (words.as_slice(), scaled.body) {
            ([word], None) => Some(*word),
            _ => {
                for word in words {
                    above.push((Sign::Times, self.whole(formula, word)));
                }
                None
            }
        };
        for (base, exponent) in &scaled.divisors {
            let divisor = self.raised(formula, *base, *exponent);
            below.push((Sign::Times, divisor));
        }
        let divisor = (!below.is_empty()).then(|| (Sign::Over, self.fold(&below)));
        let Some(body) = scaled.body.or(last) else {
            if above.is_empty() {
                above.push((Sign::Times, self.tree(Tree::Number(Number::ONE))));
            }
            above.extend(divisor);
            return above;
        };
        if let (Some(divisors), false) = (all_divisors(formula, body), above.is_empty() && divisor.is_none())
        {
            if above.is_empty() {
                above.push((Sign::Times, self.tree(Tree::Number(Number::ONE))));
            }
            above.extend(divisor);
            let front = self.fold(&above);
            return self.elementwise(formula, Some(front), &divisors);
        }
        let body_line = match &self.known[body.index()] {
            Some((line, _)) => line.clone(),
            None => self.line(formula, body),
        };
        let is_sum = matches!(formula.node(body), Node::Add(_));
        let elementwise =
            body_line.iter().skip(1).any(|(s, _)| matches!(s, Sign::EntryTimes | Sign::EntryOver));
        let mut line = above;
        let alone = line.is_empty();
        if alone && divisor.is_some() && elementwise || is_sum {
            let whole = self.fold(&body_line);
            if scaled.body.is_some() && !alone {
                line.extend(divisor);
                line.push((Sign::Times, whole));
            } else {
                line.push((Sign::Times, whole));
                line.extend(divisor);
            }
            return line;
        }
        if alone || scaled.body.is_none() {
            line.extend(body_line);
            line.extend(divisor);
        } else {
            line.extend(divisor);
            line.extend(body_line);
        }
        line
    }

    fn elementwise(&mut self, formula: &Formula, front: Option<TreeId>, factors: &[NodeId]) -> Line {
        let mut line: Line = front.map(|front| (Sign::EntryTimes, front)).into_iter().collect();
        let mut parts: Vec<(Sign, TreeId)> = Vec::with_capacity(factors.len());
        for factor in factors {
            parts.push(match reciprocal(formula, *factor) {
                Some((base, exponent)) => (Sign::EntryOver, self.raised(formula, base, exponent)),
                None => (Sign::EntryTimes, self.whole(formula, *factor)),
            });
        }
        if line.is_empty() {
            match parts.iter().position(|(sign, _)| *sign == Sign::EntryTimes) {
                Some(place) => line.push(parts.remove(place)),
                None => line.push((Sign::EntryTimes, self.tree(Tree::Number(Number::ONE)))),
            }
        }
        line.extend(parts);
        line
    }

    fn apply(&mut self, formula: &Formula, id: NodeId, apply: &Apply) -> Line {
        if let ([base, exponent], true) = (apply.arguments.as_slice(), formula.is_power(apply)) {
            if let Some((base, exponent)) = reciprocal(formula, id) {
                let sign = if formula.is_scalar(id) { Sign::Over } else { Sign::EntryOver };
                let one = self.tree(Tree::Number(Number::ONE));
                return vec![(sign, one), (sign, self.raised(formula, base, exponent))];
            }
            if formula.as_number(*exponent) == Number::ratio(1, 2) {
                return vec![(Sign::Times, self.call(formula, "sqrt", &[*base]))];
            }
            let [base, exponent] = [*base, *exponent].map(|part| self.argument(formula, id, part));
            return vec![(Sign::Times, self.tree(Tree::Joined(Sign::Power, base, exponent)))];
        }
        let arguments = apply.arguments.iter().map(|part| self.argument(formula, id, *part)).collect();
        vec![(Sign::Times, self.tree(Tree::Function(apply.function, apply.marks.clone(), arguments)))]
    }

    /// An argument of a function; a repeated scalar stands bare beside another.
    fn argument(&mut self, formula: &Formula, of: NodeId, id: NodeId) -> TreeId {
        let mut scaled = Scaled::open(formula, id);
        let alone = formula.node(of).children().len() < 2;
        if alone || !scaled.body.is_some_and(|body| is_ones(formula, body)) {
            return self.whole(formula, id);
        }
        scaled.body = None;
        let mut line = self.unsigned(formula, &scaled);
        if scaled.is_negative {
            line = self.negated(line);
        }
        self.fold(&line)
    }

    fn raised(&mut self, formula: &Formula, base: NodeId, exponent: Number) -> TreeId {
        let base = self.whole(formula, base);
        if exponent.is_one() {
            return base;
        }
        if Number::ratio(1, 2) == Some(exponent) {
            return self.tree(Tree::Word("sqrt", vec![base]));
        }
        let exponent = self.number(exponent);
        let exponent = self.fold(&exponent);
        self.tree(Tree::Joined(Sign::Power, base, exponent))
    }

    /// A product of matrices, in which products with ones are sums.
    fn word(&mut self, formula: &Formula, factors: &[NodeId]) -> Line {
        if let Some(total) = self.total(formula, factors) {
            return vec![(Sign::Times, total)];
        }
        let parts: Vec<&[NodeId]> = factors.chunk_by(|left, _| !formula.shape(*left).cols.is_one()).collect();
        let mut line: Line = Vec::new();
        let mut rest = parts.as_slice();
        while let [part, later @ ..] = rest {
            rest = later;
            match (*part, later.first()) {
                ([column], Some([row])) if is_ones_column(formula, *column) && is_ones_row(formula, *row) => {
                    let rows = formula.shape(*column).rows.clone();
                    let shape = Shape::new(rows, formula.shape(*row).cols.clone());
                    line.push((Sign::Times, self.constant(Constant::Ones, &shape)));
                    rest = &later[1..];
                }
                (part, _) => match self.total(formula, part) {
                    Some(total) => line.push((Sign::Times, total)),
                    None => {
                        for run in part.chunk_by(|left, right| left == right) {
                            let base = self.whole(formula, run[0]);
                            let factor = match run.len() {
                                1 => base,
                                count => self.tree(Tree::MatrixPower(base, count)),
                            };
                            line.push((Sign::Times, factor));
                        }
                    }
                },
            }
        }
        line
    }

    fn total(&mut self, formula: &Formula, factors: &[NodeId]) -> Option<TreeId> {
        if !is_total(formula, factors) {
            return None;
        }
        let (first, last) = (*factors.first()?, *factors.last()?);
        let (left, right) = (is_ones_row(formula, first), is_ones_column(formula, last));
        let is_scalar = formula.shape(first).rows.is_one() && formula.shape(last).cols.is_one();
        let inner = match (left, right) {
            (true, true) if factors.len() > 2 => &factors[1..factors.len() - 1],
            (true, _) => &factors[1..],
            _ => &factors[..factors.len() - 1],
        };
        if let ([only], false) = (inner, left)
            && let Node::Transpose(matrix) = formula.node(*only)
        {
            let matrix = self.whole(formula, *matrix);
            if is_scalar {
                return Some(self.tree(Tree::Word("sum", vec![matrix])));
            }
            let axis = self.tree(Tree::Number(Number::ONE));
            let row = self.tree(Tree::Word("sum", vec![matrix, axis]));
            return Some(self.tree(Tree::Transposed(row)));
        }
        let inner = match inner {
            [only] => self.whole(formula, *only),
            _ => {
                let line = self.word(formula, inner);
                self.fold(&line)
            }
        };
        let mut parts = vec![inner];
        if !is_scalar {
            let axis = Number::integer(if left { 1 } else { 2 });
            parts.push(self.tree(Tree::Number(axis)));
        }
        Some(self.tree(Tree::Word("sum", parts)))
    }
}

impl Scaled {
    fn open(formula: &Formula, id: NodeId) -> Scaled {
        let mut scaled = Scaled::default();
        let (mut waiting, mut opened) = (vec![id], 0);
        while let Some(id) = waiting.pop() {
            if let Node::Scale([scalar, value]) = formula.node(id)
                && opened < OPENED
            {
                opened += 1;
                waiting.extend([*value, *scalar]);
            } else if let Some(number) = formula.as_number(id) {
                scaled.is_negative ^= number.is_negative();
                scaled.numbers.push(number.abs());
            } else if !formula.is_scalar(id) {
                scaled.body = Some(id);
            } else if let Some(divisor) = reciprocal(formula, id) {
                scaled.divisors.push(divisor);
            } else {
                scaled.scalars.push(id);
            }
        }
        scaled
    }
}

/// The factors of a value that is nothing but divisors.
fn all_divisors(formula: &Formula, id: NodeId) -> Option<Vec<NodeId>> {
    match formula.node(id) {
        Node::Times(factors) => {
            factors.iter().all(|factor| reciprocal(formula, *factor).is_some()).then(|| factors.clone())
        }
        _ => reciprocal(formula, id).map(|_| vec![id]).filter(|_| !formula.is_scalar(id)),
    }
}

fn reciprocal(formula: &Formula, id: NodeId) -> Option<(NodeId, Number)> {
    let Node::Apply(apply) = formula.node(id) else { return None };
    let [base, exponent] = apply.arguments.as_slice() else { return None };
    let exponent = formula.as_number(*exponent).filter(|number| number.is_negative())?;
    let fits = formula.is_scalar(*base) == formula.is_scalar(id);
    (fits && formula.is_power(apply)).then_some((*base, -exponent))
}

fn is_ones(formula: &Formula, id: NodeId) -> bool {
    match formula.node(id) {
        Node::Constant(constant, _) => *constant == Constant::Ones,
        Node::Transpose(inner) => matches!(formula.node(*inner), Node::Constant(Constant::Ones, _)),
        Node::Product(factors) => matches!(factors.as_slice(), [left, right]
            if is_ones_column(formula, *left) && is_ones_row(formula, *right)),
        _ => false,
    }
}

fn is_ones_column(formula: &Formula, id: NodeId) -> bool {
    matches!(formula.node(id), Node::Constant(Constant::Ones, shape) if shape.is_column())
}

fn is_ones_row(formula: &Formula, id: NodeId) -> bool {
    matches!(formula.node(id), Node::Transpose(inner) if is_ones_column(formula, *inner))
}

/// Whether a whole product is printed as a sum of entries.
fn is_total(formula: &Formula, factors: &[NodeId]) -> bool {
    let [first, inner @ .., last] = factors else { return false };
    let edge = |factor: &NodeId| formula.shape(*factor).cols.is_one();
    let inside = edge(first) || inner.iter().any(edge);
    !inside && (is_ones_row(formula, *first) || is_ones_column(formula, *last))
}
