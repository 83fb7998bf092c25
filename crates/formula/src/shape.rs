//! Sizes as polynomials in names, and shapes `rows x columns` of them.

use crate::Name;
use std::collections::BTreeMap;
use std::fmt;

/// Values for named sizes, such as m = 100, n = 3.
pub type Sizes = BTreeMap<Name, usize>;

/// A size: a polynomial in names with whole coefficients, such as `3`, `m`, `n + p` or `m*n`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Size {
    /// Invariant: sorted by their names, no coefficient is 0, the names within a term are sorted.
    terms: Vec<(Vec<Name>, i64)>,
}

impl Size {
    /// A known size.
    pub fn number(value: u32) -> Size {
        Size::collect([(Vec::new(), i64::from(value))].into_iter())
    }

    /// A named size.
    pub fn named(name: Name) -> Size {
        Size { terms: vec![(vec![name], 1)] }
    }

    /// The sum of two sizes.
    pub fn add(&self, other: &Size) -> Size {
        Size::sum([self, other])
    }

    /// The sum of any number of sizes.
    pub fn sum<'a>(sizes: impl IntoIterator<Item = &'a Size>) -> Size {
        let mut sums: BTreeMap<&[Name], i64> = BTreeMap::new();
        for (names, count) in sizes.into_iter().flat_map(|size| &size.terms) {
            let sum = sums.entry(names).or_default();
            *sum = sum.saturating_add(*count);
        }
        let terms = sums.into_iter().filter(|(_, count)| *count != 0);
        Size { terms: terms.map(|(names, count)| (names.to_vec(), count)).collect() }
    }

    /// Its negative, to take one size from another.
    pub fn negate(&self) -> Size {
        Size::collect(self.terms.iter().map(|(names, count)| (names.clone(), count.saturating_neg())))
    }

    /// Whether it is below 0 for certain: no coefficient is above 0 and it is not 0, names being at least 1.
    pub fn is_negative(&self) -> bool {
        !self.terms.is_empty() && self.terms.iter().all(|(_, count)| *count < 0)
    }

    /// The product of two sizes.
    pub fn multiply(&self, other: &Size) -> Size {
        Size::collect(self.terms.iter().flat_map(|(names, count)| {
            other.terms.iter().map(move |(more, times)| {
                let mut all: Vec<Name> = names.iter().chain(more).cloned().collect();
                all.sort();
                (all, count.saturating_mul(*times))
            })
        }))
    }

    /// The number it is, when no name occurs in it.
    pub fn as_number(&self) -> Option<u64> {
        match self.terms.as_slice() {
            [] => Some(0),
            [(names, count)] if names.is_empty() => u64::try_from(*count).ok(),
            _ => None,
        }
    }

    /// The name it is, when it is one name alone.
    pub fn as_name(&self) -> Option<&Name> {
        match self.terms.as_slice() {
            [(names, 1)] if names.len() == 1 => names.first(),
            _ => None,
        }
    }

    /// Whether it is 1.
    pub fn is_one(&self) -> bool {
        self.as_number() == Some(1)
    }

    /// Its terms, each the names multiplied and how often the term counts.
    pub fn terms(&self) -> &[(Vec<Name>, i64)] {
        &self.terms
    }

    /// Its names, each once, sorted.
    pub fn names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.terms.iter().flat_map(|(names, _)| names.iter().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Its value; the first name without a value is the error.
    pub fn evaluate(&self, sizes: &Sizes) -> Result<usize, Name> {
        Ok(usize::try_from(self.total(sizes)?.max(0)).unwrap_or(usize::MAX))
    }

    /// Whether it is below 0 with these sizes, so that nothing has this size.
    ///
    /// # Errors
    /// The first name that is not in the map.
    pub fn is_below_zero(&self, sizes: &Sizes) -> Result<bool, Name> {
        Ok(self.total(sizes)? < 0)
    }

    /// Whether it is below 0 with some sizes.
    pub fn may_be_negative(&self) -> bool {
        self.terms.iter().any(|(_, count)| *count < 0)
    }

    fn total(&self, sizes: &Sizes) -> Result<i64, Name> {
        let mut total = 0_i64;
        for (names, count) in &self.terms {
            let mut product = *count;
            for name in names {
                let value = sizes.get(name).ok_or_else(|| name.clone())?;
                product = product.saturating_mul(i64::try_from(*value).unwrap_or(i64::MAX));
            }
            total = total.saturating_add(product);
        }
        Ok(total)
    }

    /// The size with names replaced by sizes; names not in the map stay.
    pub fn substitute(&self, map: &BTreeMap<Name, Size>) -> Size {
        let mut sum = Size { terms: Vec::new() };
        for (names, count) in &self.terms {
            let mut product = Size { terms: vec![(Vec::new(), *count)] };
            for name in names {
                product = match map.get(name) {
                    Some(size) => product.multiply(size),
                    None => product.multiply(&Size::named(name.clone())),
                };
            }
            sum = sum.add(&product);
        }
        sum
    }

    fn collect(terms: impl Iterator<Item = (Vec<Name>, i64)>) -> Size {
        let mut sums: BTreeMap<Vec<Name>, i64> = BTreeMap::new();
        for (names, count) in terms {
            let sum = sums.entry(names).or_default();
            *sum = sum.saturating_add(count);
        }
        Size { terms: sums.into_iter().filter(|(_, count)| *count != 0).collect() }
    }
}

/// `m`, `2*m*n`, `n + p + 1`, `m - k + 1`: names first, those that are added before those taken away, the number last.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return f.write_str("0");
        }
        let named = |negative: bool| {
            self.terms.iter().filter(move |(names, count)| !names.is_empty() && (*count < 0) == negative)
        };
        let number = self.terms.iter().filter(|(names, _)| names.is_empty());
        for (index, (names, count)) in named(false).chain(named(true)).chain(number).enumerate() {
            let joined: Vec<&str> = names.iter().map(Name::as_str).collect();
            let sign = match (index, *count < 0) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            f.write_str(sign)?;
            match (count.unsigned_abs(), joined.is_empty()) {
                (count, true) => write!(f, "{count}")?,
                (1, false) => f.write_str(&joined.join("*"))?,
                (count, false) => write!(f, "{count}*{}", joined.join("*"))?,
            }
        }
        Ok(())
    }
}

/// The shape of a value: everything is a matrix, a vector is a column, a scalar is `1 x 1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// The number of rows.
    pub rows: Size,
    /// The number of columns.
    pub cols: Size,
}

impl Shape {
    /// `rows x cols`.
    pub fn new(rows: Size, cols: Size) -> Shape {
        Shape { rows, cols }
    }

    /// `1 x 1`.
    pub fn scalar() -> Shape {
        Shape::new(Size::number(1), Size::number(1))
    }

    /// `rows x 1`.
    pub fn column(rows: Size) -> Shape {
        Shape::new(rows, Size::number(1))
    }

    /// `cols x rows`.
    pub fn transpose(&self) -> Shape {
        Shape::new(self.cols.clone(), self.rows.clone())
    }

    /// Whether it is `1 x 1`.
    pub fn is_scalar(&self) -> bool {
        self.rows.is_one() && self.cols.is_one()
    }

    /// Whether it is a column, `rows x 1`.
    pub fn is_column(&self) -> bool {
        self.cols.is_one()
    }

    /// Whether rows and columns are the same size.
    pub fn is_square(&self) -> bool {
        self.rows == self.cols
    }

    /// The shape with names of sizes replaced by sizes.
    pub fn substitute(&self, map: &BTreeMap<Name, Size>) -> Shape {
        Shape::new(self.rows.substitute(map), self.cols.substitute(map))
    }
}

/// `m x n`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.rows, self.cols)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Size {
        Size::named(Name::from(name))
    }

    #[test]
    fn sizes_are_polynomials() {
        let sum = named("n").add(&named("p")).add(&Size::number(1));
        assert_eq!(sum.to_string(), "n + p + 1");
        let difference = named("m").add(&named("k").negate()).add(&Size::number(1));
        assert_eq!(difference.to_string(), "m - k + 1");
        assert_eq!(named("m").multiply(&named("n")), named("n").multiply(&named("m")));
        assert_eq!(named("m").add(&named("m")).to_string(), "2*m");
        assert_eq!(Size::number(2).multiply(&Size::number(3)).as_number(), Some(6));
    }

    #[test]
    fn sizes_evaluate_and_substitute() {
        let size = named("m").multiply(&named("n")).add(&Size::number(1));
        let sizes = Sizes::from([(Name::from("m"), 3), (Name::from("n"), 4)]);
        assert_eq!(size.evaluate(&sizes), Ok(13));
        assert_eq!(named("q").evaluate(&sizes), Err(Name::from("q")));
        let map = BTreeMap::from([(Name::from("m"), named("p").add(&Size::number(1)))]);
        assert_eq!(size.substitute(&map).to_string(), "n + n*p + 1");
    }
}
