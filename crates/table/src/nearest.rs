//! The names nearest to a mistyped one, by edit distance.

/// The candidates nearest to `name`, nearest first and otherwise in the order given; at most three.
///
/// Near means that about a third of the letters differ at most (a swap of neighbours counts once, upper and lower
/// case are equal), or that one name holds the other.
///
/// ```
/// # use chainrule_table as table;
/// assert_eq!(table::nearest("prize", ["size", "price", "rooms"]), ["price", "size"]);
/// ```
pub fn nearest<S: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = S>) -> Vec<String> {
    const MOST: usize = 3;
    let wanted = letters(name);
    let mut near: Vec<(usize, String)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let candidate = candidate.as_ref();
            Some((distance_if_near(&wanted, &letters(candidate))?, candidate.to_owned()))
        })
        .collect();
    // The sort is stable, so equally near names keep the order of the table.
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(MOST).map(|(_, candidate)| candidate).collect()
}

fn letters(name: &str) -> Vec<char> {
    name.trim().chars().flat_map(char::to_lowercase).collect()
}

fn distance_if_near(wanted: &[char], candidate: &[char]) -> Option<usize> {
    // The table of distances grows with the square of the length, and nobody mistypes a name this long.
    const LONGEST: usize = 200;
    let longer = wanted.len().max(candidate.len());
    let shorter = wanted.len().min(candidate.len());
    if shorter == 0 || longer > LONGEST {
        return None;
    }
    let distance = edit_distance(wanted, candidate);
    let allowed = ((longer + 1) / 3).max(1);
    let inside = shorter >= 3 && (holds(wanted, candidate) || holds(candidate, wanted));
    (distance <= allowed && distance < longer || inside).then_some(distance)
}

fn holds(long: &[char], part: &[char]) -> bool {
    long.windows(part.len()).any(|window| window == part)
}

/// The least number of insertions, deletions, replacements and swaps of neighbours from `a` to `b` (optimal string
/// alignment).
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = above;
        above = row;
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, want: usize) {
        assert_eq!(edit_distance(&letters(a), &letters(b)), want, "from {a} to {b}");
    }

    #[test]
    fn distance_counts_single_edits_and_swaps() {
        check("", "abc", 3);
        check("abc", "", 3);
        check("kitten", "sitting", 3);
        check("price", "pirce", 1);
        check("Price", "price", 0);
    }

    #[test]
    fn nearest_come_first_and_ties_keep_their_order() {
        assert_eq!(nearest("lat", ["lot", "lag", "latitude", "size"]), ["lot", "lag", "latitude"]);
        assert_eq!(nearest("MedHouseValue", ["MedInc", "HouseAge", "MedHouseVal"]), ["MedHouseVal"]);
    }

    #[test]
    fn nothing_near_gives_nothing() {
        assert!(nearest("zzz", ["price", "rooms"]).is_empty());
        assert!(nearest("", ["a"]).is_empty());
        assert!(nearest("x", ["y"]).is_empty());
        assert!(nearest(&"x".repeat(100_000), ["x".repeat(100_000)]).is_empty());
    }
}
