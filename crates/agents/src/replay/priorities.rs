//! Prioritised sampling in logarithmic time (Schaul et al. 2016), by a binary tree of sums and maxima of
//! weights.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The bytes of [`Priorities`] with so many slots.
pub(crate) fn bytes(slots: usize) -> u64 {
    let nodes = (slots as u64).next_power_of_two().saturating_mul(2);
    nodes.saturating_mul(size_of::<Node>() as u64)
}

/// The mean of a batch's absolute errors, from which its priorities are made, by its name among the losses.
pub(crate) fn priority_error(errors: &[f32]) -> (&'static str, f64) {
    let sum: f64 = errors.iter().map(|error| f64::from(error.abs())).sum();
    ("priority_error", sum / errors.len().max(1) as f64)
}

/// A weight for each of a fixed number of slots.
#[derive(Clone, Debug)]
pub(super) struct Priorities {
    leaves: usize,
    /// `nodes[1]` is the root. The last `leaves` nodes are the leaves.
    nodes: Vec<Node>,
    largest_ever: f64,
}

/// The sum and the maximum of the weights below a node.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    sum: f64,
    largest: f64,
}

impl Priorities {
    /// `slots` slots of weight 0.
    pub(super) fn new(slots: usize) -> Self {
        let leaves = slots.next_power_of_two();
        Self { leaves, nodes: vec![Node::default(); 2 * leaves], largest_ever: 1.0 }
    }

    /// Sets the weight of `slot`.
    pub(super) fn set(&mut self, slot: usize, weight: f64) {
        self.largest_ever = self.largest_ever.max(weight);
        let mut at = self.leaves + slot;
        self.nodes[at] = Node { sum: weight, largest: weight };
        while at > 1 {
            at /= 2;
            let (left, right) = (self.nodes[2 * at], self.nodes[2 * at + 1]);
            self.nodes[at] =
                Node { sum: left.sum + right.sum, largest: left.largest.max(right.largest) };
        }
    }

    /// The weight of `slot`.
    pub(super) fn weight(&self, slot: usize) -> f64 {
        self.nodes[self.leaves + slot].sum
    }

    /// Raises the largest weight so far to `weight`.
    pub(super) fn raise_largest_ever(&mut self, weight: f64) {
        self.largest_ever = self.largest_ever.max(weight);
    }

    /// The largest weight so far, at least 1.
    pub(super) fn largest_ever(&self) -> f64 {
        self.largest_ever
    }

    /// The largest weight of a slot; 1 if all weights are 0.
    pub(super) fn largest_held(&self) -> f64 {
        let largest = self.nodes[1].largest;
        if largest > 0.0 { largest } else { 1.0 }
    }

    /// The probability of `slot`.
    pub(super) fn probability(&self, slot: usize) -> f64 {
        self.nodes[self.leaves + slot].sum / self.nodes[1].sum
    }

    /// Samples a slot in proportion to the weights.
    pub(super) fn sample(&self, stream: &mut ChaCha8Rng) -> usize {
        let mut left = stream.random::<f64>() * self.nodes[1].sum;
        let mut at = 1;
        while at < self.leaves {
            at *= 2;
            // Because of rounding, `left` can be too large: never walk into an empty half.
            if left >= self.nodes[at].sum && self.nodes[at + 1].sum > 0.0 {
                left -= self.nodes[at].sum;
                at += 1;
            }
        }
        at - self.leaves
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Priorities;

    proptest! {
        #[test]
        fn the_largest_weight_is_that_of_a_plain_list(
            slots in 1usize..20,
            weights in prop::collection::vec((any::<prop::sample::Index>(), 0u8..9), 0..60),
        ) {
            let (mut tree, mut list) = (Priorities::new(slots), vec![0.0; slots]);
            for (slot, weight) in weights {
                let (slot, weight) = (slot.index(slots), f64::from(weight) / 4.0);
                list[slot] = weight;
                tree.set(slot, weight);
                let largest = list.iter().copied().fold(0.0, f64::max);
                prop_assert_eq!(tree.largest_held(), if largest > 0.0 { largest } else { 1.0 });
            }
        }
    }
}
