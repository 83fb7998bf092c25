//! The rows of the spellings: tables of text in the library, read once.

use ::library::SPELLINGS;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What a sign or a word of a spelling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// An operator, or another sign of the language.
    Sign(&'static str),
    /// A name.
    Name(&'static str),
    /// A number.
    Number(&'static str),
    /// A function that may stand before its argument without brackets.
    Apply(&'static str),
    /// What stands above, as in `x²`.
    Raise(&'static str),
    /// What stands below, as in `x₁`.
    Lower(&'static str),
    /// What ends the name of a letter with this mark over it: `hat`.
    Accent(&'static str),
    /// No part of a formula, why, and what to write instead.
    Refused(&'static str, Option<&'static str>),
    /// A structure.
    Part(Part),
}

/// A structure of a spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Fraction,
    Root,
    /// The letters of the group are one word.
    Word,
    Skip,
    /// What follows is in bold type, as vectors are.
    Bold,
    /// With the group that follows.
    SkipGroup,
    /// The rest of the line is no part of the formula.
    Remark,
    /// `\left` and `\right`: the bracket that follows opens, or closes.
    Left,
    Right,
    Open,
    Close,
    Norm,
    OpenNorm,
    CloseNorm,
    Bar,
    OpenBar,
    CloseBar,
    OpenAngle,
    CloseAngle,
    Total,
    Begin,
    EndOf,
    /// What is told by cases begins here.
    Cases,
    Break,
    Align,
    /// The d of a derivative.
    Change,
    /// What a derivative is asked for with, by what stands below.
    Slope,
    Minimize,
    /// The first group stands below the second.
    Under,
    /// The group is an operator.
    Inline,
    Dots,
    /// `G : X \mapsto W X`.
    Maps,
    /// What follows from what stands before.
    Implies,
    /// A matrix with dots or lines in the place of entries.
    Picture,
    /// `\mathbb R \to \mathbb R`: the line says where a function lives.
    Domain,
}

/// The structures by the names that rows give them.
const PARTS: &[(&str, Part)] = &[
    ("fraction", Part::Fraction),
    ("root", Part::Root),
    ("word", Part::Word),
    ("skip", Part::Skip),
    ("bold", Part::Bold),
    ("slope", Part::Slope),
    ("under", Part::Under),
    ("inline", Part::Inline),
    ("skip group", Part::SkipGroup),
    ("remark", Part::Remark),
    ("left", Part::Left),
    ("right", Part::Right),
    ("open", Part::Open),
    ("close", Part::Close),
    ("norm", Part::Norm),
    ("open norm", Part::OpenNorm),
    ("close norm", Part::CloseNorm),
    ("bar", Part::Bar),
    ("open bar", Part::OpenBar),
    ("close bar", Part::CloseBar),
    ("open angle", Part::OpenAngle),
    ("close angle", Part::CloseAngle),
    ("total", Part::Total),
    ("begin", Part::Begin),
    ("end", Part::EndOf),
    ("break", Part::Break),
    ("align", Part::Align),
    ("change", Part::Change),
    ("minimize", Part::Minimize),
    ("dots", Part::Dots),
    ("maps", Part::Maps),
    ("domain", Part::Domain),
    ("implies", Part::Implies),
];

/// A call of another language, and what it is here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// The call, such as `np.sum(X, axis=0)`.
    pub spelled: &'static str,
    /// The text that stands for it, in the letters of the call.
    pub own: &'static str,
    /// How many axes the value has there.
    pub axes: &'static str,
    /// What else is said: a note, or how to mend a call that has no law; may be empty.
    pub said: &'static str,
}

/// The rows of one language.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Signs and words.
    pub rows: BTreeMap<&'static str, Row>,
    /// The rows of words that are refused as they stand, such as `subject to`.
    pub phrases: Vec<&'static str>,
    /// Words of letters that are written otherwise here, such as `Tr`.
    pub words: BTreeMap<&'static str, &'static str>,
    /// Calls by the name that is called.
    pub calls: BTreeMap<&'static str, Vec<Pattern>>,
    /// Calls that mean something else there than here.
    pub theirs: BTreeMap<&'static str, Vec<Pattern>>,
    /// Calls as they are where the value is multiplied on.
    pub onto: BTreeMap<&'static str, Vec<Pattern>>,
    /// Calls that have no law, each with what it is.
    pub lawless: BTreeMap<&'static str, Vec<Pattern>>,
    /// Names that are scalars, whatever their letter.
    pub scalars: BTreeSet<&'static str>,
    /// Names that are scalars where nothing is done with them but to divide by them.
    pub divisors: BTreeSet<&'static str>,
    /// Words before a condition, such as `if`.
    pub conditions: BTreeSet<&'static str>,
    /// Words in the place of a condition for all that is left.
    pub otherwise: BTreeSet<&'static str>,
    /// What stands before a dot, and what it is the same as.
    pub modules: BTreeMap<&'static str, &'static str>,
    /// Functions under another name.
    pub same: BTreeMap<&'static str, &'static str>,
    /// Classes whose objects are called, and the functions that these are.
    pub makes: BTreeMap<&'static str, &'static str>,
    /// Keywords of arguments under another name.
    pub keywords: BTreeMap<&'static str, &'static str>,
    /// Names of what a line goes up by, and those of where it begins.
    pub slopes: BTreeSet<&'static str>,
    pub intercepts: BTreeSet<&'static str>,
    /// Names of what is as large as the matrix that stands beside it.
    pub alike: BTreeSet<&'static str>,
}

impl Table {
    /// Whether a name is one of a number: a row has it, or the word it begins with, as `n_` for `n_samples`.
    pub fn is_number(&self, name: &str) -> bool {
        self.scalars.contains(name)
            || name.match_indices('_').any(|(at, _)| self.scalars.contains(&name[..=at]))
            || name.rfind('_').is_some_and(|at| self.scalars.contains(&name[at..]))
    }

    /// The table of this name, read when it is first asked for.
    pub fn named(name: &str) -> &'static Table {
        static TABLES: [OnceLock<Table>; SPELLINGS.len()] = [const { OnceLock::new() }; SPELLINGS.len()];
        static NONE: OnceLock<Table> = OnceLock::new();
        match SPELLINGS.iter().position(|(known, _)| *known == name) {
            Some(at) => TABLES[at].get_or_init(|| read(SPELLINGS[at].1)),
            None => NONE.get_or_init(Table::default),
        }
    }
}

/// The rows of a text: what is no row is left out, which the test of the tables finds.
fn read(text: &'static str) -> Table {
    let mut table = Table::default();
    for line in text.lines() {
        let columns = columns(line);
        match columns.as_slice() {
            ["call", spelled, own, axes] => add(&mut table.calls, Pattern { spelled, own, axes, said: "" }),
            ["call", spelled, own, axes, said] => {
                add(&mut table.calls, Pattern { spelled, own, axes, said });
            }
            ["theirs", spelled, own, axes] => {
                add(&mut table.theirs, Pattern { spelled, own, axes, said: "" });
            }
            ["onto", spelled, own, axes] => add(&mut table.onto, Pattern { spelled, own, axes, said: "" }),
            ["lawless", spelled, own, said @ ..] => {
                let said = said.first().copied().unwrap_or("");
                add(&mut table.lawless, Pattern { spelled, own, axes: "scalar", said });
            }
            ["scalar", names] => table.scalars.extend(names.split(' ')),
            ["condition", words] => table.conditions.extend(words.split(' ')),
            ["otherwise", words] => table.otherwise.extend(words.split(' ')),
            ["divisor", names] => table.divisors.extend(names.split(' ')),
            ["slope", names] => table.slopes.extend(names.split(' ')),
            ["intercept", names] => table.intercepts.extend(names.split(' ')),
            ["alike", names] => table.alike.extend(names.split(' ')),
            ["same", spelled, own] => drop(table.same.insert(spelled, own)),
            ["makes", spelled, own] => drop(table.makes.insert(spelled, own)),
            ["keyword", spelled, own] => drop(table.keywords.insert(spelled, own)),
            ["module", spelled, own] => drop(table.modules.insert(spelled, own)),
            ["word", spelled, own] => drop(table.words.insert(spelled, own)),
            ["refuse", spelled, why, mend] => {
                table.rows.insert(spelled, Row::Refused(why, Some(mend)));
                let is_phrase = spelled.starts_with(|first: char| first.is_ascii_alphabetic());
                table.phrases.extend(is_phrase.then_some(*spelled));
            }
            [kind, spelled, own] => {
                if let Some(row) = row(kind, own) {
                    table.rows.insert(spelled, row);
                }
            }
            _ => {}
        }
    }
    table
}

fn add(calls: &mut BTreeMap<&'static str, Vec<Pattern>>, pattern: Pattern) {
    let called = pattern.spelled.split('(').next().unwrap_or("");
    calls.entry(called).or_default().push(pattern);
}

fn row(kind: &str, own: &'static str) -> Option<Row> {
    match kind {
        "sign" => Some(Row::Sign(own)),
        "name" => Some(Row::Name(own)),
        "number" => Some(Row::Number(own)),
        "apply" => Some(Row::Apply(own)),
        "raise" => Some(Row::Raise(own)),
        "lower" => Some(Row::Lower(own)),
        "accent" => Some(Row::Accent(own)),
        "refuse" => Some(Row::Refused(own, None)),
        "part" => PARTS.iter().find(|(name, _)| *name == own).map(|(_, part)| Row::Part(*part)),
        _ => None,
    }
}

/// The columns of a row, parted by two blanks or more; a backslash before a blank keeps it.
pub(crate) fn columns(line: &'static str) -> Vec<&'static str> {
    if line.starts_with('#') {
        return Vec::new();
    }
    let mut columns = Vec::with_capacity(4);
    let mut take = |column: &'static str| match column.trim_ascii() {
        "" => {}
        "\\" => columns.push("\\ "),
        column => columns.push(column),
    };
    // By bytes, since every start of the program reads every row.
    let (bytes, mut start, mut at) = (line.as_bytes(), 0, 0);
    while at + 1 < bytes.len() {
        if bytes[at] == b' ' && bytes[at + 1] == b' ' {
            take(&line[start..at]);
            at += 2;
            start = at;
        } else {
            at += 1;
        }
    }
    take(&line[start..]);
    columns
}
