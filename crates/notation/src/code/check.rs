//! The check of a module: central differences at random inputs.

use super::Writer;
use formula::{Name, Variable};
use std::collections::BTreeSet;

/// Sizes of random inputs, different and small, so that a wrong axis shows.
const SIZES: [usize; 6] = [5, 3, 4, 2, 6, 7];

/// The part of the module that no formula changes.
const CHECK: &str = r#"

def check(points=5, step=1e-3, tolerance=1e-6):
    """Compares every gradient with central differences of fourth order along random directions."""
    rng = np.random.default_rng(0)
    worst, done, redrawn = 0.0, 0, 0
    while done < points:
        inputs = draw(rng, redrawn % 3)
        value, gradients = arrays(inputs)
        errors = []
        for name, gradient in gradients.items():
            if name not in inputs:
                continue
            direction = rng.standard_normal(np.shape(inputs[name]))
            if name in SYMMETRIC:
                direction = direction + direction.T
            slopes = [difference(inputs, name, direction, width) for width in (step, step / 2)]
            scale = max(1e-3, np.linalg.norm(slopes[1]))
            # Where two widths disagree there is a kink between them, and neither is a judge.
            if not np.isfinite(value) or not abs(slopes[0] - slopes[1]) <= tolerance * scale:
                errors = None
                break
            errors.append(abs(np.sum(gradient * direction) - slopes[1]) / scale)
        if errors is None:
            redrawn += 1
            if redrawn > 300:
                raise ArithmeticError("no point with a finite value and no kink near it was found")
            continue
        # A sum, so that what is no number is not passed over.
        worst = max(worst, *errors) if np.isfinite(sum(errors)) else np.inf
        done += 1
    print(f"largest relative error at {points} points, {redrawn} redrawn: {worst:.1e}")
    if not worst <= tolerance:
        raise ArithmeticError("a gradient differs from the central difference")


def difference(inputs, name, direction, width):
    """The slope of the value along a direction, by four values beside the point."""

    def value(at):
        return arrays({**inputs, name: inputs[name] + at * direction})[0]

    near, far = value(width) - value(-width), value(2 * width) - value(-2 * width)
    return (8 * near - far) / (12 * width)


def arrays(inputs):
    """The value and its gradients as arrays of NumPy."""
    given = {name: ARRAY if np.ndim(entries) else entries for name, entries in inputs.items()}
    with np.errstate(all="ignore"):
        value, gradients = value_and_gradients(**given)
    return np.asarray(value), {name: np.asarray(gradient) for name, gradient in gradients.items()}


def sample(rng, way, *shape):
    """Random entries: all numbers, those between -0.8 and 0.8, or those between 0.1 and 0.9."""
    if way == 0:
        return rng.standard_normal(shape) if shape else rng.standard_normal()
    return rng.uniform(-0.8 if way == 1 else 0.1, 0.8 if way == 1 else 0.9, shape or None)


if __name__ == "__main__":
PRECISION    check()
"#;

impl Writer<'_> {
    /// `draw(rng)`, `check()` and what they need.
    pub(super) fn write_check(&self, out: &mut String, unknown: &[Name]) {
        let symmetric: Vec<String> = (self.inputs.iter())
            .filter(|input| input.properties.symmetric || input.properties.definite)
            .map(|input| format!("\"{}\"", self.names.variable(&input.name)))
            .collect();
        out.push_str(&format!("\n\nSYMMETRIC = [{}]\n", symmetric.join(", ")));
        out.push_str("\n\ndef draw(rng, way=0):\n    \"\"\"Random inputs of small sizes.\"\"\"\n");
        let is_input = |name: &Name| self.inputs.iter().any(|input| input.name == *name);
        let shapes = self.inputs.iter().flat_map(|input| [&input.shape.rows, &input.shape.cols]);
        let mut seen: BTreeSet<Name> = self.inputs.iter().map(|input| input.name.clone()).collect();
        let names = shapes.flat_map(|size| size.names()).chain(unknown.iter().cloned());
        let sizes: Vec<Name> = names.filter(|name| !is_input(name) && seen.insert(name.clone())).collect();
        for (index, name) in sizes.iter().enumerate() {
            let value = SIZES[index % SIZES.len()];
            out.push_str(&format!("    {} = {value}\n", self.names.variable(name)));
        }
        let mut entries = Vec::new();
        for input in &self.inputs {
            let name = self.names.variable(&input.name);
            out.push_str(&format!("    {name} = {}\n", self.draw(input)));
            entries.push(format!("\"{name}\": {name}"));
        }
        entries.extend(
            unknown.iter().map(|name| self.names.variable(name)).map(|name| format!("\"{name}\": {name}")),
        );
        out.push_str(&format!("    return {{{}}}\n", entries.join(", ")));
        out.push_str(&CHECK.replace("ARRAY", self.row.array).replace("PRECISION", self.row.precision));
    }

    fn draw(&self, input: &Variable) -> String {
        let Variable { shape, properties, .. } = input;
        let (rows, cols) = (self.size(&shape.rows), self.size(&shape.cols));
        let sizes = if shape.is_scalar() { String::new() } else { format!(", {rows}, {cols}") };
        if properties.definite {
            return format!("(lambda a: a @ a.T + ({rows}) * np.eye({rows}))(sample(rng, way{sizes}))");
        }
        let drawn = if properties.positive {
            let end = if sizes.is_empty() { String::new() } else { format!(", ({rows}, {cols})") };
            format!("rng.uniform(0.5, 1.5{end})")
        } else {
            format!("sample(rng, way{sizes})")
        };
        if properties.symmetric { format!("(lambda a: (a + a.T) / 2)({drawn})") } else { drawn }
    }
}
