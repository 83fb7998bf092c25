//! The command line of the workspace's own checks: `tidy` and `readme`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xtask::{readme, tidy, tree::Tree};

const USAGE: &str = "usage: cargo run -p xtask -- COMMAND

commands:
  tidy      check the rules of the workspace; prints file:line, the breach and the mend
  readme    run the `sh` and `console` blocks of the documents in a scratch copy of the repository
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Invariant: this manifest lies one folder below the root of the workspace.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the workspace");
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => run_tidy(root),
        ["readme"] => readme::run(root, &target(root)),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run_tidy(root: &Path) -> Result<String, String> {
    let tree = Tree::read(root)?;
    let findings = tidy::check(&tree);
    for finding in &findings {
        eprintln!("{finding}");
    }
    let (rules, files) = (tidy::RULES.len(), tree.files().len());
    match findings.len() {
        0 => Ok(format!("tidy: {files} files keep all {rules} rules")),
        breaches => Err(format!("tidy: {breaches} breaches in {files} files; each line above says the mend")),
    }
}

/// The folder of build outputs, as Cargo finds it.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
