//! Numbers on the command line. The errors say what a number must be.

/// Up to here every whole number is an `f64`.
const MAX_EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;

/// A whole number as in a spec: `100000`, `100_000` or `1e5`.
pub fn whole<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let number = parsed(text).ok_or("it must be a whole number, such as 1000 or 1e5")?;
    T::try_from(number).map_err(|_| "it is too large".to_owned())
}

/// As [`whole`], and at least 1.
pub fn positive<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    match parsed(text) {
        None | Some(0) => Err("it must be a whole number of at least 1".to_owned()),
        Some(number) => T::try_from(number).map_err(|_| "it is too large".to_owned()),
    }
}

/// A number above 0, of any size.
pub fn above_zero(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "it must be a number above 0".to_owned())
}

fn parsed(text: &str) -> Option<u64> {
    let is_between_digits = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    let digits = text.replace('_', "");
    if !is_between_digits || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().or_else(|| {
        let number = digits.parse().ok()?;
        let is_whole = (0.0..=MAX_EXACT).contains(&number) && number.fract() == 0.0;
        is_whole.then_some(number as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_written_as_in_a_spec() {
        for (text, number) in
            [("0", 0), ("12", 12), ("100_000", 100_000), ("1e5", 100_000), ("2.5e1", 25)]
        {
            assert_eq!(whole::<u64>(text), Ok(number), "{text}");
        }
        assert_eq!(whole::<u64>("18446744073709551615"), Ok(u64::MAX));
        for text in ["", "x", "-1", "+1", "1.5", "1,000", "_1", "1_", "1__0", "1e99", "inf", "nan"]
        {
            assert!(whole::<u64>(text).is_err(), "{text}");
        }
        assert!(whole::<u16>("70000").is_err());
        assert!(positive::<usize>("0").is_err());
    }
}
