//! Claims about random derivatives: what is right is never refused, and nothing that is wrong is accepted, however small it is.

use super::{count, formulas};
use calculus::{Laws, Request};
use chainrule::{Library, Source};
use compiler::{Claim, Verdict, judge_claim};
use formula::{Constant, Direction, Formula, Name, Node, NodeId, Number, Shape, Size, Variable};
use std::collections::BTreeMap;
use table::{Purpose, Random};

/// How many formulas are drawn, unless `CHAINRULE_RANDOM_CLAIMS` says another number.
const FORMULAS: usize = 40;
/// How many of the right claims may be undecided, by a hundred.
const UNDECIDED: f64 = 1.0;

/// What came of the claims of one kind.
#[derive(Default)]
struct Tally {
    yes: usize,
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

/// The matrix whose one entry is 1, in its first row and column.
fn first_entry(formula: &mut Formula, shape: &Shape) -> Option<NodeId> {
    let one = formula.number(Number::ONE);
    let mut unit = |size: &Size| {
        if size.is_one() {
            return Some(one);
        }
        let rest = size.add(&Size::number(1).negate());
        let zeros = formula.constant(Constant::Zeros, Shape::column(rest));
        formula.block(Direction::Down, &[one, zeros]).ok()
    };
    let (rows, cols) = (unit(&shape.rows)?, unit(&shape.cols)?);
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
    if let Some(entry) = first_entry(formula, &shape) {
        let small = scaled(formula, decimal("1e-9"), entry);
        let spoilt = formula.add(&[value, small]).unwrap();
        add("one entry off by 1e-9", spoilt, value, false);
    }
    let zero = scaled(formula, Number::ZERO, known);
    add("zero", zero, value, false);
    all
}

fn is_zero(formula: &Formula, id: NodeId) -> bool {
    matches!(formula.node(id), Node::Constant(Constant::Zeros, _))
        || formula.as_number(id).is_some_and(Number::is_zero)
}

fn judge(text: &str, seed: u64, library: &Library, tallies: &mut BTreeMap<&'static str, Tally>) {
    let Ok(parsed) = syntax::parse(Source { text, declarations: "" }, library) else { return };
    let Ok(derived) = calculus::derive(&parsed.formula, &Request::default(), Laws::standard()) else {
        return;
    };
    let Some(reading) = derived.readings.first() else { return };
    let mut formula = derived.derivation.formula.clone();
    let is_flat = is_zero(&formula, reading.value);
    for made in made(&mut formula, reading.value, reading.raw, &reading.by) {
        // Of what is 0, these claims are right.
        let is_right =
            made.is_right || (is_flat && matches!(made.kind, "zero" | "the other sign" | "times 1.000001"));
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
        match (&judged.verdict, is_right) {
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
    let drawn = formulas(&library, count("CHAINRULE_RANDOM_CLAIMS", FORMULAS));
    let half = drawn.len().div_ceil(2).max(1);
    let parts: Vec<BTreeMap<&'static str, Tally>> = std::thread::scope(|scope| {
        let work = |part: &[(u64, String)]| {
            let mut tallies = BTreeMap::new();
            for (seed, text) in part {
                judge(text, *seed, &library, &mut tallies);
            }
            tallies
        };
        let handles: Vec<_> = drawn.chunks(half).map(|part| scope.spawn(move || work(part))).collect();
        handles.into_iter().map(|handle| handle.join().expect("a claim made the judge panic")).collect()
    });
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for (kind, part) in parts.into_iter().flatten() {
        let tally = tallies.entry(kind).or_default();
        tally.yes += part.yes;
        tally.no += part.no;
        tally.undecided += part.undecided;
        tally.wrong.extend(part.wrong);
        for (reason, count) in part.reasons {
            *tally.reasons.entry(reason).or_default() += count;
        }
    }
    println!("{:<40} {:>6} {:>6} {:>9}", "claim", "yes", "no", "undecided");
    let (mut all, mut undecided, mut wrong) = (0, 0, Vec::new());
    for (kind, tally) in &tallies {
        println!("{kind:<40} {:>6} {:>6} {:>9}   {:?}", tally.yes, tally.no, tally.undecided, tally.reasons);
        all += tally.yes + tally.no + tally.undecided;
        undecided += tally.undecided;
        wrong.extend(tally.wrong.iter().map(|line| format!("{kind}: {line}")));
    }
    println!("judged {all}, undecided {undecided}, wrong verdicts {}\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(all > 0 && wrong.is_empty(), "{} wrong verdicts", wrong.len());
    assert!(100.0 * undecided as f64 <= UNDECIDED * all as f64, "{undecided} of {all} are undecided");
}
