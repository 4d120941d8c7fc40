//! Between TOML tables and typed settings.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::SettingsError;

/// Typed settings from a table. Missing keys take the defaults of the type.
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

/// The table of typed settings, defaults included.
///
/// # Errors
/// If the type holds a value that TOML has no form for, such as an integer above `i64::MAX`.
pub fn write<T: Serialize>(settings: &T) -> Result<toml::Table, SettingsError> {
    toml::Table::try_from(settings).map_err(|error| SettingsError::new("", error.to_string()))
}
