//! Functions in the fast engine, in both precisions, against the reference.

use crate::slopes::{Elementwise, Points};
use crate::{Verdict, every, is_elementwise, worst};
use chainrule_compiler::{Kind, Library};
use engine::{Arguments, Element, Engine};
use formula::Name;
use std::error::Error;

/// How far the fast engine may be from the reference, by the larger of the value's size and 1.
const DOUBLE: f64 = 1e-12;
const SINGLE: f64 = 1e-4;

/// The function and its slopes at the points, as the fast engine has them.
fn fast<T: Element>(function: &Elementwise, points: &Points) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let engine = Engine::<T>::new(function.walked()?)?;
    let count = points.count();
    let data: Vec<Vec<T>> = points
        .coordinates()
        .iter()
        .map(|entries| entries.iter().map(|entry| T::from_f64(*entry)).collect())
        .collect();
    let data: Vec<&[T]> = data.iter().map(Vec::as_slice).collect();
    // A slope that is one number for all points is a result of its own, and so is everything that is not walked.
    let mut rows: Vec<Vec<T>> = vec![vec![T::from_f64(0.0); count]; engine.plan().row_results.len()];
    let mut row_results: Vec<&mut [T]> = rows.iter_mut().map(Vec::as_mut_slice).collect();
    let mut results = vec![T::from_f64(0.0); engine.plan().result_entries()];
    let arguments = Arguments {
        rows: count,
        data: &data,
        results: &mut results,
        row_results: &mut row_results,
        ..Arguments::default()
    };
    engine.run(&mut engine.workspace(count)?, arguments)?;
    Ok(rows.iter().map(|entries| entries.iter().map(|entry| entry.to_f64()).collect()).collect())
}

pub(crate) fn fast_engine_is_the_reference(library: &Library, name: &Name) -> Verdict {
    let function = Elementwise::of(library, name)?;
    let points = Points::inner(function.arity());
    let reference = function.shipped(points.count())?.at(&points)?;
    let wanted: Vec<&[f64]> = std::iter::once(reference.values())
        .chain((0..function.arity()).map(|place| reference.slopes(place)))
        .collect();
    let mut errors = Vec::new();
    for (precision, found, tolerance) in
        [("f64", fast::<f64>(&function, &points)?, DOUBLE), ("f32", fast::<f32>(&function, &points)?, SINGLE)]
    {
        if found.len() != wanted.len() {
            return Err(format!("the fast engine gives {} columns of {}", found.len(), wanted.len()).into());
        }
        let mut largest = 0.0_f64;
        for (place, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            let (error, at) = worst(found, wanted, 1.0);
            if error > tolerance {
                let what =
                    if place == 0 { String::from("value") } else { format!("slope by argument {place}") };
                let point = points.show(at);
                return Err(format!(
                    "in {precision} its {what} at {point} is {:e} and the reference has {:e}",
                    found[at], wanted[at]
                )
                .into());
            }
            largest = largest.max(error);
        }
        errors.push(format!("{largest:.0e} in {precision}"));
    }
    Ok(format!("the fast engine is the reference, largest error {}", errors.join(", ")))
}

#[test]
fn the_fast_engine_is_the_reference() {
    every(Kind::Function, |library, name| match is_elementwise(library, name)? {
        true => fast_engine_is_the_reference(library, name),
        false => Ok(String::from("acts on matrices: the engine's own tests run its parts")),
    });
}
