//! A derivative that a module returns.

use super::names::Names;
use calculus::{Form, Reading, Request, Symmetric};
use formula::{Formula, Name, Node};

/// One reading: its name, and what its check has to know of it.
pub(super) struct Output {
    /// The variable, or the two, that it is by.
    by: Vec<Name>,
    /// The name of its line.
    pub(super) symbol: Name,
    form: Form,
    /// The symbol that the map is applied to.
    seed: Option<Name>,
    is_transposed: bool,
    is_symmetric: bool,
    /// Whether an entry off the diagonal of a symmetric variable counts with its mirror image.
    is_independent: bool,
    notes: Vec<String>,
}

impl Output {
    pub(super) fn new(formula: &Formula, reading: &Reading, request: &Request) -> Output {
        let by: Vec<Name> = [&reading.by].into_iter().chain(&reading.by2).cloned().collect();
        let is_symmetric = formula.ids().any(|id| match formula.node(id) {
            Node::Variable(variable) => {
                by.contains(&variable.name)
                    && !variable.shape.is_scalar()
                    && variable.properties.is_symmetric()
            }
            _ => false,
        });
        let symbols = reading.symbols.iter().map(|symbol| format!("{} is {}", symbol.name, symbol.meaning));
        let notes =
            if reading.form == Form::Gradient && by.len() == 1 { Vec::new() } else { symbols.collect() };
        Output {
            by,
            symbol: reading.title.clone(),
            form: reading.form,
            seed: reading.symbols.first().map(|symbol| symbol.name.clone()),
            is_transposed: request.layout.transposes(reading.form),
            is_symmetric,
            is_independent: is_symmetric && request.symmetric == Symmetric::Independent,
            notes,
        }
    }

    /// Whether it is the gradient of a scalar.
    pub(super) fn is_gradient(&self) -> bool {
        self.form == Form::Gradient && self.by.len() == 1
    }

    /// Whether it is the very gradient that the lines lead to.
    pub(super) fn is_plain_gradient(&self) -> bool {
        self.is_gradient() && !self.is_transposed && !self.is_symmetric
    }

    /// What the function's documentation says of it.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// `"X"`, or `("X", "Y")` for a second derivative.
    pub(super) fn key(&self, names: &Names) -> String {
        let by: Vec<String> = self.by.iter().map(|name| format!("\"{}\"", names.variable(name))).collect();
        match by.as_slice() {
            [only] => only.clone(),
            _ => format!("({})", by.join(", ")),
        }
    }

    /// The row of the check's table.
    pub(super) fn row(&self, names: &Names) -> String {
        let seed =
            self.seed.as_ref().map_or("None".to_owned(), |seed| format!("\"{}\"", names.variable(seed)));
        let python = |truth: bool| if truth { "True" } else { "False" };
        format!(
            "    {}: (\"{}\", {seed}, {}, {}),\n",
            self.key(names),
            self.form.name(),
            python(self.is_transposed),
            python(self.is_independent)
        )
    }

    /// Where its change of a symmetric variable has to be symmetric too.
    pub(super) fn symmetric_seed(&self) -> Option<&Name> {
        self.seed.as_ref().filter(|_| self.is_symmetric && self.form == Form::Pushforward)
    }
}
