//! Plays an evaluation episode of a trained agent, and shows each step with the agent's decision.
//!
//! Nothing is written. The episodes are those of the run's evaluations, with the agent's random stream of the
//! last evaluation. Episode 0 is exactly as it was at the end of the run. In later episodes a search may
//! break ties differently, because its random numbers depend on the number of episodes that are played
//! together.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use zerolab_agents::{Agent, AgentError, Decision, Device, Streams};
use zerolab_environments::Description;
use zerolab_metrics::RunState;

use crate::error::{RunError, SpecError};
use crate::inspect::imagined::{ImaginedReward, ImaginedSequences};
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::run::checkpoint::{self, Checkpoints};
use crate::run::folder::RunFolder;
use crate::spec::nearest;
use crate::training::evaluation::{evaluation_stream, opponent_action, take_step};
use crate::training::lane::{Lane, LaneBatch};

/// Why a run cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The run does not exist.
    #[error("there is no run `{name}` in {}{}", runs.display(), hint(nearest.as_deref()))]
    NoSuchRun {
        /// The name or path that the user gave.
        name: String,
        /// The folder of all runs.
        runs: PathBuf,
        /// The id that is nearest to the name.
        nearest: Option<String>,
    },
    /// The run has no weights and no checkpoint yet.
    #[error(
        "the run {id} is {state} and has neither weights nor a checkpoint yet: it can be watched when it is finished; \
         `zerolab run` trains it"
    )]
    NothingSaved {
        /// The run's id.
        id: String,
        /// Its state.
        state: &'static str,
    },
    /// Its `run.toml` is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A file cannot be read, or the environment or the agent failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `zerolab status SPEC` lists the runs of an experiment".to_owned(),
        |nearest| format!("; did you mean `{nearest}`?"),
    )
}

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
    /// The observed reward of the player who moved.
    pub reward: f32,
    /// The true reward.
    pub performance: f32,
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
}

/// A trained agent and the run that it is from.
pub struct Player {
    run: ResolvedRun,
    description: Description,
    agent: Box<dyn Agent>,
    /// The real steps that it was trained for.
    real_steps: u64,
}

impl Player {
    /// Loads a run by its id or folder. A finished run has its final weights, another run those of its newest
    /// checkpoint. The networks are on the CPU.
    ///
    /// # Errors
    /// If there is no such run, it has no weights or checkpoint, or they cannot be read.
    pub fn open(results: &Path, name: &str) -> Result<Self, WatchError> {
        let folder = find(results, name)?;
        let run = folder.configuration()?;
        let description = instantiate::evaluation_environment(&run)?.description().clone();
        // The agent is made for the training environment.
        let training = instantiate::environment(&run)?.description().clone();
        let mut agent = instantiate::agent(&run, &training, &Device::cpu())?;
        let real_steps = load_weights(&folder, &run, &mut *agent)?;
        Ok(Self { run, description, agent, real_steps })
    }

    /// The run.
    pub fn run(&self) -> &ResolvedRun {
        &self.run
    }

    /// The description of the evaluation environment.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The real steps that the agent was trained for.
    pub fn real_steps(&self) -> u64 {
        self.real_steps
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
        let streams = Streams::new(self.run.seed);
        let stream = evaluation_stream(self.real_steps);
        let players = self.description.num_players.max(1) as u64;
        let player = (episode % players) as usize;
        let mut lane = Lane::new(instantiate::evaluation_environment(&self.run)?, player);
        lane.begin(streams.seed("evaluation", episode));
        let mut sequences = ImaginedSequences::default();
        let (mut decision, mut goes_on) = (0, true);
        while goes_on {
            let (observation, legal) = (lane.observation().to_vec(), lane.legal().to_vec());
            let to_play = lane.to_play();
            let (action, thought) = if lane.is_players_turn() {
                let thought = self.deliberate(&lane, streams.seed(&stream, decision))?;
                decision += 1;
                (thought.action, Some(thought))
            } else {
                (opponent_action(&self.run, &lane)?, None)
            };
            let step = lane.totals().length;
            let (taken, more) = take_step(&self.run, &mut lane, action)?;
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
                r#return: lane.totals().r#return,
                terminated: taken.terminated,
                truncated: !taken.terminated && !goes_on,
                foreseen: sequences.advance(step, action),
                last_observation: (!goes_on).then(|| lane.observation().to_vec()),
            })?;
        }
        Ok(())
    }

    fn deliberate(&mut self, lane: &Lane, seed: u64) -> Result<Decision, RunError> {
        let batch = LaneBatch::gather(std::iter::once(lane));
        let failed = instantiate::failed(&self.run.agent);
        let thoughts = self.agent.explain(&batch.observations(), seed).map_err(failed)?;
        let (name, chosen) = (&self.run.agent.kind, thoughts.len());
        let one = thoughts.into_iter().next();
        one.ok_or_else(|| RunError::Actions { name: name.clone(), chosen, lanes: 1 })
    }
}

/// The folder of the run `name`, which is an id or a path.
fn find(results: &Path, name: &str) -> Result<RunFolder, WatchError> {
    let by_id = RunFolder::new(results, name);
    for folder in [RunFolder::at(Path::new(name)), by_id] {
        if folder.configuration_path().is_file() {
            return Ok(folder);
        }
    }
    let runs = results.join("runs");
    let entries = fs::read_dir(&runs).into_iter().flatten().flatten();
    let mut ids: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    ids.sort();
    let nearest = nearest(name, &ids).map(str::to_owned);
    Err(WatchError::NoSuchRun { name: name.to_owned(), runs, nearest })
}

/// Loads the weights of the run into the agent. Returns the real steps that they were trained for.
fn load_weights(
    folder: &RunFolder,
    run: &ResolvedRun,
    agent: &mut dyn Agent,
) -> Result<u64, WatchError> {
    let state = folder.manifest()?.map_or("not begun", |manifest| manifest.state.name());
    if state == RunState::Done.name() {
        if let Some(weights) = agent.weights() {
            let path = folder.weights_path();
            weights.load(&path).map_err(|error| {
                let message = format!("the weights cannot be loaded: {error}");
                RunError::State(AgentError::State { path, message })
            })?;
        }
        return Ok(run.budget.real_steps);
    }
    let newest = Checkpoints::of(folder.path()).newest_first().into_iter().next();
    let saved = newest.and_then(|path| Some((checkpoint::real_steps(&path)?, path)));
    let Some((real_steps, path)) = saved else {
        return Err(WatchError::NothingSaved { id: run.id.clone(), state });
    };
    checkpoint::verify(&path)?;
    agent.load(&path).map_err(RunError::State)?;
    Ok(real_steps)
}
