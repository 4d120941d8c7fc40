//! The best possible values of states, at the agent's discount.

use zerolab_environments::tabular::{Objective, Solution, Ties};
use zerolab_environments::{Environment, RestoreError};

use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;

/// A value counts as impossible from this share of the best return of an episode above the best value of its state. The
/// margin keeps small errors of a good estimate out.
pub(super) const MARGIN: f64 = 0.05;

/// The exact solution of the environment that is played; none if it has none.
pub(super) struct Optimum {
    solution: Option<Box<dyn Solution>>,
    /// The discount of the agent, or 1 if it has none.
    pub(super) discount: f64,
    /// The discount from one decision of the agent to the next: in a game the other player moves between them.
    pub(super) between_decisions: f64,
}

impl Optimum {
    /// That of the run's evaluations, for the paid reward.
    pub(super) fn of(run: &ResolvedRun) -> Result<Self, RunError> {
        let discount = run.agent.settings.get("discount").and_then(toml::Value::as_float);
        let discount = discount.unwrap_or(1.0);
        let environment = instantiate::evaluation_environment(run)?;
        let between_decisions = discount.powi(environment.description().num_players.max(1) as i32);
        let solution = environment.solver();
        let solution = solution.map(|it| it.solve(Objective::Return(Ties::Best), discount));
        Ok(Self { solution, discount, between_decisions })
    }

    /// Without a solution.
    pub(super) fn unknown() -> Self {
        Self { solution: None, discount: 1.0, between_decisions: 1.0 }
    }

    /// The best discounted return from the environment's state; `None` without a solution.
    ///
    /// # Errors
    /// If no episode can reach the state.
    pub(super) fn value(&self, environment: &dyn Environment) -> Result<Option<f64>, RunError> {
        self.known(environment, |solution, state| solution.value(state))
    }

    /// The best discounted return after each action in the environment's state; `None` without a solution.
    ///
    /// # Errors
    /// If no episode can reach the state.
    pub(super) fn action_values(
        &self,
        environment: &dyn Environment,
    ) -> Result<Option<Vec<f64>>, RunError> {
        self.known(environment, |solution, state| solution.action_values(state))
    }

    fn known<T>(
        &self,
        environment: &dyn Environment,
        look_up: impl FnOnce(&dyn Solution, &[u8]) -> Result<T, RestoreError>,
    ) -> Result<Option<T>, RunError> {
        let Some(solution) = &self.solution else { return Ok(None) };
        let name = &environment.description().name;
        let impossible = |source| RunError::Position { name: name.clone(), source };
        look_up(&**solution, &environment.save()).map(Some).map_err(impossible)
    }
}
