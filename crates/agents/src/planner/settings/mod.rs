//! The settings of the planner family: EfficientZero, and MuZero as EfficientZero with three switches off.

mod consistency;
mod reanalyse;
mod replay;
mod training;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_models::OptimizerSettings;
use zerolab_models::networks::NetworkSettings;

pub use consistency::{Augmentation, Consistency};
pub use reanalyse::{Reanalyse, ValueTarget};
pub use replay::ReplaySettings;
pub use training::Training;

use zerolab_settings::range::{MOST, MOST_UNITS, count, share};
use zerolab_settings::{SettingsError, within};

/// A planner's settings. The defaults are EfficientZero's, except those that depend on the size of the
/// environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f64,
    /// The value support is [-value_limit, value_limit], after the scaling by h.
    #[schemars(range(min = 1, max = MOST_UNITS))]
    pub value_limit: usize,
    /// The support of rewards (or value prefixes) is [-reward_limit, reward_limit], after the scaling by h.
    #[schemars(range(min = 1, max = MOST_UNITS))]
    pub reward_limit: usize,
    /// The tree search.
    pub search: zerolab_search::Settings,
    /// The networks' sizes.
    pub network: NetworkSettings,
    /// The value prefix.
    pub value_prefix: ValuePrefix,
    /// The self-supervised consistency loss.
    pub consistency: Consistency,
    /// New targets for stored experience.
    pub reanalyse: Reanalyse,
    /// The replay buffer.
    pub replay: ReplaySettings,
    /// The losses and the schedule of updates.
    pub training: Training,
    /// The optimiser.
    pub optimizer: OptimizerSettings,
    /// How actions are sampled while exploring.
    pub exploration: Exploration,
}

/// Prediction of rewards as running sums, by an LSTM (Ye et al. 2021, section 4.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValuePrefix {
    /// Whether value prefixes are predicted. If not, single rewards are predicted without an LSTM, as in MuZero.
    pub enabled: bool,
    /// The sum of rewards and the LSTM restart after so many steps.
    #[schemars(range(min = 1, max = MOST))]
    pub horizon: usize,
}

/// How actions are sampled while exploring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Exploration {
    /// Temperatures of the visit counts, each for an equal part of the budget.
    #[schemars(length(min = 1))]
    pub temperatures: Vec<f64>,
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

impl Default for Exploration {
    fn default() -> Self {
        Self { temperatures: vec![1.0, 1.0, 0.5, 0.25] }
    }
}

impl Settings {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        count("value_limit", self.value_limit as u64, MOST_UNITS)?;
        count("reward_limit", self.reward_limit as u64, MOST_UNITS)?;
        count("value_prefix.horizon", self.value_prefix.horizon as u64, MOST)?;
        share("discount", self.discount)?;
        self.consistency.check()?;
        self.reanalyse.check()?;
        self.replay.check()?;
        self.training.check()?;
        let of_a_search = matches!(self.reanalyse.values, ValueTarget::Search | ValueTarget::Mixed);
        if of_a_search && self.reanalysed_samples() == 0 {
            return Err(SettingsError::new(
                "reanalyse.values",
                "needs searches: raise `reanalyse.ratio`",
            ));
        }
        self.exploration.check()?;
        within("search", self.search.check())?;
        within("network", self.network.check())?;
        within("optimizer", self.optimizer.check())
    }

    /// How many samples of a batch are reanalysed.
    #[must_use]
    pub fn reanalysed_samples(&self) -> usize {
        (self.reanalyse.ratio * self.training.batch_size as f64) as usize
    }
}

impl Exploration {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let possible = |&temperature: &f64| temperature >= 0.0 && (temperature as f32).is_finite();
        if self.temperatures.is_empty() || !self.temperatures.iter().all(possible) {
            return Err(SettingsError::new(
                "exploration.temperatures",
                "must be a list of numbers from 0 up",
            ));
        }
        Ok(())
    }

    /// The temperature when `progress` of the budget (0 to 1) is spent.
    #[must_use]
    pub fn temperature(&self, progress: f64) -> f32 {
        let index = (progress * self.temperatures.len() as f64) as usize;
        self.temperatures[index.min(self.temperatures.len() - 1)] as f32
    }
}
