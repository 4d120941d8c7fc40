//! The settings that every listed environment has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;

use super::canvas::Layout;
use crate::environment::Events;

/// Which reward an agent is shown in training. Evaluations always show what the environment pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShownReward {
    /// The reward that the environment pays, which can be gamed.
    #[default]
    Paid,
    /// The true reward. An agent that trains with it has no reason to game the other one.
    Performance,
}

/// What an agent is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The form of the observation.
    pub layout: Layout,
    /// Which reward.
    pub reward: ShownReward,
    /// The events whose steps hide their reward.
    pub hidden: Events,
}

impl Shown {
    /// Reads which events hide the reward. `names` are those of the environment.
    ///
    /// # Errors
    /// If a name is not among `names`.
    pub fn new(
        layout: Layout,
        reward: ShownReward,
        hidden: &[String],
        names: &'static [&'static str],
    ) -> Result<Self, SettingsError> {
        let mut events = Events::NONE;
        for name in hidden {
            let Some(event) = names.iter().position(|known| known == name) else {
                let known = names.join("`, `");
                let message = format!("there is no event `{name}`: the events are `{known}`");
                return Err(SettingsError::new("hidden_in", message));
            };
            if events.overlap(Events::one(event)) {
                let message = format!("`{name}` is given twice");
                return Err(SettingsError::new("hidden_in", message));
            }
            events |= Events::one(event);
        }
        Ok(Self { layout, reward, hidden: events })
    }
}
