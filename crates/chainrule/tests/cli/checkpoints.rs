//! A run that was killed goes on from its last checkpoint to the bits of a run that was not, and with nothing else than it was
//! begun with.
#![cfg(unix)]

use super::{Answer, Place, names};

const TRAIN: &str = "train t.csv --target y --hidden 4 --batch-size 4 --epochs 200";

fn place() -> Place {
    let place = Place::new();
    let rows: String = (0..40).map(|x| format!("{x},{},{}\n", x % 7, 2 * x + x % 7)).collect();
    place.file("t.csv", format!("a,b,y\n{rows}"));
    place
}

/// Kills a run into `run` as soon as it has two checkpoints.
fn killed(place: &Place, line: &str) {
    let line = format!(
        "$CHAINRULE {line} --checkpoint 3steps >/dev/null & p=$!; i=0; \
         until test -e .run.partial/checkpoint.2.safetensors || ! kill -0 $p 2>/dev/null || test $i -gt 12000; do sleep 0.005; i=$((i + 1)); done; \
         kill -KILL $p; wait $p"
    );
    let answer = place.shell(&line);
    let exists = place.path(".run.partial/checkpoint.1.safetensors").exists();
    assert!(exists, "{line}: {}{}; {:?}", answer.output, answer.errors, place.names());
}

fn trained(place: &Place, line: &str) -> Answer {
    let answer = place.shell(&format!("$CHAINRULE {line}"));
    assert_eq!(answer.status, 0, "{line}: {}", answer.errors);
    answer
}

fn are_the_same(place: &Place, one: &str, other: &str) {
    for file in ["model.safetensors", "losses.csv", "train.txt", "baselines.json"] {
        let read = |run: &str| std::fs::read(place.path(run).join(file)).unwrap();
        assert!(read(one) == read(other), "{file} of {one} and {other}");
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    let place = place();
    for (at, options) in ["", "--optimizer gradient_descent --precision f64", "--batch-size full --hidden 9"]
        .iter()
        .enumerate()
    {
        let line = TRAIN.replace("--hidden 4 --batch-size 4", "");
        let own = if options.contains("batch") {
            (*options).to_owned()
        } else {
            format!("--batch-size 4 {options}")
        };
        let line = format!("{line} {own} --epochs 2000").replace("--epochs 200 ", "");
        trained(&place, &format!("{line} --out whole{at}"));
        killed(&place, &format!("{line} --out run --threads 2"));
        // Killed once more on its way.
        killed(&place, "train --resume run --threads 1");
        let answer = trained(&place, "train --resume run --threads 3");
        assert!(answer.output.contains("goes on    after"), "{}", answer.output);
        are_the_same(&place, "run", &format!("whole{at}"));
        let left = names(&place.path(""));
        assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
        place.shell("rm -r run");
    }
}

#[test]
fn a_checkpoint_that_is_damaged_is_not_used() {
    let place = place();
    trained(&place, &format!("{TRAIN} --epochs 2000 --out whole").replace("--epochs 200 ", ""));
    let line = format!("{TRAIN} --epochs 2000 --out run").replace("--epochs 200 ", "");
    killed(&place, &line);
    let newer = "ls -t .run.partial/checkpoint.?.safetensors | head -1";
    place.shell(&format!("f=$({newer}); n=$(wc -c < $f); head -c $((n - 100)) $f > cut; cp cut $f"));
    let answer = trained(&place, "train --resume run");
    assert!(answer.errors.contains("the one before it is used"), "{}", answer.errors);
    are_the_same(&place, "run", "whole");
    place.shell("rm -r run");
    killed(&place, &line);
    place.shell("for f in .run.partial/checkpoint.?.safetensors; do printf x | dd of=$f bs=1 seek=300 conv=notrunc; done");
    place.ends(2, &["train", "--resume", "run"], &["no checkpoint of `run` is whole", "--overwrite"]);
    trained(&place, &format!("{line} --overwrite"));
    are_the_same(&place, "run", "whole");
}

#[test]
fn a_run_goes_on_with_nothing_else_than_it_was_begun_with() {
    let place = place();
    place.file("own.chainrule", "bend(x) = x .* sigmoid(2*x)\n");
    let line = format!("{TRAIN} --activation bend --define own.chainrule --out run");
    killed(&place, &line);
    let refused = |change: &str, words: &[&str]| {
        place.shell(&format!("cp t.csv t.kept; cp own.chainrule own.kept; {change}"));
        place.ends(2, &["train", "--resume", "run"], words);
        place.shell("mv t.kept t.csv; mv own.kept own.chainrule");
    };
    refused("sed -i 's/^7,0,14/7,0,14.5/' t.csv", &["the numbers of y are others now"]);
    refused("sed -i '$d' t.csv", &["there were", "rows"]);
    refused("sed -i 's/^a,b,y/a,c,y/' t.csv", &["the columns were a, b, y", "a, c, y"]);
    refused("echo 'bend(x) = x .* sigmoid(3*x)' > own.chainrule", &["the pages of the functions"]);
    refused("rm t.csv", &["t.csv"]);
    place.ends(2, &["train", "--resume", "run", "--hidden", "5"], &["--resume", "--hidden"]);
    place.ends(2, &["train", "--resume", "run", "--epochs", "300"], &["--schedule constant"]);
    place.ends(2, &["train", "--resume", "nowhere"], &["`nowhere` is no run that can go on"]);
    // A run that was not finished is not begun anew unasked, nor swept away by others.
    let words: Vec<&str> = line.split(' ').collect();
    place.ends(2, &words, &["was not finished", "--resume run", "--overwrite"]);
    trained(&place, "train t.csv --target y --hidden 2 --epochs 2 --out other");
    // From another folder, and from a table of another name with the same numbers.
    place.shell("mkdir sub; mv t.csv moved.csv");
    let answer = place.shell("cd sub; $CHAINRULE train --resume ../run ../moved.csv");
    assert_eq!(answer.status, 0, "{}", answer.errors);
    place.ends(2, &["train", "--resume", "run"], &["is done, 200 of 200 epochs", "--epochs"]);
}

#[test]
fn a_run_from_standard_input_wants_its_table_again() {
    let place = place();
    let line = TRAIN.replace("t.csv", "-");
    let answer = place.shell(&format!("$CHAINRULE {line} --out whole < t.csv"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    killed(&place, &format!("{line} --epochs 2000 --out run < t.csv").replace("--epochs 200 ", ""));
    let answer = place.shell("$CHAINRULE train --resume run < /dev/null");
    assert_eq!(answer.status, 2, "{}", answer.errors);
    assert!(answer.errors.contains("standard input"), "{}", answer.errors);
    let answer = place.shell("timeout 60 $CHAINRULE train --resume run < t.csv");
    assert_eq!(answer.status, 0, "{}", answer.errors);
}

#[test]
fn a_run_that_is_done_goes_on_for_more_epochs() {
    let place = place();
    let line = |epochs: u32, schedule: &str, out: &str| {
        format!(
            "train t.csv --target y --hidden 4 --batch-size 4 --epochs {epochs} --schedule {schedule} --out {out}"
        )
    };
    trained(&place, &line(30, "constant", "whole"));
    trained(&place, &line(10, "constant", "run"));
    trained(&place, "train --resume run --epochs 30");
    are_the_same(&place, "run", "whole");
    trained(&place, &line(10, "cosine", "run2"));
    place.ends(2, &["train", "--resume", "run2", "--epochs", "30"], &["`--schedule constant`"]);
    trained(&place, &format!("{} --checkpoint none", line(10, "constant", "run3")));
    assert!(!place.path("run3/checkpoint.safetensors").exists());
    place.ends(2, &["train", "--resume", "run3", "--epochs", "30"], &["is no run that can go on"]);
}

#[test]
fn training_starts_from_a_model() {
    let place = place();
    trained(&place, &format!("{TRAIN} --out run"));
    let still = TRAIN.replace("--epochs 200", "--epochs 1 --learning-rate 1e-30 --start-from");
    trained(&place, &format!("{still} run --out same"));
    trained(&place, &format!("{still} run/model.safetensors --loss mae --out also"));
    let predictions = |run: &str| place.succeed(&["predict", run, "t.csv"]).output;
    assert_eq!(predictions("same"), predictions("run"));
    assert_eq!(predictions("also"), predictions("run"));
    let with = |from: &str, to: &str| format!("$CHAINRULE {} run --out no", still.replace(from, to));
    for (from, to, word) in [
        ("--hidden 4", "--hidden 5", "the layers"),
        ("--hidden 4", "--hidden 4 --no-bias", "without biases"),
        ("--hidden 4", "--hidden 4 --ignore a", "the input columns"),
        ("--target y", "--target a", "columns"),
    ] {
        let answer = place.shell(&with(from, to));
        assert_eq!(answer.status, 2, "{to}: {}", answer.errors);
        assert!(answer.errors.contains(word), "{to}: {}", answer.errors);
    }
}

#[test]
fn numbers_that_are_not_finite_are_told_with_their_batch_and_rows() {
    let place = place();
    // The square of one target overflows.
    place.shell("sed 's/^7,0,14/7,0,1e30/' t.csv > huge.csv");
    let line = "train huge.csv --target y --hidden 4 --batch-size 4 --epochs 3 --scale none --test 0 --validation 0 --out";
    let words: Vec<&str> = line.split(' ').chain(["run"]).collect();
    place.ends(2, &words, &["epoch 1, batch", "of the table", "the loss is not finite", "--on-nan"]);
    let answer = trained(&place, &format!("{line} skipped --on-nan skip"));
    assert!(answer.output.contains("3 batches were skipped"), "{}", answer.output);
    assert!(answer.errors.contains("the batch is skipped"), "{}", answer.errors);
    // A rate far too large is halved until it is none.
    let line =
        "train t.csv --target y --hidden 4 --optimizer gradient_descent --learning-rate 1e30 --epochs 30";
    place.ends(2, &line.split(' ').chain(["--out", "far"]).collect::<Vec<_>>(), &["is not finite"]);
    let answer = trained(&place, &format!("{line} --on-nan halve-rate --out halved"));
    assert!(answer.errors.contains("and on with the rate"), "{}", answer.errors);
}
