//! Names and sizes taken apart, for the notations that draw formulas: letters, Greek ones, labels and numbers.

use formula::{Name, Size};

/// A name that is no derivative.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Drawn<'n> {
    pub(crate) stem: Stem<'n>,
    /// The `out` of `W_out2`.
    pub(crate) label: Option<&'n str>,
    /// The digits at its end.
    pub(crate) number: &'n str,
}

/// What a name begins with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stem<'n> {
    /// A Greek letter, by its place in [`GREEK`].
    Greek(&'static str),
    /// One letter.
    Letter(&'n str),
    /// Several letters.
    Word(&'n str),
    /// The change of a matrix: the `dX` that a pushforward is of.
    Change(&'n str),
}

/// The Greek letters that are spelled in names; the capitals that look Latin are not among them.
pub(crate) const GREEK: [(&str, char); 34] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ϵ'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'ϕ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Upsilon", 'Υ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
];

impl<'n> Drawn<'n> {
    /// Takes a name apart; the two names of a derivative's symbol are the error.
    pub(crate) fn new(name: &'n str) -> Result<Drawn<'n>, [&'n str; 2]> {
        if let Some((value, by)) = formula::derivative(name) {
            return Err([value, by]);
        }
        let (stem, number) = name.split_at(name.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        let (stem, label) = match stem.trim_end_matches('_').split_once('_') {
            Some((stem, label)) if !stem.is_empty() => (stem, Some(label)),
            _ => (stem.trim_end_matches('_'), None),
        };
        let stem = match GREEK.iter().find(|(greek, _)| *greek == stem) {
            Some((greek, _)) => Stem::Greek(greek),
            None if stem.chars().count() == 1 => Stem::Letter(stem),
            None if stem.is_empty() => Stem::Word("_"),
            None if stem.len() == 2 && stem.starts_with('d') && stem.ends_with(char::is_uppercase) => {
                Stem::Change(&stem[1..])
            }
            None => Stem::Word(stem),
        };
        Ok(Drawn { stem, label, number })
    }
}

/// A term of a size: `2*m*n` of `2*m*n - 1`.
pub(crate) struct Factor<'s> {
    /// What stands before it: nothing, a sign, or a sign between spaces.
    pub(crate) before: &'static str,
    /// Its number, where that is not 1.
    pub(crate) number: Option<String>,
    /// Its names, in order.
    pub(crate) names: &'s [Name],
}

/// The terms of a size, names first, the number last; 0 is one term.
pub(crate) fn factors(size: &Size) -> Vec<Factor<'_>> {
    let terms = size.terms();
    let named = terms.iter().filter(|(names, _)| !names.is_empty());
    let number = terms.iter().filter(|(names, _)| names.is_empty());
    let mut factors: Vec<Factor> = Vec::with_capacity(terms.len());
    for (names, count) in named.chain(number) {
        let before = match (factors.is_empty(), *count < 0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let count = count.unsigned_abs();
        let number = (count != 1 || names.is_empty()).then(|| count.to_string());
        factors.push(Factor { before, number, names });
    }
    if factors.is_empty() {
        factors.push(Factor { before: "", number: Some("0".to_owned()), names: &[] });
    }
    factors
}
