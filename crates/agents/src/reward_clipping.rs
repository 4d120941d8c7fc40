//! Reward clipping. Games score on different scales, so agents of many games clip rewards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use zerolab_settings::SettingsError;
use zerolab_settings::range::not_negative;

/// How observed rewards are clipped before learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RewardClipping {
    /// The clipping rule.
    pub rule: ClippingRule,
    /// The largest absolute reward with `rule = "limit"`.
    #[schemars(range(min = 0.0))]
    pub limit: f64,
}

/// The ways to clip rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClippingRule {
    /// No clipping.
    None,
    /// The sign: -1, 0 or 1 (Mnih et al. 2015; EfficientZero on Atari).
    Sign,
    /// Clipping to [-limit, limit].
    Limit,
}

impl Default for RewardClipping {
    fn default() -> Self {
        Self { rule: ClippingRule::None, limit: 1.0 }
    }
}

impl RewardClipping {
    /// Checks the range.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        not_negative("limit", self.limit)
    }

    /// The clipped reward.
    #[must_use]
    pub fn clip(&self, reward: f32) -> f32 {
        match self.rule {
            ClippingRule::None => reward,
            // `signum` of 0.0 is 1.
            ClippingRule::Sign if reward == 0.0 => 0.0,
            ClippingRule::Sign => reward.signum(),
            ClippingRule::Limit => {
                let limit = self.limit as f32;
                reward.clamp(-limit, limit)
            }
        }
    }
}
