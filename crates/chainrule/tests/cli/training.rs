//! Training, judging and predicting on small tables.

use super::{Place, names, shipped};
use serde_json::Value;
#[cfg(unix)]
use std::io::{BufRead, BufReader, Read};
#[cfg(unix)]
use std::process::{Command, Stdio};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON object and nothing else")
}

/// Trains and returns the answer as JSON.
fn train(place: &Place, table: &str, target: &str, options: &[&str]) -> Value {
    let table = shipped(table);
    let line = [&["train", &table, "--target", target, "--json", "--overwrite"], options].concat();
    json(&place.succeed(&line).output)
}

#[test]
fn a_sine_is_learnt_and_judged() {
    let place = Place::new();
    let answer =
        train(&place, "sine.csv", "y", &["--activation", "tanh", "--epochs", "300", "--batch-size", "32"]);
    assert_eq!((answer["schema"].as_u64(), answer["task"].as_str()), (Some(3), Some("numbers")));
    let target = &answer["targets"][0];
    let baselines = target["baselines"].as_array().unwrap();
    let named: Vec<&str> = baselines.iter().map(|baseline| baseline["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["mean", "linear"]);
    // The noise of the table has the deviation 0.1.
    assert!(answer["test"]["rmse"].as_f64().unwrap() < 0.2, "{answer}");
    assert!(baselines.iter().all(|baseline| baseline["test"]["rmse"].as_f64().unwrap() > 0.5), "{answer}");
    assert_eq!(answer["test"], target["test"]);
    for scores in [&target["test"], &baselines[0]["test"], &baselines[1]["test"]] {
        assert!(scores["mae"].is_f64() && scores["r2"].is_f64());
        assert_eq!(scores["rows"], 40);
    }
    assert_eq!(
        (target["train"]["rows"].as_u64(), target["validation"]["rows"].as_u64()),
        (Some(144), Some(16))
    );
    assert_eq!(answer["stopped"], "limit");
    assert_eq!(answer["epochs"], 300);
    assert!((1..=300).contains(&answer["best_epoch"].as_u64().unwrap()));
    assert!(answer["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(answer["parameters"], 64 + 64 + 64 * 64 + 64 + 64 + 1);
    assert_eq!(answer["seed"], 0);
    assert_eq!(answer["out"], "runs/sine-0");
    let files = [
        "audit.json",
        "baselines.json",
        "checkpoint.safetensors",
        "config.json",
        "curves.svg",
        "fit.svg",
        "losses.csv",
        "model.safetensors",
        "scores.json",
        "test.txt",
        "train.txt",
        "validation.txt",
    ];
    assert_eq!(names(&place.path("runs/sine-0")), files);
    assert_eq!(names(&place.path("runs")), ["sine-0"]);
    let losses = std::fs::read_to_string(place.path("runs/sine-0/losses.csv")).unwrap();
    assert_eq!(losses.lines().count(), 301);

    // The test rows judged again give the same scores.
    let table = shipped("sine.csv");
    let line = ["evaluate", "runs/sine-0", &table, "--rows", "runs/sine-0/test.txt", "--json"];
    let again = json(&place.succeed(&line).output);
    for key in ["test", "epochs", "best_epoch", "parameters", "seed"] {
        assert_eq!(again[key], answer[key], "{key}");
    }
    assert_eq!(again["targets"][0]["baselines"], answer["targets"][0]["baselines"]);

    // The model's file alone is judged too.
    let alone = json(&place.succeed(&["evaluate", "runs/sine-0/model.safetensors", &table, "--json"]).output);
    assert_eq!(alone["test"]["rows"], 200);
}

#[test]
fn xor_is_learnt_with_a_sigmoid_output() {
    let place = Place::new();
    let rows = ["--test", "0", "--validation", "0"];
    let options = ["--activation", "tanh", "--output", "sigmoid", "--epochs", "400", "--out", "xor"];
    let answer = train(&place, "xor.csv", "y", &[rows.as_slice(), &options].concat());
    assert_eq!(answer["test"], Value::Null);
    assert!(names(&place.path("xor")).contains(&String::from("contour.svg")));
    // Columns that the model does not need are passed over, and the target may be absent.
    let table = place.file("new.csv", "note,x2,x1\na,0,0\nb,0,1\nc,1,0\nd,1,1\n");
    let predictions = place.succeed(&["predict", "xor", table, "--probabilities", "--keep", "note"]).output;
    let lines: Vec<&str> = predictions.lines().collect();
    assert_eq!(lines[0], "note,prediction,p_0,p_1");
    for (line, want) in lines[1..].iter().zip(["a,0", "b,1", "c,1", "d,0"]) {
        assert!(line.starts_with(&format!("{want},")), "{predictions}");
        let shares: f64 = line.split(',').skip(2).map(|share| share.parse::<f64>().unwrap()).sum();
        assert!((shares - 1.0).abs() < 1e-6, "{predictions}");
    }
    let predictions = place.succeed(&["predict", "xor", table, "--threshold", "0"]).output;
    assert_eq!(predictions, "prediction\n1\n1\n1\n1\n");
    let predictions = place.succeed(&["predict", "xor", table]).output;
    assert_eq!(predictions, "prediction\n0\n1\n1\n0\n");
    place.succeed(&["predict", "xor", table, "-o", "predictions.csv"]);
    assert_eq!(std::fs::read_to_string(place.path("predictions.csv")).unwrap(), predictions);
}

#[test]
fn one_seed_gives_one_model() {
    let place = Place::new();
    let bytes = |out: &str, options: &[&str]| {
        train(
            &place,
            "sine.csv",
            "y",
            &[&["--epochs", "5", "--hidden", "8", "--out", out], options].concat(),
        );
        std::fs::read(place.path(out).join("model.safetensors")).unwrap()
    };
    assert_eq!(bytes("a", &[]), bytes("b", &[]));
    assert_ne!(bytes("c", &["--seed", "1"]), bytes("d", &["--seed", "2"]));
    assert_eq!(bytes("e", &["--precision", "f64"]), bytes("f", &["--precision", "f64"]));
}

#[test]
fn what_the_user_types_trains_like_what_is_shipped() {
    let place = Place::new();
    let options = [
        "--activation",
        "x .* sigmoid(2*x)",
        "--loss",
        "sum(log(cosh(A - Y)))/m",
        "--epochs",
        "100",
        "--out",
        "own",
    ];
    let answer = train(&place, "sine.csv", "y", &[options.as_slice(), &["--batch-size", "32"]].concat());
    assert!(answer["test"]["rmse"].as_f64().unwrap() < 0.3, "{answer}");
    // The model's file stands alone: it knows what was typed.
    let table = shipped("sine.csv");
    std::fs::rename(place.path("own/model.safetensors"), place.path("moved.safetensors")).unwrap();
    place.succeed(&["evaluate", "moved.safetensors", &table]);

    let page = place.file("bump.chainrule", "# A bump.\nfunction bump(x) = exp(-x.^2)\n");
    let defined = ["--define", page, "--activation", "bump", "--epochs", "3", "--out", "bump"];
    train(&place, "sine.csv", "y", &defined);
    let explained = place.succeed(&["explain", "bump"]).output;
    assert!(explained.contains("bump"), "{explained}");
    let layers = ["--layers", "8:leaky_relu(slope = 0.2),4:max(x, -x)", "--epochs", "3", "--out", "mixed"];
    train(&place, "sine.csv", "y", &layers);
}

#[test]
fn linear_regression_is_solved_and_descended_to() {
    let place = Place::new();
    let exact =
        train(&place, "sine.csv", "y", &["--solver", "exact", "--precision", "f64", "--out", "exact"]);
    let linear = &exact["targets"][0]["baselines"][1];
    let [found, want] = [&exact["test"], &linear["test"]].map(|scores| scores["rmse"].as_f64().unwrap());
    assert!((found - want).abs() < 1e-12 * want, "{exact}");
    let descent = [
        "--hidden",
        "none",
        "--optimizer",
        "gradient_descent",
        "--learning-rate",
        "0.1",
        "--schedule",
        "constant",
        "--batch-size",
        "full",
        "--epochs",
        "500",
        "--precision",
        "f64",
        "--validation",
        "0",
        "--out",
        "descent",
    ];
    let exact =
        train(&place, "sine.csv", "y", &["--solver", "exact", "--validation", "0", "--precision", "f64"]);
    let descended = train(&place, "sine.csv", "y", &descent);
    let rmse = |answer: &Value| answer["test"]["rmse"].as_f64().unwrap();
    assert!((rmse(&exact) - rmse(&descended)).abs() < 1e-6 * rmse(&exact), "{exact} {descended}");
}

#[test]
fn rows_may_be_given() {
    let place = Place::new();
    let text = |rows: std::ops::Range<usize>| rows.map(|row| format!("{row}\n")).collect::<String>();
    let (a, b, c) = (
        place.file("a.txt", text(0..100)),
        place.file("b.txt", text(100..150)),
        place.file("c.txt", text(150..190)),
    );
    let options = ["--train", a, "--validation", b, "--test", c, "--epochs", "2", "--out", "rows"];
    let answer = train(&place, "sine.csv", "y", &options);
    assert_eq!(answer["test"]["rows"], 40);
    for (given, written) in [(a, "train.txt"), (b, "validation.txt"), (c, "test.txt")] {
        let read = |path| std::fs::read_to_string(path).unwrap();
        assert_eq!(read(place.path(given)), read(place.path("rows").join(written)));
    }
    let test = place.file("test.csv", "z,y,x\n1,0.5,0.5\n2,0.8,1\n");
    let answer = train(&place, "sine.csv", "y", &["--test", test, "--epochs", "2", "--out", "table"]);
    assert_eq!(answer["test"]["rows"], 2);
}

/// The first Ctrl-C ends training with the best model so far.
#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_best_model() {
    let place = Place::new();
    let table = shipped("sine.csv");
    let mut program = Command::new(env!("CARGO_BIN_EXE_chainrule"))
        .args(["train", &table, "--target", "y", "--hidden", "4", "--epochs", "1000000", "--out", "run"])
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut errors = BufReader::new(program.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.starts_with("epoch 1/") {
        line.clear();
        assert!(errors.read_line(&mut line).expect("a line") > 0, "it ended before its first epoch");
    }
    let kill = Command::new("kill").args(["-INT", &program.id().to_string()]).status();
    assert!(kill.expect("the command `kill`").success());
    let mut rest = String::new();
    errors.read_to_string(&mut rest).expect("messages in UTF-8");
    let output = program.wait_with_output().expect("its end");
    let text = String::from_utf8(output.stdout).expect("output in UTF-8");
    assert!(output.status.success(), "{text}{rest}");
    assert!(rest.contains("stopped by a signal"), "{rest}");
    assert!(text.contains("stopped by a signal") && text.contains("is kept"), "{text}");
    place.succeed(&["predict", "run", &table]);
}
