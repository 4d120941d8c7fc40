//! Numbers as text, for the command line and for reports.

use crate::statistics::Interval;

/// Digits in groups of three: `12,345,678`.
pub fn count(value: u64) -> String {
    thousands(&value.to_string())
}

/// Exact up to six digits, a prefix beyond: `999,999`, `1.23T`.
pub fn large(value: u64) -> String {
    if value < 1_000_000 { count(value) } else { prefixed(value as f64) }
}

/// Three significant digits with a metric prefix: `20k`, `1.5M`, `12.3T`. Numbers below a thousand have no
/// prefix.
pub fn prefixed(value: f64) -> String {
    const PREFIXES: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    if !value.is_finite() || value.abs() >= 1e21 {
        return with_exponent(value, 2);
    }
    let mut scaled = value;
    let mut prefix = 0;
    while scaled.abs() >= 999.5 {
        scaled /= 1_000.0;
        prefix += 1;
    }
    let decimals = if scaled.abs() >= 99.95 {
        0
    } else if scaled.abs() >= 9.995 {
        1
    } else if scaled.abs() >= 0.1 || scaled == 0.0 {
        2
    } else {
        4
    };
    format!("{}{}", without_trailing_zeros(&format!("{scaled:.decimals$}")), PREFIXES[prefix])
}

/// Bytes with two significant digits or more: `940 B`, `1.5 MB`, `12 GB`.
pub fn bytes(value: u64) -> String {
    let number = prefixed(value as f64);
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    format!("{digits} {}B", &number[digits.len()..])
}

/// A share in whole percent, rounded down: `40 %`. Of zero it is `0 %`.
pub fn percent(part: u64, whole: u64) -> String {
    let share = (u128::from(part) * 100).checked_div(u128::from(whole)).unwrap_or(0);
    format!("{share} %")
}

/// A time in seconds: `4.2 ms`, `0.4 s`, `42 s`, `3 min 5 s`, `1 h 20 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    if seconds > 0.0 && seconds < 0.0995 {
        return format!("{} ms", rounded(1_000.0 * seconds, 2));
    }
    if seconds < 9.95 {
        return format!("{} s", without_trailing_zeros(&format!("{seconds:.1}")));
    }
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
    }
}

/// Four significant digits (three below 1), without trailing zeros: `490`, `0.953`, `0.0427`, `12,341`,
/// `1.2e-5`.
pub fn score(value: f64) -> String {
    rounded(value, 4)
}

/// Like [`score`], with three more digits.
pub fn exact(value: f64) -> String {
    rounded(value, 7)
}

fn rounded(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let magnitude = value.abs();
    if magnitude >= 1e7 || (magnitude > 0.0 && magnitude < 1e-3) {
        return with_exponent(value, (digits - 2) as usize);
    }
    let exponent = if magnitude > 0.0 { magnitude.log10().floor() as i32 } else { 0 };
    let digits = if exponent < 0 { digits - 1 } else { digits };
    let decimals = (digits - 1 - exponent).max(0) as usize;
    let text = without_trailing_zeros(&format!("{value:.decimals$}"));
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) =
        text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let sign = if text == "0" { "" } else { sign };
    match fraction {
        Some(fraction) => format!("{sign}{}.{fraction}", thousands(whole)),
        None => format!("{sign}{}", thousands(whole)),
    }
}

/// The ends of an interval: `[480, 500]`.
pub fn interval(interval: Interval, write: fn(f64) -> String) -> String {
    format!("[{}, {}]", write(interval.low), write(interval.high))
}

/// A value with its interval, if it has one: `490 [480, 500]`.
pub fn with_interval(value: f64, of_value: Option<Interval>, write: fn(f64) -> String) -> String {
    let of_value = of_value.map(|it| format!(" {}", interval(it, write)));
    format!("{}{}", write(value), of_value.unwrap_or_default())
}

/// A number with its noun: `1 seed`, `5 seeds`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number as u64), if number == 1 { "" } else { "s" })
}

/// A list in a sentence: `a`, `a and b`, `a, b and c`.
pub fn enumerated(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// With at most this many decimals before the exponent: `1.2e-5`, `1e9`.
pub fn with_exponent(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    match text.split_once('e') {
        Some((digits, exponent)) => format!("{}e{exponent}", without_trailing_zeros(digits)),
        None => text,
    }
}

fn without_trailing_zeros(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_keep_four_digits() {
        let cases = [
            490.0,
            475.26,
            0.95314,
            0.042_68,
            12_341.6,
            -21.0,
            -0.00001,
            0.0,
            0.000_012,
            999_999.4,
            -0.5,
            1e9,
            f64::NAN,
        ];
        let texts: Vec<String> = cases.iter().map(|value| score(*value)).collect();
        assert_eq!(
            texts,
            [
                "490", "475.3", "0.953", "0.0427", "12,342", "-21", "-1e-5", "0", "1.2e-5",
                "999,999", "-0.5", "1e9", "–"
            ]
        );
    }

    #[test]
    fn exact_numbers_keep_seven_digits() {
        let texts = [475.261_94, 0.953_141_59, 12_341.6, 0.000_012].map(exact);
        assert_eq!(texts, ["475.2619", "0.953142", "12,341.6", "1.2e-5"]);
    }

    #[test]
    fn counts_have_their_digits_in_threes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([999_999, 1_000_000].map(large), ["999,999", "1M"]);
    }

    #[test]
    fn percentages_are_whole() {
        assert_eq!(
            [percent(3, 8), percent(3, 0), percent(u64::MAX, u64::MAX)],
            ["37 %", "0 %", "100 %"]
        );
    }

    #[test]
    fn prefixes_follow_powers_of_a_thousand() {
        let cases =
            [0.0, 0.25, 7.0, 999.0, 999.9, 20_000.0, 1_500_000.0, 12.34e12, 92_210.0, 1.2e18, 3e25];
        let texts: Vec<String> = cases.iter().map(|value| prefixed(*value)).collect();
        assert_eq!(
            texts,
            ["0", "0.25", "7", "999", "1k", "20k", "1.5M", "12.3T", "92.2k", "1.2E", "3e25"]
        );
    }

    #[test]
    fn durations_use_the_unit_of_their_size() {
        let cases = [0.0, 0.000_42, 0.0213, 0.42, 9.96, 42.0, 185.0, 4_800.0];
        let texts: Vec<String> = cases.iter().map(|value| duration(*value)).collect();
        assert_eq!(
            texts,
            ["0 s", "0.4 ms", "21 ms", "0.4 s", "10 s", "42 s", "3 min 5 s", "1 h 20 min"]
        );
    }

    #[test]
    fn lists_and_plurals_read_as_sentences() {
        let items = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(enumerated(&items), "a, b and c");
        assert_eq!(enumerated(&items[..1]), "a");
        assert_eq!((counted(1, "seed"), counted(5, "seed")), ("1 seed".into(), "5 seeds".into()));
    }
}
