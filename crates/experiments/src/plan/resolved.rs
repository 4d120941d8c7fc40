//! One complete run: everything that can change its records, with all defaults filled in.
//!
//! Training, files and launchers see a run only in this form. On disk it is `run.toml`, which is a spec with
//! one run (`to_toml`); [`crate::spec::load`] reads it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zerolab_agents::DeviceName;
use zerolab_metrics::labels::agent_name;
use zerolab_settings::SettingsError;
use zerolab_settings::range::count;

use crate::plan::hashed_settings::{hashed, hashed_environment};
use crate::plan::persistence::{Checkpointing, KeptWeights, Recording};
use crate::plan::phases::TrainingPhase;

/// The version of the algorithms. Raise it when a change of the code can change records, so that runs of
/// older versions are not reused.
pub const ALGORITHM_VERSION: u32 = 5;

/// The hexadecimal digits of the hash in an id: 64 bits. The probability that any two of 10^5 runs share an id
/// is then 3e-10.
const HASH_DIGITS: usize = 16;

/// The digits in the ids of earlier versions of the program.
const OLDER_HASH_DIGITS: usize = 8;

/// The most episodes of an evaluation.
pub(crate) const MOST_EPISODES: u64 = 100_000;

/// One agent in one environment with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedRun {
    /// `<environment>-<agent>-s<seed>-<hash>`; see [`ResolvedRun::identified`].
    pub id: String,
    /// The experiment that asked for it. Not part of the id.
    pub experiment: String,
    /// The environment; with phases, that of the first one.
    pub environment: EnvironmentChoice,
    /// The agent.
    pub agent: AgentChoice,
    /// The seed of all random streams of the run.
    pub seed: u64,
    /// How many steps it may take.
    pub budget: Budget,
    /// The phases of its training; empty if there is one without a block of updates after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<TrainingPhase>,
    /// When and how it is evaluated.
    pub evaluation: EvaluationSchedule,
    /// The device of its networks. Only `cuda` enters the id.
    #[serde(default)]
    pub device: DeviceName,
    /// When it is saved. Not part of the id.
    #[serde(default)]
    pub checkpoint: Checkpointing,
    /// What is written in addition to its records. Not part of the id.
    #[serde(default)]
    pub records: Recording,
}

/// An environment of the registry with all of its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentChoice {
    /// Its name in the registry.
    pub name: String,
    /// Its options, complete and checked.
    pub options: toml::Table,
}

/// An agent with all of its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentChoice {
    /// Its name in tables and figures: NAME of `[agents.NAME]`, then the swept settings in brackets
    /// ([`zerolab_metrics::labels`]).
    pub label: String,
    /// The preset that its settings start from.
    pub preset: String,
    /// Its name in the registry of agents.
    pub kind: String,
    /// Its settings, complete and checked.
    pub settings: toml::Table,
}

impl AgentChoice {
    /// NAME of `[agents.NAME]`: the label without swept settings.
    pub fn name(&self) -> &str {
        agent_name(&self.label)
    }
}

/// How many steps a run may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Real steps, summed over all lanes.
    #[schemars(range(min = 1))]
    pub real_steps: u64,
    /// Environments that are stepped together.
    #[serde(default = "Budget::default_lanes")]
    #[schemars(range(min = 1, max = 4096))]
    pub lanes: usize,
}

/// When and how a run is evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Evaluation")]
pub struct EvaluationSchedule {
    /// Real steps between evaluations.
    #[schemars(range(min = 1))]
    pub every: u64,
    /// Episodes of each evaluation.
    #[schemars(range(min = 1, max = MOST_EPISODES))]
    pub episodes: usize,
    /// Settings of the environment in which evaluations differ from the training.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub environment: toml::Table,
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

impl EvaluationSchedule {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the key that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        out_of_range("every", self.every < 1, "at least 1")?;
        count("episodes", self.episodes as u64, MOST_EPISODES)
    }
}

fn out_of_range(key: &str, is_wrong: bool, range: &str) -> Result<(), SettingsError> {
    let error = || SettingsError { path: key.to_owned(), message: format!("must be {range}") };
    if is_wrong { Err(error()) } else { Ok(()) }
}

impl ResolvedRun {
    /// The run with its id: `<environment>-<agent>-s<seed>-<hash>`. Every character outside `[a-z0-9_.]`
    /// becomes `-`. `<agent>` is the agent's name without swept settings, with a hash of the name if those letters
    /// do not tell it from other names.
    ///
    /// `<hash>` is the beginning of [`ResolvedRun::settings_hash`]. So experiments that use the same name for
    /// an agent share its runs, even if they sweep different keys.
    #[must_use]
    pub fn identified(self) -> Self {
        Self { id: self.id_of(&agent_slug(self.agent.name()), HASH_DIGITS), ..self }
    }

    /// The environment of its last evaluations, as an environment of training: without what its kind changes in all
    /// evaluations.
    pub fn evaluated_environment(&self) -> EnvironmentChoice {
        self.evaluated_in(self.last_environment())
    }

    /// The environment of the evaluations while the run is trained in `environment`, as
    /// [`evaluated_environment`](Self::evaluated_environment).
    pub fn evaluated_in(&self, mut environment: EnvironmentChoice) -> EnvironmentChoice {
        environment.options.extend(self.evaluation.environment.clone());
        environment
    }

    /// The hash of everything that can change the result and of nothing else, in hexadecimal digits.
    pub fn settings_hash(&self) -> String {
        blake3::hash(canonical_json(&self.identity()).as_bytes()).to_hex().to_string()
    }

    /// Everything that can change the result, and nothing else.
    pub(crate) fn identity(&self) -> serde_json::Value {
        let Self { environment, agent, seed, budget, evaluation, .. } = self;
        let EnvironmentChoice { name, options } = environment;
        let mut content = json!({
            "algorithm_version": ALGORITHM_VERSION,
            "environment": { "name": name, "options": hashed_environment(name, options) },
            "agent": { "kind": agent.kind, "settings": hashed(&agent.settings) },
            "seed": seed,
            "budget": budget,
            "evaluation": evaluation,
        });
        if !self.phases.is_empty() {
            content["phases"] = self.hashed_phases().into();
        }
        if let DeviceName::Cuda(_) = self.device {
            content["device"] = json!("cuda");
        }
        content
    }

    /// The id with the first digits of the hash.
    fn id_of(&self, agent: &str, digits: usize) -> String {
        let place = slug(&self.environment.name);
        format!("{place}-{agent}-s{}-{}", self.seed, &self.settings_hash()[..digits])
    }

    /// The id that earlier versions of the program gave to this run.
    pub(crate) fn older_id(&self) -> String {
        self.id_of(&slug(self.agent.name()), OLDER_HASH_DIGITS)
    }

    /// The text of `run.toml`: a spec with this one run, which has the same id when it is loaded.
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
            section("budget", budget(self)),
            phases(&self.phases),
            section("evaluation", evaluation(&self.evaluation)),
            section("checkpoint", checkpoint(&self.checkpoint)),
            section("records", records(&self.records)),
            section("agents", [(self.agent.label.as_str(), agent.into())]),
        ];
        sections.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// The entries of `[budget]`. With phases, the real steps are theirs.
fn budget(run: &ResolvedRun) -> Vec<(&'static str, toml::Value)> {
    let Budget { real_steps, lanes } = &run.budget;
    let steps = run.phases.is_empty().then(|| ("real_steps", integer(*real_steps)));
    steps.into_iter().chain([("lanes", integer(*lanes as u64))]).collect()
}

/// The tables `[[phase]]`.
fn phases(phases: &[TrainingPhase]) -> String {
    let table = |phase: &TrainingPhase| {
        let TrainingPhase { real_steps, environment, replay, reset, updates } = phase;
        let reset = reset.iter().cloned().map(toml::Value::String).collect();
        toml::Value::Table(toml::Table::from_iter([
            ("real_steps".to_owned(), integer(*real_steps)),
            ("replay".to_owned(), replay.name().into()),
            ("reset".to_owned(), toml::Value::Array(reset)),
            ("updates".to_owned(), integer(*updates)),
            ("environment".to_owned(), environment.clone().into()),
        ]))
    };
    if phases.is_empty() {
        return String::new();
    }
    let tables = toml::Value::Array(phases.iter().map(table).collect());
    toml::Table::from_iter([("phase".to_owned(), tables)]).to_string()
}

/// The entries of `[evaluation]`.
fn evaluation(schedule: &EvaluationSchedule) -> Vec<(&'static str, toml::Value)> {
    let EvaluationSchedule { every, episodes, environment } = schedule;
    let mut entries = vec![("every", integer(*every)), ("episodes", integer(*episodes as u64))];
    if !environment.is_empty() {
        entries.push(("environment", environment.clone().into()));
    }
    entries
}

/// The entries of `[checkpoint]`. Earlier versions of the program know no `exact`, and always were.
fn checkpoint(settings: &Checkpointing) -> Vec<(&'static str, toml::Value)> {
    let Checkpointing { every, every_seconds, exact } = settings;
    let exact = (!exact).then(|| ("exact", (*exact).into()));
    let times = [("every", integer(*every)), ("every_seconds", integer(*every_seconds))];
    times.into_iter().chain(exact).collect()
}

/// The entries of `[records]`. Earlier versions of the program know no `weights`, and kept the last ones.
fn records(Recording { tensorboard, weights }: &Recording) -> Vec<(&'static str, toml::Value)> {
    let weights = Some(*weights).filter(|weights| *weights != KeptWeights::default());
    let tensorboard = ("tensorboard", (*tensorboard).into());
    let weights = weights.map(|weights| ("weights", weights.name().into()));
    std::iter::once(tensorboard).chain(weights).collect()
}

/// The text of one table of the spec.
fn section<K: Into<String>>(
    name: &str,
    entries: impl IntoIterator<Item = (K, toml::Value)>,
) -> String {
    let table = entries.into_iter().map(|(key, value)| (key.into(), value));
    toml::Table::from_iter([(name.to_owned(), toml::Value::Table(table.collect()))]).to_string()
}

/// TOML integers are signed. Numbers of a spec were read from TOML, so they fit.
fn integer(number: u64) -> toml::Value {
    toml::Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Lower case, with each sequence of characters outside `[a-z0-9_.]` as one `-`, and no `-` at the ends.
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

/// The agent's part of a run's id. A slug loses letters: `DQN (a)` and `dqn a` have the same, and a name without ASCII
/// letters has none. So a name whose slug is more than the name with `-` for spaces and `/` also gets a hash of it.
fn agent_slug(name: &str) -> String {
    let slug = slug(name);
    if !slug.is_empty() && slug == name.replace([' ', '/'], "-") {
        return slug;
    }
    let hash = &blake3::hash(name.as_bytes()).to_hex()[..6];
    if slug.is_empty() { hash.to_owned() } else { format!("{slug}-{hash}") }
}

/// JSON without spaces and with sorted keys. The order of keys in `serde_json` depends on its features, and
/// the hash must not.
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
