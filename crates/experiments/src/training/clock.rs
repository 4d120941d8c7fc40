//! The time and memory of a run, over all processes that trained it.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use zerolab_metrics::{peak_memory_bytes, processor_seconds};

/// Time and memory.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct ResourceUse {
    pub wall_seconds: f64,
    /// Summed over all threads.
    pub processor_seconds: f64,
    /// The largest of all processes.
    pub peak_memory_bytes: u64,
}

/// Measures time and memory, in addition to those of earlier processes.
pub struct Clock {
    /// Of earlier processes.
    spent: ResourceUse,
    started: Instant,
    /// Of this process when it started to train.
    processor_seconds: f64,
}

impl Clock {
    /// Starts to measure, in addition to `spent`.
    pub fn after(spent: ResourceUse) -> Self {
        Self { spent, started: Instant::now(), processor_seconds: processor_seconds() }
    }

    /// The totals until now.
    pub fn now(&self) -> ResourceUse {
        let ResourceUse { wall_seconds, processor_seconds: before, peak_memory_bytes: peak } =
            self.spent;
        ResourceUse {
            wall_seconds: wall_seconds + self.started.elapsed().as_secs_f64(),
            processor_seconds: before + processor_seconds() - self.processor_seconds,
            peak_memory_bytes: peak.max(peak_memory_bytes()),
        }
    }
}
