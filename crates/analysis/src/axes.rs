//! How a run is called in tables and figures: its agent and environment, with what the sweep varied.

use zerolab_metrics::RunReference;

/// The environment with its swept options, as `catch [rows=10]`.
pub(crate) fn environment_label(reference: &RunReference) -> String {
    let varied = reference.axes.iter().filter_map(|(key, value)| {
        let option = key.strip_prefix("environment.")?;
        (option != "name").then(|| format!("{option}={}", plain(value)))
    });
    label(&reference.environment, varied)
}

/// The agent with its swept settings, as `efficientzero [search.simulations=16]`.
pub(crate) fn agent_label(reference: &RunReference) -> String {
    let varied = reference.axes.iter().filter_map(|(key, value)| {
        let setting = setting_of(key, &reference.agent)?;
        Some(format!("{setting}={}", plain(value)))
    });
    label(&reference.agent, varied)
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
