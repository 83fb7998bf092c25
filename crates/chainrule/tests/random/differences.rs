//! A derivative judged by fourth-order central differences, with a smaller step as a second opinion.

use formula::Matrix;

/// What difference quotients say of a derivative.
#[derive(Clone, Debug, PartialEq)]
pub enum Opinion {
    /// It is right, with this error.
    Right(f64),
    /// Both are 0 within the rounding of the quotients.
    Vanishing,
    /// It is wrong, with this error, at every step at which the quotients are sure.
    Wrong(f64),
    /// The quotients of different steps disagree: a kink is near, or the value is too ill-conditioned to tell.
    Unsure,
    /// Some value near the point is not finite.
    NotFinite,
}

/// The largest error that passes: that of an entry by its size, and by a thousandth of the largest where it is smaller.
pub const TOLERANCE: f64 = 1e-6;
/// The steps tried, the later ones only where the earlier leave doubt. Quotients of a step and of twice the step are compared.
const STEPS: [f64; 3] = [1e-3, 2e-4, 4e-5];
/// How near quotients of two steps must be to be sure.
const SURE: f64 = 4e-7;

/// The sizes of values that lose digits by rounding.
#[derive(Clone, Copy, Debug)]
pub struct Rounding {
    /// Of what the number is added up from, whose differences are taken.
    pub quotient: f64,
    /// Of what the derivative is added up from.
    pub derivative: f64,
}

/// max |a - b| / max(1e-3*max|b|, |a|, |b|)
pub fn apart(derived: &[f64], judge: &[f64]) -> f64 {
    let floor = judge.iter().fold(0.0_f64, |most, entry| most.max(entry.abs())) * 1e-3;
    derived.iter().zip(judge).fold(0.0, |worst: f64, (a, b)| {
        let size = floor.max(a.abs()).max(b.abs());
        if size == 0.0 { worst } else { worst.max((a - b).abs() / size) }
    })
}

/// Judges the derivative of a number by a matrix. `rounding` is the size of the values that are added up to that number and to
/// the derivative: what is left of each by rounding is told from a derivative, and no difference below it is trusted. A
/// symmetric matrix is moved within the symmetric ones.
pub fn judge(
    derived: &Matrix,
    at: &Matrix,
    is_symmetric: bool,
    rounding: Rounding,
    mut value: impl FnMut(&Matrix) -> Option<f64>,
) -> Opinion {
    let derived = if is_symmetric {
        Matrix::from_fn(at.rows, at.cols, |row, col| (derived.at(row, col) + derived.at(col, row)) / 2.0)
    } else {
        derived.clone()
    };
    if derived.entries.iter().any(|entry| !entry.is_finite()) {
        return Opinion::NotFinite;
    }
    let mut worst = None;
    for step in STEPS {
        let mut moved = at.clone();
        let (mut coarse, mut fine) = (derived.clone(), derived.clone());
        for place in 0..at.entries.len() {
            let mirrored = (place % at.cols.max(1)) * at.cols + place / at.cols.max(1);
            if is_symmetric && mirrored < place {
                (coarse.entries[place], fine.entries[place]) =
                    (coarse.entries[mirrored], fine.entries[mirrored]);
                continue;
            }
            let mut along = |offset: f64| {
                let centre = at.entries[place];
                moved.entries[place] = centre + offset;
                if is_symmetric {
                    moved.entries[mirrored] = centre + offset;
                }
                let value = value(&moved).filter(|value| value.is_finite());
                moved.entries[place] = centre;
                if is_symmetric {
                    moved.entries[mirrored] = centre;
                }
                value
            };
            let mut across = |step: f64| Some(along(step)? - along(-step)?);
            let (Some(near), Some(far), Some(farther)) =
                (across(step), across(2.0 * step), across(4.0 * step))
            else {
                return Opinion::NotFinite;
            };
            let half = if is_symmetric && mirrored != place { 0.5 } else { 1.0 };
            fine.entries[place] = half * (8.0 * near - far) / (12.0 * step);
            coarse.entries[place] = half * (8.0 * far - farther) / (24.0 * step);
        }
        let [noise, nothing] =
            [rounding.quotient, rounding.derivative].map(|size| 64.0 * f64::EPSILON * size / step);
        let largest =
            |matrix: &Matrix| matrix.entries.iter().fold(0.0_f64, |most, entry| most.max(entry.abs()));
        if [&derived, &coarse, &fine].iter().all(|matrix| largest(matrix) <= noise.max(nothing)) {
            return Opinion::Vanishing;
        }
        if noise < TOLERANCE * largest(&fine) && apart(&coarse.entries, &fine.entries) < SURE {
            let error = apart(&derived.entries, &fine.entries).min(apart(&derived.entries, &coarse.entries));
            if error < TOLERANCE {
                return Opinion::Right(error);
            }
            worst = Some(worst.map_or(error, |worst: f64| worst.min(error)));
        }
    }
    worst.map_or(Opinion::Unsure, Opinion::Wrong)
}

#[test]
fn a_wrong_derivative_is_refused() {
    let size = |size: f64| Rounding { quotient: size, derivative: size };
    let at = Matrix { rows: 1, cols: 2, entries: vec![0.7, -1.2] };
    let value = |x: &Matrix| Some(libm::sin(x.entries[0]) * x.entries[1]);
    let derived = |factor: f64| Matrix {
        rows: 1,
        cols: 2,
        entries: vec![factor * libm::cos(0.7) * -1.2, libm::sin(0.7)],
    };
    assert!(matches!(judge(&derived(1.0), &at, false, size(1.0), value), Opinion::Right(_)));
    assert!(matches!(judge(&derived(1.00001), &at, false, size(1.0), value), Opinion::Wrong(_)));
    assert!(matches!(judge(&derived(0.0), &at, false, size(1.0), value), Opinion::Wrong(_)));
    let kink = |x: &Matrix| Some((x.entries[0] - 0.70002).abs());
    assert_eq!(judge(&derived(1.0), &at, false, size(1.0), kink), Opinion::Unsure);
    let flat = |_: &Matrix| Some(3.0);
    let nothing = Matrix { rows: 1, cols: 2, entries: vec![0.0, 1e-17] };
    assert_eq!(judge(&nothing, &at, false, size(3.0), flat), Opinion::Vanishing);
}
