//! The names of a run's agent and environment in tables and figures, with the settings that the sweep varies.

use zerolab_metrics::RunReference;

/// The environment with its swept options except those of the keys `excluded`, as `catch [rows=10]`.
pub(crate) fn environment_label(reference: &RunReference, excluded: &[&str]) -> String {
    let kept = reference.axes.iter().filter(|(key, _)| !excluded.contains(&key.as_str()));
    let varied =
        kept.filter_map(|(key, value)| Some(format!("{}={}", option_of(key)?, unquoted(value))));
    label(&reference.environment, varied)
}

/// The agent with its swept settings except those of the keys `excluded`, as
/// `efficientzero [search.simulations=16]`.
pub(crate) fn agent_label(reference: &RunReference, excluded: &[&str]) -> String {
    let kept = reference.axes.iter().filter(|(key, _)| !excluded.contains(&key.as_str()));
    let varied = kept.filter_map(|(key, value)| {
        let setting = setting_of(key, &reference.agent)?;
        Some(format!("{setting}={}", unquoted(value)))
    });
    label(&reference.agent, varied)
}

/// The setting of a run that a swept key sets.
pub(crate) struct SweptSetting<'a> {
    /// The name of the environment's option or of the agent's setting.
    pub name: &'a str,
    /// Its value as written in the spec, without quotes.
    pub written: &'a str,
    /// Its value, if that is a finite number.
    pub number: Option<f64>,
}

/// The setting that the swept `key` sets for this run; nothing if the key belongs to another agent.
pub(crate) fn setting<'a>(reference: &'a RunReference, key: &'a str) -> Option<SweptSetting<'a>> {
    let name = option_of(key).or_else(|| setting_of(key, &reference.agent))?;
    let value = reference.axes.get(key)?;
    let number = value.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite());
    Some(SweptSetting { name, written: unquoted(value), number })
}

/// The option that a swept key of the environment sets. The environment's name is no option.
fn option_of(key: &str) -> Option<&str> {
    key.strip_prefix("environment.").filter(|option| *option != "name")
}

/// The setting of `agent` that a swept key sets; nothing for keys of the environment or of another agent.
fn setting_of<'a>(key: &'a str, agent: &str) -> Option<&'a str> {
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
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn label(name: &str, varied: impl Iterator<Item = String>) -> String {
    let varied: Vec<String> = varied.collect();
    if varied.is_empty() { name.to_owned() } else { format!("{name} [{}]", varied.join(", ")) }
}
