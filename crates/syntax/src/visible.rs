//! Text of others as it is safe to show: what would steer a terminal or turn the direction of writing is spelled out.

/// A text with every control character but line breaks and tabs, and every sign that is not seen but changes how others are
/// seen, in the form `\\u{1b}`.
///
/// ```
/// # use chainrule_syntax as syntax;
/// assert_eq!(syntax::visible("a\u{1b}[2J\n\u{202e}b"), "a\\u{1b}[2J\n\\u{202e}b");
/// ```
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match is_unseen(letter) {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
    }
    shown
}

/// C0, DEL and C1; marks, overrides and isolates of direction; signs of no width; breaks of lines and paragraphs.
fn is_unseen(letter: char) -> bool {
    let is_format = matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    is_format || letter.is_control() && !matches!(letter, '\n' | '\t')
}
