//! What stands behind `/` where factors stand side by side: of `x'A x/x'x` the divisor is x'x, all that has no blank in it.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece, matrix_product};
use super::reader::Reader;
use super::table::{Part, Table};
use crate::diagnostic::{Diagnostic, Span};
use crate::letters::COUNTS;

/// Whether the factor that stands here belongs to what is divided by.
type Belongs = fn(&Reader<'_>) -> bool;

impl Reader<'_> {
    /// Everything that `/` divides `left` by: one factor, or a run of numbers and names without a blank that is one number.
    ///
    /// # Errors
    /// When a row stands there that a blank parts from the column it is multiplied by.
    pub fn divisor(&mut self, left: &Piece) -> Result<Piece, Diagnostic> {
        let start = self.at;
        let first = self.sign()?;
        if !self.is_mathematics && self.spelling != Spelling::Latex || !self.juxtaposes() {
            return Ok(first);
        }
        let is_number = |piece: &Piece| piece.written.text.bytes().all(|byte| byte.is_ascii_digit());
        let (behind, count) = (self.at, self.notes.len());
        let is_row = first.is_transpose && first.axes != Axes::Matrix;
        let is_latex = self.spelling == Spelling::Latex;
        // Nothing is divided by a row.
        if is_latex && is_row {
            return Ok(self.run(left, first, |_| true)?.0);
        }
        // `a'*b/\|a\|\|b\|`, `1/\sigma\sqrt{2\pi}`, `E/k_BT`
        let is_of_norm = self.tokens.get(start).is_some_and(|token| is_norm(&token.mark));
        let is_deviation = first.name.as_deref().is_some_and(|name| DIVISORS.contains(&name));
        let is_named = is_latex && first.name.is_some() && !is_number(left);
        let of_norm: Belongs = |reader| is_norm(reader.peek());
        let of_root: Belongs = |reader| *reader.peek() == Mark::Part(Part::Root);
        let of_name: Belongs = |reader| reader.is_joined() && !reader.is_raised();
        for (is_so, belongs) in [(is_of_norm, of_norm), (is_deviation, of_root), (is_named, of_name)] {
            if !is_so || !belongs(self) {
                continue;
            }
            let (run, is_one) = self.run(left, first.clone(), belongs)?;
            if is_one {
                return Ok(run);
            }
            self.at = behind;
            self.notes.truncate(count);
        }
        // `1/2x` is the half of x. Blanks say nothing in LaTeX, and `x^2/2 \sigma^2` is no half of x^2 by sigma^2.
        let is_fraction = is_number(&first) && is_number(left) && !self.counts_behind();
        let is_counted = is_latex && is_number(&first) && !is_number(left) && left.name.is_none();
        let belongs = if is_counted { Self::is_name_or_number } else { Self::is_joined };
        if is_fraction || !belongs(self) && !is_row || is_latex && !is_number(&first) {
            self.note_rest(left, &first);
            return Ok(first);
        }
        let (run, is_one) = self.run(left, first.clone(), belongs)?;
        let goes_on = if is_counted { self.juxtaposes() } else { !is_latex && self.is_joined_to_bracket() };
        if goes_on || run.is_transpose || !is_one {
            self.at = behind;
            self.notes.truncate(count);
            self.note_rest(left, &first);
            return if is_row { Err(self.row_divides(start)) } else { Ok(first) };
        }
        Ok(run)
    }

    /// Whether what stands behind `/` is a matrix that MATLAB divides by from the right: a capital, or what has one in it, behind
    /// what is no number, where nothing says that it is a number itself.
    pub fn divides_by_matrix(&self, left: &Piece, right: &Piece) -> bool {
        let is_number =
            |name: &str| Table::named("python").scalars.contains(name) || self.divides_number(name);
        let is_one = right.name.as_deref().is_some_and(is_number) || self.is_count(right);
        let is_wide = left.is_transpose
            || left.written.text.ends_with('\'')
            || matches!(left.axes, Axes::Matrix | Axes::Vector);
        is_wide && right.axes == Axes::Matrix && !is_one
    }

    /// Whether all matrices that a divisor has are letters of counts, with which nothing is done but to divide by them: `X'*X/N`.
    fn is_count(&self, divisor: &Piece) -> bool {
        let text = &divisor.written.text;
        let words = text.split(|letter| !crate::token::continues_name(letter));
        let mut capitals = words.filter(|word| word.starts_with(char::is_uppercase)).peekable();
        capitals.peek().is_some() && capitals.all(|word| COUNTS.contains(&word) && self.is_divisor(word))
    }

    /// Says that a capital that MATLAB could divide by from the right is a number.
    pub fn note_count(&mut self, left: &Piece, right: &Piece) {
        let is_wide = matches!(left.axes, Axes::Matrix | Axes::Vector) && right.axes == Axes::Matrix;
        if is_wide && self.spelling == Spelling::Matlab && self.is_count(right) {
            let below = &right.written.text;
            let name: String = below.chars().filter(char::is_ascii_uppercase).take(1).collect();
            self.note(format!(
                "`/{below}` is read as a division by a number, for {name} is only divided by; declare `{name}: matrix` for the inverse of a matrix"
            ));
        }
    }

    /// Whether a name stands alone behind the `/` of a number or of a sum somewhere in the text: `1/N`, `sum(x)/N`.
    fn divides_number(&self, name: &str) -> bool {
        let mark = |at: usize| self.tokens.get(at).map_or(&Mark::End, |token| &token.mark);
        self.tokens.iter().enumerate().skip(2).any(|(at, token)| {
            token.mark == Mark::Name(name.to_owned())
                && *mark(at - 1) == Mark::Sign("/")
                && matches!(mark(at - 2), Mark::Number(_))
        })
    }

    /// `A/B` of MATLAB is A*inv(B).
    pub fn right_division(&mut self, left: Piece, typed: Span, right: Piece) -> Piece {
        let number =
            right.name.as_ref().map(|name| format!("; declare `{name}: scalar` for a division by a number"));
        let (above, below) = (&left.written.text, &right.written.text);
        let inner = below
            .strip_prefix('(')
            .and_then(|below| below.strip_suffix(')'))
            .filter(|_| right.level == Level::Whole);
        let inner = inner.filter(|inner| !inner.starts_with('(')).unwrap_or(below);
        if above.len() + below.len() < LONGEST {
            let note = format!(
                "`{above}/{below}` is read as `{above}*inv({inner})`, as MATLAB divides{}",
                number.unwrap_or_default()
            );
            self.note(note);
        }
        let axes = left.axes;
        let inverse = Piece { axes: Axes::Matrix, ..Piece::call("inv(", typed, vec![right]) };
        left.join("*", typed, inverse, Level::Product, axes)
    }

    /// The factors from here on that belong to the run, with `first` before them, and whether their product can be one number.
    fn run(
        &mut self,
        left: &Piece,
        first: Piece,
        belongs: impl Fn(&Self) -> bool,
    ) -> Result<(Piece, bool), Diagnostic> {
        let begins = first.clone();
        let (mut run, mut last) = (first.clone(), first);
        let mut is_plain = is_small(&begins);
        // A capital behind a letter, `k_BT`, is a number like that.
        let is_number = |piece: &Piece| piece.axes == Axes::Matrix && piece.name.is_some();
        while self.juxtaposes() && belongs(self) {
            let at = self.span().start;
            last = self.power()?;
            is_plain &= (is_small(&last) || is_number(&last)) && !last.is_transpose;
            let axes = matrix_product(&run, "*", &last);
            run = run.join("*", Span { start: at, end: at }, last.clone(), Level::Product, axes);
        }
        let is_form = begins.is_transpose && is_small(&begins) && is_small(&last) && !last.is_transpose;
        let is_one = is_form || is_plain && !begins.is_transpose;
        if is_one {
            let last = self.tokens.get(self.at.saturating_sub(1)).map_or(run.span(), |token| token.span);
            let behind = self.source.slice(run.span().to(last));
            let (above, one) = (&left.written.text, &run.written.text);
            let begins = &begins.written.text;
            let rest = one.strip_prefix(begins.as_str()).unwrap_or_default();
            if above.len() < LONGEST {
                self.note(format!(
                    "`/{behind}` is read as one divisor, `{above}/({one})`; the other reading is `({above}/{begins}){rest}`"
                ));
            }
        }
        Ok((run.enclosed(), is_one))
    }

    /// Whether only names of counts, and of what densities are divided by, stand here without a blank: `1/2n`, `1/2\sigma^2`.
    fn counts_behind(&self) -> bool {
        let token = |at: usize| self.tokens.get(self.at + at);
        let is_number = |at: usize| matches!(token(at).map(|token| &token.mark), Some(Mark::Number(_)));
        let (mut at, mut is_any) = (0, false);
        while let Some(next) = token(at).filter(|token| !token.is_apart) {
            let Mark::Name(name) = &next.mark else { break };
            if !DIVISORS.contains(&name.as_str()) && !COUNTS.contains(&name.as_str()) {
                return false;
            }
            (at, is_any) = (at + 1, true);
            if matches!(token(at).map(|token| &token.mark), Some(Mark::Raise { each: false })) {
                let is_group = token(at + 1).is_some_and(|token| token.mark == Mark::OpenGroup);
                if !is_number(at + 1 + usize::from(is_group)) {
                    return false;
                }
                at += 2 + 2 * usize::from(is_group);
            }
        }
        is_any
    }

    /// Whether a number or a name stands here.
    fn is_name_or_number(&self) -> bool {
        matches!(self.peek(), Mark::Number(_) | Mark::Name(_) | Mark::Accent(_))
    }

    /// Whether the name here is raised to something, as a row `x^T` is.
    fn is_raised(&self) -> bool {
        matches!(self.ahead(1), Mark::Raise { .. } | Mark::Quote)
    }

    /// The same without a blank before it.
    fn is_joined(&self) -> bool {
        self.is_name_or_number() && self.tokens.get(self.at).is_some_and(|token| !token.is_apart)
    }

    /// Whether a structure stands here without a blank before it, which belongs to the whole as well as to the divisor.
    fn is_joined_to_bracket(&self) -> bool {
        self.juxtaposes() && self.tokens.get(self.at).is_some_and(|token| !token.is_apart)
    }

    /// Says that factors behind a divisor and a blank do not belong to it: `a/b c` is (a/b)*c.
    fn note_rest(&mut self, left: &Piece, first: &Piece) {
        // `1/n x` is x by n.
        if left.written.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let (behind, count) = (self.at, self.notes.len());
        let mut rest: Option<Piece> = None;
        while self.juxtaposes() {
            let at = self.span().start;
            let Ok(factor) = self.power() else { break };
            rest = Some(match rest {
                Some(rest) => {
                    rest.join("*", Span { start: at, end: at }, factor, Level::Product, Axes::Scalar)
                }
                None => factor,
            });
        }
        self.at = behind;
        self.notes.truncate(count);
        let (above, below) = (&left.written.text, &first.written.text);
        if let Some(rest) = rest.filter(|_| above.len() < LONGEST) {
            let rest = &rest.written.text;
            self.note(format!(
                "`{above}/{below}` and `{rest}` behind it are read as `({above}/{below})*{rest}`; the other reading is `{above}/({below}*{rest})`"
            ));
        }
    }

    /// The error of a division by a row that has its column behind a blank.
    fn row_divides(&mut self, start: usize) -> Diagnostic {
        let begin = self.tokens.get(start).map_or(Span::default(), |token| token.span);
        while self.juxtaposes() {
            if self.power().is_err() {
                break;
            }
        }
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(begin, |token| token.span);
        let divisor = begin.to(end);
        let (text, typed) = (&self.source.text, self.source.slice(divisor));
        let mended = format!("{}({typed}){}", &text[..divisor.start], &text[divisor.end..]);
        let what = format!("blanks part `{typed}` behind `/`, and nothing is divided by a row");
        self.error(what, format!("put the divisor in brackets: `{}`", mended.trim()), divisor)
    }
}

/// Small letters that stand behind the 2 of what is divided by.
const DIVISORS: [&str; 7] = ["n", "m", "sigma", "pi", "tau", "l", "epsilon"];

fn is_norm(mark: &Mark) -> bool {
    matches!(mark, Mark::Part(Part::Norm | Part::OpenNorm))
}

/// How long what is divided is at most, where both readings are shown.
const LONGEST: usize = 120;

/// Whether a factor is a number, or a name of a scalar or a column, its power or its transpose.
fn is_small(piece: &Piece) -> bool {
    piece.axes != Axes::Matrix
}

/// Whether a row that ends here is divided by a capital, and that is multiplied on.
pub(super) fn divides_row(rest: &str) -> bool {
    let behind = rest.strip_prefix('\'').unwrap_or_default().trim_start();
    let divisor = behind.strip_prefix('/').unwrap_or_default().trim_start();
    let end = divisor.find(|letter| !crate::token::continues_name(letter)).unwrap_or(divisor.len());
    let is_capital = divisor.starts_with(|first: char| first.is_ascii_uppercase());
    is_capital && divisor[end..].trim_start_matches(['\'', ' ']).starts_with('*')
}
