//! Data whose last columns are one-hot: bound is where the ones stand, and a product with them takes rows of the other factor.

use crate::{Extent, Instruction, Plan, ValueId};

/// A matrix of data of which a row is bound as its first numbers and a code for each category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// The place in [`Plan::data`].
    pub data: usize,
    /// Its first columns, which are bound as they are.
    pub numbers: usize,
    /// How many columns each category has, one category after another. A row has a 1 in one of them, whose place among them,
    /// counted from 0, is its code; any other number is the code of a row that has only zeros there.
    pub categories: Vec<usize>,
}

impl Coded {
    /// Entries that are bound for a row.
    pub fn entries(&self) -> usize {
        self.numbers + self.categories.len()
    }

    /// Columns of the matrix.
    pub fn cols(&self) -> usize {
        self.numbers + self.categories.iter().sum::<usize>()
    }

    /// The columns in which a row with these codes has a 1, in their order.
    pub fn ones(&self, codes: impl Iterator<Item = f64>) -> impl Iterator<Item = usize> {
        let mut first = self.numbers;
        self.categories.iter().zip(codes).filter_map(move |(width, code)| {
            let start = first;
            first += width;
            // No code is negative; beyond the last column, and for what is no number, there is none.
            (code >= 0.0 && code < *width as f64).then(|| start + code as usize)
        })
    }
}

impl Plan {
    /// Lets the last columns of a matrix of data be bound as codes of categories with so many columns each. It can be where the
    /// matrix has the walked rows and is only the left factor of products, as it is or transposed: else nothing is changed, and
    /// the answer is no.
    pub fn code(&mut self, data: usize, categories: &[usize]) -> bool {
        let Some(id) = self.data.get(data).copied() else { return false };
        let Extent::Fixed(cols) = self.value(id).cols else { return false };
        let Some(numbers) = cols.checked_sub(categories.iter().sum()) else { return false };
        let can = self.coded(id).is_none() && self.is_only_left_factor(id);
        if can {
            self.coded.push(Coded { data, numbers, categories: categories.to_vec() });
        }
        can
    }

    /// How the rows of a matrix of data are bound, where they are bound as codes.
    pub fn coded(&self, id: ValueId) -> Option<&Coded> {
        self.coded.iter().find(|coded| self.data.get(coded.data) == Some(&id))
    }

    /// Columns of a value as it is bound.
    pub fn bound_cols(&self, id: ValueId) -> Extent {
        self.coded(id).map_or(self.value(id).cols, |coded| Extent::Fixed(coded.entries()))
    }

    /// Whether a value with walked rows is read by products alone, on the left.
    pub fn is_only_left_factor(&self, id: ValueId) -> bool {
        let is_result = self.results.iter().chain(&self.row_results).any(|output| output.value == id)
            || self.updated.iter().any(|update| update.new == id);
        let reads_otherwise = |instruction: &Instruction| match instruction {
            Instruction::Product(product) => product.right.value == id,
            other => other.reads().contains(&id),
        };
        self.value(id).rows == Extent::Walked && !is_result && !self.instructions.iter().any(reads_otherwise)
    }
}
