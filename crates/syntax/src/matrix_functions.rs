//! Functions of whole matrices: pages whose arguments have declared shapes, called by their names or written out.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Join, Scope, Values, unforeseen};
use crate::functions::count_arguments;
use crate::page::{Definition, Parameter};
use crate::tree::{Call, ExprId, Operator, Tree};
use ::library::Kind;
use formula::{Body, Function, FunctionId, Name, NodeId, Number, Setting, Shape, Signature, Size, Variable};
use std::collections::BTreeMap;

impl Elaborator<'_> {
    /// A page whose arguments have declared shapes: called by its name where every reader knows it, else written out at the
    /// place where it is used.
    pub fn page_of_matrices(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (call, page): (&Call, &Definition),
        settings: Vec<Setting>,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        if let Some(outer) = &scope.body_of {
            let mistake = Mistake::ReductionInBody { word: page.name.clone(), page: outer.clone() };
            return Err(tree.error(mistake, id));
        }
        if !call.marks.is_empty() {
            let what = format!("`{}` acts on whole matrices and has no slope entry by entry", page.name);
            let mend = "differentiate a formula that uses it".to_owned();
            return Err(tree.error(Mistake::Page { what, mend }, id));
        }
        let count = page.parameters.len();
        self.check_form(tree, id, call, page)?;
        let arguments: Vec<NodeId> =
            call.arguments[..count].iter().map(|argument| values.get(*argument)).collect();
        let itself = (page.name.clone(), page.axis.clone());
        if self.inlining.contains(&itself) {
            return Err(tree.error(Mistake::Circular { name: page.name.clone() }, id));
        }
        let shapes: Vec<Shape> =
            arguments.iter().map(|argument| self.formula.shape(*argument).clone()).collect();
        let sizes = bind(&page.parameters, &shapes).map_err(|(at, because)| {
            let Parameter { name, shape } = &page.parameters[at];
            let spelled = call.arguments[at];
            let place =
                Join { tree, whole: id, operator: Operator::Times, left: spelled, right: spelled, scope };
            let mistake = Mistake::PageShapes {
                page: page.name.clone(),
                parameter: name.clone(),
                declared: shape.as_ref().map_or_else(String::new, Shape::to_string),
                operand: self.operand(&place, spelled, arguments[at]),
                because,
            };
            tree.error(mistake, id)
        })?;
        if let Some(note) = &page.note {
            self.note(note.clone());
        }
        if let [shape] = shapes.as_slice() {
            self.doubt_rows(id, page, shape);
        }
        if page.is_kept() {
            let function = self.matrix_function(page, settings)?;
            return self.formula.call(function, &arguments).map_err(|error| unforeseen(tree, id, error));
        }
        let mut values: BTreeMap<Name, NodeId> = page
            .parameters
            .iter()
            .map(|parameter| parameter.name.clone())
            .zip(arguments.iter().copied())
            .collect();
        let numbers: BTreeMap<Name, Number> =
            settings.iter().map(|setting| (setting.name.clone(), setting.value)).collect();
        values.extend(numbers.iter().map(|(name, number)| (name.clone(), self.formula.number(*number))));
        let inner = Scope { values, numbers, sizes, ..Scope::default() };
        self.depth += 1;
        self.check_depth(page)?;
        self.inlining.push(itself);
        let Some(body) = page.body else {
            return Err(page.error(Mistake::NoResult));
        };
        let value = self.evaluate(&page.tree, body, &inner)?;
        self.inlining.pop();
        self.depth -= 1;
        if page.kind != Kind::Function && !self.formula.is_scalar(value) {
            let shape = self.formula.shape(value).clone();
            return Err(page.error(Mistake::BodyNotScalar { page: page.name.clone(), shape }));
        }
        Ok(value)
    }

    /// An error unless a call has the arguments of its page, and the numbers that end its name.
    fn check_form(&self, tree: &Tree, id: ExprId, call: &Call, page: &Definition) -> Result<(), Diagnostic> {
        let (count, ends) = (page.parameters.len(), page.axis.len());
        let forms = self.library.pages(page.kind, &page.name)?;
        if call.arguments.len() != count + ends && forms.len() > 1 {
            let form = |page: &std::sync::Arc<Definition>| {
                let names = page.parameters.iter().map(|parameter| parameter.name.to_string());
                let all: Vec<String> = names.chain(page.axis.iter().map(u8::to_string)).collect();
                format!("`{}({})`", page.name, all.join(", "))
            };
            let expected = forms.iter().map(form).collect::<Vec<_>>().join(" or ");
            return Err(
                tree.error(Mistake::Expected { expected, found: format!("`{}`", tree.source(id)) }, id)
            );
        }
        count_arguments(tree, id, call, count + ends)
    }

    /// The function of the table that a page of whole matrices is with these settings, read in where it is not there yet.
    pub fn matrix_function(
        &mut self,
        page: &Definition,
        settings: Vec<Setting>,
    ) -> Result<FunctionId, Diagnostic> {
        if let Some(known) = self.formula.find_matrix_function(&page.name, &settings, &page.axis) {
            return match self.building.contains(&known) {
                true => Err(page.error(Mistake::Circular { name: page.name.clone() })),
                false => Ok(known),
            };
        }
        let Some(body) = page.body else { return Err(page.error(Mistake::NoResult)) };
        self.depth += 1;
        self.check_depth(page)?;
        let scope = self.declared_scope(page, &settings);
        let shapes = page.parameters.iter().filter_map(|parameter| parameter.shape.clone());
        let signature =
            Signature { parameters: shapes.collect(), result: Shape::scalar(), axis: page.axis.clone() };
        let function = self.formula.add_function(Function {
            name: page.name.clone(),
            parameters: page.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
            settings,
            signature: Some(signature.clone()),
            body: Body::Abstract,
            slopes: BTreeMap::new(),
            stable: None,
            latex: page.latex.clone(),
            code: page.code.clone(),
            portable: page.portable,
        });
        self.building.push(function);
        let body = self.evaluate(&page.tree, body, &scope)?;
        let result = self.formula.shape(body).clone();
        let known = self.formula.function_mut(function);
        (known.body, known.signature) =
            (Body::Defined(body), Some(Signature { result: result.clone(), ..signature }));
        if let Some(stable) = page.stable {
            let value = self.evaluate(&page.tree, stable, &scope)?;
            if *self.formula.shape(value) != result {
                let what = format!("the stable form is {}, and the body {result}", self.formula.shape(value));
                let mend = "write one that is equal to the body".to_owned();
                return Err(page.tree.error(Mistake::Page { what, mend }, stable));
            }
            self.formula.function_mut(function).stable = Some(value);
        }
        self.building.pop();
        self.depth -= 1;
        Ok(function)
    }

    /// What names stand for in a page of whole matrices, over variables called like its parameters.
    pub fn declared_scope(&mut self, page: &Definition, settings: &[Setting]) -> Scope {
        let mut scope = Scope::default();
        for parameter in &page.parameters {
            let shape = parameter.shape.clone().unwrap_or(Shape::scalar());
            for name in shape.rows.names().into_iter().chain(shape.cols.names()) {
                scope.sizes.insert(name.clone(), Size::named(name));
            }
            let variable = Variable::new(parameter.name.clone(), shape);
            scope.values.insert(parameter.name.clone(), self.formula.variable(variable));
        }
        for setting in settings {
            scope.numbers.insert(setting.name.clone(), setting.value);
            scope.values.insert(setting.name.clone(), self.formula.number(setting.value));
        }
        scope
    }
}

/// What the names of sizes in declared shapes stand for, given actual shapes; the place of the first that does not fit, and
/// what its declaration comes to.
fn bind(parameters: &[Parameter], actual: &[Shape]) -> Result<BTreeMap<Name, Size>, (usize, String)> {
    let mut sizes: BTreeMap<Name, Size> = BTreeMap::new();
    let declared = || parameters.iter().map(|parameter| parameter.shape.as_ref()).zip(actual);
    for (shape, actual) in declared() {
        let Some(shape) = shape else { continue };
        for (size, actual) in [(&shape.rows, &actual.rows), (&shape.cols, &actual.cols)] {
            if let Some(name) = size.as_name() {
                sizes.entry(name.clone()).or_insert_with(|| actual.clone());
            }
        }
    }
    for (at, (shape, actual)) in declared().enumerate() {
        let Some(shape) = shape else { continue };
        let meant = shape.substitute(&sizes);
        if meant != *actual {
            let because = if meant == *shape { String::new() } else { format!(", here {meant}") };
            return Err((at, because));
        }
    }
    Ok(sizes)
}
