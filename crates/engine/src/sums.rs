//! Sums over the rows once the rows are done: the leaves' partial sums, added by a fixed tree.

use crate::element::Element;
use crate::layout::Frame;
use crate::product::vector::Vector;
use crate::run::{Job, Runner};
use crate::schedule::{Pass, Step, SumStep};
use crate::simd::{Family, for_each_simd};
use crate::workspace::Worker;

/// Adds the leaves' partial sums of a pass's lane programs, and writes their results.
///
/// # Safety
/// No other thread is at work.
pub(crate) unsafe fn add_up<T: Element>(
    job: &Job<'_, T>,
    pass: &Pass<T>,
    memory: &mut Worker<T>,
    whole: Frame,
) {
    let (walking, entries) = (&job.walking, job.sums_per_leaf);
    let leaves = walking.leaves(walking.macro_batch);
    // SAFETY: each leaf has so many partial sums, and nothing else uses them now.
    let sums = unsafe { std::slice::from_raw_parts_mut(job.sums, leaves * entries) };
    let runner = Runner::new(job, memory);
    let running =
        |step: &Step<T>| matches!(step, Step::Lanes(step) if step.adds_up && !step.program.sums.is_empty());
    if !pass.rows.iter().any(running) {
        return;
    }
    tree(leaves, |to, from| {
        let (before, after) = sums.split_at_mut(from * entries);
        let to = &mut before[to * entries..][..entries];
        to.iter_mut().zip(&after[..entries]).for_each(|(to, from)| *to += *from);
    });
    for step in &pass.rows {
        if let Step::Lanes(step) = step
            && step.adds_up
        {
            // SAFETY: the bases are those of the layout.
            unsafe {
                step.program.finish_sums(
                    &runner.memory.pointers.bases,
                    whole,
                    walking.batch,
                    &sums[..entries],
                );
            }
        }
    }
}

/// Adds the leaves' partial sums of a product into its result, where those of the first leaf are.
///
/// # Safety
/// No other thread is at work.
pub(crate) unsafe fn add_leaves<T: Element>(job: &Job<'_, T>, sum: &SumStep) {
    let engine = job.engine;
    let result = job.bases[sum.to.base].wrapping_add(sum.to.start);
    let place = |leaf: usize| match leaf {
        0 => result,
        leaf => job.partials.wrapping_add((leaf - 1) * engine.schedule.partials + sum.partial),
    };
    tree(job.walking.leaves(job.walking.batch), |to, from| {
        // SAFETY: each leaf has so many entries, apart from the others'; the processor has the family.
        unsafe {
            let to = std::slice::from_raw_parts_mut(place(to), sum.entries);
            let from = std::slice::from_raw_parts(place(from), sum.entries);
            add::<T>(engine.simd, to, from);
        }
    });
}

/// The order in which leaves are added: neighbours first, then pairs, then fours.
fn tree(leaves: usize, mut add: impl FnMut(usize, usize)) {
    let mut distance = 1;
    while distance < leaves {
        for to in (0..leaves - distance).step_by(2 * distance) {
            add(to, to + distance);
        }
        distance *= 2;
    }
}

for_each_simd! {
    /// Adds entry by entry.
    ///
    /// # Safety
    /// The processor has the family.
    fn add = add_body,
    (to: &mut [T], from: &[T])
}

#[inline(always)]
unsafe fn add_body<V: Vector>(_: Family<V>, to: &mut [V::Item], from: &[V::Item]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *to + *from;
    }
}
