//! Times to a threshold over several runs, some of which never reached it: survival analysis.
//!
//! To average only the runs that reached it rewards an agent for failing, and to count a failure as its
//! budget understates it when budgets differ. A run that did not reach the threshold is censored: its time is
//! greater than its budget, and no more is known. The estimator of Kaplan & Meier 1958 uses just that. From
//! it come two numbers: the median, which is unknown when fewer than half reach the threshold, and the
//! mean restricted to a horizon (Irwin 1949; Royston & Parmar 2013), which is always known.

use thiserror::Error;

use super::bootstrap::{Interval, Resample};
use super::distributions::normal_quantile;

/// How far the product of Kaplan and Meier may be off by rounding: it is a ratio of numbers of runs.
const ROUNDING: f64 = 1e-9;

/// When one run reached a threshold, in the unit of its curve (real steps, say).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Time {
    /// It did, first at this time.
    Reached(f64),
    /// It had not by this time, when it was last seen.
    Censored(f64),
}

/// The times of the runs of one agent on one task; at least one, all finite and not negative.
#[derive(Clone, Debug, PartialEq)]
pub struct TimesToThreshold {
    /// One a run.
    times: Vec<Time>,
}

/// Why times cannot be estimated from.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum TimesError {
    /// No run.
    #[error("there are no runs: an estimate needs the time of at least one")]
    NoRuns,
    /// A time that is negative, infinite or not a number.
    #[error("the time of run {run} (counted from 0) is {time}: it must be finite and not negative")]
    NotATime {
        /// The run's place.
        run: usize,
        /// Its time.
        time: f64,
    },
}

/// The estimated share of runs that have not reached the threshold, from one time until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survival {
    /// When at least one run reached it.
    pub time: f64,
    /// The share that has not by then.
    pub share: f64,
    /// Greenwood's sum Σ d / (n (n − d)) up to here, for d of n runs still under way that reach it: the
    /// variance of the logarithm of the share; infinite when the share is 0.
    pub greenwood: f64,
}

impl TimesToThreshold {
    /// The times of runs in any order.
    pub fn new(times: impl IntoIterator<Item = Time>) -> Result<Self, TimesError> {
        let times: Vec<Time> = times.into_iter().collect();
        if times.is_empty() {
            return Err(TimesError::NoRuns);
        }
        for (run, time) in times.iter().enumerate() {
            let (Time::Reached(time) | Time::Censored(time)) = *time;
            if !time.is_finite() || time < 0.0 {
                return Err(TimesError::NotATime { run, time });
            }
        }
        Ok(Self { times })
    }

    /// Kaplan & Meier's curve: a step at each time at which a run reached the threshold, ascending.
    ///
    /// A run censored at the very time at which another reaches the threshold counts as still under way.
    pub fn survival(&self) -> Vec<Survival> {
        let mut reached: Vec<f64> = self
            .times
            .iter()
            .filter_map(|time| match time {
                Time::Reached(time) => Some(*time),
                Time::Censored(_) => None,
            })
            .collect();
        reached.sort_by(f64::total_cmp);
        let (mut share, mut greenwood) = (1.0, 0.0);
        reached
            .chunk_by(|first, second| first == second)
            .map(|together| {
                let time = together[0];
                let (events, runs) = (together.len() as f64, self.under_way(time) as f64);
                share *= (runs - events) / runs;
                greenwood += events / (runs * (runs - events));
                Survival { time, share, greenwood }
            })
            .collect()
    }

    /// The first time by which half of the runs have reached the threshold; `None` if that is not yet.
    pub fn median(&self) -> Option<f64> {
        let half = |step: &&Survival| step.share <= 0.5 + ROUNDING;
        self.survival().iter().find(half).map(|step| step.time)
    }

    /// The mean of min(time, `horizon`): the area under the survival curve up to there.
    ///
    /// With equal budgets and the budget as horizon it is the mean in which a failure counts as the budget.
    /// Past the last time of any run the curve is held (Gill 1980), as R's `survfit` does: choose a horizon
    /// that every run was given.
    pub fn restricted_mean(&self, horizon: f64) -> f64 {
        let (mut area, mut since, mut share) = (0.0, 0.0, 1.0);
        for step in self.survival().iter().filter(|step| step.time < horizon) {
            area += share * (step.time - since);
            (since, share) = (step.time, step.share);
        }
        area + share * (horizon - since)
    }

    /// The interval of the median at `confidence` in (0, 1).
    ///
    /// Brookmeyer & Crowley 1982: the times at which the pointwise interval of the curve, made of
    /// log(−log share) ± z · √greenwood / |log share|, contains one half; R's `conf.type = "log-log"`. An
    /// end that the runs do not bound is infinite. `None` for fewer than two runs.
    pub fn median_interval(&self, confidence: f64) -> Option<Interval> {
        if self.times.len() < 2 {
            return None;
        }
        let deviate = normal_quantile(f64::midpoint(1.0, confidence));
        let survival = self.survival();
        let first_below_half = |deviate: f64| {
            let below = |step: &&Survival| step.shifted(deviate) <= 0.5 + ROUNDING;
            survival.iter().find(below).map_or(f64::INFINITY, |step| step.time)
        };
        Some(Interval { low: first_below_half(-deviate), high: first_below_half(deviate) })
    }

    /// The runs that had neither reached the threshold nor been lost sight of before `time`.
    fn under_way(&self, time: f64) -> usize {
        let of_run = |(Time::Reached(time) | Time::Censored(time)): &Time| *time;
        self.times.iter().filter(|run| of_run(run) >= time).count()
    }
}

impl Survival {
    /// The share moved by `deviate` standard errors on the scale of log(−log share).
    ///
    /// A share of 0 has no standard error: it may be anything, from 0 to 1.
    fn shifted(&self, deviate: f64) -> f64 {
        if self.share <= 0.0 {
            return if deviate < 0.0 { 0.0 } else { 1.0 };
        }
        let log = self.share.ln();
        let error = self.greenwood.sqrt() / log.abs();
        (log * (-deviate * error).exp()).exp()
    }
}

/// The runs are one stratum; a run's time and whether it is censored stay together.
impl Resample for TimesToThreshold {
    fn strata(&self) -> Vec<usize> {
        vec![self.times.len()]
    }

    fn draw_again(&mut self, from: &Self, places: &[usize]) {
        for (time, place) in self.times.iter_mut().zip(places) {
            *time = from.times[*place];
        }
    }
}
