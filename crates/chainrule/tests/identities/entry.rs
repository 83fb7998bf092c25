//! One known derivative, random points for it, and its difference quotients in the layout it asks for.

use crate::language::Expression;
use crate::value::{Names, Value, value};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A known derivative.
pub struct Entry {
    pub id: String,
    pub expr: String,
    /// Names with their kinds, in the order of their first appearance in `expr`.
    pub variables: Vec<(String, Kind)>,
    pub wrt: String,
    pub wrt2: Option<String>,
    pub derivative: String,
    pub layout: Option<String>,
    pub order: u64,
    pub convention: Option<String>,
    pub domain: BTreeMap<String, String>,
}

/// What a variable is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Scalar,
    Vector(String),
    Matrix(String, String),
    Symmetric(String),
}

impl Entry {
    pub fn all(text: &str) -> Vec<Entry> {
        let list: Json = serde_json::from_str(text).expect("the entries are JSON");
        list.as_array().expect("a list").iter().map(Entry::read).collect()
    }

    fn read(json: &Json) -> Entry {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let expr = text("expr").expect("an expression");
        let kinds = json["vars"].as_object().expect("variables");
        let kind = |value: &Json| Kind::read(value.as_str().expect("a kind"));
        let mut variables: Vec<(String, Kind)> =
            kinds.iter().map(|(name, value)| (name.clone(), kind(value))).collect();
        variables.sort_by_key(|(name, _)| first_appearance(&expr, name));
        let domain = json["domain"].as_object().into_iter().flatten();
        Entry {
            id: text("id").expect("an id"),
            expr,
            variables,
            wrt: text("wrt").expect("a variable"),
            wrt2: text("wrt2"),
            derivative: text("derivative").expect("a derivative"),
            layout: text("layout"),
            order: json["order"].as_u64().unwrap_or(1),
            convention: text("convention"),
            domain: domain
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
        }
    }

    /// The variables as Chainrule declares them.
    pub fn declarations(&self) -> String {
        let declared = self.variables.iter().map(|(name, kind)| {
            let shape = match kind {
                Kind::Scalar => "scalar".to_owned(),
                Kind::Vector(rows) => rows.clone(),
                Kind::Matrix(rows, cols) => format!("{rows} x {cols}"),
                Kind::Symmetric(size) => format!("{size} x {size} symmetric"),
            };
            let property = match self.domain.get(name).map(String::as_str) {
                Some("positive") => " positive",
                Some("posdef") => " positive definite",
                _ => "",
            };
            format!("{name}: {shape}{property}")
        });
        declared.collect::<Vec<_>>().join("\n")
    }

    /// A random point of these sizes at which the expression is finite and no kink is near.
    pub fn point(&self, expression: &Expression, sizes: &[(&str, usize)], random: &mut Random) -> Names {
        for _ in 0..3000 {
            let mut names: Names =
                sizes.iter().map(|(name, size)| ((*name).to_owned(), Value::scalar(*size as f64))).collect();
            for (name, kind) in &self.variables {
                let domain = self.domain.get(name).map_or("", String::as_str);
                names.insert(name.clone(), kind.draw(sizes, domain, random));
            }
            let (at, kink) = value(expression, &names).unwrap_or_else(|error| panic!("{}: {error}", self.id));
            if kink > 0.02 && at.entries.iter().all(|entry| entry.is_finite()) {
                return names;
            }
        }
        panic!("{}: no point away from kinks", self.id)
    }

    /// The derivative at a point, by fourth-order central differences.
    pub fn quotients(&self, expression: &Expression, names: &Names) -> Value {
        let result = |names: &Names| value(expression, names).expect("it has a value").0;
        let x = &names[&self.wrt];
        if self.order == 2 {
            return self.second_quotients(&result, names);
        }
        // By column, and of a symmetric matrix both entries at once.
        let by_entry = |row: usize, col: usize| {
            quotient(FIRST_STEP, |offset| {
                let mut names = names.clone();
                let moved = names.get_mut(&self.wrt).expect("a variable");
                moved.entries[row * x.cols + col] += offset;
                if self.convention.is_some() && row != col {
                    moved.entries[col * x.cols + row] += offset;
                }
                result(&names)
            })
        };
        match (self.convention.as_deref(), self.layout.as_deref()) {
            (Some(convention), _) => Value::of(x.rows, x.cols, |row, col| {
                let both = by_entry(row, col).entries[0];
                if row != col && convention == "sym" { both / 2.0 } else { both }
            }),
            (None, Some("vec" | "jacobian")) => {
                let columns: Vec<Value> =
                    (0..x.entries.len()).map(|at| by_entry(at % x.rows, at / x.rows).vec()).collect();
                Value::of(columns[0].rows, columns.len(), |row, col| columns[col].entries[row])
            }
            _ if x.is_scalar() => by_entry(0, 0),
            _ => Value::of(x.rows, x.cols, |row, col| by_entry(row, col).entries[0]),
        }
    }

    fn second_quotients(&self, result: &dyn Fn(&Names) -> Value, names: &Names) -> Value {
        let second = self.wrt2.as_ref().unwrap_or(&self.wrt);
        let place = |value: &Value, at: usize| (at % value.rows) * value.cols + at / value.rows;
        let (x, y) = (&names[&self.wrt], &names[second]);
        Value::of(x.entries.len(), y.entries.len(), |row, col| {
            let by_y = |outer: f64| {
                quotient(SECOND_STEP, |inner| {
                    let mut names = names.clone();
                    names.get_mut(&self.wrt).expect("a variable").entries[place(x, row)] += inner;
                    names.get_mut(second).expect("a variable").entries[place(y, col)] += outer;
                    result(&names)
                })
            };
            quotient(SECOND_STEP, by_y).entries[0]
        })
    }
}

const FIRST_STEP: f64 = 1e-3;
const SECOND_STEP: f64 = 2e-3;

/// (8*(f(h) - f(-h)) - (f(2h) - f(-2h)))/(12h)
fn quotient(step: f64, at: impl Fn(f64) -> Value) -> Value {
    let (near, before) = (at(step), at(-step));
    let (far, long_before) = (at(2.0 * step), at(-2.0 * step));
    Value::of(near.rows, near.cols, |row, col| {
        let inner = near.at(row, col) - before.at(row, col);
        let outer = far.at(row, col) - long_before.at(row, col);
        (8.0 * inner - outer) / (12.0 * step)
    })
}

/// Where a name stands in a text as a whole word; at its end where it does not occur.
fn first_appearance(text: &str, name: &str) -> usize {
    let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let whole =
        |at: &usize| !word(text[..*at].chars().next_back()) && !word(text[at + name.len()..].chars().next());
    text.match_indices(name).map(|(at, _)| at).find(whole).unwrap_or(text.len())
}

impl Kind {
    fn read(text: &str) -> Kind {
        let (kind, sizes) = text.trim_end_matches(')').split_once('(').unwrap_or((text, ""));
        let mut sizes = sizes.split(',').map(|size| size.trim().to_owned());
        let mut size = || sizes.next().expect("a size");
        match kind {
            "scalar" => Kind::Scalar,
            "vector" => Kind::Vector(size()),
            "matrix" => Kind::Matrix(size(), size()),
            "symmetric" => Kind::Symmetric(size()),
            other => panic!("no kind: {other}"),
        }
    }

    fn draw(&self, sizes: &[(&str, usize)], domain: &str, random: &mut Random) -> Value {
        let size = |name: &String| sizes.iter().find(|(known, _)| known == name).expect("a size").1;
        let (rows, cols) = match self {
            Kind::Scalar => (1, 1),
            Kind::Vector(rows) => (size(rows), 1),
            Kind::Matrix(rows, cols) => (size(rows), size(cols)),
            Kind::Symmetric(both) => (size(both), size(both)),
        };
        loop {
            let normal = Value { rows, cols, entries: (0..rows * cols).map(|_| random.normal()).collect() };
            let mut drawn = normal.map(|entry| match domain {
                "positive" => 0.3 + entry.abs(),
                "unit" => (0.5 * entry).clamp(-0.8, 0.8),
                "sign" => 1.0_f64.copysign(entry),
                _ => entry,
            });
            if matches!(self, Kind::Symmetric(_)) {
                drawn = Value::of(rows, cols, |row, col| (drawn.at(row, col) + drawn.at(col, row)) / 2.0);
            }
            if domain == "posdef" {
                let square = drawn.multiply(&drawn.transpose());
                return Value::of(rows, cols, |row, col| {
                    square.at(row, col) + if row == col { 0.5 } else { 0.0 }
                });
            }
            let near_zero = drawn.entries.iter().any(|entry| entry.abs() < 0.05);
            let singular =
                rows == cols && rows > 1 && drawn.inverse().0.entries.iter().any(|e| e.abs() > 10.0);
            if !near_zero && !singular {
                return drawn;
            }
        }
    }
}

/// Random numbers from a seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}
