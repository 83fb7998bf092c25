//! Words of messages: counts, lists, and names and cells as they are shown.

/// The line up to which a file was read.
pub(crate) fn near(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(", near line {line}"))
}

pub(crate) fn valid_rows(rows: usize) -> String {
    match rows {
        0 => "there are no rows".to_owned(),
        1 => "the only row is row 0".to_owned(),
        _ => format!("rows are counted from 0 to {}", rows - 1),
    }
}

pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// At most twelve names in backticks, the last joined by `last`.
pub(crate) fn listed(names: &[String], last: &str) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{}`", short(name))).collect();
    if names.len() > MOST {
        shown.push(format!("{} more", names.len() - MOST));
    }
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{}{last}{end}", rest.join(", ")),
    }
}

/// A column's name as a word of a command line.
pub fn argument(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { quoted(&short(name)) }
}

/// The option that takes words as missing cells; none where they are many or the option cannot hold them.
pub(crate) fn missing_option(words: &[String]) -> Option<String> {
    const MOST: usize = 8;
    let can_be_given = |word: &String| {
        short(word) == *word && word.chars().count() <= 40 && !word.contains(',') && !word.starts_with("not:")
    };
    let is_short = words.len() <= MOST && words.iter().all(can_be_given);
    // Words are quoted together, as one argument.
    let list = words.join(",");
    is_short.then(|| format!("--missing={}", if is_plain(&list) { list } else { quoted(&list) }))
}

/// Whether a shell takes a text as it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.+%/@:=,".contains(c))
}

/// A text in the quotes of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A cell or name on one line: control characters escaped, and cut where it grows long.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == MOST {
            shown.push_str("...");
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
