//! How training goes: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use learn::Epoch;
use std::io::IsTerminal;

/// Shows epochs on standard error.
pub struct Progress {
    bar: Option<ProgressBar>,
    epochs: usize,
    rows: usize,
    is_quiet: bool,
}

impl Progress {
    /// For a run of so many epochs over so many training rows.
    pub fn new(epochs: usize, rows: usize, is_quiet: bool) -> Progress {
        let bar = (!is_quiet && std::io::stderr().is_terminal()).then(|| {
            // What does not fit into the terminal's width is cut, so that no line wraps.
            let style = "{bar:16} epoch {pos}/{len}  {eta} left  {wide_msg}";
            let bar = ProgressBar::new(epochs as u64);
            bar.set_style(
                ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        });
        Progress { bar, epochs, rows, is_quiet }
    }

    /// An epoch is done.
    pub fn show(&self, epoch: &Epoch) {
        let loss = loss_text(epoch.train_loss);
        let losses = match epoch.validation_loss {
            Some(validation) => format!("loss {loss}, validation {}", loss_text(validation)),
            None => format!("loss {loss}"),
        };
        let rate = rows_a_second(self.rows * epoch.number, epoch.seconds);
        match &self.bar {
            Some(bar) => {
                bar.set_message(format!("{losses}  {rate}"));
                bar.set_position(epoch.number as u64);
            }
            None if !self.is_quiet && self.is_tenth(epoch.number) => {
                super::tell(&format!("epoch {}/{}  {losses}  {rate}", epoch.number, self.epochs));
            }
            None => {}
        }
    }

    /// Says what happens between two epochs.
    pub fn tell(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if !self.is_quiet => super::tell(text),
            None => {}
        }
    }

    /// The epochs of the run.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// The first epoch, the last, and those that fill another tenth of the run.
    fn is_tenth(&self, number: usize) -> bool {
        let tenths = |number: usize| number.saturating_mul(10) / self.epochs.max(1);
        number == 1 || tenths(number) > tenths(number - 1)
    }
}

/// `1.2 M rows/s`.
pub fn rows_a_second(rows: usize, seconds: f64) -> String {
    match rows as f64 / seconds.max(1e-9) {
        rate if rate >= 1e6 => format!("{:.2} M rows/s", rate / 1e6),
        rate if rate >= 1e4 => format!("{:.0} k rows/s", rate / 1e3),
        rate => format!("{rate:.0} rows/s"),
    }
}

/// A loss with five digits after the point; with an exponent where it is large or small.
pub fn loss_text(loss: f64) -> String {
    match loss.abs() {
        size if loss == 0.0 || (1e-3..1e6).contains(&size) => format!("{loss:.5}"),
        _ => format!("{loss:.4e}"),
    }
}
