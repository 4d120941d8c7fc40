//! The settings of PPO.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_models::networks::NetworkSettings;
use zerolab_models::{OptimizerSettings, Schedule};

use zerolab_settings::range::{MOST, count, not_negative, positive, share};
use zerolab_settings::{SettingsError, within};

/// PPO's settings. The defaults are those of the published program for classic control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f64,
    /// λ of generalised advantage estimation (Schulman et al. 2016): 0 is the one-step error, 1 the whole
    /// return.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub gae_lambda: f64,
    /// Steps of each lane in a rollout.
    #[schemars(range(min = 1, max = MOST))]
    pub rollout_steps: usize,
    /// Passes over each rollout.
    #[schemars(range(min = 1, max = MOST))]
    pub epochs: usize,
    /// Updates in an epoch.
    #[schemars(range(min = 1, max = MOST))]
    pub minibatches: usize,
    /// The ratio of new to old probability is clipped to [1 - clip, 1 + clip].
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub clip: f64,
    /// Whether changes of values are clipped to [-clip, clip] too.
    pub value_clipping: bool,
    /// Weight of the value loss.
    #[schemars(range(min = 0.0))]
    pub value_weight: f64,
    /// Weight of the entropy bonus.
    #[schemars(range(min = 0.0))]
    pub entropy_weight: f64,
    /// The network's size.
    pub network: NetworkSettings,
    /// The optimiser.
    pub optimizer: OptimizerSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount: 0.99,
            gae_lambda: 0.95,
            rollout_steps: 128,
            epochs: 4,
            minibatches: 4,
            clip: 0.2,
            value_clipping: true,
            value_weight: 0.5,
            entropy_weight: 0.01,
            network: NetworkSettings::default(),
            optimizer: OptimizerSettings {
                learning_rate: 2.5e-4,
                schedule: Schedule::Linear,
                final_learning_rate_fraction: 0.0,
                epsilon: 1e-5,
                max_gradient_norm: 0.5,
                ..OptimizerSettings::default()
            },
        }
    }
}

impl Settings {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        share("discount", self.discount)?;
        share("gae_lambda", self.gae_lambda)?;
        count("rollout_steps", self.rollout_steps as u64, MOST)?;
        count("epochs", self.epochs as u64, MOST)?;
        count("minibatches", self.minibatches as u64, MOST)?;
        positive("clip", self.clip)?;
        not_negative("value_weight", self.value_weight)?;
        not_negative("entropy_weight", self.entropy_weight)?;
        within("network", self.network.check())?;
        within("optimizer", self.optimizer.check())
    }

    /// Steps of a minibatch of a rollout of `steps` steps; the last minibatch may have fewer.
    pub(crate) fn minibatch(&self, steps: usize) -> usize {
        steps.div_ceil(self.minibatches).max(1)
    }

    /// Updates on a rollout of `steps` steps.
    pub(crate) fn updates(&self, steps: usize) -> u64 {
        (self.epochs * steps.div_ceil(self.minibatch(steps))) as u64
    }
}
