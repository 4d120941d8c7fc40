//! The settings of the games. All games share them, and those that become harder have one more.

use zerolab_settings::SettingsError;
use zerolab_settings::range::{at_least_one, share};

/// The settings that every game has.
pub trait MinAtarSettings {
    /// Probability that the last executed action is repeated in place of the chosen one.
    fn sticky_action_probability(&self) -> f64;
    /// Whether there are only the actions that have a meaning in the game.
    fn minimal_actions(&self) -> bool;
    /// Number of steps after which an episode is truncated.
    fn max_steps(&self) -> u32;
}

/// Checks the ranges of the settings that every game has.
pub(super) fn check(settings: &impl MinAtarSettings) -> Result<(), SettingsError> {
    share("sticky_action_probability", settings.sticky_action_probability())?;
    at_least_one("max_steps", settings.max_steps().into())
}

/// Defines the `Settings` of a game from its type, name and summary, with at most one further switch, which
/// is on by default.
///
/// A macro, because serde can share fields among types only by `flatten`, which loses the place of an error.
macro_rules! settings {
    (
        $game:ty, $name:literal, $summary:literal
        $(, $(#[$doc:meta])* $switch:ident)?
    ) => {
        /// Settings of the environment.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Settings {
            /// Probability that the last executed action is repeated in place of the chosen one.
            #[schemars(range(min = 0.0, max = 1.0))]
            pub sticky_action_probability: f64,
            /// Whether there are only the actions that have a meaning in this game. Published results are
            /// with all six (no-op, left, up, right, down, fire).
            pub minimal_actions: bool,
            $($(#[$doc])* pub $switch: bool,)?
            /// Number of steps after which an episode is truncated. MinAtar has no limit; without one the
            /// evaluation of an agent that never fails would not end.
            #[schemars(range(min = 1))]
            pub max_steps: u32,
        }

        impl Default for Settings {
            fn default() -> Self {
                Self {
                    sticky_action_probability: 0.1,
                    minimal_actions: false,
                    $($switch: true,)?
                    max_steps: 5000,
                }
            }
        }

        impl $crate::minatar::MinAtarSettings for Settings {
            fn sticky_action_probability(&self) -> f64 {
                self.sticky_action_probability
            }

            fn minimal_actions(&self) -> bool {
                self.minimal_actions
            }

            fn max_steps(&self) -> u32 {
                self.max_steps
            }
        }

        impl $crate::entry::EnvironmentSettings for Settings {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;

            fn check(&self) -> Result<(), $crate::SettingsError> {
                $crate::minatar::settings::check(self)
            }

            fn make(&self) -> Result<Box<dyn $crate::Environment>, $crate::SettingsError> {
                Ok(Box::new($crate::minatar::MinAtar::<$game>::new(self)))
            }
        }
    };
}

pub(super) use settings;
