//! The texts of pieces, as a reader takes them apart.

use crate::simplify::search::measure::{Line, Measure, Sign, Tree, TreeId};
use formula::{Direction, Formula, Number, Shape, Size};
use layout::{Over, Piece, PieceId, Place};

impl Measure {
    /// The line of a piece whose parts are known.
    pub(crate) fn line(&mut self, formula: &Formula, piece: PieceId) -> Line {
        let tree = match self.pieces.piece(piece).clone() {
            Piece::Number(number) => self.tree(Tree::Number(number)),
            Piece::Size(size) => self.size(&size),
            Piece::Name(name) => self.tree(Tree::Name(name)),
            Piece::Pi => self.tree(Tree::Pi),
            Piece::Ones(shape) if shape.is_column() => self.sized("ones", &[&shape.rows]),
            Piece::Ones(shape) => self.sized("ones", &[&shape.rows, &shape.cols]),
            Piece::Zeros(shape) => self.sized("zeros", &[&shape.rows, &shape.cols]),
            Piece::Identity(size) => self.sized("eye", &[&size]),
            Piece::Commutation([rows, cols]) => self.sized("commutation", &[&rows, &cols]),
            Piece::Call(call) => {
                let arguments = self.wholes(formula, &call.arguments);
                self.tree(Tree::Function(call.function, call.marks, arguments))
            }
            Piece::MatrixCall(function, arguments) => {
                let mut parts = self.wholes(formula, &arguments);
                for axis in formula.function(function).signature.iter().flat_map(|signature| &signature.axis)
                {
                    parts.push(self.tree(Tree::Number(Number::integer(i64::from(*axis)))));
                }
                self.tree(Tree::Function(function, Vec::new(), parts))
            }
            Piece::Norm(inner) => self.word(formula, "norm", &[inner]),
            Piece::Operator(operator, inner) => self.word(formula, operator.name(), &[inner]),
            Piece::Root(inner) => self.word(formula, "sqrt", &[inner]),
            Piece::Kronecker(pair) => self.word(formula, "kron", &pair),
            Piece::Block(Direction::Across, parts) => self.word(formula, "[,]", &parts),
            Piece::Block(Direction::Down, parts) => self.word(formula, "[;]", &parts),
            Piece::Unvec(inner, Shape { rows, cols }) => {
                self.word_sized(formula, "unvec", inner, &[&rows, &cols])
            }
            Piece::Range { of, direction: Direction::Across, first, last } => {
                self.word_sized(formula, "cols", of, &[&first, &last])
            }
            Piece::Range { of, direction: Direction::Down, first, last } => {
                self.word_sized(formula, "rows", of, &[&first, &last])
            }
            Piece::Total(over, inner) => {
                let axis = match over {
                    Over::All => None,
                    Over::Rows => Some(Size::number(1)),
                    Over::Columns => Some(Size::number(2)),
                };
                self.word_sized(formula, "sum", inner, &axis.iter().collect::<Vec<_>>())
            }
            Piece::Sum(terms) => {
                let mut sum = None;
                for term in terms {
                    let mut line = self.known_line(formula, term.piece);
                    if term.is_negative && sum.is_none() {
                        line = self.negated(line);
                    }
                    let tree = self.fold(&line);
                    let sign = if term.is_negative { Sign::Minus } else { Sign::Plus };
                    sum = Some(match sum {
                        Some(before) => self.tree(Tree::Joined(sign, before, tree)),
                        None => tree,
                    });
                }
                sum.unwrap_or_else(|| self.tree(Tree::Number(Number::ZERO)))
            }
            Piece::Power { base, exponent, .. } => {
                let [base, exponent] = [base, exponent].map(|part| self.whole(formula, part));
                self.tree(Tree::Joined(Sign::Power, base, exponent))
            }
            Piece::MatrixPower(base, count) => {
                let base = self.whole(formula, base);
                self.tree(Tree::MatrixPower(base, count))
            }
            Piece::Transposed(inner) => {
                let inner = self.whole(formula, inner);
                self.tree(Tree::Transposed(inner))
            }
            Piece::Grouped(inner) => self.whole(formula, inner),
            Piece::Negated(inner) => {
                let line = self.known_line(formula, inner);
                return self.negated(line);
            }
            Piece::Product { factors, .. } | Piece::Scalars(factors) => {
                let factors = self.wholes(formula, &factors);
                return factors.into_iter().map(|factor| (Sign::Times, factor)).collect();
            }
            Piece::Elementwise(factors) => {
                let factor = |factor: layout::Factor| {
                    let sign = if factor.is_divisor { Sign::EntryOver } else { Sign::EntryTimes };
                    (sign, self.whole(formula, factor.piece))
                };
                return factors.into_iter().map(factor).collect();
            }
            Piece::Scaled(scalar, body) => {
                let mut line = self.bare(formula, scalar, Place::FirstFactor);
                let mut body = self.bare(formula, body, Place::Scaled);
                body[0].0 = Sign::Times;
                line.append(&mut body);
                return line;
            }
            Piece::Quotient(value, divisor) => {
                let mut line = self.bare(formula, value, Place::FirstFactor);
                line.push((Sign::Over, self.whole(formula, divisor)));
                return line;
            }
        };
        vec![(Sign::Times, tree)]
    }

    /// The line of a part that stands without brackets in this place, or all of it as one subterm.
    fn bare(&mut self, formula: &Formula, piece: PieceId, place: Place) -> Line {
        match self.pieces.brackets(piece, place) {
            true => vec![(Sign::Times, self.whole(formula, piece))],
            false => self.known_line(formula, piece),
        }
    }

    fn known_line(&mut self, formula: &Formula, piece: PieceId) -> Line {
        match self.lines.get(piece.index()) {
            Some(Some(line)) => line.clone(),
            _ => self.line(formula, piece),
        }
    }

    fn wholes(&mut self, formula: &Formula, parts: &[PieceId]) -> Vec<TreeId> {
        parts.iter().map(|part| self.whole(formula, *part)).collect()
    }

    fn word(&mut self, formula: &Formula, word: &'static str, parts: &[PieceId]) -> TreeId {
        let parts = self.wholes(formula, parts);
        self.tree(Tree::Word(word, parts))
    }

    fn sized(&mut self, word: &'static str, sizes: &[&Size]) -> TreeId {
        let parts = sizes.iter().map(|size| self.size(size)).collect();
        self.tree(Tree::Word(word, parts))
    }

    fn word_sized(
        &mut self,
        formula: &Formula,
        word: &'static str,
        inner: PieceId,
        sizes: &[&Size],
    ) -> TreeId {
        let inner = self.whole(formula, inner);
        let parts = std::iter::once(inner).chain(sizes.iter().map(|size| self.size(size))).collect();
        self.tree(Tree::Word(word, parts))
    }
}
