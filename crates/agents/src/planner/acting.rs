//! Decisions: searches from what is seen, and what is remembered of them until their transitions come.

use serde::{Deserialize, Serialize};
use zerolab_metrics::Phase;
use zerolab_models::networks::Network;
use zerolab_search::{Purpose, SearchResult};

use super::agent::Planner;
use super::lookahead::{Lookahead, Thought};
use crate::agent::{AgentError, Observations};
use crate::random::uniform_actions;

/// What the last exploring decisions found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Decisions {
    /// `[lanes, A]`: the policies.
    pub(super) policies: Vec<f32>,
    /// `[lanes]`: the search's value less the network's; empty without a search.
    pub(super) value_errors: Vec<f32>,
}

impl<L: Lookahead> Planner<L> {
    /// Searches from each row, with the seeds of the rows' own chance.
    pub(super) fn think(
        &mut self,
        seen: &Observations<'_>,
        use_: Purpose,
        phase: Phase,
        seeds: Vec<u64>,
    ) -> Result<Thought, AgentError> {
        let online = &self.networks.online;
        let thought = self.lookahead.search(online, seen, use_, seeds)?;
        let (macs, imagined_steps) = (online.counter().take(), thought.imagined_steps);
        let simulations = u64::from(self.conduct.simulations) * seen.rows() as u64;
        self.ledger.account.count(phase, |cost| {
            cost.imagined_steps += imagined_steps;
            cost.simulations += simulations;
            cost.flops += 2 * macs;
        });
        Ok(thought)
    }

    /// The best actions by search, with chance from `seeds` alone.
    pub(super) fn exploit(
        &mut self,
        seen: &Observations<'_>,
        seeds: Vec<u64>,
    ) -> Result<Vec<usize>, AgentError> {
        Ok(actions(&self.think(seen, Purpose::Greedy, Phase::Evaluation, seeds)?.found))
    }

    /// Actions by a search with noise, which is remembered.
    pub(super) fn explore(
        &mut self,
        seen: &Observations<'_>,
        temperature: f32,
        seeds: Vec<u64>,
    ) -> Result<Vec<usize>, AgentError> {
        let use_ = Purpose::Explore { temperature };
        let Thought { found, values, .. } = self.think(seen, use_, Phase::Acting, seeds)?;
        let actions = actions(&found);
        let value_errors = found.values.iter().zip(&values).map(|(found, said)| found - said);
        self.decisions =
            Decisions { value_errors: value_errors.collect(), policies: found.policies };
        Ok(actions)
    }

    /// Uniformly random actions, before there is anything to search with.
    pub(super) fn wander(&mut self, seen: &Observations<'_>) -> Vec<usize> {
        let uniform = |legal: &[bool]| {
            let count = legal.iter().filter(|&&legal| legal).count().max(1);
            legal.iter().map(move |&legal| f32::from(legal) / count as f32).collect::<Vec<_>>()
        };
        let width = self.context.description.num_actions;
        let policies = seen.legal.chunks(width).flat_map(uniform).collect();
        self.decisions = Decisions { policies, value_errors: Vec::new() };
        uniform_actions(seen, &mut self.acting)
    }
}

pub(super) fn actions(found: &SearchResult) -> Vec<usize> {
    found.actions.iter().map(|&action| action as usize).collect()
}
