//! The decisions in the states that the environment names, all at the beginning of an episode.

use std::collections::BTreeMap;

use zerolab_agents::Agent;
use zerolab_environments::Position;

use super::optimum::{MARGIN, Optimum};
use super::{mean, share};
use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::evaluation::EpisodeStreams;
use crate::training::lane::{Lane, LaneBatch};

/// The most positions of a tag. Of more, equally many are left out between those that are looked at.
const MOST_POSITIONS: usize = 256;

/// An action counts as best if its value is this close to the best one, relative to the largest value of any position.
const TIE: f64 = 1e-6;

/// A lane in each of these positions.
pub(super) fn lanes_at<'a>(
    run: &ResolvedRun,
    positions: impl Iterator<Item = &'a Position>,
) -> Result<Vec<Lane>, RunError> {
    let impossible = |source| RunError::Position { name: run.environment.name.clone(), source };
    positions
        .map(|position| {
            let environment = instantiate::evaluation_environment(run)?;
            Lane::at(environment, &position.state).map_err(impossible)
        })
        .collect()
}

/// What one decision shows.
struct Answer {
    value: Option<f64>,
    best: Option<f64>,
    /// What the action loses against the best one.
    loss: Option<f64>,
}

pub(super) fn measures(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    optimum: &Optimum,
) -> Result<Vec<(String, f64)>, RunError> {
    let environment = instantiate::evaluation_environment(run)?;
    let mut by_tag: BTreeMap<&str, Vec<Position>> = BTreeMap::new();
    for position in environment.positions(0) {
        by_tag.entry(position.tag).or_default().push(position);
    }
    let mut measures = Vec::new();
    for (tag, positions) in by_tag {
        let step = positions.len().div_ceil(MOST_POSITIONS).max(1);
        let lanes = lanes_at(run, positions.iter().step_by(step))?;
        let batch = LaneBatch::gather(lanes.iter());
        let seed = EpisodeStreams::of_run(run, 0).decision(0, 0);
        let decisions = agent.explain(&batch.observations(), seed);
        let decisions = decisions.map_err(instantiate::failed(&run.agent))?;
        let answers: Vec<Answer> = decisions
            .iter()
            .zip(&lanes)
            .map(|(decision, lane)| {
                let best = optimum.value(lane.environment());
                let values = optimum.action_values(lane.environment());
                let taken = values.and_then(|values| values.get(decision.action).copied());
                let loss = best.zip(taken).map(|(best, taken)| best - taken);
                Answer { value: decision.value.map(f64::from), best, loss }
            })
            .collect();
        measures.extend(of_tag(tag, &answers));
    }
    Ok(measures)
}

fn of_tag(tag: &str, answers: &[Answer]) -> Vec<(String, f64)> {
    let bests = || answers.iter().filter_map(|it| it.best);
    let scale = bests().map(f64::abs).fold(0.0, f64::max);
    let both = || answers.iter().filter_map(|it| it.value.zip(it.best));
    let losses = || answers.iter().filter_map(|it| it.loss);
    [
        ("optimal", share(losses().map(|loss| loss <= TIE * scale))),
        ("loss", mean(losses())),
        ("value", mean(answers.iter().filter_map(|it| it.value))),
        ("best", mean(bests())),
        ("excess", mean(both().map(|(value, best)| value - best))),
        ("delusion", share(both().map(|(value, best)| value > best + MARGIN * scale))),
    ]
    .map(|(name, number)| (format!("positions.{tag}.{name}"), number))
    .into()
}
