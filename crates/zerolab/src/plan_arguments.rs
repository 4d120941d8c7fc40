//! The arguments that select runs, shared by every command that takes a spec.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use zerolab_agents::DeviceName;
use zerolab_environments::Surroundings;
use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::run::identity::keep_older_ids;
use zerolab_experiments::shell::quoted;
use zerolab_experiments::spec::{Catalogue, Figure, load_file};

use crate::best_effort::BestEffort;
use crate::error::CommandError;
use crate::numbers::positive;
use crate::reports;

/// A spec, changes of it, and a choice of its runs.
#[derive(Clone, Debug, Args)]
pub struct PlanArguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    #[command(flatten)]
    choice: ChoiceArguments,
}

/// A spec and changes of it.
#[derive(Clone, Debug, Args)]
pub struct ExperimentArguments {
    /// The experiment: a TOML file
    spec: PathBuf,
    #[command(flatten)]
    changes: ChangeArguments,
}

/// Changes of a spec on the command line.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct ChangeArguments {
    /// Change a setting of the spec, such as `budget.real_steps=1000` or `agents.*.search.simulations=8`
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The device of the networks, instead of the spec's `device`
    #[arg(long, value_name = "cpu|cuda[:N]")]
    device: Option<DeviceName>,
    /// The name of the experiment and of its folder in the results, instead of the spec's
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// A choice of the runs of a spec.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct ChoiceArguments {
    /// Only runs with the first N seeds of the spec
    #[arg(long, value_name = "N", value_parser = positive::<u64>, allow_negative_numbers = true)]
    seeds: Option<u64>,
    /// Only runs whose id, agent or settings contain this text, or match this pattern (`*`, `?`)
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

impl PlanArguments {
    /// Reads and validates the plan. Runs in the folder `results` whose ids are those of an older version
    /// keep them. Starts nothing.
    pub fn load(&self, results: &Path) -> Result<Plan, CommandError> {
        self.experiment.load_chosen(&self.choice, results, false)
    }

    /// As [`load`](Self::load), for a command that trains or plays: environments outside of the program are started and
    /// asked what they are.
    pub fn load_to_start(&self, results: &Path) -> Result<Plan, CommandError> {
        self.experiment.load_chosen(&self.choice, results, true)
    }

    /// Says what the plan includes from other experiments and is not in the folder `results` yet.
    pub fn note_missing_includes(plan: &Plan, results: &Path) -> io::Result<()> {
        for missing in plan.experiment.includes.iter().filter_map(|it| it.find(results).missing) {
            writeln!(
                BestEffort(io::stderr()),
                "note: [[include]]: {missing}; the report is written without what is missing"
            )?;
        }
        Ok(())
    }

    /// Whether all runs are chosen.
    pub fn has_all_runs(&self) -> bool {
        self.choice.is_empty()
    }

    /// The spec and its changes.
    pub fn experiment(&self) -> &ExperimentArguments {
        &self.experiment
    }

    /// The command that trains the chosen runs.
    pub fn command_line(&self) -> String {
        let ChoiceArguments { seeds, only } = &self.choice;
        let seeds = seeds.map(|seeds| format!("--seeds {seeds}"));
        let only = only.as_ref().map(|only| format!("--only {}", quoted(only)));
        let choice = seeds.into_iter().chain(only);
        std::iter::once(self.experiment.command_line()).chain(choice).collect::<Vec<_>>().join(" ")
    }
}

impl ExperimentArguments {
    /// A spec with changes.
    pub fn new(spec: &Path, changes: &ChangeArguments) -> Self {
        Self { spec: spec.to_owned(), changes: changes.clone() }
    }

    /// Reads and validates the plan of all runs, as [`PlanArguments::load`].
    pub fn load(&self, results: &Path) -> Result<Plan, CommandError> {
        self.load_chosen(&ChoiceArguments::default(), results, false)
    }

    fn load_chosen(
        &self,
        choice: &ChoiceArguments,
        results: &Path,
        may_start: bool,
    ) -> Result<Plan, CommandError> {
        let surroundings = Surroundings::of_spec(&self.spec, results, may_start);
        let mut plan = self.changes.load(&self.spec, choice, surroundings)?;
        keep_older_ids(&mut plan, results);
        Ok(plan)
    }

    /// The words after `zerolab` of the command that examines finished runs and writes the report, as they were planned by a
    /// copy of the spec.
    pub fn report_words(&self, copy: &Path, results: &Path) -> String {
        let copied = Self { spec: copy.to_owned(), ..self.clone() }.command_line();
        let words = copied.strip_prefix("zerolab run").unwrap_or_default();
        let results = quoted(&results.to_string_lossy());
        format!("report{words} --examine --as-submitted --results {results}")
    }

    /// The changes of the experiment, as on the command line. Its name is none: it changes no run.
    pub fn changes(&self) -> Vec<String> {
        let ChangeArguments { set, device, name: _ } = &self.changes;
        let set = set.iter().map(|set| format!("--set {}", quoted(set)));
        set.chain(device.map(|device| format!("--device {device}"))).collect()
    }

    /// Whether the command line gives the experiment another name.
    pub fn is_renamed(&self) -> bool {
        self.changes.name.is_some()
    }

    /// The command that trains all runs.
    pub fn command_line(&self) -> String {
        let mut words = vec![format!("zerolab run {}", quoted(&self.spec.to_string_lossy()))];
        words.extend(self.changes());
        words.extend(self.changes.name.as_ref().map(|name| format!("--name {}", quoted(name))));
        words.join(" ")
    }
}

impl ChoiceArguments {
    /// Whether all runs are chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ChangeArguments {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads and validates the plan of a spec. Starts nothing but what the surroundings allow.
    pub fn load(
        &self,
        spec: &Path,
        choice: &ChoiceArguments,
        surroundings: Surroundings,
    ) -> Result<Plan, CommandError> {
        let Self { set, device, name } = self.clone();
        let ChoiceArguments { seeds, only } = choice.clone();
        let overrides = Overrides { set, device, name, seeds, only };
        Ok(load_file(spec, &overrides, &catalogue(surroundings))?)
    }
}

/// What a spec may name.
pub fn catalogue(surroundings: Surroundings) -> Catalogue {
    Catalogue { surroundings, ..Catalogue::built_in(known_figures().as_deref()) }
}

/// The kinds of figure that a spec can ask for; `None` without the feature `reports`.
pub fn known_figures() -> Option<Vec<Figure>> {
    Some(reports::figures()?.into_iter().map(|(figure, _)| figure).collect())
}

/// The folder of results.
#[derive(Clone, Debug, Args)]
pub struct ResultsArguments {
    /// The folder of results [default: results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

impl ResultsArguments {
    /// The folder, if it was given.
    pub fn given(&self) -> Option<&Path> {
        self.results.as_deref()
    }

    /// The folder, given or by default.
    pub fn folder(&self) -> &Path {
        self.given().unwrap_or(Path::new("results"))
    }
}
