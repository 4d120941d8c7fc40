//! Seeded bootstrap intervals: runs are resampled within each stratum, and the statistic is computed again.

use std::iter;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::distributions::{normal, student_two_sided};
use super::estimates::{quantile, sorted};
use super::scores::ScoreMatrix;

/// The settings of a bootstrap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// The number of resamples.
    pub resamples: usize,
    /// The nominal coverage of the interval, in (0, 1).
    pub confidence: f64,
    /// The seed of the resamples. Equal seeds give equal intervals.
    pub seed: u64,
    /// Which quantiles of the resampled estimates become the ends of the interval.
    pub method: IntervalMethod,
}

/// Which quantiles of the resampled estimates are the ends of an interval of confidence 1 − α.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IntervalMethod {
    /// The quantiles at α / 2 and 1 − α / 2, as in rliable and in published tables. Too narrow for few runs.
    #[default]
    Percentile,
    /// The quantiles at p and 1 − p with p = Φ(−√(N / (N − S)) · t) for N runs in S strata, where t is the
    /// 1 − α / 2 quantile of Student's t distribution with N − S degrees of freedom.
    ///
    /// Hesterberg 2015, "What Teachers Should Know about the Bootstrap", Am. Stat. 69:371 (expanded
    /// percentile interval, with S = 1). It corrects two errors: the variance of a resample is too small by
    /// the factor (N − S) / N, and it is itself an estimate. p is small (0.001 for 5 runs, 0.005 for two agents of
    /// 5 runs each), so with 2,000 resamples few lie beyond an end, and the ends depend on the seed. The simulated
    /// coverage includes this.
    Expanded,
}

impl Default for Bootstrap {
    /// 2,000 resamples (rliable's suggestion for tables), 95 %, seed 0, percentile ends.
    fn default() -> Self {
        Self { resamples: 2_000, confidence: 0.95, seed: 0, method: IntervalMethod::default() }
    }
}

/// The confidence interval of an estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies in the interval, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A set of runs that can be resampled with replacement.
pub trait Resample: Clone {
    /// The number of runs in each stratum. Runs are resampled within their stratum.
    fn strata(&self) -> Vec<usize>;

    /// Replaces every run by a run of the same stratum of `from`, which has the same strata.
    ///
    /// `indices` has one index for each run, stratum after stratum. An index counts within its stratum.
    fn resample_from(&mut self, from: &Self, indices: &[usize]);
}

impl Bootstrap {
    /// The interval of `statistic` of `sample`.
    ///
    /// `None` if a stratum has fewer than two runs, or if an end of the interval is not a number.
    pub fn interval_of<Sample: Resample>(
        &self,
        sample: &Sample,
        statistic: impl Fn(&Sample) -> f64,
    ) -> Option<Interval> {
        let mut estimates = Vec::with_capacity(self.resamples);
        let tail = self.resample(sample, |drawn| estimates.push(statistic(drawn)))?;
        between(&estimates, tail)
    }

    /// The pointwise intervals of several statistics of `sample`, from the same resamples.
    ///
    /// `None` as for [`Bootstrap::interval_of`]. `statistics` must always return the same number of values.
    pub fn intervals_of<Sample: Resample>(
        &self,
        sample: &Sample,
        statistics: impl Fn(&Sample) -> Vec<f64>,
    ) -> Option<Vec<Interval>> {
        let mut estimates: Vec<Vec<f64>> = Vec::new();
        let tail = self.resample(sample, |drawn| {
            let values = statistics(drawn);
            estimates.resize_with(values.len(), Vec::new);
            for (estimates, value) in estimates.iter_mut().zip(values) {
                estimates.push(value);
            }
        })?;
        estimates.iter().map(|estimates| between(estimates, tail)).collect()
    }

    /// Shows every resample of `sample` to `each`, and returns the share of the estimates beyond each end of an interval.
    ///
    /// `None` if a stratum has fewer than two runs.
    fn resample<Sample: Resample>(
        &self,
        sample: &Sample,
        mut each: impl FnMut(&Sample),
    ) -> Option<f64> {
        let strata = sample.strata();
        if strata.is_empty() || strata.iter().any(|runs| *runs < 2) {
            return None;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut drawn = sample.clone();
        let mut indices = Vec::new();
        for _ in 0..self.resamples.max(1) {
            let runs = strata.iter().flat_map(|runs| iter::repeat_n(*runs, *runs));
            indices.clear();
            indices.extend(runs.map(|runs| draw_index(runs, &mut random)));
            drawn.resample_from(sample, &indices);
            each(&drawn);
        }
        Some(self.tail(&strata))
    }

    /// The interval of `statistic` of the pooled scores. Each stratum is resampled by itself.
    ///
    /// `None` as for [`Bootstrap::interval_of`], and if a score is not finite. For scores of several tasks
    /// use [`Bootstrap::interval_of`] with an aggregate of [`ScoreMatrix`], which keeps the tasks apart.
    pub fn interval(
        &self,
        strata: &[&[f64]],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        let scores = ScoreMatrix::new(strata).ok()?;
        self.interval_of(&scores, |drawn| statistic(drawn.pooled()))
    }

    /// The share of the resampled estimates that lie beyond each end.
    fn tail(&self, strata: &[usize]) -> f64 {
        match self.method {
            IntervalMethod::Percentile => (1.0 - self.confidence) / 2.0,
            IntervalMethod::Expanded => {
                let runs: usize = strata.iter().sum();
                let freedom = runs - strata.len();
                let widening = (runs as f64 / freedom as f64).sqrt();
                normal(-widening * student_two_sided(self.confidence, freedom as f64))
            }
        }
    }
}

/// Draws a `u64`: the interval must not depend on the width of `usize`.
fn draw_index(runs: usize, random: &mut ChaCha8Rng) -> usize {
    random.random_range(0..runs as u64) as usize
}

fn between(estimates: &[f64], tail: f64) -> Option<Interval> {
    let estimates = sorted(estimates);
    let (low, high) = (quantile(&estimates, tail), quantile(&estimates, 1.0 - tail));
    (!low.is_nan() && !high.is_nan()).then_some(Interval { low, high })
}
