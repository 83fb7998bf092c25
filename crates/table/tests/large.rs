//! A large table, whose cells lie in a temporary file, is what the same table is in memory.

use std::fmt::Write;

use chainrule_table::{
    Blocks, Choices, Encoding, Order, Reading, Table, TargetColumn, repeated_rows, split, warnings,
};

const ROWS: usize = 50_000;

/// Plain numbers, numbers with marks, gaps, categories, dates, texts, and targets; every thousandth row is one of few.
fn text() -> String {
    let mut text =
        String::from("id,a,b,c,d,e,f,g,h,gap,town,day,money,code,group,far,copy,sum,word,y,class\n");
    let mut state = 7_u64;
    let mut next = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for row in 0..ROWS {
        let numbers: Vec<u64> = (0..8).map(|_| if row % 1000 < 3 { 5 } else { next(10_000) }).collect();
        write!(text, "case {row}").unwrap();
        numbers.iter().for_each(|number| write!(text, ",{}", *number as f64 / 8.0).unwrap());
        let gap = if next(9) == 0 { String::from("NA") } else { next(100).to_string() };
        let town = ["Bonn", "bonn ", "Ulm", "?", "Trier"][next(5) as usize];
        let (month, day) = (1 + next(12), 1 + next(28));
        let far = if row == 777 { String::from("1e300") } else { next(50).to_string() };
        let y = numbers[0] + numbers[1];
        write!(text, ",{gap},{town},2024-{month:02}-{day:02},${},{:05}", next(900), next(300)).unwrap();
        write!(text, ",g{},{far},{y},{},w{}", next(40), numbers[2], next(3)).unwrap();
        writeln!(text, ",{y},{}", if y > 10_000 { "much" } else { "little" }).unwrap();
    }
    text
}

/// The table as it is read, and as a block that is all of it.
fn with_both(test: impl Fn(&Table, &Table)) {
    let file = std::env::temp_dir().join(format!(
        "large-{}-{:?}.csv",
        std::process::id(),
        std::thread::current().id()
    ));
    std::fs::write(&file, text()).unwrap();
    let reading = Reading { merged: vec!["town".to_owned()], ..Reading::default() };
    let (table, blocks) = (Table::read_as(&file, &reading), Blocks::open(&file, &reading));
    let (table, blocks) = (table.unwrap(), blocks.unwrap());
    let outcome = blocks.each(ROWS, |block| -> Result<(), chainrule_table::Error> {
        assert_eq!(block.rows(), ROWS);
        test(&table, block);
        Ok(())
    });
    std::fs::remove_file(&file).unwrap();
    outcome.unwrap();
}

#[test]
fn cells_targets_orders_and_warnings_are_the_same() {
    with_both(|table, block| {
        for (own, other) in table.columns().iter().zip(block.columns()) {
            let (name, own, other) = (own.name(), own.loaded().unwrap(), other.loaded().unwrap());
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(own.numbers().map(bits), other.numbers().map(bits), "{name}");
            assert!((0..ROWS).all(|row| own.text(row) == other.text(row)), "{name}");
            assert_eq!(own.distinct(), other.distinct(), "{name}");
        }
        assert_eq!(table.audit().unwrap().columns.len(), block.columns().len());
        let target = |table: &Table, name: &str| TargetColumn::find(table, name, None).unwrap();
        let (y, class) = (target(table, "y"), target(table, "class"));
        assert_eq!((&y, &class), (&target(block, "y"), &target(block, "class")));
        for name in ["group", "a"] {
            assert_eq!(Order::grouped_by(table, name).unwrap(), Order::grouped_by(block, name).unwrap());
        }
        assert_eq!(Order::ordered_by(table, "day").unwrap(), Order::ordered_by(block, "day").unwrap());
        let parts = split(ROWS, 3, 0.2, 0.2).unwrap();
        let choices = Choices { others: vec!["y".to_owned(), "class".to_owned()], ..Choices::default() };
        let encoding = Encoding::fit(table, &parts.train, None, &choices).unwrap();
        assert_eq!(encoding, Encoding::fit(block, &parts.train, None, &choices).unwrap());
        let found = warnings(table, &encoding, &[y.clone(), class.clone()], &parts).unwrap();
        assert_eq!(found, warnings(block, &encoding, &[y, class], &parts).unwrap());
        assert!(found.iter().any(|warning| warning.words.contains("`copy` is the target")), "{found:?}");
        let names = ["a", "b", "c", "town"];
        let repeated = |table: &Table| repeated_rows((table, &parts.train), (table, &parts.test), &names);
        assert_eq!(repeated(table).unwrap(), repeated(block).unwrap());
    });
}

#[test]
fn encoded_rows_are_the_same_in_any_order() {
    with_both(|table, block| {
        let rows: Vec<usize> = (0..ROWS).filter(|row| row % 3 != 1).collect();
        let choices = Choices { others: vec!["y".to_owned()], ..Choices::default() };
        let encoding = Encoding::fit(table, &rows, None, &choices).unwrap();
        let back: Vec<usize> = rows.iter().rev().copied().collect();
        let mixed: Vec<usize> = (0..ROWS).map(|row| row * 7919 % ROWS).collect();
        for rows in [None, Some(&rows[..]), Some(&back), Some(&mixed), Some(&[ROWS - 1, 0, ROWS - 1])] {
            let bits = |table: &Table| {
                let encoded = encoding.encode(table, rows).unwrap();
                (encoded.tally, encoded.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>())
            };
            assert_eq!(bits(table), bits(block));
        }
        let places = ["a", "far"];
        assert_eq!(table.matrix(&places, Some(&back)).unwrap(), block.matrix(&places, Some(&back)).unwrap());
        let error = |table: &Table| table.matrix(&["a", "day"], None).unwrap_err().to_string();
        assert_eq!(error(table), error(block));
    });
}
