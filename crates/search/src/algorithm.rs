//! The functions in which pUCT and Gumbel search differ. The engine calls them.

use rand_chacha::ChaCha8Rng;

use crate::model::Purpose;
use crate::simd4::{self, Simd4};
use crate::tree::Tree;

/// A search algorithm, shared by all roots.
pub(crate) trait SearchAlgorithm: Sync {
    /// State of one root's search. Its memory is reused by the next search.
    type Root: Default + Send;

    /// Whether the algorithm reads the logits of edges.
    const READS_LOGITS: bool;

    /// Begins a root's search in a tree that holds the root only. May mix noise into the root's priors.
    fn begin(
        &self,
        root: &mut Self::Root,
        tree: &mut Tree,
        purpose: Purpose,
        stream: &mut ChaCha8Rng,
    );

    /// The action that a simulation takes at `node`. Called for each node of the path, the root first.
    fn select(
        &self,
        root: &mut Self::Root,
        tree: &mut Tree,
        node: usize,
        stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) -> usize;

    /// The action to take, after the last simulation. `policy`, `[A]`, holds the network's policy and
    /// receives the policy target.
    fn decide(
        &self,
        root: &mut Self::Root,
        tree: &mut Tree,
        purpose: Purpose,
        stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
        policy: &mut [f32],
    ) -> usize;
}

/// Temporary memory of an algorithm. Its contents do not last from one call to the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    /// `[A]`
    pub scores: Vec<Simd4>,
    /// `[A]`
    pub kept: Vec<Simd4>,
}

impl Scratch {
    pub(crate) fn resize(&mut self, num_actions: usize) {
        self.scores.resize(simd4::num_vectors(num_actions), Simd4::ZERO);
        self.kept.resize(simd4::num_vectors(num_actions), Simd4::ZERO);
    }
}
