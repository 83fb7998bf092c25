//! A program: declarations, definitions and lines, read from the declarations beside a formula and from the formula.

use crate::bars;
use crate::counted;
use crate::diagnostic::{Diagnostic, Mistake, Origin, Span, Text};
use crate::letters;
use crate::library::Library;
use crate::parser::Parser;
use crate::properties::{lone_word, no_property};
use crate::shapes::{Declared, declared};
use crate::spelling::{self, Spelled, Spelling};
use crate::token::{Breaks, Kind};
use crate::tree::{Expr, ExprId, Tree};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a formula and the declarations beside it say, not yet judged by shapes.
pub(crate) struct Program {
    pub tree: Tree,
    /// What was declared, in order.
    pub declarations: Vec<Declaration>,
    /// The lets in order, then the result.
    pub lines: Vec<Assignment>,
    /// How many of the lets stand in the declarations beside the formula.
    pub beside: usize,
    /// The library, and the definitions of the program.
    pub library: Library,
    /// Names of sizes that stand nowhere else: how many terms sums over an index have.
    pub counts: Vec<Name>,
    /// Names for one term of a sum over an index, with the column whose entries they would be.
    pub entries: Vec<(Name, Name)>,
    /// Sums over an index of a name alone.
    pub totals: BTreeSet<ExprId>,
    /// Names for one term of a sum over an index, with the matrix whose rows they are.
    pub rows: Vec<(Name, Name)>,
    /// The formula as it was typed and as it was read.
    pub spelled: Spelled,
    /// The declarations beside it likewise.
    pub beside_spelled: Spelled,
}

/// A name and what is declared of it.
pub(crate) struct Declaration {
    pub name: Name,
    pub declared: Declared,
    pub text: Arc<Text>,
    pub span: Span,
    /// A word that is all that is declared, and its place: a size only where it stands elsewhere too.
    pub alone: Option<(Name, Span)>,
}

/// `name = value`; the result may have no name.
pub(crate) struct Assignment {
    pub name: Option<Name>,
    pub value: ExprId,
    /// The whole statement in its text.
    pub span: Span,
}

impl Program {
    /// Whether a sum over an index is of a name alone whose letter is one of a number.
    pub fn is_total_of_numbers(&self, id: ExprId) -> bool {
        let is_number = |name: &Name| letters::kind(name) == letters::Kind::Scalar;
        self.totals.contains(&id) && matches!(self.tree.expr(id), Expr::Name(name) if is_number(name))
    }

    /// Reads the declarations, then the formula, in whatever spelling they are.
    pub fn read(declarations: &str, formula: &str, library: &Library) -> Result<Program, Diagnostic> {
        let typed = Text::new(Origin::Declarations, declarations);
        let beside = spelling::respell(&typed, &BTreeMap::new(), Spelling::Auto)?;
        let known = spelling::known(&beside.text, formula, library);
        let typed = Text::new(Origin::Formula, formula);
        let spelled = spelling::respell(&typed, &known, Spelling::Auto)?;
        let spelled = spelling::settled(spelled, declarations, library);
        let program = Program::of(beside.clone(), spelled.clone(), library);
        program.map_err(|error| spelled.restore(beside.restore(error)))
    }

    /// Reads both in the language of formulas.
    fn of(beside_spelled: Spelled, spelled: Spelled, library: &Library) -> Result<Program, Diagnostic> {
        let beside = Text::new(Origin::Declarations, &beside_spelled.text);
        let source = Text::new(Origin::Formula, &spelled.text);
        let mut program = Program {
            tree: Tree::default(),
            declarations: Vec::new(),
            lines: Vec::new(),
            beside: 0,
            library: library.clone(),
            counts: Vec::new(),
            entries: Vec::new(),
            totals: BTreeSet::new(),
            rows: Vec::new(),
            spelled,
            beside_spelled,
        };
        program.statements(&beside)?;
        if let Some(loose) = program.lines.iter().find(|line| line.name.is_none()) {
            return Err(program.tree.error(Mistake::LooseExpression, loose.value));
        }
        program.beside = program.lines.len();
        program.statements(&source)?;
        let loose = program.lines.iter().rev().skip(1).find(|line| line.name.is_none());
        if let Some(loose) = loose {
            return Err(program.tree.error(Mistake::LooseExpression, loose.value));
        }
        if program.lines.len() == program.beside {
            let empty =
                program.declarations.iter().all(|declaration| declaration.text.origin != Origin::Formula);
            let mistake = if empty { Mistake::Empty } else { Mistake::NoResult };
            return Err(source.error(mistake, Span { start: source.text.len(), end: source.text.len() }));
        }
        program.check_order()?;
        program.check_words()?;
        counted::settle(&mut program);
        bars::settle(&mut program);
        Ok(program)
    }

    /// The program with other lines and declarations.
    pub fn rewritten(self, lines: &str, declarations: Vec<Declaration>) -> Result<Program, Diagnostic> {
        let source = Text::new(Origin::Formula, lines);
        let (tree, lines, entries, rows, totals) = Default::default();
        let mut program = Program { tree, declarations, lines, entries, rows, totals, ..self };
        program.statements(&source)?;
        bars::settle(&mut program);
        Ok(program)
    }

    /// What is declared of a name.
    pub fn declared(&self, name: &str) -> Option<&Declared> {
        self.declarations.iter().find(|declaration| &*declaration.name == name).map(|known| &known.declared)
    }

    /// Statements parted by line breaks, commas or semicolons.
    fn statements(&mut self, source: &Arc<Text>) -> Result<(), Diagnostic> {
        let mut tree = std::mem::take(&mut self.tree);
        let mut parser = Parser::new(&mut tree, source, source.whole(), Breaks::Part)?;
        parser.known.extend(self.declarations.iter().map(|declaration| declaration.name.clone()));
        parser.known.extend(self.lines.iter().filter_map(|line| line.name.clone()));
        let functions = self.declarations.iter().filter(|known| known.declared.is_called());
        parser.functions.extend(functions.map(|known| known.name.clone()));
        let mut after_expression = false;
        loop {
            let mut broken = false;
            while matches!(parser.peek(), Kind::Newline | Kind::Comma | Kind::Semicolon) {
                broken |= parser.advance().kind == Kind::Newline;
            }
            if parser.peek() == Kind::End {
                break;
            }
            if parser.peek() == Kind::Minus && broken && after_expression {
                return Err(parser.error(Mistake::LeadingMinus));
            }
            after_expression = self.statement(&mut parser, source)?;
            if !matches!(parser.peek(), Kind::Newline | Kind::Comma | Kind::Semicolon | Kind::End) {
                return Err(parser.unexpected("an operator, or the end of the line"));
            }
        }
        self.tree = tree;
        Ok(())
    }

    /// One statement; whether it was an expression or a let.
    fn statement(&mut self, parser: &mut Parser, source: &Arc<Text>) -> Result<bool, Diagnostic> {
        let start = parser.token().span;
        // A definition among the statements before is callable too.
        if parser.callable.is_none() {
            parser.callable = Some(self.library.callable_names().into_iter().collect());
        }
        if parser.peek() == Kind::Name
            && parser.ahead(1) == Kind::Open
            && parser.after_brackets() == Kind::Equals
        {
            let end = skip_statement(parser);
            self.library.define(source.slice(start.to(end)))?;
            parser.callable = None;
            return Ok(false);
        }
        // A name, or the symbol of a derivative, before `:` or `=`.
        let length = match (1..5).map(|count| parser.ahead(count)).collect::<Vec<_>>().as_slice() {
            [Kind::Slash, Kind::Name, Kind::Caret, Kind::Number(_)] => 5,
            [Kind::Slash, Kind::Name, Kind::Quote, Kind::Equals] => 4,
            [Kind::Slash, Kind::Name, ..] => 3,
            _ => 1,
        };
        let assigns =
            parser.peek() == Kind::Name && matches!(parser.ahead(length), Kind::Colon | Kind::Equals);
        if !assigns {
            let value = parser.expression()?;
            let span = Span { start: start.start, end: parser.token().span.start };
            self.lines.push(Assignment { name: None, value, span });
            return Ok(true);
        }
        let (name, span) = parser.name()?;
        if parser.known.contains(&name) || &*name == "pi" {
            return Err(parser.error_at(Mistake::Redefined { name }, span));
        }
        match parser.peek() {
            Kind::Colon => {
                parser.advance();
                let (alone, place) = (lone_word(parser), parser.token().span);
                let declared = declared(parser, &name)?;
                parser.known.insert(name.clone());
                if declared.is_called() {
                    parser.functions.insert(name.clone());
                }
                let alone = alone.map(|word| (word, place));
                self.declarations.push(Declaration { name, declared, text: source.clone(), span, alone });
                Ok(false)
            }
            Kind::Equals => {
                parser.advance();
                let value = parser.expression()?;
                parser.known.insert(name.clone());
                let span = Span { start: start.start, end: parser.token().span.start };
                self.lines.push(Assignment { name: Some(name), value, span });
                Ok(true)
            }
            // Such as `a/b = 2`: the two were no symbol.
            _ => Err(parser.expected("`:` or `=`")),
        }
    }

    /// An error where a declaration is a word that stands nowhere else.
    fn check_words(&self) -> Result<(), Diagnostic> {
        let mut alone =
            self.declarations.iter().filter_map(|one| Some((one, one.alone.as_ref()?))).peekable();
        if alone.peek().is_none() {
            return Ok(());
        }
        let mut uses: BTreeMap<Name, usize> = BTreeMap::new();
        let sizes = self.declarations.iter().flat_map(|declaration| declaration.declared.sizes());
        let all = self.lines.iter().flat_map(|line| self.tree.within(line.value));
        let names = all.filter_map(|id| match self.tree.expr(id) {
            crate::tree::Expr::Name(name) => Some(name.clone()),
            _ => None,
        });
        for name in sizes.chain(names) {
            *uses.entry(name).or_insert(0) += 1;
        }
        let unknown = alone.find(|(_, (word, _))| uses.get(word).is_none_or(|uses| *uses < 2));
        match unknown {
            Some((declaration, (word, span))) => Err(declaration.text.error(no_property(word), *span)),
            None => Ok(()),
        }
    }

    /// An error where a line uses a name that it or a later line defines.
    fn check_order(&self) -> Result<(), Diagnostic> {
        let places: BTreeMap<&Name, usize> =
            self.lines.iter().enumerate().filter_map(|(at, line)| Some((line.name.as_ref()?, at))).collect();
        for (at, line) in self.lines.iter().enumerate() {
            for id in self.tree.within(line.value) {
                if let crate::tree::Expr::Name(name) = self.tree.expr(id)
                    && places.get(name).is_some_and(|place| *place >= at)
                {
                    let is_own = line.name.as_ref() == Some(name);
                    let mistake = Mistake::UsedBeforeDefined { name: name.clone(), is_own };
                    return Err(self.tree.error(mistake, id));
                }
            }
        }
        Ok(())
    }
}

/// Goes past a statement, and says where it ends.
fn skip_statement(parser: &mut Parser) -> Span {
    let (mut depth, mut end) = (0_usize, parser.token().span);
    loop {
        match parser.peek() {
            Kind::End => return end,
            Kind::Newline | Kind::Comma | Kind::Semicolon if depth == 0 => return end,
            Kind::Open | Kind::OpenBlock => depth += 1,
            Kind::Close | Kind::CloseBlock => depth = depth.saturating_sub(1),
            _ => {}
        }
        end = parser.advance().span;
    }
}
