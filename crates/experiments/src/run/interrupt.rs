//! Signals that ask for an end, as something to look at between two steps of work.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

use crate::error::RunError;

/// Takes note of SIGINT, SIGTERM and SIGUSR1 while it lives; afterwards they end the process as usual. Of a runner.
pub struct Interrupt {
    /// A signal came that was not looked at yet.
    signalled: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    came: Cell<bool>,
}

impl Interrupt {
    /// Begins to take note.
    ///
    /// # Errors
    /// If the system does not let us.
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

    /// Whether an end is wanted.
    pub fn came(&self) -> bool {
        if !self.came.get() {
            self.came.set(self.signalled.swap(false, Ordering::SeqCst));
        }
        self.came.get()
    }

    /// Whether, an end having been asked for, it is wanted at once.
    pub fn came_twice(&self) -> bool {
        self.came() && self.signalled.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// Takes note of SIGINT, SIGTERM and SIGUSR1 to the process of a run, which saves itself then. A second SIGINT or
/// SIGTERM ends the process on the spot. SIGUSR1 may come again and again: it is what a runner asks with, beside the
/// signal that a scheduler may have sent to all.
pub struct StopRequest {
    came: Arc<AtomicBool>,
}

impl StopRequest {
    /// Begins to take note, for good.
    ///
    /// # Errors
    /// If the system does not let us.
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
    pub fn came(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }
}
