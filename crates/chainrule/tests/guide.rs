//! The guide's chapters and the README as tests: every command in a `console` block is run, and must print what stands below it.
//!
//! A line `...` stands for any lines. `UPDATE_GUIDE=1 cargo test -p chainrule --test guide` writes what the commands print now into
//! the chapters, blocks with `...` excepted.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of a chapter and the lines below it.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    /// The line of the command, counted from 0.
    line: usize,
    command: String,
    /// The lines of the output as shown: from the first to before the last.
    shown: std::ops::Range<usize>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents, from the root of the repository; none where the crate stands alone.
fn chapters() -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(root().join("guide")) else { return Vec::new() };
    let mut names: Vec<String> =
        folder.map(|entry| format!("guide/{}", entry.unwrap().file_name().to_string_lossy())).collect();
    names.retain(|name| name.ends_with(".md"));
    names.push("README.md".to_owned());
    names.sort();
    names
}

/// The commands after `$ ` in `console` blocks; a command goes on while its lines end with a backslash.
fn examples(lines: &[&str]) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for (number, line) in lines.iter().enumerate() {
        if !inside {
            inside = *line == "```console";
            continue;
        }
        if *line == "```" {
            inside = false;
        } else if let Some(command) = line.strip_prefix("$ ") {
            let shown = number + 1..number + 1;
            found.push(Example { line: number, command: command.to_owned(), shown });
            continued = command.ends_with('\\');
        } else if let Some(example) = found.last_mut() {
            if continued {
                let more = line.trim_start_matches("> ");
                example.command.push('\n');
                example.command.push_str(more);
                example.shown = number + 1..number + 1;
                continued = more.ends_with('\\');
            } else {
                example.shown.end = number + 1;
            }
        }
    }
    found
}

/// What a command prints, and its status where that is not 0: what a newcomer copies into a script must not end it.
fn run(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_chainrule"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = program.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path));
    let output = Command::new("bash")
        .args(["-c", command])
        .current_dir(root())
        .env("PATH", std::env::join_paths(folders).unwrap())
        .output()
        .expect("bash runs the guide's commands");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("the program prints UTF-8");
    match output.status.success() {
        true => text,
        false => format!("{text}{}: end the command with `|| echo \"exit status $?\"`\n", output.status),
    }
}

/// Whether a text is as shown, where `...` stands for any lines.
fn matches(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skip| matches(rest, &printed[skip..])),
        Some((first, rest)) => {
            printed.first().is_some_and(|line| line.trim_end() == first.trim_end())
                && matches(rest, &printed[1..])
        }
    }
}

#[test]
fn every_command_of_the_guide_prints_what_it_shows() {
    let update = std::env::var_os("UPDATE_GUIDE").is_some();
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for name in chapters() {
        let path = root().join(&name);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let mut updated: Vec<String> = Vec::new();
        let mut at = 0;
        for example in examples(&lines) {
            let printed = run(&example.command);
            let printed: Vec<&str> = printed.lines().collect();
            let shown = &lines[example.shown.clone()];
            ran += 1;
            if update && !shown.contains(&"...") {
                updated.extend(lines[at..example.shown.start].iter().map(|line| (*line).to_owned()));
                updated.extend(printed.iter().map(|line| line.trim_end().to_owned()));
                at = example.shown.end;
            } else if !matches(shown, &printed) {
                let place = format!("{name}:{}: {}", example.line + 1, example.command);
                wrong.push(format!(
                    "{place}\n--- shown\n{}\n--- printed\n{}",
                    shown.join("\n"),
                    printed.join("\n")
                ));
            }
        }
        if update {
            updated.extend(lines[at..].iter().map(|line| (*line).to_owned()));
            let text = updated.join("\n") + "\n";
            std::fs::write(&path, text).unwrap();
        }
    }
    println!("{ran} commands of {} documents", chapters().len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_command_may_go_on_and_an_ellipsis_stands_for_any_lines() {
    let text = "```console\n$ one \\\n>     two\na\nb\n$ three\n```\n$ four";
    let lines: Vec<&str> = text.lines().collect();
    let found = examples(&lines);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].command, "one \\\n    two");
    assert_eq!(found[0].shown, 3..5);
    assert_eq!(found[1].shown, 6..6);
    assert!(matches(&["a", "...", "d"], &["a", "b", "c", "d"]));
    assert!(matches(&["...", "d"], &["d"]));
    assert!(!matches(&["a", "..."], &["b"]));
}
