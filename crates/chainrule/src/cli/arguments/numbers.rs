//! Numbers on the command line, each within the limits that its reader states.

use engine::MOST_THREADS;
use std::num::NonZero;

/// A whole number from 1 to `most`, read without overflow whatever its length.
pub fn whole<T: TryFrom<u64>>(most: u64) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| format!("expected a whole number from 1 to {most}"))
    }
}

/// The seed of random numbers.
pub fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// How often is derived.
pub fn order(text: &str) -> Result<u8, String> {
    let order = text.parse().ok().filter(|order| (1..=2).contains(order));
    order.ok_or_else(|| {
        String::from("expected 1 or 2; a third derivative is the second one of a first, given as the formula")
    })
}

/// A number of threads.
pub fn threads(text: &str) -> Result<usize, String> {
    whole(MOST_THREADS as u64)(text)
}

/// A number of epochs that is waited for a better one.
pub fn patience(text: &str) -> Result<NonZero<usize>, String> {
    whole::<usize>(10_000_000)(text)
        .and_then(|epochs| NonZero::new(epochs).ok_or_else(|| String::from("expected a number from 1 on")))
}

/// A number from 0 to 1.
pub fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err(String::from("expected a number from 0 to 1, such as 0.5")),
    }
}

/// A finite number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err(String::from("expected a number above 0, such as 0.003")),
    }
}

/// Rows of a batch; none for all rows at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize(pub Option<usize>);

impl std::str::FromStr for BatchSize {
    type Err = String;

    fn from_str(text: &str) -> Result<BatchSize, String> {
        match text.parse() {
            _ if text == "full" => Ok(BatchSize(None)),
            Ok(rows) if rows > 0 => Ok(BatchSize(Some(rows))),
            _ => Err(String::from("expected a number of rows from 1 on, or full for all rows at once")),
        }
    }
}

impl std::fmt::Display for BatchSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(rows) => rows.fmt(f),
            None => f.write_str("full"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_say_their_limit() {
        let small = whole::<u32>(512);
        assert_eq!((small("1"), small("512")), (Ok(1), Ok(512)));
        for wrong in ["0", "513", "-1", "1.5", "", "1e3", "4294967297", "18446744073709551616", "many"] {
            assert_eq!(small(wrong), Err(String::from("expected a whole number from 1 to 512")), "{wrong}");
        }
        // A limit beyond the type does not wrap around.
        assert!(whole::<u8>(1000)("257").is_err());
    }
}
