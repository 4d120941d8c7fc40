//! One environment and the episode that is played in it, and the batch of what an agent sees of many.
//!
//! Training lanes and evaluation episodes are both made of these. Which episode comes next, and what is
//! done with a finished one, is not decided here.

use serde::{Deserialize, Serialize};
use zerolab_agents::{Observations, Worlds};
use zerolab_environments::{Environment, RestoreError, Step, StepError};

/// What an episode has brought so far, from the viewpoint of one player: what another gains counts negatively.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The sum of the observed rewards.
    pub r#return: f64,
    /// The sum of the true rewards.
    pub performance: f64,
    /// Real steps.
    pub length: u32,
}

/// A lane's episode in a checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedLane {
    environment: Vec<u8>,
    tally: Tally,
}

/// An environment in the middle of an episode.
pub struct Lane {
    environment: Box<dyn Environment>,
    observation: Vec<f32>,
    legal: Vec<bool>,
    tally: Tally,
    /// From whose viewpoint the tally is.
    player: usize,
}

impl Lane {
    /// A lane whose first episode is still to be begun, tallied from the viewpoint of `player`.
    pub fn new(environment: Box<dyn Environment>, player: usize) -> Self {
        let description = environment.description();
        let observation = vec![0.0; description.observation_shape.iter().product()];
        let legal = vec![true; description.num_actions];
        Self { environment, observation, legal, tally: Tally::default(), player }
    }

    /// Begins an episode; everything random in it comes from `seed`.
    pub fn begin(&mut self, seed: u64) {
        self.environment.reset(seed);
        self.tally = Tally::default();
        self.look();
    }

    /// Begins the episode that follows the last one in training, which may go on with the same game.
    pub fn begin_next(&mut self, seed: u64) {
        self.environment.next_episode(seed);
        self.tally = Tally::default();
        self.look();
    }

    /// Steps after which the environment cuts an episode off.
    pub fn max_episode_steps(&self) -> Option<u32> {
        self.environment.description().max_episode_steps
    }

    /// Simple operations that a step takes, about.
    pub fn operations_per_step(&self) -> u64 {
        self.environment.description().operations_per_step
    }

    /// Takes one real step.
    ///
    /// # Errors
    /// If the environment refuses the action.
    pub fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let sign = if self.is_players_turn() { 1.0 } else { -1.0 };
        let step = self.environment.step(action)?;
        self.tally.r#return += sign * f64::from(step.reward);
        self.tally.performance += sign * f64::from(step.performance);
        self.tally.length += 1;
        self.look();
        Ok(step)
    }

    /// What is seen now: `[observation]`.
    pub fn observation(&self) -> &[f32] {
        &self.observation
    }

    /// `[A]`: which actions are legal now.
    pub fn legal(&self) -> &[bool] {
        &self.legal
    }

    /// Whose turn it is.
    pub fn to_play(&self) -> usize {
        self.environment.to_play()
    }

    /// What the episode has brought so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Whether it is the turn of the player from whose viewpoint the tally is.
    pub fn is_players_turn(&self) -> bool {
        self.environment.to_play() == self.player
    }

    /// What the environment's fixed opponent does now, where there is one and an episode is going on.
    pub fn opponent_action(&self) -> Option<usize> {
        self.environment.opponent_action()
    }

    /// The episode as far as it has come.
    pub fn save(&self) -> SavedLane {
        SavedLane { environment: self.environment.save(), tally: self.tally }
    }

    /// Goes on with a saved episode.
    ///
    /// # Errors
    /// If it is of another environment, or damaged.
    pub fn restore(&mut self, saved: &SavedLane) -> Result<(), RestoreError> {
        self.environment.restore(&saved.environment)?;
        self.tally = saved.tally;
        self.look();
        Ok(())
    }

    fn look(&mut self) {
        self.environment.observe(&mut self.observation);
        self.environment.legal_actions(&mut self.legal);
    }
}

/// What an agent is shown of `B` lanes at once.
#[derive(Default)]
pub struct Batch<'a> {
    observations: Vec<f32>,
    legal: Vec<bool>,
    to_play: Vec<usize>,
    environments: Vec<&'a dyn Environment>,
}

impl<'a> Batch<'a> {
    /// Gathers one row from each lane, in order.
    pub fn gather(lanes: impl Iterator<Item = &'a Lane>) -> Self {
        let mut batch = Self::default();
        for lane in lanes {
            batch.observations.extend_from_slice(&lane.observation);
            batch.legal.extend_from_slice(&lane.legal);
            batch.to_play.push(lane.to_play());
            batch.environments.push(&*lane.environment);
        }
        batch
    }

    /// What is seen.
    pub fn seen(&self) -> Observations<'_> {
        Observations {
            observations: &self.observations,
            legal: &self.legal,
            to_play: &self.to_play,
            worlds: Worlds::new(&self.environments),
        }
    }
}
