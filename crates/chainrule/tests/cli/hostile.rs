//! Arguments that are no text, sizes that no memory holds, and files that are none or have no end.

use super::{Place, shipped};
#[cfg(unix)]
use std::ffi::{OsStr, OsString};
#[cfg(unix)]
use std::os::unix::ffi::{OsStrExt, OsStringExt};

const TABLE: &str = "a,b,price\n1,2,3\n2,1,4\n3,5,9\n4,4,8\n5,1,7\n6,2,9\n7,3,9\n8,9,17\n9,1,12\n10,2,13\n";

/// An argument with bytes of its own, one letter each.
#[cfg(unix)]
fn bytes(letters: &str) -> OsString {
    OsString::from_vec(letters.chars().map(|letter| letter as u8).collect())
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_named() {
    let place = Place::new();
    place.file("t.csv", TABLE);
    let lines: [&[&str]; 12] = [
        &["derive", "x\u{ff}"],
        &["derive", "\u{c3}"],
        &["derive", "x", "--wrt", "\u{80}"],
        &["derive", "x", "--let", "x: \u{fe}"],
        &["derive", "x", "--define", "f(x) = \u{ff}"],
        &["derive", "x", "--json", "--wrt", "\u{ff}"],
        &["check", "x", "--wrt", "x", "--claim", "1\u{ff}"],
        &["train", "t.csv", "--target", "\u{ff}"],
        &["train", "t.csv", "--target", "price", "--hidden", "\u{ff}"],
        &["train", "t.csv", "--target", "price", "--threads", "\u{ff}"],
        &["plan", "x\u{ff}", "--peak", "1"],
        &["library", "\u{ff}"],
    ];
    for line in lines {
        let arguments: Vec<OsString> = line.iter().map(|word| bytes(word)).collect();
        let answer = place.ends(2, &arguments, &[]);
        let message = if line.contains(&"--json") { &answer.output } else { &answer.errors };
        assert!(message.contains("UTF-8") && message.contains(r"\x"), "{line:?}: {message}");
        let number = line.iter().position(|word| !word.is_ascii()).unwrap() + 1;
        assert!(message.contains(&format!("argument {number}, ")) || number == 1, "{line:?}: {message}");
    }
    // Options, values and subcommands that are none.
    for line in [
        &["\u{ff}"][..],
        &["--\u{ff}"],
        &["derive", "x", "--format", "\u{ff}"],
        &["bench", "--workload", "\u{ff}"],
        &["derive", "x", "--\u{ff}"],
        &["-\u{ff}", "--json"],
    ] {
        let arguments: Vec<OsString> = line.iter().map(|word| bytes(word)).collect();
        place.ends(2, &arguments, &[]);
    }
}

#[cfg(unix)]
#[test]
fn paths_that_are_no_text_are_paths() {
    let place = Place::new();
    let (table, out) = (bytes("t\u{ff}.csv"), bytes("run\u{fe}"));
    if std::fs::write(place.folder.path().join(&table), TABLE).is_err() {
        // Some systems have no such names.
        return;
    }
    let word = |text: &str| OsStr::from_bytes(text.as_bytes()).to_owned();
    let train = ["--target", "price", "--hidden", "2", "--epochs", "1", "--out"].map(word);
    let line = [&[word("train"), table.clone()], &train[..], std::slice::from_ref(&out)].concat();
    place.ends(0, &line, &[]);
    place.ends(0, &[word("predict"), out.clone(), table.clone()], &[]);
    place.ends(0, &[word("predict"), out.clone(), table.clone(), word("-o"), bytes("p\u{ff}.csv")], &[]);
    place.ends(0, &[word("evaluate"), out.clone(), table.clone()], &[]);
    place.ends(0, &[word("explain"), out], &[]);
    let tested =
        [&[word("train"), table.clone()], &train[..], &[word("two"), word("--test"), table]].concat();
    place.ends(0, &tested, &[]);
    let none = bytes("none\u{ff}.csv");
    place.ends(2, &[&[word("train"), none], &train[..], &[word("three")]].concat(), &["there is no file"]);
}

#[test]
fn sizes_beyond_their_limits_are_refused_with_the_limit() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    let many = vec!["2"; 2000].join(",");
    let million = vec!["1"; 60_000].join(",");
    let layers = vec!["2:tanh"; 1500].join(",");
    for (option, value, word) in [
        ("--threads", "1000000000", "512"),
        ("--threads", "513", "512"),
        ("--threads", "0", "512"),
        ("--threads", "18446744073709551616", "512"),
        ("--threads", "-1", ""),
        ("--hidden", "1000000000", "1000000"),
        ("--hidden", "18446744073709551616", "1000000"),
        ("--hidden", "1000000,1000000", "100000000"),
        ("--hidden", "1000000,1,1000000,1000000", "100000000"),
        ("--hidden", "20000,20000", "100000000"),
        ("--hidden", many.as_str(), "up to 1000 are derived"),
        ("--hidden", million.as_str(), "up to 1000 are derived"),
        ("--layers", layers.as_str(), "up to 1000 are derived"),
        ("--layers", "1000000000:relu", "1000000"),
        ("--layers", "1000000:relu,1000000:relu", "100000000"),
        ("--epochs", "1000000000000000000", "10000000"),
        ("--epochs", "18446744073709551616", "10000000"),
        ("--batch-size", "18446744073709551616", "number of rows"),
        ("--seed", "18446744073709551616", ""),
        ("--learning-rate", "1e999", "above 0"),
        ("--test", "1e300", "1e300"),
    ] {
        let line = ["train", table, "--target", "price", option, value];
        let answer = place.ends(2, &line, &[]);
        assert!(answer.errors.contains(word), "{option}: {}", answer.errors);
        assert_eq!(place.names(), [table], "{option}");
    }
    for (line, word) in [
        (["bench", "--threads", "1000000000"], "512"),
        (["bench", "--seconds", "1e300"], "86400"),
        (["bench", "--seconds", "inf"], "86400"),
    ] {
        place.ends(2, &line, &[word]);
    }
}

#[test]
fn the_largest_sizes_that_are_allowed_work() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    for options in [
        ["--threads", "512"],
        ["--seed", "18446744073709551615"],
        ["--batch-size", "18446744073709551615"],
        ["--hidden", "2000"],
    ] {
        let line = ["train", table, "--target", "price", "--epochs", "2", "--out", "run", "--overwrite"];
        place.succeed(
            &[&line[..], &["--hidden", "4"][..if options[0] == "--hidden" { 0 } else { 2 }], &options]
                .concat(),
        );
        place.succeed(&["plan", "run", "--peak", "1"]);
        place.succeed(&["plan", "run", "--peak", "1", "--rows", "4294967295"]);
    }
}

#[test]
fn plans_of_any_sizes_are_counted_or_refused() {
    let place = Place::new();
    let formula = ["plan", "norm(X*w - y)^2/m", "--wrt", "w", "--peak", "1"];
    for (sizes, status) in [
        ("n = 1000000", 0),
        ("n = 1099511627776", 0),
        ("n = 1099511627777", 2),
        ("n = 1000000000000000000", 2),
        ("n = 18446744073709551615", 2),
        ("n = 18446744073709551616", 2),
        ("n = 0", 2),
        ("n = -1", 2),
        ("m = 1048576, n = 1048576", 0),
        ("m = 1048576, n = 1048577", 2),
        ("m = 9223372036854775807, n = 2", 2),
    ] {
        for more in [&[][..], &["--rows", "4294967295"], &["--json"]] {
            place.ends(status, &[&formula[..], &["--sizes", sizes], more].concat(), &[]);
        }
    }
    for peak in ["0", "nan", "inf", "1e300", "1e-300"] {
        place.ends(2, &["plan", "x", "--peak", peak], &["--peak"]);
    }
    let products = ["plan", "tr(A*B*C*D)", "--wrt", "A", "--let", "A: n x n, B: n x n, C: n x n, D: n x n"];
    for n in ["1048576", "1048577", "4294967296", "9223372036854775807"] {
        let answer = place.run(&[&products[..], &["--peak", "1", "--sizes", &format!("n = {n}")]].concat());
        assert!(matches!(answer.status, 0 | 2), "{n}: {}", answer.errors);
    }
}

#[cfg(unix)]
#[test]
fn devices_folders_and_empty_files_are_no_tables_and_no_models() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    place.succeed(&["train", table, "--target", "price", "--hidden", "2", "--epochs", "1", "--out", "run"]);
    place.file("empty.csv", "");
    std::fs::create_dir(place.path("folder.csv")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.path("zero.csv")).unwrap();
    let sparse = std::fs::File::create(place.path("sparse.csv")).unwrap();
    let is_sparse = sparse.set_len(20 << 30).is_ok();
    let files = [
        ("/dev/zero", "is a device"),
        ("/dev/random", "is a device"),
        ("/dev/urandom", "is a device"),
        ("/dev/null", "is a device"),
        ("zero.csv", "is a device"),
        ("folder.csv", "is a folder"),
        ("empty.csv", "empty.csv"),
        ("none.csv", "there is no file"),
        ("sparse.csv", "16 GiB"),
    ];
    for (file, word) in files {
        if file.starts_with("sparse") && !is_sparse {
            continue;
        }
        place.ends(2, &["train", file, "--target", "price", "--out", "new"], &[word]);
        place.ends(2, &["train", table, "--target", "price", "--out", "new", "--train", file], &[file]);
        place.ends(2, &["predict", "run", file], &[word]);
        place.ends(2, &["evaluate", "run", table, "--rows", file], &[file]);
        if file != "folder.csv" {
            place.ends(2, &["predict", file, table], &[word]);
            place.ends(2, &["evaluate", file, table], &[word]);
            place.ends(2, &["explain", file], &[word]);
        }
        assert!(!place.path("new").exists());
    }
    std::os::unix::fs::symlink("/dev/zero", place.path("f.formula")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.path("p.chainrule")).unwrap();
    place.ends(2, &["derive", "f.formula"], &["is a device"]);
    place.ends(2, &["derive", "x", "--define", "p.chainrule"], &["is a device"]);
    // What stands beside a model is passed over where it cannot be read.
    std::fs::remove_file(place.path("run/baselines.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.path("run/baselines.json")).unwrap();
    place.succeed(&["evaluate", "run", table]);
    let endless = place.shell("$CHAINRULE derive - </dev/zero");
    assert!(
        endless.status == 2 && endless.errors.contains("longer than 1000000 bytes"),
        "{}",
        endless.errors
    );
    let piped = place.shell("cat t.csv | $CHAINRULE predict run /dev/stdin");
    assert_eq!((piped.status, piped.output.lines().count()), (0, 11), "{}", piped.errors);
}

#[test]
fn a_table_of_very_many_columns_is_shown_in_a_few_lines() {
    let place = Place::new();
    let columns = 100_000_usize;
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let mut text = names.join(",");
    for row in 0..20 {
        let cells: Vec<String> =
            (0..columns).map(|column| ((column * 7 + row * 31) % 101).to_string()).collect();
        text.push('\n');
        text.push_str(&cells.join(","));
    }
    let table = place.file("wide.csv", text);
    let start = std::time::Instant::now();
    let line = ["train", table, "--target", "c0", "--hidden", "4", "--epochs", "1", "--out", "run"];
    let answer = place.succeed(&line);
    // A second where the program is built to be fast; columns looked up one after the other took a hundred.
    assert!(start.elapsed().as_secs() < 40, "{:?}", start.elapsed());
    let (audit, _) = answer.output.split_once("network").unwrap();
    assert!(audit.lines().count() <= 40 && audit.contains("99999 ordinary numbers"), "{audit}");
    assert!(answer.output.len() < 10_000, "{}", answer.output.len());
    place.succeed(&["predict", "run", table]);
    // With as many inputs, few units are many parameters.
    place.ends(2, &["train", table, "--target", "c0", "--out", "new", "--hidden", "1001"], &["100000000"]);
}

#[test]
fn ordinary_numbers_are_counted() {
    let place = Place::new();
    let line = ["train", &shipped("sine.csv"), "--target", "y", "--hidden", "2", "--epochs", "1"];
    assert!(place.succeed(&line).output.contains("1 ordinary number"));
}
