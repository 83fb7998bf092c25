//! The structural words: the names of the language that are neither pages of the library nor primitives, one row each.

/// A word that looks at the shape of its arguments.
pub(crate) struct Word {
    pub name: &'static str,
    /// The least and the largest number of arguments.
    pub arguments: (usize, usize),
    pub meaning: Meaning,
}

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// `sum(X)`, `sum(X, 1)`, `sum(X, 2)`.
    Sum,
    /// `mean(X)`, `mean(X, 1)`, `mean(X, 2)`.
    Mean,
    /// The square root of the sum of all squared entries.
    Norm,
    /// The sum of all absolute values.
    AbsoluteNorm,
    /// `x'*y`, and `sum(X .* Y)` for matrices.
    Dot,
    /// The square root, entry by entry.
    SquareRoot,
    /// `ones(m)` and `ones(m, n)`.
    Ones,
    /// `zeros(m)` and `zeros(m, n)`.
    Zeros,
    /// `eye(n)`.
    Identity,
    /// Part of the language, and not there yet.
    Planned,
    /// What others call it; the text is what to write here.
    Instead(&'static str),
}

/// The word of this name.
pub(crate) fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

/// The words that can be used, for the nearest to a mistyped one.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let usable = |word: &&Word| !matches!(word.meaning, Meaning::Planned | Meaning::Instead(_));
    WORDS.iter().filter(usable).map(|word| word.name)
}

static WORDS: &[Word] = &[
    row("sum", (1, 2), Meaning::Sum),
    row("mean", (1, 2), Meaning::Mean),
    row("norm", (1, 1), Meaning::Norm),
    row("norm2", (1, 1), Meaning::Norm),
    row("norm1", (1, 1), Meaning::AbsoluteNorm),
    row("dot", (2, 2), Meaning::Dot),
    row("sqrt", (1, 1), Meaning::SquareRoot),
    row("ones", (1, 2), Meaning::Ones),
    row("zeros", (1, 2), Meaning::Zeros),
    row("eye", (1, 1), Meaning::Identity),
    row("tr", (1, 1), Meaning::Planned),
    row("inv", (1, 1), Meaning::Planned),
    row("det", (1, 1), Meaning::Planned),
    row("logdet", (1, 1), Meaning::Planned),
    row("adj", (1, 1), Meaning::Planned),
    row("diag", (1, 1), Meaning::Planned),
    row("vec", (1, 1), Meaning::Planned),
    row("unvec", (3, 3), Meaning::Planned),
    row("kron", (2, 2), Meaning::Planned),
    row("commutation", (2, 2), Meaning::Planned),
    row("solve", (2, 2), Meaning::Planned),
    row("logsumexp", (1, 2), Meaning::Planned),
    row("softmax", (1, 2), Meaning::Planned),
    row("where", (3, 3), Meaning::Planned),
    row("vector", (1, 1), Meaning::Planned),
    row("matrix", (1, 1), Meaning::Planned),
    row("ln", (1, 1), Meaning::Instead("`log` for the natural logarithm")),
    row("pow", (2, 2), Meaning::Instead("`x^y`, or `x.^y` entry by entry")),
    row("transpose", (1, 1), Meaning::Instead("`X'` for the transpose")),
    row("matmul", (2, 2), Meaning::Instead("`A*B` for the matrix product")),
    row("trace", (1, 1), Meaning::Instead("`tr(X)` for the trace")),
    row("inverse", (1, 1), Meaning::Instead("`inv(X)` for the inverse")),
    row("asin", (1, 1), Meaning::Instead("`arcsin`")),
    row("acos", (1, 1), Meaning::Instead("`arccos`")),
    row("atan", (1, 1), Meaning::Instead("`arctan`")),
    row("maximum", (2, 2), Meaning::Instead("`max(a, b)`")),
    row("minimum", (2, 2), Meaning::Instead("`min(a, b)`")),
    row("identity_matrix", (1, 1), Meaning::Instead("`eye(n)`")),
];

const fn row(name: &'static str, arguments: (usize, usize), meaning: Meaning) -> Word {
    Word { name, arguments, meaning }
}
