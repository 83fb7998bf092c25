//! The check of a module: central differences at random inputs.

use super::Writer;
use formula::{Name, Variable};
use std::collections::BTreeSet;

/// Sizes of random inputs, different and small, so that a wrong axis shows.
const SIZES: [usize; 6] = [5, 3, 4, 2, 6, 7];

/// The part of the module that no formula changes.
const CHECK: &str = r#"

def check(points=5, step=1e-4, tolerance=1e-6):
    """Compares every gradient with central differences of fourth order along random directions."""
    rng = np.random.default_rng(0)
    worst, done, redrawn = 0.0, 0, 0
    while done < points:
        inputs = draw(rng)
        value, gradients = value_and_gradients(**inputs)
        errors = []
        for name, gradient in gradients.items():
            if name not in inputs:
                continue
            direction = rng.standard_normal(np.shape(inputs[name]))
            if name in SYMMETRIC:
                direction = direction + direction.T
            slopes = [difference(inputs, name, direction, width) for width in (step, step / 2)]
            scale = max(1.0, abs(slopes[1]))
            # Where two widths disagree there is a kink between them, and neither is a judge.
            if not np.isfinite(value) or not abs(slopes[0] - slopes[1]) <= tolerance * scale:
                errors = None
                break
            errors.append(abs(np.sum(gradient * direction) - slopes[1]) / scale)
        if errors is None:
            redrawn += 1
            if redrawn > 100:
                raise ArithmeticError("no point with a finite value and no kink near it was found")
            continue
        worst = max([worst, *errors])
        done += 1
    print(f"largest relative error at {points} points, {redrawn} redrawn: {worst:.1e}")
    if not worst <= tolerance:
        raise ArithmeticError("a gradient differs from the central difference")


def difference(inputs, name, direction, width):
    """The slope of the value along a direction, by four values beside the point."""

    def value(at):
        return value_and_gradients(**{**inputs, name: inputs[name] + at * direction})[0]

    near, far = value(width) - value(-width), value(2 * width) - value(-2 * width)
    return (8 * near - far) / (12 * width)


if __name__ == "__main__":
    check()
"#;

impl Writer<'_> {
    /// `draw(rng)`, `check()` and what they need.
    pub(super) fn write_check(&self, out: &mut String, unknown: &[Name]) {
        let symmetric: Vec<String> = (self.inputs.iter())
            .filter(|input| input.properties.symmetric || input.properties.definite)
            .map(|input| format!("\"{}\"", self.names.variable(&input.name)))
            .collect();
        out.push_str(&format!("\n\nSYMMETRIC = [{}]\n", symmetric.join(", ")));
        out.push_str("\n\ndef draw(rng):\n    \"\"\"Random inputs of small sizes.\"\"\"\n");
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
        out.push_str(CHECK);
    }

    fn draw(&self, input: &Variable) -> String {
        let Variable { shape, properties, .. } = input;
        let argument = if shape.is_scalar() { String::new() } else { self.tuple(shape) };
        if properties.definite {
            let rows = self.size(&shape.rows);
            return format!(
                "(lambda a: a @ a.T + ({rows}) * np.eye({rows}))(rng.standard_normal({argument}))"
            );
        }
        let drawn = match (properties.positive, shape.is_scalar()) {
            (true, true) => "rng.uniform(0.5, 1.5)".to_owned(),
            (true, false) => format!("rng.uniform(0.5, 1.5, {argument})"),
            (false, _) => format!("rng.standard_normal({argument})"),
        };
        if properties.symmetric { format!("(lambda a: (a + a.T) / 2)({drawn})") } else { drawn }
    }
}
