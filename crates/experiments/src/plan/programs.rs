//! What a plan runs that is outside of this program.

use zerolab_environments::OutsideProgram;

use crate::plan::resolved::{EnvironmentChoice, ResolvedRun};
use crate::plan::{Plan, instantiate};

impl Plan {
    /// The code outside of this program that the plan's environments run, each once.
    #[must_use]
    pub fn programs(&self) -> Vec<OutsideProgram> {
        let mut programs = Vec::new();
        for environment in self.runs.iter().flat_map(|run| self.environments_of(run)) {
            // Settings that are wrong were refused with the spec.
            if let Ok(Some(program)) = instantiate::program(&environment)
                && !programs.contains(&program)
            {
                programs.push(program);
            }
        }
        programs
    }

    /// The environments in which a run is trained, evaluated and examined.
    pub fn environments_of(&self, run: &ResolvedRun) -> Vec<EnvironmentChoice> {
        let mut environments = vec![run.environment.clone(), run.evaluated_environment()];
        environments.extend(run.phases.iter().map(|phase| EnvironmentChoice {
            options: phase.environment.clone(),
            ..run.environment.clone()
        }));
        environments.extend(self.examinations_of(run).iter().map(|it| it.environment.clone()));
        environments
    }
}
