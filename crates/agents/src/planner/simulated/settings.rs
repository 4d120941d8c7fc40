//! The settings of AlphaZero.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_models::OptimizerSettings;
use zerolab_models::networks::NetworkSettings;

use crate::planner::settings::{Exploration, ReplaySettings};
use crate::reward_clipping::RewardClipping;
use zerolab_settings::range::{
    MOST, MOST_UPDATES, at_least_one, at_most, count, not_negative, share,
};
use zerolab_settings::{SettingsError, within};

/// AlphaZero's settings. It has none for a learned model (rewards, dynamics, reanalysis, consistency).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f64,
    /// The tree search.
    pub search: zerolab_search::Settings,
    /// The network's size.
    pub network: NetworkSettings,
    /// The replay buffer.
    pub replay: ReplaySettings,
    /// The losses and the schedule of updates.
    pub training: Training,
    /// The optimiser.
    pub optimizer: OptimizerSettings,
    /// How actions are sampled while exploring.
    pub exploration: Exploration,
}

/// The losses and the schedule of updates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Steps sampled for an update, `B`.
    #[schemars(range(min = 1, max = MOST))]
    pub batch_size: usize,
    /// Rewards of an n-step return, `n`. With at least the length of an episode, value targets are outcomes
    /// of games, as in AlphaZero.
    #[schemars(range(min = 1, max = MOST))]
    pub td_steps: usize,
    /// Updates between two copies of the online network into the target network, which gives bootstrap
    /// values.
    #[schemars(range(min = 1))]
    pub target_interval: u64,
    /// Updates for each real step.
    #[schemars(range(min = 0.0, max = MOST_UPDATES))]
    pub update_ratio: f64,
    /// Real steps before learning begins. Their actions come from searches too.
    #[schemars(range(min = 1))]
    pub learning_starts: u64,
    /// Weight of the value loss.
    #[schemars(range(min = 0.0))]
    pub value_weight: f64,
    /// Weight of the policy loss.
    #[schemars(range(min = 0.0))]
    pub policy_weight: f64,
    /// How observed rewards are clipped before learning, and in the search. Records keep the observed
    /// rewards.
    pub reward_clipping: RewardClipping,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount: 1.0,
            search: zerolab_search::Settings::alphazero(),
            network: NetworkSettings::default(),
            replay: ReplaySettings { priority_exponent: 0.0, ..ReplaySettings::default() },
            training: Training::default(),
            optimizer: OptimizerSettings::default(),
            exploration: Exploration::default(),
        }
    }
}

impl Default for Training {
    fn default() -> Self {
        Self {
            batch_size: 256,
            td_steps: 1000,
            target_interval: 200,
            update_ratio: 1.0,
            learning_starts: 2000,
            value_weight: 1.0,
            policy_weight: 1.0,
            reward_clipping: RewardClipping::default(),
        }
    }
}

impl Settings {
    /// Checks the ranges.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        share("discount", self.discount)?;
        self.replay.check()?;
        self.training.check()?;
        self.exploration.check()?;
        within("search", self.search.check())?;
        within("network", self.network.check())?;
        within("optimizer", self.optimizer.check())
    }
}

impl Training {
    fn check(&self) -> Result<(), SettingsError> {
        count("training.batch_size", self.batch_size as u64, MOST)?;
        count("training.td_steps", self.td_steps as u64, MOST)?;
        at_least_one("training.target_interval", self.target_interval)?;
        at_least_one("training.learning_starts", self.learning_starts)?;
        not_negative("training.update_ratio", self.update_ratio)?;
        at_most("training.update_ratio", self.update_ratio, MOST_UPDATES)?;
        not_negative("training.value_weight", self.value_weight)?;
        not_negative("training.policy_weight", self.policy_weight)?;
        within("training.reward_clipping", self.reward_clipping.check())
    }
}
