//! Documents run as a reader would run them: from the root of a fresh copy, to the first failure.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::readme;

/// A repository of one document beside a table, in a folder of its own.
fn repository(name: &str, document: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("data")).unwrap();
    fs::write(root.join("data/one.csv"), "x\n1\n").unwrap();
    fs::write(root.join("README.md"), document).unwrap();
    root
}

#[test]
fn blocks_run_in_a_copy_and_leave_the_repository_alone() {
    let root = repository(
        "runs",
        "```sh\ntest -f data/one.csv\necho trained > run.txt\n```\n\n```sh\ncat run.txt\n```\n",
    );
    for _ in 0..2 {
        let summary = readme::run(&root, &root.join("target")).unwrap();
        assert!(summary.ends_with("readme: 2 blocks ran, 0 not run"), "{summary}");
    }
    assert!(!root.join("run.txt").exists());
}

#[test]
fn a_failing_line_stops_the_run_and_is_named() {
    let root = repository("fails", "Text.\n\n```sh\nfalse\necho never\n```\n");
    let problem = readme::run(&root, &root.join("target")).unwrap_err();
    assert!(problem.starts_with("README.md:3: the block ended with exit status: 1"), "{problem}");
}
