//! The names of columns as a header has them, made whole: each column has one, and no two have the same.

use std::collections::{HashMap, HashSet};

use crate::words::short;

/// The names of the columns of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Names {
    /// A name for each column.
    pub(crate) names: Vec<String>,
    /// The places of the columns that have none in the file, in rising order.
    pub(crate) unnamed: Vec<usize>,
    /// The places of the columns whose name in the file an earlier column has.
    pub(crate) repeated: Vec<usize>,
}

impl Names {
    /// Makes the names of a header whole: a first column without a name is called `index`, any other `column_3` by its place
    /// counted from 1, and the second column named `a` is called `a_2`.
    pub(crate) fn new(header: impl IntoIterator<Item = String>) -> Names {
        let names: Vec<String> = header.into_iter().map(|name| name.trim().to_owned()).collect();
        let mut whole = Names { names, ..Names::default() };
        let mut taken: HashSet<String> = HashSet::new();
        let mut last: HashMap<String, usize> = HashMap::new();
        let given: HashSet<String> = whole.names.iter().cloned().collect();
        for (place, name) in whole.names.iter_mut().enumerate() {
            let wanted = match (name.is_empty(), place) {
                (false, _) => name.clone(),
                (true, 0) => "index".to_owned(),
                (true, _) => format!("column_{}", place + 1),
            };
            let is_new = if name.is_empty() { !given.contains(&wanted) } else { !taken.contains(&wanted) };
            if name.is_empty() {
                whole.unnamed.push(place);
            } else if !is_new {
                whole.repeated.push(place);
            }
            *name = if is_new {
                wanted
            } else {
                let number = last.entry(wanted.clone()).or_insert(1);
                loop {
                    *number += 1;
                    let other = format!("{wanted}_{number}");
                    if !given.contains(&other) && !taken.contains(&other) {
                        break other;
                    }
                }
            };
            taken.insert(name.clone());
        }
        whole
    }

    /// What a person should know of the names; columns without a name and without a cell were left out.
    pub(crate) fn notes(&self, left_out: &[usize]) -> Vec<String> {
        let mut notes = Vec::new();
        match left_out.len() {
            0 => {}
            1 => notes.push("a column without a name or a cell left out".to_owned()),
            count => notes.push(format!("{count} columns without a name or a cell left out")),
        }
        for &place in self.unnamed.iter().filter(|place| left_out.binary_search(place).is_err()) {
            let name = &self.names[place];
            notes.push(match place {
                0 => format!("the first column, which has no name, called `{name}` (leave it out with `--ignore {name}`)"),
                _ => format!("column {}, which has no name, called `{name}`", place + 1),
            });
        }
        for &place in &self.repeated {
            notes.push(format!(
                "column {}, whose name is not its alone, called `{}`",
                place + 1,
                short(&self.names[place])
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &[&str]) -> Vec<String> {
        Names::new(header.iter().map(|&name| name.to_owned())).names
    }

    #[test]
    fn every_column_has_a_name_of_its_own() {
        assert_eq!(names(&["a", " b "]), ["a", "b"]);
        assert_eq!(names(&["", "a", ""]), ["index", "a", "column_3"]);
        assert_eq!(names(&["", "index"]), ["index_2", "index"]);
        assert_eq!(names(&["a", "a", "a_2", "a"]), ["a", "a_3", "a_2", "a_4"]);
        assert_eq!(names(&["a", "", "column_2", ""]), ["a", "column_2_2", "column_2", "column_4"]);
        let many = Names::new((0..20_000).map(|_| "a".to_owned()));
        assert_eq!(many.names.last().map(String::as_str), Some("a_20000"));
    }

    #[test]
    fn names_that_were_made_are_said() {
        let names = Names::new(["", "a", "a", ""].map(str::to_owned));
        assert_eq!(
            names.notes(&[3]),
            [
                "a column without a name or a cell left out",
                "the first column, which has no name, called `index` (leave it out with `--ignore index`)",
                "column 3, whose name is not its alone, called `a_2`",
            ]
        );
    }
}
