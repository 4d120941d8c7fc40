//! The decisions in the states that the environment names, all at the beginning of an episode.

use std::collections::BTreeMap;

use zerolab_agents::Agent;
use zerolab_environments::{Position, RestoreError};

use super::optimum::{MARGIN, Optimum};
use super::retrieval::Candidates;
use super::{mean, share};
use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::evaluation::{EpisodeStreams, step_error};
use crate::training::lane::{Lane, LaneBatch};

/// The most positions of a tag. Of more, equally many are left out between those that are looked at.
const MOST_POSITIONS: usize = 256;

/// An action counts as best if its value is this close to the best one, relative to the largest value of any position.
const TIE: f64 = 1e-6;

/// For `map_err` on a state that the run's environment names.
fn impossible(run: &ResolvedRun) -> impl Fn(RestoreError) -> RunError + use<'_> {
    |source| RunError::Position { name: run.environment.name.clone(), source }
}

/// A lane in each of these positions.
pub(super) fn lanes_at<'a>(
    run: &ResolvedRun,
    positions: impl Iterator<Item = &'a Position>,
) -> Result<Vec<Lane>, RunError> {
    positions
        .map(|position| {
            let environment = instantiate::evaluation_environment(run)?;
            Lane::at(environment, &position.state).map_err(impossible(run))
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
        let mut answers = Vec::new();
        for (decision, lane) in decisions.iter().zip(&lanes) {
            let best = optimum.value(lane.environment())?;
            let values = optimum.action_values(lane.environment())?;
            let taken = values.and_then(|values| values.get(decision.action).copied());
            let loss = best.zip(taken).map(|(best, taken)| best - taken);
            answers.push(Answer { value: decision.value.map(f64::from), best, loss });
        }
        measures.extend(of_tag(tag, &answers));
        measures.extend(one_step(run, agent, tag, &lanes)?);
    }
    Ok(measures)
}

/// What the model predicts of each action in these positions, one step ahead.
fn one_step(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    tag: &str,
    lanes: &[Lane],
) -> Result<Vec<(String, f64)>, RunError> {
    let num_actions = lanes.first().map_or(0, |lane| lane.legal().len());
    let mut candidates = Candidates::new(run);
    let mut retrieved = Vec::new();
    // By the name of an event: the predicted and the true rewards of steps in which it happens.
    let mut rewards: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for action in 0..num_actions {
        let possible: Vec<&Lane> = lanes.iter().filter(|lane| lane.legal()[action]).collect();
        let batch = LaneBatch::gather(possible.iter().copied());
        let plan = [action];
        let imagined = agent.imagine(&batch.observations(), &vec![&plan[..]; possible.len()]);
        let imagined = imagined.map_err(instantiate::failed(&run.agent))?.unwrap_or_default();
        for (lane, imagined) in possible.iter().zip(imagined) {
            let mut next = Lane::at(lane.environment().clone_box(), &lane.environment().save())
                .map_err(impossible(run))?;
            let step = next.step(action).map_err(step_error(run))?;
            for event in next.named(step.events) {
                let truth = step.reward.map_or(0.0, f64::from);
                let predicted = imagined.rewards.first().copied().map(f64::from);
                rewards.entry(event).or_default().extend(predicted.map(|it| (it, truth)));
            }
            if let Some(state) = imagined.states.first().filter(|_| !step.ends()) {
                retrieved.extend(candidates.retrieve(agent, 1, state, next.observation())?);
            }
        }
    }
    let mut measures = vec![(format!("positions.{tag}.retrieved"), share(retrieved))];
    for (event, rewards) in rewards {
        let name = |what: &str| format!("positions.{tag}.{what}.{event}");
        measures.push((name("reward_at"), mean(rewards.iter().map(|it| it.0))));
        measures.push((name("true_reward_at"), mean(rewards.iter().map(|it| it.1))));
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
