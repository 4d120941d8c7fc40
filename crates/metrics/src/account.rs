//! The cost account of a run: what each phase spent, counted where it is spent.
//!
//! FLOPs are multiply–accumulates × 2 of the layers actually executed; norms, activations and the
//! arithmetic of the search tree are not counted. Derived figures (per real step, dollars) stand in `cost`.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// What a run is doing when it spends something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Choosing actions in the training environments, and stepping them.
    Acting,
    /// Searching stored positions again for fresh policy and value targets.
    Reanalysis,
    /// Computing losses and gradients, and updating weights.
    Learning,
    /// Playing evaluation episodes.
    Evaluation,
}

impl Phase {
    /// Every phase, in the order of a training loop.
    pub const ALL: [Phase; 4] =
        [Phase::Acting, Phase::Reanalysis, Phase::Learning, Phase::Evaluation];

    /// The name used in files: `acting`, `reanalysis`, `learning`, `evaluation`.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Acting => "acting",
            Phase::Reanalysis => "reanalysis",
            Phase::Learning => "learning",
            Phase::Evaluation => "evaluation",
        }
    }
}

/// What one phase spent since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhaseCost {
    /// Seconds on the wall clock.
    pub wall_seconds: f64,
    /// Recurrent inferences of a learned model, one for each row of a batch, or steps of a simulator in a search.
    pub imagined_steps: u64,
    /// Selection–expansion–backups of a search, one for each root of a batch.
    pub simulations: u64,
    /// Actions in a real environment.
    pub real_steps: u64,
    /// Gradient steps.
    pub updates: u64,
    /// Floating-point operations of the layers executed (2 × multiply–accumulates).
    pub flops: u64,
}

impl PhaseCost {
    /// Adds everything that `other` spent.
    pub fn add(&mut self, other: &PhaseCost) {
        self.wall_seconds += other.wall_seconds;
        self.imagined_steps += other.imagined_steps;
        self.simulations += other.simulations;
        self.real_steps += other.real_steps;
        self.updates += other.updates;
        self.flops += other.flops;
    }

    /// What was spent since the account said `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &PhaseCost) -> PhaseCost {
        PhaseCost {
            wall_seconds: self.wall_seconds - earlier.wall_seconds,
            imagined_steps: self.imagined_steps - earlier.imagined_steps,
            simulations: self.simulations - earlier.simulations,
            real_steps: self.real_steps - earlier.real_steps,
            updates: self.updates - earlier.updates,
            flops: self.flops - earlier.flops,
        }
    }
}

/// The running total of a run, by phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Account {
    phases: BTreeMap<Phase, PhaseCost>,
}

/// A moment on the wall clock, from [`Account::start`].
#[derive(Debug)]
pub struct Timer(Instant);

impl Account {
    /// An account in which nothing has been spent.
    pub fn new() -> Self {
        Self::default()
    }

    /// The phases in which something was counted.
    pub fn phases(&self) -> &BTreeMap<Phase, PhaseCost> {
        &self.phases
    }

    /// The counters of one phase, to add to.
    pub fn phase(&mut self, phase: Phase) -> &mut PhaseCost {
        self.phases.entry(phase).or_default()
    }

    /// Lets `count` add to the counters of one phase.
    pub fn count(&mut self, phase: Phase, count: impl FnOnce(&mut PhaseCost)) {
        count(self.phase(phase));
    }

    /// Begins to time something; give the timer to [`Account::stop`].
    pub fn start(&self) -> Timer {
        Timer(Instant::now())
    }

    /// Adds the seconds since `timer` began to one phase.
    pub fn stop(&mut self, phase: Phase, timer: Timer) {
        self.phase(phase).wall_seconds += timer.0.elapsed().as_secs_f64();
    }
}

/// The most memory this process has held so far, in bytes: `VmHWM` of Linux's `/proc/self/status`;
/// 0 where that cannot be read.
pub fn peak_memory_bytes() -> u64 {
    fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| high_water_mark(&status))
        .unwrap_or(0)
}

fn high_water_mark(status: &str) -> Option<u64> {
    let kibibytes =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
}

/// The time that processors spent on this process so far, over all of its threads, in seconds; 0 where the system does not
/// tell. Unlike wall time it hardly depends on what else the machine does. Linux counts it in hundredths.
pub fn processor_seconds() -> f64 {
    fs::read_to_string("/proc/self/stat")
        .ok()
        .and_then(|stat| user_and_system(&stat))
        .unwrap_or(0.0)
}

/// Fields 14 and 15 of proc(5); the second may hold spaces, in brackets.
fn user_and_system(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}
