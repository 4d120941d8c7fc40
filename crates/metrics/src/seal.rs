//! Files that tell when they were changed: a byte flipped on a disk must not become a number in a report.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a file was when it was finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSeal {
    /// Its length.
    pub length_bytes: u64,
    /// The BLAKE3 hash of its bytes, in hexadecimal digits.
    pub blake3: String,
}

impl FileSeal {
    /// The seal of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { length_bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
    }

    /// The seal of a file as it is now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        fs::read(path).map(|bytes| Self::of(&bytes))
    }
}

/// Why a sealed text is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Its seal does not fit it, or there is none.
    #[error("it was changed or cut short after it was written: its seal does not fit")]
    Broken,
    /// It is whole, but not what was expected.
    #[error("it is of another version: {0}")]
    Content(#[from] serde_json::Error),
}

const BEFORE: &str = ",\n  \"seal\": \"";
const AFTER: &str = "\"\n}\n";
const END: &str = "\n}";

/// `value`, an object with members, as indented JSON whose last member `seal` is the BLAKE3 hash of all text before it.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn to_sealed_json<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let json = serde_json::to_string_pretty(value)?;
    let body = json.strip_suffix(END).unwrap_or(&json);
    Ok(format!("{body}{BEFORE}{}{AFTER}", blake3::hash(body.as_bytes()).to_hex()))
}

/// Reads what [`to_sealed_json`] wrote.
///
/// # Errors
/// If a byte of it was changed, or it is no `T`.
pub fn from_sealed_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, SealError> {
    let text = std::str::from_utf8(text).map_err(|_| SealError::Broken)?;
    let whole = text.strip_suffix(AFTER).and_then(|text| text.rsplit_once(BEFORE));
    let (body, seal) = whole.ok_or(SealError::Broken)?;
    if blake3::hash(body.as_bytes()).to_hex().as_str() != seal {
        return Err(SealError::Broken);
    }
    Ok(serde_json::from_str(&format!("{body}{END}"))?)
}
