//! The spec as written: its tables, for reading, and their documentation, for the JSON Schema.
//!
//! The tables that a sweep or `--set` may still change are plain tables here; `resolve` reads them for
//! each run. No `flatten`, no `untagged`, no internal tags: they lose the place of an error.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use zerolab_agents::DeviceName;
use zerolab_environments::SettingsError;

use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{Budget, Evaluation};
use crate::plan::{Figure, Hypothesis, Published};

type AnyTable = serde_json::Map<String, serde_json::Value>;

/// An experiment: what is asked, who plays where and for how long, and what is varied.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ZeroLab experiment")]
pub struct Spec {
    /// The name, the question and the seeds.
    pub experiment: Experiment,
    /// The environment: its name, and its options beside it.
    #[schemars(with = "AnyTable")]
    pub environment: toml::Table,
    /// How much each run may play.
    #[schemars(with = "Budget")]
    pub budget: toml::Table,
    /// When and how each run is examined.
    #[schemars(with = "Evaluation")]
    pub evaluation: toml::Table,
    /// When a run is saved, to be taken up again.
    #[serde(default)]
    pub checkpoint: Checkpointing,
    /// What is written beside the records of a run.
    #[serde(default)]
    pub records: Recording,
    /// The agents that are compared, under names of your choice: `[agents.NAME]` starts from the preset
    /// called NAME, unless its key `preset` names another, and changes single settings. There may be none where
    /// others' results are shown.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, AnyTable>")]
    pub agents: BTreeMap<String, toml::Table>,
    /// What is varied. Every key is an axis, and axes are crossed.
    #[serde(default)]
    #[schemars(with = "AnyTable")]
    pub sweep: toml::Table,
    /// A claim that the report decides.
    #[serde(default)]
    pub hypothesis: Option<Hypothesis>,
    /// What others published and the report shows beside ours.
    #[serde(default)]
    pub published: Option<Published>,
    /// The figures of the report. Without any, the report chooses.
    #[serde(default)]
    pub figure: Vec<Figure>,
}

/// The name, the question and the seeds of an experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Names the folder of results: letters, digits, `-`, `_` and `.`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"))]
    pub name: String,
    /// What is to be found out, in one sentence.
    #[serde(default)]
    pub question: String,
    /// How many seeds each variant is run with (0, 1, …), or which.
    #[serde(default)]
    pub seeds: Seeds,
    /// What the random axes of the sweep are drawn from.
    #[serde(default)]
    pub sweep_seed: u64,
    /// What the networks compute on: `cpu`, `cuda` or `cuda:N`.
    #[serde(default)]
    pub device: DeviceName,
    /// How many times in a row a failed run is tried again. One that has got further since counts anew; one that
    /// fails at the same point twice is not tried a third time.
    #[serde(default = "Experiment::default_retries")]
    pub retries: u32,
    /// Stop everything as soon as a run has failed for good.
    #[serde(default)]
    pub fail_fast: bool,
}

/// How many seeds, or which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seeds {
    /// The seeds 0 to n − 1.
    Count(u64),
    /// These.
    List(Vec<u64>),
}

/// The most runs that one seed count or sweep may ask for: beyond it, it is a slip of the pen.
pub(super) const MOST_RUNS: u64 = 100_000;

/// Folders of `results/` with a meaning of their own.
const RESERVED_NAMES: [&str; 2] = ["runs", "gallery"];

impl Default for Seeds {
    fn default() -> Self {
        Self::Count(1)
    }
}

impl Seeds {
    /// The seeds themselves.
    pub fn to_vec(&self) -> Vec<u64> {
        match self {
            Self::Count(count) => (0..*count).collect(),
            Self::List(seeds) => seeds.clone(),
        }
    }

    /// What is wrong with them, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        let seeds = match self {
            Self::Count(1..=MOST_RUNS) => return Ok(()),
            Self::Count(_) => return Err(format!("a count is between 1 and {MOST_RUNS}")),
            Self::List(seeds) => seeds,
        };
        let mut sorted = seeds.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("seed {} is there twice", pair[0])),
            None if seeds.is_empty() => Err("at least one seed is needed".to_owned()),
            None => Ok(()),
        }
    }
}

impl Experiment {
    fn default_retries() -> u32 {
        1
    }

    /// Checks what the types cannot.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |path: &str, message: String| {
            Err(SettingsError { path: format!("experiment.{path}"), message })
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.name.is_empty()
            || !self.name.chars().all(allowed)
            || self.name.starts_with(['.', '-'])
        {
            let rule = "it names a folder: letters, digits, `-`, `_` and `.`, not `.` or `-` first";
            return wrong("name", rule.to_owned());
        }
        if RESERVED_NAMES.contains(&self.name.as_str()) {
            return wrong("name", format!("the folder `{}` is the program's own", self.name));
        }
        self.seeds.check().or_else(|message| wrong("seeds", message))
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
                { "type": "integer", "minimum": 1, "maximum": MOST_RUNS },
                { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1, "uniqueItems": true }
            ]
        })
    }
}
