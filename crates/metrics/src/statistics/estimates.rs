//! Point estimates: of plain scores, and rliable's aggregates over tasks.
//!
//! Functions of plain scores return NaN if there are no scores or if any score is NaN, so that a failed run
//! is never trimmed away unseen. The methods of [`ScoreMatrix`] always return a number.

use super::scores::ScoreMatrix;

/// The arithmetic mean.
pub fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

/// The sample standard deviation (divisor n − 1); NaN for fewer than two scores.
pub fn standard_deviation(scores: &[f64]) -> f64 {
    if scores.len() < 2 {
        return f64::NAN;
    }
    let centre = mean(scores);
    let squares: f64 = scores.iter().map(|score| (score - centre).powi(2)).sum();
    (squares / (scores.len() - 1) as f64).sqrt()
}

/// The median: the middle score, or the mean of the two middle scores.
pub fn median(scores: &[f64]) -> f64 {
    quantile(&sorted(scores), 0.5)
}

/// The interquartile mean: the mean without the ⌊n / 4⌋ lowest and the ⌊n / 4⌋ highest scores.
///
/// Source: rliable `aggregate_iqm` = `scipy.stats.trim_mean(scores, 0.25)`. It is the mean for fewer than 4
/// scores.
pub fn iqm(scores: &[f64]) -> f64 {
    let sorted = sorted(scores);
    if contains_nan(&sorted) {
        return f64::NAN;
    }
    interquartile_mean(sorted.len(), sorted.into_iter().map(|score| (score, 1.0)))
}

/// The quantile of `sorted` scores at `level` in [0, 1], interpolated linearly (numpy's default method). Between a finite
/// and an infinite score it is infinite.
pub fn quantile(sorted: &[f64], level: f64) -> f64 {
    if sorted.is_empty() || contains_nan(sorted) {
        return f64::NAN;
    }
    let last = sorted.len() - 1;
    let position = level.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let (low, high, along) = (sorted[below], sorted[above], position - below as f64);
    if low == high || along == 0.0 {
        return low;
    }
    if low.is_infinite() || high.is_infinite() {
        // A difference of infinities would be no number.
        return low * (1.0 - along) + high * along;
    }
    low + (high - low) * along
}

/// Agarwal et al. 2021, section 4.3 and appendix A; rliable `metrics.py`.
impl ScoreMatrix {
    /// The mean score of each task.
    pub fn task_means(&self) -> Vec<f64> {
        self.tasks().map(mean).collect()
    }

    /// The mean over tasks of their mean scores (rliable `aggregate_mean`).
    pub fn mean(&self) -> f64 {
        mean(&self.task_means())
    }

    /// The median over tasks of their mean scores (rliable `aggregate_median`).
    pub fn median(&self) -> f64 {
        median(&self.task_means())
    }

    /// The interquartile mean over the runs of all tasks (rliable `aggregate_iqm`).
    ///
    /// With equal numbers of runs it is [`iqm`] of the pooled scores. With unequal numbers each of the n
    /// scores of a task has the weight N / (T n), for N runs of T tasks, and the weight ⌊N / 4⌋ is trimmed at
    /// each end. A score at the boundary is trimmed in part.
    pub fn iqm(&self) -> f64 {
        let runs = self.pooled().len();
        let share = runs as f64 / self.tasks().len() as f64;
        let mut weighted: Vec<(f64, f64)> = self
            .tasks()
            .flat_map(|task| task.iter().map(move |score| (*score, share / task.len() as f64)))
            .collect();
        weighted.sort_by(|first, second| first.0.total_cmp(&second.0));
        interquartile_mean(runs, weighted)
    }

    /// The mean over tasks of `target` − min(score, `target`) (rliable `aggregate_optimality_gap`).
    ///
    /// For normalised scores `target` is 1: the human's or the optimal score.
    pub fn optimality_gap(&self, target: f64) -> f64 {
        let gap = |task: &[f64]| {
            task.iter().map(|score| target - score.min(target)).sum::<f64>() / task.len() as f64
        };
        self.tasks().map(gap).sum::<f64>() / self.tasks().len() as f64
    }
}

/// The mean of ascending (score, weight) with total weight `runs`, without the weight ⌊`runs` / 4⌋ at each
/// end.
fn interquartile_mean(runs: usize, ascending: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let (low, high) = ((runs / 4) as f64, (runs - runs / 4) as f64);
    let (mut passed, mut sum, mut kept) = (0.0_f64, 0.0, 0.0);
    for (score, weight) in ascending {
        let inside = (passed + weight).min(high) - passed.max(low);
        if inside > 0.0 {
            sum += inside * score;
            kept += inside;
        }
        passed += weight;
    }
    sum / kept
}

pub(super) fn sorted(scores: &[f64]) -> Vec<f64> {
    let mut scores = scores.to_vec();
    scores.sort_unstable_by(f64::total_cmp);
    scores
}

/// In the total order a NaN is first or last.
fn contains_nan(sorted: &[f64]) -> bool {
    [sorted.first(), sorted.last()].into_iter().flatten().any(|score| score.is_nan())
}
