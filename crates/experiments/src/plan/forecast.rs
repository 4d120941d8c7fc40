//! What a plan will cost, counted before anything starts: every agent says what its budget takes.

use serde::Serialize;
use zerolab_agents::{Context, Device, DeviceName, Summary};
use zerolab_environments::{Description, SettingsError};
use zerolab_metrics::PhaseCost;

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::instantiate;
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{AgentChoice, Budget, Environment, Evaluation, ResolvedRun};

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

/// What a plan's runs take.
#[derive(Debug)]
pub struct Forecast {
    /// In the plan's order.
    pub variants: Vec<Variant>,
    /// `[runs]`: which variant each run of the plan is of.
    pub of_run: Vec<usize>,
}

/// What the plan's runs take: so it is known of each whether its agent can play its environment.
///
/// # Errors
/// [`RunError::Impossible`] if it cannot.
pub fn forecast(plan: &Plan) -> Result<Forecast, RunError> {
    let mut forecast = Forecast { variants: Vec::new(), of_run: Vec::new() };
    let mut firsts: Vec<&ResolvedRun> = Vec::new();
    for run in &plan.runs {
        let known = firsts.iter().position(|first| differ_in_seed(first, run));
        let index = known.unwrap_or(firsts.len());
        if known.is_none() {
            firsts.push(run);
            forecast.variants.push(Variant { runs: 0, ..variant(run)? });
        }
        forecast.variants[index].runs += 1;
        forecast.of_run.push(index);
    }
    Ok(forecast)
}

/// The run as a variant by itself.
///
/// # Errors
/// [`RunError::Impossible`] if its environment or its agent cannot be made.
pub fn variant(run: &ResolvedRun) -> Result<Variant, RunError> {
    Ok(Variant {
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        runs: 1,
        real_steps: run.budget.real_steps,
        summary: instantiate::summary(run).map_err(|why| RunError::Impossible(Box::new(why)))?,
    })
}

/// Whether two runs are alike but for their seeds.
fn differ_in_seed(one: &ResolvedRun, other: &ResolvedRun) -> bool {
    one.agent == other.agent
        && one.environment == other.environment
        && one.budget == other.budget
        && one.evaluation == other.evaluation
}

/// A preset as it is shipped, for an environment of which no more is known than what it shows and how many
/// actions it takes.
///
/// # Errors
/// If there is no such preset, or it has no network for such observations.
pub fn preset_for(
    preset: &str,
    observation_shape: &[usize],
    num_actions: usize,
    real_steps: u64,
) -> Result<Variant, RunError> {
    let agent = shipped(preset)?;
    let sides: Vec<String> = observation_shape.iter().map(usize::to_string).collect();
    let description = Description {
        name: format!("{} with {num_actions} actions", sides.join("x")),
        observation_shape: observation_shape.to_vec(),
        frames: 1,
        observation_range: (0.0, 1.0),
        num_actions,
        num_players: 1,
        max_episode_steps: None,
        operations_per_step: 0,
    };
    let environment = description.name.clone();
    let context = Context { description, real_steps, lanes: LANES, seed: 0, device: Device::cpu() };
    let summary = instantiate::described(&agent, &context)?;
    Ok(Variant { environment, agent: agent.label, runs: 1, real_steps, summary })
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
    let agent = shipped(preset)?;
    let world = zerolab_environments::find(environment)
        .ok_or_else(|| unknown("environment", environment))?;
    let options = (world.resolve)(&toml::Table::new()).map_err(broken(environment))?;
    let run = ResolvedRun {
        id: String::new(),
        experiment: "describe".to_owned(),
        environment: Environment { name: environment.to_owned(), options },
        agent,
        seed: 0,
        budget: Budget { real_steps, lanes: LANES },
        evaluation: Evaluation { every: real_steps, episodes: EPISODES },
        device: DeviceName::Cpu,
        checkpoint: Checkpointing::default(),
        records: Recording::default(),
    };
    Ok(run.identified())
}

/// A preset's agent with the settings that it is shipped with.
fn shipped(preset: &str) -> Result<AgentChoice, RunError> {
    let shipped = zerolab_agents::find_preset(preset).ok_or_else(|| unknown("preset", preset))?;
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
    let settings = (agent.resolve)(&settings).map_err(broken(preset))?;
    Ok(AgentChoice { label: preset.to_owned(), preset: preset.to_owned(), settings, kind })
}

fn unknown(what: &'static str, name: &str) -> RunError {
    RunError::Unknown { what, name: name.to_owned() }
}

fn broken(name: &str) -> impl Fn(SettingsError) -> RunError {
    move |source| RunError::Options { name: name.to_owned(), source }
}
