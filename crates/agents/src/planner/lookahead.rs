//! The interface of the two kinds of planners, which differ in what the search steps in, and their common
//! settings.

use rand_chacha::ChaCha8Rng;
use zerolab_metrics::Account;
use zerolab_models::networks::Network;
use zerolab_search::{Node, Purpose, SearchResult};

use super::learner::UpdateResult;
use super::settings::{Exploration, ReplaySettings};
use super::target_cache::TargetCache;
use super::unrolled_batch::UpdateContext;
use crate::agent::{AgentError, Context, Observations};
use crate::imagination::Imagination;
use crate::online_and_target::OnlineAndTarget;
use crate::replay::Sample;
use crate::reward_clipping::RewardClipping;
use crate::update_schedule::UpdateSchedule;

/// A kind of lookahead search, with the networks that evaluate its states and their updates.
pub(super) trait Lookahead {
    /// The networks.
    type Networks: Network;

    /// Networks with weights drawn from `stream`.
    fn networks(
        &self,
        stream: &mut ChaCha8Rng,
        context: &Context,
    ) -> Result<Self::Networks, AgentError>;

    /// Searches from each observation, with a seed for each.
    fn search(
        &mut self,
        networks: &Self::Networks,
        seen: &Observations<'_>,
        purpose: Purpose,
        seeds: Vec<u64>,
    ) -> Result<SearchOutput, AgentError>;

    /// The tree of a row of the last search for an action: its nodes in order of expansion. Node 0 is the
    /// root.
    fn tree(&self, row: usize) -> Vec<Node>;

    /// What the model predicts from each row along the row's actions; `None` without a learned model.
    fn imagine(
        &self,
        _networks: &Self::Networks,
        _seen: &Observations<'_>,
        _plans: &[&[usize]],
    ) -> Result<Option<Vec<Imagination>>, AgentError> {
        Ok(None)
    }

    /// One gradient step on `samples`, with targets from the target network. It counts all costs of the
    /// targets and the time of the gradient step in `account`. The caller counts the FLOPs of the gradient
    /// step.
    fn update(
        &mut self,
        networks: &mut OnlineAndTarget<Self::Networks>,
        samples: Vec<Sample<'_>>,
        update_context: &UpdateContext,
        cache: &mut TargetCache,
        account: &mut Account,
    ) -> Result<UpdateResult, AgentError>;
}

/// The results of a batch of searches.
pub(super) struct SearchOutput {
    pub(super) found: SearchResult,
    /// `[B]`: the network's values of the roots.
    pub(super) values: Vec<f32>,
    /// `[B, A]`: the network's policy logits at the roots.
    pub(super) logits: Vec<f32>,
    /// Imagined steps of all searches.
    pub(super) imagined_steps: u64,
}

/// The settings that all planners have.
pub(super) struct CommonSettings {
    /// Real steps of uniformly random actions before the first search.
    pub(super) random_steps: u64,
    /// The factor of each next reward in a return.
    pub(super) discount: f64,
    /// Simulations of one search.
    pub(super) simulations: u32,
    pub(super) update_schedule: UpdateSchedule,
    pub(super) batch_size: usize,
    pub(super) replay: ReplaySettings,
    pub(super) reward_clipping: RewardClipping,
    pub(super) exploration: Exploration,
}
