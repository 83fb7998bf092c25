//! The left side of a claim, as in `df/dx_i = 2*x_i`: what it says that the claim is about.

use super::check_equal;
use crate::{ClaimQuestion, DeriveError, Library, Source};
use calculus::{Layout, Order, Request};
use formula::{Name, NodeId};
use syntax::{LeftSide, Of, Parsed, ProgramLine, Says, Turned};

/// What a claim is about.
pub(super) struct Asked {
    /// What was asked, by what its left side says where nothing else does.
    pub request: Request,
    /// The indices of the entry that it is about, those of what is derived first.
    pub labels: Vec<char>,
    /// Whether a right answer in the other layout is right.
    pub is_in_any_layout: bool,
}

/// What a claim is about.
///
/// # Errors
/// When a left side says something else than what was asked, or nothing says by what is derived.
pub(super) fn asked(
    question: &ClaimQuestion,
    parsed: &Parsed,
    library: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Asked, DeriveError> {
    let request = question.request.clone();
    let mut asked = Asked { request, labels: Vec::new(), is_in_any_layout: question.is_in_any_layout };
    // `--wrt x_i` says an entry as well.
    if let [name] = asked.request.wrt.as_slice()
        && whole(parsed, name) != *name
    {
        asked.labels = labels(name);
    }
    for name in &mut asked.request.wrt {
        *name = whole(parsed, name);
    }
    let about = About { question, parsed, library };
    for left in &question.claim.left {
        about.hold(&mut asked, left, draw)?;
    }
    if asked.request.wrt.is_empty() {
        return Err(DeriveError::NoVariable);
    }
    if !asked.labels.is_empty() && asked.request.layout != Layout::default() {
        return Err(DeriveError::EntryInLayout);
    }
    // A claim about one entry says which it is.
    asked.is_in_any_layout &= asked.labels.is_empty();
    Ok(asked)
}

/// The name of what `x_i` is an entry of.
fn whole(parsed: &Parsed, name: &Name) -> Name {
    parsed.whole(name).unwrap_or_else(|| name.clone())
}

/// The formula that claims are about.
struct About<'a> {
    question: &'a ClaimQuestion<'a>,
    parsed: &'a Parsed,
    library: &'a Library,
}

impl About<'_> {
    /// Holds a left side to what was asked.
    fn hold(
        &self,
        asked: &mut Asked,
        left: &LeftSide,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<(), DeriveError> {
        match &left.says {
            Says::Name(name) => self.hold_name(asked, left, name),
            Says::Derivative { of, by, is_second, turned } => {
                let mut labels = self.hold_of(left, of, draw)?;
                let by_whole: Vec<Name> = by.iter().map(|name| whole(self.parsed, name)).collect();
                self.hold_by(asked, left, &by_whole, *is_second)?;
                let indices = by.iter().zip(&by_whole).filter(|(name, whole)| name != whole);
                labels.extend(indices.flat_map(|(name, _)| self::labels(name)));
                if !labels.is_empty() {
                    asked.labels = labels;
                }
                match turned {
                    Some(turned) => hold_layout(asked, left, *turned),
                    None => Ok(()),
                }
            }
        }
    }

    /// What is derived: the formula that was asked about. Gives its indices: the y of `dy_i/dx_j` is a name for the formula itself.
    fn hold_of(
        &self,
        left: &LeftSide,
        of: &Of,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Vec<char>, DeriveError> {
        let lines = &self.parsed.formula.lines;
        let other = |said: &str| {
            refuse(
                left,
                format!("the claim is about `{said}`, and the formula that was asked about is another"),
                format!(
                    "check the formula of `{said}` by itself, or give formula and claims as the lines of a file"
                ),
            )
        };
        match of {
            Of::Anything => Ok(Vec::new()),
            Of::Name(name) => {
                let above = whole(self.parsed, name);
                let is_known =
                    lines.iter().any(|line| line.name == above) || self.variables().contains(&above);
                match lines.last().is_some_and(|line| line.name == above) {
                    true if above == *name => Ok(Vec::new()),
                    false if is_known => other(&above),
                    _ => Ok(labels(name)),
                }
            }
            Of::Formula(text) => {
                let ClaimQuestion { text: asked, declarations, .. } = *self.question;
                let before = asked.trim_end().rsplit_once('\n').map_or("", |(before, _)| before);
                let source = Source { text: asked, declarations };
                let equal = check_equal(source, &format!("{before}\n{text}"), self.library, draw);
                match equal.is_ok_and(|equal| equal.judged.verdict.is_yes()) {
                    true => Ok(Vec::new()),
                    false => other(text),
                }
            }
        }
    }

    /// What is derived by, and how often.
    fn hold_by(
        &self,
        asked: &mut Asked,
        left: &LeftSide,
        by: &[Name],
        is_second: bool,
    ) -> Result<(), DeriveError> {
        let request = &mut asked.request;
        let is_first = request.order == Order::First;
        match by {
            [] => match (request.wrt.as_slice(), self.variables().as_slice()) {
                ([_], _) => {}
                ([], [only]) => request.wrt = vec![only.clone()],
                _ => {
                    return refuse(
                        left,
                        format!("`{}` does not say what is derived by", left.typed()),
                        String::from(
                            "name it with `--wrt`, or on the left side of the claim, as in `df/dx = 2*x`",
                        ),
                    );
                }
            },
            [said, ..] => {
                let all = &request.wrt;
                if !all.is_empty() && is_first && !all.contains(said) {
                    let asked: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
                    let asked = asked.join(" or ");
                    return refuse(
                        left,
                        format!(
                            "the claim is about the derivative by `{said}`, and the one by {asked} was asked"
                        ),
                        format!("ask by `{said}`, or claim the derivative by {asked}"),
                    );
                }
                request.wrt = vec![said.clone()];
            }
        }
        let second = by.get(1).filter(|second| Some(*second) != by.first());
        match (is_second, &request.order) {
            (true, Order::First) => request.order = Order::Second(second.cloned()),
            (true, Order::Second(asked)) if asked.is_none() || asked.as_ref() == second.or(by.first()) => {}
            (false, Order::First) => {}
            (false, Order::Second(_)) if by.is_empty() => {}
            _ => {
                return refuse(
                    left,
                    format!("`{}` is another derivative than the one that was asked", left.typed()),
                    String::from("leave the left side of the claim out, or ask for what it says"),
                );
            }
        }
        Ok(())
    }

    /// A name that says it too: the w of `dw = ...`, `dL_dw = ...`, `f_w = ...` and `w_grad = ...`.
    fn hold_name(&self, asked: &mut Asked, left: &LeftSide, name: &Name) -> Result<(), DeriveError> {
        let variables = self.variables();
        let result = self.parsed.formula.lines.last().map(|line| &line.name);
        if result == Some(name) || variables.contains(name) {
            return refuse(
                left,
                format!("`{name}` is the name of a value, and its derivative was asked"),
                String::from("leave the left side of the claim out, or write it as `df/dx = ...`"),
            );
        }
        let Some(said) = self.named_by(name) else { return Ok(()) };
        if variables.contains(&said) {
            return self.hold_by(asked, left, &[said], false);
        }
        refuse(
            left,
            format!("`{name}` is the derivative by `{said}`, which the formula does not mention"),
            String::from("leave the left side of the claim out, or name a variable of the formula"),
        )
    }

    /// What a name says that is derived by: a variable, or a letter where nothing else can be meant.
    fn named_by(&self, name: &Name) -> Option<Name> {
        let (variables, result) = (self.variables(), self.parsed.formula.lines.last().map(|line| &line.name));
        let (stem, behind) =
            name.rsplit_once('_').map_or((None, None), |(stem, behind)| (Some(stem), Some(behind)));
        let changed = behind.and_then(|behind| behind.strip_prefix('d'));
        let alone = name.strip_prefix('d');
        let parts = [alone, behind, changed, name.strip_suffix("_grad")];
        let known = parts.into_iter().flatten().map(Name::from).find(|part| variables.contains(part));
        if known.is_some() {
            return known;
        }
        // `f_v`, `df_dv`, `grad_v` and `dv`
        let is_of =
            |stem: &str| result.is_some_and(|result| **result == *stem) || matches!(stem, "grad" | "f");
        let both = stem.and_then(|stem| stem.strip_prefix('d')).and(changed);
        let below = behind.filter(|_| stem.is_some_and(is_of));
        let letter = alone.filter(|letter| {
            matches!(letter.as_bytes(), [only] if only.is_ascii_lowercase())
                && !is_of(letter)
                && !matches!(*letter, "l" | "g" | "h")
        });
        [both, below, letter].into_iter().flatten().map(Name::from).next()
    }

    fn variables(&self) -> Vec<Name> {
        let roots: Vec<NodeId> = self.parsed.formula.lines.iter().map(|line| line.value).collect();
        let variables = crate::sample::variables(&self.parsed.formula, &roots);
        variables.into_iter().map(|variable| variable.name).collect()
    }
}

/// The lines of a derivation by hand, in which names such as `dZ1`, `dL_dZ1` and `Z1_grad` below the last line of the formula are those
/// of its derivatives.
pub(super) fn with_derivatives(text: &str, mut lines: Vec<ProgramLine>) -> Vec<ProgramLine> {
    let names: Vec<Option<Name>> = lines.iter().map(|line| line.name.clone()).collect();
    let known = |place: usize, name: &str| {
        let is_line = names[..place].iter().flatten().any(|known| **known == *name);
        let mentions = |line: &ProgramLine| {
            let part = text.get(line.span.start..line.span.end).unwrap_or_default();
            super::places::words(part).into_iter().any(|at| part[at] == *name)
        };
        is_line || lines[..place].iter().any(mentions)
    };
    let by = |place: usize| {
        let name = names[place].as_deref()?;
        let (stem, behind) = name.rsplit_once('_').unzip();
        let is_of = |stem: &str| names[..place].iter().flatten().any(|of| **of == *stem);
        let parts = [
            name.strip_prefix('d'),
            // `f_w`, below the line of f
            behind.filter(|_| stem.is_some_and(is_of)),
            behind.and_then(|behind| behind.strip_prefix('d')),
            name.strip_suffix("_grad"),
            name.strip_prefix("grad_"),
        ];
        parts.into_iter().flatten().find(|part| known(place, part)).map(Name::from)
    };
    let found: Vec<Option<Name>> = (0..lines.len()).map(by).collect();
    let is_derivative = |place: &usize| lines[*place].derivative.is_some() || found[*place].is_some();
    let start = (0..lines.len()).rev().take_while(is_derivative).last().unwrap_or(lines.len());
    let Some(of) = start.checked_sub(1).and_then(|last| names[last].clone()) else { return lines };
    for (line, by) in lines.iter_mut().zip(found).skip(start) {
        line.derivative = line.derivative.take().or_else(|| Some((of.clone(), by?)));
    }
    lines
}

/// A transpose on the left side says in which layout the claim is.
fn hold_layout(asked: &mut Asked, left: &LeftSide, turned: Turned) -> Result<(), DeriveError> {
    let layout = match turned {
        Turned::By => Layout::Numerator,
        Turned::Of => Layout::Denominator,
    };
    if !asked.is_in_any_layout && asked.request.layout != layout {
        return refuse(
            left,
            format!("`{}` is in {} layout, and another was asked", left.typed(), layout.name()),
            String::from("leave the transpose on the left side out, or `--layout`"),
        );
    }
    (asked.request.layout, asked.is_in_any_layout) = (layout, false);
    Ok(())
}

fn refuse<T>(left: &LeftSide, what: String, mend: String) -> Result<T, DeriveError> {
    Err(left.mistaken(what, mend).into())
}

/// The indices of a name.
pub(super) fn labels(name: &str) -> Vec<char> {
    name.split_once('_')
        .map_or_else(Vec::new, |(_, labels)| labels.chars().filter(|label| *label != '_').collect())
}
