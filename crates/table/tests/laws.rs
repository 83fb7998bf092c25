//! Laws that hold for every input, on random ones.

use std::fs;
use std::path::PathBuf;

use chainrule_table::{Dataset, Matrix, Scaling, ScalingKind, Table, read_rows, split, write_rows};
use proptest::collection::vec;
use proptest::prelude::*;
use random::{Purpose, Random};

/// Characters that matter to a reader of tables, so that random text is often nearly a table.
const LIKELY: &str = "[-a1?,;\t#'\"\n\r .eN\u{feff}é]{0,60}";

/// Uses a table in every way; nothing may panic.
fn use_up(table: &Table) {
    let names = table.column_names();
    assert_eq!(table.audit().unwrap().to_string().lines().count(), 2 + names.len());
    let _ = table.matrix(&names, None).map_err(|error| error.to_string());
    let _ = table.matrix(&names, Some(&[0, 7])).map_err(|error| error.to_string());
    for name in &names {
        let data = Dataset::new(table, &[name], &[] as &[&str]).map_err(|error| error.to_string());
        if let Ok(data) = data {
            assert_eq!((data.x.rows(), data.x.cols()), (table.rows(), names.len() - 1));
        }
    }
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

proptest! {
    #[test]
    fn any_bytes_give_a_table_or_a_message(bytes in vec(any::<u8>(), 0..200)) {
        match Table::parse("t", &bytes) {
            Ok(table) => use_up(&table),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }

    #[test]
    fn nearly_tables_give_a_table_or_a_message(text in LIKELY) {
        match Table::parse("t", text.as_bytes()) {
            Ok(table) => use_up(&table),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }

    #[test]
    fn numbers_read_back_as_they_were_written(rows in vec((-1e300..1e300f64, any::<i32>()), 1..40)) {
        let mut text = String::from("a,b\n");
        for (a, b) in &rows {
            text.push_str(&format!("{a},{b}\n"));
        }
        let matrix = Table::parse("t", text.as_bytes()).unwrap().matrix(&["b", "a"], None).unwrap();
        let want: Vec<f64> = rows.iter().flat_map(|&(a, b)| [f64::from(b), a]).collect();
        prop_assert_eq!(matrix.into_data(), want);
    }

    /// Numbers of few digits, so that their form is what is tried, and text with every sign that parts cells.
    #[test]
    fn every_form_of_a_table_reads_as_the_plain_one(
        rows in vec((-9999..9999i32, 0..3usize, "[a-z;,| \t#'é]{1,6}"), 1..20),
        delimiter in prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')],
        has_comma: bool,
        encoding in 0..3usize,
        ending in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        let write = |delimiter: char, mark: char, ending: &str| {
            let mut text = format!("x{delimiter}size{delimiter}note{ending}");
            for (place, (number, digits, note)) in rows.iter().enumerate() {
                let number = format!("{:.*}", *digits, f64::from(*number) / 7.0).replace('.', &mark.to_string());
                // A fraction of two digits in each row says which mark is the decimal one.
                text.push_str(&format!("\"{place}{mark}25\"{delimiter}\"{number}\"{delimiter}\"n{note}.\"{ending}"));
            }
            text
        };
        let plain = Table::parse("t", write(',', '.', "\n").as_bytes()).unwrap();
        let text = write(delimiter, if has_comma { ',' } else { '.' }, ending);
        let bytes: Vec<u8> = match encoding {
            0 => text.into_bytes(),
            1 => text.chars().map(|letter| u32::from(letter) as u8).collect(),
            _ => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        };
        let table = Table::parse("t", &bytes).unwrap();
        prop_assert_eq!(table.columns(), plain.columns(), "{}", table.reading());
    }

    #[test]
    fn split_parts_are_disjoint_and_cover_all_rows(
        rows in 0..500usize, seed: u64, test in 0.0..1.0f64, validation in 0.0..1.0f64,
    ) {
        if let Ok(parts) = split(rows, seed, test, validation) {
            prop_assert!(!parts.train.is_empty());
            let mut all = [parts.train, parts.validation, parts.test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..rows).collect::<Vec<_>>());
        } else {
            // Ordinary fractions of a table of ordinary size always work.
            prop_assert!(rows < 3 || test > 0.5 || validation > 0.5);
        }
    }

    #[test]
    fn row_files_read_back_as_they_were_written(
        rows in 1..300usize, seed: u64, share in 0.01..1.0f64,
    ) {
        let mut rows_written = Random::new(seed, Purpose::Check, 0).permutation(rows);
        rows_written.truncate(((rows as f64 * share) as usize).max(1));
        let path = scratch("laws-rows.txt");
        write_rows(&path, &rows_written).unwrap();
        prop_assert_eq!(read_rows(&path, rows).unwrap(), rows_written);
    }

    #[test]
    fn any_row_file_gives_rows_or_a_message(text in "[0-9\n\r x-]{0,30}") {
        let path = scratch("laws-any-rows.txt");
        fs::write(&path, text).unwrap();
        match read_rows(&path, 50) {
            Ok(rows) => prop_assert!(!rows.is_empty() && rows.iter().all(|&row| row < 50)),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }

    #[test]
    fn scaling_inverts(
        cells in vec(-1e12..1e12f64, 2..60),
        kind in prop_oneof![Just(ScalingKind::Standard), Just(ScalingKind::Range), Just(ScalingKind::None)],
    ) {
        let rows = cells.len() / 2;
        let matrix = Matrix::new(rows, 2, cells[..2 * rows].to_vec()).unwrap();
        let scaling = Scaling::fit(kind, &matrix, &(0..rows).collect::<Vec<_>>()).unwrap();
        let back = scaling.invert(&scaling.apply(&matrix).unwrap()).unwrap();
        for (place, (&got, &want)) in back.data().iter().zip(matrix.data()).enumerate() {
            let unit = scaling.factor[place % 2].max(scaling.offset[place % 2].abs()).max(want.abs());
            prop_assert!((got - want).abs() <= 1e-15 * 4.0 * unit, "{got} for {want}");
        }
    }

    #[test]
    fn standardised_columns_have_mean_0_and_variance_1(cells in vec(-1e6..1e6f64, 2..200)) {
        let matrix = Matrix::new(cells.len(), 1, cells).unwrap();
        let rows: Vec<usize> = (0..matrix.rows()).collect();
        let scaled = Scaling::fit(ScalingKind::Standard, &matrix, &rows).unwrap().apply(&matrix).unwrap();
        let count = rows.len() as f64;
        let mean = scaled.data().iter().sum::<f64>() / count;
        let variance = scaled.data().iter().map(|z| z * z).sum::<f64>() / count;
        prop_assert!(mean.abs() < 1e-9, "mean {mean}");
        prop_assert!((variance - 1.0).abs() < 1e-9, "variance {variance}");
    }

    #[test]
    fn permutations_hold_each_number_once(n in 0..400usize, seed: u64, epoch: u64) {
        let mut order = Random::new(seed, Purpose::Shuffle, epoch).permutation(n);
        order.sort_unstable();
        prop_assert_eq!(order, (0..n).collect::<Vec<_>>());
    }

    #[test]
    fn below_stays_below(n in 1..u64::MAX, seed: u64) {
        let mut random = Random::new(seed, Purpose::Check, 0);
        prop_assert!((0..8).all(|_| random.below(n) < n));
    }
}

#[test]
fn a_failed_write_leaves_the_old_file_and_nothing_else() {
    let folder = scratch("laws-failed-write");
    fs::create_dir_all(folder.join("taken")).unwrap();
    fs::write(folder.join("taken").join("inside"), "kept").unwrap();
    // A folder that is not empty cannot be replaced by a file.
    assert!(write_rows(folder.join("taken"), &[1, 2]).is_err());
    assert_eq!(fs::read_to_string(folder.join("taken").join("inside")).unwrap(), "kept");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_written_file_replaces_the_old_one_whole() {
    let path = scratch("laws-replaced.txt");
    write_rows(&path, &[1, 2, 3]).unwrap();
    write_rows(&path, &[9]).unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "9\n");
}
