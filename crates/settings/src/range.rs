//! Checks of ranges. Each takes the key for its error and the value.

use std::fmt::Display;

use crate::SettingsError;

/// A floating-point setting.
pub trait Number: Copy + Display + Into<f64> {}

impl<N: Copy + Display + Into<f64>> Number for N {}

/// Ok where `holds`, otherwise an error that says what `value` must be.
fn must<N: Display>(key: &str, value: N, be: &str, holds: bool) -> Result<(), SettingsError> {
    if holds { Ok(()) } else { Err(SettingsError::new(key, format!("must be {be}, not {value}"))) }
}

/// A count of 1 or more.
///
/// # Errors
/// If `value` is 0.
pub fn at_least_one(key: &str, value: u64) -> Result<(), SettingsError> {
    if value == 0 { Err(SettingsError::new(key, "must be at least 1")) } else { Ok(()) }
}

/// A share or a probability, from 0 to 1.
///
/// # Errors
/// If `value` is outside or not a number.
pub fn share<N: Number>(key: &str, value: N) -> Result<(), SettingsError> {
    must(key, value, "from 0 to 1", (0.0..=1.0).contains(&value.into()))
}

/// A finite number of 0 or more.
///
/// # Errors
/// If `value` is negative, infinite or not a number.
pub fn not_negative<N: Number>(key: &str, value: N) -> Result<(), SettingsError> {
    must(key, value, "0 or more", value.into() >= 0.0 && value.into().is_finite())
}

/// A finite number above 0.
///
/// # Errors
/// If `value` is 0, negative, infinite or not a number.
pub fn positive<N: Number>(key: &str, value: N) -> Result<(), SettingsError> {
    must(key, value, "above 0", value.into() > 0.0 && value.into().is_finite())
}
