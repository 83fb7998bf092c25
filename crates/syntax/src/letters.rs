//! What a name's letter says of its kind, where nothing else does.

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar,
    /// A column, longer than one.
    Vector,
    /// Any shape.
    Matrix,
}

/// a to g scalar, h to z vector, capitals matrix; Greek letters scalar, but for mu and theta.
pub(crate) fn kind(name: &str) -> Kind {
    // The symbol df/dX has the kind of X.
    let name = name.rsplit_once("/d").map_or(name, |(_, by)| by);
    // A change of X, `dX`, has that of X.
    let name = name
        .strip_prefix('d')
        .filter(|of| of.len() == 1 && of.starts_with(char::is_uppercase))
        .unwrap_or(name);
    // `alpha_i` has the kind of alpha.
    let stem = stem(name);
    let first = name.chars().next().unwrap_or('x');
    match (stem, first) {
        (stem, _) if PARAMETERS.contains(&stem) => Kind::Vector,
        (stem, _) if GREEK.contains(&stem) => Kind::Scalar,
        (_, 'a'..='g' | 'α'..='ω' | '_') => Kind::Scalar,
        (_, first) if first.is_uppercase() => Kind::Matrix,
        _ => Kind::Vector,
    }
}

/// The letters of a name without its numbers and what stands below it: the W of `W1` and `W_out`.
pub(crate) fn stem(name: &str) -> &str {
    let stem = name.split('_').next().unwrap_or(name);
    stem.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

/// Whether a name is one of an intercept: by its word, or by its number 0 as the first of several (`theta0`, `w_0`).
pub(crate) fn is_intercept(name: &str) -> bool {
    let is_first = |stem: &str| stem.ends_with(|end: char| !end.is_ascii_digit());
    matches!(name, "intercept" | "bias" | "offset") || name.strip_suffix('0').is_some_and(is_first)
}

/// Whether a letter stands for what is estimated, a column as well as a number.
pub(crate) fn is_parameter(name: &str) -> bool {
    PARAMETERS.contains(&name)
}

/// Whether a name is a Greek letter by its stem.
pub(crate) fn is_greek(name: &str) -> bool {
    GREEK.contains(&stem(name)) || PARAMETERS.contains(&stem(name))
}

/// Letters of counts, which are numbers where they are only divided by.
pub(crate) const COUNTS: [&str; 4] = ["N", "M", "T", "K"];

const PARAMETERS: [&str; 4] = ["mu", "theta", "μ", "θ"];

const GREEK: [&str; 22] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "iota", "kappa", "lambda", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
];

/// Whether a letter stands for the column of one example, or for its features.
pub(crate) fn is_example(name: &str) -> bool {
    kind(name) == Kind::Vector || matches!(stem(name), "phi" | "psi")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_gives_the_kind() {
        let all =
            |names: &[&str], want: Kind| names.iter().for_each(|name| assert_eq!(kind(name), want, "{name}"));
        all(&["a", "g1", "lambda", "beta1", "sigma_2", "lambda_i", "df/dc"], Kind::Scalar);
        all(&["x", "h", "y2", "mu", "mu_k", "theta", "weights"], Kind::Vector);
        all(&["X", "W1", "A", "df/dZ1", "dX"], Kind::Matrix);
    }
}
