//! Between TOML tables and typed settings.

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Value;

use crate::SettingsError;

/// Typed settings from a table. Missing keys take the defaults of the type. A whole number may be written as `1e5`.
///
/// # Errors
/// The first key that is unknown or has a value of the wrong type.
pub fn read<T: DeserializeOwned>(table: &toml::Table) -> Result<T, SettingsError> {
    let mut table = table.clone();
    let mut refused: Option<SettingsError> = None;
    loop {
        let error = match read_as_written(&table) {
            Ok(settings) => return Ok(settings),
            Err(error) => error,
        };
        // Where a whole number is no help either, the first error has the number as written.
        if let Some(first) = refused.filter(|first| first.path == error.path) {
            return Err(first);
        }
        if !error.message.starts_with("invalid type: floating point") {
            return Err(error);
        }
        match at(&mut table, &error.path).and_then(|value| Some((whole(value)?, value))) {
            Some((number, value)) => *value = number,
            None => return Err(error),
        }
        refused = Some(error);
    }
}

fn read_as_written<T: DeserializeOwned>(table: &toml::Table) -> Result<T, SettingsError> {
    serde_path_to_error::deserialize(table.clone()).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        SettingsError { path, message: error.inner().message().to_owned() }
    })
}

/// The value at a path such as `search.noise.fractions[2]`.
fn at<'a>(table: &'a mut toml::Table, path: &str) -> Option<&'a mut Value> {
    let path = path.replace('[', ".[");
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    let mut value = table.get_mut(steps.next()?)?;
    for step in steps {
        let index = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        value = match index.and_then(|index| index.parse::<usize>().ok()) {
            Some(index) => value.get_mut(index)?,
            None => value.get_mut(step)?,
        };
    }
    Some(value)
}

/// Above this, not every whole number has a float of its own.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// The whole number that a float is.
fn whole(value: &Value) -> Option<Value> {
    let number =
        value.as_float().filter(|number| number.fract() == 0.0 && number.abs() <= LARGEST)?;
    Some(Value::Integer(number as i64))
}

/// The table of typed settings, defaults included.
///
/// # Errors
/// If the type holds a value that TOML has no form for, such as an integer above `i64::MAX`.
pub fn write<T: Serialize>(settings: &T) -> Result<toml::Table, SettingsError> {
    toml::Table::try_from(settings).map_err(|error| SettingsError::new("", error.to_string()))
}
