//! `chainrule bench`: the limits of this machine, and how near to them training comes.

use super::Failure;
use super::arguments::Bench;
use super::report::number;
use chainrule::workloads::{WORKLOADS, Workload};
use chainrule::{bandwidth, peak_operations};
use serde_json::{Value, json};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// More epochs than fit into any time.
const EPOCHS: usize = 1_000_000_000;

/// How long the peak is measured between two epochs.
const STRETCH: Duration = Duration::from_millis(5);

/// Measures and prints.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    let threads = bench.threads;
    let long = Duration::from_millis(200);
    let peak = peak_operations(threads, long);
    let entries = triad_entries();
    let memory = bandwidth(threads, entries.div_ceil(threads), long);
    let is_wanted =
        |work: &Workload| bench.workload.is_empty() || bench.workload.iter().any(|name| name == work.name);
    if !bench.json {
        super::print(&machine(threads, peak, memory, entries))?;
    }
    let mut measured = Vec::new();
    for work in WORKLOADS.into_iter().filter(is_wanted) {
        let speed = measure(&work, bench.seconds, threads)?;
        if !bench.json {
            super::print(&line(&work, &speed))?;
        }
        measured.push((work, speed));
    }
    if bench.json {
        let works: Vec<Value> = measured.iter().map(|(work, speed)| to_json(work, speed)).collect();
        let answer = json!({
            "schema": 1,
            "threads": threads,
            "vectors": engine::Simd::detect().name(),
            "peak": number(peak),
            "bandwidth": number(memory),
            "workloads": works,
        });
        super::print(&format!("{answer:#}\n"))?;
    }
    Ok(())
}

/// What was measured of a workload: medians over its epochs.
struct Speed {
    /// Seconds of an epoch.
    epoch: f64,
    /// Seconds of its matrix products at the peak that was measured beside it.
    limit: f64,
    /// The part of an epoch's time that its matrix products would take at the peak.
    reached: f64,
    epochs: usize,
}

fn measure(work: &Workload, seconds: f64, threads: usize) -> Result<Speed, Failure> {
    let (mut trainer, rows) = work.trainer(EPOCHS, Some(threads))?;
    let begin = Instant::now();
    let mut start: Option<Instant> = None;
    let mut epochs: Vec<f64> = Vec::new();
    let mut limits: Vec<f64> = Vec::new();
    trainer.train(&rows, None, |_| {
        // The first epoch warms up.
        if let Some(start) = start {
            epochs.push(start.elapsed().as_secs_f64());
            limits.push(work.operations() / peak_operations(threads, STRETCH));
        }
        if epochs.len() >= 3 && begin.elapsed().as_secs_f64() > seconds {
            return ControlFlow::Break(());
        }
        start = Some(Instant::now());
        ControlFlow::Continue(())
    })?;
    let reached = epochs.iter().zip(&limits).map(|(epoch, limit)| limit / epoch).collect();
    let count = epochs.len();
    Ok(Speed { epoch: median(epochs), limit: median(limits), reached: median(reached), epochs: count })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn machine(threads: usize, peak: f64, memory: f64, entries: usize) -> String {
    let mebibytes = entries * 4 / (1 << 20);
    let plural = if threads == 1 { "thread" } else { "threads" };
    format!(
        "vectors    {}, {threads} {plural}\n\
         peak       {:.1} GFLOP/s, multiply-adds that never leave the registers, f32\n\
         memory     {:.1} GB/s, a[i] = b[i] + s*c[i] over arrays of {mebibytes} MiB\n\n\
         {:<72}{:>10}{:>10}{:>10}{:>10}{:>9}\n",
        engine::Simd::detect().name(),
        peak / 1e9,
        memory / 1e9,
        "work",
        "epoch ms",
        "M rows/s",
        "GFLOP/s",
        "limit ms",
        "reached"
    )
}

fn line(work: &Workload, speed: &Speed) -> String {
    let mut text = format!("{:<8}{:<64}", work.name, work.summary());
    let _ = writeln!(
        text,
        "{:>10.3}{:>10.3}{:>10.1}{:>10.3}{:>8.1}%",
        speed.epoch * 1e3,
        work.rows as f64 / speed.epoch / 1e6,
        work.operations() / speed.epoch / 1e9,
        speed.limit * 1e3,
        speed.reached * 100.0
    );
    text
}

fn to_json(work: &Workload, speed: &Speed) -> Value {
    json!({
        "name": work.name,
        "shape": work.summary(),
        "epochs": speed.epochs,
        "epoch_seconds": number(speed.epoch),
        "rows_per_second": number(work.rows as f64 / speed.epoch),
        "operations_per_second": number(work.operations() / speed.epoch),
        "limit_seconds": number(speed.limit),
        "reached": number(speed.reached),
    })
}

/// Entries of an array of which three do not fit into the caches: four times the last one's size where the system tells it.
fn triad_entries() -> usize {
    const DEFAULT: usize = 64 << 20;
    let size = std::fs::read_to_string("/sys/devices/system/cpu/cpu0/cache/index3/size");
    let kibibytes = size.ok().and_then(|text| text.trim().strip_suffix('K')?.parse::<usize>().ok());
    let bytes = kibibytes.map_or(DEFAULT, |size| (size << 10).saturating_mul(4));
    bytes.clamp(DEFAULT, 8 * DEFAULT) / 4
}
