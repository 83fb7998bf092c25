//! The lines and closed forms of a derivation, ready to be judged at a point.

use crate::DeriveError;
use crate::along::{Agreement, Along, Steps};
use crate::arrangement::{Arrangement, dot};
use crate::closed::ClosedForm;
use crate::properties::exactly;
use crate::quotient::{Value, is_symmetric, symmetric_part};
use crate::work::CHEAP;
use formula::{Bounded, Digits, Matrix, Name, Point, Real, Twofold, Variable};
use std::collections::BTreeMap;
use std::sync::Arc;

/// More derivatives by variables of the same lines are judged jointly.
pub(super) const ALONE: usize = 16;
/// The steps of quotients in 31 digits.
const FINE: Steps = Steps {
    sizes: &[1e-6, 1e-8, 1e-4, 1e-11],
    trusted: 1e-12,
    finer: &[1e-7, 1e-9, 1e-11, 1e-13, 1e-15, 1e-17, 1e-19, 1e-21, 1e-23, 1e-25],
};
/// The steps of quotients in doubles.
const COARSE: Steps = Steps { sizes: &[1e-3, 1e-4, 1e-2], trusted: 1e-10, finer: &[1e-5, 1e-6, 1e-7] };

/// What there is to judge, ready to be evaluated.
pub(super) struct Subject {
    pub forward: Vec<(Name, Value)>,
    pub derivatives: Vec<DerivativeLine<Value>>,
    pub closed: Vec<ClosedForm<Arc<Value>>>,
    /// Places of closed forms, each judged along one direction: many gradients of the same value jointly, the others alone.
    pub closed_groups: Vec<Vec<usize>>,
    /// The variables that points are drawn for.
    pub inputs: Vec<Variable>,
}

#[derive(Clone)]
pub(super) struct DerivativeLine<V> {
    pub symbol: Name,
    pub value: V,
    pub by: Variable,
    /// The forward lines that mention what it is by, each with the symbol of the derivative by that line; none for the result.
    pub uses: Vec<(usize, Option<Name>)>,
}

/// What one point says of a derivation.
pub(crate) struct Opinion {
    /// The largest difference from a quotient, as a part of what is added up in the derivative.
    pub error: f64,
    /// Whether a derivative is certainly wrong.
    pub is_wrong: bool,
    /// The inputs.
    pub point: Point,
}

/// What comes of one point.
pub(crate) enum Told {
    /// A value is not finite.
    NoValue,
    /// The values are finite, and a kink is near, or rounding hides how they move.
    Lost,
    Opinion(Opinion),
}

impl Told {
    pub fn known(self) -> Option<Opinion> {
        match self {
            Told::Opinion(opinion) => Some(opinion),
            Told::NoValue | Told::Lost => None,
        }
    }
}

/// A point with the values of all lines, and the derivatives with the rounding of their own lines.
type Settled<T> = (Point<T>, Vec<Matrix<T>>);

impl Subject {
    /// A point with the values of all lines; `None` where one is not finite.
    pub fn settle<T: Real>(&self, point: Point<T>) -> Result<Option<Point<T>>, DeriveError> {
        Ok(self.settled(point)?.map(|(point, _)| point))
    }

    /// The same, and the derivatives with the rounding of their own lines.
    fn settled<T: Real>(&self, mut point: Point<T>) -> Result<Option<Settled<T>>, DeriveError> {
        let lines = self.forward.iter().map(|(name, value)| (name, value));
        let mut values = Vec::with_capacity(self.derivatives.len());
        for (at, (name, value)) in
            lines.chain(self.derivatives.iter().map(|line| (&line.symbol, &line.value))).enumerate()
        {
            let value = value.at(&point)?;
            if !value.entries.iter().all(|entry| entry.value().is_finite()) {
                return Ok(None);
            }
            // Each line is judged in terms of those before it, whatever their values: rounding does not add up over layers.
            point.variables.insert(name.clone(), value.map(T::as_given));
            if at >= self.forward.len() {
                values.push(value);
            }
        }
        Ok(Some((point, values)))
    }

    pub fn opinion(
        &self,
        point: &Point,
        work: f64,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Told, DeriveError> {
        if work <= CHEAP {
            self.opinion_in::<Twofold>(point, &FINE, draw)
        } else {
            self.opinion_in::<f64>(point, &COARSE, draw)
        }
    }

    fn opinion_in<D: Digits>(
        &self,
        inputs: &Point,
        steps: &Steps,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Told, DeriveError> {
        // What an answer rests on holds to the last digit.
        let there = exactly::<Bounded<D>>(inputs, &self.inputs);
        let Some((point, values)) = self.settled(there)? else {
            return Ok(Told::NoValue);
        };
        let mut opinion = Opinion { error: 0.0, is_wrong: false, point: inputs.clone() };
        let mut judged = |agreement: Agreement| {
            opinion.error = opinion.error.max(agreement.error);
            opinion.is_wrong |= agreement.is_wrong;
        };
        let gradient = Arrangement::gradient();
        for group in self.jointly() {
            let lines: Vec<&DerivativeLine<Value>> = group.iter().map(|at| &self.derivatives[*at]).collect();
            let mut moving = Vec::with_capacity(lines.len());
            for (line, at) in lines.iter().zip(group) {
                let value = &values[at];
                // Several matrices are the derivative by a symmetric one; their symmetric part is the same.
                let is_symmetric = is_symmetric(&line.by);
                moving.push((&line.by, if is_symmetric { symmetric_part(value) } else { value.clone() }));
            }
            let Some(first) = lines.first().filter(|_| !moving.is_empty()) else { continue };
            let used: Vec<&Value> = first.uses.iter().map(|(at, _)| &self.forward[*at].1).collect();
            let names = moving.iter().map(|(by, _)| &by.name);
            let near = Value::restrict(used.iter().copied(), names, &point);
            let mut weighted = |moved: &Point<Bounded<D>>| self.weighted(first, moved, &point);
            let along = Along { arrangement: &gradient, moving: &moving, kinked: &used, steps };
            let Some(found) = along.judge(&near, &mut weighted, draw)? else { return Ok(Told::Lost) };
            judged(found);
        }
        for group in &self.closed_groups {
            let forms: Vec<&ClosedForm<Arc<Value>>> = group.iter().map(|at| &self.closed[*at]).collect();
            let mut moving = Vec::with_capacity(forms.len());
            for form in &forms {
                let value = form.value.at(&point)?;
                if !value.entries.iter().all(|entry| entry.value().is_finite()) {
                    return Ok(Told::NoValue);
                }
                moving.push((&form.by, value));
            }
            let Some(form) = forms.first() else { continue };
            let names = forms.iter().map(|form| &form.by.name);
            let values = forms.iter().map(|form| &*form.value).chain([&*form.of]);
            let near = Value::restrict(values, names, &point);
            let mut of = |moved: &Point<Bounded<D>>| form.of.at(moved);
            let kinked = [&*form.of];
            let along = Along { arrangement: &form.arrangement, moving: &moving, kinked: &kinked, steps };
            let Some(found) = along.judge(&near, &mut of, draw)? else { return Ok(Told::Lost) };
            judged(found);
        }
        Ok(Told::Opinion(opinion))
    }

    /// The derivative lines in groups, each judged along one direction: many by variables of the same lines jointly, the others
    /// alone.
    fn jointly(&self) -> Vec<Vec<usize>> {
        let mut places: BTreeMap<&[(usize, Option<Name>)], Vec<usize>> = BTreeMap::new();
        for (at, line) in self.derivatives.iter().enumerate() {
            places.entry(&line.uses).or_default().push(at);
        }
        let mut groups = Vec::new();
        for (at, line) in self.derivatives.iter().enumerate() {
            match places.get(&line.uses[..]) {
                Some(all) if all.len() <= ALONE => groups.push(vec![at]),
                Some(all) if all[0] == at => groups.push(all.clone()),
                _ => {}
            }
        }
        groups
    }

    /// The lines that mention X, each weighted by the derivative by it: what moves as the result does when X moves a little,
    /// by the chain rule. Later derivatives are taken as they are, since they are judged too.
    pub fn weighted<T: Real>(
        &self,
        line: &DerivativeLine<Value>,
        moved: &Point<T>,
        point: &Point<T>,
    ) -> Result<Matrix<T>, DeriveError> {
        let mut total = T::from(0.0);
        for (at, derivative) in &line.uses {
            let value = self.forward[*at].1.at(moved)?;
            let weight = derivative.as_ref().and_then(|symbol| point.variables.get(symbol));
            total = total + dot(&value, weight);
        }
        Ok(Matrix::scalar(total))
    }
}
