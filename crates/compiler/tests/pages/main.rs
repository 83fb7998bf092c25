//! Every page of the library, judged: a new page is tested by being there, and each line that is printed names its page.
//!
//! `cargo test -p chainrule-compiler --test pages -- --nocapture` shows the lines; `... | grep bump` those of one page.

mod contributing;
mod derivations;
mod fast;
mod functions;
mod losses;
mod metrics;
mod optimizers;
mod own_pages;
mod peers;

mod schedules;
mod slopes;
mod spoilt;

use chainrule_compiler::{Kind, Library, Request, compile, evaluate};
use formula::{Name, Sizes};
use std::error::Error;

/// What was found to hold of a page, as a few words; or what does not.
type Verdict = Result<String, Box<dyn Error>>;

/// Judges every page of a kind, and every primitive among the functions; all that fails is said, not the first alone.
fn every(kind: Kind, judge: impl Fn(&Library, &Name) -> Verdict) {
    let library = Library::standard();
    let names = library.names(kind);
    assert!(!names.is_empty(), "there is no {kind}");
    let failed: Vec<String> = names.iter().filter_map(|name| judged(&library, kind, name, &judge)).collect();
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
}

/// Judges one page and prints what was found, behind the name of the test: what fails, if it does.
fn judged(
    library: &Library,
    kind: Kind,
    name: &Name,
    judge: &impl Fn(&Library, &Name) -> Verdict,
) -> Option<String> {
    let verdict = judge(library, name);
    let failed = verdict.as_ref().err().map(|error| format!("{kind} {name}: {error}"));
    // The thread of a test has its name; a single thread for all is `main`.
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    println!("{test}: {kind} {name}: {}", verdict.unwrap_or_else(|error| format!("FAILS: {error}")));
    failed
}

/// The text of a page.
fn text_of(library: &Library, kind: Kind, name: &str) -> Result<String, Box<dyn Error>> {
    let page = library.text(name).into_iter().find(|page| page.kind == kind);
    Ok(page.ok_or_else(|| format!("there is no {kind} {name}"))?.text)
}

/// What stands between the brackets of a page's header before its settings: `A: m x q, Y: m x q`.
fn arguments_of(text: &str, kind: Kind, name: &str) -> Result<String, Box<dyn Error>> {
    let header = format!("{kind} {name}(");
    let line = text.lines().find_map(|line| line.strip_prefix(&header));
    let line = line.ok_or_else(|| format!("no line of the page begins with `{header}`"))?;
    let mut depth = 0;
    let end = line.find(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth < 0 || (depth == 0 && letter == ';')
    });
    Ok(line[..end.ok_or("the bracket of the header is not closed")?].to_owned())
}

/// Whether a function acts entry by entry: its arguments have no declared shapes.
fn is_elementwise(library: &Library, name: &str) -> Result<bool, Box<dyn Error>> {
    let text = text_of(library, Kind::Function, name)?;
    Ok(!arguments_of(&text, Kind::Function, name)?.contains(':'))
}

/// A library in which a loss, a metric or a schedule is a function of its name: a call means nothing else then, whatever other
/// pages have the name, and schedules can be called.
fn as_function(library: &Library, kind: Kind, name: &str) -> Result<Library, Box<dyn Error>> {
    let text = text_of(library, kind, name)?;
    let header = format!("{kind} {name}(");
    let mut library = library.clone();
    library.define(&text.replacen(&header, &format!("function {name}("), 1))?;
    Ok(library)
}

/// The value of a scalar formula over A and Y, of as many rows as there are, and of so many columns.
fn of_a_and_y(
    library: &Library,
    text: &str,
    [a, y]: [&[f64]; 2],
    cols: usize,
) -> Result<f64, Box<dyn Error>> {
    let request = Request {
        text,
        declarations: "A: m x q, Y: m x q",
        values: &["f"],
        data: &["A", "Y"],
        sizes: &sizes(&[("m", a.len() / cols), ("q", cols)]),
        ..Request::default()
    };
    let values = evaluate(&compile(&request, library)?, &[a, y], &[], &[], a.len() / cols)?;
    Ok(*values.first().ok_or("a scalar formula has one value")?)
}

fn sizes(named: &[(&str, usize)]) -> Sizes {
    named.iter().map(|(name, size)| (Name::from(*name), *size)).collect()
}

/// How far apart two numbers are, by the larger of the second's size and a floor; 0 for equal infinities and for two that are
/// no numbers.
fn apart(found: f64, wanted: f64, floor: f64) -> f64 {
    if found == wanted || (found.is_nan() && wanted.is_nan()) {
        return 0.0;
    }
    let error = (found - wanted).abs() / wanted.abs().max(floor);
    // An infinity beside a number, or NaN beside one, is as wrong as can be.
    if error.is_finite() { error } else { f64::INFINITY }
}

/// The largest of such errors, and where it is.
fn worst(found: &[f64], wanted: &[f64], floor: f64) -> (f64, usize) {
    let errors = found.iter().zip(wanted).map(|(found, wanted)| apart(*found, *wanted, floor));
    errors.zip(0..).fold((0.0, 0), |worst, error| if error.0 > worst.0 { error } else { worst })
}

/// Numbers that look random and are the same in every run: Steele, Lea and Flood's SplitMix.
struct Draw(u64);

impl Draw {
    /// A number between -1 and 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    fn entries(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.next()).collect()
    }
}
