//! Rules that look at Rust code: `unsafe`, placeholders, printing, functions by name.

use super::Finding;
use super::test_files::TestFiles;
use crate::rust_source::RustSource;
use crate::tree::Tree;

/// The one crate that may hold `unsafe`.
const UNSAFE_CRATE: &str = "crates/engine/";

/// What is never committed, with the mend.
const UNFINISHED: [(&str, &str); 7] = [
    ("#[ignore", "make the test run, or delete it"),
    ("#[should_panic", "return an error and assert its text"),
    ("todo!", "finish it"),
    ("unimplemented!", "finish it, or return an error"),
    ("dbg!", "delete it"),
    ("#[allow(dead_code)]", "delete what nothing uses"),
    ("#![allow(dead_code)]", "delete what nothing uses"),
];

/// What only a program may do.
const PRINTING: [&str; 5] = ["println!", "print!", "eprintln!", "eprint!", "process::exit"];

/// Where programs live.
const PROGRAMS: [&str; 4] =
    ["crates/chainrule/src/main.rs", "crates/chainrule/src/cli.rs", "crates/chainrule/src/cli/", "xtask/"];

/// The crates that turn text into numbers: to them a function is a formula or a primitive, never a name.
const NAMELESS: [&str; 9] =
    ["formula", "syntax", "layout", "calculus", "notation", "judge", "plan", "engine", "compiler"];

/// The one table of functions that Rust knows.
const PRIMITIVES: &str = "crates/formula/src/primitive";

/// The kinds of page whose names Rust must not know.
const PAGES: [&str; 5] = ["functions", "losses", "optimizers", "schedules", "metrics"];

pub(super) fn unsafe_in_one_place(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in rust_sources(tree) {
        for line in source.lines_with("unsafe") {
            if !path.starts_with(UNSAFE_CRATE) {
                let message =
                    "`unsafe` outside `engine`; move it there behind a safe function, or do without";
                findings.push(Finding::at(path, line, message));
            } else if needs_reason(&source, line) && !has_reason(&source, line) {
                let message = "`unsafe` without its reason; write `// SAFETY: why it is sound` above it \
                               (`# Safety` in the documentation of an unsafe function)";
                findings.push(Finding::at(path, line, message));
            }
        }
    }
    findings
}

/// A pointer type such as `unsafe fn(f32)` declares nothing. A private function or a method of a trait keeps conditions
/// that stand at its type or trait, and every block inside and around it gives its reason; a function that other files
/// may call states its conditions itself.
fn needs_reason(source: &RustSource, line: usize) -> bool {
    let code = source.code[line].trim_start();
    let is_function = ["unsafe fn ", "unsafe extern \"C\" fn "].iter().any(|start| code.contains(start));
    let is_pointer = ["unsafe fn(", "unsafe extern \"C\" fn("].iter().any(|start| code.contains(start));
    // A function that a macro declares takes its documentation from where the macro is used.
    let mut attributes = source.code[..line]
        .iter()
        .rev()
        .map(|code| code.trim_start())
        .take_while(|code| code.starts_with(['#', '$']));
    let is_documented_elsewhere = attributes.any(|code| code.starts_with("$(#["));
    !is_pointer && (!is_function || code.starts_with("pub") && !is_documented_elsewhere)
}

/// Whether the comments above the statement that holds `line` give a reason.
fn has_reason(source: &RustSource, line: usize) -> bool {
    let gives_reason = |line: &str| line.contains("SAFETY:") || line.contains("# Safety");
    if gives_reason(source.lines[line]) {
        return true;
    }
    for above in (0..line).rev() {
        let (text, code) = (source.lines[above].trim(), source.code[above].trim());
        if text.starts_with("//") {
            if gives_reason(text) {
                return true;
            }
        } else if code.is_empty() || (code.ends_with([';', '{', '}']) && !code.starts_with("#[")) {
            return false;
        }
    }
    false
}

pub(super) fn nothing_unfinished(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in rust_sources(tree) {
        for (token, mend) in UNFINISHED {
            for line in source.lines_with(token) {
                findings.push(Finding::at(path, line, format!("`{token}` is not for keeps; {mend}")));
            }
        }
        for (number, line) in source.lines.iter().enumerate() {
            let comment = line.trim_start().strip_prefix("///").or(line.trim_start().strip_prefix("//!"));
            let fence = comment.and_then(|comment| comment.trim_start().strip_prefix("```"));
            if fence.is_some_and(|info| info.split(',').any(|word| word.trim() == "ignore")) {
                let message = "an ignored example; make it run, or fence it as `text`";
                findings.push(Finding::at(path, number, message));
            }
        }
    }
    findings
}

pub(super) fn libraries_never_print(tree: &Tree) -> Vec<Finding> {
    let tests = TestFiles::of(tree);
    let mut findings = Vec::new();
    for (path, source) in rust_sources(tree) {
        let is_program =
            PROGRAMS.iter().any(|program| path.starts_with(program)) || path.ends_with("build.rs");
        if is_program || tests.contain(path) {
            continue;
        }
        for token in PRINTING {
            for line in source.lines_with(token).into_iter().filter(|&line| !source.is_test[line]) {
                let message =
                    format!("`{token}` in a library; return the text or an error and let the program print");
                findings.push(Finding::at(path, line, message));
            }
        }
    }
    findings
}

pub(super) fn functions_are_text(tree: &Tree) -> Vec<Finding> {
    let (mut pages, tests) = (page_names(tree), TestFiles::of(tree));
    // A page may have the name of a primitive: `step` is a schedule too.
    for (_, source) in rust_sources(tree).filter(|(path, _)| path.starts_with(PRIMITIVES)) {
        let known = source.literals.iter().filter(|literal| !source.is_test[literal.line]);
        known.for_each(|literal| pages.retain(|page| *page != literal.text));
    }
    let mut findings = Vec::new();
    for (path, source) in rust_sources(tree) {
        let is_nameless = NAMELESS.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
        if !is_nameless || tests.contain(path) || path.starts_with(PRIMITIVES) {
            continue;
        }
        let kept = source.literals.iter().filter(|literal| !source.is_test[literal.line]);
        for literal in kept.filter(|literal| pages.contains(&literal.text.as_str())) {
            let name = &literal.text;
            let message =
                format!("\"{name}\" is a page of the library; read what is needed from the page's own text");
            findings.push(Finding::at(path, literal.line, message));
        }
    }
    findings
}

/// The names of the pages: `crates/library/KIND/NAME.chainrule`.
fn page_names(tree: &Tree) -> Vec<&str> {
    let name = |path| {
        let (kind, file) = str::strip_prefix(path, "crates/library/")?.split_once('/')?;
        PAGES.contains(&kind).then(|| file.strip_suffix(".chainrule"))?
    };
    tree.files().iter().filter_map(|file| name(file.path.as_str())).collect()
}

fn rust_sources(tree: &Tree) -> impl Iterator<Item = (&str, RustSource<'_>)> {
    let texts = tree.texts().filter(|(path, _)| path.ends_with(".rs"));
    texts.map(|(path, text)| (path, RustSource::parse(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(check: fn(&Tree) -> Vec<Finding>, path: &str, text: &str) -> usize {
        check(&Tree::from_texts(&[(path, text)])).len()
    }

    #[test]
    fn unsafe_stays_in_the_engine_and_gives_its_reason() {
        let bare = "fn a() {\n    let x = 1;\n    unsafe { b() }\n}\n";
        let reasoned = "fn a() {\n    // SAFETY: b has no\n    // conditions.\n    let x =\n        unsafe { b() };\n}\n";
        assert_eq!(found(unsafe_in_one_place, "crates/plan/src/a.rs", reasoned), 1);
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", bare), 1);
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", reasoned), 0);
    }

    #[test]
    fn unsafe_functions_document_their_conditions() {
        let documented = "/// Adds.\n///\n/// # Safety\n/// `x` is valid.\n#[target_feature(enable = \"fma\")]\npub unsafe fn a() {}\n";
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", documented), 0);
        assert_eq!(
            found(unsafe_in_one_place, "crates/engine/src/a.rs", "/// Adds.\npub unsafe fn a() {}\n"),
            1
        );
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", "type A = unsafe fn(f32);\n"), 0);
        assert_eq!(found(unsafe_in_one_place, "crates/plan/src/a.rs", "#![forbid(unsafe_code)]\n"), 0);
    }

    #[test]
    fn only_functions_that_others_call_state_their_conditions() {
        let method = "impl A for B {\n    unsafe fn a() {}\n}\n";
        let in_macro = "        $(#[$attribute])*\n        #[inline]\n        pub unsafe fn $name() {}\n";
        let direct = "        $(#[$attribute])*\n        pub unsafe fn $name() {}\n";
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", method), 0);
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", direct), 0);
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", in_macro), 0);
    }

    #[test]
    fn a_reason_belongs_to_one_statement() {
        let text = "// SAFETY: fine.\nunsafe { a() };\nunsafe { b() };\n";
        assert_eq!(found(unsafe_in_one_place, "crates/engine/src/a.rs", text), 1);
    }

    #[test]
    fn placeholders_are_refused_even_in_tests() {
        assert_eq!(found(nothing_unfinished, "a.rs", "#[ignore = \"slow\"]\nfn a() { todo!() }\n"), 2);
        assert_eq!(
            found(nothing_unfinished, "a.rs", "/// ```rust,ignore\n/// a();\n/// ```\nfn a() {}\n"),
            1
        );
        assert_eq!(found(nothing_unfinished, "a.rs", "// todo!\nlet a = \"dbg!\";\n"), 0);
    }

    #[test]
    fn only_programs_and_tests_print() {
        let text = "fn a() {\n    println!();\n}\n#[cfg(test)]\nmod tests {\n    fn b() { println!() }\n}\n";
        assert_eq!(found(libraries_never_print, "crates/plan/src/a.rs", text), 1);
        assert_eq!(found(libraries_never_print, "crates/plan/tests/a.rs", text), 0);
        assert_eq!(found(libraries_never_print, "crates/chainrule/src/cli/train.rs", text), 0);
    }

    #[test]
    fn pages_are_not_named_in_the_compiler() {
        let matched = "match name {\n    \"bump\" => 1,\n    _ => 0,\n}\n";
        let tree =
            |path| Tree::from_texts(&[("crates/library/functions/bump.chainrule", ""), (path, matched)]);
        assert_eq!(functions_are_text(&tree("crates/engine/src/a.rs")).len(), 1);
        assert_eq!(functions_are_text(&tree("crates/engine/tests/a.rs")).len(), 0);
        assert_eq!(functions_are_text(&tree("crates/learn/src/a.rs")).len(), 0);
        assert_eq!(functions_are_text(&tree("crates/formula/src/primitive.rs")).len(), 0);
        // A schedule with the name of a primitive.
        let both = [
            ("crates/library/schedules/bump.chainrule", ""),
            ("crates/formula/src/primitive.rs", "row(\"bump\")\n"),
            ("crates/notation/src/a.rs", matched),
        ];
        assert_eq!(functions_are_text(&Tree::from_texts(&both)).len(), 0);
    }
}
