//! The pages that formulas may use: those shipped, read on demand, and a user's own, which go before them.

use crate::diagnostic::{Diagnostic, Mistake, Origin, Text};
use crate::elaborate::{Elaborator, Scope};
use crate::optimizer;
use crate::page::{self, Definition};
use crate::words;
use ::library::{Kind, PAGES};
use formula::{Body, Formula, FunctionId, Name, Primitive, Setting, Shape, Size, Variable};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// The pages that formulas may use.
///
/// A user's definition hides a shipped page of its kind and name, everywhere: a page that uses the name gets the user's too.
/// Shipped pages are read only when a formula uses them, so a library costs nothing to make and little to clone.
#[derive(Clone, Debug, Default)]
pub struct Library {
    user: Vec<Arc<Definition>>,
}

/// A page as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageText {
    /// What it defines.
    pub kind: Kind,
    /// The name it defines.
    pub name: Name,
    /// The page. [`Library::define`] reads it, but for a primitive's, which is written from its row.
    pub text: String,
}

impl Library {
    /// The shipped pages.
    pub fn standard() -> Library {
        Library::default()
    }

    /// Adds definitions: pages (`function f(x) = ...` with its lines, `loss`, `optimizer`, `schedule`, `metric`), or functions
    /// in the short form `swish2(x) = x .* sigmoid(2*x)`, several parted by line breaks or commas. Returns the names defined.
    ///
    /// # Errors
    /// When a definition cannot be read or used; the library is then as it was before.
    pub fn define(&mut self, text: &str) -> Result<Vec<Name>, Diagnostic> {
        let source = Text::new(Origin::Definitions, text);
        let mut grown = self.clone();
        let mut added = Vec::new();
        for part in page::parts(&source)? {
            let page = Arc::new(page::read(source.slice(part).trim(), Origin::Definitions)?);
            if words::word(&page.name).is_some() || &*page.name == "pi" {
                return Err(page.error(Mistake::Redefined { name: page.name.clone() }));
            }
            grown.user.retain(|known| known.kind != page.kind || known.name != page.name);
            grown.user.push(page.clone());
            added.push(page);
        }
        if added.is_empty() {
            let what = "there is no definition here".to_owned();
            let mend = "write one, such as `swish2(x) = x .* sigmoid(2*x)`".to_owned();
            return Err(source.error(Mistake::Page { what, mend }, source.whole()));
        }
        for page in &added {
            grown.check(page)?;
        }
        *self = grown;
        Ok(added.iter().map(|page| page.name.clone()).collect())
    }

    /// The names of a kind, sorted; functions include the primitives.
    pub fn names(&self, kind: Kind) -> Vec<Name> {
        let shipped = PAGES.iter().filter(|page| page.kind == kind).map(|page| Name::from(page.name));
        let user = self.user.iter().filter(|page| page.kind == kind).map(|page| page.name.clone());
        let mut names: BTreeSet<Name> = shipped.chain(user).collect();
        if kind == Kind::Function {
            names.extend(Primitive::all().map(|primitive| Name::from(primitive.row().name)));
        }
        names.into_iter().collect()
    }

    /// The pages of this name, of every kind; laws excepted. Empty where there is none.
    pub fn text(&self, name: &str) -> Vec<PageText> {
        let mut texts: Vec<PageText> =
            Kind::ALL.into_iter().filter_map(|kind| self.page_text(kind, name)).collect();
        let defined = texts.iter().any(|page| page.kind == Kind::Function);
        if let (false, Some(primitive)) = (defined, Primitive::named(name)) {
            texts.insert(0, primitive_page(primitive));
        }
        texts
    }

    /// What the `check` lines of the pages of this name say: pairs of texts whose values ought to be equal.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn checks(&self, name: &str) -> Result<Vec<(String, String)>, Diagnostic> {
        let mut checks = Vec::new();
        for kind in Kind::ALL {
            if let Some(page) = self.page(kind, name)? {
                checks.extend(page.checks.iter().cloned());
            }
        }
        Ok(checks)
    }

    /// The pages of every function that a formula uses, and all that these use. Defined again, they make the formula readable
    /// whatever the library then ships.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn definitions_used(&self, formula: &Formula) -> Result<Vec<PageText>, Diagnostic> {
        let pages = formula.functions().filter(|(_, function)| matches!(function.body, Body::Defined(_)));
        let names: Vec<(Kind, Name)> =
            pages.map(|(_, function)| (Kind::Function, function.name.clone())).collect();
        self.definitions(names)
    }

    /// The pages of these kinds and names, and all that they use, sorted; primitives and names without a page are left out.
    /// Joined with line breaks they are one text for [`Library::define`].
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn definitions(
        &self,
        wanted: impl IntoIterator<Item = (Kind, Name)>,
    ) -> Result<Vec<PageText>, Diagnostic> {
        let mut found: BTreeMap<(Kind, Name), PageText> = BTreeMap::new();
        let mut waiting: Vec<(Kind, Name)> = wanted.into_iter().collect();
        while let Some((kind, name)) = waiting.pop() {
            if found.contains_key(&(kind, name.clone())) {
                continue;
            }
            let Some(page) = self.page(kind, &name)? else { continue };
            for used in page.tree.calls() {
                if let Some(used) = self.callable(used)? {
                    waiting.push((used.kind, used.name.clone()));
                }
            }
            let text = page.text.text.clone();
            found.insert((kind, name.clone()), PageText { kind, name, text });
        }
        Ok(found.into_values().collect())
    }

    /// Adds the function that a text names, such as `softplus` or `leaky_relu(slope = 0.2)`, to a formula's table, with all
    /// that its page says.
    ///
    /// # Errors
    /// When there is no such function; the formula is then as it was, but for functions added to its table.
    pub fn function(&self, formula: &mut Formula, text: &str) -> Result<FunctionId, Diagnostic> {
        let (page, settings) = match self.use_of(Kind::Function, text)? {
            (Some(page), chosen) => (page, chosen.settings),
            (None, chosen) => {
                let primitive = Primitive::named(&chosen.name);
                return primitive.map_or_else(
                    || Err(Text::new(Origin::Use, text).error(Mistake::Empty, Default::default())),
                    |primitive| self.with_formula(formula, |elaborator| elaborator.primitive(primitive)),
                );
            }
        };
        self.with_formula(formula, |elaborator| elaborator.function(&page, settings))
    }

    /// The function of a formula's table that is this primitive, with its slopes.
    ///
    /// # Errors
    /// When the text of a slope cannot be read, which only a change of the table of primitives brings about.
    pub fn primitive(&self, formula: &mut Formula, primitive: Primitive) -> Result<FunctionId, Diagnostic> {
        self.with_formula(formula, |elaborator| elaborator.primitive(primitive))
    }

    fn with_formula<T>(
        &self,
        formula: &mut Formula,
        act: impl FnOnce(&mut Elaborator) -> Result<T, Diagnostic>,
    ) -> Result<T, Diagnostic> {
        let mut elaborator = Elaborator::new(self, std::mem::take(formula));
        let result = act(&mut elaborator);
        *formula = elaborator.formula;
        result
    }

    /// The page of this kind and name.
    pub(crate) fn page(&self, kind: Kind, name: &str) -> Result<Option<Arc<Definition>>, Diagnostic> {
        if let Some(own) = self.user.iter().find(|page| page.kind == kind && &*page.name == name) {
            return Ok(Some(own.clone()));
        }
        let shipped = |page: &&library::Page| page.kind == kind && page.name == name && kind != Kind::Law;
        match PAGES.iter().find(shipped) {
            Some(page) => {
                page::read(page.text, Origin::Page(Name::from(name))).map(|page| Some(Arc::new(page)))
            }
            None => Ok(None),
        }
    }

    /// The page that a call in a formula means: a function, else a loss, else a metric.
    pub(crate) fn callable(&self, name: &str) -> Result<Option<Arc<Definition>>, Diagnostic> {
        for kind in CALLABLE {
            if let Some(page) = self.page(kind, name)? {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// Every name that a call may mean, without the structural words.
    pub(crate) fn callable_names(&self) -> Vec<Name> {
        CALLABLE.into_iter().flat_map(|kind| self.names(kind)).collect()
    }

    /// The user's page of this name, of any kind.
    pub(crate) fn own(&self, kind: Kind, name: &str) -> Option<&Arc<Definition>> {
        self.user.iter().find(|page| page.kind == kind && &*page.name == name)
    }

    /// The shape of a page's value, in the sizes that its arguments declare.
    pub(crate) fn value_shape(&self, page: &Definition) -> Result<Shape, Diagnostic> {
        let Some(body) = page.body else { return Ok(Shape::scalar()) };
        let mut elaborator = Elaborator::new(self, Formula::new());
        elaborator.inlining.push(page.name.clone());
        let mut scope = Scope::default();
        for parameter in &page.parameters {
            let shape = parameter.shape.clone().unwrap_or(Shape::scalar());
            for name in shape.rows.names().into_iter().chain(shape.cols.names()) {
                scope.sizes.insert(name.clone(), Size::named(name));
            }
            let variable = Variable::new(parameter.name.clone(), shape);
            scope.values.insert(parameter.name.clone(), elaborator.formula.variable(variable));
        }
        for (name, number) in &page.settings {
            scope.numbers.insert(name.clone(), *number);
            scope.values.insert(name.clone(), elaborator.formula.number(*number));
        }
        let value = elaborator.evaluate(&page.tree, body, &scope)?;
        let shape = elaborator.formula.shape(value).clone();
        if page.kind != Kind::Function && !shape.is_scalar() {
            return Err(page.error(Mistake::BodyNotScalar { page: page.name.clone(), shape }));
        }
        Ok(shape)
    }

    /// An error where a page cannot be used.
    fn check(&self, page: &Definition) -> Result<(), Diagnostic> {
        match page.kind {
            Kind::Function if page.is_elementwise() => {
                let mut elaborator = Elaborator::new(self, Formula::new());
                elaborator.function(page, defaults(page)).map(|_| ())
            }
            Kind::Function | Kind::Loss | Kind::Metric => self.value_shape(page).map(|_| ()),
            Kind::Optimizer => optimizer::optimizer_of(self, page, defaults(page)).map(|_| ()),
            Kind::Schedule => optimizer::schedule_of(self, page, defaults(page)).map(|_| ()),
            Kind::Law => Ok(()),
        }
    }

    fn page_text(&self, kind: Kind, name: &str) -> Option<PageText> {
        if kind == Kind::Law {
            return None;
        }
        let own = self.own(kind, name).map(|page| page.text.text.clone());
        let shipped = || PAGES.iter().find(|page| page.kind == kind && page.name == name);
        let text = own.or_else(|| shipped().map(|page| page.text.to_owned()))?;
        Some(PageText { kind, name: Name::from(name), text })
    }
}

/// The kinds that a call in a formula may mean, first things first.
const CALLABLE: [Kind; 3] = [Kind::Function, Kind::Loss, Kind::Metric];

/// The settings of a page with their defaults.
pub(crate) fn defaults(page: &Definition) -> Vec<Setting> {
    let setting = |(name, number): &(Name, formula::Number)| Setting {
        name: name.clone(),
        value: *number,
        default: *number,
    };
    page.settings.iter().map(setting).collect()
}

/// What a page would say of a primitive.
fn primitive_page(primitive: Primitive) -> PageText {
    let row = primitive.row();
    let mut text = format!(
        "# A primitive: the machine evaluates it directly.\nfunction {}({})\n",
        row.name,
        row.parameters.join(", ")
    );
    for slope in row.slopes {
        let _ = writeln!(text, "    slope   {slope}");
    }
    let _ = writeln!(text, "    latex   {}", row.latex);
    if row.portable.is_none() {
        text.push_str("    portable\n");
    }
    PageText { kind: Kind::Function, name: Name::from(row.name), text }
}

/// Pages by kind and name, as a test reads them all.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_page_can_be_read_and_used() {
        let library = Library::standard();
        let mut seen: BTreeSet<Kind> = BTreeSet::new();
        for page in PAGES.iter().filter(|page| page.kind != Kind::Law) {
            let read = library.page(page.kind, page.name).map(|page| page.expect("a page that is listed"));
            let used = read.and_then(|page| library.check(&page));
            assert!(used.is_ok(), "{}", used.err().map_or_else(String::new, |error| error.render()));
            seen.insert(page.kind);
        }
        assert!(seen.len() == 5, "{seen:?}");
    }
}
