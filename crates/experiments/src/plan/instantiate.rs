//! Makes the environment and the agent of a resolved run from their registries.

use zerolab_agents::{Agent, AgentError, Context, Device, Part, PhasedUpdates, Summary, is_within};
use zerolab_environments::{
    Description, Environment, EnvironmentEntry, Environments, OutsideProgram,
};
use zerolab_settings::SettingsError;

use crate::error::RunError;
use crate::plan::resolved::{AgentChoice, EnvironmentChoice, ResolvedRun};

/// An environment for training.
///
/// # Errors
/// If the registry does not have it or its options are wrong, because another version planned the run; or if
/// a file that it needs is missing.
pub fn environment(environment: &EnvironmentChoice) -> Result<Box<dyn Environment>, RunError> {
    made(environment, |entry, options| (entry.make)(options))
}

/// Environments for training, which are stepped side by side.
///
/// # Errors
/// As [`environment`].
pub fn environments(
    environment: &EnvironmentChoice,
    lanes: usize,
) -> Result<Environments, RunError> {
    made(environment, |entry, options| (entry.make_lanes)(options, lanes))
}

/// An evaluation environment of the run.
///
/// # Errors
/// As [`environment`].
pub fn evaluation_environment(run: &ResolvedRun) -> Result<Box<dyn Environment>, RunError> {
    evaluation_environment_of(&run.evaluated_environment())
}

/// An environment for evaluations.
///
/// # Errors
/// As [`environment`].
pub fn evaluation_environment_of(
    environment: &EnvironmentChoice,
) -> Result<Box<dyn Environment>, RunError> {
    made(environment, |entry, options| (entry.make)(&(entry.for_evaluation)(options)?))
}

/// Environments for evaluations, which are stepped side by side.
///
/// # Errors
/// As [`environment`].
pub fn evaluation_environments_of(
    environment: &EnvironmentChoice,
    lanes: usize,
) -> Result<Environments, RunError> {
    made(environment, |entry, options| (entry.make_lanes)(&(entry.for_evaluation)(options)?, lanes))
}

/// The code outside of this program that an environment runs, if it does.
///
/// # Errors
/// As [`environment`].
pub fn program(environment: &EnvironmentChoice) -> Result<Option<OutsideProgram>, RunError> {
    made(environment, |entry, options| (entry.program)(options))
}

/// The description of the run's environment. It exists even if the environment cannot be made in this build.
///
/// # Errors
/// As [`environment`].
pub fn description(run: &ResolvedRun) -> Result<Description, RunError> {
    description_of(&run.environment)
}

/// The description of an environment. It exists even if the environment cannot be made in this build.
///
/// # Errors
/// As [`environment`].
pub fn description_of(environment: &EnvironmentChoice) -> Result<Description, RunError> {
    made(environment, |entry, options| (entry.describe)(options))
}

/// Checks that this build can make the run's environment.
///
/// # Errors
/// If it cannot, or the registry does not have the environment.
pub fn check(run: &ResolvedRun) -> Result<(), RunError> {
    let name = &run.environment.name;
    match registered(name)?.missing_feature {
        Some(feature) => Err(RunError::NotBuilt { name: name.clone(), feature }),
        None => Ok(()),
    }
}

fn made<T>(
    EnvironmentChoice { name, options }: &EnvironmentChoice,
    make: impl Fn(&EnvironmentEntry, &toml::Table) -> Result<T, SettingsError>,
) -> Result<T, RunError> {
    make(registered(name)?, options)
        .map_err(|source| RunError::Options { name: name.clone(), source })
}

fn registered(name: &str) -> Result<&'static EnvironmentEntry, RunError> {
    let unknown = || RunError::Unknown { what: "environment", name: name.to_owned() };
    zerolab_environments::find(name).ok_or_else(unknown)
}

/// The run's agent for an environment with this description, with its networks on `device`.
///
/// # Errors
/// As [`environment`].
pub fn agent(
    run: &ResolvedRun,
    description: &Description,
    device: &Device,
) -> Result<Box<dyn Agent>, RunError> {
    let context = context(run, description, device);
    (entry(&run.agent)?.make)(&run.agent.settings, &context).map_err(failed(&run.agent))
}

/// The networks of the run's agent and the cost of its budget.
///
/// # Errors
/// As [`environment`].
pub fn summary(run: &ResolvedRun) -> Result<Summary, RunError> {
    let summary = described(&run.agent, &context(run, &description(run)?, &Device::cpu()))?;
    let name = run.agent.name().to_owned();
    check_phases(run, &summary).map_err(|source| RunError::Agent { name, source })?;
    Ok(summary)
}

/// Checks that the agent can do what the phases of the run ask. Agents without networks ignore it.
fn check_phases(run: &ResolvedRun, summary: &Summary) -> Result<(), AgentError> {
    let error = |message: String| Err(AgentError::Message(message));
    if summary.parts.is_empty() {
        return Ok(());
    }
    for (number, phase) in (1..).zip(&run.phases) {
        if phase.updates > 0 && !summary.learns_offline {
            return error(format!(
                "`phase.{number}.updates` asks for updates without new experience, and the agent keeps none"
            ));
        }
        let layers = || summary.parts.iter().flat_map(|part| &part.layers);
        for reset in &phase.reset {
            if !layers().any(|layer| is_within(&layer.name, reset)) {
                let parts: Vec<&str> = summary.parts.iter().map(|part| &*part.name).collect();
                return error(format!(
                    "`phase.{number}.reset` names `{reset}`, and no layer of the agent is in it; its parts are {}, and \
                     `zerolab describe` shows the layers",
                    parts.join(", ")
                ));
            }
        }
    }
    Ok(())
}

/// The networks of an agent in an environment, without their weights.
///
/// # Errors
/// As [`described`].
pub fn networks_of(
    agent: &AgentChoice,
    environment: &EnvironmentChoice,
) -> Result<Vec<Part>, RunError> {
    let description = description_of(environment)?;
    let device = Device::cpu();
    let phases = PhasedUpdates::default();
    let context = Context { description, real_steps: 1, phases, lanes: 1, seed: 0, device };
    Ok(described(agent, &context)?.parts)
}

/// The networks of an agent and the cost of its budget, for a run with this context.
///
/// # Errors
/// If the registry does not have the agent, or the agent cannot play such an environment.
pub fn described(agent: &AgentChoice, context: &Context) -> Result<Summary, RunError> {
    (entry(agent)?.describe)(&agent.settings, context).map_err(failed(agent))
}

/// For `map_err` on errors of an agent.
pub(crate) fn failed(agent: &AgentChoice) -> impl Fn(zerolab_agents::AgentError) -> RunError {
    |source| RunError::Agent { name: agent.kind.clone(), source }
}

fn entry(agent: &AgentChoice) -> Result<&'static zerolab_agents::AgentEntry, RunError> {
    let name = &agent.kind;
    zerolab_agents::find(name)
        .ok_or_else(|| RunError::Unknown { what: "agent", name: name.clone() })
}

fn context(run: &ResolvedRun, description: &Description, device: &Device) -> Context {
    Context {
        description: description.clone(),
        real_steps: run.budget.real_steps,
        phases: run.phased_updates(),
        lanes: run.budget.lanes,
        seed: run.seed,
        device: device.clone(),
    }
}
