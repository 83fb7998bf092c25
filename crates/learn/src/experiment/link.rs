//! Whether a loss takes what the last layer computes before it is brought to probabilities or rates, found by its values.

use crate::LearnError;
use crate::network::{call, free};
use compiler::{Library, Request};
use formula::{Name, Sizes};
use table::TargetKind;

/// Whether a loss of these targets is least where A is a logit (of classes) or the logarithm of a rate (of counts): for a class that
/// was seen it falls beyond A = 1, and for a count of 5 it is less at log(5) than at 5. Numbers are themselves.
pub(super) fn is_before_link(
    loss: &str,
    kind: TargetKind,
    width: usize,
    library: &Library,
) -> Result<bool, LearnError> {
    const FAR: f64 = 20.0;
    let row = |first: f64, others: f64| {
        let mut row = vec![others; width];
        row[0] = first;
        row
    };
    let at = |a: &[f64], y: &[f64]| value(loss, a, y, library);
    Ok(match kind {
        TargetKind::Numbers => false,
        TargetKind::Counts => {
            let five = vec![5.0; width];
            at(&vec![libm::log(5.0); width], &five)? < at(&five, &five)?
        }
        TargetKind::Classes => {
            let seen = row(1.0, 0.0);
            let (far, near, wrong) =
                (at(&row(FAR, -FAR), &seen)?, at(&seen, &seen)?, at(&row(-FAR, FAR), &seen)?);
            far < near && near < wrong && wrong.is_finite()
        }
    })
}

/// The loss of one row.
fn value(loss: &str, a: &[f64], y: &[f64], library: &Library) -> Result<f64, LearnError> {
    let [f, m, q] = ["f", "m", "q"].map(|name| free(name, &[loss]));
    let [left, right] = ["A", "Y"].map(|name| free(name, &[loss]));
    let plan = compiler::compile(
        &Request {
            text: &format!("{f} = {}", call(loss, &format!("{left}, {right}"))),
            declarations: &format!("{left}: {m} x {q}, {right}: {m} x {q}"),
            values: &[&f],
            data: &[&left, &right],
            walked: Some(&m),
            sizes: &Sizes::from([(Name::from(q.as_str()), a.len())]),
            ..Request::default()
        },
        library,
    )?;
    Ok(compiler::evaluate(&plan, &[a, y], &[], &[], 1)?.first().copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_tells_by_its_values_what_it_takes() {
        let library = Library::standard();
        for (loss, kind, want) in [
            ("binary_cross_entropy", TargetKind::Classes, true),
            ("cross_entropy", TargetKind::Classes, true),
            ("mse", TargetKind::Classes, false),
            ("mae", TargetKind::Classes, false),
            ("huber(delta = 0.5)", TargetKind::Classes, false),
            ("poisson", TargetKind::Counts, true),
            ("mse", TargetKind::Counts, false),
            ("mse", TargetKind::Numbers, false),
        ] {
            assert_eq!(is_before_link(loss, kind, 2, &library).unwrap(), want, "{loss}");
        }
    }
}
