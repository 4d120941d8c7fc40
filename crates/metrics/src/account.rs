//! The cost account of a run: what each phase spent.
//!
//! FLOPs are 2 × the multiply–accumulates of the layers that are executed. Normalisations, activations and
//! the arithmetic of the search tree are not counted. Derived numbers (per real step, dollars) are in `cost`.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// The activity of a run to which a cost is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Choosing actions in the training environments, and stepping these.
    Acting,
    /// Searching stored positions again for new policy and value targets.
    Reanalysis,
    /// Computing losses and gradients, and updating the weights.
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

/// What one phase has spent since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhaseCost {
    /// Wall-clock seconds.
    pub wall_seconds: f64,
    /// Recurrent inferences of a learned model, one for each row of a batch; or steps of a simulator in a
    /// search.
    pub imagined_steps: u64,
    /// Simulations of a search (selection, expansion, backup), one for each root of a batch.
    pub simulations: u64,
    /// Actions in real environments.
    pub real_steps: u64,
    /// Gradient steps.
    pub updates: u64,
    /// Floating-point operations of the executed layers (2 × multiply–accumulates). A backward pass counts as
    /// two forward passes.
    pub flops: u64,
}

impl PhaseCost {
    /// Adds what `other` spent.
    pub fn add(&mut self, other: &PhaseCost) {
        self.wall_seconds += other.wall_seconds;
        self.imagined_steps += other.imagined_steps;
        self.simulations += other.simulations;
        self.real_steps += other.real_steps;
        self.updates += other.updates;
        self.flops += other.flops;
    }

    /// What was spent since `earlier`, a previous value of the same counters.
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

/// The running totals of a run, by phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Account {
    phases: BTreeMap<Phase, PhaseCost>,
}

/// A start time, from [`Account::start`].
#[derive(Debug)]
pub struct Timer(Instant);

impl Account {
    /// An empty account.
    pub fn new() -> Self {
        Self::default()
    }

    /// The phases that have counted something.
    pub fn phases(&self) -> &BTreeMap<Phase, PhaseCost> {
        &self.phases
    }

    /// The counters of one phase.
    pub fn phase(&mut self, phase: Phase) -> &mut PhaseCost {
        self.phases.entry(phase).or_default()
    }

    /// Lets `count` add to the counters of one phase.
    pub fn count(&mut self, phase: Phase, count: impl FnOnce(&mut PhaseCost)) {
        count(self.phase(phase));
    }

    /// Starts a timer for [`Account::stop`].
    pub fn start(&self) -> Timer {
        Timer(Instant::now())
    }

    /// Adds the seconds since `timer` was started to one phase.
    pub fn stop(&mut self, phase: Phase, timer: Timer) {
        self.phase(phase).wall_seconds += timer.0.elapsed().as_secs_f64();
    }
}
