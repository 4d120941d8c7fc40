//! What an agent is made of and what a run of it will cost, known before it starts.

use std::collections::BTreeMap;

use serde::Serialize;
use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Part;

/// The name of an imagined step among the operations of [`Summary::flops`].
pub(crate) const RECURRENT_INFERENCE: &str = "recurrent inference";

/// An agent as `zerolab describe` shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The networks; empty for an agent without any.
    pub parts: Vec<Part>,
    /// Trainable numbers in all.
    pub parameters: u64,
    /// Those that take part in choosing an action.
    pub acting_parameters: u64,
    /// FLOPs of one operation, by its name ("recurrent inference", "update", …).
    pub flops: BTreeMap<String, u64>,
    /// What the whole budget will cost as far as it can be counted beforehand; seconds are 0. Of reanalysis, and
    /// of searches in a simulator, the most that they can cost.
    pub forecast: BTreeMap<Phase, PhaseCost>,
    /// Bytes of a device's memory that the whole budget moves at least, where that is counted.
    pub traffic: BTreeMap<Phase, u64>,
}

impl Summary {
    /// An agent without networks, which costs nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            parts: Vec::new(),
            parameters: 0,
            acting_parameters: 0,
            flops: BTreeMap::new(),
            forecast: BTreeMap::new(),
            traffic: BTreeMap::new(),
        }
    }

    /// FLOPs of one imagined step; nothing for an agent without a learned model.
    #[must_use]
    pub fn imagined_step_flops(&self) -> Option<u64> {
        self.flops.get(RECURRENT_INFERENCE).copied()
    }
}
