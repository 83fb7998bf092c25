//! The names nearest to a mistyped one.

use formula::Name;

/// Three names at most, the one that takes the fewest changes first.
pub(crate) fn nearest(name: &Name, known: &[Name]) -> Vec<Name> {
    let mut names: Vec<(usize, &Name)> = known.iter().map(|other| (changes(name, other), other)).collect();
    names.sort();
    names.into_iter().take(3).map(|(_, name)| name.clone()).collect()
}

/// The least number of letters to insert, delete or replace.
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut next = vec![line + 1];
        for ((wanted, pair), above) in to.iter().zip(row.windows(2)).zip(&row[1..]) {
            let replaced = pair[0] + usize::from(letter != *wanted);
            let left = next.last().copied().unwrap_or(0);
            next.push(replaced.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_nearest() {
        let known = ["X", "W1", "W2", "weights"].map(Name::from);
        assert_eq!(nearest(&Name::from("wieghts"), &known)[0], known[3]);
        assert_eq!(nearest(&Name::from("W3"), &known)[0], known[1]);
        assert!(nearest(&Name::from("W3"), &[]).is_empty());
    }
}
