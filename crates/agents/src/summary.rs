//! The networks of an agent and the forecast cost of a run, known before it starts.

use std::collections::BTreeMap;

use serde::Serialize;
use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Part;

/// The key of an imagined step in [`Summary::flops`].
pub(crate) const RECURRENT_INFERENCE: &str = "recurrent inference";

/// A description of an agent, as `zerolab describe` shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The parts of the networks; empty without networks.
    pub parts: Vec<Part>,
    /// Trainable parameters.
    pub parameters: u64,
    /// Trainable parameters that are used in acting.
    pub acting_parameters: u64,
    /// FLOPs of one operation, by its name ("recurrent inference", "update", …).
    pub flops: BTreeMap<String, u64>,
    /// The countable cost of the whole budget; seconds are 0. For reanalysis, for searches in copies of
    /// the environment, and for updates after whole episodes, it is an upper bound.
    pub forecast: BTreeMap<Phase, PhaseCost>,
    /// The least memory traffic of the whole budget, in bytes; empty where it is not counted.
    pub traffic: BTreeMap<Phase, u64>,
    /// The least bytes of memory of a run, by the key of the setting that decides them.
    pub memory: BTreeMap<String, u64>,
    /// Real steps before learning begins.
    pub learning_starts: u64,
    /// Whether it keeps experience, from which it can learn without new real steps.
    pub learns_offline: bool,
    /// The key of the setting because of which an agent that learns makes no update in the whole budget;
    /// `None` if it makes one.
    pub prevents_updates: Option<String>,
}

impl Summary {
    /// The summary of an agent without networks and without cost.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            parts: Vec::new(),
            parameters: 0,
            acting_parameters: 0,
            flops: BTreeMap::new(),
            forecast: BTreeMap::new(),
            traffic: BTreeMap::new(),
            memory: BTreeMap::new(),
            learning_starts: 0,
            learns_offline: false,
            prevents_updates: None,
        }
    }

    /// The least bytes of memory of a run.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.memory.values().fold(0, |sum, &bytes| sum.saturating_add(bytes))
    }

    /// FLOPs of one imagined step; `None` without a learned model.
    #[must_use]
    pub fn imagined_step_flops(&self) -> Option<u64> {
        self.flops.get(RECURRENT_INFERENCE).copied()
    }
}
