//! Chainrule inside another program: models shared by threads, calls that allocate nothing, files that may be damaged.

use allocation_counter::measure;
use chainrule::{
    Description, End, Epochs, Layer, LearnError, Library, MODEL_FILE, Matrix, Model, Network, Options,
    Precision, Purpose, Random, Rows, Scales, Trainer,
};
use std::ops::ControlFlow;

const INPUTS: usize = 4;
const TARGETS: usize = 2;

fn numbers(count: usize, stream: u64) -> Vec<f64> {
    let mut random = Random::new(2, Purpose::Example, stream);
    (0..count).map(|_| random.normal()).collect()
}

fn description(precision: Precision) -> Description {
    let names = |letter: &str, count: usize| (1..=count).map(|column| format!("{letter}{column}")).collect();
    Description {
        schema: 2,
        inputs: names("x", INPUTS),
        targets: names("y", TARGETS),
        layers: vec![(9, "wave".to_owned()), (7, "relu".to_owned()), (TARGETS, "identity".to_owned())],
        bias: true,
        loss: String::from("mse"),
        definitions: vec![String::from("function wave(x) = x .* sigmoid(2*x)")],
        input_scaling: Scales { offset: vec![0.5, -1.0, 0.0, 2.0], factor: vec![1.0, 2.0, 0.5, 3.0] },

        meaning: None,
        target_scaling: Scales { offset: vec![10.0, -10.0], factor: vec![4.0, 0.25] },
        precision,
        seed: 9,
    }
}

fn model(precision: Precision) -> Model {
    let description = description(precision);
    let parameters = numbers(description.network().parameter_count(), 1);
    Model::new(description, parameters).unwrap()
}

fn bits(predictions: &[f64]) -> Vec<u64> {
    predictions.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn threads_share_a_model_and_get_the_same_bits() {
    fn shared_by_threads<T: Send + Sync>(_: &T) {}
    for precision in [Precision::F32, Precision::F64] {
        let model = model(precision);
        shared_by_threads(&model);
        let rows = numbers(333 * INPUTS, 2);
        let predict = || {
            let mut scratch = model.scratch();
            (0..20).map(|_| bits(model.predict(&rows, &mut scratch).unwrap())).collect::<Vec<_>>()
        };
        let (here, there) = std::thread::scope(|scope| {
            let there = scope.spawn(predict);
            (predict(), there.join().unwrap())
        });
        assert!(here.iter().chain(&there).all(|predictions| *predictions == here[0]));
    }
}

#[test]
fn nothing_is_allocated_after_the_first_call() {
    for precision in [Precision::F32, Precision::F64] {
        let model = model(precision);
        let rows = numbers(500 * INPUTS, 3);
        let mut scratch = model.scratch();
        let first = measure(|| {
            model.predict(&rows, &mut scratch).unwrap();
        });
        assert!(first.count_total > 0, "the counter counts");
        for count in [500, 1, 64, 499, 0, 500] {
            let allocations = measure(|| {
                model.predict(&rows[..count * INPUTS], &mut scratch).unwrap();
            });
            assert_eq!(allocations.count_total, 0, "{count} rows in {precision:?}");
        }
    }
}

#[test]
fn a_scratch_serves_models_of_either_precision() {
    let (single, double) = (model(Precision::F32), model(Precision::F64));
    let rows = numbers(5 * INPUTS, 4);
    let mut scratch = single.scratch();
    let want = double.predict(&rows, &mut double.scratch()).unwrap().to_vec();
    assert_eq!(double.predict(&rows, &mut scratch).unwrap(), want);
    let near = single.predict(&rows, &mut scratch).unwrap();
    assert!(near.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-4), "{near:?} {want:?}");
}

#[test]
fn a_loaded_model_predicts_the_same_bits() {
    let rows = numbers(41 * INPUTS, 5);
    for precision in [Precision::F32, Precision::F64] {
        let model = model(precision);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(MODEL_FILE);
        model.save(&file).unwrap();
        let want = bits(model.predict(&rows, &mut model.scratch()).unwrap());
        // By the file or by the folder that holds it.
        for path in [file.as_path(), folder.path()] {
            let loaded = Model::load(path).unwrap();
            assert_eq!(loaded.description(), model.description());
            assert_eq!(bits(loaded.predict(&rows, &mut loaded.scratch()).unwrap()), want);
            assert_eq!(loaded.to_bytes().unwrap(), model.to_bytes().unwrap());
        }
    }
}

#[test]
fn rows_of_another_width_are_refused() {
    let model = model(Precision::F32);
    let mut scratch = model.scratch();
    let refused = model.predict(&[1.0; INPUTS + 1], &mut scratch);
    assert!(matches!(refused, Err(LearnError::Width { found: 5, expected: INPUTS })));
}

#[test]
fn a_damaged_file_is_refused() {
    let bytes = model(Precision::F32).to_bytes().unwrap();
    let mut random = Random::new(6, Purpose::Check, 0);
    let mut below = |n: usize| random.below(n as u64) as usize;
    for _ in 0..300 {
        let length = below(bytes.len());
        assert!(Model::from_bytes(&bytes[..length]).is_err(), "the first {length} of {} bytes", bytes.len());
    }
    // Half of the flips fall on the header, where the description stands.
    let header = bytes.len() - 4 * model(Precision::F32).parameters().len();
    for trial in 0..600 {
        let mut damaged = bytes.clone();
        for _ in 0..=below(3) {
            let place = below(if trial % 2 == 0 { header } else { bytes.len() });
            damaged[place] ^= 1 << below(8);
        }
        // Two flips of one bit are none.
        if damaged != bytes {
            let error = Model::from_bytes(&damaged).err().expect("a damaged file is no model");
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn a_foreign_file_is_refused_with_its_path_and_the_mend() {
    let folder = tempfile::tempdir().unwrap();
    let foreign: [&[u8]; 5] =
        [b"", b"x,y\n1,2\n", b"\x02\0\0\0\0\0\0\0{}", &[0xff; 64], b"\x89PNG\r\n\x1a\n"];
    for (number, bytes) in foreign.into_iter().enumerate() {
        let path = folder.path().join(format!("foreign-{number}"));
        std::fs::write(&path, bytes).unwrap();
        let error = Model::load(&path).err().expect("a foreign file is no model").to_string();
        assert!(
            error.contains(&path.display().to_string()) && error.contains("give a run's folder"),
            "{error}"
        );
    }
    assert!(matches!(
        Model::load(folder.path().join("none")),
        Err(LearnError::Table(chainrule::TableError::NoFile { .. }))
    ));
}

#[test]
fn a_description_that_does_not_fit_is_refused() {
    let parameters = || numbers(description(Precision::F32).network().parameter_count(), 1);
    let refused = |change: &dyn Fn(&mut Description)| {
        let mut description = description(Precision::F32);
        change(&mut description);
        Model::new(description, parameters()).is_err()
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|description| description.schema = 3));
    assert!(refused(&|description| description.inputs.clear()));
    assert!(refused(&|description| description.layers.clear()));
    assert!(refused(&|description| description.layers[0].0 += 1));
    assert!(refused(&|description| description.layers[0].1 = String::from("no_such_function")));
    assert!(refused(&|description| description.layers[1].1 = String::from("wave(")));
    assert!(refused(&|description| description.definitions.clear()));
    assert!(refused(&|description| description.definitions[0] = String::from("function wave(x) = ")));
    assert!(refused(&|description| description.input_scaling.factor[0] = 0.0));
    assert!(refused(&|description| description.target_scaling.offset[0] = f64::NAN));
}

#[test]
fn a_file_that_asks_for_more_than_memory_holds_is_refused() {
    let small = model(Precision::F32).to_bytes().unwrap();
    let length = u64::from_le_bytes(small[..8].try_into().unwrap()) as usize;
    let header = std::str::from_utf8(&small[8..8 + length]).unwrap();
    for units in ["4611686018427387904", "18446744073709551615", "1000000000000"] {
        // The description is JSON inside a text of JSON, so its quotes are escaped.
        let header = header.replace(r#"[9,\"wave\"]"#, &format!(r#"[{units},\"wave\"]"#));
        assert!(header.contains(units), "{header}");
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(&small[8 + length..]);
        assert!(Model::from_bytes(&bytes).is_err(), "{units} units");
    }
}

#[test]
fn the_callback_stops_training() {
    let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
    let layers = vec![layer(8, "tanh"), layer(TARGETS, "identity")];
    let network = Network { inputs: INPUTS, layers, bias: true, loss: String::from("mse") };
    let options = Options {
        optimizer: String::from("adam"),
        schedule: String::from("constant"),
        batch_size: Some(10),
        epochs: Epochs::Fixed(1000),
        seed: 1,
        ..Options::default()
    };
    let matrix = |cols, stream| Matrix::new(25, cols, numbers(25 * cols, stream)).unwrap();
    let rows = Rows::new(&matrix(INPUTS, 6), &matrix(TARGETS, 7)).unwrap();
    let mut trainer = Trainer::<f32>::new(&network, &options, &Library::standard()).unwrap();
    let mut seen = Vec::new();
    let outcome = trainer.train(&rows, None, |epoch| {
        seen.push(epoch.number);
        if epoch.number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let outcome = outcome.unwrap();
    assert_eq!(seen, [1, 2, 3]);
    assert_eq!((outcome.end, outcome.best_epoch, outcome.epochs.len()), (End::Stopped, 3, 3));
}
