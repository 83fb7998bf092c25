//! Each row of the tables, and formulas typed in each spelling beside the language itself.

mod said;

use super::table::{Part, Row, Table};
use super::*;
use crate::parse;
use crate::{Library, Source};

fn read(text: &str, spelling: Spelling) -> String {
    match spell(text, "", spelling) {
        Ok(spelled) => spelled.text,
        Err(error) => panic!("{text}\n{}", error.render()),
    }
}

/// The formula as it is read, with brackets as they were meant.
fn echo(text: &str) -> String {
    let source = Source { text, declarations: "" };
    parse(source, &Library::standard()).unwrap_or_else(|error| panic!("{text}\n{}", error.render())).echo
}

/// The lines of a table of formulas: the spelling, what is typed, and what it is.
fn cases() -> Vec<[&'static str; 3]> {
    include_str!("formulas.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
            <[&str; 3]>::try_from(columns).unwrap_or_else(|_| panic!("three columns: {line}"))
        })
        .collect()
}

#[test]
fn formulas_are_read_as_they_are_meant() {
    let cases = cases();
    assert!(cases.len() >= 60);
    let mut wrong = Vec::new();
    for [spelling, typed, own] in cases {
        let found = match spell(typed, "", Spelling::Auto) {
            Ok(found) => found,
            Err(error) => {
                wrong.push(error.render());
                continue;
            }
        };
        let tree = |text: &str| {
            let source = Text::new(Origin::Formula, text.rsplit('\n').next().unwrap_or(text));
            let mut tree = crate::tree::Tree::default();
            let value = source.text.rsplit(" = ").next().map_or(0, |value| source.text.len() - value.len());
            let part = Span { start: value, end: source.text.len() };
            let root = crate::parser::expression(&mut tree, &source, part, &[]);
            root.map(|root| crate::echo::echo(&tree, root)).unwrap_or_else(|error| error.render())
        };
        if found.spelling.name() != spelling || tree(&found.text) != tree(own) {
            wrong.push(format!(
                "{typed}\n  {}: {}\n  want {spelling}: {own}",
                found.spelling.name(),
                found.text
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A text that uses a sign of a table, and what it is.
fn used(spelled: &str, row: Row) -> Option<(String, String)> {
    let of = |typed: String, own: &str| Some((typed, own.to_owned()));
    match row {
        Row::Sign("=") => of(format!("f {spelled} x + 1"), "f = x + 1"),
        Row::Sign("'") => of(format!("x{spelled} y"), "x'*y"),
        Row::Sign("kron") => of(format!("A {spelled} B"), "kron(A, B)"),
        Row::Sign(own) => of(format!("A {spelled} B"), &format!("A {own} B")),
        Row::Name("ones") => of(format!("{spelled}' x"), "vector(1)'*x"),
        Row::Name("T") => of(format!("x^{spelled} y"), "x'*y"),
        Row::Name(own) => of(format!("{spelled} + 1"), &format!("{own} + 1")),
        Row::Number(own) => of(format!("{spelled} + x"), &format!("{own} + x")),
        Row::Apply(own) => of(format!("{spelled}(x)"), &format!("{own}(x)")),
        Row::Raise("T" | "t") => of(format!("x{spelled} y"), "x'*y"),
        Row::Raise("-") => of(format!("x{spelled}²"), "x^(-2)"),
        Row::Raise("+") => of(format!("x{spelled}²"), "x^2"),
        Row::Raise("(") => of(format!("x{spelled}²⁾"), "x_2"),
        Row::Raise(")") => of(format!("x⁽²{spelled}"), "x_2"),
        Row::Raise(own) => of(format!("x{spelled}"), &format!("x^{own}")),
        Row::Lower(own) if own.bytes().all(|byte| byte.is_ascii_digit()) => {
            of(format!("x{spelled}"), &format!("x{own}"))
        }
        Row::Lower("+") => of(format!("(1 − x){spelled}"), "relu((1 - x))"),
        Row::Lower("=") => of(format!("∑ᵢ{spelled}₁ⁿ xᵢ"), "sum_i(x_i, to = n)"),
        Row::Lower(own) => of(format!("x{spelled}"), &format!("x_{own}")),
        // A mark that stands over the letter before it.
        Row::Accent(own) if !spelled.is_ascii() => of(format!("y{spelled} + 1"), &format!("y_{own} + 1")),
        Row::Accent(own) => of(format!("{spelled} y"), &format!("y_{own}")),
        Row::Refused(..) => None,
        Row::Part(part) => match part {
            Part::Fraction => of(format!("{spelled}{{a}}{{2}}"), "a/2"),
            Part::Root => of(format!("{spelled}{{x}}"), "sqrt(x)"),
            Part::Word => of(format!("{spelled}{{loss}}"), "loss"),
            Part::Skip | Part::Bold | Part::Slope | Part::Align => of(format!("{spelled} x"), "x"),
            Part::SkipGroup => of(format!("x {spelled}{{1}}"), "x"),
            Part::Remark => of(format!("x, {spelled} i = 1"), "x"),
            Part::Left => of(format!("{spelled}( x \\right)"), "x"),
            Part::Right => of(format!("\\left( x {spelled})"), "x"),
            Part::Open => of(format!("2{spelled} x + y \\}}"), "2*(x + y)"),
            Part::Close => of(format!("2\\{{ x + y {spelled}"), "2*(x + y)"),
            Part::Norm => of(format!("{spelled} x {spelled}"), "norm(x)"),
            Part::OpenNorm => of(format!("{spelled} x \\rVert"), "norm(x)"),
            Part::CloseNorm => of(format!("\\lVert x {spelled}"), "norm(x)"),
            Part::Bar => of(format!("{spelled} x {spelled}"), "bars(x)"),
            Part::OpenBar => of(format!("{spelled} x \\rvert"), "bars(x)"),
            Part::CloseBar => of(format!("\\lvert x {spelled}"), "bars(x)"),
            Part::OpenAngle => of(format!("{spelled} a, b ⟩"), "dot(a, b)"),
            Part::CloseAngle => of(format!("⟨ a, b {spelled}"), "dot(a, b)"),
            Part::Total => of(format!("{spelled} x"), "sum(x)"),
            Part::Begin => of(format!("{spelled}{{bmatrix}} A & B \\end{{bmatrix}}"), "[A, B]"),
            Part::EndOf => of(format!("\\begin{{bmatrix}} A \\\\ B {spelled}{{bmatrix}}"), "[A; B]"),
            Part::Break => of(format!("z = x {spelled} z + 1"), "z = x\nz + 1"),
            Part::Change => of(format!("{spelled} f/{spelled} x"), "df/dx"),
            Part::Under => of(format!("{spelled}{{x}}{{\\min}} x"), "x"),
            Part::Inline => of(format!("{spelled}{{\\min}}_x x"), "x"),
            Part::Minimize => of(format!("{spelled} x"), "x"),
            Part::Maps => of(format!("f : x {spelled} x + 1"), "f = x + 1"),
            Part::Domain => of(format!("g : m {spelled} n $ x + 1"), "x + 1"),
            // What goes on so has no value.
            Part::Dots | Part::Cases | Part::Picture => None,
            Part::Implies => of(format!("a + b {spelled} x"), "x"),
        },
    }
}

#[test]
fn every_sign_of_the_tables_is_read() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (table, spelling) in [("unicode", Spelling::Text), ("latex", Spelling::Latex)] {
        for (spelled, row) in &Table::named(table).rows {
            count += 1;
            let Some((typed, own)) = used(spelled, *row) else {
                let refused = spell(spelled, "", spelling).map(|spelled| spelled.text);
                assert!(refused.is_err(), "{spelled} is read as {refused:?}");
                continue;
            };
            let blank = |text: &str| text.replace(' ', "");
            match spell(&typed, "", spelling) {
                Ok(found) if blank(&found.text) == blank(&own) => {}
                Ok(found) => wrong.push(format!("{typed} is read as {}, and is {own}", found.text)),
                Err(error) => wrong.push(error.render()),
            }
        }
    }
    assert!(wrong.is_empty() && count > 300, "{count}\n{}", wrong.join("\n"));
}

#[test]
fn every_call_of_the_tables_is_read_as_its_row_says() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (table, spelling) in [("python", Spelling::Python), ("matlab", Spelling::Matlab)] {
        let table = Table::named(table);
        let theirs = table.theirs.values().flatten().filter(|row| row.own != "-");
        for pattern in table.calls.values().flatten().chain(theirs) {
            count += 1;
            let want = match pattern.axes {
                "product" | "of matrices" | "of a matrix" => "X*Y".to_owned(),
                "inner" => "X*Y'".to_owned(),
                _ => pattern.own.to_owned(),
            };
            // Names of which nothing is known are batches there.
            let declarations = if pattern.axes == "one example" { "x: vector, y: vector" } else { "" };
            match spell(pattern.spelled, declarations, spelling) {
                // What is known of its names stands on lines before it.
                Ok(found) if found.text.lines().last() == Some(want.as_str()) => {}
                Ok(found) => {
                    wrong.push(format!("{} is read as {}, and is {want}", pattern.spelled, found.text))
                }
                Err(error) => wrong.push(error.render()),
            }
            if let Err(error) = parse(Source { text: &want, declarations: "" }, &Library::standard()) {
                wrong.push(error.render());
            }
        }
    }
    for (table, spelling) in [("python", Spelling::Python), ("matlab", Spelling::Matlab)] {
        for pattern in Table::named(table).lawless.values().flatten() {
            let refused = spell(pattern.spelled, "", spelling).map(|found| found.text);
            let said = refused.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert!(said.contains(pattern.own), "{}: {refused:?}", pattern.spelled);
        }
    }
    let modules = &Table::named("python").modules;
    for module in
        modules.iter().filter(|(module, own)| module != own || **own == "np").map(|(module, _)| module)
    {
        let found = read(&format!("{module}.exp(x)"), Spelling::Auto);
        assert_eq!(found, "exp(x)", "{module}");
    }
    assert!(wrong.is_empty() && count > 100, "{count}\n{}", wrong.join("\n"));
}

#[test]
fn every_other_name_of_a_table_is_read_as_the_one_that_it_is() {
    let table = Table::named("python");
    let found =
        |text: String| spell(&text, "", Spelling::Python).map(|found| found.text).map_err(|e| e.to_string());
    for (spelled, own) in &table.same {
        for arguments in ["X", "x, axis=0"] {
            let [theirs, ours] = [spelled, own].map(|name| found(format!("{name}({arguments})")));
            assert!(theirs.is_ok() && theirs == ours, "{spelled}: {theirs:?}, {own}: {ours:?}");
        }
    }
    for (class, own) in &table.makes {
        let read =
            ["X", "X, Y"].map(|of| [format!("nn.{class}()({of})"), format!("nn.{own}({of})")].map(found));
        let is_lawless = table.lawless.contains_key(format!("np.{own}").as_str());
        let is_same = |[theirs, ours]: &[Result<String, String>; 2]| theirs.is_ok() && theirs == ours;
        assert!(is_lawless || read.iter().any(is_same), "{class}: {read:?}");
        let [theirs, ours] =
            [format!("a = nn.{class}(axis=1)\na(X)"), format!("nn.{own}(X, axis=1)")].map(found);
        assert_eq!(theirs.is_ok(), ours.is_ok(), "{class}: {theirs:?} {ours:?}");
    }
    for (spelled, own) in &table.keywords {
        let call = |name: &str| match *own {
            "axis" => format!("np.sum(X, {name}=1)"),
            _ => format!("np.sum(X, axis=1, {name}=True)"),
        };
        let [theirs, ours] = [spelled, own].map(|name| found(call(name)));
        assert!(theirs.is_ok() && theirs == ours, "{spelled}: {theirs:?}, {own}: {ours:?}");
    }
    for name in &table.alike {
        let read = found(format!("np.sum((X @ W - {name})**2)")).unwrap_or_default();
        assert!(read.starts_with(&format!("{name}: matrix\n")), "{name}: {read}");
    }
}

#[test]
fn every_line_of_the_tables_is_a_row() {
    for (name, text) in ::library::SPELLINGS {
        let table = Table::named(name);
        let calls: usize = [&table.calls, &table.theirs, &table.onto]
            .into_iter()
            .flat_map(|calls| calls.values())
            .map(Vec::len)
            .sum();
        let rows = table.rows.len()
            + calls
            + table.lawless.values().map(Vec::len).sum::<usize>()
            + table.modules.len()
            + table.words.len()
            + [&table.same, &table.makes, &table.keywords].map(|names| names.len()).iter().sum::<usize>()
            + [
                &table.scalars,
                &table.divisors,
                &table.conditions,
                &table.otherwise,
                &table.alike,
                &table.slopes,
                &table.intercepts,
            ]
            .into_iter()
            .filter(|words| !words.is_empty())
            .count();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).count();
        assert_eq!(rows, lines, "{name} has lines that are no rows, or rows twice");
    }
}

#[test]
fn what_is_read_stays_as_it_is() {
    for [_, typed, _] in cases() {
        let once = read(typed, Spelling::Auto);
        assert_eq!(read(&once, Spelling::Auto), once, "{typed}");
    }
}

#[test]
fn a_mistake_has_its_caret_in_the_typed_text() {
    let places = [
        (r"\|X w - y\|^2 + \operatorname{foo}(X)", "foo"),
        ("np.sum((X @ w - y)**2) + np.fft(x)", "np.fft"),
        ("‖X*w − y‖² + quux(x)", "quux"),
        (r"\frac{1}{m} \nabla f", r"\nabla"),
        ("x'*A*x + y**2", "**"),
        ("log|Σ| + Quux(S)", "Quux"),
    ];
    for (typed, place) in places {
        let error = parse(typed, &Library::standard()).expect_err(typed);
        assert_eq!(error.text.text, typed);
        let shown = error.text.slice(error.span);
        assert!(
            shown.contains(place) && shown.len() < place.len() + 18,
            "{typed}: {shown}\n{}",
            error.render()
        );
    }
}

#[test]
fn words_that_python_has_are_names_elsewhere() {
    for text in [
        "norm(X*w - y)^2 + lambda *w'*w",
        "y'*y + s*c*lambda + sum(v)",
        "lambda = 0.1\nlambda*w'*w",
        "import*x'*x",
    ] {
        assert_eq!(spell(text, "", Spelling::Auto).unwrap().text, text);
    }
}

#[test]
fn the_left_side_says_what_is_derived_by() {
    let by = |text: &str| spell(text, "", Spelling::Auto).unwrap().by;
    let names = |names: &[&str]| names.iter().map(|name| Name::from(*name)).collect::<Vec<_>>();
    assert_eq!(by("f(x) = x'*A*x"), names(&["x"]));
    assert_eq!(by("A: n x n symmetric\nf(x, A) = x'*A*x"), names(&["x", "A"]));
    assert_eq!(by(r"L(\theta) = \|X\theta - y\|^2"), names(&["theta"]));
    assert_eq!(by(r"\min_{W_1} \|X W_1 - Y\|_F^2"), names(&["W1"]));
    assert_eq!(by("loss = lambda w: np.sum((X @ w - y)**2)"), names(&["w"]));
    assert_eq!(by("f = x -> x'*A*x"), names(&["x"]));
    assert_eq!(by("(x, y) -> x'*A*y"), names(&["x", "y"]));
    assert_eq!(by("loss = w -> sum(abs2, X*w .- y)"), names(&["w"]));
    // What has a hat depends on the arguments.
    assert_eq!(by(r"f(w)=\frac 1m\sum_{i=1}^m(\hat y ^{(i)}-y^{(i)})^2"), names(&["y_hat_i"]));
    assert_eq!(by(r"J(\theta) = \|\hat y - y\|^2"), names(&["y_hat"]));
    // What a sum has of an argument are its entries; what is given beside a bar leaves it open.
    assert_eq!(by(r"\ell(\lambda) = \sum_{i=1}^n (k_i\log\lambda_i - \lambda_i)"), names(&["lambda_i"]));
    assert_eq!(by(r"D_{KL}(q\|p) = \sum_i q_i \log\frac{q_i}{p_i}"), names(&[]));
    assert_eq!(by("def f(w):\n    return np.sum((X @ w - y)**2)"), names(&["w"]));
    for asked in [
        r"\min_w",
        r"\max_{w}",
        r"\arg\min_w",
        r"arg\,min_w",
        r"\underset{w}{\min}",
        r"\operatorname*{arg\,min}_{w}",
        r"\mathop{\arg\min}\limits_w",
        r"\nabla_w",
        r"\frac{\partial}{\partial w}",
        r"\frac{d}{dw}",
        r"\partial/\partial w",
    ] {
        assert_eq!(by(&format!(r"{asked} \|X w - y\|^2")), names(&["w"]), "{asked}");
    }
    for asked in ["min_w", "argmin_w", "∇_w", "∂/∂w", "d/dw", "minimize over w"] {
        assert_eq!(by(&format!("{asked} ‖Xw − y‖²")), names(&["w"]), "{asked}");
    }
    assert_eq!(by("minₓ ‖Ax − b‖²"), names(&["x"]));
    assert_eq!(by("loss = norm(x)^2"), names(&[]));
    assert_eq!(by("minimize ‖A*x − b‖²"), names(&[]));
    // A definition that a later line uses stays one.
    assert_eq!(read("g(x) = x.^2\nnorm(g(y))", Spelling::Auto), "g(x) = x.^2\nnorm(g(y))");
    assert_eq!(echo("f(x) = ‖x‖²"), "f = norm(x)^2");
}

#[test]
fn a_name_beside_a_text_is_the_one_in_it() {
    for (text, name, want) in [
        (r"\|y - \beta_1 x\|^2", "beta_1", "beta1"),
        (r"\|y - \beta_1 x\|^2", r"\beta_1", "beta1"),
        (r"\|y - \beta_1 x\|^2", "beta1", "beta1"),
        (r"\|X W_{out} - Y\|^2", "W_out", "W_out"),
        (r"\|X w_i - y\|^2", "w_i", "w_i"),
        (r"\|X W_2 - Y\|^2", "W_2", "W2"),
        (r"\|X \hat\beta - y\|^2", "beta_hat", "beta_hat"),
        ("‖Xβ₁ − y‖²", "β₁", "beta1"),
        ("‖Xβ − y‖²", "beta", "beta"),
    ] {
        assert_eq!(&*spell(text, "", Spelling::Auto).unwrap().name(name), want, "{text}: {name}");
    }
}

#[test]
fn bars_are_what_their_shape_says() {
    assert_eq!(echo("|c|"), "f = abs(c)");
    assert_eq!(echo("|x'*y| + |X|"), "f = abs(x'*y) + det(X)");
    assert_eq!(echo("log|Σ|"), "f = logdet(Sigma)");
    assert_eq!(echo("|x|"), "f = norm(x)");
    let parsed = parse("|x|", &Library::standard()).unwrap();
    assert!(parsed.notes.iter().any(|note| note.contains("norm")), "{:?}", parsed.notes);
    assert!(parse(Source { text: "|X|", declarations: "X: 2 x 3" }, &Library::standard()).is_err());
}

#[test]
fn long_and_deep_texts_end() {
    for spelling in Spelling::ALL {
        for part in [
            "(",
            "{",
            "\\frac{",
            "|",
            "‖",
            "x^{",
            "-",
            "\\mathrm{",
            "x + ",
            "x ",
            "x'",
            "\\hat ",
            "f(",
            "[",
            "√",
            "\\left(",
        ] {
            let _ = spell(&part.repeat(20_000), "", spelling).map_err(|error| error.render());
        }
        let long = "x + ".repeat(20_000) + "x";
        assert!(spell(&long, "", spelling).is_ok());
    }
}

#[test]
fn a_run_of_letters_that_the_text_shows_to_be_a_name_stays_one() {
    for text in [
        "Xw = X*w\nnorm(Xw - y)^2 + norm(w)^2",
        "Xw: 3\nnorm(Xw - y)^2 + norm(w)^2",
        "sum(tanh(Wx*x + Wh*h + b))",
        "sum(Sxy.*Syy) + norm(x) + norm(y)",
        "norm(AX - B*Y)^2",
        "norm(Xs - Xt)^2",
        "tr(AT*A)",
        "sum(Mu - Y) + sum(M)",
    ] {
        assert_eq!(read(text, Spelling::Auto), text);
    }
    let text = "norm(Xw - y)^2 + norm(w)^2";
    for declared in ["Xw: vector", "Xw = X*w"] {
        assert_eq!(spell(text, declared, Spelling::Auto).unwrap().text, text);
    }
    let notes = spell(text, "", Spelling::Auto).unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("X*w") && note.contains("`Xw: vector`")), "{notes:?}");
    assert_eq!(spell("norm(Xw - y)^2", "w: 3", Spelling::Auto).unwrap().text, "norm(X*w - y)^2");
}

#[test]
fn a_letter_that_is_declared_as_a_function_is_one_in_each_spelling() {
    for (typed, declared, own) in [
        (r"\sum_i \psi(y_i - x_i^\top w)", "psi: function", "sum_i(psi(y_i - x_i'*w))"),
        (r"\sum_i \rho(y_i - x_i^\top w)", "rho: function", "sum_i(rho(y_i - x_i'*w))"),
        (r"\sum_i l(y_i - x_i^\top w)", "l: function", "sum_i(l(y_i - x_i'*w))"),
        (r"\mathbf{1}^\top \Phi(X w + b)", "Phi: function", "vector(1)'*Phi(X*w + b)"),
        (r"\mathbf{1}^\top \sigma(X w)", "sigma: function", "vector(1)'*sigma(X*w)"),
        (r"\mathbf{1}^\top \lambda(X w)", "lambda: function", "vector(1)'*lambda(X*w)"),
        ("𝟏ᵀτ(X w − y)", "tau: function", "vector(1)'*tau(X*w - y)"),
    ] {
        let found = spell(typed, declared, Spelling::Auto).unwrap();
        assert_eq!(found.text, own, "{typed}");
        let source = Source { text: &found.text, declarations: declared };
        if let Err(error) = parse(source, &Library::standard()) {
            panic!("{typed}\n{}", error.render());
        }
    }
}

#[test]
fn python_joins_what_is_declared_as_it_is_declared() {
    for (typed, declared, own) in [
        ("np.sum(p / q)", "p: m, q: m", "sum(p ./ q)"),
        ("np.sum(p / q)", "q: scalar", "sum(p/q)"),
        ("np.sum(P / Q)", "P: m x n, Q: m x n", "sum(P ./ Q)"),
        ("np.sum(((x - mu) / sigma)**2)", "sigma: n", "sum(((x - mu) ./ sigma).^2)"),
        ("np.sum(((x - mu) / s)**2)", "s: scalar", "sum(((x - mu)/s).^2)"),
        ("np.sum(alpha * y)", "alpha: vector", "sum(alpha .* y)"),
        ("np.linalg.norm(x * d)**2", "d: vector", "norm(x .* d)^2"),
        ("np.sum((X @ w - y)**2 / n)", "n: vector", "sum((X*w - y).^2 ./ n)"),
        ("np.sum(y / N)", "N: m", "sum(y ./ N)"),
    ] {
        assert_eq!(spell(typed, declared, Spelling::Auto).unwrap().text, own, "{typed}, {declared}");
    }
}

#[test]
fn e_is_a_variable_where_nothing_else_is_reduced() {
    for (typed, own) in [
        ("e**x", "f = exp(x)"),
        ("e^{x}", "f = exp(x)"),
        ("x*e^2", "f = x*exp(2)"),
        ("np.mean(e**2)", "f = mean(e.^2)"),
        ("mean(e.^2)", "f = mean(e.^2)"),
        ("e.T @ e", "f = e'*e"),
        ("e = y - X @ w\nnp.mean(e**2)", "e = y - X*w\nf = mean(e.^2)"),
        ("mean(e.^2) + norm(w)^2", "f = mean(e.^2) + norm(w)^2"),
        ("sum(e.^x)", "f = sum(exp(x))"),
    ] {
        assert_eq!(echo(typed), own, "{typed}");
    }
    let parsed = parse("e^2", &Library::standard()).unwrap();
    assert!(parsed.notes.iter().any(|note| note.contains("declare `e: scalar`")), "{:?}", parsed.notes);
}

#[test]
fn texts_of_many_statements_take_time_as_their_length() {
    for (first, next, spelling) in [(r"\alpha", r", \alpha", Spelling::Latex), ("α", ", x", Spelling::Text)]
    {
        let text = format!("{first}{}", next.repeat(15_000));
        let start = std::time::Instant::now();
        let _ = spell(&text, "", spelling);
        let seconds = start.elapsed().as_secs_f64();
        assert!(seconds < 5.0, "{next}: {seconds} s");
    }
}

#[test]
fn a_claim_speaks_of_the_left_side_of_its_formula_as_a_whole_word() {
    let formula = spell("f(x) = 1/(1 + exp(-x))", "", Spelling::Auto).unwrap();
    let library = Library::standard();
    let read = |claim: &str| {
        spell_beside(claim, "", Spelling::Auto, (&formula, &library)).unwrap().text.replace(' ', "")
    };
    assert_eq!(read("f(x)*(1 - f(x))"), "(f)*(1-(f))");
    assert_eq!(read("elf(x) + f(x)"), "elf(x)+(f)");
}
