//! Calls of other languages: matched with the rows of their tables, and written as the row says.

use super::Spelling;
use super::arguments::{Argument, called_as, matches, nearest, outside};
use super::kept::Line;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece, beside};
use super::reader::Reader;
use super::table::{Pattern, Table};
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};
use crate::token::{begins_name, continues_name};

impl Reader<'_> {
    /// `np.exp`, `math.pi`, or a plain name: Python.
    pub fn dotted(&mut self, name: String, start: Span) -> Result<Piece, Diagnostic> {
        let table = Table::named("python");
        let is_module = table.modules.keys().any(|module| module.split('.').next() == Some(name.as_str()))
            || name == "math";
        if !is_module || !matches!(self.peek(), Mark::Field(_)) {
            if *self.peek() == Mark::Open {
                return self.pattern(&name, start, None);
            }
            let piece = self.named(&name, start);
            let is_number = table.divisors.contains(name.as_str()) && self.is_divisor(&name);
            return Ok(if is_number { Piece { axes: Axes::Number, ..piece } } else { piece });
        }
        let (mut path, mut typed) = (name, start);
        while let Mark::Field(field) = self.peek().clone() {
            path = format!("{path}.{field}");
            typed = typed.to(self.advance());
        }
        let longest = table
            .modules
            .iter()
            .filter(|(module, _)| path.strip_prefix(**module).is_some_and(|rest| rest.starts_with('.')));
        let spelled = path.clone();
        if let Some((module, same)) = longest.max_by_key(|(module, _)| module.len()) {
            path = format!("{same}{}", &path[module.len()..]);
        }
        path = table.same.get(path.as_str()).map_or(path, |own| (*own).to_owned());
        match (self.peek(), table.rows.get(path.as_str())) {
            (Mark::Open, _) => self.pattern_of((&spelled, &path), typed, None),
            (_, Some(super::table::Row::Name(own))) => {
                Ok(Piece::new(Written::new(own, typed), Level::Whole, Axes::Scalar))
            }
            _ => Err(self.error(
                format!("`{}` is no value that is known", self.source.slice(typed)),
                "call a function, such as `np.exp(x)`",
                typed,
            )),
        }
    }

    /// `X.sum(axis=0)`, which is `np.sum(X, axis=0)`.
    pub fn method(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        let Mark::Field(name) = self.peek().clone() else { return Ok(value) };
        let typed = self.advance();
        if let (true, Some(word)) = (*self.peek() != Mark::Open, self.counted(&name, value.axes)) {
            return Ok(Piece::call(word, typed, vec![value]));
        }
        // `.mT` is `.T` of the last two axes.
        if name == "mT" && *self.peek() != Mark::Open {
            return Ok(if value.axes == Axes::Matrix { value.transposed(typed) } else { value });
        }
        if *self.peek() != Mark::Open {
            let what = format!("`.{name}` is no value that is known");
            let mend = match name.as_str() {
                "shape" => "write `X.shape[0]` for the rows of X, `X.shape[1]` for its columns".to_owned(),
                _ if value.name.is_some() && name.len() <= 2 => {
                    format!("write `{} @ {name}` for a product", value.written.text)
                }
                _ => "write a formula, such as `X.T @ X`".to_owned(),
            };
            return Err(self.error(what, mend, typed));
        }
        self.pattern(&format!("np.{name}"), typed, Some(value))
    }

    /// The word that counts what `.shape[0]`, `.shape[1]` or `.size` count; goes past the index.
    fn counted(&mut self, name: &str, axes: Axes) -> Option<&'static str> {
        if name == "size" {
            return Some("numel(");
        }
        let mut at = usize::from(*self.ahead(1) == Mark::Sign("-")) + 1;
        let is_last = at == 2;
        let Mark::Number(index) = self.ahead(at) else { return None };
        let word = match (index.as_str(), is_last, axes) {
            ("0", false, _) => "nrows(",
            ("1", true, Axes::Vector | Axes::Perhaps | Axes::Number) => "nrows(",
            ("1", ..) => "ncols(",
            ("2", true, Axes::Matrix) => "nrows(",
            _ => return None,
        };
        at += 1;
        if name != "shape" || *self.peek() != Mark::OpenBlock || *self.ahead(at) != Mark::CloseBlock {
            return None;
        }
        self.at += at + 1;
        Some(word)
    }

    /// `norm(X, 'fro')`, `leaky_relu(Z; slope = 0.2)`, `g'(Z)`: a call in any spelling but LaTeX.
    pub fn named_call(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        let name = value.name.clone().unwrap_or_default();
        if self.is_open_function(&name) {
            self.found_function(&name);
        }
        let mut marks = String::new();
        while self.eat(&Mark::Quote).is_some() {
            marks.push('\'');
        }
        if marks.is_empty() {
            return self.pattern(&name, value.span(), None);
        }
        let arguments = self.typed_arguments(&name, None)?;
        let end = self.advance();
        Ok(self.plain(&format!("{name}{marks}"), value.span().to(end), arguments))
    }

    /// A call by the rows of its name, or as it stands where the name has none.
    fn pattern(&mut self, name: &str, typed: Span, first: Option<Piece>) -> Result<Piece, Diagnostic> {
        self.pattern_of((name, name), typed, first)
    }

    /// A call by the rows of its name as it is spelled, or by those of the name that it is the same as.
    fn pattern_of(
        &mut self,
        (spelled, name): (&str, &str),
        typed: Span,
        first: Option<Piece>,
    ) -> Result<Piece, Diagnostic> {
        if self.is_open_function(name) {
            self.found_function(name);
        }
        let arguments = self.typed_arguments(name, first)?;
        let typed = typed.to(self.advance());
        let table = Table::named(self.spelling.table());
        let theirs = table.theirs.get(name).filter(|_| self.spelling != Spelling::Python);
        if let Some(pattern) =
            theirs.and_then(|rows| rows.iter().find(|row| matches(row, &arguments).is_some()))
            && (pattern.axes == "scalar" && self.spelling == Spelling::Matlab
                || arguments
                    .first()
                    .is_some_and(|first| first.piece.as_ref().is_some_and(|p| p.axes == Axes::Matrix)))
        {
            if pattern.own == super::lawless::NONE {
                self.lawless_theirs(name, typed)?;
            } else if self.spelling == Spelling::Matlab {
                return self.filled(pattern, typed, &arguments);
            } else if self.tells_theirs && !self.is_done_twice(name, typed) {
                self.note(format!(
                    "`{}` is of all entries; MATLAB and Julia's older versions read it {}, as `{}` here, which `--spelling matlab` takes",
                    self.source.slice(typed), pattern.axes, pattern.own
                ));
            }
        }
        let is_norm = name == "norm" && arguments.len() == 1;
        let of_matrix =
            arguments.first().is_some_and(|a| a.piece.as_ref().is_some_and(|p| p.axes == Axes::Matrix));
        if is_norm && of_matrix && self.spelling == Spelling::Matlab {
            let what = "the norm of a matrix is its largest singular value in MATLAB, which has no law here";
            return Err(self.error(
                what,
                "write `norm(X, 'fro')` for the root of the sum of all squares",
                typed,
            ));
        }
        if is_norm && of_matrix && self.tells_theirs {
            self.note("`norm` of a matrix is the root of the sum of all squares; in MATLAB it is the largest singular value, which has no law".to_owned());
        }
        if let Some(row) = self.lawless(name, &arguments) {
            let what = format!("`{}` is {}, which has no law here", self.source.slice(typed), row.own);
            let mend = match self.spelling {
                _ if !row.said.is_empty() => row.said,
                Spelling::Python => {
                    "write `np.linalg.norm(X)` for the root of the sum of all squares, or `np.sum(np.abs(X))`"
                }
                _ => {
                    "write `norm(X, 'fro')` for the root of the sum of all squares, or `norm1(X)` for the sum of absolute values"
                }
            };
            return Err(self.error(what, mend, typed));
        }
        let rows = table.calls.get(name);
        // `softmax(X, axis=1)` of a function that was imported by its name.
        let imported = format!("np.{name}");
        let imported = table.calls.get(imported.as_str()).filter(|_| rows.is_none());
        let all = [table.calls.get(spelled), rows, imported];
        let found = all.into_iter().flatten().flatten().find(|row| self.fits(row, &arguments));
        if let Some(pattern) = found {
            if pattern.spelled.ends_with("[1]") {
                self.at += 3;
            }
            self.hold_second_axis(pattern, &arguments, typed)?;
            if !pattern.said.is_empty() {
                self.note(format!("in `{}`, {}", self.source.slice(typed), pattern.said));
            }
            if matches!(pattern.axes, "scalar" | "one example" | "diagonal")
                || pattern.own == "X*Y'"
                || pattern.axes == "as B"
            {
                for argument in arguments.iter().filter_map(|argument| argument.piece.as_ref()) {
                    self.stands_as_column(argument);
                }
            }
            if let Some(Some(argument)) = arguments.first().map(|first| &first.piece) {
                self.is_of_square(pattern, argument);
            }
            self.have_axes_of(pattern, &arguments);
            if pattern.axes == "one example" {
                self.are_examples(&arguments);
            }
            let piece = self.filled(pattern, typed, &arguments)?;
            let own = table.onto.get(name).into_iter().flatten();
            let onto = own.into_iter().find(|row| matches(row, &arguments).is_some());
            let names = arguments.iter().filter_map(|argument| argument.piece.as_ref()?.name.clone());
            let multiplies = pattern.own.contains('\'') && outside(pattern.own).contains('*');
            let operands = if multiplies { names.collect() } else { piece.operands.clone() };
            let piece = Piece { operands, ..piece };
            return Ok(match onto.filter(|_| piece.axes == Axes::Matrix) {
                Some(row) => {
                    let onto = Some(Box::new(self.filled(row, typed, &arguments)?));
                    Piece { onto, ..piece }
                }
                None => piece,
            });
        }
        // `np.linalg.pinv` is told for what it is where all is known.
        if let Some((_, word)) = name.rsplit_once('.')
            && rows.is_none()
            && crate::words::is_lawless(word)
        {
            return Ok(self.plain(word, typed, arguments));
        }
        // A text such as `'fro'` is nothing that the language of formulas has.
        let is_theirs = arguments.iter().any(|argument| argument.piece.is_none());
        if rows.is_some() && self.spelling == Spelling::Python || name.contains('.') || is_theirs {
            let known: Vec<String> = nearest(rows.into_iter().flatten(), &arguments)
                .map(|row| format!("`{}`", called_as(self.source.slice(typed), row.spelled)))
                .collect();
            let shown = self.source.slice(typed);
            let what = format!("`{}` is not read", crate::echo::shorten(shown));
            let mend = match known.is_empty() {
                true => "write it in the functions that are known, or in the language of formulas".to_owned(),
                false => format!("what is read is {}", known.join(", ")),
            };
            return Err(self.error(what, mend, typed));
        }
        Ok(self.plain(name, typed, arguments))
    }

    fn fits(&self, row: &Pattern, arguments: &[Argument]) -> bool {
        let indexed = !row.spelled.ends_with("[1]")
            || *self.peek() == Mark::OpenBlock
                && *self.ahead(1) == Mark::Number("1".to_owned())
                && *self.ahead(2) == Mark::CloseBlock;
        indexed && matches(row, arguments).is_some()
    }

    /// A call as it stands: arguments, then settings.
    fn plain(&mut self, name: &str, typed: Span, arguments: Vec<Argument>) -> Piece {
        if let [Argument { keyword: None, piece: Some(only), .. }] = arguments.as_slice()
            && let Some(piece) = self.taken_along_rows(name, typed, only)
        {
            return piece;
        }
        let axes = match name {
            "sum" | "mean" | "norm" | "norm1" | "tr" | "det" | "logdet" | "dot"
                if arguments.len() < 2 || name == "dot" =>
            {
                Axes::Scalar
            }
            "ones" | "zeros" if arguments.len() == 1 => Axes::Vector,
            "ones" | "zeros" | "eye" | "inv" => Axes::Matrix,
            _ => arguments
                .iter()
                .filter_map(|argument| argument.piece.as_ref())
                .fold(Axes::Scalar, |axes, piece| beside(axes, piece.axes)),
        };
        let pieces = arguments.into_iter().filter_map(|argument| {
            let piece = argument.piece?;
            match argument.keyword {
                None => Some(piece),
                Some(keyword) => {
                    let mut written = Written::new(&format!("{keyword} = "), piece.span());
                    written.push(&piece.written);
                    Some(Piece { written, ..piece })
                }
            }
        });
        Piece { axes, ..Piece::call(&format!("{name}("), typed, pieces.collect()) }
    }

    /// What a row says, with the arguments in the place of its letters.
    fn filled(&mut self, row: &Pattern, typed: Span, arguments: &[Argument]) -> Result<Piece, Diagnostic> {
        let letters = matches(row, arguments).unwrap_or_default();
        let of = |letter: &str| {
            letters.iter().find(|(known, _)| *known == letter).map(|(_, piece)| (*piece).clone())
        };
        if let ("product" | "of matrices" | "of a matrix", Some(left), Some(right)) =
            (row.axes, of("X"), of("Y"))
        {
            let count = [("of a matrix", 1), ("of matrices", 2)].into_iter().find(|(of, _)| *of == row.axes);
            self.are_matrices(&[&left, &right][..count.map_or(0, |(_, count)| count)]);
            return self.multiplied(left, "@", typed, right);
        }
        // The inner product is along the last axis of both.
        if let ("inner", Some(left), Some(right)) = (row.axes, of("X"), of("Y")) {
            let right = if right.axes == Axes::Matrix { right.transposed(typed) } else { right };
            return self.multiplied(left, "@", typed, right);
        }
        if let ("power", Some(base), Some(exponent)) = (row.axes, of("X"), of("Y")) {
            let is_one = |piece: &Piece| matches!(piece.axes, Axes::Scalar | Axes::Number | Axes::Perhaps);
            let (each, axes) = (!(is_one(&base) && is_one(&exponent)), beside(base.axes, exponent.axes));
            return self.bounded(Piece { axes, ..base.power(each, typed, exponent) });
        }
        let (mut written, mut rest, mut depth) = (Written::default(), row.own, 0);
        while let Some(first) = rest.chars().next() {
            let length = match begins_name(first) {
                true => rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len()),
                false => first.len_utf8(),
            };
            let (word, after) = rest.split_at(length);
            match of(word) {
                Some(piece) => {
                    let opens = written.text.is_empty()
                        || written.text.ends_with('(')
                        || written.text.ends_with(", ");
                    let is_alone = opens && (after.is_empty() || after.starts_with([')', ',']));
                    let piece = if is_alone { piece } else { piece.at_least(Level::Whole) };
                    depth = depth.max(piece.depth);
                    written.push(&piece.written);
                }
                None => written.sign(word, typed),
            }
            rest = after;
        }
        let axes = axes(row.axes, &letters);
        // How tightly the row itself holds together.
        let operators = [" > ", " < ", " >= ", " <= ", " == ", " != ", " + ", " - "];
        let level = match row.own {
            own if own.starts_with('-') => Level::Sum,
            "X" => of("X").map_or(Level::Whole, |piece| piece.level),
            own if outside(own).contains([' ', '*', '/', '^']) => {
                if operators.iter().any(|sign| own.contains(sign)) {
                    Level::Comparison
                } else {
                    Level::Product
                }
            }
            _ => Level::Whole,
        };
        let is_transpose = row.own.ends_with('\'') && level == Level::Whole;
        let inner =
            letters.iter().filter(|_| row.axes.starts_with("as ")).flat_map(|(_, piece)| &piece.inner);
        let inner = inner.cloned().collect();
        let line = Line::of_row(row.spelled);
        self.bounded(Piece {
            depth: depth + 1,
            is_transpose,
            inner,
            line,
            ..Piece::new(written, level, axes)
        })
    }
}

/// The axes that a row says its value has.
fn axes(said: &str, letters: &[(&str, &Piece)]) -> Axes {
    let of = |letter: &str| {
        letters.iter().find(|(known, _)| *known == letter).map_or(Axes::Scalar, |(_, piece)| piece.axes)
    };
    match said {
        "scalar" | "one example" => Axes::Scalar,
        // The sum of a row is of all of it.
        "vector" | "by columns" => Axes::Vector,
        "diagonal" if of("X") == Axes::Matrix => Axes::Vector,
        said => match said.strip_prefix("as ") {
            Some(names) => names.split(", ").fold(Axes::Scalar, |axes, name| beside(axes, of(name))),
            None => Axes::Matrix,
        },
    }
}
