//! Files of saved agents: postcard for plain data. Weights are in safetensors files beside it.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::agent::AgentError;

/// Writes `state` to `path`.
///
/// # Errors
/// If the file cannot be written.
pub fn write<T: Serialize>(path: &Path, state: &T) -> Result<(), AgentError> {
    let bytes = postcard::to_stdvec(state).map_err(|error| misfit(path, error.to_string()))?;
    std::fs::write(path, bytes).map_err(|source| file(path, source))
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// If the file cannot be read or does not hold a `T`.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, AgentError> {
    let bytes = std::fs::read(path).map_err(|source| file(path, source))?;
    let (state, rest) = postcard::take_from_bytes(&bytes)
        .map_err(|error| misfit(path, format!("not a saved state: {error}")))?;
    if !rest.is_empty() {
        return Err(misfit(path, format!("not a saved state: {} extra bytes", rest.len())));
    }
    Ok(state)
}

fn file(path: &Path, source: std::io::Error) -> AgentError {
    AgentError::File { path: path.to_owned(), source }
}

fn misfit(path: &Path, message: String) -> AgentError {
    AgentError::State { path: path.to_owned(), message }
}
