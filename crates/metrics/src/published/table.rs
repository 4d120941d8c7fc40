//! Parses the text of a table into typed rows.

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A row that cannot be parsed.
#[derive(Debug, Error)]
#[error(
    "{file}: {source}; each row needs the columns of the first line, see README.md beside the file"
)]
pub struct PublishedError {
    /// The table's file.
    pub file: &'static str,
    /// The error, with its line.
    pub source: csv::Error,
}

/// The rows of a table, from its file (for messages) and its text.
pub(super) fn rows<Row: DeserializeOwned>(
    (file, text): (&'static str, &str),
) -> Result<Vec<Row>, PublishedError> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().map_err(|source| PublishedError { file, source })
}
