//! The signals that end a program: the first asks training to stop with the best model so far, one that comes more than a second
//! later ends it at once.

use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Whether the program was asked to end: by Ctrl-C, by another program, or since its terminal was closed.
#[derive(Clone)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
}

/// What a shell adds to a signal's number where a program ended by it.
const BY_SIGNAL: i32 = 128;
/// Signals so near to each other are one: a terminal that is closed and a limit on time send theirs to a program and to its group.
#[cfg(unix)]
const ONE: Duration = Duration::from_secs(1);

impl Interrupt {
    /// Watches for signals from now on; those that were ignored when the program was started stay ignored. Where the system lets
    /// nobody watch, a signal does what it always does.
    pub fn watch() -> Interrupt {
        let interrupt = Interrupt { asked: Arc::new(AtomicBool::new(false)) };
        #[cfg(unix)]
        interrupt.watch_in_a_thread();
        #[cfg(not(unix))]
        for signal in [SIGINT, SIGTERM] {
            let asked = || Arc::clone(&interrupt.asked);
            // In this order, so that the first signal does not find what it sets itself.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, BY_SIGNAL + signal, asked());
            let _ = signal_hook::flag::register(signal, asked());
        }
        interrupt
    }

    #[cfg(unix)]
    fn watch_in_a_thread(&self) {
        let ignored = ignored();
        let signals = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
        let heeded = signals.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
        let heeded: Vec<_> = heeded.collect();
        let asked = Arc::clone(&self.asked);
        let (watches, ready) = std::sync::mpsc::channel::<()>();
        // Taken by the thread itself: signals that are taken and that nobody watches would do nothing.
        let watch = move || {
            let Ok(mut signals) = signal_hook::iterator::Signals::new(heeded) else { return };
            drop(watches);
            let mut first: Option<Instant> = None;
            for signal in signals.forever() {
                asked.store(true, Ordering::Relaxed);
                if first.get_or_insert_with(Instant::now).elapsed() > ONE {
                    signal_hook::low_level::exit(BY_SIGNAL + signal);
                }
            }
        };
        let _ = std::thread::Builder::new().name(String::from("signals")).spawn(watch);
        // Nothing is ever sent: it ends when the sender does, also with a thread that could not be made.
        let _ = ready.recv();
    }

    /// What is set by the first signal.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.asked)
    }

    /// Whether to stop.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// From now on a file that grows beyond what the shell allows is an error like a full disk, and no end of the process.
pub fn outlive_limits_of_files() {
    #[cfg(unix)]
    {
        let unread = Arc::new(AtomicBool::new(false));
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unread);
    }
}

/// The signals that this process ignores, a bit each from the lowest, where the system tells.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
