//! The pages that formulas may use: those shipped, read on demand, and a user's own, which go before them.

use crate::definitions;
use crate::diagnostic::{Diagnostic, Mistake, Origin, Text};
use crate::elaborate::Elaborator;
use crate::optimizer;
use crate::page::{self, Definition};
use crate::words;
use ::library::{Kind, PAGES};
use formula::{Body, Formula, FunctionId, Name, NodeId, Primitive, Setting, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// The pages that formulas may use.
///
/// A user's definition hides a shipped page of its kind and name, everywhere: a page that uses the name gets the user's too.
/// Shipped pages are read only when a formula uses them, so a library costs nothing to make and little to clone.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) user: Vec<Arc<Definition>>,
    pub(crate) notes: Vec<String>,
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

    /// The names of the pages that are a user's own.
    pub(crate) fn own_names(&self) -> impl Iterator<Item = &Name> {
        self.user.iter().map(|page| &page.name)
    }

    /// Adds definitions: pages (`function f(x) = ...` with its lines, `loss`, `optimizer`, `schedule`, `metric`), or functions
    /// in the short form `swish2(x) = x .* sigmoid(2*x)`, several parted by line breaks or commas. Returns the names defined.
    ///
    /// # Errors
    /// When a definition cannot be read or used; the library is then as it was before.
    pub fn define(&mut self, text: &str) -> Result<Vec<Name>, Diagnostic> {
        let source = Text::new(Origin::Definitions, text);
        source.check_length()?;
        let mut grown = self.clone();
        let mut added = Vec::new();
        for part in definitions::parts(&source)? {
            let page = Arc::new(page::read(source.slice(part).trim(), Origin::Definitions)?);
            if words::word(&page.name).is_some() || &*page.name == "pi" {
                return Err(page.error(Mistake::Redefined { name: page.name.clone() }));
            }
            grown.notes.extend(grown.replaced(&page));
            grown.user.retain(|known| !page.replaces(known));
            grown.user.push(page.clone());
            if grown.user.len() > MOST_DEFINITIONS {
                return Err(source.error(Mistake::TooManyDefinitions { limit: MOST_DEFINITIONS }, part));
            }
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
            Kind::ALL.into_iter().flat_map(|kind| self.page_texts(kind, name)).collect();
        let defined = texts.iter().any(|page| page.kind == Kind::Function);
        if let (false, Some(primitive)) = (defined, Primitive::named(name)) {
            texts.insert(0, primitive_page(primitive));
        }
        texts
    }

    /// What the `check` lines of the pages of this kind and name say: pairs of texts whose values ought to be equal.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn checks(&self, kind: Kind, name: &str) -> Result<Vec<(String, String)>, Diagnostic> {
        let pages = self.pages(kind, name)?;
        Ok(pages.iter().flat_map(|page| page.checks.iter().cloned()).collect())
    }

    /// Whether a page is a function of numbers, which acts entry by entry.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_elementwise(&self, name: &str) -> Result<bool, Diagnostic> {
        Ok(self.page(Kind::Function, name)?.is_some_and(|page| page.is_elementwise()))
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
        let mut found: BTreeMap<(Kind, Name), Vec<PageText>> = BTreeMap::new();
        let mut waiting: Vec<(Kind, Name)> = wanted.into_iter().collect();
        while let Some((kind, name)) = waiting.pop() {
            if found.contains_key(&(kind, name.clone())) {
                continue;
            }
            let mut texts = Vec::new();
            for page in self.pages(kind, &name)? {
                for used in page.tree.calls() {
                    if let Some(used) = self.callable(used, 0)?.first() {
                        waiting.push((used.kind, used.name.clone()));
                    }
                }
                let text = page.text.text.clone();
                texts.push(PageText { kind, name: name.clone(), text });
            }
            found.insert((kind, name), texts);
        }
        Ok(found.into_values().flatten().collect())
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
        if !page.is_elementwise() && !page.is_kept() {
            let what = format!("`{}` is written out where it is used", page.name);
            return Err(page.error(Mistake::Page { what, mend: "use it in a formula".to_owned() }));
        }
        self.with_formula(formula, |elaborator| match page.is_kept() {
            true => elaborator.matrix_function(&page, settings),
            false => elaborator.function(&page, settings),
        })
    }

    /// Adds a function of whole matrices to a formula's table, by its name and the numbers that end it, such as `softmax` and 2;
    /// `None` where no page keeps such a function.
    ///
    /// # Errors
    /// When its page cannot be read.
    pub fn matrix_function(
        &self,
        formula: &mut Formula,
        name: &str,
        axis: &[u8],
    ) -> Result<Option<FunctionId>, Diagnostic> {
        let pages = self.pages(Kind::Function, name)?;
        match pages.into_iter().find(|page| page.is_kept() && page.axis == axis) {
            Some(page) => self
                .with_formula(formula, |elaborator| elaborator.matrix_function(&page, defaults(&page)))
                .map(Some),
            None => Ok(None),
        }
    }

    /// Adds every function of whole matrices of this name to a formula's table, whether formulas keep it or write it out.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn matrix_functions(&self, formula: &mut Formula, name: &str) -> Result<Vec<FunctionId>, Diagnostic> {
        let pages = self.pages(Kind::Function, name)?;
        let pages = pages.into_iter().filter(|page| !page.is_elementwise());
        pages
            .map(|page| {
                self.with_formula(formula, |elaborator| elaborator.matrix_function(&page, defaults(&page)))
            })
            .collect()
    }

    /// The function of a formula's table that is this primitive, with its slopes.
    ///
    /// # Errors
    /// When the text of a slope cannot be read, which only a change of the table of primitives brings about.
    pub fn primitive(&self, formula: &mut Formula, primitive: Primitive) -> Result<FunctionId, Diagnostic> {
        self.with_formula(formula, |elaborator| elaborator.primitive(primitive))
    }

    /// What a primitive is in the functions that every reader of formulas knows, over variables called like its parameters;
    /// `None` where readers know its own name.
    ///
    /// # Errors
    /// When the text of its row cannot be read, which only a change of the table of primitives brings about.
    pub fn portable_form(
        &self,
        formula: &mut Formula,
        primitive: Primitive,
    ) -> Result<Option<NodeId>, Diagnostic> {
        let text = primitive.row().portable;
        text.map(|text| {
            self.with_formula(formula, |elaborator| elaborator.text_of_primitive(primitive, text))
        })
        .transpose()
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

    /// The page of this kind and name; where several have it, the one whose name ends with no number, or the first.
    pub(crate) fn page(&self, kind: Kind, name: &str) -> Result<Option<Arc<Definition>>, Diagnostic> {
        Ok(self.pages(kind, name)?.into_iter().next())
    }

    /// The pages of this kind and name, which differ in the numbers that end their names, in the order of these.
    pub(crate) fn pages(&self, kind: Kind, name: &str) -> Result<Vec<Arc<Definition>>, Diagnostic> {
        let own = self.user.iter().filter(|page| page.kind == kind && &*page.name == name);
        let mut pages: Vec<Arc<Definition>> = own.cloned().collect();
        let shipped = |page: &&library::Page| page.kind == kind && page.name == name && kind != Kind::Law;
        for page in PAGES.iter().filter(shipped) {
            if pages.iter().all(|own| own.axis != page.axis) {
                pages.push(Arc::new(page::read(page.text, Origin::Page(Name::from(name)))?));
            }
        }
        pages.sort_by(|a, b| a.axis.cmp(&b.axis));
        Ok(pages)
    }

    /// The pages that a call in a formula may mean: functions, else losses, else metrics; those that take so many arguments
    /// before others.
    pub(crate) fn callable(&self, name: &str, arguments: usize) -> Result<Vec<Arc<Definition>>, Diagnostic> {
        let mut first = Vec::new();
        for kind in CALLABLE {
            let pages = self.pages(kind, name)?;
            if pages.iter().any(|page| page.parameters.len() + page.axis.len() == arguments) {
                return Ok(pages);
            }
            if first.is_empty() {
                first = pages;
            }
        }
        Ok(first)
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
        elaborator.inlining.push((page.name.clone(), page.axis.clone()));
        let scope = elaborator.declared_scope(page, &defaults(page));
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
            Kind::Function if page.is_kept() => {
                let mut elaborator = Elaborator::new(self, Formula::new());
                elaborator.matrix_function(page, defaults(page)).map(|_| ())
            }
            Kind::Function | Kind::Loss | Kind::Metric => self.value_shape(page).map(|_| ()),
            Kind::Optimizer => optimizer::optimizer_of(self, page, defaults(page)).map(|_| ()),
            Kind::Schedule => optimizer::schedule_of(self, page, defaults(page)).map(|_| ()),
            Kind::Law => Ok(()),
        }
    }

    fn page_texts(&self, kind: Kind, name: &str) -> Vec<PageText> {
        if kind == Kind::Law {
            return Vec::new();
        }
        let own = self.user.iter().filter(|page| page.kind == kind && &*page.name == name);
        let mut texts: Vec<(&[u8], &str)> =
            own.map(|page| (page.axis.as_slice(), page.text.text.as_str())).collect();
        for page in PAGES.iter().filter(|page| page.kind == kind && page.name == name) {
            if texts.iter().all(|(axis, _)| *axis != page.axis) {
                texts.push((page.axis, page.text));
            }
        }
        texts.sort();
        let text =
            |(_, text): (&[u8], &str)| PageText { kind, name: Name::from(name), text: text.to_owned() };
        texts.into_iter().map(text).collect()
    }
}

/// The most definitions that a user may add.
const MOST_DEFINITIONS: usize = 1000;

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
            let read = library.pages(page.kind, page.name).map(|pages| {
                pages.into_iter().find(|read| read.axis == page.axis).expect("a page that is listed")
            });
            let used = read.and_then(|page| library.check(&page));
            assert!(used.is_ok(), "{}", used.err().map_or_else(String::new, |error| error.render()));
            seen.insert(page.kind);
        }
        assert!(seen.len() == 5, "{seen:?}");
    }
}
