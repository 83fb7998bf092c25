//! Threads that wait for work: kept from step to step, so that a step of microseconds can be shared.

use crate::simd::Flush;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

/// How long a thread looks for work before it sleeps, and the caller for the end of it before it yields.
const SPIN: Duration = Duration::from_micros(50);

/// The most threads of a workspace, the caller's among them; where more are asked for, there are as many.
pub const MOST_THREADS: usize = 512;

/// A number of threads, the caller's among them, that run one piece of work at a time together.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
    handles: Vec<JoinHandle<()>>,
}

/// A piece of work: what each thread calls with its number.
type Work = *const (dyn Fn(usize) + Sync);

struct Shared {
    /// The work at hand. Written by the caller before it counts `round` up, when no thread reads it.
    work: UnsafeCell<Option<Work>>,
    /// Counted up for each piece of work.
    round: AtomicUsize,
    /// Threads that are to run the work: those with smaller numbers.
    threads: AtomicUsize,
    /// Threads that are not done yet.
    open: AtomicUsize,
    /// Whether a thread's part of the work has panicked.
    panicked: AtomicBool,
    ends: AtomicBool,
    /// For each thread beside the caller's, whether it sleeps.
    asleep: Vec<AtomicBool>,
}

// SAFETY: `work` is written only while no thread reads it: the caller waits for `open` to be 0 before it returns, and threads
// read it only after they have seen `round` counted up.
unsafe impl Sync for Shared {}
// SAFETY: the pointer in `work` is only followed during `Pool::run`, whose caller keeps what it points to alive.
unsafe impl Send for Shared {}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Pool {
    /// Starts `threads - 1` threads beside the caller's, or as many as the system grants, at most [`MOST_THREADS`] together.
    pub(crate) fn new(threads: usize) -> Pool {
        let others = threads.clamp(1, MOST_THREADS) - 1;
        let shared = Arc::new(Shared {
            work: UnsafeCell::new(None),
            round: AtomicUsize::new(0),
            threads: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            ends: AtomicBool::new(false),
            asleep: (0..others).map(|_| AtomicBool::new(false)).collect(),
        });
        let mut handles = Vec::with_capacity(others);
        for other in 0..others {
            let shared = Arc::clone(&shared);
            let builder = std::thread::Builder::new().name(format!("chainrule-{}", other + 1));
            match builder.spawn(move || shared.serve(other)) {
                Ok(handle) => handles.push(handle),
                Err(_) => break,
            }
        }
        Pool { shared, handles }
    }

    /// Threads, the caller's among them.
    pub(crate) fn threads(&self) -> usize {
        self.handles.len() + 1
    }

    /// Calls `work(0)`, ..., `work(threads - 1)`, each in a thread of its own, and returns when all are done.
    ///
    /// # Panics
    /// If a call panics.
    pub(crate) fn run(&mut self, threads: usize, work: &(dyn Fn(usize) + Sync)) {
        let threads = threads.min(self.threads());
        if threads <= 1 {
            return work(0);
        }
        let shared = &*self.shared;
        // SAFETY: only the lifetime is forgotten, and this call does not return before all threads are done with it.
        let work_pointer: Work =
            unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), Work>(work) };
        // SAFETY: no thread reads it now; see `Shared`.
        unsafe { *shared.work.get() = Some(work_pointer) };
        shared.threads.store(threads, Ordering::Relaxed);
        // Every thread answers every round, so that none can still be looking at this one when the next begins.
        shared.open.store(self.handles.len(), Ordering::Relaxed);
        shared.round.fetch_add(1, Ordering::SeqCst);
        for (asleep, handle) in shared.asleep.iter().zip(&self.handles) {
            if asleep.load(Ordering::SeqCst) {
                handle.thread().unpark();
            }
        }
        // The others are waited for even if this thread's part panics: they use what it borrows.
        let own = Waiting(shared);
        work(0);
        drop(own);
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a thread of the pool panicked");
    }
}

/// Waits until all threads are done.
struct Waiting<'a>(&'a Shared);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut spin = Spin::new();
        while self.0.open.load(Ordering::Acquire) > 0 {
            if !spin.turn() {
                std::thread::yield_now();
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        self.shared.round.fetch_add(1, Ordering::SeqCst);
        for handle in self.handles.drain(..) {
            Thread::unpark(handle.thread());
            // A panic was reported by the run in which it happened.
            let _ = handle.join();
        }
    }
}

impl Shared {
    /// What a thread does: work, and wait for more.
    fn serve(&self, other: usize) {
        let _flush = Flush::on();
        let mut seen = 0;
        loop {
            seen = self.next_round(other, seen);
            if self.ends.load(Ordering::SeqCst) {
                return;
            }
            let takes_part = other + 1 < self.threads.load(Ordering::Relaxed);
            // SAFETY: the round was counted up after the work was written, and the caller waits for `open`, so the work and
            // what it borrows are alive.
            let work = unsafe { (*self.work.get()).map(|work| &*work) };
            if let Some(work) = work.filter(|_| takes_part) {
                let call = std::panic::AssertUnwindSafe(|| work(other + 1));
                if std::panic::catch_unwind(call).is_err() {
                    self.panicked.store(true, Ordering::Relaxed);
                }
            }
            self.open.fetch_sub(1, Ordering::Release);
        }
    }

    /// Waits until the round is no longer the one seen.
    fn next_round(&self, other: usize, seen: usize) -> usize {
        let mut spin = Spin::new();
        loop {
            let round = self.round.load(Ordering::SeqCst);
            if round != seen {
                return round;
            }
            if !spin.turn() {
                self.asleep[other].store(true, Ordering::SeqCst);
                // Looked at once more, since the caller may have counted up before it could see that this thread sleeps.
                if self.round.load(Ordering::SeqCst) == seen {
                    std::thread::park();
                }
                self.asleep[other].store(false, Ordering::SeqCst);
            }
        }
    }
}

/// A wait without sleep, for a while.
struct Spin {
    turns: u32,
    start: Option<Instant>,
}

impl Spin {
    fn new() -> Spin {
        Spin { turns: 0, start: None }
    }

    /// Waits for a moment; false when it has been long enough.
    fn turn(&mut self) -> bool {
        std::hint::spin_loop();
        self.turns = self.turns.wrapping_add(1);
        // The clock is asked now and then, since asking takes longer than a turn.
        if !self.turns.is_multiple_of(64) {
            return true;
        }
        let start = *self.start.get_or_insert_with(Instant::now);
        start.elapsed() < SPIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_does_its_part_of_every_round() {
        let mut pool = Pool::new(4);
        let counts: Vec<AtomicUsize> = (0..4).map(|_| AtomicUsize::new(0)).collect();
        for round in 0..2000 {
            let threads = round % 5;
            pool.run(threads, &|thread| {
                counts[thread].fetch_add(1, Ordering::Relaxed);
            });
            if round % 500 == 0 {
                // Long enough for them to fall asleep.
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        let counts: Vec<usize> = counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        assert_eq!(counts, [2000, 1200, 800, 400]);
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let mut pool = Pool::new(2);
        let run = std::panic::AssertUnwindSafe(|| {
            pool.run(2, &|thread| assert!(thread == 0, "in the other thread"));
        });
        assert!(std::panic::catch_unwind(run).is_err());
        // The pool is still good for work.
        let count = AtomicUsize::new(0);
        pool.run(2, &|_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(count.into_inner(), 2);
    }
}
