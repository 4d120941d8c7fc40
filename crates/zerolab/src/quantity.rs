//! Numbers as a person reads them.

/// `12,345,678`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

/// Exact up to six digits, `1.23e12` beyond.
pub fn large(number: u64) -> String {
    if number < 1_000_000 { count(number) } else { format!("{:.2e}", number as f64) }
}

/// `12 s`, `2 min 05 s`, `1 h 03 min`.
pub fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// `40 %`, of nothing `0 %`.
pub fn percent(part: u64, whole: u64) -> String {
    format!("{} %", (part * 100).checked_div(whole).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_digits_in_threes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([999_999, 1_000_000].map(large), ["999,999", "1.00e6"]);
    }

    #[test]
    fn durations_have_two_units() {
        assert_eq!(
            [9, 60, 125, 3600, 3780].map(duration),
            ["9 s", "1 min 00 s", "2 min 05 s", "1 h 00 min", "1 h 03 min"]
        );
        assert_eq!(percent(3, 8), "37 %");
        assert_eq!(percent(3, 0), "0 %");
    }
}
