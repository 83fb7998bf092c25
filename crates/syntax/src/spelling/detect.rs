//! Which spelling a text is in: the marks that only one of them has.

use super::Spelling;
use super::table::{Pattern, Row, Table};
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::token::{begins_name, continues_name};
use std::sync::Arc;

/// What shows that a text is in a spelling: where the first such mark stands.
#[derive(Default)]
struct Found {
    latex: Option<Span>,
    python: Option<Span>,
    matlab: Option<Span>,
    /// `x[1]`: Python, where nothing is LaTeX and nothing says that it is counted from 1.
    index: Option<Span>,
    /// `x[0]`, `x[-1]`, `x[:3]`, `x[:, None]`: Python.
    from_zero: Option<Span>,
    unicode: Option<Span>,
    /// `'all'`, which MATLAB alone has.
    all: bool,
    /// `'`, `.*`, `./`, `.^`: marks of the language itself.
    own: Option<Span>,
    /// `*` or `/`, which mean another thing in Python.
    product: bool,
}

/// The spelling of a text; `None` where it is the language of formulas itself and has no mark of another.
///
/// # Errors
/// When a text has marks of two spellings that mean different things by the same signs.
pub(crate) fn detect(text: &Arc<Text>) -> Result<Option<Spelling>, Diagnostic> {
    let mut found = look(&text.text);
    if found.latex.is_none() {
        found.python = found.python.or(found.from_zero);
    }
    let is_from_one = found.counts_from_one(&text.text);
    if found.latex.is_none() && !is_from_one {
        found.python = found.python.or(found.index);
    }
    let two = |(mark, of): (Span, &str), (other, of_other): (Span, &str)| {
        let (first, second) = if mark.start < other.start { (mark, other) } else { (other, mark) };
        let what = format!(
            "`{}` is written in {of}, and `{}` in {of_other}, where the same signs mean other things",
            text.slice(mark),
            text.slice(other)
        );
        let mend = "write all of it in one way, or choose how it is read with `--spelling text` or `--spelling python`";
        let span = if first.start == other.start { first } else { second };
        Err(text.error(Mistake::Foreign { what, mend: mend.to_owned() }, span))
    };
    match found {
        Found { latex: Some(latex), python: Some(python), .. } => two((latex, "LaTeX"), (python, "Python")),
        Found { python: Some(python), own: Some(own), product: true, latex: None, .. } => {
            two((own, "the language of formulas"), (python, "Python"))
        }
        Found { latex: Some(_), .. } => Ok(Some(Spelling::Latex)),
        Found { python: Some(_), own: None, .. } => Ok(Some(Spelling::Python)),
        Found { python: None, matlab: None, unicode: None, .. } if !is_from_one => Ok(None),
        Found { all: true, unicode: None, .. } => Ok(Some(Spelling::Matlab)),
        Found { .. } => Ok(Some(Spelling::Text)),
    }
}

/// Whether a text has marks of mathematics that no program has, such as `ᵀ`, `‖` or a transpose before a factor without a sign.
pub(crate) fn is_mathematics(text: &str) -> bool {
    look(text).unicode.is_some()
}

/// Where a text has the first index of which no mark says from which number it is counted.
pub(crate) fn undecided_index(text: &str) -> Option<Span> {
    let found = look(text);
    let Found { latex: None, python: None, from_zero: None, index, .. } = found else { return None };
    index.filter(|_| !found.counts_from_one(text))
}

impl Found {
    /// Whether indices in a text are counted from 1: it has powers, products or calls as Julia writes them, or a transpose.
    fn counts_from_one(&self, text: &str) -> bool {
        const MARKS: [char; 9] = ['^', '²', '³', '‖', '√', '∑', 'ᵀ', '⋅', '·'];
        let Found { python: None, from_zero: None, index: Some(_), .. } = self else { return false };
        self.own.is_some() || self.matlab.is_some() || text.contains(MARKS)
    }
}

/// Whether the bracket that a text begins with counts from 0, or from the end by a minus, or leaves out where a range begins or ends.
fn counts_from_zero(text: &str) -> bool {
    let inside = near(text).get(1..).and_then(|text| text.split(']').next()).unwrap_or_default();
    inside.split(',').map(str::trim).any(|part| {
        let is_range = part.len() > 1 && (part.starts_with(':') || part.ends_with(':'));
        is_range
            || part.starts_with('-')
            || matches!(part, "0" | "None" | "np.newaxis")
            || part.starts_with("0:")
    })
}

/// Looks through a text once.
fn look(text: &str) -> Found {
    let mut found = Found::default();
    let unicode = Table::named("unicode");
    let labels = super::indices::labels(text);
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or(0);
    let has_own_product = ["*", "./", ".^"].iter().any(|sign| text.contains(sign));
    let is_code = super::asides::has_function(text);
    let (mut at, mut before, mut tight, mut solid) = (0, '\n', false, '(');
    while let Some(letter) = text[at..].chars().next() {
        let width = letter.len_utf8();
        let rest = &text[at..];
        let span = |length: usize| Some(Span { start: at, end: at + length });
        let ends_value = tight && (continues_name(before) || matches!(before, ')' | ']' | '\'' | '}'));
        let mut length = width;
        if let Some((aside, of)) = super::asides::aside(text, at) {
            let found = if of == Spelling::Python { &mut found.python } else { &mut found.matlab };
            *found = found.or(span(aside));
            (at, tight, solid) = (at + aside, false, '\n');
            continue;
        }
        match letter {
            '#' => length = rest.find('\n').unwrap_or(rest.len()),
            '\\' => {
                let letters = rest[1..].find(|letter: char| !letter.is_ascii_alphabetic());
                length = 1 + letters.unwrap_or(rest.len() - 1);
                let is_latex = match (Table::named("latex").rows.get(&rest[..length]), length) {
                    (_, 1) => {
                        length = if byte(at + 1).is_ascii() { 2.min(rest.len()) } else { 1 };
                        matches!(byte(at + 1), b'\\' | b'|' | b',' | b';' | b'!' | b'{' | b'}')
                            || matches!(byte(at + 1), b'(' | b'[') && at == 0
                    }
                    // `K\alpha` solves, where the rest is in the language of formulas.
                    (Some(Row::Name(_) | Row::Apply(_)), _) => !(ends_value && has_own_product),
                    (known, _) => known.is_some(),
                };
                found.latex = found.latex.or(is_latex.then_some(()).and(span(length)));
            }
            '$' => found.latex = found.latex.or(span(1)),
            '^' if ends_value && super::juxtaposed::is_labelled_factor(&rest[1..]) => {
                found.latex = found.latex.or(span(2))
            }
            '^' | '_' if byte(at + 1) == b'{' => found.latex = found.latex.or(span(2)),
            // `x^TAx`, `x^T A x`: a transpose and a factor without a sign between.
            '^' if ends_value
                && (turns(&rest[1..]) || rest.starts_with("^T") && ends_with_ones(&text[..at])) =>
            {
                length = 1;
                found.unicode = found.unicode.or(span(2));
            }
            '^' if byte(at + 1) == b'+' => {
                length = 2;
                found.unicode = found.unicode.or(span(2));
            }
            // `x^2_1`: what stands below a power.
            '^' if has_index_behind(&rest[1..]) => {
                length = 2;
                found.unicode = found.unicode.or(span(2));
            }
            '_' if byte(at + 1) == b'+' && matches!(before, ')' | ']') => {
                found.unicode = found.unicode.or(span(2));
            }
            '@' | ':' if matches!((letter, byte(at + 1)), ('@', b'.') | (':', b'=')) => {
                length = 2;
                found.matlab = found.matlab.or(span(2));
            }
            '@' if byte(at + 1) == b'(' && matches!(solid, '(' | ',' | '=') => {
                found.matlab = found.matlab.or(span(2));
            }
            '@' => found.python = found.python.or(span(1)),
            '*' if byte(at + 1) == b'*' => {
                length = 2;
                found.python = found.python.or(span(2));
            }
            '+' | '-' if super::programs::sets_or_maps(text, at) => {
                (length, found.matlab) = (2, found.matlab.or(span(2)));
            }
            '*' | '/' => found.product = true,
            '.' if matches!(byte(at + 1), b'*' | b'/' | b'^') => {
                length = 2;
                found.own = found.own.or(span(2));
            }
            '.' if matches!(byte(at + 1), b'+' | b'-') && !before.is_ascii_digit() => {
                length = 2;
                found.matlab = found.matlab.or(span(2));
            }
            // `(x - mu)'/S*(x - mu)`: a row is divided by a matrix and multiplied on.
            '\'' if ends_value && super::divisor::divides_row(rest) => {
                found.matlab = found.matlab.or(span(2))
            }
            '.' if byte(at + 1) == b'(' && ends_value => found.matlab = found.matlab.or(span(2)),
            '.' if ends_value && byte(at + 1).is_ascii_alphabetic() => {
                let name = rest[1..].find(|letter| !continues_name(letter)).unwrap_or(rest.len() - 1);
                length = 1 + name;
                let is_transpose = &rest[..length] == ".T" || before.is_ascii_digit();
                if !is_transpose && !super::symbols::says_gradient(rest) {
                    found.python = found.python.or(span(length));
                }
            }
            ')' | '\'' if super::beside::has_factor_behind(text, at) => {
                found.unicode = found.unicode.or(span(1));
                found.own = found.own.or(span(1).filter(|_| letter == '\''));
            }
            '(' if ends_value && super::beside::applies_capital(text, at) => {
                found.unicode = found.unicode.or(span(1));
            }
            '(' if ends_value && rest.starts_with("(:)") => found.matlab = found.matlab.or(span(3)),
            // `E[x]` is an expectation.
            '[' if ends_value && text[..at].ends_with('E') && !text[..at - 1].ends_with(continues_name) => {
                found.unicode = found.unicode.or(span(1));
            }
            '[' if super::conditions::is_indicator(text, at) => found.unicode = found.unicode.or(span(1)),
            '[' if ends_value => {
                found.index = found.index.or(span(1));
                // `x[end]`
                let inside = near(rest).split(']').next().unwrap_or_default();
                let mut words = inside.split(|letter| !continues_name(letter));
                if words.any(|word| word == crate::words::END) {
                    found.matlab = found.matlab.or(span(1));
                }
                found.from_zero = found.from_zero.or(span(1).filter(|_| counts_from_zero(rest)));
            }
            '\'' if ends_value => {
                let behind = &rest[1..];
                let factor = behind.trim_start_matches([' ', '\t']);
                let is_bracket = matches!(before, ')' | ']') && factor.starts_with('(');
                let is_bracket = is_bracket || super::beside::is_between(&text[..at], behind);
                if factor.starts_with(begins_name) || is_bracket || ends_with_ones(&text[..at]) {
                    found.unicode = found.unicode.or(span(1));
                }
                found.own = found.own.or(span(1));
            }
            '\'' | '"' if matches!(solid, '(' | ',' | '=') => {
                let close = rest[1..].find([letter, '\n']);
                if let Some(close) = close.filter(|close| rest[1 + close..].starts_with(letter)) {
                    length = close + 2;
                    found.all |= &rest[..length] == "'all'";
                    found.matlab = found.matlab.or(span(length));
                }
            }
            _ if begins_name(letter) => {
                let is_row = |letter: char| {
                    !letter.is_ascii() && unicode.rows.contains_key(letter.encode_utf8(&mut [0; 4]) as &str)
                };
                let end = |letter: char| !continues_name(letter) || is_row(letter) && !letter.is_alphabetic();
                length = rest.find(end).unwrap_or(rest.len()).max(width);
                if !continues_name(before)
                    && let Some(sum) = super::indices::indexed_sum(rest, &labels)
                {
                    (length, found.unicode) = (sum, found.unicode.or(span(sum)));
                }
                let word = &rest[..length];
                // `x_{+}`, but for the `x_{i}` of a sum.
                if labels.is_empty() && word.ends_with('_') && byte(at + length) == b'{' {
                    found.latex = found.latex.or(span(length));
                }
                let phrase = unicode.phrases.iter().find(|phrase| rest.starts_with(*phrase));
                if let Some(phrase) = phrase.filter(|_| !continues_name(before)) {
                    (length, found.unicode) = (phrase.len(), found.unicode.or(span(phrase.len())));
                }
                let word = &rest[..length];
                let asks = super::minimized::minimizes(word, &rest[length..])
                    || super::minimized::asks(word, &rest[length..])
                    || at > 0 && super::behind::is_behind(word, &rest[length..]);
                if word.contains(is_row) || asks {
                    found.unicode = found.unicode.or(span(length));
                }
                if super::beside::is_letter(word) && super::beside::has_letter_behind(text, at + length) {
                    found.unicode = found.unicode.or(span(length));
                }
                // `max{0, x}`
                if byte(at + length) == b'{' && super::is_function(word) {
                    found.unicode = found.unicode.or(span(length));
                }
                let calls = byte(at + length) == b'(';
                let module = byte(at + length) == b'.' && Table::named("python").modules.contains_key(word);
                if word == "function" && is_code {
                    found.matlab = found.matlab.or(span(length));
                }
                let statement = begins_statement(word, &rest[length..]) && !(word == "return" && is_code);
                if (module || statement) && !(tight && before == '.') {
                    found.python = found.python.or(span(length));
                } else if calls && is_matlab(word) && differs(word, &rest[length..]) {
                    found.matlab = found.matlab.or(span(length));
                }
            }
            _ if (letter == '|' || !letter.is_ascii()) && unicode.rows.contains_key(&rest[..width]) => {
                found.unicode = found.unicode.or(span(width));
            }
            _ => {}
        }
        let end = at + length.max(width);
        before = text[..end].chars().next_back().unwrap_or(' ');
        tight = !before.is_whitespace();
        solid = if tight { before } else { solid };
        at = end;
    }
    found
}

/// Whether an exponent is a transpose with a factor behind it, or one of a column of ones beside its transpose.
fn turns(exponent: &str) -> bool {
    let length = exponent.find(|letter| !continues_name(letter)).unwrap_or(exponent.len());
    let (word, behind) = exponent.split_at(length);
    let factor = behind.trim_start_matches([' ', '\t']);
    let begins = factor.starts_with(|first| begins_name(first) || matches!(first, '(' | '|' | '['));
    word == "T" && begins || super::juxtaposed::turned(word).is_some()
}

/// Whether a text ends with `11`, which is a column of ones beside the row that its transpose is.
fn ends_with_ones(text: &str) -> bool {
    let rest = text.strip_suffix("11");
    rest.is_some_and(|rest| !rest.ends_with(|letter: char| letter == '.' || continues_name(letter)))
}

/// Whether an exponent that is a number has an index behind it.
fn has_index_behind(exponent: &str) -> bool {
    let digits = exponent.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && exponent[digits..].starts_with('_')
}

/// Whether a word and what follows it are Python; alone, each may be a name.
fn begins_statement(word: &str, rest: &str) -> bool {
    if !matches!(word, "lambda" | "def" | "import" | "return" | "keepdims") {
        return false;
    }
    let line = near(rest).split('\n').next().unwrap_or_default();
    let behind = line.trim_start();
    match word {
        "keepdims" => behind.starts_with('='),
        _ if behind.len() == line.len() || !behind.starts_with(begins_name) => false,
        // `lambda w: ...`, and not the name of a number.
        "lambda" => behind.contains(':'),
        _ => true,
    }
}

/// The first letters of a text, as many as are looked at.
fn near(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end])
}

/// Whether MATLAB or Julia has calls of this name.
fn is_matlab(word: &str) -> bool {
    let matlab = Table::named("matlab");
    matlab.calls.contains_key(word) || matlab.lawless.contains_key(word)
}

/// Whether a call of this name is none of the language of formulas.
fn differs(word: &str, rest: &str) -> bool {
    if !super::is_function(word) {
        return true;
    }
    // `norm(X, 1)`, `sum(abs2, x)`, `dot(x, A, x)`: the first bracket, as far as it is short.
    let rest = near(rest);
    let mut depth = 0_usize;
    let end = rest.char_indices().find(|(_, letter)| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let inside = rest.get(1..end.map_or(rest.len(), |(end, _)| end)).unwrap_or_default();
    let mut depth = 0_usize;
    let parts: Vec<&str> = inside
        .split(|letter| {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && letter == ','
        })
        .map(str::trim)
        .collect();
    let is_as = |row: &Pattern| {
        let wanted = row.spelled.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')'));
        let wanted: Vec<&str> = wanted.unwrap_or_default().split(", ").collect();
        let is_text = |wanted: &&&str| wanted.len() > 1;
        let mut texts = wanted.iter().filter(is_text).peekable();
        wanted.len() == parts.len()
            && (wanted.len() > 2 || texts.peek().is_some())
            && texts.all(|text| parts.iter().any(|part| part.replace(' ', "") == **text))
    };
    let rows = Table::named("matlab").calls.get(word);
    // `softmax(X; dims=2)`
    inside.contains("dims=")
        || word == "norm" && parts.len() > 1
        || rows.is_some_and(|rows| rows.iter().any(is_as))
}

impl Spelling {
    /// The table of its rows.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Spelling::Latex => "latex",
            Spelling::Python => "python",
            Spelling::Auto | Spelling::Text | Spelling::Matlab => "matlab",
        }
    }
}
