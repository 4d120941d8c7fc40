//! The transformations of Q to scores in [0, 1].

use crate::lanes::{self, LANES, Lanes};
use crate::tree::Tree;

/// A map of values to scores: the least known value to 0, the greatest to 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Range {
    least: f32,
    scale: f32,
}

impl Range {
    /// From the least value to the greatest, or as wide as `floor` where that is wider. Where there
    /// is no value (the greatest is below the least) every score is 0.
    pub(crate) fn new((least, greatest): (f32, f32), floor: f32) -> Self {
        if least > greatest {
            return Self::default();
        }
        Self { least, scale: 1.0 / (greatest - least).max(floor) }
    }

    /// Over the Q of every edge of the tree as they are now (MuZero; EfficientZero with its soft floor).
    pub(crate) fn of_tree(tree: &mut Tree, floor: f32) -> Self {
        Self::new(tree.q_extremes(), floor)
    }

    /// Over every return that was backed up (EfficientZero V2).
    pub(crate) fn of_returns(tree: &Tree, floor: f32) -> Self {
        let extremes = &tree.return_extremes;
        Self::new((extremes.least, extremes.greatest), floor)
    }

    /// Over a node's own value and the Q of its visited actions (mctx, pUCT).
    pub(crate) fn of_siblings(tree: &Tree, node: usize, floor: f32) -> Self {
        let (value, edges) = (tree.record(node).value, tree.edges(node));
        let (mut least, mut greatest) = ([value; LANES], [value; LANES]);
        for (q, visits) in edges.q.iter().zip(edges.visits) {
            let visited = lanes::lanewise(|lane| lanes::select(visits[lane] > 0.0, q[lane], value));
            least = lanes::minimum(least, visited);
            greatest = lanes::maximum(greatest, visited);
        }
        Self::new((lanes::across_minimum(least), lanes::across_maximum(greatest)), floor)
    }

    /// Over the numbers of a row, `[A]`, whatever is in its padding (mctx, completed Q).
    pub(crate) fn of_row(row: &[Lanes], num_actions: usize, floor: f32) -> Self {
        let (mut least, mut greatest) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let (whole, rest) = row.as_flattened()[..num_actions].as_chunks();
        for numbers in whole.iter().copied().chain(rest.iter().map(|x| [*x; LANES])) {
            least = lanes::minimum(least, numbers);
            greatest = lanes::maximum(greatest, numbers);
        }
        Self::new((lanes::across_minimum(least), lanes::across_maximum(greatest)), floor)
    }

    /// In [0, 1], also of a value outside the range.
    #[inline(always)]
    pub(crate) fn score(&self, q: f32) -> f32 {
        ((q - self.least) * self.scale).clamp(0.0, 1.0)
    }
}
