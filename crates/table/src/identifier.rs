//! Whether numbers only count the rows, or name them.

/// Why numbers are an identifier: all distinct whole numbers that count up by one from row to row and begin at 0 or 1, or that
/// stand under a name that says so.
pub(crate) fn counts_up(name: &str, values: &[f64]) -> Option<String> {
    /// Fewer numbers count up by chance.
    const FEWEST: usize = 3;
    let &first = values.first()?;
    if values.len() < FEWEST || !values.iter().all(|value| value.fract() == 0.0) {
        return None;
    }
    let is_named = is_named_so(name);
    let counts = values.windows(2).all(|pair| pair[1] - pair[0] == 1.0);
    // The place on an axis is what a series is predicted from, however it is counted.
    if !is_named && is_axis(name) {
        return None;
    }
    if counts && (is_named || first == 0.0 || first == 1.0) {
        return Some(format!("counts the rows from {first}"));
    }
    if !is_named {
        return None;
    }
    let rises = values.windows(2).all(|pair| pair[1] > pair[0]);
    let are_distinct = || {
        let mut sorted: Vec<f64> = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.windows(2).all(|pair| pair[0] < pair[1])
    };
    (rises || are_distinct())
        .then(|| "another whole number in each row, under a name for identifiers".to_owned())
}

/// Whether a column's name says that its numbers are the places on an axis, such as moments.
fn is_axis(name: &str) -> bool {
    const AXES: [&str; 12] =
        ["x", "t", "time", "year", "month", "week", "day", "hour", "minute", "second", "step", "epoch"];
    AXES.contains(&name.trim().to_lowercase().as_str())
}

/// Names of columns that name rows.
const NAMES: [&str; 16] = [
    "id",
    "ids",
    "index",
    "idx",
    "key",
    "uuid",
    "guid",
    "instant",
    "rownames",
    "rowname",
    "row",
    "row id",
    "record",
    "serial",
    "serial no",
    "unnamed: 0",
];

/// Whether a column's name says that it names rows: one of the names, or one that ends in `id` as a word of its own, as
/// `user_id`, `userId` and `userID` do.
pub(crate) fn is_named_so(name: &str) -> bool {
    let plain = name.to_lowercase().replace(['_', '-', '.'], " ");
    let before = name.strip_suffix("Id").or_else(|| name.strip_suffix("ID"));
    let is_hump = before.is_some_and(|before| before.ends_with(|letter: char| letter.is_lowercase()));
    NAMES.contains(&plain.trim()) || plain.ends_with(" id") || is_hump
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_the_rows_is_an_identifier() {
        let values =
            |from: i32, step: i32| (0..9).map(|row| f64::from(from + step * row)).collect::<Vec<f64>>();
        assert!(counts_up("n", &values(1, 1)).is_some());
        assert!(counts_up("n", &values(0, 1)).is_some());
        for axis in ["x", "T", "time", "Year", "month"] {
            assert!(counts_up(axis, &values(0, 1)).is_none() && counts_up(axis, &values(1, 1)).is_none());
        }
        assert!(counts_up("year", &values(1990, 1)).is_none());
        assert!(counts_up("x", &values(0, 2)).is_none());
        assert!(counts_up("PassengerId", &values(900, -3)).is_some());
        assert!(counts_up("customer_id", &values(7, 0)).is_none());
        assert!(counts_up("id", &[1.5, 2.5, 3.5]).is_none());
        assert!(counts_up("id", &[1.0, f64::NAN, 3.0]).is_none());
        assert!(!is_named_so("humid") && !is_named_so("grid") && is_named_so("user.id"));
        assert!(
            !is_named_so("ACID") && !is_named_so("Id card") && is_named_so("userID") && is_named_so("ID")
        );
    }
}
