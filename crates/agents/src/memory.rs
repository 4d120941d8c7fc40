//! The memory that a run takes at least, by the setting that decides it.

use std::collections::BTreeMap;

use zerolab_models::{OptimizerKind, OptimizerSettings, Part};

use crate::replay::priority_bytes;

/// Bytes of a number in single precision.
const SINGLE: u64 = 4;

/// The bytes of a run, by the key of the setting to lower if they are too many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(BTreeMap<String, u64>);

impl Memory {
    /// The weights of a network: its copies in acting, the gradients, and the moments of the optimizer.
    pub(crate) fn networks(
        mut self,
        parameters: u64,
        copies: u64,
        optimizer: &OptimizerSettings,
    ) -> Self {
        let moments = match optimizer.kind {
            OptimizerKind::Sgd => 1,
            OptimizerKind::Adam => 2,
        };
        self.add("network", parameters, SINGLE * (copies + 1 + moments));
        self
    }

    /// So many copies of all parameters.
    pub(crate) fn copies(mut self, key: &str, parameters: u64, copies: usize) -> Self {
        self.add(key, parameters.saturating_mul(copies as u64), SINGLE);
        self
    }

    /// The tree of priorities, which has its whole size from the beginning.
    pub(crate) fn replay(mut self, key: &str, capacity: usize) -> Self {
        self.add(key, priority_bytes(capacity), 1);
        self
    }

    /// The outputs of all layers of `parts` for a batch, which the backward pass needs.
    pub(crate) fn batch<'a>(
        mut self,
        key: &str,
        samples: u64,
        parts: impl IntoIterator<Item = &'a Part>,
    ) -> Self {
        let layers = parts.into_iter().flat_map(|part| &part.layers);
        let outputs = layers.map(|layer| layer.output_shape.iter().product::<usize>() as u64).sum();
        self.add(key, samples.saturating_mul(outputs), SINGLE);
        self
    }

    /// A search in each lane: the edges of one node for each simulation.
    pub(crate) fn search(mut self, lanes: usize, simulations: u32, num_actions: usize) -> Self {
        let edges = (lanes as u64)
            .saturating_mul(u64::from(simulations))
            .saturating_mul(num_actions as u64);
        // The prior, Q and visits of an edge.
        self.add("search.simulations", edges, 3 * SINGLE);
        self
    }

    pub(crate) fn into_map(self) -> BTreeMap<String, u64> {
        self.0
    }

    fn add(&mut self, key: &str, count: u64, bytes: u64) {
        let sum = self.0.entry(key.to_owned()).or_default();
        *sum = sum.saturating_add(count.saturating_mul(bytes));
    }
}
