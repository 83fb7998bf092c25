//! No text makes a panic: what the fuzz targets are run on for minutes, on seeds and a few thousand random changes of them.

mod entries;

use std::path::Path;

/// The folder of the seeds that are formulas.
const TEXTS: &str = "seeds";

/// Every seed of a folder, in the order of the names.
fn seeds(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

struct Random(u64);

impl Random {
    /// splitmix64
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % count.max(1) as u64) as usize
    }
}

const TOKENS: &[&str] = &[
    "'",
    "''",
    "^",
    ".^",
    ".*",
    "./",
    "\\",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    ":",
    "=",
    "<-",
    "==",
    ">=",
    "-",
    "+",
    "*",
    "/",
    "#",
    "\n",
    " ",
    "0",
    "1e999",
    "1e-9",
    "99999999999999999999",
    "0.1",
    "x",
    "X",
    "m",
    "scalar",
    "function",
    "symmetric",
    "positive definite",
    "sum(",
    "inv(",
    "det(",
    "diag(",
    "vec(",
    "kron(",
    "softmax(",
    "ones(",
    "eye(",
    "rows(",
    "where(",
    "max(",
    "tanh'(",
    "df/dX",
    "law ",
    "function f(x) = ",
    "\u{e9}",
    "\u{2032}",
    "\u{1f600}",
    "\0",
    "\t",
    "\"",
    "\u{feff}",
];

/// A seed with a few changes: parts left out, doubled, swapped with parts of another seed, and tokens and bytes put in.
fn changed(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut text = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(5) {
        let start = random.below(text.len() + 1);
        let end = (start + random.below(12)).min(text.len());
        match random.below(6) {
            0 => {
                text.drain(start..end);
            }
            1 => {
                let part = text[start..end].to_vec();
                text.splice(start..start, part);
            }
            2 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let part = other[from..(from + random.below(30)).min(other.len())].to_vec();
                text.splice(start..end, part);
            }
            3 => {
                let byte = random.below(256) as u8;
                text.insert(start, byte);
            }
            _ => {
                let token = TOKENS[random.below(TOKENS.len())];
                text.splice(start..start, token.bytes());
            }
        }
    }
    text
}

fn count(otherwise: usize) -> usize {
    std::env::var("CHAINRULE_HOSTILE_TEXTS").ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn every_text_is_read_or_refused_with_a_place_and_a_mend() {
    let seeds = seeds(TEXTS);
    seeds.iter().for_each(|seed| entries::read(seed));
    let mut random = Random(1);
    for _ in 0..count(5000) {
        let text = changed(&seeds, &mut random);
        let result = std::panic::catch_unwind(|| entries::read(&text));
        assert!(result.is_ok(), "a panic on {:?}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn every_text_is_answered_or_refused() {
    none_panics(TEXTS, 2, 1500, entries::answer);
}

#[test]
fn every_claim_is_judged_or_refused() {
    none_panics(TEXTS, 3, 1000, entries::claim);
}

#[test]
fn all_bytes_are_read_as_a_table_or_refused() {
    none_panics("tables", 4, 5000, entries::table);
}

/// Puts every seed and some changes of them through an entry, each in a bounded time.
fn none_panics(folder: &str, start: u64, texts: usize, entry: fn(&[u8])) {
    let seeds = seeds(folder);
    seeds.iter().for_each(|seed| entry(seed));
    let mut random = Random(start);
    let mut slowest = (std::time::Duration::ZERO, String::new());
    for _ in 0..count(texts) {
        let text = changed(&seeds, &mut random);
        let start = std::time::Instant::now();
        let result = std::panic::catch_unwind(|| entry(&text));
        let shown = String::from_utf8_lossy(&text).into_owned();
        assert!(result.is_ok(), "a panic on {shown:?}");
        slowest = slowest.max((start.elapsed(), shown));
    }
    println!("the slowest of the texts took {:.1?}: {:?}", slowest.0, slowest.1);
    assert!(slowest.0 < std::time::Duration::from_secs(20), "{slowest:?}");
}
