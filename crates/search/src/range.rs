//! The ranges over which Q is normalised to [0, 1].

use crate::lanes::{self, LANES};
use crate::tree::{Edges, RootTree};

/// A map of values to scores: the least known value to 0, the greatest to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    minimum: f32,
    scale: f32,
}

impl Range {
    /// Without values: every score is 0.
    pub(crate) fn empty() -> Self {
        Self { minimum: 0.0, scale: 0.0 }
    }

    /// Over the Q of every edge of the tree (MuZero; EfficientZero with its soft floor). Means move
    /// both ways, so the range is found anew rather than widened.
    pub(crate) fn of_tree(tree: &RootTree, floor: f32) -> Self {
        let (minimum, maximum) = tree.q_range();
        Self::new(minimum, maximum, floor)
    }

    /// Over a node's own value and the Q of its visited actions (mctx).
    pub(crate) fn of_siblings(value: f32, edges: Edges<'_>, floor: f32) -> Self {
        let (mut minimum, mut maximum) = ([value; LANES], [value; LANES]);
        for (q, visits) in edges.q.iter().zip(edges.visits) {
            let visited = lanes::lanewise(|lane| lanes::select(visits[lane] > 0.0, q[lane], value));
            minimum = lanes::minimum(minimum, visited);
            maximum = lanes::maximum(maximum, visited);
        }
        Self::new(lanes::across_minimum(minimum), lanes::across_maximum(maximum), floor)
    }

    fn new(minimum: f32, maximum: f32, floor: f32) -> Self {
        if minimum > maximum {
            return Self::empty();
        }
        Self { minimum, scale: 1.0 / (maximum - minimum).max(floor) }
    }

    pub(crate) fn score(&self, q: f32) -> f32 {
        (q - self.minimum) * self.scale
    }
}
