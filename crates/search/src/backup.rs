//! The way back up: a leaf's value is carried to the root, and the means and ranges with it.

use crate::lanes::{self, LANES, Lanes};
use crate::tree::{ROOT, Record, Tree};

impl Tree {
    /// Carries the newest node's value up to the root: G ← reward + discount · G at every edge. What
    /// the model says of the edge to it, with its reward or value prefix, comes along.
    pub(crate) fn back_up(&mut self, reward_or_prefix: f32, discount: f32) {
        let leaf = self.len() - 1;
        let parent = self.records[leaf].parent as usize;
        let reward = reward_or_prefix - self.prefix_before(parent);
        let record = &mut self.records[leaf];
        (record.reward, record.discount) = (reward, discount);
        record.value_prefix = reward_or_prefix;
        let mut value_of_path = record.value;
        let mut node = leaf;
        while node != ROOT {
            let Record { parent, action, reward, discount, value, .. } = self.records[node];
            let q = reward + discount * value;
            self.q_extremes.moved(self.q_to[node], q);
            self.q_to[node] = q;
            self.visit_edge(parent as usize, action as usize, q);
            value_of_path = reward + discount * value_of_path;
            self.return_extremes.widen(value_of_path);
            node = parent as usize;
            let above = &mut self.records[node];
            let samples = above.visits as f32;
            above.value = (above.value * samples + value_of_path) / (samples + 1.0);
            above.visits += 1;
        }
    }

    /// The value prefix that an edge's reward is counted from. At the root, and wherever the model
    /// starts its prefix anew (depths that are multiples of the horizon), that is 0; and everywhere
    /// where the model gives plain rewards.
    fn prefix_before(&self, parent: usize) -> f32 {
        match self.value_prefix_horizon {
            Some(horizon) if self.records[parent].depth.checked_rem(horizon) != Some(0) => {
                self.records[parent].value_prefix
            }
            _ => 0.0,
        }
    }

    /// The least and the greatest Q of the edges that lead to a node; the other way round without any.
    pub(crate) fn q_extremes(&mut self) -> (f32, f32) {
        if self.q_extremes.shrunk {
            self.q_extremes = Extremes::of(&self.q_to[1..]);
        }
        (self.q_extremes.least, self.q_extremes.greatest)
    }

    /// The least and the greatest return that an edge was ever backed up with.
    pub(crate) fn return_extremes(&self) -> (f32, f32) {
        (self.return_extremes.least, self.return_extremes.greatest)
    }
}

/// The least and the greatest of numbers, some of which move. NaN is passed over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extremes {
    least: f32,
    greatest: f32,
    /// One of the extremes has moved inwards: what they are now, only a look at all numbers can say.
    shrunk: bool,
}

impl Default for Extremes {
    /// Of no numbers.
    fn default() -> Self {
        Self { least: f32::INFINITY, greatest: f32::NEG_INFINITY, shrunk: false }
    }
}

impl Extremes {
    fn of(numbers: &[f32]) -> Self {
        let (whole, rest) = numbers.as_chunks::<LANES>();
        let whole = whole.iter().map(|numbers| Lanes::from(*numbers));
        let (least, greatest) = lanes::extremes(whole.chain(rest.iter().map(|x| Lanes::splat(*x))));
        Self { least, greatest, shrunk: false }
    }

    fn widen(&mut self, x: f32) {
        self.least = if x < self.least { x } else { self.least };
        self.greatest = if x > self.greatest { x } else { self.greatest };
    }

    /// One of the numbers, or a new one where `from` is NaN, is now `to`.
    fn moved(&mut self, from: f32, to: f32) {
        self.shrunk |= (from <= self.least && to > from) | (from >= self.greatest && to < from);
        self.widen(to);
    }
}
