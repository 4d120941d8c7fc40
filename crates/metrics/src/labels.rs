//! The names of a variant: an agent, or an environment, with the swept settings that apply to it.
//!
//! Plans, states of runs, tables and figures all use these names.

use std::collections::BTreeMap;

/// The swept keys of a run as written in the spec, such as `agents.*.search.simulations`, and their values.
pub type Axes = BTreeMap<String, String>;

/// The agent with its swept settings except those of the keys `excluded`, as
/// `efficientzero [search.simulations=16]`.
#[must_use]
pub fn agent_label(agent: &str, axes: &Axes, excluded: &[&str]) -> String {
    label(
        agent,
        kept(axes, excluded).filter_map(|(key, value)| Some((agent_key(key, agent)?, value))),
    )
}

/// The environment with its swept options except those of the keys `excluded`, as `catch [rows=10]`.
#[must_use]
pub fn environment_label(environment: &str, axes: &Axes, excluded: &[&str]) -> String {
    label(
        environment,
        kept(axes, excluded).filter_map(|(key, value)| Some((option_key(key)?, value))),
    )
}

/// Short names of settings that are swept often.
const SHORT: [(&str, &str); 3] =
    [("learning_rate", "lr"), ("simulations", "sims"), ("batch_size", "batch")];

/// The swept settings of a run in short form, such as `lr=1e-3 sims=16`. A setting has the last part of its key, or the
/// last two where that is not enough to tell two settings apart. The environment's name is left out.
#[must_use]
pub fn short_settings(axes: &Axes) -> String {
    let keys = || axes.keys().filter(|key| *key != "environment.name");
    let setting = |key: &String| {
        let one = last_parts(key, 1);
        let is_shared = keys().filter(|other| last_parts(other, 1) == one).count() > 1;
        let short = SHORT.iter().find(|(long, _)| *long == one).map_or(one, |(_, short)| short);
        let name = if is_shared { last_parts(key, 2) } else { short };
        format!("{name}={}", short_value(&axes[key]))
    };
    keys().map(setting).collect::<Vec<_>>().join(" ")
}

fn last_parts(key: &str, parts: usize) -> &str {
    let dot = key.rmatch_indices('.').nth(parts - 1);
    dot.map_or(key, |(dot, _)| &key[dot + 1..])
}

/// A number with an exponent if that is shorter.
fn short_value(value: &str) -> String {
    let value = unquoted(value);
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
    let exponent = number.map(|number| format!("{number:e}"));
    exponent.filter(|short| short.len() < value.len()).unwrap_or_else(|| value.to_owned())
}

/// The name of an agent in its label: the label without swept settings.
#[must_use]
pub fn agent_name(label: &str) -> &str {
    label.split_once(" [").map_or(label, |(name, _)| name)
}

/// The option that a swept key of the environment sets. The environment's name is no option.
#[must_use]
pub fn option_key(key: &str) -> Option<&str> {
    key.strip_prefix("environment.").filter(|option| *option != "name")
}

/// The setting of `agent` that a swept key sets; nothing for keys of the environment or of another agent.
#[must_use]
pub fn agent_key<'a>(key: &'a str, agent: &str) -> Option<&'a str> {
    if key.starts_with("environment.") {
        return None;
    }
    let Some(rest) = key.strip_prefix("agents.") else {
        return Some(key);
    };
    let quoted = format!("\"{agent}\".");
    let plain = format!("{agent}.");
    rest.strip_prefix("*.")
        .or_else(|| rest.strip_prefix(&quoted))
        .or_else(|| rest.strip_prefix(&plain))
}

/// A value without the quotes of a TOML string.
#[must_use]
pub fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn kept<'a>(axes: &'a Axes, excluded: &[&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let pairs = axes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    pairs.filter(|(key, _)| !excluded.contains(key))
}

fn label<'a>(name: &str, settings: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let settings: Vec<String> =
        settings.map(|(key, value)| format!("{key}={}", unquoted(value))).collect();
    if settings.is_empty() { name.to_owned() } else { format!("{name} [{}]", settings.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_settings_tell_runs_apart() {
        let short = |axes: &[(&str, &str)]| {
            let pairs = axes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            short_settings(&pairs.collect())
        };
        let learning_rate = ("agents.*.optimizer.learning_rate", "0.001");
        let simulations = ("agents.efficientzero.search.simulations", "16");
        let name = ("environment.name", "catch");
        assert_eq!(short(&[learning_rate, simulations, name]), "lr=1e-3 sims=16");
        let vector = ("agents.*.network.vector.channels", "8");
        let image = ("agents.*.network.image.channels", "\"16\"");
        assert_eq!(short(&[vector, image]), "image.channels=16 vector.channels=8");
        assert_eq!(short(&[]), "");
    }
}
