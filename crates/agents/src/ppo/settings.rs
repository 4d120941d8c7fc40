//! The settings of PPO.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_models::networks::NetworkSettings;
use zerolab_models::{OptimizerSettings, Schedule};

use crate::checks::{Wrong, at_least_one, not_negative, positive, share, within};

/// PPO's settings. Defaults are those that the published program has for small worlds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f32,
    /// λ of the generalised advantages (Schulman et al. 2016): 0 is one step's error, 1 the whole return.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub gae_lambda: f32,
    /// Steps of each lane from one round of learning to the next.
    #[schemars(range(min = 1))]
    pub rollout_steps: usize,
    /// How often each step is learnt from.
    #[schemars(range(min = 1))]
    pub epochs: usize,
    /// Updates of an epoch.
    #[schemars(range(min = 1))]
    pub minibatches: usize,
    /// How far the ratio of new to old probability may go from 1 before there is no more to gain.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub clip: f64,
    /// Values too may move by `clip` only.
    pub value_clipping: bool,
    /// Weight of the value loss.
    #[schemars(range(min = 0.0))]
    pub value_weight: f64,
    /// Weight of the policy's entropy, which is to be large.
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
    /// Looks at the ranges.
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        share("discount", f64::from(self.discount))?;
        share("gae_lambda", f64::from(self.gae_lambda))?;
        at_least_one("rollout_steps", self.rollout_steps as u64)?;
        at_least_one("epochs", self.epochs as u64)?;
        at_least_one("minibatches", self.minibatches as u64)?;
        positive("clip", self.clip)?;
        not_negative("value_weight", self.value_weight)?;
        not_negative("entropy_weight", self.entropy_weight)?;
        within("network", self.network.check())?;
        within("optimizer", self.optimizer.check())
    }

    /// Steps of an update that is made of `steps` steps of experience; its last may have fewer.
    pub(crate) fn minibatch(&self, steps: usize) -> usize {
        steps.div_ceil(self.minibatches).max(1)
    }

    /// Updates that are made of `steps` steps of experience.
    pub(crate) fn updates(&self, steps: usize) -> u64 {
        (self.epochs * steps.div_ceil(self.minibatch(steps))) as u64
    }
}
