//! When a run is saved and which extra files it writes. These settings cannot change a run's records, so they
//! are not part of its id.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a run is saved, so that it can be resumed. It is also saved when it is asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Checkpointing {
    /// Real steps between checkpoints; 0 for none by steps.
    pub every: u64,
    /// Seconds between checkpoints; 0 for none by time. The interval grows if checkpoints would take more
    /// than 2 % of the time.
    pub every_seconds: u64,
    /// Whether a run may be resumed only exactly as it was. If not, an environment of a user's own that does not come to
    /// its saved state again begins a new episode.
    pub exact: bool,
}

impl Default for Checkpointing {
    fn default() -> Self {
        Self { every: 0, every_seconds: 60, exact: true }
    }
}

/// What is written in addition to `records.jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// Also write the records as a TensorBoard event file in the folder of the run.
    pub tensorboard: bool,
    /// Which weights the run keeps. A finished run always has its last ones.
    pub weights: KeptWeights,
}

/// The weights that a run keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeptWeights {
    /// Those of every evaluation.
    EachEvaluation,
    /// Those of the evaluation with the highest mean return, and the last ones.
    Best,
    /// Only the last ones.
    #[default]
    Last,
}

impl KeptWeights {
    /// The name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::EachEvaluation => "each-evaluation",
            Self::Best => "best",
            Self::Last => "last",
        }
    }
}
