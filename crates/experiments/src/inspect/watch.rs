//! An evaluation episode of a trained agent, step by step with what the agent thought: for people who watch it.
//!
//! Nothing is written. The episodes are those of the run's evaluations, and the agent's chance is that of the last one:
//! episode 0 is played again exactly as it was when the run ended. In a later one a search may break ties otherwise
//! than it did, because there its chance depends on how many were played side by side.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use zerolab_agents::{Agent, AgentError, Deliberation, Device, Streams};
use zerolab_environments::Description;
use zerolab_metrics::State;

use crate::error::RunError;
use crate::error::SpecError;
use crate::inspect::imagined::{Foreseen, Foresight};
use crate::plan::Overrides;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::run::checkpoint::{self, Checkpoints};
use crate::run::folder::RunFolder;
use crate::spec::{load, nearest};
use crate::training::evaluation::{evaluation_chance, opponents_action, take};
use crate::training::lane::{Batch, Lane};

/// Why a run cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// There is no such run.
    #[error("there is no run `{name}` in {}{}", runs.display(), hint(nearest.as_deref()))]
    NoSuchRun {
        /// What was asked for.
        name: String,
        /// Where runs are.
        runs: PathBuf,
        /// The run of the name nearest to it.
        nearest: Option<String>,
    },
    /// Nothing is saved of it yet.
    #[error(
        "the run {id} is {state} and has neither weights nor a checkpoint yet: it can be watched when it is finished; \
         `zerolab run` trains it"
    )]
    NothingSaved {
        /// The run's id.
        id: String,
        /// How far it is.
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

/// One real step, and what led to it.
#[derive(Clone, Debug, Serialize)]
pub struct WatchedStep {
    /// Which one it is, from 0.
    pub step: u32,
    /// What was seen before it, row-major in the shape of [`Description`].
    pub observation: Vec<f32>,
    /// `[A]`: which actions were legal.
    pub legal: Vec<bool>,
    /// Whose turn it was.
    pub to_play: usize,
    /// What was done.
    pub action: usize,
    /// What the agent thought; `None` where it was the opponent's move.
    pub thought: Option<Deliberation>,
    /// The observed reward, of the player who acted.
    pub reward: f32,
    /// The true one.
    pub performance: f32,
    /// The return so far, of the agent; this step's reward is in it.
    pub r#return: f64,
    /// The episode ended in the world.
    pub terminated: bool,
    /// It was cut off.
    pub truncated: bool,
    /// What earlier thoughts had imagined of this step, the earliest first.
    pub foreseen: Vec<Foreseen>,
    /// What was seen at the end; only of the last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_observation: Option<Vec<f32>>,
}

/// A trained agent and the world that it is watched in.
pub struct Player {
    run: ResolvedRun,
    description: Description,
    agent: Box<dyn Agent>,
    /// Real steps that it was trained for.
    real_steps: u64,
}

impl Player {
    /// The run that `name` is the id or the folder of, with its last weights: of a finished run those that it ended
    /// with, of another those of its newest checkpoint. It computes on the CPU.
    ///
    /// # Errors
    /// If there is no such run, nothing is saved of it, or what is saved cannot be read.
    pub fn open(results: &Path, name: &str) -> Result<Self, WatchError> {
        let folder = find(results, name)?;
        let run = configuration(&folder)?;
        let description = instantiate::evaluation_environment(&run)?.description().clone();
        // The agent was made for the world that it was trained in.
        let training = instantiate::environment(&run)?.description().clone();
        let mut agent = instantiate::agent(&run, &training, &Device::cpu())?;
        let real_steps = load(&folder, &run, &mut *agent)?;
        Ok(Self { run, description, agent, real_steps })
    }

    /// The run.
    pub fn run(&self) -> &ResolvedRun {
        &self.run
    }

    /// What the world is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Real steps that the agent was trained for.
    pub fn real_steps(&self) -> u64 {
        self.real_steps
    }

    /// Plays evaluation episode number `episode`, which may be one that the run itself never played, and shows each
    /// step as it is done. In a game of two players the agent begins in the even ones.
    ///
    /// # Errors
    /// If the agent fails, the environment refuses an action, or what `show` reports.
    pub fn play<E: From<RunError>>(
        &mut self,
        episode: u64,
        show: &mut dyn FnMut(WatchedStep) -> Result<(), E>,
    ) -> Result<(), E> {
        let streams = Streams::new(self.run.seed);
        let chance = evaluation_chance(self.real_steps);
        let players = self.description.num_players.max(1) as u64;
        let player = (episode % players) as usize;
        let mut lane = Lane::new(instantiate::evaluation_environment(&self.run)?, player);
        lane.begin(streams.seed("evaluation", episode));
        let mut foresight = Foresight::default();
        let (mut decision, mut goes_on) = (0, true);
        while goes_on {
            let (observation, legal) = (lane.observation().to_vec(), lane.legal().to_vec());
            let to_play = lane.to_play();
            let (action, thought) = if lane.is_players_turn() {
                let thought = self.deliberate(&lane, streams.seed(&chance, decision))?;
                decision += 1;
                (thought.action, Some(thought))
            } else {
                (opponents_action(&self.run, &lane)?, None)
            };
            let step = lane.tally().length;
            let (taken, more) = take(&self.run, &mut lane, action)?;
            goes_on = more;
            if let Some(thought) = &thought {
                foresight.imagine(step, &thought.imagined);
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
                r#return: lane.tally().r#return,
                terminated: taken.terminated,
                truncated: !taken.terminated && !goes_on,
                foreseen: foresight.pass(step, action),
                last_observation: (!goes_on).then(|| lane.observation().to_vec()),
            })?;
        }
        Ok(())
    }

    fn deliberate(&mut self, lane: &Lane, seed: u64) -> Result<Deliberation, RunError> {
        let batch = Batch::gather(std::iter::once(lane));
        let failed = instantiate::failed(&self.run.agent);
        let thoughts = self.agent.deliberate(&batch.seen(), seed).map_err(failed)?;
        let (name, chosen) = (&self.run.agent.kind, thoughts.len());
        let one = thoughts.into_iter().next();
        one.ok_or_else(|| RunError::Actions { name: name.clone(), chosen, lanes: 1 })
    }
}

/// The folder of the run called `name`.
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

/// The run that a folder is of.
fn configuration(folder: &RunFolder) -> Result<ResolvedRun, WatchError> {
    let path = folder.configuration_path();
    let plan = load(&path, &Overrides::default(), None)?;
    let none = || RunError::Damaged {
        message: "it holds no run".to_owned(),
        folder: folder.path().to_owned(),
        path,
    };
    Ok(plan.runs.into_iter().next().ok_or_else(none)?)
}

/// Gives the agent what the run learnt; the real steps that it learnt from.
fn load(folder: &RunFolder, run: &ResolvedRun, agent: &mut dyn Agent) -> Result<u64, WatchError> {
    let state = folder.manifest()?.map_or("not begun", |manifest| manifest.state.name());
    if state == State::Done.name() {
        if let Some(weights) = agent.weights() {
            let path = folder.weights_path();
            weights.load(&path).map_err(|error| {
                let message = format!("the weights cannot be taken up: {error}");
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
