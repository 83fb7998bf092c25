//! The names nearest to a mistyped one.

use formula::Name;

/// The candidates that differ from `name` in about a third of its letters at most, or that hold it; nearest first, three at
/// most.
pub fn nearest(name: &str, candidates: impl IntoIterator<Item = Name>) -> Vec<Name> {
    // Nobody mistypes a name this long, and the work grows with the square of the length.
    const LONGEST: usize = 100;
    let wanted = letters(name);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<(usize, Name)> = Vec::new();
    for candidate in candidates {
        let other = letters(&candidate);
        let longer = wanted.len().max(other.len());
        if other.len() > LONGEST || near.iter().any(|(_, known)| *known == candidate) {
            continue;
        }
        // One slip in a name of one or two letters makes any other of them.
        let slips = if longer > 2 { (longer / 3).max(1) } else { 0 };
        let distance = distance(&wanted, &other);
        let holds =
            wanted.len().min(other.len()) >= 3 && (candidate.contains(name) || name.contains(&*candidate));
        if distance < longer && distance <= slips || holds {
            near.push((distance, candidate));
        }
    }
    // The sort is stable: equally near names keep their order.
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

fn letters(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The least number of insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
fn distance(a: &[char], b: &[char]) -> usize {
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

    fn check(name: &str, want: &[&str]) {
        let all = ["sigmoid", "relu", "silu", "tanh", "softplus", "log", "leaky_relu"].map(Name::from);
        let found = nearest(name, all);
        assert_eq!(found.iter().map(Name::as_str).collect::<Vec<_>>(), want, "{name}");
    }

    #[test]
    fn a_slip_of_the_finger_is_near_and_a_stranger_is_not() {
        check("sigmiod", &["sigmoid"]);
        check("Relu", &["relu"]);
        check("softpluss", &["softplus"]);
        check("qqqqqq", &[]);
        check("", &[]);
    }
}
