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
        for name in left {
            std::fs::copy(place.path("run").join(name), place.path(".run.partial").join(name)).unwrap();
        }
        done(&place, line);
        assert!(!place.path(".run.partial").exists(), "{left:?}");
    }
}
