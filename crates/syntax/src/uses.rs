//! The use of a page by its name and settings, such as `adam(beta1 = 0.95)`, or by a formula that has no name yet.

use crate::diagnostic::{Diagnostic, Mistake, Origin, Span, Text};
use crate::echo::echo;
use crate::elaborate::Scope;
use crate::functions::settings;
use crate::library::Library;
use crate::nearest::nearest;
use crate::page::Definition;
use crate::parser;
use crate::tree::{Call, Expr, Tree};
use crate::words;
use ::library::Kind;
use formula::{Name, Primitive, Setting};
use std::fmt;
use std::sync::Arc;

/// A page chosen by name, with the settings in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: Name,
    /// Its settings, all of them.
    pub settings: Vec<Setting>,
}

impl Use {
    /// The text of its use on arguments: `leaky_relu(Z1, slope = 0.2)`.
    pub fn on(&self, arguments: &[&str]) -> String {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        format!("{}({})", self.name, arguments.chain(self.changed()).collect::<Vec<_>>().join(", "))
    }

    fn changed(&self) -> impl Iterator<Item = String> {
        let changed = self.settings.iter().filter(|setting| setting.value != setting.default);
        changed.map(|setting| format!("{} = {}", setting.name, setting.value))
    }
}

/// `relu`, or `leaky_relu(slope = 0.2)` where a setting is not its default.
impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed: Vec<String> = self.changed().collect();
        match changed.is_empty() {
            true => write!(f, "{}", self.name),
            false => write!(f, "{}({})", self.name, changed.join(", ")),
        }
    }
}

impl Library {
    /// The function that a text means: a name (`relu`), a name with settings (`leaky_relu(slope = 0.2)`), or a formula with one
    /// free name (`x .* sigmoid(2*x)`), which is defined under the name `hint`, or the next free one after it.
    ///
    /// # Errors
    /// When there is no such function, or the formula has no or several free names, or does not act entry by entry.
    pub fn anonymous_function(&mut self, text: &str, hint: &str) -> Result<Use, Diagnostic> {
        let Some((tree, root)) = formula_of(text)? else {
            let (page, used) = self.use_of(Kind::Function, text)?;
            return match page {
                Some(page) if !page.is_elementwise() || page.parameters.len() != 1 => {
                    Err(page.error(not_of_one_number(&page.name)))
                }
                None if Primitive::named(&used.name)
                    .is_some_and(|known| known.row().parameters.len() != 1) =>
                {
                    Err(Text::new(Origin::Use, text).error(not_of_one_number(&used.name), Span::default()))
                }
                _ => Ok(used),
            };
        };
        let free: Vec<Name> = tree.names(root).into_iter().filter(|name| &**name != "pi").collect();
        let [argument] = free.as_slice() else {
            return Err(tree.error(Mistake::NotOneName { names: free }, root));
        };
        let (argument, body) = (argument.clone(), echo(&tree, root));
        self.define_anonymous(Kind::Function, hint, |name| format!("function {name}({argument}) = {body}"))
    }

    /// The loss that a text means: a name (`mse`), a name with settings (`huber(delta = 2)`), or a formula in A, what is
    /// computed, Y, what is wanted, and m, the number of rows, which is defined under the name `hint`, or the next free one
    /// after it.
    ///
    /// # Errors
    /// When there is no such loss, or the formula uses other names or is no scalar.
    pub fn anonymous_loss(&mut self, text: &str, hint: &str) -> Result<Use, Diagnostic> {
        let Some((tree, root)) = formula_of(text)? else {
            return self.use_of(Kind::Loss, text).map(|(_, used)| used);
        };
        let body = echo(&tree, root);
        self.define_anonymous(Kind::Loss, hint, |name| format!("loss {name}(A: m x q, Y: m x q) = {body}"))
    }

    /// The page of a kind that a name with settings means, checked: `huber`, `huber(delta = 2)`.
    ///
    /// # Errors
    /// When there is no such page (the nearest names are given) or no such setting.
    pub fn choose(&self, kind: Kind, text: &str) -> Result<Use, Diagnostic> {
        self.use_of(kind, text).map(|(_, used)| used)
    }

    /// The page that a name with settings means, if it is no primitive, and the use.
    pub(crate) fn use_of(
        &self,
        kind: Kind,
        text: &str,
    ) -> Result<(Option<Arc<Definition>>, Use), Diagnostic> {
        let source = Text::new(Origin::Use, text);
        let mut tree = Tree::default();
        let root = parser::expression(&mut tree, &source, source.whole(), &[])?;
        let call = match tree.expr(root) {
            Expr::Name(name) => {
                Call { name: name.clone(), marks: Vec::new(), arguments: Vec::new(), settings: Vec::new() }
            }
            Expr::Call(call) if call.arguments.is_empty() && call.marks.is_empty() => call.clone(),
            _ => {
                let expected = format!("the name of a {kind}, with settings such as `name(setting = 0.5)`");
                return Err(tree
                    .error(Mistake::Expected { expected, found: format!("`{}`", tree.source(root)) }, root));
            }
        };
        let name = call.name.clone();
        if let Some(page) = self.page(kind, &name)? {
            let settings = settings(&tree, &call, &page, &Scope::default())?;
            return Ok((Some(page), Use { kind, name, settings }));
        }
        if kind == Kind::Function && Primitive::named(&name).is_some() && call.settings.is_empty() {
            return Ok((None, Use { kind, name, settings: Vec::new() }));
        }
        let all = self.names(kind);
        let nearest = nearest(&name, all.iter().cloned());
        Err(tree.error(Mistake::UnknownPage { kind: kind.word(), name, nearest, all }, root))
    }

    fn define_anonymous(
        &mut self,
        kind: Kind,
        hint: &str,
        page: impl Fn(&Name) -> String,
    ) -> Result<Use, Diagnostic> {
        for number in 1_u64.. {
            let name = Name::from(if number == 1 { hint.to_owned() } else { format!("{hint}{number}") });
            let text = page(&name);
            if self.own(kind, &name).is_some_and(|known| known.text.text == text) {
                return Ok(Use { kind, name, settings: Vec::new() });
            }
            let taken = words::word(&name).is_some()
                || Primitive::named(&name).is_some()
                || Kind::ALL.into_iter().any(|kind| matches!(self.page(kind, &name), Ok(Some(_)) | Err(_)));
            if !taken {
                self.define(&text)?;
                return Ok(Use { kind, name, settings: Vec::new() });
            }
        }
        unreachable!("some number is free")
    }
}

/// The tree of a text that is neither a name nor a name with settings.
fn formula_of(text: &str) -> Result<Option<(Tree, crate::tree::ExprId)>, Diagnostic> {
    let source = Text::new(Origin::Formula, text);
    let mut tree = Tree::default();
    let root = parser::expression(&mut tree, &source, source.whole(), &[])?;
    let named = match tree.expr(root) {
        Expr::Name(_) => true,
        Expr::Call(call) => call.arguments.is_empty(),
        Expr::Number(..) | Expr::Negate(_) | Expr::Transpose(_) | Expr::Binary(..) | Expr::Block(..) => false,
    };
    Ok((!named).then_some((tree, root)))
}

fn not_of_one_number(name: &str) -> Mistake {
    let what = format!("`{name}` is no function of one number");
    let mend = "choose one that acts entry by entry on one argument, such as `relu`".to_owned();
    Mistake::Page { what, mend }
}
