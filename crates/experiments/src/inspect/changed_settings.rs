//! The settings of a run that differ from the usual ones: those of its preset, and the environment's defaults.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};
use zerolab_agents::find_preset;
use zerolab_metrics::ChangedSetting;

use crate::error::SpecError;
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::RunFolder;

/// The run whose folder is `folder`, from its `run.toml`.
///
/// # Errors
/// If the file cannot be read or is not that of a run.
pub fn configuration(folder: &Path) -> Result<ResolvedRun, SpecError> {
    RunFolder::at(folder).configuration(&[])
}

/// The settings of the run's agent and environment that are not the usual ones, by key.
#[must_use]
pub fn changed_settings(run: &ResolvedRun) -> Vec<ChangedSetting> {
    let entry = zerolab_environments::find(&run.environment.name);
    let defaults = entry.and_then(|entry| (entry.resolve)(&Table::new()).ok()).unwrap_or_default();
    let environment = differences(&defaults, &run.environment.options, "environment");
    let preset = find_preset(&run.agent.preset).and_then(|preset| preset.resolve().ok());
    let preset = preset.map(|(_, settings)| settings).unwrap_or_default();
    environment.chain(differences(&preset, &run.agent.settings, run.agent.name())).collect()
}

fn differences(usual: &Table, found: &Table, below: &str) -> impl Iterator<Item = ChangedSetting> {
    let (mut usual, found) = (flattened(usual, below), flattened(found, below));
    let mut changed = Vec::new();
    for (key, value) in found {
        let usual = usual.remove(&key);
        if usual.as_ref() != Some(&value) {
            changed.push(ChangedSetting { key, usual, value: Some(value) });
        }
    }
    let missing = usual.into_iter().map(|(key, usual)| ChangedSetting {
        key,
        usual: Some(usual),
        value: None,
    });
    changed.extend(missing);
    changed.into_iter()
}

/// Each value as written, by its dotted key.
fn flattened(table: &Table, below: &str) -> BTreeMap<String, String> {
    let of_key = |(key, value): (&String, &Value)| {
        let key = format!("{below}.{key}");
        match value {
            Value::Table(table) => flattened(table, &key),
            value => BTreeMap::from([(key, value.to_string())]),
        }
    };
    table.iter().flat_map(of_key).collect()
}
