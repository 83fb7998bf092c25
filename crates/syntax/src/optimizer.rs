//! Optimizers and schedules: pages as formulas of one step and of one factor.

use crate::diagnostic::{Diagnostic, Mistake, Origin, Span, Text};
use crate::elaborate::{Elaborator, Scope};
use crate::library::Library;
use crate::page::Definition;
use ::library::Kind;
use formula::{Formula, Line, Name, Number, Setting, Shape, Size, Variable};

/// An optimizer with its settings: how weights move by their gradient.
#[derive(Clone, Debug)]
pub struct Optimizer {
    /// Its name.
    pub name: Name,
    /// Its settings but for the rate; their values are numbers inside the formula.
    pub settings: Vec<Setting>,
    /// The learning rate; a variable of the formula, since schedules change it.
    pub rate: Setting,
    /// The states, each of the shape of the weights, and what all its entries are at first.
    pub states: Vec<(Name, Number)>,
    /// One step. The variables are `W`, the weights, `G`, their gradient, and the states, each `k x 1`, and the scalars `t`
    /// (1 at the first step) and `rate`. Its lines are one for each name that the page assigns, in that order: the value
    /// after the step, in terms of the values before it.
    pub formula: Formula,
}

/// A schedule with its settings: a factor on the learning rate.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name.
    pub name: Name,
    /// Its settings; their values are numbers inside the formula.
    pub settings: Vec<Setting>,
    /// The factor, as a formula of one line over the scalar `u`, which runs from 0 to 1.
    pub formula: Formula,
}

impl Schedule {
    /// Whether it is one factor over the whole run.
    pub fn is_constant(&self) -> bool {
        let roots: Vec<formula::NodeId> = self.formula.lines.iter().map(|line| line.value).collect();
        self.formula.variables(&roots).is_empty()
    }
}

/// The optimizer that a name with settings means: `adam`, `adam(beta1 = 0.95)`.
///
/// # Errors
/// When there is no such optimizer (the nearest names are given) or no such setting.
pub fn optimizer(text: &str, library: &Library) -> Result<Optimizer, Diagnostic> {
    match library.use_of(Kind::Optimizer, text)? {
        (Some(page), chosen) => optimizer_of(library, &page, chosen.settings),
        (None, chosen) => Err(unknown(text, &chosen.name)),
    }
}

/// The schedule that a name with settings means: `constant`, `cosine(end = 0.1)`.
///
/// # Errors
/// When there is no such schedule (the nearest names are given) or no such setting.
pub fn schedule(text: &str, library: &Library) -> Result<Schedule, Diagnostic> {
    match library.use_of(Kind::Schedule, text)? {
        (Some(page), chosen) => schedule_of(library, &page, chosen.settings),
        (None, chosen) => Err(unknown(text, &chosen.name)),
    }
}

fn unknown(text: &str, name: &Name) -> Diagnostic {
    let text = Text::new(Origin::Use, text);
    text.error(Mistake::UnknownName { name: name.clone(), nearest: Vec::new() }, text.whole())
}

/// The step of a page with these settings.
pub(crate) fn optimizer_of(
    library: &Library,
    page: &Definition,
    settings: Vec<Setting>,
) -> Result<Optimizer, Diagnostic> {
    let refuse = |what: &str, mend: &str| {
        let what = format!("the optimizer `{}` {what}", page.name);
        Err(page.error(Mistake::Page { what, mend: mend.to_owned() }))
    };
    let parameters: Vec<&str> = page.parameters.iter().map(|parameter| &*parameter.name).collect();
    if parameters != ["W", "G", "t"] {
        return refuse(
            "has other arguments",
            "write `(W, G, t; rate = 0.01)`: weights, gradient, number of the step",
        );
    }
    let (rate, settings): (Vec<Setting>, Vec<Setting>) =
        settings.into_iter().partition(|setting| &*setting.name == "rate");
    let Some(rate) = rate.into_iter().next() else {
        return refuse("has no setting `rate`", "write `(W, G, t; rate = 0.01)`");
    };
    if rate.value.value() <= 0.0 {
        let (page, setting) = (page.name.clone(), rate.name.clone());
        let mistake = Mistake::OutOfRange { page, setting, value: rate.value, range: "0 < rate".to_owned() };
        return Err(Text::new(Origin::Use, &format!("rate = {}", rate.value)).error(mistake, Span::default()));
    }
    let mut elaborator = Elaborator::new(library, Formula::new());
    let shape = Shape::column(Size::named(Name::from("k")));
    let mut scope = Scope::default();
    let states = page.states.iter().map(|(name, _)| name.clone());
    for name in [Name::from("W"), Name::from("G")].into_iter().chain(states) {
        let variable = elaborator.formula.variable(Variable::new(name.clone(), shape.clone()));
        scope.values.insert(name, variable);
    }
    scope.values.extend(elaborator.scalars([Name::from("t"), Name::from("rate")]));
    for setting in &settings {
        scope.numbers.insert(setting.name.clone(), setting.value);
        scope.values.insert(setting.name.clone(), elaborator.formula.number(setting.value));
    }
    let mut lines: Vec<Line> = Vec::new();
    for (name, value) in &page.updates {
        let built = elaborator.evaluate(&page.tree, *value, &scope)?;
        let Ok(value) = elaborator.formula.broadcast(built, &shape) else {
            let found = elaborator.formula.shape(built).clone();
            let what = format!("`{name}` is one number for each weight, {shape}, and this is {found}");
            let mend = "write `.*` and `.^` to act on each weight by itself".to_owned();
            return Err(page.tree.error(Mistake::Page { what, mend }, *value));
        };
        scope.values.insert(name.clone(), value);
        match lines.iter_mut().find(|line| line.name == *name) {
            Some(line) => line.value = value,
            None => lines.push(Line { name: name.clone(), value }),
        }
    }
    if !lines.iter().any(|line| &*line.name == "W") {
        return refuse("never moves the weights", "write a line such as `W <- W - rate*G`");
    }
    elaborator.formula.lines = lines;
    let formula = elaborator.formula;
    Ok(Optimizer { name: page.name.clone(), settings, rate, states: page.states.clone(), formula })
}

/// The factor of a page with these settings.
pub(crate) fn schedule_of(
    library: &Library,
    page: &Definition,
    settings: Vec<Setting>,
) -> Result<Schedule, Diagnostic> {
    let parameters: Vec<&str> = page.parameters.iter().map(|parameter| &*parameter.name).collect();
    let body = match page.body {
        Some(body) if parameters == ["u"] => body,
        _ => {
            let what = format!("the schedule `{}` has other arguments", page.name);
            let mend = "write `(u)`: u runs from 0 at the first step to 1 at the last".to_owned();
            return Err(page.error(Mistake::Page { what, mend }));
        }
    };
    let mut elaborator = Elaborator::new(library, Formula::new());
    let mut scope = Scope { body_of: Some(page.name.clone()), ..Scope::default() };
    scope.values = elaborator.scalars([Name::from("u")]);
    for setting in &settings {
        scope.numbers.insert(setting.name.clone(), setting.value);
        scope.values.insert(setting.name.clone(), elaborator.formula.number(setting.value));
    }
    let value = elaborator.evaluate(&page.tree, body, &scope)?;
    elaborator.formula.lines = vec![Line { name: page.name.clone(), value }];
    Ok(Schedule { name: page.name.clone(), settings, formula: elaborator.formula })
}
