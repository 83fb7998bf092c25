//! Laws of what stands beside numbers: signs of money and per cent, brackets, and units.

mod fitted;

use chainrule_table::{Choices, ColumnKind, Encoding, NumberScaling, Table};
use fitted::{as_kind, fit, table};

#[test]
fn numbers_of_one_unit_are_numbers_and_of_several_are_told() {
    let of = |unit: &dyn Fn(usize) -> &'static str| {
        let rows: Vec<String> = (0..60).map(|row| format!("{row}{},{}", unit(row), (row * 7) % 10)).collect();
        table(&format!("weight,y\n{}\n", rows.join("\n")))
    };
    let choices = Choices { others: vec!["y".to_owned()], ..Choices::default() };
    let fitted = |table: &Table| Encoding::fit(table, &(0..60).collect::<Vec<_>>(), None, &choices);
    let (kilos, plain) = (of(&|_| " kg"), of(&|_| ""));
    let encoding = fitted(&kilos).unwrap();
    assert_eq!(encoding.columns[0].notes, ["`kg` is left out of its numbers"]);
    let encoded = encoding.encode(&kilos, None).unwrap();
    assert!(encoded.tally.columns.is_empty());
    let bare = encoding.encode(&plain, None).unwrap();
    assert_eq!((&bare.values, bare.tally.columns["weight"].other_sign), (&encoded.values, 60));
    let pounds = encoding.encode(&of(&|_| " lb"), None).unwrap_err().to_string();
    assert!(pounds.contains("`0 lb` is no number"), "{pounds}");
    let error = fitted(&of(&|row| [" kg", " lb"][row % 2])).unwrap_err().to_string();
    assert!(error.contains("numbers with `kg` and `lb`"), "{error}");
}

#[test]
fn signs_beside_numbers_that_the_training_rows_do_not_have_are_counted() {
    let rows = |cells: [&str; 3]| {
        let rows: String = cells.iter().enumerate().map(|(row, cell)| format!("{cell};{row}\n")).collect();
        table(&format!("a;b\n{rows}"))
    };
    for (trained, given, count) in [
        (["5", "6", "7.5"], ["5%", "6", "7"], 1),
        (["5", "6", "7.5"], ["€5", "6 €", "$7"], 3),
        (["5%", "6%", "7.5%"], ["5", "6", "7"], 3),
        (["5%", "6%", "7.5%"], ["5%", "6 %", "7"], 1),
        (["$5", "$6", "$7.5"], ["$5", "£6", "$7"], 1),
        (["$5", "$6", "$7.5"], ["$5", "", "-$7"], 0),
        (["5", "(6)", "7.5"], ["(5)", "6", "7"], 0),
        (["5", "6", "7.5"], ["(5)", "6", "7"], 1),
    ] {
        let encoding = fit(&rows(trained), &Choices::default());
        let encoded = encoding.encode(&rows(given), None).unwrap();
        let found = encoded.tally.columns.get("a").map_or(0, |tally| tally.other_sign);
        assert_eq!(found, count, "{trained:?} {given:?}");
        // What is counted is the number all the same.
        let plain = given.map(|cell| cell.replace('(', "-").replace(['%', '€', '$', '£', ' ', ')'], ""));
        let plain = encoding.encode(&rows([&plain[0], &plain[1], &plain[2]]), None).unwrap();
        assert_eq!(encoded.values, plain.values);
    }
    // What was told to be numbers may have had both.
    let encoding = fit(&rows(["5", "6%", "7"]), &as_kind("a", "number"));
    assert_eq!(encoding.encode(&rows(["1", "2%", "3"]), None).unwrap().tally.columns.len(), 0);
}

#[test]
fn numbers_in_brackets_are_below_zero_as_accounts_write_them() {
    let table = table("a,b\n1.5,1\n(2.5),3\n\"(1,000.5)\",2\n4,4\n");
    let encoding = fit(&table, &Choices { scaling: NumberScaling::None, ..Choices::default() });
    assert_eq!(encoding.columns[0].notes, ["numbers in brackets are negative"]);
    let values = encoding.encode(&table, None).unwrap().values;
    let first: Vec<f32> = values.chunks(2).map(|row| row[0]).collect();
    assert_eq!(first, [1.5, -2.5, -1000.5, 4.0]);
}

#[test]
fn different_signs_are_said_with_what_makes_them_numbers() {
    for cells in [["5%", "6", "7%"], ["$5", "6", "7 €"]] {
        let rows: String = cells.iter().enumerate().map(|(row, cell)| format!("{cell};{row}.5\n")).collect();
        let table = table(&format!("a;b\n{rows}"));
        let column = &fit(&table, &Choices::default()).columns[0];
        assert!(column.notes[0].contains("`--column a=number` takes the numbers alone"), "{column:?}");
        assert_eq!(fit(&table, &as_kind("a", "number")).columns[0].kind, ColumnKind::Number);
    }
}
