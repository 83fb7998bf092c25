//! Every type that occurs in a public signature can be spelt from this crate.

use chainrule::{
    Answer, Assumption, Check, Cost, Derivation, DerivativeRequest, Element, Experiment, Judgement, Library,
    Line, Model, NotFinite, Outcome, Parsed, Phase, Plan, Portion, Portions, Question, Reading, Rows, Run,
    Settings, Split, Table, Trainer, Why, calculus, compiler, derive, formula, plan, syntax, table,
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
    let targets = [String::from("y")];
    let experiment = Experiment::new(table, &targets, &[], portions, settings, Library::standard()).unwrap();
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
    settings.training.epochs = 2;
    let (run, costs) = run::<f32>(&table, settings);
    assert!(costs.iter().any(|cost| matches!(cost.phase, Phase::Rows(_)) && cost.multiply_adds > 0));
    let (outcome, split): (&Outcome, &Split) = (&run.outcome, &run.split);
    assert_eq!((outcome.epochs.len(), split.test.as_slice()), (2, &[0, 1][..]));
    let judgement: Judgement = run.test.unwrap();
    let not_finite: Option<NotFinite> = judgement.not_finite;
    assert_eq!(not_finite, None);
    let model: Model = run.model.unwrap();
    let verdict: fn(&compiler::Verdict) -> bool = compiler::Verdict::is_yes;
    assert!(!model.parameters().is_empty() && verdict as usize != 0);
}
