//! What a value or a side of a row is first: so a row is looked at only where it may fit.

use crate::simplify::form::kind::Kind;
use formula::{Node, Operator};

/// What a value is first, by which the rows about it are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Head {
    Product,
    Transpose,
    Operator(Operator),
    Unvec,
    Kronecker,
    Commutation,
    Apply,
    Call,
    Block,
    Part,
}

impl Head {
    /// Whether a row can be a call of this word first.
    pub(crate) fn is_word(word: &str) -> bool {
        let others = [Head::Unvec, Head::Kronecker, Head::Commutation];
        Operator::ALL.map(Head::Operator).into_iter().chain(others).any(|head| head.word() == word)
    }

    /// The word of a row's text that is this first.
    pub(super) fn word(self) -> &'static str {
        match self {
            Head::Product => "*",
            Head::Transpose => "'",
            Head::Operator(operator) => operator.name(),
            Head::Unvec => "unvec",
            Head::Kronecker => "kron",
            Head::Commutation => "commutation",
            // Functions have rows of their own.
            Head::Apply | Head::Call | Head::Block | Head::Part => "",
        }
    }

    pub(crate) fn of_node(node: &Node) -> Option<Head> {
        Some(match node {
            Node::Product(_) => Head::Product,
            Node::Transpose(_) => Head::Transpose,
            Node::Operator(operator, _) => Head::Operator(*operator),
            Node::Unvec(..) => Head::Unvec,
            Node::Kronecker(_) => Head::Kronecker,
            Node::Commutation(_) => Head::Commutation,
            Node::Apply(_) => Head::Apply,
            Node::Call(_) => Head::Call,
            Node::Block(..) => Head::Block,
            Node::Part(_) => Head::Part,
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Add(_)
            | Node::Scale(_)
            | Node::Times(_)
            | Node::Norm(_) => return None,
        })
    }

    /// Of words only closed ones; the others meet rows while they are made.
    pub(crate) fn of_kind(kind: &Kind) -> Option<Head> {
        Some(match kind {
            Kind::Closed(_) => Head::Product,
            Kind::Transpose(_) => Head::Transpose,
            Kind::Operator(operator, _) => Head::Operator(*operator),
            Kind::Unvec(..) => Head::Unvec,
            Kind::Kronecker(..) => Head::Kronecker,
            Kind::Commutation(..) => Head::Commutation,
            Kind::Apply(..) => Head::Apply,
            Kind::Call(..) => Head::Call,
            Kind::Block(..) => Head::Block,
            Kind::Part(..) => Head::Part,
            Kind::Term(_)
            | Kind::Size(_)
            | Kind::Pi
            | Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Add(_)
            | Kind::Word(_)
            | Kind::Trace(_)
            | Kind::Elementwise(_) => return None,
        })
    }
}
