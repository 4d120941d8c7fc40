//! What the registry lists: kinds of agents, and presets of their settings.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zerolab_settings::SettingsError;
use zerolab_settings::{read, write};

use crate::agent::{Agent, AgentError, Context};
use crate::registry::find;
use crate::summary::Summary;

/// One kind of agent.
pub struct AgentEntry {
    /// Its name, as in a preset's `agent` key.
    pub name: &'static str,
    /// A description in one line.
    pub summary: &'static str,
    /// Completes settings with defaults and checks their ranges.
    pub resolve: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// The JSON Schema of its settings.
    pub schema: fn() -> schemars::Schema,
    /// Makes an agent from resolved settings.
    pub make: Make,
    /// Describes the networks and the cost of a run, from resolved settings.
    pub describe: fn(&toml::Table, &Context) -> Result<Summary, AgentError>,
}

/// Makes an agent from resolved settings.
pub type Make = fn(&toml::Table, &Context) -> Result<Box<dyn Agent>, AgentError>;

/// A complete table of an agent's settings, shipped with the program.
pub struct Preset {
    /// Its name, as in `[agents.NAME]` or `preset = "NAME"`.
    pub name: &'static str,
    /// A description in one line.
    pub summary: &'static str,
    /// Its TOML: the key `agent` names the [`AgentEntry`], the other keys are its settings.
    pub toml: &'static str,
}

impl Preset {
    /// The kind of agent, and its complete settings.
    ///
    /// # Errors
    /// If the TOML cannot be read, names no known kind of agent, or has wrong settings.
    pub fn resolve(&self) -> Result<(&'static AgentEntry, toml::Table), SettingsError> {
        let mut settings: toml::Table = self
            .toml
            .parse()
            .map_err(|error: toml::de::Error| SettingsError::new("", error.message()))?;
        let Some(toml::Value::String(kind)) = settings.remove("agent") else {
            return Err(SettingsError::new("agent", "the preset names no agent"));
        };
        let unknown = || SettingsError::new("agent", format!("there is no agent `{kind}`"));
        let entry = find(&kind).ok_or_else(unknown)?;
        Ok((entry, (entry.resolve)(&settings)?))
    }
}

/// For [`AgentEntry::resolve`]: reads a table of settings, checks it and writes it with all defaults. `check` checks
/// the ranges.
///
/// # Errors
/// If a setting is unknown, or has a wrong type or value.
pub fn resolve<T: Serialize + DeserializeOwned>(
    table: &toml::Table,
    check: impl Fn(&T) -> Result<(), SettingsError>,
) -> Result<toml::Table, SettingsError> {
    let settings: T = read(table)?;
    check(&settings)?;
    write(&settings)
}
