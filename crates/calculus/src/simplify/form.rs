//! The normal form: hash-consed values whose constructors keep the rules, in an order that follows the source.

pub(super) mod block;
pub(super) mod elementwise;
pub(super) mod enter;
pub(super) mod extent;
pub(super) mod kind;
pub(super) mod kronecker;
pub(super) mod meet;
pub(super) mod normal;
pub(super) mod operator;
pub(super) mod order;
pub(super) mod orient;
pub(super) mod ranks;
pub(super) mod scalar;
pub(super) mod sum;
pub(super) mod trace;
pub(super) mod word;
