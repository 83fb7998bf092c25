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
        assert!(answer.output.contains("goes on    run, after"), "{}", answer.output);
        are_the_same(&place, "run", &format!("whole{at}"));
        let left = names(&place.path(""));
        assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
        place.shell("rm -r run");
    }
}

#[test]
fn that_another_family_of_instructions_rounds_otherwise_is_said() {
    let place = place();
    killed(&place, &format!("{TRAIN} --epochs 2000 --out run").replace("--epochs 200 ", ""));
    for slot in [1, 2] {
        let path = place.path(&format!(".run.partial/checkpoint.{slot}.safetensors"));
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let (checkpoint, identity, note) = chainrule::Checkpoint::from_bytes(&bytes).unwrap();
        let note = note.replace(engine::Simd::detect().name(), "AltiVec");
        assert!(note.contains("AltiVec"), "{note}");
        std::fs::write(&path, checkpoint.to_bytes(&identity, &note).unwrap()).unwrap();
    }
    let answer = trained(&place, "train --resume run");
    assert!(answer.errors.contains("was trained with AltiVec and goes on with"), "{}", answer.errors);
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
    refused("sed -i 's/^a,b,y/a,c,y/' t.csv", &["the columns were b, y", "now they are c, y"]);
    refused("rm t.csv", &["the table `t.csv`", "is no longer there", "train TABLE.csv --resume run"]);
    // Before the table is told, and with what it was.
    let early = |options: &[&str], words: &[&str]| {
        let answer = place.ends(2, &[&["train", "--resume", "run"], options].concat(), words);
        assert_eq!(answer.output, "");
    };
    early(&["--hidden", "5"], &["`--hidden` is 5 now, and it was 4", "--on-nan"]);
    early(&["--seed", "1"], &["`--seed` is 1 now, and it was 0"]);
    early(&["--no-bias"], &["`--no-bias`"]);
    early(&["--layers", "4:bend"], &["`--layers`", "it was not given"]);
    early(&["--out", "other"], &["`--out` is other now, and it was run"]);
    early(&["--epochs", "300"], &["has 200 epochs", "cosine", "--start-from run"]);
    early(&["--define", "bend(x) = x .* sigmoid(3*x)"], &["the page `bend`", "not as it was"]);
    place.ends(2, &["train", "--resume", "nowhere"], &["there is no run `nowhere`"]);
    // A run that was not finished is not begun anew unasked, nor swept away by others.
    let words: Vec<&str> = line.split(' ').collect();
    let answer = place.ends(2, &words, &["was not finished", "--resume run", "--overwrite"]);
    assert_eq!(answer.output, "", "the refusal is cheap");
    trained(&place, "train t.csv --target y --hidden 2 --epochs 2 --out other");
    // From another folder, from a table of another name with the same numbers, without the file of its pages.
    place.shell("mkdir sub; mv t.csv moved.csv; rm own.chainrule");
    let answer = place.shell("cd sub; $CHAINRULE train --resume ../run ../moved.csv");
    assert_eq!(answer.status, 0, "{}", answer.errors);
    assert!(answer.output.contains("goes on    ../run, after"), "{}", answer.output);
    assert!(answer.output.contains("with the table of ../moved.csv"), "{}", answer.output);
    assert!(answer.output.contains("written to ../run:"), "{}", answer.output);
    let done = ["is done, 200 of 200 epochs", "schedule cosine ends there", "--start-from run"];
    place.ends(2, &["train", "--resume", "run"], &done);
}

#[test]
fn options_that_are_given_again_as_they_were_change_nothing() {
    let place = place();
    place.file("own.chainrule", "bend(x) = x .* sigmoid(2*x)\n");
    let line = format!("{TRAIN} --activation bend --define own.chainrule --learning-rate 0.010");
    trained(&place, &format!("{line} --out whole"));
    killed(&place, &format!("{line} --out run"));
    // The file of the pages was changed, and the run keeps its own.
    let again = line.replace("0.010", "1e-2").replace("--define own.chainrule", "--define kept");
    place.shell("mv own.chainrule kept.chainrule; echo 'bend(x) = x' > own.chainrule");
    let answer =
        trained(&place, &format!("{} --out ./run --resume run", again.replace("kept", "kept.chainrule")));
    assert!(answer.errors.contains("own.chainrule was changed"), "{}", answer.errors);
    are_the_same(&place, "run", "whole");
}

#[test]
fn the_weights_of_rows_are_numbers_of_the_run() {
    let place = place();
    let line = TRAIN.replace("--target y", "--target y --weight a --schedule constant");
    trained(&place, &format!("{line} --out run"));
    place.shell("sed -i 's/^7,0,14/7.5,0,14/' t.csv");
    let words = ["the numbers of the rows' weights are others now"];
    place.ends(2, &["train", "--resume", "run", "--epochs", "300"], &words);
}

/// Files that lie elsewhere by now are told; their contents have to be what they were.
#[test]
fn a_run_finds_its_files_where_they_are_now() {
    let place = place();
    place.shell("head -9 t.csv > test.csv; seq 0 30 > train.txt; seq 31 39 > validation.txt");
    trained(&place, &format!("{} --out first", TRAIN.replace("200", "2")));
    place.shell("cp first/audit.json columns.json");
    let line = format!(
        "{} --columns columns.json --test test.csv --train train.txt --validation validation.txt",
        TRAIN.replace("200", "2000")
    );
    trained(&place, &format!("{line} --out whole"));
    killed(&place, &format!("{line} --out run"));
    let mut told = String::from("train --resume ../run");
    place.shell(
        "mkdir sub; for f in test.csv train.txt validation.txt columns.json; do mv $f sub/moved.$f; done",
    );
    for (option, file) in [
        ("columns", "columns.json"),
        ("train", "train.txt"),
        ("test", "test.csv"),
        ("validation", "validation.txt"),
    ] {
        let answer = place.shell(&format!("cd sub; $CHAINRULE {told}").replace("../run", "../run -q"));
        assert_eq!(answer.status, 2, "{}", answer.errors);
        let mend = format!("say where it is now with `chainrule train --resume ../run --{option} FILE`");
        assert!(answer.errors.contains(&mend), "{}", answer.errors);
        told += &format!(" --{option} moved.{file}");
    }
    let answer = place.shell(&format!("cd sub; $CHAINRULE {told}"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    are_the_same(&place, "run", "whole");
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
    assert!(answer.errors.contains("from standard input"), "{}", answer.errors);
    assert!(answer.errors.contains("TABLE.csv --resume run"), "{}", answer.errors);
    assert!(!answer.errors.contains("/dev/stdin"), "{}", answer.errors);
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
    let done = ["done, 10 of 10 epochs", "schedule cosine", "--start-from run2"];
    place.ends(2, &["train", "--resume", "run2", "--epochs", "30"], &done);
    place.ends(
        2,
        &["train", "--resume", "run", "--epochs", "20"],
        &["has made 30 epochs", "asks for no more"],
    );
    place.ends(2, &["train", "--resume", "run"], &["done, 30 of 30 epochs", "N above 30"]);
    trained(&place, &format!("{} --checkpoint none", line(10, "constant", "run3")));
    assert!(!place.path("run3/checkpoint.safetensors").exists());
    place.ends(
        2,
        &["train", "--resume", "run3", "--epochs", "30"],
        &["--checkpoint none", "--start-from run3"],
    );
}

#[test]
fn a_run_that_patience_ended_is_done() {
    let place = place();
    let line = |patience: u32, out: &str| {
        // Rows that are one another's opposite: soon no epoch is better.
        format!("train noise.csv --target y --hidden 4 --epochs 400 --patience {patience} --out {out}")
    };
    let rows: String = (0..60).map(|x| format!("{},{},{}\n", x % 5, x % 7, (x * x * 7919) % 13)).collect();
    place.file("noise.csv", format!("a,b,y\n{rows}"));
    trained(&place, &line(2, "run"));
    trained(&place, &line(60, "whole"));
    let read = |file: &str| std::fs::read(place.path("run").join(file)).unwrap();
    let files = ["model.safetensors", "losses.csv", "checkpoint.safetensors", "scores.json"];
    let before = files.map(read);
    place.ends(2, &["train", "--resume", "run"], &["is done", "ended after epoch", "--patience N"]);
    assert!(files.map(read) == before);
    assert!(!place.path(".run.partial").exists());
    trained(&place, "train --resume run --patience 60");
    are_the_same(&place, "run", "whole");
}

#[test]
fn what_a_kill_left_in_a_run_that_is_done_is_taken_away() {
    let place = place();
    trained(&place, &format!("{TRAIN} --out run"));
    for left in [".chainrule", "checkpoint.1.safetensors"] {
        std::fs::write(place.path("run").join(left), "").unwrap();
    }
    place.ends(2, &["train", "--resume", "run"], &["done, 200 of 200 epochs"]);
    for left in [".chainrule", "checkpoint.1.safetensors"] {
        assert!(!place.path("run").join(left).exists(), "{left}");
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
    // Categories of which the training takes codes.
    place.shell("awk -F, 'NR==1{print $0\",c\"} NR>1{print $0\",k\"NR%11}' t.csv > coded.csv");
    let coded = "train coded.csv --target y --hidden 4 --learning-rate 1e30 --optimizer gradient_descent --activation tanh --batch-size 4 --validation 0 --epochs 30 --out";
    let words: Vec<&str> = coded.split(' ').chain(["coded"]).collect();
    place.ends(2, &words, &["epoch 1, batch", "is not finite"]);
    trained(&place, &format!("{coded} coded-halved --on-nan halve-rate"));
    // A rate far too large is halved until it is none.
    let line = "train t.csv --target y --layers 4:tanh --optimizer gradient_descent --learning-rate 1e30 --epochs 30";
    place.ends(2, &line.split(' ').chain(["--out", "far"]).collect::<Vec<_>>(), &["is not finite"]);
    let answer = trained(&place, &format!("{line} --on-nan halve-rate --out halved"));
    assert!(answer.errors.contains("goes back to the start, and on with the rate"), "{}", answer.errors);
    assert!(answer.output.contains("trained with the rate"), "{}", answer.output);
}
