//! A workload as a child process of `benches/peers`: commands on standard input, a line of answer for each.
//!
//! | command | answer |
//! |---|---|
//! | `list` | `count N`, then `work name=... units=...` for each workload |
//! | `export NAME FOLDER` | `done`; the rows, the initial parameters and an order of the rows lie in the folder, raw |
//! | `load name=NAME data=FOLDER threads=N` | `loss L` over all rows, after an epoch in the order of the folder |
//! | `epoch` | `seconds S` of an epoch that shuffles by itself |
//! | `peak THREADS MILLISECONDS` | `peak P`, operations a second of loops that never leave the registers |

use chainrule::workloads::{WORKLOADS, Workload};
use chainrule::{Trainer, peak_operations};
use std::collections::HashMap;
use std::error::Error;
use std::io::{Lines, StdinLock};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

/// More epochs than anybody waits for.
const EPOCHS: usize = 1_000_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    println!("version Chainrule {}", env!("CARGO_PKG_VERSION"));
    let mut commands = std::io::stdin().lines();
    let mut next = commands.next();
    while let Some(line) = next {
        next = answer(&line?, &mut commands)?;
    }
    Ok(())
}

type Next = Option<std::io::Result<String>>;

/// Does what a line says: the line after it, which training reads ahead.
fn answer(line: &str, commands: &mut Lines<StdinLock>) -> Result<Next, Box<dyn Error>> {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["list"] => {
            println!("count {}", WORKLOADS.len());
            for work in WORKLOADS {
                println!("work {}", keys(&work));
            }
        }
        ["export", name, folder] => {
            export(named(name)?, Path::new(folder))?;
            println!("done");
        }
        ["peak", ..] => peak(line)?,
        ["load", keys @ ..] => {
            let keys: HashMap<&str, &str> = keys.iter().filter_map(|part| part.split_once('=')).collect();
            let key = |name: &str| keys.get(name).copied().ok_or(format!("no {name} in `{line}`"));
            return train(named(key("name")?)?, Path::new(key("data")?), key("threads")?.parse()?, commands);
        }
        _ => return Err(format!("no command `{line}`").into()),
    }
    Ok(commands.next())
}

fn named(name: &str) -> Result<Workload, String> {
    let names = WORKLOADS.map(|work| work.name).join(", ");
    Workload::named(name).ok_or(format!("no workload {name}; there are {names}"))
}

fn keys(work: &Workload) -> String {
    let Workload { name, units, activation, batch, rows, optimizer, rate } = work;
    let units: Vec<String> = units.iter().map(usize::to_string).collect();
    format!(
        "name={name} units={} activation={activation} batch={batch} rows={rows} optimizer={optimizer} rate={rate} operations={}",
        units.join(","),
        work.operations()
    )
}

fn peak(line: &str) -> Result<(), Box<dyn Error>> {
    let numbers = line.split(' ').skip(1).map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let [threads, milliseconds] = numbers[..] else { return Err(format!("no numbers in `{line}`").into()) };
    println!("peak {}", peak_operations(threads, Duration::from_millis(milliseconds as u64)));
    Ok(())
}

/// Writes what every peer starts from: numbers of 4 bytes, the lowest first.
fn export(work: Workload, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (trainer, rows) = work.trainer(1, Some(1))?;
    let order = Trainer::<f32>::row_order(1, 0, work.rows);
    let floats =
        |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
    std::fs::write(folder.join("x.f32"), floats(rows.x()))?;
    std::fs::write(folder.join("y.f32"), floats(rows.y()))?;
    std::fs::write(folder.join("parameters.f32"), floats(trainer.parameters()))?;
    let order: Vec<u8> = order.iter().flat_map(|row| (*row as u32).to_le_bytes()).collect();
    std::fs::write(folder.join("order.u32"), order)?;
    Ok(())
}

/// One epoch in the order of the folder, then epochs on command until another command comes.
fn train(
    work: Workload,
    folder: &Path,
    threads: usize,
    commands: &mut Lines<StdinLock>,
) -> Result<Next, Box<dyn Error>> {
    // More than one thread: as a user has it who says nothing, as many as help of the cores that the process may use.
    let (mut trainer, rows) = work.trainer(EPOCHS, (threads == 1).then_some(1))?;
    let (inputs, outputs) = (work.network().inputs, work.network().outputs());
    let order = std::fs::read(folder.join("order.u32"))?;
    let order: Vec<usize> =
        order.as_chunks::<4>().0.iter().map(|row| u32::from_le_bytes(*row) as usize).collect();
    for chosen in order.chunks(work.batch) {
        let gather = |from: &[f32], cols: usize| -> Vec<f32> {
            chosen.iter().flat_map(|row| &from[row * cols..(row + 1) * cols]).copied().collect()
        };
        trainer.step(&gather(rows.x(), inputs), &gather(rows.y(), outputs), chosen.len(), 1.0)?;
    }
    println!("loss {}", trainer.loss(&rows)?);
    // The first epoch warms up; each later one begins when its command comes and ends when the callback is called again.
    let mut next = None;
    let mut start: Option<Instant> = None;
    let mut failure = None;
    trainer.train(&rows, None, |_| {
        if let Some(start) = start {
            println!("seconds {}", start.elapsed().as_secs_f64());
        }
        loop {
            next = commands.next();
            match &next {
                Some(Ok(line)) if line == "epoch" => {
                    start = Some(Instant::now());
                    return ControlFlow::Continue(());
                }
                Some(Ok(line)) if line.starts_with("peak ") => {
                    if let Err(error) = peak(line) {
                        failure = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                _ => return ControlFlow::Break(()),
            }
        }
    })?;
    failure.map_or(Ok(next), Err)
}
