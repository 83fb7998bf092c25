//! Elementwise products and functions in normal form: factors with exponents, scalars out, broadcasts met and pulled out.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use crate::simplify::rows::identity::Parity;
use formula::{FunctionId, Number};

/// How a broadcast column or row repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broadcast {
    /// `u*ones(n)'`.
    Column,
    /// `ones(m)*v'`.
    Row,
}

/// An elementwise product that is being gathered.
struct Gathered {
    /// The scalars in front.
    scalars: Term,
    factors: Vec<(Id, Id)>,
    zero: bool,
}

impl Algebra {
    /// The elementwise product of factors of one shape, each to a scalar power.
    pub(crate) fn elementwise(&mut self, factors: &[(Id, Id)]) -> Id {
        let Some(&(first, _)) = factors.first() else { return Id::ONE };
        let shape = self.shape(first);
        if shape == Shape::SCALAR {
            let mut result = Id::ONE;
            for (base, exponent) in factors {
                let power = self.power(*base, *exponent);
                result = self.scale(result, power);
            }
            return result;
        }
        let scalars = Term::number(Number::ONE);
        let mut gathered = Gathered { scalars, factors: Vec::new(), zero: false };
        for (base, exponent) in factors {
            self.gather(&mut gathered, *base, *exponent);
        }
        if gathered.zero {
            return self.zeros(shape);
        }
        for how in [Broadcast::Column, Broadcast::Row] {
            self.meet_broadcasts(&mut gathered, how, shape);
        }
        let mut factors = gathered.factors;
        factors.retain(|(_, exponent)| *exponent != Id::ZERO);
        if let Some(value) = self.meet_diagonals(&factors) {
            return self.scale_term(gathered.scalars, value);
        }
        if let Some(value) = self.meet_vecs(&factors) {
            return self.scale_term(gathered.scalars, value);
        }
        self.meet_kroneckers(&mut factors, &mut gathered.scalars);
        let body = match factors.as_slice() {
            [] => self.ones(shape),
            [(only, Id::ONE)] => *only,
            _ => {
                let product = self.raw_elementwise(factors);
                self.orient(product)
            }
        };
        self.scale_term(gathered.scalars, body)
    }

    /// The coefficient of a term times a value.
    fn scale_term(&mut self, mut coefficient: Term, value: Id) -> Id {
        let inner = self.split(value);
        coefficient.body = inner.body;
        self.multiply_into(&mut coefficient, &inner);
        self.join(coefficient)
    }

    fn gather(&mut self, into: &mut Gathered, base: Id, exponent: Id) {
        let mut stack = vec![(base, exponent)];
        while let Some((base, exponent)) = stack.pop() {
            let term = self.split(base);
            let whole = self.as_integer(exponent);
            let Some(body) = term.body else { continue };
            if term.number.is_zero() && whole.is_some_and(|whole| whole > 0) {
                into.zero = true;
                return;
            }
            // Under a root a sign stays with what it belongs to.
            let loose = whole.is_some()
                || !term.number.is_negative()
                    && !term.number.is_zero()
                    && term.powers.iter().all(|(base, _)| self.is_positive(*base));
            if !loose || term.number.is_zero() {
                self.gather_one(into, base, exponent, &mut stack);
                continue;
            }
            let scalar = self.join(term.coefficient());
            let scalar = self.power(scalar, exponent);
            let scalar = self.split(scalar);
            self.multiply_into(&mut into.scalars, &scalar);
            if self.is_ones(body) {
                continue;
            }
            if let Some(opened) = self.open_product(body, exponent) {
                for (base, exponent) in opened {
                    self.gather_one(into, base, exponent, &mut stack);
                }
                continue;
            }
            self.gather_one(into, body, exponent, &mut stack);
        }
    }

    /// The factors of an elementwise product, or of its transpose, to a power, where that holds for every sign.
    fn open_product(&mut self, body: Id, exponent: Id) -> Option<Vec<(Id, Id)>> {
        let (factors, transposed) = match self.kind(body) {
            Kind::Elementwise(factors) => (factors.clone(), false),
            Kind::Transpose(inner) => match self.kind(*inner) {
                Kind::Elementwise(factors) => (factors.clone(), true),
                _ => return None,
            },
            _ => return None,
        };
        let safe = self.as_integer(exponent).is_some()
            || factors.len() == 1
            || factors.iter().all(|(base, _)| self.is_positive(*base));
        if !safe {
            return None;
        }
        let mut opened = Vec::with_capacity(factors.len());
        for (base, inner) in factors {
            let base = if transposed { self.transpose(base) } else { base };
            opened.push(self.power_of_power(base, inner, exponent)?);
        }
        Some(opened)
    }

    /// Adds one factor; where exponents add up to a whole number the factor may open, and goes back onto the stack.
    fn gather_one(&mut self, into: &mut Gathered, base: Id, exponent: Id, stack: &mut Vec<(Id, Id)>) {
        // eye .* eye = eye
        let identity = matches!(self.kind(base), Kind::Identity(_));
        let Some(place) = into.factors.iter().position(|(known, _)| *known == base) else {
            let positive = self.as_integer(exponent).is_some_and(|whole| whole > 0);
            into.factors.push((base, if identity && positive { Id::ONE } else { exponent }));
            return;
        };
        if identity && into.factors[place].1 == Id::ONE && self.as_integer(exponent).is_some_and(|k| k > 0) {
            return;
        }
        let sum = self.add(&[into.factors[place].1, exponent]);
        into.factors[place].1 = sum;
        let opens = matches!(self.kind(base), Kind::Elementwise(_) | Kind::Term(_));
        if opens && self.as_integer(sum).is_some() {
            into.factors.remove(place);
            if sum != Id::ZERO {
                stack.push((base, sum));
            }
        }
    }

    /// `(u*ones') .* (v*ones')' = (u .* v)*ones'`, and powers of one alike.
    fn meet_broadcasts(&mut self, gathered: &mut Gathered, how: Broadcast, shape: Shape) {
        let mut met = Vec::new();
        for (place, (base, exponent)) in gathered.factors.iter().enumerate() {
            if let Some((found, line)) = self.as_broadcast(*base)
                && found == how
            {
                met.push((place, line, *exponent));
            }
        }
        if met.is_empty() || met.len() == 1 && met[0].2 == Id::ONE {
            return;
        }
        for (place, _, _) in met.iter().rev() {
            gathered.factors.remove(*place);
        }
        let lines: Vec<(Id, Id)> = met.into_iter().map(|(_, line, exponent)| (line, exponent)).collect();
        let line = self.elementwise(&lines);
        let value = self.broadcast(how, line, shape);
        let term = self.split(value);
        self.multiply_into(&mut gathered.scalars, &term);
        match term.body {
            Some(body) if !self.is_ones(body) => gathered.factors.push((body, Id::ONE)),
            _ => {}
        }
    }

    /// An elementwise product of factors that are already apart, in order.
    pub(crate) fn raw_elementwise(&mut self, mut factors: Vec<(Id, Id)>) -> Id {
        factors.sort_by(|a, b| self.compare_factors(a.0, b.0).then_with(|| self.compare(a.1, b.1)));
        self.intern(Kind::Elementwise(factors))
    }

    /// A function, or a slope of it, of arguments of one shape; numbers may stand beside matrices.
    pub(crate) fn apply(&mut self, function: FunctionId, marks: &[u8], arguments: &[Id]) -> Id {
        if function == self.known.power
            && marks.is_empty()
            && let [base, exponent] = arguments
            && let Some(value) = self.apply_power(*base, *exponent)
        {
            return value;
        }
        if let (true, [argument]) = (marks.is_empty(), arguments)
            && self.split(*argument).number.is_negative()
            && let Some(parity) = self.parity(function)
        {
            let argument = self.negate(*argument);
            let value = self.apply(function, marks, &[argument]);
            return if parity == Parity::Odd { self.negate(value) } else { value };
        }
        let shape = arguments.iter().map(|id| self.shape(*id)).find(|shape| *shape != Shape::SCALAR);
        let Some(shape) = shape else { return self.apply_scalar(function, marks, arguments) };
        // g(s*ones) = g(s)*ones
        let scalars: Vec<Option<Id>> = arguments.iter().map(|id| self.as_broadcast_scalar(*id)).collect();
        if let Some(scalars) = scalars.iter().copied().collect::<Option<Vec<Id>>>() {
            let value = self.apply_scalar(function, marks, &scalars);
            let ones = self.ones(shape);
            return self.scale(value, ones);
        }
        let arguments: Vec<Id> = arguments
            .iter()
            .zip(&scalars)
            .map(|(argument, scalar)| {
                scalar.filter(|scalar| self.as_number(*scalar).is_some()).unwrap_or(*argument)
            })
            .collect();
        if let Some(value) = self.apply_broadcast(function, marks, &arguments, shape) {
            return value;
        }
        let transposed = |algebra: &Algebra, id: Id| {
            algebra.is_scalar(id)
                || algebra.split(id).body.is_some_and(|body| matches!(algebra.kind(body), Kind::Transpose(_)))
        };
        if shape.rows == SizeId::ONE || arguments.iter().all(|argument| transposed(self, *argument)) {
            let arguments = arguments.iter().map(|argument| self.transpose(*argument)).collect();
            let value = self.intern(Kind::Apply(function, marks.to_vec(), arguments));
            return self.transpose(value);
        }
        let value = self.intern(Kind::Apply(function, marks.to_vec(), arguments));
        self.orient(value)
    }

    fn apply_scalar(&mut self, function: FunctionId, marks: &[u8], arguments: &[Id]) -> Id {
        if marks.is_empty()
            && function == self.known.power
            && let [base, exponent] = arguments
        {
            return self.power(*base, *exponent);
        }
        if marks.is_empty() {
            let numbers: Option<Vec<Number>> = arguments.iter().map(|id| self.as_number(*id)).collect();
            if let Some(value) = numbers.and_then(|numbers| self.ranks.exact_value(function, &numbers)) {
                return self.number(value);
            }
        }
        self.intern(Kind::Apply(function, marks.to_vec(), arguments.to_vec()))
    }

    /// `x^e` for a scalar exponent.
    fn apply_power(&mut self, base: Id, exponent: Id) -> Option<Id> {
        let exponent = self.as_broadcast_scalar(exponent)?;
        if self.is_scalar(base) {
            return None;
        }
        Some(self.elementwise(&[(base, exponent)]))
    }

    /// `g(u*ones') = g(u)*ones'`, where numbers may stand beside.
    fn apply_broadcast(
        &mut self,
        function: FunctionId,
        marks: &[u8],
        arguments: &[Id],
        shape: Shape,
    ) -> Option<Id> {
        let mut how = None;
        let mut lines = Vec::with_capacity(arguments.len());
        for argument in arguments {
            if self.is_scalar(*argument) {
                lines.push(*argument);
                continue;
            }
            let term = self.split(*argument);
            let (found, line) = self.as_broadcast(term.body?)?;
            if *how.get_or_insert(found) != found {
                return None;
            }
            let scalar = self.join(term.coefficient());
            lines.push(self.scale(scalar, line));
        }
        let value = self.apply(function, marks, &lines);
        Some(self.broadcast(how?, value, shape))
    }

    /// s where a value is s or `s*ones`.
    fn as_broadcast_scalar(&mut self, id: Id) -> Option<Id> {
        if self.is_scalar(id) {
            return Some(id);
        }
        let term = self.split(id);
        if self.is_ones(term.body?) { Some(self.join(term.coefficient())) } else { None }
    }

    /// The column or row that a word repeats; matrices of ones are none.
    fn as_broadcast(&mut self, id: Id) -> Option<(Broadcast, Id)> {
        let Kind::Word(factors) = self.kind(id).clone() else { return None };
        let [first, middle @ .., last] = factors.as_slice() else { return None };
        let ones = |id: &Id| matches!(self.kind(*id), Kind::Ones(_));
        let ones_row = matches!(self.kind(*last), Kind::Transpose(inner) if ones(inner));
        match (ones(first), ones_row) {
            (false, true) => {
                let line: Vec<Id> = [first].into_iter().chain(middle).copied().collect();
                Some((Broadcast::Column, self.word(&line)))
            }
            (true, false) => {
                let line: Vec<Id> = middle.iter().chain([last]).copied().collect();
                let row = self.word(&line);
                Some((Broadcast::Row, self.transpose(row)))
            }
            _ => None,
        }
    }

    fn broadcast(&mut self, how: Broadcast, line: Id, shape: Shape) -> Id {
        match how {
            Broadcast::Column => {
                let ones = self.ones(Shape { rows: SizeId::ONE, cols: shape.cols });
                self.word(&[line, ones])
            }
            Broadcast::Row => {
                let ones = self.ones(Shape { rows: shape.rows, cols: SizeId::ONE });
                let row = self.transpose(line);
                self.word(&[ones, row])
            }
        }
    }
}
