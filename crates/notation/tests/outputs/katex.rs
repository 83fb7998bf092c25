//! Every LaTeX that is printed renders in KaTeX, with errors thrown.

use crate::random::random_formula;
use chainrule_notation::{Numbers, derivation_latex, latex_in};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use syntax::{Library, Source, parse};

/// The version of KaTeX that judges.
const KATEX: &str = "katex@0.16.22";

#[test]
fn every_latex_renders_in_katex() {
    let Some(katex) = katex() else {
        // Past the harness's capture, so that a skip is seen in a run that passes.
        let reason = "no node with KaTeX, and npm could not install it";
        let _ = writeln!(std::io::stderr(), "every_latex_renders_in_katex: skipped: {reason}");
        return;
    };
    let mut texts = Vec::new();
    for seed in 0..300 {
        let (formula, pool) = random_formula(seed, 60);
        let numbers = if seed % 2 == 0 { Numbers::Below } else { Numbers::Above };
        let latex = pool.iter().rev().take(15).filter_map(|id| latex_in(&formula, *id, numbers));
        texts.extend(latex.filter(|latex| latex.len() < 10_000));
    }
    let values = texts.len();
    for numbers in [Numbers::Below, Numbers::Above] {
        for order in [calculus::Order::First, calculus::Order::Second(None)] {
            texts.extend(FORMULAS.iter().flat_map(|formula| environments(formula, numbers, &order)));
        }
    }
    println!("{values} values and {} environments of derivations rendered", texts.len() - values);
    render(&katex, &texts);
}

/// Formulas with names of every form, whose derivations are rendered too.
const FORMULAS: [&str; 17] = [
    "A*X*B",
    "exp(A*x) + x*sum(x)",
    "softmax(x)",
    "norm(sigmoid(X*W1)*W2 - Y)^2/m",
    "norm(tanh(sigmoid(X*W1 + ones(m)*b1')*W2 + ones(m)*b2')*W3 - Y)^2/m",
    "sum(log(1 + exp(-y .* (X*w))))/m + lambda*norm(w)^2",
    "norm(g1(X*W1)*W_out2 - Y_train)^2",
    "f = max(a, b)*sum(leaky_relu(X, slope = 0.2) + min(X, 0)) + log2(c)*arctan(d)",
    "logdet(A1) + det(A1*B) + tr(inv(A1)'*B^3)",
    "sum(logsumexp(X*W, 2)) - sum(Y .* softmax(X*W, 2))",
    "norm([A; B]*C1)^2 + a'*kron(A, B)*b",
    "vec(X1')'*commutation(m, n)*vec(X1)",
    "sum((X > Y) .* X.^2 + 3e-9*Y)",
    "x'*diag(x)*A*x/(x'*x)^(3/2) + sqrt(pi)*x'*x",
    "sum(abs(rate_1*X)) + theta12*norm1(X)",
    "Z = X*W\nA = exp(Z)\nloss = sum(A ./ (1 + A).^2)",
    "sum(diag(X))*sum(2.^X)",
];

/// The environments of a formula's derivation. What cannot be derived has none.
fn environments(formula: &str, numbers: Numbers, order: &calculus::Order) -> Vec<String> {
    let declarations = "g1: function, X1: m x n";
    let text = Source { text: formula, declarations };
    let parsed = parse(text, &Library::standard()).unwrap_or_else(|error| panic!("{formula}: {error}"));
    let request = calculus::Request { order: order.clone(), ..Default::default() };
    let derived = calculus::derive(&parsed.formula, &request, calculus::Laws::standard());
    let Ok(calculus::Derived { derivation, readings }) = derived else { return Vec::new() };
    let text = derivation_latex(&derivation, &readings, numbers);
    text.split(r"\begin{align*}")
        .skip(1)
        .filter_map(|part| part.split_once(r"\end{align*}"))
        .map(|(rows, _)| format!(r"\begin{{align*}}{rows}\end{{align*}}"))
        .collect()
}

/// Renders texts, one a line, in one process.
fn render(katex: &Path, texts: &[String]) {
    let mut child = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outputs/katex.js"))
        .arg(katex)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a node that has run before");
    let lines: Vec<String> = texts.iter().map(|text| text.replace('\n', " ")).collect();
    child.stdin.take().expect("a pipe").write_all(lines.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.trim(), format!("{} rendered", texts.len()));
}

/// The folder of KaTeX, installed among the build outputs where it is not there yet.
fn katex() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(KATEX);
    let inside = folder.join("node_modules/katex");
    let succeeds = |command: &mut Command| {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let runs = || succeeds(Command::new("node").arg("-e").arg("require(process.argv[1])").arg(&inside));
    let install = || {
        std::fs::create_dir_all(&folder).is_ok()
            && succeeds(
                Command::new("npm")
                    .args(["install", "--no-audit", "--no-fund", KATEX])
                    .arg("--prefix")
                    .arg(&folder),
            )
    };
    (runs() || (install() && runs())).then_some(inside)
}
