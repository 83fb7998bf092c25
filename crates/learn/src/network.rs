//! A feed-forward network as the formula it is.

use crate::LearnError;
use compiler::{CompileError, Kind, Library, Request};
use formula::{Name, Sizes};
use plan::Plan;
use random::{Purpose, Random};
use std::fmt::Write;

/// Layers `Z = A*W`, `A = g(Z)`, each with its own g, and a loss over the last. A network computes nothing itself: it writes
/// its formula, from which everything else is derived.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The number of input columns.
    pub inputs: usize,
    /// The layers, first to last; the last layer's units are the output columns.
    pub layers: Vec<Layer>,
    /// Whether each layer adds a bias to its rows.
    pub bias: bool,
    /// The loss: the call of a page over A and Y, such as `mse` or `huber(delta = 2)`.
    pub loss: String,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its number of units.
    pub units: usize,
    /// Its activation: the call of a function's page, such as `relu` or `leaky_relu(slope = 0.2)`.
    pub activation: String,
}

/// What of a network is compiled.
pub(crate) enum Part<'a> {
    /// The loss over rows X and Y, each with a weight or not.
    Loss { weighted: bool },
    /// The loss, and its derivative by every parameter.
    Step { weighted: bool },
    /// Values of the lines up to the prediction, from rows X alone.
    Values(&'a [&'a str]),
    /// What is predicted, a formula in the A of the last layer, from rows X alone.
    Prediction(&'a str),
}

/// A parameter of a network and its place in the flat array of all parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `W1`, `b1`, `W2`, ...
    pub name: Name,
    /// Its rows.
    pub rows: usize,
    /// Its columns; 1 for a bias.
    pub cols: usize,
    /// Its first entry in the flat array.
    pub start: usize,
    /// The layer it belongs to, counted from 0.
    pub layer: usize,
    /// Whether it is a weight matrix and no bias.
    pub is_weight: bool,
}

impl Parameter {
    /// Its entries in the flat array.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.rows * self.cols
    }
}

impl Network {
    /// The number of output columns.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(self.inputs, |layer| layer.units)
    }

    /// Its parameters in the order of the flat array: `W1`, `b1`, `W2`, `b2`, ...
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        let (mut rows, mut start) = (self.inputs, 0);
        for (layer, Layer { units, .. }) in self.layers.iter().enumerate() {
            let number = layer + 1;
            let mut push = |letter: &str, rows: usize, cols: usize, is_weight: bool| {
                let name = Name::from(self.numbered(letter, number));
                parameters.push(Parameter { name, rows, cols, start, layer, is_weight });
                start += rows * cols;
            };
            push("W", rows, *units, true);
            if self.bias {
                push("b", *units, 1, false);
            }
            rows = *units;
        }
        parameters
    }

    /// How many numbers its parameters hold.
    pub fn parameter_count(&self) -> usize {
        self.parameters().last().map_or(0, |parameter| parameter.range().end)
    }

    /// The most layers; each becomes lines of the formula, and with them the time to derive and compile it grows.
    pub const MOST_LAYERS: usize = 1000;
    /// The most numbers in its parameters: a training in f32 holds about 24 bytes for each.
    pub const MOST_PARAMETERS: usize = 100_000_000;

    /// Whether it can be held and derived, found before any memory is taken.
    ///
    /// # Errors
    /// When it has more than [`Network::MOST_LAYERS`] or [`Network::MOST_PARAMETERS`].
    pub fn verify(&self) -> Result<(), LearnError> {
        let layers = self.layers.len();
        if layers > Network::MOST_LAYERS {
            return Err(LearnError::TooManyLayers { layers });
        }
        let mut count = 0_usize;
        let mut rows = self.inputs;
        for Layer { units, .. } in &self.layers {
            let biases = if self.bias { *units } else { 0 };
            count = count.saturating_add(rows.saturating_mul(*units)).saturating_add(biases);
            rows = *units;
        }
        if count > Network::MOST_PARAMETERS {
            return Err(LearnError::TooManyParameters { inputs: self.inputs, parameters: count });
        }
        Ok(())
    }

    /// The declarations of its variables: `X: m x n`, `W1: n x h1`, ... Sizes stay names, so that a layer of one unit reads as
    /// every other.
    pub fn declarations(&self) -> String {
        let [x, y, m] = ["X", "Y", "m"].map(|name| self.named(name));
        let mut text = format!("{x}: {m} x {}", self.size_name(0));
        for number in 1..=self.layers.len() {
            let (rows, cols) = (self.size_name(number - 1), self.size_name(number));
            let _ = write!(text, ", {}: {rows} x {cols}", self.numbered("W", number));
            if self.bias {
                let _ = write!(text, ", {}: {cols}", self.numbered("b", number));
            }
        }
        let _ = write!(text, ", {y}: {m} x {}", self.size_name(self.layers.len()));
        text
    }

    /// The values of its named sizes, all but m.
    pub fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::from([(Name::from(self.size_name(0)), self.inputs)]);
        for (index, layer) in self.layers.iter().enumerate() {
            sizes.insert(Name::from(self.size_name(index + 1)), layer.units);
        }
        sizes
    }

    /// Its formula, a line a value: `Z1 = X*W1 + ones(m)*b1'`, `A1 = relu(Z1)`, ..., `f = mse(A2, Y)`. Its names step aside for
    /// the pages it calls: with an activation called f the last line is `ff = mse(A2, Y)`.
    pub fn formula(&self) -> String {
        let mut text = self.prediction();
        let arguments = format!("{}, {}", self.prediction_name(), self.named("Y"));
        let _ = writeln!(text, "{} = {}", self.named("f"), call(&self.loss, &arguments));
        text
    }

    /// The lines of its formula up to the last layer's activation.
    pub fn prediction(&self) -> String {
        let mut text = String::new();
        let (mut before, m) = (self.named("X"), self.named("m"));
        for (index, layer) in self.layers.iter().enumerate() {
            let number = index + 1;
            let [w, b, z, a] = ["W", "b", "Z", "A"].map(|letter| self.numbered(letter, number));
            let bias = if self.bias { format!(" + ones({m})*{b}'") } else { String::new() };
            let _ = writeln!(text, "{z} = {before}*{w}{bias}");
            let _ = writeln!(text, "{a} = {}", call(&layer.activation, &z));
            before = a;
        }
        text
    }

    /// These lines, and the line `P = softmax(A2, 2)` of what is predicted, by a formula in A.
    pub fn predicting(&self, predicts: &str) -> String {
        let line = replace_letter(predicts, 'A', &self.prediction_name());
        format!("{}{} = {line}\n", self.prediction(), self.named("P"))
    }

    /// Judges the pages that a user has defined, as the network uses them.
    pub(crate) fn judge_pages(&self, library: &Library) -> Result<(), CompileError> {
        let used = self.layers.iter().map(|layer| layer.activation.as_str());
        Ok(judge::judge_own_pages(library, used)?)
    }

    /// A part of the network as a plan that walks the rows of X, over the flat array of all parameters.
    pub(crate) fn compile(&self, part: Part, library: &Library) -> Result<Plan, CompileError> {
        let parameters = self.parameters();
        let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let text = match part {
            Part::Loss { .. } | Part::Step { .. } => self.formula(),
            Part::Values(_) => self.prediction(),
            Part::Prediction(predicts) => self.predicting(predicts),
        };
        let [f, x, y, m, w, p] = ["f", "X", "Y", "m", "w", "P"].map(|name| self.named(name));
        let (values, data): (&[&str], &[&str]) = match part {
            Part::Loss { weighted: true } | Part::Step { weighted: true } => (&[&f], &[&x, &y, &w]),
            Part::Loss { .. } | Part::Step { .. } => (&[&f], &[&x, &y]),
            Part::Values(values) => (values, &[&x]),
            Part::Prediction(_) => (&[&p], &[&x]),
        };
        let gradients: &[&str] = if matches!(part, Part::Step { .. }) { &names } else { &[] };
        let request = Request {
            text: &text,
            declarations: &self.declarations(),
            values,
            gradients,
            data,
            parameters: &names,
            walked: Some(&m),
            weights: data.get(2).copied(),
            sizes: &self.sizes(),
            ..Request::default()
        };
        compiler::compile(&request, library)
    }

    /// An error for sizes that no network has, and for a loss that does not depend on what the network computes.
    pub(crate) fn check(&self, library: &Library) -> Result<(), LearnError> {
        let refuse = |what, found: usize, expected| {
            Err(LearnError::OutOfRange { what, found: found as f64, expected })
        };
        if self.inputs == 0 || self.layers.is_empty() {
            let what = if self.inputs == 0 { "the number of inputs" } else { "the number of layers" };
            return refuse(what, 0, "a number from 1 on");
        }
        if self.layers.iter().any(|layer| layer.units == 0) {
            return refuse("the number of units of a layer", 0, "a number from 1 on");
        }
        match depends_on_prediction(&self.loss, self.outputs(), library)? {
            true => Ok(()),
            false => {
                let page = library.text(called(&self.loss)).into_iter().find(|page| page.kind == Kind::Loss);
                let text = page.map_or(self.loss.clone(), |page| page.text);
                let line = text.lines().find(|line| !line.trim_start().starts_with('#'));
                let loss = line.unwrap_or(&text).trim().to_owned();
                let takes_several =
                    self.outputs() == 1 && depends_on_prediction(&self.loss, 2, library).unwrap_or(false);
                Err(LearnError::LossWithoutPrediction { loss, takes_several })
            }
        }
    }

    /// The name of the last layer's values: `A2` for two layers.
    pub fn prediction_name(&self) -> String {
        self.numbered("A", self.layers.len())
    }

    /// The names of each layer's values, `Z1`, `A1`, `Z2`, ..., and how many columns they have.
    pub(crate) fn values(&self) -> Vec<(String, usize)> {
        let numbered = self.layers.iter().enumerate();
        numbered
            .flat_map(|(index, layer)| {
                ["Z", "A"].map(|letter| (self.numbered(letter, index + 1), layer.units))
            })
            .collect()
    }

    /// Its layers in a few words: `8 -> 64 relu -> 64 relu -> 1 identity`.
    pub fn summary(&self) -> String {
        let mut text = self.inputs.to_string();
        for Layer { units, activation } in &self.layers {
            let _ = write!(text, " -> {units} {activation}");
        }
        text
    }

    fn size_name(&self, layer: usize) -> String {
        match layer {
            0 => self.named("n"),
            last if last == self.layers.len() => self.named("q"),
            hidden => self.numbered("h", hidden),
        }
    }

    fn numbered(&self, letter: &str, number: usize) -> String {
        self.named(&format!("{letter}{number}"))
    }

    /// A name of the network's own: the usual one, or, where a page that it calls has that name, with its letter once more.
    pub fn named(&self, usual: &str) -> String {
        let calls = self.layers.iter().map(|layer| layer.activation.as_str()).chain([self.loss.as_str()]);
        free(usual, &calls.map(called).collect::<Vec<_>>())
    }
}

/// Whether a loss has more than one value over several A, from near to far from a fixed Y; what is not finite is no
/// value to compare.
fn depends_on_prediction(loss: &str, outputs: usize, library: &Library) -> Result<bool, LearnError> {
    const ROWS: usize = 5;
    let [f, a, y, m, q] = ["f", "A", "Y", "m", "q"].map(|name| free(name, &[loss]));
    let request = Request {
        text: &format!("{f} = {}", call(loss, &format!("{a}, {y}"))),
        declarations: &format!("{a}: {m} x {q}, {y}: {m} x {q}"),
        values: &[&f],
        data: &[&a, &y],
        walked: Some(&m),
        sizes: &Sizes::from([(Name::from(q.as_str()), outputs)]),
        ..Request::default()
    };
    let plan = compiler::compile(&request, library)?;
    let mut random = Random::new(0, Purpose::Check, 0);
    let mut draw = |size: f64| -> Vec<f64> { (0..outputs * ROWS).map(|_| size * random.normal()).collect() };
    let y = draw(1.0);
    let mut values = Vec::new();
    for size in [0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 100.0] {
        values.extend(compiler::evaluate(&plan, &[&draw(size), &y], &[], &[], ROWS)?);
    }
    Ok(values.windows(2).any(|pair| pair[0] != pair[1] || !pair[0].is_finite()))
}

/// A formula with something else in the place of a name of one letter.
pub(crate) fn replace_letter(formula: &str, name: char, by: &str) -> String {
    let is_letter =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let mut text = String::new();
    for (at, letter) in formula.char_indices() {
        let (before, after) =
            (formula[..at].chars().last(), formula[at + letter.len_utf8()..].chars().next());
        if letter == name && !is_letter(before) && !is_letter(after) {
            text.push_str(by);
        } else {
            text.push(letter);
        }
    }
    text
}

/// The name of the page that a call is of.
pub(crate) fn called(call: &str) -> &str {
    call.split('(').next().unwrap_or(call).trim()
}

/// A name beside calls of pages: the usual one, with its first letter once more as long as a page has that name.
pub(crate) fn free(usual: &str, calls: &[&str]) -> String {
    let mut name = usual.to_owned();
    while calls.iter().any(|call| called(call) == name) {
        name.insert_str(0, &usual[..1]);
    }
    name
}

/// A page's call with its arguments put before its settings: `huber(delta = 2)` of `A, Y` is `huber(A, Y; delta = 2)`.
pub(crate) fn call(page: &str, arguments: &str) -> String {
    match page.trim().strip_suffix(')').and_then(|open| open.split_once('(')) {
        Some((name, settings)) if !settings.trim().is_empty() => {
            format!("{}({arguments}; {settings})", name.trim())
        }
        Some((name, _)) => format!("{}({arguments})", name.trim()),
        None => format!("{}({arguments})", page.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(bias: bool) -> Network {
        let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
        let layers = vec![layer(64, "leaky_relu(slope = 0.2)"), layer(1, "identity")];
        Network { inputs: 8, layers, bias, loss: String::from("mse") }
    }

    #[test]
    fn a_network_writes_its_formula() {
        let want = "Z1 = X*W1 + ones(m)*b1'\nA1 = leaky_relu(Z1; slope = 0.2)\nZ2 = A1*W2 + ones(m)*b2'\nA2 = identity(Z2)\nf = mse(A2, Y)\n";
        assert_eq!(network(true).formula(), want);
        assert_eq!(network(true).declarations(), "X: m x n, W1: n x h1, b1: h1, W2: h1 x q, b2: q, Y: m x q");
        assert_eq!(network(false).declarations(), "X: m x n, W1: n x h1, W2: h1 x q, Y: m x q");
    }

    #[test]
    fn networks_beyond_the_limits_are_refused_without_counting_wrong() {
        let of = |inputs, units: &[usize]| {
            let layer = |units: &usize| Layer { units: *units, activation: String::from("identity") };
            Network { inputs, layers: units.iter().map(layer).collect(), ..network(true) }.verify()
        };
        assert!(of(9999, &[10_000]).is_ok());
        assert!(of(3, &vec![4; Network::MOST_LAYERS]).is_ok());
        for (inputs, units) in [
            (10_000, vec![10_000]),
            (usize::MAX, vec![usize::MAX, usize::MAX]),
            (1 << 33, vec![1 << 31, 1]),
            (1, vec![1 << 63, 2, 1]),
            (1, vec![usize::MAX]),
        ] {
            let error = of(inputs, &units).unwrap_err();
            assert!(matches!(error, LearnError::TooManyParameters { .. }), "{inputs} {units:?}");
        }
        let error = of(1, &vec![1; Network::MOST_LAYERS + 1]).unwrap_err();
        assert!(matches!(error, LearnError::TooManyLayers { .. }) && error.to_string().contains("1000"));
    }

    #[test]
    fn parameters_stand_one_after_another() {
        let starts: Vec<usize> = network(true).parameters().iter().map(|parameter| parameter.start).collect();
        assert_eq!(starts, [0, 512, 576, 640]);
        assert_eq!(network(true).parameter_count(), 641);
        assert_eq!(network(false).parameter_count(), 576);
    }
}
