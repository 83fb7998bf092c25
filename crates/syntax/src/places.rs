//! Where undeclared names stand in a program, as far as that speaks for a kind.

use crate::letters::{self, Kind};
use crate::program::Program;
use crate::quantities::quantities;
use crate::rules::Rule;
use crate::scales::scales;
use crate::spelling::Spelling;
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};

/// Where names stand.
#[derive(Default)]
pub(crate) struct Places {
    /// Names that nobody writes so if they are scalars: transposed, or beside `.*` or `./`.
    pub no_scalar: BTreeSet<Name>,
    /// Names that are by themselves a term of what is summed.
    pub summed: BTreeSet<Name>,
    /// How often a name stands directly behind a matrix, or a row.
    pub behind: BTreeMap<Name, usize>,
    /// How often a name stands directly in front of a name.
    pub before: BTreeMap<Name, usize>,
    /// Names that are one number as well by where they stand: offsets, and the level that is taken from a sample.
    pub offsets: BTreeSet<Name>,
    /// Names that are raised to a power as one number is.
    pub raised: BTreeSet<Name>,
    /// Sums of a product of two capitals and a name that is no capital, which is the bias.
    pub biases: BTreeMap<ExprId, ExprId>,
    /// The sums in which names are biases.
    pub bias_of: BTreeMap<Name, ExprId>,
    /// The sums whose weights stand in front of the data, `W*X + b`: examples are columns there, and the bias is one too.
    pub upright: BTreeSet<ExprId>,
    /// Capitals between a column and its transpose, alone or inverted.
    pub quadratic: BTreeSet<Name>,
    /// Capitals that only scale results of reductions: the C of `C/2*norm(w)^2`.
    pub scales: BTreeSet<Name>,
    /// Capitals in what is divided by, which is a number.
    pub divided_by: BTreeSet<Name>,
    /// Capitals of a formula in which nothing is of matrices.
    pub quantities: BTreeSet<Name>,
    /// Names that are an identity.
    pub identities: BTreeSet<ExprId>,
}

/// How sure it is that something is no scalar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    /// It is a term of what is summed, or of what is joined entry by entry.
    Summed,
    /// It is joined entry by entry.
    Joined,
    /// It is transposed, or an argument of what wants a matrix.
    Firm,
}

/// Looks through the lines, the last first, so that what stands round a let also stands round its parts.
pub(crate) fn places(
    program: &Program,
    rules: &BTreeMap<ExprId, Rule>,
    apart: &BTreeSet<ExprId>,
    identities: &BTreeSet<ExprId>,
) -> Places {
    let tree = &program.tree;
    let is_python = program.spelled.spelling == Spelling::Python;
    let forms = Forms::new(program, rules);
    let mut places = Places { identities: identities.clone(), ..Places::default() };
    let lets: BTreeMap<&Name, ExprId> =
        program.lines.iter().filter_map(|line| Some((line.name.as_ref()?, line.value))).collect();
    let mut terms: BTreeMap<ExprId, Stands> = BTreeMap::new();
    let (mut links, mut sums) = (BTreeSet::new(), BTreeSet::new());
    for line in program.lines.iter().rev() {
        for id in tree.within(line.value).into_iter().rev() {
            if apart.contains(&id) {
                continue;
            }
            let stands = terms.get(&id).copied();
            let mut mark = |parts: &[ExprId], stands: Option<Stands>| {
                for part in parts {
                    let known = terms.get(part).copied();
                    if let Some(stands) = stands.max(known) {
                        terms.insert(*part, stands);
                    }
                }
            };
            match tree.expr(id) {
                Expr::Name(name) => match (lets.get(name), stands) {
                    (Some(value), _) => mark(&[*value], stands),
                    (None, Some(Stands::Joined | Stands::Firm)) => {
                        places.no_scalar.insert(name.clone());
                    }
                    (None, Some(Stands::Summed)) => drop(places.summed.insert(name.clone())),
                    (None, None) => {}
                },
                Expr::Number(..) | Expr::Block(..) => {}
                Expr::Negate(part) => mark(&[*part], stands),
                Expr::Transpose(part) => mark(&[*part], Some(Stands::Firm)),
                Expr::Call(call) => match rules.get(&id) {
                    Some(Rule::Each) => mark(&call.arguments, stands),
                    Some(Rule::Scalar | Rule::Dot | Rule::Columns | Rule::Rows) => {
                        mark(&call.arguments, Some(Stands::Summed));
                    }
                    Some(
                        Rule::Diagonal | Rule::Vec | Rule::Kronecker | Rule::Part(..) | Rule::Entries(_),
                    ) => {
                        mark(&call.arguments, Some(Stands::Firm));
                    }
                    Some(Rule::Page(shapes, _)) => {
                        for (argument, shape) in call.arguments.iter().zip(shapes) {
                            mark(&[*argument], (!shape.is_scalar()).then_some(Stands::Firm));
                        }
                    }
                    Some(Rule::Given(shape, _)) => {
                        mark(&call.arguments, (!shape.is_scalar()).then_some(Stands::Firm));
                    }
                    Some(
                        Rule::Constant(_)
                        | Rule::SquareToScalar
                        | Rule::SquareToSquare
                        | Rule::Unvec(_)
                        | Rule::Solve
                        | Rule::Free(_),
                    )
                    | None => {}
                },
                Expr::Binary(operator, left, right) => match operator {
                    Operator::Times | Operator::Over => {
                        for (part, other) in [(*left, *right), (*right, *left)] {
                            // Beside what is a number anyway, one more is as good; Python has no other sign for a product.
                            let joined = !is_python && !forms.numbers.contains(&other);
                            mark(&[part], if joined { Some(Stands::Joined) } else { stands });
                        }
                    }
                    // Python writes the power of a number so too.
                    Operator::EachPower if is_python => {
                        mark(&[*left], stands);
                        places.raised.extend(lower(tree, *left).cloned());
                    }
                    Operator::EachPower => mark(&[*left], Some(Stands::Joined)),
                    Operator::Power => places.raised.extend(lower(tree, *left).cloned()),
                    Operator::Add | Operator::Subtract => {
                        let within = match stands {
                            Some(Stands::Joined) => Some(Stands::Summed),
                            stands => stands,
                        };
                        mark(&[*left, *right], within);
                        if !sums.contains(&id) {
                            let is_joined = stands == Some(Stands::Joined);
                            places.offsets.extend(offsets(tree, id, is_joined, &mut sums));
                        }
                        let bias = [(*left, *right), (*right, *left)].into_iter().find(|(bias, product)| {
                            lower(tree, *bias).is_some() && forms.is_product(*product)
                        });
                        if let (Some((bias, _)), Operator::Add) = (bias, operator) {
                            places.biases.insert(id, bias);
                            let product = if bias == *left { *right } else { *left };
                            if !is_python && forms.begins_with_weights(product) {
                                places.upright.insert(id);
                            }
                            places.bias_of.extend(lower(tree, bias).map(|name| (name.clone(), id)));
                        }
                    }
                    Operator::Multiply => {
                        // `lambda*a .* b`
                        let is_factor = stands == Some(Stands::Joined)
                            && lower(tree, *left).is_some_and(|name| letters::kind(name) == Kind::Scalar)
                            && lower(tree, *right).is_some();
                        mark(&[*right], stands.filter(|_| is_factor || forms.numbers.contains(left)));
                        mark(&[*left], stands.filter(|_| forms.numbers.contains(right)));
                        if !links.contains(&id) {
                            places.chain(&forms, id, &mut links);
                        }
                    }
                    Operator::Divide => {
                        mark(&[*left], stands);
                        let below = tree.names(*right).into_iter();
                        places.divided_by.extend(below.filter(|name| letters::kind(name) == Kind::Matrix));
                    }
                    // What something is compared with is a bound, one for all entries: the delta of `abs(r) < delta`.
                    Operator::Greater | Operator::Less | Operator::GreaterEqual | Operator::LessEqual => {
                        let bounds = [(left, right), (right, left)].into_iter();
                        let bounds = bounds.filter(|(_, other)| {
                            lower(tree, **other).is_none() && !forms.numbers.contains(other)
                        });
                        places.offsets.extend(bounds.filter_map(|(bound, _)| lower(tree, *bound)).cloned());
                    }
                    Operator::Solve | Operator::Equal | Operator::NotEqual => {}
                },
            }
        }
    }
    places.scales = scales(program, rules, &forms.numbers);
    places.quantities = quantities(program, rules);
    places.summed.retain(|name| !places.no_scalar.contains(name));
    places
}

impl Places {
    /// Notes which names of a product stand behind a matrix or a row, and which in front of a name.
    fn chain(&mut self, forms: &Forms, top: ExprId, links: &mut BTreeSet<ExprId>) {
        let tree = forms.tree;
        let (first, rest) = tree.chain(top, |operator| operator == Operator::Multiply);
        links.extend(rest.iter().map(|(_, _, whole)| *whole));
        let factors: Vec<ExprId> =
            [first].into_iter().chain(rest.iter().map(|(_, right, _)| *right)).collect();
        for three in factors.windows(3) {
            let [left, middle, right] = [three[0], three[1], three[2]];
            let middle = match (tree.expr(middle), forms.rules.get(&middle)) {
                (Expr::Call(call), Some(Rule::SquareToSquare)) => call.arguments.first().copied(),
                // `S^-1`
                (Expr::Binary(Operator::Power, base, power), _) if is_negative(tree, *power) => Some(*base),
                _ => Some(middle),
            };
            if let (Expr::Transpose(left), Some(middle)) = (tree.expr(left), middle)
                && let Expr::Name(name) = tree.expr(middle)
                && is_capital(name)
                && tree.len_of(*left) == tree.len_of(right)
                && tree.source(*left) == tree.source(right)
            {
                self.quadratic.insert(name.clone());
            }
        }
        for (at, pair) in factors.windows(2).enumerate() {
            let [left, right] = [pair[0], pair[1]];
            // In `A*t*x` it is a factor.
            let is_last = !matches!(factors.get(at + 2).map(|next| tree.expr(*next)), Some(Expr::Name(_)));
            // `a'*b` is an inner product; in `w'*x*t` the x is a column, and t a number.
            let is_row = matches!(tree.expr(left), Expr::Transpose(part) if lower(tree, *part).is_some());
            let is_column = is_row && lower(tree, right).is_some_and(|name| letters::is_example(name));
            if is_column || is_last && (is_row || forms.is_matrix(left)) {
                for name in forms.columns_of(right) {
                    *self.behind.entry(name.clone()).or_insert(0) += 1;
                }
            }
            let left = match tree.expr(left) {
                Expr::Negate(part) if at == 0 => *part,
                _ => left,
            };
            let is_name = match tree.expr(right) {
                Expr::Name(_) => true,
                // `u*v'` alone is a product of two vectors as well.
                Expr::Transpose(part) => matches!(tree.expr(*part), Expr::Name(_)) && at + 2 < factors.len(),
                _ => false,
            };
            if let Some(name) = lower(tree, left)
                && is_name
            {
                *self.before.entry(name.clone()).or_insert(0) += 1;
            }
        }
    }
}

/// The terms of a sum that may be one number each, whatever the sum is: those added to something, all that stand beside a
/// product and another name, and the level that is taken from a sample (`(x - mu).^2`). Sums within are noted as looked at.
fn offsets(tree: &Tree, top: ExprId, is_joined: bool, sums: &mut BTreeSet<ExprId>) -> Vec<Name> {
    let (first, rest) = tree.chain(top, |operator| matches!(operator, Operator::Add | Operator::Subtract));
    sums.extend(rest.iter().map(|(_, _, sum)| *sum));
    let signs = rest.iter().map(|(operator, ..)| *operator);
    // The first term is added where the next one is.
    let signs = rest.first().map(|(operator, ..)| *operator).into_iter().chain(signs);
    let terms = [first].into_iter().chain(rest.iter().map(|(_, right, _)| *right));
    let names: Vec<(&Name, Operator)> =
        terms.zip(signs).filter_map(|(term, sign)| Some((lower(tree, term)?, sign))).collect();
    let is_model = names.len() > 1 && names.len() <= rest.len();
    let is_sample = is_joined && rest.len() == 1 && names.len() == 2;
    let is_offset = |(name, sign): &(&Name, Operator)| {
        let by_place = *sign == Operator::Add || is_model;
        by_place && (letters::kind(name) == Kind::Scalar || letters::is_intercept(name))
            || is_sample && letters::is_parameter(name)
    };
    names.into_iter().filter(is_offset).map(|(name, _)| name.clone()).collect()
}

/// Whether an exponent is written with a minus.
fn is_negative(tree: &Tree, power: ExprId) -> bool {
    match tree.expr(power) {
        Expr::Negate(_) => true,
        Expr::Number(number, ..) => number.is_negative(),
        _ => false,
    }
}

/// A name that is no capital.
fn lower(tree: &Tree, id: ExprId) -> Option<&Name> {
    match tree.expr(id) {
        Expr::Name(name) if !is_capital(name) => Some(name),
        _ => None,
    }
}

fn is_capital(name: &str) -> bool {
    letters::kind(name) == Kind::Matrix
}

/// What the forms of a program say before any size is known.
struct Forms<'a> {
    tree: &'a Tree,
    rules: &'a BTreeMap<ExprId, Rule>,
    /// The expressions with a capital in them.
    capitals: BTreeSet<ExprId>,
    /// Numbers, results of reductions, and what is made of those alone.
    numbers: BTreeSet<ExprId>,
}

impl<'a> Forms<'a> {
    fn new(program: &'a Program, rules: &'a BTreeMap<ExprId, Rule>) -> Forms<'a> {
        let tree = &program.tree;
        let (mut capitals, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for id in program.lines.iter().flat_map(|line| tree.within(line.value)) {
            let own = matches!(tree.expr(id), Expr::Name(name) if is_capital(name));
            if own || tree.operands(id).iter().any(|part| capitals.contains(part)) {
                capitals.insert(id);
            }
            let is_number = |part: &ExprId| numbers.contains(part);
            let number = match tree.expr(id) {
                Expr::Number(..) => true,
                Expr::Name(_) | Expr::Block(..) => program.is_total_of_numbers(id),
                Expr::Negate(part) | Expr::Transpose(part) => is_number(part),
                Expr::Binary(_, left, right) => is_number(left) && is_number(right),
                Expr::Call(call) => match rules.get(&id) {
                    Some(Rule::Scalar | Rule::Dot | Rule::SquareToScalar) => true,
                    Some(Rule::Each) => call.arguments.iter().all(is_number),
                    _ => false,
                },
            };
            numbers.extend(number.then_some(id));
        }
        Forms { tree, rules, capitals, numbers }
    }

    /// A capital, transposed or not, or a matrix made of one entry by entry or as a whole, such as `inv(S)`.
    fn is_matrix(&self, mut id: ExprId) -> bool {
        loop {
            id = match self.tree.expr(id) {
                Expr::Name(name) => return is_capital(name),
                Expr::Transpose(part) => *part,
                Expr::Call(_) => {
                    let rule = self.rules.get(&id);
                    let keeps = matches!(rule, Some(Rule::Each | Rule::SquareToSquare | Rule::Kronecker));
                    return keeps && self.capitals.contains(&id);
                }
                Expr::Number(..) | Expr::Negate(_) | Expr::Binary(..) | Expr::Block(..) => return false,
            }
        }
    }

    /// The names that are columns where this stands directly behind a matrix: the name that it is, or the terms of a sum without a
    /// number in it, as in `A*(x - b)`.
    fn columns_of(&self, id: ExprId) -> Vec<&'a Name> {
        let (first, rest) =
            self.tree.chain(id, |operator| matches!(operator, Operator::Add | Operator::Subtract));
        let terms: Vec<ExprId> = [first].into_iter().chain(rest.iter().map(|(_, right, _)| *right)).collect();
        match terms.iter().any(|term| self.numbers.contains(term)) {
            true => Vec::new(),
            false => terms.into_iter().filter_map(|term| lower(self.tree, term)).collect(),
        }
    }

    /// Whether weights stand in front of a product and data behind them: `W*X`, `W2*relu(Z)`, `A*X`.
    fn begins_with_weights(&self, product: ExprId) -> bool {
        let (first, rest) = self.tree.chain(product, |operator| operator == Operator::Multiply);
        let letter = |mut id: ExprId| loop {
            id = match self.tree.expr(id) {
                Expr::Name(name) => return letters::stem(name),
                Expr::Transpose(part) => *part,
                _ => return "",
            }
        };
        let last = rest.last().map_or("", |(_, last, _)| letter(*last));
        match letter(first) {
            "W" | "Theta" | "Θ" => !matches!(last, "W" | "Theta" | "Θ"),
            "A" => last == "X",
            _ => false,
        }
    }

    /// A product of two capitals, or of something that has one in it and a capital; or a sum of such products.
    fn is_product(&self, id: ExprId) -> bool {
        let tree = self.tree;
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match tree.expr(id) {
                Expr::Binary(Operator::Add | Operator::Subtract, left, right) => {
                    stack.extend([*left, *right]);
                }
                Expr::Binary(Operator::Multiply, left, right) if self.is_matrix(*right) => {
                    let (first, _) = tree.chain(*left, |operator| operator == Operator::Multiply);
                    let is_row =
                        matches!(tree.expr(first), Expr::Transpose(part) if lower(tree, *part).is_some());
                    if is_row || !self.capitals.contains(left) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        true
    }
}
