//! A page of the library, or a definition of a user's own, as data: its header, body and lines.

use crate::constant::constant;
use crate::definitions::kind_word;
use crate::diagnostic::{Diagnostic, Mistake, Origin, Span, Text};
use crate::library::defaults;
use crate::parser::Parser;
use crate::range::{self, Range};
use crate::shapes::{Declared, declared};
use crate::token::{self, Breaks};
use crate::tree::{ExprId, Tree};
use ::library::Kind;
use formula::{Name, Number, Shape};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a page says, read but not yet judged by shapes.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub kind: Kind,
    pub name: Name,
    /// The page.
    pub text: Arc<Text>,
    /// The expressions of the page.
    pub tree: Tree,
    pub parameters: Vec<Parameter>,
    /// The numbers that follow the arguments and belong to the name, such as the 2 of `softmax(X: m x n, 2)`.
    pub axis: Vec<u8>,
    /// The settings and their defaults.
    pub settings: Vec<(Name, Number)>,
    /// What holds of the settings in every use.
    pub ranges: Vec<Range>,
    /// What stands after the `=`; optimizers have none.
    pub body: Option<ExprId>,
    /// The slopes by each parameter, or none.
    pub slopes: Vec<ExprId>,
    pub stable: Option<ExprId>,
    pub latex: Option<String>,
    /// What is said where it is used.
    pub note: Option<String>,
    /// How languages of code write the function, by their names.
    pub code: BTreeMap<Name, String>,
    pub portable: bool,
    /// Pairs that ought to be equal.
    pub checks: Vec<(String, String)>,
    /// The states of an optimizer and what they are at first.
    pub states: Vec<(Name, Number)>,
    /// The lines `W <- ...` of an optimizer.
    pub updates: Vec<(Name, ExprId)>,
}

/// A parameter, with its shape where it is declared.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub name: Name,
    pub shape: Option<Shape>,
}

impl Definition {
    /// Whether it takes the place of another: one kind, one name, and the same numbers after the arguments.
    pub fn replaces(&self, known: &Definition) -> bool {
        known.kind == self.kind && known.name == self.name && known.axis == self.axis
    }

    /// Whether it acts entry by entry; otherwise its arguments have declared shapes, and it is written out where it is used,
    /// unless it is kept.
    pub fn is_elementwise(&self) -> bool {
        self.kind == Kind::Function && self.parameters.iter().all(|parameter| parameter.shape.is_none())
    }

    /// Whether it is a function of whole matrices that formulas keep by its name.
    pub fn is_kept(&self) -> bool {
        self.kind == Kind::Function && self.portable && !self.is_elementwise()
    }

    /// A mistake in the header.
    pub fn error(&self, mistake: Mistake) -> Diagnostic {
        let start = self.text.text.find(&*self.name).unwrap_or(0);
        self.text.error(mistake, Span { start, end: start + self.name.len() })
    }
}

/// Reads one definition.
pub(crate) fn read(text: &str, origin: Origin) -> Result<Definition, Diagnostic> {
    let text = Text::new(origin, text);
    let sections = sections(&text);
    let Some((first, rest)) = sections.split_first() else {
        let what = "there is no definition here".to_owned();
        let mend = "write one, such as `swish2(x) = x .* sigmoid(2*x)`".to_owned();
        return Err(text.error(Mistake::Page { what, mend }, text.whole()));
    };
    let mut page = header(&text, first.body)?;
    let mut known: Vec<Name> = page.parameters.iter().map(|parameter| parameter.name.clone()).collect();
    known.extend(page.settings.iter().map(|(name, _)| name.clone()));
    for section in rest {
        line(&mut page, section, &mut known)?;
    }
    if let Some((_, mistake)) = range::broken(&page, &defaults(&page), &[]) {
        return Err(page.error(mistake));
    }
    Ok(page)
}

/// A header or a line below it: its first word, and what follows.
struct Section<'a> {
    word: &'a str,
    body: Span,
}

const LINES: [&str; 9] = ["slope", "stable", "latex", "note", "code", "check", "portable", "state", "range"];

/// The languages of code that a page can be written in.
const LANGUAGES: [&str; 3] = ["numpy", "jax", "pytorch"];

/// The header and the lines below it; a line that begins with no word of [`LINES`] and no `NAME <-` goes on with the one
/// before it.
fn sections(text: &Arc<Text>) -> Vec<Section<'_>> {
    let mut sections: Vec<Section> = Vec::new();
    let mut at = 0;
    for line in text.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let length = content.find(|letter| !token::continues_name(letter)).unwrap_or(content.len());
        let (word, after) = content.split_at(length);
        let begins =
            LINES.contains(&word) && !after.trim_start().starts_with(['*', '+', '/', '.', '^', '=', ')']);
        let word_start = start + line.len() - content.len();
        let end = start + line.trim_end().len();
        match sections.last_mut() {
            Some(_) if begins => {
                sections.push(Section { word, body: Span { start: word_start + length, end } })
            }
            Some(_) if after.trim_start().starts_with("<-") => {
                sections.push(Section { word: "<-", body: Span { start: word_start, end } });
            }
            Some(last) => last.body.end = end,
            None => sections.push(Section { word: "", body: Span { start: word_start, end } }),
        }
    }
    sections
}

/// `function f(x: m x n, y; delta = 1) = body`, with or without the first word.
fn header(text: &Arc<Text>, part: Span) -> Result<Definition, Diagnostic> {
    let mut tree = Tree::default();
    let mut parser = Parser::new(&mut tree, text, part, Breaks::Space)?;
    let kind = kind_word(text.slice(part));
    if kind.is_some() {
        parser.advance();
    }
    let kind = kind.unwrap_or(Kind::Function);
    let refuse = |parser: &Parser, what: String, mend: &str, span: Span| {
        Err(parser.error_at(Mistake::Page { what, mend: mend.to_owned() }, span))
    };
    if kind == Kind::Law {
        let what = "laws are read by the calculus".to_owned();
        return refuse(&parser, what, "define a function, loss, optimizer, schedule or metric", part);
    }
    if LINES.contains(&parser.word()) && parser.ahead(1) == token::Kind::Name {
        let what = format!("a line `{}` stands here as if it were a page", parser.word());
        return refuse(&parser, what, "indent it, below the header of its page", parser.token().span);
    }
    let (name, name_span) = parser.name()?;
    let open = parser.expect(token::Kind::Open, "`(` and the names of the arguments")?.span;
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut defaults: Vec<(Name, ExprId)> = Vec::new();
    let mut axis: Vec<u8> = Vec::new();
    while parser.peek() != token::Kind::Close {
        if let token::Kind::Number(number) = parser.peek()
            && !parameters.is_empty()
            && defaults.is_empty()
        {
            match number.as_integer().and_then(|number| u8::try_from(number).ok()) {
                Some(number @ 1..) => axis.push(number),
                _ => return Err(parser.expected("1 or 2, the way that the function goes")),
            }
            parser.advance();
            match parser.peek() {
                token::Kind::Comma | token::Kind::Semicolon => parser.advance(),
                _ => break,
            };
            continue;
        }
        let (argument, span) = parser.name()?;
        if argument == name || parser.known.contains(&argument) {
            return Err(parser.error_at(Mistake::Redefined { name: argument }, span));
        }
        parser.known.insert(argument.clone());
        match parser.peek() {
            token::Kind::Equals => {
                parser.advance();
                defaults.push((argument, parser.expression()?));
            }
            _ if !axis.is_empty() => return Err(parser.expected("`=` and the default of the setting")),
            _ if !defaults.is_empty() => return Err(parser.expected("`=` and the default of the setting")),
            token::Kind::Colon => {
                parser.advance();
                match declared(&mut parser, &argument)? {
                    Declared::Value { rows: Some(rows), cols: Some(cols), .. } => {
                        parameters.push(Parameter { name: argument, shape: Some(Shape::new(rows, cols)) });
                    }
                    _ => {
                        let what = format!("the shape of `{argument}` has no sizes");
                        return refuse(&parser, what, "write a shape, such as `m x n`", span);
                    }
                }
            }
            _ => parameters.push(Parameter { name: argument, shape: None }),
        }
        match parser.peek() {
            token::Kind::Comma | token::Kind::Semicolon => parser.advance(),
            _ => break,
        };
    }
    parser.close(open)?;
    let sizes: Vec<Name> = parameters
        .iter()
        .filter_map(|parameter| parameter.shape.as_ref())
        .flat_map(|shape| shape.rows.names().into_iter().chain(shape.cols.names()))
        .collect();
    parser.known.extend(sizes);
    let body = match kind {
        Kind::Optimizer => None,
        _ => {
            parser.expect(token::Kind::Equals, "`=` and what it is")?;
            Some(parser.expression()?)
        }
    };
    parser.expect(token::Kind::End, "an operator or the end")?;
    let shaped = parameters.iter().filter(|parameter| parameter.shape.is_some()).count();
    let mixed = shaped != 0 && shaped != parameters.len();
    let unshaped = (matches!(kind, Kind::Loss | Kind::Metric) || !axis.is_empty()) && shaped == 0;
    if parameters.is_empty() || mixed || unshaped {
        let what = format!(
            "the arguments of `{name}` want {}",
            match parameters.is_empty() {
                true => "at least one name",
                false => "shapes, all of them",
            }
        );
        return refuse(
            &parser,
            what,
            "write `(A: m x q, Y: m x q)`, or `(x)` for a function of one number",
            name_span,
        );
    }
    let nothing = BTreeMap::new();
    let settings = defaults.into_iter().map(|(setting, value)| match constant(&tree, value, &nothing)? {
        Some(number) => Ok((setting, number)),
        None => Err(tree.error(Mistake::SettingNotNumber { setting }, value)),
    });
    let settings = settings.collect::<Result<Vec<_>, Diagnostic>>()?;
    Ok(Definition {
        kind,
        name,
        text: text.clone(),
        tree,
        parameters,
        axis,
        settings,
        ranges: Vec::new(),
        body,
        slopes: Vec::new(),
        stable: None,
        latex: None,
        note: None,
        code: BTreeMap::new(),
        portable: false,
        checks: Vec::new(),
        states: Vec::new(),
        updates: Vec::new(),
    })
}

/// One line below the header.
fn line(page: &mut Definition, section: &Section, known: &mut Vec<Name>) -> Result<(), Diagnostic> {
    let text = page.text.clone();
    let refuse = |what: String, mend: &str| {
        Err(text.error(Mistake::Page { what, mend: mend.to_owned() }, section.body))
    };
    let optimizes = page.kind == Kind::Optimizer;
    let wants_optimizer = matches!(section.word, "<-" | "state");
    if (wants_optimizer != optimizes && section.word != "range")
        || (page.kind != Kind::Function && matches!(section.word, "slope" | "stable"))
        || (section.word == "slope" && !page.is_elementwise())
    {
        let what = format!("a page of the kind `{}` has no line `{}`", page.kind, section.word);
        return refuse(what, "leave it out");
    }
    // What is shown as it stands steers no terminal.
    let steers = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    let mut letters = text.slice(section.body).char_indices();
    if let Some((at, letter)) = letters.find(|(_, letter)| steers(*letter)) {
        let start = section.body.start + at;
        let mistake = Mistake::Foreign { what: token::no_sign(letter), mend: "leave it out".to_owned() };
        return Err(text.error(mistake, Span { start, end: start + letter.len_utf8() }));
    }
    if section.word == "latex" {
        let line = text.slice(section.body);
        page.latex = Some(line.split('#').next().unwrap_or(line).trim().to_owned());
        return Ok(());
    }
    if section.word == "note" {
        page.note = Some(text.slice(section.body).trim().to_owned());
        return Ok(());
    }
    if section.word == "code" {
        // `code jax jax.nn.softmax(X, axis=1)`: the language, and what it writes.
        let line = text.slice(section.body).trim();
        let (language, code) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if code.trim().is_empty() {
            return refuse(
                "a line `code` says too little".to_owned(),
                "write the language's name, then the expression: `code numpy np.exp(x)`",
            );
        }
        if !LANGUAGES.contains(&language) {
            let what = format!("no code is written in the language `{language}`");
            return refuse(
                what,
                &format!("the languages are {}", LANGUAGES.map(|one| format!("`{one}`")).join(", ")),
            );
        }
        page.code.insert(Name::from(language), code.trim().to_owned());
        return Ok(());
    }
    let mut parser = Parser::new(&mut page.tree, &text, section.body, Breaks::Space)?;
    parser.known.extend(known.iter().cloned());
    match section.word {
        "slope" => page.slopes.push(parser.expression()?),
        "stable" => page.stable = Some(parser.expression()?),
        "portable" => page.portable = true,
        "range" => page.ranges.push(range::read(&mut parser, &text, section.body, &page.settings)?),
        "check" => {
            let left = parser.expression()?;
            parser.expect(token::Kind::Equals, "`=` and the value")?;
            let right = parser.expression()?;
            let part = |id| text.slice(parser.tree.span(id)).to_owned();
            page.checks.push((part(left), part(right)));
        }
        "state" => loop {
            let (name, span) = parser.name()?;
            if known.contains(&name) {
                return Err(text.error(Mistake::Redefined { name }, span));
            }
            known.push(name.clone());
            parser.expect(token::Kind::Equals, "`=` and what the state is at first")?;
            let value = parser.expression()?;
            let Some(number) = constant(parser.tree, value, &BTreeMap::new())? else {
                return Err(parser.tree.error(Mistake::SettingNotNumber { setting: name }, value));
            };
            page.states.push((name, number));
            if parser.peek() != token::Kind::Comma {
                break;
            }
            parser.advance();
        },
        _ => {
            let (name, span) = parser.name()?;
            parser.expect(token::Kind::Arrow, "`<-`")?;
            let value = parser.expression()?;
            let weights = page.parameters.first().is_some_and(|parameter| parameter.name == name);
            if !weights && !page.states.iter().any(|(state, _)| *state == name) {
                let what = format!("`{name}` is neither the weights nor a state of this page");
                let mend = format!("write `state {name} = 0` on a line before");
                return Err(text.error(Mistake::Page { what, mend }, span));
            }
            page.updates.push((name, value));
        }
    }
    parser.expect(token::Kind::End, "an operator or the end of the line")?;
    Ok(())
}
