//! The time that the runs of a plan will still take.
//!
//! Agents cost differently, and a run costs more per step once it learns. So progress is measured in the FLOPs
//! of the forecast, not in steps. The speed of a variant is that of its runs so far; a variant without any has
//! the mean speed of the others.

use std::collections::HashMap;
use std::time::Duration;

use zerolab_metrics::{Phase, PhaseCost};

use crate::plan::Plan;
use crate::plan::forecast::{Forecast, Variant};
use crate::plan::resolved::ResolvedRun;

/// The cost of a real step that is in no forecast, in FLOPs: the environment, records, and small operations.
const STEP_FLOPS: f64 = 1e5;

/// Nothing is said before this much training of all runs together.
const LEAST_SECONDS: f64 = 2.0;

/// Estimates the time left.
pub struct TimeLeft {
    jobs: usize,
    runs: HashMap<String, RunProgress>,
}

/// The progress of one run.
struct RunProgress {
    work: RunWork,
    variant: usize,
    /// Real steps and time at the first observation.
    first: Option<(u64, Duration)>,
    /// Real steps and time at the last observation.
    last: (u64, Duration),
    is_over: bool,
}

/// The cost of a run in FLOPs, as a function of its real steps.
struct RunWork {
    total_steps: u64,
    learning_starts: u64,
    /// FLOPs that are spread over all steps.
    acting: f64,
    /// FLOPs that are spread over the steps after `learning_starts`.
    learning: f64,
}

impl TimeLeft {
    /// For the runs of `plan`, whose costs are in `forecast`, `jobs` of which train at the same time.
    pub fn new(plan: &Plan, forecast: &Forecast, jobs: usize) -> Self {
        let progress = |run: &ResolvedRun| {
            let variant = forecast.variant_of(run)?;
            let work = RunWork::new(run, &forecast.variants[variant]);
            let last = (0, Duration::ZERO);
            let progress = RunProgress { work, variant, first: None, last, is_over: false };
            Some((run.id.clone(), progress))
        };
        Self { jobs: jobs.max(1), runs: plan.runs.iter().filter_map(progress).collect() }
    }

    /// The run `id` has taken `real_steps` at time `now`, since any fixed moment.
    pub fn observe(&mut self, id: &str, real_steps: u64, now: Duration) {
        if let Some(run) = self.runs.get_mut(id) {
            run.first.get_or_insert((real_steps, now));
            run.last = (real_steps, now);
        }
    }

    /// The run `id` is finished or has failed for good. `trained` says whether it was trained now, to the end.
    pub fn end(&mut self, id: &str, trained: bool, now: Duration) {
        if let Some(run) = self.runs.get_mut(id) {
            run.is_over = true;
            if trained && run.first.is_some() {
                run.last = (run.work.total_steps, now);
            }
        }
    }

    /// The time that the run `id` needs from its last observation on; `None` if there is too little to tell.
    pub fn of_run(&self, id: &str) -> Option<Duration> {
        let run = self.runs.get(id)?;
        Some(Duration::from_secs_f64(run.left() * self.pace(run.variant)?))
    }

    /// The time until all runs are over; `None` if there is too little to tell.
    pub fn of_all(&self) -> Option<Duration> {
        let mut sum = 0.0;
        let mut longest = 0.0_f64;
        for run in self.runs.values() {
            let left = run.left() * self.pace(run.variant)?;
            sum += left;
            longest = longest.max(left);
        }
        Some(Duration::from_secs_f64(longest.max(sum / self.jobs as f64)))
    }

    /// Seconds for each FLOP of a variant: of its own runs, or else of all.
    fn pace(&self, variant: usize) -> Option<f64> {
        let pace = |is_meant: &dyn Fn(&RunProgress) -> bool| {
            let runs = self.runs.values().filter(|run| is_meant(run));
            let (seconds, work) = runs
                .map(RunProgress::done)
                .fold((0.0, 0.0), |sum, done| (sum.0 + done.0, sum.1 + done.1));
            (seconds >= LEAST_SECONDS && work > 0.0).then(|| seconds / work)
        };
        let all = pace(&|_| true)?;
        Some(pace(&|run| run.variant == variant).unwrap_or(all))
    }
}

impl RunProgress {
    /// FLOPs that are left.
    fn left(&self) -> f64 {
        if self.is_over { 0.0 } else { self.work.total() - self.work.until(self.last.0) }
    }

    /// Seconds of training that were observed, and the FLOPs in them.
    fn done(&self) -> (f64, f64) {
        let Some((steps, time)) = self.first else { return (0.0, 0.0) };
        let seconds = self.last.1.saturating_sub(time).as_secs_f64();
        (seconds, self.work.until(self.last.0) - self.work.until(steps))
    }
}

impl RunWork {
    fn new(run: &ResolvedRun, variant: &Variant) -> Self {
        let flops = |learns: bool| -> f64 {
            let phases = variant.summary.forecast.iter().filter(|(phase, _)| {
                matches!(phase, Phase::Learning | Phase::Reanalysis) == learns
            });
            phases.map(|(_, PhaseCost { flops, .. })| *flops as f64).sum()
        };
        let total_steps = run.budget.real_steps;
        Self {
            total_steps,
            learning_starts: variant.summary.learning_starts.min(total_steps),
            acting: flops(false) + STEP_FLOPS * total_steps as f64,
            learning: flops(true),
        }
    }

    /// FLOPs of the first `real_steps` steps.
    fn until(&self, real_steps: u64) -> f64 {
        let share =
            |steps: u64, of: u64| if of == 0 { 1.0 } else { steps.min(of) as f64 / of as f64 };
        let learning = self.total_steps - self.learning_starts;
        let learned = real_steps.saturating_sub(self.learning_starts);
        self.acting * share(real_steps, self.total_steps) + self.learning * share(learned, learning)
    }

    /// FLOPs of all steps.
    fn total(&self) -> f64 {
        self.until(self.total_steps)
    }
}

#[cfg(test)]
mod tests;
