//! The arguments that select runs, shared by every command that takes a spec.

use std::path::{Path, PathBuf};

use clap::Args;
use zerolab_agents::DeviceName;
use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::{Figure, load};

use crate::error::CommandError;
use crate::reports;

/// A spec, and changes of it.
#[derive(Clone, Debug, Args)]
pub struct PlanArguments {
    /// The experiment: a TOML file (`report` also takes its folder of results)
    spec: PathBuf,
    #[command(flatten)]
    overrides: OverrideArguments,
}

/// Changes of a spec on the command line.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct OverrideArguments {
    /// Change a setting of the spec, such as `budget.real_steps=1000` or `agents.*.search.simulations=8`
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Use the seeds 0 to N-1 instead of the spec's
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// The device of the networks, instead of the spec's `device`
    #[arg(long, value_name = "cpu|cuda[:N]")]
    device: Option<DeviceName>,
    /// Only runs whose id or agent contains this text, or matches this pattern (`*`, `?`)
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

impl PlanArguments {
    /// Reads and validates the plan. Starts nothing.
    pub fn load(&self) -> Result<Plan, CommandError> {
        self.overrides.load(&self.spec)
    }

    /// The path of the spec, or the folder given instead of one.
    pub fn spec(&self) -> &Path {
        &self.spec
    }

    /// Whether the command line changes the spec.
    pub fn has_overrides(&self) -> bool {
        self.overrides != OverrideArguments::default()
    }

    /// The command that reproduces the results.
    pub fn command_line(&self) -> String {
        let OverrideArguments { set, seeds, device, only } = &self.overrides;
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

impl OverrideArguments {
    /// Reads and validates the plan of a spec. Starts nothing.
    pub fn load(&self, spec: &Path) -> Result<Plan, CommandError> {
        let Self { set, seeds, device, only } = self.clone();
        Ok(load(spec, &Overrides { set, seeds, device, only }, known_figures().as_deref())?)
    }
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

/// Quotes a word for a shell, if it needs quotes.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
