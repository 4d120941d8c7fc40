//! The interface of every environment: the trait, the description, a step, and the errors.
//!
//! An agent gets [`Step::reward`], never [`Step::performance`] or [`Step::events`]. The two differ in environments whose
//! observed reward can be gamed.

use std::ops::{BitOr, BitOrAssign};

use thiserror::Error;

use crate::examination::{ActionPlan, Position};
use crate::scene::Scene;
use crate::tabular::Solver;

/// The fixed properties of an environment with its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The registered name.
    pub name: String,
    /// `[features]`, or `[C, H, W]` for planes.
    pub observation_shape: Vec<usize>,
    /// Number of stacked frames in an observation, the oldest first. Each step adds a frame and drops the
    /// oldest; the first observation repeats one frame. 1 if observations are not stacked.
    pub frames: usize,
    /// Least and greatest possible value of a number in an observation.
    pub observation_range: (f32, f32),
    /// `A`: actions are `0..num_actions`.
    pub num_actions: usize,
    /// Number of players, who take turns.
    pub num_players: usize,
    /// Number of steps after which an episode is truncated; `None` if every episode ends by itself.
    pub max_episode_steps: Option<u32>,
    /// Cost of simulating one step, without writing the observation: arithmetic operations, comparisons
    /// and assignments, counted by hand. 0 if they were not counted.
    pub operations_per_step: u64,
    /// The names of the events that a step can report, at most 32.
    pub events: Vec<String>,
    /// Whether some steps hide their reward from the agent.
    pub hides_rewards: bool,
    /// Whether there is an exact solution: [`Environment::solver`].
    pub is_solved: bool,
}

impl Description {
    /// A description with the most common properties: one player, unstacked observations between 0 and 1,
    /// no limit of steps, operations not counted. Override single fields by struct update:
    ///
    /// ```
    /// use zerolab_environments::Description;
    ///
    /// let description = Description {
    ///     max_episode_steps: Some(100),
    ///     operations_per_step: 12,
    ///     ..Description::new("maze", [3, 8, 8], 4)
    /// };
    /// assert_eq!(description.observation_len(), 192);
    /// ```
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        observation_shape: impl Into<Vec<usize>>,
        num_actions: usize,
    ) -> Self {
        Self {
            name: name.into(),
            observation_shape: observation_shape.into(),
            frames: 1,
            observation_range: (0.0, 1.0),
            num_actions,
            num_players: 1,
            max_episode_steps: None,
            operations_per_step: 0,
            events: Vec::new(),
            hides_rewards: false,
            is_solved: false,
        }
    }

    /// The names of events, for [`Description::events`].
    #[must_use]
    pub fn named(events: &[&str]) -> Vec<String> {
        events.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Number of values in one observation: the product of `observation_shape`.
    pub fn observation_len(&self) -> usize {
        self.observation_shape.iter().product()
    }
}

/// Which of an environment's events happened in a step: a small set of their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events(u32);

impl Events {
    /// No event.
    pub const NONE: Self = Self(0);

    /// The event with this number, its place in [`Description::events`].
    ///
    /// # Panics
    /// If it is above 31.
    #[must_use]
    pub const fn one(number: usize) -> Self {
        assert!(number < u32::BITS as usize, "an environment has at most 32 events");
        Self(1 << number)
    }

    /// The events whose numbers are the set bits.
    #[must_use]
    pub const fn of_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// These events if `happened`, else none.
    #[must_use]
    pub fn only_if(self, happened: bool) -> Self {
        if happened { self } else { Self::NONE }
    }

    /// Whether the event with this number happened.
    pub fn contains(self, number: usize) -> bool {
        number < u32::BITS as usize && self.0 & (1 << number) != 0
    }

    /// Whether the two sets have a common event.
    pub fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Events {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Events {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The result of one action, for the player who took it. With two players, one's gain is the other's loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The reward that the agent observes; `None` if it is hidden.
    pub reward: Option<f32>,
    /// The true reward, by which performance is measured.
    pub performance: f32,
    /// What happened, for measurement. The agent does not see it.
    pub events: Events,
    /// The episode ended by a rule of the environment, so that the next state has no value.
    pub terminated: bool,
    /// The episode was cut off by a limit of steps; the next state still has a value. Never together with
    /// `terminated`.
    pub truncated: bool,
}

impl Step {
    /// A step without events whose observed reward is the true one.
    pub fn new(reward: f32, terminated: bool, truncated: bool) -> Self {
        Self {
            reward: Some(reward),
            performance: reward,
            events: Events::NONE,
            terminated,
            truncated,
        }
    }

    /// Whether the episode is over after this step.
    pub fn ends(&self) -> bool {
        self.terminated || self.truncated
    }
}

/// Why a step was not taken. After a refused action the environment is unchanged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StepError {
    /// The episode has ended, or none has begun.
    #[error("no episode is running: call `reset` before the next step")]
    EpisodeOver,
    /// The action is not one of `0..num_actions`.
    #[error("action {action} does not exist: the environment has actions 0 to {}", num_actions - 1)]
    NoSuchAction {
        /// The requested action.
        action: usize,
        /// The number of actions.
        num_actions: usize,
    },
    /// The action exists but is illegal in this state.
    #[error("action {action} is illegal in this state")]
    IllegalAction {
        /// The requested action.
        action: usize,
    },
    /// The environment's own code failed, in this step or in the reset before it. There are no further steps.
    #[error("{message}")]
    Failed {
        /// When and how, on several lines if there is a traceback.
        message: String,
    },
}

/// Why a saved state was refused. The environment is unchanged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RestoreError {
    /// The bytes are not a saved state: too short, too long, or damaged.
    #[error("the saved state of `{environment}` is damaged: {reason}")]
    Damaged {
        /// The tag of the environment to restore.
        environment: &'static str,
        /// The decoder's error.
        reason: String,
    },
    /// The state was saved by another environment, or by another version of this one.
    #[error("the saved state is of `{found}`, not of `{expected}`")]
    Foreign {
        /// This environment's tag.
        expected: &'static str,
        /// The state's tag.
        found: String,
    },
    /// The environment's own code failed, or did not come to the same state again.
    #[error("the state cannot be reached again: {reason}")]
    Failed {
        /// What happened.
        reason: String,
    },
    /// The environment itself is not there any more, or is another one.
    #[error("{reason}")]
    Absent {
        /// What has changed, or why it cannot be started.
        reason: String,
    },
    /// The bytes decode to a state that the environment can never have.
    #[error("the saved state of `{environment}` is impossible: {reason}")]
    Impossible {
        /// The tag of the environment to restore.
        environment: &'static str,
        /// The impossible value.
        reason: &'static str,
    },
}

/// Environments that are stepped side by side.
pub type Environments = Vec<Box<dyn Environment>>;

/// An environment, stepped one action at a time.
///
/// It is deterministic: the seed of [`reset`](Self::reset), the actions since then and what was foretold decide all
/// outputs.
pub trait Environment: Send {
    /// The fixed properties.
    fn description(&self) -> &Description;

    /// Begins an episode. All of its randomness comes from `seed`. Where this can fail, the next step tells it.
    fn reset(&mut self, seed: u64);

    /// Begins the next episode of training. If a game has several episodes, such as one for each life, this
    /// continues the game unless it is over. Otherwise it is [`reset`](Self::reset).
    fn next_episode(&mut self, seed: u64) {
        self.reset(seed);
    }

    /// A copy in the state in which the environment predicts what the agent does, before the next step: the present state or
    /// another one. `None` in an environment without such a predictor, and if it asks nothing now.
    fn question(&self) -> Option<Box<dyn Environment>> {
        None
    }

    /// Tells what the agent would do in the state of the [`question`](Self::question): an action drawn as its own are,
    /// with chance of its own. A predictor that is not told guesses.
    fn foretell(&mut self, _action: usize) {}

    /// Says which action the next [`step`](Self::step) will take. Environments that share a process take the announced
    /// steps together; others need not know.
    fn announce(&mut self, _action: usize) {}

    /// Takes an action.
    ///
    /// # Errors
    /// [`StepError`] if no episode is running, the action does not exist or is illegal in this state, or the
    /// environment's own code fails.
    fn step(&mut self, action: usize) -> Result<Step, StepError>;

    /// Writes the current observation, row-major in `observation_shape`.
    ///
    /// # Panics
    /// If the length of `observation` is not [`Description::observation_len`].
    fn observe(&self, observation: &mut [f32]);

    /// Marks the legal actions, `[A]`. While an episode is running there is at least one.
    fn legal_actions(&self, legal: &mut [bool]) {
        legal.fill(true);
    }

    /// Whose turn it is: `0..num_players`.
    fn to_play(&self) -> usize {
        0
    }

    /// The action that the fixed opponent of evaluations would take for the player to move. Its randomness
    /// comes from the episode's seed. `None` with a single player, and while no episode is running.
    fn opponent_action(&self) -> Option<usize> {
        None
    }

    /// The whole state, random stream included. An environment with the same settings can restore it.
    fn save(&self) -> Vec<u8>;

    /// Restores a state that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`RestoreError`] if the bytes are not a possible state of this environment.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError>;

    /// An independent copy that continues identically.
    fn clone_box(&self) -> Box<dyn Environment>;

    /// A copy for a search to look ahead in. It has the same state, but its future randomness comes from
    /// `seed`, so that it does not reveal this environment's future. `None` if there is no such copy.
    fn simulator(&self, _seed: u64) -> Option<Box<dyn Environment>> {
        None
    }

    /// The exact solution, if this environment has one.
    fn solver(&self) -> Option<&dyn Solver> {
        None
    }

    /// The named plans from the present state. None while no episode is running.
    fn plans(&self) -> Vec<ActionPlan> {
        Vec::new()
    }

    /// The named states after `time` steps of an episode.
    fn positions(&self, _time: u32) -> Vec<Position> {
        Vec::new()
    }

    /// A picture of the state for people, of the same size in every state. Without one, the observation is shown.
    fn scene(&self) -> Option<Scene> {
        None
    }
}
