//! The settings of the planner family: EfficientZero, and MuZero as EfficientZero with three switches off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_models::OptimizerSettings;
use zerolab_models::networks::NetworkSettings;

use crate::checks::{Wrong, at_least_one, not_negative, share, within, wrong};

/// A planner's settings. Defaults are EfficientZero's where the size of the world does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f32,
    /// The value support reaches so far on either side of 0, in the squeezed space of h.
    #[schemars(range(min = 1))]
    pub value_limit: usize,
    /// The reward (or value prefix) support reaches so far on either side of 0.
    #[schemars(range(min = 1))]
    pub reward_limit: usize,
    /// The tree search.
    pub search: zerolab_search::Settings,
    /// The networks' sizes.
    pub network: NetworkSettings,
    /// The value prefix.
    pub value_prefix: ValuePrefix,
    /// The self-supervised consistency loss.
    pub consistency: Consistency,
    /// Fresh targets from stored experience.
    pub reanalyse: Reanalyse,
    /// The replay buffer.
    pub replay: ReplaySettings,
    /// The losses and the pace of learning.
    pub training: Training,
    /// The optimiser.
    pub optimizer: OptimizerSettings,
    /// How actions are drawn while exploring.
    pub exploration: Exploration,
}

/// Rewards predicted as running sums by an LSTM (Ye et al. 2021, section 4.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValuePrefix {
    /// Off: single rewards, without an LSTM, as MuZero.
    pub enabled: bool,
    /// The sum and the LSTM start anew after so many steps.
    #[schemars(range(min = 1))]
    pub horizon: usize,
}

/// The consistency loss (Ye et al. 2021, section 4.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consistency {
    /// Its weight; at 0 there is no projector.
    #[schemars(range(min = 0.0))]
    pub weight: f64,
}

/// Reanalysis (Schrittwieser et al. 2021) with the target network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reanalyse {
    /// Share of each batch whose policy targets are searched anew.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub ratio: f64,
    /// Updates between two copies of the online network into the target network.
    #[schemars(range(min = 1))]
    pub target_interval: u64,
}

/// What is kept and how it is sampled (Schaul et al. 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReplaySettings {
    /// Transitions kept.
    #[schemars(range(min = 1))]
    pub capacity: usize,
    /// α: 0 samples uniformly.
    #[schemars(range(min = 0.0))]
    pub priority_exponent: f64,
    /// β at the start; it grows linearly to 1 over the budget.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub importance_exponent: f64,
}

/// The losses and the pace of learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Steps sampled for an update, `B`.
    #[schemars(range(min = 1))]
    pub batch_size: usize,
    /// Steps that the model is unrolled, `K`.
    #[schemars(range(min = 1))]
    pub unroll_steps: usize,
    /// Rewards in a value target before it bootstraps, `n`.
    #[schemars(range(min = 1))]
    pub td_steps: usize,
    /// Off-policy correction: with data older than multiples of this share of the budget, `n` gets
    /// shorter. 0 switches it off.
    #[schemars(range(min = 0.0))]
    pub td_shortening_share: f64,
    /// Updates for each real step.
    #[schemars(range(min = 0.0))]
    pub update_ratio: f64,
    /// Real steps of uniformly random actions before learning begins.
    #[schemars(range(min = 1))]
    pub learning_starts: u64,
    /// Weight of the reward (or value prefix) loss.
    #[schemars(range(min = 0.0))]
    pub reward_weight: f64,
    /// Weight of the value loss.
    #[schemars(range(min = 0.0))]
    pub value_weight: f64,
    /// Weight of the policy loss.
    #[schemars(range(min = 0.0))]
    pub policy_weight: f64,
    /// Factor of the gradient that goes back into the state before each unrolled step (MuZero: 0.5).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub gradient_scale: f64,
}

/// How actions are drawn while exploring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Exploration {
    /// Temperatures of the visit counts, evenly spread over the budget: with three, one for each third.
    #[schemars(length(min = 1))]
    pub temperatures: Vec<f32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount: 0.997,
            value_limit: 20,
            reward_limit: 10,
            search: zerolab_search::Settings::efficientzero(),
            network: NetworkSettings::default(),
            value_prefix: ValuePrefix::default(),
            consistency: Consistency::default(),
            reanalyse: Reanalyse::default(),
            replay: ReplaySettings::default(),
            training: Training::default(),
            optimizer: OptimizerSettings::default(),
            exploration: Exploration::default(),
        }
    }
}

impl Default for ValuePrefix {
    fn default() -> Self {
        Self { enabled: true, horizon: 5 }
    }
}

impl Default for Consistency {
    fn default() -> Self {
        Self { weight: 2.0 }
    }
}

impl Default for Reanalyse {
    fn default() -> Self {
        Self { ratio: 0.99, target_interval: 200 }
    }
}

impl Default for ReplaySettings {
    fn default() -> Self {
        Self { capacity: 100_000, priority_exponent: 0.6, importance_exponent: 0.4 }
    }
}

impl Default for Training {
    fn default() -> Self {
        Self {
            batch_size: 256,
            unroll_steps: 5,
            td_steps: 5,
            td_shortening_share: 0.3,
            update_ratio: 1.0,
            learning_starts: 2000,
            reward_weight: 1.0,
            value_weight: 0.25,
            policy_weight: 1.0,
            gradient_scale: 0.5,
        }
    }
}

impl Default for Exploration {
    fn default() -> Self {
        Self { temperatures: vec![1.0, 1.0, 0.5, 0.25] }
    }
}

impl Settings {
    /// Looks at the ranges.
    ///
    /// # Errors
    /// The key and what is wrong with it.
    pub fn check(&self) -> Result<(), Wrong> {
        let Training { batch_size, unroll_steps, td_steps, learning_starts, .. } = self.training;
        at_least_one("value_limit", self.value_limit as u64)?;
        at_least_one("reward_limit", self.reward_limit as u64)?;
        at_least_one("value_prefix.horizon", self.value_prefix.horizon as u64)?;
        at_least_one("reanalyse.target_interval", self.reanalyse.target_interval)?;
        at_least_one("replay.capacity", self.replay.capacity as u64)?;
        at_least_one("training.batch_size", batch_size as u64)?;
        at_least_one("training.unroll_steps", unroll_steps as u64)?;
        at_least_one("training.td_steps", td_steps as u64)?;
        at_least_one("training.learning_starts", learning_starts)?;
        share("discount", f64::from(self.discount))?;
        share("reanalyse.ratio", self.reanalyse.ratio)?;
        share("replay.importance_exponent", self.replay.importance_exponent)?;
        share("training.gradient_scale", self.training.gradient_scale)?;
        not_negative("consistency.weight", self.consistency.weight)?;
        not_negative("replay.priority_exponent", self.replay.priority_exponent)?;
        not_negative("training.td_shortening_share", self.training.td_shortening_share)?;
        not_negative("training.update_ratio", self.training.update_ratio)?;
        not_negative("training.reward_weight", self.training.reward_weight)?;
        not_negative("training.value_weight", self.training.value_weight)?;
        not_negative("training.policy_weight", self.training.policy_weight)?;
        let temperatures = &self.exploration.temperatures;
        if temperatures.is_empty() || temperatures.iter().any(|&t| !(t >= 0.0 && t.is_finite())) {
            return wrong("exploration.temperatures", "must be a list of numbers from 0 up");
        }
        within("search", self.search.check())?;
        within("network", self.network.check())?;
        within("optimizer", self.optimizer.check())
    }

    /// The temperature when `progress` of the budget (0 to 1) is spent.
    #[must_use]
    pub fn temperature(&self, progress: f64) -> f32 {
        let temperatures = &self.exploration.temperatures;
        let index = (progress * temperatures.len() as f64) as usize;
        temperatures[index.min(temperatures.len() - 1)]
    }

    /// How many samples of a batch are searched anew.
    #[must_use]
    pub fn reanalysed_samples(&self) -> usize {
        (self.reanalyse.ratio * self.training.batch_size as f64) as usize
    }
}
