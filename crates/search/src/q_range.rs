//! Normalisation of Q-values to scores in [0, 1].

use crate::settings::Normalization;
use crate::simd4::{self, Simd4};
use crate::tree::{Edges, Tree};

/// A linear map from Q-values to scores: the least value to 0, the greatest to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QRange {
    least: f32,
    scale: f32,
}

impl QRange {
    /// The range from the least to the greatest value, at least `floor` wide. Without any value (then
    /// the greatest is below the least) every score is 0.
    fn new((least, greatest): (f32, f32), floor: f32) -> Self {
        if least > greatest {
            return Self { least: 0.0, scale: 0.0 };
        }
        Self { least, scale: 1.0 / (greatest - least).max(floor) }
    }

    /// The range that all nodes of the next simulation share, or `None` if each node has its own. It
    /// covers the current Q of every edge of the tree (MuZero; EfficientZero with its soft floor), every
    /// return that was backed up (EfficientZero V2), or -1 to 1 (AlphaZero).
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

    /// The range of a node's own value and the Q of its visited actions (mctx, pUCT).
    #[inline(always)]
    pub(crate) fn of_siblings(value: f32, edges: &Edges<'_>, floor: f32) -> Self {
        let value = Simd4::splat(value);
        let visited =
            |(q, visits): (&Simd4, &Simd4)| visits.simd_gt(Simd4::ZERO).bitselect(*q, value);
        let visited = edges.q.iter().zip(edges.visits).map(visited);
        Self::new(simd4::extremes(std::iter::once(value).chain(visited)), floor)
    }

    /// The range of the numbers of a row, `[A]`, its padding included (mctx, completed Q).
    #[inline(always)]
    pub(crate) fn of_row(row: &[Simd4], floor: f32) -> Self {
        Self::new(simd4::extremes(row.iter().copied()), floor)
    }

    /// The scores, clipped to [0, 1].
    #[inline(always)]
    pub(crate) fn scores(&self, q: Simd4) -> Simd4 {
        ((q - self.least) * self.scale).fast_max(Simd4::ZERO).fast_min(Simd4::ONE)
    }
}
