//! Range checks of settings. An error names the key.

/// A key, and a message about its value.
pub(crate) type Wrong = (String, String);

pub(crate) fn wrong<T>(key: &str, message: &str) -> Result<T, Wrong> {
    Err((key.to_owned(), message.to_owned()))
}

pub(crate) fn at_least_one(key: &str, value: u64) -> Result<(), Wrong> {
    if value == 0 { wrong(key, "must be at least 1") } else { Ok(()) }
}

pub(crate) fn share(key: &str, value: f64) -> Result<(), Wrong> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        wrong(key, &format!("must be from 0 to 1, not {value}"))
    }
}

pub(crate) fn not_negative(key: &str, value: f64) -> Result<(), Wrong> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        wrong(key, &format!("must be 0 or more, not {value}"))
    }
}

pub(crate) fn positive(key: &str, value: f64) -> Result<(), Wrong> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        wrong(key, &format!("must be above 0, not {value}"))
    }
}

/// Prefixes the key of an error with the name of its table.
pub(crate) fn within<K: std::fmt::Display>(
    table: &str,
    checked: Result<(), (K, String)>,
) -> Result<(), Wrong> {
    checked.map_err(|(key, message)| (format!("{table}.{key}"), message))
}
