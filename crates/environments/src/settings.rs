//! Settings as a person writes them in TOML, to and from typed ones, with errors that name the key.
//!
//! Used for the options of environments here, and by the agents for theirs. What the values must satisfy
//! beyond their type is checked by whoever owns the type.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A setting that is unknown, of the wrong type or impossible.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct SettingsError {
    /// Dotted path of the key from the top of the table, `search.simulations`; empty for the whole table.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl SettingsError {
    /// The setting at `path` is wrong as `message` says.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

/// Typed settings from a table; keys that are left out take the type's defaults.
///
/// # Errors
/// The first key that is unknown or has a value of the wrong type.
pub fn read<T: DeserializeOwned>(table: &toml::Table) -> Result<T, SettingsError> {
    serde_path_to_error::deserialize(table.clone()).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        SettingsError { path, message: error.inner().message().to_owned() }
    })
}

/// The table of typed settings, defaults written out.
///
/// # Errors
/// If the type holds what TOML cannot say, such as an integer above `i64::MAX`.
pub fn write<T: Serialize>(settings: &T) -> Result<toml::Table, SettingsError> {
    toml::Table::try_from(settings).map_err(|error| SettingsError::new("", error.to_string()))
}
