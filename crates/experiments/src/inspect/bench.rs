//! Measures the speed of presets on this machine: trains a while, then reads the costs of the phases.

use std::time::{Duration, Instant};

use serde::Serialize;
use zerolab_agents::{Device, DeviceName, measured_peak_flops};
use zerolab_metrics::{Account, Phase, PhaseCost};

use crate::error::RunError;
use crate::plan::forecast::preset_run;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::run::threads::in_pool;
use crate::training::Training;

/// The results of a benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bench {
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// The model of the GPU.
    pub model: Option<String>,
    /// The implementation of convolutions.
    pub convolutions: &'static str,
    /// The number of threads.
    pub threads: usize,
    /// FLOPs per second in products of large matrices in single precision.
    pub peak_flops_per_second: f64,
    /// The rates of each preset.
    pub rates: Vec<Rates>,
    /// Why a GPU launched the operations of updates one by one instead of as one recording.
    pub refusal: Option<String>,
}

/// The rates of one preset in one environment. A rate is `None` if the preset has no such phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// The environment's name.
    pub environment: String,
    /// The preset's name.
    pub preset: String,
    /// Real steps per second of acting, searches included.
    pub real_steps_per_second: Option<f64>,
    /// Reanalysed states per second of reanalysis, their new values included.
    pub reanalysed_states_per_second: Option<f64>,
    /// Imagined steps per second of acting and reanalysis.
    pub imagined_steps_per_second: Option<f64>,
    /// Updates per second, reanalysis included.
    pub updates_per_second: Option<f64>,
    /// FLOPs per second over all phases.
    pub flops_per_second: Option<f64>,
    /// Copies to and from the device per real step, over all phases.
    pub copies_per_real_step: f64,
    /// The cost of each unit of work that the preset has.
    pub work: Vec<UnitCost>,
}

/// The cost of one unit of work.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitCost {
    /// `acting step`, `reanalysed state`, `update` (without its reanalysis).
    pub unit: &'static str,
    /// FLOPs of networks.
    pub flops: f64,
    /// Measured seconds, everything included.
    pub seconds: f64,
}

/// Updates before the measurement starts. By then a device has done its one-time work, such as a GPU's
/// recordings.
const WARM_UP: u64 = 8;
/// Real steps before the measurement starts in any case. An agent that has not learned by then has no
/// updates.
const LONGEST_START: u64 = 4_000;
/// The budget of the measured training in real steps.
const BUDGET: u64 = 100_000;

/// The presets that suit an environment: those with networks that can play it, and of the same family, which
/// is `atari/…` or all others.
///
/// # Errors
/// If there is no such environment.
pub fn suited_presets(environment: &str) -> Result<Vec<&'static str>, RunError> {
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

/// Trains with each preset until it has updates, then measures its costs for `time`, or until the next update
/// if that takes longer.
///
/// # Errors
/// If the device is not available, there is no such preset or environment, or an agent fails.
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
            peak_flops_per_second: measured_peak_flops(&device)
                .map_err(|error| RunError::Peak(error.into()))?,
            rates: presets.iter().map(rates).collect::<Result<_, RunError>>()?,
            refusal: device.recording_error(),
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
    // Evaluations would count as acting.
    run.evaluation.episodes = 0;
    let mut training = Training::new(&run, device)?;
    let (spent, copies) = measure_part(&mut training, time, device)?;
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
    let work = |(unit, count, cost): (&'static str, u64, &PhaseCost)| UnitCost {
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

/// Trains for `time`. Returns the cost of each phase, and the number of copies to and from the device.
fn measure_part(
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

/// The simulations of one search, if the agent searches.
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
        let connect4 = suited_presets("board/connect4").unwrap();
        assert!(connect4.contains(&"alphazero"));
        assert!(!connect4.contains(&"ppo"), "it learns games of one player");
        let breakout = suited_presets("minatar/breakout").unwrap();
        assert!(breakout.contains(&"ppo") && !breakout.contains(&"atari/muzero"));
        assert!(!breakout.contains(&"random"), "it has no networks");
        assert!(
            suited_presets("atari/breakout").unwrap().iter().all(|name| name.starts_with("atari/"))
        );
        assert!(suited_presets("atari/nothing").is_err());
    }

    #[test]
    fn a_bench_measures_searches_and_updates_only_once_there_are_some() {
        // It plays at random until real step 500.
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
