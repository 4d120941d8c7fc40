//! Searches over sampled actions, for continuous or large action sets: Sampled MuZero (Hubert et al.
//! 2021). At every node `K` actions are proposed, and the search chooses between those only: its
//! action `k` is the node's `k`th proposal, and its policy is one over them.

use rand::Rng;

use crate::model::{Evaluations, Expansion, Model};
use crate::noise;

/// A model that proposes actions.
pub trait Proposer {
    /// An action of the world.
    type Action: Clone;
    /// What can go wrong inside the model; it ends the search.
    type Error;

    /// As [`Model::recurrent`], with the actions themselves, `[B]`, in place of their numbers in
    /// `expansion`. The logits of `out`, `[B, K]`, are [`proposal_logits`] of the `K` actions that it
    /// appends to `proposals` for each new node, node by node.
    ///
    /// # Errors
    /// Whatever the model reports.
    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        actions: &[Self::Action],
        out: &mut Evaluations,
        proposals: &mut Vec<Self::Action>,
    ) -> Result<(), Self::Error>;
}

/// A proposer as a search sees it: keeps the proposals of all nodes.
#[derive(Debug)]
pub struct Sampled<P: Proposer> {
    proposer: P,
    num_proposals: usize,
    /// `[N, B, K]`
    proposals: Vec<P::Action>,
    /// `[B]`
    actions: Vec<P::Action>,
}

impl<P: Proposer> Sampled<P> {
    /// Begins with the proposals of the roots, `[B, K]`, `num_proposals` of them for each. Their
    /// logits are those of the search's roots.
    pub fn new(proposer: P, num_proposals: usize, proposals: Vec<P::Action>) -> Self {
        Self { proposer, num_proposals, proposals, actions: Vec::new() }
    }

    /// The action that a root's proposal stands for: `proposal` is what a search found.
    ///
    /// # Panics
    /// If there is no such root or proposal.
    pub fn action(&self, root: usize, proposal: u32) -> &P::Action {
        &self.proposals[root * self.num_proposals + proposal as usize]
    }
}

impl<P: Proposer> Model for Sampled<P> {
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
        // What an earlier search left.
        self.proposals.truncate(row(expansion.node as u32, 0));
        self.proposer.recurrent(expansion, &self.actions, out, &mut self.proposals)?;
        let expected = (expansion.node + 1) * batch * self.num_proposals;
        assert_eq!(self.proposals.len(), expected, "the proposals of new nodes are [B, K]");
        Ok(())
    }
}

/// The logits of a node's `K` proposals: ln((β̂/β) · π), whose softmax is the prior of Sampled MuZero
/// (section 5.1), made to add up to 1.
///
/// `log_policy` and `log_proposal` are ln π and ln β of each proposal, up to a constant, and `counts`
/// how many of the draws from β it stands for (β̂ · K). With β = π every draw has the same prior.
#[must_use]
pub fn proposal_logits(log_policy: &[f32], log_proposal: &[f32], counts: &[u32]) -> Vec<f32> {
    let densities = log_policy.iter().zip(log_proposal).zip(counts);
    densities.map(|((policy, proposal), count)| (*count as f32).ln() + policy - proposal).collect()
}

/// Proposals out of a large set of numbered actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposals {
    /// Distinct, in the order in which they were first drawn; where fewer than `K` are, the first
    /// one again, `[K]`.
    pub actions: Vec<u32>,
    /// As [`proposal_logits`] has them; -∞ where the action is a repetition, `[K]`.
    pub logits: Vec<f32>,
}

impl Proposals {
    /// Draws `num_proposals` times from β = softmax(logits / temperature) over all actions (section
    /// 5 uses the policy with a temperature), and merges what was drawn more than once.
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
