//! Files of saved agents: postcard for plain data. Weights are in safetensors files beside it.

use std::error::Error as _;
use std::io;
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

/// Calls `access`, which writes or reads the tensors in `path`.
///
/// # Errors
/// The error of `access`: an error of the file if the system refused it.
pub fn tensors(
    path: &Path,
    access: impl FnOnce(&Path) -> candle_core::Result<()>,
) -> Result<(), AgentError> {
    access(path).map_err(|error| match refused_by_system(&error) {
        Some(source) => file(path, source),
        None => AgentError::Tensor(error),
    })
}

fn refused_by_system(error: &candle_core::Error) -> Option<io::Error> {
    let source = match error {
        candle_core::Error::Io(source) => source,
        candle_core::Error::WithPath { inner, .. }
        | candle_core::Error::WithBacktrace { inner, .. } => return refused_by_system(inner),
        other => other.source()?.downcast_ref::<io::Error>()?,
    };
    let copy = || io::Error::new(source.kind(), source.to_string());
    Some(source.raw_os_error().map_or_else(copy, io::Error::from_raw_os_error))
}

fn file(path: &Path, source: io::Error) -> AgentError {
    AgentError::File { path: path.to_owned(), source }
}

fn misfit(path: &Path, message: String) -> AgentError {
    AgentError::State { path: path.to_owned(), message }
}
