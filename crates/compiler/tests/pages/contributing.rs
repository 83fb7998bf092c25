//! What CONTRIBUTING.md says: its pages pass every judgement, its laws are laws, and the tests that it names exist.

use crate::functions::keeps_what_it_says;
use crate::{derivations, fast, judged, losses, metrics, optimizers, schedules, slopes};
use calculus::Laws;
use chainrule_compiler::{Kind, Library};
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace; nothing where this crate stands alone.
fn root() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = root.join("CONTRIBUTING.md").is_file();
    if !found {
        println!("skipped: there is no CONTRIBUTING.md above this crate");
    }
    found.then_some(root)
}

/// The blocks of a document whose fence has this word.
fn blocks(document: &str, word: &str) -> Vec<String> {
    let fence = format!("```{word}");
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while lines.any(|line| line == fence) {
        blocks.push(lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>().join("\n"));
    }
    blocks
}

#[test]
fn the_pages_of_contributing_pass_as_they_stand() {
    let Some(root) = root() else { return };
    let document = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let mut failed: Vec<String> = Vec::new();
    let mut kinds: Vec<Kind> = Vec::new();
    for block in blocks(&document, "chainrule") {
        let header = block.lines().find(|line| !line.starts_with('#')).unwrap_or("");
        let word = header.split_whitespace().next().unwrap_or("");
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
        let kind = kind.unwrap_or_else(|| panic!("`{header}` begins with no kind of page"));
        kinds.push(kind);
        if kind == Kind::Law {
            let laws = Laws::parse(&block).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(laws.rows().len(), 1, "{header}");
            continue;
        }
        let mut library = Library::standard();
        let names = library.define(&block).unwrap_or_else(|error| panic!("{}", error.render()));
        let name = names.first().unwrap();
        let mut judge = |judge: &dyn Fn(&Library, &formula::Name) -> crate::Verdict| {
            failed.extend(judged(&library, kind, name, &judge));
        };
        judge(&|library, name| keeps_what_it_says(library, kind, name));
        match kind {
            Kind::Function => {
                judge(&slopes::slope_matches_differences);
                judge(&slopes::slope_is_finite_far_out);
                judge(&fast::fast_engine_is_the_reference);
                judge(&derivations::derivative_reads_back);
            }
            Kind::Loss => judge(&losses::gradient_matches_differences),
            Kind::Optimizer => {
                judge(&optimizers::update_is_the_reference);
                judge(&optimizers::small_model_learns);
            }
            Kind::Schedule => judge(&schedules::schedule_is_finite),
            Kind::Metric => judge(&metrics::metric_is_finite),
            Kind::Law => {}
        }
    }
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
    let missing: Vec<&Kind> = Kind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missing.is_empty(), "CONTRIBUTING.md has no page of the kinds {missing:?}");
}

/// Names of tests are the only words in backticks with two underscores or more.
#[test]
fn the_tests_that_contributing_names_exist() {
    let Some(root) = root() else { return };
    let document = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let is_test = |word: &&str| {
        word.matches('_').count() >= 2
            && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
    };
    let named: Vec<&str> = document.split('`').skip(1).step_by(2).filter(is_test).collect();
    assert!(!named.is_empty(), "CONTRIBUTING.md names no test");
    let mut sources = String::new();
    read_sources(&root.join("crates"), &mut sources);
    let unknown: Vec<&&str> = named.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(unknown.is_empty(), "CONTRIBUTING.md names tests that do not exist: {unknown:?}");
    println!("CONTRIBUTING.md names {} tests, and all exist", named.len());
}

fn read_sources(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}
