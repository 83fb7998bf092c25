//! Letters before a bracket that are arbitrary functions, such as `\rho(x)`, and those that are of the spectrum of a matrix.

use super::Spelling;
use super::beside::is_letter;
use super::juxtaposed::is_greek;
use super::marks::Mark;
use super::minimized::is_extreme;
use super::piece::Piece;
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::{Diagnostic, Span};
use crate::token::continues_name;

impl Reader<'_> {
    /// Whether a letter before the bracket so far ahead is an arbitrary function: a Greek one or ℓ, with an index or without, or a
    /// capital round one matrix, that stands nowhere else as a factor, and that is none of the usual multipliers.
    pub fn is_applied(&self, value: &Piece, ahead: usize) -> bool {
        let Some(name) = &value.name else { return false };
        let typed = self.source.slice(value.span());
        let is_typed = typed.starts_with('\\') || !typed.is_ascii();
        let (stem, label) = stem_and_label(name);
        if self.is_function_of_name(name, ahead) {
            return true;
        }
        if is_capital(name) {
            return self.spelling != Spelling::Python
                && matches!(self.ahead(ahead), Mark::Open | Mark::Part(Part::Open))
                && self.holds_matrix(ahead)
                && !self.declared.contains_key(name)
                && !self.lets.contains_key(name)
                && self.is_always_applied(stem, false);
        }
        let is_loss = stem == "l" && typed.starts_with(['\\', 'ℓ']);
        if !is_typed
            || self.spelling == Spelling::Python
            || !(is_loss || is_greek(stem))
            || self.declared.contains_key(name)
            || self.lets.contains_key(name)
            || self.standing.defined.contains(name)
            || super::is_function(name)
        {
            return false;
        }
        let is_alike = match stem {
            "l" | "rho" | "phi" | "psi" => true,
            // These are often factors: only where no sum and no difference is in the bracket.
            "tau" | "theta" | "omega" | "epsilon" | "delta" | "xi" | "kappa" | "zeta" | "chi" | "iota"
            | "Phi" | "Psi" | "Gamma" => label.is_empty() && !self.holds_sum(ahead),
            _ => false,
        };
        is_alike && self.is_always_applied(stem, is_loss)
    }

    /// Whether a letter that stands nowhere else, and of which nothing is known, is before a bracket that holds one name, or the value
    /// of such a letter: nobody writes a product as `R(x)`.
    fn is_function_of_name(&self, name: &str, ahead: usize) -> bool {
        let (stem, _) = stem_and_label(name);
        let is_paper = self.spelling == Spelling::Latex || self.is_mathematics;
        is_paper
            && (stem.chars().count() == 1 || is_greek(stem))
            && stem != "sigma"
            && !self.declared.contains_key(name)
            && !self.lets.contains_key(name)
            && !self.standing.defined.contains(name)
            && !super::is_function(name)
            && self.holds_name(ahead)
            && self.is_always_applied(stem, false)
    }

    /// Whether the bracket so far ahead holds one name, or one letter before a bracket that does.
    fn holds_name(&self, ahead: usize) -> bool {
        let (mut at, mut depth, mut names) = (ahead, 0_usize, 0);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::Part(Part::Open) => depth += 1,
                Mark::Close | Mark::Part(Part::Close) => depth = depth.saturating_sub(1),
                Mark::Lower => {
                    at += self.operand_length(at + 1);
                }
                Mark::Name(_) => {
                    let calls = matches!(self.ahead(at + 1), Mark::Open | Mark::Part(Part::Open));
                    names += usize::from(!calls);
                }
                Mark::OpenGroup | Mark::CloseGroup | Mark::Accent(_) => {}
                _ => return false,
            }
            at += 1;
            if depth == 0 {
                return names == 1;
            }
        }
    }

    /// The error of `f_\theta(x)` in a formula that has theta too, and so asks how the one depends on the other.
    #[inline(never)]
    pub fn parametrized(&self, name: &str, typed: Span) -> Result<(), Diagnostic> {
        let Some((_, label)) = name.split_once('_') else { return Ok(()) };
        let is_label = |at: usize| {
            let mark = |back: usize| {
                at.checked_sub(back).and_then(|at| self.tokens.get(at)).map(|token| &token.mark)
            };
            mark(1) == Some(&Mark::Lower)
                || mark(1) == Some(&Mark::OpenGroup) && mark(2) == Some(&Mark::Lower)
        };
        let is_parameter =
            label.chars().count() == 1 && !matches!(label, "i" | "j" | "k" | "n" | "t") || is_greek(label);
        let mut tokens = self.tokens.iter().enumerate();
        let is_asked = tokens.any(|(at, token)| token.mark == Mark::Name(label.to_owned()) && !is_label(at));
        if !is_parameter || !is_asked || !self.source.slice(typed).contains('_') {
            return Ok(());
        }
        let what = format!("`{}` depends on {label}, and nothing says how", self.source.slice(typed));
        let mend = r"write what it is, such as `\theta^T x` for a line, or give its values a name of their own, such as `\hat y`";
        Err(self.error(what, mend, typed))
    }

    /// Whether the bracket so far ahead holds the name of one matrix alone, as in `H(P)`.
    pub fn holds_matrix(&self, ahead: usize) -> bool {
        let is_name =
            matches!(self.ahead(ahead + 1), Mark::Name(name) if name.starts_with(char::is_uppercase));
        is_name && matches!(self.ahead(ahead + 2), Mark::Close | Mark::Part(Part::Close))
    }

    /// Whether a capital before the bracket here is a factor, because it stands without one elsewhere: `tr(H(P)) + tr(H)`.
    pub fn is_matrix_applied(&self, name: &str) -> bool {
        is_capital(name) && self.holds_matrix(0) && !self.is_always_applied(stem_and_label(name).0, false)
    }

    /// Says that a capital directly before the bracket here is a factor, where it could be a function.
    pub fn note_factor(&mut self, value: &Piece) {
        let Some(name) = value.name.as_ref().filter(|name| self.may_be_applied(name)) else { return };
        let Some(inner) = self.in_bracket().filter(|inner| !inner.is_empty()) else { return };
        let product = product(name, &inner);
        let because = match self.is_always_applied(stem_and_label(name).0, false) {
            true => String::new(),
            false => format!(", because {name} is a matrix here too"),
        };
        self.note(format!(
            "`{name}({inner})` is read as the product {product}{because}; declare `{name}: function` for a function"
        ));
    }

    /// Remembers that a letter is a function, and what it is as a factor where it may be one.
    pub fn found_function(&mut self, name: &str) {
        let is_letter = !super::applied::is_letter_of_functions(name) && !name.starts_with("l");
        let inner = if is_capital(name) || is_letter { self.in_bracket() } else { None };
        let product = inner.map(|inner| product(name, &inner));
        self.functions.entry(name.to_owned()).or_insert(product);
    }

    /// Whether a capital that nothing is declared of stands directly before the bracket here, in a text where that could call it.
    fn may_be_applied(&self, name: &str) -> bool {
        let is_open =
            *self.peek() == Mark::Open && self.tokens.get(self.at).is_some_and(|open| !open.is_apart);
        let is_text = self.spelling == Spelling::Text && is_open && name != "T" && is_letter(name);
        let is_capital_here = is_text && name.starts_with(|first: char| first.is_ascii_uppercase());
        let is_known = self.declared.contains_key(name) || self.lets.contains_key(name);
        is_capital_here && !is_known || self.is_matrix_applied(name)
    }

    /// What stands in the bracket that opens here, as it was typed, where that has a name in it.
    fn in_bracket(&self) -> Option<String> {
        let start = self.span().end;
        let (mut at, mut depth, mut has_name) = (0, 0_usize, false);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::Part(Part::Open) => depth += 1,
                Mark::Close | Mark::Part(Part::Close) => depth = depth.saturating_sub(1),
                Mark::End | Mark::Newline => return None,
                Mark::Name(_) => has_name = true,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            at += 1;
        }
        let end = self.tokens.get(self.at + at)?.span.start;
        has_name.then(|| self.source.slice(Span { start, end }).trim().to_owned())
    }

    /// Whether a sum or a difference stands in the bracket so far ahead, and in no bracket within.
    fn holds_sum(&self, ahead: usize) -> bool {
        let (mut at, mut depth) = (ahead, 0_usize);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::OpenGroup | Mark::OpenBlock | Mark::Part(Part::Open) => depth += 1,
                Mark::Close | Mark::CloseGroup | Mark::CloseBlock | Mark::Part(Part::Close) => {
                    depth = depth.saturating_sub(1);
                }
                Mark::Sign("+") => return depth == 1,
                Mark::Sign("-") if depth == 1 && at > ahead + 1 => return true,
                Mark::End => return false,
                _ => {}
            }
            if depth == 0 {
                return false;
            }
            at += 1;
        }
    }

    /// Whether a letter stands before a bracket wherever the text has it, but for what is below and above it.
    fn is_always_applied(&self, stem: &str, is_loss: bool) -> bool {
        let mark = |at: usize| self.tokens.get(at).map_or(&Mark::End, |token| &token.mark);
        self.tokens.iter().enumerate().all(|(at, token)| {
            let Mark::Name(name) = &token.mark else { return true };
            let is_label = at > 0 && matches!(mark(at - 1), Mark::Lower)
                || at > 1 && *mark(at - 1) == Mark::OpenGroup && *mark(at - 2) == Mark::Lower;
            let is_plain = is_loss && self.source.slice(token.span) == "l";
            if stem_and_label(name).0 != stem || is_label || is_plain {
                return true;
            }
            let mut next = at + 1;
            loop {
                match mark(next) {
                    Mark::Quote => next += 1,
                    Mark::Lower | Mark::Raise { .. } => {
                        next += 1;
                        let mut depth = 0_usize;
                        loop {
                            match mark(next) {
                                Mark::OpenGroup => depth += 1,
                                Mark::CloseGroup => depth = depth.saturating_sub(1),
                                Mark::End => return false,
                                _ => {}
                            }
                            next += 1;
                            if depth == 0 {
                                break;
                            }
                        }
                    }
                    // `\mathcal{R}(w)`
                    Mark::CloseGroup if next == at + 1 && at > 0 && *mark(at - 1) == Mark::OpenGroup => {
                        next += 1
                    }
                    Mark::Open | Mark::Part(Part::Open) => return true,
                    _ => return false,
                }
            }
        })
    }

    /// The error of a value of the spectrum of a matrix, such as `\lambda_{\max}(A)`, where one stands here.
    pub fn spectrum(&self, value: &Piece) -> Result<(), Diagnostic> {
        let Some(name) = &value.name else { return Ok(()) };
        let typed = self.source.slice(value.span());
        let (stem, label) = stem_and_label(name);
        let is_extreme = is_extreme(label) || matches!(label, "i" | "j" | "k" | "n" | "m" | "r" | "1" | "2");
        let what = match stem {
            "lambda" if is_extreme => "an eigenvalue",
            "sigma" if is_extreme => "a singular value",
            "kappa" if label.is_empty() && self.is_always_applied(stem, false) => "a condition number",
            "rho" if label.is_empty() && self.is_always_applied(stem, false) => "a spectral radius",
            _ => return Ok(()),
        };
        let is_open = matches!(self.peek(), Mark::Open | Mark::Part(Part::Open));
        let is_known = self.declared.contains_key(name)
            || self.lets.contains_key(name)
            || self.standing.defined.contains(name);
        if typed.is_ascii() && !typed.starts_with('\\')
            || !is_open
            || is_known
            || self.spelling == Spelling::Python
        {
            return Ok(());
        }
        let mut at = 1;
        loop {
            match self.ahead(at) {
                Mark::Name(name) if name == "T" || name.starts_with(char::is_uppercase) => {}
                Mark::Quote | Mark::Raise { .. } | Mark::Lower | Mark::OpenGroup | Mark::CloseGroup => {}
                Mark::Close | Mark::Part(Part::Close) if at > 1 => break,
                _ => return Ok(()),
            }
            at += 1;
        }
        let end = self.tokens.get(self.at + at).map_or(value.span(), |token| token.span);
        let whole = value.span().to(end);
        let matrix = match (at, self.tokens.get(self.at + 1)) {
            (2, Some(token)) => self.source.slice(token.span).to_owned(),
            _ => "M".to_owned(),
        };
        let mend = match what {
            "a condition number" => {
                format!(
                    "write `norm({matrix})*norm(inv({matrix}))` for that of the norm of Frobenius, or give the value a name, such as `k`"
                )
            }
            "a singular value" => {
                format!(
                    "write it by its singular vectors, `u'*{matrix}*v`, or give the value a name, such as `s`"
                )
            }
            _ => format!(
                "write it by its eigenvector of length one, `u'*{matrix}*u`, or give the value a name, such as `t`"
            ),
        };
        let what = format!("`{}` is {what} of a matrix, which has no law here", self.source.slice(whole));
        Err(self.error(what, mend, whole))
    }
}

/// The product of a name and what stands in the bracket behind it.
fn product(name: &str, inner: &str) -> String {
    match inner.chars().all(continues_name) {
        true => format!("{name}*{inner}"),
        false => format!("{name}*({inner})"),
    }
}

/// Whether a name is one Latin capital, but for the E of expectations and the T of transposes.
fn is_capital(name: &str) -> bool {
    let letter = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    letter.len() == 1
        && letter.starts_with(|first: char| first.is_ascii_uppercase())
        && !matches!(letter, "E" | "T")
}

/// The letter that a name begins with and what stands below it: `rho` and `tau` of `rho_tau`.
fn stem_and_label(name: &str) -> (&str, &str) {
    let (stem, label) = name.split_once('_').unwrap_or((name, ""));
    let digits = stem.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if label.is_empty() { (digits, &stem[digits.len()..]) } else { (digits, label) }
}
