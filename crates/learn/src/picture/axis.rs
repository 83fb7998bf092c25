//! The values along one side of a picture, and the round numbers among them.

/// The values along one side of a picture.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    is_logarithmic: bool,
}

impl Axis {
    /// From `low` to `high` as they are; a little wider where they are no interval.
    pub(super) fn exact(low: f64, high: f64) -> Axis {
        let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
        let room = if high > low { 0.0 } else { low.abs().max(1.0) / 2.0 };
        Axis { low: low - room, high: high + room, is_logarithmic: false }
    }

    /// All finite values, with a little room around them.
    pub(super) fn covering(values: impl Iterator<Item = f64>) -> Axis {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let room = (high - low) / 20.0;
        Axis::exact(low - room, high + room)
    }

    pub(super) fn of_losses(losses: impl Iterator<Item = f64> + Clone) -> Axis {
        let finite = losses.clone().filter(|loss| loss.is_finite());
        let (low, high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| (low.min(loss), high.max(loss)));
        if low > 0.0 && high > 10.0 * low {
            Axis { low: low / 1.2, high: high * 1.2, is_logarithmic: true }
        } else {
            Axis::covering(losses)
        }
    }

    /// How far along the axis a value stands, from 0 to 1; values outside stand at the nearest end.
    pub(super) fn share(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            let low = libm::log10(self.low);
            (libm::log10(value) - low) / (libm::log10(self.high) - low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    /// Round numbers along the axis.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let inside = |tick: &f64| (self.low..=self.high).contains(tick);
        if !self.is_logarithmic {
            let step = round_step((self.high - self.low) / 6.0);
            let first = (self.low / step - 1e-6).ceil();
            // A tick at the very end may come out above it by rounding.
            let end = self.high + step * 1e-6;
            return (0..20)
                .map(|index| (first + f64::from(index)) * step)
                .take_while(|tick| *tick <= end)
                .collect();
        }
        let (first, last) = (exponent(self.low), exponent(self.high));
        // Between few powers of ten their doubles and fives help; between many every other power is enough.
        let factors: &[f64] = if last - first <= 3 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let stride = usize::try_from((last - first) / 8 + 1).unwrap_or(1);
        let powers = (first..=last).step_by(stride);
        powers
            .flat_map(|power| factors.iter().map(move |factor| factor * ten_to(power)))
            .filter(inside)
            .collect()
    }

    /// The bounds of about twelve bands of equal height at round numbers.
    pub(super) fn bands(&self) -> Vec<f64> {
        let step = round_step((self.high - self.low) / 12.0);
        let first = (self.low / step).floor();
        let count = ((self.high / step).ceil() - first).clamp(1.0, 40.0) as u32;
        (0..=count).map(|index| (first + f64::from(index)) * step).collect()
    }
}

/// The least of 1, 2, 5 times a power of ten that is no less.
fn round_step(step: f64) -> f64 {
    let power = ten_to(exponent(step));
    let rounded =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|rounded| *rounded >= step);
    rounded.unwrap_or(1.0)
}

/// The power of ten at or below a number above 0.
fn exponent(value: f64) -> i32 {
    libm::log10(value).floor() as i32
}

fn ten_to(power: i32) -> f64 {
    // Reading a decimal number is exact; a product of tens is not.
    format!("1e{power}").parse().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(Axis::exact(0.0, 10.0).ticks(), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(Axis::exact(-0.3, 0.3).ticks().len(), 7);
        let axis = Axis { low: 0.05, high: 3.0, is_logarithmic: true };
        assert_eq!(axis.ticks(), [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]);
    }
}
