//! Survival analysis of times to a threshold, for runs of which some never reached it.
//!
//! The mean over the runs that reached the threshold would reward an agent for failing. Counting a failure as
//! the budget understates the time if budgets differ. So a run that did not reach the threshold is censored:
//! its time is only known to be greater than its budget. The estimator of Kaplan & Meier 1958 uses exactly
//! this. Two numbers follow from it: the median, which is unknown if fewer than half of the runs reach the
//! threshold, and the mean restricted to a horizon (Irwin 1949; Royston & Parmar 2013), which is always
//! known.

use thiserror::Error;

use super::bootstrap::{Interval, Resample};
use super::distributions::normal_quantile;

/// The rounding error allowed in the Kaplan–Meier product, which is a ratio of numbers of runs.
const ROUNDING: f64 = 1e-9;

/// When one run reached the threshold, in the unit of its curve (such as real steps).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventTime {
    /// The run first reached it at this time.
    Reached(f64),
    /// The run had not reached it by this time, its last observation.
    Censored(f64),
}

impl EventTime {
    /// The time; of a censored run the least that it can be.
    pub fn least(self) -> f64 {
        match self {
            Self::Reached(time) | Self::Censored(time) => time,
        }
    }
}

/// The times of the runs of one agent on one task. There is at least one; all are finite and not negative.
#[derive(Clone, Debug, PartialEq)]
pub struct TimesToThreshold {
    /// One for each run.
    times: Vec<EventTime>,
}

/// Invalid times.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum TimesError {
    /// There are no runs.
    #[error("there are no runs: an estimate needs the time of at least one")]
    NoRuns,
    /// A time that is negative, infinite or not a number.
    #[error("the time of run {run} (counted from 0) is {time}: it must be finite and not negative")]
    NotATime {
        /// The index of the run.
        run: usize,
        /// The time of the run.
        time: f64,
    },
}

/// A step of the Kaplan–Meier curve: the estimated share of runs that have not reached the threshold, from
/// one time until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// A time at which at least one run reached the threshold.
    pub time: f64,
    /// The share of runs that had not reached it by then.
    pub share: f64,
    /// Greenwood's sum Σ d / (n (n − d)) up to this time, where d of the n runs at risk reach the threshold.
    /// It is the variance of the logarithm of the share, and infinite if the share is 0.
    pub greenwood: f64,
}

impl TimesToThreshold {
    /// The times of runs, in any order.
    ///
    /// # Errors
    /// If there are none, or one is negative or not finite.
    pub fn new(times: impl IntoIterator<Item = EventTime>) -> Result<Self, TimesError> {
        let times: Vec<EventTime> = times.into_iter().collect();
        if times.is_empty() {
            return Err(TimesError::NoRuns);
        }
        for (run, time) in times.iter().enumerate() {
            let (EventTime::Reached(time) | EventTime::Censored(time)) = *time;
            if !time.is_finite() || time < 0.0 {
                return Err(TimesError::NotATime { run, time });
            }
        }
        Ok(Self { times })
    }

    /// The Kaplan–Meier curve: a step at each time at which a run reached the threshold, in ascending order.
    ///
    /// A run that is censored at a time at which another reaches the threshold is still at risk then.
    pub fn survival(&self) -> Vec<SurvivalStep> {
        let mut reached: Vec<f64> = self
            .times
            .iter()
            .filter_map(|time| match time {
                EventTime::Reached(time) => Some(*time),
                EventTime::Censored(_) => None,
            })
            .collect();
        reached.sort_by(f64::total_cmp);
        let (mut share, mut greenwood) = (1.0, 0.0);
        reached
            .chunk_by(|first, second| first == second)
            .map(|ties| {
                let time = ties[0];
                let (events, runs) = (ties.len() as f64, self.at_risk(time) as f64);
                share *= (runs - events) / runs;
                greenwood += events / (runs * (runs - events));
                SurvivalStep { time, share, greenwood }
            })
            .collect()
    }

    /// The first time by which half of the runs have reached the threshold; `None` if fewer have.
    pub fn median(&self) -> Option<f64> {
        let half = |step: &&SurvivalStep| step.share <= 0.5 + ROUNDING;
        self.survival().iter().find(half).map(|step| step.time)
    }

    /// The mean of min(time, `horizon`): the area under the survival curve up to `horizon`.
    ///
    /// If all budgets are equal and `horizon` is the budget, it is the mean that counts a failure as the
    /// budget. Beyond the last time of any run the curve stays constant (Gill 1980), as in R's `survfit`:
    /// choose a horizon that no run's budget is below.
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
    /// Brookmeyer & Crowley 1982: the times at which the pointwise interval of the curve,
    /// log(−log share) ± z · √greenwood / |log share|, contains one half; R's `conf.type = "log-log"`. An end
    /// that the runs do not bound is infinite. `None` for fewer than two runs.
    pub fn median_interval(&self, confidence: f64) -> Option<Interval> {
        if self.times.len() < 2 {
            return None;
        }
        let deviate = normal_quantile(f64::midpoint(1.0, confidence));
        let survival = self.survival();
        let first_below_half = |deviate: f64| {
            let below = |step: &&SurvivalStep| step.shifted(deviate) <= 0.5 + ROUNDING;
            survival.iter().find(below).map_or(f64::INFINITY, |step| step.time)
        };
        Some(Interval { low: first_below_half(-deviate), high: first_below_half(deviate) })
    }

    /// The greatest time: after it nothing is known of any run.
    pub fn last_observation(&self) -> f64 {
        let of_run = |(EventTime::Reached(time) | EventTime::Censored(time)): &EventTime| *time;
        self.times.iter().map(of_run).fold(0.0, f64::max)
    }

    /// The number of runs that had neither reached the threshold nor been censored before `time`.
    fn at_risk(&self, time: f64) -> usize {
        let of_run = |(EventTime::Reached(time) | EventTime::Censored(time)): &EventTime| *time;
        self.times.iter().filter(|run| of_run(run) >= time).count()
    }
}

impl SurvivalStep {
    /// The pointwise interval of the share at `confidence` in (0, 1): log(−log share) ± z · √greenwood / |log share|.
    /// `None` if the share is 0, which has no standard error.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let deviate = normal_quantile(f64::midpoint(1.0, confidence));
        (self.share > 0.0)
            .then(|| Interval { low: self.shifted(-deviate), high: self.shifted(deviate) })
    }

    /// The share moved by `deviate` standard errors on the scale of log(−log share).
    ///
    /// A share of 0 has no standard error: its interval is all of [0, 1].
    fn shifted(&self, deviate: f64) -> f64 {
        if self.share <= 0.0 {
            return if deviate < 0.0 { 0.0 } else { 1.0 };
        }
        let log = self.share.ln();
        let error = self.greenwood.sqrt() / log.abs();
        (log * (-deviate * error).exp()).exp()
    }
}

/// All runs are one stratum. A run's time and whether it is censored are resampled together.
impl Resample for TimesToThreshold {
    fn strata(&self) -> Vec<usize> {
        vec![self.times.len()]
    }

    fn resample_from(&mut self, from: &Self, indices: &[usize]) {
        for (time, index) in self.times.iter_mut().zip(indices) {
            *time = from.times[*index];
        }
    }
}
