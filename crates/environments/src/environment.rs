//! What every environment is to those who use it: the trait, its description, a step, and the errors.
//!
//! An agent is given [`Step::reward`], never [`Step::performance`]: the two differ in worlds whose
//! observed reward can be gamed.

use thiserror::Error;

/// The fixed facts of an environment with its options applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Its registered name.
    pub name: String,
    /// `[features]`, or `[C, H, W]` for planes.
    pub observation_shape: Vec<usize>,
    /// Of how many frames, oldest first, an observation's planes consist. Each next observation of an episode drops the
    /// oldest; its first one is one frame, repeated. 1 where an observation is no stack of frames.
    pub frames: usize,
    /// Least and greatest value that any number of an observation can take.
    pub observation_range: (f32, f32),
    /// `A`: actions are `0..num_actions`.
    pub num_actions: usize,
    /// Players who take turns.
    pub num_players: usize,
    /// Steps after which an episode is cut off, where it can last for ever or very long.
    pub max_episode_steps: Option<u32>,
    /// What one step costs to simulate: arithmetic operations, comparisons and assignments, counted by
    /// hand, without those of writing an observation.
    pub operations_per_step: u64,
}

impl Description {
    /// Numbers in one observation: the product of `observation_shape`.
    pub fn observation_len(&self) -> usize {
        self.observation_shape.iter().product()
    }
}

/// What one action brought to the player who took it. In a world of two players, what one gains the other loses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The reward that the agent observes.
    pub reward: f32,
    /// The true reward: what the step was worth to whoever set the task.
    pub performance: f32,
    /// The episode ended by the world's own rule: the value of what follows is zero.
    pub terminated: bool,
    /// The episode was cut off by a time limit: what follows still has a value. Never with `terminated`.
    pub truncated: bool,
}

impl Step {
    /// A step in a world whose observed reward is the true one.
    pub fn honest(reward: f32, terminated: bool, truncated: bool) -> Self {
        Self { reward, performance: reward, terminated, truncated }
    }

    /// Whether the episode is over after this step.
    pub fn ends(&self) -> bool {
        self.terminated || self.truncated
    }
}

/// An action that was not taken; the environment is as it was before.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum StepError {
    /// The episode has ended, or none has begun.
    #[error("no episode is going on: call `reset` before the next step")]
    EpisodeOver,
    /// The action is not one of `0..num_actions`.
    #[error("action {action} does not exist: the environment has actions 0 to {}", num_actions - 1)]
    NoSuchAction {
        /// What was asked for.
        action: usize,
        /// How many there are.
        num_actions: usize,
    },
    /// The action exists, but may not be taken now.
    #[error("action {action} is illegal now: only what `legal_actions` marks may be taken")]
    IllegalAction {
        /// What was asked for.
        action: usize,
    },
}

/// A saved state that cannot be restored; the environment is as it was before.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RestoreError {
    /// The bytes are no saved state: cut short, too long, or damaged.
    #[error("the saved state of `{environment}` is damaged: {reason}")]
    Damaged {
        /// The environment that was to be restored.
        environment: &'static str,
        /// What the decoder met.
        reason: String,
    },
    /// The state was saved by another environment, or by another version of this one.
    #[error("the saved state is of `{found}`, not of `{expected}`")]
    Foreign {
        /// What this environment writes.
        expected: &'static str,
        /// What the state says.
        found: String,
    },
    /// The bytes decode to a state that the environment can never be in.
    #[error("the saved state of `{environment}` is impossible: {reason}")]
    Impossible {
        /// The environment that was to be restored.
        environment: &'static str,
        /// Which value is out of its range.
        reason: &'static str,
    },
}

/// A world that is stepped one action at a time.
///
/// Deterministic: the seed of [`reset`](Self::reset) and what was done since decide every byte that comes out.
pub trait Environment: Send {
    /// The fixed facts.
    fn description(&self) -> &Description;

    /// Begins an episode. Everything random in it comes from `seed`.
    fn reset(&mut self, seed: u64);

    /// Begins the episode that comes after the last one in training. Where a game is several episodes, say one for
    /// each life, it goes on with the same game if that is not over; otherwise this is [`reset`](Self::reset).
    fn next_episode(&mut self, seed: u64) {
        self.reset(seed);
    }

    /// Takes an action.
    ///
    /// # Errors
    /// [`StepError`] if no episode is going on, there is no such action or it is illegal now.
    fn step(&mut self, action: usize) -> Result<Step, StepError>;

    /// Writes what the agent sees now, row-major in `observation_shape`.
    ///
    /// # Panics
    /// If `observation` does not have [`Description::observation_len`] numbers.
    fn observe(&self, observation: &mut [f32]);

    /// Marks which actions may be taken now: `[A]`. While an episode is going on there is at least one.
    fn legal_actions(&self, legal: &mut [bool]) {
        legal.fill(true);
    }

    /// Whose turn it is: `0..num_players`.
    fn to_play(&self) -> usize {
        0
    }

    /// What the fixed opponent, against whom an agent is evaluated, does now in the place of the player to move.
    /// What it leaves to chance comes from the seed of the episode. `None` where there is no opponent (in a world
    /// of one player) or no episode is going on.
    fn opponent_action(&self) -> Option<usize> {
        None
    }

    /// The whole state, random stream included, for an environment with the same options.
    fn save(&self) -> Vec<u8>;

    /// Goes on from a state that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`RestoreError`] if the bytes are not a state that this environment can be in.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError>;

    /// An independent copy that continues identically.
    fn clone_box(&self) -> Box<dyn Environment>;

    /// A copy for a search to look ahead in: in the same state, but whatever is left to chance from here on comes
    /// from the seed, so that it foretells nothing of this environment. `None` where no such copy can be had.
    fn simulator(&self, _seed: u64) -> Option<Box<dyn Environment>> {
        None
    }
}
