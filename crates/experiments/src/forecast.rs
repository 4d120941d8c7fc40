//! What a plan will cost, counted before anything starts: every agent says what its budget takes.

use serde::Serialize;
use zerolab_agents::{DeviceName, Summary};
use zerolab_environments::SettingsError;
use zerolab_metrics::PhaseCost;

use crate::assembly;
use crate::plan::Plan;
use crate::resolved::{AgentChoice, Budget, Environment, Evaluation, ResolvedRun};
use crate::run_error::RunError;

/// Lanes of a described preset.
const LANES: usize = 8;
/// Evaluation episodes of a described preset.
const EPISODES: usize = 32;

/// Runs that differ in nothing but their seeds, with what each of them takes.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// The environment's name.
    pub environment: String,
    /// The agent's label.
    pub agent: String,
    /// How many runs.
    pub runs: usize,
    /// Real steps of one run.
    pub real_steps: u64,
    /// Networks, FLOPs, and the cost of one run.
    pub summary: Summary,
}

impl Variant {
    /// What all its runs take together, summed over the phases.
    pub fn total(&self) -> PhaseCost {
        let mut one = PhaseCost::default();
        self.summary.forecast.values().for_each(|phase| one.add(phase));
        let runs = self.runs as u64;
        PhaseCost {
            wall_seconds: 0.0,
            imagined_steps: one.imagined_steps * runs,
            simulations: one.simulations * runs,
            real_steps: one.real_steps * runs,
            updates: one.updates * runs,
            flops: one.flops * runs,
        }
    }
}

/// The plan's variants, in the plan's order.
///
/// # Errors
/// If an environment or an agent cannot be made.
pub fn forecast(plan: &Plan) -> Result<Vec<Variant>, RunError> {
    let mut variants: Vec<(ResolvedRun, Variant)> = Vec::new();
    for run in &plan.runs {
        match variants.iter_mut().find(|(first, _)| differ_in_seed(first, run)) {
            Some((_, variant)) => variant.runs += 1,
            None => variants.push((run.clone(), variant(run)?)),
        }
    }
    Ok(variants.into_iter().map(|(_, variant)| variant).collect())
}

/// The run as a variant by itself.
///
/// # Errors
/// If its environment or its agent cannot be made.
pub fn variant(run: &ResolvedRun) -> Result<Variant, RunError> {
    Ok(Variant {
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        runs: 1,
        real_steps: run.budget.real_steps,
        summary: assembly::summary(run)?,
    })
}

fn differ_in_seed(one: &ResolvedRun, other: &ResolvedRun) -> bool {
    one.agent == other.agent
        && one.environment == other.environment
        && one.budget == other.budget
        && one.evaluation == other.evaluation
}

/// The run of a preset as it is shipped, in an environment with its default options: what
/// `zerolab describe PRESET` shows.
///
/// # Errors
/// If there is no such preset or environment.
pub fn preset_run(
    preset: &str,
    environment: &str,
    real_steps: u64,
) -> Result<ResolvedRun, RunError> {
    let unknown = |what, name: &str| RunError::Unknown { what, name: name.to_owned() };
    let shipped = zerolab_agents::find_preset(preset).ok_or_else(|| unknown("preset", preset))?;
    let world = zerolab_environments::find(environment)
        .ok_or_else(|| unknown("environment", environment))?;
    let broken = |name: &str| {
        let name = name.to_owned();
        move |source| RunError::Options { name, source }
    };
    let mut settings: toml::Table = shipped
        .toml
        .parse()
        .map_err(|error: toml::de::Error| SettingsError::new("", error.message()))
        .map_err(broken(preset))?;
    let kind = match settings.remove("agent") {
        Some(toml::Value::String(kind)) => kind,
        _ => return Err(broken(preset)(SettingsError::new("agent", "no agent is named"))),
    };
    let agent = zerolab_agents::find(&kind).ok_or_else(|| unknown("agent", &kind))?;
    Ok(ResolvedRun::new(
        "describe".to_owned(),
        Environment {
            name: environment.to_owned(),
            options: (world.resolve)(&toml::Table::new()).map_err(broken(environment))?,
        },
        AgentChoice {
            label: preset.to_owned(),
            preset: preset.to_owned(),
            settings: (agent.resolve)(&settings).map_err(broken(preset))?,
            kind,
        },
        0,
        Budget { real_steps, lanes: LANES },
        Evaluation { every: real_steps, episodes: EPISODES },
        DeviceName::Cpu,
    ))
}
