//! What a search is given: the model behind the tree, the roots of a batch, and the use it is put to.

/// A model that a search looks ahead with: a learned one, or a true simulator (AlphaZero).
pub trait Model {
    /// What can go wrong inside the model; it ends the search.
    type Error;

    /// Evaluates one new node per root of the batch.
    ///
    /// Row `r` goes from node `parents[r]` of tree `r` by `actions[r]`. The model keeps the latent
    /// state of the new node under the number `expansion.node`, because a later expansion names it
    /// as a parent. It fills the rewards, values and logits of `out`, and the discounts where they
    /// are not the settings' discount.
    ///
    /// # Errors
    /// Whatever the model reports; the search stops and passes it on.
    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), Self::Error>;
}

/// The nodes that one simulation adds, one per root of a batch of `B`.
#[derive(Debug, Clone, Copy)]
pub struct Expansion<'a> {
    /// Number of the new node, the same in every tree. 0 is the root, which the model holds already.
    pub node: usize,
    /// Node that each new one hangs under, `[B]`.
    pub parents: &'a [u32],
    /// Action that leads to it, `[B]`.
    pub actions: &'a [u32],
    /// Depth of the new node, `[B]`; the root's is 0.
    pub depths: &'a [u32],
}

/// What the model says of the new nodes, one row per root. Every simulation has its own, which comes
/// to the model as the last search of the shape left it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluations {
    /// Reward of the edge to the new node, or its value prefix where the search was given a horizon, `[B]`.
    pub rewards: Vec<f32>,
    /// Value of the new node, seen by the player who moves there, `[B]`.
    pub values: Vec<f32>,
    /// Policy logits of the new node, `[B, A]`; -∞ where an action cannot be taken.
    pub logits: Vec<f32>,
    /// Discount of the edge to the new node, `[B]`, filled with the search's discount before every
    /// call. 0 where the new node is terminal; negative where the other player moves there.
    pub discounts: Vec<f32>,
}

/// The roots of a batch of `B` searches over `A` actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Roots {
    /// Number of actions, `A`.
    pub num_actions: usize,
    /// The network's value of each root, `[B]`.
    pub values: Vec<f32>,
    /// The network's policy logits, `[B, A]`.
    pub logits: Vec<f32>,
    /// Which actions may be taken at the root, `[B, A]`, one at least for each; `None` is all whose
    /// logits are not -∞.
    pub legal: Option<Vec<bool>>,
    /// Seed of each root's own random stream, `[B]`.
    pub seeds: Vec<u64>,
}

/// What a search is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Use {
    /// Acting to learn: noise at the root. Under pUCT the action is drawn by visits^(1/temperature),
    /// and a temperature of 0 takes the most visited; Gumbel draws by its noise, at any temperature.
    Explore {
        /// How flat the draw is: 1 in proportion to the visits, towards 0 the most visited.
        temperature: f32,
    },
    /// Acting to do well, or making targets: no noise, the best action.
    Greedy,
}

impl Roots {
    pub(crate) fn assert_shapes(&self) {
        let (batch, num_actions) = (self.seeds.len(), self.num_actions);
        assert!(num_actions > 0, "a root has one action at least");
        assert_eq!(self.values.len(), batch, "one root value per seed");
        assert_eq!(self.logits.len(), batch * num_actions, "root logits are [B, A]");
        if let Some(legal) = &self.legal {
            assert_eq!(legal.len(), batch * num_actions, "the mask of legal actions is [B, A]");
            for (index, legal) in legal.chunks(num_actions).enumerate() {
                assert!(legal.contains(&true), "root {index} has no legal action");
            }
        }
    }
}

impl Evaluations {
    pub(crate) fn resize(&mut self, batch: usize, num_actions: usize) {
        self.rewards.resize(batch, 0.0);
        self.values.resize(batch, 0.0);
        self.logits.resize(batch * num_actions, 0.0);
        self.discounts.resize(batch, 0.0);
    }

    pub(crate) fn assert_shapes(&self, batch: usize, num_actions: usize) {
        assert_eq!(self.rewards.len(), batch, "the model's rewards are [B]");
        assert_eq!(self.values.len(), batch, "the model's values are [B]");
        assert_eq!(self.discounts.len(), batch, "the model's discounts are [B]");
        assert_eq!(self.logits.len(), batch * num_actions, "the model's logits are [B, A]");
    }

    /// Logits of one root's new node, `[A]`.
    pub(crate) fn logits_of(&self, root: usize) -> &[f32] {
        let num_actions = self.logits.len() / self.values.len();
        &self.logits[root * num_actions..(root + 1) * num_actions]
    }
}
