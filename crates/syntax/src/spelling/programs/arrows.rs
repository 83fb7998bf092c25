//! Functions without a name, as Julia writes them: `x -> x'*A*x` is MATLAB's `@(x) x'*A*x`.

use super::Line;
use crate::diagnostic::Span;
use crate::spelling::marks::{Mark, Token};

/// Writes the arrow of a line behind its name, or behind the names in brackets, as the sign before them.
pub(super) fn turned(line: &mut Line) {
    let start = match line.as_slice() {
        [Token { mark: Mark::Name(_), .. }, Token { mark: Mark::Equals, .. }, ..] => 2,
        _ => 0,
    };
    let mark = |at: usize| line.get(at).map(|token| &token.mark);
    let is_open = mark(start) == Some(&Mark::Open);
    let mut end = start + usize::from(is_open);
    while matches!(mark(end), Some(Mark::Name(_))) {
        end += 1;
        end += usize::from(is_open && mark(end) == Some(&Mark::Comma));
    }
    let is_closed = !is_open || mark(end) == Some(&Mark::Close);
    let count = end - start - usize::from(is_open);
    end += usize::from(is_open);
    let (Some(minus), Some(head)) = (line.get(end), line.get(end + 1)) else { return };
    let is_arrow = minus.mark == Mark::Sign("-") && head.mark == Mark::Sign(">") && !head.is_apart;
    if count == 0 || !is_open && count > 1 || !is_closed || !is_arrow {
        return;
    }
    let at = |place: usize| Span { start: place, end: place };
    let own = |mark: Mark, span: Span| Token { mark, span, ..minus.clone() };
    let names = line[start + usize::from(is_open)..end - usize::from(is_open)].to_vec();
    let (first, last) = (line[start].span.start, minus.span);
    let mut sign = vec![own(Mark::Sign("@"), at(first)), own(Mark::Open, at(first))];
    sign.extend(names);
    sign.push(own(Mark::Close, last));
    line.splice(start..end + 2, sign);
}

/// Whether `+=` or `-=` stands there, or the arrow of a function without a name, which is none of a declaration such as
/// `f: n -> scalar`.
pub(in crate::spelling) fn sets_or_maps(text: &str, at: usize) -> bool {
    let line = || text[..at].rsplit(['\n', ';']).next().unwrap_or_default();
    match &text.as_bytes()[at..] {
        [b'-', b'>', ..] => !line().contains(':'),
        [_, b'=', rest @ ..] => rest.first() != Some(&b'='),
        _ => false,
    }
}
