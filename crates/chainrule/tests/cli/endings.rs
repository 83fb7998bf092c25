//! How a training ends, and how it goes on: with what it was begun with, from what is whole, and with a word that fits.
#![cfg(unix)]

use super::{Answer, Place, names};

fn place() -> Place {
    let place = Place::new();
    let rows: String = (0..40).map(|x| format!("{x},{},{}\n", x % 7, 2 * x + x % 7)).collect();
    place.file("t.csv", format!("a,b,y\n{rows}"));
    place
}

const TRAIN: &str = "train t.csv --target y --hidden 4 --batch-size 4 --epochs 2000 --schedule constant";

fn done(place: &Place, line: &str) -> Answer {
    let answer = place.shell(line);
    assert_eq!(answer.status, 0, "{line}: {}{}", answer.output, answer.errors);
    answer
}

/// Kills a run into `run` as soon as it has two checkpoints.
fn killed(place: &Place, line: &str) {
    place.shell(&format!(
        "$CHAINRULE {line} --checkpoint 3steps --out run >/dev/null 2>&1 & p=$!; \
         until test -e .run.partial/checkpoint.2.safetensors; do sleep 0.005; done; kill -KILL $p; wait $p"
    ));
    assert!(place.path(".run.partial/checkpoint.1.safetensors").exists(), "{:?}", place.names());
}

fn is_the_same(place: &Place, one: &str, other: &str) {
    for file in ["model.safetensors", "losses.csv"] {
        let read = |run: &str| std::fs::read(place.path(run).join(file)).unwrap();
        assert!(read(one) == read(other), "{file} of {one} and {other}");
    }
}

#[test]
fn a_run_that_started_from_a_model_goes_on_without_it() {
    let place = place();
    // Of other rows, whose scales are others.
    place.shell("sed -n '1p;20,40p' t.csv > u.csv");
    done(&place, "$CHAINRULE train u.csv --target y --hidden 4 --epochs 20 --out old");
    for on_nan in ["", " --on-nan halve-rate"] {
        let line = format!("{TRAIN} --start-from old{on_nan}");
        done(&place, &format!("$CHAINRULE {line} --out whole"));
        killed(&place, &line);
        place.shell(
            "cp -r old kept; $CHAINRULE train t.csv --target y --hidden 4 --epochs 3 --out old --overwrite",
        );
        place.shell("rm -r old");
        done(&place, "$CHAINRULE train --resume run");
        is_the_same(&place, "run", "whole");
        place.shell("rm -r run whole; mv kept old");
    }
}

#[test]
fn signals_that_come_together_are_one() {
    for signals in [
        "kill -HUP $p; kill -HUP $p",
        "kill -TERM $p; sleep 0.01; kill -TERM $p; kill -HUP $p",
        "kill -INT $p; kill -TERM $p",
    ] {
        let place = place();
        // Who starts a program in the background has it ignore SIGINT.
        let line = format!(
            "$CHAINRULE train t.csv --target y --hidden 64,64 --epochs 10000000 --out run >out 2>err & p=$!; \
             until test -d .run.partial; do sleep 0.01; done; sleep 0.5; {signals}; wait $p"
        );
        let answer = place.shell(&line);
        let errors = std::fs::read_to_string(place.path("err")).unwrap();
        assert_eq!(answer.status, 0, "{signals}: {errors}");
        assert!(errors.contains("stopped by a signal"), "{signals}: {errors}");
        place.succeed(&["predict", "run", "t.csv"]);
    }
    let place = place();
    let timed = "timeout 2 $CHAINRULE train t.csv --target y --hidden 4 --epochs 10000000 --out run >out 2>err; echo $?";
    assert_eq!(place.shell(timed).output, "124\n");
    place.succeed(&["predict", "run", "t.csv"]);
}

#[test]
fn what_has_no_end_is_no_checkpoint() {
    let place = place();
    done(&place, &format!("$CHAINRULE {TRAIN} --out run"));
    for instead in ["mkfifo $f", "ln -s /dev/zero $f", "mkdir $f", "ln -s $f $f"] {
        place.shell(&format!("f=run/checkpoint.safetensors; rm -rf $f; {instead}"));
        let answer = place.shell("timeout 60 $CHAINRULE train --resume run --epochs 3000");
        assert_eq!(answer.status, 2, "{instead}: {}", answer.errors);
        assert!(answer.errors.contains("checkpoint.safetensors"), "{instead}: {}", answer.errors);
    }
    place.shell("rm -r run");
    killed(&place, TRAIN);
    place.shell("rm .run.partial/checkpoint.1.safetensors; mkfifo .run.partial/checkpoint.1.safetensors; touch -d 2001-01-01 .run.partial/checkpoint.1.safetensors");
    let answer = place.shell("timeout 60 $CHAINRULE train --resume run");
    assert_eq!(answer.status, 0, "{}", answer.errors);
    assert!(answer.errors.contains("the last one is used"), "{}", answer.errors);
    assert!(names(&place.path("run")).iter().all(|name| !name.contains("checkpoint.1")));
}

/// A file that begins as no model is not read to its end.
#[test]
fn what_is_no_model_takes_no_memory() {
    let place = place();
    place.shell(
        "truncate -s 5G zeros; (printf '\\377\\377\\377\\377\\377'; head -c 100 /dev/zero) > header; truncate -s 5G header; \
         (printf '\\002\\0\\0\\0\\0\\0\\0\\0{}'; head -c 100 /dev/zero) > empty; truncate -s 5G empty",
    );
    for file in ["zeros", "header", "empty"] {
        for command in ["explain", "predict", "evaluate"] {
            let table = if command == "explain" { "" } else { "t.csv" };
            let answer = place.shell(&format!("ulimit -v 1000000; $CHAINRULE {command} {file} {table}"));
            assert_eq!(answer.status, 2, "{command} {file}: {}", answer.errors);
            assert!(answer.errors.contains("safetensors"), "{command} {file}: {}", answer.errors);
        }
    }
}

#[test]
fn the_checkpoint_that_is_damaged_is_told() {
    let place = place();
    killed(&place, TRAIN);
    place.shell("f=$(ls -t .run.partial/checkpoint.?.safetensors | tail -1); head -c 300 $f > cut; touch -r $f cut; mv cut $f");
    let answer = done(&place, "$CHAINRULE train --resume run");
    assert!(
        answer.errors.contains("the checkpoint before the last is not whole, and the last one is used"),
        "{}",
        answer.errors
    );
}

#[test]
fn a_run_is_not_cut_short() {
    let place = place();
    place.shell(&format!(
        "$CHAINRULE {TRAIN} --checkpoint 1epochs --out run >/dev/null 2>err & p=$!; until grep -q 'epoch 200/' err; do sleep 0.01; done; \
         kill -KILL $p; wait $p"
    ));
    place.ends(2, &["train", "--resume", "run", "--epochs", "2"], &["--epochs 2"]);
    done(&place, "$CHAINRULE train --resume run --epochs 2001");
    assert_eq!(std::fs::read_to_string(place.path("run/losses.csv")).unwrap().lines().count(), 2002);
}

#[test]
fn mends_of_a_divergence_are_not_what_was_tried() {
    let place = place();
    let line = "train t.csv --target y --hidden 4 --optimizer gradient_descent --learning-rate 1e30 --epochs 3 --out run";
    let words: Vec<&str> = line.split(' ').collect();
    place.ends(2, &words, &["--learning-rate 1e29", "--on-nan halve-rate"]);
    // No rate helps where the loss has no value.
    let line = "train t.csv --target y --hidden 4 --loss sum(log(A-1e9))/m --epochs 3 --out run --on-nan";
    for (on_nan, word) in [("stop", "--on-nan skip"), ("skip", "look at"), ("halve-rate", "look at")] {
        let words: Vec<&str> = line.split(' ').chain([on_nan]).collect();
        let answer = place.ends(2, &words, &[word, "the rate is not to blame"]);
        assert!(!answer.errors.contains(&format!("--on-nan {on_nan}")), "{}", answer.errors);
        assert!(!answer.errors.contains("--learning-rate"), "{}", answer.errors);
    }
    // A number that is a slip is looked at first.
    for row in [17, 3, 30] {
        place.shell(&format!("awk 'NR == {} {{ sub(/[^,]*$/, \"1e300\") }} 1' t.csv > slip.csv", row + 2));
        let answer = place.run(&[
            "train", "slip.csv", "--target", "y", "--hidden", "4", "--epochs", "3", "--scale", "none",
            "--test", "0", "--out", "run",
        ]);
        assert_eq!(answer.status, 2, "{}", answer.errors);
        assert!(answer.errors.contains(&format!("row {row} of the table")), "{}", answer.errors);
        assert!(!answer.errors.contains("--learning-rate"), "{}", answer.errors);
    }
}

#[test]
fn a_network_that_forgets_its_inputs_is_explained() {
    let place = place();
    for (more, activation) in [("", "0*x"), ("", "x - x + 1"), ("function still(x) = 0*x", "still")] {
        let mut words = vec![
            "train",
            "t.csv",
            "--target",
            "y",
            "--epochs",
            "2",
            "--out",
            "run",
            "--overwrite",
            "--activation",
            activation,
        ];
        if !more.is_empty() {
            words.extend(["--define", more]);
        }
        place.succeed(&words);
        let answer = place.succeed(&["explain", "run"]);
        assert!(answer.output.contains("passed"), "{}", answer.output);
    }
}

#[test]
fn where_a_run_is_saved_is_told_though_the_answer_is_lost() {
    let place = place();
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for json in ["", " --json"] {
        let line = format!("$CHAINRULE {TRAIN} --out run --overwrite{json} >/dev/full");
        let answer = place.shell(&line);
        assert_eq!(answer.status, 2, "{}", answer.errors);
        assert!(answer.errors.contains("the run is saved in run"), "{}", answer.errors);
        place.succeed(&["predict", "run", "t.csv"]);
    }
}
