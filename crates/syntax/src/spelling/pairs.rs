//! Sums over both indices of matrices: `\sum_{i,j} (A_{ij} - B_{ij})^2` is the sum of all entries of `(A - B).^2`.

use super::alike::{begins_term, ends_term};
use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::Part;
use super::totals::Entrywise;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};
use crate::index_sums::capital;
use crate::letters;
use crate::token::continues_name;

/// Sums inside of so many others are not tried as ones over pairs: what fails is read again.
const DEEPEST_TRIED: usize = 3;

/// The two indices of such a sum, that of the rows first.
pub(crate) type Pair = [String; 2];

impl Reader<'_> {
    /// The sum over two indices that begins here, behind its sign: `_{i,j}`, `_{ij}`, or one index and a second sum directly behind
    /// it. `None`, and nothing is gone past, where what stands in it is not made of entries of matrices.
    #[inline(never)]
    pub fn pair_sum(&mut self, start: Span) -> Option<Piece> {
        if self.tried >= DEEPEST_TRIED {
            return None;
        }
        self.tried += 1;
        let sum = self.tried_pair_sum(start);
        self.tried -= 1;
        sum
    }

    fn tried_pair_sum(&mut self, start: Span) -> Option<Piece> {
        let (at, notes, indices) = (self.at, self.notes.len(), self.indices.len());
        let (depth, open, operands) = (self.depth, self.open.clone(), self.operands.clone());
        let around = (self.pair.take(), std::mem::replace(&mut self.entrywise, Entrywise::Pairs));
        let body = self.pair_body();
        let pair = std::mem::replace(&mut self.pair, around.0);
        self.entrywise = around.1;
        if body.is_none() {
            self.at = at;
            self.notes.truncate(notes);
            (self.depth, self.open, self.operands) = (depth, open, operands.clone());
        }
        self.indices.truncate(indices);
        let body = body?;
        self.pairs.extend(pair);
        self.numbers_of_pair(at);
        let typed = self.source.slice(start.to(body.span())).trim().to_owned();
        // The sum of `x_i*A_ij*y_j` is `x'*A*y`.
        if let Some([Some(row), Some(column), Some(whole)]) = body.entries.as_deref() {
            self.operands = operands;
            self.note(format!("`{typed}` is over both indices, and is read as a product of matrices"));
            let times =
                |left: Piece, right: &Piece, axes| left.join("*", start, right.clone(), Level::Product, axes);
            let row = row.clone().transposed(start);
            return Some(times(times(row, whole, Axes::Vector), column, Axes::Scalar));
        }
        self.note(format!(
            "`{typed}` is over both indices: the sum of all entries, and products, quotients and powers in it are entry by entry"
        ));
        Some(Piece::call("sum(", start, vec![body]))
    }

    /// Names without an index that are terms of what is summed are numbers: the mu of `(X_{ij} - \mu)^2`.
    fn numbers_of_pair(&mut self, start: usize) {
        let mark = |at: usize| self.tokens.get(at).map_or(&Mark::End, |token| &token.mark);
        // What stands below a name is no term.
        let is_below = |at: usize| {
            let mut before =
                (start..at).rev().map(mark).skip_while(|mark| matches!(mark, Mark::Name(_) | Mark::Comma));
            let opens = before.next().map(|mark| (mark, before.next()));
            matches!(opens, Some((Mark::Lower, _) | (Mark::OpenGroup, Some(Mark::Lower))))
        };
        let is_term =
            |at: &usize| begins_term(mark(at.saturating_sub(1))) && ends_term(mark(at + 1)) && !is_below(*at);
        let names = (start..self.at).filter(is_term).filter_map(|at| match mark(at) {
            Mark::Name(name) => Some(name.clone()),
            _ => None,
        });
        let is_open = |name: &String| {
            letters::kind(name) != letters::Kind::Matrix
                && !name.contains('_')
                && !self.pairs.iter().any(|pair| pair.contains(name))
                && !self.declared.contains_key(name)
                && !self.lets.contains_key(name)
        };
        let numbers: Vec<String> = names.filter(is_open).collect();
        self.scaling.extend(numbers);
    }

    fn pair_body(&mut self) -> Option<Piece> {
        let (pair, set) = match self.pair() {
            Some(pair) => pair,
            None => {
                let first = self.bounded_index()?.0;
                self.eat(&Mark::Part(Part::Total))?;
                let (second, to) = self.bounded_index()?;
                // `\sum_{j=1}^{i}` has other terms for each i.
                let mut words = to.split(|letter| !continues_name(letter));
                if words.any(|word| word == first || word.ends_with(&format!("_{first}"))) {
                    return None;
                }
                ([first, second], None)
            }
        };
        let of = pair.join(", ");
        let body = self.entries_of(pair)?;
        let Some(set) = set else { return Some(body) };
        let name: String = set.chars().filter(|letter| letter.is_alphanumeric()).collect();
        self.note(format!(
            "`{name}` is read as the matrix that is 1 where ({of}) is in {set} and 0 elsewhere"
        ));
        let chosen = Piece { axes: Axes::Matrix, ..Piece::name(&name, body.span(), false) };
        Some(entries_joined(body.span(), &chosen, &body))
    }

    /// What stands here where it is made of entries of matrices with these two indices.
    fn entries_of(&mut self, pair: Pair) -> Option<Piece> {
        self.pair = Some(pair.clone());
        let start = self.at;
        let body = self.product().ok()?;
        // `A_jk` is of another index too.
        let is_open = |name: &str| {
            let label = name.rsplit_once('_').map_or("", |(_, label)| label);
            let is_index = label.len() < 4 && label.bytes().all(|letter| letter.is_ascii_lowercase());
            is_index && pair.iter().any(|index| label.contains(index.as_str()))
        };
        // Nor is `x_i` of a sum around both.
        let is_outer = |name: &str| {
            let outer = self.indices.iter().filter(|index| !pair.contains(&index.replace('_', "")));
            outer.into_iter().any(|index| name.ends_with(index.as_str()))
        };
        let mut names = body.written.text.split(|letter| !continues_name(letter));
        let is_done = !names.any(|name| is_open(name) || is_outer(name));
        let is_over_both = pair.iter().all(|index| self.mentions_index(start, index));
        (is_done && is_over_both && body.axes == Axes::Matrix).then_some(body)
    }

    /// A sum over an index of its own inside of one over a pair, behind its sign: `\sum_j \exp(w_j^\top x_i)` in a sum over i and k is a
    /// column with an entry for each i. `None`, and nothing is gone past, where what is summed is not made of entries with one index
    /// of the pair and its own.
    #[inline(never)]
    pub fn sum_in_pair(&mut self, start: Span) -> Option<Piece> {
        let pair = self.pair.clone().filter(|_| self.tried < DEEPEST_TRIED)?;
        let (at, notes, indices) = (self.at, self.notes.len(), self.indices.len());
        let (depth, open, operands) = (self.depth, self.open.clone(), self.operands.clone());
        let mut found = None;
        self.tried += 1;
        for (place, outer) in pair.iter().enumerate() {
            let index = self.bounded_index().map(|(index, _)| index).filter(|index| !pair.contains(index));
            let body = index.and_then(|index| self.entries_of([outer.clone(), index]));
            self.pair = Some(pair.clone());
            self.indices.truncate(indices);
            if let Some(body) = body.filter(|_| !self.mentions_index(at, &pair[1 - place])) {
                let second = Piece::new(Written::new("2", start), Level::Whole, Axes::Scalar);
                let sums = Piece { axes: Axes::Vector, ..Piece::call("sum(", start, vec![body, second]) };
                let mut entries = [None, None, None];
                entries[place] = Some(sums);
                found = Some(of_entries(start, entries));
                break;
            }
            self.at = at;
            self.notes.truncate(notes);
            (self.depth, self.open, self.operands) = (depth, open.clone(), operands.clone());
        }
        self.tried -= 1;
        found
    }

    /// Whether a letter is below a name since a place.
    fn mentions_index(&self, start: usize, index: &str) -> bool {
        self.tokens[start..self.at].iter().any(|token| match &token.mark {
            Mark::Name(name) => {
                name.rsplit('_').next().is_some_and(|label| label.len() < 3 && label.contains(index))
            }
            _ => false,
        })
    }

    /// `_{i,j}`, `_{ij}`, `_{i,j=1}^n`, and `_{(i,j) \in S}` with the set of the pairs.
    fn pair(&mut self) -> Option<(Pair, Option<String>)> {
        let [Mark::Lower, Mark::OpenGroup] = [self.ahead(0), self.ahead(1)] else { return None };
        let open = usize::from(*self.ahead(2) == Mark::Open);
        let comma = usize::from(*self.ahead(3 + open) == Mark::Comma);
        let (first, second) = (self.ahead(2 + open).clone(), self.ahead(3 + open + comma).clone());
        let closes = open == 0 || *self.ahead(4 + open + comma) == Mark::Close;
        let (Mark::Name(first), Mark::Name(second)) = (&first, &second) else { return None };
        if [first, second].iter().any(|name| name.chars().count() != 1) || !closes {
            return None;
        }
        let at = self.at;
        self.at += 4 + 2 * open + comma;
        let set = if self.is_among() {
            // `i, j \in S`: each of both is in S.
            let set = self.set_below();
            if open == 0 {
                self.note(format!(
                    "the sum over {first} and {second} has the terms of {set}, which are numbered from 1"
                ));
            }
            Some(set).filter(|_| open > 0)
        } else {
            if self.eat(&Mark::Equals).is_some() {
                self.eat(&Mark::Number("1".to_owned()));
            }
            None
        };
        if self.eat(&Mark::CloseGroup).is_none() {
            self.at = at;
            return None;
        }
        if matches!(self.peek(), Mark::Raise { .. }) {
            self.advance();
            self.argument().ok()?;
        }
        Some(([first.clone(), second.clone()], set))
    }

    /// `_{i=1}^N`: the index, and what stands above as it is read.
    fn bounded_index(&mut self) -> Option<(String, String)> {
        if *self.peek() != Mark::Lower {
            return None;
        }
        let index = self.index().ok()?;
        let mut to = String::new();
        if matches!(self.peek(), Mark::Raise { .. }) {
            self.advance();
            to = self.argument().ok()?.written.text;
        }
        Some((index, to))
    }

    /// What `A_{ij}` is in a sum over i and j: A; `A_{ji}` is its transpose, and `u_i` before `^\top v_j` the product of all rows.
    pub fn of_pair(&mut self, value: &Piece, label: &str, typed: Span) -> Result<Option<Piece>, Diagnostic> {
        let Some([first, second]) = self.pair.clone() else { return Ok(None) };
        let label = label.replace('_', "");
        let of_whole = |whole: Piece| of_entries(typed, [None, None, Some(whole)]);
        let is_small = value.name.as_deref().is_some_and(|name| name.starts_with(char::is_lowercase));
        let turns = |at: usize| match self.ahead(at) {
            Mark::Quote => Some(at + 1),
            Mark::Raise { .. } => match (self.ahead(at + 1), self.ahead(at + 2), self.ahead(at + 3)) {
                (Mark::Name(turn), ..) if turn == "T" => Some(at + 2),
                (Mark::Quote, ..) => Some(at + 2),
                (Mark::OpenGroup, Mark::Name(turn), Mark::CloseGroup) if turn == "T" => Some(at + 4),
                _ => None,
            },
            _ => None,
        };
        // A vector for each pair has three axes.
        let is_pair = label == format!("{first}{second}") || label == format!("{second}{first}");
        if is_pair && is_small && turns(0).is_some() {
            return Ok(None);
        }
        if label == format!("{first}{second}") {
            return Ok(Some(of_whole(self.matrix_of(value, typed))));
        }
        if label == format!("{second}{first}") {
            return Ok(Some(of_whole(self.matrix_of(value, typed).transposed(typed))));
        }
        let (true, Some(name)) = (label == first || label == second, &value.name) else { return Ok(None) };
        let other = if label == first { &second } else { &first };
        let at = self.at;
        let behind = turns(0);
        if let Some(behind) = behind
            && let (Mark::Name(column), Mark::Lower) = (self.ahead(behind).clone(), self.ahead(behind + 1))
        {
            self.at += behind;
            let column_at = self.advance();
            if let Some((below, end)) = self.label()?
                && below == *other
            {
                let column = self.matrix_of(&self.named(&column, column_at), typed);
                let (rows, columns) = if label == first {
                    (self.matrix_of(value, typed), column)
                } else {
                    (column, self.matrix_of(value, typed))
                };
                let product = rows.join("*", typed, columns.transposed(end), Level::Product, Axes::Matrix);
                return Ok(Some(of_whole(product.enclosed())));
            }
            self.at = at;
            return Ok(None);
        }
        // The entry of a vector is the same in all of a row, or in all of a column.
        if !name.starts_with(char::is_lowercase) || behind.is_some() {
            return Ok(None);
        }
        self.operands.insert(name.clone());
        let entry = Piece { axes: Axes::Vector, ..Piece::name(name, value.span().to(typed), false) };
        let entries = if label == first { [Some(entry), None, None] } else { [None, Some(entry), None] };
        Ok(Some(of_entries(typed, entries)))
    }

    /// The matrix that a name with both indices is an entry of: a line of its own name, or the capital.
    fn matrix_of(&self, value: &Piece, typed: Span) -> Piece {
        let Some(name) = &value.name else { return value.clone() };
        // What stands behind it in brackets is a factor, and no argument.
        let own = if self.lets.contains_key(name) { name.clone() } else { capital(name) };
        let piece = Piece::name(&own, value.span().to(typed), false);
        Piece { axes: Axes::Matrix, name: None, ..piece }
    }

    /// In a sum over pairs a function of a whole is of what its index picks; what stood around it.
    #[inline(never)]
    pub fn enter_whole(&mut self, function: &str) -> Option<(Pair, Entrywise)> {
        if super::declared::is_of_entries(function) {
            return None;
        }
        Some((self.pair.take()?, std::mem::take(&mut self.entrywise)))
    }

    /// Goes back to what stood around a function of a whole.
    pub fn leave_whole(&mut self, around: Option<(Pair, Entrywise)>) {
        if let Some((pair, entrywise)) = around {
            (self.pair, self.entrywise) = (Some(pair), entrywise);
        }
    }

    /// Whether the bracket that opens here has both indices below it, as in `(WH)_{ij}`: a product in it is one of matrices.
    pub fn is_bracket_of_pair(&self) -> bool {
        let Some([first, second]) = &self.pair else { return false };
        let (mut depth, mut at) = (0_usize, 0);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::Part(Part::Open) => depth += 1,
                Mark::Close | Mark::Part(Part::Close) => depth = depth.saturating_sub(1),
                Mark::End => return false,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        let comma = usize::from(*self.ahead(at + 3) == Mark::Comma);
        *self.ahead(at) == Mark::Lower
            && *self.ahead(at + 2) == Mark::Name(first.clone())
            && *self.ahead(at + 3 + comma) == Mark::Name(second.clone())
    }
}

/// The matrix of the entries that are products of those of a row, a column and a matrix.
pub(super) fn of_entries(typed: Span, entries: [Option<Piece>; 3]) -> Piece {
    let ones = || Piece::new(Written::new("vector(1)", typed), Level::Whole, Axes::Matrix);
    let [row, column, whole] = entries.clone();
    let outer = match (row, column) {
        (None, None) => None,
        (row, column) => {
            let (row, column) = (row.unwrap_or_else(ones), column.unwrap_or_else(ones));
            Some(row.join("*", typed, column.transposed(typed), Level::Product, Axes::Matrix))
        }
    };
    let piece = match (outer, whole) {
        (Some(outer), Some(whole)) if !matches!(whole.axes, Axes::Matrix | Axes::Vector) => {
            whole.join("*", typed, outer.enclosed(), Level::Product, Axes::Matrix)
        }
        (Some(outer), Some(whole)) => {
            outer.enclosed().join(" .* ", typed, whole, Level::Product, Axes::Matrix)
        }
        (Some(outer), None) => outer.enclosed(),
        (None, Some(whole)) => whole,
        (None, None) => ones(),
    };
    Piece { entries: Some(Box::new(entries)), ..piece }
}

/// The product of two values in a sum over pairs, one of which at least is made of entries; a number goes with the matrix.
#[inline(never)]
pub(super) fn entries_joined(typed: Span, left: &Piece, right: &Piece) -> Piece {
    let parts = |piece: &Piece| match piece.entries.as_deref() {
        Some(entries) => entries.clone(),
        None => [None, None, Some(piece.clone())],
    };
    let ([row, column, whole], [other_row, other_column, other]) = (parts(left), parts(right));
    let join = |left: Option<Piece>, right: Option<Piece>| match (left, right) {
        (Some(left), Some(right)) => {
            let is_scaled =
                [&left, &right].iter().any(|piece| !matches!(piece.axes, Axes::Matrix | Axes::Vector));
            let axes = super::piece::beside(left.axes, right.axes);
            Some(left.join(if is_scaled { "*" } else { " .* " }, typed, right, Level::Product, axes))
        }
        (left, right) => left.or(right),
    };
    of_entries(typed, [join(row, other_row), join(column, other_column), join(whole, other)])
}
