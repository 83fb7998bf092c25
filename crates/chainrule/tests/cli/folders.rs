//! A run is put in its place, and nothing else is lost there: not by what lies there, comes there meanwhile, or how it is named.
#![cfg(unix)]

use super::{Answer, Place, names};

const SHORT: &str = "train t.csv --target y --hidden 2 --epochs 2";

fn place() -> Place {
    let place = Place::new();
    let rows: String = (0..40).map(|x| format!("{x},{}\n", 2 * x + 1)).collect();
    place.file("t.csv", format!("x,y\n{rows}"));
    place
}

fn done(place: &Place, line: &str) -> Answer {
    let answer = place.shell(line);
    assert_eq!(answer.status, 0, "{line}: {}{}", answer.output, answer.errors);
    answer
}

fn refused(place: &Place, line: &str, words: &[&str]) {
    let answer = place.shell(&format!("timeout 60 {line}"));
    assert_eq!(answer.status, 2, "{line}: {}{}", answer.output, answer.errors);
    for word in words {
        assert!(answer.errors.contains(word), "{line}: no `{word}` in {}", answer.errors);
    }
}

#[test]
fn folders_that_are_no_runs_are_not_replaced() {
    let place = place();
    let foreign = [
        "echo '{\"architectures\": [\"BertModel\"], \"model_type\": \"bert\"}' > x/config.json; echo weights > x/model.safetensors",
        "echo '{}' > x/config.json; echo rows > x/train.txt",
        "echo mine > x/config.json; echo rows > x/train.txt",
        "mkdir x/config.json; echo rows > x/train.txt",
        "mkfifo x/config.json; echo rows > x/train.txt",
        "ln -s /dev/zero x/config.json; echo rows > x/train.txt",
        "printf '[1, 2]' > x/config.json",
        "echo '{\"schema\": 1, \"version\": \"0.1.0\"}' > x/config.json",
        "echo weights > x/model.safetensors",
    ];
    for contents in foreign {
        place.shell(&format!("mkdir x; {contents}"));
        let before = names(&place.path("x"));
        refused(&place, &format!("$CHAINRULE {SHORT} --out x --overwrite"), &["`x` is no run", "--out DIR"]);
        assert_eq!(names(&place.path("x")), before, "{contents}");
        place.shell("rm -r x");
    }
    // A folder under the name of a run's file is none of it.
    done(
        &place,
        &format!("$CHAINRULE {SHORT} --out x; mkdir x/contour.svg; echo mine > x/contour.svg/notes"),
    );
    refused(&place, &format!("$CHAINRULE {SHORT} --out x --overwrite"), &["contour.svg", "no run wrote"]);
}

/// Trains into a folder that holds a run already, with a line of the shell in between.
fn replaced(place: &Place, out: &str, meanwhile: &str) -> Answer {
    done(
        place,
        &format!(
            "$CHAINRULE {SHORT} --out {out} --overwrite --epochs 200000 >/dev/null 2>err & p=$!; until test -d .{out}.partial; do \
             sleep 0.01; done; sleep 0.1; {meanwhile}; wait $p; r=$?; cat err >&2; exit $r"
        )
        .replace("--epochs 2 ", ""),
    )
}

#[test]
fn what_comes_into_a_run_while_it_is_replaced_is_carried_over() {
    let place = place();
    done(&place, &format!("$CHAINRULE {SHORT} --out m"));
    place.shell("mkdir .m.before; echo theirs > .m.before/notes");
    for turn in 0..3 {
        let answer = replaced(
            &place,
            "m",
            &format!("echo mine > m/n{turn}; mkdir m/d{turn}; echo mine > m/d{turn}/x"),
        );
        let told = format!("(d{turn}, n{turn})");
        assert!(answer.errors.contains(&told) && answer.errors.contains("carried over"), "{}", answer.errors);
        for file in ["n", "d"] {
            let file = if file == "d" { format!("m/d{turn}/x") } else { format!("m/n{turn}") };
            assert_eq!(std::fs::read_to_string(place.path(&file)).unwrap(), "mine\n", "{file}");
        }
        assert_eq!(place.names(), [".m.before", "err", "m", "t.csv"]);
        place.succeed(&["predict", "m", "t.csv"]);
        refused(&place, &format!("$CHAINRULE {SHORT} --out m --overwrite"), &[&format!("n{turn}")]);
        place.shell(&format!("rm -r m/n{turn} m/d{turn}"));
    }
    // Under a name of the new run it cannot be, and is kept beside it.
    let answer = replaced(&place, "m", "rm m/fit.svg; mkdir m/fit.svg; echo mine > m/fit.svg/x");
    assert!(answer.errors.contains("`.m.before.1`"), "{}", answer.errors);
    assert_eq!(std::fs::read_to_string(place.path(".m.before.1/fit.svg/x")).unwrap(), "mine\n");
    assert_eq!(std::fs::read_to_string(place.path(".m.before/notes")).unwrap(), "theirs\n");
}

#[test]
fn a_folder_is_one_place_however_it_is_written() {
    let place = place();
    place.shell("mkdir dd e sub");
    done(&place, &format!("$CHAINRULE {SHORT} --out dd/."));
    done(&place, &format!("$CHAINRULE {SHORT} --out dd/ --overwrite"));
    done(&place, &format!("$CHAINRULE {SHORT} --out ./sub/../dd/./. --overwrite"));
    done(&place, &format!("cd dd && $CHAINRULE {} --out . --overwrite", SHORT.replace("t.csv", "../t.csv")));
    done(
        &place,
        &format!("cd dd && $CHAINRULE {} --out ../dd --overwrite", SHORT.replace("t.csv", "../t.csv")),
    );
    done(&place, &format!("cd e && $CHAINRULE {} --out .", SHORT.replace("t.csv", "../t.csv")));
    done(&place, &format!("$CHAINRULE {SHORT} --out new/. && $CHAINRULE {SHORT} --out new2/"));
    assert_eq!(place.names(), ["dd", "e", "new", "new2", "sub", "t.csv"]);
    for run in ["dd", "e", "new", "new2"] {
        assert!(names(&place.path(run)).iter().all(|name| !name.starts_with('.')), "{run}");
        place.succeed(&["predict", run, "t.csv"]);
    }
    let line = |out: &str| format!("$CHAINRULE {SHORT} --schedule constant --out {out}");
    done(&place, &line("k"));
    done(&place, "cd k && $CHAINRULE train --resume . --epochs 4");
    done(
        &place,
        "$CHAINRULE train --resume ./k/. --epochs 6 && ln -s k link && $CHAINRULE train --resume link --epochs 8",
    );
    done(&place, "$CHAINRULE train --resume k/../k/ --epochs 10");
    assert_eq!(std::fs::read_to_string(place.path("k/losses.csv")).unwrap().lines().count(), 11);
    refused(&place, &format!("$CHAINRULE {SHORT} --out ../.. --overwrite"), &["--out DIR"]);
}

#[test]
fn a_folder_that_is_a_mount_point_is_told_before_training() {
    let place = place();
    let line = format!("$CHAINRULE {SHORT} --epochs 10000000").replace("--epochs 2 ", "");
    for more in ["", " --overwrite"] {
        let own = format!(
            "unshare -rm sh -c 'mkdir -p m && mount -t tmpfs none m && echo mounted && timeout 60 {line} --out m{more}; echo $?'"
        );
        let answer = place.shell(&own);
        if !answer.output.starts_with("mounted") {
            println!("skipped: nothing can be mounted here");
            return;
        }
        assert!(answer.output.ends_with("\n2\n"), "{}", answer.output);
        for word in ["where a disk is mounted", "--out m/run"] {
            assert!(answer.errors.contains(word), "no `{word}` in {}", answer.errors);
        }
    }
    let mended =
        format!("unshare -rm sh -c 'mount -t tmpfs none m && $CHAINRULE {SHORT} --out m/run && ls m/run'");
    assert!(done(&place, &mended).output.contains("model.safetensors"));
}

#[test]
fn a_run_is_resumed_by_a_link_to_its_place() {
    let place = place();
    place.shell("mkdir deep; ln -s deep/run link");
    let line = "$CHAINRULE train t.csv --target y --hidden 4 --batch-size 4 --epochs 2000 --checkpoint 3steps --out deep/run";
    // The folder that the link leads to is not there before the run is done.
    let killed = format!(
        "{line} >/dev/null 2>&1 & p=$!; until test -e deep/.run.partial/checkpoint.2.safetensors; do sleep 0.005; done; \
         kill -KILL $p; wait $p"
    );
    place.shell(&killed);
    let answer = done(&place, "$CHAINRULE train --resume link");
    assert!(answer.output.contains("goes on ") && answer.output.contains("after "), "{}", answer.output);
    assert_eq!(names(&place.path("deep")), ["run"]);
    assert!(std::fs::symlink_metadata(place.path("link")).unwrap().is_symlink());
    place.succeed(&["predict", "link", "t.csv"]);
}

/// A name that runs may write is not a file that this one wrote.
#[test]
fn files_that_the_run_did_not_write_stay() {
    let place = place();
    let line = "$CHAINRULE train t.csv --target y --hidden 4 --epochs 3 --schedule constant --out run";
    done(&place, line);
    let own = place.path("run/contour.svg");
    assert!(!own.exists());
    std::fs::write(&own, "mine").unwrap();
    refused(&place, &format!("{line} --overwrite"), &["contour.svg", "no run wrote"]);
    done(&place, "$CHAINRULE train --resume run --epochs 6");
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "mine");
}

#[test]
fn what_is_refused_is_left_as_it_was() {
    let place = place();
    let line = "$CHAINRULE train t.csv --target y --hidden 4 --epochs 3 --out run --overwrite";
    std::fs::create_dir(place.path(".run.partial")).unwrap();
    for name in [".chainrule", "checkpoint.1.safetensors", "checkpoint.2.safetensors", "mine.txt"] {
        std::fs::write(place.path(".run.partial").join(name), name).unwrap();
    }
    refused(&place, line, &["mine.txt", "no run wrote"]);
    for name in ["checkpoint.1.safetensors", "checkpoint.2.safetensors", "mine.txt"] {
        assert!(place.path(".run.partial").join(name).exists(), "{name}");
    }
}

/// A process was killed while it took the run away that it had replaced.
#[test]
fn a_replaced_run_that_is_half_taken_away_stands_in_nobodys_way() {
    let place = place();
    let line = "$CHAINRULE train t.csv --target y --hidden 4 --epochs 3 --out run --overwrite";
    for left in [&["config.json", "losses.csv"][..], &["config.json"], &[]] {
        done(&place, line);
        std::fs::create_dir(place.path(".run.partial")).unwrap();
        std::fs::write(place.path(".run.partial/.chainrule"), "").unwrap();
        for name in left {
            std::fs::copy(place.path("run").join(name), place.path(".run.partial").join(name)).unwrap();
        }
        done(&place, line);
        assert!(!place.path(".run.partial").exists(), "{left:?}");
    }
}

fn read(place: &Place, file: &str) -> String {
    std::fs::read_to_string(place.path(file)).unwrap()
}

/// A run under way, of which nothing but its hidden folder is there.
fn begun(place: &Place, out: &str) {
    done(
        place,
        &format!(
            "$CHAINRULE train t.csv --target y --hidden 2 --epochs 2000000 --patience 2000000 --checkpoint 20steps --out {out} \
             >/dev/null 2>&1 & p=$!; until test -e .{out}.partial/checkpoint.2.safetensors || ! kill -0 $p; do sleep 0.01; done; kill -KILL $p; wait $p; true"
        ),
    );
}

#[test]
fn a_run_that_goes_on_replaces_nothing_but_itself() {
    let place = place();
    let resume = "$CHAINRULE train --resume run --quiet --time-limit 1s";
    let elsewhere = &["is not done, and lies in `.run.partial`", "move that elsewhere"];
    begun(&place, "run");
    done(&place, "mkdir run; echo mine > run/train.txt; echo '{\"mine\": 1}' > run/config.json");
    refused(&place, resume, elsewhere);
    assert_eq!(read(&place, "run/train.txt"), "mine\n");
    done(&place, &format!("rm -r run; $CHAINRULE {SHORT} --seed 9 --out run2; mv run2 run"));
    refused(&place, resume, elsewhere);
    assert!(read(&place, "run/config.json").contains("\"seed\": 9"));
    done(&place, "rm -r run; mkfifo run");
    refused(&place, resume, elsewhere);
    done(&place, &format!("rm run; {resume}"));
}

#[test]
fn what_comes_to_the_place_of_a_run_stays_and_the_run_is_kept_beside_it() {
    let place = place();
    for (meanwhile, file) in [
        ("mv run old; $CHAINRULE OTHER --out run", "run/config.json"),
        ("mv run old; mkdir run; echo mine > run/train.txt", "run/train.txt"),
        ("mv run old; mkfifo run", ""),
    ] {
        done(&place, &format!("rm -rf run* old; $CHAINRULE {SHORT} --out run"));
        let meanwhile =
            meanwhile.replace("OTHER", &format!("{SHORT} --seed 9 --out other; mv other run; true"));
        let answer = place.shell(&format!(
            "$CHAINRULE train t.csv --target y --hidden 2 --epochs 2000000 --patience 2000000 --time-limit 2s --overwrite \
             --out run >/dev/null & p=$!; until test -d .run.partial || ! kill -0 $p; do sleep 0.01; done; {meanwhile}; wait $p"
        ));
        assert_eq!(answer.status, 2, "{meanwhile}: {}", answer.errors);
        assert!(answer.errors.contains("the run is kept in `run-2`"), "{meanwhile}: {}", answer.errors);
        let found = if file.is_empty() { String::new() } else { read(&place, file) };
        assert!(
            file.is_empty() || found.contains("\"seed\": 9") || found == "mine\n",
            "{meanwhile}: {found}"
        );
        place.succeed(&["predict", "run-2", "t.csv"]);
        place.succeed(&["predict", "old", "t.csv"]);
    }
    // Nothing lies there any more.
    done(&place, &format!("rm -rf run* old; $CHAINRULE {SHORT} --out run"));
    replaced(&place, "run", "rm -r run");
    place.succeed(&["predict", "run", "t.csv"]);
}

#[test]
fn a_run_that_was_changed_since_its_checkpoint_was_read_is_not_replaced() {
    let place = place();
    done(&place, &format!("$CHAINRULE {SHORT} --schedule constant --out run; mkfifo pipe"));
    done(
        &place,
        &format!(
            "(sleep 1; $CHAINRULE {SHORT} --seed 7 --overwrite --out run; cat t.csv > pipe) & \
             timeout 60 $CHAINRULE train pipe --resume run --epochs 9 2>err; r=$?; wait; test $r = 2"
        ),
    );
    assert!(read(&place, "err").contains("was changed by another process"), "{}", read(&place, "err"));
    assert!(read(&place, "run/config.json").contains("\"seed\": 7"));
}

#[test]
fn names_of_hidden_folders_are_not_those_of_runs() {
    let place = place();
    refused(&place, &format!("$CHAINRULE {SHORT} --out .run.partial"), &["choose another with `--out DIR`"]);
    // A copy of a run under such a name is nobody's left-over.
    done(&place, &format!("$CHAINRULE {SHORT} --out run; cp -r run .run.partial"));
    refused(&place, &format!("$CHAINRULE {SHORT} --out run --overwrite"), &["no run wrote what is there"]);
    place.succeed(&["predict", ".run.partial", "t.csv"]);
}

/// A run that is done goes on with more epochs, is killed, and goes on again.
#[test]
fn a_run_that_goes_on_from_its_end_goes_on_again() {
    let place = place();
    done(&place, &format!("$CHAINRULE {SHORT} --schedule constant --out run"));
    done(
        &place,
        "$CHAINRULE train --resume run --epochs 2000000 --patience 2000000 --checkpoint 20steps >/dev/null 2>&1 & p=$!; \
         until test -e .run.partial/checkpoint.2.safetensors || ! kill -0 $p; do sleep 0.01; done; kill -KILL $p; wait $p; \
         $CHAINRULE train --resume run --time-limit 1s",
    );
    assert!(!place.path(".run.partial").exists());
}

/// A run that was begun to replace another is killed, and something else lies there when it goes on.
#[test]
fn leave_to_replace_a_run_is_leave_to_replace_that_run() {
    let place = place();
    done(&place, &format!("$CHAINRULE {SHORT} --out run"));
    done(
        &place,
        "$CHAINRULE train t.csv --target y --hidden 2 --epochs 2000000 --patience 2000000 --checkpoint 20steps --overwrite --out run \
         >/dev/null 2>&1 & p=$!; until test -e .run.partial/checkpoint.2.safetensors || ! kill -0 $p; do sleep 0.01; done; \
         kill -KILL $p; wait $p; mv run old; true",
    );
    done(&place, &format!("$CHAINRULE {SHORT} --seed 9 --out other; mv other run"));
    refused(&place, "$CHAINRULE train --resume run", &["move that elsewhere"]);
    done(&place, "mv run other; mv old run; $CHAINRULE train --resume run --time-limit 1s");
}

/// The folder of a checkpoint is the run's, and is replaced by it.
#[test]
fn a_checkpoint_among_other_files_makes_no_run_of_their_folder() {
    let place = place();
    begun(&place, "run");
    done(
        &place,
        &format!("$CHAINRULE {SHORT} --out other; $CHAINRULE {SHORT} --seed 3 --checkpoint none --out third"),
    );
    done(
        &place,
        "mkdir mine; cp other/checkpoint.safetensors mine; cp .run.partial/checkpoint.1.safetensors mine; echo mine > mine/train.txt; \
         echo '{}' > mine/config.json; cp .run.partial/checkpoint.1.safetensors third; mkdir before; cp -r mine third before; \
         mkdir alone; cp .run.partial/checkpoint.?.safetensors alone",
    );
    for folder in ["mine", "third"] {
        for given in [folder.to_owned(), format!("{folder}/checkpoint.1.safetensors")] {
            let line = format!("$CHAINRULE train t.csv --resume {given} --time-limit 1s");
            refused(&place, &line, &["a folder of its own"]);
        }
        done(&place, &format!("diff -r {folder} before/{folder}"));
    }
    done(&place, "$CHAINRULE train t.csv --resume alone --time-limit 1s; test -f alone/model.safetensors");
}

/// An older copy of a run under way is put beside a run that was begun alike.
#[test]
fn a_run_that_goes_on_replaces_no_later_one() {
    let place = place();
    let line =
        "train t.csv --target y --hidden 2 --epochs 3000 --schedule constant --checkpoint 20steps --out run";
    let kept = format!(
        "$CHAINRULE {line} >/dev/null 2>&1 & p=$!; until test -e .run.partial/checkpoint.2.safetensors || ! kill -0 $p; do \
         sleep 0.01; done; kill -KILL $p; wait $p; cp -r .run.partial kept; $CHAINRULE train --resume run"
    );
    done(&place, &kept);
    refused(&place, "mv kept .run.partial; $CHAINRULE train --resume run", &["move that elsewhere"]);
    // Of another table.
    done(&place, "mv .run.partial kept; cp t.csv old.csv; sed -i '$d' t.csv; rm -r run");
    done(&place, &format!("$CHAINRULE {line} --epochs 20").replace("--epochs 3000 ", ""));
    done(&place, "mv kept .run.partial; cp run/model.safetensors .");
    refused(&place, "$CHAINRULE train old.csv --resume run", &["move that elsewhere"]);
    done(&place, "cmp model.safetensors run/model.safetensors");
}

#[test]
fn files_of_a_run_under_way_are_not_written_over() {
    let place = place();
    done(&place, &format!("$CHAINRULE {SHORT} --out run"));
    begun(&place, "under");
    for file in [".under.partial/checkpoint.1.safetensors", ".under.partial/.chainrule", "run/.chainrule"] {
        refused(&place, &format!("$CHAINRULE predict run t.csv -o {file}"), &["is a file of a run"]);
    }
}

/// A process was killed after its run was put in its place, before what lay in the old one was carried over.
#[test]
fn what_was_not_carried_over_yet_is_carried_over() {
    let place = place();
    done(
        &place,
        &format!("$CHAINRULE {SHORT} --seed 1 --out old; echo mine > old/notes.md; touch old/.chainrule"),
    );
    done(
        &place,
        &format!(
            "$CHAINRULE {SHORT} --schedule constant --out run; touch run/.chainrule; mv old .run.partial"
        ),
    );
    done(&place, "$CHAINRULE train --resume run --epochs 9; test -f run/notes.md; test ! -e .run.partial");
}

/// A process was killed after all files were written, before the folder was put in its place.
#[test]
fn a_run_that_is_whole_and_not_in_its_place_goes_there() {
    let place = place();
    let left = "touch .run.partial/.chainrule; ln .run.partial/checkpoint.safetensors .run.partial/checkpoint.1.safetensors";
    done(&place, &format!("$CHAINRULE {SHORT} --out run; mv run .run.partial; {left}"));
    done(&place, &format!("$CHAINRULE {SHORT} --out run --overwrite; rm -r run"));
    done(&place, &format!("$CHAINRULE {SHORT} --out run; cp run/model.safetensors ."));
    done(
        &place,
        "mv run .run.partial; touch .run.partial/.chainrule; ln .run.partial/checkpoint.safetensors \
         .run.partial/checkpoint.1.safetensors; $CHAINRULE train --resume run",
    );
    assert!(
        std::fs::read(place.path("run/model.safetensors")).unwrap()
            == std::fs::read(place.path("model.safetensors")).unwrap()
    );
}

#[test]
fn many_runs_at_once_into_folders_side_by_side_are_all_written() {
    let place = place();
    let line = format!(
        "for s in 1 2 3 4 5 6 7 8 9 10 11 12; do ($CHAINRULE {SHORT} --seed $s --out runs/r$s >/dev/null 2>>err || echo $s >> failed) & \
         done; wait; test ! -e failed || {{ cat err >&2; false; }}"
    );
    for _ in 0..3 {
        done(&place, &format!("rm -rf runs; {line}"));
    }
}
