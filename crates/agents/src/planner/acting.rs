//! Decisions: searches from what is seen, and what is remembered of them until their transitions come.

use serde::{Deserialize, Serialize};
use zerolab_metrics::Phase;
use zerolab_models::networks::Network;
use zerolab_search::{Found, Use};

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
    /// Searches from each row, with the seeds of the rows' own chance: what was found, and by how much the values
    /// of the searches differ from the network's.
    fn search(
        &mut self,
        seen: &Observations<'_>,
        use_: Use,
        phase: Phase,
        seeds: Vec<u64>,
    ) -> Result<(Found, Vec<f32>), AgentError> {
        let online = &self.networks.online;
        let Thought { found, values, imagined_steps } =
            self.lookahead.search(online, seen, use_, seeds)?;
        let macs = online.counter().take();
        let simulations = u64::from(self.conduct.simulations) * seen.rows() as u64;
        self.ledger.account.count(phase, |cost| {
            cost.imagined_steps += imagined_steps;
            cost.simulations += simulations;
            cost.flops += 2 * macs;
        });
        let errors = found.values.iter().zip(&values).map(|(found, said)| found - said).collect();
        Ok((found, errors))
    }

    /// The best actions by search, with chance from `seeds` alone.
    pub(super) fn exploit(
        &mut self,
        seen: &Observations<'_>,
        seeds: Vec<u64>,
    ) -> Result<Vec<usize>, AgentError> {
        Ok(actions(&self.search(seen, Use::Greedy, Phase::Evaluation, seeds)?.0))
    }

    /// Actions by a search with noise, which is remembered.
    pub(super) fn explore(
        &mut self,
        seen: &Observations<'_>,
        temperature: f32,
        seeds: Vec<u64>,
    ) -> Result<Vec<usize>, AgentError> {
        let use_ = Use::Explore { temperature };
        let (found, value_errors) = self.search(seen, use_, Phase::Acting, seeds)?;
        let actions = actions(&found);
        self.decisions = Decisions { policies: found.policies, value_errors };
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

fn actions(found: &Found) -> Vec<usize> {
    found.actions.iter().map(|&action| action as usize).collect()
}
