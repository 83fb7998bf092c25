//! What stands above and below: transposes, inverses, powers, layers and indices.

use super::Spelling;
use super::applied::is_letter_of_functions;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::{Diagnostic, Span};

impl Reader<'_> {
    /// `X^T`, `X^{-1}`, `W^{[1]}`, `x^{(i)}`, `x^2`
    pub fn raised(&mut self, value: Piece, each: bool) -> Result<Piece, Diagnostic> {
        if self.lower_first() || self.pass_brace(&value) {
            return Ok(value);
        }
        let sign = self.advance();
        if each {
            return self.power_of(value, true, sign);
        }
        // What is above, as far as it is a mark and no exponent.
        let grouped = *self.peek() == Mark::OpenGroup;
        let first = usize::from(grouped);
        let above: Vec<Mark> = match grouped {
            true => {
                (1..6).map(|at| self.ahead(at).clone()).take_while(|mark| *mark != Mark::CloseGroup).collect()
            }
            false => vec![self.peek().clone()],
        };
        let pass = |reader: &mut Self, count: usize| {
            let start = reader.span();
            reader.at += count + 2 * first;
            start.to(reader.tokens.get(reader.at - 1).map_or(start, |token| token.span))
        };
        // `\top` and `ᵀ` are no letter, whatever T is.
        let last = self.tokens.get(self.at + first + above.len().saturating_sub(1));
        let is_letter = last.is_some_and(|token| self.source.slice(token.span) == "T");
        let is_power = is_letter && self.declared.contains_key("T");
        let is_turn = |mark: &Mark| match mark {
            Mark::Name(name) => name == "T" && !is_power,
            _ => false,
        };
        match above.as_slice() {
            // `x^* A x`, `x^* x`: the conjugate transpose, which of real numbers is the transpose.
            [Mark::Sign("*")] if self.is_adjoint(&value, 1 + 2 * first) => {
                let typed = pass(self, 1);
                let whole = self.source.slice(value.span().to(typed)).to_owned();
                self.note(format!("`{whole}` before a factor is read as the transpose"));
                Ok(value.transposed(typed))
            }
            // `H^H`: the power by a matrix has no meaning.
            [Mark::Name(hermitian)] if hermitian == "H" && self.is_hermitian(&value) => {
                let typed = pass(self, 1);
                let whole = self.source.slice(value.span().to(typed)).to_owned();
                self.note(format!("`{whole}` is read as the transpose, which it is of real numbers"));
                Ok(value.transposed(typed))
            }
            // `P^{+} = ...`
            [Mark::Sign(sign @ ("+" | "-"))] if self.is_labelled(&value, 1 + 2 * first) => {
                let ending = if *sign == "+" { "_plus" } else { "_minus" };
                let typed = pass(self, 1);
                self.suffixed(value, ending, typed)
            }
            [turn] if is_turn(turn) => {
                let typed = pass(self, 1);
                Ok(value.transposed(typed))
            }
            [Mark::Sign("-"), turn] if is_turn(turn) => {
                let typed = pass(self, 2);
                let inverse = Piece { axes: Axes::Matrix, ..Piece::call("inv(", typed, vec![value]) };
                Ok(inverse.transposed(typed))
            }
            [Mark::Sign("-"), Mark::Number(one), turn] if one == "1" && is_turn(turn) => {
                let typed = pass(self, 3);
                Ok(Piece { axes: Axes::Matrix, ..Piece::call("inv(", typed, vec![value]) }.transposed(typed))
            }
            // `X^+ y`
            [Mark::Sign("+")] => Err(self.pseudoinverse(&value, sign)),
            [Mark::Sign("*")] | [Mark::Name(_)] if is_star(&above) => {
                let typed = pass(self, 1);
                self.suffixed(value, "_star", typed)
            }
            [Mark::OpenBlock, ..] if grouped && self.spelling == Spelling::Latex => self.layer(value),
            [Mark::Open, ..] if grouped && value.name.is_some() && self.is_index() => self.layer(value),
            [Mark::Sign(".*"), ..] if grouped => {
                self.at += 2;
                let exponent = self.inside(Part::Close)?;
                if self.eat(&Mark::CloseGroup).is_none() {
                    return Err(self.expected("`}`"));
                }
                Ok(value.power(true, sign, exponent.at_least(Level::Whole)))
            }
            [Mark::Sign("-"), Mark::Number(one)] if one == "1" && self.is_inverse_of(&value) => {
                Err(self.inverse_function(value.name.as_deref().unwrap_or_default(), value.span()))
            }
            _ if value.name.as_deref() == Some("e") && self.spelling == Spelling::Latex => {
                let exponent = self.argument()?;
                let axes = exponent.axes;
                let end = self.tokens.get(self.at.saturating_sub(1)).map_or(sign, |token| token.span);
                self.note_exponential(&exponent, value.span().to(end));
                Ok(Piece { axes, ..Piece::call("exp(", value.span().to(sign), vec![exponent]) })
            }
            _ => self.power_of(value, false, sign),
        }
    }

    /// The error of `w_{y_i}`: which one is picked is itself a value.
    fn nested_index(&self, typed: Span) -> Diagnostic {
        let what =
            "an index stands below an index, so that a value picks which one is meant, which has no law here";
        let mend = "write the choice as a product with a matrix Y of ones and zeros, a one in each row where its label is, as in `sum(Y .* log(P))`";
        self.error(what, mend, typed)
    }

    /// `x^2_F` is `x_F^2`: puts what stands below before what stands above, unless that is an index itself; whether it did.
    pub fn lower_first(&mut self) -> bool {
        let is_index = match self.ahead(1) {
            Mark::Sign("*") => true,
            Mark::OpenGroup => {
                matches!(self.ahead(2), Mark::Sign("*") | Mark::OpenBlock)
                    || *self.ahead(2) == Mark::Open && self.is_index_at(2)
            }
            Mark::Name(name) => name == "star",
            _ => false,
        };
        if is_index || *self.peek() != (Mark::Raise { each: false }) {
            return false;
        }
        let above = 1 + self.operand_length(1);
        if *self.ahead(above) != Mark::Lower {
            return false;
        }
        let end = self.at + above + 1 + self.operand_length(above + 1);
        match self.tokens.get_mut(self.at..end) {
            Some(both) => both.rotate_left(above),
            None => return false,
        }
        true
    }

    /// How many marks the operand so far ahead has, as far as it is one mark or a group.
    pub fn operand_length(&self, ahead: usize) -> usize {
        let sign = usize::from(*self.ahead(ahead) == Mark::Sign("-"));
        let (mut depth, mut length) = (0_usize, sign);
        loop {
            match self.ahead(ahead + length) {
                Mark::OpenGroup => depth += 1,
                Mark::CloseGroup => depth = depth.saturating_sub(1),
                Mark::End => return length,
                _ => {}
            }
            length += 1;
            if depth == 0 {
                return length;
            }
        }
    }

    /// Whether a letter of functions stands before `^{-1}` and a bracket: `\sigma^{-1}(x)`.
    fn is_inverse_of(&self, value: &Piece) -> bool {
        let Some(name) = &value.name else { return false };
        let behind = self.operand_length(0);
        let is_called = matches!(self.ahead(behind), Mark::Open | Mark::Part(Part::Open))
            && self.tokens.get(self.at + behind).is_some_and(|token| !token.is_apart);
        let is_value = self.declared.get(name).is_some_and(Option::is_some);
        is_called && is_letter_of_functions(name) && !is_value && !self.standing.alone.contains(name)
    }

    /// `x^2`, `x.^2`, `x**-1`: the exponent is one operand with signs before it.
    fn power_of(&mut self, value: Piece, each: bool, sign: Span) -> Result<Piece, Diagnostic> {
        let minus = match self.peek() {
            Mark::Sign("-") => Some(self.advance()),
            _ => None,
        };
        // `X^-T`
        if let (Some(minus), Mark::Name(name)) = (minus, self.peek())
            && name == "T"
            && !self.declared.contains_key("T")
        {
            let typed = minus.to(self.advance());
            let inverse = Piece { axes: Axes::Matrix, ..Piece::call("inv(", typed, vec![value]) };
            return Ok(inverse.transposed(typed));
        }
        let exponent = match self.spelling {
            Spelling::Python => self.power()?,
            _ => self.exponent()?,
        };
        let (is_column, is_scalar) = (value.axes != Axes::Matrix, value.is_scalar());
        let is_one = is_scalar || matches!(value.axes, Axes::Number | Axes::Perhaps);
        let each = each && !(self.spelling == Spelling::Python && is_one) || self.is_entrywise(&value);
        let exponent = exponent.at_least(Level::Whole);
        let exponent = match minus {
            Some(typed) => exponent.negated(typed),
            None => exponent,
        };
        let axes = value.axes;
        let base = value.at_least(Level::Whole);
        let mut written = base.written;
        written.sign(if each { ".^" } else { "^" }, sign);
        written.push(&exponent.written);
        let depth = base.depth.max(exponent.depth);
        let axes = if is_column { axes } else { Axes::Matrix };
        Ok(Piece { depth, ..Piece::new(written, Level::Power, axes) })
    }

    /// An exponent: a group, or one operand without what stands behind it.
    fn exponent(&mut self) -> Result<Piece, Diagnostic> {
        if self.spelling == Spelling::Latex {
            return self.argument();
        }
        let value = self.primary()?;
        if self.calls(&value) { self.call(value) } else { Ok(value) }
    }

    /// Whether the brackets above hold an index, as in `x^{(i)}`: one letter or number, and perhaps one more beside it.
    fn is_index(&self) -> bool {
        self.is_index_at(1)
    }

    /// Whether the bracket so far ahead holds an index.
    fn is_index_at(&self, open: usize) -> bool {
        let name = |at: usize| matches!(self.ahead(open + at), Mark::Name(_) | Mark::Number(_));
        let ends = |at: usize| {
            *self.ahead(open + at) == Mark::Close && *self.ahead(open + at + 1) == Mark::CloseGroup
        };
        name(1)
            && (ends(2) || matches!(self.ahead(open + 2), Mark::Sign("+" | "-")) && name(3) && ends(4))
            && (self.spelling == Spelling::Latex
                || self.tokens.get(self.at + open).is_some_and(|token| self.source.slice(token.span) == "⁽"))
    }

    /// `x_1` is x1, `x_i` is x_i, `W_{out}` is W_out; `\mathbf{1}_n` are ones.
    pub fn lowered(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        if self.pass_brace(&value) {
            return Ok(value);
        }
        // `[x]_+` is the positive part.
        let is_grouped = *self.ahead(1) == Mark::OpenGroup && *self.ahead(3) == Mark::CloseGroup;
        if *self.ahead(1 + usize::from(is_grouped)) == Mark::Sign("+") {
            let typed = self.span();
            self.at += 2 + 2 * usize::from(is_grouped);
            // Beside the `k_i` of a sum, `k_+` is one of them that has a name.
            if value.name.as_ref().is_some_and(|name| self.indexed.contains(name)) {
                return self.suffixed(value, "_plus", typed);
            }
            return Ok(Piece { axes: value.axes, ..Piece::call("relu(", typed, vec![value]) });
        }
        let (text, lower) = (value.written.text.clone(), self.span());
        let is_constant = matches!(text.as_str(), "1" | "0" | "vector(1)" | "I" | "eye");
        if is_constant && !self.is_entry_of_pair() && self.is_of_size() {
            let word = match text.as_str() {
                "0" => "zeros(",
                "I" | "eye" => "eye(",
                _ => "ones(",
            };
            return self.constant(word, value.span());
        }
        match self.label()? {
            Some((label, typed)) => {
                if let Some(whole) = self.of_pair(&value, &label, typed)? {
                    return Ok(whole);
                }
                self.hold_inside(&value, &label, typed)?;
                let digits = label.bytes().all(|byte| byte.is_ascii_digit());
                let after_digit = text.ends_with(|letter: char| letter.is_ascii_digit());
                // `x_1` is a name of its own in a text that is no LaTeX.
                let is_written = self.spelling == Spelling::Text && self.source.slice(lower) == "_";
                let is_entry = self.is_entry_of_list(&text, &label);
                let is_ending = digits && !after_digit && !is_written && !is_entry;
                let ending = if is_ending { label } else { format!("_{label}") };
                self.suffixed(value, &ending, typed)
            }
            None => Ok(value),
        }
    }

    /// `\mathbf{1}_n`, `\mathbf{1}_{m \times n}`, `I_n`
    fn constant(&mut self, word: &str, start: Span) -> Result<Piece, Diagnostic> {
        self.advance();
        let axes = if word == "eye(" { Axes::Matrix } else { Axes::Vector };
        if *self.peek() != Mark::OpenGroup {
            let size = self.argument()?;
            return Ok(Piece { axes, ..Piece::call(word, start, vec![size]) });
        }
        let (open, mut sizes) = (self.advance(), Vec::new());
        loop {
            let mut size = self.chain()?;
            while let Mark::Sign("+") = self.peek() {
                let typed = self.advance();
                let more = self.chain()?;
                size = size.join(" + ", typed, more, Level::Sum, Axes::Scalar);
            }
            sizes.push(size);
            match self.peek() {
                Mark::Sign("*") | Mark::Comma => drop(self.advance()),
                _ => break,
            }
        }
        if self.eat(&Mark::CloseGroup).is_none() {
            return Err(self.error(
                "this is no size",
                "write a size such as `n` or `m \\times n`",
                open.to(self.span()),
            ));
        }
        let axes = if sizes.len() > 1 { Axes::Matrix } else { axes };
        Ok(Piece { axes, ..Piece::call(word, start, sizes) })
    }

    /// The letters above or below as the end of a name: `1`, `i`, `i_j`, `l_minus_1`.
    pub fn label(&mut self) -> Result<Option<(String, Span)>, Diagnostic> {
        let mut typed = self.span();
        if matches!(self.peek(), Mark::Lower | Mark::Raise { .. }) {
            self.advance();
        }
        let (mut label, mut depth) = (String::new(), 0_usize);
        loop {
            let piece = match self.peek() {
                Mark::OpenGroup => {
                    depth += 1;
                    String::new()
                }
                Mark::CloseGroup if depth > 0 => {
                    depth -= 1;
                    String::new()
                }
                Mark::Open | Mark::Close | Mark::OpenBlock | Mark::CloseBlock if depth > 0 => String::new(),
                Mark::Lower if depth > 0 => return Err(self.nested_index(typed.to(self.span()))),
                Mark::Name(text) if depth > 0 && text.trim_matches('_').contains('_') => {
                    return Err(self.nested_index(typed.to(self.span())));
                }
                Mark::Number(text) | Mark::Name(text) | Mark::Apply(text) => {
                    text.trim_start_matches('_').to_owned()
                }
                Mark::Sign("-") if depth > 0 => "_minus_".to_owned(),
                Mark::Sign("+") if depth > 0 => "_plus_".to_owned(),
                Mark::Sign("*") => "star".to_owned(),
                Mark::Comma if depth > 0 => "_".to_owned(),
                Mark::Equals if depth > 0 => "_is_".to_owned(),
                Mark::Part(Part::Bar) if depth > 0 => "_given_".to_owned(),
                _ => return Err(self.expected("a letter or a number, above or below a name")),
            };
            // `x_12` is x with 1 below and 2 beside it in LaTeX.
            let single = self.spelling == Spelling::Latex && depth == 0 && piece.len() > 1;
            if let (true, Mark::Number(text)) = (single, self.peek().clone()) {
                let first = text[..1].to_owned();
                if let Some(token) = self.tokens.get_mut(self.at) {
                    token.mark = Mark::Number(text[1..].to_owned());
                    token.span.start += 1;
                }
                return Ok(Some((first, typed)));
            }
            typed = typed.to(self.advance());
            label.push_str(&piece);
            if depth == 0 {
                let label = label.trim_matches('_').replace("__", "_");
                return Ok((!label.is_empty()).then_some((label, typed)));
            }
        }
    }

    /// A name with more behind it.
    pub(super) fn suffixed(&mut self, value: Piece, ending: &str, typed: Span) -> Result<Piece, Diagnostic> {
        match &value.name {
            Some(name) if name.contains("/d") => Ok(value),
            Some(name) => Ok(Piece::name(&format!("{name}{ending}"), value.span().to(typed), false)),
            None => {
                let what = "only a name can have a letter or a number above or below it";
                Err(self.error(
                    what,
                    "give what it stands at a name on a line before, such as `Z = X*W`",
                    typed,
                ))
            }
        }
    }
}

fn is_star(above: &[Mark]) -> bool {
    match above {
        [Mark::Sign("*")] => true,
        [Mark::Name(name)] => name == "star",
        _ => false,
    }
}
