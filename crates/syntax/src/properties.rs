//! Words after the colon of a declaration that are no sizes, with what is written for them here.

use crate::diagnostic::Mistake;
use crate::meanings::{Form, meaning, rows};
use crate::nearest::nearest;
use crate::parser::Parser;
use crate::token::Kind;
use formula::Name;

/// The words that a declaration knows.
const KNOWN: [&str; 8] =
    ["symmetric", "positive", "positive definite", "scalar", "vector", "matrix", "function", "definite"];

/// The mistake of a word that is neither a size nor a property.
pub(crate) fn no_property(word: &str) -> Mistake {
    let lower = word.to_lowercase();
    let near = nearest(
        &lower,
        KNOWN.into_iter().chain(rows(Form::Property).map(|(other, _)| other)).map(Name::from),
    );
    let known = |word: &str| meaning(Form::Property, word);
    let nearest = near.first().map(|near| known(near).map_or_else(|| near.to_string(), str::to_owned));
    let instead = known(&lower).map(str::to_owned).or(nearest);
    let what = format!("`{word}` is neither a size nor a property that is known here");
    let mend = match instead {
        Some(instead) => format!("write `{instead}`"),
        None => "a size is a short name such as `m`, or one that stands elsewhere too; the properties are `symmetric`, `positive` and \
                 `positive definite`"
            .to_owned(),
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
    let is_word = parser.peek() == Kind::Name && !KNOWN.contains(&word.as_str());
    (is_word && is_alone && !is_short).then(|| Name::from(word))
}
