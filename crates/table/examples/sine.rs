//! Prints `data/sine.csv`: 200 noisy points of a sine, the same on every machine.

use std::fmt::Write;

use random::{Purpose, Random};

fn main() {
    print!("{}", sine());
}

/// Points with x evenly spaced from -5 to 5 and `y = sin(x) + 0.1 z`, z normal, both to four decimals.
fn sine() -> String {
    const POINTS: u32 = 200;
    let mut random = Random::new(0, Purpose::Example, 0);
    let mut text = String::from("x,y\n");
    for i in 0..POINTS {
        let x = -5.0 + 10.0 * f64::from(i) / f64::from(POINTS - 1);
        let y = libm::sin(x) + 0.1 * random.normal();
        writeln!(text, "{x:.4},{y:.4}").expect("writing to a string does not fail");
    }
    text
}

#[cfg(test)]
mod tests {
    /// The packaged crate is without the shipped tables; there is nothing to compare with then.
    #[test]
    fn the_shipped_table_is_what_this_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sine.csv");
        match std::fs::read_to_string(path) {
            Ok(shipped) => assert_eq!(shipped, super::sine()),
            Err(_) => eprintln!("skipped: {path} is not shipped with this copy"),
        }
    }
}
