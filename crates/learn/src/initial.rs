//! Random initial weights whose size follows from the activations' formulas.

use crate::network::{call, free};
use crate::{LearnError, Network};
use compiler::{Library, Request};
use formula::{Name, Sizes};
use random::{Purpose, Random};

/// Initial parameters in the order of the flat array: every weight normal with mean 0 and standard deviation
/// `gain/sqrt(rows of W)`, every bias 0. The gain of a layer is the one of the activation before it, `1/sqrt(E[g(z)^2])` with
/// z standard normal, so that values keep their size from layer to layer (for relu the square root of 2, as He et al., 2015); the
/// first layer's is 1, for standardised inputs.
///
/// # Errors
/// When an activation's formula does not compile.
pub fn initial_parameters(network: &Network, seed: u64, library: &Library) -> Result<Vec<f64>, LearnError> {
    let mut parameters = vec![0.0; network.parameter_count()];
    let mut gains = vec![1.0];
    for layer in &network.layers {
        gains.push(gain(&layer.activation, library)?);
    }
    for parameter in network.parameters().iter().filter(|parameter| parameter.is_weight) {
        let deviation = gains[parameter.layer] / (parameter.rows as f64).sqrt();
        let mut random = Random::new(seed, Purpose::InitialWeights, parameter.layer as u64);
        for entry in &mut parameters[parameter.range()] {
            *entry = deviation * random.normal();
        }
    }
    Ok(parameters)
}

/// `1/sqrt(E[g(z)^2])` for standard normal z, by the trapezoid rule over [-8, 8], whose error falls faster than any power of its
/// step. The integrand is a formula like any other. An activation that is 0 or infinite there gets the gain 1.
fn gain(activation: &str, library: &Library) -> Result<f64, LearnError> {
    const POINTS: usize = 1601;
    let grid: Vec<f64> = (0..POINTS).map(|i| -8.0 + 16.0 * i as f64 / (POINTS - 1) as f64).collect();
    let [f, z, k] = ["f", "z", "k"].map(|name| free(name, &[activation]));
    let applied = call(activation, &z);
    let plan = compiler::compile(
        &Request {
            text: &format!("{f} = sum(({applied}).^2 .* exp(-{z}.^2/2))/sum(exp(-{z}.^2/2))"),
            declarations: &format!("{z}: {k}"),
            values: &[&f],
            data: &[&z],
            sizes: &Sizes::from([(Name::from(k.as_str()), POINTS)]),
            ..Request::default()
        },
        library,
    )?;
    let square = compiler::evaluate(&plan, &[&grid], &[], &[], 1)?.first().copied().unwrap_or(1.0);
    let gain = 1.0 / square.sqrt();
    Ok(if gain.is_finite() && gain > 0.0 { gain } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_comes_from_the_formula() {
        let library = Library::standard();
        assert!((gain("identity", &library).unwrap() - 1.0).abs() < 1e-9);
        // E[max(z, 0)^2] = 1/2.
        assert!((gain("relu", &library).unwrap() - 2.0_f64.sqrt()).abs() < 1e-6);
        // E[leaky_relu(z)^2] = (1 + slope^2)/2.
        let leaky = gain("leaky_relu(slope = 0.5)", &library).unwrap();
        assert!((leaky - (2.0_f64 / 1.25).sqrt()).abs() < 1e-6);
    }
}
