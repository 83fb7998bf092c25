//! Every type that occurs in a public signature can be spelt from this crate.

use chainrule::{
    Answer, Assumption, Check, Cost, Derivation, DerivativeRequest, Element, Experiment, Judgement, Library,
    Line, Model, NotFinite, Outcome, Parsed, Phase, Plan, Portion, Portions, Question, Reading, Rows, Run,
    Settings, Split, Table, Trainer, Why, calculus, derive, formula, plan, syntax, table,
};

/// An answer and each of its parts by name.
struct Parts {
    request: DerivativeRequest,
    parsed: Parsed,
    derivation: Derivation,
    substituted: Vec<Line>,
    closed: Vec<Reading>,
    check: Check,
    kinks: Vec<String>,
}

fn parts(answer: Answer) -> Parts {
    let Answer { request, parsed, derivation, substituted, closed, check, kinks, .. } = answer;
    Parts { request, parsed, derivation, substituted, closed, check, kinks }
}

#[test]
fn the_parts_of_an_answer_have_names() {
    let question = Question { formula: "norm(X*w - y)^2", wrt: &["w"], ..Question::default() };
    let parts = parts(derive(&question, &Library::standard()).unwrap());
    let assumptions: &[Assumption] = &parts.parsed.assumptions;
    assert!(
        !assumptions.is_empty()
            && parts.check.passed
            && parts.substituted.is_empty()
            && parts.kinks.is_empty()
    );
    let request: calculus::Request = parts.request;
    assert_eq!(request.wrt, [formula::Name::from("w")]);
    let parsed: &syntax::Parsed = &parts.parsed;
    assert!(!parsed.echo.is_empty() && parts.closed.len() == 1);
    let step: &calculus::Step = &parts.derivation.steps[0];
    let why: Option<Why> = chainrule::why(&parts.derivation.formula, step);
    assert!(why.is_some());
}

/// The options of an experiment as a program outside would spell them, and what it gives back.
fn run<T: Element>(table: &Table, settings: Settings) -> (Run, Vec<Cost>) {
    let test = Portion::Rows(vec![0, 1]);
    let portions = Portions { train: None, validation: Portion::Fraction(0.0), test };
    let columns = chainrule::Columns::new(&["y"], &[] as &[&str]);
    let experiment = Experiment::new(table, &columns, portions, settings, Library::standard()).unwrap();
    let plan: &Plan = experiment.step_plan();
    let costs: Vec<plan::Cost> = plan.costs(8);
    type Gradient<T> = fn(&Trainer<T>, &Rows<T>) -> Result<Vec<T>, chainrule::LearnError>;
    let _: Gradient<T> = Trainer::gradient;
    (experiment.run(|_| std::ops::ControlFlow::Continue(())).unwrap(), costs)
}

#[test]
fn what_the_program_uses_can_be_spelt() {
    let columns = ["x", "y"].map(|name| (name.to_owned(), (0..10).map(f64::from).collect()));
    let table: table::Table = Table::from_columns("line", columns.into()).unwrap();
    let mut settings = Settings { hidden: Vec::new(), ..Settings::default() };
    settings.training.epochs = chainrule::Epochs::Fixed(2);
    let (run, costs) = run::<f32>(&table, settings);
    assert!(costs.iter().any(|cost| matches!(cost.phase, Phase::Rows(_)) && cost.multiply_adds > 0));
    let (outcome, split): (&Outcome, &Split) = (&run.outcome, &run.split);
    assert_eq!((outcome.epochs.len(), split.test.as_slice()), (2, &[0, 1][..]));
    let judgement: Judgement = run.test.unwrap();
    let not_finite: Option<NotFinite> = judgement.not_finite;
    assert_eq!(not_finite, None);
    let model: Model = run.model.unwrap();
    let verdict: fn(&judge::Verdict) -> bool = judge::Verdict::is_yes;
    assert!(!model.parameters().is_empty() && verdict as usize != 0);
}

/// Losses with arbitrary functions of whole matrices: the formula, what is declared, the variable, and the gradient.
const ARBITRARY: [(&str, &str, &str, &str); 14] = [
    ("L(X*W)", "L: m x n -> scalar", "W", "X'*dL(X*W)"),
    ("L(X*W)", "L: m x n -> scalar", "X", "dL(X*W)*W'"),
    ("L(X)", "L: m x n -> scalar", "X", "dL(X)"),
    ("L(X*w)", "L: m -> scalar", "w", "X'*dL(X*w)"),
    ("L(X'*y)", "L: n -> scalar", "X", "y*dL(X'*y)'"),
    ("L(X')", "L: m x n -> scalar", "X", "dL(X')'"),
    ("L(2*X)", "L: m x n -> scalar", "X", "2*dL(2*X)"),
    ("L(X)^2", "L: m x n -> scalar", "X", "2*L(X)*dL(X)"),
    ("log(L(A*x))", "L: m -> scalar", "x", "A'*dL(A*x)/L(A*x)"),
    ("L(inv(X))", "L: n x n -> scalar", "X", "-inv(X)'*dL(inv(X))*inv(X)'"),
    ("L(X*W) + norm(W)^2", "L: m x n -> scalar", "W", "X'*dL(X*W) + 2*W"),
    ("L(x) + K(x)", "L: n -> scalar, K: n -> scalar", "x", "dL(x) + dK(x)"),
    ("E(A.*X)", "E: 3 x 2 -> scalar", "X", "A .* dE(A .* X)"),
    ("loss(X*W + ones(m)*b')", "loss: m x n -> scalar", "b", "dloss(X*W + ones(m)*b')'*ones(m)"),
];

#[test]
fn the_gradient_of_an_arbitrary_function_of_a_matrix_has_its_name() {
    let library = Library::standard();
    for (formula, declarations, wrt, wanted) in ARBITRARY {
        let question = Question { formula, declarations, wrt: &[wrt], ..Question::default() };
        let answer = derive(&question, &library).unwrap_or_else(|error| panic!("{formula}: {error}"));
        assert!(answer.check.passed, "{formula}: {:?}", answer.check);
        let assumed = answer.parsed.assumptions.iter().filter(|one| one.kind != "size");
        let assumed: Vec<String> = assumed.map(|one| format!("{}: {}", one.name, one.kind)).collect();
        let declarations = format!("{declarations}\n{}", assumed.join("\n"));
        for (claim, is_right) in [(wanted.to_owned(), true), (format!("1.001*({wanted})"), false)] {
            let question = judge::ClaimQuestion {
                text: formula,
                declarations: &declarations,
                request: &answer.request,
                is_in_any_layout: false,
                claim: &syntax::Claim::of(&claim),
            };
            let judged = chainrule::check_claim(&question, 0, &library);
            let judged = judged.unwrap_or_else(|error| panic!("{formula}: {claim}: {error}"));
            assert_eq!(judged.judged.verdict.is_yes(), is_right, "{formula}: {claim}");
        }
    }
}

#[test]
fn what_is_not_known_of_an_arbitrary_function_is_said() {
    for (formula, declarations, said) in [
        ("L(X)", "L: m -> scalar, X: 2 x 3", "declare `L: 2 x 3 -> scalar`"),
        ("L'(X)", "L: m x n -> scalar", "write `dL(X)`"),
        ("dL(X)", "L: m x n -> scalar", "its derivative has no name"),
        ("L(X)", "L: matrix -> scalar", "a shape with sizes"),
        ("L(X, Y)", "L: m x n -> scalar", "1"),
    ] {
        let question = Question { formula, declarations, ..Question::default() };
        let error = match derive(&question, &Library::standard()) {
            Ok(answer) => panic!("{formula} is {}", answer.parsed.echo),
            Err(judge::DeriveError::Syntax(error)) => error.render(),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(said), "{formula}: {error}");
    }
}
