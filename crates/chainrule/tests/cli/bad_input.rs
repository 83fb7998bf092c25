//! Bad input: one message that says what, where and how to mend it, status 2, and nothing half-written.

use super::{Place, shipped};

/// Runs the program, which must refuse with status 2 and one message that holds all the words, and write nothing.
pub(crate) fn refuse(place: &Place, arguments: &[&str], words: &[&str]) {
    let before = place.names();
    let answer = place.run(arguments);
    assert_eq!(answer.status, 2, "{arguments:?}: {}{}", answer.output, answer.errors);
    for word in words {
        assert!(answer.errors.contains(word), "{arguments:?}: no `{word}` in {}", answer.errors);
    }
    assert_eq!(answer.errors.matches("error: ").count(), 1, "{}", answer.errors);
    assert_eq!(place.names(), before, "{arguments:?} wrote something");
}

const TABLE: &str = "a,b,price\n1,2,3\n2,1,4\n3,5,9\n4,4,8\n5,1,7\n6,2,9\n7,3,9\n8,9,17\n9,1,12\n10,2,13\n";

#[test]
fn shapes_that_do_not_fit_are_named_with_their_mend() {
    let place = Place::new();
    let line = ["derive", "X*W1*W2", "--let", "X: m x n, W1: n x p, W2: n x q"];
    refuse(&place, &line, &["m x p", "n x q", "W2"]);
    let article = "A1' * (A2 - Y) .* g'(Z2)";
    let shapes = "A1: m x p, A2: m x q, Y: m x q, Z2: m x q, g: function";
    refuse(&place, &["derive", article, "--let", shapes], &["A1'*((A2 - Y) .* g'(Z2))"]);
}

#[test]
fn an_unknown_function_gets_the_nearest_names() {
    let place = Place::new();
    refuse(&place, &["derive", "sum(sigmod(x))"], &["sigmod", "sigmoid", "^"]);
    let table = place.file("t.csv", TABLE);
    refuse(&place, &["train", table, "--target", "price", "--activation", "relo"], &["relo", "relu"]);
    refuse(&place, &["train", table, "--target", "price", "--output", "sigmod"], &["sigmod", "sigmoid"]);
    refuse(&place, &["train", table, "--target", "price", "--loss", "mes"], &["mes", "mse"]);
    refuse(&place, &["train", table, "--target", "price", "--optimizer", "adom"], &["adom", "adam"]);
    refuse(&place, &["train", table, "--target", "price", "--schedule", "cosin"], &["cosin", "cosine"]);
    refuse(&place, &["library", "softplux"], &["softplux", "softplus"]);
}

#[test]
fn wrong_formulas_for_training_are_refused() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    refuse(&place, &["train", table, "--target", "price", "--activation", "x + y"], &["x", "y"]);
    refuse(&place, &["train", table, "--target", "price", "--activation", "max(x, 0"], &["^"]);
    refuse(&place, &["train", table, "--target", "price", "--loss", "A - Y"], &["m x q"]);
    refuse(&place, &["train", table, "--target", "price", "--loss", "sum(A - B)"], &["B"]);
    refuse(&place, &["train", table, "--target", "price", "--define", "f(x = x"], &["^"]);
    refuse(&place, &["train", table, "--target", "price", "--define", "none.chainrule"], &["none.chainrule"]);
    refuse(
        &place,
        &["train", table, "--target", "price", "--optimizer", "adam(beta9 = 1)"],
        &["beta9", "beta1"],
    );
}

#[test]
fn an_unbalanced_bracket_gets_a_caret() {
    let place = Place::new();
    refuse(&place, &["derive", "norm(X*w - y"], &["^", "norm(X*w - y"]);
    refuse(&place, &["derive", "norm(X*w - y))"], &["^"]);
}

#[test]
fn a_missing_file_is_named() {
    let place = Place::new();
    refuse(&place, &["train", "no.csv", "--target", "price"], &["no.csv"]);
    refuse(&place, &["predict", "no-run", "no.csv"], &["no-run"]);
    let table = place.file("t.csv", TABLE);
    refuse(&place, &["train", table, "--target", "price", "--test", "rows.txt"], &["rows.txt"]);
    refuse(&place, &["train", table, "--target", "price", "--test", "other.csv"], &["other.csv"]);
}

#[test]
fn a_target_that_is_no_column_gets_the_nearest_names() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    refuse(&place, &["train", table, "--target", "prize"], &["prize", "price"]);
    refuse(&place, &["train", table], &["--target"]);
}

#[test]
fn wrong_cells_are_named_by_line_and_column() {
    let place = Place::new();
    let ragged = place.file("ragged.csv", "a,price\n1,2\n3\n");
    refuse(&place, &["train", ragged, "--target", "price"], &["ragged.csv", "line 3", "1 cell"]);
    for value in ["inf", "1e999"] {
        let table = place.file("wild.csv", format!("a,price\n1,2\n{value},4\n5,7\n"));
        refuse(&place, &["train", table, "--target", "price"], &["line 3", "`a`"]);
    }
}

#[test]
fn a_table_without_rows_is_refused() {
    let place = Place::new();
    for (contents, word) in [("", "empty"), ("a,price\n", "no rows"), ("\n\n", "empty")] {
        let table = place.file("t.csv", contents);
        refuse(&place, &["train", table, "--target", "price"], &["t.csv", word]);
    }
    let one = place.file("one.csv", "a,price\n1,2\n");
    refuse(&place, &["train", one, "--target", "price"], &["row"]);
}

#[test]
fn a_column_missing_at_prediction_is_named() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    place.succeed(&["train", table, "--target", "price", "--hidden", "2", "--epochs", "1", "--out", "run"]);
    let other = place.file("other.csv", "a,c\n1,2\n");
    refuse(&place, &["predict", "run", other], &["`b`", "other.csv"]);
    refuse(&place, &["evaluate", "run", "other.csv"], &["`b`"]);
}

#[test]
fn a_damaged_or_foreign_model_is_refused() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    place.succeed(&["train", table, "--target", "price", "--hidden", "2", "--epochs", "1", "--out", "run"]);
    let model = std::fs::read(place.path("run/model.safetensors")).unwrap();
    for length in [0, 4, 8, 20, model.len() / 2, model.len() - 1] {
        let cut = place.file("cut.safetensors", &model[..length]);
        refuse(&place, &["predict", cut, table], &["cut.safetensors", "no model of Chainrule"]);
    }
    let foreign = place.file("foreign.safetensors", b"\x02\0\0\0\0\0\0\0{}");
    refuse(&place, &["evaluate", foreign, table], &["foreign.safetensors", "no model of Chainrule"]);
    refuse(&place, &["explain", table], &["t.csv", "no model of Chainrule"]);
}

#[test]
fn a_loss_that_becomes_nan_names_epoch_and_layer() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    let diverge = |options: &[&str], words: &[&str]| {
        let wild = ["--optimizer", "gradient_descent", "--learning-rate", "1e20", "--hidden", "4"];
        let wild = [wild.as_slice(), &["--validation", "0.2", "--test", "0.2"]].concat();
        let answer = place.run(&[&["train", table, "--target", "price"], wild.as_slice(), options].concat());
        assert_eq!(answer.status, 2, "{}", answer.errors);
        for word in words {
            assert!(answer.errors.contains(word), "{word} in {}", answer.errors);
        }
    };
    let rate = "--learning-rate 1e19";
    diverge(&["--activation", "relu"], &["epoch 1", "layer 2", "Z2", rate, "no model is written"]);
    // A bounded activation keeps every layer finite; the square of the last does not stay so.
    diverge(&["--activation", "tanh"], &["epoch 1", "the loss is not finite", "the loss is not", rate]);
    assert_eq!(place.names(), [table]);
    // A rate that grows over the run, so that some epochs are good: the last good model is kept.
    let growing =
        ["--define", "schedule growing(u) = exp(120*u - 60)", "--schedule", "growing", "--epochs", "40"];
    diverge(&[&["--activation", "relu"], growing.as_slice()].concat(), &["is kept in runs/t-0"]);
    place.succeed(&["predict", "runs/t-0", table]);
}

#[test]
fn a_taken_folder_is_not_overwritten_silently() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    let line = ["train", table, "--target", "price", "--hidden", "2", "--epochs", "1"];
    place.succeed(&line);
    refuse(&place, &line, &["runs/t-0", "--out DIR", "--overwrite"]);
    place.succeed(&[line.as_slice(), &["--overwrite"]].concat());
    std::fs::create_dir(place.path("mine")).unwrap();
    place.file("mine/letter.txt", "Dear reader");
    refuse(
        &place,
        &[line.as_slice(), &["--out", "mine", "--overwrite"]].concat(),
        &["mine", "no run of Chainrule"],
    );
    assert_eq!(super::names(&place.path("mine")), ["letter.txt"]);
    let file = place.file("file", "");
    refuse(&place, &[line.as_slice(), &["--out", file]].concat(), &["file", "--out"]);
}

#[test]
fn wrong_options_are_refused() {
    let place = Place::new();
    let table = place.file("t.csv", TABLE);
    refuse(&place, &["train", table, "--target", "price", "--layers", "64"], &["64:relu"]);
    refuse(&place, &["train", table, "--target", "price", "--epochs", "0"], &["--epochs"]);
    refuse(&place, &["train", table, "--target", "price", "--learning-rate", "-1"], &["--learning-rate"]);
    refuse(&place, &["train", table, "--target", "price", "--test", "1.5"], &["1.5"]);
    refuse(&place, &["train", table, "--target", "price", "--ignore", "c"], &["`c`"]);
    refuse(
        &place,
        &["train", table, "--target", "price", "--ignore", "a", "--ignore", "b"],
        &["at least one"],
    );
    refuse(&place, &["trian"], &["train"]);
    let exact = ["train", table, "--target", "price", "--solver", "exact"];
    refuse(&place, &[exact.as_slice(), &["--hidden", "3"]].concat(), &["exact"]);
    refuse(&place, &[exact.as_slice(), &["--loss", "mae"]].concat(), &["exact"]);
}

#[test]
fn errors_under_json_are_json() {
    let place = Place::new();
    let derive = ["derive", "norm(X*w - y", "--json"];
    let train = ["train", &shipped("sine.csv"), "--target", "z", "--json"];
    let usage = ["train", "--json", "--nonsense"];
    for line in [derive.as_slice(), &train, &usage] {
        let answer = place.run(line);
        assert_eq!(answer.status, 2);
        let value: serde_json::Value = serde_json::from_str(&answer.output).expect("one JSON object");
        assert!(value["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
        for key in ["span", "expected", "found", "mend"] {
            assert!(value["error"].as_object().unwrap().contains_key(key), "{key}");
        }
    }
}
