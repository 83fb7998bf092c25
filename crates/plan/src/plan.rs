//! A plan: straight-line instructions over numbered values, as plain data.

use crate::coded::Coded;
use crate::tiling::Tiling;
use formula::Name;
pub use formula::Primitive;

/// What runs for one call: values and the instructions that compute them, in order. Sizes are known, except the number
/// of rows that are walked (the rows of a batch).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Every value that is read or computed. A [`ValueId`] is a place in this list.
    pub values: Vec<Value>,
    /// What is done, in order; each value is computed by one instruction, before it is read.
    pub instructions: Vec<Instruction>,
    /// Data bound for each call: matrices with the walked rows (or of fixed size), in the order of the caller's list.
    pub data: Vec<ValueId>,
    /// Which of them are bound as codes; set by [`Plan::code`].
    pub coded: Vec<Coded>,
    /// Data that the call overwrites with new values of the same shape: the value read, and the value that takes its place.
    pub updated: Vec<Update>,
    /// Values of fixed size that live from call to call in one flat array, one after another, row by row.
    pub parameters: Vec<ValueId>,
    /// Numbers bound for each call.
    pub scalars: Vec<ValueId>,
    /// Results of fixed size, written to one flat array, one after another, row by row.
    pub results: Vec<Output>,
    /// Results with a row for each walked row.
    pub row_results: Vec<Output>,
    /// How the rows are walked; set by [`crate::tile`].
    pub tiling: Option<Tiling>,
    /// Where computed values lie, one place for each value; set by [`crate::assign_buffers`].
    pub buffers: Option<Buffers>,
}

/// A value of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Its name, for inputs and results.
    pub name: Option<Name>,
    /// Its rows.
    pub rows: Extent,
    /// Its columns.
    pub cols: Extent,
    /// Where it comes from.
    pub source: Source,
}

/// How many rows or columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The rows of the batch, known when the plan runs.
    Walked,
    /// A known number.
    Fixed(usize),
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// Bound for each call: the place in `Plan::data`.
    Data(usize),
    /// Bound for each call and overwritten by it: the place in `Plan::updated`.
    Updated(usize),
    /// Part of the flat array of parameters, from this entry on.
    Parameter(usize),
    /// A number bound for each call: the place in `Plan::scalars`.
    Scalar(usize),
    /// The number of walked rows of the whole batch, never of a tile.
    RowCount,
    /// Computed by an instruction.
    Computed,
}

/// An input that is overwritten.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The value as it is read.
    pub old: ValueId,
    /// The value that takes its place.
    pub new: ValueId,
}

/// A named result.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name, such as `f` or `df/dW1`.
    pub name: Name,
    /// The value. The same value may be asked for under several names.
    pub value: ValueId,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq)]
pub enum Instruction {
    /// `C <- A*B`, or with either transposed.
    Product(Product),
    /// A program run for every entry of a range of rows and columns, with its sums.
    Lanes(Lanes),
    /// `C <- A'`, where no product could take the transpose in.
    Transpose(Transpose),
    /// `C <- I` or another matrix that its shape determines.
    Fill(Fill),
}

/// `to <- left*right`. Where the walked rows are summed over (`X'*dZ`), the tiles' products add up in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Product {
    /// The left factor.
    pub left: Operand,
    /// The right factor.
    pub right: Operand,
    /// The product.
    pub to: ValueId,
}

/// A factor, as it is or transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operand {
    /// The value.
    pub value: ValueId,
    /// Whether its transpose is meant.
    pub transposed: bool,
}

/// `to <- from'`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transpose {
    /// The matrix.
    pub from: ValueId,
    /// Its transpose.
    pub to: ValueId,
}

/// A matrix that its shape determines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// The value on the diagonal.
    pub diagonal: f64,
    /// The value elsewhere.
    pub elsewhere: f64,
    /// How many rows stand above the diagonal: it has the entries (j + above, j).
    pub above: usize,
    /// The matrix.
    pub to: ValueId,
}

/// A lane program: straight-line code run for every entry (i, j) of `rows x cols`. Register r holds input r for
/// r < inputs.len(), then the value of operation r - inputs.len(). Each register is written once.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    /// The rows it runs over.
    pub rows: Extent,
    /// The columns it runs over.
    pub cols: Extent,
    /// What it reads.
    pub inputs: Vec<LaneInput>,
    /// What it computes.
    pub operations: Vec<Operation>,
    /// What it keeps, as it is or summed.
    pub outputs: Vec<LaneOutput>,
}

/// A value that a lane program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LaneInput {
    /// The value.
    pub value: ValueId,
    /// Which of its entries stands at (i, j).
    pub access: Access,
}

/// Which entry of an input a lane program sees at (i, j).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Entry (i, j) of a matrix of the program's own rows and columns.
    Entry,
    /// Entry j of a row or column with as many entries as the program has columns: the same for every row (a bias).
    Column,
    /// Entry i of a row or column with as many entries as the program has rows: the same for every column.
    Row,
    /// The only entry of a `1 x 1` value.
    Scalar,
}

/// A register of a lane program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Register(pub u16);

/// One operation of a lane program, on numbers of the run's precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// A constant.
    Number(f64),
    /// `a + b`
    Add(Register, Register),
    /// `a - b`
    Subtract(Register, Register),
    /// `a * b`
    Multiply(Register, Register),
    /// `a / b`
    Divide(Register, Register),
    /// `-a`
    Negate(Register),
    /// The square root.
    SquareRoot(Register),
    /// `a*b + c`, rounded once.
    MultiplyAdd(Register, Register, Register),
    /// A primitive of one argument.
    Unary(Primitive, Register),
    /// A primitive of two arguments.
    Binary(Primitive, Register, Register),
    /// A primitive of three arguments.
    Ternary(Primitive, Register, Register, Register),
}

/// What a lane program keeps of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneOutput {
    /// The register.
    pub register: Register,
    /// Where it goes.
    pub to: ValueId,
    /// As it is, or summed.
    pub reduction: Reduction,
}

/// How a register becomes a value. Sums over walked rows add up over the tiles, in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Every entry, as it is.
    Keep,
    /// The sum of all entries: one number.
    SumAll,
    /// The sum down each column: one number for each column.
    SumDown,
    /// The sum along each row: one number for each row.
    SumAlong,
}

/// Where computed values lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffers {
    /// For each value, its place; `None` for values that are bound by the caller. No instruction writes where it reads, except
    /// a lane program that overwrites updated data which it reads with [`Access::Entry`]: it reads entry (i, j) of every
    /// input before it writes that of any output.
    pub places: Vec<Option<Place>>,
    /// Entries that values of fixed size take together.
    pub fixed: usize,
    /// Entries for each row of a tile that values with walked rows take together.
    pub per_row: usize,
    /// Entries for each row of a macro-batch that values read by its sums take together.
    pub kept_per_row: usize,
}

/// The place of a computed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// From this entry of the fixed arena on.
    Fixed(usize),
    /// In the tile's arena, from entry `offset * rows of the tile` on, rows of the tile times columns entries (times rows,
    /// where it is the columns that are walked).
    Tile(usize),
    /// In the arena of the macro-batch, from entry `offset * rows of the macro-batch` on: what a sum over its rows reads.
    Kept(usize),
    /// In the caller's flat results, from this entry on.
    Result(usize),
    /// In the caller's row results: the place in `Plan::row_results`.
    RowResult(usize),
    /// In the caller's updated data: the place in `Plan::updated`.
    Updated(usize),
}

impl ValueId {
    /// Its place in [`Plan::values`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Plan {
    /// What is known of a value.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// How many matrix products the instructions hold.
    pub fn products(&self) -> usize {
        self.instructions.iter().filter(|instruction| matches!(instruction, Instruction::Product(_))).count()
    }

    /// Whether a product sums over the walked rows.
    pub fn is_sum(&self, product: &Product) -> bool {
        let right = self.value(product.right.value);
        (if product.right.transposed { right.cols } else { right.rows }) == Extent::Walked
    }

    /// Multiplications with addition in the matrix products: for each walked row, and once for each call.
    pub fn multiply_adds(&self) -> (usize, usize) {
        let (mut per_row, mut once) = (0_usize, 0_usize);
        for instruction in &self.instructions {
            let Instruction::Product(product) = instruction else {
                continue;
            };
            let (rows, cols) = (self.value(product.left.value).rows, self.bound_cols(product.left.value));
            let extents = [rows, cols, self.value(product.to).cols];
            let count = extents.iter().fold(1_usize, |count, extent| count.saturating_mul(extent.count(1)));
            let sum = if extents.contains(&Extent::Walked) { &mut per_row } else { &mut once };
            *sum = sum.saturating_add(count);
        }
        (per_row, once)
    }

    /// Entries of the flat array of parameters.
    pub fn parameter_entries(&self) -> usize {
        self.parameters.iter().map(|id| self.value(*id).fixed_entries().unwrap_or(0)).sum()
    }

    /// Entries of the flat array of results.
    pub fn result_entries(&self) -> usize {
        self.results.iter().map(|output| self.value(output.value).fixed_entries().unwrap_or(0)).sum()
    }

    /// Where a result of fixed size lies in the flat array of results: its first entry and how many it has.
    pub fn result_range(&self, name: &str) -> Option<std::ops::Range<usize>> {
        let mut start = 0;
        for output in &self.results {
            let entries = self.value(output.value).fixed_entries().unwrap_or(0);
            if &*output.name == name {
                return Some(start..start + entries);
            }
            start += entries;
        }
        None
    }
}

impl Value {
    /// Its entries, where both extents are known.
    pub fn fixed_entries(&self) -> Option<usize> {
        match (self.rows, self.cols) {
            (Extent::Fixed(rows), Extent::Fixed(cols)) => rows.checked_mul(cols),
            _ => None,
        }
    }

    /// Whether rows or columns are walked.
    pub fn is_walked(&self) -> bool {
        self.fixed_entries().is_none() && (self.rows == Extent::Walked || self.cols == Extent::Walked)
    }
}

impl Extent {
    /// The number it is when this many rows are walked.
    pub fn count(self, walked: usize) -> usize {
        match self {
            Extent::Walked => walked,
            Extent::Fixed(count) => count,
        }
    }
}
