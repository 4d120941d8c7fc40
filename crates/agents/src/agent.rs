//! What an agent is to the loop of a run: `act`, `observe`, `learn`, `save`/`load` and an account.
//!
//! An agent sees observed rewards only, never the true ones, and touches a disk only where `save` and
//! `load` are told to. Its chance comes from streams derived from [`Context::seed`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zerolab_environments::{Description, SettingsError, StepError};
use zerolab_metrics::Account;
use zerolab_models::{Device, Parameters};

use crate::deliberation::Deliberation;
use crate::ledger::Ledger;
use crate::worlds::Worlds;

/// All that an agent is told about its run when it is made.
#[derive(Clone, Debug)]
pub struct Context {
    /// What the environment is: observation shape, number of actions, limits.
    pub description: Description,
    /// The run's budget in real steps: schedules go by the share of it that is spent.
    pub real_steps: u64,
    /// How many environments are stepped side by side.
    pub lanes: usize,
    /// The run's seed: everything random in the agent derives from it.
    pub seed: u64,
    /// Where its networks compute.
    pub device: Device,
}

impl Context {
    /// Sees that the world has no more players than the kind of agent called `agent` can learn for.
    ///
    /// # Errors
    /// If it has more than `most`.
    pub(crate) fn at_most(&self, most: usize, agent: &str) -> Result<(), AgentError> {
        let (name, players) = (&self.description.name, self.description.num_players);
        if players <= most {
            return Ok(());
        }
        Err(AgentError::Message(format!(
            "`{name}` is a game of {players} players, and `{agent}` learns games of at most {most}"
        )))
    }

    /// Numbers in one observation.
    #[must_use]
    pub fn observation_len(&self) -> usize {
        self.description.observation_shape.iter().product()
    }
}

/// What an agent sees of `B` environments at once.
#[derive(Clone, Copy, Debug)]
pub struct Observations<'a> {
    /// `[B, observation]`, row after row.
    pub observations: &'a [f32],
    /// `[B, A]`: which actions are legal.
    pub legal: &'a [bool],
    /// `[B]`: whose turn it is.
    pub to_play: &'a [usize],
    /// `[B]`: the environments themselves, for an agent that looks ahead in copies of them.
    pub worlds: Worlds<'a>,
}

impl Observations<'_> {
    /// How many environments are seen.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.to_play.len()
    }

    /// `[B, A]`: which actions are legal, where not all are.
    pub(crate) fn some_illegal(&self) -> Option<Vec<bool>> {
        self.legal.contains(&false).then(|| self.legal.to_vec())
    }
}

/// What an action is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Collecting experience.
    Explore,
    /// Showing what was learnt. Chance comes from `seed` alone, so that an evaluation changes nothing
    /// in the training.
    Evaluate {
        /// Seed of this decision's chance.
        seed: u64,
    },
}

/// One real step of one lane.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Which lane.
    pub lane: usize,
    /// What was seen before the action.
    pub observation: Vec<f32>,
    /// What was done.
    pub action: usize,
    /// The observed reward, of the player who acted.
    pub reward: f32,
    /// The episode ended in the world: nothing comes after.
    pub terminated: bool,
    /// The episode was cut off: what would have come after still counts.
    pub truncated: bool,
    /// What was seen after the action, also where the episode ended.
    pub next_observation: Vec<f32>,
    /// `[A]`: which actions were legal before the action.
    pub legal: Vec<bool>,
    /// Whose turn it was.
    pub to_play: usize,
    /// Whose turn it is after the action, also where the episode ended.
    pub next_to_play: usize,
}

/// A learner. The loop of a run is the same for every one:
/// act on the lanes, step them, observe the transitions, learn as much as is due.
pub trait Agent {
    /// Chooses one action for each row.
    ///
    /// # Errors
    /// If a network fails or the device does.
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError>;

    /// Chooses as [`Agent::act`] does in [`Mode::Evaluate`] with this seed, and tells what it thought of each row. An
    /// agent that has nothing to tell leaves it at this.
    ///
    /// # Errors
    /// As [`Agent::act`].
    fn deliberate(
        &mut self,
        seen: &Observations<'_>,
        seed: u64,
    ) -> Result<Vec<Deliberation>, AgentError> {
        let actions = self.act(seen, Mode::Evaluate { seed })?.into_iter();
        Ok(actions.map(|action| Deliberation { action, ..Deliberation::default() }).collect())
    }

    /// Takes in one transition of each stepped lane, in lane order. The transitions follow upon the
    /// last `act` in [`Mode::Explore`].
    ///
    /// # Errors
    /// If the transitions do not follow upon the last `act`.
    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError>;

    /// Makes the updates that are due after `real_steps` real steps.
    ///
    /// # Errors
    /// If a network fails, the device does, or a loss is not a number.
    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError>;

    /// Its books.
    fn ledger(&self) -> &Ledger;

    /// Its books, to be written in.
    fn ledger_mut(&mut self) -> &mut Ledger;

    /// Gradient steps made so far.
    fn updates(&self) -> u64 {
        self.ledger().updates()
    }

    /// The mean of each loss since the last call; empty where there was no update since.
    fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        self.ledger_mut().drain_losses()
    }

    /// What was spent so far, by phase.
    fn account(&mut self) -> &mut Account {
        &mut self.ledger_mut().account
    }

    /// The weights that it acts with; `None` where it has none.
    fn weights(&self) -> Option<&Parameters> {
        None
    }

    /// Writes everything that decides the agent's future into `folder`. `previous` is a folder that an earlier state
    /// of the same agent was saved in: what has not changed since may be taken over from there.
    ///
    /// # Errors
    /// If a file cannot be written, or one in `previous` cannot be read.
    fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError>;

    /// Takes up the state that [`Agent::save`] wrote.
    ///
    /// # Errors
    /// If a file cannot be read or belongs to another agent.
    fn load(&mut self, folder: &Path) -> Result<(), AgentError>;
}

/// Why an agent could not go on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Its settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A step that an agent imagined in a copy of the environment was refused.
    #[error("a step in a simulator failed: {0}")]
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
    /// A saved state does not fit.
    #[error("{}: {message}", path.display())]
    State {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        message: String,
    },
    /// Training diverged.
    #[error("the loss `{loss}` became {value} at update {update}; lower the learning rate")]
    Diverged {
        /// Which loss.
        loss: String,
        /// What it became.
        value: f64,
        /// At which update.
        update: u64,
    },
    /// Anything else, in plain words.
    #[error("{0}")]
    Message(String),
}
