//! The structural words: the names of the language that are neither pages of the library nor primitives, one row each.

use crate::tree::{Call, ExprId};
use formula::{Direction, Operator};

/// A word that looks at the shape of its arguments.
pub(crate) struct Word {
    pub name: &'static str,
    /// How it is used, for who uses it otherwise.
    pub form: &'static str,
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
    /// What stands between bars: by its shape the absolute value, the determinant or the norm.
    Bars,
    /// The square root, entry by entry.
    SquareRoot,
    /// How many rows, columns or entries there are.
    Count(Counted),
    /// About whole matrices, and none of the sums.
    Matrix(MatrixWord),
    /// A function of a whole matrix that no law is stated for; the text says what it is.
    Lawless(&'static str),
    /// What others call it; the text is what to write here.
    Instead(&'static str),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Rows,
    Columns,
    Entries,
}

/// What a word about whole matrices stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MatrixWord {
    /// `ones(m)` and `ones(m, n)`.
    Ones,
    /// `zeros(m)` and `zeros(m, n)`.
    Zeros,
    /// `eye(n)`.
    Identity,
    /// A function of one whole matrix that is a node of its own, such as `tr(X)`.
    Operator(Operator),
    /// `diag(x)` of a vector, the diagonal of a square matrix.
    Diagonal,
    /// `adj(X)`, written out as `det(X)*inv(X)`.
    Adjugate,
    /// `unvec(v, m, n)`.
    Unvec,
    /// `kron(A, B)`.
    Kronecker,
    /// `commutation(m, n)`.
    Commutation,
    /// `solve(A, B)`, which is `A\\B`.
    Solve,
    /// `rows(X, a, b)` and `cols(X, a, b)`: from the a-th to the b-th.
    Part(Direction),
    /// `entries(x, a, b)`: those of a column or a row.
    Entries,
    /// `vector(c)`: a column of an inferred length with this number everywhere.
    Vector,
    /// `matrix(c)`: a matrix of an inferred shape with this number everywhere.
    Matrix,
}

impl Meaning {
    /// Whether a formula can have it.
    pub fn is_usable(self) -> bool {
        !matches!(self, Meaning::Instead(_) | Meaning::Lawless(_))
    }
}

impl MatrixWord {
    /// The place of the first argument that is a size; those after it are sizes as well.
    fn sizes_from(self) -> Option<usize> {
        match self {
            MatrixWord::Ones | MatrixWord::Zeros | MatrixWord::Identity | MatrixWord::Commutation => Some(0),
            MatrixWord::Unvec | MatrixWord::Part(_) | MatrixWord::Entries => Some(1),
            MatrixWord::Operator(_)
            | MatrixWord::Diagonal
            | MatrixWord::Adjugate
            | MatrixWord::Kronecker
            | MatrixWord::Solve
            | MatrixWord::Vector
            | MatrixWord::Matrix => None,
        }
    }

    /// Whether its shape is inferred from what stands round it.
    pub fn is_free(self) -> bool {
        matches!(self, MatrixWord::Vector | MatrixWord::Matrix)
    }
}

/// The arguments of a call that are sizes and stand for no value.
pub(crate) fn sizes_of(call: &Call) -> &[ExprId] {
    let from = match word(&call.name).map(|word| word.meaning) {
        Some(Meaning::Matrix(word)) => word.sizes_from(),
        _ => None,
    };
    from.and_then(|from| call.arguments.get(from..)).unwrap_or(&[])
}

/// What stands for the last row, column or entry where some of them are taken, as in `x(end)`.
pub(crate) const END: &str = "end";

/// Whether a name is a function of a whole matrix that has no law.
pub(crate) fn is_lawless(name: &str) -> bool {
    word(name).is_some_and(|word| matches!(word.meaning, Meaning::Lawless(_)))
}

/// The word of this name.
pub(crate) fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

/// The words that can be used, for the nearest to a mistyped one.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let usable = |word: &&Word| word.meaning.is_usable();
    WORDS.iter().filter(usable).map(|word| word.name)
}

static WORDS: &[Word] = &[
    row("sum", "sum(X)`, `sum(X, 1)` or `sum(X, 2)", (1, 2), Meaning::Sum),
    row("mean", "mean(X)`, `mean(X, 1)` or `mean(X, 2)", (1, 2), Meaning::Mean),
    row("norm", "norm(X)", (1, 1), Meaning::Norm),
    row("norm2", "norm2(X)", (1, 1), Meaning::Norm),
    row("norm1", "norm1(X)", (1, 1), Meaning::AbsoluteNorm),
    row("dot", "dot(x, y)", (2, 2), Meaning::Dot),
    row("bars", "bars(x)", (1, 1), Meaning::Bars),
    row("sqrt", "sqrt(x)", (1, 1), Meaning::SquareRoot),
    matrix("ones", "ones(m)` or `ones(m, n)", (1, 2), MatrixWord::Ones),
    matrix("zeros", "zeros(m)` or `zeros(m, n)", (1, 2), MatrixWord::Zeros),
    matrix("eye", "eye(n)", (1, 1), MatrixWord::Identity),
    matrix("tr", "tr(X)", (1, 1), MatrixWord::Operator(Operator::Trace)),
    matrix("det", "det(X)", (1, 1), MatrixWord::Operator(Operator::Determinant)),
    matrix("logdet", "logdet(X)", (1, 1), MatrixWord::Operator(Operator::LogDeterminant)),
    matrix("inv", "inv(X)", (1, 1), MatrixWord::Operator(Operator::Inverse)),
    matrix("vec", "vec(X)", (1, 1), MatrixWord::Operator(Operator::Vec)),
    matrix("diag", "diag(x)", (1, 1), MatrixWord::Diagonal),
    matrix("adj", "adj(X)", (1, 1), MatrixWord::Adjugate),
    matrix("unvec", "unvec(v, m, n)", (3, 3), MatrixWord::Unvec),
    matrix("kron", "kron(A, B)", (2, 2), MatrixWord::Kronecker),
    matrix("commutation", "commutation(m, n)", (2, 2), MatrixWord::Commutation),
    matrix("solve", "solve(A, B)", (2, 2), MatrixWord::Solve),
    matrix("rows", "rows(X, 1, 3)", (3, 3), MatrixWord::Part(Direction::Down)),
    matrix("cols", "cols(X, 1, 3)", (3, 3), MatrixWord::Part(Direction::Across)),
    matrix("entries", "entries(x, 1, 3)", (3, 3), MatrixWord::Entries),
    row("nrows", "nrows(X)", (1, 1), Meaning::Count(Counted::Rows)),
    row("ncols", "ncols(X)", (1, 1), Meaning::Count(Counted::Columns)),
    row("numel", "numel(X)", (1, 1), Meaning::Count(Counted::Entries)),
    matrix("vector", "vector(1)", (1, 1), MatrixWord::Vector),
    matrix("matrix", "matrix(1)", (1, 1), MatrixWord::Matrix),
    lawless("expm", "the exponential of a matrix"),
    lawless("logm", "the logarithm of a matrix"),
    lawless("sqrtm", "the square root of a matrix"),
    lawless("eig", "the eigenvalues of a matrix"),
    lawless("eigh", "the eigenvalues of a symmetric matrix"),
    lawless("eigvals", "the eigenvalues of a matrix"),
    lawless("eigvalsh", "the eigenvalues of a symmetric matrix"),
    lawless("svd", "the singular values of a matrix"),
    lawless("pinv", "the pseudoinverse of a matrix"),
    lawless("chol", "the Cholesky factor of a matrix"),
    lawless("cholesky", "the Cholesky factor of a matrix"),
    lawless("qr", "the orthogonal and the triangular factor of a matrix"),
    lawless("rank", "the rank of a matrix"),
    instead("log10", "`log(x)/log(10)` for the logarithm to the base 10"),
    instead("ln", "`log` for the natural logarithm"),
    instead("pow", "`x^y`, or `x.^y` entry by entry"),
    instead("transpose", "`X'` for the transpose"),
    instead("matmul", "`A*B` for the matrix product"),
    instead("trace", "`tr(X)` for the trace"),
    instead("inverse", "`inv(X)` for the inverse"),
    instead("asin", "`arcsin`"),
    instead("acos", "`arccos`"),
    instead("atan", "`arctan`"),
    instead("maximum", "`max(a, b)`"),
    instead("minimum", "`min(a, b)`"),
    instead("identity_matrix", "`eye(n)`"),
];

const fn matrix(name: &'static str, form: &'static str, arguments: (usize, usize), word: MatrixWord) -> Word {
    row(name, form, arguments, Meaning::Matrix(word))
}

const fn lawless(name: &'static str, what: &'static str) -> Word {
    row(name, "", (0, usize::MAX), Meaning::Lawless(what))
}

const fn instead(name: &'static str, what: &'static str) -> Word {
    row(name, "", (0, usize::MAX), Meaning::Instead(what))
}

const fn row(name: &'static str, form: &'static str, arguments: (usize, usize), meaning: Meaning) -> Word {
    Word { name, form, arguments, meaning }
}
