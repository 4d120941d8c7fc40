//! Signals that ask a process to stop. They set flags, which the process checks between two steps of work.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

use crate::error::RunError;

/// Records SIGINT, SIGTERM and SIGUSR1 in the process of the runner. After it is dropped, these signals end
/// the process as usual.
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
        for signal in [SIGINT, SIGTERM, SIGUSR1] {
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

/// Records SIGINT, SIGTERM and SIGUSR1 in the process of a run, which then saves the run. A second SIGINT or
/// SIGTERM ends the process at once. SIGUSR1 may come any number of times: the runner sends it, and a
/// scheduler may have sent another signal to all processes.
pub struct StopSignal {
    came: Arc<AtomicBool>,
}

impl StopSignal {
    /// Starts to record signals, until the process ends.
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
        for signal in [SIGINT, SIGTERM, SIGUSR1] {
            flag::register(signal, Arc::clone(&came)).map_err(RunError::Signals)?;
        }
        Ok(Self { came })
    }

    /// Whether the run is to stop.
    pub fn is_requested(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }
}
