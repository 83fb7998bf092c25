//! Rows that are told by their numbers.

use chainrule_learn::{Columns, Epochs, Experiment, LearnError, Options, Portion, Portions, Settings, judge};
use compiler::Library;
use std::ops::ControlFlow;
use table::{Error, Table};

/// Forty rows, of which row 3 has no target.
fn table() -> Table {
    let row = |x: usize| if x == 3 { format!("{x},\n") } else { format!("{},{}\n", x * x, 2 * x) };
    let rows: String = (0..40).map(row).collect();
    Table::parse("t", format!("x,y\n{rows}").as_bytes()).unwrap()
}

fn experiment(table: &Table, portions: Portions) -> Result<Experiment<'_>, LearnError> {
    let training = Options { epochs: Epochs::Fixed(2), ..Options::default() };
    let settings = Settings { training, ..Settings::default() };
    Experiment::new(table, &Columns::new(&["y"], &[] as &[&str]), portions, settings, Library::standard())
}

fn is_beyond(result: Result<impl Sized, LearnError>) -> bool {
    matches!(result, Err(LearnError::Table(Error::NoRow { row: 40, rows: 40 })))
}

#[test]
fn a_row_beyond_the_last_is_an_error_wherever_it_is_told() {
    let table = table();
    let rows = || Portion::Rows(vec![1, 40]);
    let none = || Portion::Rows(Vec::new());
    let train = Portions { train: Some(vec![0, 40]), validation: none(), test: none() };
    assert!(is_beyond(experiment(&table, train)));
    assert!(is_beyond(experiment(&table, Portions { validation: rows(), ..Portions::default() })));
    assert!(is_beyond(experiment(&table, Portions { test: rows(), ..Portions::default() })));

    let run = experiment(&table, Portions::default()).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
    assert!(is_beyond(judge(&run.model.unwrap(), &[], &table, Some(&[1, 40]), None)));
}

#[test]
fn rows_without_a_target_are_left_out_of_what_is_told() {
    let table = table();
    let portions = Portions {
        train: Some((0..30).collect()),
        validation: Portion::Rows(vec![30, 31]),
        test: Portion::Rows(vec![32, 33]),
    };
    assert_eq!(experiment(&table, portions).unwrap().rows(), [29, 2, 2]);
}
