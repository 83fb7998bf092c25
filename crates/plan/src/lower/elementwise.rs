//! Entry by entry: sums, products, quotients and primitives as lane programs over whatever their operands really hold.

use super::Lowering;
use super::form::{Form, Kind, Scalar};
use crate::program::Program;
use crate::{
    Access, Extent, Instruction, LaneInput, Operation, PlanError, Primitive, Reduction, Register, ValueId,
};
use formula::{Body, Node, NodeId, Number, Shape};

/// Operands of one program at most, so that registers stay few; longer sums and products run in several programs.
const OPERANDS: usize = 64;

/// Whole powers up to this one are multiplied out.
const MULTIPLIED_OUT: i64 = 16;

/// A program whose inputs are in place.
pub(super) struct Frame {
    pub program: Program,
    /// One for each operand.
    pub registers: Vec<Register>,
    pub rows: Extent,
    pub cols: Extent,
    /// Whether the program runs over the transposes of its operands.
    pub turned: bool,
}

impl Lowering<'_> {
    pub(super) fn add(&mut self, shape: &Shape, mut parts: Vec<Form>) -> Result<Form, PlanError> {
        loop {
            let mut sums = Vec::new();
            for chunk in parts.chunks(OPERANDS) {
                sums.push(self.elementwise(shape, chunk, |program, parts| {
                    parts[1..].iter().fold(parts[0], |sum, part| program.emit(Operation::Add(sum, *part)))
                })?);
            }
            match sums.as_slice() {
                [only] => return Ok(only.clone()),
                _ => parts = sums,
            }
        }
    }

    /// The elementwise product of nodes, scalars among them; `x^-1` divides.
    pub(super) fn times(&mut self, shape: &Shape, factors: &[NodeId]) -> Result<Form, PlanError> {
        let mut product = Form::number(shape, 1.0);
        for chunk in factors.chunks(OPERANDS) {
            // Each factor as base and exponent; those below 0 stand after the others.
            let mut powers: Vec<(Form, Option<Number>)> = vec![(product, None)];
            let mut divisors = Vec::new();
            for factor in chunk {
                match self.divisor(*factor)? {
                    Some((base, exponent)) => divisors.push((base, Some(exponent))),
                    None => powers.push((self.form(*factor), None)),
                }
            }
            if powers.iter().chain(&divisors).any(|(form, exponent)| form.is_zero() && exponent.is_none()) {
                return Ok(Form::number(shape, 0.0));
            }
            let multiplied = powers.len();
            powers.extend(divisors);
            let forms: Vec<Form> = powers.iter().map(|(form, _)| form.clone()).collect();
            product = self.elementwise(shape, &forms, |program, registers| {
                let (factors, divisors) = registers.split_at(multiplied);
                let start = factors[0];
                let product = factors[1..]
                    .iter()
                    .fold(start, |product, factor| program.emit(Operation::Multiply(product, *factor)));
                divisors.iter().zip(&powers[multiplied..]).fold(product, |quotient, (base, (_, exponent))| {
                    let divisor = raise(program, *base, exponent.unwrap_or(Number::ONE));
                    program.emit(Operation::Divide(quotient, divisor))
                })
            })?;
        }
        Ok(product)
    }

    pub(super) fn primitive(
        &mut self,
        shape: &Shape,
        primitive: Primitive,
        arguments: &[NodeId],
    ) -> Result<Form, PlanError> {
        if primitive == Primitive::POWER
            && let [base, exponent] = arguments
            && let Some(exponent) = self.formula.as_number(*exponent)
        {
            let (base, exponent) = self.root_free(*base, exponent)?;
            return self.elementwise(shape, &[base], |program, base| raise(program, base[0], exponent));
        }
        let forms: Vec<Form> = arguments.iter().map(|argument| self.form(*argument)).collect();
        self.elementwise(shape, &forms, |program, registers| {
            program.emit(match registers {
                [a, b] => Operation::Binary(primitive, *a, *b),
                [a, b, c] => Operation::Ternary(primitive, *a, *b, *c),
                _ => Operation::Unary(primitive, registers[0]),
            })
        })
    }

    pub(super) fn square_root(&mut self, form: &Form) -> Result<Form, PlanError> {
        let operands = std::slice::from_ref(form);
        self.elementwise(&form.shape, operands, |program, x| program.emit(Operation::SquareRoot(x[0])))
    }

    /// `s*X` for a `1 x 1` form s.
    pub(super) fn scaled(&mut self, scalar: &Form, form: &Form) -> Result<Form, PlanError> {
        if scalar.is_zero() || form.is_zero() {
            return Ok(Form::number(&form.shape, 0.0));
        }
        self.elementwise(&form.shape, &[scalar.clone(), form.clone()], |program, pair| {
            program.emit(Operation::Multiply(pair[0], pair[1]))
        })
    }

    /// What a lane program makes of operands of this shape, or `1 x 1`. Where every operand repeats one row, one column or
    /// one number, so does the result, and the program runs over that alone.
    pub(super) fn elementwise(
        &mut self,
        shape: &Shape,
        operands: &[Form],
        build: impl FnOnce(&mut Program, &[Register]) -> Register,
    ) -> Result<Form, PlanError> {
        let all = |fits: fn(&Kind) -> bool| operands.iter().all(|form| fits(&form.kind));
        let narrow = if all(|kind| matches!(kind, Kind::Uniform(_))) {
            Shape::scalar()
        } else if all(|kind| matches!(kind, Kind::Uniform(_) | Kind::Column(_))) {
            Shape::new(Shape::scalar().rows, shape.cols.clone())
        } else if all(|kind| matches!(kind, Kind::Uniform(_) | Kind::Row(_))) {
            Shape::column(shape.rows.clone())
        } else {
            return self.run(shape, operands, build);
        };
        let mut vectors = Vec::with_capacity(operands.len());
        for operand in operands {
            vectors.push(match operand.kind {
                Kind::Column(vector) | Kind::Row(vector) => self.vector(vector, &narrow)?,
                _ => operand.as_scalar(),
            });
        }
        let result = self.run(&narrow, &vectors, build)?;
        let rows_repeat = narrow.rows != shape.rows;
        let form = if rows_repeat { self.repeat_down(&result, &shape.rows) } else { result };
        Ok(if narrow.cols != shape.cols { self.repeat_along(&form, &shape.cols) } else { form })
    }

    fn run(
        &mut self,
        shape: &Shape,
        operands: &[Form],
        build: impl FnOnce(&mut Program, &[Register]) -> Register,
    ) -> Result<Form, PlanError> {
        let mut frame = self.frame(shape, operands)?;
        let result = build(&mut frame.program, &frame.registers);
        if let Some(number) = frame.program.as_number(result) {
            return Ok(Form::number(shape, number));
        }
        if let Some(operand) = frame.registers.iter().position(|register| *register == result) {
            return Ok(Form::new(shape, operands[operand].kind));
        }
        let stored = if frame.turned { shape.transpose() } else { shape.clone() };
        let value = self.computed(&stored)?;
        frame.program.output(result, value, Reduction::Keep);
        self.push_program(&frame);
        if shape.is_scalar() {
            return Ok(Form::new(shape, Kind::Uniform(Scalar::Value(value))));
        }
        Ok(Form::new(shape, Kind::Matrix { value, transposed: frame.turned }))
    }

    /// A program over this shape, or its transpose where that needs fewer stored transposes, with its operands as inputs.
    pub(super) fn frame(&mut self, shape: &Shape, operands: &[Form]) -> Result<Frame, PlanError> {
        let mut frame = self.straight_frame(shape)?;
        if self.is_better_turned(shape, operands)? {
            frame.turned = true;
            std::mem::swap(&mut frame.rows, &mut frame.cols);
        }
        self.read_operands(&mut frame, operands)?;
        Ok(frame)
    }

    /// A program over just this shape, without inputs.
    fn straight_frame(&self, shape: &Shape) -> Result<Frame, PlanError> {
        let (rows, cols) = (self.extent(&shape.rows)?, self.extent(&shape.cols)?);
        Ok(Frame { program: Program::default(), registers: Vec::new(), rows, cols, turned: false })
    }

    fn read_operands(&mut self, frame: &mut Frame, operands: &[Form]) -> Result<(), PlanError> {
        let (rows, cols, turned) = (frame.rows, frame.cols, frame.turned);
        for operand in operands {
            let (value, access) = match operand.kind {
                Kind::Uniform(Scalar::Number(number)) => {
                    frame.registers.push(frame.program.number(number));
                    continue;
                }
                Kind::Uniform(Scalar::Value(value)) => (value, Access::Scalar),
                Kind::Column(vector) => (vector, if turned { Access::Row } else { Access::Column }),
                Kind::Row(vector) => (vector, if turned { Access::Column } else { Access::Row }),
                Kind::Matrix { value, transposed } if transposed == turned => (value, Access::Entry),
                Kind::Matrix { value, .. } if self.is_vector(value) => {
                    (value, if cols == Extent::Fixed(1) { Access::Row } else { Access::Column })
                }
                Kind::Matrix { value, transposed } => {
                    let there = if transposed { operand.shape.clone() } else { operand.shape.transpose() };
                    let known = self.transposes.get(&value).copied();
                    let other = known.map_or_else(|| self.transposed(value, &there), Ok)?;
                    self.transposes.insert(value, other);
                    (other, Access::Entry)
                }
                Kind::Identity => (self.identity(&operand.shape)?, Access::Entry),
            };
            // The one way to say it, where a vector is read by a program over just that vector.
            let same = self.extents(value) == (rows, cols) && self.is_vector(value);
            let access = if same { Access::Entry } else { access };
            frame.registers.push(frame.program.input(LaneInput { value, access }));
        }
        Ok(())
    }

    pub(super) fn push_program(&mut self, frame: &Frame) {
        let lanes = frame.program.finish(frame.rows, frame.cols);
        self.plan.instructions.push(Instruction::Lanes(lanes));
    }

    fn is_better_turned(&self, shape: &Shape, operands: &[Form]) -> Result<bool, PlanError> {
        let (mut straight, mut turned) = (0, 0);
        let mut first = None;
        for operand in operands {
            if let Kind::Matrix { value, transposed } = operand.kind {
                first = first.or(Some(transposed));
                match (self.is_vector(value), transposed) {
                    (true, _) => {}
                    (false, false) => straight += 1,
                    (false, true) => turned += 1,
                }
            }
        }
        if straight != turned {
            return Ok(turned > straight);
        }
        // Walked rows rather than walked columns; a vector as its first operand is stored.
        Ok(match (self.extent(&shape.rows)?, self.extent(&shape.cols)?) {
            (Extent::Walked, _) => false,
            (_, Extent::Walked) => true,
            (Extent::Fixed(1), _) | (_, Extent::Fixed(1)) => first.unwrap_or(false),
            (Extent::Fixed(_), Extent::Fixed(_)) => false,
        })
    }

    /// Base and exponent above 0 of a factor that divides. A reciprocal that is used elsewhere too is computed anyway, and
    /// multiplies instead, unless it is one number.
    fn divisor(&mut self, factor: NodeId) -> Result<Option<(Form, Number)>, PlanError> {
        let Node::Apply(apply) = self.formula.node(factor) else {
            return Ok(None);
        };
        if self.formula.function(apply.function).body != Body::Primitive(Primitive::POWER) {
            return Ok(None);
        }
        let [base, exponent] = apply.arguments.as_slice() else {
            return Ok(None);
        };
        match self.formula.as_number(*exponent) {
            Some(exponent) if exponent.is_negative() => {
                let is_shared = self.uses[factor.index()] > 1 && !self.form(*base).is_uniform();
                if is_shared { Ok(None) } else { self.root_free(*base, -exponent).map(Some) }
            }
            _ => Ok(None),
        }
    }

    /// `norm(X)^(2*k)` is the k-th power of the sum of squares: no root is taken.
    fn root_free(&mut self, base: NodeId, exponent: Number) -> Result<(Form, Number), PlanError> {
        if let Node::Norm(part) = self.formula.node(base)
            && let Some(whole) = exponent.as_integer()
            && whole % 2 == 0
        {
            return Ok((self.squares(*part)?, Number::integer(whole / 2)));
        }
        Ok((self.form(base), exponent))
    }

    /// The vector of each row of a form `1 x n`, repeated down these rows.
    pub(super) fn repeat_down(&self, row: &Form, rows: &formula::Size) -> Form {
        if rows.is_one() {
            return row.clone();
        }
        let kind = match row.kind {
            Kind::Matrix { value, .. } | Kind::Column(value) => Kind::Column(value),
            Kind::Row(value) => Kind::Uniform(Scalar::Value(value)),
            Kind::Uniform(scalar) => Kind::Uniform(scalar),
            Kind::Identity => Kind::Uniform(Scalar::Number(1.0)),
        };
        Form { shape: Shape::new(rows.clone(), row.shape.cols.clone()), kind }
    }

    /// A form `m x 1`, repeated along these columns.
    pub(super) fn repeat_along(&self, column: &Form, cols: &formula::Size) -> Form {
        self.repeat_down(&column.transpose(), cols).transpose()
    }

    /// A value of its own that holds a form, in just its shape.
    pub(super) fn copy(&mut self, form: &Form) -> Result<ValueId, PlanError> {
        match form.kind {
            Kind::Matrix { value, transposed: true } if !self.is_vector(value) => {
                return self.transposed(value, &form.shape);
            }
            Kind::Identity => return self.identity(&form.shape),
            _ => {}
        }
        let shape = &form.shape;
        let to = self.computed(shape)?;
        let mut frame = self.straight_frame(shape)?;
        self.read_operands(&mut frame, std::slice::from_ref(form))?;
        frame.program.output(frame.registers[0], to, Reduction::Keep);
        self.push_program(&frame);
        Ok(to)
    }
}

/// `x^e`: whole and half powers by multiplication, division and roots, others by the primitive.
fn raise(program: &mut Program, x: Register, exponent: Number) -> Register {
    if exponent.is_negative() {
        let divisor = raise(program, x, -exponent);
        let one = program.number(1.0);
        return program.emit(Operation::Divide(one, divisor));
    }
    let (whole, half) = match exponent.as_ratio() {
        Some((whole, 1)) if whole <= MULTIPLIED_OUT => (whole, false),
        Some((halves, 2)) if halves / 2 <= MULTIPLIED_OUT => (halves / 2, true),
        _ => {
            let exponent = program.number(exponent.value());
            return program.emit(Operation::Binary(Primitive::POWER, x, exponent));
        }
    };
    let mut power = half.then(|| program.emit(Operation::SquareRoot(x)));
    let (mut rest, mut square) = (whole, x);
    while rest > 0 {
        if rest % 2 == 1 {
            power = Some(power.map_or(square, |power| program.emit(Operation::Multiply(power, square))));
        }
        rest /= 2;
        if rest > 0 {
            square = program.emit(Operation::Multiply(square, square));
        }
    }
    power.unwrap_or_else(|| program.number(1.0))
}
