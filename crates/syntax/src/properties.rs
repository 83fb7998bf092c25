//! What declarations say of a variable beside its shape: the library's table of properties, and its words where they are read.

use crate::diagnostic::Mistake;
use crate::meanings::{Form, meaning, rows};
use crate::nearest::nearest;
use crate::parser::Parser;
use crate::token::Kind;
use ::library::PROPERTIES;
use formula::{Name, Properties, Size, Variable};
use std::sync::OnceLock;

/// What has a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// Any value.
    Any,
    /// A square matrix.
    Square,
    /// A column or a row.
    Vector,
    /// A matrix of more than one column.
    Matrix,
}

/// By which factors a value can be multiplied and still have a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaled {
    /// Any number.
    Any,
    /// Numbers above 0.
    Positive,
    /// None but 1.
    Never,
}

/// A row of the table of properties.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its words as they are printed back.
    pub name: &'static str,
    /// All ways of writing it, each as its words.
    phrases: Vec<Vec<&'static str>>,
    /// What has it.
    pub of: Bearer,
    /// It and what it implies.
    pub with_implied: Properties,
    /// The names of those before it that it can be declared with.
    beside: Vec<&'static str>,
    /// By which factors a value can be multiplied and still have it.
    pub scaled: Scaled,
    /// What is true of every X that has it, a formula in X of `m x n`, or `n x n`, and a column v of n: `X'*X = eye(n)`.
    pub holds: &'static str,
    /// A formula that makes an X with it from any X.
    pub draw: &'static str,
    /// A formula that makes an X with it from one that has it up to rounding; empty where rounding leaves it exact.
    pub exact: &'static str,
    /// The same as [`Property::draw`] in NumPy, from an array a.
    pub numpy: &'static str,
    /// What is said of a derivative that is right only where {0} has it; empty where that is not tried.
    pub unsaid: &'static str,
    /// Whether a value with it can be moved so that it has it no more, entry by entry and a little.
    pub binds: bool,
}

impl Property {
    /// Whether no entry of an X that has it is below 0, as what is true of X says.
    pub fn has_no_entry_below_zero(&self) -> bool {
        matches!(self.holds, "X > 0" | "X >= 0")
    }
}

/// The rows of the table, in order: the place of a row is its place in [`Properties`].
pub fn properties() -> &'static [Property] {
    static TABLE: OnceLock<Vec<Property>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Vec<Property> = Vec::new();
        for block in PROPERTIES.split("\nproperty ").skip(1).take(Properties::MOST) {
            let row = read(block, &table);
            table.push(row);
        }
        table
    })
}

/// A block of the table; rows before it are known.
fn read(block: &'static str, before: &[Property]) -> Property {
    let mut lines = block.lines();
    let name = lines.next().unwrap_or_default().trim();
    let entries: Vec<(&str, &str)> =
        lines.filter_map(|line| line.trim().split_once("  ")).map(|(key, text)| (key, text.trim())).collect();
    let entry = |key: &str| entries.iter().find(|(known, _)| *known == key).map_or("", |(_, text)| *text);
    let list = |key: &str| entry(key).split(", ").filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let implied = list("implies");
    let rows = before.iter().filter(|row| implied.contains(&row.name));
    let with_implied = rows.fold(Properties::row(before.len()), |all, row| all.with(row.with_implied));
    let phrases =
        std::iter::once(name).chain(list("words")).map(|words| words.split(' ').collect()).collect();
    let of = match entry("of") {
        "square matrix" => Bearer::Square,
        "vector" => Bearer::Vector,
        "matrix" => Bearer::Matrix,
        _ => Bearer::Any,
    };
    let scaled = match entry("scaled") {
        "any" => Scaled::Any,
        "above 0" => Scaled::Positive,
        _ => Scaled::Never,
    };
    let holds = entry("holds");
    // An equation is left by a small step, an inequality is not; a symmetric variable moves as such.
    let binds = holds.contains(" = ") && !Properties::row(before.len()).is_symmetric();
    let (beside, draw, exact, numpy) = (list("beside"), entry("draw"), entry("exact"), entry("numpy"));
    let unsaid = entry("unsaid");
    Property { name, phrases, of, with_implied, beside, scaled, holds, draw, exact, numpy, unsaid, binds }
}

/// The property that is written so.
pub fn property(written: &str) -> Option<Properties> {
    let words: Vec<&str> = written.split_whitespace().collect();
    let row = properties().iter().find(|row| row.phrases.contains(&words))?;
    Some(row.with_implied)
}

/// The rows of these properties that no other of them implies.
pub fn told(of: Properties) -> Vec<&'static Property> {
    let all = of.rows().filter_map(|place| Some((place, properties().get(place)?)));
    let is_implied = |place: usize| {
        let others = of.rows().filter(|other| *other != place).filter_map(|other| properties().get(other));
        others.into_iter().any(|other| other.with_implied.has(Properties::row(place)))
    };
    all.filter(|(place, _)| !is_implied(*place)).map(|(_, row)| row).collect()
}

/// Whether one of these is said of square matrices only.
pub(crate) fn is_square(of: Properties) -> bool {
    told(of).iter().any(|row| row.of == Bearer::Square)
}

/// The words of these properties.
pub fn words(of: Properties) -> Vec<&'static str> {
    told(of).into_iter().map(|row| row.name).collect()
}

/// A variable's declaration: `S: n x n symmetric`.
pub fn declaration(variable: &Variable) -> String {
    let shape = match variable.shape.is_scalar() {
        true => "scalar".to_owned(),
        false => variable.shape.to_string(),
    };
    let words = words(variable.properties);
    let space = if words.is_empty() { "" } else { " " };
    format!("{}: {shape}{space}{}", variable.name, words.join(" "))
}

/// The row whose words stand so many tokens ahead, the longest that fits, and how many tokens they are.
pub(crate) fn phrase(parser: &Parser, ahead: usize) -> Option<(usize, usize)> {
    /// No words of a row are longer, with a hyphen between any two.
    const MOST_TOKENS: usize = 9;
    let (mut words, mut ends) = (Vec::new(), Vec::new());
    for at in ahead..ahead + MOST_TOKENS {
        match parser.ahead(at) {
            Kind::Name | Kind::Number(_) => {
                words.push(parser.ahead_word(at).to_lowercase());
                ends.push(at + 1 - ahead);
            }
            Kind::Minus if !words.is_empty() => {}
            _ => break,
        }
    }
    let begins = |words: &[String], phrase: &[&str]| {
        words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, other)| word == other)
    };
    let found = properties().iter().enumerate().flat_map(|(place, row)| {
        let fits = row.phrases.iter().filter(|phrase| begins(&words, phrase));
        fits.map(|phrase| (place, phrase.len())).max_by_key(|(_, length)| *length)
    });
    let (place, length) = found.max_by_key(|(_, length)| *length)?;
    Some((place, *ends.get(length.checked_sub(1)?)?))
}

/// Why a property cannot be declared beside others and of this shape.
pub(crate) fn misfit(
    place: usize,
    others: &[usize],
    (rows, cols): (Option<&Size>, Option<&Size>),
) -> Option<Mistake> {
    let row = &properties()[place];
    let one = Size::number(1);
    let is_one = |size: Option<&Size>| size == Some(&one);
    let (fits, wanted) = match row.of {
        Bearer::Any => (true, ""),
        Bearer::Square => (rows == cols, "a matrix with as many rows as columns"),
        Bearer::Vector => (is_one(rows) || is_one(cols), "a column or a row"),
        Bearer::Matrix => (!is_one(cols), "a matrix of more than one column"),
    };
    if !fits {
        let size = rows.filter(|size| !size.is_one()).or(cols).filter(|size| !size.is_one());
        let size = size.map_or_else(|| "n".to_owned(), Size::to_string);
        let shape = if row.of == Bearer::Vector { size } else { format!("{size} x {size}") };
        let what = format!("`{}` is said of {wanted}", row.name);
        return Some(Mistake::Page { what, mend: format!("write `{shape} {}`", row.name) });
    }
    let clash = others.iter().find(|other| {
        let (first, second) = (place.min(**other), place.max(**other));
        first != second && !properties()[second].beside.contains(&properties()[first].name)
    })?;
    let other = properties()[*clash].name;
    let both = Properties::row(place).with(Properties::row(*clash));
    let is_both =
        |known: &&Property| known.with_implied.has(both) && known.name != row.name && known.name != other;
    let mend = match properties().iter().find(is_both) {
        Some(known) => format!("what is both is `{}`", known.name),
        None => format!("write `{other}` or `{}`", row.name),
    };
    let what = format!("a variable is not declared `{other}` and `{}` at once", row.name);
    Some(Mistake::Page { what, mend })
}

/// The words that a declaration knows beside the properties.
const KNOWN: [&str; 4] = ["scalar", "vector", "matrix", "function"];

/// The mistake of a word that is neither a size nor a property.
pub(crate) fn no_property(word: &str) -> Mistake {
    let lower = word.to_lowercase();
    let all = KNOWN.into_iter().chain(properties().iter().map(|row| row.name));
    let near = nearest(&lower, all.chain(rows(Form::Property).map(|(other, _)| other)).map(Name::from));
    let known = |word: &str| meaning(Form::Property, word);
    let nearest = near.first().map(|near| known(near).map_or_else(|| near.to_string(), str::to_owned));
    let instead = known(&lower).map(str::to_owned).or(nearest);
    let what = format!("`{word}` is neither a size nor a property that is known here");
    let mend = match instead {
        Some(instead) => format!("write `{instead}`"),
        None => {
            let names: Vec<String> = properties().iter().map(|row| format!("`{}`", row.name)).collect();
            format!(
                "a size is a short name such as `m`, or one that stands elsewhere too; the properties are {}",
                names.join(", ")
            )
        }
    };
    Mistake::Page { what, mend }
}

/// Whether others write this word for a property.
pub(crate) fn is_no_size(word: &str) -> bool {
    meaning(Form::Property, &word.to_lowercase()).is_some()
}

/// The word that stands alone here, if it may be a size only where it stands elsewhere too.
pub(crate) fn lone_word(parser: &mut Parser) -> Option<Name> {
    let word = parser.word().to_owned();
    let is_short = word.chars().filter(|letter| letter.is_alphabetic()).count() < 3;
    let is_alone = matches!(parser.ahead(1), Kind::Newline | Kind::Comma | Kind::Semicolon | Kind::End);
    let is_known = KNOWN.contains(&word.as_str()) || phrase(parser, 0).is_some();
    (parser.peek() == Kind::Name && !is_known && is_alone && !is_short).then(|| Name::from(word))
}
