//! Makes the environment and the agent of a resolved run from the registries.

use zerolab_agents::{Agent, Context, Device, Summary};
use zerolab_environments::{Description, Entry, Environment, SettingsError};

use crate::error::RunError;
use crate::plan::resolved::{AgentChoice, ResolvedRun};

/// One instance of the run's environment, to train in.
///
/// # Errors
/// If the registry does not know it or its options are wrong: the run was planned by another version; or if it needs
/// a file that cannot be had.
pub fn environment(run: &ResolvedRun) -> Result<Box<dyn Environment>, RunError> {
    made(run, |entry, options| (entry.make)(options))
}

/// One instance of the run's environment, to be evaluated in.
///
/// # Errors
/// As [`environment`].
pub fn evaluation_environment(run: &ResolvedRun) -> Result<Box<dyn Environment>, RunError> {
    made(run, |entry, options| (entry.make)(&(entry.for_evaluation)(options)?))
}

/// What the run's agent is told of its environment: known where the environment cannot be made, too.
///
/// # Errors
/// As [`environment`].
pub fn description(run: &ResolvedRun) -> Result<Description, RunError> {
    made(run, |entry, options| (entry.describe)(options))
}

/// Whether this program was built with what the run's environment needs.
///
/// # Errors
/// If it was not, or the registry does not know the environment.
pub fn check(run: &ResolvedRun) -> Result<(), RunError> {
    let name = &run.environment.name;
    match world(name)?.lacks {
        Some(feature) => Err(RunError::NotBuilt { name: name.clone(), feature }),
        None => Ok(()),
    }
}

fn made<T>(
    run: &ResolvedRun,
    make: impl Fn(&Entry, &toml::Table) -> Result<T, SettingsError>,
) -> Result<T, RunError> {
    let name = &run.environment.name;
    make(world(name)?, &run.environment.options)
        .map_err(|source| RunError::Options { name: name.clone(), source })
}

fn world(name: &str) -> Result<&'static Entry, RunError> {
    let unknown = || RunError::Unknown { what: "environment", name: name.to_owned() };
    zerolab_environments::find(name).ok_or_else(unknown)
}

/// The run's agent, for an environment of this description, with its networks on `device`.
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

/// What the run's agent is made of and what its budget will cost.
///
/// # Errors
/// As [`environment`].
pub fn summary(run: &ResolvedRun) -> Result<Summary, RunError> {
    described(&run.agent, &context(run, &description(run)?, &Device::cpu()))
}

/// What an agent is made of and what its budget will cost, in a run of which it is told this.
///
/// # Errors
/// If the registry does not know it, or it cannot be made for such an environment.
pub fn described(agent: &AgentChoice, context: &Context) -> Result<Summary, RunError> {
    (entry(agent)?.describe)(&agent.settings, context).map_err(failed(agent))
}

/// For `map_err` on what an agent does.
pub(crate) fn failed(agent: &AgentChoice) -> impl Fn(zerolab_agents::AgentError) -> RunError {
    |source| RunError::Agent { name: agent.kind.clone(), source }
}

fn entry(agent: &AgentChoice) -> Result<&'static zerolab_agents::Entry, RunError> {
    let name = &agent.kind;
    zerolab_agents::find(name)
        .ok_or_else(|| RunError::Unknown { what: "agent", name: name.clone() })
}

fn context(run: &ResolvedRun, description: &Description, device: &Device) -> Context {
    Context {
        description: description.clone(),
        real_steps: run.budget.real_steps,
        lanes: run.budget.lanes,
        seed: run.seed,
        device: device.clone(),
    }
}
