//! A lane: one environment and its current episode. Also the batch of observations of many lanes.
//!
//! Both training and evaluations use lanes. They decide which episode comes next and what a finished one is
//! used for.

use serde::{Deserialize, Serialize};
use zerolab_agents::{EnvironmentBatch, Observations};
use zerolab_environments::{Environment, Events, RestoreError, Scene, Step, StepError};

/// The sums of an episode so far, from the viewpoint of one player: rewards of another player count
/// negatively.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpisodeTotals {
    /// The sum of the observed rewards, without hidden ones.
    pub r#return: f64,
    /// The sum of the true rewards.
    pub performance: f64,
    /// Real steps.
    pub length: u32,
}

/// The episode of a lane in a checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedLane {
    environment: Vec<u8>,
    totals: EpisodeTotals,
}

/// An environment in the middle of an episode.
pub struct Lane {
    environment: Box<dyn Environment>,
    observation: Vec<f32>,
    legal: Vec<bool>,
    totals: EpisodeTotals,
    /// In how many steps of the episode each event happened, in the order of the environment's events.
    events: Vec<u32>,
    /// The player from whose viewpoint the totals are.
    player: usize,
}

impl Lane {
    /// A lane without an episode. Its totals are from the viewpoint of `player`.
    pub fn new(environment: Box<dyn Environment>, player: usize) -> Self {
        let description = environment.description();
        let observation = vec![0.0; description.observation_shape.iter().product()];
        let legal = vec![true; description.num_actions];
        let events = vec![0; description.events.len()];
        Self { environment, observation, legal, totals: EpisodeTotals::default(), events, player }
    }

    /// A lane in a saved state of its environment, for the player who moves there. Its totals begin here.
    ///
    /// # Errors
    /// If the state is not one of this environment.
    pub fn at(mut environment: Box<dyn Environment>, state: &[u8]) -> Result<Self, RestoreError> {
        environment.restore(state)?;
        let player = environment.to_play();
        let mut lane = Self::new(environment, player);
        lane.update_observation();
        Ok(lane)
    }

    /// Starts an episode. All its randomness comes from `seed`.
    pub fn begin(&mut self, seed: u64) {
        self.environment.reset(seed);
        self.clear();
    }

    /// Starts the next episode of training, which may continue the same game.
    pub fn begin_next(&mut self, seed: u64) {
        self.environment.next_episode(seed);
        self.clear();
    }

    fn clear(&mut self) {
        self.totals = EpisodeTotals::default();
        self.events.fill(0);
        self.update_observation();
    }

    /// The number of steps after which the environment truncates an episode.
    pub fn max_episode_steps(&self) -> Option<u32> {
        self.environment.description().max_episode_steps
    }

    /// The approximate number of simple operations in a step.
    pub fn operations_per_step(&self) -> u64 {
        self.environment.description().operations_per_step
    }

    /// A lane in the state in which the environment predicts what the agent does, if it asks now.
    pub fn question(&self) -> Option<Self> {
        let mut lane = Self::new(self.environment.question()?, self.player);
        lane.update_observation();
        Some(lane)
    }

    /// Tells the environment what the agent would do there.
    pub fn foretell(&mut self, action: usize) {
        self.environment.foretell(action);
    }

    /// Says which action the next step will take.
    pub fn announce(&mut self, action: usize) {
        self.environment.announce(action);
    }

    /// Takes one real step.
    ///
    /// # Errors
    /// If the environment refuses the action.
    pub fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let sign = if self.is_players_turn() { 1.0 } else { -1.0 };
        let step = self.environment.step(action)?;
        self.totals.r#return += sign * step.reward.map_or(0.0, f64::from);
        self.totals.performance += sign * f64::from(step.performance);
        self.totals.length += 1;
        for (event, steps) in self.events.iter_mut().enumerate() {
            *steps += u32::from(step.events.contains(event));
        }
        self.update_observation();
        Ok(step)
    }

    /// The environment.
    pub fn environment(&self) -> &dyn Environment {
        &*self.environment
    }

    /// The current observation, flattened.
    pub fn observation(&self) -> &[f32] {
        &self.observation
    }

    /// The environment's picture of its state, if it has one.
    pub fn scene(&self) -> Option<Scene> {
        self.environment.scene()
    }

    /// `[A]`: which actions are legal now.
    pub fn legal(&self) -> &[bool] {
        &self.legal
    }

    /// The player to move.
    pub fn to_play(&self) -> usize {
        self.environment.to_play()
    }

    /// The sums of the episode so far.
    pub fn totals(&self) -> EpisodeTotals {
        self.totals
    }

    /// In how many steps of the episode so far each event happened, with its name.
    pub fn events(&self) -> impl Iterator<Item = (&str, u32)> {
        let names = self.environment.description().events.iter().map(String::as_str);
        names.zip(self.events.iter().copied())
    }

    /// The names of these events.
    pub fn named(&self, events: Events) -> Vec<String> {
        let names = self.environment.description().events.iter().enumerate();
        names.filter(|(event, _)| events.contains(*event)).map(|(_, name)| name.clone()).collect()
    }

    /// Continues counting events from these counts, one for each event of the environment.
    pub fn restore_events(&mut self, counts: &[u32]) {
        self.events.iter_mut().zip(counts).for_each(|(event, count)| *event = *count);
    }

    /// Whether the player of the totals is to move.
    pub fn is_players_turn(&self) -> bool {
        self.environment.to_play() == self.player
    }

    /// The action of the environment's fixed opponent, if it has one and an episode is going on.
    pub fn opponent_action(&self) -> Option<usize> {
        self.environment.opponent_action()
    }

    /// The state of the episode.
    pub fn save(&self) -> SavedLane {
        SavedLane { environment: self.environment.save(), totals: self.totals }
    }

    /// Continues a saved episode.
    ///
    /// # Errors
    /// If it belongs to another environment, or is damaged.
    pub fn restore(&mut self, saved: &SavedLane) -> Result<(), RestoreError> {
        self.environment.restore(&saved.environment)?;
        self.totals = saved.totals;
        self.update_observation();
        Ok(())
    }

    fn update_observation(&mut self) {
        self.environment.observe(&mut self.observation);
        self.environment.legal_actions(&mut self.legal);
    }
}

/// The observations of `B` lanes.
#[derive(Default)]
pub struct LaneBatch<'a> {
    observations: Vec<f32>,
    legal: Vec<bool>,
    to_play: Vec<usize>,
    environments: Vec<&'a dyn Environment>,
}

impl<'a> LaneBatch<'a> {
    /// One row for each lane, in order.
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

    /// What the agent sees.
    pub fn observations(&self) -> Observations<'_> {
        Observations {
            observations: &self.observations,
            legal: &self.legal,
            to_play: &self.to_play,
            environments: EnvironmentBatch::new(&self.environments),
        }
    }
}
