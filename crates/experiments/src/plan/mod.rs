//! What a spec asks for: the head of the experiment and its runs, resolved and checked. Making one is
//! the work of `spec`; nothing here starts or reads a run.

pub mod experiment_file;
pub mod forecast;
pub mod persistence;
pub mod resolved;

pub(crate) mod instantiate;
pub(crate) mod run_list;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_agents::DeviceName;

use crate::plan::resolved::ResolvedRun;

/// A checked experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The spec's file.
    pub spec_path: PathBuf,
    /// What is asked, and how it is to be shown.
    pub experiment: ExperimentHead,
    /// The runs, each id once: combination by combination of the sweep, then agent by agent in the
    /// order of the spec, then seed by seed.
    pub runs: Vec<ResolvedRun>,
    /// For each run id the swept keys that concern the run, as written in the spec, with its values.
    pub axes: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an experiment asks, and how it is to be shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentHead {
    /// Also the name of its folder of results.
    pub name: String,
    /// One sentence; may be empty.
    pub question: String,
    /// What the report is to decide.
    pub hypothesis: Option<Hypothesis>,
    /// What others published and the report shows.
    pub published: Option<Published>,
    /// The figures that the spec asks for; none means the report's own choice.
    pub figures: Vec<Figure>,
    /// What is done when a run fails.
    pub on_failure: FailurePolicy,
}

/// What is done when a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FailurePolicy {
    /// How many times a run that failed is tried again. A run that has got further by then counts anew; one that
    /// fails at the same point twice is not tried again at all.
    pub retries: u32,
    /// Whether the first run that fails for good stops the others.
    pub fail_fast: bool,
}

/// A claim that the report decides: it holds, fails, or is undecided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// What is compared, such as `evaluation.return`.
    pub metric: String,
    /// `A > B` or `A < B`, where A and B are names of agents. Swept variants are compared one by one.
    pub statement: String,
}

/// What others published and the report shows beside ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The benchmarks, such as `atari-100k`. An environment of ours is a task of one by its name: `atari/ms_pacman` is
    /// MsPacman.
    pub benchmarks: Vec<String>,
    /// Whose results, in the order in which they are shown: an algorithm, such as `SPR`, for its best known ones, or
    /// one series of them, such as `SPR (EfficientZero paper)`.
    pub algorithms: Vec<String>,
}

/// One figure of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The kind of figure, such as `learning-curve`.
    pub kind: String,
    /// What the x-axis counts; empty for a kind that has no choice.
    #[serde(default)]
    pub x: String,
}

/// What the command line changes of a spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `KEY=VALUE` each, above everything that the spec says.
    pub set: Vec<String>,
    /// Seeds 0, 1, … N−1 instead of the spec's.
    pub seeds: Option<u64>,
    /// The device instead of the spec's.
    pub device: Option<DeviceName>,
    /// Keep the runs whose id or label contains this text, or matches it when it holds `*` or `?`.
    pub only: Option<String>,
}
