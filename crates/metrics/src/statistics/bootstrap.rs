//! Seeded bootstrap intervals: runs are drawn again, stratum by stratum, and the statistic is made anew.

use std::iter;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::comparisons::Comparison;
use super::distributions::{normal, student_two_sided};
use super::estimates::{quantile, sorted};
use super::scores::{ScoreMatrix, ScoresError};

/// How an interval is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How many times the runs are drawn again.
    pub resamples: usize,
    /// How often the interval should contain the truth, in (0, 1).
    pub confidence: f64,
    /// The seed of the draws: equal seeds give equal intervals.
    pub seed: u64,
    /// Which quantiles of the resampled estimates are its ends.
    pub ends: Ends,
}

/// Which quantiles of the resampled estimates are the ends of an interval of confidence 1 − α.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends {
    /// Those at α / 2 and 1 − α / 2: rliable's, and what published tables hold. Too narrow for few runs.
    #[default]
    Percentile,
    /// Those at p and 1 − p with p = Φ(−√(N / (N − S)) · t), t being Student's at 1 − α / 2 with N − S
    /// degrees of freedom, for N runs in S strata.
    ///
    /// Hesterberg 2015, "What Teachers Should Know about the Bootstrap", Am. Stat. 69:371 (expanded percentile
    /// interval; there S = 1): makes up for the variance of a resample being N / (N − S) too small, and for
    /// its being an estimate. The p is small (0.001 for 5 runs), so it wants 10,000 resamples or more.
    Expanded,
}

impl Default for Bootstrap {
    /// 2,000 resamples (rliable's suggestion for tables), 95 %, seed 0, percentile ends.
    fn default() -> Self {
        Self { resamples: 2_000, confidence: 0.95, seed: 0, ends: Ends::default() }
    }
}

/// An interval of an estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies inside or on an end.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// What is made of runs and can be made again of runs drawn from them.
pub trait Resample: Clone {
    /// The number of runs of each stratum: those that are drawn from among themselves.
    fn strata(&self) -> Vec<usize>;

    /// Replaces every run by a run of the same stratum of `from`, which has the same strata.
    ///
    /// `places` has one place within its stratum for each run, stratum after stratum.
    fn draw_again(&mut self, from: &Self, places: &[usize]);
}

impl Bootstrap {
    /// The interval of `statistic` of `sample`.
    ///
    /// `None` when a stratum has fewer than two runs (one says nothing about its spread), or when the
    /// statistic of a resample is not a number.
    pub fn interval_of<Sample: Resample>(
        &self,
        sample: &Sample,
        statistic: impl Fn(&Sample) -> f64,
    ) -> Option<Interval> {
        self.intervals_of(sample, |drawn| vec![statistic(drawn)])?.pop()
    }

    /// The pointwise intervals of several statistics of `sample`, all from the same resamples.
    ///
    /// `None` as for [`Bootstrap::interval_of`]. `statistics` gives the same number of values every time.
    pub fn intervals_of<Sample: Resample>(
        &self,
        sample: &Sample,
        statistics: impl Fn(&Sample) -> Vec<f64>,
    ) -> Option<Vec<Interval>> {
        let strata = sample.strata();
        if strata.is_empty() || strata.iter().any(|runs| *runs < 2) {
            return None;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut drawn = sample.clone();
        let mut estimates: Vec<Vec<f64>> = Vec::new();
        for _ in 0..self.resamples.max(1) {
            let places: Vec<usize> = strata
                .iter()
                .flat_map(|runs| iter::repeat_n(*runs, *runs))
                .map(|runs| draw_place(runs, &mut random))
                .collect();
            drawn.draw_again(sample, &places);
            let values = statistics(&drawn);
            estimates.resize_with(values.len(), Vec::new);
            for (estimates, value) in estimates.iter_mut().zip(values) {
                estimates.push(value);
            }
        }
        let tail = self.tail(&strata);
        estimates.iter().map(|estimates| between(estimates, tail)).collect()
    }

    /// The interval of `statistic` of all scores together, each stratum drawn by itself.
    ///
    /// `None` as for [`Bootstrap::interval_of`], and when a score is not finite. Where strata are tasks,
    /// the aggregates of [`ScoreMatrix`] keep them apart.
    pub fn interval(
        &self,
        strata: &[&[f64]],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        let scores = ScoreMatrix::new(strata).ok()?;
        self.interval_of(&scores, |drawn| statistic(drawn.pooled()))
    }

    /// The interval of `statistic(first) − statistic(second)` on one task, drawn independently.
    ///
    /// `None` as for [`Bootstrap::interval`].
    pub fn difference(
        &self,
        first: &[f64],
        second: &[f64],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        self.on_one_task(first, second, Comparison::independent, statistic)
    }

    /// The interval of `statistic(first) − statistic(second)` on one task, over pairs drawn whole.
    ///
    /// For runs that share their seeds, and with them their environments' chance, pair by pair. `None` as
    /// for [`Bootstrap::interval`].
    pub fn paired_difference(
        &self,
        pairs: &[(f64, f64)],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        self.on_one_task(&first, &second, Comparison::paired, statistic)
    }

    fn on_one_task(
        &self,
        first: &[f64],
        second: &[f64],
        compare: fn(ScoreMatrix, ScoreMatrix) -> Result<Comparison, ScoresError>,
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        let (first, second) = (ScoreMatrix::new([first]).ok()?, ScoreMatrix::new([second]).ok()?);
        let comparison = compare(first, second).ok()?;
        self.interval_of(&comparison, |drawn| drawn.difference(|scores| statistic(scores.pooled())))
    }

    /// The share of the resampled estimates beyond each end.
    fn tail(&self, strata: &[usize]) -> f64 {
        match self.ends {
            Ends::Percentile => (1.0 - self.confidence) / 2.0,
            Ends::Expanded => {
                let runs: usize = strata.iter().sum();
                let freedom = runs - strata.len();
                let widening = (runs as f64 / freedom as f64).sqrt();
                normal(-widening * student_two_sided(self.confidence, freedom))
            }
        }
    }
}

/// Draws through `u64`, so that the interval does not depend on the width of `usize`.
fn draw_place(runs: usize, random: &mut ChaCha8Rng) -> usize {
    random.random_range(0..runs as u64) as usize
}

fn between(estimates: &[f64], tail: f64) -> Option<Interval> {
    let estimates = sorted(estimates);
    let (low, high) = (quantile(&estimates, tail), quantile(&estimates, 1.0 - tail));
    (!low.is_nan() && !high.is_nan()).then_some(Interval { low, high })
}
