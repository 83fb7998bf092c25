//! The ranges of a page's settings, such as `range 0 <= beta1 < 1` or `range low < high`.

use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::page::Definition;
use crate::parser::Parser;
use crate::token::Kind;
use formula::{Name, Number, Setting};
use std::sync::Arc;

/// A chain of comparisons that the settings of a page keep.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    /// How it is written.
    pub text: String,
    first: Bound,
    rest: Vec<(Kind, Bound)>,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
enum Bound {
    Number(Number),
    Setting(Name),
}

/// Reads what follows the word `range`, which is about these settings.
pub(crate) fn read(
    parser: &mut Parser,
    text: &Arc<Text>,
    body: Span,
    settings: &[(Name, Number)],
) -> Result<Range, Diagnostic> {
    let first = bound(parser, settings)?;
    let mut rest = Vec::new();
    while matches!(parser.peek(), Kind::Less | Kind::LessEqual | Kind::Greater | Kind::GreaterEqual) {
        let comparison = parser.advance().kind;
        rest.push((comparison, bound(parser, settings)?));
    }
    if rest.is_empty() {
        return Err(parser.expected("`<`, `<=`, `>` or `>=`"));
    }
    let line = text.slice(body);
    let text = line.split('#').next().unwrap_or(line).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Range { text, first, rest })
}

fn bound(parser: &mut Parser, settings: &[(Name, Number)]) -> Result<Bound, Diagnostic> {
    if parser.peek() == Kind::Name {
        let (name, span) = parser.name()?;
        if settings.iter().all(|(setting, _)| *setting != name) {
            let what = format!("a range is about settings, and `{name}` is none of this page");
            let mend = "write a line such as `range 0 < delta` with the name of a setting".to_owned();
            return Err(parser.error_at(Mistake::Page { what, mend }, span));
        }
        return Ok(Bound::Setting(name));
    }
    let is_negative = parser.peek() == Kind::Minus;
    if is_negative {
        parser.advance();
    }
    let Kind::Number(number) = parser.peek() else {
        return Err(parser.expected("a number, or the name of a setting"));
    };
    parser.advance();
    let signed = if is_negative { Number::from_f64(-number.value()) } else { Some(number) };
    Ok(Bound::Number(signed.unwrap_or(number)))
}

impl Range {
    fn holds(&self, settings: &[Setting]) -> bool {
        let value = |bound: &Bound| match bound {
            Bound::Number(number) => number.value(),
            Bound::Setting(name) => settings
                .iter()
                .find(|setting| setting.name == *name)
                .map_or(f64::NAN, |setting| setting.value.value()),
        };
        let mut left = value(&self.first);
        self.rest.iter().all(|(comparison, bound)| {
            let right = value(bound);
            let holds = match comparison {
                Kind::Less => left < right,
                Kind::LessEqual => left <= right,
                Kind::Greater => left > right,
                _ => left >= right,
            };
            left = right;
            holds
        })
    }

    fn mentions(&self, name: &Name) -> bool {
        let is_it = |bound: &Bound| matches!(bound, Bound::Setting(setting) if setting == name);
        is_it(&self.first) || self.rest.iter().any(|(_, bound)| is_it(bound))
    }
}

/// The first range of a page that these settings break: the setting to blame, of those that were `given` where one is, and the
/// mistake.
pub(crate) fn broken(page: &Definition, settings: &[Setting], given: &[&Name]) -> Option<(Name, Mistake)> {
    let range = page.ranges.iter().find(|range| !range.holds(settings))?;
    let mentioned = || settings.iter().filter(|setting| range.mentions(&setting.name));
    let setting =
        mentioned().find(|setting| given.contains(&&setting.name)).or_else(|| mentioned().next())?;
    let (page, range) = (page.name.clone(), range.text.clone());
    let (setting, value) = (setting.name.clone(), setting.value);
    Some((setting.clone(), Mistake::OutOfRange { page, setting, value, range }))
}
