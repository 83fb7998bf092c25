//! The languages of code: how each writes matrices and the primitives.

use formula::Primitive;

/// A language that derivations are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python with NumPy.
    NumPy,
    /// Python with JAX.
    Jax,
    /// Python with PyTorch.
    PyTorch,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 3] = [Language::NumPy, Language::Jax, Language::PyTorch];

    /// Its name on the command line, and in the lines `code` of pages.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub(super) fn row(self) -> &'static Row {
        match self {
            Language::NumPy => &NUMPY,
            Language::Jax => &JAX,
            Language::PyTorch => &PYTORCH,
        }
    }
}

/// How a language writes what every formula may hold. In a text, `{}` is the argument, `{rows}` and `{cols}` are sizes.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) imports: &'static str,
    /// What stands in front of the functions that are called as in NumPy.
    pub(super) prefix: &'static str,
    /// How a number is written where a function wants an array.
    pub(super) number: [&'static str; 2],
    pub(super) ones: &'static str,
    pub(super) zeros: &'static str,
    pub(super) identity: &'static str,
    pub(super) commutation: &'static str,
    /// What follows each factor of a Kronecker product, which PyTorch cannot take of transposed views.
    pub(super) factor: &'static str,
    /// What opens and closes blocks that lie beside one another and below one another.
    pub(super) concatenate: [&'static str; 3],
    /// The ends of sums over rows and over columns.
    pub(super) sums: [&'static str; 2],
    /// What the check does to an input before the function sees it.
    pub(super) array: &'static str,
    /// How a scalar input, which may be a plain number, is made an array.
    pub(super) scalar: [&'static str; 2],
    /// A line before the first line of a function that takes its kind of numbers from an input.
    pub(super) options: Option<&'static str>,
    /// What the module sets before it checks itself.
    pub(super) precision: &'static str,
    /// How the primitives are written that are not called by their own names.
    pub(super) primitives: &'static [Call],
}

/// A primitive that a language does not call by its own name.
pub(super) struct Call {
    pub(super) primitive: Primitive,
    /// What is called.
    pub(super) call: &'static str,
    /// What follows the arguments.
    pub(super) more: &'static str,
    /// What to import and to define beforehand.
    pub(super) preamble: Option<[&'static str; 2]>,
}

const fn call(primitive: Primitive, call: &'static str, more: &'static str) -> Call {
    Call { primitive, call, more, preamble: None }
}

/// A comparison, or a choice by one, as a function that the module defines: it deals in numbers and no truth values.
const fn comparison(primitive: Primitive, call: &'static str, definition: &'static str) -> Call {
    Call { primitive, call, more: "", preamble: Some(["", definition]) }
}

static NUMPY: Row = Row {
    name: "numpy",
    imports: "import numpy as np\n",
    prefix: "np.",
    number: ["", ""],
    ones: "np.ones(({rows}, {cols}))",
    zeros: "np.zeros(({rows}, {cols}))",
    identity: "np.eye({rows})",
    commutation: "np.eye(({rows}) * ({cols}))[np.arange(({rows}) * ({cols})).reshape({cols}, {rows}).T.reshape(-1)]",
    factor: "",
    concatenate: ["np.concatenate([", "], axis=1)", "], axis=0)"],
    sums: [", axis=0, keepdims=True)", ", axis=1, keepdims=True)"],
    array: "np.asarray(entries, dtype=float)",
    scalar: ["", ""],
    options: None,
    precision: "",
    primitives: &[
        call(Primitive::MAX, "np.maximum", ""),
        call(Primitive::MIN, "np.minimum", ""),
        call(Primitive::STEP, "np.heaviside", ", 0.0"),
        call(Primitive::GREATER, "np.where(np.greater", "), 1.0, 0.0"),
        call(Primitive::LESS, "np.where(np.less", "), 1.0, 0.0"),
        call(Primitive::GREATER_EQUAL, "np.where(np.greater_equal", "), 1.0, 0.0"),
        call(Primitive::LESS_EQUAL, "np.where(np.less_equal", "), 1.0, 0.0"),
        call(Primitive::EQUAL, "np.where(np.equal", "), 1.0, 0.0"),
        call(Primitive::NOT_EQUAL, "np.where(np.not_equal", "), 1.0, 0.0"),
        Call {
            preamble: Some(["import math\n", "error_function = np.vectorize(math.erf, otypes=[float])"]),
            ..call(Primitive::ERF, "error_function", "")
        },
    ],
};

static JAX: Row = Row {
    name: "jax",
    imports: "import jax\nimport jax.numpy as jnp\n",
    prefix: "jnp.",
    number: ["", ""],
    ones: "jnp.ones(({rows}, {cols}))",
    zeros: "jnp.zeros(({rows}, {cols}))",
    identity: "jnp.eye({rows})",
    commutation: "jnp.eye(({rows}) * ({cols}))[jnp.arange(({rows}) * ({cols})).reshape({cols}, {rows}).T.reshape(-1)]",
    factor: "",
    concatenate: ["jnp.concatenate([", "], axis=1)", "], axis=0)"],
    sums: [", axis=0, keepdims=True)", ", axis=1, keepdims=True)"],
    array: "jnp.asarray(entries, dtype=float)",
    scalar: ["", ""],
    options: None,
    precision: "    jax.config.update(\"jax_enable_x64\", True)\n",
    primitives: &[
        call(Primitive::MAX, "jnp.maximum", ""),
        call(Primitive::MIN, "jnp.minimum", ""),
        call(Primitive::STEP, "jnp.heaviside", ", 0.0"),
        call(Primitive::GREATER, "jnp.where(jnp.greater", "), 1.0, 0.0"),
        call(Primitive::LESS, "jnp.where(jnp.less", "), 1.0, 0.0"),
        call(Primitive::GREATER_EQUAL, "jnp.where(jnp.greater_equal", "), 1.0, 0.0"),
        call(Primitive::LESS_EQUAL, "jnp.where(jnp.less_equal", "), 1.0, 0.0"),
        call(Primitive::EQUAL, "jnp.where(jnp.equal", "), 1.0, 0.0"),
        call(Primitive::NOT_EQUAL, "jnp.where(jnp.not_equal", "), 1.0, 0.0"),
        call(Primitive::ERF, "jax.scipy.special.erf", ""),
    ],
};

static PYTORCH: Row = Row {
    name: "pytorch",
    imports: "import torch\n",
    prefix: "torch.",
    number: ["torch.tensor(", ", dtype=torch.float64)"],
    ones: "torch.ones(({rows}, {cols}), **options)",
    zeros: "torch.zeros(({rows}, {cols}), **options)",
    identity: "torch.eye({rows}, **options)",
    commutation: "torch.eye(({rows}) * ({cols}), **options)[torch.arange(({rows}) * ({cols})).reshape({cols}, {rows}).T.reshape(-1)]",
    factor: ".contiguous()",
    concatenate: ["torch.cat([", "], dim=1)", "], dim=0)"],
    sums: [", dim=0, keepdim=True)", ", dim=1, keepdim=True)"],
    array: "torch.as_tensor(entries, dtype=torch.float64)",
    scalar: ["torch.as_tensor(", ", dtype=torch.float64)"],
    options: Some("options = {\"dtype\": {}.dtype, \"device\": {}.device}"),
    precision: "",
    primitives: &[
        call(Primitive::MAX, "torch.maximum", ""),
        call(Primitive::MIN, "torch.minimum", ""),
        comparison(
            Primitive::WHERE,
            "where",
            "def where(condition, x, y):\n    return torch.where(condition != 0, x, y)",
        ),
        comparison(
            Primitive::GREATER,
            "greater",
            "def greater(x, y):\n    return torch.gt(x, y).to(torch.result_type(x, y))",
        ),
        comparison(
            Primitive::LESS,
            "less",
            "def less(x, y):\n    return torch.lt(x, y).to(torch.result_type(x, y))",
        ),
        comparison(
            Primitive::GREATER_EQUAL,
            "greater_equal",
            "def greater_equal(x, y):\n    return torch.ge(x, y).to(torch.result_type(x, y))",
        ),
        comparison(
            Primitive::LESS_EQUAL,
            "less_equal",
            "def less_equal(x, y):\n    return torch.le(x, y).to(torch.result_type(x, y))",
        ),
        comparison(
            Primitive::EQUAL,
            "equal",
            "def equal(x, y):\n    return torch.eq(x, y).to(torch.result_type(x, y))",
        ),
        comparison(
            Primitive::NOT_EQUAL,
            "not_equal",
            "def not_equal(x, y):\n    return torch.ne(x, y).to(torch.result_type(x, y))",
        ),
        Call {
            preamble: Some([
                "",
                "def step(x):\n    \"\"\"1 above 0, else 0.\"\"\"\n    return torch.heaviside(x, torch.zeros_like(x))",
            ]),
            ..call(Primitive::STEP, "step", "")
        },
    ],
};

impl Row {
    /// How a primitive is called, and what follows its arguments.
    pub(super) fn call(&self, primitive: Primitive) -> (String, &'static str) {
        match self.primitives.iter().find(|row| row.primitive == primitive) {
            Some(row) => (row.call.to_owned(), row.more),
            None => (format!("{}{}", self.prefix, primitive.row().name), ""),
        }
    }

    /// What to import and to define before a primitive is used.
    pub(super) fn preamble(&self, primitive: Primitive) -> Option<[&'static str; 2]> {
        self.primitives.iter().find(|row| row.primitive == primitive)?.preamble
    }
}
