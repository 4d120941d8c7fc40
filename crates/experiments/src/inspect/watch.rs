//! Plays an evaluation episode of a trained agent, and shows each step with the agent's decision.
//!
//! Nothing is written. The episodes are those of the run's evaluations, with the agent's random stream of the
//! last evaluation. Episode 0 is exactly as it was at the end of the run. In later episodes a search may
//! break ties differently, because its random numbers depend on the number of episodes that are played
//! together.

use std::path::Path;

use serde::Serialize;
use zerolab_agents::{Decision, Mode};
use zerolab_environments::{Description, Scene};

use crate::error::RunError;
use crate::inspect::imagined::{ImaginedReward, ImaginedSequences};
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::run::trained_agent::{TrainedAgent, TrainedAgentError, find};
use crate::training::evaluation::{EpisodeStreams, opponent_action, take_step};
use crate::training::foretelling::foretell;
use crate::training::lane::{Lane, LaneBatch};

/// One real step, and the decision before it.
#[derive(Clone, Debug, Serialize)]
pub struct WatchedStep {
    /// The number of the step, from 0.
    pub step: u32,
    /// The observation before it, row-major in the shape of [`Description`].
    pub observation: Vec<f32>,
    /// `[A]`: which actions were legal.
    pub legal: Vec<bool>,
    /// The player to move.
    pub to_play: usize,
    /// The action taken.
    pub action: usize,
    /// The agent's decision; `None` for a move of the opponent.
    pub thought: Option<Decision>,
    /// The observed reward of the player who moved; `None` if it is hidden.
    pub reward: Option<f32>,
    /// The true reward.
    pub performance: f32,
    /// The events of the step, by name.
    pub events: Vec<String>,
    /// The agent's return so far, including this step.
    pub r#return: f64,
    /// Whether the episode ended in the environment.
    pub terminated: bool,
    /// Whether the episode was truncated.
    pub truncated: bool,
    /// The rewards that earlier searches predicted for this step, earliest search first.
    pub foreseen: Vec<ImaginedReward>,
    /// The observation after the last step of the episode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_observation: Option<Vec<f32>>,
    /// The environment's picture of the state before the step, if it has one.
    #[serde(skip)]
    pub scene: Option<Scene>,
    /// That of the state after the last step of the episode.
    #[serde(skip)]
    pub last_scene: Option<Scene>,
}

/// Plays episodes of a trained agent.
pub struct Player(TrainedAgent);

impl Player {
    /// Opens a run by its id or folder. A finished run has its final weights, another run those of its newest
    /// checkpoint. The networks are on the CPU.
    ///
    /// # Errors
    /// If there is no such run, it has no weights or checkpoint, or they cannot be read.
    pub fn open(results: &Path, name: &str) -> Result<Self, TrainedAgentError> {
        TrainedAgent::open_newest(&find(results, name)?).map(Self)
    }

    /// The run.
    pub fn run(&self) -> &ResolvedRun {
        &self.0.run
    }

    /// The description of the evaluation environment.
    pub fn description(&self) -> &Description {
        &self.0.description
    }

    /// The environment's picture of its state before an episode, which has the size of all its pictures.
    ///
    /// # Errors
    /// If the environment cannot be made.
    pub fn scene(&self) -> Result<Option<Scene>, RunError> {
        Ok(instantiate::evaluation_environment(self.run())?.scene())
    }

    /// The real steps that the agent was trained for.
    pub fn real_steps(&self) -> u64 {
        self.0.real_steps
    }

    /// Plays evaluation episode `episode`, which the run itself need not have played, and calls `show` for
    /// each step. In a game of two players the agent moves first in even episodes.
    ///
    /// # Errors
    /// If the agent fails, the environment refuses an action, or `show` fails.
    pub fn play<E: From<RunError>>(
        &mut self,
        episode: u64,
        show: &mut dyn FnMut(WatchedStep) -> Result<(), E>,
    ) -> Result<(), E> {
        let run = self.run().clone();
        let streams = EpisodeStreams::of_run(&run, self.real_steps());
        let players = self.description().num_players.max(1) as u64;
        let player = (episode % players) as usize;
        let mut lane = Lane::new(instantiate::evaluation_environment(&run)?, player);
        lane.begin(streams.environment(episode));
        let mut sequences = ImaginedSequences::default();
        let (mut decision, mut goes_on) = (0, true);
        while goes_on {
            let (observation, legal) = (lane.observation().to_vec(), lane.legal().to_vec());
            let (to_play, scene) = (lane.to_play(), lane.scene());
            let (action, thought) = if lane.is_players_turn() {
                let TrainedAgent { agent, .. } = &mut self.0;
                let seed = streams.foretelling(0, decision);
                foretell(&run, &mut **agent, &mut [&mut lane], Mode::Evaluate { seed })?;
                let thought = self.deliberate(&lane, streams.decision(0, decision))?;
                decision += 1;
                (thought.action, Some(thought))
            } else {
                (opponent_action(&run, &lane)?, None)
            };
            let step = lane.totals().length;
            let (taken, more) = take_step(&run, &mut lane, action)?;
            goes_on = more;
            if let Some(thought) = &thought {
                sequences.add(step, &thought.imagined);
            }
            show(WatchedStep {
                step,
                observation,
                legal,
                to_play,
                action,
                thought,
                reward: taken.reward,
                performance: taken.performance,
                events: lane.named(taken.events),
                r#return: lane.totals().r#return,
                terminated: taken.terminated,
                truncated: !taken.terminated && !goes_on,
                foreseen: sequences.advance(step, action),
                last_observation: (!goes_on).then(|| lane.observation().to_vec()),
                scene,
                last_scene: if goes_on { None } else { lane.scene() },
            })?;
        }
        Ok(())
    }

    fn deliberate(&mut self, lane: &Lane, seed: u64) -> Result<Decision, RunError> {
        let batch = LaneBatch::gather(std::iter::once(lane));
        let TrainedAgent { run, agent, .. } = &mut self.0;
        let failed = instantiate::failed(&run.agent);
        let thoughts = agent.explain(&batch.observations(), seed).map_err(failed)?;
        let (name, chosen) = (&run.agent.kind, thoughts.len());
        let one = thoughts.into_iter().next();
        one.ok_or_else(|| RunError::Actions { name: name.clone(), chosen, lanes: 1 })
    }
}
