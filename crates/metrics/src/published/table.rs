//! From the text of a table to typed rows.

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A row that is not what it should be.
#[derive(Debug, Error)]
#[error(
    "{file}: {source}; each row has the columns of the first line, as README.md beside it says"
)]
pub struct PublishedError {
    /// The table's file.
    pub file: &'static str,
    /// What is wrong, and in which line.
    pub source: csv::Error,
}

/// The rows of a table: its file, for messages, and its text.
pub(super) fn rows<Row: DeserializeOwned>(
    (file, text): (&'static str, &str),
) -> Result<Vec<Row>, PublishedError> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().map_err(|source| PublishedError { file, source })
}
