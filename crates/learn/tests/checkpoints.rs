//! Training goes on from any checkpoint to the same bits, and no numbers that are not finite are ever kept.

use chainrule_learn::{
    Checkpoint, End, Epoch, Epochs, Fault, Halved, Layer, Moment, Network, OnNan, Options, Outcome, Rows,
    Trainer, Watch,
};
use compiler::Library;
use engine::Element;
use random::{Purpose, Random};
use std::num::NonZero;
use std::ops::ControlFlow;
use table::Matrix;

fn network(units: usize, output: &str, bias: bool) -> Network {
    let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
    let layers = vec![layer(units, "tanh"), layer(units, "tanh"), layer(1, output)];
    Network { inputs: 3, layers, bias, loss: String::from("mse") }
}

fn options(optimizer: &str, batch: usize, epochs: usize) -> Options {
    Options {
        optimizer: optimizer.to_owned(),
        schedule: String::from("cosine"),
        batch_size: Some(batch),
        epochs: epochs.into(),
        seed: 3,
        threads: Some(1),
        ..Options::default()
    }
}

/// So many rows, whose targets are made from their place and a function of their inputs.
fn rows<T: Element>(count: usize, seed: u64, target: impl Fn(usize, f64) -> f64) -> Rows<T> {
    let mut random = Random::new(seed, Purpose::Example, 0);
    let x: Vec<f64> = (0..3 * count).map(|_| random.normal()).collect();
    let y = x.chunks_exact(3).enumerate().map(|(row, x)| target(row, x[0] * x[1] - x[2])).collect();
    Rows::new(&Matrix::new(count, 3, x).unwrap(), &Matrix::new(count, 1, y).unwrap()).unwrap()
}

/// Keeps every checkpoint, and every fault.
#[derive(Default)]
struct Keeper {
    checkpoints: Vec<Checkpoint>,
    faults: Vec<(Fault, Option<Halved>)>,
    start: Option<f64>,
    cooled: usize,
}

impl Watch for Keeper {
    fn starts(&mut self, validation_loss: Option<f64>) {
        self.start = validation_loss;
    }

    fn epoch(&mut self, _: &Epoch) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_checkpoint(&mut self, _: Moment) -> bool {
        true
    }

    fn checkpoint(&mut self, checkpoint: Checkpoint) {
        self.checkpoints.push(checkpoint);
    }

    fn cools(&mut self, _: Halved) {
        self.cooled += 1;
    }

    fn fault(&mut self, fault: &Fault, halved: Option<Halved>) {
        self.faults.push((fault.clone(), halved));
    }
}

/// What a training comes to, whatever time it took.
fn timeless(outcome: &Outcome) -> (Vec<Epoch>, usize, End, u64) {
    let epochs = outcome.epochs.iter().map(|epoch| Epoch { seconds: 0.0, ..epoch.clone() });
    (epochs.collect(), outcome.best_epoch, outcome.end.clone(), outcome.skipped)
}

/// Trains unbroken, and from each of its checkpoints with one, two or three threads: the bits are the same.
fn goes_on<T: Element>(network: &Network, options: &Options, target: fn(usize, f64) -> f64) -> Keeper {
    let (train, validation) = (rows::<T>(50, 1, target), rows::<T>(20, 2, |_, y| y));
    let trainer = |options: &Options| Trainer::<T>::new(network, options, &Library::standard()).unwrap();
    let mut keeper = Keeper::default();
    let mut unbroken = trainer(options);
    let outcome = unbroken.train_watched(&train, Some(&validation), &mut keeper).unwrap();
    let bits = |trainer: &Trainer<T>| -> Vec<u64> {
        trainer.parameters().iter().map(|number| number.to_f64().to_bits()).collect()
    };
    for (index, checkpoint) in keeper.checkpoints.iter().enumerate() {
        let mut resumed = trainer(&Options { threads: Some(1 + index % 3), ..options.clone() });
        resumed.resume(checkpoint.clone()).unwrap();
        let again = resumed.train(&train, Some(&validation), |_| ControlFlow::Continue(())).unwrap();
        let what = format!("{} after {} steps", options.optimizer, checkpoint.steps());
        assert_eq!(timeless(&again), timeless(&outcome), "{what}");
        assert_eq!(bits(&resumed), bits(&unbroken), "{what}");
    }
    keeper
}

#[test]
fn training_goes_on_from_any_checkpoint_to_the_same_bits() {
    for optimizer in ["adam", "gradient_descent", "momentum"] {
        // Weights of 8 x 8 lie row by row or in panels, those of 70 x 70 in panels.
        for units in [8, 70] {
            let network = network(units, "identity", true);
            let kept = goes_on::<f32>(&network, &options(optimizer, 11, 3), |_, y| y);
            assert!(kept.checkpoints.len() >= 3 * 5, "{}", kept.checkpoints.len());
        }
        goes_on::<f64>(&network(8, "identity", false), &options(optimizer, 50, 5), |_, y| y);
    }
}

#[test]
fn where_patience_ends_it_or_the_rate_is_cooled_it_goes_on_to_the_same_bits() {
    let network = network(8, "identity", true);
    // Targets that the inputs do not tell: soon no epoch is better.
    let noise = |row: usize, _| ((row * 7919) % 13) as f64;
    for epochs in [40.into(), Epochs::ByRows] {
        let options = Options { epochs, patience: NonZero::new(2), ..options("adam", 25, 0) };
        let kept = goes_on::<f32>(&network, &options, noise);
        let last = kept.checkpoints.last().unwrap();
        assert!((3..40).contains(&last.epochs()), "{} epochs", last.epochs());
        assert_eq!(kept.cooled, if epochs == Epochs::ByRows { 2 } else { 0 });
    }
}

#[test]
fn where_batches_are_skipped_or_the_rate_is_halved_it_goes_on_to_the_same_bits() {
    let network = network(8, "identity", true);
    let with = |on_nan, rate| Options { on_nan, rate, ..options("gradient_descent", 7, 4) };
    let overflows = |row: usize, y: f64| if row % 17 == 5 { 1e30 } else { y };
    let skipped = goes_on::<f32>(&network, &with(OnNan::Skip, None), overflows);
    assert!(skipped.faults.len() >= 4, "{:?}", skipped.faults);
    // Updates that overflow make steps be looked at again, of epochs that were judged too, and a checkpoint may lie among them.
    let looked = goes_on::<f32>(&network, &with(OnNan::Skip, Some(1e36)), |_, y| y + 1e4);
    let is_among = |kept: &Checkpoint| {
        let bytes = kept.to_bytes(&Default::default(), "").unwrap();
        String::from_utf8_lossy(&bytes).replace('\\', "").contains("\"looks_until\":[")
    };
    assert!(!looked.faults.is_empty() && looked.checkpoints.iter().any(is_among));
    let halved = goes_on::<f32>(&network, &with(OnNan::HalveRate, Some(1e30)), |_, y| y);
    assert!(halved.faults.len() > 3, "{:?}", halved.faults);
    assert!(halved.faults.iter().all(|(_, rate)| rate.is_some_and(|halved| halved.rate < 1e30)));
}

#[test]
fn parameters_that_training_starts_from_are_its_epoch_0_also_where_it_goes_on() {
    let (network, train, validation) =
        (network(8, "identity", true), rows::<f32>(50, 1, |_, y| y), rows::<f32>(20, 2, |_, y| y));
    let best_of = |on_nan, rate| {
        let options = Options { on_nan, rate: Some(rate), ..options("gradient_descent", 7, 4) };
        let new = || Trainer::<f32>::new(&network, &options, &Library::standard()).unwrap();
        let mut given = new();
        given.parameters_mut().fill(0.1);
        let mut keeper = Keeper::default();
        let outcome = given.train_watched(&train, Some(&validation), &mut keeper).unwrap();
        assert!(keeper.start.is_some_and(|loss| loss.is_finite()));
        // Whoever goes on need not know what was started from.
        for checkpoint in keeper.checkpoints.iter().step_by(7) {
            let mut resumed = new();
            let read =
                Checkpoint::from_bytes(&checkpoint.to_bytes(&Default::default(), "").unwrap()).unwrap();
            resumed.resume(read.0).unwrap();
            let again = resumed.train(&train, Some(&validation), |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(timeless(&again), timeless(&outcome), "after {} steps", checkpoint.steps());
            assert_eq!(resumed.parameters(), given.parameters(), "after {} steps", checkpoint.steps());
        }
        if outcome.best_epoch == 0 {
            assert!(given.parameters().iter().all(|parameter| *parameter == 0.1));
        }
        outcome.best_epoch
    };
    assert_eq!(best_of(OnNan::Stop, 50.0), 0);
    assert!(best_of(OnNan::Stop, 0.05) > 0);
    best_of(OnNan::HalveRate, 1e30);
}

#[test]
fn of_each_fault_the_batch_and_the_first_value_are_named() {
    let train = |output: &str, bias: bool, rows: &Rows<f32>, options: &Options| {
        let network = network(4, output, bias);
        let mut library = Library::standard();
        library.define("edge(x) = sqrt(relu(x))\nfrom_two(x) = log(x + 2)").unwrap();
        let mut trainer = Trainer::<f32>::new(&network, options, &library).unwrap();
        let outcome = trainer.train(rows, None, |_| ControlFlow::Continue(())).unwrap();
        assert!(trainer.parameters().iter().all(|parameter| parameter.is_finite()));
        outcome
    };
    let fault = |outcome: Outcome| match outcome.end {
        End::Diverged(fault) => fault,
        end => panic!("{end:?}"),
    };
    // One loss overflows: the batch of that row, before any update by it.
    let overflows = rows(50, 1, |row, y| if row == 21 { 1e30 } else { y });
    let found = fault(train("identity", true, &overflows, &options("adam", 7, 4)));
    let order = Trainer::<f32>::row_order(3, 1, 50);
    let batch = order.iter().position(|row| *row == 21).unwrap() / 7;
    let of_batch = order[7 * batch..50.min(7 * batch + 7)].to_vec();
    assert_eq!((found.epoch, found.batch, found.rows), (1, Some(batch + 1), of_batch));
    assert_eq!((&*found.value, found.steps), ("the loss", batch as u64));
    // The loss is finite and its gradient 0/0, at a row of zeros.
    let mut x = vec![0.5; 3 * 2000];
    x[3 * 1700..3 * 1701].fill(0.0);
    let matrices = (Matrix::new(2000, 3, x).unwrap(), Matrix::new(2000, 1, vec![0.25; 2000]).unwrap());
    let zeros = Rows::new(&matrices.0, &matrices.1).unwrap();
    let one_by_one = Options { rate: Some(1e-4), ..options("gradient_descent", 1, 1) };
    let found = fault(train("edge", false, &zeros, &one_by_one));
    let place = Trainer::<f32>::row_order(3, 1, 2000).iter().position(|row| *row == 1700).unwrap();
    assert_eq!((&*found.value, found.epoch, found.batch), ("df/dW3", 1, Some(place + 1)));
    assert_eq!(found.rows, [1700]);
    let outcome = train("edge", false, &zeros, &Options { on_nan: OnNan::Skip, ..one_by_one });
    assert_eq!((outcome.end, outcome.skipped), (End::Finished, 1));
    // A value of the forward pass.
    let far = rows(50, 1, |_, y| y - 9.0);
    let found = fault(train("from_two", true, &far, &options("gradient_descent(rate = 1)", 10, 50)));
    assert_eq!((&*found.value, found.rows.len()), ("A3", 10));
    assert!(found.row.is_none_or(|row| found.rows.contains(&row)));
}

#[test]
fn a_batch_that_is_skipped_changes_nothing() {
    let options = Options {
        on_nan: OnNan::Skip,
        schedule: String::from("constant"),
        ..options("gradient_descent", 3, 2)
    };
    let train = rows::<f32>(31, 1, |row, y| if row % 10 == 4 { 3e38 } else { y });
    let new = || Trainer::<f32>::new(&network(8, "identity", true), &options, &Library::standard()).unwrap();
    let mut trained = new();
    let outcome = trained.train(&train, None, |_| ControlFlow::Continue(())).unwrap();
    let mut by_hand = new();
    let mut skipped = 0;
    for epoch in 1..=2 {
        for batch in Trainer::<f32>::row_order(3, epoch, 31).chunks(3) {
            let before = by_hand.parameters().to_vec();
            let of = |entries: &[f32], width: usize| -> Vec<f32> {
                batch.iter().flat_map(|row| entries[row * width..(row + 1) * width].to_vec()).collect()
            };
            by_hand.step(&of(train.x(), 3), &of(train.y(), 1), batch.len(), 1.0).unwrap();
            skipped += u64::from(by_hand.parameters() == before);
        }
    }
    assert_eq!(outcome.skipped, skipped);
    assert!(skipped >= 4);
    assert_eq!(trained.parameters(), by_hand.parameters());
}
