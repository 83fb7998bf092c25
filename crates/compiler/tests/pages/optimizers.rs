//! Optimizers: their updates in the fast engine, a small model that must learn, and steps worked out by hand.

use crate::spoilt::spoilt;
use crate::{Draw, Verdict, every, sizes, text_of, worst};
use chainrule_compiler::{Kind, Library, Request, compile, compile_update, evaluate, optimizer};
use engine::{Arguments, Engine, run_reference};
use formula::Name;
use std::error::Error;

/// How far an update may be from the reference, by the larger of the entry's size and 1.
const UPDATE: f64 = 1e-12;

/// Weights under an optimizer, in the fast engine or in the reference.
pub(crate) struct Weights {
    engine: Engine<f64>,
    /// The weights and then the states.
    arrays: Vec<Vec<f64>>,
    steps: f64,
    /// The rate that the page gives.
    pub(crate) rate: f64,
}

/// Who computes an update.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Fast,
    Reference,
}

impl Weights {
    pub(crate) fn new(library: &Library, text: &str, weights: &[f64]) -> Result<Weights, Box<dyn Error>> {
        let optimizer = optimizer(text, library)?;
        let engine = Engine::new(compile_update(&optimizer)?)?;
        let mut arrays = vec![weights.to_vec()];
        arrays.extend(optimizer.states.iter().map(|(_, start)| vec![start.value(); weights.len()]));
        Ok(Weights { engine, arrays, steps: 0.0, rate: optimizer.rate.value.value() })
    }

    pub(crate) fn entries(&self) -> &[f64] {
        &self.arrays[0]
    }

    pub(crate) fn step(&mut self, gradient: &[f64], rate: f64, by: By) -> Result<(), Box<dyn Error>> {
        self.steps += 1.0;
        let mut updated: Vec<&mut [f64]> = self.arrays.iter_mut().map(Vec::as_mut_slice).collect();
        let arguments = Arguments {
            rows: gradient.len(),
            data: &[gradient],
            updated: &mut updated,
            scalars: &[self.steps, rate],
            ..Arguments::default()
        };
        match by {
            By::Fast => self.engine.run(&mut self.engine.workspace(gradient.len())?, arguments)?,
            By::Reference => run_reference(self.engine.plan(), arguments)?,
        }
        Ok(())
    }
}

/// Several steps on arrays of one entry, of some, and of more than a tile.
pub(crate) fn update_is_the_reference(library: &Library, name: &Name) -> Verdict {
    let mut largest = 0.0_f64;
    for count in [1, 7, 1000, 9001] {
        let mut draw = Draw(count as u64);
        let start = draw.entries(count);
        let mut fast = Weights::new(library, name, &start)?;
        let mut plain = Weights::new(library, name, &start)?;
        for step in 1..=5 {
            let gradient = draw.entries(count);
            let rate = fast.rate;
            fast.step(&gradient, rate, By::Fast)?;
            plain.step(&gradient, rate, By::Reference)?;
            for (array, (found, wanted)) in fast.arrays.iter().zip(&plain.arrays).enumerate() {
                let (error, at) = worst(found, wanted, 1.0);
                if error > UPDATE || !wanted.iter().all(|entry| entry.is_finite()) {
                    let what =
                        if array == 0 { String::from("weight") } else { format!("entry of state {array}") };
                    let entries = format!("{:e}, and {:e} in the reference", found[at], wanted[at]);
                    return Err(
                        format!("after step {step} of {count} entries, {what} {at} is {entries}").into()
                    );
                }
                largest = largest.max(error);
            }
        }
        if fast.entries() == start {
            return Err("it never moves the weights".into());
        }
    }
    Ok(format!("5 steps are the reference at every size, largest error {largest:.0e}"))
}

/// Least squares of two unknowns with an exact solution: the loss at the start, and after so many steps at a rate.
fn descent(library: &Library, name: &Name, steps: usize, factor: f64) -> Result<[f64; 3], Box<dyn Error>> {
    let x = [1.0, 0.5, -0.8, 1.2, 0.3, -1.0, 1.5, 0.7, -0.4, 0.9];
    let y: Vec<f64> = x.chunks(2).map(|row| 0.7 * row[0] - 1.1 * row[1]).collect();
    let request = Request {
        text: "f = norm(X*w - y)^2/m",
        declarations: "X: m x n, w: n, y: m",
        values: &["f"],
        gradients: &["w"],
        data: &["X", "y"],
        parameters: &["w"],
        sizes: &sizes(&[("m", 5), ("n", 2)]),
        ..Request::default()
    };
    let plan = compile(&request, library)?;
    let mut weights = Weights::new(library, name, &[0.0, 0.0])?;
    let rate = factor * weights.rate;
    let mut first = None;
    for _ in 0..steps {
        let values = evaluate(&plan, &[&x, &y], weights.entries(), &[], 5)?;
        let (loss, gradient) = values.split_first().ok_or("a loss and its gradient")?;
        first.get_or_insert(*loss);
        weights.step(gradient, rate, By::Fast)?;
    }
    let last = evaluate(&plan, &[&x, &y], weights.entries(), &[], 5)?;
    Ok([first.unwrap_or(f64::NAN), *last.first().ok_or("a loss")?, rate])
}

/// The loss falls below a hundredth at the page's own rate, or at ten or a hundred times more or ten times less.
pub(crate) fn small_model_learns(library: &Library, name: &Name) -> Verdict {
    const STEPS: usize = 400;
    let mut tried = Vec::new();
    for factor in [1.0, 10.0, 100.0, 0.1] {
        let [first, last, rate] = descent(library, name, STEPS, factor)?;
        let share = last / first;
        tried.push(format!("to {share:.0e} of its start at rate {rate}"));
        if share < 0.01 {
            return Ok(format!("in {STEPS} steps a small loss falls {}", tried.join(", ")));
        }
    }
    Err(format!("in {STEPS} steps a small loss falls {}", tried.join(", ")).into())
}

#[test]
fn updates_are_the_reference() {
    every(Kind::Optimizer, update_is_the_reference);
}

#[test]
fn small_models_learn() {
    every(Kind::Optimizer, small_model_learns);
}

/// A loop that updates one weight by its gradient, the rate and its place.
type Loop = Box<dyn FnMut(&mut f64, f64, f64, usize)>;

const COUNT: usize = 1500;

/// Runs an optimizer and a loop written by hand on the same gradients.
fn agrees_with_a_loop(library: &Library, text: &str, mut by_hand: Loop) -> Result<(), String> {
    let mut draw = Draw(5);
    let start = draw.entries(COUNT);
    let mut weights = Weights::new(library, text, &start).map_err(|error| error.to_string())?;
    let mut wanted = start;
    for step in 1..=20 {
        let gradient = draw.entries(COUNT);
        // The rate changes from step to step, as under a schedule.
        let rate = 0.1 / f64::from(step);
        weights.step(&gradient, rate, By::Fast).map_err(|error| error.to_string())?;
        for (at, weight) in wanted.iter_mut().enumerate() {
            by_hand(weight, gradient[at], rate, at);
        }
        let (error, at) = worst(weights.entries(), &wanted, 1.0);
        if error.is_nan() || error > 1e-12 {
            return Err(format!("{text}, step {step}: {} is not {}", weights.entries()[at], wanted[at]));
        }
    }
    Ok(())
}

/// The optimizer agrees with the loop, and no longer when one of its lines is made wrong.
fn is_a_loop_written_by_hand(text: &str, by_hand: impl Fn() -> Loop) {
    agrees_with_a_loop(&Library::standard(), text, by_hand()).unwrap();
    let name = text.split('(').next().unwrap();
    let page = text_of(&Library::standard(), Kind::Optimizer, name).unwrap();
    let all = spoilt(&page);
    for (how, page) in &all {
        let mut library = Library::standard();
        library.define(page).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(agrees_with_a_loop(&library, text, by_hand()).is_err(), "{how}: {page}");
    }
    println!("optimizer {name}: wrong lines caught: {}", all.len());
    assert!(all.len() > 2);
}

#[test]
fn gradient_descent_is_a_loop_written_by_hand() {
    is_a_loop_written_by_hand("gradient_descent", || {
        Box::new(|weight, gradient, rate, _| *weight -= rate * gradient)
    });
}

#[test]
fn momentum_is_a_loop_written_by_hand() {
    is_a_loop_written_by_hand("momentum(beta = 0.8)", || {
        let mut moving = vec![0.0; COUNT];
        Box::new(move |weight, gradient, rate, at| {
            moving[at] = 0.8 * moving[at] + gradient;
            *weight -= rate * moving[at];
        })
    });
}

#[test]
fn adam_is_a_loop_written_by_hand() {
    is_a_loop_written_by_hand("adam(beta1 = 0.8)", || {
        // For each weight: the mean, the mean square, and beta1 and beta2 to the power of the step.
        let mut states = vec![[0.0, 0.0, 1.0, 1.0]; COUNT];
        Box::new(move |weight, gradient, rate, at| {
            let [mean, square, power1, power2] = &mut states[at];
            *mean = 0.8 * *mean + (1.0 - 0.8) * gradient;
            *square = 0.999 * *square + (1.0 - 0.999) * gradient * gradient;
            *power1 *= 0.8;
            *power2 *= 0.999;
            *weight -= rate * (*mean / (1.0 - *power1)) / ((*square / (1.0 - *power2)).sqrt() + 1e-8);
        })
    });
}
