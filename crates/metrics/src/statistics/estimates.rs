//! Point estimates: of plain scores, and the aggregates over tasks of rliable.
//!
//! Functions of plain scores give NaN for no scores, and if any score is NaN: a failed run must show, and
//! not be sorted to one end and cut off. Those of a [`ScoreMatrix`] always have an answer.

use super::scores::ScoreMatrix;

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
/// Source: rliable `aggregate_iqm` = `scipy.stats.trim_mean(scores, 0.25)`. With fewer than 4 scores
/// nothing is cut and it is the mean.
pub fn iqm(scores: &[f64]) -> f64 {
    let sorted = sorted(scores);
    if holds_nan(&sorted) {
        return f64::NAN;
    }
    interquartile_mean(sorted.len(), sorted.into_iter().map(|score| (score, 1.0)))
}

/// The quantile of `sorted` scores at `level` in [0, 1], interpolated linearly (numpy's default method).
pub fn quantile(sorted: &[f64], level: f64) -> f64 {
    if sorted.is_empty() || holds_nan(sorted) {
        return f64::NAN;
    }
    let last = sorted.len() - 1;
    let position = level.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
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
    /// Equal numbers of runs: [`iqm`] of the pooled scores. Unequal: a score of a task with n of the N runs
    /// of T tasks has the weight N / (T n), and weight ⌊N / 4⌋ is cut off at each end, the score at the cut
    /// in part.
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

    /// By how much the agent falls short of `target` on average, a score above it counting as `target`.
    ///
    /// rliable `aggregate_optimality_gap`: the mean over tasks of `target` less min(score, `target`). For
    /// normalised scores `target` is 1: the human's, or the optimal, score.
    pub fn optimality_gap(&self, target: f64) -> f64 {
        let gap = |task: &[f64]| {
            task.iter().map(|score| target - score.min(target)).sum::<f64>() / task.len() as f64
        };
        self.tasks().map(gap).sum::<f64>() / self.tasks().len() as f64
    }
}

/// The mean of ascending (score, weight) of total weight `runs`, without weight ⌊`runs` / 4⌋ at each end.
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
    scores.sort_by(f64::total_cmp);
    scores
}

/// In the total order a NaN stands first or last.
fn holds_nan(sorted: &[f64]) -> bool {
    [sorted.first(), sorted.last()].into_iter().flatten().any(|score| score.is_nan())
}
