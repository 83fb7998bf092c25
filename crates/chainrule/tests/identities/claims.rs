//! Known derivatives as claims: right in every rewriting, refused in every way to spoil them, and the slip named.

use crate::entry::{Entry, Random};
use crate::language::{Expression, Sign, Term};
use crate::value::{Names, Value, value};
use crate::{ENTRIES, SIZES, apart};
use chainrule::{ClaimQuestion, Form, Layout, Library, Order, Symmetric, Verdict, check_claim, slip_text};
use formula::Name;

/// How an entry's derivative is asked for.
fn request(entry: &Entry) -> calculus::Request {
    calculus::Request {
        wrt: vec![Name::from(entry.wrt.as_str())],
        order: if entry.order == 2 {
            Order::Second(entry.wrt2.as_deref().map(Name::from))
        } else {
            Order::First
        },
        form: match entry.layout.as_deref() {
            Some("jacobian") => Some(Form::Jacobian),
            Some("tangent") => Some(Form::Tangent),
            Some("vec") => Some(Form::Vec),
            _ => None,
        },
        layout: Layout::Mixed,
        symmetric: match entry.convention.as_deref() {
            Some("indep") => Symmetric::Independent,
            _ => Symmetric::Projection,
        },
    }
}

/// What is said of a claim.
enum Said {
    Yes,
    YesOnNumbers,
    No { slip: Option<(&'static str, String)> },
    Undecided,
    Refused(String),
}

fn said(entry: &Entry, request: &calculus::Request, claim: &str) -> Said {
    let declarations = entry.declarations();
    let question = ClaimQuestion {
        text: &entry.expr,
        declarations: &declarations,
        request,
        is_in_any_layout: false,
        claim: &syntax::Claim::of(claim),
    };
    match check_claim(&question, 1, &Library::standard()) {
        Err(error) => Said::Refused(error.to_string()),
        Ok(answer) => match &answer.judged.verdict {
            Verdict::Equal { .. } | Verdict::EqualTransposed { .. } => Said::Yes,
            Verdict::EqualOnNumbers { .. } => Said::YesOnNumbers,
            Verdict::Undecided(_) => Said::Undecided,
            Verdict::Different(difference) => {
                let named = difference.slip.as_ref();
                Said::No { slip: named.map(|slip| (slip.name, slip_text(&answer.judged, slip))) }
            }
        },
    }
}

/// A term as text, every operation in brackets.
fn print(expression: &Expression, id: usize, changed: &dyn Fn(usize) -> Option<String>) -> String {
    if let Some(text) = changed(id) {
        return text;
    }
    let part = |id: &usize| print(expression, *id, changed);
    match &expression.terms[id] {
        Term::Number(bits) => format!("{}", f64::from_bits(*bits)),
        Term::Name(name) => name.clone(),
        Term::Negate(inner) => format!("(-{})", part(inner)),
        Term::Transpose(inner) => format!("{}'", part(inner)),
        Term::Binary(sign, left, right) => binary(*sign, &part(left), &part(right)),
        Term::Call(name, parts) => {
            format!("{name}({})", parts.iter().map(part).collect::<Vec<_>>().join(", "))
        }
    }
}

fn binary(sign: Sign, left: &str, right: &str) -> String {
    let sign = match sign {
        Sign::Add => "+",
        Sign::Subtract => "-",
        Sign::Multiply => "*",
        Sign::Divide => "/",
        Sign::Times => ".*",
        Sign::Over => "./",
        Sign::Power => "^",
        Sign::Raise => ".^",
    };
    format!("({left} {sign} {right})")
}

/// The ways to spoil an answer, each with texts that are spoilt so, the first places first.
fn spoilt(entry: &Entry, known: &Expression) -> Vec<(&'static str, Vec<String>)> {
    let whole = print(known, known.root, &|_| None);
    let plain = |id: usize| print(known, id, &|_| None);
    let mut swapped = Vec::new();
    let mut lost = Vec::new();
    let mut operator = Vec::new();
    for (place, term) in known.terms.iter().enumerate().rev() {
        let Term::Binary(sign, left, right) = term else { continue };
        let (left, right) = (plain(*left), plain(*right));
        let with = |list: &mut Vec<String>, text: String| {
            list.push(print(known, known.root, &|id| (id == place).then(|| text.clone())));
        };
        match sign {
            Sign::Multiply => with(&mut swapped, binary(Sign::Multiply, &right, &left)),
            Sign::Add | Sign::Subtract => {
                with(&mut lost, left.clone());
                with(&mut lost, if *sign == Sign::Add { right.clone() } else { format!("(-{right})") });
                let other = if *sign == Sign::Add { Sign::Subtract } else { Sign::Add };
                with(&mut operator, binary(other, &left, &right));
            }
            Sign::Times => {
                with(&mut operator, binary(Sign::Multiply, &left, &right));
                with(&mut operator, binary(Sign::Over, &left, &right));
            }
            Sign::Over => with(&mut operator, binary(Sign::Times, &left, &right)),
            Sign::Divide | Sign::Power | Sign::Raise => {}
        }
    }
    vec![
        ("transpose", vec![format!("{whole}'")]),
        ("factor 2", vec![format!("2*{whole}"), format!("{whole}/2")]),
        ("sign", vec![format!("-{whole}")]),
        ("swapped factors", swapped),
        ("lost term", lost),
        ("other layout", other_layout(entry)),
        ("entry-wise operator", operator),
    ]
}

/// The answer in the other layout or the other convention, as derived.
fn other_layout(entry: &Entry) -> Vec<String> {
    let request = request(entry);
    let other = match entry.convention.as_deref() {
        Some("indep") => calculus::Request { symmetric: Symmetric::Projection, ..request },
        Some(_) => calculus::Request { symmetric: Symmetric::Independent, ..request },
        None if entry.layout.is_some() || entry.order == 2 => {
            calculus::Request { layout: Layout::Denominator, ..request }
        }
        None => calculus::Request { layout: Layout::Numerator, ..request },
    };
    let declarations = entry.declarations();
    let source = chainrule::Source { text: &entry.expr, declarations: &declarations };
    let Ok(parsed) = syntax::parse(source, &Library::standard()) else { return Vec::new() };
    let Ok(derived) = calculus::derive(&parsed.formula, &other, calculus::Laws::standard()) else {
        return Vec::new();
    };
    let text = notation::text_in(
        &derived.derivation.formula,
        derived.readings[0].value,
        notation::Dialect::Portable,
    );
    text.into_iter().collect()
}

/// The names of slips that say what was done. Where swapping or losing something gives what another slip gives too, that slip
/// is as right.
fn says_so(kind: &str, slip: &str, text: &str) -> bool {
    match kind {
        "transpose" => slip == "transposed",
        "factor 2" => slip == "factor" && text.contains('2'),
        "sign" => slip == "sign",
        "swapped factors" => matches!(slip, "swapped factors" | "transposed"),
        "lost term" => matches!(slip, "term lost" | "symmetric part" | "taken as known"),
        "other layout" => matches!(slip, "transposed" | "other layout" | "symmetric part" | "taken as known"),
        "entry-wise operator" => slip == "operator",
        _ => false,
    }
}

/// Points at which known answers and claims are evaluated.
fn points(entry: &Entry) -> Vec<Names> {
    let expression = Expression::read(&entry.expr).expect("an expression reads");
    let point = |(at, sizes): (usize, &[(&str, usize); 5])| {
        entry.point(&expression, sizes, &mut Random(91 + at as u64))
    };
    SIZES.iter().enumerate().map(point).collect()
}

/// How far a text is from the known answer: `None` where it has no value, infinite where its shape is another.
fn distance(text: &str, known: &Expression, points: &[Names]) -> Option<f64> {
    let expression = Expression::read(text).ok()?;
    let mut worst = 0.0_f64;
    for names in points {
        let found: Value = value(&expression, names).ok()?.0;
        let right = value(known, names).expect("a known answer has a value").0;
        worst = worst.max(apart(&found, &right).unwrap_or(f64::INFINITY));
    }
    Some(worst)
}

/// Three rewritings of an answer.
fn rewritten(known: &Expression) -> [String; 3] {
    [
        expanded(known, known.root).join(" + "),
        format!("({})'", transposed(known, known.root)),
        reordered(known, known.root),
    ]
}

/// The terms of a value with products written out over sums.
fn expanded(known: &Expression, id: usize) -> Vec<String> {
    match &known.terms[id] {
        Term::Binary(Sign::Add, left, right) => [expanded(known, *left), expanded(known, *right)].concat(),
        Term::Binary(Sign::Subtract, left, right) => {
            let minus = expanded(known, *right).into_iter().map(|term| format!("(-{term})"));
            expanded(known, *left).into_iter().chain(minus).collect()
        }
        Term::Binary(sign @ (Sign::Multiply | Sign::Times), left, right) => {
            let rights = expanded(known, *right);
            let lefts = expanded(known, *left);
            // A sum of a number and a matrix is one value: the number spreads over the matrix.
            let mixed = |terms: &[String]| terms.len() > 1 && terms.iter().any(|term| is_number(term));
            if mixed(&lefts) || mixed(&rights) || lefts.len() * rights.len() > 30 {
                return vec![print(known, id, &|_| None)];
            }
            lefts.iter().flat_map(|left| rights.iter().map(move |right| binary(*sign, left, right))).collect()
        }
        Term::Transpose(inner) => {
            expanded(known, *inner).into_iter().map(|term| format!("{term}'")).collect()
        }
        Term::Negate(inner) => expanded(known, *inner).into_iter().map(|term| format!("(-{term})")).collect(),
        Term::Number(_) | Term::Name(_) | Term::Binary(..) | Term::Call(..) => {
            vec![print(known, id, &|_| None)]
        }
    }
}

fn is_number(text: &str) -> bool {
    text.trim_matches(['(', ')', '-']).parse::<f64>().is_ok()
}

/// The transpose of a value, pushed inward.
fn transposed(known: &Expression, id: usize) -> String {
    match &known.terms[id] {
        Term::Transpose(inner) => print(known, *inner, &|_| None),
        Term::Negate(inner) => format!("(-{})", transposed(known, *inner)),
        Term::Binary(Sign::Multiply, left, right) => {
            binary(Sign::Multiply, &transposed(known, *right), &transposed(known, *left))
        }
        Term::Binary(Sign::Divide, left, right) => {
            binary(Sign::Divide, &transposed(known, *left), &print(known, *right, &|_| None))
        }
        Term::Binary(sign @ (Sign::Add | Sign::Subtract | Sign::Times | Sign::Over), left, right) => {
            binary(*sign, &transposed(known, *left), &transposed(known, *right))
        }
        Term::Number(_) => print(known, id, &|_| None),
        Term::Name(_) | Term::Binary(..) | Term::Call(..) => format!("{}'", print(known, id, &|_| None)),
    }
}

/// A value with its terms the other way round, and numbers behind what they scale.
fn reordered(known: &Expression, id: usize) -> String {
    let part = |id: &usize| reordered(known, *id);
    match &known.terms[id] {
        Term::Binary(Sign::Add, left, right) => binary(Sign::Add, &part(right), &part(left)),
        Term::Binary(Sign::Subtract, left, right) => {
            binary(Sign::Add, &format!("(-{})", part(right)), &part(left))
        }
        Term::Binary(Sign::Times, left, right) => binary(Sign::Times, &part(right), &part(left)),
        Term::Binary(Sign::Multiply, left, right) if matches!(known.terms[*left], Term::Number(_)) => {
            binary(Sign::Multiply, &part(right), &part(left))
        }
        Term::Binary(sign, left, right) => binary(*sign, &part(left), &part(right)),
        Term::Negate(inner) => format!("(-{})", part(inner)),
        Term::Transpose(inner) => format!("{}'", part(inner)),
        Term::Number(_) | Term::Name(_) | Term::Call(..) => print(known, id, &|_| None),
    }
}

/// The share of slips that must be named rightly, in hundredths; they only ever rise.
const NAMED: [(&str, usize); 7] = [
    ("transpose", 100),
    ("factor 2", 100),
    ("sign", 100),
    ("swapped factors", 97),
    ("lost term", 96),
    ("other layout", 98),
    ("entry-wise operator", 97),
];

#[test]
fn right_claims_pass_in_every_rewriting() {
    let (mut judged, mut by_normal_form, mut refused) = (0, 0, Vec::new());
    let mut unread = 0;
    for entry in Entry::all(ENTRIES) {
        let known = Expression::read(&entry.derivative).expect("a known answer reads");
        let (request, points) = (request(&entry), points(&entry));
        let mut texts = vec![entry.derivative.clone()];
        texts.extend(rewritten(&known));
        for text in texts {
            // A rewriting is only one where it has the same value.
            if !distance(&text, &known, &points).is_some_and(|distance| distance < 1e-9) {
                unread += 1;
                continue;
            }
            judged += 1;
            match said(&entry, &request, &text) {
                Said::Yes => by_normal_form += 1,
                Said::YesOnNumbers => {}
                Said::No { slip } => refused.push(format!("{}: {text}: {slip:?}", entry.id)),
                Said::Undecided => refused.push(format!("{}: {text}: undecided", entry.id)),
                Said::Refused(reason) => refused.push(format!("{}: {text}: {reason}", entry.id)),
            }
        }
    }
    println!(
        "right claims {judged}, by normal form {by_normal_form}, refused {}, not rewritten {unread}",
        refused.len()
    );
    println!("  {}", refused.join("\n  "));
    assert!(refused.is_empty());
}

#[test]
fn spoilt_claims_are_refused_and_their_slips_named() {
    let entries = Entry::all(ENTRIES);
    let mut tallies: Vec<(&str, [usize; 4])> = NAMED.iter().map(|(kind, _)| (*kind, [0; 4])).collect();
    let (mut accepted, mut misnamed, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &entries {
        let known = Expression::read(&entry.derivative).expect("a known answer reads");
        let (request, points) = (request(entry), points(entry));
        for (kind, texts) in spoilt(entry, &known) {
            let Some((_, tally)) = tallies.iter_mut().find(|(known, _)| *known == kind) else { continue };
            let mut sites = 0;
            for text in texts {
                let Some(distance) = distance(&text, &known, &points) else { continue };
                tally[0] += 1;
                if distance < 1e-7 || sites == 3 {
                    continue;
                }
                sites += 1;
                let line = |what: &str| {
                    format!("{kind}: {} by {}: {text}   [{}] {what}", entry.expr, entry.wrt, entry.derivative)
                };
                match said(entry, &request, &text) {
                    Said::Yes | Said::YesOnNumbers => accepted.push(line("accepted")),
                    Said::Undecided => accepted.push(line("undecided")),
                    Said::Refused(reason) => unread.push(line(&reason)),
                    Said::No { slip } => {
                        tally[1] += 1;
                        match slip {
                            Some((name, says)) if says_so(kind, name, &says) => tally[2] += 1,
                            Some((name, says)) => misnamed.push(line(&format!("{name}: {says}"))),
                            None => {
                                tally[3] += 1;
                                misnamed.push(line("no name"));
                            }
                        }
                    }
                }
            }
        }
    }
    println!(
        "{:<20} {:>8} {:>8} {:>8} {:>8} {:>7}",
        "slip", "spoilt", "refused", "named", "no name", "share"
    );
    for (kind, [made, refused, named, nameless]) in &tallies {
        let share = 100.0 * *named as f64 / (*refused).max(1) as f64;
        println!("{kind:<20} {made:>8} {refused:>8} {named:>8} {nameless:>8} {share:>6.1}%");
    }
    println!("accepted {}\n  {}", accepted.len(), accepted.join("\n  "));
    println!("unread {}\n  {}", unread.len(), unread.join("\n  "));
    println!("misnamed {}\n  {}", misnamed.len(), misnamed.join("\n  "));
    assert!(accepted.is_empty(), "{} wrong claims are accepted", accepted.len());
    for ((kind, floor), (_, [_, refused, named, _])) in NAMED.iter().zip(&tallies) {
        assert!(100 * named >= floor * refused, "{kind}: {named} of {refused} are named");
    }
}
