//! Inputs of a search: the model, the roots of a batch, and the purpose of the search.

/// The model of a search: a learned one, or a simulator ([`crate::SimulatorModel`], AlphaZero).
pub trait Model {
    /// Errors of the model; they end the search.
    type Error;

    /// Evaluates one new node per root of the batch.
    ///
    /// In row `r` the new node is the child of node `parents[r]` of tree `r` by action `actions[r]`. The
    /// model stores the new node's latent state under the number `expansion.node`, by which later
    /// expansions name it as a parent. It fills in the rewards, values and logits of `out`, and each
    /// discount that differs from the search's discount.
    ///
    /// # Errors
    /// Any error of the model. The search stops and returns it.
    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), Self::Error>;
}

/// The nodes that one simulation adds, one per root of a batch of `B`.
#[derive(Debug, Clone, Copy)]
pub struct Expansion<'a> {
    /// Number of the new node, the same in every tree: 1, 2, …. 0 is the root, whose state the model
    /// has from the start.
    pub node: usize,
    /// Number of each new node's parent, `[B]`.
    pub parents: &'a [u32],
    /// Action that leads from the parent to the new node, `[B]`.
    pub actions: &'a [u32],
    /// Depth of the new node, `[B]`; the root's is 0.
    pub depths: &'a [u32],
}

/// The model's outputs for the new nodes, one row per root. Each simulation has its own. Before the
/// model fills them in they hold the outputs of an earlier search; the discounts are reset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluations {
    /// Reward of the edge to the new node, `[B]`. With a value-prefix horizon: the value prefix.
    pub rewards: Vec<f32>,
    /// Value of the new node for the player who moves there, `[B]`.
    pub values: Vec<f32>,
    /// Policy logits of the new node, `[B, A]`; -∞ for illegal actions.
    pub logits: Vec<f32>,
    /// Discount of the edge to the new node, `[B]`, set to the search's discount before every call. 0
    /// if the new node is terminal; negative if the other player moves there.
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
    /// The legal actions of each root, `[B, A]`, at least one per root. `None`: all actions whose logits
    /// are not -∞.
    pub legal: Option<Vec<bool>>,
    /// Seed of each root's own random stream, `[B]`.
    pub seeds: Vec<u64>,
}

/// The purpose of a search. It decides about noise and about how the action is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Purpose {
    /// To act while training: with noise at the root. pUCT draws the action in proportion to
    /// visits^(1/temperature). Gumbel search ignores the temperature: its noise makes the draw.
    Explore {
        /// 1 draws in proportion to the visits; 0 takes the most visited action.
        temperature: f32,
    },
    /// To act as well as possible, or to compute targets: no noise, the best action.
    Greedy,
}

impl Roots {
    pub(crate) fn assert_shapes(&self) {
        let (batch, num_actions) = (self.seeds.len(), self.num_actions);
        assert!(num_actions > 0, "a root has at least one action");
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
