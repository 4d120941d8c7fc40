//! An agent that plays the exact solution of an environment: what a perfect agent would do. It learns nothing.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_environments::tabular::{Objective, Solution, Ties};
use zerolab_settings::SettingsError;
use zerolab_settings::range::share;

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::agent_entry::{AgentEntry, resolve};
use crate::ledger::Ledger;
use crate::phase_start::PhaseStart;
use crate::saved;
use crate::summary::Summary;

/// What it is best for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The sum that it maximises.
    #[serde(rename = "for")]
    pub maximised: Maximised,
    /// γ: the discount of one step.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { maximised: Maximised::default(), discount: 1.0 }
    }
}

/// The sum that the agent maximises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Maximised {
    /// The rewards that the environment pays.
    #[default]
    Return,
    /// The true rewards: what the designer intended.
    Performance,
}

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "optimal",
    summary: "plays the exact solution of the environment, for the paid or the true reward; learns nothing",
    resolve: |table| resolve::<Settings>(table, check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| {
        check_solved(context)?;
        let settings = zerolab_settings::read(table)?;
        let (training, evaluation) = (None, None);
        Ok(Box::new(Optimal { settings, training, evaluation, ledger: Ledger::default() }))
    },
    describe: |_, context| check_solved(context).map(|()| Summary::empty()),
};

fn check(settings: &Settings) -> Result<(), SettingsError> {
    share("discount", settings.discount)
}

fn check_solved(context: &Context) -> Result<(), AgentError> {
    if context.description.is_solved {
        return Ok(());
    }
    let name = &context.description.name;
    Err(AgentError::Message(format!(
        "`{name}` has no exact solution for `optimal` to play: `zerolab solve {name}` names environments \
         that have one"
    )))
}

struct Optimal {
    settings: Settings,
    /// That of the environment of the training; computed at the first action.
    training: Option<Box<dyn Solution>>,
    /// That of the environment of evaluations, which can have other settings.
    evaluation: Option<Box<dyn Solution>>,
    ledger: Ledger,
}

impl Settings {
    /// The solution of the environments that are seen.
    fn solve(&self, seen: &Observations<'_>) -> Option<Box<dyn Solution>> {
        let objective = match self.maximised {
            Maximised::Return => Objective::Return(Ties::Best),
            Maximised::Performance => Objective::Performance,
        };
        let solver = seen.environments.iter().next()?.solver()?;
        Some(solver.solve(objective, self.discount))
    }
}

impl Agent for Optimal {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        let known = match mode {
            Mode::Explore | Mode::Foretell { .. } => &mut self.training,
            Mode::Evaluate { .. } => &mut self.evaluation,
        };
        if known.is_none() {
            *known = self.settings.solve(seen);
        }
        let Some(solution) = known else {
            let message = "`optimal` needs an environment with an exact solution";
            return Err(AgentError::Message(message.to_owned()));
        };
        let action = |environment: &dyn zerolab_environments::Environment| {
            solution
                .action(&environment.save())
                .map_err(|error| AgentError::Message(error.to_string()))
        };
        seen.environments.iter().map(action).collect()
    }

    fn begin_phase(&mut self, _: &PhaseStart) -> Result<(), AgentError> {
        (self.training, self.evaluation) = (None, None);
        Ok(())
    }

    fn observe(&mut self, _: Vec<Transition>) -> Result<(), AgentError> {
        Ok(())
    }

    fn learn(&mut self, _: u64) -> Result<(), AgentError> {
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn save(&self, folder: &Path, _: Option<&Path>) -> Result<(), AgentError> {
        saved::write(&folder.join("state.bin"), &self.ledger)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.ledger = saved::read(&folder.join("state.bin"))?;
        Ok(())
    }
}
