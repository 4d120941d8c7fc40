//! Search over sampled actions, for continuous or large action sets: Sampled MuZero (Hubert et al.
//! 2021). The model proposes `K` actions at every node and the search chooses only among these: action
//! `k` of the search is the node's `k`th proposal, and its policy is a distribution over proposals.

use rand::Rng;

use crate::model::{Evaluations, Expansion, Model};
use crate::noise;

/// A model that proposes actions.
pub trait Proposer {
    /// An action of the environment.
    type Action: Clone;
    /// Errors of the model; they end the search.
    type Error;

    /// As [`Model::recurrent`], except that `actions`, `[B]`, holds the actions themselves; those of
    /// `expansion` are indices of proposals. The model appends `K` actions for each new node to
    /// `proposals`, node by node, and sets the logits of `out`, `[B, K]`, to their [`proposal_logits`].
    ///
    /// # Errors
    /// Any error of the model.
    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        actions: &[Self::Action],
        out: &mut Evaluations,
        proposals: &mut Vec<Self::Action>,
    ) -> Result<(), Self::Error>;
}

/// The [`Model`] of a proposer. It stores the proposals of all nodes.
#[derive(Debug)]
pub struct SampledModel<P: Proposer> {
    proposer: P,
    num_proposals: usize,
    /// `[N, B, K]`
    proposals: Vec<P::Action>,
    /// `[B]`
    actions: Vec<P::Action>,
}

impl<P: Proposer> SampledModel<P> {
    /// A model that starts with the proposals of the roots, `[B, K]`, where `K` is `num_proposals`. The
    /// logits of the search's roots must be theirs.
    pub fn new(proposer: P, num_proposals: usize, proposals: Vec<P::Action>) -> Self {
        Self { proposer, num_proposals, proposals, actions: Vec::new() }
    }

    /// The action of a root's proposal. `proposal` is an action of the search's result.
    ///
    /// # Panics
    /// If there is no such root or proposal.
    pub fn action(&self, root: usize, proposal: u32) -> &P::Action {
        &self.proposals[root * self.num_proposals + proposal as usize]
    }
}

impl<P: Proposer> Model for SampledModel<P> {
    type Error = P::Error;

    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), P::Error> {
        let batch = expansion.parents.len();
        let row = |node: u32, root: usize| (node as usize * batch + root) * self.num_proposals;
        let chosen = expansion.parents.iter().zip(expansion.actions).enumerate();
        let chosen = chosen.map(|(root, (node, action))| row(*node, root) + *action as usize);
        self.actions.clear();
        self.actions.extend(chosen.map(|index| self.proposals[index].clone()));
        // Drops the proposals of an earlier search.
        self.proposals.truncate(row(expansion.node as u32, 0));
        self.proposer.recurrent(expansion, &self.actions, out, &mut self.proposals)?;
        let expected = (expansion.node + 1) * batch * self.num_proposals;
        assert_eq!(self.proposals.len(), expected, "the proposals of new nodes are [B, K]");
        Ok(())
    }
}

/// The logits of a node's `K` proposals: ln((β̂/β) · π). Their softmax is the normalised prior of Sampled
/// MuZero (section 5.1).
///
/// `log_policy` and `log_proposal` are ln π and ln β of each proposal, up to a constant. `counts` is how
/// often each proposal was drawn from β (β̂ · K). With β = π every draw has the same prior.
#[must_use]
pub fn proposal_logits(log_policy: &[f32], log_proposal: &[f32], counts: &[u32]) -> Vec<f32> {
    let densities = log_policy.iter().zip(log_proposal).zip(counts);
    densities.map(|((policy, proposal), count)| (*count as f32).ln() + policy - proposal).collect()
}

/// Proposals from a large set of numbered actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposals {
    /// Distinct actions in the order of their first draw, `[K]`. If there are fewer than `K`, the first
    /// one fills the rest.
    pub actions: Vec<u32>,
    /// The [`proposal_logits`] of the actions, `[K]`; -∞ for the filling.
    pub logits: Vec<f32>,
}

impl Proposals {
    /// Draws `num_proposals` times from β = softmax(logits / temperature) over all actions (section 5
    /// uses the policy with a temperature) and merges repeated draws.
    pub fn draw(
        logits: &[f32],
        temperature: f32,
        num_proposals: usize,
        stream: &mut impl Rng,
    ) -> Self {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let log_proposal = |action: u32| (logits[action as usize] - highest) / temperature;
        let weights: Vec<f32> =
            (0..logits.len() as u32).map(|action| log_proposal(action).exp()).collect();
        let (mut actions, mut counts) = (Vec::<u32>::new(), Vec::<u32>::new());
        for _ in 0..num_proposals {
            let drawn = noise::draw(&weights, 1.0, stream) as u32;
            match actions.iter().position(|action| *action == drawn) {
                Some(index) => counts[index] += 1,
                None => {
                    actions.push(drawn);
                    counts.push(1);
                }
            }
        }
        let log_policy: Vec<f32> = actions.iter().map(|action| logits[*action as usize]).collect();
        let log_proposal: Vec<f32> = actions.iter().map(|action| log_proposal(*action)).collect();
        let mut logits = proposal_logits(&log_policy, &log_proposal, &counts);
        logits.resize(num_proposals, f32::NEG_INFINITY);
        actions.resize(num_proposals, actions.first().copied().unwrap_or(0));
        Self { actions, logits }
    }
}
