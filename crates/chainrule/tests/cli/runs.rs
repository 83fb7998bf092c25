//! What lies in a run's folder stays, what stands in the way of going on is said as it is, and a run may start from the model of another.
#![cfg(unix)]

use super::{Answer, Place, names};

const TRAIN: &str = "train t.csv --target y --hidden 4 --batch-size 4 --schedule constant";

fn place() -> Place {
    let place = Place::new();
    let rows: String = (0..40).map(|x| format!("{x},{},{}\n", x % 7, 2 * x + x % 7)).collect();
    place.file("t.csv", format!("a,b,y\n{rows}"));
    place
}

fn trained(place: &Place, line: &str) -> Answer {
    let answer = place.shell(&format!("$CHAINRULE {line}"));
    assert_eq!(answer.status, 0, "{line}: {}", answer.errors);
    answer
}

fn refused(place: &Place, line: &str, words: &[&str]) {
    place.ends(2, &line.split(' ').collect::<Vec<_>>(), words);
}

/// Ends a run by a signal once this is there.
fn ended_by(place: &Place, signal: &str, line: &str, until: &str) -> Answer {
    place.shell(&format!(
        "$CHAINRULE {line} & p=$!; i=0; until {until} || ! kill -0 $p 2>/dev/null || test $i -gt 12000; do sleep 0.005; i=$((i + 1)); \
         done; kill -{signal} $p; wait $p"
    ))
}

const CHECKPOINTS: &str = "test -e .run.partial/checkpoint.2.safetensors";

#[test]
fn what_no_run_wrote_stays_in_the_folder_of_a_run_that_goes_on() {
    let place = place();
    trained(&place, &format!("{TRAIN} --epochs 5 --out run"));
    trained(&place, "predict run t.csv -o run/predictions.csv");
    place.shell("mkdir run/notes; echo mine > run/notes/a.txt");
    trained(&place, "train --resume run --epochs 9");
    for file in ["run/predictions.csv", "run/notes/a.txt", "run/model.safetensors"] {
        assert!(place.path(file).is_file(), "{file}");
    }
    // A file that comes while it goes on, too.
    let answer = place.shell(
        "$CHAINRULE train --resume run --epochs 100000000000 2>&1; $CHAINRULE train --resume run --epochs 400 --checkpoint 1epoch & p=$!; \
         sleep 0.01; echo mine > run/late.txt; wait $p",
    );
    assert!(answer.errors.contains("epoch 400/400"), "{}{}", answer.output, answer.errors);
    assert!(place.path("run/late.txt").is_file());
    let left = names(&place.path(""));
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
    // A new run into the same place replaces no such file.
    refused(&place, &format!("{TRAIN} --epochs 5 --out run --overwrite"), &["late.txt", "no run wrote"]);
}

#[test]
fn why_a_run_cannot_go_on_is_said_as_it_is() {
    let place = place();
    trained(&place, "train t.csv --target y --solver exact --out exact");
    trained(&place, &format!("{TRAIN} --epochs 3 --checkpoint none --out never"));
    trained(&place, &format!("{TRAIN} --epochs 3 --out runs/calibration"));
    let ended = format!("{TRAIN} --epochs 10000000 --checkpoint 2h --out early >/dev/null 2>&1");
    ended_by(&place, "KILL", &ended, "test -d .early.partial");
    for (run, words) in [
        ("exact", ["`--solver exact`", "nothing to go on with"]),
        ("never", ["`--checkpoint none`", "train TABLE.csv --start-from never`"]),
        ("early", ["before its first checkpoint", "--checkpoint 10s"]),
        ("runs/calibraton", ["there is no run", "did you mean `runs/calibration`"]),
        ("elsewhere/run", ["there is no run", "--out"]),
        ("t.csv", ["`t.csv` is no run of Chainrule", "--out"]),
        ("runs", ["`runs` is no run of Chainrule", "--out"]),
    ] {
        let answer = place.ends(2, &["train", "--resume", run, "--epochs", "9"], &words);
        assert!(!answer.errors.contains("os error") && answer.output.is_empty(), "{run}: {}", answer.errors);
    }
    // The model file, or the checkpoint itself, stands for the folder.
    trained(&place, "train --resume runs/calibration/model.safetensors --epochs 5");
    trained(&place, "train --resume runs/calibration/checkpoint.safetensors --epochs 7");
    refused(
        &place,
        &format!("{TRAIN} --out runs/calibration"),
        &["is there already", "--resume runs/calibration"],
    );
    // A wrong name of a column is said before a folder that is there.
    refused(&place, "train t.csv --target z --out exact", &["the target `z` is no column"]);
    // One that is under way.
    let line = "$CHAINRULE train t.csv --target y --epochs 10000000 --checkpoint 1epoch --out run >/dev/null 2>&1 & p=$!; \
                until test -e .run.partial/checkpoint.1.safetensors; do sleep 0.005; done; \
                $CHAINRULE train --resume run; echo status $?; kill -KILL $p";
    let answer = place.shell(line);
    assert!(answer.errors.contains("still being trained"), "{}", answer.errors);
    assert!(answer.output.contains("status 2"), "{}", answer.output);
}

#[test]
fn a_run_goes_on_from_a_copy_of_its_hidden_folder() {
    let place = place();
    let line = format!("{TRAIN} --epochs 300");
    trained(&place, &format!("{line} --out whole"));
    ended_by(&place, "KILL", &format!("{line} --checkpoint 3steps --out run >/dev/null 2>&1"), CHECKPOINTS);
    place.shell("mkdir other another; cp t.csv other; cp -r .run.partial other; cp -r .run.partial another/mine; cp t.csv another");
    for (folder, given, run) in [
        ("other", ".run.partial", "run"),
        ("another", "mine/checkpoint.1.safetensors", "mine"),
        (".", "run", "run"),
    ] {
        let answer = place.shell(&format!("cd {folder}; $CHAINRULE train --resume {given}"));
        assert_eq!(answer.status, 0, "{given}: {}", answer.errors);
        let bytes = |run: &str| std::fs::read(place.path(run).join("model.safetensors")).unwrap();
        assert!(bytes(&format!("{folder}/{run}")) == bytes("whole"), "{given}");
        let left = names(&place.path(folder).join(run));
        assert!(
            left.iter().all(|name| !name.starts_with("checkpoint.1") && !name.starts_with("checkpoint.2")),
            "{left:?}"
        );
    }
}

#[test]
fn a_run_that_was_stopped_says_how_it_goes_on() {
    let place = place();
    let line = format!("{TRAIN} --epochs 1000000 --json --out run");
    let answer = ended_by(&place, "TERM", &format!("{line} --checkpoint 3steps"), CHECKPOINTS);
    let json: serde_json::Value = serde_json::from_str(&answer.output).unwrap();
    assert_eq!(
        (json["ended"].as_str(), json["epochs_wanted"].as_u64()),
        (Some("stopped by a signal"), Some(1_000_000))
    );
    for words in ["train --resume run`", "scores are those of a part", "since the last checkpoint is lost"] {
        assert!(answer.errors.contains(words), "{words}: {}", answer.errors);
    }
    let line = format!("{TRAIN} --epochs 1000000 --checkpoint none --out never");
    let answer = ended_by(&place, "TERM", &format!("{line} 2>err"), "test -s err");
    assert!(answer.output.contains("cannot go on"), "{}", answer.output);
    // What goes with a run that keeps none from here on.
    let made = json["epochs"].as_u64().unwrap();
    let answer = trained(&place, &format!("train --resume run --epochs {} --checkpoint none", made + 1));
    assert!(answer.errors.contains("goes with the old folder"), "{}", answer.errors);
}

#[test]
fn a_run_whose_numbers_overflowed_goes_on_with_half_the_rate() {
    let place = place();
    let line = "train t.csv --target y --hidden 4 --optimizer gradient_descent --schedule constant --batch-size 4 --epochs 40 \
                --learning-rate 1.5 --activation x.*x --out run --json";
    let answer = place.shell(&format!("$CHAINRULE {line}"));
    assert_eq!(answer.status, 2, "{}", answer.errors);
    let json: serde_json::Value = serde_json::from_str(&answer.output).unwrap();
    // A model was kept only where an epoch was good.
    if json["ended"] == "not finite" {
        assert!(
            json["error"]["message"].as_str().unwrap().contains("--resume run --on-nan halve-rate"),
            "{json}"
        );
        trained(&place, "train --resume run --on-nan halve-rate");
    } else {
        assert!(json["error"]["message"].as_str().unwrap().contains("--on-nan halve-rate"), "{json}");
    }
}

#[test]
fn training_starts_from_a_model_with_all_that_it_is() {
    let place = place();
    place.file("own.chainrule", "# A bend.\nbend(x) = x .* sigmoid(2*x)\n");
    let first = "train t.csv --target y --hidden 4,3 --activation bend --define own.chainrule --output 'x+0.1*tanh(x)' --no-bias --ignore b \
                 --precision f64 --scale none --seed 5 --test 0.3 --loss mae --epochs 30 --batch-size 4 --out run";
    trained(&place, first);
    place.shell("rm own.chainrule; cp t.csv same.csv");
    let line = "train same.csv --start-from run --epochs 3 --learning-rate 1e-30";
    let answer = trained(&place, &format!("{line} --out same"));
    assert!(
        answer.errors.contains("epoch 0/3  validation") && answer.errors.contains("begin anew"),
        "{}",
        answer.errors
    );
    assert!(!answer.errors.contains("warning"), "{}", answer.errors);
    let predictions = |run: &str| place.succeed(&["predict", run, "t.csv"]).output;
    assert_eq!(predictions("same"), predictions("run"));
    for file in ["train.txt", "validation.txt", "test.txt"] {
        let read = |run: &str| std::fs::read(place.path(run).join(file)).unwrap();
        assert!(read("same") == read("run"), "{file}");
    }
    // It goes on when the model is no longer there, from its scales and with its pages.
    trained(
        &place,
        "train same.csv --start-from run/model.safetensors --epochs 3 --schedule constant --out on",
    );
    trained(&place, "train same.csv --start-from run --epochs 6 --schedule constant --out whole");
    place.shell("mv run gone");
    trained(&place, "train --resume on --epochs 6");
    assert_eq!(predictions("on"), predictions("whole"));
    // What is given counts more, and must fit.
    for (options, word) in [
        ("--hidden 5,3", "the layers"),
        ("--ignore a", "the input columns"),
        ("--target a", "columns"),
        ("--activation tanh", "the layers"),
        ("--scale standard", "leave `--scale` out"),
    ] {
        refused(&place, &format!("train t.csv --start-from gone --out no {options}"), &[word]);
    }
}

#[test]
fn no_run_ends_worse_than_the_model_that_it_starts_from() {
    let place = place();
    trained(&place, &format!("{TRAIN} --epochs 60 --out run"));
    let answer = trained(&place, "train t.csv --start-from run --epochs 4 --learning-rate 10 --out worse");
    assert!(answer.output.contains("no epoch is better than the model"), "{}", answer.output);
    let predictions = |run: &str| place.succeed(&["predict", run, "t.csv"]).output;
    assert_eq!(predictions("worse"), predictions("run"));
}

#[test]
fn rows_that_a_model_was_trained_on_are_told() {
    let place = place();
    trained(&place, &format!("{TRAIN} --epochs 5 --out run"));
    let answer = trained(&place, "train t.csv --start-from run --epochs 2 --seed 9 --out other");
    assert!(answer.errors.contains("warning: the model of run was trained on"), "{}", answer.errors);
    let answer = trained(&place, "evaluate run t.csv");
    assert!(
        answer.errors.contains("29 of these 40 rows are rows that the model was trained on"),
        "{}",
        answer.errors
    );
    let answer = trained(&place, "evaluate run t.csv --rows run/test.txt --json");
    assert!(!answer.errors.contains("note"), "{}", answer.errors);
    let json: serde_json::Value = serde_json::from_str(&answer.output).unwrap();
    assert_eq!((json["model"].as_str(), json["rows_trained_on"].as_u64()), (Some("run"), Some(0)));
    // Of another table nothing is known.
    place.shell("sed '$d' t.csv > less.csv");
    assert!(!trained(&place, "evaluate run less.csv").errors.contains("note"));
}

#[test]
fn a_run_is_told_in_plain_words() {
    let place = place();
    trained(&place, &format!("{TRAIN} --epochs 1 --out run"));
    let answer = trained(&place, "train --resume run --epochs 2");
    assert!(answer.output.contains("after 1 epoch and 8 steps"), "{}", answer.output);
    let bytes = std::fs::read(place.path("run/checkpoint.safetensors")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("Unix") && text.contains("t.csv") && text.contains("--batch-size"));
    // Its text of help names the program, whatever the file is called.
    let answer = place.shell("ln -s $CHAINRULE other; ./other train --bogus");
    assert!(answer.errors.contains("Usage: chainrule train"), "{}", answer.errors);
    place.file("colons.csv", "a:b:y\n1:2:3\n4:5:6\n");
    refused(&place, "predict run colons.csv", &["`a:b:y` alone", "`--delimiter`"]);
    trained(&place, "predict run colons.csv --delimiter :");
    refused(&place, "predict run t.csv -o /dev/full", &["make room there"]);
}
