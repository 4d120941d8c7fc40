//! What the registry knows of an environment, made from the type of the environment's settings.

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::environment::{Description, Environment};
use zerolab_settings::SettingsError;

/// The settings of an environment, with its name and constructor.
pub trait EnvironmentSettings: Serialize + DeserializeOwned + JsonSchema {
    /// The environment's name in a spec.
    const NAME: &'static str;
    /// One line for lists of environments.
    const SUMMARY: &'static str;
    /// The Cargo feature that making the environment needs, if this program was built without it.
    const MISSING_FEATURE: Option<&'static str> = None;

    /// Checks the ranges of the values.
    ///
    /// # Errors
    /// The first setting whose value is out of range, and which values are possible.
    fn check(&self) -> Result<(), SettingsError> {
        Ok(())
    }

    /// The description of the environment with these settings. It may be known even if the environment
    /// cannot be made.
    ///
    /// # Errors
    /// As [`make`](Self::make), unless overridden.
    fn describe(&self) -> Result<Description, SettingsError> {
        Ok(self.make()?.description().clone())
    }

    /// Makes the environment with these settings, before its first episode.
    ///
    /// # Errors
    /// If a file is missing, or the program was built without a feature that the environment needs.
    fn make(&self) -> Result<Box<dyn Environment>, SettingsError>;

    /// The settings of evaluations, for an agent that trains with `self`. Observations and actions must
    /// stay the same.
    #[must_use]
    fn for_evaluation(self) -> Self {
        self
    }
}

/// An environment that a spec can name.
#[derive(Clone, Copy, Debug)]
pub struct EnvironmentEntry {
    /// The environment's name in a spec.
    pub name: &'static str,
    /// One line for lists of environments.
    pub summary: &'static str,
    /// The Cargo feature that making the environment needs, if this program was built without it.
    pub missing_feature: Option<&'static str>,
    /// Checks settings and fills in the defaults.
    pub resolve: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// JSON Schema of the settings.
    pub schema: fn() -> Schema,
    /// The settings of evaluations, for an agent that trains with the given ones. Most environments
    /// return them unchanged.
    pub for_evaluation: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// The description of the environment with these settings.
    pub describe: fn(&toml::Table) -> Result<Description, SettingsError>,
    /// Makes the environment with these settings, before its first episode.
    pub make: fn(&toml::Table) -> Result<Box<dyn Environment>, SettingsError>,
}

impl EnvironmentEntry {
    /// The entry of the environment with settings of type `S`.
    #[must_use]
    pub fn of<S: EnvironmentSettings>() -> Self {
        Self {
            name: S::NAME,
            summary: S::SUMMARY,
            missing_feature: S::MISSING_FEATURE,
            resolve: |table| zerolab_settings::write(&read::<S>(table)?),
            schema: || schemars::schema_for!(S),
            for_evaluation: |table| zerolab_settings::write(&read::<S>(table)?.for_evaluation()),
            describe: |table| read::<S>(table)?.describe(),
            make: |table| read::<S>(table)?.make(),
        }
    }
}

/// Reads and checks settings.
fn read<S: EnvironmentSettings>(table: &toml::Table) -> Result<S, SettingsError> {
    let settings: S = zerolab_settings::read(table)?;
    settings.check()?;
    Ok(settings)
}
