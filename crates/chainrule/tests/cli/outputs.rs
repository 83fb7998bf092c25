//! Nothing that lies beside what is written, or is open already, is taken over, emptied or written from its start.
#![cfg(unix)]

use super::{Place, names};

const SHORT: &str = "train t.csv --target y --hidden 2 --epochs 2";

fn trained() -> Place {
    let place = Place::new();
    let rows: String = (0..40).map(|x| format!("{x},{}\n", 2 * x + 1)).collect();
    place.file("t.csv", format!("x,y\n{rows}"));
    let answer = place.shell(&format!("$CHAINRULE {SHORT} --out run"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    place
}

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path(name)).unwrap()
}

#[test]
fn a_table_that_is_read_from_standard_input_is_not_written() {
    let place = trained();
    let table = read(&place, "t.csv");
    place.shell("ln -s t.csv link; ln t.csv hard");
    for output in ["t.csv", "link", "hard"] {
        for input in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
            let line = format!("$CHAINRULE predict run {input} -o {output} < t.csv");
            let answer = place.shell(&line);
            assert_eq!(answer.status, 2, "{line}: {}", answer.errors);
            assert!(answer.errors.contains("that is read"), "{line}: {}", answer.errors);
            assert_eq!(read(&place, "t.csv"), table, "{line}");
        }
    }
    place.shell("$CHAINRULE predict run - -o other.csv < t.csv");
    assert!(read(&place, "other.csv").starts_with("prediction\n"));
}

#[test]
fn what_is_open_already_is_no_output_where_it_is_an_input() {
    let place = trained();
    let before = read(&place, "t.csv");
    for end in [
        "1<>t.csv",
        ">>t.csv",
        "-o - 1<>t.csv",
        "-o /dev/stdout >>t.csv",
        "-o /dev/fd/3 3<>t.csv",
        "-o /proc/self/fd/9 9>>t.csv",
        ">>run/model.safetensors",
    ] {
        let line = format!("$CHAINRULE predict run t.csv {end}");
        let answer = place.shell(&line);
        assert_eq!(answer.status, 2, "{line}: {}", answer.errors);
        assert!(answer.errors.contains("that is read"), "{line}: {}", answer.errors);
        assert_eq!(read(&place, "t.csv"), before, "{line}");
    }
    place.succeed(&["predict", "run", "t.csv"]);
}

#[test]
fn what_is_open_already_is_written_on_from_where_it_stands() {
    let place = trained();
    let plain = place.succeed(&["predict", "run", "t.csv"]).output;
    for (output, number) in [
        ("/dev/stdout", 1),
        ("/dev/fd/1", 1),
        ("/dev/../dev/fd/1", 1),
        ("/proc/self/fd/1", 1),
        ("/proc/thread-self/fd/1", 1),
        ("link", 1),
        ("/dev/stderr", 2),
        ("/dev/fd/2", 2),
        ("/dev/fd/3", 3),
        ("/proc/self/fd/9", 9),
    ] {
        place.shell("ln -sf /dev/stdout link; echo before > out");
        let line = format!("$CHAINRULE predict run t.csv -o {output} {number}>> out");
        assert_eq!(place.shell(&line).status, 0, "{line}");
        assert_eq!(read(&place, "out"), format!("before\n{plain}"), "{line}");
        let line = format!(
            "{{ echo before; $CHAINRULE predict run t.csv -o {output} {number}>&1; echo after; }} > out"
        );
        assert_eq!(place.shell(&line).status, 0, "{line}");
        // Of the first two alone is it known where they stand.
        if number < 3 {
            assert_eq!(read(&place, "out"), format!("before\n{plain}after\n"), "{line}");
        }
    }
    // The standard output of the shell, reached by its own folder.
    place.shell("exec >> out; echo before > out; cd /proc/$$/fd && $CHAINRULE predict \"$OLDPWD/run\" \"$OLDPWD/t.csv\" -o 1");
    assert_eq!(read(&place, "out"), format!("before\n{plain}"));
}

#[test]
fn what_lies_under_hidden_names_beside_an_output_stays() {
    let place = trained();
    let plain = place.succeed(&["predict", "run", "t.csv"]).output;
    // Whatever number the process will have.
    place.shell(
        "echo mine > theirs; mkdir kept; echo mine > kept/train.txt; ln -s theirs .p.csv.partial; echo mine > .q.csv.partial; \
         ln theirs .r.csv.partial; mkdir .s.csv.partial; echo mine > .s.csv.partial/x; ln -s nowhere .v.csv.partial",
    );
    for output in ["p.csv", "q.csv", "r.csv", "s.csv", "v.csv"] {
        place.succeed(&["predict", "run", "t.csv", "-o", output]);
        assert_eq!(read(&place, output), plain);
    }
    for file in ["theirs", ".p.csv.partial", ".q.csv.partial", ".r.csv.partial", ".s.csv.partial/x"] {
        assert_eq!(read(&place, file), "mine\n", "{file}");
    }
    assert!(!place.path("nowhere").exists());
    let line = "exec sh -c 'echo mine > .w.csv.$$-0.partial; ln -s theirs .w.csv.$$-1.partial; exec $CHAINRULE predict run t.csv -o w.csv'";
    assert_eq!(place.shell(line).status, 0);
    assert_eq!((read(&place, "w.csv"), read(&place, "theirs")), (plain, String::from("mine\n")));
}

#[test]
fn what_lies_under_hidden_names_beside_a_run_stays() {
    let place = trained();
    place.shell(
        "mkdir kept; echo mine > kept/train.txt; ln -s kept .a.partial; echo mine > .b.partial; mkdir .c.partial; \
         echo mine > .c.partial/train.txt; mkdir .d.partial; echo mine > .d.partial/notes; ln -s nowhere .e.partial; mkfifo .f.partial",
    );
    let before = place.names();
    for out in ["a", "b", "c", "d", "e", "f"] {
        for more in ["", " --overwrite"] {
            let line = format!("timeout 60 $CHAINRULE {SHORT} --epochs 10000000 --out {out}{more}")
                .replace("--epochs 2 ", "");
            let answer = place.shell(&line);
            assert_eq!(answer.status, 2, "{line}: {}", answer.errors);
            for word in [format!("`.{out}.partial`"), String::from("no run wrote"), String::from("--out DIR")]
            {
                assert!(answer.errors.contains(&word), "{line}: {}", answer.errors);
            }
        }
    }
    assert_eq!(place.names(), before);
    for file in ["kept/train.txt", ".b.partial", ".c.partial/train.txt", ".d.partial/notes"] {
        assert_eq!(read(&place, file), "mine\n", "{file}");
    }
    // A lock of whoever else is none of ours, and an empty folder is nobody's.
    place.shell("echo mine > .g.lock; mkdir .g.partial");
    let answer = place.shell(&format!("$CHAINRULE {SHORT} --out g"));
    assert_eq!(answer.status, 0, "{}", answer.errors);
    assert_eq!(read(&place, ".g.lock"), "mine\n");
    assert!(!names(&place.path("")).contains(&String::from(".g.partial")));
}

#[test]
fn names_of_a_runs_files_are_no_outputs_in_its_folder() {
    let place = trained();
    let before = names(&place.path("run"));
    assert!(!before.contains(&String::from("contour.svg")));
    place.shell("ln -s run/contour.svg link; ln -s run also");
    for output in [
        "run/contour.svg",
        "./run/../run/contour.svg",
        "also/contour.svg",
        "link",
        "run/checkpoint.1.safetensors",
    ] {
        place.ends(2, &["predict", "run", "t.csv", "-o", output], &["a file of a run", "another name"]);
    }
    let within = "cd run && $CHAINRULE predict . ../t.csv -o contour.svg";
    assert_eq!(place.shell(within).status, 2);
    assert_eq!(names(&place.path("run")), before);
    place.succeed(&["predict", "run", "t.csv", "-o", "train.txt"]);
}
