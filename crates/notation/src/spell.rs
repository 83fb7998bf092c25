//! Spelling a layout: the one walk that every notation shares.

use layout::{Layout, Piece, PieceId, Place, Term};
use std::borrow::Cow;
use std::collections::HashMap;

/// The longest text of one value that is printed, in bytes; a closed form can grow exponentially, and nobody reads beyond.
pub const LONGEST: usize = 100_000;

/// A way to spell pieces.
pub(crate) trait Spelling {
    /// Writes one piece, its parts by reference.
    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled);

    /// What opens and closes brackets.
    fn brackets(&self) -> [&'static str; 2] {
        ["(", ")"]
    }

    /// The longest text it prints.
    fn longest(&self) -> usize {
        LONGEST
    }

    /// Whether brackets are needed; by default as the layout says.
    fn needs_brackets(&self, layout: &Layout, id: PieceId, place: Place) -> bool {
        layout.brackets(id, place)
    }
}

/// The spelling of one piece: texts, and parts still to be spelled.
#[derive(Default)]
pub(crate) struct Spelled(Vec<Token>);

enum Token {
    Text(Cow<'static, str>),
    Part(PieceId, Place),
    Whole(PieceId),
}

impl Spelled {
    /// A text.
    pub(crate) fn text(&mut self, text: impl Into<Cow<'static, str>>) -> &mut Self {
        self.0.push(Token::Text(text.into()));
        self
    }

    /// A part, in brackets where its place asks for them.
    pub(crate) fn part(&mut self, id: PieceId, place: Place) -> &mut Self {
        self.0.push(Token::Part(id, place));
        self
    }

    /// Parts with a text between them.
    pub(crate) fn list(&mut self, ids: &[PieceId], between: &'static str) -> &mut Self {
        self.row(ids, [Place::Open, Place::Open], between)
    }

    /// The terms of a sum, with their signs.
    pub(crate) fn terms(&mut self, terms: &[Term]) -> &mut Self {
        for (index, term) in terms.iter().enumerate() {
            let sign = match (index, term.is_negative) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            self.text(sign).part(term.piece, Place::Term);
        }
        self
    }

    /// Parts with a text between them: the place of the first, and of the others.
    pub(crate) fn row(&mut self, ids: &[PieceId], places: [Place; 2], between: &'static str) -> &mut Self {
        for (index, id) in ids.iter().enumerate() {
            if index > 0 {
                self.text(between);
            }
            self.part(*id, places[usize::from(index > 0)]);
        }
        self
    }
}

/// The text of a layout; `None` when it would be longer than [`LONGEST`].
pub(crate) fn spell(layout: &Layout, spelling: &impl Spelling) -> Option<String> {
    if shortest(layout, spelling) > spelling.longest() {
        return None;
    }
    let mut text = String::new();
    let mut waiting = vec![Token::Whole(layout.root())];
    let [open, close] = spelling.brackets();
    while let Some(token) = waiting.pop() {
        match token {
            Token::Text(piece) => text.push_str(&piece),
            Token::Part(id, place) if spelling.needs_brackets(layout, id, place) => {
                text.push_str(open);
                waiting.extend([Token::Text(close.into()), Token::Whole(id)]);
            }
            Token::Part(id, _) | Token::Whole(id) => {
                let mut spelled = Spelled::default();
                spelling.spell(layout, layout.piece(id), &mut spelled);
                waiting.extend(spelled.0.into_iter().rev());
            }
        }
        if text.len() > spelling.longest() {
            return None;
        }
    }
    Some(text)
}

/// The length of a text without brackets, each piece counted once and taken as often as it is used: it tells of a text that would
/// be too long before it is written.
fn shortest(layout: &Layout, spelling: &impl Spelling) -> usize {
    let mut lengths: HashMap<PieceId, usize> = HashMap::new();
    let mut waiting = vec![layout.root()];
    while let Some(&id) = waiting.last() {
        if lengths.contains_key(&id) {
            waiting.pop();
            continue;
        }
        let mut spelled = Spelled::default();
        spelling.spell(layout, layout.piece(id), &mut spelled);
        let (mut length, before) = (0_usize, waiting.len());
        for token in &spelled.0 {
            match token {
                Token::Text(text) => length = length.saturating_add(text.len()),
                Token::Part(part, _) | Token::Whole(part) => match lengths.get(part) {
                    Some(known) => length = length.saturating_add(*known),
                    None => waiting.push(*part),
                },
            }
        }
        if waiting.len() == before {
            lengths.insert(id, length);
            waiting.pop();
        }
    }
    lengths.get(&layout.root()).copied().unwrap_or(0)
}
