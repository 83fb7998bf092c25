//! A plan as text: its inputs, what runs when with lane programs as formulas, where values lie, and the totals.

use crate::{
    Access, Extent, Instruction, Lanes, Operand, Operation, Phase, Place, Plan, Reduction, Source, Sums,
    Tiling, ValueId,
};
use std::fmt::{self, Display, Formatter};

/// ```text
/// data
///   X: rows x 3
/// for each tile of 1024 rows
///   %4: rows x 2 = X*W
/// ```
impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_inputs(f)?;
        let mut phase = None;
        for (index, instruction) in self.instructions.iter().enumerate() {
            let next = self.tiling.as_ref().and_then(|tiling| tiling.phases.get(index).copied());
            if next != phase || index == 0 {
                writeln!(f, "{}", self.heading(next))?;
                phase = next;
            }
            self.write_instruction(f, instruction)?;
        }
        for (title, outputs) in [("results", &self.results), ("results by rows", &self.row_results)] {
            let outputs: Vec<String> = outputs.iter().map(|output| self.declared(output.value)).collect();
            if !outputs.is_empty() {
                writeln!(f, "{title}\n  {}", outputs.join(", "))?;
            }
        }
        self.write_totals(f)
    }
}

impl Plan {
    fn write_inputs(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let updated: Vec<ValueId> = self.updated.iter().map(|update| update.old).collect();
        let lists = [
            ("data", &self.data),
            ("updated", &updated),
            ("parameters", &self.parameters),
            ("scalars", &self.scalars),
        ];
        for (title, values) in lists {
            let values: Vec<String> = values.iter().map(|value| self.declared(*value)).collect();
            if !values.is_empty() {
                writeln!(f, "{title}\n  {}", values.join(", "))?;
            }
        }
        Ok(())
    }

    fn heading(&self, phase: Option<Phase>) -> String {
        let height = self.tiling.as_ref().and_then(|tiling| tiling.height);
        let last = self.tiling.as_ref().and_then(|tiling| tiling.phases.iter().rfind(|phase| phase.walks()));
        let only = last.is_none_or(|last| last.pass() == 0);
        match (phase, height) {
            (None, _) => "instructions".to_owned(),
            (Some(Phase::Once(0)), _) => "before the rows".to_owned(),
            (Some(Phase::Once(pass)), _) if only || last.is_some_and(|last| last.pass() < pass) => {
                "after the rows".to_owned()
            }
            (Some(Phase::Once(pass)), _) => format!("after pass {pass}"),
            (Some(Phase::Rows(_)), None) => "for all rows at once".to_owned(),
            (Some(Phase::Rows(_)), Some(height)) if only => format!("for each tile of {height} rows"),
            (Some(Phase::Rows(pass)), Some(height)) => {
                format!("pass {}, for each tile of {height} rows", pass + 1)
            }
        }
    }

    fn write_instruction(&self, f: &mut Formatter<'_>, instruction: &Instruction) -> fmt::Result {
        let operand = |operand: Operand| {
            let mark = if operand.transposed { "'" } else { "" };
            format!("{}{mark}", self.label(operand.value))
        };
        match instruction {
            Instruction::Product(product) => {
                let (left, right) = (operand(product.left), operand(product.right));
                writeln!(f, "  {} = {left}*{right}{}", self.declared(product.to), self.place(product.to))
            }
            Instruction::Transpose(transpose) => {
                let from = self.label(transpose.from);
                writeln!(f, "  {} = {from}'{}", self.declared(transpose.to), self.place(transpose.to))
            }
            Instruction::Fill(fill) => {
                let (diagonal, elsewhere) = (fill.diagonal, fill.elsewhere);
                let to = self.declared(fill.to);
                let below = match fill.above {
                    0 => String::new(),
                    rows => format!(" below {rows} rows"),
                };
                writeln!(
                    f,
                    "  {to} = {diagonal} on the diagonal{below}, {elsewhere} elsewhere{}",
                    self.place(fill.to)
                )
            }
            Instruction::Lanes(lanes) => self.write_lanes(f, lanes),
        }
    }

    /// A lane program as formulas; what is used twice gets a name of its own.
    fn write_lanes(&self, f: &mut Formatter<'_>, lanes: &Lanes) -> fmt::Result {
        writeln!(f, "  lanes {} x {}", Count(lanes.rows), Count(lanes.cols))?;
        let mut uses = vec![0_usize; lanes.inputs.len() + lanes.operations.len()];
        let operands = lanes.operations.iter().flat_map(Operation::operands);
        for register in operands.chain(lanes.outputs.iter().map(|output| output.register)) {
            if let Some(count) = uses.get_mut(register.index()) {
                *count += 1;
            }
        }
        let mut texts: Vec<Expression> = lanes
            .inputs
            .iter()
            .map(|input| {
                let label = self.label(input.value);
                Expression::atom(match input.access {
                    Access::Entry | Access::Scalar => label,
                    Access::Column => format!("{label}[j]"),
                    Access::Row => format!("{label}[i]"),
                })
            })
            .collect();
        let mut named = 0;
        for operation in &lanes.operations {
            let expression = Expression::of(operation, &texts);
            let is_shared = uses[texts.len()] > 1 && !matches!(operation, Operation::Number(_));
            texts.push(if is_shared {
                named += 1;
                writeln!(f, "    t{named} = {}", expression.text)?;
                Expression::atom(format!("t{named}"))
            } else {
                expression
            });
        }
        for output in &lanes.outputs {
            let text = texts.get(output.register.index()).map_or("?", |expression| &expression.text);
            let to = self.declared(output.to);
            let text = match output.reduction {
                Reduction::Keep => text.to_owned(),
                Reduction::SumAll => format!("sum({text})"),
                Reduction::SumDown => format!("sum({text}, 1)"),
                Reduction::SumAlong => format!("sum({text}, 2)"),
            };
            writeln!(f, "    {to} = {text}{}", self.place(output.to))?;
        }
        Ok(())
    }

    fn write_totals(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (per_row, once) = self.multiply_adds();
        write!(f, "totals\n  {} values, {} products", self.values.len(), self.products())?;
        writeln!(f, " ({per_row} multiply-adds a row, {once} besides)")?;
        if let Some(buffers) = &self.buffers {
            write!(f, "  {} entries a row, {} fixed entries", buffers.per_row, buffers.fixed)?;
            if let Some(Tiling { sums: Sums::Slabs { rows }, .. }) = &self.tiling {
                write!(
                    f,
                    ", {} entries a row kept for sums over {rows} rows at a time",
                    buffers.kept_per_row
                )?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    /// A value's name, or its number where it has none or shares the name with an input that it overwrites.
    pub(crate) fn label(&self, value: ValueId) -> String {
        let known = self.values.get(value.index());
        if known.is_some_and(|known| known.source == Source::RowCount) {
            return "rows".to_owned();
        }
        match known.and_then(|known| known.name.as_ref()) {
            Some(name) if self.updated.iter().any(|update| update.new == value) => format!("{name}+"),
            Some(name) => name.to_string(),
            None => format!("%{}", value.0),
        }
    }

    fn declared(&self, value: ValueId) -> String {
        match self.values.get(value.index()) {
            Some(known) => format!("{}: {} x {}", self.label(value), Count(known.rows), Count(known.cols)),
            None => self.label(value),
        }
    }

    fn place(&self, value: ValueId) -> String {
        let places = self.buffers.as_ref().map(|buffers| &buffers.places);
        match places.and_then(|places| places.get(value.index()).copied().flatten()) {
            Some(Place::Fixed(start)) => format!("  at fixed {start}"),
            Some(Place::Tile(start)) => format!("  at tile {start}"),
            Some(Place::Kept(start)) => format!("  at kept {start}"),
            Some(Place::Result(start)) => format!("  at result {start}"),
            Some(Place::RowResult(index)) => format!("  at row result {index}"),
            Some(Place::Updated(index)) => format!("  at updated {index}"),
            None => String::new(),
        }
    }
}

/// An extent as text.
struct Count(Extent);

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Extent::Walked => f.write_str("rows"),
            Extent::Fixed(count) => write!(f, "{count}"),
        }
    }
}

/// A formula of a lane program, and how tightly its outermost operation binds.
#[derive(Clone)]
struct Expression {
    text: String,
    tightness: Tightness,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Sum,
    Product,
    Atom,
}

impl Expression {
    fn atom(text: String) -> Expression {
        Expression { text, tightness: Tightness::Atom }
    }

    /// The text, in brackets where it binds less tightly than this.
    fn within(&self, least: Tightness) -> String {
        if self.tightness < least { format!("({})", self.text) } else { self.text.clone() }
    }

    fn of(operation: &Operation, texts: &[Expression]) -> Expression {
        use Tightness::{Atom, Product, Sum};
        let unknown = Expression::atom("?".to_owned());
        let at = |register: crate::Register, least: Tightness| {
            texts.get(register.index()).unwrap_or(&unknown).within(least)
        };
        let (text, tightness) = match *operation {
            Operation::Number(value) if value < 0.0 => (number(value), Sum),
            Operation::Number(value) => (number(value), Atom),
            Operation::Add(a, b) => (format!("{} + {}", at(a, Sum), at(b, Product)), Sum),
            Operation::Subtract(a, b) => (format!("{} - {}", at(a, Sum), at(b, Product)), Sum),
            Operation::Multiply(a, b) => (format!("{}*{}", at(a, Product), at(b, Atom)), Product),
            Operation::Divide(a, b) => (format!("{}/{}", at(a, Product), at(b, Atom)), Product),
            Operation::Negate(a) => (format!("-{}", at(a, Product)), Sum),
            Operation::SquareRoot(a) => (format!("sqrt({})", at(a, Sum)), Atom),
            Operation::MultiplyAdd(a, b, c) => {
                (format!("fma({}, {}, {})", at(a, Sum), at(b, Sum), at(c, Sum)), Atom)
            }
            Operation::Unary(primitive, a) => (format!("{}({})", primitive.row().name, at(a, Sum)), Atom),
            Operation::Binary(primitive, a, b) => {
                (format!("{}({}, {})", primitive.row().name, at(a, Sum), at(b, Sum)), Atom)
            }
            Operation::Ternary(primitive, a, b, c) => {
                let name = primitive.row().name;
                (format!("{name}({}, {}, {})", at(a, Sum), at(b, Sum), at(c, Sum)), Atom)
            }
        };
        Expression { text, tightness }
    }
}

/// A constant, as short as it reads back equal.
fn number(value: f64) -> String {
    let magnitude = value.abs();
    let is_plain = magnitude == 0.0 || (1e-4..1e16).contains(&magnitude);
    if is_plain { format!("{value}") } else { format!("{value:e}") }
}
