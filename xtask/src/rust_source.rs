//! A Rust file split into what the rules ask about: code without comments and texts, the texts, and the test lines.

/// A Rust file, line by line, with comments and the insides of string literals told apart from code.
#[derive(Debug, Clone)]
pub struct RustSource<'a> {
    /// The lines as written.
    pub lines: Vec<&'a str>,
    /// The same lines with comments and the insides of literals replaced by spaces.
    pub code: Vec<String>,
    /// Whether each line belongs to an item that is compiled for tests alone.
    pub is_test: Vec<bool>,
    /// The string literals, in order, escapes left as written.
    pub literals: Vec<Literal>,
}

/// A string literal and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The line, counted from 0.
    pub line: usize,
    /// What stands between the quotes.
    pub text: String,
}

impl<'a> RustSource<'a> {
    /// Splits `text`. Text that is not Rust is split as well as it goes and never refused.
    pub fn parse(text: &'a str) -> Self {
        let mut scanner =
            Scanner { chars: text.chars().collect(), at: 0, code: String::new(), literals: vec![] };
        scanner.scan();
        let code: Vec<String> = scanner.code.lines().map(str::to_owned).collect();
        let lines: Vec<&str> = text.lines().collect();
        let mut is_test = test_lines(&scanner.code);
        is_test.resize(lines.len(), false);
        Self { lines, code, is_test, literals: scanner.literals }
    }

    /// The numbers of the lines, counted from 0, whose code holds `token` as a token of its own: no letter, digit or
    /// underscore may touch an end of it that is one.
    pub fn lines_with(&self, token: &str) -> Vec<usize> {
        (0..self.code.len()).filter(|&line| holds_token(&self.code[line], token)).collect()
    }
}

/// Whether `code` holds `token` as a token of its own.
fn holds_token(code: &str, token: &str) -> bool {
    code.match_indices(token).any(|(start, _)| {
        let before = code[..start].chars().next_back();
        let after = code[start + token.len()..].chars().next();
        let joins = |inside: Option<char>, outside: Option<char>| {
            inside.is_some_and(is_word) && outside.is_some_and(is_word)
        };
        !joins(token.chars().next(), before) && !joins(token.chars().next_back(), after)
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Walks the characters of a file once and copies those that are code.
struct Scanner {
    chars: Vec<char>,
    at: usize,
    code: String,
    literals: Vec<Literal>,
}

impl Scanner {
    fn scan(&mut self) {
        while let Some(character) = self.peek(0) {
            match character {
                '/' if self.peek(1) == Some('/') => self.blank_until(|rest| rest[0] == '\n'),
                '/' if self.peek(1) == Some('*') => self.blank_block_comment(),
                '"' => self.string(),
                'r' | 'b' | 'c' if !self.follows_word() => self.prefixed(),
                '\'' => self.character_or_lifetime(),
                _ => self.copy(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn follows_word(&self) -> bool {
        self.at > 0 && is_word(self.chars[self.at - 1])
    }

    fn copy(&mut self) {
        if let Some(character) = self.peek(0) {
            self.code.push(character);
            self.at += 1;
        }
    }

    /// Replaces one character by a space, so that lines and columns stay where they are.
    fn blank(&mut self) {
        if let Some(character) = self.peek(0) {
            self.code.push(if character == '\n' { '\n' } else { ' ' });
            self.at += 1;
        }
    }

    fn blank_until(&mut self, stop: impl Fn(&[char]) -> bool) {
        while self.at < self.chars.len() && !stop(&self.chars[self.at..]) {
            self.blank();
        }
    }

    /// Block comments nest in Rust.
    fn blank_block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            let step = match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => 1,
                (Some('*'), Some('/')) => -1,
                _ => 0,
            };
            self.blank();
            if step != 0 {
                self.blank();
                depth += step;
                if depth == 0 {
                    return;
                }
            }
        }
    }

    /// `r"..."`, `r#"..."#`, `b"..."`, `br"..."`, `c"..."`, `b'x'`; anything else is a name.
    fn prefixed(&mut self) {
        let prefix = self.chars[self.at..].iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
        let is_raw = self.chars[self.at..self.at + prefix].contains(&'r');
        let hashes = self.chars[self.at + prefix..].iter().take_while(|&&c| c == '#').count();
        match self.peek(prefix + hashes) {
            Some('"') if is_raw && prefix <= 2 => {
                (0..prefix + hashes).for_each(|_| self.copy());
                self.raw_string(hashes);
            }
            Some('"') if hashes == 0 && prefix == 1 => {
                self.copy();
                self.string();
            }
            _ => {
                while self.peek(0).is_some_and(is_word) {
                    self.copy();
                }
            }
        }
    }

    fn string(&mut self) {
        self.copy();
        let (line, start) = (self.line(), self.at);
        while let Some(character) = self.peek(0).filter(|&character| character != '"') {
            if character == '\\' {
                self.blank();
            }
            self.blank();
        }
        self.finish_literal(line, start);
        self.copy();
    }

    fn raw_string(&mut self, hashes: usize) {
        self.copy();
        let (line, start) = (self.line(), self.at);
        self.blank_until(|rest| {
            rest[0] == '"' && rest.len() > hashes && rest[1..=hashes].iter().all(|&c| c == '#')
        });
        self.finish_literal(line, start);
        (0..=hashes).for_each(|_| self.copy());
    }

    fn finish_literal(&mut self, line: usize, start: usize) {
        let end = self.at.min(self.chars.len());
        self.literals.push(Literal { line, text: self.chars[start..end].iter().collect() });
    }

    /// `'x'` and `'\n'` are characters, `'a` is a lifetime.
    fn character_or_lifetime(&mut self) {
        let is_escape = self.peek(1) == Some('\\');
        if !is_escape && self.peek(2) != Some('\'') {
            return self.copy();
        }
        self.copy();
        if is_escape {
            self.blank();
        }
        self.blank();
        self.blank_until(|rest| rest[0] == '\'' || rest[0] == '\n');
        self.copy();
    }

    fn line(&self) -> usize {
        self.code.matches('\n').count()
    }
}

/// Marks the lines of every item under `#[cfg(test)]`, or all of them under `#![cfg(test)]`.
fn test_lines(code: &str) -> Vec<bool> {
    let mut marks = vec![false; code.lines().count()];
    if code.contains("#![cfg(test)]") {
        marks.fill(true);
        return marks;
    }
    for attribute in ["#[cfg(test)]", "#[cfg(all(test"] {
        for (start, _) in code.match_indices(attribute) {
            let first = code[..start].matches('\n').count();
            let last = first + code[start..start + item_length(&code[start..])].matches('\n').count();
            for mark in marks.iter_mut().take(last + 1).skip(first) {
                *mark = true;
            }
        }
    }
    marks
}

/// The length in bytes of the item that `code` starts with, its attributes included: up to the `;` or the closing
/// brace that ends it.
fn item_length(code: &str) -> usize {
    let mut depth = 0_i32;
    for (at, character) in code.char_indices() {
        match character {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => {
                depth -= 1;
                if character == '}' && depth <= 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(line: usize, text: &str) -> Literal {
        Literal { line, text: text.to_owned() }
    }

    #[test]
    fn comments_and_texts_are_not_code() {
        let source = RustSource::parse(
            "let a = \"todo!\"; // todo!\n/* todo! /* todo! */ todo! */ let b = 'x'; fn f<'a>(x: &'a str) {}\n",
        );
        assert!(source.lines_with("todo!").is_empty());
        assert!(source.code[1].contains("fn f<'a>(x: &'a str)"));
        assert_eq!(source.literals, [literal(0, "todo!")]);
    }

    #[test]
    fn raw_texts_end_at_their_own_hashes() {
        let source =
            RustSource::parse("let a = r#\"one \"quoted\" word\"#;\nlet b = br\"\\\"; let r#type = b'\"';\n");
        assert_eq!(source.literals, [literal(0, "one \"quoted\" word"), literal(1, "\\")]);
        assert!(source.code[1].contains("let r#type"));
    }

    #[test]
    fn quotes_inside_characters_open_no_text() {
        let source = RustSource::parse("let a = '\"'; let b = '\\''; let c = '\\u{27}'; todo!()\n");
        assert!(source.literals.is_empty());
        assert_eq!(source.lines_with("todo!"), [0]);
    }

    #[test]
    fn tokens_stand_alone() {
        let source = RustSource::parse("not_unsafe();\nunsafe_code();\nunsafe { }\n");
        assert_eq!(source.lines_with("unsafe"), [2]);
    }

    #[test]
    fn test_items_are_marked_to_their_last_line() {
        let text = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nuse d;\n";
        let source = RustSource::parse(text);
        assert_eq!(source.is_test, [false, true, true, true, true, true, false, true, true]);
    }

    #[test]
    fn unfinished_text_is_no_panic() {
        for text in ["\"", "r#\"", "'", "'\\", "/*", "b'", "#[cfg(test)]", "let a = \"\\"] {
            RustSource::parse(text);
        }
    }
}
