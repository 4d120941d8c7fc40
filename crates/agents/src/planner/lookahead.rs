//! What the planners have in common, and in what they differ: what their search steps in.

use zerolab_metrics::Account;
use zerolab_models::networks::Network;
use zerolab_search::{Node, Purpose, SearchResult};

use super::batch::Moment;
use super::cache::Cache;
use super::learner::Outcome;
use super::settings::{Exploration, ReplaySettings};
use crate::agent::{AgentError, Observations};
use crate::pace::Pace;
use crate::replay::Sample;
use crate::reward_clipping::RewardClipping;
use crate::twin::Twin;

/// A way to look ahead, with networks that judge what is met there, and how they learn.
pub(super) trait Lookahead {
    /// What judges.
    type Networks: Network;

    /// Searches from each row of what is seen, with the seeds of the rows' own chance.
    fn search(
        &mut self,
        networks: &Self::Networks,
        seen: &Observations<'_>,
        use_: Purpose,
        seeds: Vec<u64>,
    ) -> Result<Thought, AgentError>;

    /// The tree of a row of the last search for an action: its nodes in the order of their expansion, 0 the root.
    fn tree(&self, row: usize) -> Vec<Node>;

    /// One gradient step on `samples`, with targets by the target network. What comes before the
    /// gradient is entered in `account`, of the gradient only its time.
    fn update(
        &mut self,
        networks: &mut Twin<Self::Networks>,
        samples: Vec<Sample<'_>>,
        moment: &Moment,
        cache: &mut Cache,
        account: &mut Account,
    ) -> Result<Outcome, AgentError>;
}

/// What came of a batch of searches.
pub(super) struct Thought {
    pub(super) found: SearchResult,
    /// `[B]`: what the network says of the roots.
    pub(super) values: Vec<f32>,
    /// `[B, A]`: its policy logits there.
    pub(super) logits: Vec<f32>,
    /// Steps taken in thought.
    pub(super) imagined_steps: u64,
}

/// The settings that do not depend on the way to look ahead.
pub(super) struct Conduct {
    /// Real steps of uniformly random actions, before there is anything to search with.
    pub(super) random_steps: u64,
    /// Of one search.
    pub(super) simulations: u32,
    pub(super) pace: Pace,
    pub(super) batch_size: usize,
    pub(super) replay: ReplaySettings,
    pub(super) reward_clipping: RewardClipping,
    pub(super) exploration: Exploration,
}
