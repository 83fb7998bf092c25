//! Lines of LaTeX that go on with the line before: what an operator begins is no formula of its own.

use super::marks::{Mark, Token};
use super::table::Part;

/// Takes the ends of lines away behind which an operator stands, or which stand behind one, with what only arranges lines there. Those
/// of matrices and cases stay.
pub(super) fn join(tokens: &mut Vec<Token>) {
    leave_out_empty_groups(tokens);
    let mut depth = 0_usize;
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = std::mem::take(tokens).into_iter().peekable();
    while let Some(token) = rest.next() {
        match token.mark {
            Mark::Part(Part::Begin | Part::Cases) => depth += 1,
            Mark::Part(Part::EndOf) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 || !arranges(&token.mark) {
            kept.push(token);
            continue;
        }
        let mut between = vec![token];
        between.extend(std::iter::from_fn(|| rest.next_if(|next| arranges(&next.mark))));
        let is_operator = |token: &Token| matches!(token.mark, Mark::Sign(_));
        let is_inside = kept.last().is_some_and(is_operator) || rest.peek().is_some_and(is_operator);
        // Behind a comma and a wide space a remark stands.
        let is_remark = kept.last().is_some_and(|before| before.mark == Mark::Comma)
            && between.iter().any(|token| token.mark == Mark::Part(Part::Remark));
        if !is_inside || is_remark || kept.is_empty() {
            let is_equal = rest.peek().is_some_and(|next| next.mark == Mark::Equals) && !is_remark;
            between.retain(|token| !is_equal || token.mark != Mark::Part(Part::Remark));
            kept.append(&mut between);
        }
    }
    *tokens = kept;
}

/// `= {} -x`, `& {} + y`: an empty group gives an operator the blanks of one with two operands.
fn leave_out_empty_groups(tokens: &mut Vec<Token>) {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = std::mem::take(tokens).into_iter().peekable();
    while let Some(token) = rest.next() {
        let may_be_empty = match kept.last().map(|before| &before.mark) {
            None | Some(Mark::Equals | Mark::Sign(_) | Mark::Open | Mark::Comma) => true,
            Some(before) => arranges(before),
        };
        let is_empty = token.mark == Mark::OpenGroup
            && may_be_empty
            && rest.next_if(|next| next.mark == Mark::CloseGroup).is_some();
        if !is_empty {
            kept.push(token);
        }
    }
    *tokens = kept;
}

/// Whether it parts lines or places in a line.
fn arranges(mark: &Mark) -> bool {
    matches!(mark, Mark::Part(Part::Break | Part::Align | Part::Remark))
}
