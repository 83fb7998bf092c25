//! Lower-case names that are matrices by where they stand, as code has them: the `cov` of `np.linalg.inv(cov)` and `w @ cov @ w`, those
//! of `np.maximum(0, x @ w1) @ w2`.

use super::Spelling;
use super::arguments::Argument;
use super::piece::{Axes, Piece};
use super::reader::Reader;
use super::table::{Pattern, Table};
use crate::diagnostic::{Diagnostic, Span};
use crate::letters;
use crate::token::{begins_name, continues_name};

/// Functions of square matrices.
const SQUARE: [&str; 4] = ["inv", "det", "logdet", "tr"];

impl Reader<'_> {
    /// Takes what a function goes along the second axis of for matrices.
    ///
    /// # Errors
    /// Where that is read as a vector. `np.stack((x, y), axis=1)` makes the second axis.
    pub fn hold_second_axis(
        &mut self,
        pattern: &Pattern,
        arguments: &[Argument],
        typed: Span,
    ) -> Result<(), Diagnostic> {
        if !pattern.spelled.contains("axis=1") || pattern.spelled.contains("((x") {
            return Ok(());
        }
        // `np.concatenate((h, x), axis=1)` has several.
        let count = if pattern.spelled.contains("((X") { arguments.len() } else { 1 };
        let operands = arguments.iter().take(count).filter_map(|argument| argument.piece.as_ref());
        for (at, operand) in operands.enumerate() {
            if operand.axes == Axes::Matrix {
                let text = &operand.written.text;
                let alike = words_alone(text).filter(|name| is_one_of_two(text, name) && *name != "vector");
                let alike = alike.map(str::to_owned);
                let alike: Vec<String> = alike.collect();
                if alike.iter().any(|name| self.stacked.contains(name)) {
                    self.are_stacked(&alike);
                }
                continue;
            }
            let is_known = self.has_two_axes(operand) || operand.axes != Axes::Vector;
            if is_known || at > 0 {
                continue;
            }
            let text = self.source.slice(operand.span());
            let what = format!(
                "`{}` goes along a second axis, and `{text}` has one: it is read as a vector",
                self.source.slice(typed)
            );
            let mend = match &operand.name {
                Some(name) => format!("declare `{name}: matrix`, or leave the axis out"),
                None => "leave the axis out, or declare what is a matrix in it".to_owned(),
            };
            return Err(self.error(what, mend, typed));
        }
        Ok(())
    }

    /// Takes the argument of a function of square matrices for one, where it is a name.
    pub fn is_of_square(&mut self, pattern: &Pattern, argument: &Piece) {
        if pattern.axes == "two axes" {
            self.are_matrices(&[argument]);
        }
        let is_of = |own: &&str| pattern.own.strip_prefix(own).is_some_and(|of| of.starts_with('('));
        if let Some(name) = argument.name.clone().filter(|_| SQUARE.iter().any(is_of)) {
            self.is_matrix(&name);
        }
    }

    /// Takes names of a product `left @ right` for matrices: the middle of `x @ name @ x`, which is quadratic, and where the value of an
    /// inner product is multiplied on, those of it and what it is multiplied with, for no number has axes. Of `x @ name @ y` the middle
    /// alone, which makes it a number.
    #[inline(never)]
    pub fn multiplied_as_matrices(&mut self, left: &Piece, right: &Piece) {
        let whole =
            format!("{}*{}", left.written.text, right.written.text).replace(['\'', ' ', '(', ')'], "");
        let factors: Vec<&str> = whole.split('*').collect();
        if let [.., first, middle, last] = factors[..]
            && first == last
            && first != middle
        {
            return self.is_matrix(middle);
        }
        for (one, other) in [(left, right), (right, left)] {
            let Some(last) = one.inner.last().filter(|_| !has_axes(one)) else { continue };
            let is_chain =
                one.written.text.chars().all(|letter| continues_name(letter) || "'*".contains(letter));
            if is_chain && one.name.is_none() && other.name.is_some() {
                self.is_matrix(&last.clone());
                continue;
            }
            self.are_stacked(one.inner.iter().chain(&other.name));
        }
        // Beside a matrix of small letters all are such.
        for (one, other) in [(left, right), (right, left)] {
            if one.axes == Axes::Matrix && self.is_of_stacked(one) {
                self.are_stacked(&other.name);
            }
        }
    }

    /// Takes the names of operands for matrices, as functions say that are of such alone.
    pub fn are_matrices(&mut self, operands: &[&Piece]) {
        for operand in operands {
            self.are_stacked(operand.name.iter().chain(operand.inner.iter().filter(|_| !has_axes(operand))));
        }
    }

    /// Whether a value that a function goes along the second axis of is made of names that are matrices then.
    pub fn has_two_axes(&mut self, value: &Piece) -> bool {
        let is_open = |name: &&str| {
            name.starts_with(begins_name)
                && letters::kind(name) == letters::Kind::Vector
                && name.chars().next().is_some_and(|first| matches!(first, 'h'..='z'))
                && !super::juxtaposed::is_greek(letters::stem(name))
                && !self.declared.contains_key(*name)
                && !self.lets.contains_key(*name)
        };
        let text = &value.written.text;
        let is_alike =
            |name: &&str| is_open(name) || is_one_of_two(text, name) || is_term_with_power(text, name);
        let names: Vec<String> = match has_axes(value) || value.inner.is_empty() {
            true => words_alone(text).filter(is_alike).map(str::to_owned).collect(),
            false => value.inner.to_vec(),
        };
        // In `w * x` one of the two may be a vector beside each row.
        let is_weight = |name: &String| {
            matches!(letters::stem(name), "w" | "v" | "s" | "m" | "weight" | "weights" | "scale" | "mask")
        };
        let is_product = names.len() > 1 && has_axes(value) && text.contains(".*");
        if is_product && names.iter().any(is_weight) && !names.iter().any(|name| self.is_target(name)) {
            return false;
        }
        self.are_stacked(&names);
        !names.is_empty()
    }

    fn is_target(&self, name: &str) -> bool {
        self.spelling == Spelling::Python && Table::named("python").alike.contains(name)
    }

    /// Takes the arguments of a function of one example for a batch, where nothing says that they are vectors.
    pub fn are_examples(&mut self, arguments: &[Argument]) {
        let pieces: Vec<&Piece> = arguments.iter().filter_map(|argument| argument.piece.as_ref()).collect();
        let is_open = |piece: &&&Piece| match &piece.name {
            Some(name) => self.may_be_matrix(name) || piece.axes == Axes::Matrix,
            None => !piece.inner.is_empty() && !has_axes(piece),
        };
        if pieces.iter().filter(is_open).count() == pieces.len() {
            self.are_matrices(&pieces);
        }
    }

    /// Takes the operands of a row whose first argument is a text of indices, `'ij,jk->ik'`, for what their letters say.
    pub fn have_axes_of(&mut self, pattern: &Pattern, arguments: &[Argument]) {
        if !pattern.spelled.contains("('") {
            return;
        }
        for (letter, piece) in super::arguments::matches(pattern, arguments).unwrap_or_default() {
            match letter.starts_with(char::is_uppercase) {
                true => self.are_matrices(&[piece]),
                false => self.operands.extend(piece.name.clone().filter(|name| self.may_be_matrix(name))),
            }
        }
    }

    /// Takes a name that a table says is as large as what stands beside it for a matrix beside one that is computed: the target of a
    /// prediction, the mask of a matrix.
    #[inline(never)]
    pub fn tell_alike(&mut self, sign: &str, left: &Piece, right: &Piece) {
        if self.spelling != Spelling::Python || sign == "@" {
            return;
        }
        for (one, other) in [(left, right), (right, left)] {
            let is_computed = match &other.name {
                Some(name) => sign != "-" || !name.starts_with(char::is_uppercase),
                None => true,
            };
            if let (Some(name), Axes::Matrix, true) = (&one.name, other.axes, is_computed && sign != "+")
                && Table::named("python").alike.contains(name.as_str())
            {
                self.are_stacked([name]);
            }
        }
    }

    /// Takes undeclared names for matrices with a row for each example, or what such are multiplied with.
    fn are_stacked<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        let new: Vec<String> = names.into_iter().filter(|name| self.may_be_matrix(name)).cloned().collect();
        self.stacked.extend(new);
    }

    /// Whether a value is made of a matrix of small letters.
    fn is_of_stacked(&self, value: &Piece) -> bool {
        let is_let =
            |word: &str| word.starts_with(char::is_lowercase) && self.lets.get(word) == Some(&Axes::Matrix);
        let mut words = words_alone(&value.written.text);
        words.any(|word| self.stacked.contains(word) || !self.stacked.is_empty() && is_let(word))
    }

    /// Takes an undeclared name for a matrix by where it stands, whatever its letter.
    fn is_matrix(&mut self, name: &str) {
        if self.may_be_matrix(name) {
            self.squares.insert(name.to_owned());
        }
    }

    fn may_be_matrix(&self, name: &str) -> bool {
        let is_name = name.starts_with(begins_name) && name.chars().all(continues_name);
        let is_open = !self.declared.contains_key(name) && !self.lets.contains_key(name);
        is_name && is_open && letters::kind(name) != letters::Kind::Matrix
    }
}

/// Whether a name is one of two that a text is the difference or the product of, entry by entry, and neither is a mean or a weight.
fn is_one_of_two(text: &str, name: &str) -> bool {
    let is_other = |name: &str| {
        let stem = letters::stem(name);
        super::juxtaposed::is_greek(stem) || stem == "w" || name.contains("mean") || name.starts_with("cent")
    };
    // What is repeated in each row is a name here.
    let text = text.replace("(vector(1)*", "").replace("')", "");
    let inner = text.trim_start_matches('(').split(')').next().unwrap_or_default();
    let is_word = |word: &str| word.starts_with(begins_name) && word.chars().all(continues_name);
    let pair = [" - ", " .* ", "*"].iter().find_map(|sign| inner.split_once(sign));
    pair.is_some_and(|(left, right)| {
        let names = [left, right];
        names.contains(&name) && names.iter().all(|name| is_word(name) && !is_other(name))
    })
}

/// Whether a power of a name is a term: `mu.^2` in `1 + v - mu.^2 - exp(v)`. A mean or a bias stands bare.
fn is_term_with_power(text: &str, name: &str) -> bool {
    let is_one = |power: &String| {
        text.trim_start_matches('(').starts_with(power)
            || ["- ", "+ "].iter().any(|sign| text.contains(&format!("{sign}{power}")))
    };
    [".^", "^"].iter().any(|sign| is_one(&format!("{name}{sign}")))
}

/// Whether a value surely has an axis.
fn has_axes(value: &Piece) -> bool {
    matches!(value.axes, Axes::Vector | Axes::Matrix)
}

/// The names of a text that call nothing.
fn words_alone(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    text.split(|letter| !continues_name(letter)).filter(move |word| {
        at += word.len() + 1;
        !text.get(at - 1..).unwrap_or_default().starts_with('(')
    })
}
