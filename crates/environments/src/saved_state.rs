//! Saved states in postcard: the tag of the environment that wrote the state, then the state.
//!
//! A tag is the environment's name and a version, such as `cartpole 1`. The version changes with the
//! layout of the state.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::environment::RestoreError;

/// Encodes a state with the tag of its environment.
///
/// # Panics
/// If `state` does not serialise. A type that derives [`Serialize`] and holds plain data always does.
pub fn encode_state<S: Serialize>(tag: &'static str, state: &S) -> Vec<u8> {
    postcard::to_stdvec(&(tag, state)).expect("a plain state always serialises into memory")
}

/// The tag in a saved state, such as `cartpole 1`; `None` if there is none.
#[must_use]
pub fn saved_state_tag(bytes: &[u8]) -> Option<&str> {
    postcard::take_from_bytes::<&str>(bytes).ok().map(|(tag, _)| tag)
}

/// Decodes a state that [`encode_state`] encoded with the same tag.
///
/// # Errors
/// If `bytes` are not exactly one state with this tag, or `fault` finds a value in the state that the
/// environment can never have.
pub fn decode_state<S: DeserializeOwned>(
    tag: &'static str,
    bytes: &[u8],
    fault: impl FnOnce(&S) -> Option<&'static str>,
) -> Result<S, RestoreError> {
    let damaged = |reason: String| RestoreError::Damaged { environment: tag, reason };
    let (found, rest) =
        postcard::take_from_bytes::<&str>(bytes).map_err(|error| damaged(error.to_string()))?;
    if found != tag {
        return Err(RestoreError::Foreign { expected: tag, found: found.to_owned() });
    }
    let (state, rest) =
        postcard::take_from_bytes(rest).map_err(|error| damaged(error.to_string()))?;
    if !rest.is_empty() {
        return Err(damaged(format!("{} bytes too many", rest.len())));
    }
    match fault(&state) {
        Some(reason) => Err(RestoreError::Impossible { environment: tag, reason }),
        None => Ok(state),
    }
}
