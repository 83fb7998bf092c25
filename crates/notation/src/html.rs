//! A derivation as one HTML page that needs nothing else: the answer, the way there with its laws, the check, and the texts to
//! copy. Formulas are MathML, and the page follows the reader's light or dark colours.

use crate::LONGEST;
use crate::derivation::{PrintedLine, print_derivation, print_readings, shape_text, sizes};
use crate::latex::Numbers;
use crate::mathml::{escaped, mathml, mathml_name};
use crate::title::title_mathml;
use crate::told::{ToldSteps, told};
use calculus::{AlgebraStep, AlgebraSteps, Derivation, Reading, Step};
use formula::{Formula, Line, Name, NodeId};
use std::fmt::Write;

/// What a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The formula as it was read, with its declarations.
    pub formula: &'a str,
    /// What was assumed, each as a name with its kind, and why.
    pub assumptions: &'a [[String; 2]],
    /// What else a reader should know of how the formula was read, and of kinks.
    pub notes: &'a [String],
    /// The lines and steps.
    pub derivation: &'a Derivation,
    /// The derivatives in the inputs alone.
    pub closed: &'a [Reading],
    /// The steps of algebra to each of them, where they are to be shown.
    pub algebra: &'a [AlgebraSteps],
    /// How the answer was checked, and whether it passed.
    pub check: (&'a str, bool),
    /// Where the numbers of names are written.
    pub numbers: Numbers,
}

/// A whole HTML document.
pub fn html(page: &Page) -> String {
    let result = &page.derivation.result.name;
    let names: Vec<&str> = page.closed.iter().map(|reading| &*reading.by).collect();
    let title = format!("{result} by {}", names.join(", "));
    let (check, passed) = page.check;
    let sections = [
        section("The formula", &question(page)),
        section("The derivatives", &answers(page)),
        section("Line by line", &lines(page)),
        section("Every step", &steps(page)),
        section(
            "The check",
            &format!("<p class=\"{}\">{}</p>\n", if passed { "passed" } else { "failed" }, escaped(check)),
        ),
        section("To copy", &to_copy(page)),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n{}</main>\n</body>\n</html>\n",
        heading(result, &names, page.numbers),
        sections.concat(),
        title = escaped(&title),
    )
}

const STYLE: &str = include_str!("html/style.css");

fn heading(result: &Name, names: &[&str], numbers: Numbers) -> String {
    let inline = |name: &str| format!("<math>{}</math>", mathml_name(name, numbers));
    let names: Vec<String> = names.iter().map(|name| inline(name)).collect();
    format!("The derivative of {} by {}", inline(result), names.join(", "))
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{title}</h2>\n{body}</section>\n")
}

/// The formula, drawn and as it was read; what was assumed; the shapes of its variables.
fn question(page: &Page) -> String {
    let derivation = page.derivation;
    let value: Vec<Line> = derivation.lets.iter().chain([&derivation.result]).cloned().collect();
    let rows = value.iter().map(|line| equation(&derivation.formula, &line.name, line.value, page.numbers));
    let rows: String = rows.map(|math| format!("<div class=\"display\">{math}</div>\n")).collect();
    let mut body = format!("{rows}<pre>{}</pre>\n", escaped(page.formula.trim_end()));
    let assumptions = page
        .assumptions
        .iter()
        .map(|[what, why]| format!("<li>assumed <code>{}</code>: {}</li>\n", escaped(what), escaped(why)));
    let notes = page.notes.iter().map(|note| format!("<li>{}</li>\n", escaped(note)));
    let items: String = assumptions.chain(notes).collect();
    if !items.is_empty() {
        body.push_str(&format!("<ul>\n{items}</ul>\n"));
    }
    body
}

/// The closed forms, how they lie, and what their symbols stand for.
fn answers(page: &Page) -> String {
    let formula = &page.derivation.formula;
    let printed = print_readings(page.derivation, page.closed);
    let card = |(reading, text): (&Reading, &PrintedLine)| {
        let title = title_mathml(reading, page.numbers);
        let value = drawn(formula, reading.value, page.numbers);
        let symbols = reading.symbols.iter().map(|symbol| format!("{} is {}", symbol.name, symbol.meaning));
        let notes: Vec<String> = reading.notes.iter().cloned().chain(symbols).collect();
        format!(
            "<div class=\"answer\">\n<div class=\"display\"><math>{title}<mo>=</mo>{value}</math></div>\n\
             <p><code>{} = {}</code> <span class=\"shape\">{}</span></p>\n<p class=\"note\">{}.</p>\n</div>\n",
            escaped(&reading.title),
            escaped(text_of(&text.text)),
            escaped(&shape_text(&text.shape)),
            escaped(&notes.join("; ")),
        )
    };
    page.closed.iter().zip(&printed).map(card).collect()
}

/// The table of lets and derivatives, as one would write it by hand; for a second derivative another.
fn lines(page: &Page) -> String {
    let mut body = table(page.derivation, page.numbers);
    for reading in page.closed {
        if let Some(second) = &reading.second {
            let title = title_mathml(reading, page.numbers);
            body.push_str(&format!("<h3>From the first derivative to <math>{title}</math></h3>\n"));
            body.push_str(&table(&second.derivation, page.numbers));
        }
    }
    body
}

fn table(derivation: &Derivation, numbers: Numbers) -> String {
    let printed = print_derivation(derivation);
    let lets = derivation.lets.iter().chain([&derivation.result]).map(|line| (&line.name, line.value));
    let derivatives = derivation.derivatives.iter().map(|line| (&line.symbol, line.value));
    let printed_lines = printed.lets.iter().chain([&printed.result]).chain(&printed.derivatives);
    let rows = lets.chain(derivatives).zip(printed_lines).map(|((name, value), printed)| {
        let laws: Vec<String> =
            printed.laws.iter().map(|law| format!("<span class=\"law\">{}</span>", escaped(law))).collect();
        format!(
            "<tr><td class=\"left\"><math>{}</math></td><td><math><mo form=\"infix\">=</mo>{}</math></td><td class=\"shape\">{}</td><td>{}</td></tr>\n",
            mathml_name(name, numbers),
            drawn(&derivation.formula, value, numbers),
            escaped(&shape_text(&printed.shape)),
            laws.join(" ")
        )
    });
    let rows: String = rows.collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><th></th><th></th><th>shape</th><th>by the laws</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// Each law with the part it acts on, what came in and what went out; the laws alone once a page is long.
fn steps(page: &Page) -> String {
    const MOST: usize = 200 * LONGEST;
    let mut items = String::new();
    for told in told(page.derivation, page.closed, page.algebra) {
        let title = match told.steps {
            ToldSteps::Laws(_, None) => String::new(),
            ToldSteps::Laws(_, Some(reading)) => format!("The steps to {}", title_math(reading, page)),
            ToldSteps::First(name, ..) => {
                format!("The algebra of <math>{}</math>", mathml_name(name, page.numbers))
            }
            ToldSteps::Closed(reading, _) => format!("The algebra of {}", title_math(reading, page)),
        };
        if !title.is_empty() {
            let _ = writeln!(items, "<h3>{title}</h3>");
        }
        let _ = writeln!(items, "<ol start=\"{}\">", told.first);
        match told.steps {
            ToldSteps::Laws(derivation, _) => {
                for step in &derivation.steps {
                    let item =
                        if items.len() < MOST { item(page, derivation, step) } else { law(step) + "</li>\n" };
                    items.push_str(&item);
                }
            }
            ToldSteps::First(_, _, steps) | ToldSteps::Closed(_, steps) => {
                steps.iter().for_each(|step| items.push_str(&algebra(page, step)));
            }
        }
        items.push_str("</ol>\n");
    }
    items
}

fn title_math(reading: &Reading, page: &Page) -> String {
    format!("<math>{}</math>", title_mathml(reading, page.numbers))
}

/// A step of algebra: its identities, the part before and after.
fn algebra(page: &Page, step: &AlgebraStep) -> String {
    let formula = &page.derivation.formula;
    let names = step.used.iter().map(|used| {
        let statement = used.statement.iter().map(|text| format!(" <code>{}</code>", escaped(text)));
        format!("<span class=\"law\">{}</span>{}", escaped(&used.name), statement.collect::<String>())
    });
    let value = |id: NodeId| drawn(formula, id, page.numbers);
    format!(
        "<li>\n<p>{}</p>\n<div class=\"step\"><div><math>{}</math></div><div><math><mo form=\"infix\">=</mo>{}</math></div></div>\n</li>\n",
        names.collect::<Vec<_>>().join(", "),
        value(step.from),
        value(step.to),
    )
}

fn law(step: &Step) -> String {
    let (law, statement) = (escaped(&step.law), escaped(&step.statement));
    format!("<li>\n<p><span class=\"law\">{law}</span> <code>{statement}</code></p>\n")
}

fn item(page: &Page, derivation: &Derivation, step: &Step) -> String {
    let (formula, result) = (&derivation.formula, &derivation.result.name);
    let line =
        |name: &str, value: NodeId| format!("<div>{}</div>", equation(formula, name, value, page.numbers));
    format!(
        "{}<div class=\"step\">{}{}{}{}<div class=\"shape\">{}</div></div>\n</li>\n",
        law(step),
        line("G", step.of),
        line("X", step.by),
        line(&format!("d{result}/dG"), step.from),
        line(&format!("d{result}/dX"), step.to),
        escaped(&shape_text(&sizes(formula.shape(step.to)))),
    )
}

/// Lines and closed forms in the language of formulas.
fn to_copy(page: &Page) -> String {
    let printed = print_derivation(page.derivation);
    let closed = print_readings(page.derivation, page.closed);
    let lines = printed.lets.iter().chain([&printed.result]).chain(&printed.derivatives);
    let text = |line: &PrintedLine| format!("{} = {}\n", line.name, text_of(&line.text));
    let lines: String = lines.map(text).collect();
    let closed: String = closed.iter().map(text).collect();
    format!("<pre>{}\n{}</pre>\n", escaped(&lines), escaped(closed.trim_end()))
}

fn equation(formula: &Formula, name: &str, value: NodeId, numbers: Numbers) -> String {
    let value = drawn(formula, value, numbers);
    format!("<math>{}<mo>=</mo>{value}</math>", mathml_name(name, numbers))
}

fn text_of(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("(longer than 100,000 characters)")
}

fn drawn(formula: &Formula, value: NodeId, numbers: Numbers) -> String {
    let value = mathml(formula, value, numbers).map(|value| format!("<mrow>{value}</mrow>"));
    value.unwrap_or_else(|| "<mtext>longer than a page can show</mtext>".to_owned())
}
