//! What a run has spent of time and memory, over all the processes that trained it.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use zerolab_metrics::{peak_memory_bytes, processor_seconds};

/// Time and memory.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Spent {
    pub wall_seconds: f64,
    /// Over all threads.
    pub processor_seconds: f64,
    /// The most that was held.
    pub peak_memory_bytes: u64,
}

/// Counts them from where an earlier process left off.
pub struct Clock {
    /// Before this process took the training up.
    spent: Spent,
    started: Instant,
    /// Of this process when it took the training up.
    processor_seconds: f64,
}

impl Clock {
    /// Begins to count, so much having been spent before.
    pub fn after(spent: Spent) -> Self {
        Self { spent, started: Instant::now(), processor_seconds: processor_seconds() }
    }

    /// What was spent until now.
    pub fn now(&self) -> Spent {
        let Spent { wall_seconds, processor_seconds: before, peak_memory_bytes: peak } = self.spent;
        Spent {
            wall_seconds: wall_seconds + self.started.elapsed().as_secs_f64(),
            processor_seconds: before + processor_seconds() - self.processor_seconds,
            peak_memory_bytes: peak.max(peak_memory_bytes()),
        }
    }
}
