//! What each instruction of a plan costs: multiply-adds, lane operations, and entries that are read and written.

use crate::{Extent, Instruction, Operand, Operation, Phase, Plan, ValueId};

/// What an instruction costs in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What it computes: `A1*W2`, or the values that a lane program keeps.
    pub what: String,
    /// When it runs.
    pub phase: Phase,
    /// Multiplications with addition in a matrix product.
    pub multiply_adds: u64,
    /// Operations of a lane program, a function such as tanh counted as one, over all entries.
    pub operations: u64,
    /// Entries that it reads, in every tile anew.
    pub reads: u64,
    /// Entries that it writes, in every tile anew.
    pub writes: u64,
}

impl Plan {
    /// The costs of the instructions, in their order, when this many rows are walked.
    ///
    /// Entries pass between caches and registers; how many of them come from memory is up to the machine.
    pub fn costs(&self, rows: usize) -> Vec<Cost> {
        let height = self.tiling.as_ref().and_then(|tiling| tiling.height).unwrap_or(rows);
        let tiles = rows.div_ceil(height.max(1)).max(1) as u64;
        let cost = |(index, instruction): (usize, &Instruction)| {
            let phases = self.tiling.as_ref().map(|tiling| &tiling.phases);
            let phase = phases.and_then(|phases| phases.get(index).copied()).unwrap_or(Phase::Rows(0));
            let times = if phase.walks() { tiles } else { 1 };
            let passed = |values: Vec<ValueId>| -> u64 {
                values.into_iter().map(|value| self.entries(value, rows, times)).fold(0, u64::saturating_add)
            };
            let (multiply_adds, operations) = self.arithmetic(instruction, rows);
            Cost {
                what: self.what(instruction),
                phase,
                multiply_adds,
                operations,
                reads: passed(instruction.reads()),
                writes: passed(instruction.writes()),
            }
        };
        self.instructions.iter().enumerate().map(cost).collect()
    }

    /// Entries of a value that pass when rows are walked tile by tile: those of walked rows once, others in each tile.
    fn entries(&self, value: ValueId, rows: usize, tiles: u64) -> u64 {
        let value = self.value(value);
        let entries = (value.rows.count(rows) as u64).saturating_mul(value.cols.count(rows) as u64);
        entries.saturating_mul(if value.is_walked() { 1 } else { tiles })
    }

    /// Multiply-adds and lane operations.
    fn arithmetic(&self, instruction: &Instruction, rows: usize) -> (u64, u64) {
        let count = |extents: &[Extent]| {
            extents.iter().fold(1_u64, |count, extent| count.saturating_mul(extent.count(rows) as u64))
        };
        match instruction {
            Instruction::Product(product) => {
                let (left, to) = (self.value(product.left.value), self.value(product.to));
                let inner = if product.left.transposed { left.rows } else { left.cols };
                (count(&[to.rows, inner, to.cols]), 0)
            }
            Instruction::Lanes(lanes) => {
                let computed = |operation: &&Operation| !matches!(operation, Operation::Number(_));
                let operations = lanes.operations.iter().filter(computed).count() as u64;
                (0, count(&[lanes.rows, lanes.cols]).saturating_mul(operations))
            }
            Instruction::Transpose(_) | Instruction::Fill(_) => (0, 0),
        }
    }

    fn what(&self, instruction: &Instruction) -> String {
        let operand = |operand: Operand| {
            format!("{}{}", self.label(operand.value), if operand.transposed { "'" } else { "" })
        };
        let written: Vec<String> = instruction.writes().into_iter().map(|value| self.label(value)).collect();
        let written = written.join(", ");
        match instruction {
            Instruction::Product(product) => {
                format!("{written} = {}*{}", operand(product.left), operand(product.right))
            }
            Instruction::Transpose(transpose) => format!("{written} = {}'", self.label(transpose.from)),
            Instruction::Lanes(_) | Instruction::Fill(_) => written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Access, LaneInput, LaneOutput, Lanes, Output, Product, Reduction, Register, Source, Sums, Tiling,
        Value,
    };

    /// `f = sum(X*w .* X*w)`, in tiles of 10 rows: X has 3 columns.
    fn plan() -> Plan {
        let value = |rows, cols, source| Value { name: None, rows, cols: Extent::Fixed(cols), source };
        let operand = |value| Operand { value: ValueId(value), transposed: false };
        let square = Lanes {
            rows: Extent::Walked,
            cols: Extent::Fixed(1),
            inputs: vec![LaneInput { value: ValueId(2), access: Access::Entry }],
            operations: vec![Operation::Multiply(Register(0), Register(0)), Operation::Number(1.0)],
            outputs: vec![LaneOutput { register: Register(1), to: ValueId(3), reduction: Reduction::SumAll }],
        };
        Plan {
            values: vec![
                value(Extent::Walked, 3, Source::Data(0)),
                value(Extent::Fixed(3), 1, Source::Parameter(0)),
                value(Extent::Walked, 1, Source::Computed),
                value(Extent::Fixed(1), 1, Source::Computed),
            ],
            instructions: vec![
                Instruction::Product(Product { left: operand(0), right: operand(1), to: ValueId(2) }),
                Instruction::Lanes(square),
            ],
            data: vec![ValueId(0)],
            parameters: vec![ValueId(1)],
            results: vec![Output { name: "f".into(), value: ValueId(3) }],
            tiling: Some(Tiling { height: Some(10), sums: Sums::Leaves, phases: vec![Phase::Rows(0); 2] }),
            ..Plan::default()
        }
    }

    #[test]
    fn walked_rows_pass_once_and_parameters_in_each_tile() {
        let [product, lanes] = plan().costs(25).try_into().unwrap();
        assert_eq!(product.what, "%2 = %0*%1");
        assert_eq!((product.multiply_adds, product.operations), (75, 0));
        assert_eq!((product.reads, product.writes), (75 + 3 * 3, 25));
        assert_eq!((lanes.multiply_adds, lanes.operations), (0, 25));
        assert_eq!((lanes.reads, lanes.writes), (25, 3));
    }

    #[test]
    fn the_products_add_up_to_those_of_the_plan() {
        let plan = plan();
        let (per_row, once) = plan.multiply_adds();
        let sum: u64 = plan.costs(7).iter().map(|cost| cost.multiply_adds).sum();
        assert_eq!(sum, (per_row * 7 + once) as u64);
    }
}
