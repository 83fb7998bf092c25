//! Calls: functions of the table, pages written out where they are used, and primitives with their slopes.

use crate::constant::constant;
use crate::diagnostic::{Diagnostic, Mistake, Origin, Text};
use crate::elaborate::{DEEPEST, Elaborator, Join, Scope, Values, unforeseen};
use crate::misfit::fitted;
use crate::nearest::nearest;
use crate::page::Definition;
use crate::parser;
use crate::range;
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use crate::words::{self, Meaning, Word, word};
use formula::{Body, Function, FunctionId, Name, NodeId, Number, Primitive, Setting};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a name before a bracket stands for.
pub(crate) enum Callee {
    /// Declared with `g: function`.
    Abstract(FunctionId),
    /// A page.
    Page(Arc<Definition>),
    Primitive(Primitive),
    Word(&'static Word),
}

/// What is written instead of a letter before a bracket, which is as often a factor as a function.
fn factor(tree: &Tree, call: &Call) -> Option<String> {
    let name = &call.name;
    let [argument] = call.arguments.as_slice() else { return None };
    let is_letter = name.chars().filter(|letter| letter.is_alphabetic()).count() == 1;
    let is_plain = call.marks.is_empty() && call.settings.is_empty();
    (is_letter && is_plain && !crate::slices::is_letter_of_functions(name)).then(|| {
        let product = format!("{name}*({})", tree.source(*argument));
        format!(
            "`{product}` for a product, or declare `{name}: function` for an arbitrary function entry by entry, `{name}: n -> scalar` for one whose value is a number"
        )
    })
}

impl Elaborator<'_> {
    /// What a name before a bracket stands for in this scope.
    pub fn callee(&self, tree: &Tree, id: ExprId, call: &Call, scope: &Scope) -> Result<Callee, Diagnostic> {
        let name = &call.name;
        if let Some(function) = scope.functions.get(name) {
            return Ok(Callee::Abstract(*function));
        }
        if scope.values.contains_key(name) || scope.sizes.contains_key(name) {
            let argument = call.arguments.first().map_or_else(String::new, |first| tree.source(*first));
            let marks = "'".repeat(call.marks.len());
            let mistake =
                Mistake::NotAFunction { name: name.clone(), call: format!("{name}{marks}*({argument})") };
            return Err(tree.error(mistake, id));
        }
        let count = call.arguments.len();
        // `max(a, b)` is a primitive and `max(X)` a page.
        let primitive = Primitive::named(name).filter(|primitive| primitive.row().parameters.len() == count);
        let fits = |page: &Arc<Definition>| page.parameters.len() + page.axis.len() == count;
        if let Some(page) = page_called(tree, call, self.library.callable(name, count)?)
            && (primitive.is_none() || fits(&page))
        {
            return Ok(Callee::Page(page));
        }
        match (word(name), Primitive::named(name)) {
            (Some(Word { meaning: Meaning::Instead(text), .. }), _) => {
                let instead = Some((*text).to_owned());
                Err(tree
                    .error(Mistake::UnknownFunction { name: name.clone(), nearest: Vec::new(), instead }, id))
            }
            (Some(Word { meaning: Meaning::Lawless(what), .. }), _) => {
                Err(tree.error(crate::reductions::lawless(name, what), id))
            }
            (Some(word), _) => Ok(Callee::Word(word)),
            (None, Some(primitive)) => Ok(Callee::Primitive(primitive)),
            (None, None) => {
                let all = scope.functions.keys().cloned().chain(self.library.callable_names());
                let nearest = nearest(name, all.chain(words::names().map(Name::from)));
                let instead = factor(tree, call);
                Err(tree.error(Mistake::UnknownFunction { name: name.clone(), nearest, instead }, id))
            }
        }
    }

    /// Whether a name is a function of the library or of the language.
    pub fn is_function(&self, name: &Name) -> bool {
        word(name).is_some()
            || Primitive::named(name).is_some()
            || !matches!(self.library.callable(name, 0).as_deref(), Ok([]))
    }

    /// The node of a call.
    pub fn call(
        &mut self,
        tree: &Tree,
        id: ExprId,
        call: &Call,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let callee = self.callee(tree, id, call, scope)?;
        let elementwise = match callee {
            Callee::Word(word) => {
                no_settings(tree, call)?;
                return self.word(tree, id, (call, word), scope, values);
            }
            Callee::Page(page) if !page.is_elementwise() => {
                let numbers = settings(tree, call, &page, scope)?;
                return self.page_of_matrices(tree, id, (call, &page), numbers, scope, values);
            }
            Callee::Page(page) => {
                let settings = settings(tree, call, &page, scope)?;
                self.function(&page, settings)?
            }
            Callee::Abstract(function) if self.formula.function(function).signature.is_some() => {
                no_settings(tree, call)?;
                return self.of_whole(tree, id, (call, function), scope, values);
            }
            Callee::Abstract(function) => {
                no_settings(tree, call)?;
                self.settle_parameters(function, call.arguments.len());
                function
            }
            Callee::Primitive(primitive) => {
                no_settings(tree, call)?;
                self.primitive(primitive)?
            }
        };
        self.apply(tree, id, call, elementwise, scope, values)
    }

    /// An arbitrary function takes as many arguments as where it is used first.
    fn settle_parameters(&mut self, function: FunctionId, count: usize) {
        let function = self.formula.function_mut(function);
        if function.parameters.is_empty() {
            let letters = ["x", "y", "z"].into_iter().map(Name::from);
            let more = (4..).map(|index| Name::from(format!("x{index}")));
            function.parameters = letters.chain(more).take(count.clamp(1, 255)).collect();
        }
    }

    fn apply(
        &mut self,
        tree: &Tree,
        id: ExprId,
        call: &Call,
        function: FunctionId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let wanted = self.formula.function(function).parameters.len();
        count_arguments(tree, id, call, wanted)?;
        if let ([argument], []) = (call.arguments.as_slice(), call.marks.as_slice())
            && self.is_in_formula()
        {
            self.doubt_whole(id, call, self.formula.shape(values.get(*argument)).clone());
        }
        if call.marks.iter().any(|mark| usize::from(*mark) >= wanted) {
            let mistake = Mistake::Expected {
                expected: format!("a slope by one of the {wanted} arguments"),
                found: format!("`{}`", tree.source(id)),
            };
            return Err(tree.error(mistake, id));
        }
        let mut arguments: Vec<NodeId> =
            call.arguments.iter().map(|argument| values.get(*argument)).collect();
        if self.formula.function(function).body == Body::Primitive(Primitive::WHERE) {
            arguments[0] = self.condition(tree, id, arguments[0])?;
        }
        self.one_shape(tree, id, call, &arguments, scope)?;
        self.formula.apply(function, &call.marks, &arguments).map_err(|error| unforeseen(tree, id, error))
    }

    /// An error unless all arguments that are no scalars have one shape.
    fn one_shape(
        &self,
        tree: &Tree,
        id: ExprId,
        call: &Call,
        arguments: &[NodeId],
        scope: &Scope,
    ) -> Result<(), Diagnostic> {
        let shape = |at: usize| self.formula.shape(arguments[at]);
        let matrices: Vec<usize> = (0..arguments.len()).filter(|at| !shape(*at).is_scalar()).collect();
        let Some(first) = matrices.first().copied() else { return Ok(()) };
        let Some(other) = matrices.iter().copied().find(|at| shape(*at) != shape(first)) else {
            return Ok(());
        };
        // A vector is repeated to the matrix beside it, not the other way round.
        let is_vector = |at: usize| shape(at).rows.is_one() || shape(at).cols.is_one();
        let (kept, odd) = if is_vector(first) && !is_vector(other) { (other, first) } else { (first, other) };
        let place = Join {
            tree,
            whole: id,
            operator: Operator::Times,
            left: call.arguments[kept],
            right: call.arguments[odd],
            scope,
        };
        let mend = fitted(tree, call.arguments[odd], shape(odd), shape(kept));
        let mistake = Mistake::WantsShape {
            what: format!("`{}`", call.name),
            wanted: format!("arguments of one shape, such as {}", shape(kept)),
            operand: self.operand(&place, call.arguments[odd], arguments[odd]),
            mend: match mend {
                Some(text) => format!("write `{text}`"),
                None => "only scalars are repeated here".to_owned(),
            },
        };
        Err(tree.error(mistake, id))
    }

    /// The function of the table that this page is with these settings, read in where it is not there yet.
    pub fn function(&mut self, page: &Definition, settings: Vec<Setting>) -> Result<FunctionId, Diagnostic> {
        let is_it = |function: &Function| {
            function.name == page.name && function.settings == settings && function.signature.is_none()
        };
        let known = self.formula.functions().find(|(_, function)| is_it(function)).map(|(id, _)| id);
        if let Some(known) = known {
            return match self.building.contains(&known) {
                true => Err(page.error(Mistake::Circular { name: page.name.clone() })),
                false => Ok(known),
            };
        }
        self.depth += 1;
        self.check_depth(page)?;
        let parameters: Vec<Name> = page.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let numbers: BTreeMap<Name, Number> =
            settings.iter().map(|setting| (setting.name.clone(), setting.value)).collect();
        let mut values = self.scalars(parameters.iter().cloned());
        values.extend(numbers.iter().map(|(name, number)| (name.clone(), self.formula.number(*number))));
        let scope = Scope { values, numbers, body_of: Some(page.name.clone()), ..Scope::default() };
        // Registered before its slope is read, since a slope may mention its function.
        let function = self.formula.add_function(Function {
            name: page.name.clone(),
            parameters,
            settings,
            signature: None,
            body: Body::Abstract,
            slopes: BTreeMap::new(),
            stable: None,
            latex: page.latex.clone(),
            code: page.code.clone(),
            portable: page.portable,
        });
        if let Some(body) = page.body {
            self.building.push(function);
            let body = self.evaluate(&page.tree, body, &scope);
            self.building.pop();
            self.formula.function_mut(function).body = Body::Defined(body?);
        }
        if !page.slopes.is_empty() && page.slopes.len() != page.parameters.len() {
            let what = format!("`{}` has slopes by some of its arguments only", page.name);
            let mend = "write one line `slope` for each argument, in their order, or none".to_owned();
            return Err(page.error(Mistake::Page { what, mend }));
        }
        for (mark, slope) in page.slopes.iter().enumerate() {
            let slope = self.evaluate(&page.tree, *slope, &scope)?;
            self.formula.function_mut(function).slopes.insert(vec![mark as u8], slope);
        }
        if let Some(stable) = page.stable {
            let stable = self.evaluate(&page.tree, stable, &scope)?;
            self.formula.function_mut(function).stable = Some(stable);
        }
        self.depth -= 1;
        Ok(function)
    }

    /// The function of the table that is this primitive, with the slopes that its row gives.
    pub fn primitive(&mut self, primitive: Primitive) -> Result<FunctionId, Diagnostic> {
        let function = self.formula.primitive(primitive);
        let row = primitive.row();
        if !self.formula.function(function).slopes.is_empty() || self.building.contains(&function) {
            return Ok(function);
        }
        // Slopes mention primitives whose slopes mention this one; those meet it while it is being built, and go on.
        self.building.push(function);
        for (mark, slope) in row.slopes.iter().enumerate() {
            let slope = self.text_of_primitive(primitive, slope)?;
            self.formula.function_mut(function).slopes.insert(vec![mark as u8], slope);
        }
        self.building.pop();
        Ok(function)
    }

    /// What the row of a primitive says in text, over its parameters.
    pub fn text_of_primitive(&mut self, primitive: Primitive, text: &str) -> Result<NodeId, Diagnostic> {
        let row = primitive.row();
        let parameters: Vec<Name> = row.parameters.iter().map(|name| Name::from(*name)).collect();
        let values = self.scalars(parameters.iter().cloned());
        let scope = Scope { values, body_of: Some(Name::from(row.name)), ..Scope::default() };
        let text = Text::new(Origin::Primitive(Name::from(row.name)), text);
        let mut tree = Tree::default();
        let root = parser::expression(&mut tree, &text, text.whole(), &parameters)?;
        self.evaluate(&tree, root, &scope)
    }

    pub fn check_depth(&self, page: &Definition) -> Result<(), Diagnostic> {
        match self.depth > DEEPEST {
            true => Err(page.error(Mistake::TooDeep { limit: DEEPEST })),
            false => Ok(()),
        }
    }
}

/// The page that a call means: the one whose name ends with the numbers that the call ends with, else the one without any.
fn page_called(tree: &Tree, call: &Call, pages: Vec<Arc<Definition>>) -> Option<Arc<Definition>> {
    let number = |argument: &ExprId| match tree.expr(*argument) {
        Expr::Number(number, _) => number.as_integer().and_then(|number| u8::try_from(number).ok()),
        _ => None,
    };
    let numbers: Vec<Option<u8>> = call.arguments.iter().map(number).collect();
    let ends = |page: &&Arc<Definition>| {
        let axis: Vec<Option<u8>> = page.axis.iter().copied().map(Some).collect();
        numbers.len() > axis.len() && numbers.ends_with(&axis)
    };
    pages.iter().filter(ends).max_by_key(|page| page.axis.len()).or(pages.first()).cloned()
}

/// The settings of a page with the values in force at a call.
pub(crate) fn settings(
    tree: &Tree,
    call: &Call,
    page: &Definition,
    scope: &Scope,
) -> Result<Vec<Setting>, Diagnostic> {
    let known = || page.settings.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let mut settings: Vec<Setting> = page
        .settings
        .iter()
        .map(|(name, default)| Setting { name: name.clone(), value: *default, default: *default })
        .collect();
    for (at, (name, value)) in call.settings.iter().enumerate() {
        if call.settings[..at].iter().any(|(before, _)| before == name) {
            return Err(tree.error(Mistake::SettingTwice { setting: name.clone() }, *value));
        }
        let Some(setting) = settings.iter_mut().find(|setting| setting.name == *name) else {
            let mistake =
                Mistake::UnknownSetting { name: page.name.clone(), setting: name.clone(), known: known() };
            return Err(tree.error(mistake, *value));
        };
        setting.value = match constant(tree, *value, &scope.numbers)? {
            Some(number) => number,
            None => return Err(tree.error(Mistake::SettingNotNumber { setting: name.clone() }, *value)),
        };
    }
    let given: Vec<&Name> = call.settings.iter().map(|(name, _)| name).collect();
    if let Some((setting, mistake)) = range::broken(page, &settings, &given) {
        let place = call.settings.iter().find(|(name, _)| *name == setting).map(|(_, value)| *value);
        return Err(
            place.map_or_else(|| page.error(mistake.clone()), |place| tree.error(mistake.clone(), place))
        );
    }
    Ok(settings)
}

fn no_settings(tree: &Tree, call: &Call) -> Result<(), Diagnostic> {
    match call.settings.first() {
        None => Ok(()),
        Some((setting, value)) => {
            let (name, setting) = (call.name.clone(), setting.clone());
            Err(tree.error(Mistake::UnknownSetting { name, setting, known: Vec::new() }, *value))
        }
    }
}

/// An error unless a call has as many arguments as it should.
pub(crate) fn count_arguments(tree: &Tree, id: ExprId, call: &Call, wanted: usize) -> Result<(), Diagnostic> {
    let found = call.arguments.len();
    if found == wanted {
        return Ok(());
    }
    let mend = match found > wanted {
        true => "settings are written with their names, such as `slope = 0.1`".to_owned(),
        false => format!("`chainrule library {}` shows its arguments", call.name),
    };
    Err(tree.error(Mistake::Arguments { name: call.name.clone(), wanted, found, mend }, id))
}
