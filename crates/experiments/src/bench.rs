//! What this machine does with a preset: a short training by the real loop, read off its account.

use serde::Serialize;
use zerolab_agents::{Device, DeviceName, measured_peak};
use zerolab_metrics::{Phase, PhaseCost, Record};

use crate::forecast::preset_run;
use crate::resolved::ResolvedRun;
use crate::run_error::RunError;
use crate::threads::in_pool;
use crate::training::Training;

/// What was measured, and on what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bench {
    /// `cpu`, `cuda:N`.
    pub device: String,
    /// A GPU's name.
    pub model: Option<String>,
    /// What computes convolutions.
    pub convolutions: &'static str,
    /// Threads of the program.
    pub threads: usize,
    /// Floating-point operations a second in products of large matrices in single precision.
    pub peak_flops_per_second: f64,
    /// Preset by preset.
    pub rates: Vec<Rates>,
    /// Why updates were launched operation by operation, where a GPU was to launch each as a whole.
    pub refusal: Option<String>,
}

/// Rates of one preset in one environment. A rate is `None` where the preset has no such phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// The environment's name.
    pub environment: String,
    /// The preset's name.
    pub preset: String,
    /// Real steps a second while acting, its searches included; of an agent that searches only the steps with a
    /// search.
    pub real_steps_per_second: Option<f64>,
    /// States searched anew a second while reanalysing, their fresh values included.
    pub reanalysed_states_per_second: Option<f64>,
    /// Imagined steps a second while acting and reanalysing.
    pub imagined_steps_per_second: Option<f64>,
    /// Updates a second, their reanalysis included.
    pub updates_per_second: Option<f64>,
    /// Floating-point operations a second over all phases.
    pub flops_per_second: Option<f64>,
    /// Copies to and from the device for each real step, over all phases; 0 where nothing has to be copied.
    pub copies_per_real_step: f64,
    /// What the units of work take, those that the preset has.
    pub work: Vec<Work>,
}

/// What one unit of work takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Work {
    /// `acting step`, `reanalysed state`, `update` (without its reanalysis).
    pub unit: &'static str,
    /// Floating-point operations of networks.
    pub flops: f64,
    /// Measured, with all that belongs to it.
    pub seconds: f64,
}

/// Trains each pair of a preset and an environment for `real_steps` real steps and reads their accounts.
///
/// # Errors
/// If the device cannot be had, there is no such preset or environment, or an agent fails.
pub fn measure(
    pairs: &[(&str, &str)],
    real_steps: u64,
    name: DeviceName,
    threads: usize,
) -> Result<Bench, RunError> {
    let device = Device::open(name)?;
    in_pool(threads, || {
        let rates =
            |(preset, environment): &(&str, &str)| rates(preset, environment, real_steps, &device);
        Ok(Bench {
            device: name.to_string(),
            model: device.model(),
            convolutions: device.convolutions(),
            threads,
            peak_flops_per_second: measured_peak(&device)
                .map_err(|error| RunError::Peak(error.into()))?,
            rates: pairs.iter().map(rates).collect::<Result<_, RunError>>()?,
            refusal: device.take_refusal(),
        })
    })
}

fn rates(
    preset: &str,
    environment: &str,
    real_steps: u64,
    device: &Device,
) -> Result<Rates, RunError> {
    let mut run = preset_run(preset, environment, real_steps)?;
    run.evaluation.episodes = 1;
    let mut training = Training::new(&run, device)?;
    let mut records = Vec::new();
    let _before = device.take_copies();
    while !training.is_finished() {
        training.advance(&mut records, &|| false)?;
    }
    let (uploads, downloads) = device.take_copies();
    let phases = records.into_iter().rev().find_map(|record| match record {
        Record::Cost(cost) => Some(cost.phases),
        _ => None,
    });
    let phases = phases.unwrap_or_default();
    let spent = |wanted: &[Phase]| {
        wanted.iter().filter_map(|phase| phases.get(phase)).fold(
            PhaseCost::default(),
            |mut sum, cost| {
                sum.add(cost);
                sum
            },
        )
    };
    let (acting, reanalysing) = (spent(&[Phase::Acting]), spent(&[Phase::Reanalysis]));
    let updating = spent(&[Phase::Reanalysis, Phase::Learning]);
    let imagining = spent(&[Phase::Acting, Phase::Reanalysis]);
    let all = spent(&Phase::ALL);
    let reanalysed = reanalysing.simulations / simulations(&run).unwrap_or(1);
    let acted = simulations(&run).map_or(acting.real_steps, |each| acting.simulations / each);
    let learning = spent(&[Phase::Learning]);
    let units = [
        ("acting step", acted, &acting),
        ("reanalysed state", reanalysed, &reanalysing),
        ("update", learning.updates, &learning),
    ];
    let work = |(unit, count, cost): (&'static str, u64, &PhaseCost)| Work {
        unit,
        flops: cost.flops as f64 / count as f64,
        seconds: cost.wall_seconds / count as f64,
    };
    Ok(Rates {
        environment: environment.to_owned(),
        preset: preset.to_owned(),
        real_steps_per_second: rate(acted, &acting),
        reanalysed_states_per_second: rate(reanalysed, &reanalysing),
        imagined_steps_per_second: rate(imagining.imagined_steps, &imagining),
        updates_per_second: rate(updating.updates, &updating),
        flops_per_second: rate(all.flops, &all),
        work: units.into_iter().filter(|(_, count, _)| *count > 0).map(work).collect(),
        copies_per_real_step: (uploads + downloads) as f64 / real_steps as f64,
    })
}

/// Simulations of one search, where the agent searches.
fn simulations(run: &ResolvedRun) -> Option<u64> {
    let simulations = run.agent.settings.get("search")?.get("simulations")?.as_integer()?;
    u64::try_from(simulations).ok().filter(|&count| count > 0)
}

fn rate(count: u64, of: &PhaseCost) -> Option<f64> {
    (count > 0 && of.wall_seconds > 0.0).then(|| count as f64 / of.wall_seconds)
}
