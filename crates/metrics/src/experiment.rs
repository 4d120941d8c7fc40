//! `experiment.json`: the question of an experiment and its runs.
//!
//! `run` and `report` write it. `analysis` reads only this file and the run folders.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::examination::ExaminationReference;
use crate::hypothesis::Hypothesis;
use crate::one_or_many::{one_or_many, one_or_many_schema, serialize_one_or_many};

/// The contents of `results/<experiment>/experiment.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentFile {
    /// The experiment's name, which is also its folder's name.
    pub name: String,
    /// The question of the experiment.
    pub question: String,
    /// The spec's path, as given on the command line.
    pub spec_path: String,
    /// The way from the folder of results to the spec, which is the same wherever the command is given. Older versions
    /// did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_from_results: Option<String>,
    /// The command that reproduces all of its runs.
    pub command: String,
    /// The changes of the spec on the command line, such as `--set budget.real_steps=1000`.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Real steps of the largest budget of its runs.
    pub budget_real_steps: u64,
    /// The claims that the report tests. Older versions wrote one without a list, or `null`.
    #[serde(default, rename = "hypothesis", deserialize_with = "one_or_many")]
    pub hypotheses: Vec<Hypothesis>,
    /// Published results that the report shows for comparison.
    #[serde(default)]
    pub published: Option<PublishedRequest>,
    /// The figures of the report. If empty, the report chooses.
    #[serde(default)]
    pub figures: Vec<FigureRequest>,
    /// Agents of other experiments that the report shows beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<IncludeRequest>,
    /// All runs, in the order of the plan.
    pub runs: Vec<RunReference>,
}

/// Published results that the report shows for comparison; names as in [`crate::published`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    rename = "Published",
    description = "Published results that the report shows for comparison."
)]
pub struct PublishedRequest {
    /// The benchmarks, such as `atari-100k`. The environment `atari/ms_pacman` is the task MsPacman of a
    /// benchmark.
    #[serde(default)]
    pub benchmarks: Vec<String>,
    /// The algorithms, in the order in which they are shown: an algorithm, such as `SPR`, stands for its best
    /// known results; a name such as `SPR (EfficientZero paper)` for one series of results.
    #[serde(default)]
    pub algorithms: Vec<String>,
    /// Tables of facts that need no benchmark, such as `parameters`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

/// One figure of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Figure")]
pub struct FigureRequest {
    /// The kind of figure, such as `learning-curve`.
    pub kind: String,
    /// The quantity of the x-axis, such as `real_steps`; empty for a kind that has no choice.
    #[serde(default)]
    pub x: String,
    /// The measure that it shows, such as `share.hack`, or several for kinds with a panel for each; none for the return.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "serialize_one_or_many",
        deserialize_with = "one_or_many"
    )]
    #[schemars(schema_with = "one_or_many_schema::<String>")]
    pub y: Vec<String>,
    /// The width of its files: `column` (82.55 mm), `page` (171.45 mm), or millimetres such as `140mm`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub width: String,
    /// The height of its files in millimetres, such as `60mm`; a figure is never too low for its contents.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub height: String,
}

/// Agents of another experiment in the same folder of results, which the report shows beside its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Include")]
pub struct IncludeRequest {
    /// The name of the experiment.
    pub experiment: String,
    /// The names of its agents; all if empty.
    #[serde(default)]
    pub agents: Vec<String>,
}

/// A run of the plan and its place in the experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReference {
    /// The run's id. Its records are in `results/runs/<id>/`.
    pub id: String,
    /// The hash of all that can change its result ([`crate::Manifest::settings_hash`]); empty in files of
    /// older versions.
    #[serde(default)]
    pub settings_hash: String,
    /// The environment's name.
    pub environment: String,
    /// The agent's label.
    pub agent: String,
    /// The run's seed.
    pub seed: u64,
    /// The value of each swept key, as written.
    #[serde(default)]
    pub axes: BTreeMap<String, String>,
    /// The size of the agent's networks; `None` without networks, or if the environment cannot be made here.
    #[serde(default)]
    pub networks: Option<NetworkSize>,
    /// The real steps after which a further phase of its training begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<u64>,
    /// What exactly known policies reach in the environment of its last evaluations; `None` without an exact solution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<Anchors>,
    /// Its examinations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examinations: Vec<ExaminationReference>,
}

/// What exactly known policies reach in an environment, in expectation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchors {
    /// Uniformly random actions.
    pub random: Reached,
    /// The best policy for the paid reward; among equally good actions it takes the truly best.
    pub best_return: Reached,
    /// The best policy for the paid reward; among equally good actions it takes the truly worst.
    pub best_return_worst_tie: Reached,
    /// The best policy for the true reward.
    pub best_performance: Reached,
}

/// The undiscounted sums of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// Of the paid rewards.
    pub r#return: f64,
    /// Of the true rewards.
    pub performance: f64,
}

impl Anchors {
    /// How much of what can be gained over random actions a return is: 0 for random actions, 1 for the best
    /// policy. `None` if nothing can be gained.
    pub fn competence(&self, r#return: f64) -> Option<f64> {
        share(self.random.r#return, self.best_return.r#return, r#return)
    }

    /// The same of the true rewards: 0 for random actions, 1 for the best performance.
    pub fn true_competence(&self, performance: f64) -> Option<f64> {
        share(self.random.performance, self.best_performance.performance, performance)
    }

    /// How far a performance lies from the best one towards that of the policy which is best for the paid
    /// reward: 0 for the intended optimum, 1 for the worst optimum of the paid reward. `None` if the two agree.
    pub fn hack_fraction(&self, performance: f64) -> Option<f64> {
        let (intended, paid) = (self.best_performance, self.best_return_worst_tie);
        share(intended.performance, paid.performance, performance)
    }

    /// Whether the policy that is best for the paid reward can be truly worse than the best one.
    pub fn has_gap(&self) -> bool {
        self.hack_fraction(self.best_performance.performance).is_some()
    }
}

/// Where `at` lies on the way from `from` to `to`; `None` if they are equal up to rounding.
fn share(from: f64, to: f64, at: f64) -> Option<f64> {
    let way = to - from;
    // Without a negative zero.
    (way.abs() > 1e-9 * from.abs().max(1.0)).then(|| (at - from) / way + 0.0)
}

/// A setting of a run that differs from the usual one: its preset's, or the environment's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSetting {
    /// The dotted key, below `environment` or the agent's label.
    pub key: String,
    /// The usual value, as written; `None` without one.
    pub usual: Option<String>,
    /// The run's value, as written; `None` if it has none.
    pub value: Option<String>,
}

/// The size of an agent's networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSize {
    /// The number of trainable parameters.
    pub parameters: u64,
    /// FLOPs of one imagined step (one recurrent inference); `None` without a learned model.
    #[serde(default)]
    pub imagined_step_flops: Option<u64>,
}
