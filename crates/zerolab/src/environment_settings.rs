//! Settings of an environment on the command line: `KEY=VALUE`.

use crate::error::CommandError;

/// The settings as a table. Whether the environment has them is not checked here.
pub fn read_settings(arguments: &[String]) -> Result<toml::Table, CommandError> {
    let mut table = toml::Table::new();
    for argument in arguments {
        let (key, value) = argument.split_once('=').ok_or_else(|| {
            let message = format!("`{argument}` has no `=`: write KEY=VALUE, such as beta=0.3");
            CommandError::Arguments(message)
        })?;
        // What is no value of TOML is a word.
        let value = format!("value = {value}")
            .parse::<toml::Table>()
            .ok()
            .and_then(|mut table| table.remove("value"))
            .unwrap_or_else(|| toml::Value::String(value.to_owned()));
        if table.insert(key.trim().to_owned(), value).is_some() {
            let message = format!("`{}` is given twice", key.trim());
            return Err(CommandError::Arguments(message));
        }
    }
    Ok(table)
}
