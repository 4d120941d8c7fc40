//! `experiment.json`: what was asked, and which runs answer it.
//!
//! Written by `run` and `report`; with the run folders it is all that `analysis` reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The contents of `results/<experiment>/experiment.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentFile {
    /// The experiment's name, which is also its folder's name.
    pub name: String,
    /// The question that it asks.
    pub question: String,
    /// The spec's path, as given on the command line.
    pub spec_path: String,
    /// The command that makes it again.
    pub command: String,
    /// Real steps of each run's budget.
    pub budget_real_steps: u64,
    /// What the person expects, if they said so.
    #[serde(default)]
    pub hypothesis: Option<Hypothesis>,
    /// What others published and is shown beside the runs.
    #[serde(default)]
    pub published: Option<PublishedRequest>,
    /// The figures asked for; if empty, those that suit every experiment.
    #[serde(default)]
    pub figures: Vec<FigureRequest>,
    /// Every run of the plan, in the order of the plan.
    pub runs: Vec<RunReference>,
}

/// An expectation that the report judges: holds, fails, undecided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// What is compared, as `evaluation.return` or `evaluation.performance`.
    pub metric: String,
    /// The statement, as `efficientzero > muzero`.
    pub statement: String,
}

/// What others published and the report shows; names as in [`crate::published`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedRequest {
    /// The benchmarks, as `atari-100k`.
    pub benchmarks: Vec<String>,
    /// The algorithms, as `SPR`, or series of one, as `SPR (EfficientZero paper)`.
    pub algorithms: Vec<String>,
}

/// One figure that the spec asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureRequest {
    /// Its kind, as `learning-curve`.
    pub kind: String,
    /// The quantity along x, as `real_steps`; empty for kinds that have no choice.
    #[serde(default)]
    pub x: String,
}

/// A run of the plan: where it is found, and its place in the experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReference {
    /// The run's id: its records lie in `results/runs/<id>/`.
    pub id: String,
    /// The environment's name.
    pub environment: String,
    /// The agent's label.
    pub agent: String,
    /// The run's seed.
    pub seed: u64,
    /// The value of each swept key, as written.
    #[serde(default)]
    pub axes: BTreeMap<String, String>,
    /// The size of the agent's networks; nothing for an agent without any, or whose environment cannot be made here.
    #[serde(default)]
    pub networks: Option<NetworkSize>,
}

/// How large the networks of an agent are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSize {
    /// Trainable numbers.
    pub parameters: u64,
    /// FLOPs of one imagined step, a recurrent inference; nothing for an agent without a learned model.
    #[serde(default)]
    pub imagined_step_flops: Option<u64>,
}
