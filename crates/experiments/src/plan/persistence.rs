//! How a run is kept on disk, and what is done when one fails. Nothing of it can change a run's records, so none of it
//! is part of a run's identity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a run is saved, to be taken up again. It is also saved when it is asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Checkpointing {
    /// Real steps from one checkpoint to the next; 0: none by steps.
    pub every: u64,
    /// Seconds from one checkpoint to the next, or longer, so that they take at most a fiftieth of the time; 0: none
    /// by time.
    pub every_seconds: u64,
}

impl Default for Checkpointing {
    fn default() -> Self {
        Self { every: 0, every_seconds: 60 }
    }
}

/// What is written beside `records.jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// The records as TensorBoard's event file too, in the folder of the run.
    pub tensorboard: bool,
}
