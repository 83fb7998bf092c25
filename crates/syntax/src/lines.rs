//! The lines of a program and their places, before anything is made of them.

use crate::diagnostic::{Diagnostic, Span};
use crate::library::Library;
use crate::parse::Source;
use crate::program::Program;
use formula::Name;

/// One line of a program: `Z1 = X*W1`, `df/dZ1 = ...`, or a last expression without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramLine {
    /// The name before `=`, if there is one.
    pub name: Option<Name>,
    /// The line in the text, as bytes.
    pub span: Span,
    /// The number of the line of text that it begins in, counted from 1.
    pub number: usize,
    /// The two names of a derivative: f and Z1 of `df/dZ1`.
    pub derivative: Option<(Name, Name)>,
    /// Whether what it is by stands transposed in it: `df/dw' = ...`.
    pub is_turned: bool,
}

/// The lines of a program, without its declarations and definitions and without what stands beside it.
///
/// # Errors
/// The first mistake of reading; shapes are not looked at.
pub fn lines<'a>(source: impl Into<Source<'a>>, library: &Library) -> Result<Vec<ProgramLine>, Diagnostic> {
    let source = source.into();
    let program = Program::read(source.declarations, source.text, library)?;
    let number = |span: Span| source.text[..span.start.min(source.text.len())].matches('\n').count() + 1;
    Ok(program
        .lines
        .into_iter()
        .skip(program.beside)
        .map(|line| {
            let mut span = program.spelled.typed(line.span);
            // A bracket that closes at the end of a line may have no place of its own.
            let behind = source.text.get(span.end..).unwrap_or_default();
            span.end += behind.bytes().take_while(|byte| matches!(byte, b')' | b']' | b'}')).count();
            let names = |name: &str| {
                formula::derivative(name.strip_suffix('\'').unwrap_or(name))
                    .map(|(of, by)| (of.into(), by.into()))
            };
            let derivative = line.name.as_deref().and_then(names);
            let is_turned =
                derivative.is_some() && line.name.as_deref().is_some_and(|name| name.ends_with('\''));
            ProgramLine { name: line.name, span, number: number(span), derivative, is_turned }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_names_and_places() {
        let text = "X: m x n\nZ = X*w; f = norm(Z)^2\n\ndf/dZ = 2*Z\ndf/dw = X'*df/dZ\n";
        let found = lines(Source { text, declarations: "c = 2" }, &Library::standard()).unwrap();
        let shown: Vec<(&str, usize)> =
            found.iter().map(|line| (text[line.span.start..line.span.end].trim(), line.number)).collect();
        let want = [("Z = X*w", 2), ("f = norm(Z)^2", 2), ("df/dZ = 2*Z", 4), ("df/dw = X'*df/dZ", 5)];
        assert_eq!(shown, want);
        assert_eq!(found[2].derivative, Some((Name::from("f"), Name::from("Z"))));
        assert_eq!(found[0].derivative, None);
    }
}
