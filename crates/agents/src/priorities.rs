//! Prioritised sampling in logarithmic time (Schaul et al. 2016): a binary tree of sums.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// A weight for each of a fixed number of slots.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Priorities {
    leaves: usize,
    /// `sums[1]` is the root, the leaves are the last `leaves` of it.
    sums: Vec<f64>,
    largest: f64,
}

impl Priorities {
    /// `slots` slots of weight 0.
    pub(crate) fn new(slots: usize) -> Self {
        let leaves = slots.next_power_of_two();
        Self { leaves, sums: vec![0.0; 2 * leaves], largest: 1.0 }
    }

    /// Gives `slot` a weight.
    pub(crate) fn set(&mut self, slot: usize, weight: f64) {
        self.largest = self.largest.max(weight);
        let mut node = self.leaves + slot;
        self.sums[node] = weight;
        while node > 1 {
            node /= 2;
            self.sums[node] = self.sums[2 * node] + self.sums[2 * node + 1];
        }
    }

    /// The largest weight that was ever given; 1 before there was any.
    pub(crate) fn largest_ever(&self) -> f64 {
        self.largest
    }

    /// The largest weight that a slot has; 1 where none has any.
    pub(crate) fn largest_held(&self) -> f64 {
        let largest = self.sums[self.leaves..].iter().copied().fold(0.0, f64::max);
        if largest > 0.0 { largest } else { 1.0 }
    }

    /// The share of all weight that `slot` has.
    pub(crate) fn probability(&self, slot: usize) -> f64 {
        self.sums[self.leaves + slot] / self.sums[1]
    }

    /// A slot drawn in proportion to the weights.
    pub(crate) fn sample(&self, stream: &mut ChaCha8Rng) -> usize {
        let mut left = stream.random::<f64>() * self.sums[1];
        let mut node = 1;
        while node < self.leaves {
            node *= 2;
            // Rounding may leave a little too much: never walk into an empty half.
            if left >= self.sums[node] && self.sums[node + 1] > 0.0 {
                left -= self.sums[node];
                node += 1;
            }
        }
        node - self.leaves
    }
}
