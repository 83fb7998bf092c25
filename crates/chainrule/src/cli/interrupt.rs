//! Ctrl-C: the first asks training to stop with the best model so far, a second ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user pressed Ctrl-C.
#[derive(Clone)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Watches for Ctrl-C from now on. Where the system lets nobody watch, Ctrl-C ends the program as it always does.
    pub fn watch() -> Interrupt {
        const INTERRUPTED: i32 = 130;
        let interrupt = Interrupt { asked: Arc::new(AtomicBool::new(false)) };
        let asked = Arc::clone(&interrupt.asked);
        let _ = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            super::tell(
                "\nstopping at the end of this epoch, with the best model so far; Ctrl-C again ends at once",
            );
        });
        interrupt
    }

    /// Whether to stop.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}
