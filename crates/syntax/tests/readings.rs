//! Formulas as people write them: every line of every file of `readings/` is read as it is meant, without declarations.

use chainrule_syntax::{Library, Parsed, Source, parse};
use formula::{Formula, Matrix, Name, Node, Point, Shape, Size};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn kind(shape: &Shape) -> &'static str {
    match (shape.rows.is_one(), shape.cols.is_one()) {
        (true, true) => "scalar",
        (false, true) => "vector",
        (true, false) => "row",
        (false, false) => "matrix",
    }
}

/// The kinds of the variables, and that of the result.
fn kinds(parsed: &Parsed) -> (BTreeMap<String, &'static str>, &'static str) {
    let formula = &parsed.formula;
    let result = formula.result().unwrap();
    let variables = formula.reachable(&[result]).into_iter().filter_map(|id| match formula.node(id) {
        Node::Variable(variable) => Some((variable.name.to_string(), kind(&variable.shape))),
        _ => None,
    });
    (variables.collect(), kind(formula.shape(result)))
}

/// One line of the tables.
struct Row {
    file: String,
    /// The formula as it is typed.
    formula: String,
    /// What its names are meant to be: a kind, or `size`.
    kinds: BTreeMap<String, String>,
    /// The declarations without which it is read otherwise: the kinds behind the word `declared`.
    declared: String,
    /// What it means, in the language of formulas, or what is said where it is refused; `None` where it is written in that.
    meant: Option<String>,
}

/// What stands in the place of a meaning before what is said, where a formula is refused.
const REFUSED: &str = "refused: ";

fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readings");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let file = file.file_stem().unwrap().to_string_lossy().into_owned();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut columns: Vec<&str> = line.rsplitn(3, " | ").collect();
            let is_meant = columns[0].starts_with(REFUSED) || !columns[0].contains(": ");
            let meant = is_meant.then(|| columns.remove(0).trim().to_owned());
            let (mut kinds, mut declared) = (BTreeMap::new(), String::new());
            for pair in columns.remove(0).split(',') {
                let (name, kind) = pair.split_once(':').expect("a name and its kind");
                let (name, kind) = (name.trim(), kind.trim());
                if let Some(kind) = kind.strip_prefix("declared ") {
                    declared += &format!("{name}: {kind}\n");
                }
                kinds.insert(name.to_owned(), kind.trim_start_matches("declared ").to_owned());
            }
            let formula = columns.iter().rev().copied().collect::<Vec<_>>().join(" | ");
            let formula = formula.trim().replace(" ⏎ ", "\n");
            rows.push(Row { file: file.clone(), formula, kinds, declared, meant });
        }
    }
    rows
}

/// A number between -1 and 1, in every other try between 0 and 1, that is always the same for the same seed.
fn draw(seed: &str, attempt: usize) -> f64 {
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    state ^= state >> 29;
    state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (state >> 40) as f64 / (1 << 24) as f64;
    if attempt % 2 == 1 { 0.05 + 0.9 * number } else { 2.0 * number - 1.0 }
}

/// The values of what is read and of what is meant, where every name has the same value in both. A square matrix has a large
/// diagonal, so that it has an inverse and its determinant a logarithm.
fn values(parsed: &Parsed, row: &Row, meant: &str, attempt: usize) -> Result<[Matrix; 2], String> {
    let library = Library::standard();
    let formula = &parsed.formula;
    let result = formula.result().unwrap();
    let mut point = Point::default();
    let mut declared = Vec::new();
    let of_size = |point: &mut Point, size: &Size| {
        for name in size.names() {
            let next = 4 + point.sizes.len();
            point.sizes.entry(name).or_insert(next);
        }
        size.evaluate(&point.sizes).unwrap()
    };
    for id in formula.reachable(&[result]) {
        match formula.node(id) {
            Node::Variable(variable) => {
                let rows = of_size(&mut point, &variable.shape.rows);
                let cols = of_size(&mut point, &variable.shape.cols);
                let name = variable.name.clone();
                let value = Matrix::from_fn(rows, cols, |i, j| {
                    let diagonal = if i == j && rows == cols && rows > 1 { 2.0 * rows as f64 } else { 0.0 };
                    diagonal + draw(&format!("{name} {i} {j} {attempt}"), attempt)
                });
                declared.push(format!("{name}: {rows} x {cols}"));
                point.variables.insert(name, value);
            }
            node => {
                for size in node.sizes() {
                    of_size(&mut point, size);
                }
            }
        }
    }
    let mut words: Vec<String> =
        meant.split_inclusive(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect();
    for (name, _) in row.kinds.iter().filter(|(_, kind)| *kind == "size") {
        let size = point.sizes.get(&Name::from(name.as_str()));
        let size = size.ok_or_else(|| format!("`{name}` is no size of what is read"))?.to_string();
        let is_name =
            |word: &&mut String| word.trim_end_matches(|letter: char| !letter.is_alphanumeric()) == name;
        words.iter_mut().filter(is_name).for_each(|word| *word = word.replacen(name.as_str(), &size, 1));
    }
    let declarations = declared.join("\n");
    let meant = parse(Source { text: &words.concat(), declarations: &declarations }, &library)
        .map_err(|error| format!("what is meant: {error}"))?;
    let value = |formula: &Formula| {
        let value = formula.evaluate(&[formula.result().unwrap()], &point);
        value.map(|mut value| value.remove(0)).map_err(|error| error.to_string())
    };
    Ok([value(formula)?, value(&meant.formula)?])
}

/// Why what is read is not what is meant, if it is not.
fn misread(parsed: &Parsed, row: &Row) -> Option<String> {
    let Some(meant) = &row.meant else { return None };
    for attempt in 0..200 {
        let [read, meant] = match values(parsed, row, meant, attempt) {
            Ok(values) => values,
            Err(error) => return Some(error),
        };
        if [&read, &meant].iter().any(|value| value.entries.iter().any(|entry| !entry.is_finite())) {
            continue;
        }
        let shapes = [(read.rows, read.cols), (meant.rows, meant.cols)];
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        if shapes[0] != shapes[1] || !read.entries.iter().zip(&meant.entries).all(is_near) {
            return Some(format!("read as {}", parsed.echo.replace('\n', "; ")));
        }
        return None;
    }
    Some(String::from("no finite value"))
}

#[test]
fn every_formula_is_read_as_it_is_meant() {
    let library = Library::standard();
    let (mut counts, mut wrong) = (BTreeMap::new(), Vec::new());
    for row in rows() {
        let [count, right] = counts.entry(row.file.clone()).or_insert([0, 0]);
        *count += 1;
        let formula = row.formula.as_str();
        let refused = row.meant.as_ref().and_then(|meant| meant.strip_prefix(REFUSED));
        let parsed = match (parse(Source { text: formula, declarations: &row.declared }, &library), refused) {
            (Ok(parsed), None) => parsed,
            (Err(error), Some(said)) if error.to_string().contains(said) => {
                *right += 1;
                continue;
            }
            (Ok(parsed), Some(_)) => {
                wrong.push(format!("{formula}: read as {}", parsed.echo));
                continue;
            }
            (Err(error), _) => {
                wrong.push(format!("{formula}: {error}"));
                continue;
            }
        };
        let (found, result) = kinds(&parsed);
        let wanted = row.kinds.iter().filter(|(_, kind)| *kind != "size");
        let is_meant = wanted.clone().count() == found.len()
            && found.iter().all(|(name, kind)| row.kinds.get(name).is_some_and(|wanted| wanted == kind));
        // What is read is what is read when all of it is declared.
        let is_told =
            |line: &&str| !parsed.assumptions.iter().any(|one| line.starts_with(&format!("{}: ", one.name)));
        let declarations: Vec<String> = parsed
            .assumptions
            .iter()
            .filter(|one| !one.is_constant && one.kind != "size")
            .map(|one| format!("{}: {}", one.name, one.kind))
            .chain(row.declared.lines().filter(is_told).map(str::to_owned))
            .collect();
        let again = parse(Source { text: formula, declarations: &declarations.join("\n") }, &library);
        let is_same = again.is_ok_and(|again| {
            let is_read = again.echo == parsed.echo || row.meant.is_some() && misread(&again, &row).is_none();
            kinds(&again) == (found.clone(), result) && is_read
        });
        if !is_meant || !is_same {
            wrong.push(format!("{formula}: {found:?}, result {result}, same when declared: {is_same}"));
        } else if let Some(why) = misread(&parsed, &row) {
            wrong.push(format!("{formula}: {why}"));
        } else {
            *right += 1;
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{} are read otherwise:\n{}\n{counts:?}", wrong.len(), wrong.join("\n"));
    assert!(counts.values().map(|[count, _]| count).sum::<usize>() >= 320, "{counts:?}");
    for (file, [count, _]) in counts.iter().filter(|(file, _)| file.starts_with("spelled_")) {
        assert!(*count >= 30, "{file} has {count} formulas");
    }
}

/// In Python `**` is the power of a number as well as of every entry.
#[test]
fn what_python_squares_may_be_one_number() {
    let library = Library::standard();
    for (formula, scalar, vector) in [
        ("np.mean((X @ w + b - y)**2) + lam*b**2", "b", "y"),
        ("np.sum((x - mu)**2) + mu**2", "mu", "x"),
        ("np.sum((y - X @ w)**2) + alpha*np.sum(w**2)", "alpha", "w"),
    ] {
        let (kinds, result) = kinds(&parse(formula, &library).unwrap());
        assert_eq!((kinds[scalar], kinds[vector], result), ("scalar", "vector", "scalar"), "{formula}");
    }
}

/// A reason says what holds of the formula: where only a scalar is said to fit, a vector is refused.
#[test]
fn what_is_said_to_fit_alone_does() {
    let library = Library::standard();
    let mut wrong = Vec::new();
    for row in rows() {
        let formula = row.formula.as_str();
        let Ok(parsed) = parse(Source { text: formula, declarations: &row.declared }, &library) else {
            continue;
        };
        for one in &parsed.assumptions {
            if !matches!(one.why.as_str(), "beside the others only a scalar fits" | "only a scalar fits") {
                continue;
            }
            let others = parsed.assumptions.iter().filter(|other| other.name != one.name);
            let others = others.filter(|other| !other.is_constant && other.kind != "size");
            let others: String = others.map(|other| format!("{}: {}\n", other.name, other.kind)).collect();
            let declarations = format!("{others}{}: vector", one.name);
            if let Ok(again) = parse(Source { text: formula, declarations: &declarations }, &library)
                && kinds(&again).0.get(one.name.as_str()) == Some(&"vector")
            {
                wrong.push(format!("{formula}: {one}, and with {declarations} it is {}", again.echo));
            }
        }
    }
    assert!(wrong.is_empty(), "{} reasons are false:\n{}", wrong.len(), wrong.join("\n"));
}
