//! Laws of columns that are of one kind but for a few cells: they are asked about, and each mend works.

use chainrule_table::{
    Choices, ColumnKind, Encoding, Error, Order, Reading, Table, TargetColumn, TargetKind,
};

/// A table `d,x` with these strays among so many dates of 2023, the day first or last.
fn dates(rows: usize, strays: &[&str], is_slashed: bool) -> String {
    let date = |row: usize| {
        let (month, day) = (row % 12 + 1, row * 5 % 28 + 1);
        if is_slashed { format!("{month:02}/{day:02}/2023") } else { format!("2023-{month:02}-{day:02}") }
    };
    let mut cells: Vec<String> = (0..rows).map(date).collect();
    (strays.iter().enumerate()).for_each(|(place, stray)| cells.insert(3 * (place + 1), (*stray).to_owned()));
    let rows = cells.iter().enumerate().map(|(row, cell)| format!("{cell},{}.5\n", row * row % 17));
    format!("d,x\n{}", rows.collect::<String>())
}

fn fit(csv: &str, missing: &[&str], kind: Option<&str>) -> Result<Encoding, Error> {
    let missing = missing.iter().map(|word| (*word).to_owned()).collect();
    let table = Table::parse_as("t", csv.as_bytes(), &Reading { missing, ..Reading::default() })?;
    let kinds = kind.map(|kind| ("d".to_owned(), kind.parse().unwrap())).into_iter().collect();
    let rows: Vec<usize> = (0..table.rows()).collect();
    Encoding::fit(&table, &rows, None, &Choices { kinds, ..Choices::default() })
}

#[test]
fn a_few_cells_that_are_no_dates_are_named_with_mends_that_work() {
    for (strays, is_slashed, said, option) in [
        (
            &["2023-02-30"][..],
            false,
            "line 5 (row 3, counted from 0), column `d`: `2023-02-30` is no date",
            "--missing=2023-02-30",
        ),
        (&["31/31/2023"], true, "300 of the 301 cells of the column are", "--missing=31/31/2023"),
        (&["30/01/2023"], true, "`30/01/2023` is no date", "--missing=30/01/2023"),
        (
            &["unknown", "soon"],
            false,
            "`unknown` is no date as 300 of the 302 cells of the column are, nor is `soon`",
            "--missing=unknown,soon",
        ),
        (&["20230115"], false, "`20230115` is no date", "--missing=20230115"),
        (&["not yet"], true, "`not yet`", "--missing='not yet'"),
    ] {
        let csv = dates(300, strays, is_slashed);
        // Digits are dates where they are told to be.
        let told = Some("date").filter(|_| strays != ["20230115"]);
        for kind in [None, told] {
            let error = fit(&csv, &[], kind).unwrap_err().to_string();
            for want in [said, option, "`--column d=text`"] {
                assert!(error.contains(want), "{kind:?}: {want} in {error}");
            }
        }
        let mended = fit(&csv, strays, None).unwrap();
        assert_eq!((mended.columns[0].kind, mended.columns[0].missing), (ColumnKind::Date, strays.len()));
        assert_eq!(fit(&csv, &[], Some("text")).unwrap().columns[0].kind, ColumnKind::Text);
    }
}

#[test]
fn a_few_cells_that_are_no_numbers_are_named_rather_than_the_column_left_out() {
    let with = |strays: &[&str]| {
        let mut cells: Vec<String> = (0..60).map(|row| format!("{row}.25")).collect();
        (strays.iter().enumerate())
            .for_each(|(place, stray)| cells.insert(3 * (place + 1), (*stray).to_owned()));
        let rows = cells.iter().enumerate().map(|(row, cell)| format!("{cell};{}.5\n", row * row % 17));
        format!("d;x\n{}", rows.collect::<String>())
    };
    for (strays, option) in [
        (&["abc"][..], "--missing=abc"),
        (&["<0.1", "see note"], "--missing='<0.1,see note'"),
        (&["Total"], "--missing=Total"),
    ] {
        let csv = with(strays);
        let error = fit(&csv, &[], None).unwrap_err().to_string();
        for want in ["line 5 (row 3", "of the column are", option, "`--column d=text`"] {
            assert!(error.contains(want), "{want} in {error}");
        }
        let mended = fit(&csv, strays, None).unwrap();
        assert_eq!((mended.columns[0].kind, mended.columns[0].missing), (ColumnKind::Number, strays.len()));
        assert_eq!(fit(&csv, &[], Some("text")).unwrap().columns[0].kind, ColumnKind::Text);
    }
    // What has many words is text, and so is what may be told to be numbers.
    let many: Vec<String> = (0..12).map(|row| format!("{row} a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for strays in [&many[..], &["5%"]] {
        assert!(fit(&with(strays), &[], None).unwrap().columns[0].kind.is_left_out());
    }
}

#[test]
fn all_columns_with_such_cells_are_one_question() {
    let cell =
        |row: usize, at: usize, stray: &str| if row == at { stray.to_owned() } else { format!("{row}.25") };
    let row = |row: usize| {
        let date = if row == 40 {
            "soon".to_owned()
        } else {
            format!("2023-{:02}-{:02}", row % 12 + 1, row % 28 + 1)
        };
        format!("{date},{},{},{row}.5\n", cell(row, 7, "soon"), cell(row, 9, "late"))
    };
    let csv = format!("d,e,f,x\n{}", (0..60).map(row).collect::<String>());
    let error = fit(&csv, &[], None).unwrap_err().to_string();
    for want in [
        "line 42 ",
        "column `d`: `soon` is no date",
        "and `e` and `f` have such cells too",
        "`--missing=soon,late`",
        "`--column d=text --column e=text --column f=text`",
    ] {
        assert!(error.contains(want), "{want} in {error}");
    }
    let mended = fit(&csv, &["soon", "late"], None).unwrap();
    assert!(mended.columns.iter().all(|column| !column.kind.is_left_out()), "{mended:?}");
}

#[test]
fn words_that_are_mostly_no_dates_or_few_are_what_they_were() {
    // A fifth of the cells are no dates.
    let strays: Vec<String> = (0..60).map(|row| format!("text {row}")).collect();
    let strays: Vec<&str> = strays.iter().map(String::as_str).collect();
    assert!(fit(&dates(240, &strays, false), &[], None).is_ok());
    // Few distinct words are a category.
    let quarters: String = (0..60)
        .map(|row| format!("{},{row}.5\n", ["2023-01", "2023-04", "2023-07", "late"][row % 31 % 4]))
        .collect();
    assert_eq!(fit(&format!("d,x\n{quarters}"), &[], None).unwrap().columns[0].kind, ColumnKind::Category);
}

#[test]
fn rows_are_ordered_by_dates_or_the_cell_that_is_none_is_named() {
    let table = Table::parse("t", dates(30, &["soon"], false).as_bytes()).unwrap();
    let error = Order::ordered_by(&table, "d").unwrap_err().to_string();
    assert!(error.contains("line 5 ") && error.contains("`soon` is no date"), "{error}");
    assert!(
        error.contains("order the rows by another column") && !error.contains("nothing where"),
        "{error}"
    );
}

#[test]
fn a_target_of_dates_is_named_with_what_can_be_done() {
    let target = |csv: &str, told| TargetColumn::find(&Table::parse("t", csv.as_bytes()).unwrap(), "d", told);
    let csv = dates(60, &[], false);
    let error = target(&csv, None).unwrap_err().to_string();
    for want in ["line 2 ", "`2023-01-01` is a date", "the days or the seconds since the first"] {
        assert!(error.contains(want), "{want} in {error}");
    }
    // Classes of a row each are no mend, and those of several rows are.
    assert!(!error.contains("`--task classes`"), "{error}");
    let twice = format!("{csv}{}", csv.split_once('\n').unwrap().1);
    let error = target(&twice, None).unwrap_err().to_string();
    assert!(error.contains("each of the 60 dates as a class with `--task classes`"), "{error}");
    assert_eq!(target(&csv, Some(TargetKind::Classes)).unwrap().classes.len(), 60);
    // Few dates may be classes, as few numbers may.
    let few: String = (0..40).map(|row| format!("2023-0{}-01,{row}\n", row % 4 + 1)).collect();
    assert_eq!(target(&format!("d,x\n{few}"), None).unwrap().kind, TargetKind::Classes);
}
