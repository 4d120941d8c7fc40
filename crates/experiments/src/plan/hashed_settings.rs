//! The settings of a run as the hash of its id has always seen them.
//!
//! Some settings used to be stored in single precision, so the hash saw 0.996999979019165 for a discount of
//! 0.997. They are double now. The ids of all earlier runs stay valid: a number that single precision holds
//! to all of its written digits is hashed as that single-precision number, every other number as it is.
//!
//! Two different numbers then still have different hashes, except a short number and its own rounded value,
//! which train exactly alike.
//!
//! A setting that was added later is left out of the hash while it has its default, with which the environment or the
//! agent is what it was before.

use toml::Value;
use zerolab_environments::{EnvironmentSettings, python};

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

/// Settings that were added to environments of which there were runs: the environment, the key and the default.
const ADDED: [(&str, &str, AddedDefault); 3] = [
    ("gridworlds/tamper_room", "start_beyond", AddedDefault::Number(0.0)),
    ("gridworlds/tamper_room", "pays", AddedDefault::Word("apple")),
    ("minatar/breakout", "standard_start", AddedDefault::Switch(true)),
];

/// The environments of users in Python. Where they are is not part of what they are.
const PYTHON: &str = python::Settings::NAME;

/// The default of an added setting.
#[derive(Clone, Copy, Debug)]
enum AddedDefault {
    Number(f64),
    Switch(bool),
    Word(&'static str),
}

impl AddedDefault {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::Number(number) => value.as_float() == Some(number),
            Self::Switch(switch) => value.as_bool() == Some(switch),
            Self::Word(word) => value.as_str() == Some(word),
        }
    }
}

/// Settings that were added to agents of which there were runs: the table, the key and the default.
const ADDED_TO_AGENTS: [(&str, &str, &str); 1] = [("search", "prior", "network")];

/// The settings of an environment to hash.
pub(super) fn hashed_environment(name: &str, options: &toml::Table) -> toml::Table {
    let mut options = options.clone();
    if name == PYTHON {
        python::PLACES.iter().for_each(|key| drop(options.remove(*key)));
    }
    for (environment, key, default) in ADDED {
        if environment == name && options.get(key).is_some_and(|value| default.is(value)) {
            options.remove(key);
        }
    }
    options
}

/// The settings of an agent to hash.
pub(super) fn hashed(settings: &toml::Table) -> toml::Table {
    let mut settings = with_single_precision(settings);
    for (table, key, default) in ADDED_TO_AGENTS {
        let Some(Value::Table(table)) = settings.get_mut(table) else { continue };
        if table.get(key).and_then(Value::as_str) == Some(default) {
            table.remove(key);
        }
    }
    settings
}

fn with_single_precision(settings: &toml::Table) -> toml::Table {
    let entry = |(key, value): (&String, &Value)| {
        let single = ONCE_SINGLE.contains(&key.as_str());
        (key.clone(), hashed_value(value, single))
    };
    settings.iter().map(entry).collect()
}

fn hashed_value(value: &Value, single: bool) -> Value {
    match value {
        Value::Table(inner) => Value::Table(with_single_precision(inner)),
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

    #[test]
    fn an_added_setting_is_hashed_unless_it_has_its_default() {
        let before: toml::Table = "beta = 1.0\nlock = 0".parse().unwrap();
        let with = |value: f64| {
            let mut options = before.clone();
            options.insert("start_beyond".to_owned(), value.into());
            options
        };
        assert_eq!(hashed_environment("gridworlds/tamper_room", &before), before);
        assert_eq!(hashed_environment("gridworlds/tamper_room", &with(0.0)), before);
        assert_eq!(hashed_environment("gridworlds/tamper_room", &with(0.2)), with(0.2));
        assert_eq!(hashed_environment("gridworlds/rocks", &with(0.0)), with(0.0));
        let paying = |word: &str| -> toml::Table { format!("pays = \"{word}\"").parse().unwrap() };
        let hashed = |word| hashed_environment("gridworlds/tamper_room", &paying(word));
        assert_eq!(hashed("apple"), toml::Table::new());
        assert_eq!(hashed("mirror"), paying("mirror"));
        let starting = |standard: bool| -> toml::Table {
            format!("standard_start = {standard}").parse().unwrap()
        };
        let hashed = |standard| hashed_environment("minatar/breakout", &starting(standard));
        assert_eq!(hashed(true), toml::Table::new());
        assert_eq!(hashed(false), starting(false));
    }

    #[test]
    fn an_added_setting_of_an_agent_is_hashed_unless_it_has_its_default() {
        let before: toml::Table = "[search]\nsimulations = 16".parse().unwrap();
        let with = |prior: &str| -> toml::Table {
            format!("[search]\nsimulations = 16\nprior = \"{prior}\"").parse().unwrap()
        };
        assert_eq!(hashed(&before), before);
        assert_eq!(hashed(&with("network")), before);
        assert_eq!(hashed(&with("uniform")), with("uniform"));
    }

    #[test]
    fn added_settings_have_these_defaults() {
        for (table, key, default) in ADDED_TO_AGENTS {
            let planner = zerolab_agents::find("planner").unwrap();
            let settings = (planner.resolve)(&toml::Table::new()).unwrap();
            assert_eq!(settings[table][key].as_str(), Some(default));
        }
        for (environment, key, default) in ADDED {
            let entry = zerolab_environments::find(environment).unwrap();
            let options = (entry.resolve)(&toml::Table::new()).unwrap();
            assert!(default.is(&options[key]), "{environment} {key}");
        }
    }
}
