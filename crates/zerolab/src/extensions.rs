//! What a program that is built on ZeroLab adds to it.

use zerolab_agents::{AgentEntry, Preset};
#[cfg(feature = "reports")]
use zerolab_analysis::{FigureKind, RunScore};
use zerolab_environments::{EnvironmentEntry, EnvironmentSettings};
use zerolab_experiments::run::program::{self, Program};

use crate::error::CommandError;

/// Environments, agents, presets and kinds of figure beside those of ZeroLab, and the name of the program that has them.
#[derive(Default)]
pub struct Extensions {
    program: Option<Program>,
    environments: Vec<EnvironmentEntry>,
    agents: Vec<AgentEntry>,
    presets: Vec<Preset>,
    #[cfg(feature = "reports")]
    figures: Vec<FigureKind>,
}

impl Extensions {
    /// Nothing yet. `name` and `version` are those of your program, as `env!("CARGO_PKG_NAME")` and
    /// `env!("CARGO_PKG_VERSION")`. Help, `--version` and the manifests of runs show them.
    #[must_use]
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self { program: Some(Program { name, version }), ..Self::default() }
    }

    /// Adds the environment with settings of type `S`.
    #[must_use]
    pub fn environment<S: EnvironmentSettings>(self) -> Self {
        self.environment_entry(EnvironmentEntry::of::<S>())
    }

    /// Adds an environment by its entry: for a list of environments that is not one of types.
    #[must_use]
    pub fn environment_entry(mut self, entry: EnvironmentEntry) -> Self {
        self.environments.push(entry);
        self
    }

    /// Adds a kind of agent. A spec names agents by presets: add at least one of it.
    #[must_use]
    pub fn agent(mut self, entry: AgentEntry) -> Self {
        self.agents.push(entry);
        self
    }

    /// Adds a preset, of a kind of agent of ZeroLab or of an added one.
    #[must_use]
    pub fn preset(mut self, preset: Preset) -> Self {
        self.presets.push(preset);
        self
    }

    /// Adds the kind of figure that shows the score `S` of each run.
    #[cfg(feature = "reports")]
    #[must_use]
    pub fn figure<S: RunScore>(mut self) -> Self {
        self.figures.push(FigureKind::of::<S>());
        self
    }

    /// Puts everything into the registries.
    ///
    /// # Errors
    /// If a name is wrong or taken, if a preset is wrong, or if this process has done this before.
    pub(crate) fn install(self) -> Result<(), CommandError> {
        if let Some(program) = self.program {
            program::set(program)?;
        }
        zerolab_environments::extend(self.environments)?;
        zerolab_agents::extend(self.agents, self.presets)?;
        #[cfg(feature = "reports")]
        zerolab_analysis::extend_figures(self.figures)?;
        Ok(())
    }
}
