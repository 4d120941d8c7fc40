//! The error of a setting.

use thiserror::Error;

/// A setting that is unknown, of the wrong type, or out of range.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct SettingsError {
    /// Dotted path of the key from the top of the table, such as `search.simulations`; empty for the whole table.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl SettingsError {
    /// An error of the setting at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

/// The result of checking a table that its parent holds as `table`: the path of an error starts there.
///
/// # Errors
/// That of `checked`.
pub fn within(table: &str, checked: Result<(), SettingsError>) -> Result<(), SettingsError> {
    checked.map_err(|error| {
        let path = [table, &error.path].join(if error.path.is_empty() { "" } else { "." });
        SettingsError { path, ..error }
    })
}
