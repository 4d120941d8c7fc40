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

    /// The same error, seen from the table that holds this one as `table`.
    #[must_use]
    pub fn within(self, table: &str) -> Self {
        let path =
            if self.path.is_empty() { table.to_owned() } else { format!("{table}.{}", self.path) };
        Self { path, ..self }
    }
}
