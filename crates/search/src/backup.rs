//! Backup: adds a new node's value to the values of all nodes above it.

use crate::simd4::{self, Simd4, VECTOR_LEN};
use crate::tree::{NodeRecord, ROOT, Tree};

impl Tree {
    /// Backs up the newest node's value to the root: G ← reward + discount · G at every edge.
    /// `reward_or_prefix` and `discount` are the model's for the edge to the newest node.
    ///
    /// A search also continues behind an edge of discount 0. What it finds there does not change the Q
    /// of that edge or any value above it. Only the ranges of normalisation include it.
    pub(crate) fn back_up(&mut self, reward_or_prefix: f32, discount: f32) {
        let leaf = self.len() - 1;
        let parent = self.records[leaf].parent as usize;
        let reward = reward_or_prefix - self.prefix_before(parent);
        let record = &mut self.records[leaf];
        (record.reward, record.discount) = (reward, discount);
        record.value_prefix = reward_or_prefix;
        let mut path_return = record.value;
        let mut node = leaf;
        while node != ROOT {
            let NodeRecord { parent, action, reward, discount, value, .. } = self.records[node];
            let q = reward + discount * value;
            self.q_extremes.update(self.q_to[node], q);
            self.q_to[node] = q;
            self.visit_edge(parent as usize, action as usize, q);
            path_return = reward + discount * path_return;
            self.return_extremes.widen(path_return);
            node = parent as usize;
            let above = &mut self.records[node];
            let samples = above.visits as f32;
            above.value = (above.value * samples + path_return) / (samples + 1.0);
            above.visits += 1;
        }
    }

    /// The value prefix of an edge's parent, which the edge's own prefix includes. It is 0 where the
    /// model starts a new prefix (at the root and at depths that are multiples of the horizon), and
    /// without a horizon.
    fn prefix_before(&self, parent: usize) -> f32 {
        match self.value_prefix_horizon {
            Some(horizon) if self.records[parent].depth.checked_rem(horizon) != Some(0) => {
                self.records[parent].value_prefix
            }
            _ => 0.0,
        }
    }

    /// The least and the greatest Q of all edges that lead to a node; ∞ and -∞ if there are none.
    pub(crate) fn q_extremes(&mut self) -> (f32, f32) {
        if self.q_extremes.stale {
            self.q_extremes = Extremes::of(&self.q_to[1..]);
        }
        (self.q_extremes.least, self.q_extremes.greatest)
    }

    /// The least and the greatest return that was ever backed up through an edge.
    pub(crate) fn return_extremes(&self) -> (f32, f32) {
        (self.return_extremes.least, self.return_extremes.greatest)
    }
}

/// The least and the greatest of a set of numbers that change. NaN is ignored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extremes {
    least: f32,
    greatest: f32,
    /// An extreme number became less extreme, so that the extremes must be computed from all numbers.
    stale: bool,
}

impl Default for Extremes {
    /// The extremes of no numbers.
    fn default() -> Self {
        Self { least: f32::INFINITY, greatest: f32::NEG_INFINITY, stale: false }
    }
}

impl Extremes {
    fn of(numbers: &[f32]) -> Self {
        let (whole, rest) = numbers.as_chunks::<VECTOR_LEN>();
        let whole = whole.iter().map(|numbers| Simd4::from(*numbers));
        let (least, greatest) = simd4::extremes(whole.chain(rest.iter().map(|x| Simd4::splat(*x))));
        Self { least, greatest, stale: false }
    }

    fn widen(&mut self, x: f32) {
        self.least = if x < self.least { x } else { self.least };
        self.greatest = if x > self.greatest { x } else { self.greatest };
    }

    /// Changes a number, or adds a new one if `from` is NaN.
    fn update(&mut self, from: f32, to: f32) {
        self.stale |= (from <= self.least && to > from) | (from >= self.greatest && to < from);
        self.widen(to);
    }
}
