//! The transformations of Q to scores in [0, 1].

use crate::lanes::{self, Lanes};
use crate::settings::Normalization;
use crate::tree::{Edges, Tree};

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

    /// That of all nodes of the next simulation, where they have one in common: over the Q of every
    /// edge of the tree as they are now (MuZero; EfficientZero with its soft floor), or over every
    /// return that was backed up (EfficientZero V2).
    pub(crate) fn of_simulation(normalization: Normalization, tree: &mut Tree, floor: f32) -> Self {
        match normalization {
            Normalization::Tree => Self::new(tree.q_extremes(), floor),
            Normalization::Returns => Self::new(tree.return_extremes(), floor),
            Normalization::Unit => Self::new((-1.0, 1.0), floor),
            Normalization::Siblings => Self::default(),
        }
    }

    /// Over a node's own value and the Q of its visited actions (mctx, pUCT).
    #[inline(always)]
    pub(crate) fn of_siblings(value: f32, edges: &Edges<'_>, floor: f32) -> Self {
        let value = Lanes::splat(value);
        let (mut least, mut greatest) = (value, value);
        for (q, visits) in edges.q.iter().zip(edges.visits) {
            let visited = visits.simd_gt(Lanes::ZERO).bitselect(*q, value);
            least = lanes::less(least, visited);
            greatest = lanes::greater(greatest, visited);
        }
        Self::new((lanes::least(least), lanes::greatest(greatest)), floor)
    }

    /// Over the numbers of a row, `[A]`, and its padding (mctx, completed Q).
    #[inline(always)]
    pub(crate) fn of_row(row: &[Lanes], floor: f32) -> Self {
        let mut least = Lanes::splat(f32::INFINITY);
        let mut greatest = Lanes::splat(f32::NEG_INFINITY);
        for numbers in row {
            least = lanes::less(least, *numbers);
            greatest = lanes::greater(greatest, *numbers);
        }
        Self::new((lanes::least(least), lanes::greatest(greatest)), floor)
    }

    /// In [0, 1], also of values outside the range.
    #[inline(always)]
    pub(crate) fn scores(&self, q: Lanes) -> Lanes {
        ((q - self.least) * self.scale).fast_max(Lanes::ZERO).fast_min(Lanes::ONE)
    }
}
