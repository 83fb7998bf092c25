//! Laws of encodings: what columns are found to be, and what they become.

mod fitted;

use chainrule_table::{
    Choices, ColumnKind, EncodedPart, Encoding, Error, NumberScaling, Scale, Scaling, ScalingKind, Table,
    Tally, Wanted,
};
use fitted::{all, as_kind, fit, table};
use proptest::collection::vec;
use proptest::prelude::*;
use random::{Purpose, Random};

#[test]
fn every_line_of_the_table_of_kinds_holds() {
    for line in include_str!("kinds.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (given, want) = line.split_once('|').unwrap();
        let words: Vec<&str> = given.split_whitespace().collect();
        let mut cells: Vec<String> = Vec::new();
        let mut place = 1;
        while place < words.len() {
            if words.get(place + 1) == Some(&"*") {
                let count = words[place].parse().unwrap();
                cells.extend(std::iter::repeat_n(words[place + 2].to_owned(), count));
                place += 3;
            } else {
                cells.push(if words[place] == "." { String::new() } else { words[place].replace('_', " ") });
                place += 1;
            }
        }
        // A second column keeps the table from having nothing left.
        let mut csv = format!("{},other\n", words[0]);
        cells
            .iter()
            .enumerate()
            .for_each(|(row, cell)| csv.push_str(&format!("\"{cell}\",{}.5\n", row * row)));
        let encoding = fit(&table(&csv), &Choices::default());
        let column = &encoding.columns[0];
        assert_eq!(format!("{} {}", column.kind, column.part.width()), want.trim(), "{line}: {column:?}");
        assert!(!column.why.is_empty());
    }
}

#[test]
fn numbers_are_scaled_as_a_matrix_of_numbers_is() {
    let csv = "a,b\n3,1e9\n1.5,1000000001\n8,1000000007\n0.25,999999999\n";
    let table = table(csv);
    let matrix = table.matrix(&["a", "b"], None).unwrap();
    let scaled = Scaling::fit(ScalingKind::Standard, &matrix, &[0, 1, 2]).unwrap().apply(&matrix).unwrap();
    let encoding = Encoding::fit(&table, &[0, 1, 2], None, &Choices::default()).unwrap();
    let mut encoded = vec![0.0_f64; 8];
    encoding.encode_into(&table, None, false, &mut encoded).unwrap();
    assert_eq!(encoded, scaled.data());
    let of_numbers =
        Encoding::of_numbers(&["a", "b"], &Scaling::fit(ScalingKind::Standard, &matrix, &[0, 1, 2]).unwrap());
    let mut again = vec![0.0_f64; 8];
    of_numbers.encode_into(&table, None, false, &mut again).unwrap();
    assert_eq!(again, encoded);
}

#[test]
fn a_missing_number_is_the_median_and_is_flagged_where_training_rows_have_gaps() {
    let table = table("a,b\n1,1\n2,2\n,4\n9,9\n5,\n");
    let encoding = Encoding::fit(
        &table,
        &[0, 1, 2, 3],
        None,
        &Choices { scaling: NumberScaling::None, ..Choices::default() },
    )
    .unwrap();
    assert_eq!(encoding.names(), ["a", "a is missing", "b"]);
    let encoded = encoding.encode(&table, None).unwrap();
    let want = [1.0, 0.0, 1.0, 2.0, 0.0, 2.0, 2.0, 1.0, 4.0, 9.0, 0.0, 9.0, 5.0, 0.0, 3.0];
    assert_eq!(encoded.values, want);
    assert_eq!((encoded.tally.columns["a"].missing, encoded.tally.columns["b"].missing), (1, 1));
}

#[test]
fn an_unseen_value_is_zeros_and_counted() {
    let train = table("c,b,s\nx,yes,1\ny,no,2\nz,no,5\nx,yes,7\n");
    let encoding = fit(&train, &Choices::default());
    assert_eq!(encoding.names(), ["c=x", "c=y", "c=z", "b=yes", "s"]);
    let other = table("s,b,c\n1,maybe,w\n2,YES,y\n3,No,\n");
    let encoded = encoding.encode(&other, None).unwrap();
    assert_eq!(encoded.values[..4], [0.0; 4]);
    assert_eq!(encoded.values[5..9], [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(encoded.values[10..14], [0.0, 0.0, 0.0, -1.0]);
    let tally = &encoded.tally.columns;
    assert_eq!((tally["c"].unseen, tally["c"].missing, tally["b"].unseen), (1, 1, 1));
    assert!(!tally.contains_key("s"));
}

#[test]
fn of_many_values_those_in_five_rows_have_a_column_each_and_a_hundred_at_least() {
    let mut csv = String::from("c,x\n");
    for value in 0..150 {
        // Value v stands 2 + (v mod 7) times.
        (0..2 + value % 7).for_each(|row| csv.push_str(&format!("v{value},{row}\n")));
    }
    let train = table(&csv);
    let encoding = fit(&train, &Choices::default());
    let EncodedPart::Category { values, other: true, flag: false } = &encoding.columns[1].part else {
        panic!("{:?}", encoding.columns[1]);
    };
    assert_eq!((values.len(), encoding.width()), (100, 102));
    assert!(values.iter().take(20).all(|value| value[1..].parse::<u32>().unwrap() % 7 == 6));
    assert!(encoding.columns[1].notes[0].contains("100 most frequent of 150"));
    let encoded = encoding.encode(&train, None).unwrap();
    for row in encoded.values.chunks(102) {
        assert_eq!(row[1..].iter().sum::<f32>(), 1.0);
    }
    // Value v stands 4 + (v mod 3) times: those of v mod 3 = 0 stand too seldom.
    let mut csv = String::from("c,x\n");
    for value in 0..300 {
        (0..4 + value % 3).for_each(|row| csv.push_str(&format!("v{value},{row}\n")));
    }
    let encoding = fit(&table(&csv), &Choices::default());
    assert!(encoding.columns[1].notes[0].contains("200 most frequent of 300"), "{:?}", encoding.columns[1]);
}

#[test]
fn wide_categories_stand_last_and_their_columns_may_be_codes() {
    let values = |count: usize, row: usize| format!("v{}", 7 * row % count);
    let line = |row: usize| format!("{},{},{},{row}.5\n", values(12, row), values(3, row), values(10, row));
    let csv: String = (0..60).map(line).collect();
    let encoding = fit(&table(&format!("a,b,c,x\n{csv}")), &Choices::default());
    let names: Vec<&str> = encoding.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, encoding.codes()), (vec!["b", "x", "a", "c"], vec![12, 10]));
    let rows = table(&format!("a,b,c,x\n{csv}new,v1,new,3\n,v1,,3\n"));
    let written = encoding.encode(&rows, None).unwrap();
    let mut coded = vec![0.0_f32; rows.rows() * 6];
    let tally = encoding.encode_into(&rows, None, true, &mut coded).unwrap();
    assert_eq!((tally.columns["a"].unseen, tally), (1, written.tally.clone()));
    for (coded, written) in coded.chunks(6).zip(written.values.chunks(26)) {
        assert_eq!(coded[..4], written[..4]);
        for (code, columns) in [(coded[4], &written[4..16]), (coded[5], &written[16..])] {
            let one = columns.iter().position(|column| *column == 1.0);
            assert_eq!(code, one.map_or(-1.0, |one| one as f32));
        }
    }
}

#[test]
fn numbers_told_to_be_a_category_are_found_again_in_text_and_as_numbers() {
    let train = table("zip,y\n9021,1\n80331,2\n9021,4\n");
    let encoding = fit(&train, &as_kind("zip", "category"));
    assert_eq!(encoding.names()[..2], ["zip=9021", "zip=80331"]);
    assert_eq!(encoding.columns[0].why, "as told");
    let text = encoding.encode(&table("zip,y\n9021,1\nx,1\n"), None).unwrap();
    assert_eq!(text.values, [1.0, 0.0, text.values[2], 0.0, 0.0, text.values[2]]);
    let codes = fit(&table("zip,y\n01234,1\n99999,2\n01234,4\n00007,3\n"), &Choices::default());
    assert_eq!(codes.names()[..3], ["zip=00007", "zip=01234", "zip=99999"]);
    let numbers = codes.encode(&table("zip,y\n99999,1\n7,1\n"), None).unwrap();
    assert_eq!(numbers.values[..3], [0.0, 0.0, 1.0]);
    assert_eq!(numbers.values[4..7], [1.0, 0.0, 0.0]);
}

#[test]
fn an_order_is_told_by_its_values() {
    let train = table("cut,y\nFair,1\nIdeal,2\nGood,3\nIdeal,5\n");
    let encoding = fit(
        &train,
        &Choices { scaling: NumberScaling::None, ..as_kind("cut", "ordered:Fair,Good,Very Good,Ideal") },
    );
    assert_eq!(encoding.encode(&train, None).unwrap().values, [0.0, 1.0, 3.0, 2.0, 1.0, 3.0, 3.0, 5.0]);
    let short = Encoding::fit(&train, &all(&train), None, &as_kind("cut", "ordered:Fair,Good")).unwrap_err();
    assert!(short.to_string().contains("`Ideal` is not in the order"), "{short}");
    let by_size = fit(
        &table("n,y\n10,1\n9,2\n10,4\n"),
        &Choices { scaling: NumberScaling::None, ..as_kind("n", "ordered") },
    );
    assert_eq!(by_size.encode(&table("n,y\n10,1\n9,2\n"), None).unwrap().values, [1.0, 1.0, 0.0, 2.0]);
}

#[test]
fn dates_that_can_be_read_in_two_ways_are_one_question() {
    let open = table("a,b,y\n01/02/2024,05/06/2024,1\n03/04/2024,07/08/2024,2\n");
    let error = Encoding::fit(&open, &all(&open), None, &Choices::default()).unwrap_err().to_string();
    assert!(error.contains("`--column a=day-first --column b=day-first`"), "{error}");
    assert!(error.contains("`--column a=month-first --column b=month-first`"), "{error}");
    let both = [("a", "day-first"), ("b", "month-first")];
    let kinds = both.map(|(name, kind)| (name.to_owned(), kind.parse::<Wanted>().unwrap())).to_vec();
    let encoding = fit(&open, &Choices { kinds, ..Choices::default() });
    assert_eq!(encoding.columns[0].kind, ColumnKind::Date);
    // January and February by day-first, so the months of column a are February and April.
    let encoded = encoding.encode(&open, None).unwrap();
    let angle = |month: f64| (std::f64::consts::TAU * (month - 1.0) / 12.0) as f32;
    assert!((encoded.values[0] - libm::sinf(angle(2.0))).abs() < 1e-6);
}

#[test]
fn december_is_beside_january() {
    let days = table("day,x\n2024-12-05,1\n2024-01-05,2\n2024-06-07,3\n");
    let encoding = fit(&days, &Choices { ignored: vec!["x".to_owned()], ..Choices::default() });
    assert_eq!(encoding.names()[..2], ["day month sine", "day month cosine"]);
    let encoded = encoding.encode(&days, None).unwrap();
    let row = |row: usize| &encoded.values[row * encoded.width..][..2];
    let distance =
        |a: usize, b: usize| row(a).iter().zip(row(b)).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    assert!(distance(0, 1) < distance(0, 2) && distance(0, 1) < distance(1, 2));
}

#[test]
fn a_cell_that_does_not_fit_is_named() {
    let train = table("a,d\n1,2024-01-01\n2,2024-02-02\n4,2025-01-01\n");
    let encoding = fit(&train, &Choices::default());
    for (csv, want) in [
        ("a,d\nx,2024-01-01\n", "t, line 2 (row 0, counted from 0), column `a`: `x` is no number"),
        ("a,d\n1,soon\n", "column `d`: `soon` is no date"),
        ("a,d\n1,5\n", "column `d`: `5` is no date"),
        ("a,d\ninf,2024-01-01\n", "column `a`"),
        ("a\n1\n", "the model needs the column `d`"),
    ] {
        let error = encoding.encode(&table(csv), None).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }
    assert!(matches!(encoding.encode(&train, Some(&[3])), Err(Error::NoRow { row: 3, .. })));
    assert!(matches!(
        encoding.encode_into(&train, None, false, &mut [0.0_f32; 2]),
        Err(Error::WrongCount { .. })
    ));
}

#[test]
fn kinds_that_do_not_fit_are_refused_with_their_cell() {
    let train = table("a,y\n1,1\nx,2\n3,4\n");
    for (kind, want) in [
        ("number", "`x` is no number"),
        ("date", "`1` is no date"),
        ("two-values", "`x` is a third value"),
        ("boolean", "`x` is a third value"),
    ] {
        let error = Encoding::fit(&train, &all(&train), None, &as_kind("a", kind)).unwrap_err().to_string();
        assert!(error.contains(want) && error.contains("--column a=category"), "{error}");
    }
    for kind in ["text", "identifier", "constant", "category", "ordered"] {
        fit(&train, &as_kind("a", kind));
    }
}

#[test]
fn rows_that_are_counted_are_kept_where_nothing_else_is() {
    let train = table("t,y\n0,5\n1,7\n2,9\n");
    let encoding = fit(&train, &Choices { others: vec!["y".to_owned()], ..Choices::default() });
    assert_eq!((encoding.width(), encoding.columns[0].kind), (1, ColumnKind::Number));
    let nothing = table("a,b,y\n7,x,1\n7,y,2\n7,z,3\n");
    let choices = Choices { others: vec!["y".to_owned()], ..Choices::default() };
    let error = Encoding::fit(&nothing, &all(&nothing), None, &choices).unwrap_err().to_string();
    assert!(error.contains("`a` is left out (`7` in all training rows), `b` is left out"), "{error}");
}

#[test]
fn words_that_may_be_values_are_said_and_can_be_kept() {
    let csv = "country,y\nNA,1\nDE,2\nFR,3\nNA,4\nDE,5\n";
    let encoding = fit(&table(csv), &Choices::default());
    assert!(encoding.columns[0].notes[0].contains("`--missing not:NA`"), "{:?}", encoding.columns[0]);
    let told = chainrule_table::Reading { missing: vec!["not:NA".to_owned()], ..Default::default() };
    let kept = Table::parse_as("t", csv.as_bytes(), &told).unwrap();
    assert_eq!(fit(&kept, &Choices::default()).names()[..3], ["country=DE", "country=FR", "country=NA"]);
}

#[test]
fn what_keeps_a_column_from_being_numbers_is_said() {
    let encoding = fit(&table("a,y\n1,1\n2,2\n3,3\nunknown,4\n2,5\n"), &Choices::default());
    assert!(encoding.columns[0].notes[0].contains("`--missing unknown`"), "{:?}", encoding.columns[0]);
}

#[test]
fn the_formulas_show_the_numbers() {
    let train = table("age,c,y\n30,x,1\n40,y,2\n,z,4\n50,x,7\n");
    let formulas = fit(&train, &Choices::default()).formulas();
    assert_eq!(formulas[0], ("age".to_owned(), "(age - 40)/8.16497".to_owned()));
    assert_eq!(formulas[1].1, "1 where age is missing, else 0, and then age is 40");
    assert_eq!(formulas[2], ("c=x".to_owned(), "1 where c is x, else 0".to_owned()));
}

#[test]
fn clipping_keeps_what_is_near_and_bounds_what_is_far() {
    let scale = Scale::Clipped { offset: 10.0, factor: 2.0 };
    assert_eq!(scale.apply(10.0), 0.0);
    assert!((scale.apply(10.2) - 0.1).abs() < 1e-4);
    for far in [1e6, 1e300, f64::MAX] {
        assert!((scale.apply(far) - 3.0).abs() < 1e-3 && (scale.apply(-far) + 3.0).abs() < 1e-3);
    }
}

#[test]
fn quantiles_of_training_rows_become_normal() {
    let mut random = Random::new(1, Purpose::Check, 0);
    let mut csv = String::from("a,b\n");
    // Log-normal: its quantiles are exp of the normal ones.
    let normals: Vec<f64> = (0..4000).map(|_| random.normal()).collect();
    normals.iter().for_each(|z| csv.push_str(&format!("{},0\n", libm::exp(3.0 * z))));
    let table = table(&csv);
    let encoding = fit(&table, &Choices { scaling: NumberScaling::Quantile, ..Choices::default() });
    let encoded = encoding.encode(&table, None).unwrap();
    assert_eq!(encoded.width, 1);
    let off =
        encoded.values.iter().zip(&normals).filter(|(a, b)| (f64::from(**a) - **b).abs() > 0.15).count();
    assert!(off < 100, "{off}");
    let mean = encoded.values.iter().map(|&value| f64::from(value)).sum::<f64>() / 4000.0;
    assert!(mean.abs() < 1e-2);
}

/// A random table of every kind of column.
fn cells() -> impl Strategy<Value = (Vec<String>, Vec<f64>)> {
    let number =
        prop_oneof![4 => (-1e6..1e6f64).prop_map(|value| value.to_string()), 1 => Just(String::new())];
    let word = prop_oneof!["[abc]", Just(String::new())];
    let day = (2000..2030u32, 1..13u32, 1..29u32).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"));
    let row = (number, word, day, any::<bool>(), 0..4u32)
        .prop_map(|(number, word, day, flag, count)| format!("{number},{word},{day},{flag},{count}"));
    (vec(row, 4..40), vec(prop_oneof![Just(0.0), Just(1.0), Just(2.0), Just(3.0)], 40))
}

fn random_table(rows: &[String]) -> Table {
    table(&format!("number,word,day,flag,count\n{}\n", rows.join("\n")))
}

/// Pixels that are nearly always 0 stay small beside the others.
#[test]
fn columns_of_one_unit_share_one_scale() {
    let table = table("a,b,c\n0,255,0\n51,0,1\n102,51,0\n");
    let encoding = fit(&table, &Choices { scaling: NumberScaling::Shared, ..Choices::default() });
    let encoded = encoding.encode(&table, None).unwrap();
    assert_eq!(encoded.values, [0.0, 1.0, 0.0, 0.2, 0.0, 1.0 / 255.0, 0.4, 0.2, 0.0]);
}

const SCALINGS: [NumberScaling; 4] =
    [NumberScaling::Standard, NumberScaling::Robust, NumberScaling::Quantile, NumberScaling::None];

proptest! {
    #[test]
    fn a_weight_is_so_many_rows((rows, mut weights) in cells(), way in 0..4usize) {
        let choices = Choices { scaling: SCALINGS[way], ..Choices::default() };
        weights.truncate(rows.len());
        let weighted = random_table(&rows);
        let repeated: Vec<usize> =
            (0..rows.len()).flat_map(|row| std::iter::repeat_n(row, weights[row] as usize)).collect();
        let one = Encoding::fit(&weighted, &all(&weighted), Some(&weights), &choices);
        let other = Encoding::fit(&weighted, &repeated, None, &choices);
        match (one, other) {
            (Ok(one), Ok(other)) => {
                // Quantiles are fitted at as many points as there are rows, so that theirs may differ between rows.
                if SCALINGS[way] != NumberScaling::Quantile && one.names() == other.names() {
                    let (a, b) = (one.encode(&weighted, None).unwrap(), other.encode(&weighted, None).unwrap());
                    for (a, b) in a.values.iter().zip(&b.values) {
                        prop_assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{a} {b}");
                    }
                }
            }
            (one, other) => prop_assert_eq!(one.is_err(), other.is_err()),
        }
    }

    #[test]
    fn an_encoding_reads_back_from_its_text((rows, _) in cells(), way in 0..4usize) {
        let table = random_table(&rows);
        let choices = Choices { scaling: SCALINGS[way], ..Choices::default() };
        if let Ok(encoding) = Encoding::fit(&table, &all(&table), None, &choices) {
            let text = serde_json::to_string(&encoding).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Encoding>(&text).unwrap(), &encoding);
            prop_assert!(encoding.is_sound());
        }
    }

    #[test]
    fn what_was_found_can_be_told((rows, _) in cells()) {
        let table = random_table(&rows);
        if let Ok(found) = Encoding::fit(&table, &all(&table), None, &Choices::default()) {
            let kinds = found.columns.iter().map(|column| (column.name.clone(), column.wanted())).collect();
            let told = fit(&table, &Choices { kinds, ..Choices::default() });
            for (found, told) in found.columns.iter().zip(&told.columns) {
                prop_assert_eq!(&found.part, &told.part);
            }
            let text = found.columns.iter().map(|column| column.wanted().to_string());
            for (text, column) in text.zip(&found.columns) {
                prop_assert_eq!(text.parse::<Wanted>().unwrap(), column.wanted());
            }
        }
    }

    #[test]
    fn encoded_values_are_finite_and_names_are_as_many((rows, _) in cells(), way in 0..4usize) {
        let table = random_table(&rows);
        let choices = Choices { scaling: SCALINGS[way], ..Choices::default() };
        let half: Vec<usize> = (0..table.rows() / 2).collect();
        if let Ok(encoding) = Encoding::fit(&table, &half, None, &choices) {
            let encoded = encoding.encode(&table, None).unwrap();
            prop_assert!(encoded.values.iter().all(|value| value.is_finite()));
            let mut names = encoding.names();
            prop_assert_eq!(names.len(), encoded.width);
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), encoded.width);
        }
    }

    #[test]
    fn rows_are_encoded_one_by_one_as_all_together((rows, _) in cells()) {
        let table = random_table(&rows);
        if let Ok(encoding) = Encoding::fit(&table, &all(&table), None, &Choices::default()) {
            let whole = encoding.encode(&table, None).unwrap();
            let mut tally = Tally::default();
            for row in 0..table.rows() {
                let one = encoding.encode(&table, Some(&[row])).unwrap();
                prop_assert_eq!(&one.values[..], &whole.values[row * whole.width..][..whole.width]);
                tally.add(&one.tally);
            }
            prop_assert_eq!(tally, whole.tally);
        }
    }

    #[test]
    fn the_order_of_columns_changes_no_value((rows, _) in cells()) {
        let table = random_table(&rows);
        let turned: Vec<String> = rows.iter().map(|row| row.split(',').rev().collect::<Vec<_>>().join(",")).collect();
        let turned = Table::parse("t", format!("count,flag,day,word,number\n{}\n", turned.join("\n")).as_bytes()).unwrap();
        if let Ok(encoding) = Encoding::fit(&table, &all(&table), None, &Choices::default()) {
            prop_assert_eq!(encoding.encode(&table, None).unwrap(), encoding.encode(&turned, None).unwrap());
        }
    }

    #[test]
    fn any_text_is_encoded_or_gives_a_message(text in "[-a1?,;\t#'\"\n\r .eN:/é]{0,80}", scaling in 0..4usize) {
        let Ok(table) = Table::parse("t", text.as_bytes()) else { return Ok(()) };
        let choices = Choices { scaling: SCALINGS[scaling], ..Choices::default() };
        match Encoding::fit(&table, &all(&table), None, &choices) {
            Ok(encoding) => {
                let encoded = encoding.encode(&table, None).unwrap();
                prop_assert!(encoded.values.iter().all(|value| value.is_finite()));
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
        for kind in ColumnKind::ALL {
            let choices = Choices { kinds: vec![("*".to_owned(), Wanted::from(kind))], ..Choices::default() };
            if let Err(error) = Encoding::fit(&table, &all(&table), None, &choices) {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}

#[test]
fn numbers_far_beyond_the_training_rows_are_counted_whatever_the_scaling() {
    let train = table("x,y\n0,1\n20,2\n60,3\n35,4\n7,5\n");
    let other = table("x,y\n1e300,1\n-1e39,2\n30,3\n600,4\n661,5\n,6\n");
    for scaling in
        [NumberScaling::Standard, NumberScaling::Robust, NumberScaling::Quantile, NumberScaling::None]
    {
        let choices = Choices { scaling, others: vec!["y".to_owned()], ..Choices::default() };
        let encoding = Encoding::fit(&train, &[0, 1, 2, 3, 4], None, &choices).unwrap();
        let encoded = encoding.encode(&other, None).unwrap();
        assert!(encoded.values.iter().all(|value| value.is_finite()));
        assert_eq!((encoded.tally.columns["x"].far, encoded.tally.columns["x"].missing), (3, 1), "{scaling}");
    }
}

#[test]
fn a_date_whose_order_the_training_rows_leave_open_is_refused() {
    let rows = |dates: &[&str]| {
        let rows: String = dates.iter().enumerate().map(|(row, date)| format!("{date},{row}\n")).collect();
        Table::parse("t", format!("d,y\n{rows}").as_bytes()).unwrap()
    };
    let choices = Choices { others: vec!["y".to_owned()], ..Choices::default() };
    let asked = rows(&["2012-04-03", "03/04/2012"]);
    let iso = fit(&rows(&["2012-01-13", "2012-02-14", "2013-03-15"]), &choices);
    let error = iso.encode(&asked, None).unwrap_err().to_string();
    assert!(
        error.contains("row 1") && error.contains("column `d`") && error.contains("`03/04/2012`"),
        "{error}"
    );
    // Where the training rows show the order, or somebody tells it, it holds.
    let shown = fit(&rows(&["13/01/2012", "14/02/2012", "15/03/2013"]), &choices);
    assert_eq!(
        shown.encode(&asked, Some(&[0])).unwrap().values,
        shown.encode(&asked, Some(&[1])).unwrap().values
    );
    let kinds = vec![("d".to_owned(), "month-first".parse().unwrap())];
    let told = fit(&rows(&["2012-01-13", "2012-02-14", "2013-03-15"]), &Choices { kinds, ..choices });
    assert!(told.encode(&asked, None).is_ok());
}

#[test]
fn codes_that_lost_their_zeros_are_the_same_numbers_and_counted() {
    let rows = |cells: &[&str]| {
        let rows: String = cells.iter().enumerate().map(|(row, cell)| format!("{cell},{row}.5\n")).collect();
        table(&format!("zip,b\n{rows}"))
    };
    let codes = rows(&["01234", "90210", "02139", "01234", "90210", "02139", "1234567", "1234567"]);
    let told = fit(&rows(&["7", "8", "9", "7", "8", "9"]), &as_kind("zip", "category"));
    for (encoding, given, alike, unseen) in [
        (&fit(&codes, &Choices::default()), &["1234", "90210"][..], 1, 0),
        (&fit(&codes, &Choices::default()), &["01234", "90210"], 0, 0),
        (&fit(&codes, &Choices::default()), &["001234", "2139.0", "5"], 1, 1),
        (&told, &["07", "8"], 1, 0),
        (&told, &["7.0", "8.00", "x"], 0, 1),
    ] {
        let tally = encoding.encode(&rows(given), None).unwrap().tally.columns;
        let found = tally.get("zip").map_or((0, 0), |zip| (zip.alike, zip.unseen));
        assert_eq!(found, (alike, unseen), "{given:?}");
    }
}

#[test]
fn digits_that_may_be_dates_are_said_and_become_dates_where_it_is_told() {
    let rows: String =
        (0..40).map(|row| format!("2023{:02}{:02},{row}.5\n", row % 12 + 1, row % 28 + 1)).collect();
    let csv = format!("d,b\n{rows}");
    let column = &fit(&table(&csv), &Choices::default()).columns[0];
    assert_eq!(column.kind, ColumnKind::Number);
    assert_eq!(column.notes, ["numbers such as 20230101 may be dates (`--column d=date` makes them dates)"]);
    assert_eq!(fit(&table(&csv), &as_kind("d", "date")).columns[0].kind, ColumnKind::Date);
    // Digits may stand among other forms of dates.
    let mixed = csv.replacen("20230101", "2023-01-01", 1);
    assert_eq!(fit(&table(&mixed), &as_kind("d", "date")).columns[0].kind, ColumnKind::Date);
    let other = csv.replacen("20230101", "20231301", 1);
    assert_eq!(fit(&table(&other), &Choices::default()).columns[0].notes.len(), 0);
}
