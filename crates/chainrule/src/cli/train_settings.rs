//! The options of `chainrule train` to the settings of an experiment.

use super::arguments::{OnNan, Precision, Solver, TargetScale, Train};
use learn::{Epochs, Layer, Settings};
use table::NumberScaling;

impl Train {
    /// What the options say of the network and its training, for a table of so many rows whose numbers
    /// are usually scaled in this way.
    pub fn settings(&self, rows: usize, scaling: NumberScaling) -> Result<Settings, String> {
        let default = Settings::of_rows(rows);
        let usual = default.hidden.first().map(|layer| layer.activation.clone()).unwrap_or_default();
        let activation = self.activation.as_ref().unwrap_or(&usual);
        if activation.trim().is_empty() {
            return Err(String::from(
                "`--activation` is empty: give it a function's name, such as relu or tanh, or a formula with one free name, or \
                 leave it out",
            ));
        }
        let solver = match self.solver {
            Solver::Descent => learn::Solver::Descent,
            Solver::Exact => learn::Solver::Exact,
        };
        let hidden = match (&self.layers, &self.hidden) {
            (Some(layers), _) => read_layers(layers)?,
            (None, Some(units)) => read_units(units, activation)?,
            (None, None) if solver == learn::Solver::Exact => Vec::new(),
            (None, None) => {
                let same = |layer: &Layer| Layer { activation: activation.clone(), ..layer.clone() };
                default.hidden.iter().map(same).collect()
            }
        };
        Ok(Settings {
            hidden,
            output: self.output.clone(),
            bias: !self.no_bias,
            loss: self.loss.clone(),
            solver,
            training: learn::Options {
                optimizer: self.optimizer.clone(),
                rate: self.learning_rate,
                schedule: self.schedule.clone(),
                batch_size: self.batch_size.0,
                epochs: self.epochs.map_or(Epochs::ByRows, |epochs| {
                    Epochs::Fixed(usize::try_from(epochs).unwrap_or(usize::MAX))
                }),
                patience: self.patience,
                time_limit: self.time_limit,
                seed: self.seed,
                threads: self.threads,
                weighted: false,
                on_nan: match self.on_nan.unwrap_or(OnNan::Stop) {
                    OnNan::Stop => learn::OnNan::Stop,
                    OnNan::Skip => learn::OnNan::Skip,
                    OnNan::HalveRate => learn::OnNan::HalveRate,
                },
            },
            precision: match self.precision {
                Precision::F32 => learn::Precision::F32,
                Precision::F64 => learn::Precision::F64,
            },
            scaling: self.scale.unwrap_or(scaling),
            target_scale: self.target_scale.map(|scale| match scale {
                TargetScale::Standard => learn::TargetScale::Standard,
                TargetScale::Log => learn::TargetScale::Log,
                TargetScale::None => learn::TargetScale::None,
            }),
        })
    }
}

/// `64:relu,32:tanh`; an activation may be a formula, so only commas outside of brackets part layers.
fn read_layers(text: &str) -> Result<Vec<Layer>, String> {
    let layer = |part: &str| {
        let wrong = || {
            format!(
                "`--layers {text}`: expected UNITS:ACTIVATION, found `{}`: write each layer as its number of units (from 1 to \
                 {MOST_UNITS}), a colon and its activation, such as 64:relu,32:tanh",
                part.trim()
            )
        };
        let (units, activation) = part.split_once(':').ok_or_else(wrong)?;
        let units = read_count(units).ok_or_else(wrong)?;
        let activation = activation.trim().to_owned();
        if activation.is_empty() { Err(wrong()) } else { Ok(Layer { units, activation }) }
    };
    split_outside_brackets(text).into_iter().map(layer).collect()
}

/// `64,32`, or `none`.
fn read_units(text: &str, activation: &str) -> Result<Vec<Layer>, String> {
    if text.trim() == "none" {
        return Ok(Vec::new());
    }
    let layer = |part: &str| {
        let units = read_count(part).ok_or_else(|| {
            format!(
                "`--hidden {text}`: expected a number of units from 1 to {MOST_UNITS}, found `{}`: write the units of each hidden \
                 layer, such as 64,32, or none",
                part.trim()
            )
        })?;
        Ok(Layer { units, activation: activation.to_owned() })
    };
    text.split(',').map(layer).collect()
}

/// The most units of a layer; more are a slip, and would not fit in memory.
const MOST_UNITS: usize = 1_000_000;

fn read_count(text: &str) -> Option<usize> {
    text.trim().parse().ok().filter(|units| (1..=MOST_UNITS).contains(units))
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (place, letter) in text.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{Arguments, Command};
    use super::*;
    use clap::Parser;
    use learn::SMALL_TABLE;

    fn train(options: &[&str]) -> Result<Settings, String> {
        let line = ["chainrule", "train", "t.csv", "--target", "y"].iter().chain(options);
        match Arguments::try_parse_from(line).map_err(|error| error.to_string())?.command {
            Command::Train(train) => train.settings(SMALL_TABLE, NumberScaling::default()),
            other => Err(format!("read as {other:?}")),
        }
    }

    #[test]
    fn without_options_the_settings_are_the_defaults() {
        assert_eq!(train(&[]).unwrap(), Settings::default());
    }

    #[test]
    fn layers_may_hold_calls_and_formulas() {
        let settings = train(&["--layers", "64:leaky_relu(slope = 0.2, a = 1), 8:max(x, 0)"]).unwrap();
        let want = [(64, "leaky_relu(slope = 0.2, a = 1)"), (8, "max(x, 0)")];
        assert_eq!(settings.hidden.len(), 2);
        for (layer, (units, activation)) in settings.hidden.iter().zip(want) {
            assert_eq!((layer.units, layer.activation.as_str()), (units, activation));
        }
        for wrong in ["64", "relu:64", "0:relu", "64:", "64:relu,", "99999999999:relu"] {
            assert!(train(&["--layers", wrong]).unwrap_err().contains("64:relu,32:tanh"), "{wrong}");
        }
    }

    #[test]
    fn hidden_units_share_the_activation() {
        let settings = train(&["--hidden", "8,4", "--activation", "tanh"]).unwrap();
        assert!(settings.hidden.iter().all(|layer| layer.activation == "tanh"));
        assert!(train(&["--hidden", "none"]).unwrap().hidden.is_empty());
        assert!(train(&["--solver", "exact"]).unwrap().hidden.is_empty());
        assert!(train(&["--hidden", "8,x"]).unwrap_err().contains("found `x`"));
        assert!(train(&["--layers", "8:relu", "--hidden", "8"]).is_err());
    }

    #[test]
    fn wrong_numbers_are_refused() {
        for wrong in
            [["--learning-rate", "0"], ["--learning-rate", "nan"], ["--batch-size", "0"], ["--epochs", "0"]]
        {
            assert!(train(&wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(train(&["--batch-size", "full"]).unwrap().training.batch_size, None);
    }
}
