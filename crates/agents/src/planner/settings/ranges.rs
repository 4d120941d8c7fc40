//! Ranges that settings are held to.

/// A key and what is wrong with its value.
pub(super) type Wrong = (String, String);

pub(super) fn wrong<T>(key: &str, message: &str) -> Result<T, Wrong> {
    Err((key.to_owned(), message.to_owned()))
}

pub(super) fn at_least_one(key: &str, value: u64) -> Result<(), Wrong> {
    if value == 0 { wrong(key, "must be at least 1") } else { Ok(()) }
}

pub(super) fn share(key: &str, value: f64) -> Result<(), Wrong> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        wrong(key, &format!("must be from 0 to 1, not {value}"))
    }
}

pub(super) fn not_negative(key: &str, value: f64) -> Result<(), Wrong> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        wrong(key, &format!("must be 0 or more, not {value}"))
    }
}
