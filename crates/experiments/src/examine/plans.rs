//! What the agent's model predicts along the plans that the environment names, from the first states of episodes.

use std::collections::BTreeMap;

use zerolab_agents::{Agent, Imagination};
use zerolab_environments::ActionPlan;

use super::optimum::Optimum;
use super::retrieval::Candidates;
use super::{mean, share};
use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::evaluation::{EpisodeStreams, step_error};
use crate::training::lane::{Lane, LaneBatch};

/// A plan from a first state, with what truly follows.
struct Followed {
    /// The number of the episode.
    episode: u64,
    name: &'static str,
    actions: Vec<usize>,
    /// The rewards of the actions.
    rewards: Vec<f64>,
    /// The observation after each action.
    observations: Vec<Vec<f32>>,
    /// The discounted rewards, and the best value of the last state; `None` if that is not known.
    best_return: Option<f64>,
}

pub(super) fn measures(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    (episodes, seed, real_steps): (u64, Option<u64>, u64),
    optimum: &Optimum,
) -> Result<Vec<(String, f64)>, RunError> {
    let streams = match seed {
        None => EpisodeStreams::of_run(run, real_steps),
        Some(seed) => EpisodeStreams::of_seed(seed),
    };
    let (mut starts, mut followed) = (Vec::new(), Vec::new());
    for episode in 0..episodes {
        let start = || {
            let mut lane = Lane::new(instantiate::evaluation_environment(run)?, 0);
            lane.begin(streams.environment(episode));
            Ok::<_, RunError>(lane)
        };
        for plan in start()?.environment().plans() {
            followed.push(follow(run, (episode, plan), start()?, optimum)?);
            starts.push(start()?);
        }
    }
    let batch = LaneBatch::gather(starts.iter());
    let actions: Vec<&[usize]> = followed.iter().map(|it| it.actions.as_slice()).collect();
    let failed = instantiate::failed(&run.agent);
    let imagined = agent.imagine(&batch.observations(), &actions).map_err(&failed)?;
    let Some(imagined) = imagined.filter(|imagined| !imagined.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut candidates = Candidates::new(run);
    let mut by_name: BTreeMap<&str, Vec<Compared>> = BTreeMap::new();
    for (plan, imagined) in followed.iter().zip(&imagined) {
        let compared = Compared {
            episode: plan.episode,
            predicted: imagined.predicted_return(optimum.discount),
            best: plan.best_return,
            rewards: imagined.rewards.iter().copied().map(f64::from).sum(),
            true_rewards: plan.rewards.iter().sum(),
            last_reward: imagined.rewards.last().copied().map(f64::from),
            true_last_reward: plan.rewards.last().copied(),
            retrieved: retrieved(&mut candidates, agent, plan, imagined)?,
        };
        by_name.entry(plan.name).or_default().push(compared);
    }
    let highest = highest_by_episode(&by_name);
    let of_plan = |(name, compared): (&&str, &Vec<Compared>)| of_plan(name, compared, &highest);
    Ok(by_name.iter().flat_map(of_plan).collect())
}

/// What was predicted of a plan, and what is true of it.
struct Compared {
    episode: u64,
    predicted: f64,
    best: Option<f64>,
    rewards: f64,
    true_rewards: f64,
    last_reward: Option<f64>,
    true_last_reward: Option<f64>,
    /// Whether each imagined state is nearest to the one that follows; none where that is no state which the
    /// environment names.
    retrieved: Vec<bool>,
}

/// The highest predicted return of the plans of each episode.
fn highest_by_episode(plans: &BTreeMap<&str, Vec<Compared>>) -> BTreeMap<u64, f64> {
    let mut highest = BTreeMap::new();
    for compared in plans.values().flatten() {
        let entry = highest.entry(compared.episode).or_insert(f64::NEG_INFINITY);
        *entry = compared.predicted.max(*entry);
    }
    highest
}

fn of_plan(name: &str, compared: &[Compared], highest: &BTreeMap<u64, f64>) -> Vec<(String, f64)> {
    let preferred = |it: &Compared| highest.get(&it.episode) == Some(&it.predicted);
    [
        ("predicted", mean(compared.iter().map(|it| it.predicted))),
        ("best", mean(compared.iter().map(|it| it.best.unwrap_or(f64::NAN)))),
        ("preferred", share(compared.iter().map(preferred))),
        ("rewards", mean(compared.iter().map(|it| it.rewards))),
        ("true_rewards", mean(compared.iter().map(|it| it.true_rewards))),
        ("last_reward", mean(compared.iter().filter_map(|it| it.last_reward))),
        ("true_last_reward", mean(compared.iter().filter_map(|it| it.true_last_reward))),
        ("retrieved", share(compared.iter().flat_map(|it| it.retrieved.iter().copied()))),
    ]
    .map(|(measure, number)| (format!("plans.{name}.{measure}"), number))
    .into()
}

/// Takes the actions of a plan in an environment at the start of an episode.
fn follow(
    run: &ResolvedRun,
    (episode, ActionPlan { name, actions }): (u64, ActionPlan),
    mut lane: Lane,
    optimum: &Optimum,
) -> Result<Followed, RunError> {
    let (mut rewards, mut observations) = (Vec::new(), Vec::new());
    let mut terminated = false;
    for &action in &actions {
        let before = lane.totals().r#return;
        terminated = lane.step(action).map_err(step_error(run))?.terminated;
        rewards.push(lane.totals().r#return - before);
        observations.push(lane.observation().to_vec());
    }
    let last = if terminated { Some(0.0) } else { optimum.value(lane.environment())? };
    let backed_up = |later, reward: &f64| reward + optimum.discount * later;
    let best_return = last.map(|last| rewards.iter().rev().fold(last, backed_up));
    Ok(Followed { episode, name, actions, rewards, observations, best_return })
}

/// Whether each imagined state is nearest to the representation of the state that truly follows.
fn retrieved(
    candidates: &mut Candidates<'_>,
    agent: &mut dyn Agent,
    plan: &Followed,
    imagined: &Imagination,
) -> Result<Vec<bool>, RunError> {
    let mut retrieved = Vec::new();
    for (time, (state, truth)) in (1..).zip(imagined.states.iter().zip(&plan.observations)) {
        retrieved.extend(candidates.retrieve(agent, time, state, truth)?);
    }
    Ok(retrieved)
}
