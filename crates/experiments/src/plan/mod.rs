//! A plan: the metadata of an experiment and its runs, resolved and checked.
//!
//! `spec` makes a plan. Nothing here starts a run or reads its records.

pub mod chosen_weights;
pub mod examination;
pub mod experiment_file;
pub mod forecast;
pub mod persistence;
pub mod phases;
pub mod resolved;
pub mod slurm;

mod anchors;
mod hashed_settings;
pub(crate) mod instantiate;
mod programs;
pub(crate) mod run_list;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use serde::Serialize;
use zerolab_agents::DeviceName;
use zerolab_metrics::labels::{Axes, environment_label};
use zerolab_metrics::{FigureRequest, Hypothesis, IncludeRequest, PublishedRequest};

use crate::plan::examination::PlannedExamination;
use crate::plan::resolved::ResolvedRun;

/// A checked experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The file of the spec.
    pub spec_path: PathBuf,
    /// Name, question and report of the experiment.
    pub experiment: ExperimentMetadata,
    /// The runs, each id once, ordered by combination of the sweep, then agent (in the order of the spec),
    /// then seed. With `--only` or `--seeds` only the chosen ones.
    pub runs: Vec<ResolvedRun>,
    /// All runs of the experiment, in the same order. A report always shows all of them.
    #[serde(skip)]
    pub all_runs: Vec<ResolvedRun>,
    /// For each run id: the swept keys that apply to the run, as written in the spec, and their values.
    pub axes: BTreeMap<String, Axes>,
    /// The combinations of the sweep whose run is that of an earlier combination.
    pub repeats: Vec<Repeat>,
    /// For each run id: its examinations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub examinations: BTreeMap<String, Vec<PlannedExamination>>,
    /// `[launcher.slurm]`, as written.
    #[serde(skip)]
    pub slurm: toml::Table,
}

impl Plan {
    /// The name of a run's environment with its swept options.
    pub fn environment_label(&self, run: &ResolvedRun) -> String {
        let name = &run.environment.name;
        self.axes
            .get(&run.id)
            .map_or_else(|| name.clone(), |axes| environment_label(name, axes, &[]))
    }

    /// The examinations of a run.
    pub fn examinations_of(&self, run: &ResolvedRun) -> &[PlannedExamination] {
        self.examinations.get(&run.id).map_or(&[], Vec::as_slice)
    }

    /// The examinations of a run, each file once: points that differ in settings that the agent does not have share one.
    pub fn distinct_examinations_of(
        &self,
        run: &ResolvedRun,
    ) -> impl Iterator<Item = &PlannedExamination> {
        let mut files = HashSet::new();
        let all = self.examinations_of(run).iter();
        all.filter(move |planned| files.insert(planned.file_name(run)))
    }

    /// The plan of all runs of the experiment.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { runs: self.all_runs.clone(), ..self.clone() }
    }
}

/// A combination of the sweep whose run is that of an earlier combination, because the settings are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// The id of the run, with the first seed.
    pub id: String,
    /// The name of the combination.
    pub name: String,
    /// The name of the earlier combination, under which its results appear.
    pub first: String,
}

/// Name, question and report of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentMetadata {
    /// Also the name of its folder of results.
    pub name: String,
    /// One sentence; may be empty.
    pub question: String,
    /// The claims that the report tests.
    pub hypotheses: Vec<Hypothesis>,
    /// The published results that the report shows.
    pub published: Option<PublishedRequest>,
    /// The figures of the report. If empty, the report chooses.
    pub figures: Vec<FigureRequest>,
    /// Agents of other experiments that the report shows.
    pub includes: Vec<IncludeRequest>,
    /// What to do when a run fails.
    pub on_failure: FailurePolicy,
}

/// What to do when a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FailurePolicy {
    /// How many times in a row a failed run is retried. The count restarts when the run gets further. A run
    /// that fails twice at the same point is not retried.
    pub retries: u32,
    /// Whether the first run that fails for good stops the others.
    pub fail_fast: bool,
}

/// Changes of a spec on the command line: of the experiment (`set`, `device`, `name`), and of which of its
/// runs are chosen (`seeds`, `only`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Settings as `KEY=VALUE`. They override everything in the spec.
    pub set: Vec<String>,
    /// The device, instead of the spec's.
    pub device: Option<DeviceName>,
    /// The name of the experiment, instead of the spec's.
    pub name: Option<String>,
    /// Keep the runs with the first N seeds of the spec.
    pub seeds: Option<u64>,
    /// Keep the runs whose id, label or swept settings contain this text, or match it if it has `*` or `?`.
    pub only: Option<String>,
}
