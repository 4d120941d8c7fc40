//! How a run is called in tables and figures: its agent and environment, with what the sweep varied.

use zerolab_metrics::RunReference;

/// The environment with its swept options but `left_out`, a key or empty, as `catch [rows=10]`.
pub(crate) fn environment_label(reference: &RunReference, left_out: &str) -> String {
    let kept = reference.axes.iter().filter(|(key, _)| *key != left_out);
    let varied =
        kept.filter_map(|(key, value)| Some(format!("{}={}", option_of(key)?, plain(value))));
    label(&reference.environment, varied)
}

/// The agent with its swept settings but `left_out`, a key or empty, as `efficientzero [search.simulations=16]`.
pub(crate) fn agent_label(reference: &RunReference, left_out: &str) -> String {
    let kept = reference.axes.iter().filter(|(key, _)| *key != left_out);
    let varied = kept.filter_map(|(key, value)| {
        let setting = setting_of(key, &reference.agent)?;
        Some(format!("{setting}={}", plain(value)))
    });
    label(&reference.agent, varied)
}

/// The name and the number that a swept key sets for this run; nothing if it is no number or matters to another agent.
pub(crate) fn number_of<'a>(reference: &RunReference, key: &'a str) -> Option<(&'a str, f64)> {
    let name = option_of(key).or_else(|| setting_of(key, &reference.agent))?;
    let number: f64 = reference.axes.get(key)?.replace('_', "").parse().ok()?;
    number.is_finite().then_some((name, number))
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
