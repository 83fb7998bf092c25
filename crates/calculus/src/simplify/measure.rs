//! The measure of a form: how many distinct subterms its text has, and at ties how much work it is.

use formula::{
    Apply, Body, Constant, Formula, FunctionId, Node, NodeId, Number, Operator, Part, Primitive, Shape, Size,
};
use std::collections::HashMap;

/// How large a value is as a reader of its text sees it. Operators of one precedence lean to the left, `2/m*X'*R` being
/// `((2/m)*X')*R`, so that what stands bare in a product is no subterm of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weight {
    /// Distinct subterms of the text.
    pub(super) subterms: usize,
    /// About how many operations of numbers it takes.
    work: u64,
}

/// A counter of subterms that knows the texts of values it has counted.
#[derive(Default)]
pub(super) struct Measure {
    trees: HashMap<Tree, TreeId>,
    parts: Vec<Vec<TreeId>>,
    /// The text and the work of each node of the arena, where they are known.
    known: Vec<Option<(Line, u64)>>,
    /// The round in which each node and each tree was last counted.
    nodes_seen: Vec<u32>,
    trees_seen: Vec<u32>,
    round: u32,
}

/// A subterm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Tree {
    Number(Number),
    Name(NodeId),
    Size(String),
    Pi,
    Negated(TreeId),
    Transposed(TreeId),
    Joined(Sign, TreeId, TreeId),
    Word(&'static str, Vec<TreeId>),
    Function(FunctionId, Vec<u8>, Vec<TreeId>),
}

type TreeId = usize;

/// What joins two subterms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sign {
    Plus,
    Minus,
    Times,
    Over,
    EntryTimes,
    EntryOver,
    Power,
}

/// A text as what is joined from left to right.
type Line = Vec<(Sign, TreeId)>;

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
    /// The weight of a value.
    pub(super) fn weigh(&mut self, formula: &Formula, root: NodeId) -> Weight {
        self.round += 1;
        self.nodes_seen.resize(formula.len(), 0);
        self.known.resize(formula.len(), None);
        let (mut stack, mut unknown, mut work) = (vec![root], Vec::new(), 0_u64);
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut self.nodes_seen[id.index()], self.round) == self.round {
                continue;
            }
            stack.extend(formula.node(id).children());
            match &self.known[id.index()] {
                Some((_, own)) => work = work.saturating_add(*own),
                None => unknown.push(id),
            }
        }
        // Children have smaller numbers.
        unknown.sort_unstable();
        for id in unknown {
            let own = operations(formula, id);
            work = work.saturating_add(own);
            self.known[id.index()] = Some((self.line(formula, id), own));
        }
        let tree = self.whole(formula, root);
        self.trees_seen.resize(self.parts.len(), 0);
        let (mut stack, mut subterms) = (vec![tree], 0);
        while let Some(tree) = stack.pop() {
            if std::mem::replace(&mut self.trees_seen[tree], self.round) != self.round {
                subterms += 1;
                stack.extend(&self.parts[tree]);
            }
        }
        Weight { subterms, work }
    }

    /// The first of the lightest values.
    pub(super) fn lightest(&mut self, formula: &Formula, options: &[NodeId]) -> Option<NodeId> {
        match options {
            [] => None,
            [only] => Some(*only),
            _ => options.iter().copied().min_by_key(|id| self.weigh(formula, *id).subterms),
        }
    }

    fn tree(&mut self, tree: Tree) -> TreeId {
        if let Some(id) = self.trees.get(&tree) {
            return *id;
        }
        let parts = match &tree {
            Tree::Number(_) | Tree::Name(_) | Tree::Size(_) | Tree::Pi => Vec::new(),
            Tree::Negated(inner) | Tree::Transposed(inner) => vec![*inner],
            Tree::Joined(_, left, right) => vec![*left, *right],
            Tree::Word(_, parts) | Tree::Function(_, _, parts) => parts.clone(),
        };
        self.parts.push(parts);
        let id = self.parts.len() - 1;
        self.trees.insert(tree, id);
        id
    }

    /// A line as one subterm.
    fn fold(&mut self, line: &[(Sign, TreeId)]) -> TreeId {
        let mut tree = line[0].1;
        for (sign, next) in &line[1..] {
            tree = self.tree(Tree::Joined(*sign, tree, *next));
        }
        tree
    }

    fn whole(&mut self, formula: &Formula, id: NodeId) -> TreeId {
        match &self.known[id.index()] {
            Some((line, _)) => match line.as_slice() {
                [(_, only)] => *only,
                _ => {
                    let line = line.clone();
                    self.fold(&line)
                }
            },
            None => {
                let line = self.line(formula, id);
                self.fold(&line)
            }
        }
    }

    /// The line of a node whose parts are known.
    fn line(&mut self, formula: &Formula, id: NodeId) -> Line {
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

    fn size(&mut self, size: &Size) -> TreeId {
        let mut sum: Option<TreeId> = None;
        for (names, count) in size.terms() {
            let mut term: Option<TreeId> = None;
            if *count != 1 || names.is_empty() {
                term = Some(self.tree(Tree::Number(Number::integer(*count))));
            }
            for name in names {
                let name = self.tree(Tree::Size(name.to_string()));
                term = Some(match term {
                    Some(before) => self.tree(Tree::Joined(Sign::Times, before, name)),
                    None => name,
                });
            }
            sum = match (sum, term) {
                (Some(before), Some(term)) => Some(self.tree(Tree::Joined(Sign::Plus, before, term))),
                (before, term) => before.or(term),
            };
        }
        sum.unwrap_or_else(|| self.tree(Tree::Number(Number::ZERO)))
    }

    fn constant(&mut self, constant: Constant, shape: &Shape) -> TreeId {
        let (word, sizes) = match constant {
            Constant::Ones if shape.is_column() => ("ones", vec![&shape.rows]),
            Constant::Ones => ("ones", vec![&shape.rows, &shape.cols]),
            Constant::Zeros => ("zeros", vec![&shape.rows, &shape.cols]),
            Constant::Identity => ("eye", vec![&shape.rows]),
            Constant::Pi => return self.tree(Tree::Pi),
        };
        let parts = sizes.into_iter().map(|size| self.size(size)).collect();
        self.tree(Tree::Word(word, parts))
    }

    fn number(&mut self, number: Number) -> Line {
        let (above, below) = halves(number);
        let mut line = vec![(Sign::Times, self.tree(Tree::Number(above)))];
        if !below.is_one() {
            line.push((Sign::Over, self.tree(Tree::Number(below))));
        }
        line
    }

    fn negated(&mut self, mut line: Line) -> Line {
        line[0].1 = self.tree(Tree::Negated(line[0].1));
        line
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
            let (over, under) = halves(*number);
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
        if let ([base, exponent], true) = (apply.arguments.as_slice(), is_power(formula, apply)) {
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
                        for factor in part {
                            line.push((Sign::Times, self.whole(formula, *factor)));
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
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if let Node::Scale([scalar, value]) = formula.node(id) {
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
    (fits && is_power(formula, apply)).then_some((*base, -exponent))
}

fn is_power(formula: &Formula, apply: &Apply) -> bool {
    apply.marks.is_empty() && formula.function(apply.function).body == Body::Primitive(Primitive::POWER)
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

/// A number as one with a decimal text over a whole one: `0.5` over 1, 2 over 3.
fn halves(number: Number) -> (Number, Number) {
    match number.as_ratio() {
        Some((above, below)) if number.to_string().contains('/') => {
            (Number::integer(above), Number::integer(below))
        }
        _ => (number, Number::ONE),
    }
}

/// About how many operations of numbers a node takes beyond its parts, with ten for every size that has only a name.
fn operations(formula: &Formula, id: NodeId) -> u64 {
    let length = |size: &Size| {
        let term = |(names, count): &(Vec<formula::Name>, i64)| {
            names.iter().fold(count.unsigned_abs(), |product, _| product.saturating_mul(10))
        };
        size.terms().iter().map(term).fold(0_u64, u64::saturating_add)
    };
    let extent = |id: NodeId| {
        let shape = formula.shape(id);
        (length(&shape.rows), length(&shape.cols))
    };
    let (rows, cols) = extent(id);
    let entries = rows.saturating_mul(cols);
    match formula.node(id) {
        Node::Number(_)
        | Node::Size(_)
        | Node::Variable(_)
        | Node::Constant(..)
        | Node::Transpose(_)
        | Node::Commutation(_)
        | Node::Unvec(..)
        | Node::Block(..)
        | Node::Part(_)
        | Node::Operator(Operator::Vec | Operator::Diagonal | Operator::DiagonalMatrix, _) => 0,
        Node::Add(parts) | Node::Times(parts) => entries.saturating_mul(parts.len() as u64 - 1),
        Node::Scale(_) | Node::Apply(_) | Node::Kronecker(_) => entries,
        Node::Norm(inner) | Node::Operator(Operator::Trace, inner) => {
            let (rows, cols) = extent(*inner);
            rows.saturating_mul(cols)
        }
        Node::Call(call) => call.arguments.iter().fold(0, |sum: u64, argument| {
            let (rows, cols) = extent(*argument);
            sum.saturating_add(rows.saturating_mul(cols))
        }),
        Node::Operator(Operator::Determinant | Operator::LogDeterminant | Operator::Inverse, inner) => {
            let (rows, _) = extent(*inner);
            rows.saturating_mul(rows).saturating_mul(rows)
        }
        // Row by row from the left or column by column from the right, whichever is less.
        Node::Product(factors) => {
            let steps = |outer: u64, factors: &mut dyn Iterator<Item = &NodeId>| {
                factors.skip(1).fold(0_u64, |sum, factor| {
                    let (rows, cols) = extent(*factor);
                    sum.saturating_add(outer.saturating_mul(rows).saturating_mul(cols))
                })
            };
            steps(rows, &mut factors.iter()).min(steps(cols, &mut factors.iter().rev()))
        }
    }
}
