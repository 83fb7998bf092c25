//! A run gives the same bits whatever the number of threads, the height of the tiles and the vector instructions, in both
//! arrangements of sums; and what it gives is what the reference gives, up to rounding.

use chainrule::workloads::Workload;
use chainrule::{Library, Matrix, Purpose, Random, Trainer};
use engine::{Arguments, Batch, Element, Simd, Training};
use plan::{Plan, Sums};

/// What is trained on: a batch's rows not a multiple of anything, and a last batch that is not full.
struct Task<T> {
    step: Plan,
    update: Plan,
    parameters: Vec<T>,
    x: Vec<T>,
    y: Vec<T>,
    rows: usize,
    batch: usize,
    rate: T,
}

impl<T: Element> Task<T> {
    fn new(name: &str, rows: usize, batch: usize) -> Task<T> {
        let work = Workload::named(name).unwrap();
        let (network, options) = (work.network(), work.options(1, Some(1)));
        let trainer = Trainer::<T>::new(&network, &options, &Library::standard()).unwrap();
        let matrix = |cols: usize, stream: u64| -> Vec<T> {
            let mut random = Random::new(stream, Purpose::Example, 0);
            let entries = (0..rows * cols).map(|_| random.uniform()).collect();
            let matrix = Matrix::new(rows, cols, entries).unwrap();
            matrix.data().iter().map(|entry| T::from_f64(*entry)).collect()
        };
        Task {
            step: trainer.step_plan().clone(),
            update: trainer.update_plan().clone(),
            parameters: trainer.parameters().to_vec(),
            x: matrix(network.inputs, 1),
            y: matrix(network.outputs(), 2),
            rows,
            batch,
            rate: T::from_f64(work.rate),
        }
    }

    /// The parameters after an epoch, and the losses.
    fn train(&self, change: impl Fn(&mut Plan), threads: usize, simd: Simd) -> (Vec<T>, Vec<T>) {
        let mut step = self.step.clone();
        change(&mut step);
        let states = vec![T::from_f64(0.0); self.update.updated.len() - 1];
        let mut training = Training::with_simd(step, self.update.clone(), &states, threads, simd).unwrap();
        training.set_parameters(&self.parameters).unwrap();
        let order = Random::new(3, Purpose::Shuffle, 1).permutation(self.rows);
        let mut losses = Vec::new();
        for (index, chosen) in order.chunks(self.batch).enumerate() {
            let order = (self.batch < self.rows).then_some(chosen);
            let batch = Batch { data: &[&self.x, &self.y], rows: chosen.len(), order, next: &[] };
            let scalars = [T::from_f64((index + 1) as f64), self.rate];
            losses.push(training.step(batch, &scalars).unwrap());
        }
        let mut parameters = self.parameters.clone();
        training.read_parameters(&mut parameters).unwrap();
        assert!(parameters != self.parameters, "the network has learnt something");
        (parameters, losses)
    }
}

fn heights(factor: fn(usize) -> usize) -> impl Fn(&mut Plan) {
    move |plan| {
        let tiling = plan.tiling.as_mut().unwrap();
        tiling.height = tiling.height.map(factor);
    }
}

/// FNV-1a over the bits.
fn hash<T: Element>(numbers: &[T]) -> u64 {
    let bytes = numbers.iter().flat_map(|number| number.to_f64().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Workloads of both kinds of sums, with fewer rows than they have.
const TASKS: [(&str, usize, usize, bool); 5] = [
    ("tiny", 1000, 32, false),
    ("small", 1500, 256, false),
    ("medium", 300, 128, true),
    ("large", 200, 128, true),
    ("full", 1234, 1234, false),
];

#[test]
fn threads_tiles_and_vectors_change_no_bit() {
    for (name, rows, batch, slabs) in TASKS {
        let task = Task::<f32>::new(name, rows, batch);
        let sums = task.step.tiling.as_ref().unwrap().sums;
        assert_eq!(matches!(sums, Sums::Slabs { .. }), slabs, "{name}");
        let (want, losses) = task.train(|_| {}, 1, Simd::detect());
        println!("{name:8} {:016x}", hash(&want));
        let same = |found: (Vec<f32>, Vec<f32>), what: &str| {
            assert_eq!(hash(&found.0), hash(&want), "{name}, {what}");
            assert_eq!(hash(&found.1), hash(&losses), "{name}, {what}: the losses");
        };
        for threads in [2, 3, 8] {
            same(task.train(|_| {}, threads, Simd::detect()), &format!("{threads} threads"));
        }
        same(
            task.train(heights(|height| (height / 2).max(1)), 2, Simd::detect()),
            "tiles of half the height",
        );
        same(task.train(heights(|height| 2 * height), 2, Simd::detect()), "tiles of twice the height");
        same(task.train(heights(|_| 5), 1, Simd::detect()), "tiles of 5 rows");
        for simd in [Simd::Portable, Simd::Avx2].into_iter().filter(|simd| simd.is_available()) {
            // The portable family is slow, and the larger workloads show nothing more of it.
            if simd != Simd::Portable || !slabs {
                same(task.train(|_| {}, 2, simd), simd.name());
            }
        }
    }
}

#[test]
fn several_macro_batches_are_one_chain() {
    let task = Task::<f32>::new("medium", 300, 300);
    let rows = |rows: usize| move |plan: &mut Plan| plan.tiling.as_mut().unwrap().sums = Sums::Slabs { rows };
    let (want, _) = task.train(rows(64), 1, Simd::detect());
    for threads in [1, 3] {
        let (found, _) = task.train(rows(64), threads, Simd::detect());
        assert_eq!(hash(&found), hash(&want), "{threads} threads");
    }
    // Other macro-batches have other leaves, so that biases and losses may differ in their last bits; weights by one step do not.
    let (other, _) = task.train(rows(128), 2, Simd::detect());
    let weights = task.step.value(task.step.parameters[0]).fixed_entries().unwrap();
    assert_eq!(hash(&other[..weights]), hash(&want[..weights]));
}

#[test]
fn a_step_is_that_of_the_reference() {
    for (name, rows, _, _) in TASKS {
        let task = Task::<f32>::new(name, rows, rows);
        let judge = Task::<f64>::new(name, rows, rows);
        let mut results = vec![0.0; judge.step.result_entries()];
        let wide = |numbers: &[f32]| numbers.iter().map(|number| f64::from(*number)).collect::<Vec<f64>>();
        let (x, y, before) = (wide(&task.x), wide(&task.y), wide(&task.parameters));
        let arguments = Arguments {
            rows,
            data: &[&x, &y],
            parameters: &before,
            results: &mut results,
            ..Arguments::default()
        };
        engine::run_reference(&judge.step, arguments).unwrap();
        let mut want = before.clone();
        let mut states: Vec<Vec<f64>> = vec![vec![0.0; want.len()]; judge.update.updated.len() - 1];
        let entries = want.len();
        let mut updated: Vec<&mut [f64]> =
            std::iter::once(&mut want).chain(&mut states).map(Vec::as_mut_slice).collect();
        let arguments = Arguments {
            rows: entries,
            data: &[&results[1..]],
            updated: &mut updated,
            scalars: &[1.0, f64::from(task.rate)],
            ..Arguments::default()
        };
        engine::run_reference(&judge.update, arguments).unwrap();
        let (found, losses) = task.train(|_| {}, 2, Simd::detect());
        let size = want.iter().zip(&before).fold(0.0_f64, |size, (a, b)| size.max((a - b).abs()));
        let worst = wide(&found).iter().zip(&want).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()));
        let of_loss = (f64::from(losses[0]) - results[0]).abs() / results[0];
        println!("{name:8} loss {of_loss:.1e}, parameters {:.1e} of the largest change", worst / size);
        assert!(of_loss < 1e-6, "{name}: {of_loss:e}");
        // Parameters are rounded to f32 themselves: to half a unit in the last place of a number below 1.
        assert!(worst < 1e-4 * size + 6e-8, "{name}: {worst:e} of {size:e}");
    }
}
