//! How a run is called in tables and figures: its agent and environment, with what the sweep varied.

use zerolab_metrics::RunReference;

/// The environment with its swept options but those of the keys `left_out`, as `catch [rows=10]`.
pub(crate) fn environment_label(reference: &RunReference, left_out: &[&str]) -> String {
    let kept = reference.axes.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
    let varied =
        kept.filter_map(|(key, value)| Some(format!("{}={}", option_of(key)?, plain(value))));
    label(&reference.environment, varied)
}

/// The agent with its swept settings but those of the keys `left_out`, as `efficientzero [search.simulations=16]`.
pub(crate) fn agent_label(reference: &RunReference, left_out: &[&str]) -> String {
    let kept = reference.axes.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
    let varied = kept.filter_map(|(key, value)| {
        let setting = setting_of(key, &reference.agent)?;
        Some(format!("{setting}={}", plain(value)))
    });
    label(&reference.agent, varied)
}

/// What a swept key sets for a run.
pub(crate) struct Setting<'a> {
    /// Of the environment's option or of the agent's setting.
    pub name: &'a str,
    /// Its value as the spec has it, but for quotes.
    pub written: &'a str,
    /// Its value, if that is a finite number.
    pub number: Option<f64>,
}

/// What the swept `key` sets for this run; nothing if it matters to another agent.
pub(crate) fn setting<'a>(reference: &'a RunReference, key: &'a str) -> Option<Setting<'a>> {
    let name = option_of(key).or_else(|| setting_of(key, &reference.agent))?;
    let value = reference.axes.get(key)?;
    let number = value.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite());
    Some(Setting { name, written: plain(value), number })
}

/// The option that a swept key of the environment sets; its name is none.
fn option_of(key: &str) -> Option<&str> {
    key.strip_prefix("environment.").filter(|option| *option != "name")
}

/// The part of a swept key that matters to `agent`: nothing for the environment's or another agent's keys.
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

/// A value as a person says it: without the quotes of a TOML string.
fn plain(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn label(name: &str, varied: impl Iterator<Item = String>) -> String {
    let varied: Vec<String> = varied.collect();
    if varied.is_empty() { name.to_owned() } else { format!("{name} [{}]", varied.join(", ")) }
}
