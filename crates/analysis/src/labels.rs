//! The names of a run's agent and environment in tables and figures, and the settings that the sweep varies.

use zerolab_metrics::RunReference;
use zerolab_metrics::labels::{self, agent_key, option_key, unquoted};

/// The environment with its swept options except those of the keys `excluded`, as `catch [rows=10]`.
pub(crate) fn environment_label(reference: &RunReference, excluded: &[&str]) -> String {
    labels::environment_label(&reference.environment, &reference.axes, excluded)
}

/// The agent with its swept settings except those of the keys `excluded`, as
/// `efficientzero [search.simulations=16]`.
pub(crate) fn agent_label(reference: &RunReference, excluded: &[&str]) -> String {
    labels::agent_label(&reference.agent, &reference.axes, excluded)
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
    let name = option_key(key).or_else(|| agent_key(key, &reference.agent))?;
    let value = reference.axes.get(key)?;
    let number = value.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite());
    Some(SweptSetting { name, written: unquoted(value), number })
}
