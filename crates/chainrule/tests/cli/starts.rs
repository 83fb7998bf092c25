//! A run that starts from a model, or is trained in folds: what it keeps of the model, what it proposes, and what it refuses.
#![cfg(unix)]

use super::{Answer, Place};

/// Forty houses of five rows each, in order of days; `y` is above 0.
fn place() -> Place {
    let place = Place::new();
    let row = |row: usize| {
        let (a, b) = (row % 17, (row * 7) % 11);
        let class = if (a + b).is_multiple_of(2) { "no" } else { "yes" };
        format!("{a},{b},{},h{},{row},{},{class}\n", 1 + a * b, row / 5, 1 + row % 3)
    };
    place.file("t.csv", format!("a,b,y,house,day,w,c\n{}", (0..200).map(row).collect::<String>()));
    place
}

fn done(place: &Place, line: &str) -> Answer {
    let answer = place.shell(&format!("$CHAINRULE {line}"));
    assert_eq!(answer.status, 0, "{line}: {}{}", answer.output, answer.errors);
    answer
}

fn refused(place: &Place, line: &str, words: &[&str]) {
    place.ends(2, &line.split(' ').collect::<Vec<_>>(), words);
}

fn read(place: &Place, file: &str) -> Vec<u8> {
    std::fs::read(place.path(file)).unwrap_or_default()
}

const TRAIN: &str = "train t.csv --hidden 4 --epochs 5";
/// No step that is worth the name.
const STILL: &str = "train t.csv --epochs 1 --learning-rate 1e-30 --optimizer gradient_descent";

#[test]
fn the_scales_of_targets_are_those_of_the_model() {
    let place = place();
    let line = format!("{TRAIN} --target y --ignore house,day,w,c");
    for (options, scale) in [
        ("--target-scale log", "log"),
        ("--target-scale none", "none"),
        ("--target-scale standard", "standard"),
        ("--scale none", "none"),
        ("--scale none --target-scale standard", "standard"),
        ("--output sigmoid", "standard"),
    ] {
        done(&place, &format!("{line} {options} --out run --overwrite"));
        done(&place, &format!("{STILL} --start-from run --out same --overwrite"));
        let predictions = |run: &str| place.succeed(&["predict", run, "t.csv"]).output;
        assert!(predictions("same") == predictions("run"), "{options}");
        let told = |run: &str| {
            let told: serde_json::Value =
                serde_json::from_slice(&read(&place, &format!("{run}/config.json"))).unwrap();
            (told["target_scale"].clone(), told["scale"].clone())
        };
        assert_eq!(told("same"), told("run"), "{options}");
        for other in ["log", "none", "standard"].into_iter().filter(|other| *other != scale) {
            let line = format!("{STILL} --start-from run --target-scale {other} --out no");
            refused(&place, &line, &["the scales of the targets", &format!("its own are {scale}")]);
        }
        done(&place, &format!("{STILL} --start-from run --target-scale {scale} --dry-run"));
    }
    // What the columns are scaled by, likewise.
    done(&place, &format!("{line} --scale robust --out run --overwrite"));
    done(&place, &format!("{STILL} --start-from run --scale robust --dry-run"));
    refused(
        &place,
        &format!("{STILL} --start-from run --scale quantile"),
        &["by `robust`", "leave `--scale` out"],
    );
}

#[test]
fn the_positive_class_the_weights_and_the_predictions_are_those_of_the_model() {
    let place = place();
    done(&place, &format!("{TRAIN} --target c --ignore house,day,y --positive no --weight w --out run"));
    done(&place, &format!("{STILL} --start-from run --out same"));
    let audit = String::from_utf8(read(&place, "same/audit.json")).unwrap();
    assert!(audit.contains("\"weight\": \"w\""), "{audit}");
    let predictions = |run: &str| place.succeed(&["predict", run, "t.csv"]).output;
    assert!(predictions("same") == predictions("run"));
    refused(&place, &format!("{STILL} --start-from run --positive yes --out no"), &["the positive classes"]);
    refused(&place, &format!("{STILL} --start-from run --loss mse --out no"), &["the predictions"]);
    // Without the column it is said, and who ignores it means it.
    place.shell("cut -d, -f1-5,7 t.csv > u.csv");
    let answer = done(&place, "train u.csv --start-from run --epochs 1 --dry-run");
    assert!(answer.errors.contains("with the weights of `w`, which u does not have"), "{}", answer.errors);
    done(&place, &format!("{STILL} --start-from run --ignore house,day,y,w --out plain"));
    let audit = String::from_utf8(read(&place, "plain/audit.json")).unwrap();
    assert!(audit.contains("\"weight\": null"), "{audit}");
}

#[test]
fn on_its_own_table_a_model_keeps_its_rows_however_they_were_parted() {
    let place = place();
    let numbers = |from: usize, to: usize| (from..to).map(|row| format!("{row}\n")).collect::<String>();
    place.file("first.txt", numbers(0, 120));
    place.file("last.txt", numbers(150, 200));
    place.shell("head -40 t.csv > v.csv");
    for options in [
        "--group house --ignore day,w,c",
        "--order-by day --ignore house,w,c",
        "--order-by day --ignore day,house,w,c",
        "--train first.txt --test last.txt --ignore house,day,w,c",
        "--train first.txt --validation 0 --test last.txt --ignore house,day,w,c",
        "--validation last.txt --ignore house,day,w,c",
        "--test last.txt --seed 4 --ignore house,day,w,c",
        "--test v.csv --ignore house,day,w,c",
    ] {
        let same = |run: &str| {
            for part in ["train.txt", "validation.txt", "test.txt"] {
                let [own, other] = ["run", run].map(|run| read(&place, &format!("{run}/{part}")));
                assert!(own == other, "{options}: {part} of {run}");
            }
        };
        done(&place, &format!("{TRAIN} --target y {options} --out run --overwrite"));
        let answer = done(&place, "train t.csv --start-from run --epochs 2 --out next --overwrite");
        assert!(!answer.errors.contains("warning: the model"), "{options}: {}", answer.errors);
        same("next");
        // Where others are asked for, the warning says what keeps them.
        let line =
            "train t.csv --start-from run --epochs 2 --seed 77 --validation 0.3 --out next --overwrite";
        let answer = done(&place, line);
        let Some((_, mend)) = answer.errors.split_once("its own parts are `") else { continue };
        let mend = mend.split('`').next().unwrap();
        let line = format!("train t.csv --start-from run --epochs 2 --seed 77 {mend} --out next --overwrite");
        assert!(!done(&place, &line).errors.contains("warning: the model"), "{line}");
        same("next");
    }
}

#[test]
fn what_the_models_before_were_trained_on_is_known() {
    let place = place();
    done(&place, &format!("{TRAIN} --target y --ignore house,day,w,c --out first"));
    let next = "train t.csv --epochs 3 --schedule constant";
    done(&place, &format!("{next} --start-from first --seed 5 --out second"));
    done(&place, "train --resume second --epochs 5");
    for model in ["second", "second/model.safetensors"] {
        let answer = done(&place, &format!("evaluate {model} t.csv --rows second/test.txt"));
        assert!(answer.errors.contains("are rows that the model was trained on"), "{}", answer.errors);
    }
    let answer = done(&place, &format!("{next} --start-from second --out third"));
    assert!(answer.errors.contains("warning: the model of second was trained on"), "{}", answer.errors);
    assert!(read(&place, "third/trained_before.txt") == read(&place, "second/trained_before.txt"));
    // Where the parts are the model's own, there are no such rows, and its file goes with the run.
    done(&place, &format!("{next} --start-from first --out third --overwrite"));
    assert!(!place.path("third/trained_before.txt").exists());
}

#[test]
fn folds_whose_numbers_are_not_finite_are_told() {
    let place = Place::new();
    let number = |row: usize| if row == 17 { 60.0 } else { (row * 7919 % 1000) as f64 / 300.0 - 1.6 };
    let rows: String = (0..300).map(number).map(|x| format!("{x},{}\n", x * x)).collect();
    place.file("t.csv", format!("x,y\n{rows}"));
    let line = "train t.csv --target y --scale none --folds 5 --epochs 20 --optimizer gradient_descent --hidden 8 --activation";
    let run =
        |options: &[&str]| place.run(&line.split(' ').chain(options.iter().copied()).collect::<Vec<_>>());
    let answer = run(&["x .* x", "--learning-rate", "0.005"]);
    assert_eq!(answer.status, 2, "{}{}", answer.output, answer.errors);
    let told = answer.errors.matches("does not count: numbers became NaN or infinite in epoch").count();
    assert!((1..5).contains(&told), "{told}: {}", answer.errors);
    assert!(
        answer.output.contains(&format!("{} of 5 folds, for the others do not count", 5 - told)),
        "{}",
        answer.output
    );
    assert!(answer.errors.contains(&format!("error: {told} of 5 folds")), "{}", answer.errors);
    let answer = run(&["x .* x", "--learning-rate", "0.005", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&answer.output).unwrap();
    assert_eq!((answer.status, &json["folds_judged"]), (2, &(5 - told).into()));
    assert!(json["error"]["message"].as_str().unwrap().contains("of 5 folds"), "{json}");
    // All of them.
    let answer = run(&["tanh", "--learning-rate", "1e30"]);
    assert_eq!(
        (answer.status, answer.output.contains("mean and deviation")),
        (2, false),
        "{}",
        answer.output
    );
    assert!(
        answer.errors.contains("5 of 5 folds") && answer.errors.contains("try a smaller rate"),
        "{}",
        answer.errors
    );
    let answer = run(&["tanh", "--learning-rate", "1e30", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&answer.output).unwrap();
    assert!(json["error"]["message"].as_str().unwrap().contains("5 of 5 folds"), "{json}");
}

/// Runs every command that an answer proposes.
fn follow(place: &Place, answer: &Answer) -> Vec<String> {
    let text = format!("{}{}", answer.output, answer.errors);
    let parts = text.split('`').filter(|part| part.starts_with("chainrule train"));
    let commands: Vec<String> = parts.map(|part| part.replacen("chainrule ", "", 1)).collect();
    commands.iter().for_each(|command| drop(done(place, command)));
    commands
}

#[test]
fn every_command_that_is_proposed_works() {
    let place = Place::new();
    let rows: String = (0..300)
        .map(|row| {
            let (a, b) = (row * 37 % 101, row * 53 % 89);
            format!("{a},{b},{}\n", 3 * a - b)
        })
        .collect();
    place.file("t.csv", format!("a,b,y\n{rows}"));
    let begin = "train --target y --hidden 4 --learning-rate 0.001 --batch-size 16";
    // One that is new.
    assert_eq!(follow(&place, &done(&place, &format!("{begin} --epochs 3 --out new -- t.csv"))).len(), 2);
    // One that went on, with epochs that it may have.
    done(&place, &format!("{begin} --epochs 2 --schedule constant --out on -- t.csv"));
    let said = follow(&place, &done(&place, "train --resume on --epochs 3"));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("train --resume on --epochs 6"), "{said:?}");
    // One that was stopped, whose schedule is that of its epochs.
    place.shell(&format!(
        "$CHAINRULE {begin} --epochs 40 --checkpoint 5steps --out old -- t.csv >/dev/null 2>&1 & p=$!; \
         until test -e .old.partial/checkpoint.2.safetensors; do sleep 0.005; done; kill -KILL $p; wait $p"
    ));
    let answer = done(&place, "train --resume old --quiet");
    place.file("old/notes.txt", "mine");
    assert_eq!(follow(&place, &answer).len(), 2, "{}", answer.output);
    // One that started from a model, and goes on.
    let answer = done(
        &place,
        "train t.csv --start-from old --epochs 3 --schedule constant --learning-rate 0.001 --out from",
    );
    assert_eq!(follow(&place, &answer).len(), 2, "{}", answer.output);
    let answer = done(&place, "train --resume from --epochs 12");
    assert_eq!(follow(&place, &answer).len(), 2, "{}", answer.output);
}

#[test]
fn a_run_does_not_replace_what_it_reads() {
    let place = place();
    let line = format!("{TRAIN} --target y --ignore house,day,w,c");
    done(&place, &format!("{line} --out run"));
    let before = read(&place, "run/losses.csv");
    place.shell("ln -s run/losses.csv link.csv; ln -s run door");
    for input in [
        "train run/losses.csv --target train",
        "train link.csv --target train",
        "train t.csv --target y --ignore house,day,w,c --test run/test.txt",
        "train t.csv --target y --ignore house,day,w,c --train run/train.txt --test 0",
        "train t.csv --target y --columns run/audit.json",
    ] {
        for out in ["run", "door", "../run"] {
            let out = out.replace("..", place.path("").to_str().unwrap());
            refused(&place, &format!("{input} --out {out} --overwrite"), &["the run reads it", "`--out`"]);
        }
    }
    assert!(read(&place, "run/losses.csv") == before);
    // The run that it starts from may be replaced, as it is read whole.
    done(&place, "train t.csv --start-from run --epochs 2 --out run --overwrite");
}
