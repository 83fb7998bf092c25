//! Derivatives written as code, run: every module passes the check that it carries.

use chainrule::{Form, Language, Layout, Library, Name, Order, Question, Symmetric, code, derive};
use serde_json::{Map, Value};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A question as a line of the table: a formula, its declarations, and what to derive by.
struct Case {
    name: String,
    formula: String,
    declarations: String,
    by: Vec<String>,
    order: Order,
    form: Option<Form>,
    layout: Layout,
    symmetric: Symmetric,
}

#[test]
fn numpy_modules_pass_their_checks() {
    modules_pass_their_checks(Language::NumPy, "numpy");
}

#[test]
fn jax_modules_pass_their_checks() {
    modules_pass_their_checks(Language::Jax, "jax");
}

/// PyTorch is large, so it is asked for by the variable CHAINRULE_PYTORCH.
#[test]
fn pytorch_modules_pass_their_checks() {
    if std::env::var_os("CHAINRULE_PYTORCH").is_some() {
        modules_pass_their_checks(Language::PyTorch, "torch");
    } else {
        skip("set CHAINRULE_PYTORCH=1 to install PyTorch and run its modules");
    }
}

fn modules_pass_their_checks(language: Language, package: &str) {
    let Some(python) = python_with(package) else {
        return skip(&format!("no python3 with {package}, and none could be installed; set PYTHON to one"));
    };
    let folder = emptied(&format!("modules-{}", language.name()));
    let library = Library::standard();
    let (mut written, mut refused) = (0, Vec::new());
    // Layouts and conventions differ in the formulas, and those are written alike in every language.
    let is_plain = |case: &Case| case.layout == Layout::Mixed && case.symmetric == Symmetric::Projection;
    let is_asked = |case: &Case| language == Language::NumPy || case.form.is_none() || is_plain(case);
    for case in cases().into_iter().filter(is_asked) {
        match module(&case, language, &library) {
            Ok(text) => {
                std::fs::write(folder.join(format!("{}.py", case.name)), text).unwrap();
                written += 1;
            }
            Err(reason) => refused.push(format!("{} {}: {reason}", case.name, case.formula)),
        }
    }
    let failed = run(&python, &folder);
    println!("{}: {written} modules run, {} failed", language.name(), failed.len());
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(refused.is_empty(), "not written: {refused:#?}");
}

/// Runs the modules of a folder; those that failed, with what they said.
fn run(python: &Path, folder: &Path) -> Map<String, Value> {
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code/run.py"))
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .expect("a python that has run before");
    assert!(output.status.success(), "the modules' run ended with {}", output.status);
    serde_json::from_slice(&output.stdout).expect("an object")
}

/// The checks themselves are judged: a derivative that is off by a thousandth fails.
#[test]
fn a_module_that_is_off_by_a_thousandth_fails_its_check() {
    let Some(python) = python_with("numpy") else {
        return skip("no python3 with numpy, and none could be installed; set PYTHON to one");
    };
    let folder = emptied("modules-off");
    let library = Library::standard();
    let cases = (0..4).flat_map(|at| {
        let line = [
            "norm(X*w - y)^2 | X: m x n, w: n, y: m | w |",
            "x'*A*x | A: n x n, x: n | x | twice vec pullback",
            "A*X*B | A: m x n, X: n x p, B: p x q | X | vec pullback pushforward",
            "logdet(S) | S: n x n positive definite | S | gradient",
        ][at];
        table_cases(at, line)
    });
    let mut written = 0;
    for case in cases {
        let module = module(&case, Language::NumPy, &library).unwrap();
        // Where the check asks the module's function, each derivative it is given is scaled.
        let (asked, given) = ("np.asarray(derivative) for", "1.001 * np.asarray(derivative) for");
        assert!(module.contains(asked));
        let off = module.replace(asked, given);
        std::fs::write(folder.join(format!("{}.py", case.name)), off).unwrap();
        written += 1;
    }
    assert_eq!(run(&python, &folder).len(), written);
}

/// Where exp(1000) overflows, values and derivatives that do not are finite.
#[test]
fn modules_are_finite_where_exponentials_are_not() {
    let Some(python) = python_with("numpy") else {
        return skip("no python3 with numpy, and none could be installed; set PYTHON to one");
    };
    let library = Library::standard();
    let formulas = ["sum(log(exp(x) + 1))", "log(sum(exp(x)))", "norm(exp(x)/sum(exp(x)) - y)^2"];
    for formula in formulas {
        let case = &table_cases(0, &format!("{formula} | x: n, y: n | x |"))[0];
        let mut program = module(case, Language::NumPy, &library).unwrap();
        // The module's own way to ask itself, at entries of 1000, 0 and -1000.
        let (by_itself, _) = program.split_once("\n\nif __name__").unwrap();
        program = format!(
            "{by_itself}\n\nfar = {{name: np.array([[1000.0], [0.0], [-1000.0]]) for name in draw(np.random.default_rng(0))}}\n\
             value, derivatives = arrays(far)\n\
             assert np.all(np.isfinite(value)), value\n\
             assert all(np.all(np.isfinite(found)) for found in derivatives.values()), derivatives\n"
        );
        let output = Command::new(&python).arg("-c").arg(&program).output().unwrap();
        assert!(output.status.success(), "{formula}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn module(case: &Case, language: Language, library: &Library) -> Result<String, String> {
    let by: Vec<&str> = case.by.iter().map(String::as_str).collect();
    let question = Question {
        formula: &case.formula,
        declarations: &case.declarations,
        wrt: &by,
        order: case.order.clone(),
        form: case.form,
        layout: case.layout,
        symmetric: case.symmetric,
        ..Question::default()
    };
    let answer = derive(&question, library).map_err(|error| error.to_string())?;
    code(&answer.derivation, &answer.closed, &answer.request, language).map_err(|error| error.to_string())
}

/// An empty folder among the build outputs.
fn emptied(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The formulas of the table, and the known derivatives.
fn cases() -> Vec<Case> {
    let lines = include_str!("formulas.txt").lines().filter(|line| !line.starts_with('#'));
    let mut cases: Vec<Case> = lines.enumerate().flat_map(|(at, line)| table_cases(at, line)).collect();
    let known: Value = serde_json::from_str(include_str!("../identities/identities.json")).unwrap();
    cases.extend(known.as_array().expect("a list").iter().map(known_case));
    cases
}

/// The questions of one line of the table.
fn table_cases(at: usize, line: &str) -> Vec<Case> {
    let mut parts = line.split('|').map(str::trim);
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (formula, declarations, by, forms) = (part(), part(), part(), part());
    let by: Vec<String> =
        by.split(',').map(str::trim).filter(|name| !name.is_empty()).map(String::from).collect();
    let case = |name: String, form, layout, symmetric| Case {
        name,
        formula: formula.clone(),
        declarations: declarations.clone(),
        by: by.clone(),
        order: if forms.starts_with("twice") { Order::Second(None) } else { Order::First },
        form,
        layout,
        symmetric,
    };
    let forms = Form::ALL.into_iter().filter(|form| forms.split(' ').any(|word| word == form.name()));
    let mut cases = Vec::new();
    for form in forms {
        for layout in Layout::ALL {
            for symmetric in Symmetric::ALL {
                let name = format!("formula_{at:02}_{form}_{}_{}", layout.name(), symmetric.name());
                cases.push(case(name, Some(form), layout, symmetric));
            }
        }
    }
    if cases.is_empty() {
        cases.push(case(format!("formula_{at:02}"), None, Layout::Mixed, Symmetric::Projection));
    }
    cases
}

fn known_case(entry: &Value) -> Case {
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let declaration = |(name, kind): (&String, &Value)| {
        let kind = kind.as_str().unwrap_or_default();
        let (word, sizes) = kind.trim_end_matches(')').split_once('(').unwrap_or((kind, ""));
        let shape = match word {
            "vector" => sizes.to_owned(),
            "matrix" => sizes.replace(',', " x "),
            "symmetric" => format!("{sizes} x {sizes} symmetric"),
            other => other.to_owned(),
        };
        let property = match entry["domain"][name].as_str() {
            Some("positive") => " positive",
            Some("posdef") => " positive definite",
            _ => "",
        };
        format!("{name}: {shape}{property}")
    };
    let declarations: Vec<String> =
        entry["vars"].as_object().into_iter().flatten().map(declaration).collect();
    let order = match entry["order"].as_u64() {
        Some(2) => Order::Second(entry["wrt2"].as_str().map(Name::from)),
        _ => Order::First,
    };
    let layout = entry["layout"].as_str();
    let form = Form::ALL.into_iter().find(|form| layout == Some(form.name()));
    let independent = entry["convention"].as_str() == Some("indep");
    Case {
        order,
        form,
        layout: Layout::Mixed,
        symmetric: if independent { Symmetric::Independent } else { Symmetric::Projection },
        name: text("id").replace(|c: char| !c.is_alphanumeric(), "_"),
        formula: text("expr"),
        declarations: declarations.join(", "),
        by: vec![text("wrt")],
    }
}

/// The Python of the variable PYTHON or `python3` where it has the package, else one of a virtual environment among the build
/// outputs.
fn python_with(package: &str) -> Option<PathBuf> {
    let succeeds = |command: &mut Command| {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let has =
        |python: &Path| succeeds(Command::new(python).args(["-c", &format!("import numpy, {package}")]));
    let system = PathBuf::from(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    if has(&system) {
        return Some(system);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-with-{package}"));
    let inside = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let make = || succeeds(Command::new(&system).args(["-m", "venv"]).arg(&folder));
    let install = ["-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15", "numpy", package];
    let fill = || succeeds(Command::new(&inside).args(install));
    (has(&inside) || (make() && fill() && has(&inside))).then_some(inside)
}

/// Past the harness's capture, so that a skip is seen in a run that passes.
fn skip(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}
