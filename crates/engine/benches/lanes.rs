//! Lane programs, emitted and interpreted, beside loops written by hand.
//!
//! `cargo bench -p chainrule-engine --bench lanes` for criterion's numbers; with `-- ratios` for one table of ratios,
//! medians of runs in turn.

mod hand;

use chainrule_engine::Simd;
use chainrule_engine::measure::Alone;
use criterion::{Criterion, Throughput};
use hand::{BLOCKS, Case, alone, arrays, cases, row_cases};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    if Simd::detect() != Simd::Avx512 {
        println!("the loops beside are written for AVX-512, which this processor lacks");
        return;
    }
    if std::env::args().any(|argument| argument == "ratios") {
        ratios();
        rows();
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    for case in cases() {
        let mut group = criterion.benchmark_group(case.name);
        for entries in BLOCKS {
            group.throughput(Throughput::Elements(entries as u64));
            for (name, is_emitted) in [("emitted", true), ("interpreted", false)] {
                let mut program = alone(&case, entries, Simd::Avx512, is_emitted).expect("the plan is sound");
                group.bench_function(format!("{name}/{entries}"), |bencher| bencher.iter(|| program.run()));
            }
            let mut memory = Memory::new(&case, entries);
            group.bench_function(format!("hand/{entries}"), |bencher| bencher.iter(|| memory.run(&case)));
        }
        group.finish();
    }
    criterion.final_summary();
}

/// Layers of 32 rows: nanoseconds an entry, and ratios.
fn rows() {
    println!("{:14} {:>6} {:>10} {:>9} {:>12}", "32 rows", "cols", "hand ns", "emitted", "interpreted");
    for cols in [3, 10, 32, 64, 100, 512] {
        for case in row_cases(cols) {
            let program = |is_emitted| {
                let mut alone =
                    Alone::<f32>::new(&case.plan, 32, Simd::Avx512, is_emitted).expect("the plan is sound");
                for place in 0..3 {
                    for (index, x) in alone.array(place).iter_mut().enumerate() {
                        *x = (index * 7919 % 1000) as f32 * 0.002 - 1.0;
                    }
                }
                alone
            };
            let (mut emitted, mut interpreted, mut source) = (program(true), program(false), program(true));
            let mut arrays = [0, 1, 2].map(|place| source.array(place).to_vec());
            let works: Vec<Box<dyn FnMut()>> = vec![
                Box::new(|| {
                    let [a, b, c] = &mut arrays;
                    (case.hand)(&mut [a, b, c], black_box(cols));
                }),
                Box::new(|| emitted.run()),
                Box::new(|| interpreted.run()),
            ];
            let entries = 32 * cols;
            let times = medians(works, 200_000 / entries);
            println!(
                "{:14} {cols:6} {:10.3} {:9.2} {:12.2}",
                case.name,
                times[0] / entries as f64 * 1e9,
                times[1] / times[0],
                times[2] / times[0]
            );
        }
    }
}

/// Arrays for a loop written by hand, aligned as the engine's are.
struct Memory {
    memory: Vec<Vec<f32>>,
    entries: usize,
}

impl Memory {
    fn new(case: &Case, entries: usize) -> Memory {
        let mut program = alone(case, entries, Simd::Avx512, true).expect("the plan is sound");
        let memory = (0..arrays(case)).map(|place| {
            let mut array = vec![0.0; entries + 16];
            let skipped = array.as_ptr().align_offset(64);
            array[skipped..][..entries].copy_from_slice(program.array(place));
            array
        });
        Memory { memory: memory.collect(), entries }
    }

    fn run(&mut self, case: &Case) {
        let mut lent = self.memory.iter_mut().map(|array| {
            let skipped = array.as_ptr().align_offset(64);
            &mut array[skipped..][..self.entries]
        });
        match arrays(case) {
            2 => (case.hand)(&mut [(); 2].map(|()| lent.next().expect("two"))),
            3 => (case.hand)(&mut [(); 3].map(|()| lent.next().expect("three"))),
            _ => (case.hand)(&mut [(); 4].map(|()| lent.next().expect("four"))),
        }
    }
}

/// Seconds of one call, as the median of runs taken in turn with the others'.
fn medians(mut works: Vec<Box<dyn FnMut() + '_>>, calls: usize) -> Vec<f64> {
    let mut times = vec![Vec::new(); works.len()];
    for _ in 0..31 {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            times.push(start.elapsed().as_secs_f64() / calls as f64);
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    times.iter_mut().map(median).collect()
}

fn ratios() {
    println!(
        "{:14} {:>6} {:>10} {:>9} {:>12} {:>9}",
        "", "block", "hand ns", "emitted", "interpreted", "AVX2"
    );
    for case in cases() {
        for entries in BLOCKS {
            let mut programs = [(Simd::Avx512, true), (Simd::Avx512, false), (Simd::Avx2, true)].map(
                |(simd, is_emitted)| alone(&case, entries, simd, is_emitted).expect("the plan is sound"),
            );
            let mut memory = Memory::new(&case, entries);
            let [emitted, interpreted, avx2] = &mut programs;
            let works: Vec<Box<dyn FnMut()>> = vec![
                Box::new(|| memory.run(black_box(&case))),
                Box::new(|| emitted.run()),
                Box::new(|| interpreted.run()),
                Box::new(|| avx2.run()),
            ];
            let times = medians(works, 200_000 / entries);
            println!(
                "{:14} {entries:6} {:10.3} {:9.2} {:12.2} {:9.2}",
                case.name,
                times[0] / entries as f64 * 1e9,
                times[1] / times[0],
                times[2] / times[0],
                times[3] / times[0]
            );
        }
    }
}
