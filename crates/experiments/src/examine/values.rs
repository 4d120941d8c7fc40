//! What an agent expects of its decisions, beside what followed and what was possible.

use std::collections::BTreeMap;

use zerolab_agents::{Agent, Decision};

use super::optimum::{MARGIN, Optimum};
use super::{mean, share};
use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::evaluation::Decide;
use crate::training::lane::{Lane, LaneBatch};

/// The decisions of episodes.
pub(super) struct DecisionLog<'a> {
    run: &'a ResolvedRun,
    optimum: &'a Optimum,
    /// By the number of the episode, in order.
    episodes: BTreeMap<u64, Vec<LoggedDecision>>,
}

struct LoggedDecision {
    /// What the agent expects: the value at the root of its search.
    value: Option<f32>,
    /// The steps of the principal line of its search; `None` without a search.
    line: Option<usize>,
    /// The best value of the state.
    optimal: Option<f64>,
    /// The sum of the rewards of the episode before it.
    return_before: f64,
}

impl<'a> DecisionLog<'a> {
    pub(super) fn new(run: &'a ResolvedRun, optimum: &'a Optimum) -> Self {
        Self { run, optimum, episodes: BTreeMap::new() }
    }

    /// The measures of the logged decisions, in episodes with these returns.
    pub(super) fn measures(self, returns: &[f64]) -> Vec<(String, f64)> {
        let discount = self.optimum.between_decisions;
        let mut decisions = Vec::new();
        let mut starts = Vec::new();
        for (logged, last) in self.episodes.into_values().zip(returns) {
            let first = decisions.len();
            let (mut after, mut followed) = (*last, 0.0);
            for decision in logged.into_iter().rev() {
                followed = after - decision.return_before + discount * followed;
                after = decision.return_before;
                decisions.push((decision, followed));
            }
            decisions[first..].reverse();
            starts.extend((first < decisions.len()).then_some(first));
        }
        let known = || {
            decisions
                .iter()
                .filter_map(|(it, followed)| Some((it, f64::from(it.value?), *followed)))
        };
        let with_optimal = || known().filter_map(|(it, value, _)| Some((value, it.optimal?)));
        let at_start = || starts.iter().map(|&start| &decisions[start]);
        // In a game the value of who moves second is the negative of that of who moves first.
        let scale = mean(at_start().filter_map(|(it, _)| Some(it.optimal?.abs())));
        let impossible = |(value, optimal): (f64, f64)| value > optimal + MARGIN * scale;
        [
            ("value", mean(known().map(|(_, value, _)| value))),
            ("return", mean(known().map(|(_, _, followed)| followed))),
            ("gap", mean(known().map(|(_, value, followed)| value - followed))),
            ("best", mean(with_optimal().map(|(_, optimal)| optimal))),
            ("excess", mean(with_optimal().map(|(value, optimal)| value - optimal))),
            ("delusion", share(with_optimal().map(impossible))),
            ("at_start", mean(at_start().filter_map(|(it, _)| it.value).map(f64::from))),
            ("best_at_start", mean(at_start().filter_map(|(it, _)| it.optimal))),
            ("line", mean(known().filter_map(|(it, ..)| Some(it.line? as f64)))),
        ]
        .map(|(name, number)| (format!("values.{name}"), number))
        .into()
    }
}

/// Chooses the agent's best actions, and logs what it expects of them.
impl Decide for DecisionLog<'_> {
    fn decide(
        &mut self,
        agent: &mut dyn Agent,
        lanes: &[(u64, &Lane)],
        seed: u64,
    ) -> Result<Vec<usize>, RunError> {
        let batch = LaneBatch::gather(lanes.iter().map(|(_, lane)| *lane));
        let decisions = agent.explain(&batch.observations(), seed);
        let decisions = decisions.map_err(instantiate::failed(&self.run.agent))?;
        for (decision, (episode, lane)) in decisions.iter().zip(lanes) {
            let Decision { value, imagined, visits, .. } = decision;
            self.episodes.entry(*episode).or_default().push(LoggedDecision {
                value: *value,
                line: (!visits.is_empty()).then_some(imagined.len()),
                optimal: self.optimum.value(lane.environment())?,
                return_before: lane.totals().r#return,
            });
        }
        Ok(decisions.into_iter().map(|decision| decision.action).collect())
    }
}
