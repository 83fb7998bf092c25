//! Claims about random derivatives: what is right is never refused, and nothing that is wrong is accepted, however small it is.

use super::judge::differ_somewhere;
use super::{count, formulas};
use calculus::{Laws, Request};
use chainrule::{Library, Source};
use formula::{Constant, Direction, Formula, Name, Node, NodeId, Number, Shape, Size, Variable};
use judge::{Claim, Verdict, judge_claim};
use random::{Purpose, Random};
use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many formulas are drawn, unless `CHAINRULE_RANDOM_CLAIMS` says another number; `CHAINRULE_RANDOM_WITH` keeps those with a
/// part.
const FORMULAS: usize = 40;
/// How many of the right claims may be undecided, by a hundred.
const UNDECIDED: f64 = 1.0;

/// What came of the claims of one kind.
#[derive(Default)]
struct Tally {
    yes: usize,
    /// Accepted, and no change of the value at any of many other points.
    same: usize,
    no: usize,
    undecided: usize,
    wrong: Vec<String>,
    reasons: BTreeMap<String, usize>,
}

/// A claim that is made of a right answer, with the answer that is right beside it.
struct Made {
    kind: &'static str,
    claimed: NodeId,
    right: NodeId,
    is_right: bool,
}

fn scaled(formula: &mut Formula, factor: Number, value: NodeId) -> NodeId {
    let factor = formula.number(factor);
    formula.scale(factor, value).unwrap()
}

fn decimal(text: &str) -> Number {
    Number::decimal(text).unwrap()
}

/// The matrix whose one entry is 1, in the row and the column that have so many before them.
fn one_entry(formula: &mut Formula, shape: &Shape, [above, left]: [u32; 2]) -> Option<NodeId> {
    let one = formula.number(Number::ONE);
    let mut unit = |size: &Size, before: u32| {
        let mut parts = Vec::new();
        for (count, is_before) in
            [(Size::number(before), true), (size.add(&Size::number(before + 1).negate()), false)]
        {
            if count != Size::number(0) {
                parts.push(formula.constant(Constant::Zeros, Shape::column(count)));
            }
            if is_before {
                parts.push(one);
            }
        }
        if parts.len() == 1 { Some(one) } else { formula.block(Direction::Down, &parts).ok() }
    };
    let (rows, cols) = (unit(&shape.rows, above)?, unit(&shape.cols, left)?);
    let cols = formula.transpose(cols);
    formula.product(&[rows, cols]).ok()
}

fn made(formula: &mut Formula, value: NodeId, raw: NodeId, by: &Name) -> Vec<Made> {
    let mut all = Vec::new();
    let mut add = |kind: &'static str, claimed: NodeId, right: NodeId, is_right: bool| {
        all.push(Made { kind, claimed, right, is_right });
    };
    add("as it was derived", raw, value, true);
    // One term, or the whole, times 1.000001.
    let factor = decimal("1.000001");
    let spoilt = match formula.node(value).clone() {
        Node::Add(parts) => {
            let mut parts = parts;
            parts[0] = scaled(formula, factor, parts[0]);
            formula.add(&parts).unwrap()
        }
        _ => scaled(formula, factor, value),
    };
    add("times 1.000001", spoilt, value, false);
    let minus = formula.negate(value).unwrap();
    add("the other sign", minus, value, false);
    let shape = formula.shape(value).clone();
    // A term that is far below the others: something alive of the same shape.
    let alive = formula.variable(Variable::new("small_term", shape.clone()));
    let known = formula.variable(Variable::new(by.clone(), shape.clone()));
    for (size, double, turned) in [
        ("1e-12", "a term 1e-12 of the others doubled", "a term 1e-12 of the others turned"),
        ("1e-18", "a term 1e-18 of the others doubled", "a term 1e-18 of the others turned"),
    ] {
        let small = scaled(formula, decimal(size), alive);
        let right = formula.add(&[value, small]).unwrap();
        let twice = formula.add(&[value, small, small]).unwrap();
        let minus = formula.negate(small).unwrap();
        let minus = formula.add(&[value, minus]).unwrap();
        add(double, twice, right, false);
        add(turned, minus, right, false);
        let other_way = formula.add(&[small, raw]).unwrap();
        add("a small term, as it was derived", other_way, right, true);
    }
    if let Some(entry) = one_entry(formula, &shape, [0, 0]) {
        let small = scaled(formula, decimal("1e-9"), entry);
        let spoilt = formula.add(&[value, small]).unwrap();
        add("one entry off by 1e-9", spoilt, value, false);
    }
    if let Some(spoilt) = on_the_wrong_branch(formula, value) {
        add("a wrong branch", spoilt, value, false);
    }
    let zero = scaled(formula, Number::ZERO, known);
    add("zero", zero, value, false);
    all
}

/// The value with one step or sign taken on the other side; `None` where there is none.
fn on_the_wrong_branch(formula: &mut Formula, value: NodeId) -> Option<NodeId> {
    let is_jump = |id: &NodeId| match formula.node(*id) {
        Node::Apply(apply) => {
            apply.marks.is_empty() && ["step", "sign"].contains(&&*formula.function(apply.function).name)
        }
        _ => false,
    };
    let jump = formula.reachable(&[value]).into_iter().find(is_jump)?;
    let Node::Apply(apply) = formula.node(jump).clone() else { return None };
    let other = formula.negate(apply.arguments[0]).ok()?;
    let other = formula.apply(apply.function, &[], &[other]).ok()?;
    formula.substitute(value, &mut HashMap::from([(jump, other)])).ok()
}

#[test]
fn one_wrong_entry_of_ten_thousand_is_found() {
    let library = Library::standard();
    let declarations = "X: 100 x 100, A: 100 x 100, b: 100";
    let formulas = [
        "norm(X)^2",
        "tr(A*X)",
        "sum(exp(X))",
        "sum(tanh(X))",
        "sum(relu(X - A))",
        "norm(X*b - b)^2",
        "sum(A .* X.^3)",
        "sum(softmax(X, 2) .* A)",
        "b'*X*b",
        "sum(log(1 + exp(X)))",
        "norm(A*X)^2",
        "1e-20*norm(X - A)^2",
    ];
    let (mut found, mut right) = (0, 0);
    for (at, text) in formulas.into_iter().enumerate() {
        let parsed = syntax::parse(Source { text, declarations }, &library).unwrap();
        let request = Request { wrt: vec![Name::from("X")], ..Request::default() };
        let derived = calculus::derive(&parsed.formula, &request, Laws::standard()).unwrap();
        let reading = &derived.readings[0];
        let mut formula = derived.derivation.formula.clone();
        let shape = formula.shape(reading.value).clone();
        let entry = one_entry(
            &mut formula,
            &shape,
            [(37 * at + 5) % 100, (61 * at + 99) % 100].map(|place| place as u32),
        )
        .unwrap();
        // A part of 1e-6 of the largest entries.
        let size = if text.starts_with("1e-20") { "1e-26" } else { "1e-6" };
        let small = scaled(&mut formula, decimal(size), entry);
        let spoilt = formula.add(&[reading.value, small]).unwrap();
        for (claimed, is_right) in [(spoilt, false), (reading.raw, true)] {
            let claim = Claim {
                formula: &formula,
                claimed,
                right: reading.value,
                forms: &[],
                pool: &[],
                is_partial: false,
                other_layout: None,
                definitions: &[],
            };
            let mut random = Random::new(at as u64, Purpose::Check, 0);
            let judged = judge_claim(&claim, &mut || random.normal(), &mut |_| Ok(None)).unwrap();
            match judged.verdict {
                Verdict::Different(_) if !is_right => found += 1,
                Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. } if is_right => right += 1,
                verdict => panic!("{text}, {is_right}: {verdict:?}"),
            }
        }
    }
    println!("one entry of 10,000: found {found} of {}, right ones accepted {right}", formulas.len());
}

fn judge(text: &str, seed: u64, library: &Library, tallies: &mut BTreeMap<&'static str, Tally>) {
    let Ok(parsed) = syntax::parse(Source { text, declarations: "" }, library) else { return };
    let Ok(derived) = calculus::derive(&parsed.formula, &Request::default(), Laws::standard()) else {
        return;
    };
    let Some(reading) = derived.readings.first() else { return };
    let mut formula = derived.derivation.formula.clone();
    assert_eq!(formula.shape(reading.raw), formula.shape(reading.value), "{text}: {}", reading.by);
    for made in made(&mut formula, reading.value, reading.raw, &reading.by) {
        let claim = Claim {
            formula: &formula,
            claimed: made.claimed,
            right: made.right,
            forms: &[],
            pool: &[],
            // What was derived need only hold where it has a value: the formula may have none elsewhere.
            is_partial: made.is_right,
            other_layout: None,
            definitions: &[],
        };
        let mut random = Random::new(seed, Purpose::Check, 0);
        let Ok(judged) = judge_claim(&claim, &mut || random.normal(), &mut |_| Ok(None)) else { continue };
        let tally = tallies.entry(made.kind).or_default();
        let line = || format!("{}: {}", text.replace('\n', "; "), reading.by);
        match (&judged.verdict, made.is_right) {
            (Verdict::Undecided(why), _) => {
                tally.undecided += 1;
                let why = why.first().map_or("", |why| why.split(':').next().unwrap_or(why));
                *tally.reasons.entry(why.to_owned()).or_default() += 1;
            }
            (Verdict::Different(_), true) => {
                tally.no += 1;
                tally.wrong.push(line());
            }
            (Verdict::Different(_), false) => tally.no += 1,
            (_, true) => tally.yes += 1,
            // What was changed may have no part in the value: of 0 each multiple is right.
            (_, false) if !differ_somewhere(&formula, [made.claimed, made.right], seed) => tally.same += 1,
            (_, false) => {
                tally.yes += 1;
                tally.wrong.push(line());
            }
        }
    }
}

#[test]
fn no_wrong_claim_is_accepted_and_no_right_one_refused() {
    let library = Library::standard();
    let mut drawn = formulas(&library, count("CHAINRULE_RANDOM_CLAIMS", FORMULAS));
    if let Ok(part) = std::env::var("CHAINRULE_RANDOM_WITH") {
        drawn.retain(|(_, text)| text.contains(&part));
    }
    let next = AtomicUsize::new(0);
    let parts: Vec<BTreeMap<&'static str, Tally>> = std::thread::scope(|scope| {
        let work = || {
            let mut tallies = BTreeMap::new();
            while let Some((seed, text)) = drawn.get(next.fetch_add(1, Ordering::Relaxed)) {
                let judged = AssertUnwindSafe(|| judge(text, *seed, &library, &mut tallies));
                std::panic::catch_unwind(judged).unwrap_or_else(|_| panic!("the judge panics at {text}"));
            }
            tallies
        };
        let handles = [(); 2].map(|()| scope.spawn(work));
        handles.map(|handle| handle.join().expect("a claim made the judge panic")).into()
    });
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for (kind, part) in parts.into_iter().flatten() {
        let tally = tallies.entry(kind).or_default();
        tally.yes += part.yes;
        tally.same += part.same;
        tally.no += part.no;
        tally.undecided += part.undecided;
        tally.wrong.extend(part.wrong);
        for (reason, count) in part.reasons {
            *tally.reasons.entry(reason).or_default() += count;
        }
    }
    println!("{:<40} {:>6} {:>9} {:>6} {:>9}", "claim", "yes", "no change", "no", "undecided");
    let (mut all, mut undecided, mut wrong) = (0, 0, Vec::new());
    for (kind, tally) in &tallies {
        let Tally { yes, same, no, .. } = tally;
        println!("{kind:<40} {yes:>6} {same:>9} {no:>6} {:>9}   {:?}", tally.undecided, tally.reasons);
        all += yes + same + no + tally.undecided;
        undecided += tally.undecided;
        wrong.extend(tally.wrong.iter().map(|line| format!("{kind}: {line}")));
    }
    println!("judged {all}, undecided {undecided}, wrong verdicts {}\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(all > 0 && wrong.is_empty(), "{} wrong verdicts", wrong.len());
    assert!(100.0 * undecided as f64 <= UNDECIDED * all as f64, "{undecided} of {all} are undecided");
}
