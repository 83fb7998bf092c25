//! What can be asked of a formula: by what, how often, in which form and layout, and how symmetric variables are meant.

use formula::{Name, Shape};
use std::fmt;

/// A question about the derivatives of a formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The variables and lets to differentiate by; every variable of the result when empty.
    pub wrt: Vec<Name>,
    /// First or second derivatives.
    pub order: Order,
    /// The form of the answers; by the shapes when `None`.
    pub form: Option<Form>,
    /// Which way the answers lie.
    pub layout: Layout,
    /// What the derivative by a symmetric variable is.
    pub symmetric: Symmetric,
}

/// How often a formula is differentiated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Once.
    #[default]
    First,
    /// Twice: a scalar, by each of `wrt` and then by this variable or let, or by the same again.
    Second(Option<Name>),
}

/// The form of a derivative: each is a reading of one linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Of a scalar by X of `m x n`: `m x n`, the shape of X.
    Gradient,
    /// Of a column of m entries by a column of n: `m x n`, a row for each entry of the expression. Hessians of scalars by columns
    /// are the Jacobians of gradients.
    Jacobian,
    /// Of anything by a scalar: the shape of the expression.
    Tangent,
    /// Of F of `p x q` by X of `m x n`: d vec(F)/d vec(X)', `p*q x m*n`, columns below one another.
    Vec,
    /// From df/dF, the derivative of some scalar f by the expression, to df/dX; the shape of X.
    Pullback,
    /// From dX, a change of X, to dF, the change of the expression to first order; the shape of the expression.
    Pushforward,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 6] =
        [Form::Gradient, Form::Jacobian, Form::Tangent, Form::Vec, Form::Pullback, Form::Pushforward];

    /// Its name, as it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Form::Gradient => "gradient",
            Form::Jacobian => "jacobian",
            Form::Tangent => "tangent",
            Form::Vec => "vec",
            Form::Pullback => "pullback",
            Form::Pushforward => "pushforward",
        }
    }

    /// The form that an expression of one shape has by a variable of another, where none is asked for.
    pub fn natural(of: &Shape, by: &Shape) -> Form {
        if of.is_scalar() {
            Form::Gradient
        } else if by.is_scalar() {
            Form::Tangent
        } else if of.is_column() && by.is_column() {
            Form::Jacobian
        } else {
            Form::Pullback
        }
    }

    /// Whether an expression of one shape has this form by a variable of another.
    pub fn fits(self, of: &Shape, by: &Shape) -> bool {
        match self {
            Form::Gradient => of.is_scalar(),
            Form::Jacobian => of.is_column() && by.is_column(),
            Form::Tangent => by.is_scalar(),
            Form::Vec | Form::Pullback | Form::Pushforward => true,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which way a derivative lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// A gradient has the shape of the variable, a Jacobian a row for each entry of the expression.
    #[default]
    Mixed,
    /// Every derivative has the rows of the expression and the columns of the variable's transpose.
    Numerator,
    /// Every derivative has the rows of the variable and the columns of the expression's transpose.
    Denominator,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Layout; 3] = [Layout::Mixed, Layout::Numerator, Layout::Denominator];

    /// Its name, as it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Mixed => "mixed",
            Layout::Numerator => "numerator",
            Layout::Denominator => "denominator",
        }
    }

    /// Whether a derivative of this form is the transpose of the one in mixed layout.
    pub fn transposes(self, form: Form) -> bool {
        match (self, form) {
            (Layout::Numerator, Form::Gradient) => true,
            (Layout::Denominator, Form::Jacobian | Form::Tangent | Form::Vec) => true,
            (Layout::Mixed | Layout::Numerator, Form::Jacobian | Form::Tangent | Form::Vec) => false,
            (Layout::Mixed | Layout::Denominator, Form::Gradient) => false,
            (_, Form::Pullback | Form::Pushforward) => false,
        }
    }

    /// The layout of a derivative of this form, as a sentence; `of` is the expression and `by` the variable.
    pub(crate) fn sentence(self, form: Form, of: &Name, by: &Name) -> String {
        let layout = match self {
            Layout::Mixed => String::new(),
            Layout::Numerator | Layout::Denominator => format!("{} layout: ", self.name()),
        };
        match (form, self.transposes(form)) {
            (Form::Gradient, false) => {
                format!("{layout}the gradient of a scalar has the shape of the variable")
            }
            (Form::Gradient, true) => {
                format!("{layout}the gradient of a scalar has the shape of the variable's transpose")
            }
            (Form::Jacobian, false) => format!(
                "{layout}row i of the Jacobian belongs to entry i of {of}, column j to entry j of {by}"
            ),
            (Form::Jacobian, true) => format!(
                "{layout}row i of the Jacobian belongs to entry i of {by}, column j to entry j of {of}"
            ),
            (Form::Tangent, false) => format!("{layout}the derivative by a scalar has the shape of {of}"),
            (Form::Tangent, true) => {
                format!("{layout}the derivative by a scalar has the shape of the transpose of {of}")
            }
            (Form::Vec, false) => format!(
                "{layout}row i belongs to entry i of vec({of}), column j to entry j of vec({by}); vec puts columns below one \
                 another"
            ),
            (Form::Vec, true) => format!(
                "{layout}row i belongs to entry i of vec({by}), column j to entry j of vec({of}); vec puts columns below one \
                 another"
            ),
            (Form::Pullback, _) => "the derivative of a scalar has the shape of the variable".to_owned(),
            (Form::Pushforward, _) => format!("the change of {of} has the shape of {of}"),
        }
    }
}

/// What the derivative by a symmetric variable is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symmetric {
    /// The symmetric part `(G + G')/2` of the derivative G by a variable without symmetry: the gradient among symmetric matrices.
    #[default]
    Projection,
    /// `G + G' - diag(diag(G))`: the derivatives by the entries on and above the diagonal, each of which moves its mirror image
    /// too.
    Independent,
}

impl Symmetric {
    /// Every convention.
    pub const ALL: [Symmetric; 2] = [Symmetric::Projection, Symmetric::Independent];

    /// Its name, as it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Symmetric::Projection => "projection",
            Symmetric::Independent => "independent",
        }
    }

    /// The convention as a sentence.
    pub(crate) fn sentence(self, by: &Name) -> String {
        match self {
            Symmetric::Projection => format!(
                "{by} is symmetric, and so is the derivative by it: the symmetric part (G + G')/2 of the derivative G without \
                 regard to symmetry"
            ),
            Symmetric::Independent => format!(
                "{by} is symmetric, and the derivative counts an entry off the diagonal with its mirror image: \
                 G + G' - diag(diag(G)), with G the derivative without regard to symmetry"
            ),
        }
    }
}
