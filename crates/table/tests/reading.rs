//! Tables as people have them read equal to the plain table, and say how they were read.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use chainrule_table::{Charset, ColumnType, Decimal, Delimiter, Error, Mark, Reading, Table};

fn parsed(text: &str) -> Table {
    Table::parse("t", text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn told(text: &str, reading: &Reading) -> Table {
    Table::parse_as("t", text.as_bytes(), reading).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// The columns as names and shown cells, and how the table was read.
fn shown(table: &Table) -> (Vec<(String, Vec<String>)>, String) {
    let columns = table.columns().iter().map(|column| {
        let column_cells = column.loaded().unwrap();
        let cells = (0..table.rows()).map(|row| match column_cells.numbers() {
            Some(numbers) if numbers[row].is_nan() => "missing".to_owned(),
            Some(numbers) => numbers[row].to_string(),
            None => column_cells.text(row).unwrap_or("missing").to_owned(),
        });
        (column.name().to_owned(), cells.collect())
    });
    (columns.collect(), table.reading().to_string())
}

#[track_caller]
fn check(bytes: &[u8], want: &[(&str, &[&str])], said: &str) {
    let table = Table::parse("t", bytes)
        .unwrap_or_else(|error| panic!("{}: {error}", String::from_utf8_lossy(bytes)));
    let want: Vec<(String, Vec<String>)> = want
        .iter()
        .map(|(name, cells)| ((*name).to_owned(), cells.iter().map(|&cell| cell.to_owned()).collect()))
        .collect();
    assert_eq!(shown(&table), (want, said.to_owned()), "{}", String::from_utf8_lossy(bytes));
}

fn error(text: &str) -> String {
    match Table::parse("t", text.as_bytes()) {
        Ok(table) => panic!("{text:?} is read as {:?}", shown(&table)),
        Err(error) => error.to_string(),
    }
}

fn line_of(text: &str, column: &str) -> Option<usize> {
    match parsed(text).matrix(&[column], None) {
        Err(Error::MissingCell { place } | Error::TextCell { place, .. }) => place.line,
        other => panic!("expected a bad cell, found {other:?}"),
    }
}

fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn scratch(folder: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("reading-{folder}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn every_usual_spelling_of_a_table_reads_equal_and_says_nothing() {
    let plain = parsed("a,b\n1,x\n2,y\n");
    for text in [
        "a,b\r\n1,x\r\n2,y\r\n",
        "\u{feff}a,b\n1,x\n2,y",
        "a,b\r1,x\r2,y\r",
        " a ,\" b\"\n\"1\",x\n 2 ,\" y\"\n",
        "a,b\n1,x\n   \n2,y\n",
    ] {
        let table = parsed(text);
        assert_eq!(table.columns(), plain.columns(), "{text:?}");
        assert_eq!(table.reading().to_string(), "", "{text:?}");
    }
}

#[test]
fn every_delimiter_encoding_and_quote_reads_equal_and_is_said() {
    let want: &[(&str, &[&str])] = &[("größe", &["1.5", "22.25"]), ("b", &["x", "y z"])];
    let plain = "größe,b\n1.5,x\n22.25,y z\n";
    check(plain.as_bytes(), want, "");
    for (text, said) in [
        ("größe;b\n1.5;x\n22.25;y z\n", "semicolons between cells"),
        ("größe;b\n1,5;x\n22,25;y z\n", "semicolons between cells; decimal commas"),
        ("größe\tb\n1.5\tx\n22.25\ty z\n", "tabs between cells"),
        ("größe\tb\n1,5\tx\n22,25\ty z\n", "tabs between cells; decimal commas"),
        ("größe|b\n1.5|x\n22.25|y z\n", "vertical bars between cells"),
        ("größe   b\n1.5  x\n 22.25 \"y z\" \n", "blanks between cells"),
        ("größe,b\n\"1,5\",x\n\"22,25\",y z\n", "decimal commas"),
        ("größe,b\n1.5,'x'\n22.25,'y z'\n", "`'` as quotes"),
        ("sep=;\ngröße;b\n1.5;x\n22.25;y z\n", "semicolons between cells; the line `sep=` left out"),
        (
            "\"sep=|\"\r\ngröße|b\r\n1.5|x\r\n22.25|y z\r\n",
            "vertical bars between cells; the line `sep=` left out",
        ),
        (
            "# a note, with commas\n#another\ngröße,b\n1.5,x\n# within\n22.25,y z\n",
            "3 comment lines left out",
        ),
        ("# größe b\n1.5 x\n22.25 \"y z\"\n", "blanks between cells"),
    ] {
        check(text.as_bytes(), want, said);
        for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
            let name = if bytes_of(1) == [1, 0] { "UTF-16LE" } else { "UTF-16BE" };
            let bytes = utf_16(&format!("\u{feff}{text}"), bytes_of);
            let table = Table::parse("t", &bytes).unwrap();
            assert_eq!(shown(&table).0, shown(&parsed(text)).0, "{text:?}");
            assert_eq!(table.reading().encoding.map(|encoding| encoding.to_string()).as_deref(), Some(name));
            assert_eq!(
                Table::parse("t", &bytes[2..]).unwrap().columns(),
                table.columns(),
                "{text:?} without a mark"
            );
        }
        let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        let table = Table::parse("t", &latin).unwrap();
        assert_eq!(shown(&table).0, shown(&parsed(text)).0, "{text:?}");
        assert_eq!(table.reading().encoding, Some(Charset::WINDOWS_1252));
        for archive in [gzip(text.as_bytes()), gzip(&gzip(text.as_bytes())), gzip(&latin)] {
            let table = Table::parse("t", &archive).unwrap();
            assert_eq!(shown(&table).0, shown(&parsed(text)).0, "{text:?}");
            assert!(table.reading().to_string().ends_with("gzip"));
        }
    }
}

#[test]
fn numbers_with_marks_are_read_where_one_reading_fits() {
    for (cells, want, said) in [
        (["1,234.5", "2"], ["1234.5", "2"], "marks between thousands left out in `a`"),
        (["1,234,567", "2"], ["1234567", "2"], "marks between thousands left out in `a`"),
        (["10,762", "9.5"], ["10762", "9.5"], "marks between thousands left out in `a`"),
        (["1.234,5", "2"], ["1234.5", "2"], "decimal commas; marks between thousands left out in `a`"),
        (["1 234,5", "2"], ["1234.5", "2"], "decimal commas; marks between thousands left out in `a`"),
        (["1\u{202f}234", "2"], ["1234", "2"], "marks between thousands left out in `a`"),
        (["1'234.5", "2"], ["1234.5", "2"], "marks between thousands left out in `a`"),
        (["0,123", "NA"], ["0.123", "missing"], "decimal commas"),
        (["\u{2212}7", "2"], ["-7", "2"], ""),
        (["1.234", "2.345"], ["1.234", "2.345"], ""),
    ] {
        let text = format!("a,b\n\"{}\",x\n\"{}\",y\n", cells[0], cells[1]);
        let read = parsed(&text);
        assert_eq!(shown(&read).0[0].1, want, "{text:?}");
        assert_eq!(read.reading().to_string(), said, "{text:?}");
    }
    // Another column tells.
    let table = parsed("a;b\n1,234;0,5\n2,345;1,5\n");
    assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers().unwrap(), [1.234, 2.345]);
    let table = parsed("a;b\n1.234;0,5\n2.345;1,5\n");
    assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers().unwrap(), [1234.0, 2345.0]);
    let table = parsed("a,b\n\"1,234\",0.5\n\"2,345\",1.5\n");
    assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers().unwrap(), [1234.0, 2345.0]);
    // Each column has one reading.
    let table = parsed("a,b\n\"1,5\",0.5\n\"2,25\",1.5\n");
    assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers().unwrap(), [1.5, 2.25]);
    assert_eq!(table.reading().to_string(), "decimal commas in `a`");
}

#[test]
fn what_fits_no_one_reading_stays_text() {
    for cells in [
        ["1,5", "1.5"],
        ["1,2,3", "4,5,6"],
        ["10.0.0.1", "10.0.0.2"],
        ["3.4.2024", "5.6.2024"],
        ["12 kg", "13 kg"],
        ["$97.62", "$1.5"],
        ["9.8%", "1%"],
        ["12:30", "13:45"],
        ["0x10", "0x11"],
        ["1_000", "2_000"],
        ["01,234,567", "1"],
    ] {
        let text = format!("a,b\n\"{}\",1\n\"{}\",2\n", cells[0], cells[1]);
        let table = parsed(&text);
        assert_eq!(table.column("a").unwrap().column_type(), ColumnType::Text, "{text:?}");
        assert_eq!(shown(&table).0[0].1, cells, "{text:?}");
    }
    let mixed = parsed("a,b\n\"1,5\",1\n2.5,2\n").matrix(&["a"], None).unwrap_err().to_string();
    assert!(
        mixed.contains("line 3") && mixed.contains("`2.5` has another decimal mark than the column"),
        "{mixed}"
    );
}

#[test]
fn what_fits_two_readings_is_asked_and_both_answers_read() {
    let decimal = [
        "a,b\n\"1,234\",x\n\"2,345\",y\n",
        "a;b\n1,234;1\n2;2\n",
        "a;b\n1.234;x\n2.345;y\n",
        "a\tb\n-1,234\t1\n2\t3\n",
        // Two columns, of which each tells the other way.
        "a;b;c\n1,234;0,5;0.5\n2,345;1,5;1.5\n",
    ];
    for text in decimal {
        let message = error(text);
        assert!(message.contains("line 2, column `a`") && message.contains("`--decimal .`"), "{message}");
        for decimal in [Decimal::Point, Decimal::Comma] {
            let table = told(text, &Reading { decimal: Some(decimal), ..Reading::default() });
            assert_eq!(table.column("a").unwrap().column_type(), ColumnType::Number, "{text:?}");
            assert_eq!(table.reading().decimal, Some(decimal));
        }
    }
    for text in ["1,2\n3,4\n", "5.1,3.5,setosa\n4.9,3.0,setosa\n", "p;x\nq;x\np;y\n", "1\n2\n", "1,2\n"] {
        let message = error(text);
        assert!(message.contains("`--no-header`") && message.contains("`--header`"), "{message}");
        let table = told(text, &Reading { header: Some(false), ..Reading::default() });
        assert_eq!((table.rows(), table.columns()[0].name()), (text.lines().count(), "c1"), "{text:?}");
        let named =
            Table::parse_as("t", text.as_bytes(), &Reading { header: Some(true), ..Reading::default() });
        match named {
            Ok(table) => assert_eq!(table.rows(), text.lines().count() - 1),
            Err(error) => assert!(matches!(error, Error::HeaderOnly { .. }), "{error}"),
        }
    }
    let text = "a,b;c\nx,y;z\nu,v;w\n";
    assert!(error(text).contains("`--delimiter ,`"), "{}", error(text));
    for (delimiter, columns) in [(b',', 2), (b';', 2)] {
        let reading = Reading { delimiter: Some(Delimiter::Sign(delimiter)), ..Reading::default() };
        assert_eq!(told(text, &reading).columns().len(), columns);
    }
}

#[test]
fn what_is_told_counts_more_than_what_is_found() {
    let read = |text: &str, reading: Reading| shown(&told(text, &reading)).0;
    let one = |name: &str, cells: &[&str]| {
        vec![(name.to_owned(), cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<String>>())]
    };
    let sign = |sign| Some(Delimiter::Sign(sign));
    assert_eq!(
        read("a;b\n1;2\n", Reading { delimiter: sign(b','), ..Reading::default() }),
        one("a;b", &["1;2"])
    );
    assert_eq!(
        read("a\n1,5\n2\n", Reading { delimiter: sign(b';'), ..Reading::default() }),
        one("a", &["1.5", "2"])
    );
    let comma = Reading { decimal: Some(Decimal::Comma), ..Reading::default() };
    assert_eq!(read("a\n1.5\n", comma.clone()), one("a", &["1.5"]));
    assert_eq!(told("a\n1.5\n", &comma).columns()[0].column_type(), ColumnType::Text);
    assert!(
        told("a\n1.5\n", &comma)
            .matrix(&["a"], None)
            .unwrap_err()
            .to_string()
            .contains("`1.5` has another decimal mark")
    );
    let none = Reading { quote: Some(Mark::None), ..Reading::default() };
    assert_eq!(read("a\n\"5 inch\n", none), one("a", &["\"5 inch"]));
    let comment = Reading { comment: Some(Mark::Sign(b'%')), ..Reading::default() };
    assert_eq!(read("a\n%5\n1\n", comment), one("a", &["1"]));
    let no_comment = Reading { comment: Some(Mark::None), ..Reading::default() };
    assert_eq!(read("#a\n1\n", no_comment), one("#a", &["1"]));
    let gaps = Reading { missing: vec!["-999".to_owned(), "x".to_owned()], ..Reading::default() };
    assert_eq!(read("a\n-999.0\nx\n1\n", gaps), one("a", &["missing", "missing", "1"]));
    let utf_8 = Reading { encoding: Some(Charset::UTF_8), ..Reading::default() };
    assert!(matches!(Table::parse_as("t", b"a\n\xe9\n", &utf_8), Err(Error::NotUtf8 { line: 2, .. })));
    let japanese = Reading { encoding: "shift_jis".parse().ok(), ..Reading::default() };
    assert_eq!(shown(&Table::parse_as("t", b"a\n\x93\xfa\n", &japanese).unwrap()).0, one("a", &["日"]));
}

#[test]
fn missing_cells_are_those_of_other_systems() {
    let words = [
        "", "NA", "N/A", "n/a", "null", "NULL", "None", "NaN", "nan", "-nan", "?", "-", "#N/A", "<NA>",
        "NaT", "NAN", "#DIV/0!", "#REF!", "#VALUE!", "#NUM!", "#NAME?", "#NULL!",
    ];
    for word in words {
        let table = parsed(&format!("a,b\n1,x\n{word},y\n"));
        assert_eq!(shown(&table).0[0].1, ["1", "missing"], "{word}");
    }
    // In text a word may be a value, and the audit says what was taken as none.
    let table = parsed("a,b\nx,1\nNA,2\nnone,3\n,4\n");
    assert_eq!(shown(&table).0[0].1, ["x", "missing", "missing", "missing"]);
    assert!(
        table.audit().unwrap().to_string().contains("`NA` and `none` taken as missing"),
        "{}",
        table.audit().unwrap()
    );
    for text in ["-1", "0", "inf"] {
        assert_eq!(parsed(&format!("a,b\n{text},x\n")).column("a").unwrap().missing().unwrap(), 0, "{text}");
    }
}

#[test]
fn headers_are_made_whole_and_say_so() {
    check(
        b",a,b\n0,1,2\n1,3,4\n",
        &[("index", &["0", "1"]), ("a", &["1", "3"]), ("b", &["2", "4"])],
        "the first column, which has no name, called `index` (leave it out with `--ignore index`)",
    );
    check(
        b"a,,a\n1,2,3\n",
        &[("a", &["1"]), ("column_2", &["2"]), ("a_2", &["3"])],
        "column 2, which has no name, called `column_2`; column 3, whose name is not its alone, called `a_2`",
    );
    check(
        b"a,b,\n1,2,\n3,4,\n",
        &[("a", &["1", "3"]), ("b", &["2", "4"])],
        "a column without a name or a cell left out",
    );
    check(
        b"a,b\n1,2,\n3,4,\n",
        &[("a", &["1", "3"]), ("b", &["2", "4"])],
        "a column without a name or a cell left out",
    );
    // As R writes names of rows.
    check(
        b"a b\nr1 1 2\nr2 3 4\n",
        &[("index", &["r1", "r2"]), ("a", &["1", "3"]), ("b", &["2", "4"])],
        "blanks between cells; the first column, which has no name, called `index` (leave it out with `--ignore index`)",
    );
}

#[test]
fn no_row_is_lost_without_a_word() {
    for (text, words) in [
        (
            "a,b,y,note\n1,2,3,x\n4,5,6,\"5 inch\n7,8,9,z\n",
            "line 3: a quote that is opened here is never closed",
        ),
        (
            "a,b\n1,\"5 inch\n2,x\n3,\"6 inch\"\n4,y\n",
            "line 2: behind the quote that closes the one opened here, on line 4,",
        ),
        ("a,b\n1,\"x\"y\n", "line 2: behind the quote that closes the one opened here stands more"),
        ("a,b\n1,2\n3\n", "line 3: 1 cell where the table has 2 columns"),
        ("a,b\n1,2\n3,4,5\n", "line 3: 3 cells where the table has 2 columns"),
        ("a;b\n1;2\n3\n", "with semicolons between cells"),
        ("a\n1\n2,5\n", "line 3: 2 cells where the table has 1 column"),
        ("a,b\n1,2\0\n", "line 2: a byte of value 0"),
        ("a,b\n", "no rows"),
        ("# only a note\n", "is empty"),
        ("sep=;\n", "is empty"),
        ("\n\r\n", "is empty"),
    ] {
        assert!(error(text).contains(words), "{text:?}: {}", error(text));
    }
}

#[test]
fn damaged_and_foreign_files_are_named() {
    let text: String = (0..20_000).map(|row| format!("{row},{}\n", row * row)).collect();
    let whole = gzip(format!("a,b\n{text}").as_bytes());
    for length in [3, 11, 200, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let message = Table::parse("t", &whole[..length]).unwrap_err().to_string();
        assert!(message.contains("gzip ends early or is damaged"), "{length}: {message}");
    }
    let mut wrong = whole.clone();
    let middle = wrong.len() / 2;
    wrong[middle] ^= 0x55;
    assert!(Table::parse("t", &wrong).is_err());
    // A member behind a member is read too, as `cat` makes them.
    let two = [gzip(b"a,b\n1,2\n"), gzip(b"3,4\n")].concat();
    assert_eq!(Table::parse("t", &two).unwrap().rows(), 2);
    let bomb = gzip(&[&[b'x'; 4096][..], b",2\n"].concat().repeat(18_000));
    let message = Table::parse("t", &[gzip(b"a,b\n"), bomb].concat()).unwrap_err().to_string();
    assert!(message.contains("more than a hundred times"), "{message}");
    for (start, what) in [(&b"PAR1"[..], "Parquet"), (b"PK\x03\x04", "ZIP"), (b"\x28\xB5\x2F\xFD", "unzstd")]
    {
        let message = Table::parse("t", &[start, b"and more"].concat()).unwrap_err().to_string();
        assert!(message.contains(what), "{message}");
    }
    for (start, what, mend) in [
        ("[{\"a\": 1,\n \"y\": 2}]", "is JSON", "pandas.read_json(sys.argv[1]).to_csv"),
        ("\u{feff}[\n  {\"a\": 1}\n]", "is JSON", "read_json"),
        ("{\"a\": 1, \"y\": 2}\n{\"a\": 1, \"y\": 2}\n", "is JSON", "lines=True"),
        ("\n<!DOCTYPE html>\n<html>", "is a web page", "the file itself"),
        ("<?xml version=\"1.0\"?>", "is XML", "comma-separated"),
        ("@RELATION iris\n@ATTRIBUTE a NUMERIC\n", "is an ARFF file", "`@data`"),
        ("PK\u{3}\u{4}", ".xlsx", "comma-separated"),
    ] {
        let message = Table::parse("t", start.as_bytes()).unwrap_err().to_string();
        assert!(message.contains(what) && message.contains(mend), "{message}");
    }
    for csv in ["[a],[y]\n1,2\n3,4\n", "{a},{y}\n1,2\n3,4\n", "<a>,<y>\n1,2\n3,4\n", "@a,y\n1,2\n3,4\n"] {
        assert_eq!(Table::parse("t", csv.as_bytes()).unwrap().rows(), 2, "{csv}");
    }
    let build = "cargo build --release --features parquet";
    let message = Table::parse("t", b"PAR1 and more").unwrap_err().to_string();
    assert_eq!(
        message.contains(build) && message.contains("to_csv"),
        cfg!(not(feature = "parquet")),
        "{message}"
    );
}

/// A file of IDX: the kind of its numbers, its sizes, and its bytes.
fn idx(kind: u8, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, kind, sizes.len() as u8];
    sizes.iter().for_each(|size| file.extend(size.to_be_bytes()));
    file.extend(bytes);
    file
}

#[test]
fn a_short_file_inside_a_whole_gzip_is_told_from_a_short_gzip() {
    let images = idx(8, &[2, 1, 3], &[0, 1, 255, 7]);
    let message = |bytes: &[u8]| Table::parse("t", bytes).unwrap_err().to_string();
    assert!(message(&gzip(&images)).contains("ends before its last item"), "{}", message(&gzip(&images)));
    let long = gzip(&idx(8, &[9, 1, 40], &(0..=200).collect::<Vec<u8>>()));
    let short = message(&long[..long.len() - 20]);
    assert!(short.contains("gzip ends early"), "{short}");
}

#[test]
fn images_of_idx_have_the_labels_beside_them() {
    let folder = scratch("idx");
    let images = idx(8, &[2, 1, 3], &[0, 1, 255, 7, 8, 9]);
    fs::write(folder.join("train-images-idx3-ubyte.gz"), gzip(&images)).unwrap();
    let alone = Table::read(folder.join("train-images-idx3-ubyte.gz")).unwrap();
    assert_eq!(alone.column_names(), ["p0", "p1", "p2"]);
    fs::write(folder.join("train-labels-idx1-ubyte"), idx(8, &[2], &[5, 3])).unwrap();
    let table = Table::read(folder.join("train-images-idx3-ubyte.gz")).unwrap();
    assert_eq!((table.name(), table.rows()), ("train-images-idx3-ubyte", 2));
    assert_eq!(
        table.matrix(&["p0", "p1", "p2", "label"], None).unwrap().into_data(),
        [0.0, 1.0, 255.0, 5.0, 7.0, 8.0, 9.0, 3.0]
    );
    assert!(table.reading().to_string().contains("the format IDX; labels from"), "{}", table.reading());
    let labels = Table::read(folder.join("train-labels-idx1-ubyte")).unwrap();
    assert_eq!(labels.column("label").unwrap().loaded().unwrap().numbers().unwrap(), [5.0, 3.0]);
    fs::write(folder.join("train-labels-idx1-ubyte"), idx(8, &[3], &[5, 3, 1])).unwrap();
    let message = Table::read(folder.join("train-images-idx3-ubyte.gz")).unwrap_err().to_string();
    assert!(message.contains("3 labels for the 2 images"), "{message}");
    let floats = [1.5_f32, -2.0].iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
    let table = Table::parse("t", &idx(13, &[1, 2], &floats)).unwrap();
    assert_eq!(table.matrix(&["p0", "p1"], None).unwrap().into_data(), [1.5, -2.0]);
    for (bytes, words) in [
        (&images[..images.len() - 1], "ends before"),
        (&images[..6], "ends before"),
        (&[&images[..], b"x"].concat(), "more stands behind"),
        (&idx(8, &[0, 2], &[]), "no numbers"),
        (&idx(8, &[u32::MAX, u32::MAX, u32::MAX], &[1]), "are the most"),
        (&idx(8, &[u32::MAX, 2], &[1, 2]), "ends before"),
    ] {
        let message = Table::parse("t", bytes).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn lines_are_those_of_the_editor() {
    assert_eq!(line_of("a\n1\nx\n", "a"), Some(3));
    assert_eq!(line_of("\n\na\r\n\r\n1\r\n\r\n\r\nx\r\n", "a"), Some(8));
    assert_eq!(line_of("a,b\n\"1\n2\",1\n3,\n", "b"), Some(4));
    assert_eq!(line_of("\u{feff}a\r1\rx\r", "a"), Some(3));
    assert_eq!(line_of("sep=;\n# note\na;b\n1;\n", "b"), Some(4));
}

#[test]
fn a_column_is_text_from_its_first_text_cell() {
    let table = parsed("a,b,c\n007,1,?\nx,nan,\n007,NA,NA\n");
    let [a, b, c] = table.columns() else { panic!("three columns") };
    assert_eq!((a.column_type(), a.missing().unwrap()), (ColumnType::Text, 0));
    assert_eq!(a.loaded().unwrap().distinct().unwrap(), ["007", "x"]);
    let loaded = a.loaded().unwrap();
    assert_eq!((loaded.text(0), loaded.text(2), loaded.text(3)), (Some("007"), Some("007"), None));
    assert_eq!((b.column_type(), b.missing().unwrap()), (ColumnType::Number, 2));
    assert_eq!((c.column_type(), c.missing().unwrap()), (ColumnType::Number, 3));
    assert_eq!(b.loaded().unwrap().numbers().unwrap()[0], 1.0);
}

#[test]
fn quoted_commas_and_quotes_belong_to_the_cell() {
    let table = parsed("a,b\n\"x, \"\"y\"\"\",1\n");
    assert_eq!(table.column("a").unwrap().loaded().unwrap().text(0), Some("x, \"y\""));
}

#[test]
fn lines_that_repeat_the_names_are_left_out_and_said() {
    let rows = "1,red,3\n2,blue,4\n";
    for joined in [
        format!("a,b,y\n{rows}a,b,y\n{rows}"),
        format!("\u{feff}a,b,y\n{rows}\u{feff}a,b,y\n{rows}"),
        format!("a,b,y\n{rows}a , b,\"y\"\n{rows}"),
    ] {
        let table = Table::parse("t", joined.as_bytes()).unwrap();
        assert_eq!(table.rows(), 4, "{joined:?}");
        assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers(), Some(&[1.0, 2.0, 1.0, 2.0][..]));
        let said = table.reading().to_string();
        assert!(said.contains("1 line that repeats the names of the columns left out"), "{said}");
    }
    // A row of some of the names is a row, and so is one of a single column.
    for csv in ["a,b,y\n1,b,3\n2,c,4\n", "y\nx\ny\nz\ny\n"] {
        let table =
            Table::parse_as("t", csv.as_bytes(), &Reading { header: Some(true), ..Reading::default() })
                .unwrap();
        assert_eq!(table.rows(), csv.lines().count() - 1, "{csv:?}");
    }
}

#[test]
fn the_mark_that_begins_a_file_is_no_part_of_a_cell_where_files_were_joined() {
    let table = Table::parse("t", "a,y\n1,2\n\u{feff}3,4\n".as_bytes()).unwrap();
    assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers(), Some(&[1.0, 3.0][..]));
}

#[test]
fn numbers_with_signs_and_units_say_which_mark_is_decimal() {
    for (text, want) in [
        ("a;b\n1.221,71 \u{20ac};1\n2.371,12 \u{20ac};2\n", Ok("decimal commas")),
        ("a;b\n(1.221,71);1\n2.371,12;2\n", Ok("decimal commas")),
        ("a;b\n5,00-;1\n1.234,50;2\n", Ok("decimal commas")),
        ("a;b\n1,5 kg;1\n2,5 kg;2\n", Ok("decimal commas")),
        ("a;b\n1.221,71 x y;1\n2 words;2\n", Ok("")),
        ("a;b\nv1,2;1\nv1,3;2\n", Ok("")),
        ("a;b\n1.221 \u{20ac};1\n2.371 \u{20ac};2\n", Err("`1.221` is 1.221 or 1221")),
        ("a;b\n1.221 \u{20ac};1,5\n2.371 \u{20ac};2\n", Ok("decimal commas")),
        ("a,b\n1.221 \u{20ac},1\n2.371 \u{20ac},2\n", Ok("")),
        ("a,b\n\"1,221 $\",1\n\"2,371 $\",2\n", Err("`1,221` is 1221 or 1.221")),
        ("a,b\n\"$1,221\",1.5\n\"$2,371\",2\n", Ok("")),
    ] {
        let read = Table::parse("t", text.as_bytes());
        match (read, want) {
            (Ok(table), Ok(want)) => {
                let said = table.reading().to_string();
                assert_eq!(said.contains("decimal commas"), !want.is_empty(), "{text}: {said}");
            }
            (Err(error), Err(want)) => assert!(error.to_string().contains(want), "{text}: {error}"),
            (read, _) => panic!("{text}: {read:?}"),
        }
    }
}

#[test]
fn lines_of_blanks_are_no_table() {
    for text in ["  \n \n", " \n", "\n\n", " , \n , \n"] {
        let error = Table::parse("t", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("is empty"), "{text:?}: {error}");
    }
}

#[test]
fn excels_sign_of_text_is_left_out() {
    let table = Table::parse("t", b"=\"a\",b\n=\"1.5\",=\"007\"\n\"=\"\"2\"\"\",x\n").unwrap();
    assert_eq!(table.column("a").unwrap().loaded().unwrap().numbers().unwrap(), [1.5, 2.0]);
    assert_eq!(table.column("b").unwrap().loaded().unwrap().distinct().unwrap(), ["007", "x"]);
}
