//! Conversion of settings between TOML tables and typed values, with errors that name the key.
//!
//! Environments and agents use it. Each type of settings checks the ranges of its own values.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A setting that is unknown, has the wrong type or is out of range.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct SettingsError {
    /// Dotted path of the key from the top of the table, `search.simulations`; empty for the whole table.
    pub path: String,
    /// What is wrong, and which values are possible.
    pub message: String,
}

impl SettingsError {
    /// An error of the setting at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

/// Reads typed settings from a table. Missing keys have the type's defaults.
///
/// # Errors
/// The first key that is unknown or whose value has the wrong type.
pub fn read<T: DeserializeOwned>(table: &toml::Table) -> Result<T, SettingsError> {
    serde_path_to_error::deserialize(table.clone()).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        SettingsError { path, message: error.inner().message().to_owned() }
    })
}

/// The table of typed settings, including defaults.
///
/// # Errors
/// If TOML cannot represent a value, such as an integer above `i64::MAX`.
pub fn write<T: Serialize>(settings: &T) -> Result<toml::Table, SettingsError> {
    toml::Table::try_from(settings).map_err(|error| SettingsError::new("", error.to_string()))
}
