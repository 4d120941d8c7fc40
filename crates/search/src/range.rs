//! The transformations of Q to scores in [0, 1].

use crate::lanes::{self, Lanes};
use crate::settings::Normalization;
use crate::tree::{Edges, Tree};

/// A map of values to scores: the least known value to 0, the greatest to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    least: f32,
    scale: f32,
}

impl Range {
    /// From the least value to the greatest, or as wide as `floor` where that is wider. Where there
    /// is no value (the greatest is below the least) every score is 0.
    fn new((least, greatest): (f32, f32), floor: f32) -> Self {
        if least > greatest {
            return Self { least: 0.0, scale: 0.0 };
        }
        Self { least, scale: 1.0 / (greatest - least).max(floor) }
    }

    /// That of all nodes of the next simulation, where they have one in common: over the Q of every
    /// edge of the tree as they are now (MuZero; EfficientZero with its soft floor), or over every
    /// return that was backed up (EfficientZero V2).
    pub(crate) fn of_simulation(
        normalization: Normalization,
        tree: &mut Tree,
        floor: f32,
    ) -> Option<Self> {
        let extremes = match normalization {
            Normalization::Tree => tree.q_extremes(),
            Normalization::Returns => tree.return_extremes(),
            Normalization::Unit => (-1.0, 1.0),
            Normalization::Siblings => return None,
        };
        Some(Self::new(extremes, floor))
    }

    /// Over a node's own value and the Q of its visited actions (mctx, pUCT).
    #[inline(always)]
    pub(crate) fn of_siblings(value: f32, edges: &Edges<'_>, floor: f32) -> Self {
        let value = Lanes::splat(value);
        let visited =
            |(q, visits): (&Lanes, &Lanes)| visits.simd_gt(Lanes::ZERO).bitselect(*q, value);
        let visited = edges.q.iter().zip(edges.visits).map(visited);
        Self::new(lanes::extremes(std::iter::once(value).chain(visited)), floor)
    }

    /// Over the numbers of a row, `[A]`, and its padding (mctx, completed Q).
    #[inline(always)]
    pub(crate) fn of_row(row: &[Lanes], floor: f32) -> Self {
        Self::new(lanes::extremes(row.iter().copied()), floor)
    }

    /// In [0, 1], also of values outside the range.
    #[inline(always)]
    pub(crate) fn scores(&self, q: Lanes) -> Lanes {
        ((q - self.least) * self.scale).fast_max(Lanes::ZERO).fast_min(Lanes::ONE)
    }
}
