//! What a reading of a derivative is called, drawn: a fraction of partial derivatives, or a change.

use crate::latex::{Numbers, latex_name_in};
use crate::mathml::mathml_name;
use calculus::{Form, Reading};
use formula::Name;

/// The parts of a title: `∂f/∂X`, `∂²f/∂X∂Y`, `∂vec(F)/∂vec(X)'`, `dF`, `d ∂f/∂X`.
enum Title<'r> {
    /// A derivative's symbol, or a change of something: a name that a notation draws.
    Name(&'r Name),
    /// The matrix of all entries by all entries.
    Vec { of: &'r str, by: &'r str },
    /// The second derivative of a scalar.
    Second { of: &'r str, by: [&'r str; 2] },
    /// The change of a derivative.
    Change { of: &'r str, by: &'r str },
}

impl<'r> Title<'r> {
    fn new(reading: &'r Reading) -> Title<'r> {
        let title = reading.title.as_str();
        let by = reading.by.as_str();
        let parsed = match (&reading.by2, reading.form) {
            (Some(_), Form::Pullback) => title
                .strip_prefix("d(d")
                .and_then(|rest| rest.split_once("/d"))
                .map(|(of, _)| Title::Change { of, by }),
            (Some(by2), _) => title
                .strip_prefix("d2")
                .and_then(|rest| rest.split_once("/d"))
                .map(|(of, _)| Title::Second { of, by: [by, by2] }),
            (None, Form::Vec) => title
                .strip_prefix("dvec(")
                .and_then(|rest| rest.split_once(")/dvec("))
                .map(|(of, _)| Title::Vec { of, by }),
            (None, _) => None,
        };
        parsed.unwrap_or(Title::Name(&reading.title))
    }
}

/// The title of a reading as LaTeX.
pub fn title_latex(reading: &Reading, numbers: Numbers) -> String {
    let name = |name: &str| latex_name_in(name, numbers);
    let square =
        |text: String| if text.contains('^') { format!("{{{text}}}^{{2}}") } else { format!("{text}^{{2}}") };
    match Title::new(reading) {
        Title::Name(title) => name(title),
        Title::Vec { of, by } => format!(
            r"\frac{{\partial \operatorname{{vec}}({})}}{{\partial \operatorname{{vec}}({})^{{\top}}}}",
            name(of),
            name(by)
        ),
        Title::Second { of, by: [one, two] } => {
            let below = if one == two {
                format!(r"\partial {}", square(name(one)))
            } else {
                format!(r"\partial {}\, \partial {}", name(one), name(two))
            };
            format!(r"\frac{{\partial^{{2}} {}}}{{{below}}}", name(of))
        }
        Title::Change { of, by } => format!(r"\mathrm{{d}} {}", name(&format!("d{of}/d{by}"))),
    }
}

/// The title of a reading as the inside of a `<math>` element.
pub fn title_mathml(reading: &Reading, numbers: Numbers) -> String {
    let name = |name: &str| mathml_name(name, numbers);
    let vec = |of: &str| {
        format!("<mo>∂</mo><mi>vec</mi><mo>&#x2061;</mo><mrow><mo>(</mo>{}<mo>)</mo></mrow>", name(of))
    };
    match Title::new(reading) {
        Title::Name(title) => name(title),
        Title::Vec { of, by } => {
            format!("<mfrac><mrow>{}</mrow><msup><mrow>{}</mrow><mi>⊤</mi></msup></mfrac>", vec(of), vec(by))
        }
        Title::Second { of, by: [one, two] } => {
            let below = if one == two {
                format!("<mo>∂</mo><msup><mrow>{}</mrow><mn>2</mn></msup>", name(one))
            } else {
                format!("<mo>∂</mo>{}<mspace width=\"0.16em\"/><mo>∂</mo>{}", name(one), name(two))
            };
            format!(
                "<mfrac><mrow><msup><mo>∂</mo><mn>2</mn></msup>{}</mrow><mrow>{below}</mrow></mfrac>",
                name(of)
            )
        }
        Title::Change { of, by } => {
            format!("<mi>d</mi><mspace width=\"0.16em\"/>{}", name(&format!("d{of}/d{by}")))
        }
    }
}
