//! What this machine does with a preset: a short training by the real loop, read off its account.

use serde::Serialize;
use zerolab_metrics::{Phase, PhaseCost, Record};

use crate::forecast::preset_run;
use crate::run_error::RunError;
use crate::training::Training;

/// Rates of one preset in one environment. A rate is `None` where the preset has no such phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// The environment's name.
    pub environment: String,
    /// The preset's name.
    pub preset: String,
    /// Real steps a second while acting, its searches included.
    pub real_steps_per_second: Option<f64>,
    /// Imagined steps a second while acting and reanalysing.
    pub imagined_steps_per_second: Option<f64>,
    /// Updates a second, their reanalysis included.
    pub updates_per_second: Option<f64>,
    /// Floating-point operations a second over all phases.
    pub flops_per_second: Option<f64>,
}

/// Trains `preset` in `environment` for `real_steps` real steps and reads its account.
///
/// # Errors
/// If there is no such preset or environment, or the agent fails.
pub fn measure(preset: &str, environment: &str, real_steps: u64) -> Result<Rates, RunError> {
    let mut run = preset_run(preset, environment, real_steps)?;
    run.evaluation.episodes = 1;
    let mut training = Training::new(&run)?;
    let mut records = Vec::new();
    while !training.is_finished() {
        training.round(&mut records)?;
    }
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
    let (acting, updating) =
        (spent(&[Phase::Acting]), spent(&[Phase::Reanalysis, Phase::Learning]));
    let imagining = spent(&[Phase::Acting, Phase::Reanalysis]);
    let all = spent(&Phase::ALL);
    Ok(Rates {
        environment: environment.to_owned(),
        preset: preset.to_owned(),
        real_steps_per_second: rate(acting.real_steps, &acting),
        imagined_steps_per_second: rate(imagining.imagined_steps, &imagining),
        updates_per_second: rate(updating.updates, &updating),
        flops_per_second: rate(all.flops, &all),
    })
}

fn rate(count: u64, of: &PhaseCost) -> Option<f64> {
    (count > 0 && of.wall_seconds > 0.0).then(|| count as f64 / of.wall_seconds)
}
