//! What the registry knows of an environment, made from the type of the environment's settings.

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::checking::Rule;
use crate::environment::{Description, Environment, Environments};
use crate::surroundings::{OutsideProgram, Surroundings};
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

    /// Makes environments that are stepped side by side. They may share what one alone would have for itself.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    fn make_lanes(&self, lanes: usize) -> Result<Environments, SettingsError> {
        (0..lanes).map(|_| self.make()).collect()
    }

    /// The settings with what can only be found outside of them, for an environment that is not part of the program.
    ///
    /// # Errors
    /// What is missing or does not work there.
    fn complete(self, _surroundings: &Surroundings) -> Result<Self, SettingsError> {
        Ok(self)
    }

    /// The code outside of this program that the environment runs, if it does.
    fn program(&self) -> Option<OutsideProgram> {
        None
    }

    /// What its author should do where the environment breaks the rule.
    fn advice(rule: Rule) -> &'static str {
        rule.advice()
    }

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
    /// Makes environments with these settings, before their first episode. They may share what one alone would have for
    /// itself.
    pub make_lanes: fn(&toml::Table, usize) -> Result<Environments, SettingsError>,
    /// Makes the environment with these settings, before its first episode.
    pub make: fn(&toml::Table) -> Result<Box<dyn Environment>, SettingsError>,
    /// Completes settings with what can only be found outside of them.
    pub complete: fn(&toml::Table, &Surroundings) -> Result<toml::Table, SettingsError>,
    /// The code outside of this program that the environment with these settings runs, if it does.
    pub program: fn(&toml::Table) -> Result<Option<OutsideProgram>, SettingsError>,
    /// What the author should do where the environment breaks the rule.
    pub advice: fn(Rule) -> &'static str,
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
            make_lanes: |table, lanes| read::<S>(table)?.make_lanes(lanes),
            make: |table| read::<S>(table)?.make(),
            complete: |table, surroundings| {
                zerolab_settings::write(&read::<S>(table)?.complete(surroundings)?)
            },
            program: |table| Ok(read::<S>(table)?.program()),
            advice: S::advice,
        }
    }
}

/// Reads and checks settings.
fn read<S: EnvironmentSettings>(table: &toml::Table) -> Result<S, SettingsError> {
    let settings: S = zerolab_settings::read(table)?;
    settings.check()?;
    Ok(settings)
}
