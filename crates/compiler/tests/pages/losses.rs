//! Losses: their gradients by the prediction.

use crate::{Draw, Verdict, every, of_a_and_y, sizes};
use chainrule_compiler::{Kind, Library, Request, compile, evaluate};
use formula::Name;

const ROWS: usize = 4;
const COLS: usize = 3;
/// The larger step of the difference quotients; the smaller is a quarter.
const STEP: f64 = 1e-3;
/// Quotients of both steps within this are trusted: between them lies no kink.
const TRUSTED: f64 = 1e-8;
/// How far the gradient may be from the quotients, by the largest of 1, the quotients and the loss.
const DIFFERENCES: f64 = 1e-7;

/// The gradient by A against fourth-order differences, at points between -2 and 2 and at points between 0 and 1, since some
/// losses are over probabilities.
pub(crate) fn gradient_matches_differences(library: &Library, name: &Name) -> Verdict {
    let text = format!("{name}(A, Y)");
    let request = Request {
        text: &text,
        declarations: "A: m x q, Y: m x q",
        gradients: &["A"],
        data: &["A", "Y"],
        sizes: &sizes(&[("m", ROWS), ("q", COLS)]),
        ..Request::default()
    };
    let gradient = compile(&request, library)?;
    let mut draw = Draw(3);
    let (mut judged, mut left_out, mut largest) = (0, 0, 0.0_f64);
    for round in 0..12 {
        let (centre, width) = if round % 2 == 0 { (0.0, 2.0) } else { (0.5, 0.45) };
        let mut matrix =
            || -> Vec<f64> { draw.entries(ROWS * COLS).iter().map(|entry| centre + width * entry).collect() };
        let (a, y) = (matrix(), matrix());
        let value = of_a_and_y(library, &text, [&a, &y], COLS)?;
        let found = evaluate(&gradient, &[&a, &y], &[], &[], ROWS)?;
        for at in 0..a.len() {
            let quotient = |step: f64| -> Result<f64, Box<dyn std::error::Error>> {
                let moved = |by: f64| {
                    let mut moved = a.clone();
                    moved[at] += by;
                    of_a_and_y(library, &text, [&moved, &y], COLS)
                };
                Ok((8.0 * (moved(step)? - moved(-step)?) - (moved(2.0 * step)? - moved(-2.0 * step)?))
                    / (12.0 * step))
            };
            let (coarse, fine) = (quotient(STEP)?, quotient(STEP / 4.0)?);
            let size = value.abs().max(fine.abs()).max(1.0);
            if !size.is_finite() || !fine.is_finite() || (coarse - fine).abs() > TRUSTED * size {
                left_out += 1;
                continue;
            }
            judged += 1;
            let error = (found[at] - fine).abs() / size;
            if !error.is_finite() || error > DIFFERENCES {
                let what = format!("at A = {a:?}, Y = {y:?}");
                return Err(format!(
                    "{what} entry {at} of df/dA is {:e} and the quotient {fine:e}",
                    found[at]
                )
                .into());
            }
            largest = largest.max(error);
        }
    }
    if judged < ROWS * COLS {
        return Err(format!("it is smooth and finite at {judged} entries only").into());
    }
    Ok(format!(
        "df/dA matches differences at {judged} entries ({left_out} near kinks or outside its domain left out), largest error {largest:.0e}"
    ))
}

#[test]
fn gradients_of_losses_match_differences() {
    every(Kind::Loss, gradient_matches_differences);
}
