//! Numbers as they stand in a text: their values, and how they are rounded.

/// A number in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub value: f64,
    /// The place to which it is rounded: 0.01 in 0.25, 100 in 4,400; 0 in a lone 0.
    pub unit: f64,
    /// The half of the interval behind `±`.
    pub half: Option<Box<Number>>,
    pub text: String,
}

impl Number {
    /// Whether it is `value`, rounded; without regard to an interval.
    pub fn is(&self, value: f64) -> bool {
        (self.value - value).abs() <= 0.5 * self.unit * (1.0 + 1e-9) + 1e-9
    }

    /// Whether it is `value` with an interval of this half width.
    pub fn is_with(&self, value: f64, half: f64) -> bool {
        let typed = self.half.as_ref();
        // `8,000 ± 4,400` is rounded to hundreds.
        let unit = typed.map_or(self.unit, |it| it.smaller_unit(self));
        let is = |number: &Number, value| Number { unit, ..number.clone() }.is(value);
        is(self, value) && typed.is_none_or(|typed| is(typed, half))
    }

    /// As it stands in the text, also without its interval.
    pub fn texts(&self) -> Vec<String> {
        let alone = self.text.split(" ± ").next().unwrap_or_default().to_owned();
        vec![self.text.clone(), alone]
    }

    fn smaller_unit(&self, other: &Self) -> f64 {
        let units = [self.unit, other.unit].into_iter().filter(|unit| *unit > 0.0);
        units.fold(f64::INFINITY, f64::min)
    }
}

/// The numbers of a text, in order. One behind `±` belongs to the one before.
pub fn numbers(text: &str) -> Vec<Number> {
    let mut numbers: Vec<Number> = Vec::new();
    let characters: Vec<char> = text.chars().collect();
    let (mut at, mut last_end) = (0, 0);
    while at < characters.len() {
        let begins = characters[at].is_ascii_digit()
            && (at == 0 || !(characters[at - 1].is_alphanumeric() || characters[at - 1] == '_'));
        if !begins {
            at += 1;
            continue;
        }
        let start = at;
        let is_digit = |index: usize| characters.get(index).is_some_and(char::is_ascii_digit);
        while is_digit(at)
            || (matches!(characters.get(at), Some('.' | ',' | 'e')) && is_digit(at + 1))
        {
            at += 1;
        }
        let written: String = characters[start..at].iter().filter(|it| **it != ',').collect();
        let is_negative = start > 0
            && ['−', '-'].contains(&characters[start - 1])
            && (start < 2 || characters[start - 2] == ' ');
        let Ok(size) = written.parse::<f64>() else { continue };
        let between: String = characters[last_end..start].iter().collect();
        let number = Number {
            value: if is_negative { -size } else { size },
            unit: unit(&written, size),
            half: None,
            text: characters[start..at].iter().collect(),
        };
        match numbers.last_mut() {
            Some(before) if between.trim() == "±" && before.half.is_none() => {
                before.text += &format!(" ± {}", number.text);
                before.half = Some(Box::new(number));
            }
            _ => numbers.push(number),
        }
        last_end = at;
    }
    numbers
}

fn unit(written: &str, size: f64) -> f64 {
    let (digits, exponent) = written.split_once('e').unwrap_or((written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match digits.split_once('.') {
        Some((_, decimals)) => 10_f64.powi(exponent - decimals.len() as i32),
        None => {
            let zeros = digits.len() - digits.trim_end_matches('0').len();
            // Of a lone number more than the first digit counts: 16,000 is not 15,000, and 2,000 is not 2,400.
            10_f64.powi(exponent + zeros as i32).min(size / 5.0).max(if size > 0.0 {
                1.0
            } else {
                0.0
            })
        }
    }
}

#[test]
fn numbers_are_read_with_their_rounding() {
    let found = numbers("8,000 ± 4,400, 8 of 10 get there; by −0.05 ± 0.14 at q1a, 1.2e12, and 0.");
    let parts: Vec<(f64, f64, Option<f64>)> = found
        .iter()
        .map(|it| (it.value, it.unit, it.half.as_ref().map(|half| half.value)))
        .collect();
    assert_eq!(
        parts,
        [
            (8_000.0, 1_000.0, Some(4_400.0)),
            (8.0, 1.0, None),
            (10.0, 2.0, None),
            (-0.05, 0.01, Some(0.14)),
            (1.2e12, 1e11, None),
            (0.0, 0.0, None),
        ]
    );
    assert!(found[0].is_with(8_040.0, 4_351.0) && !found[0].is_with(8_060.0, 4_400.0));
    assert!(found[3].is_with(-0.0549, 0.1449) && !found[3].is_with(0.05, 0.14));
    assert!(found[5].is(0.0) && !found[5].is(0.004));
}
