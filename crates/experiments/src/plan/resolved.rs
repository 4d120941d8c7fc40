//! One run, complete: everything that can change its records, with every default written out. All that
//! comes after the plan (training, files, launchers) sees runs in this form only.
//!
//! The form on disk is `run.toml`, which is itself a spec with one run (`to_toml`); reading it is
//! [`crate::spec::load`]. How a spec becomes runs stands in `spec`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zerolab_agents::DeviceName;
use zerolab_environments::SettingsError;

use crate::plan::persistence::{Checkpointing, Recording};

/// The version of what the algorithms mean. Raise it when a change to the code can change a run's
/// records, so that runs finished before it are not taken for runs of today.
pub const ALGORITHM_VERSION: u32 = 5;

/// One agent in one environment with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedRun {
    /// `<environment>-<agent>-s<seed>-<hash>`, see [`ResolvedRun::identified`].
    pub id: String,
    /// The name of the experiment that asked for it. No part of the identity.
    pub experiment: String,
    /// The world.
    pub environment: Environment,
    /// The learner.
    pub agent: AgentChoice,
    /// From which every random stream of the run is derived.
    pub seed: u64,
    /// How much it may play.
    pub budget: Budget,
    /// When and how it is examined.
    pub evaluation: Evaluation,
    /// What its networks compute on. Of its identity only the kind is a part, and the CPU is none.
    #[serde(default)]
    pub device: DeviceName,
    /// When it is saved. No part of the identity.
    #[serde(default)]
    pub checkpoint: Checkpointing,
    /// What is written beside its records. No part of the identity.
    #[serde(default)]
    pub records: Recording,
}

/// An environment of the registry with all of its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name in the registry.
    pub name: String,
    /// Its options, complete and checked.
    pub options: toml::Table,
}

/// An agent with all of its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentChoice {
    /// What tables and figures call it: NAME of `[agents.NAME]`, then the swept settings in brackets,
    /// as in `efficientzero [search.simulations=16]`.
    pub label: String,
    /// The preset that its settings started from.
    pub preset: String,
    /// Its name in the registry of agents.
    pub kind: String,
    /// Its settings, complete and checked.
    pub settings: toml::Table,
}

impl AgentChoice {
    /// NAME of `[agents.NAME]`: the label without what is swept.
    pub fn name(&self) -> &str {
        name_in(&self.label)
    }
}

/// The name of an agent in a label.
pub(crate) fn name_in(label: &str) -> &str {
    label.split_once(" [").map_or(label, |(name, _)| name)
}

/// How much a run may play.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Real steps, over all lanes.
    #[schemars(range(min = 1))]
    pub real_steps: u64,
    /// Environments stepped side by side.
    #[serde(default = "Budget::default_lanes")]
    #[schemars(range(min = 1, max = 4096))]
    pub lanes: usize,
}

/// When and how a run is examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Real steps from one evaluation to the next.
    #[schemars(range(min = 1))]
    pub every: u64,
    /// Episodes of one evaluation.
    #[schemars(range(min = 1))]
    pub episodes: usize,
}

impl Budget {
    fn default_lanes() -> usize {
        8
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the key that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        out_of_range("real_steps", self.real_steps < 1, "at least 1")?;
        out_of_range("lanes", !(1..=4096).contains(&self.lanes), "between 1 and 4096")
    }
}

impl Evaluation {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the key that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        out_of_range("every", self.every < 1, "at least 1")?;
        out_of_range("episodes", self.episodes < 1, "at least 1")
    }
}

fn out_of_range(key: &str, is_wrong: bool, range: &str) -> Result<(), SettingsError> {
    let error = || SettingsError { path: key.to_owned(), message: format!("must be {range}") };
    if is_wrong { Err(error()) } else { Ok(()) }
}

impl ResolvedRun {
    /// The run with its id: `<environment>-<agent>-s<seed>-<hash>`, where everything but `[a-z0-9_.]` has become `-`
    /// and `<agent>` is the agent's name without what is swept.
    ///
    /// The hash is of everything that can change the result and of nothing else, so experiments that
    /// name an agent alike share its runs, whatever else they sweep.
    #[must_use]
    pub fn identified(self) -> Self {
        let Self { environment, agent, seed, budget, evaluation, .. } = &self;
        let mut content = json!({
            "algorithm_version": ALGORITHM_VERSION,
            "environment": environment,
            "agent": { "kind": agent.kind, "settings": agent.settings },
            "seed": seed,
            "budget": budget,
            "evaluation": evaluation,
        });
        if let DeviceName::Cuda(_) = self.device {
            content["device"] = json!("cuda");
        }
        let hash = blake3::hash(canonical_json(&content).as_bytes()).to_hex();
        let (place, name) = (slug(&environment.name), slug(agent.name()));
        Self { id: format!("{place}-{name}-s{seed}-{}", &hash[..8]), ..self }
    }

    /// The text of `run.toml`: a spec that loads as this one run, with the same id.
    pub fn to_toml(&self) -> String {
        let mut environment = self.environment.options.clone();
        environment.insert("name".into(), self.environment.name.clone().into());
        let mut agent = self.agent.settings.clone();
        agent.insert("preset".into(), self.agent.preset.clone().into());
        let sections = [
            section(
                "experiment",
                [
                    ("name", self.experiment.clone().into()),
                    ("seeds", toml::Value::Array(vec![integer(self.seed)])),
                    ("device", self.device.to_string().into()),
                ],
            ),
            section("environment", environment),
            section(
                "budget",
                [
                    ("real_steps", integer(self.budget.real_steps)),
                    ("lanes", integer(self.budget.lanes as u64)),
                ],
            ),
            section(
                "evaluation",
                [
                    ("every", integer(self.evaluation.every)),
                    ("episodes", integer(self.evaluation.episodes as u64)),
                ],
            ),
            section(
                "checkpoint",
                [
                    ("every", integer(self.checkpoint.every)),
                    ("every_seconds", integer(self.checkpoint.every_seconds)),
                ],
            ),
            section("records", [("tensorboard", self.records.tensorboard.into())]),
            section("agents", [(self.agent.label.as_str(), agent.into())]),
        ];
        sections.join("\n")
    }
}

/// The text of one table of the spec.
fn section<K: Into<String>>(
    name: &str,
    entries: impl IntoIterator<Item = (K, toml::Value)>,
) -> String {
    let table = entries.into_iter().map(|(key, value)| (key.into(), value));
    toml::Table::from_iter([(name.to_owned(), toml::Value::Table(table.collect()))]).to_string()
}

/// TOML's integers are signed; a spec was read from TOML, so its numbers fit.
fn integer(number: u64) -> toml::Value {
    toml::Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Lower case, runs of anything but `[a-z0-9_.]` as one `-`, none at the ends.
fn slug(name: &str) -> String {
    let mapped: String =
        name.to_lowercase()
            .chars()
            .map(|c| {
                if c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect();
    mapped.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// JSON without spaces and with sorted keys, whatever order the maps keep: the hash must not depend on
/// the features that some other crate switches on in `serde_json`.
fn canonical_json(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(map) => {
            let mut keys: Vec<_> = map.keys().collect();
            keys.sort();
            let member = |key: &String| format!("{}:{}", json!(key), canonical_json(&map[key]));
            format!("{{{}}}", keys.into_iter().map(member).collect::<Vec<_>>().join(","))
        }
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical_json).collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}
