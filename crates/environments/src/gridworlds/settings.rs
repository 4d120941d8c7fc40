//! The settings of the worlds.

/// Defines the `Settings` of a world, with its own keys and their defaults. `for_evaluation` changes the own keys for
/// evaluations.
///
/// A macro, because serde can share fields among types only by `flatten`, which loses the place of an error.
macro_rules! settings {
    (
        world: $world:ty,
        name: $name:literal,
        summary: $summary:literal,
        $(keys: { $($(#[$attribute:meta])* $key:ident: $type:ty = $default:expr),* $(,)? },)?
        $(check: $check:expr,)?
        $(for_evaluation: $for_evaluation:expr,)?
        make: $make:expr $(,)?
    ) => {
        /// Settings of the environment.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Settings {
            $($($(#[$attribute])* pub $key: $type,)*)?
            /// The form of the observation.
            pub observation: $crate::tabular::Layout,
            /// The reward that an agent is shown in training. Evaluations show the paid one.
            pub reward: $crate::tabular::ShownReward,
            /// The events in whose steps the reward is hidden in training.
            pub hidden_in: Vec<String>,
        }

        impl Default for Settings {
            fn default() -> Self {
                Self {
                    $($($key: $default,)*)?
                    observation: Default::default(),
                    reward: Default::default(),
                    hidden_in: Vec::new(),
                }
            }
        }

        impl Settings {
            fn shown(&self) -> Result<$crate::tabular::Shown, $crate::SettingsError> {
                let events = <$world as $crate::tabular::Tabular>::EVENTS;
                $crate::tabular::Shown::new(self.observation, self.reward, &self.hidden_in, events)
            }
        }

        impl $crate::entry::EnvironmentSettings for Settings {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;

            fn check(&self) -> Result<(), $crate::SettingsError> {
                $(
                    let check: fn(&Self) -> Result<(), $crate::SettingsError> = $check;
                    check(self)?;
                )?
                self.shown().map(drop)
            }

            fn make(&self) -> Result<Box<dyn $crate::Environment>, $crate::SettingsError> {
                let make: fn(&Self) -> $world = $make;
                let shown = self.shown()?;
                Ok(Box::new($crate::tabular::TabularEnvironment::new($name, make(self), shown)))
            }

            fn for_evaluation(self) -> Self {
                let reward = $crate::tabular::ShownReward::Paid;
                let settings = Self { reward, hidden_in: Vec::new(), ..self };
                $(
                    let for_evaluation: fn(Self) -> Self = $for_evaluation;
                    let settings = for_evaluation(settings);
                )?
                settings
            }
        }
    };
}

pub(crate) use settings;
