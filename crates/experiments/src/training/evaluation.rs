//! Asking an agent for the actions of a round, and playing evaluation episodes with it.
//!
//! In a game of two players training is self-play, but an evaluation is played against the environment's fixed
//! opponent: the agent is the first player in the first episode, the second one in the next, and so on in turn.

use zerolab_agents::{Agent, Mode, Observations, Streams};
use zerolab_environments::Step;
use zerolab_metrics::Phase;

use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::lane::{Batch, Lane, Tally};
use crate::training::parallel::side_by_side;

/// Where neither the environment nor the agent ends an episode, an evaluation does.
const LONGEST_EPISODE: u32 = 27_000;

/// The agent's action for each row.
///
/// # Errors
/// If the agent fails, or answers for another number of rows.
pub fn choose(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    seen: &Observations<'_>,
    mode: Mode,
) -> Result<Vec<usize>, RunError> {
    let actions = agent.act(seen, mode).map_err(instantiate::failed(&run.agent))?;
    let (chosen, lanes) = (actions.len(), seen.rows());
    if chosen != lanes {
        return Err(RunError::Actions { name: run.agent.kind.clone(), chosen, lanes });
    }
    Ok(actions)
}

/// The environments in which the agent is examined, apart from those that it is trained in.
pub struct Examination(Vec<Lane>);

impl Examination {
    /// One environment for each evaluation episode.
    ///
    /// # Errors
    /// If the environment cannot be made.
    pub fn new(run: &ResolvedRun) -> Result<Self, RunError> {
        let lane = |episode| {
            let environment = instantiate::evaluation_environment(run)?;
            let num_players = environment.description().num_players.max(1);
            Ok(Lane::new(environment, episode % num_players))
        };
        (0..run.evaluation.episodes).map(lane).collect::<Result<_, RunError>>().map(Self)
    }

    /// Plays every episode, side by side in one batch that shrinks as they end; `None` if `stop` said meanwhile
    /// that the process is to end: then the agent is as it was before.
    ///
    /// The episodes are the same each time (seeds `evaluation`, 0, 1, …), the opponent's chance in them
    /// included; the agent's own chance is new at each decision and each `real_steps`. Nothing in the
    /// training changes by it. The opponent's moves are real steps too.
    ///
    /// # Errors
    /// If the agent fails, the environment refuses an action, or it has several players and no opponent.
    pub fn play(
        &mut self,
        run: &ResolvedRun,
        agent: &mut dyn Agent,
        real_steps: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<Tally>>, RunError> {
        let before = agent.account().clone();
        let timer = agent.account().start();
        let streams = Streams::new(run.seed);
        let chance = evaluation_chance(real_steps);
        let mut playing = Vec::with_capacity(self.0.len());
        for (episode, lane) in self.0.iter_mut().enumerate() {
            lane.begin(streams.seed("evaluation", episode as u64));
            if await_turn(run, lane)? {
                playing.push(episode);
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
            let batch = Batch::gather(playing.iter().map(|&lane| &self.0[lane]));
            let mode = Mode::Evaluate { seed: streams.seed(&chance, decision) };
            let actions = choose(run, agent, &batch.seen(), mode)?;
            playing = self.step(run, &playing, &actions)?;
        }
        let tallies: Vec<Tally> = self.0.iter().map(Lane::tally).collect();
        let account = agent.account();
        account.stop(Phase::Evaluation, timer);
        account.phase(Phase::Evaluation).real_steps +=
            tallies.iter().map(|tally| u64::from(tally.length)).sum::<u64>();
        Ok(Some(tallies))
    }

    /// Steps the lanes that still play, until it is the agent's turn again; returns those that go on.
    fn step(
        &mut self,
        run: &ResolvedRun,
        playing: &[usize],
        actions: &[usize],
    ) -> Result<Vec<usize>, RunError> {
        let operations_per_step = self.0.first().map_or(0, Lane::operations_per_step);
        // Those that play stand in the order of the lanes.
        let mut playing = playing.iter().zip(actions).peekable();
        let chosen = self.0.iter_mut().enumerate().filter_map(|(index, lane)| {
            playing.next_if(|(place, _)| **place == index).map(|(_, action)| (index, lane, *action))
        });
        let stepped =
            side_by_side(chosen.collect(), operations_per_step, |(index, lane, action)| {
                let goes_on = take(run, lane, action)?.1 && await_turn(run, lane)?;
                Ok(goes_on.then_some(index))
            });
        stepped.into_iter().filter_map(Result::transpose).collect()
    }
}

/// The name of the stream that an agent's chance in the evaluation after `real_steps` comes from; each decision has a
/// seed of it.
pub(crate) fn evaluation_chance(real_steps: u64) -> String {
    format!("evaluation/actions/{real_steps}")
}

/// Takes an action: what it brought, and whether the episode goes on.
pub(crate) fn take(
    run: &ResolvedRun,
    lane: &mut Lane,
    action: usize,
) -> Result<(Step, bool), RunError> {
    let step = lane.step(action).map_err(refused(run))?;
    let longest = lane.max_episode_steps().unwrap_or(LONGEST_EPISODE);
    Ok((step, !step.ends() && lane.tally().length < longest))
}

/// What the opponent does now.
pub(crate) fn opponents_action(run: &ResolvedRun, lane: &Lane) -> Result<usize, RunError> {
    let none = || RunError::NoOpponent { name: run.environment.name.clone() };
    lane.opponent_action().ok_or_else(none)
}

/// Lets the opponent move until it is the agent's turn; whether the episode goes on.
fn await_turn(run: &ResolvedRun, lane: &mut Lane) -> Result<bool, RunError> {
    while !lane.is_players_turn() {
        let action = opponents_action(run, lane)?;
        if !take(run, lane, action)?.1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// For `map_err` on a step of the run's environment.
pub(crate) fn refused(
    run: &ResolvedRun,
) -> impl Fn(zerolab_environments::StepError) -> RunError + use<'_> {
    |source| RunError::Step { name: run.environment.name.clone(), source }
}

#[cfg(test)]
mod tests;
