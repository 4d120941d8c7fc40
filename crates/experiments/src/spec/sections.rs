//! The tables of a spec as written, with their documentation for the JSON Schema.
//!
//! Tables that a sweep or `--set` can change are plain tables here; `resolve` reads them for each run. There
//! is no `flatten`, no `untagged` and no internal tag, because they lose the place of an error.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use zerolab_agents::DeviceName;
use zerolab_settings::SettingsError;

use super::examinations::ExaminationSection;
use super::phases::PhaseSection;
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{Budget, EvaluationSchedule};
use crate::plan::slurm::SlurmSettings;
use zerolab_metrics::{
    FigureRequest, Hypothesis, IncludeRequest, PublishedRequest, one_or_many, one_or_many_schema,
};

pub(super) type AnyTable = serde_json::Map<String, serde_json::Value>;

/// An experiment: the question, the environment, the budget, the agents, and what is varied.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ZeroLab experiment")]
pub struct Spec {
    /// Name, question and seeds.
    pub experiment: Experiment,
    /// The environment: its name and its options.
    #[serde(default)]
    #[schemars(with = "AnyTable")]
    pub environment: toml::Table,
    /// The budget of each run. With phases, its real steps are theirs.
    #[serde(default)]
    #[schemars(with = "Budget")]
    pub budget: toml::Table,
    /// The phases of each run, in which the environment can be another one. Without any, the training is one phase.
    #[serde(default)]
    #[schemars(with = "Vec<PhaseSection>")]
    pub phase: Vec<toml::Table>,
    /// When and how each run is evaluated.
    #[serde(default)]
    #[schemars(with = "EvaluationSchedule")]
    pub evaluation: toml::Table,
    /// When a run is saved, so that it can be resumed.
    #[serde(default)]
    pub checkpoint: Checkpointing,
    /// What is written in addition to the records of a run.
    #[serde(default)]
    pub records: Recording,
    /// The agents that are compared. `[agents.NAME]` starts from the preset called NAME, unless its key
    /// `preset` names another one, and changes single settings. There may be no agent if `published` is
    /// given.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, AnyTable>")]
    pub agents: BTreeMap<String, toml::Table>,
    /// What is varied. Every key is an axis. Axes are crossed: every combination is run.
    #[serde(default)]
    #[schemars(with = "AnyTable")]
    pub sweep: toml::Table,
    /// A claim that the report tests, or several.
    #[serde(default, rename = "hypothesis", deserialize_with = "one_or_many")]
    #[schemars(schema_with = "one_or_many_schema::<Hypothesis>")]
    pub hypotheses: Vec<Hypothesis>,
    /// Published results that the report shows for comparison.
    #[serde(default)]
    pub published: Option<PublishedRequest>,
    /// The figures of the report. Without any, the report chooses.
    #[serde(default)]
    pub figure: Vec<FigureRequest>,
    /// Agents of other experiments that the report shows beside its own.
    #[serde(default)]
    pub include: Vec<IncludeRequest>,
    /// What is measured again of the agents of finished runs, by name.
    #[serde(default)]
    pub examination: BTreeMap<String, ExaminationSection>,
    /// How runs are started on a cluster. Changes no run.
    #[serde(default)]
    pub launcher: LauncherSection,
}

/// How runs are started, for each launcher.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LauncherSection {
    /// The jobs of `zerolab run --launcher slurm`. A file and the command line can change it.
    #[schemars(with = "SlurmSettings")]
    pub slurm: toml::Table,
}

/// Name, question and seeds of an experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Also the name of the folder of results: letters, digits, `-`, `_` and `.`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"), length(max = MAX_NAME))]
    pub name: String,
    /// What the experiment is to find out, in one sentence.
    #[serde(default)]
    pub question: String,
    /// The number of seeds for each variant (0, 1, …), or a list of seeds.
    #[serde(default)]
    pub seeds: Seeds,
    /// The seed of the random axes of the sweep.
    #[serde(default)]
    pub sweep_seed: u64,
    /// The device of the networks: `cpu`, `cuda` or `cuda:N`.
    #[serde(default)]
    pub device: DeviceName,
    /// How many times in a row a failed run is retried. The count restarts when the run gets further. A run
    /// that fails twice at the same point is not retried.
    #[serde(default = "Experiment::default_retries")]
    pub retries: u32,
    /// Stop all runs as soon as one has failed for good.
    #[serde(default)]
    pub fail_fast: bool,
}

/// A number of seeds, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seeds {
    /// The seeds 0 to n − 1.
    Count(u64),
    /// These seeds.
    List(Vec<u64>),
}

/// The most seeds or runs of one spec. A larger number is probably a mistake.
pub(super) const MAX_RUNS: u64 = 100_000;

/// The most letters of an experiment's name, which is the name of a folder.
const MAX_NAME: usize = 200;

/// Folders of `results/` that the program uses itself.
const RESERVED_NAMES: [&str; 4] = ["runs", "gallery", "evaluations", "examinations"];

impl Default for Seeds {
    fn default() -> Self {
        Self::Count(1)
    }
}

impl Seeds {
    /// The list of seeds.
    pub fn to_vec(&self) -> Vec<u64> {
        match self {
            Self::Count(count) => (0..*count).collect(),
            Self::List(seeds) => seeds.clone(),
        }
    }

    /// An error if there are no seeds, too many, or one of them twice.
    pub(super) fn check(&self) -> Result<(), String> {
        let seeds = match self {
            Self::Count(1..=MAX_RUNS) => return Ok(()),
            Self::Count(_) => return Err(format!("must be between 1 and {MAX_RUNS}")),
            Self::List(seeds) => seeds,
        };
        let mut sorted = seeds.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("seed {} is listed twice", pair[0])),
            None if seeds.is_empty() => Err("at least one seed is needed".to_owned()),
            None => Ok(()),
        }
    }
}

impl Experiment {
    fn default_retries() -> u32 {
        1
    }

    /// Checks what the types do not express.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |path: &str, message: String| {
            Err(SettingsError { path: format!("experiment.{path}"), message })
        };
        Self::check_name(&self.name).or_else(|message| wrong("name", message))?;
        self.seeds.check().or_else(|message| wrong("seeds", message))
    }

    /// Checks that an experiment can have this name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_name(name: &str) -> Result<(), String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(allowed) || name.starts_with(['.', '-']) {
            let rule = "must be letters, digits, `-`, `_` and `.`, and not start with `.` or `-`";
            return Err(rule.to_owned());
        }
        if name.len() > MAX_NAME {
            return Err(format!("must have at most {MAX_NAME} letters"));
        }
        if RESERVED_NAMES.contains(&name) {
            return Err(format!("must not be `{name}`, which is reserved"));
        }
        Ok(())
    }
}

impl Serialize for Seeds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => count.serialize(serializer),
            Self::List(seeds) => seeds.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Seeds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeedsVisitor)
    }
}

struct SeedsVisitor;

impl<'de> Visitor<'de> for SeedsVisitor {
    type Value = Seeds;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of seeds or a list of seeds, 0 or more each")
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Seeds, E> {
        Ok(Seeds::Count(count))
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<Seeds, E> {
        let unexpected = serde::de::Unexpected::Signed(count);
        u64::try_from(count).map(Seeds::Count).map_err(|_| E::invalid_value(unexpected, &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Seeds, A::Error> {
        let mut seeds = Vec::new();
        while let Some(seed) = elements.next_element()? {
            seeds.push(seed);
        }
        Ok(Seeds::List(seeds))
    }
}

impl JsonSchema for Seeds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seeds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": MAX_RUNS },
                { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1, "uniqueItems": true }
            ]
        })
    }
}
