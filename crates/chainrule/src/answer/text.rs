//! An answer for a person: text, LaTeX, a page of HTML, code.

use super::{Answer, Otherwise, why};
use calculus::AlgebraStep;
use judge::{Check, Shown};
use notation::{CodeError, DerivationOptions, Language, Numbers, PrintedLine, PrintedStep, Told, ToldSteps};
use std::fmt::Write;

/// Which steps are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// None.
    None,
    /// Laws, and of many steps of algebra the first and the last.
    Some,
    /// Every one.
    All,
}

impl Answer {
    /// The derivation of a formula for a person: what was read and assumed, every line with its law, the closed forms, the check;
    /// on request each step, and the matrices of one point.
    pub fn explained(&self, steps: Steps, numbers: bool) -> String {
        let derivation = &self.derivation;
        let mut text = self.preamble();
        let mut section = |title: &str, body: &str| {
            if !body.is_empty() {
                let _ = write!(text, "\n{title}\n{}", indented(body));
            }
        };
        section(
            "lines",
            &notation::derivation_text(derivation, DerivationOptions { steps: false, closed: false }),
        );
        let substituted = notation::print_lines(&derivation.formula, &self.substituted);
        section("substituted", &notation::lines_text(&substituted));
        for reading in &self.closed {
            if let Some(second) = &reading.second {
                let title = format!("lines of {}", reading.title);
                let options = DerivationOptions { steps: false, closed: false };
                section(&title, &notation::derivation_text(&second.derivation, options));
            }
        }
        for told in self.told().iter().filter(|_| steps != Steps::None) {
            section(&told.steps.title(), &self.told_text(told, steps));
        }
        section("closed form", &notation::lines_text(&self.shown_lines()));
        section("read otherwise", &otherwise_text(self));
        section("where", &symbols_text(self));
        section("at a kink", &self.kinks.iter().map(|kink| format!("{kink}\n")).collect::<String>());
        if numbers {
            section("numbers, each derivative beside its difference quotient", &numbers_text(&self.check));
        }
        let _ = writeln!(text, "\n{}", self.check_text());
        text
    }

    /// Whether nothing that was compared on numbers is contradicted.
    fn is_confirmed(&self) -> bool {
        self.check.passed
            && self.sums.is_none_or(|sums| sums.passed)
            && self.algebra_check.is_none_or(|algebra| algebra.passed || algebra.points == 0)
    }

    /// The formula as it was read, what was assumed, and the layout.
    pub fn preamble(&self) -> String {
        let mut text = self.parsed.text(&self.declared());
        for note in self.notes() {
            let _ = writeln!(text, "layout     {note}");
        }
        text
    }

    /// How everything that was compared on numbers agrees.
    pub fn check_text(&self) -> String {
        let check = &self.check;
        let mut text = format!("check      {}", check);
        if let Some(sums) = self.sums {
            let _ = write!(text, "\n           sums {}", sums);
        }
        if let Some(algebra) = self.algebra_check.filter(|algebra| algebra.steps > 0) {
            let _ = write!(text, "\n           {}", algebra);
        }
        if !check.not_reached.is_empty() {
            let _ = write!(text, "\n           not reached: {}", check.not_reached.join(", "));
        }
        text
    }

    /// The closed forms as they are shown: under the names of the formula's own lets, where these stand in them.
    pub fn shown_lines(&self) -> Vec<PrintedLine> {
        match self.in_lets.as_slice() {
            [] => self.closed_lines(),
            lines => notation::print_lines(&self.derivation.formula, lines),
        }
    }

    /// A step of the derivation or of its algebra, by its number, opened: entry by entry, or with its identity and what its letters stand
    /// for; `None` where there is no such step.
    pub fn opened(&self, number: usize) -> Option<String> {
        let all = self.told();
        let told = all.iter().find(|told| (told.first..told.first + told.steps.count()).contains(&number))?;
        let place = number.checked_sub(told.first)?;
        let echo = self.parsed.echo.trim_end();
        match told.steps {
            ToldSteps::Laws(derivation, _) => {
                let why = why(&derivation.formula, derivation.steps.get(place)?)?;
                let printed = told.print_laws();
                let stated = notation::step_text(printed.get(place)?, &derivation.result.name);
                Some(format!("{echo}\n\n{stated}\n{}", notation::why_text(&why)))
            }
            ToldSteps::First(_, _, steps) | ToldSteps::Closed(_, steps) => {
                Some(self.opened_algebra(steps.get(place)?, number))
            }
        }
    }

    /// How many steps there are, those of algebra among them.
    pub fn step_count(&self) -> usize {
        self.told().iter().map(|told| told.steps.count()).sum()
    }

    /// All steps that can be told, in order.
    pub(crate) fn told(&self) -> Vec<Told<'_>> {
        notation::told(&self.derivation, &self.closed, &self.algebra)
    }

    fn told_text(&self, told: &Told, shown: Steps) -> String {
        match told.steps {
            ToldSteps::Laws(derivation, _) => {
                let text = |step: &PrintedStep| notation::step_text(step, &derivation.result.name);
                told.print_laws().iter().map(text).collect::<Vec<_>>().join("\n")
            }
            ToldSteps::First(_, _, steps) | ToldSteps::Closed(_, steps) => {
                let printed = notation::print_algebra(&self.derivation.formula, steps, told.first);
                notation::algebra_text(&printed, shown == Steps::All)
            }
        }
    }

    /// A module of a language of code.
    ///
    /// # Errors
    /// What the language cannot say.
    pub fn code(&self, language: Language) -> Result<String, CodeError> {
        notation::code(&self.derivation, &self.closed, &self.request, language)
    }

    /// The derivation as LaTeX, and the steps of algebra where they were asked for.
    pub fn latex(&self, numbers: Numbers) -> String {
        let mut text = notation::derivation_latex(&self.derivation, &self.closed, numbers);
        for told in self.told() {
            let (title, steps) = match told.steps {
                ToldSteps::Laws(..) => continue,
                ToldSteps::First(name, _, steps) => (notation::latex_name_in(name, numbers), steps),
                ToldSteps::Closed(reading, steps) => (notation::title_latex(reading, numbers), steps),
            };
            let rows = notation::algebra_latex(&self.derivation.formula, steps, numbers);
            let _ = write!(text, "The algebra of ${title}$:\n{rows}");
        }
        text
    }

    /// A page of its own.
    pub fn html(&self, numbers: Numbers) -> String {
        let parsed = &self.parsed;
        let declared = self.declared().into_iter().map(|declaration| [declaration, "declared".to_owned()]);
        let assumed = parsed.assumptions.iter();
        let assumed = assumed
            .map(|assumption| [format!("{}: {}", assumption.name, assumption.kind), assumption.reason()]);
        let assumptions: Vec<[String; 2]> = declared.chain(assumed).collect();
        let sums = parsed.sums.iter().flat_map(|sums| &sums.vectorized).map(ToString::to_string);
        let notes: Vec<String> =
            sums.chain(parsed.notes.iter().cloned()).chain(self.kinks.iter().cloned()).collect();
        let check = [self.check.to_string()]
            .into_iter()
            .chain(self.sums.map(|sums| format!("sums {sums}")))
            .chain(self.algebra_check.filter(|check| check.steps > 0).map(|check| check.to_string()));
        let check = check.collect::<Vec<_>>().join("; ");
        notation::html(&notation::Page {
            formula: &parsed.echo,
            assumptions: &assumptions,
            notes: &notes,
            derivation: &self.derivation,
            closed: &self.closed,
            algebra: &self.algebra,
            check: (&check, self.is_confirmed()),
            numbers,
        })
    }

    /// The closed forms, printed.
    pub(crate) fn closed_lines(&self) -> Vec<PrintedLine> {
        notation::print_readings(&self.derivation, &self.closed)
    }

    /// One step of algebra: its identities as the library states them, what their letters stand for, and the part on numbers.
    fn opened_algebra(&self, step: &AlgebraStep, number: usize) -> String {
        let formula = &self.derivation.formula;
        let printed = notation::print_algebra(formula, std::slice::from_ref(step), number);
        let mut text =
            format!("{}\n\n{}", self.parsed.echo.trim_end(), notation::algebra_text(&printed, true));
        for used in &step.used {
            let _ = write!(text, "\n{}", notation::used_text(formula, used));
        }
        if let Some(check) = self.algebra_check {
            let _ = writeln!(text, "\n{check}");
        }
        text
    }
}

/// The answers in other readings, each with the declaration that chooses it.
fn otherwise_text(answer: &Answer) -> String {
    let line = |other: &Otherwise| format!("with {}   {} = {}\n", other.declaration, other.name, other.text);
    answer.otherwise.iter().map(line).collect()
}

/// What the symbols of the closed forms stand for, each once.
fn symbols_text(answer: &Answer) -> String {
    let mut lines: Vec<String> = Vec::new();
    for symbol in answer.closed.iter().flat_map(|reading| &reading.symbols) {
        let line = format!("{} is {}\n", symbol.name, symbol.meaning);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// Every matrix of the check's last point.
fn numbers_text(check: &Check) -> String {
    let sizes: Vec<String> =
        check.example.sizes.iter().map(|(name, size)| format!("{name} = {size}")).collect();
    let mut text = if sizes.is_empty() { String::new() } else { format!("{}\n", sizes.join(", ")) };
    let width = check.example.values.iter().map(|shown| shown.name.chars().count() + 2).max().unwrap_or(0);
    for Shown { name, rows, cols, entries, quotients } in &check.example.values {
        for row in 0..*rows {
            let cells = |entries: &[f64]| -> String {
                entries.iter().skip(row * cols).take(*cols).map(|entry| cell(*entry)).collect()
            };
            let title = if row == 0 { format!("{name} =") } else { String::new() };
            let beside =
                quotients.as_ref().map_or(String::new(), |quotients| format!("   |{}", cells(quotients)));
            let _ = writeln!(text, "{title:<width$}{}{beside}", cells(entries));
        }
    }
    text
}

fn cell(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e5).contains(&size) {
        format!("{value:>13.6}")
    } else {
        format!("{value:>13.4e}")
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { String::from("\n") } else { format!("  {line}\n") })
        .collect()
}
