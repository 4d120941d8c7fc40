//! The settings of the losses and the schedule of updates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reward_clipping::RewardClipping;
use zerolab_settings::range::{MOST, MOST_UPDATES, at_least_one, at_most, count, not_negative};
use zerolab_settings::{SettingsError, within};

/// The losses and the schedule of updates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Steps sampled for an update, `B`.
    #[schemars(range(min = 1, max = MOST))]
    pub batch_size: usize,
    /// Unrolled steps of the model, `K`.
    #[schemars(range(min = 1, max = MOST))]
    pub unroll_steps: usize,
    /// Rewards of an n-step return, `n`.
    #[schemars(range(min = 1, max = MOST))]
    pub td_steps: usize,
    /// Off-policy correction: `n` is reduced by 1 for each multiple of this share of the budget in the age of
    /// a transition. 0 switches it off.
    #[schemars(range(min = 0.0))]
    pub td_shortening_share: f64,
    /// Updates for each real step.
    #[schemars(range(min = 0.0, max = MOST_UPDATES))]
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
    /// How gradients are scaled in the backward pass of an unroll.
    pub gradient_scaling: GradientScaling,
    /// How observed rewards are clipped before learning. Records keep the observed rewards.
    pub reward_clipping: RewardClipping,
}

/// Where the gradients of an unroll of `K` steps are scaled. The gradient of the LSTM state is never scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GradientScaling {
    /// As in the papers: by 1/2 from each dynamics step into the state before it (MuZero, appendix G); all
    /// losses by 1/K (EfficientZero, equation 4).
    Paper,
    /// As in MuZero's pseudocode: by 1/2 from each dynamics step into an unrolled state, but not into the
    /// first state; losses of unrolled states by 1/K, losses of the first state by 1.
    Pseudocode,
    /// As in EfficientZero's released code: the whole gradient into an unrolled state by 1/2, its heads
    /// included; all losses by 1/K.
    Released,
    /// No scaling between steps; all losses by 1/K (LightZero).
    None,
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
            gradient_scaling: GradientScaling::Paper,
            reward_clipping: RewardClipping::default(),
        }
    }
}

impl Training {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        count("training.batch_size", self.batch_size as u64, MOST)?;
        count("training.unroll_steps", self.unroll_steps as u64, MOST)?;
        count("training.td_steps", self.td_steps as u64, MOST)?;
        at_least_one("training.learning_starts", self.learning_starts)?;
        not_negative("training.td_shortening_share", self.td_shortening_share)?;
        not_negative("training.update_ratio", self.update_ratio)?;
        at_most("training.update_ratio", self.update_ratio, MOST_UPDATES)?;
        not_negative("training.reward_weight", self.reward_weight)?;
        not_negative("training.value_weight", self.value_weight)?;
        not_negative("training.policy_weight", self.policy_weight)?;
        within("training.reward_clipping", self.reward_clipping.check())
    }
}

impl GradientScaling {
    /// The factor of the gradient from unrolled step `k` (from 1) into the state before it.
    pub(crate) fn before_step(self, k: usize) -> f64 {
        match self {
            Self::Paper => 0.5,
            Self::Pseudocode if k > 1 => 0.5,
            Self::Pseudocode | Self::Released | Self::None => 1.0,
        }
    }

    /// The factor of the whole gradient into an unrolled state.
    pub(crate) fn into_state(self) -> f64 {
        if self == Self::Released { 0.5 } else { 1.0 }
    }

    /// The factor of the losses of the first state, in addition to the 1/K of all losses.
    pub(crate) fn of_first_losses(self, unroll_steps: usize) -> f64 {
        if self == Self::Pseudocode { unroll_steps as f64 } else { 1.0 }
    }
}
