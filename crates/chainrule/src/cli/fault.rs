//! A panic is a fault of the program: one sentence says so, and what to report.

use std::ffi::OsStr;
use std::panic::PanicHookInfo;

/// From now on a panic says what to report: version, command and place. The process ends with the status 101 of every panic.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        // Some that damaged pages of Parquet make are caught, and become errors.
        #[cfg(feature = "parquet")]
        if table::is_caught() {
            return;
        }
        super::tell(&sentence(panic, &cut(&command())));
    }));
}

/// What there is to report of a panic.
fn sentence(panic: &PanicHookInfo<'_>, command: &str) -> String {
    let place = panic.location().map_or_else(|| String::from("an unknown place"), ToString::to_string);
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("a panic without words");
    format!(
        "error: this is a fault of chainrule, not of its input: please report this line and the files that were read: version {}, \
         command `{command}`, place {place}, {}",
        env!("CARGO_PKG_VERSION"),
        message.escape_debug()
    )
}

/// The command of the process as words of a command line.
pub fn command() -> String {
    let words: Vec<String> = std::env::args_os().skip(1).map(|argument| word(&argument)).collect();
    format!("chainrule {}", words.join(" "))
}

/// The command with these options, some with a value, in the place of what it says of them.
pub fn command_with(options: &[(&str, Option<&str>)]) -> String {
    words_with(std::env::args_os().skip(1), options)
}

/// Such a command of these words.
pub fn words_with(
    words: impl Iterator<Item = impl AsRef<OsStr>>,
    options: &[(&str, Option<&str>)],
) -> String {
    let words = words.map(|argument| word(argument.as_ref())).collect();
    format!("chainrule {}", with_options(words, options).join(" "))
}

fn with_options(words: Vec<String>, options: &[(&str, Option<&str>)]) -> Vec<String> {
    let mut kept = Vec::with_capacity(words.len());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let is_itself = |(name, _): &&(&str, Option<&str>)| {
            word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        };
        match options.iter().find(is_itself) {
            None => kept.push(word),
            // Its value goes with it.
            Some((name, Some(_))) if word == *name => drop(words.next()),
            Some(_) => {}
        }
    }
    // Behind `--` no option is read.
    let end = kept.iter().position(|word| word == "--").unwrap_or(kept.len());
    let added = options.iter().flat_map(|(name, value)| std::iter::once(*name).chain(*value));
    kept.splice(end..end, added.map(str::to_owned));
    kept
}

/// A command, cut where it grows long.
fn cut(command: &str) -> String {
    const MOST: usize = 400;
    match command.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &command[..end]),
        None => command.to_owned(),
    }
}

/// An argument on one line as a shell reads it: as it is where it is plain, else in single quotes, and with `$'..'` where it has
/// control characters or bytes that are no text.
pub fn word(argument: &OsStr) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.+,%/@:=".contains(c);
    // What debug output escapes beside quotes and backslashes is not printable.
    let is_shown = |c: char| "'\"\\".contains(c) || c.escape_debug().len() == 1;
    match argument.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        Some(text) if text.chars().all(is_shown) => format!("'{}'", text.replace('\'', r"'\''")),
        Some(_) | None => {
            let mut word = String::from("$'");
            let escaped =
                |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
            for chunk in argument.as_encoded_bytes().utf8_chunks() {
                for c in chunk.valid().chars() {
                    match c {
                        '\n' => word.push_str("\\n"),
                        '\t' => word.push_str("\\t"),
                        '\'' | '\\' => word.extend(['\\', c]),
                        c if is_shown(c) => word.push(c),
                        c => word.push_str(&escaped(c.encode_utf8(&mut [0; 4]).as_bytes())),
                    }
                }
                word.push_str(&escaped(chunk.invalid()));
            }
            word.push('\'');
            word
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Every panic of this binary's tests goes through the hook meanwhile, so the one looked for is told by its words.
    #[test]
    fn an_option_that_was_given_is_replaced() {
        let words = "train t.csv --epochs 5 --hidden=3,4 --overwrite --out r".split(' ').map(str::to_owned);
        let options = [("--hidden", Some("16")), ("--epochs", Some("10")), ("--overwrite", None)];
        let with = with_options(words.collect(), &options).join(" ");
        assert_eq!(with, "train t.csv --out r --hidden 16 --epochs 10 --overwrite");
        let words = "train --epochs 5 -- t.csv".split(' ').map(str::to_owned).collect();
        assert_eq!(with_options(words, &[("--epochs", Some("10"))]).join(" "), "train --epochs 10 -- t.csv");
    }

    #[test]
    fn a_panic_says_version_command_and_place() {
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let (heard, before) = (Arc::clone(&said), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            heard.lock().unwrap().push(sentence(panic, "chainrule derive x"));
        }));
        let outcome = std::panic::catch_unwind(|| panic!("the sky {}", "fell\n"));
        std::panic::set_hook(before);
        assert!(outcome.is_err());
        let said = said.lock().unwrap();
        let text = said.iter().find(|text| text.contains("the sky fell\\n")).expect("the hook was called");
        for part in [env!("CARGO_PKG_VERSION"), "`chainrule derive x`", "fault.rs:", "please report"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(text.lines().count(), 1, "{text}");
    }

    #[test]
    fn words_are_quoted_where_they_are_not_plain() {
        for (text, want) in [
            ("derive", "derive"),
            ("runs/t-0", "runs/t-0"),
            ("", "''"),
            ("x y", "'x y'"),
            ("a $(b) `c`", "'a $(b) `c`'"),
            ("x'y", r"'x'\''y'"),
            ("a\u{1b}b", r"$'a\x1bb'"),
            ("f(x)\n 'x'\\", r"$'f(x)\n \'x\'\\'"),
            ("a\u{202e}b", r"$'a\xe2\x80\xaeb'"),
        ] {
            assert_eq!(word(OsStr::new(text)), want);
        }
    }
}
