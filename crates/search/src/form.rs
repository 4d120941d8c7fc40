//! What differs between the searches: the functions that the engine leaves open.

use rand_chacha::ChaCha8Rng;

use crate::lanes::{self, Lanes};
use crate::model::Use;
use crate::tree::Tree;

/// A kind of search, the same for all roots.
pub(crate) trait Form: Sync {
    /// What it carries along for one root; the memory is used again.
    type Root: Default + Send;

    /// Whether it reads the logits of edges.
    const READS_LOGITS: bool;

    /// Begins a root's search in a tree of the root alone. May mix noise into the root's priors.
    fn begin(&self, root: &mut Self::Root, tree: &mut Tree, use_: Use, stream: &mut ChaCha8Rng);

    /// The action that a simulation takes at `node`. Called along its path, from the root down.
    fn select(
        &self,
        root: &mut Self::Root,
        tree: &mut Tree,
        node: usize,
        stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) -> usize;

    /// The action to take, after the last simulation. `policy`, `[A]`, is the network's, and becomes
    /// the policy target.
    fn decide(
        &self,
        root: &mut Self::Root,
        tree: &mut Tree,
        use_: Use,
        stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
        policy: &mut [f32],
    ) -> usize;
}

/// Room for a form to work in. What is in it does not last from one call to the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    /// `[A]`
    pub scores: Vec<Lanes>,
    /// `[A]`
    pub kept: Vec<Lanes>,
}

impl Scratch {
    pub(crate) fn resize(&mut self, num_actions: usize) {
        self.scores.resize(lanes::width(num_actions), Lanes::ZERO);
        self.kept.resize(lanes::width(num_actions), Lanes::ZERO);
    }
}
