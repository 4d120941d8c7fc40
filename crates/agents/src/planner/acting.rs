//! Actions of the planner: searches from observations, and their results, kept until the transitions are
//! observed.

use serde::{Deserialize, Serialize};
use zerolab_metrics::Phase;
use zerolab_models::networks::Network;
use zerolab_search::{Purpose, SearchResult};

use super::agent::Planner;
use super::lookahead::{Lookahead, SearchOutput};
use crate::agent::{AgentError, Observations};
use crate::random::uniform_actions;

/// The search results of the last exploring actions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct PendingSearches {
    /// `[lanes, A]`: the policies.
    pub(super) policies: Vec<f32>,
    /// `[lanes]`: the search's value minus the network's; empty without a search.
    pub(super) value_errors: Vec<f32>,
}

impl<L: Lookahead> Planner<L> {
    /// Searches from each row, with a seed for each row.
    pub(super) fn search(
        &mut self,
        seen: &Observations<'_>,
        purpose: Purpose,
        phase: Phase,
        seeds: Vec<u64>,
    ) -> Result<SearchOutput, AgentError> {
        let online = &self.networks.online;
        let output = self.lookahead.search(online, seen, purpose, seeds)?;
        let (macs, imagined_steps) = (online.counter().take(), output.imagined_steps);
        let simulations = u64::from(self.common.simulations) * seen.rows() as u64;
        self.ledger.account.count(phase, |cost| {
            cost.imagined_steps += imagined_steps;
            cost.simulations += simulations;
            cost.flops += 2 * macs;
        });
        Ok(output)
    }

    /// The best actions of searches whose random numbers come from `seeds` alone.
    pub(super) fn greedy_actions(
        &mut self,
        seen: &Observations<'_>,
        seeds: Vec<u64>,
    ) -> Result<Vec<usize>, AgentError> {
        Ok(actions(&self.search(seen, Purpose::Greedy, Phase::Evaluation, seeds)?.found))
    }

    /// Actions of searches with exploration noise. Their results are kept.
    pub(super) fn exploring_actions(
        &mut self,
        seen: &Observations<'_>,
        temperature: f32,
        seeds: Vec<u64>,
    ) -> Result<Vec<usize>, AgentError> {
        let purpose = Purpose::Explore { temperature };
        let SearchOutput { found, values, .. } =
            self.search(seen, purpose, Phase::Acting, seeds)?;
        self.diagnostics.searched(&found, self.context.description.num_actions);
        let actions = actions(&found);
        let value_errors =
            found.values.iter().zip(&values).map(|(found, predicted)| found - predicted);
        self.pending =
            PendingSearches { value_errors: value_errors.collect(), policies: found.policies };
        Ok(actions)
    }

    /// Uniformly random actions, before learning begins.
    pub(super) fn random_actions(&mut self, seen: &Observations<'_>) -> Vec<usize> {
        let uniform = |legal: &[bool]| {
            let count = legal.iter().filter(|&&legal| legal).count().max(1);
            legal.iter().map(move |&legal| f32::from(legal) / count as f32).collect::<Vec<_>>()
        };
        let width = self.context.description.num_actions;
        let policies = seen.legal.chunks(width).flat_map(uniform).collect();
        self.pending = PendingSearches { policies, value_errors: Vec::new() };
        self.diagnostics.acted_randomly();
        uniform_actions(seen, &mut self.acting)
    }
}

pub(super) fn actions(found: &SearchResult) -> Vec<usize> {
    found.actions.iter().map(|&action| action as usize).collect()
}
