//! A training that starts from a model: its weights mean what they meant.

use chainrule_learn::{Columns, Experiment, Layer, LearnError, Model, Portions, Settings, TargetScale};
use compiler::Library;
use std::ops::ControlFlow;
use table::Table;

fn table(least: usize) -> Table {
    let rows: String = (0..80).map(|row| format!("{row},{}\n", row * row % 97 + least)).collect();
    Table::parse("t", format!("x,y\n{rows}").as_bytes()).unwrap()
}

fn experiment(table: &Table, target_scale: Option<TargetScale>) -> Result<Experiment<'_>, LearnError> {
    let mut settings = Settings { target_scale, ..Settings::default() };
    settings.hidden = vec![Layer { units: 3, activation: String::from("tanh") }];
    settings.training.epochs = 3.into();
    // No step that is worth the name.
    settings.training.optimizer = String::from("gradient_descent");
    settings.training.rate = Some(1e-30);
    let columns = Columns::new(&["y"], &[] as &[&str]);
    Experiment::new(table, &columns, Portions::default(), settings, Library::standard())
}

fn trained(experiment: Experiment) -> Model {
    experiment.run(|_| ControlFlow::Continue(())).unwrap().model.unwrap()
}

#[test]
fn a_model_predicts_what_it_predicted_whatever_scales_its_targets_have() {
    let table = table(1);
    let predictions = |model: &Model| model.predict_table(&table, None).unwrap().0;
    for scale in [TargetScale::Standard, TargetScale::Log, TargetScale::None] {
        let model = trained(experiment(&table, Some(scale)).unwrap());
        assert_eq!(model.target_scale(), Some(scale));
        for told in [None, Some(scale)] {
            let mut next = experiment(&table, told).unwrap();
            next.start_from(&model).unwrap();
            assert_eq!(next.settings().target_scale, Some(scale));
            assert!(predictions(&trained(next)) == predictions(&model), "{scale:?}");
        }
        let others = [TargetScale::Standard, TargetScale::Log, TargetScale::None];
        for other in others.into_iter().filter(|other| *other != scale) {
            let refused = experiment(&table, Some(other)).unwrap().start_from(&model).unwrap_err();
            assert!(refused.to_string().contains("the scales of the targets"), "{refused}");
        }
    }
}

#[test]
fn targets_without_a_logarithm_are_refused_by_a_model_of_logarithms() {
    let (above, with_zero) = (table(1), table(0));
    let model = trained(experiment(&above, Some(TargetScale::Log)).unwrap());
    let refused = experiment(&with_zero, None).unwrap().start_from(&model).unwrap_err();
    assert!(matches!(refused, LearnError::NoLogarithm { .. }), "{refused}");
}
