//! Names of a user's own beside those of the program, settings out of their range, and messages that are safe to show.

use super::Place;
use super::bad_input::refuse;
use std::collections::BTreeSet;
use std::path::Path;

const TABLE: &str = "x,y\n1,2\n2,1\n3,5\n4,4\n5,1\n6,2\n7,3\n8,9\n9,1\n10,2\n";
const SHORT: [&str; 9] =
    ["train", "t.csv", "--target", "y", "--epochs=1", "--hidden=2", "--overwrite", "--out", "run"];

fn place() -> Place {
    let place = Place::new();
    place.file("t.csv", TABLE);
    place
}

fn train<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [SHORT.as_slice(), options].concat()
}

/// What the program writes in training, and what it reads again.
fn train_and_use(place: &Place, options: &[&str]) -> String {
    let answer = place.succeed(&train(options));
    place.succeed(&["predict", "run", "t.csv"]);
    place.succeed(&["evaluate", "run", "t.csv"]);
    place.succeed(&["plan", "run", "--peak", "10"]);
    place.succeed(&["explain", "run"]);
    answer.output
}

#[test]
fn a_function_may_have_any_name_of_the_network() {
    let place = place();
    for name in [
        "f", "m", "n", "q", "X", "Y", "W1", "W2", "Z1", "Z2", "A1", "A2", "b1", "b2", "h1", "z", "k", "G",
        "ff", "d", "mse", "mae",
    ] {
        let page = format!("{name}(x) = x .* sigmoid(2*x)");
        let shown = train_and_use(&place, &["--define", &page, "--activation", name]);
        assert!(shown.contains(&format!("= {name}(")), "{shown}");
    }
    let both = ["--define", "f(x) = tanh(x), X(x) = 2*x", "--activation", "f", "--output", "X"];
    assert!(train_and_use(&place, &both).contains("ff = mse(A2, Y)"));
}

#[test]
fn a_loss_or_an_optimizer_may_have_any_name_of_the_network() {
    let place = place();
    for name in ["f", "m", "X", "W1", "Z1", "A2", "h1", "k"] {
        let page = format!("loss {name}(A: r x s, Y: r x s) = sum((A - Y).^2)/r");
        train_and_use(&place, &["--define", &page, "--loss", name]);
        let page = format!("optimizer {name}(W, G, t; rate = 0.01)\n    W <- W - rate*G");
        train_and_use(&place, &["--define", &page, "--optimizer", name]);
    }
}

#[test]
fn a_rate_is_the_default_unless_it_is_given_and_is_always_shown() {
    let place = place();
    for (optimizer, shown) in [
        ("adam", "adam, rate 0.006, schedule"),
        ("adam(beta1 = 0.95)", "adam(beta1 = 0.95), rate 0.006, schedule"),
        ("adam(rate = 0.02)", "adam, rate 0.02, schedule"),
        ("gradient_descent", "gradient_descent, rate 0.01, schedule"),
    ] {
        let answer = place.succeed(&train(&["--optimizer", optimizer]));
        assert!(answer.output.contains(shown), "{shown} in {}", answer.output);
    }
    assert!(place.succeed(&train(&[])).output.contains("adamw(decay = 0.03), rate 0.006, schedule"));
    let answer = place.succeed(&train(&["--optimizer", "adam(rate = 0.02)", "--learning-rate", "0.5"]));
    assert!(answer.output.contains("adam, rate 0.5, schedule"), "{}", answer.output);
}

#[test]
fn settings_out_of_their_range_are_refused() {
    let place = place();
    for (option, text, words) in [
        ("--optimizer", "adam(beta1 = 2)", ["`beta1` of `adam` is 2", "0 <= beta1 < 1"]),
        ("--optimizer", "adam(beta2 = 1)", ["`beta2`", "0 <= beta2 < 1"]),
        ("--optimizer", "adam(beta1 = -0.1)", ["`beta1`", "is -0.1"]),
        ("--optimizer", "adam(epsilon = 0)", ["`epsilon`", "epsilon > 0"]),
        ("--optimizer", "momentum(beta = 1)", ["`beta`", "0 <= beta < 1"]),
        ("--optimizer", "adam(rate = -1)", ["rate is -1", "above 0"]),
        ("--optimizer", "adam(rate = 0)", ["rate is 0", "above 0"]),
        ("--optimizer", "gradient_descent(rate = 1e-300)", ["rate is 1e-300", "above 0"]),
        ("--optimizer", "gradient_descent(rate = 1e300)", ["rate is 1e300", "precision of the run"]),
        ("--optimizer", "adam(rate = nan)", ["`rate` is no number", "^"]),
        ("--optimizer", "adam(rate = 1e999)", ["`1e999` is out of the range", "^"]),
        ("--optimizer", "adam(rate = 1/0)", ["divides by zero", "^"]),
        ("--learning-rate", "inf", ["--learning-rate", "above 0"]),
        ("--learning-rate", "1e300", ["rate is 1e300", "precision of the run"]),
        ("--loss", "huber(delta = 0)", ["`delta` of `huber` is 0", "delta > 0"]),
        ("--loss", "huber(delta = -1)", ["`delta`", "is -1"]),
        ("--schedule", "cosine(end = 2)", ["`end` of `cosine` is 2", "0 <= end <= 1"]),
        ("--activation", "celu(alpha = 0)", ["`alpha` of `celu` is 0", "alpha > 0"]),
        ("--activation", "hardtanh(low = 2)", ["`low` of `hardtanh` is 2", "low < high"]),
        ("--activation", "hardtanh(high = -2)", ["`high` of `hardtanh` is -2", "low < high"]),
    ] {
        refuse(&place, &train(&[option, text]), &words);
    }
    refuse(&place, &["derive", "huber(A, Y, delta = 0)"], &["delta > 0", "^"]);
}

#[test]
fn a_page_of_ones_own_may_say_the_ranges_of_its_settings() {
    let place = place();
    let page = "soft(x; a = 1, b = 2) = log(1 + exp(a*x))/b\n    range 0 < a <= b\n    range b >= -3 # why";
    place.succeed(&train(&["--define", page, "--activation", "soft(a = 2)"]));
    refuse(
        &place,
        &train(&["--define", page, "--activation", "soft(a = 3)"]),
        &["`a` of `soft` is 3", "0 < a <= b"],
    );
    let broken = "bad(x; a = 1) = a*x\n    range a > 2";
    refuse(&place, &["library", "--define", broken], &["`a` of `bad` is 1", "a > 2"]);
    refuse(&place, &["library", "--define", "bad(x; a = 1) = a*x\n    range b > 2"], &["`b` is none"]);
    refuse(&place, &["library", "--define", "bad(x; a = 1) = a*x\n    range a"], &["`<`", "^"]);
    let update = "optimizer bad(W, G, t; rate = 0.1)\n    W <- W - rate*G ./ (t - 1)";
    refuse(&place, &train(&["--define", update, "--optimizer", "bad"]), &["optimizer `bad`", "not finite"]);
    let rate = "optimizer bad(W, G, t; rate = 0)\n    W <- W - rate*G";
    refuse(&place, &train(&["--define", rate, "--optimizer", "bad"]), &["rate", "0 < rate"]);
}

#[test]
fn what_cannot_be_learnt_is_said_before_training() {
    let place = place();
    place.file("constant.csv", "x,y\n1,2\n2,2\n3,2\n4,2\n5,2\n6,2\n7,2\n8,2\n");
    let constant = ["train", "constant.csv", "--target", "y", "--epochs", "1"];
    refuse(&place, &constant, &["`y` is 2 in every training row", "another target"]);
    for loss in ["0", "sum(Y)", "0*sum(A)", "sum(A - A)", "norm(Y)^2/m", "sum(A)*0 + 3"] {
        refuse(&place, &train(&["--loss", loss]), &["whatever the network computes", "depends on A"]);
    }
    refuse(&place, &train(&["--loss", "m"]), &["there is no loss `m`", "`mse`"]);
    for loss in ["mse", "huber(delta = 0.01)", "sum(abs(A - Y))/m", "sum(max(A - Y, 0))", "norm(A)^2"] {
        place.succeed(&train(&["--loss", loss]));
    }
}

#[test]
fn a_smaller_rate_is_advised_only_where_the_rate_is_to_blame() {
    let place = place();
    let plain = ["--optimizer", "gradient_descent", "--activation", "relu", "--epochs=60", "--hidden=4"];
    let wild = [plain.as_slice(), &["--learning-rate", "3e20"]].concat();
    let line = ["train", "t.csv", "--target", "y", "--out", "none", "--overwrite"];
    let answer = place.run(&[line.as_slice(), &wild].concat());
    assert!(answer.errors.contains("a smaller rate, such as `--learning-rate 3e19`"), "{}", answer.errors);
    let infinite = ["--loss", "sum(exp(exp(A + 1000)))", "--epochs=1", "--hidden=2"];
    let answer = place.run(&[line.as_slice(), &infinite].concat());
    assert_eq!(answer.status, 2, "{}", answer.errors);
    assert!(
        !answer.errors.contains("smaller rate") && answer.errors.contains("no step was taken"),
        "{}",
        answer.errors
    );
}

#[test]
fn columns_of_scores_never_run_together() {
    let place = place();
    let answer = place.succeed(&train(&["--learning-rate", "1e3", "--optimizer", "adam", "--test=0.4"]));
    let rows: Vec<&str> =
        answer.output.lines().skip_while(|line| !line.starts_with("test,")).skip(1).take(3).collect();
    for row in rows {
        let cells: Vec<&str> = row.trim().rsplitn(4, "  ").map(str::trim).collect();
        let numbers: Vec<&str> = row.split_whitespace().rev().take(3).collect();
        assert!(numbers.iter().all(|number| number.parse::<f64>().is_ok()), "{row}: {cells:?}");
    }
}

#[test]
fn a_second_derivative_has_a_name_of_its_own() {
    let place = Place::new();
    let quartic = |name: &str| format!("a*{name}^4");
    let title = |name: &str| {
        let line = [
            "derive",
            &quartic(name),
            "--order",
            "2",
            "--wrt",
            name,
            "--let",
            &format!("{name}: scalar, a: scalar"),
            "--answer",
        ];
        let answer = place.succeed(&line).output;
        answer.split(" =").next().unwrap_or_default().to_owned()
    };
    assert_eq!(title("W"), "d2f/dW2");
    assert_eq!(title("W1"), "d2f/dW1^2");
    assert_eq!(title("W12"), "d2f/dW12^2");
    assert_eq!(title("w_2"), "d2f/dw_2^2");
    let shown = |format: &str| {
        let line = [
            "derive",
            "a*W1^4",
            "--order",
            "2",
            "--wrt",
            "W1",
            "--let",
            "W1: scalar, a: scalar",
            "--format",
            format,
        ];
        place.succeed(&line).output
    };
    assert!(shown("latex").contains(r"\frac{\partial^{2} f}{\partial W_{1}^{2}}"), "{}", shown("latex"));
    assert!(shown("json").contains("\"d2f/dW1^2\""), "{}", shown("json"));
    assert!(shown("html").contains("d2f/dW1^2"));
    assert!(shown("numpy").contains("d2f_dW1_2"), "{}", shown("numpy"));
    // The line reads back, beside a W12, under its name.
    let lines = "d2f/dW1^2 = 12*a*W1^2\nd2f/dW12 = 5*a\ng = d2f/dW1^2 + d2f/dW12";
    let scalars = "a: scalar, W1: scalar";
    let answer = place.succeed(&["derive", lines, "--let", scalars, "--wrt", "W1", "--answer"]).output;
    assert!(answer.starts_with("dg/dW1 = 24*a*W1"), "{answer}");
    let square =
        place.succeed(&["derive", "df/dW1 = 3*a, g = df/dW1^2", "--let", "a: scalar", "--answer"]).output;
    assert!(square.starts_with("dg/da = 18*a"), "{square}");
}

#[test]
fn a_page_that_replaces_another_is_said_once() {
    let place = place();
    let shipped = "note: the function `relu` of yours takes the place of the one that is shipped";
    let cube = ["--define", "relu(x) = x^3"];
    let lines = [
        vec!["derive", "sum(relu(x))"],
        vec!["derive", "sum(relu(x))", "--json"],
        vec!["check", "sum(relu(x))", "--wrt", "x", "--claim", "3*x.^2"],
        vec!["plan", "sum(relu(x))", "--peak", "1"],
        vec!["library", "relu"],
        train(&["--activation", "relu"]),
    ];
    for line in lines {
        let answer = place.succeed(&[line.as_slice(), &cube].concat());
        assert_eq!(answer.errors.matches(shipped).count(), 1, "{line:?}: {}", answer.errors);
        assert_eq!(answer.errors.matches("note: ").count(), 1, "{line:?}: {}", answer.errors);
    }
    let notes = |pages: &[&str]| {
        let options: Vec<&str> = pages.iter().flat_map(|page| ["--define", page]).collect();
        place.succeed(&[&["library"], options.as_slice()].concat()).errors
    };
    assert!(notes(&["mine(x) = x", "mine(x) = 2*x"]).contains("`mine` is defined twice"));
    assert!(notes(&["tanh(x) = x"]).contains("the function `tanh` of yours"));
    assert!(
        notes(&["optimizer adam(W, G, t; rate = 1)\n    W <- W - rate*G"]).contains("the optimizer `adam`")
    );
    assert_eq!(notes(&["mine(x) = x", "mine(x) = x", "other(x) = x"]), "");
}

#[test]
fn names_to_derive_by_are_there_and_stand_once() {
    let place = Place::new();
    refuse(&place, &["derive", "x^2", "--wrt", "x,x"], &["x stands twice"]);
    refuse(&place, &["derive", "x^2*y", "--wrt", "x, y, x"], &["x stands twice"]);
    for empty in ["", " ", "x,", ",x", "x,,y"] {
        refuse(&place, &["derive", "x^2*y", "--wrt", empty], &["is empty", "`W1,W2`"]);
        refuse(&place, &["plan", "norm(X*w)^2", "--wrt", empty], &["is empty"]);
    }
    refuse(&place, &["check", "x^2", "--wrt", "", "--claim", "2*x"], &["is empty"]);
}

#[test]
fn no_message_holds_a_live_control_character() {
    let place = place();
    place.file("e.csv", "a\u{1b}[2J,y\u{202e}\n1,2\n2,q\u{1b}\n3,4\n");
    for sign in ["\u{1b}[2J", "\r", "\u{7}", "\u{202e}", "\u{9b}31m", "\u{200f}", "\u{7f}", "\u{feff}"] {
        let with = |text: &str| text.replace('?', sign);
        let named = with("y?");
        let lines: Vec<Vec<String>> = [
            vec!["derive", "x ? + y)"],
            vec!["derive", "x?"],
            vec!["derive", "no?.txt"],
            vec!["derive", "x", "--wrt", "x?"],
            vec!["derive", "x", "--let", "x?: scalar"],
            vec!["derive", "x", "--define", "f?(x) = x"],
            vec!["derive", "x", "--form", "?"],
            vec!["derive", "x", "--?"],
            vec!["derive", "x", "--json", "--form", "?"],
            vec!["derive", "x?", "--json"],
            vec!["de?rive"],
            vec!["library", "f?"],
            vec!["predict", "no?", "t.csv"],
            vec!["explain", "no?"],
            vec!["train", "no?.csv", "--target", "y"],
            vec!["train", "t.csv", "--target", "y?"],
            vec!["train", "t.csv", "--target", "y", "--optimizer", "adam?"],
            vec!["train", "t.csv", "--target", "y", "--test", "no?.txt"],
            vec!["train", "e.csv", "--target", &named],
            vec!["train", "e.csv", "--target", "y\u{202e}"],
        ]
        .iter()
        .map(|line| line.iter().map(|word| with(word)).collect())
        .collect();
        for line in lines {
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            let answer = place.run(&words);
            let shown = answer.output + &answer.errors;
            let is_live = |letter: char| {
                letter.is_control() && !"\n\t".contains(letter) || "\u{202e}\u{200f}\u{feff}".contains(letter)
            };
            assert!(!shown.contains(is_live), "{words:?}: {shown:?}");
        }
    }
}

#[test]
fn a_report_holds_no_live_control_character() {
    let place = Place::new();
    place.file("e.csv", "a\u{1b}[2J\u{202e},y\u{9b}\n1,2\n2,3\n3,4\n5,6\n7,8\n");
    let line = ["train", "e.csv", "--target", "y\u{9b}", "--hidden=2", "--epochs=1", "--out", "run"];
    let page = ["--define", "# \u{1b}[2J\nmine(x) = x", "--activation", "mine"];
    let mut shown = place.succeed(&[line.as_slice(), &page].concat()).output;
    shown += &place.succeed(&["explain", "run"]).output;
    shown += &place.succeed(&["evaluate", "run", "e.csv"]).output;
    shown += &place.succeed(&[&["library", "mine"], &page[..2]].concat()).output;
    assert!(shown.contains(r"\u{1b}[2J") && shown.contains(r"\u{9b}"), "{shown}");
    assert!(
        !shown.contains(|letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}'),
        "{shown:?}"
    );
}

#[test]
fn a_file_that_is_not_there_is_no_formula() {
    let place = Place::new();
    for path in
        ["nofile.txt", "./x/y", "data/none.formula", "my file.txt", "../up/there", "/no/where", "p.chainrule"]
    {
        for command in ["derive", "check", "plan"] {
            refuse(&place, &[command, path], &["there is no file", path]);
        }
    }
    refuse(&place, &["library", "--define", "none.txt"], &["there is no file `none.txt`"]);
    for formula in ["a/b", "X.T", "sum(x)/sum(y)", "1/x", "a/b/c"] {
        place.succeed(&["derive", formula, "--answer"]);
    }
}

#[test]
fn an_unknown_option_gets_the_nearest_one() {
    let place = place();
    for (line, option) in [
        (["derive", "x", "--wtr", "x"].as_slice(), "'--wrt'"),
        (&["derive", "x", "--ordr=2"], "'--order'"),
        (&["derive", "x", "--fromat", "latex"], "'--format'"),
        (&["derive", "x", "--anwser"], "'--answer'"),
        (&["check", "x", "--cliam", "1"], "'--claim'"),
        (&["plan", "x", "--size", "n=1"], "'--sizes'"),
        (&["predict", "m", "t.csv", "--ouptut", "o"], "'--output'"),
        (&["evaluate", "m", "t.csv", "--jsn"], "'--json'"),
        (&["library", "--defnie", "x"], "'--define'"),
        (&["train", "t.csv", "--target", "y", "--rate", "3"], "'--learning-rate'"),
        (&["train", "t.csv", "--target", "y", "--epoch", "3"], "'--epochs'"),
        (&["train", "t.csv", "--target", "y", "--activaton", "relu"], "'--activation'"),
    ] {
        refuse(&place, line, &["a similar argument exists", option]);
    }
}

#[test]
fn what_looks_like_an_option_is_no_formula() {
    let place = place();
    for (line, words) in [
        (["derive", "--answr", "x^2"].as_slice(), ["'--answr' found", "'--answer'"]),
        (&["derive", "--answr", "--answer"], ["'--answr' found", "'--answer'"]),
        (&["check", "--cliam", "1"], ["'--cliam' found", "'--claim'"]),
        (&["solve", "--fro", "w"], ["'--fro' found", "'--for'"]),
        (&["plan", "--size"], ["'--size' found", "'--sizes'"]),
        (&["derive", "--foo"], ["'--foo' found", "'-- --foo'"]),
    ] {
        refuse(&place, line, &words);
    }
    for line in [
        ["derive", "--answer", "--", "--x"].as_slice(),
        &["derive", "-x"],
        &["check", "-x", "--wrt", "x", "--claim", "-1"],
    ] {
        place.succeed(line);
    }
}

#[test]
fn an_option_says_what_it_wants_of_a_value_below_zero() {
    let place = place();
    place.file("t.csv", "a,y\n1,2\n");
    let derive = ["derive", "x"].as_slice();
    let train = ["train", "t.csv", "--target", "y"].as_slice();
    for (command, option, value, want) in [
        (derive, "--seed", "-1", "a whole number from 0"),
        (derive, "--why", "-1", "a whole number from 1"),
        (derive, "--order", "-1", "expected 1 or 2"),
        (derive, "--order", "3", "expected 1 or 2"),
        (derive, "--time-limit", "-5", "seconds from 0.001"),
        (derive, "--time-limit", "-5s", "seconds from 0.001"),
        (train, "--seed", "-1", "a whole number from 0"),
        (train, "--epochs", "-1", "a whole number from 1"),
        (train, "--hidden", "-3", "units from 1"),
        (train, "--hidden", "-3,4", "units from 1"),
        (train, "--threads", "-1", "a whole number from 1"),
        (train, "--checkpoint", "-1", "expected a time"),
        (train, "--batch-size", "-1", "rows from 1"),
        (train, "--learning-rate", "-.5", "above 0"),
        (train, "--test", "-0.1", "from 0 up to"),
    ] {
        let line: Vec<&str> = command.iter().copied().chain([option, value]).collect();
        refuse(&place, &line, &[option.trim_start_matches('-'), want]);
        let joined = format!("{option}={value}");
        let line: Vec<&str> = command.iter().copied().chain([joined.as_str()]).collect();
        refuse(&place, &line, &[want]);
    }
}

#[test]
fn the_mark_at_the_start_of_a_file_is_no_part_of_its_text() {
    let place = place();
    let formula = place.file("marked.formula", "\u{feff}x^2");
    assert!(place.succeed(&["derive", formula, "--answer"]).output.contains("2*x"));
    let page = place.file("marked.chainrule", "\u{feff}twice(x) = 2*x\n");
    place.succeed(&["derive", "twice(x)", "--define", page]);
    let derivation = place.file("marked.txt", "\u{feff}f = x^2\ndf/dx = 2*x\n");
    place.succeed(&["check", derivation]);
    refuse(&place, &["derive", "x + \u{feff}y"], &["byte-order mark", "leave it out"]);
}

#[test]
fn hints_name_only_options_that_exist() {
    let place = Place::new();
    let help = place.succeed(&["--help"]).output;
    let commands = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"derive") && commands.len() > 8, "{help}");
    let mut known: BTreeSet<String> = options(&help);
    for command in commands.iter().filter(|command| **command != "help") {
        known.extend(options(&place.succeed(&[command, "--help"]).output));
    }
    let mut sources = Vec::new();
    for folder in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("the crates") {
        files(&folder.expect("a crate").path().join("src"), &mut sources);
    }
    assert!(sources.len() > 200);
    for path in sources {
        let source = std::fs::read_to_string(&path).expect("a source");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        // The options of `cargo` are its own.
        let is_ours = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("cargo ");
        let lines: Vec<&str> = code.lines().filter(is_ours).collect();
        for option in options(&lines.join("\n")) {
            assert!(known.contains(&option), "{} speaks of {option}", path.display());
        }
    }
}

/// Every `--option` in a text.
fn options(text: &str) -> BTreeSet<String> {
    let begins = |part: &&str| part.starts_with(|letter: char| letter.is_ascii_lowercase());
    let word = |part: &str| {
        let end = part
            .find(|letter: char| !letter.is_ascii_lowercase() && !letter.is_ascii_digit() && letter != '-');
        format!("--{}", part[..end.unwrap_or(part.len())].trim_end_matches('-'))
    };
    text.split("--").skip(1).filter(begins).map(word).collect()
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn what_is_no_name_is_no_variable_and_the_mend_gives_it_one() {
    let place = Place::new();
    for (formula, wrt, mended, by) in [
        (r"\frac{(x - \mu)^2}{2 \sigma^2} + \log \sigma^2", r"\sigma^2", "(x - mu)^2/(2*v) + log(v)", "v"),
        ("(x - μ)²/(2σ²)", "σ²", "(x - mu)^2/(2*v)", "v"),
        ("norm(x)^2/sigma^2 + v*log(sigma^2)", "sigma^2", "norm(x)^2/t + v*log(t)", "t"),
        ("norm(w)*3 + norm(w)^2", "norm(w)", "v = norm(w); v*3 + v^2", "v"),
    ] {
        let answer = place.run(&["derive", formula, "--wrt", wrt]);
        assert_eq!(answer.status, 2, "{formula}");
        for part in [&format!("`{wrt}` is no variable"), &format!("as in `{mended}`, and ask by `{by}`")] {
            assert!(answer.errors.contains(part.as_str()), "{part} in {}", answer.errors);
        }
        place.succeed(&["derive", mended, "--wrt", by]);
    }
    let answer = place.run(&["derive", "norm(x)^2/sigma + sigma^2", "--wrt", "sigma^2"]);
    assert!(answer.errors.contains("write `sigma = v^(1/2)` on a line before"), "{}", answer.errors);
    place.succeed(&["derive", "sigma = v^(1/2); norm(x)^2/sigma + sigma^2", "--wrt", "v"]);
}

#[test]
fn what_is_derived_by_is_read_in_the_spelling_of_the_formula() {
    let place = Place::new();
    for (formula, wrt, name) in [
        (r"\|W^{[1]} x - y\|^2", "W^{[1]}", "df/dW1 "),
        (r"\|X \boldsymbol\beta - y\|^2", r"\boldsymbol\beta", "df/dbeta "),
        (r"\|X \beta - y\|^2", "β", "df/dbeta "),
        (r"\sum_i x_i^2", "x_i", "df/dx "),
        ("x'*x", "x_i", "df/dx "),
        (r"\|W x\|^2", "W_{ij}", "df/dW "),
    ] {
        let answer = place.succeed(&["derive", formula, "--wrt", wrt]);
        assert!(answer.output.contains(name), "{formula} by {wrt}: {}", answer.output);
    }
}

#[test]
fn a_capital_that_is_a_function_of_ones_own_is_applied() {
    let place = Place::new();
    for (formula, by, page, want) in [
        ("tr(H(P))", "P", "H(x) = x^2", "df/dP"),
        ("sum(F(X))", "X", "F(x) = x^3", "df/dX"),
        ("sum(F(F(X)))", "X", "F(x) = x^3", "df/dX"),
    ] {
        place.ends(0, &["derive", formula, "--wrt", by, "--define", page], &[]);
        let answer = place.run(&["derive", formula, "--wrt", by, "--define", page, "--answer"]);
        assert!(answer.output.contains(want), "{}", answer.output);
    }
    place.ends(0, &["check", "sum(F(X))", "--wrt", "X", "--define", "F(x) = x^3", "--claim", "3*X.^2"], &[]);
}
