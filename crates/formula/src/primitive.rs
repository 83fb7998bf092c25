//! The primitives: the only functions that Rust knows, one row each. Every other function is a page of the library.

mod values;

use self::values::{choose, compare, compare_precisely, exact, known, maximum, minimum, sign, step};
use crate::twofold::Twofold;
use crate::twofold_functions::{self as twofold, WithError};

/// A function that the machine evaluates directly, on one number for each argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Primitive(u8);

/// What is known of a primitive.
pub struct Row {
    /// Its name in formulas.
    pub name: &'static str,
    /// The names of its arguments, as `slopes` and `portable` use them.
    pub parameters: &'static [&'static str],
    /// Its slope by each argument, as text in the language of formulas.
    pub slopes: &'static [&'static str],
    /// What it is in the functions that every reader of formulas knows, when its own name is not one of them.
    pub portable: Option<&'static str>,
    /// Its value in double precision, the same on every platform.
    pub value: fn(&[f64]) -> f64,
    /// Its value in twice that precision, with a bound of its error.
    pub(crate) precise: fn(&[Twofold]) -> WithError,
    /// Whether its value is always 0 or 1.
    pub truth: bool,
    /// Whether its two arguments may be exchanged; a number stands second then.
    pub symmetric: bool,
    /// Where its slope jumps.
    pub kink: Kink,
    /// How LaTeX writes its name; with `{0}` in it, how it writes a call, the argument in that place.
    pub latex: &'static str,
}

/// Where a primitive's value or slope jumps; difference quotients are no judge near such places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kink {
    /// Nowhere inside its domain.
    Nowhere,
    /// Where its argument is 0.
    AtZero,
    /// Where its two arguments are equal.
    AtTie,
}

impl Primitive {
    /// `x^y`; division and roots are powers.
    pub const POWER: Primitive = Primitive(0);
    /// The larger of two numbers.
    pub const MAX: Primitive = Primitive(1);
    /// The smaller of two numbers.
    pub const MIN: Primitive = Primitive(2);
    /// The distance from 0.
    pub const ABS: Primitive = Primitive(3);
    /// -1, 0 or 1.
    pub const SIGN: Primitive = Primitive(4);
    /// 1 above 0, else 0.
    pub const STEP: Primitive = Primitive(5);
    /// The exponential function.
    pub const EXP: Primitive = Primitive(6);
    /// The natural logarithm.
    pub const LOG: Primitive = Primitive(7);
    /// The hyperbolic tangent.
    pub const TANH: Primitive = Primitive(8);
    /// `exp(x) - 1` without cancellation.
    pub const EXPM1: Primitive = Primitive(9);
    /// `log(1 + x)` without cancellation.
    pub const LOG1P: Primitive = Primitive(10);
    /// The error function.
    pub const ERF: Primitive = Primitive(11);
    /// 1 where the first of two numbers is the larger, else 0.
    pub const GREATER: Primitive = Primitive(12);
    /// 1 where the first of two numbers is the smaller, else 0.
    pub const LESS: Primitive = Primitive(13);
    /// 1 where the first of two numbers is the larger or they are equal, else 0.
    pub const GREATER_EQUAL: Primitive = Primitive(14);
    /// 1 where the first of two numbers is the smaller or they are equal, else 0.
    pub const LESS_EQUAL: Primitive = Primitive(15);
    /// 1 where two numbers are equal, else 0.
    pub const EQUAL: Primitive = Primitive(16);
    /// 1 where two numbers differ, else 0.
    pub const NOT_EQUAL: Primitive = Primitive(17);
    /// The second of three numbers where the first is 1, the third where it is 0; between them their mixture.
    pub const WHERE: Primitive = Primitive(18);

    /// Every primitive, in the order of the table.
    pub fn all() -> impl Iterator<Item = Primitive> {
        (0..TABLE.len()).map(|index| Primitive(index as u8))
    }

    /// The primitive of this name.
    pub fn named(name: &str) -> Option<Primitive> {
        Primitive::all().find(|primitive| primitive.row().name == name)
    }

    /// Its row.
    pub fn row(self) -> &'static Row {
        &TABLE[usize::from(self.0)]
    }
}

/// The table. Slopes at a kink are those of the text: 0 for `abs`, `sign` and `step`; at a tie `max` and `min` are
/// their second argument, so that both slopes are 1 together everywhere, also where the two arguments are one.
static TABLE: &[Row] = &[
    row(
        "power",
        &["x", "y"],
        &["y*x^(y - 1)", "x^y*log(x)"],
        |a| libm::pow(a[0], a[1]),
        |a| twofold::power(a[0], a[1]),
        Kink::Nowhere,
        "power",
    ),
    symmetric(
        "max",
        &["step(x - y)", "1 - step(x - y)"],
        |a| maximum(a[0], a[1]),
        |a| exact(if a[0] > a[1] || a[0].is_nan() { a[0] } else { a[1] }),
        r"\max",
    ),
    symmetric(
        "min",
        &["step(y - x)", "1 - step(y - x)"],
        |a| minimum(a[0], a[1]),
        |a| exact(if a[0] < a[1] || a[0].is_nan() { a[0] } else { a[1] }),
        r"\min",
    ),
    row(
        "abs",
        &["x"],
        &["sign(x)"],
        |a| a[0].abs(),
        |a| exact(a[0].abs()),
        Kink::AtZero,
        r"\left|{0}\right|",
    ),
    row(
        "sign",
        &["x"],
        &["0"],
        |a| sign(a[0]),
        |a| known(sign(a[0].high)),
        Kink::AtZero,
        r"\operatorname{sign}",
    ),
    Row {
        truth: true,
        ..row(
            "step",
            &["x"],
            &["0"],
            |a| step(a[0]),
            |a| known(step(a[0].high)),
            Kink::AtZero,
            r"\operatorname{step}",
        )
    },
    row("exp", &["x"], &["exp(x)"], |a| libm::exp(a[0]), |a| twofold::exp(a[0]), Kink::Nowhere, r"\exp"),
    row("log", &["x"], &["1/x"], |a| libm::log(a[0]), |a| twofold::log(a[0]), Kink::Nowhere, r"\log"),
    row(
        "tanh",
        &["x"],
        &["1 - tanh(x)^2"],
        |a| libm::tanh(a[0]),
        |a| twofold::tanh(a[0]),
        Kink::Nowhere,
        r"\tanh",
    ),
    Row {
        portable: Some("exp(x) - 1"),
        ..row(
            "expm1",
            &["x"],
            &["exp(x)"],
            |a| libm::expm1(a[0]),
            |a| twofold::expm1(a[0]),
            Kink::Nowhere,
            r"\operatorname{expm1}",
        )
    },
    Row {
        portable: Some("log(1 + x)"),
        ..row(
            "log1p",
            &["x"],
            &["1/(1 + x)"],
            |a| libm::log1p(a[0]),
            |a| twofold::log1p(a[0]),
            Kink::Nowhere,
            r"\operatorname{log1p}",
        )
    },
    row(
        "erf",
        &["x"],
        &["2/sqrt(pi)*exp(-x^2)"],
        |a| libm::erf(a[0]),
        |a| twofold::erf(a[0]),
        Kink::Nowhere,
        r"\operatorname{erf}",
    ),
    comparison(
        "greater",
        "step(x - y)",
        |a| compare(a, a[0] > a[1]),
        |a| compare_precisely(a, a[0] > a[1]),
        r"\operatorname{greater}",
    ),
    comparison(
        "less",
        "step(y - x)",
        |a| compare(a, a[0] < a[1]),
        |a| compare_precisely(a, a[0] < a[1]),
        r"\operatorname{less}",
    ),
    comparison(
        "greater_equal",
        "1 - step(y - x)",
        |a| compare(a, a[0] >= a[1]),
        |a| compare_precisely(a, a[0] >= a[1]),
        r"\operatorname{greater\_equal}",
    ),
    comparison(
        "less_equal",
        "1 - step(x - y)",
        |a| compare(a, a[0] <= a[1]),
        |a| compare_precisely(a, a[0] <= a[1]),
        r"\operatorname{less\_equal}",
    ),
    comparison(
        "equal",
        "1 - abs(sign(x - y))",
        |a| compare(a, a[0] == a[1]),
        |a| compare_precisely(a, a[0] == a[1]),
        r"\operatorname{equal}",
    ),
    comparison(
        "not_equal",
        "abs(sign(x - y))",
        |a| compare(a, a[0] != a[1]),
        |a| compare_precisely(a, a[0] != a[1]),
        r"\operatorname{not\_equal}",
    ),
    Row {
        portable: Some("c*x + (1 - c)*y"),
        ..row(
            "where",
            &["c", "x", "y"],
            &["x - y", "c", "1 - c"],
            |a| choose(a[0], a[1], a[2]),
            |a| exact(choose(a[0], a[1], a[2])),
            Kink::Nowhere,
            r"\operatorname{where}",
        )
    },
    row("sin", &["x"], &["cos(x)"], |a| libm::sin(a[0]), |a| twofold::sin(a[0]), Kink::Nowhere, r"\sin"),
    row("cos", &["x"], &["-sin(x)"], |a| libm::cos(a[0]), |a| twofold::cos(a[0]), Kink::Nowhere, r"\cos"),
    row(
        "tan",
        &["x"],
        &["1 + tan(x)^2"],
        |a| libm::tan(a[0]),
        |a| twofold::tan(a[0]),
        Kink::Nowhere,
        r"\tan",
    ),
    row("sinh", &["x"], &["cosh(x)"], |a| libm::sinh(a[0]), |a| twofold::sinh(a[0]), Kink::Nowhere, r"\sinh"),
    row("cosh", &["x"], &["sinh(x)"], |a| libm::cosh(a[0]), |a| twofold::cosh(a[0]), Kink::Nowhere, r"\cosh"),
    row(
        "arcsin",
        &["x"],
        &["1/sqrt(1 - x^2)"],
        |a| libm::asin(a[0]),
        |a| twofold::arcsin(a[0]),
        Kink::Nowhere,
        r"\arcsin",
    ),
    row(
        "arccos",
        &["x"],
        &["-1/sqrt(1 - x^2)"],
        |a| libm::acos(a[0]),
        |a| twofold::arccos(a[0]),
        Kink::Nowhere,
        r"\arccos",
    ),
    row(
        "arctan",
        &["x"],
        &["1/(1 + x^2)"],
        |a| libm::atan(a[0]),
        |a| twofold::arctan(a[0]),
        Kink::Nowhere,
        r"\arctan",
    ),
];

const fn row(
    name: &'static str,
    parameters: &'static [&'static str],
    slopes: &'static [&'static str],
    value: fn(&[f64]) -> f64,
    precise: fn(&[Twofold]) -> WithError,
    kink: Kink,
    latex: &'static str,
) -> Row {
    Row {
        name,
        parameters,
        slopes,
        portable: None,
        value,
        precise,
        truth: false,
        symmetric: false,
        kink,
        latex,
    }
}

/// A function of two numbers that may be exchanged, with a kink where they are equal.
const fn symmetric(
    name: &'static str,
    slopes: &'static [&'static str],
    value: fn(&[f64]) -> f64,
    precise: fn(&[Twofold]) -> WithError,
    latex: &'static str,
) -> Row {
    Row { symmetric: true, ..row(name, &["x", "y"], slopes, value, precise, Kink::AtTie, latex) }
}

/// A comparison of two numbers, which is 0 or 1 and has slope 0 by either.
const fn comparison(
    name: &'static str,
    portable: &'static str,
    value: fn(&[f64]) -> f64,
    precise: fn(&[Twofold]) -> WithError,
    latex: &'static str,
) -> Row {
    let row = row(name, &["x", "y"], &["0", "0"], value, precise, Kink::AtTie, latex);
    Row { portable: Some(portable), truth: true, ..row }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_name_their_rows() {
        let names = [
            (Primitive::POWER, "power"),
            (Primitive::MAX, "max"),
            (Primitive::MIN, "min"),
            (Primitive::ABS, "abs"),
            (Primitive::SIGN, "sign"),
            (Primitive::STEP, "step"),
            (Primitive::EXP, "exp"),
            (Primitive::LOG, "log"),
            (Primitive::TANH, "tanh"),
            (Primitive::EXPM1, "expm1"),
            (Primitive::LOG1P, "log1p"),
            (Primitive::ERF, "erf"),
            (Primitive::GREATER, "greater"),
            (Primitive::LESS, "less"),
            (Primitive::GREATER_EQUAL, "greater_equal"),
            (Primitive::LESS_EQUAL, "less_equal"),
            (Primitive::EQUAL, "equal"),
            (Primitive::NOT_EQUAL, "not_equal"),
            (Primitive::WHERE, "where"),
        ];
        for (primitive, name) in names {
            assert_eq!(primitive.row().name, name);
            assert_eq!(Primitive::named(name), Some(primitive));
        }
    }

    #[test]
    fn every_argument_has_a_slope() {
        for primitive in Primitive::all() {
            let row = primitive.row();
            assert_eq!(row.parameters.len(), row.slopes.len(), "{}", row.name);
        }
    }

    #[test]
    fn a_nan_is_never_hidden() {
        for primitive in Primitive::all() {
            let row = primitive.row();
            for place in 0..row.parameters.len() {
                let mut arguments = vec![0.5; row.parameters.len()];
                arguments[place] = f64::NAN;
                assert!((row.value)(&arguments).is_nan(), "{} at {place}", row.name);
            }
        }
    }
}
