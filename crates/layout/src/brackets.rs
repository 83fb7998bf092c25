//! Precedence: which piece needs brackets in which place.

use crate::{Layout, Piece, PieceId, Pieces};
use formula::Operator;

/// Where a piece stands inside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Alone, or between a function's brackets.
    Open,
    /// A term of a sum.
    Term,
    /// Behind a minus sign.
    Negated,
    /// The first factor of a product, or what is divided.
    FirstFactor,
    /// A later factor of a product, or the divisor.
    LaterFactor,
    /// What a scalar in front scales.
    Scaled,
    /// The first factor of an elementwise product.
    FirstElement,
    /// A later factor of an elementwise product.
    LaterElement,
    /// What is transposed.
    Transposed,
    /// What is raised to a power.
    Base,
    /// The power.
    Exponent,
}

/// How tightly a piece holds together. Matrix products and elementwise ones bind alike and are read from left to right, which
/// nobody should have to remember: side by side they always get brackets, but for scalars in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    Sum,
    Elementwise,
    Product,
    /// Scalars in front of what is no product itself.
    Scaled,
    Power,
    Transposed,
    Atom,
}

impl Pieces {
    /// Whether a piece needs brackets in this place.
    pub fn brackets(&self, id: PieceId, place: Place) -> bool {
        let leads = matches!(place, Place::Open | Place::FirstFactor | Place::FirstElement);
        if !leads && self.leads_with_sign(id) {
            return true;
        }
        let (is_negated, id) = match self.piece(id) {
            Piece::Negated(inner) => (true, *inner),
            _ => (false, id),
        };
        let binding = self.binding(id);
        match place {
            Place::Open => false,
            Place::Term | Place::Negated | Place::Scaled => binding == Binding::Sum,
            Place::FirstFactor => {
                // `-(A + B)*C` is the same value with the sign inside or outside; the sum's own brackets do for both.
                !is_negated && binding == Binding::Sum || binding == Binding::Elementwise
            }
            Place::FirstElement => !is_negated && binding == Binding::Sum || binding == Binding::Product,
            Place::LaterFactor | Place::LaterElement => {
                matches!(binding, Binding::Sum | Binding::Elementwise | Binding::Product | Binding::Scaled)
            }
            Place::Transposed => !matches!(binding, Binding::Transposed | Binding::Atom),
            Place::Base => !matches!(binding, Binding::Transposed | Binding::Atom),
            Place::Exponent => binding != Binding::Atom,
        }
    }

    /// Whether the text of a piece begins with a minus sign.
    fn leads_with_sign(&self, mut id: PieceId) -> bool {
        loop {
            let (first, place) = match self.piece(id) {
                Piece::Negated(_) => return true,
                Piece::Product { factors, .. } | Piece::Scalars(factors) => {
                    (factors.first().copied(), Place::FirstFactor)
                }
                Piece::Scaled(first, _) | Piece::Quotient(first, _) => (Some(*first), Place::FirstFactor),
                Piece::Elementwise(factors) => {
                    (factors.first().map(|factor| factor.piece), Place::FirstElement)
                }
                _ => return false,
            };
            match first {
                Some(first) if !self.brackets(first, place) => id = first,
                _ => return false,
            }
        }
    }

    fn binding(&self, id: PieceId) -> Binding {
        match self.piece(id) {
            Piece::Number(_)
            | Piece::Name(_)
            | Piece::Pi
            | Piece::Ones(_)
            | Piece::Zeros(_)
            | Piece::Identity(_)
            | Piece::Call(_)
            | Piece::Norm(_)
            | Piece::Operator(..)
            | Piece::Unvec(..)
            | Piece::Kronecker(_)
            | Piece::Commutation(_)
            | Piece::MatrixCall(..)
            | Piece::Block(..)
            | Piece::Range { .. }
            | Piece::Root(_)
            | Piece::Total(..)
            | Piece::Grouped(_) => Binding::Atom,
            Piece::Size(size) if size.as_name().is_some() => Binding::Atom,
            Piece::Size(size) if size.terms().len() == 1 => Binding::Product,
            Piece::Size(_) | Piece::Sum(_) | Piece::Negated(_) => Binding::Sum,
            Piece::Product { .. } | Piece::Scalars(_) | Piece::Quotient(..) => Binding::Product,
            Piece::Scaled(_, body) => match self.piece(*body) {
                Piece::Elementwise(_) => Binding::Elementwise,
                Piece::Product { .. } => Binding::Product,
                _ => Binding::Scaled,
            },
            Piece::Elementwise(_) => Binding::Elementwise,
            Piece::Power { .. } | Piece::MatrixPower(..) => Binding::Power,
            Piece::Transposed(_) => Binding::Transposed,
        }
    }
}

impl Layout<'_> {
    /// Whether a piece needs brackets in this place where formulas are drawn: quotients have a bar, powers and inverses stand
    /// above the line and must not meet there, and Kronecker products have a sign of their own between their factors.
    pub fn brackets_drawn(&self, id: PieceId, place: Place) -> bool {
        let is_raised = matches!(place, Place::Base | Place::Transposed);
        let joins = !matches!(place, Place::Open | Place::Term | Place::Negated | Place::Scaled);
        match self.piece(id) {
            // A fraction's bar groups it, but an exponent would look like the numerator's.
            Piece::Quotient(..) => is_raised,
            Piece::Name(name) => is_raised && formula::derivative(name).is_some(),
            Piece::Transposed(_) | Piece::Root(_) => is_raised,
            Piece::Operator(Operator::Inverse | Operator::LogDeterminant, _) => is_raised,
            Piece::Call(call) => is_raised && !call.marks.is_empty(),
            Piece::Kronecker(_) => joins && place != Place::Exponent,
            _ => place != Place::Exponent && self.brackets(id, place),
        }
    }

    /// Whether a piece is drawn as one letter with nothing above or below it, so that an index may stand beside it.
    pub fn is_letter(&self, id: PieceId) -> bool {
        matches!(self.piece(id), Piece::Name(name) if name.chars().all(char::is_alphabetic))
    }
}
