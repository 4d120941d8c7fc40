//! The arguments that say which runs are meant: shared by every command that takes a spec.

use std::path::{Path, PathBuf};

use clap::Args;
use zerolab_agents::DeviceName;
use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::load;

use crate::failure::Failure;
use crate::reports;

/// A spec and which of its runs are meant.
#[derive(Clone, Debug, Args)]
pub struct PlanArguments {
    /// The experiment: a TOML file; to report, or the folder of its results
    spec: PathBuf,
    #[command(flatten)]
    changes: Changes,
}

/// What the command line changes of a spec.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct Changes {
    /// Change a setting of the spec, as `budget.real_steps=1000` or `agents.*.search.simulations=8`
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Use the seeds 0 to N-1 instead of the spec's
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// What the networks compute on, instead of the spec's `device`
    #[arg(long, value_name = "cpu|cuda[:N]")]
    device: Option<DeviceName>,
    /// Only the runs whose id or agent contains this, or matches it (`*`, `?`)
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

impl PlanArguments {
    /// Reads and checks the whole plan; nothing is started.
    pub fn load(&self) -> Result<Plan, Failure> {
        self.changes.load(&self.spec)
    }

    /// What stands in the place of the spec.
    pub fn spec(&self) -> &Path {
        &self.spec
    }

    /// Whether the command line changes anything of the spec.
    pub fn is_changed(&self) -> bool {
        self.changes != Changes::default()
    }

    /// The command that makes the same results again.
    pub fn command_line(&self) -> String {
        let Changes { set, seeds, device, only } = &self.changes;
        let mut line = format!("zerolab run {}", quoted(&self.spec.to_string_lossy()));
        set.iter().for_each(|set| line.push_str(&format!(" --set {}", quoted(set))));
        if let Some(seeds) = seeds {
            line.push_str(&format!(" --seeds {seeds}"));
        }
        if let Some(device) = device {
            line.push_str(&format!(" --device {device}"));
        }
        if let Some(only) = only {
            line.push_str(&format!(" --only {}", quoted(only)));
        }
        line
    }
}

impl Changes {
    /// Reads and checks the whole plan of this spec; nothing is started.
    pub fn load(&self, spec: &Path) -> Result<Plan, Failure> {
        let Self { set, seeds, device, only } = self.clone();
        Ok(load(spec, &Overrides { set, seeds, device, only }, figure_kinds().as_deref())?)
    }
}

/// The kinds of figure that a spec can ask for, where this build knows them.
pub fn figure_kinds() -> Option<Vec<&'static str>> {
    Some(reports::figures()?.into_iter().map(|(name, _)| name).collect())
}

/// The folder of results.
#[derive(Clone, Debug, Args)]
pub struct ResultsArguments {
    /// The folder of results [default: results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

impl ResultsArguments {
    /// The folder, where one was said.
    pub fn said(&self) -> Option<&Path> {
        self.results.as_deref()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.said().unwrap_or(Path::new("results"))
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
