//! Every mistake the language knows, and its words.

use crate::bars::typed;
use crate::diagnostic::Operand;
use formula::{Formula, Name, Number, Shape};

/// A mistake in a text.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is spelled out by its words below")]
pub enum Mistake {
    // Reading.
    Empty,
    NumberOutOfRange { text: String },
    Foreign { what: String, mend: String },
    Expected { expected: String, found: String },
    MissingOperator { left: String, right: String },
    Unclosed,
    Unopened,
    PowerTower,
    ComparisonChain,
    TooDeep { limit: usize },
    TooLong,
    TooMuchText { limit: usize },
    TooManyWords { limit: usize },
    TooManyDefinitions { limit: usize },
    LeadingMinus,
    // Names.
    UnknownFunction { name: Name, nearest: Vec<Name>, instead: Option<String> },
    UnknownPage { kind: &'static str, name: Name, nearest: Vec<Name>, all: Vec<Name> },
    UnknownName { name: Name, nearest: Vec<Name> },
    NotAFunction { name: Name, call: String },
    NotAValue { name: Name, argument: String },
    Redefined { name: Name },
    UsedBeforeDefined { name: Name, is_own: bool },
    NoResult,
    LooseExpression,
    // Shapes.
    Shapes { operation: &'static str, left: Operand, right: Operand, mend: Option<String> },
    Reading { read: String, other: String },
    AmbiguousBroadcast { left: Operand, right: Operand, row: String, column: String },
    WantsShape { what: String, wanted: String, operand: Operand, mend: String },
    Power { operand: Operand, mend: String },
    MatrixPower { operand: Operand, exponent: String, mend: String },
    NotASize { text: String },
    SizeTooLarge,
    DivisionByZero,
    Overflow,
    // Functions and pages.
    Arguments { name: Name, wanted: usize, found: usize, mend: String },
    UnknownSetting { name: Name, setting: Name, known: Vec<Name> },
    SettingNotNumber { setting: Name },
    SettingTwice { setting: Name },
    OutOfRange { page: Name, setting: Name, value: Number, range: String },
    ReductionInBody { word: Name, page: Name },
    BodyNotScalar { page: Name, shape: Shape },
    PageShapes { page: Name, parameter: Name, declared: String, operand: Operand, because: String },
    Circular { name: Name },
    Page { what: String, mend: String },
    NotOneName { names: Vec<Name> },
}

/// The words for a mistake.
pub(crate) struct Words {
    pub message: String,
    pub expected: Option<String>,
    pub found: Option<String>,
    pub mend: Option<String>,
}

impl Words {
    fn say(message: impl Into<String>) -> Words {
        Words { message: message.into(), expected: None, found: None, mend: None }
    }

    fn mend(self, mend: impl Into<String>) -> Words {
        Words { mend: Some(mend.into()), ..self }
    }

    fn maybe(self, mend: Option<String>) -> Words {
        Words { mend, ..self }
    }

    fn versus(self, expected: impl Into<String>, found: impl Into<String>) -> Words {
        Words { expected: Some(expected.into()), found: Some(found.into()), ..self }
    }
}

impl Mistake {
    /// What is wrong, what was expected and found, and how to mend it.
    pub(crate) fn words(&self) -> Words {
        let Words { message, expected, found, mend } = self.said();
        let [expected, found, mend] = [expected, found, mend].map(|text| text.map(|text| typed(&text)));
        Words { message: typed(&message), expected, found, mend }
    }

    fn said(&self) -> Words {
        use Mistake::*;
        match self {
            Empty => Words::say("there is no formula here").mend("write one, such as `norm(X*w - y)^2`"),
            NumberOutOfRange { text } => Words::say(format!("`{text}` is out of the range of numbers"))
                .versus("a number between 1e-308 and 1e308", text)
                .mend("write a number within it, or a name in its place"),
            Foreign { what, mend } => Words::say(what).mend(mend),
            Expected { expected, found } if found == "the end" => {
                Words::say(format!("expected {expected}, found {found}"))
                    .versus(expected, found)
                    .mend("write what is missing, or leave out what stands before the end")
            }
            Expected { expected, found } => {
                Words::say(format!("expected {expected}, found {found}")).versus(expected, found)
            }
            MissingOperator { left, right } if crate::spelling::is_function(left) => {
                Words::say(format!("`{left}` is a function and stands before `{right}` without brackets"))
                    .versus("an opening bracket", format!("`{right}`"))
                    .mend(format!("write `{left}({right})`"))
            }
            MissingOperator { left, right } if is_grouped(left, right) => {
                Words::say(format!("`{left}{right}` is no number: digits stand together"))
                    .versus("a number", format!("`{left}{right}`"))
                    .mend(format!("write `{left}{}`", right.replace('_', "")))
            }
            MissingOperator { right, .. } if right == "for" => {
                Words::say("a sum or a list over the values of an array is written with `for`, and none is read")
                    .versus("an operator", "`for`")
                    .mend("write it over the whole array, such as `sum(x.^2)`")
            }
            MissingOperator { left, right } => {
                let mut mend =
                    format!("write `{left}*{right}` for the product, `{left} .* {right}` entry by entry");
                let is_number = right.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                if is_number && left.starts_with(char::is_alphabetic) && !left.ends_with([')', '\'']) {
                    mend.push_str(", or brackets if it is a function");
                }
                Words::say(format!("there is no operator between `{left}` and `{right}`"))
                    .versus("an operator", format!("`{right}`"))
                    .mend(mend)
            }
            Unclosed => Words::say("this bracket is never closed")
                .versus("`)`", "the end")
                .mend("close it, or leave it out"),
            Unopened => Words::say("this bracket was never opened")
                .versus("an operator or the end", "`)`")
                .mend("open it before, or leave it out"),
            ComparisonChain => Words::say("comparisons are not chained")
                .versus("the end of the comparison", "another comparison")
                .mend("write `(a < b) .* (b < c)`"),
            PowerTower => Words::say("`a^b^c` can be read in two ways").mend("write `(a^b)^c` or `a^(b^c)`"),
            TooDeep { limit } => Words::say(format!("brackets nest deeper than {limit} levels here"))
                .mend("give inner parts names, such as `Z = X*W`, on lines before"),
            TooLong => Words::say(format!("written out, this has more than {} nodes", Formula::MOST_NODES))
                .mend("use fewer functions and lets that use the one before several times"),
            TooMuchText { limit } => Words::say(format!("this text is longer than {limit} bytes"))
                .mend("write a shorter formula, or use fewer definitions"),
            TooManyWords { limit } => {
                Words::say(format!("this text has more than {limit} names, numbers and operators"))
                    .mend("write long sums and products over the entries of a vector, such as `sum(x)`")
            }
            TooManyDefinitions { limit } => Words::say(format!("there are more than {limit} definitions"))
                .mend("leave out those that the formula does not use"),
            LeadingMinus => {
                Words::say("a line that begins with `-` may go on with the line before or stand alone")
                    .mend("put the `-` at the end of the line before, or put this line in brackets")
            }
            UnknownFunction { name, nearest, instead } => {
                let mend = match (instead, nearest.is_empty()) {
                    (Some(instead), _) => format!("write {instead}"),
                    (None, false) => {
                        format!(
                            "did you mean {}? Else define it, or declare `{name}: function`",
                            choice(nearest)
                        )
                    }
                    (None, true) => {
                        format!("declare `{name}: function` for an arbitrary function, or define it")
                    }
                };
                Words::say(format!("there is no function `{name}`"))
                    .mend(mend)
                    .versus("a function", format!("`{name}`"))
            }
            UnknownPage { kind, name, nearest, all } => {
                let mend = match nearest.is_empty() {
                    true => format!("there are {}", list(all)),
                    false => format!("did you mean {}?", choice(nearest)),
                };
                Words::say(format!("there is no {kind} `{name}`"))
                    .mend(mend)
                    .versus(list(all), format!("`{name}`"))
            }
            UnknownName { name, nearest } if nearest.is_empty() => {
                Words::say(format!("`{name}` is not known here"))
                    .mend("a page knows its arguments, its settings and the sizes that its arguments declare")
            }
            UnknownName { name, .. } if crate::spelling::is_derivative(name) => {
                Words::say(format!("`{name}` is not known here")).mend(format!(
                    "say what it is on a line before, `{name} = ...`, in a file of the formula and its derivatives"
                ))
            }
            UnknownName { name, nearest } => Words::say(format!("`{name}` is not known here"))
                .mend(format!("did you mean {}?", choice(nearest))),
            NotAFunction { name, call } => Words::say(format!("`{name}` is no function"))
                .mend(format!("write `{call}` for a product, or declare `{name}: function`")),
            NotAValue { name, argument } => {
                Words::say(format!("`{name}` is a function and stands here without an argument"))
                    .mend(format!("write `{name}({argument})`"))
            }
            Redefined { name } => {
                Words::say(format!("`{name}` has a meaning already")).mend("choose another name here")
            }
            UsedBeforeDefined { name, is_own: true } => {
                Words::say(format!("`{name}` is defined by itself here, as in a step of an update"))
                    .mend("write the right side alone, or give the new value a name of its own")
            }
            UsedBeforeDefined { name, is_own: false } => {
                Words::say(format!("`{name}` is used before the line that defines it"))
                    .mend(format!("move `{name} = ...` before this line"))
            }
            NoResult => Words::say("there are declarations here, but no formula")
                .mend("end with an expression, such as `norm(X*w - y)^2`"),
            LooseExpression => Words::say("this expression has no name, and is not the last line")
                .mend("give it one, such as `Z = ...`"),
            Shapes { operation, left, right, mend } => Words::say(format!(
                "the shapes do not fit `{operation}`: {} and {}",
                left.because(),
                right.because()
            ))
            .versus(fitting(operation, &left.shape), right.shape.to_string())
            .maybe(mend.clone()),
            Reading { read, other } => Words::say(format!(
                "this is read as `{read}`, which fits only if sizes are equal that need not be"
            ))
            .versus(format!("`{other}`"), format!("`{read}`"))
            .mend(format!("write `{other}`, or the brackets of `{read}`, or declare the shapes")),
            AmbiguousBroadcast { left, right, row, column } => Words::say(format!(
                "{} and {}: the vector could stand beside each row or each column",
                left.because(),
                right.because()
            ))
            .mend(format!("write `{row}` for each row, or `{column}` for each column")),
            WantsShape { what, wanted, operand, mend } => {
                Words::say(format!("{what} wants {wanted}, and {}", operand.because()))
                    .versus(wanted, operand.shape.to_string())
                    .mend(mend)
            }
            Power { operand, mend } => Words::say(format!("`^` cannot raise this: {}", operand.because()))
                .versus("a scalar, or a square matrix to a whole power", operand.shape.to_string())
                .mend(mend),
            MatrixPower { operand, exponent, mend } if exponent.contains('/') || exponent.contains('.') => {
                Words::say(format!(
                    "the power `{exponent}` of a matrix is a root and no product, and has no law here; {}",
                    operand.because()
                ))
                .versus("a literal whole number, such as `X^2` or `X^-1`", format!("`{exponent}`"))
                .mend(mend)
            }
            MatrixPower { operand, exponent, mend } => Words::say(format!(
                "a matrix is raised to a literal whole number, and `{exponent}` is none; {}",
                operand.because()
            ))
            .versus("a literal whole number, such as `X^2` or `X^-1`", format!("`{exponent}`"))
            .mend(mend),
            SizeTooLarge => Words::say("the sizes of this are too large to be written down")
                .mend("use fewer Kronecker products, blocks or `vec` inside one another"),
            NotASize { text } => Words::say(format!("`{text}` is no size"))
                .versus(
                    "whole numbers from 1 to 4294967295, and names, joined by `+` and `*`",
                    format!("`{text}`"),
                )
                .mend("write sizes such as `m`, `3` or `n + p`"),
            DivisionByZero => Words::say("this divides by zero")
                .versus("a divisor other than 0", "0")
                .mend("divide by something that is not 0, or leave the term out"),
            Overflow => Words::say("this number is out of the range of numbers")
                .mend("use a number of fewer digits, or a name for it"),
            Arguments { name, wanted, found, mend } => {
                let count = |n: usize| format!("{n} argument{}", if n == 1 { "" } else { "s" });
                Words::say(format!("`{name}` takes {}, and has {found} here", count(*wanted)))
                    .versus(count(*wanted), count(*found))
                    .mend(mend)
            }
            UnknownSetting { name, setting, known } if known.is_empty() => {
                Words::say(format!("`{name}` has no setting `{setting}`; it has none")).mend("leave it out")
            }
            UnknownSetting { name, setting, known } => {
                Words::say(format!("`{name}` has no setting `{setting}`"))
                    .versus(list(known), format!("`{setting}`"))
                    .mend(format!("its settings are {}", list(known)))
            }
            SettingTwice { setting } => {
                Words::say(format!("the setting `{setting}` is given twice")).mend("give it once")
            }
            SettingNotNumber { setting } => Words::say(format!("the setting `{setting}` is no number"))
                .mend(format!("write a number, such as `{setting} = 0.5`")),
            OutOfRange { page, setting, value, range } => Words::say(format!(
                "the setting `{setting}` of `{page}` is {value}, and its range is `{range}`"
            ))
            .versus(format!("`{range}`"), value.to_string())
            .mend(format!("choose a number for which `{range}` holds, or leave the setting out")),
            ReductionInBody { word, page } => Words::say(format!(
                "`{word}` looks at a whole matrix, but `{page}` acts on one number at a time"
            ))
            .mend(format!("declare the shape of its argument: `function {page}(X: m x n) = ...`")),
            BodyNotScalar { page, shape } => {
                Words::say(format!("`{page}` is to give one number, and this is {shape}"))
                    .versus("1 x 1", shape.to_string())
            }
            PageShapes { page, parameter, declared, operand, because } => Words::say(format!(
                "`{page}` declares `{parameter}: {declared}`{because}, and {}",
                operand.because()
            ))
            .versus(declared, operand.shape.to_string())
            .mend(format!("`chainrule library {page}` shows the page")),
            Circular { name } => Words::say(format!("`{name}` is defined through itself"))
                .mend("only the slope of a function may mention the function"),
            Page { what, mend } => Words::say(what).mend(mend),
            NotOneName { names } if names.is_empty() => Words::say("there is no free name in this formula")
                .mend("write a formula in one name, such as `x .* sigmoid(2*x)`"),
            NotOneName { names } => Words::say(format!("the names {} are free in this formula", list(names)))
                .versus("one free name", list(names))
                .mend("write a formula in one name, such as `x .* sigmoid(2*x)`"),
        }
    }
}

impl Operand {
    /// `A1'` is p x m because `A1: m x p`.
    fn because(&self) -> String {
        let names: Vec<String> = self
            .names
            .iter()
            .filter(|(name, _)| **name != *self.text)
            .take(4)
            .map(|(name, shape)| format!("`{name}: {shape}`"))
            .collect();
        let because = if names.is_empty() { String::new() } else { format!(" because {}", names.join(", ")) };
        format!("`{}` is {}{because}", self.text, self.shape)
    }
}

fn fitting(operation: &str, left: &Shape) -> String {
    match operation {
        "*" => format!("{} rows", left.cols),
        _ => left.to_string(),
    }
}

fn list(names: &[Name]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn choice(names: &[Name]) -> String {
    list(names).replace(" and ", " or ")
}

/// Whether these are the digits of a number, parted by underscores.
fn is_grouped(left: &str, right: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(left) && right.strip_prefix('_').is_some_and(|rest| is_number(&rest.replace('_', "")))
}
