//! Spellings: the language of formulas as it is written in papers and in other languages, read into the language itself.
//!
//! One grammar reads every spelling. What a sign, a name or a function is called in one is a row of a table of text in the
//! library; the code knows structures only: what stands above and below, fractions, bars, calls. The result is a text in the
//! language of formulas that remembers where each part of it was typed, so that an error has its caret there.

mod above;
mod adjoint;
mod affine;
mod alike;
mod applied;
mod arbitrary;
mod arguments;
mod arrays;
mod asides;
mod asked;
mod back;
mod behind;
mod beside;
mod blocks;
mod calls;
mod chains;
mod claim;
mod commands;
mod composed;
mod conditions;
mod continued;
mod declared;
mod defined_last;
mod detect;
mod distances;
mod divisor;
mod domains;
mod expectation;
mod indices;
mod inner;
mod inside;
mod joined;
mod juxtaposed;
mod kept;
mod labels;
mod lawless;
mod left_names;
mod left_sides;
mod letters;
mod lifted;
mod marks;
mod minimized;
mod norms;
mod notation;
mod ones;
mod operands;
mod outside;
mod pairs;
mod piece;
mod products;
mod programs;
mod prose;
mod reader;
mod respell;
mod scales;
mod signs;
mod squares;
mod statements;
mod symbols;
mod table;
#[cfg(test)]
mod tests;
mod totals;
mod trailing;
mod ways;
mod wholes;
mod written;

use crate::diagnostic::{Diagnostic, Origin, Span, Text};
use crate::library::Library;
pub(crate) use alike::keep_transposes;
pub use claim::{Claim, LeftSide, Of, Says, Turned, spell_claim};
pub(crate) use declared::{is_function, known, mentions};
use formula::Name;
pub(crate) use respell::respell;
use respell::respell_as;
pub(crate) use symbols::is_derivative;
pub(crate) use wholes::settled;

use std::collections::BTreeMap;
use std::sync::Arc;
use written::Written;

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// As its marks show.
    #[default]
    Auto,
    /// In the language of formulas, with the signs of mathematics and what MATLAB and Julia add.
    Text,
    /// In LaTeX, as in a paper.
    Latex,
    /// In Python, with NumPy, JAX or PyTorch.
    Python,
    /// In MATLAB, where sums go down columns.
    Matlab,
}

impl Spelling {
    /// Every spelling.
    pub const ALL: [Spelling; 5] =
        [Spelling::Auto, Spelling::Text, Spelling::Latex, Spelling::Python, Spelling::Matlab];

    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Spelling::Auto => "auto",
            Spelling::Text => "text",
            Spelling::Latex => "latex",
            Spelling::Python => "python",
            Spelling::Matlab => "matlab",
        }
    }
}

/// A text in the language of formulas, and the typed text it was read from.
#[derive(Clone, Debug)]
pub struct Spelled {
    /// The text in the language of formulas; read again it stays as it is.
    pub text: String,
    /// How the typed text is written.
    pub spelling: Spelling,
    /// What its left side says is derived by: the x of `f(x) = ...`, the w of `\min_w`.
    pub by: Vec<Name>,
    /// What is to be said of how it was read.
    pub notes: Vec<String>,
    /// Texts that are to be equal to it: with each other side of a chain of equations, `f = a = b`, in the place of the last.
    pub sides: Vec<String>,
    typed: Arc<Text>,
    /// Where its parts were typed; `None` where it was typed just so.
    places: Option<Written>,
    /// Its other readings, where signs have two.
    others: Vec<(ways::Ways, Spelled)>,
}

/// Reads a formula as it is written into the language of formulas. `declarations` are those beside it, in that language.
///
/// # Errors
/// The first mistake of its spelling, with its place in the typed text; marks of two spellings that mean different things.
pub fn spell(text: &str, declarations: &str, spelling: Spelling) -> Result<Spelled, Diagnostic> {
    spell_with(text, declarations, spelling, &Library::standard())
}

/// The same where a library has functions of a user's own, which are functions whatever their names are.
///
/// # Errors
/// As those of [`spell`].
pub fn spell_with(
    text: &str,
    declarations: &str,
    spelling: Spelling,
    library: &Library,
) -> Result<Spelled, Diagnostic> {
    let beside = respell(&Text::new(Origin::Declarations, declarations), &BTreeMap::new(), Spelling::Auto);
    let known = beside.map_or_else(|_| BTreeMap::new(), |beside| known(&beside.text, text, library));
    let spelled = respell(&Text::new(Origin::Formula, text), &known, spelling)?;
    Ok(settled(spelled, declarations, library))
}

/// Reads a text that stands beside a formula, such as a claim about it, as [`spell`] does. Where it has no mark of its own, factors
/// stand side by side in it as they do in a formula that is written as mathematics; the names of the formula are names in it too.
///
/// # Errors
/// As those of [`spell`].
pub fn spell_beside(
    text: &str,
    declarations: &str,
    spelling: Spelling,
    (formula, library): (&Spelled, &Library),
) -> Result<Spelled, Diagnostic> {
    let typed = Text::new(Origin::Formula, text);
    spell_part((&typed, text), declarations, spelling, (formula, library))
}

/// The same for a text that is part of a typed one: `part` has blanks in the place of all else.
fn spell_part(
    (typed, part): (&Arc<Text>, &str),
    declarations: &str,
    spelling: Spelling,
    (formula, library): (&Spelled, &Library),
) -> Result<Spelled, Diagnostic> {
    let beside = respell(&Text::new(Origin::Declarations, declarations), &BTreeMap::new(), Spelling::Auto);
    let mut known = beside.map_or_else(|_| BTreeMap::new(), |beside| known(&beside.text, part, library));
    known.extend(declared::functions(&formula.text));
    let is_mathematics = match formula.spelling {
        Spelling::Latex => true,
        Spelling::Text => detect::is_mathematics(&formula.typed.text),
        Spelling::Auto | Spelling::Python | Spelling::Matlab => false,
    };
    let is_mathematics = is_mathematics || typed.text != part && detect::is_mathematics(&typed.text);
    let whole = typed;
    let own = formula.own_side().map(|side| with_name_of(part, side));
    let typed = Text::new(whole.origin.clone(), own.as_deref().unwrap_or(part));
    // The names of a formula are those of what stands beside it, and T is one only where it is declared.
    let words = formula.text.split(|letter| !crate::token::continues_name(letter));
    for word in words.filter(|word| word.starts_with(crate::token::begins_name) && *word != "T") {
        if !is_function(word) && !known.contains_key(word) {
            known.insert(word.to_owned(), Some(piece::Piece::name(word, Span::default(), true).axes));
        }
    }
    let own = |error: Diagnostic| Diagnostic { text: whole.clone(), ..error };
    let spelled = match spelling {
        Spelling::Text if is_mathematics => respell_as(&typed, &known, spelling, true),
        Spelling::Auto if is_mathematics && detect::detect(&typed)?.is_none() => {
            respell_as(&typed, &known, Spelling::Text, true)
        }
        // `-p / q` is entry by entry beside a formula in Python, where no sign is one of the language's own.
        Spelling::Auto
            if formula.spelling == Spelling::Python
                && detect::detect(&typed)?.is_none()
                && !["'", ".*", "./", "^"].iter().any(|own| part.contains(own)) =>
        {
            // What the language of formulas has no name for yet is read by its letter.
            known.retain(|name, axes| axes.is_none() || declarations.contains(name.as_str()));
            respell_as(&typed, &known, Spelling::Python, false)
        }
        _ => respell(&typed, &known, spelling),
    };
    // Places are those of the whole text.
    spelled.map(|spelled| Spelled { typed: whole.clone(), ..spelled }).map_err(own)
}

/// A text with the name of a line in the place of its left side: `(f) *(1-(f) )` of `f(x)*(1-f(x))`, as long as it was.
fn with_name_of(text: &str, side: &str) -> String {
    let name = side.split('(').next().unwrap_or(side);
    let own = format!("({name}){}", " ".repeat(side.len() - name.len() - 2));
    let (mut written, mut from) = (String::new(), 0);
    for (at, _) in text.match_indices(side) {
        // `elf(x)` is no f of x.
        let is_word = name.starts_with('\\') || !text[..at].ends_with(crate::token::continues_name);
        written.push_str(&text[from..at]);
        written.push_str(if is_word { &own } else { side });
        from = at + side.len();
    }
    written + &text[from..]
}

impl Spelled {
    /// The left side of a formula that says what it is of, as it was typed: `f(x)`, `\sigma(x)`.
    fn own_side(&self) -> Option<&str> {
        let (side, _) = self.typed.text.split_once('=')?;
        let side = side.trim();
        let (name, arguments) = side.strip_suffix(')')?.split_once('(')?;
        let is_name =
            !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "\\_".contains(letter));
        let is_plain = !arguments.is_empty() && !arguments.contains(['(', ')']);
        (is_name && is_plain && !is_function(name)).then_some(side)
    }
}

/// The function that a word of papers is here, such as `log` of `ln`, where the word is none itself.
pub(crate) fn function_in_papers(word: &str) -> Option<&'static str> {
    let own = table::Table::named("latex").words.get(word).copied()?;
    (!is_function(word) && is_function(own)).then_some(own)
}
