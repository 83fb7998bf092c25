//! Goldens of the text, and what holds of every text.

use super::{Dialect, text, text_in};
use crate::LONGEST;
use formula::{Constant, Formula, Function, Name, NodeId, Number, Primitive, Setting, Shape, Size, Variable};

/// A formula under construction, with short names for its constructors.
pub(crate) struct Draft(pub(crate) Formula);

pub(crate) fn size(name: &str) -> Size {
    match name.parse() {
        Ok(number) => Size::number(number),
        Err(_) => Size::named(Name::from(name)),
    }
}

impl Draft {
    pub(crate) fn matrix(&mut self, name: &str, rows: &str, cols: &str) -> NodeId {
        self.0.variable(Variable::new(name, Shape::new(size(rows), size(cols))))
    }
    pub(crate) fn scalar(&mut self, name: &str) -> NodeId {
        self.matrix(name, "1", "1")
    }
    pub(crate) fn ones(&mut self, rows: &str, cols: &str) -> NodeId {
        self.0.ones(Shape::new(size(rows), size(cols)))
    }
    pub(crate) fn size(&mut self, name: &str) -> NodeId {
        self.0.size(&size(name))
    }
    pub(crate) fn n(&mut self, value: i64) -> NodeId {
        self.0.number(Number::integer(value))
    }
    pub(crate) fn ratio(&mut self, above: i64, below: i64) -> NodeId {
        self.0.number(Number::ratio(above, below).unwrap())
    }
    pub(crate) fn add(&mut self, parts: &[NodeId]) -> NodeId {
        self.0.add(parts).unwrap()
    }
    pub(crate) fn sub(&mut self, left: NodeId, right: NodeId) -> NodeId {
        let right = self.0.negate(right).unwrap();
        self.add(&[left, right])
    }
    pub(crate) fn neg(&mut self, id: NodeId) -> NodeId {
        self.0.negate(id).unwrap()
    }
    pub(crate) fn mul(&mut self, factors: &[NodeId]) -> NodeId {
        self.0.product(factors).unwrap()
    }
    pub(crate) fn scale(&mut self, scalar: NodeId, value: NodeId) -> NodeId {
        self.0.scale(scalar, value).unwrap()
    }
    pub(crate) fn times(&mut self, factors: &[NodeId]) -> NodeId {
        self.0.times(factors).unwrap()
    }
    pub(crate) fn t(&mut self, id: NodeId) -> NodeId {
        self.0.transpose(id)
    }
    pub(crate) fn pow(&mut self, base: NodeId, above: i64, below: i64) -> NodeId {
        let exponent = self.ratio(above, below);
        self.0.power(base, exponent).unwrap()
    }
    pub(crate) fn primitive(&mut self, primitive: Primitive, arguments: &[NodeId]) -> NodeId {
        let function = self.0.primitive(primitive);
        self.0.apply(function, &[], arguments).unwrap()
    }
    pub(crate) fn function(&mut self, name: &str, parameters: &[&str]) -> formula::FunctionId {
        if let Some(id) = self.0.find_function(name, &[]) {
            return id;
        }
        self.0.add_function(Function::unknown(
            Name::from(name),
            parameters.iter().map(|name| Name::from(*name)).collect(),
            None,
        ))
    }
    pub(crate) fn g(&mut self, name: &str, marks: &[u8], argument: NodeId) -> NodeId {
        let function = self.function(name, &["x"]);
        self.0.apply(function, marks, &[argument]).unwrap()
    }
    pub(crate) fn norm(&mut self, id: NodeId) -> NodeId {
        self.0.norm(id)
    }
}

fn check(build: impl FnOnce(&mut Draft) -> NodeId, want: &str) {
    let mut draft = Draft(Formula::new());
    let id = build(&mut draft);
    assert_eq!(text(&draft.0, id).as_deref(), Some(want));
}

/// `2/m*(A2 - Y)`.
pub(crate) fn loss_slope(d: &mut Draft) -> NodeId {
    let (a, y) = (d.matrix("A2", "m", "q"), d.matrix("Y", "m", "q"));
    let (difference, m, two) = (d.sub(a, y), d.size("m"), d.n(2));
    let per_row = d.pow(m, -1, 1);
    let twice = d.scale(two, difference);
    d.scale(per_row, twice)
}

#[test]
fn the_lines_of_the_article() {
    check(
        |d| {
            let (x, w) = (d.matrix("X", "m", "n"), d.matrix("W1", "n", "p"));
            d.mul(&[x, w])
        },
        "X*W1",
    );
    check(
        |d| {
            let (a, y) = (d.matrix("A2", "m", "q"), d.matrix("Y", "m", "q"));
            let (difference, m) = (d.sub(a, y), d.size("m"));
            let norm = d.norm(difference);
            let square = d.pow(norm, 2, 1);
            let per_row = d.pow(m, -1, 1);
            d.scale(per_row, square)
        },
        "norm(A2 - Y)^2/m",
    );
    check(loss_slope, "2/m*(A2 - Y)");
    check(
        |d| {
            let (da, z) = (d.matrix("df/dA2", "m", "q"), d.matrix("Z2", "m", "q"));
            let slope = d.g("g2", &[0], z);
            d.times(&[da, slope])
        },
        "df/dA2 .* g2'(Z2)",
    );
    check(
        |d| {
            let (x, dz) = (d.matrix("X", "m", "n"), d.matrix("df/dZ1", "m", "p"));
            let transposed = d.t(x);
            d.mul(&[transposed, dz])
        },
        "X'*df/dZ1",
    );
    check(
        |d| {
            let (ones, dz) = (d.ones("m", "1"), d.matrix("df/dZ1", "m", "p"));
            let row = d.t(ones);
            let sum = d.mul(&[row, dz]);
            d.t(sum)
        },
        "sum(df/dZ1, 1)'",
    );
    check(
        |d| {
            let (x, w, ones, b) =
                (d.matrix("X", "m", "n"), d.matrix("W", "n", "p"), d.ones("m", "1"), d.matrix("b", "p", "1"));
            let (z, row) = (d.mul(&[x, w]), d.t(b));
            let bias = d.mul(&[ones, row]);
            d.add(&[z, bias])
        },
        "X*W + ones(m)*b'",
    );
}

#[test]
fn the_substituted_lines_of_the_article() {
    let slope = |d: &mut Draft| {
        let z = d.matrix("Z2", "m", "q");
        d.g("g2", &[0], z)
    };
    // The scalar inside the first factor, and in front of it all.
    check(
        |d| {
            let (front, slope) = (loss_slope(d), slope(d));
            d.times(&[front, slope])
        },
        "2/m*(A2 - Y) .* g2'(Z2)",
    );
    check(
        |d| {
            let (front, slope) = (loss_slope(d), slope(d));
            let a = d.matrix("A1", "m", "p");
            let (times, transposed) = (d.times(&[front, slope]), d.t(a));
            d.mul(&[transposed, times])
        },
        "A1'*(2/m*(A2 - Y) .* g2'(Z2))",
    );
    check(
        |d| {
            let (a2, y, a1) = (d.matrix("A2", "m", "q"), d.matrix("Y", "m", "q"), d.matrix("A1", "m", "p"));
            let (difference, slope, transposed) = (d.sub(a2, y), slope(d), d.t(a1));
            let times = d.times(&[difference, slope]);
            let word = d.mul(&[transposed, times]);
            let (two, m) = (d.n(2), d.size("m"));
            let per_row = d.pow(m, -1, 1);
            let scalar = d.scale(two, per_row);
            d.scale(scalar, word)
        },
        "2/m*A1'*((A2 - Y) .* g2'(Z2))",
    );
}

#[test]
fn products_with_ones_are_sums() {
    let word = |names: &'static [&'static str], want: &str| {
        check(
            |d| {
                let factors: Vec<NodeId> = names
                    .iter()
                    .map(|name| match *name {
                        "1m" => d.ones("m", "1"),
                        "1m'" => {
                            let ones = d.ones("m", "1");
                            d.t(ones)
                        }
                        "1n" => d.ones("n", "1"),
                        "1n'" => {
                            let ones = d.ones("n", "1");
                            d.t(ones)
                        }
                        "X" => d.matrix("X", "m", "n"),
                        "X'" => {
                            let x = d.matrix("X", "m", "n");
                            d.t(x)
                        }
                        "B" => d.matrix("B", "n", "n"),
                        "y" => d.matrix("y", "m", "1"),
                        "y'" => {
                            let y = d.matrix("y", "m", "1");
                            d.t(y)
                        }
                        name => d.matrix(name, "n", "1"),
                    })
                    .collect();
                d.mul(&factors)
            },
            want,
        );
    };
    word(&["1m'", "X", "1n"], "sum(X)");
    word(&["1m'", "X"], "sum(X, 1)");
    word(&["X", "1n"], "sum(X, 2)");
    word(&["X'", "1m"], "sum(X, 1)'");
    word(&["1m'", "y"], "sum(y)");
    word(&["y'", "1m"], "sum(y)");
    word(&["1n'", "1n"], "sum(ones(n))");
    word(&["1m'", "X", "B"], "sum(X*B, 1)");
    word(&["X", "B", "1n"], "sum(X*B, 2)");
    word(&["1m'", "X", "w"], "sum(X*w)");
    word(&["y'", "X", "1n"], "sum(y'*X)");
    word(&["1m", "1n'"], "ones(m, n)");
    word(&["X", "1n", "1n'"], "sum(X, 2)*ones(n)'");
    word(&["1m", "1m'", "X"], "ones(m)*sum(X, 1)");
    word(&["y'", "X", "w"], "y'*X*w");
    word(&["y", "y'", "X"], "y*y'*X");
    word(&["1m", "y'", "y"], "ones(m)*y'*y");
}

#[test]
fn broadcast_scalars_are_bare_where_another_term_shows_the_shape() {
    let broadcast = |d: &mut Draft, scalar: NodeId| {
        let ones = d.ones("m", "n");
        d.scale(scalar, ones)
    };
    check(
        |d| {
            let (ones, x) = (d.ones("m", "n"), d.matrix("X", "m", "n"));
            d.sub(ones, x)
        },
        "1 - X",
    );
    check(
        |d| {
            let (x, s) = (d.matrix("X", "m", "n"), d.scalar("s"));
            let wide = broadcast(d, s);
            d.sub(x, wide)
        },
        "X - s",
    );
    check(
        |d| {
            let (s, ones) = (d.scalar("s"), d.ones("m", "n"));
            let wide = broadcast(d, s);
            d.add(&[ones, wide])
        },
        "ones(m, n) + s*ones(m, n)",
    );
    check(
        |d| {
            let (x, two) = (d.matrix("X", "m", "n"), d.n(2));
            let s = d.scalar("s");
            let wide = broadcast(d, s);
            let capped = d.primitive(Primitive::MAX, &[x, wide]);
            let power = d.primitive(Primitive::POWER, &[two, capped]);
            d.neg(power)
        },
        "-2.^max(X, s)",
    );
    check(
        |d| {
            let s = d.scalar("s");
            let wide = broadcast(d, s);
            d.g("g", &[], wide)
        },
        "g(s*ones(m, n))",
    );
}

#[test]
fn reciprocals_are_quotients() {
    check(
        |d| {
            let (x, y) = (d.matrix("X", "m", "n"), d.matrix("Y", "m", "n"));
            let over = d.pow(y, -1, 1);
            d.times(&[over, x])
        },
        "X ./ Y",
    );
    check(
        |d| {
            let (x, y) = (d.matrix("X", "m", "n"), d.matrix("Y", "m", "n"));
            let (over, root) = (d.pow(x, -2, 1), d.pow(y, -1, 2));
            d.times(&[over, root])
        },
        "1 ./ X.^2 ./ sqrt(Y)",
    );
    check(
        |d| {
            let (x, m, three) = (d.matrix("X", "m", "n"), d.size("m"), d.n(3));
            let over = d.pow(x, -1, 1);
            let per_row = d.pow(m, -1, 1);
            let inner = d.scale(per_row, over);
            d.scale(three, inner)
        },
        "(3/m) ./ X",
    );
    check(
        |d| {
            let (x, third, m) = (d.matrix("X", "m", "n"), d.ratio(-2, 3), d.size("m"));
            let per_row = d.pow(m, -1, 1);
            let inner = d.scale(per_row, x);
            d.scale(third, inner)
        },
        "-2/(3*m)*X",
    );
    check(
        |d| {
            let (x, m) = (d.matrix("X", "m", "n"), d.size("m"));
            let per_row = d.pow(m, -1, 1);
            let (left, right) = (d.scale(per_row, x), d.times(&[x, x]));
            let right = d.scale(per_row, right);
            d.sub(left, right)
        },
        "X/m - (X .* X)/m",
    );
    check(
        |d| {
            let x = d.scalar("x");
            d.pow(x, -1, 2)
        },
        "1/sqrt(x)",
    );
    check(
        |d| {
            let x = d.scalar("x");
            d.pow(x, 2, 3)
        },
        "x^(2/3)",
    );
    check(
        |d| {
            let x = d.scalar("x");
            let root = d.pow(x, 2, 1);
            d.pow(root, 3, 1)
        },
        "(x^2)^3",
    );
}

#[test]
fn brackets_are_as_few_as_precedence_allows() {
    let matrices =
        |d: &mut Draft| (d.matrix("A", "n", "n"), d.matrix("B", "n", "n"), d.matrix("C", "n", "n"));
    check(
        |d| {
            let (a, b, c) = matrices(d);
            let (sum, word) = (d.add(&[a, b]), d.mul(&[b, c]));
            let (left, right) = (d.mul(&[sum, c]), d.times(&[word, a]));
            d.sub(left, right)
        },
        "(A + B)*C - (B*C) .* A",
    );
    check(
        |d| {
            let (a, b, c) = matrices(d);
            let (sum, times) = (d.sub(a, b), d.times(&[b, c]));
            let left = d.neg(sum);
            let left = d.mul(&[left, times]);
            let two = d.n(2);
            d.scale(two, left)
        },
        "2*(-(A - B)*(B .* C))",
    );
    check(
        |d| {
            let (a, b, _) = matrices(d);
            let minus = d.neg(a);
            let word = d.mul(&[b, minus]);
            let negative = d.mul(&[minus, b]);
            d.add(&[word, negative])
        },
        "B*(-A) + (-A*B)",
    );
    check(
        |d| {
            let (a, b, _) = matrices(d);
            let (word, square) = (d.mul(&[a, b]), d.pow(a, 2, 1));
            let (left, right) = (d.t(word), d.t(square));
            let cube = d.pow(left, 3, 1);
            d.mul(&[cube, right])
        },
        "(A*B)'.^3*(A.^2)'",
    );
    check(
        |d| {
            let (a, b, _) = matrices(d);
            let minus = d.neg(a);
            let twice = d.neg(minus);
            d.mul(&[twice, b])
        },
        "-(-A)*B",
    );
    check(
        |d| {
            let (a, b) = (d.matrix("a", "n", "1"), d.matrix("b", "n", "1"));
            let (row, row_b) = (d.t(a), d.t(b));
            let (left, right) = (d.mul(&[row, b]), d.mul(&[row_b, b]));
            let two = d.n(2);
            let first = d.scale(two, left);
            let second = d.scale(left, right);
            let matrix = d.scale(left, a);
            let all = d.mul(&[first, second]);
            let sum = d.add(&[first, all]);
            d.scale(sum, matrix)
        },
        "(2*a'*b + 2*(a'*b)*(a'*b)*(b'*b))*(a'*b)*a",
    );
    check(
        |d| {
            let (m, n, x) = (size("m"), size("n"), d.scalar("x"));
            let sum = d.0.size(&m.add(&n));
            let product = d.0.size(&m.multiply(&n));
            let over = d.pow(product, -1, 1);
            let all = d.mul(&[sum, x]);
            d.scale(all, over)
        },
        "(m + n)*x/(m*n)",
    );
}

#[test]
fn slopes_and_settings_are_marked() {
    check(
        |d| {
            let z = d.matrix("Z", "m", "n");
            d.g("g", &[0, 0], z)
        },
        "g''(Z)",
    );
    check(
        |d| {
            let (x, y) = (d.matrix("X", "m", "n"), d.matrix("Y", "m", "n"));
            let g = d.function("g", &["x", "y"]);
            d.0.apply(g, &[1], &[x, y]).unwrap()
        },
        "g'2(X, Y)",
    );
    check(
        |d| {
            let z = d.matrix("Z", "m", "n");
            let (value, default) = (Number::ratio(1, 5).unwrap(), Number::ratio(1, 100).unwrap());
            let id = d.function("leaky", &["x"]);
            d.0.function_mut(id).settings = vec![Setting { name: Name::from("slope"), value, default }];
            d.0.apply(id, &[0], &[z]).unwrap()
        },
        "leaky'(Z, slope = 0.2)",
    );
}

#[test]
fn constants_name_their_sizes() {
    check(|d| d.0.constant(Constant::Identity, Shape::new(size("n"), size("n"))), "eye(n)");
    check(|d| d.0.constant(Constant::Zeros, Shape::new(size("m"), size("1"))), "zeros(m, 1)");
    check(|d| d.ones("1", "n"), "ones(n)'");
    check(|d| d.0.constant(Constant::Pi, Shape::scalar()), "pi");
    check(|d| d.ratio(-1, 3), "-1/3");
    check(|d| d.ratio(1, 100_000_000), "1e-8");
}

#[test]
fn the_portable_norm_has_another_name() {
    let mut draft = Draft(Formula::new());
    let x = draft.matrix("X", "m", "n");
    let norm = draft.norm(x);
    assert_eq!(text_in(&draft.0, norm, Dialect::Portable).as_deref(), Some("norm2(X)"));
}

#[test]
fn the_portable_unvec_is_written_out() {
    let mut draft = Draft(Formula::new());
    let x = draft.matrix("X", "m", "n");
    let v = draft.0.variable(Variable::new("v", Shape::column(size("m").multiply(&size("n")))));
    let matrix = draft.0.unvec(v, Shape::new(size("m"), size("n"))).unwrap();
    let (transposed, sum) = (draft.t(matrix), draft.add(&[x, matrix]));
    for (value, want) in [
        (matrix, "kron(vec(eye(n))', eye(m))*kron(eye(n), v)"),
        (transposed, "(kron(vec(eye(n))', eye(m))*kron(eye(n), v))'"),
        (sum, "X + kron(vec(eye(n))', eye(m))*kron(eye(n), v)"),
    ] {
        assert_eq!(text_in(&draft.0, value, Dialect::Portable).as_deref(), Some(want));
    }
    assert_eq!(text(&draft.0, transposed).as_deref(), Some("unvec(v, m, n)'"));
}

#[test]
fn a_long_text_is_refused_and_a_deep_one_is_not() {
    let mut draft = Draft(Formula::new());
    let mut value = draft.matrix("X", "m", "n");
    for _ in 0..30_000 {
        value = draft.g("g", &[], value);
    }
    assert_eq!(text(&draft.0, value).map(|text| text.len()), Some(90_001));
    for _ in 0..10_000 {
        value = draft.g("g", &[], value);
    }
    assert_eq!(text(&draft.0, value), None);
    let mut doubled = draft.scalar("x");
    for _ in 0..200 {
        doubled = draft.scale(doubled, doubled);
        doubled = draft.g("g", &[], doubled);
    }
    assert_eq!(text(&draft.0, doubled), None);
    const { assert!(LONGEST == 100_000) };
}
