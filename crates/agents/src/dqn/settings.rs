//! The settings of the value-based agents: DQN, and Rainbow as DQN with all switches on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_models::OptimizerSettings;
use zerolab_models::networks::NetworkSettings;

use crate::reward_clipping::RewardClipping;
use crate::update_schedule::{UpdateSchedule, linear};
use zerolab_settings::range::{
    MOST, MOST_TRANSITIONS, MOST_UNITS, MOST_UPDATES, at_least_one, at_most, count, not_negative,
    share,
};
use zerolab_settings::{SettingsError, within};

/// A value-based agent's settings. The defaults are double DQN's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f64,
    /// Steps sampled for an update.
    #[schemars(range(min = 1, max = MOST))]
    pub batch_size: usize,
    /// Rewards of an n-step return, `n`.
    #[schemars(range(min = 1, max = MOST))]
    pub td_steps: usize,
    /// Updates for each real step.
    #[schemars(range(min = 0.0, max = MOST_UPDATES))]
    pub update_ratio: f64,
    /// Real steps of uniformly random actions before learning begins.
    #[schemars(range(min = 1))]
    pub learning_starts: u64,
    /// Updates between two copies of the online network into the target network.
    #[schemars(range(min = 1))]
    pub target_interval: u64,
    /// Number of transitions in the replay buffer.
    #[schemars(range(min = 1, max = MOST_TRANSITIONS))]
    pub replay_capacity: usize,
    /// How observed rewards are clipped before learning.
    pub reward_clipping: RewardClipping,
    /// α of prioritised replay; 0 samples uniformly.
    #[schemars(range(min = 0.0))]
    pub priority_exponent: f64,
    /// β of the importance weights at the start; it grows linearly to 1 over the budget.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub importance_exponent: f64,
    /// Probability of a random action at the end of the exploration.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub final_epsilon: f64,
    /// Share of the budget over which the probability of a random action falls from 1 to `final_epsilon`. At
    /// 0 it is `final_epsilon` from the beginning of learning.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub exploration_share: f64,
    /// Double Q-learning (van Hasselt et al. 2016): the online network chooses the action of the bootstrap
    /// value, the target network evaluates it. If off, the target network does both.
    pub double: bool,
    /// Dueling heads: state values and action advantages are estimated separately (Wang et al. 2016).
    pub dueling: bool,
    /// The weights of the head are noisy in exploring and learning (Fortunato et al. 2018).
    pub noisy: bool,
    /// Distributions of returns instead of means.
    pub distributional: Distributional,
    /// The network's size.
    pub network: NetworkSettings,
    /// The optimiser.
    pub optimizer: OptimizerSettings,
}

/// Categorical distributions of returns: C51 (Bellemare et al. 2017).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Distributional {
    /// Whether distributions are used. If not, the network predicts one value for each action.
    pub enabled: bool,
    /// Atoms of the distributions, evenly spaced.
    #[schemars(range(min = 2, max = MOST_UNITS))]
    pub atoms: usize,
    /// The smallest atom of the distributions. Smaller returns are represented by it.
    pub minimum: f64,
    /// The largest atom of the distributions. Larger returns are represented by it.
    pub maximum: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount: 0.99,
            batch_size: 64,
            td_steps: 3,
            update_ratio: 0.25,
            learning_starts: 500,
            target_interval: 100,
            replay_capacity: 100_000,
            reward_clipping: RewardClipping::default(),
            priority_exponent: 0.0,
            importance_exponent: 0.4,
            final_epsilon: 0.05,
            exploration_share: 0.2,
            double: true,
            dueling: false,
            noisy: false,
            distributional: Distributional::default(),
            network: NetworkSettings::default(),
            optimizer: OptimizerSettings::default(),
        }
    }
}

impl Default for Distributional {
    fn default() -> Self {
        Self { enabled: false, atoms: 51, minimum: -10.0, maximum: 10.0 }
    }
}

impl Settings {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        count("batch_size", self.batch_size as u64, MOST)?;
        count("td_steps", self.td_steps as u64, MOST)?;
        at_least_one("learning_starts", self.learning_starts)?;
        at_least_one("target_interval", self.target_interval)?;
        count("replay_capacity", self.replay_capacity as u64, MOST_TRANSITIONS)?;
        share("discount", self.discount)?;
        share("importance_exponent", self.importance_exponent)?;
        share("final_epsilon", self.final_epsilon)?;
        share("exploration_share", self.exploration_share)?;
        not_negative("update_ratio", self.update_ratio)?;
        at_most("update_ratio", self.update_ratio, MOST_UPDATES)?;
        not_negative("priority_exponent", self.priority_exponent)?;
        within("reward_clipping", self.reward_clipping.check())?;
        within("distributional", self.distributional.check())?;
        within("network", self.network.check())?;
        within("optimizer", self.optimizer.check())
    }

    pub(crate) fn update_schedule(&self) -> UpdateSchedule {
        UpdateSchedule { learning_starts: self.learning_starts, update_ratio: self.update_ratio }
    }

    /// The probability of a random action when `progress` of the budget (0 to 1) is spent.
    pub(crate) fn epsilon(&self, progress: f64) -> f64 {
        let left = 1.0 - (progress / self.exploration_share.max(f64::MIN_POSITIVE)).min(1.0);
        linear(self.final_epsilon, 1.0, left)
    }
}

impl Distributional {
    fn check(&self) -> Result<(), SettingsError> {
        if self.atoms < 2 {
            return Err(SettingsError::new(
                "atoms",
                format!("must be at least 2, not {}", self.atoms),
            ));
        }
        at_most("atoms", self.atoms as u64, MOST_UNITS)?;
        if !(self.minimum as f32).is_finite() {
            return Err(SettingsError::new(
                "minimum",
                format!("must be a number, not {}", self.minimum),
            ));
        }
        if !(self.maximum as f32 > self.minimum as f32 && (self.maximum as f32).is_finite()) {
            let (least, greatest) = (self.minimum, self.maximum);
            return Err(SettingsError::new(
                "maximum",
                format!("must be above minimum, {least}, not {greatest}"),
            ));
        }
        Ok(())
    }
}
