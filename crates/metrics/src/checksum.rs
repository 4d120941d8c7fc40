//! Checksums of files: a byte that changed on the disk must not become a number in a report.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The length and hash of a finished file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileChecksum {
    /// The length in bytes.
    pub length_bytes: u64,
    /// The BLAKE3 hash of the bytes, in hexadecimal digits.
    pub blake3: String,
}

impl FileChecksum {
    /// The checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self { length_bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
    }

    /// The checksum of a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        fs::read(path).map(|bytes| Self::of(&bytes))
    }
}

/// A text with a checksum that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ChecksumError {
    /// The checksum does not match, or there is none.
    #[error("it was changed or cut short after it was written: its checksum does not match")]
    Mismatch,
    /// The checksum matches, but the JSON is not of the expected type.
    #[error("it is of another version: {0}")]
    Content(#[from] serde_json::Error),
}

const BEFORE: &str = ",\n  \"seal\": \"";
const AFTER: &str = "\"\n}\n";
const END: &str = "\n}";

/// `value`, an object with members, as indented JSON. Its last member `seal` is the BLAKE3 hash of all text
/// before it.
///
/// # Errors
/// If `value` cannot be written as JSON.
pub fn to_json_with_checksum<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let json = serde_json::to_string_pretty(value)?;
    let body = json.strip_suffix(END).unwrap_or(&json);
    Ok(format!("{body}{BEFORE}{}{AFTER}", blake3::hash(body.as_bytes()).to_hex()))
}

/// Reads what [`to_json_with_checksum`] wrote.
///
/// # Errors
/// If a byte has changed, or the text is not a `T`.
pub fn from_json_with_checksum<T: DeserializeOwned>(text: &[u8]) -> Result<T, ChecksumError> {
    let text = std::str::from_utf8(text).map_err(|_| ChecksumError::Mismatch)?;
    let whole = text.strip_suffix(AFTER).and_then(|text| text.rsplit_once(BEFORE));
    let (body, checksum) = whole.ok_or(ChecksumError::Mismatch)?;
    if blake3::hash(body.as_bytes()).to_hex().as_str() != checksum {
        return Err(ChecksumError::Mismatch);
    }
    Ok(serde_json::from_str(&format!("{body}{END}"))?)
}
