//! Saved states: the tag of the environment that wrote them, then its state, in postcard.
//!
//! The tag carries a version (`"cartpole 1"`) that changes with the layout of the state.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::environment::RestoreError;

/// `state` as bytes, tagged.
pub(crate) fn encode<S: Serialize>(tag: &'static str, state: &S) -> Vec<u8> {
    postcard::to_stdvec(&(tag, state)).expect("a plain state always serialises into memory")
}

/// The tag of the environment that wrote a saved state, as `cartpole 1`.
#[must_use]
pub fn saved_by(bytes: &[u8]) -> Option<&str> {
    postcard::take_from_bytes::<&str>(bytes).ok().map(|(tag, _)| tag)
}

/// The state in `bytes`, if they are exactly one state under the same tag, in which `fault` finds nothing impossible.
pub(crate) fn decode<S: DeserializeOwned>(
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
