//! Text to formula for tests: names are declared first, nothing is inferred and nothing broadcasts but numbers and scalars.

use crate::testing::add_matrix_functions;
use formula::{
    Body, Constant, Direction, Formula, Function, FunctionId, Name, Node, NodeId, Number, Operator,
    Primitive, Properties, Shape, Size, Variable,
};
use std::collections::HashMap;

/// A formula with declared variables.
pub struct Reader {
    pub formula: Formula,
    pub variables: HashMap<String, NodeId>,
    sizes: Vec<String>,
}

/// A reader that knows the sizes m, n, p, q, k and a few functions.
pub fn library() -> Reader {
    let mut reader = Reader {
        formula: Formula::new(),
        variables: HashMap::new(),
        sizes: ["m", "n", "p", "q", "k"].map(str::to_owned).to_vec(),
    };
    let primitives: Vec<(Primitive, FunctionId)> =
        Primitive::all().map(|primitive| (primitive, reader.formula.primitive(primitive))).collect();
    reader.define("sqrt", "x^0.5", None, true);
    for (primitive, id) in primitives {
        let row = primitive.row();
        for (place, slope) in row.slopes.iter().enumerate() {
            reader.slope(id, row.parameters, place as u8, slope);
        }
    }
    reader.define("sigmoid", "1/(1 + exp(-x))", Some("sigmoid(x)*(1 - sigmoid(x))"), true);
    reader.define("softplus", "log(1 + exp(x))", Some("sigmoid(x)"), true);
    reader.define("identity", "x", Some("1"), false);
    reader.define("relu", "max(x, 0)", Some("step(x)"), true);
    reader.define("silu", "x*sigmoid(x)", Some("sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))"), false);
    reader.define("square", "x^2", Some("2*x"), false);
    add_matrix_functions(&mut reader.formula);
    for name in ["g", "h"] {
        reader.formula.add_function(function(name, &["x"], Body::Abstract, false));
    }
    reader
}

fn function(name: &str, parameters: &[&str], body: Body, portable: bool) -> Function {
    Function {
        name: Name::from(name),
        parameters: parameters.iter().map(|name| Name::from(*name)).collect(),
        settings: Vec::new(),
        signature: None,
        body,
        slopes: Default::default(),
        stable: None,
        latex: None,
        code: Default::default(),
        portable,
    }
}

impl Reader {
    /// Declares variables, as in `X: m x n, w: n, a: 1, S: n x n symmetric, t: 1 positive`.
    pub fn declare(mut self, text: &str) -> Reader {
        for declaration in text.split(',') {
            let (name, rest) = declaration.split_once(':').unwrap();
            let mut words = rest.split_whitespace();
            let rows = size(words.next().unwrap());
            let (mut cols, mut properties) = (Size::number(1), Properties::default());
            while let Some(word) = words.next() {
                match word {
                    "x" => cols = size(words.next().unwrap()),
                    "symmetric" => properties = properties.with(Properties::SYMMETRIC),
                    "positive" => properties = properties.with(Properties::POSITIVE),
                    _ => panic!("{word}"),
                }
            }
            let variable =
                Variable { name: Name::from(name.trim()), shape: Shape::new(rows, cols), properties };
            let id = self.formula.variable(variable);
            self.variables.insert(name.trim().to_owned(), id);
        }
        self
    }

    fn define(&mut self, name: &str, body: &str, slope: Option<&str>, portable: bool) {
        let id = self.formula.add_function(function(name, &["x"], Body::Abstract, portable));
        let body = self.over(&["x"], body);
        self.formula.function_mut(id).body = Body::Defined(body);
        if let Some(slope) = slope {
            self.slope(id, &["x"], 0, slope);
        }
    }

    fn slope(&mut self, id: FunctionId, parameters: &[&str], place: u8, text: &str) {
        let slope = self.over(parameters, text);
        self.formula.function_mut(id).slopes.insert(vec![place], slope);
    }

    fn over(&mut self, parameters: &[&str], text: &str) -> NodeId {
        for name in parameters {
            let id = self.formula.variable(Variable::new(*name, Shape::scalar()));
            self.variables.insert((*name).to_owned(), id);
        }
        let body = self.read(text);
        for name in parameters {
            self.variables.remove(*name);
        }
        body
    }

    /// Reads an expression.
    pub fn read(&mut self, text: &str) -> NodeId {
        let mut tokens = tokens(text);
        tokens.reverse();
        let id = self.sum(&mut tokens);
        assert!(tokens.is_empty(), "{text}: {tokens:?}");
        id
    }

    fn sum(&mut self, tokens: &mut Vec<String>) -> NodeId {
        let mut parts = vec![self.term(tokens)];
        while let Some(sign) = tokens.pop_if(|token| token == "+" || token == "-") {
            let part = self.term(tokens);
            parts.push(if sign == "-" { self.formula.negate(part).unwrap() } else { part });
        }
        let matrix = parts.iter().copied().find(|id| !self.formula.is_scalar(*id)).unwrap_or(parts[0]);
        let shape = self.formula.shape(matrix).clone();
        let parts: Vec<NodeId> =
            parts.into_iter().map(|part| self.formula.broadcast(part, &shape).unwrap()).collect();
        self.formula.add(&parts).unwrap()
    }

    fn term(&mut self, tokens: &mut Vec<String>) -> NodeId {
        let mut value = self.factor(tokens);
        while let Some(operator) = tokens.pop_if(|token| ["*", "/", ".*", "./"].contains(&token.as_str())) {
            let mut right = self.factor(tokens);
            if operator.ends_with('/') {
                right = self.formula.reciprocal(right).unwrap();
            }
            value = match operator.starts_with('.') {
                true => self.formula.times(&[value, right]).unwrap(),
                false => self.formula.product(&[value, right]).unwrap(),
            };
        }
        value
    }

    fn factor(&mut self, tokens: &mut Vec<String>) -> NodeId {
        if tokens.pop_if(|token| token == "-").is_some() {
            let value = self.factor(tokens);
            return self.formula.negate(value).unwrap();
        }
        let mut value = self.atom(tokens);
        loop {
            if tokens.pop_if(|token| token == "'").is_some() {
                value = self.formula.transpose(value);
            } else if tokens.pop_if(|token| token == "^" || token == ".^").is_some() {
                let negative = tokens.pop_if(|token| token == "-").is_some();
                let mut exponent = self.atom(tokens);
                if negative {
                    exponent = self.formula.negate(exponent).unwrap();
                }
                value = self.formula.power(value, exponent).unwrap();
            } else {
                return value;
            }
        }
    }

    fn atom(&mut self, tokens: &mut Vec<String>) -> NodeId {
        let token = tokens.pop().unwrap();
        if token == "(" {
            let value = self.sum(tokens);
            assert_eq!(tokens.pop().as_deref(), Some(")"));
            return value;
        }
        if let Some(number) = Number::decimal(&token) {
            return self.formula.number(number);
        }
        let mut marks = Vec::new();
        if tokens.last().is_some_and(|next| next == "'") && self.formula.find_function(&token, &[]).is_some()
        {
            tokens.pop();
            marks.push(0);
        }
        if tokens.pop_if(|next| next == "(").is_none() {
            if let Some(id) = self.variables.get(&token) {
                return *id;
            }
            if token == "pi" {
                return self.formula.constant(Constant::Pi, Shape::scalar());
            }
            assert!(self.sizes.contains(&token), "{token}");
            return self.formula.size(&Size::named(Name::from(token)));
        }
        let mut arguments = vec![self.sum(tokens)];
        while tokens.pop_if(|next| next == ",").is_some() {
            arguments.push(self.sum(tokens));
        }
        assert_eq!(tokens.pop().as_deref(), Some(")"));
        self.call(&token, &marks, &arguments)
    }

    fn call(&mut self, name: &str, marks: &[u8], arguments: &[NodeId]) -> NodeId {
        let formula = &mut self.formula;
        let extent: Vec<Size> = arguments
            .iter()
            .map(|id| match formula.node(*id) {
                Node::Size(size) => size.clone(),
                Node::Number(number) => Size::number(number.as_integer().unwrap_or(1) as u32),
                Node::Add(parts) => {
                    parts.iter().fold(Size::number(0), |sum, part| match formula.node(*part) {
                        Node::Size(size) => sum.add(size),
                        Node::Number(number) => {
                            sum.add(&Size::number(number.as_integer().unwrap_or(1) as u32))
                        }
                        _ => sum,
                    })
                }
                _ => Size::number(1),
            })
            .collect();
        let shape =
            |cols: usize| Shape::new(extent[0].clone(), extent.get(cols).cloned().unwrap_or(Size::number(1)));
        match name {
            "ones" => formula.ones(shape(1)),
            "zeros" => formula.constant(Constant::Zeros, shape(1)),
            "eye" => formula.constant(Constant::Identity, shape(0)),
            "norm" => formula.norm(arguments[0]),
            "diag" if formula.shape(arguments[0]).is_column() => {
                formula.operator(Operator::DiagonalMatrix, arguments[0]).unwrap()
            }
            "tr" | "det" | "logdet" | "inv" | "diag" | "vec" => {
                let operator = Operator::ALL.into_iter().find(|operator| operator.name() == name).unwrap();
                formula.operator(operator, arguments[0]).unwrap()
            }
            "kron" => formula.kronecker(arguments[0], arguments[1]),
            "commutation" => formula.commutation(extent[0].clone(), extent[1].clone()),
            "unvec" => formula.unvec(arguments[0], Shape::new(extent[1].clone(), extent[2].clone())).unwrap(),
            "across" => formula.block(Direction::Across, arguments).unwrap(),
            "down" => formula.block(Direction::Down, arguments).unwrap(),
            "rows" | "cols" => {
                let direction = if name == "rows" { Direction::Down } else { Direction::Across };
                let before = extent[1].add(&Size::number(1).negate());
                let length = extent[2].add(&before.negate());
                formula.part(arguments[0], direction, before, length).unwrap()
            }
            "softmax" | "logsumexp" => {
                let axis = arguments.len() - 1;
                let fits = |function: &Function| {
                    &*function.name == name
                        && function.signature.as_ref().is_some_and(|s| s.axis.len() == axis)
                };
                let id = formula.functions().find(|(_, function)| fits(function)).unwrap().0;
                formula.call(id, &arguments[..1]).unwrap()
            }
            "sum" if arguments.len() == 1 => formula.sum(arguments[0]).unwrap(),
            "sum" if formula.as_number(arguments[1]) == Some(Number::ONE) => {
                formula.sum_rows(arguments[0]).unwrap()
            }
            "sum" => formula.sum_columns(arguments[0]).unwrap(),
            _ => {
                let function = formula.find_function(name, &[]).unwrap_or_else(|| panic!("{name}"));
                formula.apply(function, marks, arguments).unwrap()
            }
        }
    }
}

fn size(text: &str) -> Size {
    text.parse().map_or_else(|_| Size::named(Name::from(text)), Size::number)
}

fn tokens(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < characters.len() {
        let start = at;
        let first = characters[at];
        at += 1;
        if first.is_whitespace() {
            continue;
        }
        if first.is_alphanumeric() {
            let number = first.is_ascii_digit();
            let goes_on = |at: usize| {
                characters.get(at).is_some_and(|c| {
                    c.is_alphanumeric()
                        || *c == '_'
                        || number && *c == '.' && characters.get(at + 1).is_some_and(char::is_ascii_digit)
                })
            };
            while goes_on(at) {
                at += 1;
            }
        } else if first == '.' {
            at += 1;
        }
        tokens.push(characters[start..at].iter().collect());
    }
    tokens
}
