//! What differs between the searches: the functions that the engine leaves open.

use rand_chacha::ChaCha8Rng;

use crate::lanes::Lanes;
use crate::model::Use;
use crate::tree::RootTree;

/// One root of the batch before its search.
#[derive(Debug)]
pub(crate) struct RootRow {
    /// Logits, -∞ where illegal, `[A]`, padded with -∞.
    pub logits: Vec<Lanes>,
    /// The softmax of the logits, `[A]`, padded with 0.
    pub policy: Vec<Lanes>,
    /// `[A]`
    pub legal: Vec<bool>,
    pub use_: Use,
}

/// A kind of search. `Root` is what it carries along for one root.
pub(crate) trait Form {
    type Root;

    /// Begins a root's search. May mix noise into the root's priors, `[A]`.
    fn begin(&self, row: &RootRow, priors: &mut [f32], stream: &mut ChaCha8Rng) -> Self::Root;

    /// The action that a simulation takes at `node`. Called along its path, from the root down.
    fn select(
        &self,
        root: &mut Self::Root,
        tree: &RootTree,
        node: usize,
        stream: &mut ChaCha8Rng,
    ) -> usize;

    /// Takes note of the tree's newest node, after its value is backed up.
    fn expanded(&self, root: &mut Self::Root, tree: &RootTree, logits: &[f32]);

    /// The action to take, after the last simulation. Fills in the policy target, `[A]`.
    fn decide(
        &self,
        root: &mut Self::Root,
        tree: &RootTree,
        row: &RootRow,
        stream: &mut ChaCha8Rng,
        policy: &mut [f32],
    ) -> usize;
}
