//! Every question ends: with an answer, or with a sentence that says which limit it met, in time and memory that are bounded.

use super::{Answer, Place, shipped};
use std::time::{Duration, Instant};

/// What any question here may take, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(25);

/// Runs the program, which must end in time, without a panic.
fn ends(place: &Place, arguments: &[&str]) -> Answer {
    let start = Instant::now();
    let answer = place.run(arguments);
    let shown: String = format!("{arguments:?}").chars().take(120).collect();
    assert!(start.elapsed() < PATIENCE, "{shown}: {:?}", start.elapsed());
    assert!((0..=3).contains(&answer.status), "{shown}: {} {}", answer.status, answer.errors);
    assert!(answer.status == 0 || answer.errors.contains("error: "), "{shown}: {}", answer.errors);
    answer
}

/// Pages of which each uses the one before.
fn pages(first: &str, next: &str, count: usize) -> String {
    let line = |at: usize| next.replace("NEW", &format!("g{at}")).replace("OLD", &format!("g{}", at - 1));
    let lines: Vec<String> = (1..count).map(line).collect();
    format!("{first}\n{}", lines.join("\n"))
}

const CHAINS: &[(&str, &str, &str)] = &[
    ("g0(x) = x .* exp(x)", "NEW(x) = OLD(OLD(x))", "(x)"),
    ("g0(x) = x .* x", "NEW(x) = OLD(OLD(x))", "(x)"),
    ("g0(x) = sin(x)", "NEW(x) = OLD(OLD(x) + 1)", "(x)"),
    ("g0(x) = x", "NEW(x) = OLD(x) + OLD(x)", "(x)"),
    (
        "g0(x) = x .* exp(x)\n    slope exp(x) + x .* exp(x)",
        "NEW(x) = OLD(OLD(x))\n    slope OLD(OLD(x))",
        "(x)",
    ),
    ("g0(x, y) = x .* exp(y)", "NEW(x, y) = OLD(OLD(x, y), OLD(y, x))", "(x, x)"),
    ("g0(X: m x n) = X .* exp(X)", "NEW(X: m x n) = OLD(OLD(X))", "(x)"),
];

#[test]
fn large_sizes_are_answered_at_once() {
    let place = Place::new();
    for (formula, sizes) in
        [("norm(X*w - y)^2", "X: 1000 x 1000"), ("logdet(X)", "X: 200 x 200"), ("sum(sin(x))", "x: 20000")]
    {
        let start = std::time::Instant::now();
        let answer = place.succeed(&["derive", formula, "--let", sizes]);
        assert!(answer.output.contains("passed"), "{formula}: {}", answer.output);
        assert!(start.elapsed().as_secs() < 8, "{formula}: {:?}", start.elapsed());
    }
}

#[test]
fn derivatives_by_many_variables_take_time_as_their_number() {
    let place = Place::new();
    let terms: Vec<String> = (0..2000).map(|at| format!("sin(x{at})")).collect();
    let start = Instant::now();
    let answer = place.succeed(&["derive", &terms.join(" + ")]);
    assert!(answer.output.contains("df/dx1999 = cos(x1999)") && answer.output.contains("passed"));
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[test]
fn pages_that_call_each_other_end() {
    let place = Place::new();
    for (first, next, arguments) in CHAINS {
        for last in [9, 39] {
            let formula = format!("sum(g{last}{arguments})");
            let limit = ["derive", &formula, "--time-limit", "4", "--define", &pages(first, next, last + 1)];
            let answer = ends(&place, &limit);
            let said = [
                "250000 nodes",
                "multiplications at each point",
                "time-limit",
                "not confirmed",
                "its slope is not that of its body",
            ];
            let says = said.iter().any(|words| answer.errors.contains(words));
            assert!(answer.status == 0 || says, "{next} {last}: {}", answer.errors);
        }
    }
}

#[test]
fn check_lines_of_pages_share_a_limit() {
    let place = Place::new();
    for (line, count) in [("g(0) = 0", 1001), ("0*sum(exp(ones(440,440))*exp(ones(440,440))) = 0", 200)] {
        let page = format!("g(x) = tanh(x){}", format!("\n    check {line}").repeat(count));
        let answer = place.run(&["derive", "sum(g(x))", "--define", &page]);
        assert_eq!(answer.status, 2, "{line}: {}", answer.output);
        assert!(answer.errors.contains("`check` lines"), "{}", answer.errors);
    }
}

#[test]
fn pages_that_call_each_other_are_trained_or_refused() {
    let place = Place::new();
    let table = shipped("sine.csv");
    for (first, next, arguments) in &CHAINS[..4] {
        assert_eq!(*arguments, "(x)");
        for last in [8, 12, 39] {
            let (activation, define) = (format!("g{last}"), pages(first, next, last + 1));
            let run = ["train", &table, "--target", "y", "--hidden", "4", "--epochs", "1", "--overwrite"];
            let more = ["--activation", &activation, "--define", &define, "--out", "run"];
            ends(&place, &[&run[..], &more[..]].concat());
        }
    }
}

#[test]
fn a_model_whose_definitions_double_is_refused() {
    let place = Place::new();
    let table = shipped("sine.csv");
    let define = pages("g0(x) = tanh(x)", "NEW(x) = OLD(OLD(x))", 12);
    // Twelve definitions, of which g10 uses g9, though its name stands before it in the order of letters.
    let activation = ["--activation", "g3", "--define", &define];
    let run = ["train", &table, "--target", "y", "--hidden", "2", "--epochs", "1", "--out", "run"];
    place.succeed(&[&run[..], &activation[..]].concat());
    let model = chainrule::Model::load(place.path("run")).unwrap();
    let mut description = model.description().clone();
    let parameters = vec![0.1; description.network().parameter_count()];
    for (last, fits) in [(10, true), (39, false)] {
        description.layers[0].1 = format!("g{last}");
        description.definitions =
            pages("g0(x) = tanh(x)", "NEW(x) = OLD(OLD(x))", last + 1).lines().map(str::to_owned).collect();
        description.definitions.sort();
        let start = Instant::now();
        let read = chainrule::Model::new(description.clone(), parameters.clone());
        assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
        match read {
            Ok(_) => assert!(fits),
            Err(error) => assert!(!fits && error.to_string().contains("written out"), "{last}: {error}"),
        }
    }
}

#[test]
fn long_formulas_are_answered_or_refused_at_once() {
    let place = Place::new();
    let numbered = |part: &str, count: usize, between: &str| -> String {
        let parts: Vec<String> = (0..count).map(|at| part.replace('#', &at.to_string())).collect();
        parts.join(between)
    };
    let lets = |step: &str, count: usize| -> String {
        let line = |at: usize| format!("z{at} = {}", step.replace('#', &format!("z{}", at - 1)));
        let lines: Vec<String> = (1..count).map(line).collect();
        format!("z0 = x\n{}\nsum(z{})", lines.join("\n"), count - 1)
    };
    let mut texts = Vec::new();
    for count in [300, 100_000] {
        for between in [" + ", "*", " .* ", " - ", "/"] {
            texts.push(vec!["x"; count].join(between));
            texts.push(format!("sum({})", numbered("x#", count, between)));
        }
        for (open, close) in [("-", ""), ("", "'"), ("sin(", ")"), ("(", ")"), ("[", "]")] {
            texts.push(format!("sum({}x{})", open.repeat(count), close.repeat(count)));
        }
        texts.push(format!("sum([{}])", numbered("x#", count, ", ")));
        texts.push(format!("sum([{}])", numbered("1", count, "; ")));
        texts.push(numbered("sum(exp(#*x))", count, " + "));
        texts.extend(["sin(#)", "# + #", "# .* #", "# .* exp(#)", "2*# + x"].map(|step| lets(step, count)));
    }
    for text in texts {
        let file = place.file("f.txt", &text);
        let start = Instant::now();
        let answer = ends(&place, &["derive", file, "--time-limit", "5"]);
        if text.len() > 190_000 {
            assert!(start.elapsed() < Duration::from_secs(1), "{:?}: {:?}", &text[..30], start.elapsed());
            let refused = ["more than 32000 names", "longer than 1000000 bytes", "deeper than 200"];
            assert!(refused.iter().any(|words| answer.errors.contains(words)), "{}", answer.errors);
            assert_eq!(answer.status, 2);
        }
    }
}

/// `z1 = z0*z0`, `z2 = z1*z1` and so on: more factors than can be told, each of which would take its memory.
#[test]
fn products_that_double_are_answered_in_little_memory() {
    let place = Place::new();
    for (count, step) in
        [(20, "#*#"), (30, "#*#"), (300, "#*#"), (30, "#*#*x"), (30, "2*#*#"), (300, "-#*x*#")]
    {
        let line = |at: usize| format!("z{at} = {}", step.replace('#', &format!("z{}", at - 1)));
        let lines: Vec<String> = (1..count).map(line).collect();
        let text = format!("x: scalar\nz0 = x^2\n{}\nz{}\n", lines.join("\n"), count - 1);
        let file = place.file("f.txt", text);
        let start = Instant::now();
        ends(&place, &["derive", file]);
        assert!(start.elapsed() < Duration::from_secs(5), "{count} {step}: {:?}", start.elapsed());
    }
}

#[test]
fn ten_megabytes_are_refused_wherever_they_stand() {
    let place = Place::new();
    for part in ["x + ", "\u{e9}", "# no\n", "f(x) = x\n"] {
        let file = place.file("long.chainrule", part.repeat(10_000_000 / part.len()) + "x");
        place.file("long.formula", std::fs::read(place.path(file)).unwrap());
        for arguments in [
            vec!["derive", "long.formula"],
            vec!["check", "long.formula"],
            vec!["derive", "f(x)", "--define", file],
            vec!["library", "--define", file],
        ] {
            let start = Instant::now();
            let answer = ends(&place, &arguments);
            assert_eq!(answer.status, 2, "{arguments:?}");
            assert!(answer.errors.contains("longer than 1000000 bytes"), "{arguments:?}: {}", answer.errors);
            assert!(start.elapsed() < Duration::from_secs(1), "{arguments:?}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn a_text_that_never_ends_is_refused() {
    let place = Place::new();
    if std::path::Path::new("/dev/zero").exists() {
        std::os::unix::fs::symlink("/dev/zero", place.path("endless.formula")).unwrap();
        let answer = ends(&place, &["derive", "endless.formula"]);
        assert!(answer.errors.contains("it is a device"), "{}", answer.errors);
    }
}

#[test]
fn what_is_not_answered_in_time_says_what_was_done() {
    let place = Place::new();
    let factors: Vec<String> = (0..2_000).map(|at| format!("sin(x{at})")).collect();
    let file = place.file("f.txt", format!("sum({})", factors.join(" .* ")));
    for arguments in [
        vec!["derive", file, "--order", "2", "--time-limit", "0.05"],
        vec!["derive", file, "--time-limit", "0.05s", "--json"],
        vec!["check", file, "--wrt", "x7", "--claim", "x7", "--time-limit", "0.05"],
        vec!["check", file, "--equals", "sum(x1 .* x2)", "--time-limit", "0.05", "--json"],
    ] {
        let start = Instant::now();
        let answer = place.run(&arguments);
        assert!(start.elapsed() < Duration::from_secs(5), "{arguments:?}: {:?}", start.elapsed());
        assert_eq!(answer.status, 3, "{arguments:?}: {}{}", answer.output, answer.errors);
        let said = if arguments.contains(&"--json") { &answer.output } else { &answer.errors };
        assert!(said.contains("no answer within 0.05 s, while "), "{arguments:?}: {said}");
        assert!(said.contains("`--time-limit 1`"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_time_limit_that_is_none_is_refused() {
    let place = Place::new();
    for limit in ["0", "nan", "inf", "ten", "1e9", ""] {
        let answer = place.run(&["derive", "x^2", "--time-limit", limit]);
        assert_eq!(answer.status, 2, "{limit}");
        assert!(answer.errors.contains("--time-limit"), "{}", answer.errors);
    }
    for limit in ["60", "0.5m", "20s"] {
        place.succeed(&["derive", "x^2", "--time-limit", limit]);
        place.succeed(&["check", "x^2", "--wrt", "x", "--claim", "2*x", "--time-limit", limit]);
    }
    assert!(place.succeed(&["derive", "--help"]).output.contains("[default: 30]"));
}

#[test]
fn deep_networks_are_explained_line_by_line() {
    let place = Place::new();
    let table = shipped("sine.csv");
    let hidden = vec!["4"; 60].join(",");
    let run = ["train", &table, "--target", "y", "--hidden", &hidden, "--epochs", "1", "--out", "run"];
    ends(&place, &run);
    let text = ends(&place, &["explain", "run"]);
    assert_eq!(text.status, 0, "{}", text.errors);
    assert!(text.output.contains("df/dW1") && !text.output.contains("closed form"), "{}", text.output);
    let shallow = ["train", &table, "--target", "y", "--hidden", "3", "--epochs", "1", "--out", "shallow"];
    place.succeed(&shallow);
    assert!(!place.succeed(&["explain", "shallow"]).output.contains("closed form"));
    assert!(place.succeed(&["explain", "shallow", "--closed"]).output.contains("closed form"));
}
