//! Rules that look at the manifests: reasons for dependencies, the order of the crates, shared lints.

use super::Finding;
use crate::tree::Tree;

/// Which crates of the workspace a crate may depend on. The two lines, `formula <- syntax <- calculus <- notation` and
/// `formula <- plan <- engine`, never meet before `compiler`.
const ORDER: [(&str, &[&str]); 14] = [
    ("random", &[]),
    ("library", &[]),
    ("formula", &[]),
    ("syntax", &["formula", "library"]),
    ("layout", &["formula"]),
    ("calculus", &["formula", "library", "syntax", "layout"]),
    ("notation", &["formula", "layout", "calculus"]),
    ("judge", &["formula", "library", "syntax", "calculus"]),
    ("plan", &["formula"]),
    ("engine", &["plan"]),
    ("compiler", &["formula", "library", "syntax", "calculus", "judge", "plan", "engine"]),
    ("table", &["random"]),
    ("learn", &["random", "formula", "library", "syntax", "judge", "compiler", "plan", "engine", "table"]),
    (
        "chainrule",
        &[
            "random", "library", "formula", "syntax", "calculus", "notation", "judge", "plan", "engine",
            "compiler", "table", "learn",
        ],
    ),
];

pub(super) fn reasons(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in manifests(tree) {
        for dependency in dependencies(text) {
            if !dependency.is_inside && !dependency.has_comment {
                let name = dependency.name;
                let message =
                    format!("`{name}` is taken in without a reason; say in a comment on the line above why");
                findings.push(Finding::at(path, dependency.line, message));
            }
        }
    }
    findings
}

pub(super) fn order(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in tree.crates() {
        let path = format!("crates/{name}/Cargo.toml");
        let Some((_, allowed)) = ORDER.iter().find(|(crate_name, _)| *crate_name == name) else {
            let message = format!(
                "`{name}` has no place among the crates; add its row to ORDER in xtask/src/tidy/manifests.rs"
            );
            findings.push(Finding::at(&path, 0, message));
            continue;
        };
        for dependency in dependencies(tree.text(&path).unwrap_or_default()) {
            let on = dependency.name.strip_prefix("chainrule-").unwrap_or(dependency.name);
            let is_crate = ORDER.iter().any(|(crate_name, _)| *crate_name == on);
            if is_crate && dependency.kind == Kind::Normal && !allowed.contains(&on) {
                let message =
                    format!("`{name}` must not know `{on}`; move the code to a crate that may know both");
                findings.push(Finding::at(&path, dependency.line, message));
            }
        }
    }
    findings
}

pub(super) fn shared_lints(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // `engine` repeats the lints of the workspace, because it alone may not forbid `unsafe`.
    for name in tree.crates().into_iter().filter(|&name| name != "engine") {
        let path = format!("crates/{name}/Cargo.toml");
        let text = tree.text(&path).unwrap_or_default();
        let takes_lints = text.lines().skip_while(|line| line.trim() != "[lints]").nth(1);
        if takes_lints.map(str::trim) != Some("workspace = true") {
            let message =
                "the crate does not take the lints of the workspace; add `[lints]` with `workspace = true`";
            findings.push(Finding::at(&path, 0, message));
        }
    }
    findings
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    /// For tests, benches and build scripts.
    Development,
}

/// One dependency of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dependency<'a> {
    name: &'a str,
    /// The line, counted from 0.
    line: usize,
    kind: Kind,
    /// Whether it is given by a path or taken from the table of the workspace, which gives the reason there.
    is_inside: bool,
    has_comment: bool,
}

/// The dependencies of a manifest, as `name = ...`, `name.workspace = true` or a section `[dependencies.name]`.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let lines: Vec<&str> = manifest.lines().map(str::trim).collect();
    let has_comment = |line: usize| line > 0 && lines[line - 1].starts_with('#');
    let mut found: Vec<Dependency> = Vec::new();
    let mut section: Option<(Kind, bool)> = None;
    let mut depth = 0;
    for (number, line) in lines.iter().enumerate() {
        if line.starts_with('[') && depth == 0 {
            let (kind, name) = match section_of(line.trim_matches(['[', ']'])) {
                Some(parts) => parts,
                None => {
                    section = None;
                    continue;
                }
            };
            section = Some((kind, name.is_some()));
            if let Some(name) = name {
                found.push(Dependency {
                    name,
                    line: number,
                    kind,
                    is_inside: false,
                    has_comment: has_comment(number),
                });
            }
            continue;
        }
        let Some((kind, is_one_dependency)) = section else { continue };
        let is_key = depth == 0 && !line.starts_with('#') && line.contains('=');
        if is_key && is_one_dependency {
            if let Some(last) = found.last_mut() {
                last.is_inside |= is_inside(line);
            }
        } else if is_key {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default().trim_matches('"');
            found.push(Dependency {
                name,
                line: number,
                kind,
                is_inside: is_inside(line),
                has_comment: has_comment(number),
            });
        }
        depth += line.matches(['[', '{']).count() as i32 - line.matches([']', '}']).count() as i32;
    }
    found
}

fn is_inside(line: &str) -> bool {
    let squeezed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    squeezed.contains("path=\"") || squeezed.contains("workspace=true")
}

/// The kind of a section of dependencies, and the dependency's name where the section holds only one.
fn section_of(header: &str) -> Option<(Kind, Option<&str>)> {
    let kinds = [
        ("dev-dependencies", Kind::Development),
        ("build-dependencies", Kind::Development),
        ("dependencies", Kind::Normal),
    ];
    kinds.into_iter().find_map(|(table, kind)| {
        let start = header.rfind(table).filter(|&start| start == 0 || header[..start].ends_with('.'))?;
        match &header[start + table.len()..] {
            "" => Some((kind, None)),
            rest => rest.strip_prefix('.').map(|name| (kind, Some(name))),
        }
    })
}

fn manifests(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.texts().filter(|(path, _)| path.rsplit('/').next() == Some("Cargo.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[package]
name = \"chainrule-plan\"
[lints]
workspace = true
[dependencies]
formula.workspace = true
# Reads tables.
csv = { version = \"1\", features = [
    \"a\",
] }
serde = \"1\"
[target.'cfg(unix)'.dependencies.libc]
version = \"0.2\"
[dev-dependencies]
engine = { path = \"../engine\" }
";

    #[test]
    fn dependencies_are_found_in_every_form() {
        let names: Vec<_> = dependencies(MANIFEST).iter().map(|d| (d.name, d.line, d.is_inside)).collect();
        let want = [
            ("formula", 5, true),
            ("csv", 7, false),
            ("serde", 10, false),
            ("libc", 11, false),
            ("engine", 14, true),
        ];
        assert_eq!(names, want);
    }

    #[test]
    fn foreign_dependencies_give_their_reason() {
        let tree = Tree::from_texts(&[("crates/plan/Cargo.toml", MANIFEST)]);
        let lines: Vec<_> = reasons(&tree).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [11, 12]);
    }

    #[test]
    fn crates_know_only_those_before_them() {
        let check = |manifest: &str| order(&Tree::from_texts(&[("crates/plan/Cargo.toml", manifest)])).len();
        assert_eq!(check(MANIFEST), 0);
        assert_eq!(check("[dependencies]\nchainrule-engine = { path = \"../engine\" }\n"), 1);
        assert_eq!(check("[dependencies]\ncalculus.workspace = true\n"), 1);
        assert_eq!(order(&Tree::from_texts(&[("crates/shed/Cargo.toml", "")])).len(), 1);
    }

    #[test]
    fn the_order_has_no_circle() {
        for (index, (name, allowed)) in ORDER.iter().enumerate() {
            let before: Vec<_> = ORDER[..index].iter().map(|(name, _)| *name).collect();
            assert!(
                allowed.iter().all(|on| before.contains(on)),
                "{name} knows a crate that stands after it"
            );
        }
    }

    #[test]
    fn lints_are_shared() {
        let check =
            |manifest: &str| shared_lints(&Tree::from_texts(&[("crates/plan/Cargo.toml", manifest)])).len();
        assert_eq!(check(MANIFEST), 0);
        assert_eq!(check("[package]\nname = \"a\"\n"), 1);
    }
}
