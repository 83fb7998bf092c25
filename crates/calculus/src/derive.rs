//! Every derivative of a formula, in the form that was asked for: one sweep, and readings of what it finds.

use crate::alternative::improve;
use crate::differentiate::{Seed, asked, differentiate_from};
use crate::error::CalculusError;
use crate::law::Laws;
use crate::naming::{free, free_among, names_in_use};
use crate::reading::{Derived, Pullback, Reading, Second, Symbol, is_symmetric, symmetric_part};
use crate::request::{Form, Order, Request};
use crate::simplify::{closed_form, simplify};
use crate::straight_line::StraightLine;
use formula::{Formula, Line, Name, Node, NodeId, Properties, Shape, Variable};
use std::collections::{BTreeMap, HashMap};

impl Derived {
    /// The same, where closed forms that are 0 by what is declared of a variable are those of any value of it: with a 0 nothing can
    /// be compared.
    pub fn not_vanishing(mut self) -> Derived {
        let formula = &mut self.derivation.formula;
        for reading in &mut self.readings {
            if formula.is_zero(reading.value) {
                reading.value = simplify(formula, reading.raw);
            }
        }
        self
    }
}

/// Derives a formula of any shape, once or twice, by variables and lets.
///
/// A derivative is one linear map. The sweep finds it as the pullback from df/dF to df/dX, and every form is read off that:
/// a Jacobian and `d vec(F)/d vec(X)'` are its transposed matrix, a pushforward or a tangent its adjoint, a Hessian the Jacobian
/// of the gradient in closed form. Shapes are those of [`Form`]. What is asked by no name is asked by every variable.
///
/// # Errors
/// When there is no result, a name is unknown, a form does not fit the shapes, second derivatives are asked of what is no
/// scalar, no law fits a part, or a slope that is needed cannot be written out.
pub fn derive(formula: &Formula, request: &Request, laws: &Laws) -> Result<Derived, CalculusError> {
    derive_telling(formula, request, laws, &mut || {})
}

/// The same, and says when it has differentiated and begins to simplify.
///
/// # Errors
/// Those of [`derive`].
pub fn derive_telling(
    formula: &Formula,
    request: &Request,
    laws: &Laws,
    simplifies: &mut dyn FnMut(),
) -> Result<Derived, CalculusError> {
    let mut derived = of_any_order(formula, request, laws, simplifies)?;
    let again = |formula: &Formula, request: &Request| of_any_order(formula, request, laws, &mut || {});
    improve(formula, request, again, &mut derived);
    Ok(derived)
}

/// The derivatives of a formula as it is written.
fn of_any_order(
    formula: &Formula,
    request: &Request,
    laws: &Laws,
    simplifies: &mut dyn FnMut(),
) -> Result<Derived, CalculusError> {
    let result = formula.lines.last().ok_or(CalculusError::NoResult)?;
    match &request.order {
        Order::First => first(formula.clone(), request, laws, simplifies),
        Order::Second(by) if formula.is_scalar(result.value) => {
            second(formula, request, by.as_ref(), laws, simplifies)
        }
        Order::Second(_) => Err(CalculusError::NotScalar {
            name: result.name.clone(),
            shape: formula.shape(result.value).clone(),
        }),
    }
}

/// First derivatives of a result of any shape.
fn first(
    mut formula: Formula,
    request: &Request,
    laws: &Laws,
    simplifies: &mut dyn FnMut(),
) -> Result<Derived, CalculusError> {
    let Some(result) = formula.lines.last().cloned() else { return Err(CalculusError::NoResult) };
    let shape = formula.shape(result.value).clone();
    let mut name = result.name;
    let mut seed = None;
    if !has_gradient(&shape, request.form) {
        // f is the letter of the scalar that every derivative is of.
        if name.as_str() == "f" && !shape.is_scalar() {
            name = free(&formula, &["G", "F", "H"]);
            if let Some(line) = formula.lines.last_mut() {
                line.name = name.clone();
            }
        }
        let scalar = free(&formula, &["f", "s", "t"]);
        let symbol = Variable::new(format!("d{scalar}/d{name}"), shape.clone());
        seed = Some(Seed { scalar, symbol });
    }
    let mut derivation = differentiate_from(&formula, &request.wrt, laws, seed.as_ref())?;
    simplifies();
    let taken = names_in_use(&formula);
    let variables = variables_of(&formula);
    let mut readings = Vec::with_capacity(derivation.gradients.len());
    for gradient in derivation.gradients.clone() {
        let arena = &mut derivation.formula;
        let by = variable(arena, &variables, &gradient.by, gradient.value);
        let form = fitting(request.form, (&name, &shape), &by)?;
        let symbol = seed.as_ref().map(|seed| arena.variable(seed.symbol.clone()));
        let pullback = Pullback {
            of: (name.clone(), shape.clone()),
            by: &by,
            value: gradient.value,
            seed: symbol,
            direction: free_among(&taken, &[&format!("d{}", by.name)]),
        };
        let scalar = seed.as_ref().map_or(&name, |seed| &seed.scalar);
        let title = title(form, scalar, &name, &by.name);
        let meaning = format!("the derivative of a scalar {scalar} by {name}, {shape}");
        readings.push(read(arena, &pullback, form, (title, meaning), request, laws)?);
    }
    Ok(Derived { derivation, readings })
}

/// Second derivatives of a scalar: the gradient in closed form, differentiated again.
fn second(
    formula: &Formula,
    request: &Request,
    by: Option<&Name>,
    laws: &Laws,
    simplifies: &mut dyn FnMut(),
) -> Result<Derived, CalculusError> {
    let Held { formula, wrt, by, lets } = Held::new(formula, &request.wrt, by)?;
    let mut derivation = differentiate_from(&formula, &wrt, laws, None)?;
    let scalar = derivation.result.name.clone();
    let variables = variables_of(&formula);
    let mut readings = Vec::with_capacity(derivation.gradients.len());
    let mut directions = Vec::new();
    for gradient in derivation.gradients.clone() {
        let mut arena = derivation.formula;
        let first = variable(&arena, &variables, &gradient.by, gradient.value);
        let shape = first.shape.clone();
        let mut value = gradient.value;
        if is_symmetric(&first) {
            value = symmetric_part(&mut arena, value, request.symmetric)?;
        }
        simplifies();
        let raw = value;
        let value = simplify(&mut arena, value);
        let first_derivative = [raw, value];
        let by2 = by.as_ref().unwrap_or(&gradient.by);
        let name = free(&arena, &["G", "H", "F"]);
        let second = variable(&arena, &variables, by2, gradient.value);
        let mut again = arena.clone();
        // The variable is known though the first derivative may not depend on it.
        let known = Line { name: by2.clone(), value: again.variable(second.clone()) };
        again.lines = vec![known, Line { name: name.clone(), value }];
        let form = fitting(request.form, (&name, &shape), &second)?;
        let mut symbol = None;
        let seed = if has_gradient(&shape, Some(form)) {
            None
        } else {
            let letter = free(&again, &["s", "t", "r"]);
            let seed = direction(&again, &first, &mut directions);
            symbol = Some(again.variable(seed.clone()));
            Some(Seed { scalar: letter, symbol: seed })
        };
        let lines = differentiate_from(&again, std::slice::from_ref(&second.name), laws, seed.as_ref())?;
        arena = lines.formula.clone();
        let value = lines.gradients.first().map_or(value, |gradient| gradient.value);
        let pullback = Pullback {
            of: (name.clone(), shape.clone()),
            by: &second,
            value,
            seed: symbol,
            direction: free(&again, &[&format!("d{}", second.name)]),
        };
        let title = match form {
            Form::Pullback => Name::from(format!("d(d{scalar}/d{})", gradient.by)),
            // `d2f/dW12` would be W12's as well as W1's.
            _ if *by2 == gradient.by && by2.ends_with(|letter: char| letter.is_numeric()) => {
                Name::from(format!("d2{scalar}/d{by2}^2"))
            }
            _ if *by2 == gradient.by => Name::from(format!("d2{scalar}/d{by2}2")),
            _ => Name::from(format!("d2{scalar}/d{}d{by2}", gradient.by)),
        };
        let meaning = format!("a direction, {shape}: the answer is the second derivative applied to it");
        let mut reading = read(&mut arena, &pullback, form, (title, meaning), request, laws)?;
        reading.by = gradient.by.clone();
        reading.by2 = Some(by2.clone());
        reading.held = held_lines(&arena, &lets);
        reading.notes.push(format!("{name} is the derivative of {scalar} by {}", gradient.by));
        for node in [&mut reading.raw, &mut reading.simplified, &mut reading.value] {
            *node = arena.substitute(*node, &mut lets.clone())?;
        }
        let [raw, value] = first_derivative;
        reading.second = Some(Box::new(Second { raw, value, derivation: lines }));
        readings.push(reading);
        // What is typed is the source of every order.
        arena.lines.clone_from(&formula.lines);
        derivation.formula = arena;
    }
    Ok(Derived { derivation, readings })
}

/// A direction of a variable that a second derivative is applied to; those of other shapes have other names.
fn direction(formula: &Formula, of: &Variable, known: &mut Vec<Variable>) -> Variable {
    let mut direction = Variable::new("", of.shape.clone());
    if is_symmetric(of) {
        direction.properties = Properties::SYMMETRIC;
    }
    let is_other =
        |known: &&Variable| (&known.shape, &known.properties) != (&direction.shape, &direction.properties);
    let mut taken = names_in_use(formula);
    taken.extend(known.iter().filter(is_other).map(|known| known.name.clone()));
    direction.name = free_among(&taken, &["V", "U", "D"]);
    known.push(direction.clone());
    direction
}

/// A formula in which the lets that are asked for are variables, so that derivatives by them can be differentiated by them.
struct Held {
    formula: Formula,
    wrt: Vec<Name>,
    by: Option<Name>,
    /// What each such variable stands for in the inputs.
    lets: HashMap<NodeId, NodeId>,
}

impl Held {
    fn new(formula: &Formula, wrt: &[Name], by: Option<&Name>) -> Result<Held, CalculusError> {
        let Some(result) = formula.lines.last() else { return Err(CalculusError::NoResult) };
        let StraightLine { mut formula, lets, mut result } = StraightLine::new(formula, result)?;
        let names: Vec<Name> = wrt.iter().chain(by).cloned().collect();
        let targets = if names.is_empty() { Vec::new() } else { asked(&formula, &lets, &names)? };
        let held = |symbol: NodeId| targets.iter().any(|(_, target)| *target == symbol);
        let mut written: HashMap<NodeId, NodeId> = HashMap::new();
        for line in &lets {
            let value = formula.substitute(line.value, &mut written)?;
            written.insert(line.symbol, if held(line.symbol) { line.symbol } else { value });
        }
        result.value = formula.substitute(result.value, &mut written)?;
        let held = lets.iter().filter(|line| held(line.symbol)).map(|line| (line.symbol, line.original));
        let lets = held.collect();
        let mut resolved: Vec<Name> = targets.iter().map(|(name, _)| name.clone()).collect();
        // Every variable asked for is known, though the result may not depend on it.
        formula.lines =
            targets.into_iter().map(|(name, value)| Line { name, value }).chain([result]).collect();
        let by = if by.is_some() { resolved.pop() } else { None };
        Ok(Held { formula, wrt: resolved, by, lets })
    }
}

/// Lets that are held as variables, in the order of the arena.
fn held_lines(arena: &Formula, lets: &HashMap<NodeId, NodeId>) -> Vec<Line> {
    let mut symbols: Vec<NodeId> = lets.keys().copied().collect();
    symbols.sort_unstable();
    symbols.iter().map(|symbol| Line { name: name_of(arena, *symbol), value: lets[symbol] }).collect()
}

/// Whether the sweep begins from 1: the result is a scalar, and the form asked for is no map.
fn has_gradient(shape: &Shape, form: Option<Form>) -> bool {
    shape.is_scalar()
        && match form {
            None | Some(Form::Gradient | Form::Jacobian | Form::Tangent | Form::Vec) => true,
            Some(Form::Pullback | Form::Pushforward) => false,
        }
}

/// The form asked for, if it fits the shapes, or the natural one.
fn fitting(form: Option<Form>, of: (&Name, &Shape), by: &Variable) -> Result<Form, CalculusError> {
    let form = form.unwrap_or_else(|| Form::natural(of.1, &by.shape));
    if form.fits(of.1, &by.shape) {
        return Ok(form);
    }
    Err(CalculusError::UnfitForm {
        form,
        of: Box::new((of.0.clone(), of.1.clone())),
        by: Box::new((by.name.clone(), by.shape.clone())),
    })
}

/// What a derivative of `of` by `by` in a form is called.
fn title(form: Form, scalar: &Name, of: &Name, by: &Name) -> Name {
    Name::from(match form {
        Form::Gradient | Form::Pullback => format!("d{scalar}/d{by}"),
        Form::Jacobian | Form::Tangent => format!("d{of}/d{by}"),
        Form::Vec => format!("dvec({of})/dvec({by})'"),
        Form::Pushforward => format!("d{of}"),
    })
}

fn read(
    arena: &mut Formula,
    pullback: &Pullback,
    form: Form,
    (title, meaning): (Name, String),
    request: &Request,
    laws: &Laws,
) -> Result<Reading, CalculusError> {
    let found = pullback.read(arena, form, request, laws)?;
    let mut symbols = Vec::new();
    if let (Form::Pullback, Some(seed)) = (form, pullback.seed) {
        symbols.push(Symbol { node: seed, name: name_of(arena, seed), meaning });
    }
    if let Some(change) = found.direction {
        let meaning = format!("a change of {}, {}", pullback.by.name, pullback.by.shape);
        symbols.push(Symbol { node: change, name: name_of(arena, change), meaning });
    }
    let value =
        if terms(arena, found.value) > LARGEST { found.value } else { closed_form(arena, found.value) };
    // What an answer rests on is said.
    let mut notes = found.notes;
    let used = declared(arena, &[found.value]).into_values();
    let used =
        used.filter(|variable| !Properties::SYMMETRIC.with(Properties::POSITIVE).has(variable.properties));
    let names: Vec<String> = used.map(|variable| variable.name.to_string()).collect();
    if !names.is_empty() && value != found.value && simplify(arena, found.value) != value {
        notes.push(format!("the closed form uses what is declared of {}", names.join(" and ")));
    }
    Ok(Reading {
        by: pullback.by.name.clone(),
        by2: None,
        form,
        title,
        raw: found.value,
        simplified: found.value,
        value,
        symbols,
        held: Vec::new(),
        notes,
        second: None,
    })
}

/// What has more terms when it is written out is not brought into closed form, which no one could read: a gradient of a deep
/// network doubles at each layer, and its lines stand for it.
const LARGEST: u64 = 20_000;

/// How many terms a value has when it is written out, each shared part as often as it occurs.
fn terms(formula: &Formula, root: NodeId) -> u64 {
    let mut terms: HashMap<NodeId, u64> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let parts = formula.node(id).children().iter().map(|child| terms[child]);
        let total = parts.fold(1_u64, u64::saturating_add);
        terms.insert(id, total);
    }
    terms[&root]
}

fn name_of(formula: &Formula, symbol: NodeId) -> Name {
    let Node::Variable(variable) = formula.node(symbol) else { return Name::from("") };
    variable.name.clone()
}

/// The variable of a name with what is declared of it; a let is one of which only the shape is known.
fn variable(
    arena: &Formula,
    variables: &BTreeMap<Name, Variable>,
    name: &Name,
    derivative: NodeId,
) -> Variable {
    let unknown = || Variable::new(name.clone(), arena.shape(derivative).clone());
    variables.get(name).cloned().unwrap_or_else(unknown)
}

/// The variables of the lines of a formula, by their names.
fn variables_of(formula: &Formula) -> BTreeMap<Name, Variable> {
    let values: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
    declared(formula, &values)
}

/// The variables that these values are built from, by their names.
fn declared(formula: &Formula, roots: &[NodeId]) -> BTreeMap<Name, Variable> {
    let mut variables = BTreeMap::new();
    for id in formula.variables(roots) {
        if let Node::Variable(variable) = formula.node(id) {
            variables.entry(variable.name.clone()).or_insert_with(|| variable.clone());
        }
    }
    variables
}

#[cfg(test)]
mod tests;
