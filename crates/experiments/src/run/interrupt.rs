//! Signals that ask a process to stop. They set flags, which the process checks between two steps of work.
//!
//! SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal is closed), and SIGUSR1 and SIGUSR2, which schedulers send
//! before they end a job. SIGHUP does nothing if the process ignores it from its start, as after `nohup`.

use std::cell::Cell;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::RunError;

/// Records signals in the process of the runner. After it is dropped, these signals end the process as usual.
pub struct Interrupt {
    /// A signal came since the last check.
    signalled: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    came: Cell<bool>,
}

impl Interrupt {
    /// Starts to record signals.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub fn watch() -> Result<Self, RunError> {
        let (signalled, over) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in signals() {
            flag::register_conditional_default(signal, Arc::clone(&over))
                .map_err(RunError::Signals)?;
            flag::register(signal, Arc::clone(&signalled)).map_err(RunError::Signals)?;
        }
        Ok(Self { signalled, over, came: Cell::new(false) })
    }

    /// Whether a signal came.
    pub fn stop_requested(&self) -> bool {
        if !self.came.get() {
            self.came.set(self.signalled.swap(false, Ordering::SeqCst));
        }
        self.came.get()
    }

    /// Whether a second signal came, which asks to stop at once.
    pub fn stop_now_requested(&self) -> bool {
        self.stop_requested() && self.signalled.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// Records signals in the process of a run, which then saves the run. A second SIGINT or SIGTERM ends the
/// process at once. SIGUSR1 may come any number of times: the runner sends it, and a scheduler may have sent
/// another signal to all processes.
pub struct StopSignal {
    came: Arc<AtomicBool>,
}

impl StopSignal {
    /// Starts to record signals, until the process ends. A signal that came earlier in a worker started
    /// within [`with_held_signals`] is recorded now.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub fn watch() -> Result<Self, RunError> {
        let (came, demanded) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&demanded))
                .map_err(RunError::Signals)?;
            flag::register(signal, Arc::clone(&demanded)).map_err(RunError::Signals)?;
        }
        for signal in signals() {
            flag::register(signal, Arc::clone(&came)).map_err(RunError::Signals)?;
        }
        held_signals().thread_unblock().map_err(|error| RunError::Signals(error.into()))?;
        Ok(Self { came })
    }

    /// Also stops when the standard input ends, whose other end the runner holds until it ends itself. So no
    /// worker outlives its runner, however that ended.
    pub fn watch_runner(&self) {
        let came = Arc::clone(&self.came);
        thread::spawn(move || {
            // Nobody writes, so the first answer is the end. An error is one too.
            let _ = io::stdin().read(&mut [0]);
            came.store(true, Ordering::Relaxed);
        });
    }

    /// Whether the run is to stop.
    pub fn is_requested(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }
}

/// Calls `start`, which starts a process. Signals that ask this process to stop wait until it is ready to
/// record them ([`StopSignal::watch`]), or else they would end it.
pub fn with_held_signals<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = held_signals().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let started = start();
    before.thread_set_mask()?;
    started
}

/// The signals that ask a process to stop.
const SIGNALS: [Signal; 5] =
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGUSR2];

fn held_signals() -> SigSet {
    SIGNALS.into_iter().collect()
}

/// The signals to record, by their numbers.
fn signals() -> impl Iterator<Item = i32> {
    let ignored = ignores_hangup().then_some(Signal::SIGHUP);
    SIGNALS.into_iter().filter(move |signal| Some(*signal) != ignored).map(|signal| signal as i32)
}

/// Whether the process ignores SIGHUP. Unknown outside Linux, where it counts as not ignored.
fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}
