//! Statistics over the scores of runs: point estimates, seeded bootstrap intervals, area under a curve.
//!
//! Definitions follow rliable (Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the
//! Statistical Precipice"), except that every interval takes a seed. All functions are pure; an estimate
//! of no scores is NaN. Not here: which runs belong together, and which estimate suits how many of them.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The arithmetic mean.
pub fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

/// The standard deviation of a sample (divisor n − 1); NaN for fewer than two scores.
pub fn standard_deviation(scores: &[f64]) -> f64 {
    if scores.len() < 2 {
        return f64::NAN;
    }
    let centre = mean(scores);
    let squares: f64 = scores.iter().map(|score| (score - centre).powi(2)).sum();
    (squares / (scores.len() - 1) as f64).sqrt()
}

/// The median: the middle score, or the mean of the two in the middle.
pub fn median(scores: &[f64]) -> f64 {
    quantile(&sorted(scores), 0.5)
}

/// The interquartile mean: the mean of what is left when ⌊n / 4⌋ scores are cut off at each end.
///
/// Source: rliable `aggregate_iqm` = `scipy.stats.trim_mean(scores, 0.25)` over all runs of all tasks.
/// With fewer than 4 scores nothing is cut and it is the mean.
pub fn iqm(scores: &[f64]) -> f64 {
    let cut = scores.len() / 4;
    mean(&sorted(scores)[cut..scores.len() - cut])
}

/// The quantile of `sorted` scores at `level` in [0, 1], interpolated linearly (numpy's default method).
pub fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = level.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// The area under a curve of (x, y) points with x ascending, divided by its width: its mean height.
///
/// Trapezoids. One point is its own height; no points, or x that does not ascend, is NaN.
pub fn area_under_curve(points: &[(f64, f64)]) -> f64 {
    match points {
        [] => f64::NAN,
        [(_, y)] => *y,
        [first, .., last] => {
            if points.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
                return f64::NAN;
            }
            let area: f64 = points
                .windows(2)
                .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0)
                .sum();
            area / (last.0 - first.0)
        }
    }
}

/// How an interval is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How many times the runs are drawn again.
    pub resamples: usize,
    /// The share of the resampled estimates that lies inside, in (0, 1).
    pub confidence: f64,
    /// The seed of the draws: equal seeds give equal intervals.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 2,000 resamples (rliable's suggestion for tables), 95 %, seed 0.
    fn default() -> Self {
        Self { resamples: 2_000, confidence: 0.95, seed: 0 }
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

impl Bootstrap {
    /// The stratified percentile interval of `statistic`.
    ///
    /// Each stratum (the runs of one task) is drawn again by itself with replacement, as in rliable's
    /// `StratifiedBootstrap`; strata may differ in size. The statistic sees all draws together. `None`
    /// when a stratum has fewer than two runs: one run says nothing about its spread.
    pub fn interval(
        &self,
        strata: &[&[f64]],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        enough_runs(strata)?;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        Some(self.percentile(|| statistic(&draw_again(strata, &mut random))))
    }

    /// The percentile interval of `statistic(first) − statistic(second)`, drawn independently.
    ///
    /// `None` when either has fewer than two runs.
    pub fn difference(
        &self,
        first: &[f64],
        second: &[f64],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        enough_runs(&[first, second])?;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        Some(self.percentile(|| {
            let drawn_first = draw_again(&[first], &mut random);
            let drawn_second = draw_again(&[second], &mut random);
            statistic(&drawn_first) - statistic(&drawn_second)
        }))
    }

    /// The percentile interval of `statistic(firsts) − statistic(seconds)` over pairs drawn whole.
    ///
    /// For runs that share their seeds, and with them their environments' chance, pair by pair. `None`
    /// with fewer than two pairs.
    pub fn paired_difference(
        &self,
        pairs: &[(f64, f64)],
        statistic: impl Fn(&[f64]) -> f64,
    ) -> Option<Interval> {
        if pairs.len() < 2 {
            return None;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        Some(self.percentile(|| {
            let (firsts, seconds): (Vec<f64>, Vec<f64>) =
                pairs.iter().map(|_| pairs[draw_index(pairs.len(), &mut random)]).unzip();
            statistic(&firsts) - statistic(&seconds)
        }))
    }

    fn percentile(&self, mut estimate: impl FnMut() -> f64) -> Interval {
        let estimates: Vec<f64> = (0..self.resamples.max(1)).map(|_| estimate()).collect();
        let estimates = sorted(&estimates);
        let tail = (1.0 - self.confidence) / 2.0;
        Interval { low: quantile(&estimates, tail), high: quantile(&estimates, 1.0 - tail) }
    }
}

fn sorted(scores: &[f64]) -> Vec<f64> {
    let mut scores = scores.to_vec();
    scores.sort_by(f64::total_cmp);
    scores
}

fn enough_runs(strata: &[&[f64]]) -> Option<()> {
    (!strata.is_empty() && strata.iter().all(|stratum| stratum.len() >= 2)).then_some(())
}

fn draw_again(strata: &[&[f64]], random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut drawn = Vec::with_capacity(strata.iter().map(|stratum| stratum.len()).sum());
    for stratum in strata {
        drawn.extend(stratum.iter().map(|_| stratum[draw_index(stratum.len(), random)]));
    }
    drawn
}

/// Draws through `u64`, so that the interval does not depend on the width of `usize`.
fn draw_index(length: usize, random: &mut ChaCha8Rng) -> usize {
    random.random_range(0..length as u64) as usize
}
