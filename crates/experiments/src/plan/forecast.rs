//! The cost of a plan, computed before anything starts from the budgets and the agents' own forecasts.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use zerolab_agents::{Context, Device, DeviceName, PhasedUpdates, Summary, machine_memory};
use zerolab_environments::Description;
use zerolab_metrics::PhaseCost;
use zerolab_metrics::format::{count, counted};
use zerolab_settings::SettingsError;

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::instantiate;
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{
    AgentChoice, Budget, EnvironmentChoice, EvaluationSchedule, ResolvedRun,
};

/// Lanes of a preset that is described without a spec.
const LANES: usize = 8;
/// Evaluation episodes of a preset that is described without a spec.
const EPISODES: usize = 32;

/// Runs that differ only in their seeds, and the cost of each.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// The environment's label.
    pub environment: String,
    /// The agent's label.
    pub agent: String,
    /// The number of runs.
    pub runs: usize,
    /// Real steps of one run.
    pub real_steps: u64,
    /// Whether its first evaluation is due after its end. It is evaluated at its end all the same.
    #[serde(skip)]
    is_evaluated_once: bool,
    /// Networks, FLOPs, and the cost of one run.
    pub summary: Summary,
}

impl Variant {
    /// The cost of all its runs, summed over the phases.
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

/// What a plan should be warned of: variants in which no update is due within their real steps, a sentence for each
/// setting that prevents updates, and those whose first evaluation is due after their end.
pub fn warnings(variants: &[Variant]) -> Vec<String> {
    let mut by_setting: BTreeMap<&str, Vec<&Variant>> = BTreeMap::new();
    for variant in variants {
        if let Some(setting) = &variant.summary.prevents_updates {
            by_setting.entry(setting).or_default().push(variant);
        }
    }
    let without_update = by_setting.into_iter().map(|(setting, variants)| {
        let [makes, make] = ["makes", "make"].map(|verb| format!("{verb} no update in"));
        format!("{}, because of `{setting}`", of_variants(&variants, &makes, &make))
    });
    let once: Vec<&Variant> = variants.iter().filter(|it| it.is_evaluated_once).collect();
    let evaluated_once = (!once.is_empty()).then(|| {
        let [is, are] = ["is", "are"].map(|verb| format!("{verb} evaluated only after"));
        format!("{}, because of `evaluation.every`", of_variants(&once, &is, &are))
    });
    without_update.chain(evaluated_once).collect()
}

/// `<the first> and <number> others <verb> their real steps`.
fn of_variants(variants: &[&Variant], singular: &str, plural: &str) -> String {
    let Some((first, others)) = variants.split_first() else { return String::new() };
    let Variant { agent, environment, real_steps, .. } = first;
    let first = format!("`{agent}` in `{environment}`");
    match others.len() {
        0 => format!("{first} {singular} its {} real steps", count(*real_steps)),
        others => {
            let others = counted(others, "other variant");
            format!("{first} and {others} {plural} their real steps")
        }
    }
}

/// The cost of a plan's runs.
#[derive(Debug)]
pub struct Forecast {
    /// In the plan's order.
    pub variants: Vec<Variant>,
    /// The index of each run's variant, by the run's id.
    variant_of_run: HashMap<String, usize>,
}

impl Forecast {
    /// The index of a run's variant; `None` for a run of another plan.
    pub fn variant_of(&self, run: &ResolvedRun) -> Option<usize> {
        self.variant_of_run.get(&run.id).copied()
    }
}

/// The cost of the plan's runs. This also checks that each agent can play its environment.
///
/// # Errors
/// [`RunError::Impossible`] if one cannot.
pub fn forecast(plan: &Plan) -> Result<Forecast, RunError> {
    let mut forecast = Forecast { variants: Vec::new(), variant_of_run: HashMap::new() };
    let mut firsts: Vec<&ResolvedRun> = Vec::new();
    for run in &plan.runs {
        let known = firsts.iter().position(|first| same_variant(first, run));
        let index = known.unwrap_or(firsts.len());
        if known.is_none() {
            firsts.push(run);
            let environment = plan.environment_label(run);
            let variant = Variant { runs: 0, environment, ..variant(run)? };
            forecast.variants.push(variant);
        }
        forecast.variants[index].runs += 1;
        forecast.variant_of_run.insert(run.id.clone(), index);
    }
    Ok(forecast)
}

/// The run as a variant with one run.
///
/// # Errors
/// [`RunError::Impossible`] if its environment or its agent cannot be made.
pub fn variant(run: &ResolvedRun) -> Result<Variant, RunError> {
    Ok(Variant {
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        runs: 1,
        real_steps: run.budget.real_steps,
        // A phase begins with an evaluation.
        is_evaluated_once: run.phases.is_empty() && run.evaluation.every > run.budget.real_steps,
        summary: instantiate::summary(run).map_err(|why| RunError::Impossible(Box::new(why)))?,
    })
}

/// Checks that each run fits into the memory of this machine. A run on a GPU may be planned elsewhere, and its memory is
/// another one.
///
/// # Errors
/// [`RunError::Impossible`] with [`RunError::Memory`] if one does not fit.
pub fn check_memory(plan: &Plan, forecast: &Forecast) -> Result<(), RunError> {
    let Some(machine) = machine_memory() else { return Ok(()) };
    for run in plan.runs.iter().filter(|run| run.device == DeviceName::Cpu) {
        let Some(variant) = forecast.variant_of(run) else { continue };
        let Summary { memory, .. } = &forecast.variants[variant].summary;
        let bytes = forecast.variants[variant].summary.memory_bytes();
        let largest = memory.iter().max_by_key(|(_, bytes)| **bytes);
        if let Some((key, &largest)) = largest.filter(|_| bytes > machine) {
            let (id, key) = (run.id.clone(), key.clone());
            let error = RunError::Memory { id, bytes, machine, key, largest };
            return Err(RunError::Impossible(Box::new(error)));
        }
    }
    Ok(())
}

/// Whether two runs differ at most in their seeds.
fn same_variant(one: &ResolvedRun, other: &ResolvedRun) -> bool {
    one.agent == other.agent
        && one.environment == other.environment
        && one.budget == other.budget
        && one.phases == other.phases
        && one.evaluation == other.evaluation
}

/// A preset with its own settings, for an environment of which only the shape of observations and the number
/// of actions are known.
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
    let description = Description::new(
        format!("{} with {num_actions} actions", sides.join("x")),
        observation_shape,
        num_actions,
    );
    let environment = description.name.clone();
    let (phases, device) = (PhasedUpdates::default(), Device::cpu());
    let context = Context { description, real_steps, phases, lanes: LANES, seed: 0, device };
    let summary = instantiate::described(&agent, &context)?;
    let (agent, is_evaluated_once) = (agent.label, false);
    Ok(Variant { environment, agent, runs: 1, real_steps, is_evaluated_once, summary })
}

/// The run of a preset with its own settings in an environment with its default options, as
/// `zerolab describe PRESET` shows it.
///
/// # Errors
/// If there is no such preset or environment.
pub fn preset_run(
    preset: &str,
    environment: &str,
    real_steps: u64,
) -> Result<ResolvedRun, RunError> {
    let agent = shipped(preset)?;
    let entry = zerolab_environments::find(environment)
        .ok_or_else(|| unknown("environment", environment))?;
    let options = (entry.resolve)(&toml::Table::new()).map_err(broken(environment))?;
    let run = ResolvedRun {
        id: String::new(),
        experiment: "describe".to_owned(),
        environment: EnvironmentChoice { name: environment.to_owned(), options },
        agent,
        seed: 0,
        budget: Budget { real_steps, lanes: LANES },
        phases: Vec::new(),
        evaluation: EvaluationSchedule {
            every: real_steps,
            episodes: EPISODES,
            environment: toml::Table::new(),
        },
        device: DeviceName::Cpu,
        checkpoint: Checkpointing::default(),
        records: Recording::default(),
    };
    Ok(run.identified())
}

/// The agent of a preset with the preset's own settings.
fn shipped(preset: &str) -> Result<AgentChoice, RunError> {
    let shipped = zerolab_agents::find_preset(preset).ok_or_else(|| unknown("preset", preset))?;
    let (agent, settings) = shipped.resolve().map_err(broken(preset))?;
    let kind = agent.name.to_owned();
    Ok(AgentChoice { label: preset.to_owned(), preset: preset.to_owned(), settings, kind })
}

fn unknown(what: &'static str, name: &str) -> RunError {
    RunError::Unknown { what, name: name.to_owned() }
}

fn broken(name: &str) -> impl Fn(SettingsError) -> RunError {
    move |source| RunError::Options { name: name.to_owned(), source }
}
