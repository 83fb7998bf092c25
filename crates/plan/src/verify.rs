//! A plan's own rules, checked: what every engine may rely on.

use crate::buffers::{Lifetime, kept, lifetimes, per_walked};
use crate::reads::writers;
use crate::{
    Access, Extent, Instruction, LaneOutput, Lanes, Operand, Place, Plan, PlanError, Reduction, Source,
    ValueId,
};

/// The plan itself, where it keeps the rules: extents fit in every instruction, each value is computed once and before it is
/// read, registers are in range, results are complete, phases follow each other, and no two values share a place
/// while both are alive.
///
/// # Errors
/// [`PlanError::Broken`] with the place and the rule, which only a plan put together by hand can be.
pub fn verify(plan: Plan) -> Result<Plan, PlanError> {
    check_lists(&plan)?;
    check_order(&plan)?;
    for (index, instruction) in plan.instructions.iter().enumerate() {
        let rule = match instruction {
            Instruction::Product(product) => {
                let (left, right) = (turned(&plan, product.left), turned(&plan, product.right));
                let fits = left.1 == right.0 && extents(&plan, product.to) == (left.0, right.1);
                (!fits).then_some("the factors of a product fit together and give its rows and columns")
            }
            Instruction::Lanes(lanes) => lanes_rule(&plan, lanes),
            Instruction::Transpose(transpose) => {
                let (rows, cols) = extents(&plan, transpose.from);
                let fits = extents(&plan, transpose.to) == (cols, rows);
                (!fits).then_some("a transpose has the columns of its matrix as rows")
            }
            Instruction::Fill(_) => None,
        };
        if let Some(rule) = rule {
            return Err(broken(format!("instruction {index}"), rule));
        }
    }
    check_tiling(&plan)?;
    check_places(&plan)?;
    Ok(plan)
}

fn broken(place: String, rule: &'static str) -> PlanError {
    PlanError::Broken { place, rule }
}

fn ensure(holds: bool, place: impl Fn() -> String, rule: &'static str) -> Result<(), PlanError> {
    if holds { Ok(()) } else { Err(broken(place(), rule)) }
}

fn extents(plan: &Plan, value: ValueId) -> (Extent, Extent) {
    let value = plan.value(value);
    (value.rows, value.cols)
}

fn turned(plan: &Plan, operand: Operand) -> (Extent, Extent) {
    let (rows, cols) = extents(plan, operand.value);
    if operand.transposed { (cols, rows) } else { (rows, cols) }
}

/// Every list names values of the right source, and every value named exists.
fn check_lists(plan: &Plan) -> Result<(), PlanError> {
    let used = plan.instructions.iter().flat_map(|it| it.reads().into_iter().chain(it.writes()));
    let listed = plan.data.iter().chain(&plan.parameters).chain(&plan.scalars).copied();
    let updates = plan.updated.iter().flat_map(|update| [update.old, update.new]);
    let outputs = plan.results.iter().chain(&plan.row_results).map(|output| output.value);
    for value in used.chain(listed).chain(updates).chain(outputs) {
        let exists = value.index() < plan.values.len();
        ensure(
            exists,
            || format!("value {}", value.0),
            "every value that is named is in the list of values",
        )?;
    }
    for (index, value) in plan.values.iter().enumerate() {
        let id = ValueId(index as u32);
        let (fits, rule) = match value.source {
            Source::Data(at) => (plan.data.get(at) == Some(&id), "data stand in the list of data"),
            Source::Updated(at) => {
                let fits = plan.updated.get(at).is_some_and(|update| update.old == id);
                (fits, "what is overwritten stands in the list of updates")
            }
            Source::Parameter(_) => {
                let fits = plan.parameters.contains(&id) && value.fixed_entries().is_some();
                (fits, "parameters are of fixed size and stand in their list")
            }
            Source::Scalar(at) => {
                let is_scalar = extents(plan, id) == (Extent::Fixed(1), Extent::Fixed(1));
                (plan.scalars.get(at) == Some(&id) && is_scalar, "scalars are 1 x 1 and stand in their list")
            }
            Source::RowCount => {
                let is_scalar = extents(plan, id) == (Extent::Fixed(1), Extent::Fixed(1));
                (is_scalar, "the number of rows is 1 x 1")
            }
            Source::Computed => (true, ""),
        };
        ensure(fits, || format!("value {index}"), rule)?;
        let both = (value.rows, value.cols) == (Extent::Walked, Extent::Walked);
        ensure(!both, || format!("value {index}"), "rows and columns are not both walked")?;
    }
    let mut start = 0;
    for value in &plan.parameters {
        let fits = plan.value(*value).source == Source::Parameter(start);
        ensure(fits, || format!("value {}", value.0), "parameters lie one after another")?;
        start += plan.value(*value).fixed_entries().unwrap_or(0);
    }
    Ok(())
}

/// Each computed value is written once, before it is read; results are computed, and each value is one result.
fn check_order(plan: &Plan) -> Result<(), PlanError> {
    let mut ready: Vec<bool> = plan.values.iter().map(|value| value.source != Source::Computed).collect();
    for (index, instruction) in plan.instructions.iter().enumerate() {
        let place = || format!("instruction {index}");
        let reads = instruction.reads();
        let known = reads.iter().all(|value| ready[value.index()]);
        ensure(known, place, "what is read is bound or was computed before")?;
        for value in instruction.writes() {
            let new = !std::mem::replace(&mut ready[value.index()], true);
            ensure(new, place, "a value is computed once and no input is")?;
        }
    }
    let mut taken = vec![false; plan.values.len()];
    let outputs = plan.results.iter().chain(&plan.row_results).map(|output| output.value);
    for value in outputs.chain(plan.updated.iter().map(|update| update.new)) {
        let place = || format!("value {}", value.0);
        let is_computed = plan.value(value).source == Source::Computed && ready[value.index()];
        ensure(is_computed, place, "a result is computed")?;
        let new = !std::mem::replace(&mut taken[value.index()], true);
        ensure(new, place, "a value is one result; another name for it is a copy")?;
    }
    for output in &plan.results {
        let fixed = plan.value(output.value).fixed_entries().is_some();
        ensure(fixed, || format!("result {}", output.name), "a result of fixed size has one")?;
    }
    for output in &plan.row_results {
        let walked = plan.value(output.value).is_walked();
        ensure(walked, || format!("result {}", output.name), "a result by rows has walked rows")?;
    }
    for update in &plan.updated {
        let same = extents(plan, update.old) == extents(plan, update.new);
        ensure(same, || format!("value {}", update.new.0), "a new value has the shape of the old one")?;
    }
    Ok(())
}

/// The rule that a lane program breaks.
fn lanes_rule(plan: &Plan, lanes: &Lanes) -> Option<&'static str> {
    let one = Extent::Fixed(1);
    let is_vector_of = |value: ValueId, count: Extent| {
        let shape = extents(plan, value);
        shape == (count, one) || shape == (one, count)
    };
    for input in &lanes.inputs {
        let fits = match input.access {
            Access::Entry => extents(plan, input.value) == (lanes.rows, lanes.cols),
            Access::Column => is_vector_of(input.value, lanes.cols),
            Access::Row => is_vector_of(input.value, lanes.rows),
            Access::Scalar => extents(plan, input.value) == (one, one),
        };
        if !fits {
            return Some("the inputs of a lane program have its rows and columns, as they are accessed");
        }
    }
    let inputs = lanes.inputs.len();
    for (index, operation) in lanes.operations.iter().enumerate() {
        if operation.operands().iter().any(|operand| operand.index() >= inputs + index) {
            return Some("an operation reads registers written before it");
        }
    }
    let fits = |output: &LaneOutput| match output.reduction {
        Reduction::Keep => extents(plan, output.to) == (lanes.rows, lanes.cols),
        Reduction::SumAll => extents(plan, output.to) == (one, one),
        Reduction::SumDown => is_vector_of(output.to, lanes.cols),
        Reduction::SumAlong => is_vector_of(output.to, lanes.rows),
    };
    if !lanes.outputs.iter().all(fits) {
        return Some("the outputs of a lane program have the shapes of what is kept");
    }
    let registers = inputs + lanes.operations.len();
    let in_range = lanes.outputs.iter().all(|output| output.register.index() < registers);
    (!in_range).then_some("an output is a register of its program")
}

/// Phases come in order, and what a tile reads is there before the tiles.
fn check_tiling(plan: &Plan) -> Result<(), PlanError> {
    let Some(tiling) = &plan.tiling else {
        return Ok(());
    };
    let complete = tiling.phases.len() == plan.instructions.len();
    ensure(complete, || "the tiling".into(), "every instruction has a phase")?;
    ensure(tiling.phases.is_sorted(), || "the tiling".into(), "phases follow each other")?;
    ensure(tiling.height != Some(0), || "the tiling".into(), "a tile has rows")?;
    if tiling.height.is_none() {
        return Ok(());
    }
    let writers = writers(plan);
    for (index, (instruction, phase)) in plan.instructions.iter().zip(&tiling.phases).enumerate() {
        let place = || format!("instruction {index}");
        for value in instruction.reads().into_iter().chain(instruction.writes()) {
            let by_rows = plan.value(value).is_walked();
            ensure(!by_rows || phase.walks(), place, "walked rows are touched tile by tile")?;
        }
        for value in instruction.reads() {
            let Some(written) = writers[value.index()].map(|writer| tiling.phases[writer]) else {
                continue;
            };
            let is_walked = plan.value(value).is_walked();
            let is_sum = written.walks() && !is_walked;
            ensure(!is_sum || *phase > written, place, "a sum over the rows is read after the rows")?;
            let same = !is_walked || *phase == written;
            ensure(same, place, "walked rows are read in the pass that computes them")?;
        }
    }
    Ok(())
}

/// Every computed value has a place of its kind, shared with no value that is alive at the same time.
fn check_places(plan: &Plan) -> Result<(), PlanError> {
    let Some(buffers) = &plan.buffers else {
        return Ok(());
    };
    let complete = buffers.places.len() == plan.values.len();
    ensure(complete, || "the list of places".into(), "every value has an entry there")?;
    let kept = kept(plan);
    let mut kept_spans: Vec<(usize, usize)> = Vec::new();
    let mut spans: Vec<(Lifetime, bool, usize, usize, usize)> = Vec::new();
    for (index, lifetime) in lifetimes(plan).into_iter().enumerate() {
        let (value, place) = (&plan.values[index], buffers.places[index]);
        let Some(lifetime) = lifetime else {
            continue;
        };
        let fits = match (place, value.fixed_entries()) {
            (Some(Place::Fixed(start)), Some(entries)) => {
                spans.push((lifetime, true, start, entries, index));
                start.checked_add(entries).is_some_and(|end| end <= buffers.fixed)
            }
            (Some(Place::Kept(start)), None) => {
                let end = start.saturating_add(per_walked(value));
                let apart = kept_spans.iter().all(|(from, to)| end <= *from || *to <= start);
                kept_spans.push((start, end));
                apart && end <= buffers.kept_per_row
            }
            (Some(Place::Tile(start)), None) if !kept[index] => {
                let entries = per_walked(value);
                spans.push((lifetime, false, start, entries, index));
                start.checked_add(entries).is_some_and(|end| end <= buffers.per_row)
            }
            (Some(Place::Result(_)), Some(_)) => {
                plan.results.iter().any(|output| output.value.index() == index)
            }
            (Some(Place::RowResult(at)), None) => {
                plan.row_results.get(at).is_some_and(|output| output.value.index() == index)
            }
            (Some(Place::Updated(at)), _) => {
                plan.updated.get(at).is_some_and(|update| update.new.index() == index)
            }
            _ => false,
        };
        ensure(fits, || format!("value {index}"), "a computed value has a place of its size in its arena")?;
    }
    spans.sort_unstable();
    let mut alive: Vec<(Lifetime, bool, usize, usize, usize)> = Vec::new();
    for span in spans {
        let (lifetime, fixed, start, entries, index) = span;
        alive.retain(|other| other.0.last >= lifetime.first);
        let overlaps = alive.iter().any(|(_, other_fixed, other_start, other_entries, _)| {
            *other_fixed == fixed && *other_start < start + entries && start < other_start + other_entries
        });
        ensure(
            !overlaps,
            || format!("value {index}"),
            "no place is shared by values alive at the same time",
        )?;
        alive.push(span);
    }
    Ok(())
}
