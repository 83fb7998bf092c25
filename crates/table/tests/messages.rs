//! Every mistake gets one sentence that says what, where, and how to mend it.

use std::fs;
use std::path::PathBuf;

use chainrule_table::{
    Choice, Choices, Dataset, Encoding, Error, Matrix, Order, Parting, Scaling, ScalingKind, Split, Table,
    TargetColumn, TargetKind, read_rows, split, write_rows,
};

const NONE: &[&str] = &[];

#[track_caller]
fn check<T: std::fmt::Debug>(result: Result<T, Error>, want: &str) {
    assert_eq!(result.unwrap_err().to_string(), want);
}

fn parse(csv: &str) -> Result<Table, Error> {
    Table::parse("t.csv", csv.as_bytes())
}

fn dataset(csv: &str, targets: &[&str], ignored: &[&str]) -> Result<Dataset, Error> {
    Dataset::new(&parse(csv).unwrap(), targets, ignored)
}

/// A file of this test alone, with these bytes.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("messages-{name}"));
    fs::write(&path, bytes).unwrap();
    path
}

fn rows_of(name: &str, text: &str) -> (String, Result<Vec<usize>, Error>) {
    let path = file(name, text.as_bytes());
    let rows = read_rows(&path, 10);
    // Messages cut long paths, so the tests compare what comes after the path.
    (path.display().to_string(), rows)
}

#[track_caller]
fn check_rows(name: &str, text: &str, want: &str) {
    let (path, rows) = rows_of(name, text);
    let message = rows.unwrap_err().to_string();
    assert!(message.ends_with(want), "{message}");
    assert!(message.starts_with(path.chars().take(60).collect::<String>().as_str()), "{message}");
}

#[test]
fn missing_file() {
    check(Table::read("no/such.csv"), "there is no file `no/such.csv`: check its name and folder");
}

#[test]
fn a_folder_is_no_file() {
    let error = Table::read(env!("CARGO_TARGET_TMPDIR")).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }));
    assert!(error.to_string().ends_with("give the path of a file that you may read"), "{error}");
}

#[test]
fn not_utf8() {
    // A letter in UTF-8 before says that the byte is damage, and no other encoding.
    let want = "t.csv, line 3: bytes that are no text in its encoding: save the file as UTF-8, or name its encoding with \
                `--encoding`, such as `--encoding windows-1252`";
    check(Table::parse("t.csv", b"a,\xc3\xa9\r\n1,2\r\n\xe9,3\r\n"), want);
}

#[test]
fn empty_file() {
    let want =
        "t.csv is empty: expected a first line with the names of the columns, then one line for each row";
    for csv in ["", "\n\r\n", "\u{feff}"] {
        check(parse(csv), want);
    }
}

#[test]
fn header_only() {
    check(
        parse("a,b\n"),
        "t.csv has a header of 2 columns and no rows: expected at least one row of data below it",
    );
}

#[test]
fn column_names_in_memory() {
    let named =
        |names: [&str; 2]| Table::from_columns("t", names.map(|name| (name.to_owned(), vec![1.0])).to_vec());
    check(named(["a", ""]), "t: column 2 has no name: write one in the first line of the file");
    check(
        named(["a", "a"]),
        "t: columns 1 and 2 are both named `a`: rename one in the first line of the file",
    );
}

#[test]
fn ragged_row() {
    check(
        parse("a,b\n1,2\n\n3\n"),
        "t.csv, line 4: 1 cell where the table has 2 columns, with commas between cells: write as many cells as columns, put a cell \
         that holds the sign in quotes, take the line away if it is no row, or name the sign with `--delimiter`",
    );
}

#[test]
fn ragged_columns_in_memory() {
    let columns = vec![("a".to_owned(), vec![1.0, 2.0]), ("b".to_owned(), vec![1.0])];
    check(
        Table::from_columns("t", columns),
        "t: column `b` has 1 cell where the first column has 2: give every column the same length",
    );
}

#[test]
fn target_that_is_no_column() {
    check(
        dataset("size,price\n1,2\n", &["prices"], NONE),
        "the target `prices` is no column of t.csv: did you mean `price`? the table has `size` and `price`",
    );
}

#[test]
fn ignored_that_is_no_column() {
    check(
        dataset("size,price\n1,2\n", &["price"], &["colour"]),
        "the column `colour` that is to be ignored is not in t.csv: the table has `size` and `price`",
    );
}

#[test]
fn long_lists_of_columns_are_cut() {
    let names: Vec<String> = (10..40).map(|i| format!("c{i}")).collect();
    let csv = format!("{}\n{}\n", names.join(","), vec!["1"; 30].join(","));
    let error = dataset(&csv, &["zzzzzzzz"], NONE).unwrap_err().to_string();
    assert!(error.ends_with("`c20`, `c21` and 18 more"), "{error}");
}

#[test]
fn column_missing_at_prediction() {
    check(
        parse("size,rom,zone\n1,2,3\n").unwrap().model_inputs(&["size", "room"]),
        "the model needs the column `room`, and t.csv does not have it: \
         did you mean `rom`? the table has `size`, `rom` and `zone`",
    );
}

#[test]
fn choices_of_columns() {
    let csv = "a,b\n1,2\n";
    check(
        dataset(csv, NONE, NONE),
        "no target column is named for t.csv: name the column to predict with `--target COLUMN`",
    );
    check(dataset(csv, &["b", "b"], NONE), "column `b` is named twice as a target: name it once");
    check(
        dataset(csv, &["b"], &["b"]),
        "column `b` is both the target and ignored: take it out of `--ignore`, or choose another target",
    );
    check(
        dataset(csv, &["b"], &["a"]),
        "t.csv has 2 columns, and all are targets or ignored: leave at least one column to predict from",
    );
}

#[test]
fn text_cell() {
    let csv = "id,y\n7,1\nx7,2\n";
    check(
        dataset(csv, &["y"], NONE),
        "t.csv, line 3 (row 1, counted from 0), column `id`: expected a number, found the text `x7`: \
         write a number, remove the row, or leave the column out with `--ignore id`",
    );
    check(
        dataset(csv, &["id"], NONE),
        "t.csv, line 3 (row 1, counted from 0), column `id`: expected a number, found the text `x7`: \
         write a number, remove the row, or choose another target",
    );
    check(
        parse(csv).unwrap().model_inputs(&["id"]),
        "t.csv, line 3 (row 1, counted from 0), column `id`: expected a number, found the text `x7`: \
         write a number or remove the row, for the model needs this column",
    );
}

#[test]
fn the_first_text_cell_names_the_other_columns_of_text() {
    let error = dataset("a,b,c,y\n1,x,y,1\n", &["y"], NONE).unwrap_err().to_string();
    assert!(error.ends_with("leave the column out with `--ignore b` (`c` is text too)"), "{error}");
    let error = dataset("a,b,c,y\nz,x,y,1\n", &["y"], NONE).unwrap_err().to_string();
    assert!(error.ends_with("leave the column out with `--ignore a` (`b` and `c` are text too)"), "{error}");
}

#[test]
fn a_column_with_blanks_in_its_name_is_quoted_for_the_shell() {
    let error = dataset("the 'id',y\nx,1\n", &["y"], NONE).unwrap_err().to_string();
    assert!(error.ends_with(r"`--ignore 'the '\''id'\'''`"), "{error}");
}

#[test]
fn missing_cell() {
    check(
        dataset("a,y\n1,1\n?,2\n", &["y"], NONE),
        "t.csv, line 3 (row 1, counted from 0), column `a`: expected a number, found a missing cell: \
         fill it in, remove the row, or leave the column out with `--ignore a`",
    );
}

#[test]
fn infinity() {
    let place = "t.csv, line 2 (row 0, counted from 0), column `a`: expected a finite number, found";
    let mend = "write a finite number, remove the row, or leave the column out with `--ignore a`";
    for infinite in ["inf", "-Infinity", "1e999"] {
        let want = format!("{place} a number that is infinite or too large: {mend}");
        check(dataset(&format!("a,y\n{infinite},1\n"), &["y"], NONE), &want);
    }
}

#[test]
fn a_table_in_memory_has_rows_and_no_lines() {
    let table = Table::from_columns("t", vec![("a".to_owned(), vec![1.0, f64::NAN])]).unwrap();
    check(
        table.matrix(&["a"], None),
        "t, row 1 (counted from 0), column `a`: expected a number, found a missing cell: \
         fill it in, remove the row, or leave the column out with `--ignore a`",
    );
}

#[test]
fn messages_stay_on_one_line() {
    let csv = format!("a,y\n\"{}\u{1b}[31m\n{}\",1\n", "x".repeat(20), "z".repeat(1000));
    let message = dataset(&csv, &["y"], NONE).unwrap_err().to_string();
    assert!(!message.contains(char::is_control) && message.len() < 300, "{message}");
}

#[test]
fn rows_that_are_not_there() {
    let table = parse("a\n1\n2\n").unwrap();
    check(table.matrix(&["a"], Some(&[0, 2])), "row 2 is not there: rows are counted from 0 to 1");
}

#[test]
fn matrices_that_do_not_fit() {
    check(
        Matrix::new(2, 2, vec![1.0; 3]),
        "3 cells do not fill a matrix of 2 x 2: give rows times columns of them",
    );
    let scaling = Scaling::fit(ScalingKind::None, &Matrix::new(1, 2, vec![1.0; 2]).unwrap(), &[0]).unwrap();
    check(
        scaling.apply(&Matrix::new(1, 1, vec![1.0]).unwrap()),
        "a matrix of 1 column meets a scaling of 2: give the columns that the scaling was fitted on",
    );
}

#[test]
fn row_files() {
    check_rows(
        "word.txt",
        "0\n\n1.5\n",
        ", line 3: expected a row number, found `1.5`: write one whole number a line, counting data rows from 0",
    );
    check_rows("range.txt", "0\n10\n", ", line 2: row 10 is not in the table: rows are counted from 0 to 9");
    check_rows("twice.txt", "3\r\n4\r\n3\r\n", ": row 3 stands on lines 1 and 3: name each row once");
    check_rows("none.txt", "\n", " names no rows: write one row number a line, counting data rows from 0");
    assert!(matches!(read_rows("no/such.txt", 10), Err(Error::NoFile { .. })));
}

#[test]
fn files_that_cannot_be_written() {
    let error = write_rows("no/such/folder/rows.txt", &[1]).unwrap_err().to_string();
    assert!(error.starts_with("`no/such/folder/rows.txt` cannot be written ("), "{error}");
    assert!(error.ends_with("): choose a folder that exists"), "{error}");
    let error = write_rows("/", &[1]).unwrap_err().to_string();
    assert_eq!(error, "`/` cannot be written (it is a folder): give the name of a file in it");
    #[cfg(target_os = "linux")]
    {
        let error = write_rows("/dev/full", &[1]).unwrap_err().to_string();
        assert!(error.ends_with("): make room there, or choose a place that has more"), "{error}");
    }
}

#[test]
fn splits() {
    let rows = |rows: &[usize]| Choice::Rows(rows.to_vec());
    let none = || Choice::Fraction(0.0);
    check(
        Split::new(5, 0, Some(vec![0, 1]), rows(&[2]), rows(&[3, 1])),
        "row 1 is in both the training and the test rows: take it out of one of them, \
         or the model is judged on what it has seen",
    );
    check(
        Split::new(5, 0, None, none(), rows(&[3, 3])),
        "row 3 is twice among the test rows: name each row once",
    );
    check(
        split(5, 0, 1.5, 0.2),
        "the test fraction is 1.5: expected a number from 0 up to, but not including, 1, such as 0.2",
    );
    check(
        split(2, 0, 0.2, 0.2),
        "no row is left for the training part when 2 rows are split: \
         give more rows, smaller fractions, or `--test 0` or `--validation 0`",
    );
    check(
        Split::new(5, 0, Some(vec![0]), none(), Choice::Fraction(0.2)),
        "the training rows are given but the test rows are not: name them too with `--test ROWS.txt`, \
         a table with `--test TABLE.csv`, or none with `--test 0`",
    );
}

/// What fitting an encoding to all rows of a text says.
fn fitted(csv: &str, told: &[(&str, &str)], ignored: &[&str]) -> Result<Encoding, Error> {
    let table = parse(csv)?;
    let choices = Choices {
        kinds: told.iter().map(|(name, kind)| ((*name).to_owned(), kind.parse().unwrap())).collect(),
        ignored: ignored.iter().map(|&name| name.to_owned()).collect(),
        ..Choices::default()
    };
    Encoding::fit(&table, &(0..table.rows()).collect::<Vec<_>>(), None, &choices)
}

#[test]
fn kinds_of_columns() {
    check(
        fitted("a,b\n1,2\nx,3\n2,5\n", &[("a", "number")], &[]),
        "t.csv, line 3 (row 1, counted from 0), column `a`: `x` is no number: write one, or nothing where it is missing, or take the \
         column as it is with `--column a=category`",
    );
    check(
        fitted("a,b\n1,2\nx,3\n2,5\n", &[("a", "ordered:1,2")], &[]),
        "t.csv, line 3 (row 1, counted from 0), column `a`: `x` is not in the order that was told: add it at its place, or take the \
         column as it is with `--column a=category`",
    );
    check(
        fitted("a b,c\n01/02/2024,1\n03/04/2024,3\n", &[], &[]),
        "t.csv: no cell of `a b` tells whether the day or the month comes first, as in `01/02/2024`: choose with \
         `--column 'a b=day-first'` (the day comes first) or `--column 'a b=month-first'` (the month comes first)",
    );
    check(
        fitted("a,b\n7,x\n7,y\n7,z\n", &[], &[]),
        "t.csv: no column is left to predict from: `a` is left out (`7` in all training rows), `b` is left out (another text in each \
         row): say what a column is, as with `--column b=category`, or give a table with other columns",
    );
    check(
        fitted("age,b\n1,2\n2,3\n", &[("agee", "number")], &[]),
        "the column `agee` whose kind is told is not in t.csv: did you mean `age`? the table has `age` and `b`",
    );
    check(
        fitted("age,b\n1,2\n2,3\n", &[], &["x*"]),
        "the column `x*` that is to be ignored is not in t.csv: the table has `age` and `b`",
    );
}

#[test]
fn cells_that_an_encoding_cannot_take() {
    let encoding = fitted("a,d\n1,2024-01-01\n2,2024-02-02\n4,2024-03-02\n", &[], &[]).unwrap();
    let encoded = |csv: &str| encoding.encode(&parse(csv).unwrap(), None);
    check(
        encoded("a,d\n1,\nx,\n"),
        "t.csv, line 3 (row 1, counted from 0), column `a`: `x` is no number: write one, or nothing where it is missing",
    );
    check(
        encoded("a,d\n1,soon\n"),
        "t.csv, line 2 (row 0, counted from 0), column `d`: `soon` is no date: write one as 2024-04-03 or 2024-04-03 10:30, or nothing \
         where it is missing",
    );
}

#[test]
fn targets() {
    let find = |csv: &str, kind| TargetColumn::find(&parse(csv).unwrap(), "y", Some(kind));
    check(
        find("x,y\n1,2\n2,-1\n", TargetKind::Counts),
        "t.csv, line 3 (row 1, counted from 0), column `y`: -1 is no count, which is a whole number from 0 on: write one, or predict \
         numbers with `--task numbers`",
    );
    let classes = ["n".to_owned(), "y".to_owned()];
    check(
        TargetColumn::for_model(
            &parse("x,y\n1,n\n2,maybe\n").unwrap(),
            "y",
            TargetKind::Classes,
            (&classes, &[]),
        ),
        "t.csv, line 3 (row 1, counted from 0), column `y`: `maybe` is none of the model's classes, `n` and `y`: write one of them, or \
         nothing where the class is not known",
    );
}

#[test]
fn ways_of_parting_rows() {
    check(
        Parting::new(4, 0).folds(5),
        "5 folds of 4 cannot be made: there are 4 rows, or groups of rows, and folds are from 2 to as many",
    );
    let table = parse("t,y\n1,1\n,2\n").unwrap();
    check(
        Order::ordered_by(&table, "t"),
        "t.csv, line 3 (row 1, counted from 0), column `t`: expected a number, found a missing cell: fill it in or \
         remove the row, for the rows are parted by this column",
    );
    check(
        Order::grouped_by(&table, "g"),
        "the column `g` that rows are grouped by is not in t.csv: the table has `t` and `y`",
    );
    check(
        Encoding::fit(&table, &[0, 1], Some(&[1.0, -2.0]), &Choices::default()),
        "row 1 (counted from 0) has the weight -2: give each row a weight that is a number, 0 or more",
    );
}
