//! What an agent learns from of the rewards that it sees: agents of games clip them, for each game counts otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checks::{Wrong, not_negative};

/// What observed rewards are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RewardClipping {
    /// By which rule.
    pub rule: ClippingRule,
    /// Of `rule = "limit"`: how far from 0 a reward may be.
    #[schemars(range(min = 0.0))]
    pub limit: f32,
}

/// The ways to clip rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClippingRule {
    /// Not at all.
    None,
    /// -1, 0 or 1 (Mnih et al. 2015; EfficientZero on Atari).
    Sign,
    /// The nearest number within the limit.
    Limit,
}

impl Default for RewardClipping {
    fn default() -> Self {
        Self { rule: ClippingRule::None, limit: 1.0 }
    }
}

impl RewardClipping {
    /// Looks at the range.
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        not_negative("limit", f64::from(self.limit))
    }

    /// What is learnt from `reward`.
    #[must_use]
    pub fn clip(&self, reward: f32) -> f32 {
        match self.rule {
            ClippingRule::None => reward,
            // The sign of 0.0 would be 1.
            ClippingRule::Sign if reward == 0.0 => 0.0,
            ClippingRule::Sign => reward.signum(),
            ClippingRule::Limit => reward.clamp(-self.limit, self.limit),
        }
    }
}
