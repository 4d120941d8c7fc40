//! Chooses the actions of a round, and plays evaluation episodes.
//!
//! In a game of two players training is self-play. An evaluation is played against the environment's fixed
//! opponent; the agent is the first player in episodes 0, 2, …, and the second player in episodes 1, 3, ….

use std::collections::BTreeMap;
use std::ops::Range;

use zerolab_agents::{Agent, Mode, Observations, Streams};
use zerolab_environments::{Environment, Step};
use zerolab_metrics::Phase;

use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::{EnvironmentChoice, ResolvedRun};
use crate::training::foretelling::foretell;
use crate::training::lane::{Lane, LaneBatch};
use crate::training::parallel::map_parallel;

/// The length at which an evaluation ends an episode if the environment sets no limit.
const LONGEST_EPISODE: u32 = 27_000;

/// The agent's action for each row.
///
/// # Errors
/// If the agent fails, or returns another number of actions.
pub fn choose_actions(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    observations: &Observations<'_>,
    mode: Mode,
) -> Result<Vec<usize>, RunError> {
    let actions = agent.act(observations, mode).map_err(instantiate::failed(&run.agent))?;
    check_number(run, actions.len(), observations.rows())?;
    Ok(actions)
}

/// Checks that there is an action for each lane.
fn check_number(run: &ResolvedRun, chosen: usize, lanes: usize) -> Result<(), RunError> {
    match chosen == lanes {
        true => Ok(()),
        false => Err(RunError::Actions { name: run.agent.kind.clone(), chosen, lanes }),
    }
}

/// The random streams of evaluation episodes: one for each environment, and one for the agent's decisions.
#[derive(Clone, Debug)]
pub struct EpisodeStreams {
    streams: Streams,
    environments: &'static str,
    decisions: String,
}

impl EpisodeStreams {
    /// Those of the run's own evaluation after `real_steps`. The environments have the same seeds in every
    /// evaluation. The agent's own randomness differs between values of `real_steps`.
    pub fn of_run(run: &ResolvedRun, real_steps: u64) -> Self {
        Self {
            streams: Streams::new(run.seed),
            environments: "evaluation",
            decisions: format!("evaluation/actions/{real_steps}"),
        }
    }

    /// Those of `seed`, which differ from those of all runs.
    pub fn of_seed(seed: u64) -> Self {
        Self {
            streams: Streams::new(seed),
            environments: "later evaluation",
            decisions: "later evaluation/actions".to_owned(),
        }
    }

    /// The seed of the environment of an episode.
    pub fn environment(&self, episode: u64) -> u64 {
        self.streams.seed(self.environments, episode)
    }

    /// The seed of a decision for all episodes that are played together, the first of which is `first`.
    pub fn decision(&self, first: u64, decision: u64) -> u64 {
        self.numbered(&self.decisions, first, decision)
    }

    /// The seed of what is told a predictor before that decision.
    pub fn foretelling(&self, first: u64, decision: u64) -> u64 {
        self.numbered(&format!("{}/foretold", self.decisions), first, decision)
    }

    fn numbered(&self, name: &str, first: u64, decision: u64) -> u64 {
        match first {
            0 => self.streams.seed(name, decision),
            _ => self.streams.seed(&format!("{name}/from-{first}"), decision),
        }
    }
}

/// What came out of evaluation episodes, one number for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlayedEpisodes {
    /// The sums of the observed rewards.
    pub returns: Vec<f64>,
    /// The sums of the true rewards.
    pub performances: Vec<f64>,
    /// The lengths in real steps.
    pub lengths: Vec<u32>,
    /// In how many steps each event happened, by its name.
    pub events: BTreeMap<String, Vec<u32>>,
}

impl PlayedEpisodes {
    fn push(&mut self, lane: &Lane) {
        let totals = lane.totals();
        self.returns.push(totals.r#return);
        self.performances.push(totals.performance);
        self.lengths.push(totals.length);
        for (name, steps) in lane.events() {
            self.events.entry(name.to_owned()).or_default().push(steps);
        }
    }

    /// Appends the episodes of `other`.
    pub fn append(&mut self, other: Self) {
        self.returns.extend(other.returns);
        self.performances.extend(other.performances);
        self.lengths.extend(other.lengths);
        for (name, steps) in other.events {
            self.events.entry(name).or_default().extend(steps);
        }
    }
}

/// Chooses the actions of lanes that play together.
pub trait Decide {
    /// The action of each lane; each is given with the number of its episode. Random numbers come from `seed`.
    ///
    /// # Errors
    /// If the agent fails.
    fn decide(
        &mut self,
        agent: &mut dyn Agent,
        lanes: &[(u64, &Lane)],
        seed: u64,
    ) -> Result<Vec<usize>, RunError>;
}

/// Chooses the best actions of the agent of a run.
pub struct BestActions<'a>(pub &'a ResolvedRun);

impl Decide for BestActions<'_> {
    fn decide(
        &mut self,
        agent: &mut dyn Agent,
        lanes: &[(u64, &Lane)],
        seed: u64,
    ) -> Result<Vec<usize>, RunError> {
        let batch = LaneBatch::gather(lanes.iter().map(|(_, lane)| *lane));
        choose_actions(self.0, agent, &batch.observations(), Mode::Evaluate { seed })
    }
}

/// Plays `episodes` episodes in groups of as many as the run's own evaluations have, because a search may break ties
/// differently in a larger group. `seed` is that of the episodes; `None` for those of the run's own evaluation after
/// `real_steps`. Returns `None` if `stop` returned true.
///
/// # Errors
/// As [`Evaluator::play`].
pub fn play_episodes(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    (episodes, seed, real_steps): (u64, Option<u64>, u64),
    decide: &mut dyn Decide,
    stop: &dyn Fn() -> bool,
) -> Result<Option<PlayedEpisodes>, RunError> {
    let streams = match seed {
        None => EpisodeStreams::of_run(run, real_steps),
        Some(seed) => EpisodeStreams::of_seed(seed),
    };
    let environment = run.evaluated_environment();
    let mut all = PlayedEpisodes::default();
    let group = run.evaluation.episodes.max(1);
    for first in (0..episodes).step_by(group) {
        let mut evaluator =
            Evaluator::new(&environment, first..episodes.min(first + group as u64))?;
        let Some(played) = evaluator.play(run, agent, &streams, decide, stop)? else {
            return Ok(None);
        };
        all.append(played);
    }
    Ok(Some(all))
}

/// Evaluates an agent in environments of its own, apart from those of training.
pub struct Evaluator {
    /// The number of the first episode.
    first: u64,
    /// One for each episode.
    lanes: Vec<Lane>,
}

impl Evaluator {
    /// One environment for each of the evaluation episodes with these numbers.
    ///
    /// # Errors
    /// If the environment cannot be made.
    pub fn new(environment: &EnvironmentChoice, episodes: Range<u64>) -> Result<Self, RunError> {
        let first = episodes.start;
        let count = usize::try_from(episodes.end.saturating_sub(first)).unwrap_or(usize::MAX);
        let environments = instantiate::evaluation_environments_of(environment, count)?;
        let lane = |(episode, environment): (u64, Box<dyn Environment>)| {
            let num_players = environment.description().num_players.max(1) as u64;
            Lane::new(environment, (episode % num_players) as usize)
        };
        Ok(Self { first, lanes: episodes.zip(environments).map(lane).collect() })
    }

    /// Plays all episodes together in one batch, which shrinks as they end, with the actions of `decide`. Returns `None` if `stop` returned
    /// true; then the agent is unchanged. Training is not affected. Moves of the opponent count as real steps.
    ///
    /// # Errors
    /// If the agent fails, the environment refuses an action, or it has several players but no opponent.
    pub fn play(
        &mut self,
        run: &ResolvedRun,
        agent: &mut dyn Agent,
        streams: &EpisodeStreams,
        decide: &mut dyn Decide,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<PlayedEpisodes>, RunError> {
        let before = agent.account().clone();
        let timer = agent.account().start();
        let mut playing = Vec::with_capacity(self.lanes.len());
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.begin(streams.environment(self.first + index as u64));
            if play_opponent(run, lane)? {
                playing.push(index);
            }
        }
        for decision in 0.. {
            if playing.is_empty() {
                break;
            }
            if stop() {
                *agent.account() = before;
                return Ok(None);
            }
            self.foretell(run, agent, &playing, streams.foretelling(self.first, decision))?;
            let lane = |&index: &usize| (self.first + index as u64, &self.lanes[index]);
            let lanes: Vec<(u64, &Lane)> = playing.iter().map(lane).collect();
            let actions = decide.decide(agent, &lanes, streams.decision(self.first, decision))?;
            check_number(run, actions.len(), lanes.len())?;
            playing = self.step(run, &playing, &actions)?;
        }
        let mut played = PlayedEpisodes::default();
        self.lanes.iter().for_each(|lane| played.push(lane));
        let account = agent.account();
        account.stop(Phase::Evaluation, timer);
        account.phase(Phase::Evaluation).real_steps +=
            played.lengths.iter().copied().map(u64::from).sum::<u64>();
        Ok(Some(played))
    }

    /// Tells the environments of the lanes in `playing` that ask for it what the agent would do, evaluated as its actions are.
    fn foretell(
        &mut self,
        run: &ResolvedRun,
        agent: &mut dyn Agent,
        playing: &[usize],
        seed: u64,
    ) -> Result<(), RunError> {
        let mut lanes: Vec<&mut Lane> = self.playing(playing).map(|(_, lane)| lane).collect();
        foretell(run, agent, &mut lanes, Mode::Evaluate { seed })
    }

    /// The lanes in `playing`, which has their places in order.
    fn playing(&mut self, playing: &[usize]) -> impl Iterator<Item = (usize, &mut Lane)> {
        let mut playing = playing.iter().peekable();
        let lanes = self.lanes.iter_mut().enumerate();
        lanes.filter(move |(place, _)| playing.next_if_eq(&place).is_some())
    }

    /// Steps the lanes in `playing` until it is the agent's turn again. Returns those that go on.
    fn step(
        &mut self,
        run: &ResolvedRun,
        playing: &[usize],
        actions: &[usize],
    ) -> Result<Vec<usize>, RunError> {
        let operations_per_step = self.lanes.first().map_or(0, Lane::operations_per_step);
        self.playing(playing).zip(actions).for_each(|((_, lane), action)| lane.announce(*action));
        let chosen = self.playing(playing).zip(actions);
        let chosen = chosen.map(|((index, lane), action)| (index, lane, *action));
        let stepped =
            map_parallel(chosen.collect(), operations_per_step, |(index, lane, action)| {
                let goes_on = take_step(run, lane, action)?.1 && play_opponent(run, lane)?;
                Ok(goes_on.then_some(index))
            });
        stepped.into_iter().filter_map(Result::transpose).collect()
    }
}

/// Takes an action. Returns its step and whether the episode goes on.
pub(crate) fn take_step(
    run: &ResolvedRun,
    lane: &mut Lane,
    action: usize,
) -> Result<(Step, bool), RunError> {
    let step = lane.step(action).map_err(step_error(run))?;
    let longest = lane.max_episode_steps().unwrap_or(LONGEST_EPISODE);
    Ok((step, !step.ends() && lane.totals().length < longest))
}

/// The opponent's action.
pub(crate) fn opponent_action(run: &ResolvedRun, lane: &Lane) -> Result<usize, RunError> {
    let name = || run.environment.name.clone();
    let action = lane.opponent_action().ok_or_else(|| RunError::NoOpponent { name: name() })?;
    match lane.legal().get(action) {
        Some(true) => Ok(action),
        _ => Err(RunError::IllegalOpponent { name: name(), action }),
    }
}

/// Plays the opponent's moves until it is the agent's turn. Returns whether the episode goes on.
fn play_opponent(run: &ResolvedRun, lane: &mut Lane) -> Result<bool, RunError> {
    while !lane.is_players_turn() {
        let action = opponent_action(run, lane)?;
        if !take_step(run, lane, action)?.1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// For `map_err` on a step of the run's environment.
pub(crate) fn step_error(
    run: &ResolvedRun,
) -> impl Fn(zerolab_environments::StepError) -> RunError + use<'_> {
    |source| RunError::Step { name: run.environment.name.clone(), source }
}

#[cfg(test)]
mod tests;
