//! Formula to plan: each node one instruction, shared parts once, no broadcast and no transpose made that can be read instead.

mod bind;
mod block;
mod elementwise;
mod form;
mod product;
mod sum;
mod unfold;

use crate::{Extent, Fill, Instruction, Plan, PlanError, Reduction, Request, Source, Value, ValueId};
use form::{Form, Kind};
use formula::{Body, Constant, Formula, Name, Node, NodeId, Shape, Size};
use product::Word;
use std::collections::{BTreeMap, HashMap, HashSet};
pub use unfold::unfold;

/// The plan that computes what is asked for, one instruction a node: to be fused, tiled and given buffers.
///
/// A product of several factors is associated by the sizes; sums and broadcasts written with `ones` become sums and
/// accesses of lane programs. Axes are followed by their *named* size: only an axis that is exactly the walked size is
/// walked, whatever numbers other sizes have.
///
/// # Errors
/// When a variable is not bound, a size is not known, a function has no body or slope, or a matrix would join the walked
/// size with itself or with something else.
pub fn lower(formula: &Formula, request: &Request) -> Result<Plan, PlanError> {
    let mut formula = formula.clone();
    let asked = bind::asked(request);
    let roots = unfold(&mut formula, &asked, MOST_OPERANDS)?;
    let mut lowering = Lowering::new(&formula, request);
    let order = formula.reachable(&roots);
    let operands: usize = order.iter().map(|id| formula.node(*id).children().len()).sum();
    if operands > MOST_OPERANDS {
        return Err(PlanError::TooLong { limit: MOST_OPERANDS });
    }
    lowering.count_uses(&order, &roots);
    lowering.bind_inputs(&order)?;
    lowering.want_words(&order);
    for id in order {
        let form = lowering.node(id)?;
        lowering.forms[id.index()] = Some(form);
    }
    lowering.keep_outputs(&roots)?;
    Ok(crate::reads::prune(lowering.plan))
}

/// The most operands of a formula that becomes a program, so that the registers of one program can be numbered, and that the
/// time to join instructions, which grows with the square of their number, stays below some seconds.
const MOST_OPERANDS: usize = 50_000;
/// The most entries of a matrix, or of a walked row: 2^40. No machine holds more, and sums of as many as a plan has values fit
/// into 64 bits.
pub const MOST_ENTRIES: u64 = 1 << 40;

struct Lowering<'a> {
    formula: &'a Formula,
    request: &'a Request,
    plan: Plan,
    /// What is known of each node so far, by its place in the arena.
    forms: Vec<Option<Form>>,
    /// How many nodes, or results, are built from each node.
    uses: Vec<usize>,
    inputs: BTreeMap<Name, Form>,
    /// Which values are named results already; a value is a result once.
    taken: HashSet<ValueId>,
    row_count: Option<ValueId>,
    // What was computed for parts of nodes, only ever looked up.
    squares: HashMap<NodeId, Form>,
    sums: HashMap<(ValueId, Reduction), ValueId>,
    transposes: HashMap<ValueId, ValueId>,
    words: HashMap<Word, Form>,
    /// Columns of identities, by the size of each, how many columns stand before them, and their number.
    stripes: HashMap<[usize; 3], ValueId>,
    wanted: HashSet<Word>,
}

impl<'a> Lowering<'a> {
    fn new(formula: &'a Formula, request: &'a Request) -> Lowering<'a> {
        Lowering {
            formula,
            request,
            plan: Plan::default(),
            forms: vec![None; formula.len()],
            uses: vec![0; formula.len()],
            inputs: BTreeMap::new(),
            taken: HashSet::new(),
            row_count: None,
            squares: HashMap::new(),
            sums: HashMap::new(),
            transposes: HashMap::new(),
            words: HashMap::new(),
            stripes: HashMap::new(),
            wanted: HashSet::new(),
        }
    }

    fn count_uses(&mut self, order: &[NodeId], roots: &[NodeId]) {
        for id in order.iter().flat_map(|id| self.formula.node(*id).children()).chain(roots) {
            self.uses[id.index()] += 1;
        }
    }

    /// The form of a node whose children have theirs.
    fn node(&mut self, id: NodeId) -> Result<Form, PlanError> {
        let formula = self.formula;
        let shape = formula.shape(id);
        match formula.node(id) {
            Node::Number(number) => Ok(Form::number(shape, number.value())),
            Node::Size(size) => self.count(size),
            Node::Variable(variable) => match self.inputs.get(&variable.name) {
                Some(form) => Ok(form.clone()),
                None => Err(PlanError::Unbound { name: variable.name.clone() }),
            },
            Node::Constant(constant, _) => Ok(match constant {
                Constant::Ones => Form::number(shape, 1.0),
                Constant::Zeros => Form::number(shape, 0.0),
                Constant::Pi => Form::number(shape, std::f64::consts::PI),
                Constant::Identity => Form::new(shape, Kind::Identity),
            }),
            Node::Add(parts) => {
                let forms: Vec<Form> = parts.iter().map(|part| self.form(*part)).collect();
                self.add(shape, forms)
            }
            Node::Product(factors) => self.word(factors),
            Node::Scale(pair) => self.times(shape, pair),
            Node::Times(factors) => self.times(shape, factors),
            Node::Apply(apply) => match formula.function(apply.function).body {
                Body::Primitive(primitive) => self.primitive(shape, primitive, &apply.arguments),
                // Unfolding left nothing but primitives.
                Body::Defined(_) | Body::Abstract => {
                    Err(PlanError::Abstract { function: formula.function(apply.function).name.clone() })
                }
            },
            Node::Transpose(part) => Ok(self.form(*part).transpose()),
            Node::Norm(part) => {
                let squares = self.squares(*part)?;
                self.square_root(&squares)
            }
            Node::Operator(operator, _) => Err(PlanError::NoInstruction { part: operator.name() }),
            Node::Unvec(..) => Err(PlanError::NoInstruction { part: "unvec" }),
            Node::Kronecker(_) => Err(PlanError::NoInstruction { part: "kron" }),
            Node::Commutation(_) => Err(PlanError::NoInstruction { part: "commutation" }),
            Node::Block(direction, parts) => self.block(shape, *direction, parts),
            Node::Part(part) => self.part(shape, part),
            // Unfolding left its body.
            Node::Call(call) => {
                Err(PlanError::Abstract { function: formula.function(call.function).name.clone() })
            }
        }
    }

    /// The form of a node that was reached before.
    fn form(&self, id: NodeId) -> Form {
        self.forms[id.index()].clone().expect("children stand before their parents")
    }

    /// Rows or columns of this size.
    fn extent(&self, size: &Size) -> Result<Extent, PlanError> {
        if let Some(walked) = &self.request.walked {
            if size.as_name() == Some(walked) {
                return Ok(Extent::Walked);
            }
            if size.names().contains(walked) {
                return Err(PlanError::MixedSize { size: size.clone(), walked: walked.clone() });
            }
        }
        size.evaluate(&self.request.sizes).map(Extent::Fixed).map_err(|name| PlanError::UnknownSize { name })
    }

    fn extents(&self, value: ValueId) -> (Extent, Extent) {
        let value = self.plan.value(value);
        (value.rows, value.cols)
    }

    /// Whether a value is stored as one row or one column, so that its transpose is the same numbers in the same order.
    fn is_vector(&self, value: ValueId) -> bool {
        let (rows, cols) = self.extents(value);
        rows == Extent::Fixed(1) || cols == Extent::Fixed(1)
    }

    /// A stored vector, as the row or column of this shape.
    fn vector(&self, value: ValueId, shape: &Shape) -> Result<Form, PlanError> {
        if shape.is_scalar() {
            return Ok(Form::new(shape, Kind::Uniform(form::Scalar::Value(value))));
        }
        let straight = self.extents(value) == (self.extent(&shape.rows)?, self.extent(&shape.cols)?);
        Ok(Form::new(shape, Kind::Matrix { value, transposed: !straight }))
    }

    /// A new value of this shape.
    fn value(&mut self, shape: &Shape, source: Source) -> Result<ValueId, PlanError> {
        let (rows, cols) = (self.extent(&shape.rows)?, self.extent(&shape.cols)?);
        let per_row = match (rows, cols) {
            (Extent::Walked, Extent::Walked) => return Err(PlanError::BothWalked { shape: shape.clone() }),
            (Extent::Walked, Extent::Fixed(count)) | (Extent::Fixed(count), Extent::Walked) => Some(count),
            (Extent::Fixed(rows), Extent::Fixed(cols)) => rows.checked_mul(cols),
        };
        if per_row.is_none_or(|entries| entries as u64 > MOST_ENTRIES) {
            return Err(PlanError::TooLarge { shape: shape.clone() });
        }
        let id = ValueId(self.plan.values.len() as u32);
        self.plan.values.push(Value { name: None, rows, cols, source });
        Ok(id)
    }

    /// A new value to be computed.
    fn computed(&mut self, shape: &Shape) -> Result<ValueId, PlanError> {
        self.value(shape, Source::Computed)
    }

    /// A stored identity matrix.
    fn identity(&mut self, shape: &Shape) -> Result<ValueId, PlanError> {
        let to = self.computed(shape)?;
        self.plan.instructions.push(Instruction::Fill(Fill { diagonal: 1.0, elsewhere: 0.0, above: 0, to }));
        Ok(to)
    }

    /// A stored matrix's transpose, stored.
    fn transposed(&mut self, from: ValueId, shape: &Shape) -> Result<ValueId, PlanError> {
        let to = self.computed(shape)?;
        self.plan.instructions.push(Instruction::Transpose(crate::Transpose { from, to }));
        Ok(to)
    }
}
