//! Ctrl-C and SIGTERM as something to look at between two steps of work.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::run_error::RunError;

/// Takes note of SIGINT and SIGTERM while it lives; afterwards they end the process as usual.
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
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&over))
                .map_err(RunError::Signals)?;
            flag::register(signal, Arc::clone(&signalled)).map_err(RunError::Signals)?;
        }
        Ok(Self { signalled, over, came: Cell::new(false) })
    }

    /// Whether the person wants an end.
    pub fn came(&self) -> bool {
        if !self.came.get() {
            self.came.set(self.signalled.swap(false, Ordering::SeqCst));
        }
        self.came.get()
    }

    /// Whether the person, having asked once, wants an end at once.
    pub fn came_twice(&self) -> bool {
        self.came() && self.signalled.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}
