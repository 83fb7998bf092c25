//! Nothing is lost: what is written is written whole, through devices and never over what is read, and a training that is asked to
//! end keeps its model.
#![cfg(unix)]

use super::{Answer, Place, names};

/// A short training into `run`, then `$RUN` stands for its words.
const SHORT: &str = "train t.csv --target y --hidden 2 --epochs 2";

fn place() -> Place {
    let place = Place::new();
    let rows: String = (0..40).map(|x| format!("{x},{}\n", 2 * x + 1)).collect();
    place.file("t.csv", format!("x,y\n{rows}"));
    place
}

fn trained() -> Place {
    let place = place();
    let answer = place.shell(&format!("$CHAINRULE {SHORT} --out run"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    place
}

fn refused(place: &Place, line: &str, words: &[&str]) -> Answer {
    let answer = place.shell(line);
    assert_eq!(answer.status, 2, "{line}: {}{}", answer.output, answer.errors);
    for word in words {
        assert!(answer.errors.contains(word), "{line}: no `{word}` in {}", answer.errors);
    }
    answer
}

#[test]
fn predictions_go_through_devices_and_pipes() {
    let place = trained();
    let plain = place.succeed(&["predict", "run", "t.csv"]).output;
    assert_eq!(place.succeed(&["predict", "run", "t.csv", "-o", "-"]).output, plain);
    assert_eq!(place.shell("$CHAINRULE predict run t.csv -o /dev/stdout | cat").output, plain);
    assert_eq!(place.shell("$CHAINRULE predict run t.csv -o /dev/fd/3 3>&1 | cat").output, plain);
    let fifo = "mkfifo p && (cat p > copy & $CHAINRULE predict run t.csv -o p; wait); test -p p && cat copy";
    assert_eq!(place.shell(fifo).output, plain);
    // A device of one's own, which only the superuser can make.
    let device = "mknod d c 1 3 2>/dev/null || { echo none; exit; }; $CHAINRULE predict run t.csv -o d && test -c d && echo kept";
    let answer = place.shell(device);
    match answer.output.trim() {
        "none" => println!("skipped: a device can be made by the superuser alone"),
        output => assert_eq!(output, "kept", "{}", answer.errors),
    }
    let answer = place.shell("$CHAINRULE predict run t.csv -o /dev/full");
    assert_eq!(answer.status, 2, "{}", answer.errors);
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let place = trained();
    let table = std::fs::read(place.path("t.csv")).unwrap();
    place.shell("ln -s t.csv link; ln t.csv hard; ln -s run also; cp run/model.safetensors m.safetensors");
    for output in ["t.csv", "./t.csv", "link", "hard", "run/../t.csv"] {
        refused(&place, &format!("$CHAINRULE predict run t.csv -o {output}"), &["that is read"]);
    }
    let parts = ["run/model.safetensors", "run/config.json", "also/model.safetensors", "run/losses.csv"];
    for output in parts {
        refused(&place, &format!("$CHAINRULE predict run t.csv -o {output}"), &["a file of a run"]);
    }
    let model = "$CHAINRULE predict m.safetensors t.csv -o m.safetensors";
    refused(&place, model, &["that is read"]);
    refused(&place, "$CHAINRULE predict run t.csv -o run", &["it is a folder"]);
    refused(&place, "$CHAINRULE predict run t.csv -o none/p.csv", &["none/p.csv"]);
    assert_eq!(std::fs::read(place.path("t.csv")).unwrap(), table);
    place.succeed(&["predict", "run", "t.csv"]);
}

#[test]
fn a_link_is_followed_and_modes_are_kept() {
    let place = trained();
    place.shell("mkdir sub; echo old > sub/old.csv; chmod 640 sub/old.csv; ln -s sub/old.csv link; ln -s sub/new.csv dangling");
    for (link, file) in [("link", "sub/old.csv"), ("dangling", "sub/new.csv")] {
        place.succeed(&["predict", "run", "t.csv", "-o", link]);
        assert!(std::fs::symlink_metadata(place.path(link)).unwrap().is_symlink());
        assert!(std::fs::read_to_string(place.path(file)).unwrap().starts_with("prediction\n"), "{file}");
    }
    assert_eq!(place.shell("stat -c %a sub/old.csv 2>/dev/null || echo 640").output.trim(), "640");
    assert_eq!(names(&place.path("sub")), ["new.csv", "old.csv"]);
    place.shell("ln -s b a; ln -s a b");
    refused(&place, "$CHAINRULE predict run t.csv -o a", &["`a`"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told_before_training() {
    let place = place();
    place.file("file", "");
    let long = "x".repeat(300);
    for out in ["file/x", &long, "/proc/x", "/dev/null/x", "."] {
        // So many epochs would take hours.
        let line = format!("timeout 60 $CHAINRULE train t.csv --target y --epochs 10000000 --out {out}");
        let answer = place.shell(&line);
        assert_eq!(answer.status, 2, "{line}: {}", answer.errors);
        assert!(answer.errors.contains("--out DIR"), "{line}: {}", answer.errors);
    }
    assert_eq!(place.names(), ["file", "t.csv"]);
    let fits = "y".repeat(250);
    place.shell(&format!("$CHAINRULE {SHORT} --out {fits} && rm -r {fits}"));
    assert_eq!(place.names(), ["file", "t.csv"]);
}

#[test]
fn only_files_of_runs_are_replaced() {
    let place = trained();
    let again = format!("$CHAINRULE {SHORT} --out run");
    refused(&place, &again, &["is there already"]);
    place.shell("echo mine > run/notes.txt");
    refused(&place, &format!("{again} --overwrite"), &["notes.txt", "no run wrote"]);
    assert_eq!(std::fs::read_to_string(place.path("run/notes.txt")).unwrap(), "mine\n");
    let answer = place.shell(&format!(
        "rm run/notes.txt; {again} --overwrite && mkdir empty && $CHAINRULE {SHORT} --out empty"
    ));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    let answer =
        place.shell(&format!("ln -s run link; $CHAINRULE {SHORT} --out link --overwrite && test -L link"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    assert_eq!(place.names(), ["empty", "link", "run", "t.csv"]);
}

#[test]
fn one_of_several_runs_into_a_folder_goes_on() {
    let place = place();
    let one =
        "$CHAINRULE train t.csv --target y --hidden 2 --epochs 20000 --out run >/dev/null 2>>errors; echo $?";
    let answer = place.shell(&format!("for i in 1 2 3 4; do ({one}) & done; wait"));
    let mut statuses: Vec<&str> = answer.output.lines().collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["0", "2", "2", "2"], "{}", answer.errors);
    let errors = std::fs::read_to_string(place.path("errors")).unwrap();
    let told =
        errors.matches("another run is being written").count() + errors.matches("is there already").count();
    assert_eq!(told, 3, "{errors}");
    assert_eq!(place.names(), ["errors", "run", "t.csv"]);
}

#[test]
fn what_a_killed_run_left_is_taken_away_by_the_next() {
    let place = place();
    let killed = "$CHAINRULE train t.csv --target y --epochs 10000000 --out a/run >/dev/null 2>&1 & p=$!; \
                  until test -d a/.run.partial; do sleep 0.01; done; kill -KILL $p; wait; ls -A a; \
                  touch -t 202601010000 a/.run.partial/.chainrule";
    assert_eq!(place.shell(killed).output, ".run.partial\n");
    // A file of such a name that is none of ours stays.
    place.shell("echo mine > a/.other.lock; mkdir a/.other.partial");
    let answer = place.shell(&format!("$CHAINRULE {SHORT} --out a/second"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    assert_eq!(names(&place.path("a")), [".other.lock", ".other.partial", "second"]);
}

/// Starts a training that would last for hours, and sends it signals once it has begun.
fn signalled(place: &Place, before: &str, table: &str, signals: &str) -> Answer {
    let line = format!(
        "{before} $CHAINRULE train {table} --target y --hidden 4 --epochs 10000000 --out run >out 2>err & p=$!; \
         until test -d .run.partial; do sleep 0.01; done; sleep 0.3; {signals}; wait $p"
    );
    let answer = place.shell(&line);
    let read = |name| std::fs::read_to_string(place.path(name)).unwrap();
    Answer { output: read("out"), errors: read("err"), ..answer }
}

#[test]
fn a_signal_keeps_the_best_model_and_a_second_ends_at_once() {
    for signal in ["TERM", "HUP"] {
        let place = place();
        let answer = signalled(&place, "", "t.csv", &format!("kill -{signal} $p"));
        assert_eq!(answer.status, 0, "{signal}: {}", answer.errors);
        assert!(answer.output.contains("stopped by a signal"), "{}", answer.output);
        place.succeed(&["predict", "run", "t.csv"]);
    }
    // What is ignored from the start stays ignored.
    let place = place();
    let answer =
        signalled(&place, "trap '' HUP;", "t.csv", "kill -HUP $p; sleep 0.5; kill -0 $p && kill -TERM $p");
    assert_eq!(answer.status, 0, "{}", answer.errors);
    place.succeed(&["predict", "run", "t.csv"]);
}

#[test]
fn a_signal_is_heeded_within_a_long_step() {
    let place = Place::new();
    // One step over all rows of this takes seconds.
    place.shell("awk 'BEGIN { print \"x,y\"; for (i = 0; i < 400000; i++) print i / 400000 \",\" (i % 977) / 977 }' > big.csv");
    let line = "$CHAINRULE train big.csv --target y --hidden 512,512,512 --batch-size full --threads 1 --epochs 100 --out run >out 2>err & p=$!; \
                until test -d .run.partial; do sleep 0.01; done; sleep 1; kill -TERM $p; s=$(date +%s%N); wait $p; r=$?; \
                e=$(date +%s%N); echo $(( (e - s) / 1000000 )); exit $r";
    let answer = place.shell(line);
    let milliseconds: u64 = answer.output.trim().parse().unwrap();
    let errors = std::fs::read_to_string(place.path("err")).unwrap();
    assert!(milliseconds < 2_000, "{milliseconds} ms: {errors}");
    println!("ended after {milliseconds} ms with status {}: {errors}", answer.status);
}

#[test]
fn a_limit_on_the_size_of_files_ends_no_training() {
    let place = place();
    let line = "ulimit -f 4; $CHAINRULE train t.csv --target y --hidden 64,64 --epochs 40 --checkpoint 5steps --out run";
    let answer = place.shell(line);
    assert_eq!(answer.status, 2, "{}", answer.errors);
    for word in
        ["no checkpoint could be written, and training goes on", "epoch 40/40", "`run` cannot be written"]
    {
        assert!(answer.errors.contains(word), "no `{word}` in {}", answer.errors);
    }
}
