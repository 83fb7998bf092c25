//! What a person says of the columns: their kinds, which are left out, and how numbers are scaled.

use std::collections::{HashMap, HashSet};

use crate::column::Column;
use crate::error::Error;
use crate::kind::Wanted;
use crate::place::Role;
use crate::scale::NumberScaling;
use crate::table::Table;

/// What is said of the columns of a table; nothing need be.
///
/// A name is that of a column, or, where no column has it and it holds a `*`, a pattern in which each `*` stands for any
/// letters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    /// Kinds by name or pattern. A column's own name says more than a pattern, and a later entry more than an earlier.
    pub kinds: Vec<(String, Wanted)>,
    /// Columns that are left out, by name or pattern.
    pub ignored: Vec<String>,
    /// Columns that are no inputs, by name: targets, weights, groups and the like.
    pub others: Vec<String>,
    /// How numbers are scaled.
    pub scaling: NumberScaling,
}

/// The inputs of a table by their places, each with what is said of its kind.
pub(crate) struct Inputs<'a> {
    pub(crate) places: Vec<usize>,
    pub(crate) wanted: Vec<Option<&'a Wanted>>,
}

impl Choices {
    /// The columns of a table that a name or pattern means, in the table's order: the column of that name, else those that the
    /// pattern fits.
    ///
    /// # Errors
    /// For what means no column.
    pub fn columns_of(table: &Table, pattern: &str, role: Role) -> Result<Vec<String>, Error> {
        let named = table.columns().iter().filter(|column| column.name() == pattern);
        let fitting = |column: &&Column| pattern.contains('*') && fits(pattern, column.name());
        let mut found: Vec<String> = named.map(|column| column.name().to_owned()).collect();
        if found.is_empty() {
            found = table.columns().iter().filter(fitting).map(|column| column.name().to_owned()).collect();
        }
        if found.is_empty() { Err(table.no_column(pattern, role)) } else { Ok(found) }
    }

    /// The inputs of a table.
    ///
    /// # Errors
    /// For a name or pattern that means no column, and where no input is left.
    pub(crate) fn inputs<'a>(&'a self, table: &Table) -> Result<Inputs<'a>, Error> {
        // A table may have a hundred thousand columns, each told by its name, so names are looked up. No map is walked through.
        let own: HashSet<&str> = table.columns().iter().map(Column::name).collect();
        let columns_of = |pattern: &str, role: Role| match own.get(pattern) {
            Some(&name) => Ok(vec![name.to_owned()]),
            None => Choices::columns_of(table, pattern, role),
        };
        let mut left: HashSet<String> = HashSet::new();
        for pattern in &self.ignored {
            left.extend(columns_of(pattern, Role::Ignored)?);
        }
        for name in &self.others {
            left.insert(
                own.get(name.as_str())
                    .map(|&name| name.to_owned())
                    .ok_or_else(|| table.no_column(name, Role::Input))?,
            );
        }
        let mut wanted: HashMap<String, (bool, &Wanted)> = HashMap::new();
        for (pattern, kind) in &self.kinds {
            for name in columns_of(pattern, Role::Kind)? {
                let is_own = name == *pattern;
                if is_own || wanted.get(&name).is_none_or(|(own, _)| !own) {
                    wanted.insert(name, (is_own, kind));
                }
            }
        }
        let places: Vec<usize> = (0..table.columns().len())
            .filter(|&place| !left.contains(table.columns()[place].name()))
            .collect();
        if places.is_empty() {
            return Err(Error::NoInputs { file: table.file.clone(), columns: table.columns().len() });
        }
        let kind_of = |&place: &usize| wanted.get(table.columns()[place].name()).map(|&(_, kind)| kind);
        let wanted = places.iter().map(kind_of).collect();
        Ok(Inputs { places, wanted })
    }
}

/// Whether a pattern, in which each `*` stands for any letters, fits a name; in at most |pattern| * |name| steps.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::ColumnKind;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, want) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("*_name", "first_name", true),
            ("*_name", "name", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*é*", "café au lait", true),
        ] {
            assert_eq!(fits(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn a_name_says_more_than_a_pattern() {
        let table = Table::parse("t", b"a*,ab,ac,y\n1,2,3,4\n5,6,7,9\n").unwrap();
        let choices = Choices {
            kinds: vec![
                ("ab".to_owned(), Wanted::from(ColumnKind::Category)),
                ("*b".to_owned(), Wanted::from(ColumnKind::Text)),
                ("ac".to_owned(), Wanted::from(ColumnKind::Text)),
                ("ac".to_owned(), Wanted::from(ColumnKind::Number)),
            ],
            ignored: vec!["a*".to_owned()],
            others: vec!["y".to_owned()],
            ..Choices::default()
        };
        let inputs = choices.inputs(&table).unwrap();
        assert_eq!(inputs.places, [1, 2]);
        let kinds: Vec<_> = inputs.wanted.iter().map(|wanted| wanted.unwrap().kind).collect();
        assert_eq!(kinds, [ColumnKind::Category, ColumnKind::Number]);
        let lost = Choices { ignored: vec!["z*".to_owned()], ..Choices::default() };
        assert!(matches!(lost.inputs(&table), Err(Error::NoColumn { .. })));
        let all = Choices { ignored: vec!["*".to_owned()], ..Choices::default() };
        assert!(matches!(all.inputs(&table), Err(Error::NoInputs { .. })));
    }
}
