//! Laws of whole numbers that no double holds: they are names, and two of them are never one.

use chainrule_table::{Choices, ColumnKind, Encoding, Order, Table, TargetColumn, TargetKind};

/// Eight whole numbers that lie between three doubles.
const FIRST: u64 = 9_007_199_254_740_992;

fn table(rows: usize) -> Table {
    let row = |row: usize| format!("{},{}.5,{}\n", FIRST + (row % 8) as u64, row, row % 3);
    let rows: String = (0..rows).map(row).collect();
    Table::parse("t", format!("code,x,y\n{rows}").as_bytes()).unwrap()
}

#[test]
fn each_is_a_class_of_its_own() {
    let table = table(40);
    let target = TargetColumn::find(&table, "code", Some(TargetKind::Classes)).unwrap();
    let want: Vec<String> = (0..8).map(|more| (FIRST + more).to_string()).collect();
    assert_eq!(target.classes, want);
    let known = TargetColumn::for_model(&table, "code", TargetKind::Classes, (&want, &[])).unwrap();
    assert_eq!(*known.values, (0..40).map(|row| f64::from(row % 8)).collect::<Vec<f64>>());
    // Untold they are numbers, as other whole numbers are, and may be classes.
    let target = TargetColumn::find(&table, "code", None).unwrap();
    assert_eq!((target.kind, target.offers), (TargetKind::Numbers, vec![TargetKind::Classes]));
}

#[test]
fn each_is_a_group_of_its_own() {
    let Order::Grouped(groups) = Order::grouped_by(&table(16), "code").unwrap() else { panic!() };
    assert_eq!(groups, (0..16).map(|row| row % 8).collect::<Vec<usize>>());
}

#[test]
fn each_is_a_value_of_its_own_in_training_and_beyond() {
    let trained = table(40);
    let rows: Vec<usize> = (0..40).collect();
    let encoding = Encoding::fit(&trained, &rows, None, &Choices::default()).unwrap();
    let column = &encoding.columns[0];
    assert_eq!((column.kind, column.distinct), (ColumnKind::Category, Some(8)));
    assert!(column.notes[0].contains("`--column code=number`"), "{:?}", column.notes);
    // The file for predictions may hold one that a double holds, alone or beside others.
    for (cells, unseen) in [
        (vec![FIRST], 0),
        (vec![FIRST + 1], 0),
        (vec![FIRST + 8], 1),
        (vec![FIRST + 9, FIRST + 1], 1),
        (vec![FIRST - 1], 1),
    ] {
        let rows: String = cells.iter().map(|cell| format!("{cell},1,0\n")).collect();
        let other = Table::parse("o", format!("code,x,y\n{rows}").as_bytes()).unwrap();
        let tally = encoding.encode(&other, None).unwrap().tally;
        assert_eq!(tally.columns.get("code").map_or(0, |code| code.unseen), unseen, "{cells:?}");
    }
}

#[test]
fn rows_are_ordered_by_numbers_that_are_kept_as_words() {
    for csv in ["t\n1577836800123456791\n1577836800999456789\n1577836799123456789\n", "t\n010\n11\n009\n"] {
        let table = Table::parse("t", csv.as_bytes()).unwrap();
        let Order::Ordered(keys) = Order::ordered_by(&table, "t").unwrap() else { panic!() };
        assert!(keys[2] < keys[0] && keys[0] < keys[1], "{keys:?}");
    }
}

#[test]
fn told_to_be_numbers_they_are_numbers() {
    let choices =
        Choices { kinds: vec![("code".to_owned(), "number".parse().unwrap())], ..Choices::default() };
    let encoding = Encoding::fit(&table(40), &(0..40).collect::<Vec<_>>(), None, &choices).unwrap();
    assert_eq!((encoding.columns[0].kind, encoding.columns[0].part.width()), (ColumnKind::Number, 1));
}
