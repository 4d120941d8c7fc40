//! What this machine does with a preset: a piece of a training by the real loop, read off its account.

use std::time::{Duration, Instant};

use serde::Serialize;
use zerolab_agents::{Device, DeviceName, measured_peak};
use zerolab_metrics::{Account, Phase, PhaseCost};

use crate::error::RunError;
use crate::plan::forecast::preset_run;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::run::threads::in_pool;
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
    /// Real steps a second while acting, its searches included.
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

/// Updates after which a training is measured: what a device makes once is made by then, as a GPU's recordings are.
const WARM_UP: u64 = 8;
/// Real steps after which it is measured in any case: an agent that has learnt nothing by then never does.
const LONGEST_START: u64 = 4_000;
/// Real steps of the training of which a piece is measured.
const BUDGET: u64 = 100_000;

/// The presets whose networks can play an environment and are meant for its like: those of `atari/…` for each
/// other, and the rest for the rest.
///
/// # Errors
/// If there is no such environment.
pub fn suited(environment: &str) -> Result<Vec<&'static str>, RunError> {
    let family = |name: &str| name.starts_with("atari/");
    let names = zerolab_agents::presets().iter().map(|preset| preset.name);
    let mut suited = Vec::new();
    for name in names.filter(|name| family(name) == family(environment)) {
        let run = preset_run(name, environment, BUDGET)?;
        if instantiate::summary(&run).is_ok_and(|summary| summary.parameters > 0) {
            suited.push(name);
        }
    }
    Ok(suited)
}

/// Trains with each of the presets until learning is under way, then reads off their accounts what the next `time`
/// brings, and at least one more update.
///
/// # Errors
/// If the device cannot be had, there is no such preset or environment, or an agent fails.
pub fn measure(
    environment: &str,
    presets: &[&str],
    time: Duration,
    name: DeviceName,
    threads: usize,
) -> Result<Bench, RunError> {
    let device = Device::open(name)?;
    in_pool(threads, || {
        let rates = |preset: &&str| rates(preset, environment, time, &device);
        Ok(Bench {
            device: name.to_string(),
            model: device.model(),
            convolutions: device.convolutions(),
            threads,
            peak_flops_per_second: measured_peak(&device)
                .map_err(|error| RunError::Peak(error.into()))?,
            rates: presets.iter().map(rates).collect::<Result<_, RunError>>()?,
            refusal: device.take_refusal(),
        })
    })
}

fn rates(
    preset: &str,
    environment: &str,
    time: Duration,
    device: &Device,
) -> Result<Rates, RunError> {
    let mut run = preset_run(preset, environment, BUDGET)?;
    // Evaluations are acting once more.
    run.evaluation.episodes = 0;
    let mut training = Training::new(&run, device)?;
    let (spent, copies) = piece(&mut training, time, device)?;
    let spent = |wanted: &[Phase]| {
        let mut sum = PhaseCost::default();
        spent.iter().filter(|(phase, _)| wanted.contains(phase)).for_each(|(_, it)| sum.add(it));
        sum
    };
    let (acting, reanalysing) = (spent(&[Phase::Acting]), spent(&[Phase::Reanalysis]));
    let updating = spent(&[Phase::Reanalysis, Phase::Learning]);
    let imagining = spent(&[Phase::Acting, Phase::Reanalysis]);
    let all = spent(&Phase::ALL);
    let reanalysed = reanalysing.simulations / simulations(&run).unwrap_or(1);
    let learning = spent(&[Phase::Learning]);
    let units = [
        ("acting step", acting.real_steps, &acting),
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
        real_steps_per_second: rate(acting.real_steps, &acting),
        reanalysed_states_per_second: rate(reanalysed, &reanalysing),
        imagined_steps_per_second: rate(imagining.imagined_steps, &imagining),
        updates_per_second: rate(updating.updates, &updating),
        flops_per_second: rate(all.flops, &all),
        work: units.into_iter().filter(|(_, count, _)| *count > 0).map(work).collect(),
        copies_per_real_step: copies as f64 / acting.real_steps as f64,
    })
}

/// What a piece of a training takes, by phase, and how often something was copied to the device or from it meanwhile.
fn piece(
    training: &mut Training<'_>,
    time: Duration,
    device: &Device,
) -> Result<(Vec<(Phase, PhaseCost)>, u64), RunError> {
    let go_on = |training: &mut Training<'_>| training.advance(&mut Vec::new(), &|| false);
    while updates(training.account()) < WARM_UP && training.real_steps() < LONGEST_START {
        go_on(training)?;
    }
    let before = training.account().clone();
    let learns = updates(&before) > 0;
    let _copied_before = device.take_copies();
    let start = Instant::now();
    loop {
        go_on(training)?;
        let learnt = updates(training.account()) > updates(&before);
        if training.is_finished() || start.elapsed() >= time && (learnt || !learns) {
            break;
        }
    }
    let (uploads, downloads) = device.take_copies();
    let earlier = |phase| before.phases().get(phase).copied().unwrap_or_default();
    let phases = training.account().phases().iter();
    let spent = phases.map(|(phase, cost)| (*phase, cost.since(&earlier(phase)))).collect();
    Ok((spent, uploads + downloads))
}

fn updates(account: &Account) -> u64 {
    account.phases().get(&Phase::Learning).map_or(0, |learning| learning.updates)
}

/// Simulations of one search, where the agent searches.
fn simulations(run: &ResolvedRun) -> Option<u64> {
    let simulations = run.agent.settings.get("search")?.get("simulations")?.as_integer()?;
    u64::try_from(simulations).ok().filter(|&count| count > 0)
}

fn rate(count: u64, of: &PhaseCost) -> Option<f64> {
    (count > 0 && of.wall_seconds > 0.0).then(|| count as f64 / of.wall_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_benched_where_they_can_play_and_are_meant_to() {
        let connect4 = suited("board/connect4").unwrap();
        assert!(connect4.contains(&"alphazero"));
        assert!(!connect4.contains(&"ppo"), "it learns games of one player");
        let breakout = suited("minatar/breakout").unwrap();
        assert!(breakout.contains(&"ppo") && !breakout.contains(&"atari/muzero"));
        assert!(!breakout.contains(&"random"), "it has no networks");
        assert!(suited("atari/breakout").unwrap().iter().all(|name| name.starts_with("atari/")));
        assert!(suited("atari/nothing").is_err());
    }

    #[test]
    fn a_bench_measures_searches_and_updates_only_once_there_are_some() {
        // Before its 500th real step it plays at random.
        let cpu = DeviceName::Cpu;
        let bench = measure("catch", &["efficientzero"], Duration::ZERO, cpu, 1).unwrap();
        let [rates] = &bench.rates[..] else { panic!("one preset was asked for") };
        let per_step = rates.work.iter().find(|work| work.unit == "acting step").unwrap();
        let run = preset_run("efficientzero", "catch", BUDGET).unwrap();
        let search = instantiate::summary(&run).unwrap().flops["search"];
        assert_eq!(per_step.flops, search as f64);
        assert!(rates.updates_per_second.is_some());
    }
}
