//! The interface between an agent and the training loop: `act`, `observe`, `learn`, `save`, `load` and a cost
//! account.
//!
//! An agent sees only observed rewards, never the true ones. It uses the disk only in `save` and `load`. All
//! its random numbers come from streams derived from [`Context::seed`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zerolab_environments::{Description, SettingsError, StepError};
use zerolab_metrics::Account;
use zerolab_models::{Device, Parameters};

use crate::decision::Decision;
use crate::environment_batch::EnvironmentBatch;
use crate::imagination::Imagination;
use crate::ledger::Ledger;
use crate::phase_start::PhaseStart;
use crate::update_schedule::PhasedUpdates;

/// What an agent knows about its run when it is made.
#[derive(Clone, Debug)]
pub struct Context {
    /// The environment: observation shape, number of actions, limits.
    pub description: Description,
    /// The run's budget in real steps. Schedules depend on the share of it that is spent.
    pub real_steps: u64,
    /// The changes of the number of updates by the phases of the run, for forecasts.
    pub phases: PhasedUpdates,
    /// How many environments run in parallel.
    pub lanes: usize,
    /// The run's seed. All random numbers of the agent derive from it.
    pub seed: u64,
    /// The device of its networks.
    pub device: Device,
}

impl Context {
    /// Checks that the environment has at most `most` players, the limit of the kind of agent called `agent`.
    ///
    /// # Errors
    /// If it has more.
    pub(crate) fn check_players(&self, most: usize, agent: &str) -> Result<(), AgentError> {
        let (name, players) = (&self.description.name, self.description.num_players);
        if players <= most {
            return Ok(());
        }
        Err(AgentError::Message(format!(
            "`{name}` is a game of {players} players, but `{agent}` supports at most {most}"
        )))
    }

    /// Checks that the environment shows every reward: the kind of agent called `agent` needs them.
    ///
    /// # Errors
    /// If it hides some.
    pub(crate) fn check_rewards_shown(&self, agent: &str) -> Result<(), AgentError> {
        if !self.description.hides_rewards {
            return Ok(());
        }
        Err(AgentError::Message(format!(
            "`{}` hides some rewards, but `{agent}` needs all of them; `efficientzero`, `muzero`, `dqn` and \
             `rainbow` leave out unknown targets",
            self.description.name
        )))
    }

    /// Numbers in one observation.
    #[must_use]
    pub fn observation_len(&self) -> usize {
        self.description.observation_shape.iter().product()
    }
}

/// Observations of a batch of `B` environments.
#[derive(Clone, Copy, Debug)]
pub struct Observations<'a> {
    /// `[B, observation]`, row after row.
    pub observations: &'a [f32],
    /// `[B, A]`: which actions are legal.
    pub legal: &'a [bool],
    /// `[B]`: whose turn it is.
    pub to_play: &'a [usize],
    /// `[B]`: the environments themselves, for agents that search in copies of them.
    pub environments: EnvironmentBatch<'a>,
}

impl Observations<'_> {
    /// The batch size, `B`.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.to_play.len()
    }

    /// `[B, A]`: which actions are legal; `None` if all are.
    pub(crate) fn some_illegal(&self) -> Option<Vec<bool>> {
        self.legal.contains(&false).then(|| self.legal.to_vec())
    }
}

/// The purpose of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Collecting experience.
    Explore,
    /// Evaluating the agent. Random numbers come from `seed` alone, so an evaluation does not change the
    /// training.
    Evaluate {
        /// Seed of this decision's random numbers.
        seed: u64,
    },
    /// Telling a predictor what the agent would do while it collects experience. The rows are those of the next
    /// [`Mode::Explore`], the observations may be others. Nothing but the cost account changes.
    Foretell {
        /// Seed of this decision's random numbers, which are independent of those of the action.
        seed: u64,
    },
}

/// One real step of one lane.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Which lane.
    pub lane: usize,
    /// The observation before the action.
    pub observation: Vec<f32>,
    /// The action taken.
    pub action: usize,
    /// The observed reward of the player who acted; `None` if it was hidden.
    pub reward: Option<f32>,
    /// The environment ended the episode: later values are 0.
    pub terminated: bool,
    /// The episode was cut off, for example by a step limit: returns still bootstrap.
    pub truncated: bool,
    /// The observation after the action, also at the end of an episode.
    pub next_observation: Vec<f32>,
    /// `[A]`: which actions were legal before the action.
    pub legal: Vec<bool>,
    /// Whose turn it was.
    pub to_play: usize,
    /// Whose turn it is after the action, also at the end of an episode.
    pub next_to_play: usize,
}

/// An agent. The training loop is the same for all: act in the lanes, step them, observe the transitions,
/// make the updates that are due.
pub trait Agent {
    /// Chooses one action for each row.
    ///
    /// # Errors
    /// If a network fails or the device does.
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError>;

    /// Chooses as [`Agent::act`] in [`Mode::Evaluate`] with this seed, and returns the estimates behind each
    /// action. By default it returns the actions alone.
    ///
    /// # Errors
    /// As [`Agent::act`].
    fn explain(&mut self, seen: &Observations<'_>, seed: u64) -> Result<Vec<Decision>, AgentError> {
        let actions = self.act(seen, Mode::Evaluate { seed })?.into_iter();
        Ok(actions.map(|action| Decision { action, ..Decision::default() }).collect())
    }

    /// What the agent's learned model predicts from each row along the actions of the row's plan; `None` without a
    /// learned model. Nothing but the cost account changes.
    ///
    /// # Errors
    /// As [`Agent::act`].
    fn imagine(
        &mut self,
        _seen: &Observations<'_>,
        _plans: &[&[usize]],
    ) -> Result<Option<Vec<Imagination>>, AgentError> {
        Ok(None)
    }

    /// Stores one transition of each stepped lane, in lane order: the results of the last `act` in
    /// [`Mode::Explore`].
    ///
    /// # Errors
    /// If there was no such `act`.
    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError>;

    /// Makes the updates that are due after `real_steps` real steps.
    ///
    /// # Errors
    /// If a network or the device fails, or a loss is not finite.
    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError>;

    /// Makes so many updates in addition to those that are due, from the experience that it has.
    ///
    /// # Errors
    /// As [`Agent::learn`]; also if it keeps no experience ([`Summary::learns_offline`](crate::Summary)).
    fn learn_offline(&mut self, _updates: u64) -> Result<(), AgentError> {
        Err(AgentError::Message("the agent keeps no experience to learn from".to_owned()))
    }

    /// Begins a further phase of the run. The updates that are due have been made. An agent without experience and
    /// without networks does nothing.
    ///
    /// # Errors
    /// If the device fails.
    fn begin_phase(&mut self, _start: &PhaseStart) -> Result<(), AgentError> {
        Ok(())
    }

    /// Its costs, counts and losses.
    fn ledger(&self) -> &Ledger;

    /// Its costs, counts and losses, to change.
    fn ledger_mut(&mut self) -> &mut Ledger;

    /// Gradient steps made so far.
    fn updates(&self) -> u64 {
        self.ledger().updates()
    }

    /// The mean of each loss since the last call; empty without an update since then.
    fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        self.ledger_mut().drain_losses()
    }

    /// The costs so far, by phase.
    fn account(&mut self) -> &mut Account {
        &mut self.ledger_mut().account
    }

    /// The weights of the acting network; `None` without a network.
    fn weights(&self) -> Option<&Parameters> {
        None
    }

    /// Writes the complete state into `folder`. `previous` is a folder with an earlier state of the same
    /// agent: unchanged files may be linked from there.
    ///
    /// # Errors
    /// If a file cannot be written, or a file in `previous` cannot be read.
    fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError>;

    /// Restores the state that [`Agent::save`] wrote.
    ///
    /// # Errors
    /// If a file cannot be read or belongs to another agent.
    fn load(&mut self, folder: &Path) -> Result<(), AgentError>;
}

/// Why an agent failed.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Invalid settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A copy of the environment rejected a simulated step.
    #[error("a simulated step failed: {0}")]
    Simulator(#[from] StepError),
    /// A tensor operation failed.
    #[error("a network operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A saved state does not belong to this agent.
    #[error("{}: {message}", path.display())]
    State {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Training diverged.
    #[error("the loss `{loss}` became {value} at update {update}; lower the learning rate")]
    Diverged {
        /// Which loss.
        loss: String,
        /// Its value.
        value: f64,
        /// At which update.
        update: u64,
    },
    /// Any other error.
    #[error("{0}")]
    Message(String),
}
