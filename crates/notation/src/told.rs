//! The steps of a whole answer in the order in which they are read: laws and algebra, numbered through.

use crate::derivation::{PrintedStep, print_steps};
use calculus::{AlgebraStep, AlgebraSteps, Derivation, Reading};
use formula::Name;

/// Steps that belong together, numbered from the first.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The number of the first of them.
    pub first: usize,
    /// What they are.
    pub steps: ToldSteps<'a>,
}

/// What steps that belong together are.
#[derive(Clone, Copy, Debug)]
pub enum ToldSteps<'a> {
    /// The laws of a derivation; of a second one with the reading that it leads to.
    Laws(&'a Derivation, Option<&'a Reading>),
    /// The algebra to a first derivative that is differentiated again under this name.
    First(&'a Name, &'a Reading, &'a [AlgebraStep]),
    /// The algebra to a closed form.
    Closed(&'a Reading, &'a [AlgebraStep]),
}

impl ToldSteps<'_> {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            ToldSteps::Laws(derivation, _) => derivation.steps.len(),
            ToldSteps::First(_, _, steps) | ToldSteps::Closed(_, steps) => steps.len(),
        }
    }

    /// What they lead to, as a heading in plain text.
    pub fn title(&self) -> String {
        match self {
            ToldSteps::Laws(_, None) => "steps".to_owned(),
            ToldSteps::Laws(_, Some(reading)) => format!("steps of {}", reading.title),
            ToldSteps::First(name, reading, _) => {
                format!("algebra of {name}, the derivative by {}", reading.by)
            }
            ToldSteps::Closed(reading, _) => format!("algebra of {}", reading.title),
        }
    }
}

impl Told<'_> {
    /// The laws, ready to be printed under their numbers; none where these are steps of algebra.
    pub fn print_laws(&self) -> Vec<PrintedStep> {
        let ToldSteps::Laws(derivation, _) = self.steps else { return Vec::new() };
        let numbered =
            |(place, step): (usize, PrintedStep)| PrintedStep { number: self.first + place, ..step };
        print_steps(derivation).into_iter().enumerate().map(numbered).collect()
    }
}

/// All steps: the laws of the derivation, those of second derivatives with the algebra that leads to what is differentiated again, and
/// the algebra of each closed form.
pub fn told<'a>(
    derivation: &'a Derivation,
    closed: &'a [Reading],
    algebra: &'a [AlgebraSteps],
) -> Vec<Told<'a>> {
    let mut all = vec![ToldSteps::Laws(derivation, None)];
    for (place, reading) in closed.iter().enumerate() {
        let Some(second) = &reading.second else { continue };
        if let Some(algebra) = algebra.get(place) {
            all.push(ToldSteps::First(&second.derivation.result.name, reading, &algebra.first));
        }
        all.push(ToldSteps::Laws(&second.derivation, Some(reading)));
    }
    all.extend(
        closed.iter().zip(algebra).map(|(reading, algebra)| ToldSteps::Closed(reading, &algebra.value)),
    );
    let mut first = 1;
    let numbered = |steps: ToldSteps<'a>| {
        let told = Told { first, steps };
        first += steps.count();
        told
    };
    all.into_iter().map(numbered).filter(|told| told.steps.count() > 0).collect()
}
