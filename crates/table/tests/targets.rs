//! Laws of targets, of the ways of parting rows, and of warnings.

use std::collections::BTreeSet;

use chainrule_table::{
    Choice, Choices, Encoding, Error, Order, Parting, Reading, Split, Table, TargetColumn, TargetKind,
    Warning, WarningKind, repeated_rows, warnings,
};
use proptest::collection::vec;
use proptest::prelude::*;
use random::{Purpose, Random};

fn table(csv: &str) -> Table {
    Table::parse("t", csv.as_bytes()).unwrap()
}

fn column(cells: &str) -> Table {
    table(&format!(
        "y,x\n{}\n",
        cells.split(' ').map(|cell| format!("{cell},1")).collect::<Vec<_>>().join("\n")
    ))
}

#[test]
fn targets_are_what_their_values_are() {
    use TargetKind::{Classes, Counts, Numbers};
    for (cells, kind, classes, offers) in [
        ("b a b", Classes, "a b", vec![]),
        ("False True False", Classes, "False True", vec![]),
        ("1 0 1", Classes, "0 1", vec![Numbers]),
        ("2.5 -1 2.5", Classes, "-1 2.5", vec![Numbers]),
        ("yes no maybe", Classes, "maybe no yes", vec![]),
        ("10 9 x 1", Classes, "1 10 9 x", vec![]),
        ("1 2 0", Numbers, "", vec![Classes, Counts]),
        ("1 -2 0", Numbers, "", vec![Classes]),
        ("1 2.5 0", Numbers, "", vec![]),
        ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", Numbers, "", vec![Counts]),
        ("01 02 01", Classes, "01 02", vec![]),
        ("7 7 7", Numbers, "", vec![]),
        ("$7 $8.5 $7 $9", Numbers, "", vec![]),
        ("7 (8.5) 7 9", Numbers, "", vec![]),
        ("$7 ($8.5) $7 $9", Numbers, "", vec![]),
        ("7kg 8.5kg 7kg 9kg", Numbers, "", vec![]),
        ("7kg 8.5lb 7kg 9kg", Classes, "7kg 8.5lb 9kg", vec![]),
        ("7- 8.5 7- 9", Classes, "7- 8.5 9", vec![Numbers]),
        ("1_000 2_000 1_500", Classes, "1_000 1_500 2_000", vec![Numbers]),
    ] {
        let target = TargetColumn::find(&column(cells), "y", None).unwrap();
        assert_eq!(
            (target.kind, target.classes.join(" "), target.offers.clone()),
            (kind, classes.to_owned(), offers),
            "{cells}"
        );
        assert!(!target.told && target.missing.is_empty());
    }
}

#[test]
fn numbers_with_a_few_strays_are_no_classes() {
    let numbers: Vec<String> = (0..60).map(|row| format!("{row}.5")).collect();
    let with = |strays: &[&str]| {
        let mut cells = numbers.clone();
        strays
            .iter()
            .enumerate()
            .for_each(|(place, stray)| cells.insert(7 * (place + 1), (*stray).to_owned()));
        format!("y\tx\n{}\n", cells.iter().map(|cell| format!("{cell}\t1")).collect::<Vec<_>>().join("\n"))
    };
    for (strays, said, option) in [
        (
            &["error"][..],
            "line 9 (row 7, counted from 0), column `y`: `error` is no number",
            "--missing=error",
        ),
        (&["#BUSY!"], "`#BUSY!` is no number", "--missing='#BUSY!'"),
        (&["1O"], "60 of the 61 cells", "--missing=1O"),
        (&["<5"], "`<5`", "--missing='<5'"),
        (&["5 kg"], "`5 kg`", "--missing='5 kg'"),
        (
            &["m", "s"],
            "`m` is no number as 60 of the 62 cells of the target are, nor is `s`",
            "--missing=m,s",
        ),
        (&["a", "b", "c", "d"], "nor are `b` and `c` and 1 more", "--missing=a,b,c,d"),
        (&["3,25"], "`3,25` is no number", "write all numbers in one form"),
        (&["5%"], "`5%` is no number", "--missing=5%"),
        (&["5-"], "`5-` is no number", "`--task numbers`, -5 the first"),
    ] {
        let text = with(strays);
        let error = TargetColumn::find(&table(&text), "y", None).unwrap_err().to_string();
        for want in [said, option, "`--task classes`"] {
            assert!(error.contains(want), "{want} in {error}");
        }
        let told = TargetColumn::find(&table(&text), "y", Some(TargetKind::Classes)).unwrap();
        assert_eq!(told.classes.len(), 60 + strays.len());
        if option.starts_with("--missing") {
            let missing = strays.iter().map(|stray| (*stray).to_owned()).collect();
            let told = Reading { missing, ..Reading::default() };
            let table = Table::parse_as("t", text.as_bytes(), &told).unwrap();
            assert_eq!(TargetColumn::find(&table, "y", None).unwrap().missing.len(), strays.len());
        }
    }
    // Few numbers among many words, and few distinct numbers, are classes.
    let few = format!("{} {}", "1 2 3".repeat(9).replace("31", "3 1"), "x");
    assert_eq!(TargetColumn::find(&column(&few), "y", None).unwrap().kind, TargetKind::Classes);
    let many = format!("{} {}", numbers.join(" "), ["word"; 20].join(" "));
    assert_eq!(TargetColumn::find(&column(&many), "y", None).unwrap().kind, TargetKind::Classes);
}

#[test]
fn what_is_told_of_a_target_is_taken_or_refused_with_its_cell() {
    let told = |cells: &str, kind| TargetColumn::find(&column(cells), "y", Some(kind));
    let classes = told("10 9 ? 10", TargetKind::Classes).unwrap();
    assert_eq!((classes.classes, classes.missing), (vec!["9".to_owned(), "10".to_owned()], vec![2]));
    assert_eq!((classes.values[0], classes.values[1]), (1.0, 0.0));
    assert_eq!(*told("1 0 1", TargetKind::Numbers).unwrap().values, [1.0, 0.0, 1.0]);
    assert_eq!(*told("01 02 01", TargetKind::Numbers).unwrap().values, [1.0, 2.0, 1.0]);
    for (cells, kind, want) in [
        ("1 x 2", TargetKind::Numbers, "`x` is no number"),
        ("1 -1 2", TargetKind::Counts, "-1 is no count"),
        ("1 0.5 2", TargetKind::Counts, "0.5 is no count"),
        ("1 inf 2", TargetKind::Numbers, "inf"),
        ("1 inf 2", TargetKind::Classes, "inf"),
    ] {
        let error = told(cells, kind).unwrap_err().to_string();
        assert!(error.contains(want) && error.contains("column `y`"), "{error}");
    }
}

#[test]
fn a_trained_models_classes_keep_their_places() {
    let train = TargetColumn::find(&column("b a c"), "y", None).unwrap();
    let again = TargetColumn::for_model(&column("c ? a"), "y", train.kind, (&train.classes, &[])).unwrap();
    assert_eq!((again.values[0], again.values[2], again.missing), (2.0, 0.0, vec![1]));
    let error = TargetColumn::for_model(&column("c d"), "y", train.kind, (&train.classes, &[]))
        .unwrap_err()
        .to_string();
    assert!(error.contains("`d` is none of the model's classes, `a`, `b` and `c`"), "{error}");
    let numbers = ["0".to_owned(), "1.5".to_owned()];
    assert!(TargetColumn::for_model(&column("1.50 0 x"), "y", TargetKind::Classes, (&numbers, &[])).is_err());
    let again = TargetColumn::for_model(&column("1.50 0"), "y", TargetKind::Classes, (&numbers, &[]));
    assert_eq!(*again.unwrap().values, [1.0, 0.0]);
}

/// All rows of a split are rows that can be used, each once.
fn check(split: &Split, usable: &[usize]) {
    let mut rows: Vec<usize> =
        [&split.train, &split.validation, &split.test].into_iter().flatten().copied().collect();
    rows.sort_unstable();
    assert_eq!(rows, usable);
}

fn parting(rows: usize, seed: u64, order: Order) -> Parting {
    Parting {
        order,
        validation: Choice::Fraction(0.2),
        test: Choice::Fraction(0.2),
        ..Parting::new(rows, seed)
    }
}

proptest! {
    #[test]
    fn a_stratified_split_has_each_class_in_its_share(classes in vec(0..4usize, 12..300), seed in any::<u64>()) {
        let rows = classes.len();
        let split = parting(rows, seed, Order::Stratified(classes.clone())).split().unwrap();
        check(&split, &(0..rows).collect::<Vec<_>>());
        for class in 0..4 {
            let count = |part: &[usize]| part.iter().filter(|&&row| classes[row] == class).count();
            let whole = classes.iter().filter(|&&other| other == class).count();
            let share = 0.2 * whole as f64;
            // A class with one row keeps it for training, and the others make up for it.
            prop_assert!((count(&split.test) as f64 - share).abs() < 2.5, "{} of {whole}", count(&split.test));
            prop_assert!(whole == 0 || count(&split.train) > 0);
        }
    }

    #[test]
    fn a_grouped_split_keeps_groups_whole(groups in vec(0..30usize, 20..300), seed in any::<u64>()) {
        let split = match parting(groups.len(), seed, Order::Grouped(groups.clone())).split() {
            Ok(split) => split,
            Err(Error::TooFewRows { .. }) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        check(&split, &(0..groups.len()).collect::<Vec<_>>());
        let of = |part: &[usize]| -> BTreeSet<usize> { part.iter().map(|&row| groups[row]).collect() };
        let (train, validation, test) = (of(&split.train), of(&split.validation), of(&split.test));
        prop_assert!(train.is_disjoint(&test) && train.is_disjoint(&validation) && test.is_disjoint(&validation));
    }

    #[test]
    fn an_ordered_split_tests_what_comes_last(keys in vec(-1e3..1e3f64, 8..200), seed in any::<u64>()) {
        let split = parting(keys.len(), seed, Order::Ordered(keys.clone())).split().unwrap();
        check(&split, &(0..keys.len()).collect::<Vec<_>>());
        let range = |part: &[usize]| {
            part.iter().fold((f64::MAX, f64::MIN), |(low, high), &row| (low.min(keys[row]), high.max(keys[row])))
        };
        let (train, validation, test) = (range(&split.train), range(&split.validation), range(&split.test));
        prop_assert!(train.1 <= validation.0 && validation.1 <= test.0);
    }

    #[test]
    fn every_row_is_tested_once_by_folds(
        groups in vec(0..9usize, 30..200), seed in any::<u64>(), folds in 2..6usize, way in 0..3usize,
    ) {
        let rows = groups.len();
        let order = [Order::Random, Order::Stratified(groups.clone()), Order::Grouped(groups.clone())][way].clone();
        let grouped = way == 2;
        let made = parting(rows, seed, order.clone()).folds(folds);
        prop_assert_eq!(&made, &parting(rows, seed, order).folds(folds));
        let Ok(made) = made else {
            prop_assert!(grouped);
            return Ok(());
        };
        prop_assert_eq!(made.len(), folds);
        let mut tested: Vec<usize> = Vec::new();
        for split in &made {
            check(split, &(0..rows).collect::<Vec<_>>());
            tested.extend(&split.test);
            if way == 1 {
                for class in 0..9 {
                    let count = |part: &[usize]| part.iter().filter(|&&row| groups[row] == class).count();
                    let whole = groups.iter().filter(|&&group| group == class).count();
                    prop_assert!((count(&split.test) as f64 - whole as f64 / folds as f64).abs() <= 1.0);
                }
            }
            if grouped {
                let test: BTreeSet<usize> = split.test.iter().map(|&row| groups[row]).collect();
                prop_assert!(split.train.iter().all(|&row| !test.contains(&groups[row])));
            }
        }
        tested.sort_unstable();
        prop_assert_eq!(tested, (0..rows).collect::<Vec<_>>());
    }

    #[test]
    fn rows_that_cannot_be_used_are_in_no_part(usable in vec(any::<bool>(), 10..100), seed in any::<u64>()) {
        let rows: Vec<usize> = (0..usable.len()).filter(|&row| usable[row]).collect();
        let parting = Parting { usable: Some(rows.clone()), ..parting(usable.len(), seed, Order::Random) };
        if let Ok(split) = parting.split() {
            check(&split, &rows);
        } else {
            prop_assert!(rows.len() < 4);
        }
    }
}

#[test]
fn chance_draws_as_it_always_did() {
    for rows in [3, 10, 101] {
        let made = parting(rows, 7, Order::Random).split().unwrap();
        assert_eq!(made, chainrule_table::split(rows, 7, 0.2, 0.2).unwrap());
        let usable = Some((0..rows).collect());
        assert_eq!(Parting { usable, ..parting(rows, 7, Order::Random) }.split().unwrap(), made);
    }
}

#[test]
fn ordered_folds_test_what_comes_after() {
    let keys: Vec<f64> = (0..12).rev().map(f64::from).collect();
    let folds = Parting { order: Order::Ordered(keys.clone()), ..Parting::new(12, 0) }.folds(3).unwrap();
    assert_eq!(folds.len(), 3);
    for split in &folds {
        let last = split.train.iter().map(|&row| keys[row]).fold(f64::MIN, f64::max);
        assert!(split.test.iter().all(|&row| keys[row] > last));
    }
    assert!(matches!(Parting::new(3, 0).folds(4), Err(Error::TooManyFolds { .. })));
    assert!(matches!(Parting::new(3, 0).folds(1), Err(Error::TooManyFolds { .. })));
    assert!(matches!(
        Parting { order: Order::Ordered(keys), ..Parting::new(3, 0) }.split(),
        Err(Error::WrongCount { .. })
    ));
}

#[test]
fn rows_are_grouped_and_ordered_by_columns() {
    let rows = table("g,t,d,n\na,1,2024-01-02,5\nb,2,2024-01-01 10:00,\na,3,2024-01-01,5\n,4,2023-12-31,x\n");
    assert_eq!(Order::grouped_by(&rows, "g").unwrap(), Order::Grouped(vec![0, 1, 0, 2]));
    let Order::Ordered(keys) = Order::ordered_by(&rows, "d").unwrap() else { panic!() };
    assert!(keys[3] < keys[2] && keys[2] < keys[1] && keys[1] < keys[0]);
    assert!(matches!(Order::ordered_by(&rows, "g"), Err(Error::WrongKind { .. })));
    let gap = table("t,y\n1,1\n,2\n");
    let error = Order::ordered_by(&gap, "t").unwrap_err().to_string();
    assert!(error.contains("the rows are parted by this column"), "{error}");
    assert!(Order::grouped_by(&rows, "h").unwrap_err().to_string().contains("grouped by is not in"));
}

/// The warnings of a table whose target is `y`.
fn warned(csv: &str) -> Vec<Warning> {
    warned_as(csv, &Reading::default())
}

/// The same of a table that is read so.
fn warned_as(csv: &str, told: &Reading) -> Vec<Warning> {
    let table = Table::parse_as("t", csv.as_bytes(), told).unwrap();
    let target = TargetColumn::find(&table, "y", None).unwrap();
    let split = chainrule_table::split(table.rows(), 0, 0.2, 0.2).unwrap();
    let choices = Choices { others: vec!["y".to_owned()], ..Choices::default() };
    let encoding = Encoding::fit(&table, &split.train, None, &choices).unwrap();
    let found = warnings(&table, &encoding, &[target], &split).unwrap();
    assert!(found.iter().all(|warning| !warning.to_string().contains('\n')));
    found
}

fn kinds(csv: &str) -> Vec<WarningKind> {
    warned(csv).iter().map(|warning| warning.kind).collect()
}

/// A table of so many rows, made by a function of row and random numbers.
fn made(header: &str, rows: usize, mut row: impl FnMut(usize, &mut Random) -> String) -> String {
    let mut random = Random::new(5, Purpose::Check, 0);
    let lines: Vec<String> = (0..rows).map(|place| row(place, &mut random)).collect();
    format!("{header}\n{}\n", lines.join("\n"))
}

#[test]
fn ordinary_tables_are_not_warned_of() {
    let csv = made("a,b,c,y", 200, |_, random| {
        let (a, b) = (random.normal(), random.normal());
        format!("{a},{b},{},{}", random.below(5), a + 2.0 * b + 0.1 * random.normal())
    });
    assert_eq!(warned(&csv), []);
}

#[test]
fn a_column_that_tells_the_target_is_warned_of() {
    let copied = made("a,b,y", 50, |_, random| {
        let y = random.normal();
        format!("{},{y},{y}", random.normal())
    });
    let found = warned(&copied);
    assert_eq!(
        (found[0].kind, found[0].columns.as_slice()),
        (WarningKind::Copy, ["b".to_owned()].as_slice())
    );
    let one_to_one = made("a,word,y", 50, |_, random| {
        let class = random.below(3) as usize;
        format!("{},{},{}", random.normal(), ["red", "green", "blue"][class], ["n", "m", "k"][class])
    });
    assert_eq!(kinds(&one_to_one), [WarningKind::Copy]);
    let nearly = one_to_one.replacen("red,n", "red,m", 1);
    assert_eq!(kinds(&nearly), []);
}

#[test]
fn columns_whose_sum_is_the_target_are_warned_of() {
    for terms in 2..6 {
        for negative in [false, true] {
            let header: Vec<String> = (0..8).map(|place| format!("x{place}")).collect();
            let csv = made(&format!("{},y", header.join(",")), 60, |_, random| {
                let cells: Vec<f64> = (0..8).map(|_| (100.0 * random.normal()).round() / 10.0).collect();
                let sign = |place: usize| if negative && place == 1 { -1.0 } else { 1.0 };
                let sum: f64 = (0..terms).map(|place| sign(place) * cells[place]).sum();
                let words: Vec<String> = cells.iter().map(f64::to_string).collect();
                format!("{},{sum}", words.join(","))
            });
            let found = warned(&csv);
            assert_eq!(found.len(), 1, "{terms} {negative}: {found:?}");
            assert_eq!(found[0].kind, WarningKind::Sum);
            let mut columns = found[0].columns.clone();
            columns.sort();
            assert_eq!(columns, header[..terms]);
        }
    }
    let many = made(
        &format!("{},y", (0..400).map(|place| format!("x{place}")).collect::<Vec<_>>().join(",")),
        40,
        |_, random| {
            let cells: Vec<f64> = (0..400).map(|_| random.below(1000) as f64).collect();
            let words: Vec<String> = cells.iter().map(f64::to_string).collect();
            format!("{},{}", words.join(","), cells[17] + cells[302])
        },
    );
    let found = warned(&many);
    assert!(found.iter().any(|warning| warning.kind == WarningKind::Sum), "{found:?}");
}

#[test]
fn doubtful_numbers_are_warned_of() {
    let with = |cell: &str| {
        made("a,y", 60, |row, random| {
            let a = if row == 30 { cell.to_owned() } else { random.normal().to_string() };
            format!("{a},{}", random.normal())
        })
    };
    for (cell, want) in [
        ("0", vec![]),
        ("5", vec![]),
        ("-999", vec![WarningKind::Sentinel]),
        ("999", vec![WarningKind::Sentinel]),
        ("1e9", vec![WarningKind::Outlier]),
        ("9007199254740993", vec![WarningKind::Outlier, WarningKind::LargeInteger]),
    ] {
        assert_eq!(kinds(&with(cell)), want, "{cell}");
    }
    let sentinel = warned(&with("-999"));
    assert_eq!(sentinel[0].numbers, [-999.0, 1.0]);
    assert!(sentinel[0].mend.contains("`--missing=-999`"), "{}", sentinel[0]);
    // Values from a range that a sentinel lies in are values.
    let wide = made("a,y", 60, |row, random| format!("{},{}", (row as f64 - 30.0) * 33.3, random.normal()));
    assert_eq!(kinds(&wide), []);
}

#[test]
fn spellings_of_one_value_are_warned_of_and_told_apart() {
    for (values, target, want) in [
        (["Yes", "yes", "No"], true, "`Yes` and `yes`, classes of the target `y`"),
        (["<=50K", "<=50K.", ">50K"], true, "`<=50K` and `<=50K.`, classes of the target `y`"),
        (
            ["New York", "new_york", "NEW  YORK"],
            false,
            "`NEW  YORK`, `New York` and `new_york`, values of `c`",
        ),
        (["Red", "red", "red"], false, "`Red` and `red`, values of `c`"),
        (["a", "b", "c"], true, ""),
        // What can only be yes or no is one in every spelling.
        (["Yes", "yes", "no"], false, ""),
    ] {
        let (place, name) = if target { (1, "y") } else { (0, "c") };
        let csv = made("c,x,y", 90, |row, random| {
            let value = values[row * row % 7 % 3];
            let cells = [["u", "v", "w"][random.below(3) as usize], ["p", "q"][random.below(2) as usize]];
            let cells = if place == 1 { [cells[0], value] } else { [value, cells[1]] };
            format!("{},{},{}", cells[0], random.normal(), cells[1])
        });
        let found = warned(&csv);
        let found: Vec<&Warning> =
            found.iter().filter(|warning| warning.kind == WarningKind::Spelling).collect();
        assert_eq!(found.len(), usize::from(!want.is_empty()), "{values:?}: {found:?}");
        for warning in found {
            assert!(warning.words.starts_with(want) && warning.columns == [name], "{warning}");
            assert!(warning.mend.contains(&format!("`--merge {name}`")), "{warning}");
            let told = Reading { merged: vec![name.to_owned()], ..Reading::default() };
            let merged = warned_as(&csv, &told);
            assert!(merged.iter().all(|warning| warning.kind != WarningKind::Spelling), "{merged:?}");
        }
    }
}

#[test]
fn a_row_of_totals_is_warned_of() {
    let table = |name: &str, last: [&str; 3]| {
        let mut sums = [0, 0];
        let rows = made(&format!("{name},x,y"), 60, |row, random| {
            let cells = [random.below(90), random.below(70)];
            sums = [sums[0] + cells[0], sums[1] + cells[1]];
            format!("n{row},{}.5,{}", cells[0], cells[1])
        });
        let sums = [format!("{}", sums[0] as f64 + 30.0), sums[1].to_string()];
        let cell = |cell: &str| cell.replace("SUM", &sums[0]).replace("OTHER", &sums[1]);
        format!("{rows}{},{},{}\n", cell(last[0]), cell(last[1]), cell(last[2]))
    };
    for (last, columns) in [
        (["Total", "SUM", "OTHER"], &["x", "y"][..]),
        (["", "SUM", "OTHER"], &["x", "y"]),
        (["TOTAL", "", "OTHER"], &["y"]),
        (["total", "44", "OTHER"], &["y"]),
        (["", "44", "OTHER"], &[]),
        (["", "", "OTHER"], &[]),
        (["Total", "44", "9"], &[]),
    ] {
        let found = warned(&table("name", last));
        let found: Vec<&Warning> =
            found.iter().filter(|warning| warning.kind == WarningKind::Total).collect();
        assert_eq!(found.len(), usize::from(!columns.is_empty()), "{last:?}: {found:?}");
        for warning in found {
            assert_eq!(warning.columns, columns);
            assert!(
                warning.to_string().contains("line 62 of the file")
                    && warning.mend.contains("out of the file"),
                "{warning}"
            );
        }
    }
}

#[test]
fn few_rows_repeated_rows_and_columns_left_out_are_said() {
    let few = warned("id,c,x,y\n1,7,1.5,1\n2,7,2.5,3\n3,7,0.5,5\n4,7,1,6\n5,7,3,6.5\n");
    let kinds: Vec<WarningKind> = few.iter().map(|warning| warning.kind).collect();
    assert_eq!(kinds, [WarningKind::Identifier, WarningKind::Constant, WarningKind::FewRows]);
    let mends: Vec<&str> = few.iter().map(|warning| warning.mend.as_str()).collect();
    assert!(
        mends[0].contains("`--column id=number`") && mends[1].contains("`--column c=category`"),
        "{mends:?}"
    );
    let repeated = made("a,y", 100, |row, _| format!("{},{}", row / 2, (row / 2) * (row / 2) % 7));
    let found = warned(&repeated);
    let warning = found.iter().find(|warning| warning.kind == WarningKind::Repeated).unwrap();
    assert!(warning.numbers[0] > 5.0 && warning.numbers[1] == 20.0, "{warning}");
    let one = table("a,b\n1,x\n2,y\n,z\n");
    let other = table("b,a,c\nx,1,5\ny,3,5\nz,?,6\n");
    assert_eq!(repeated_rows((&one, &[0, 1, 2]), (&other, &[0, 1, 2]), &["a", "b"]).unwrap(), 2);
    assert_eq!(repeated_rows((&one, &[0]), (&other, &[1, 2]), &["a", "b"]).unwrap(), 0);
    assert_eq!(repeated_rows((&one, &[0]), (&other, &[0]), &["z"]).unwrap(), 0);
}
