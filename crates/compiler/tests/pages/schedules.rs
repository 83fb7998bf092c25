//! Schedules: finite over the whole run, and what is known of those that are shipped.

use crate::{Verdict, every};
use chainrule_compiler::{Kind, Library, compile_schedule, evaluate, schedule};
use formula::Name;
use std::error::Error;

/// The factor at places from 0 to 1 of the run.
pub(crate) fn factors(library: &Library, text: &str, places: &[f64]) -> Result<Vec<f64>, Box<dyn Error>> {
    let plan = compile_schedule(&schedule(text, library)?)?;
    let factor = |place: &f64| -> Result<f64, Box<dyn Error>> {
        let values = evaluate(&plan, &[], &[], &[*place], 1)?;
        Ok(*values.first().ok_or("a schedule has one value")?)
    };
    places.iter().map(factor).collect()
}

pub(crate) fn schedule_is_finite(library: &Library, name: &Name) -> Verdict {
    let places: Vec<f64> = (0..=1000).map(|step| f64::from(step) / 1000.0).collect();
    let factors = factors(library, name, &places)?;
    let wrong = places.iter().zip(&factors).find(|(_, factor)| !factor.is_finite() || **factor < 0.0);
    if let Some((place, factor)) = wrong {
        return Err(format!(
            "the factor at u = {place} is {factor}; a factor is a number that is not below 0"
        )
        .into());
    }
    let (first, last) = (factors.first().ok_or("no factor")?, factors.last().ok_or("no factor")?);
    Ok(format!("finite from {first} at u = 0 to {last} at u = 1"))
}

#[test]
fn schedules_are_finite_over_the_run() {
    every(Kind::Schedule, schedule_is_finite);
}

#[test]
fn the_constant_schedule_is_one() {
    assert_eq!(factors(&Library::standard(), "constant", &[0.0, 0.25, 0.5, 1.0]).unwrap(), [1.0; 4]);
}

#[test]
fn the_cosine_goes_from_one_to_its_end() {
    let library = Library::standard();
    let near = |found: Vec<f64>, wanted: [f64; 3]| {
        let far = found.iter().zip(wanted).any(|(found, wanted)| (found - wanted).abs() > 1e-15);
        assert!(!far, "{found:?} is not {wanted:?}");
    };
    near(factors(&library, "cosine", &[0.0, 0.5, 1.0]).unwrap(), [1.0, 0.5, 0.0]);
    near(factors(&library, "cosine(end = 0.1)", &[0.0, 0.5, 1.0]).unwrap(), [1.0, 0.55, 0.1]);
}
