//! Products of derivatives, as the chain rule writes them.

use super::marks::{Mark, Token};
use super::notation::notation;

/// Whether marks are a product of two or more derivatives, as the chain rule writes it: `df/dZ * dZ/dw`.
pub(super) fn is_chain(tokens: &[Token], is_known: &dyn Fn(&str) -> bool) -> bool {
    let joins = |mark: &Mark| match mark {
        Mark::Sign(sign) => matches!(*sign, "*" | ".*" | "@"),
        Mark::Quote => true,
        _ => false,
    };
    let (mut at, mut count) = (0, 0);
    while at < tokens.len() && tokens.len() <= LONGEST_CHAIN {
        if joins(&tokens[at].mark) {
            at += 1;
            continue;
        }
        let is_factor = |end: &usize| {
            notation(&tokens[at..*end], is_known)
                .is_some_and(|found| found.of.is_some() && !found.by.is_empty())
        };
        let Some(end) = (at + 1..=tokens.len()).rev().find(is_factor) else { return false };
        (at, count) = (end, count + 1);
    }
    count > 1
}

/// How many marks a product of derivatives has at most.
const LONGEST_CHAIN: usize = 200;
