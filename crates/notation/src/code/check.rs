//! The check of a module: central differences at random inputs.

use super::Writer;
use super::output::Output;
use formula::{Name, Variable};
use std::collections::BTreeSet;

/// Sizes of random inputs, different and small, so that a wrong axis shows.
const SIZES: [usize; 6] = [5, 3, 4, 2, 6, 7];

/// The part of the module that no formula changes.
const CHECK: &str = r#"

def check(points=5, step=1e-3, tolerance=1e-6):
    """Compares every derivative with central differences of fourth order along random directions."""
    rng = np.random.default_rng(0)
    worst, done, redrawn = 0.0, 0, 0
    while done < points:
        inputs = draw(rng, redrawn % 3)
        value, derivatives = arrays(inputs)
        errors = []
        for key, derivative in derivatives.items():
            names = key if isinstance(key, tuple) else (key,)
            if any(name not in inputs for name in names):
                continue
            applied, slope = judges(key, names, inputs, np.shape(value), derivative, rng)
            slopes = [slope(width) for width in (step, step / 2)]
            scale = max(1e-3, abs(slopes[1]), np.max(np.abs(derivative), initial=0.0))
            # Where two widths disagree there is a kink between them, and neither is a judge.
            if not np.all(np.isfinite(value)) or not abs(slopes[0] - slopes[1]) <= tolerance * scale:
                errors = None
                break
            errors.append(abs(applied - slopes[1]) / scale)
        if errors is None:
            redrawn += 1
            if redrawn > 300:
                raise ArithmeticError("no point with a finite value and no kink near it was found")
            continue
        # What is no number is not passed over.
        worst = max(worst, *errors, 0.0) if np.isfinite(sum(errors)) else np.inf
        done += 1
    print(f"largest relative error at {points} points, {redrawn} redrawn: {worst:.1e}")
    if not worst <= tolerance:
        raise ArithmeticError("a derivative differs from the central difference")


def judges(key, names, inputs, shape, derivative, rng):
    """A derivative applied to random directions, and the difference quotient, by its width, of the value along them."""
    form, seed, transposed, independent = DERIVATIVES[key]
    derivative = derivative.T if transposed else derivative

    def direction(name):
        entries = rng.standard_normal(np.shape(inputs[name]))
        return entries + entries.T if name in SYMMETRIC else entries

    def once(entries):
        return np.tril(entries) if independent else entries

    *first, last = names
    # A symbol that is no input is one that the map does not depend on, and then the map is 0.
    change = inputs[seed] if form == "pushforward" and seed in inputs else direction(last)
    if form == "pullback" and seed in inputs:
        weight = inputs[seed]
        if first and independent:
            weight = 2 * weight - np.diag(np.diag(weight))
    else:
        weight = direction(first[0]) if first else rng.standard_normal(shape)
    paired = once(weight) if first else weight
    if form == "gradient":
        applied = paired * np.sum(derivative * once(change))
    elif form == "tangent":
        applied = change * np.sum(derivative * paired)
    elif form in ("jacobian", "vec"):
        applied = np.sum(column(paired) * (np.reshape(derivative, (np.size(paired), np.size(change))) @ column(once(change))))
    elif form == "pullback":
        applied = np.sum(derivative * once(change))
    else:
        applied = np.sum(derivative * paired)

    def slope(width):
        def along(far):
            moved = {**inputs, last: inputs[last] + far * change}
            if not first:
                return np.sum(arrays(moved)[0] * weight)
            beside = lambda at: arrays({**moved, first[0]: moved[first[0]] + at * weight})[0]
            return difference(beside, width)

        return difference(along, width)

    return applied, slope


def difference(function, width):
    """The slope of a function of one number at 0, by four values beside it."""
    near, far = function(width) - function(-width), function(2 * width) - function(-2 * width)
    return (8 * near - far) / (12 * width)


def column(entries):
    """The columns of a matrix, one below the other."""
    return np.reshape(np.transpose(entries), (-1, 1))


def arrays(inputs):
    """The value and its derivatives as arrays of NumPy."""
    given = {name: ARRAY if np.ndim(entries) else entries for name, entries in inputs.items()}
    with np.errstate(all="ignore"):
        value, derivatives = FUNCTION(**given)
    return np.asarray(value), {name: np.asarray(derivative) for name, derivative in derivatives.items()}


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
        let rows: String = self.outputs.iter().map(|output| output.row(&self.names)).collect();
        out.push_str("\n\n# For the check: the form, the symbol that a map is applied to, whether it lies transposed, and whether entries\n");
        out.push_str("# off the diagonal of a symmetric variable count twice.\n");
        out.push_str(&format!("DERIVATIVES = {{\n{rows}}}\n"));
        let seeds: Vec<&Name> = self.outputs.iter().filter_map(Output::symmetric_seed).collect();
        let is_symmetric =
            |input: &&Variable| input.properties.is_symmetric() || seeds.contains(&&input.name);
        let symmetric: Vec<String> = (self.inputs.iter().filter(is_symmetric))
            .map(|input| format!("\"{}\"", self.names.variable(&input.name)))
            .collect();
        out.push_str(&format!("SYMMETRIC = [{}]\n", symmetric.join(", ")));
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
        out.push_str(
            &CHECK
                .replace("ARRAY", self.row.array)
                .replace("PRECISION", self.row.precision)
                .replace("FUNCTION", self.function()),
        );
    }

    fn draw(&self, input: &Variable) -> String {
        let Variable { shape, properties, .. } = input;
        let (rows, cols) = (self.size(&shape.rows), self.size(&shape.cols));
        let sizes = if shape.is_scalar() { String::new() } else { format!(", {rows}, {cols}") };
        let drawn = format!("sample(rng, way{sizes})");
        let rows = calculus::told(*properties).into_iter();
        rows.fold(drawn, |drawn, row| format!("(lambda a: {})({drawn})", row.numpy))
    }
}
