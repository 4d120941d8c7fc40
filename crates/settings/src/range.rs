//! Checks of ranges. Each takes the key for its error and the value.

use std::fmt::Display;

use crate::SettingsError;

/// A floating-point setting.
pub trait Number: Copy + Display + Into<f64> {}

impl<N: Copy + Display + Into<f64>> Number for N {}

/// Ok where `holds`, otherwise an error that says what `value` must be.
fn must<N: Display>(key: &str, value: N, be: &str, holds: bool) -> Result<(), SettingsError> {
    if holds {
        return Ok(());
    }
    Err(SettingsError::new(key, format!("must be {be}, not {}", short(value.to_string()))))
}

/// A number of more letters has an exponent, if that is shorter.
const MOST_LETTERS: usize = 12;

/// A number as text: `1e-300` instead of 302 digits.
fn short(written: String) -> String {
    let exponent = written.parse::<f64>().map(|number| format!("{number:e}"));
    let is_long = |exponent: &String| written.len() > MOST_LETTERS.max(exponent.len());
    exponent.ok().filter(is_long).unwrap_or(written)
}

/// A count of 1 or more.
///
/// # Errors
/// If `value` is 0.
pub fn at_least_one(key: &str, value: u64) -> Result<(), SettingsError> {
    if value == 0 { Err(SettingsError::new(key, "must be at least 1")) } else { Ok(()) }
}

/// The most for a count of samples, steps or repetitions of one operation. No useful setting is larger, and larger ones
/// end in failed allocations or endless loops.
pub const MOST: u64 = 1 << 20;

/// The most units of a layer.
pub const MOST_UNITS: u64 = 1 << 16;

/// The most transitions that a buffer may keep.
pub const MOST_TRANSITIONS: u64 = 1 << 30;

/// The most updates for each real step.
pub const MOST_UPDATES: f64 = 1000.0;

/// A count from 1 to `most`.
///
/// # Errors
/// If `value` is outside.
pub fn count(key: &str, value: u64, most: u64) -> Result<(), SettingsError> {
    at_least_one(key, value)?;
    at_most(key, value, most)
}

/// A number of at most `most`.
///
/// # Errors
/// If `value` is larger.
pub fn at_most<N: PartialOrd + Display>(key: &str, value: N, most: N) -> Result<(), SettingsError> {
    let holds = value <= most;
    must(key, value, &format!("at most {most}"), holds)
}

/// A share or a probability, from 0 to 1.
///
/// # Errors
/// If `value` is outside or not a number.
pub fn share<N: Number>(key: &str, value: N) -> Result<(), SettingsError> {
    must(key, value, "from 0 to 1", (0.0..=1.0).contains(&value.into()))
}

/// A number of 0 or more that single precision can hold, because networks compute in single precision.
///
/// # Errors
/// If `value` is negative, too large or not a number.
pub fn not_negative<N: Number>(key: &str, value: N) -> Result<(), SettingsError> {
    must(key, value, "0 or more", value.into() >= 0.0)?;
    must(key, value, "below 3.4e38", is_single(value.into()))
}

/// A number above 0 that single precision can hold, because networks compute in single precision.
///
/// # Errors
/// If `value` is 0, negative, too small, too large or not a number.
pub fn positive<N: Number>(key: &str, value: N) -> Result<(), SettingsError> {
    must(key, value, "above 0", value.into() > 0.0)?;
    must(key, value, "between 1.2e-38 and 3.4e38", {
        value.into() >= f64::from(f32::MIN_POSITIVE) && is_single(value.into())
    })
}

/// Whether the number does not become infinite in single precision.
fn is_single(value: f64) -> bool {
    (value as f32).is_finite()
}
