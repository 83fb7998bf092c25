//! `--time-limit`: a question that has no answer in time, or takes too much memory, ends the program with a sentence.
//!
//! Nothing on the way to an answer has to ask how late it is: another thread waits for the end of the question, and where
//! that does not come, ends the process. So no input can miss its limit, whichever part of the program it keeps busy.

use super::{Failure, fail};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds that a question may take where nothing else is asked for.
pub const DEFAULT: &str = "30";
/// The exit status of a question without an answer.
const UNDECIDED: i32 = 3;
/// What a question may take of memory, in kB, where the system tells how much that is.
const MOST_MEMORY: u64 = 2 << 20;
/// How often memory is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// The end of a question that was not answered by then; dropped, it is called off.
pub struct Deadline {
    /// What is being done; nothing once the deadline is called off.
    doing: Arc<Mutex<Option<&'static str>>>,
    /// Dropped to end the thread that waits.
    _waiting: Sender<()>,
}

impl Deadline {
    /// From now on there is so much time.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn start(limit: Duration, is_json: bool) -> Result<Deadline, Failure> {
        let doing = Arc::new(Mutex::new(Some("reading the formula")));
        let (sender, receiver) = channel();
        let shared = Arc::clone(&doing);
        let watch = move || {
            let Some(excess) = wait(&receiver, limit) else { return };
            // Held until the end, so that no answer is written beside this one.
            let doing = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(doing) = *doing else { return };
            fail(&Failure::check(sentence(excess, limit, doing)), is_json);
            std::process::exit(UNDECIDED);
        };
        let thread = std::thread::Builder::new().name(String::from("deadline")).spawn(watch);
        thread.map_err(|error| {
            Failure::other(format!(
                "the system gives no thread to watch the time ({error}): end other programs"
            ))
        })?;
        Ok(Deadline { doing, _waiting: sender })
    }

    /// Says what is being done from now on, such as `simplifying`.
    pub fn now(&self, doing: &'static str) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = Some(doing);
    }
}

impl Drop for Deadline {
    /// After this the process is not ended any more.
    fn drop(&mut self) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What there was too much of.
#[derive(Clone, Copy)]
enum Excess {
    Time,
    Memory,
}

/// Waits until a question is answered, or its time or its memory is used up.
fn wait(answered: &Receiver<()>, limit: Duration) -> Option<Excess> {
    let start = Instant::now();
    loop {
        let left = limit.saturating_sub(start.elapsed());
        match answered.recv_timeout(left.min(GLANCE)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return None,
        }
        if start.elapsed() >= limit {
            return Some(Excess::Time);
        }
        if memory().is_some_and(|memory| memory > MOST_MEMORY) {
            return Some(Excess::Memory);
        }
    }
}

/// What the process holds of memory, in kB, as Linux tells it.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn sentence(excess: Excess, limit: Duration, doing: &str) -> String {
    let mend = "ask by fewer variables, or of a shorter formula";
    match excess {
        Excess::Time => {
            let seconds = limit.as_secs_f64();
            let more = (4.0 * seconds).max(1.0).ceil();
            format!(
                "no answer within {seconds} s, while {doing}; {mend}, or give more time with `--time-limit {more}`"
            )
        }
        Excess::Memory => {
            let most = MOST_MEMORY >> 20;
            format!("no answer within {most} GB of memory, while {doing}; {mend}")
        }
    }
}

/// A time such as `10`, `0.5`, `10s` or `2m`, seconds where no unit is given.
pub fn duration(text: &str) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let (number, unit) = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(seconds), _) => (seconds, 1.0),
        (None, Some(minutes)) => (minutes, 60.0),
        (None, None) => (text, 1.0),
    };
    let seconds = number.trim().parse::<f64>().map(|number| number * unit).unwrap_or(f64::NAN);
    match (0.001..=DAY).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err(String::from("give seconds from 0.001 to 86400, such as `10`, `10s` or `2m`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_minutes() {
        let seconds = |text: &str| duration(text).map(|time| time.as_secs_f64());
        for (text, want) in [("10", 10.0), ("0.5", 0.5), ("10s", 10.0), ("2m", 120.0), ("1e1", 10.0)] {
            assert_eq!(seconds(text), Ok(want), "{text}");
        }
        for text in ["", "0", "-1", "nan", "inf", "1e9", "s", "10h", "ten"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
