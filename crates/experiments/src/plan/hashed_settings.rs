//! The settings of an agent as the hash of a run's id has always seen them.
//!
//! Some settings used to be stored in single precision, so the hash saw 0.996999979019165 for a discount of
//! 0.997. They are double now. The ids of all earlier runs stay valid: a number that single precision holds
//! to all of its written digits is hashed as that single-precision number, every other number as it is.
//!
//! Two different numbers then still have different hashes, except a short number and its own rounded value,
//! which train exactly alike.

use toml::Value;

/// The keys of the settings that used to be stored in single precision.
const ONCE_SINGLE: [&str; 15] = [
    "c1",
    "c2",
    "dirichlet_alpha",
    "dirichlet_fraction",
    "discount",
    "gae_lambda",
    "gumbel_scale",
    "limit",
    "maximum",
    "maxvisit_init",
    "minimum",
    "normalization_momentum",
    "soft_floor",
    "temperatures",
    "value_scale",
];

/// The settings to hash.
pub(super) fn hashed(settings: &toml::Table) -> toml::Table {
    let entry = |(key, value): (&String, &Value)| {
        let single = ONCE_SINGLE.contains(&key.as_str());
        (key.clone(), hashed_value(value, single))
    };
    settings.iter().map(entry).collect()
}

fn hashed_value(value: &Value, single: bool) -> Value {
    match value {
        Value::Table(inner) => Value::Table(hashed(inner)),
        Value::Array(numbers) if single => {
            Value::Array(numbers.iter().map(|number| hashed_value(number, single)).collect())
        }
        Value::Float(number) if single => Value::Float(as_single(*number)),
        _ => value.clone(),
    }
}

/// The single-precision number whose shortest form is `number`; if there is none, `number`.
fn as_single(number: f64) -> f64 {
    let single = number as f32;
    let is_shortest = single.to_string().parse() == Ok(number);
    if is_shortest { f64::from(single) } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_hashed_as_before_and_long_ones_with_all_digits() {
        for short in [0.997, 0.806, 19652.0, 1e-8, 0.0, 1.0] {
            let single = f64::from(short as f32);
            assert_eq!([as_single(short), as_single(single)], [single; 2]);
        }
        for long in [0.99999999, 0.999999999, 0.9990000123, 1e300] {
            assert_eq!(as_single(long), long);
        }
    }
}
