//! Performance profiles: the share of an agent's runs, or of its tasks, that score above each threshold.
//!
//! A profile shows the whole distribution of scores. If one profile lies above another everywhere, its agent
//! is stochastically better. Agarwal et al. 2021, section 4.2; rliable `library.py`.

use super::bootstrap::{Bootstrap, Interval};
use super::scores::ScoreMatrix;

/// What a profile counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Runs above the threshold (rliable `score_distributions`). Unbiased: prefer it.
    Scores,
    /// Tasks whose mean score is above the threshold (`average_score_distributions`). Biased: means of few
    /// runs vary more than the true means of tasks.
    AverageScores,
}

/// A profile at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfilePoint {
    /// The score.
    pub threshold: f64,
    /// The share strictly above the threshold, in [0, 1].
    pub share: f64,
    /// The pointwise interval of the share; `None` if a task has fewer than two runs.
    pub band: Option<Interval>,
}

impl Profile {
    /// The share of `scores` strictly above each threshold. Every task has the same weight.
    ///
    /// Shares do not increase with the threshold.
    pub fn shares(self, scores: &ScoreMatrix, thresholds: &[f64]) -> Vec<f64> {
        match self {
            Profile::Scores => {
                let tasks = scores.tasks().len() as f64;
                let share = |threshold: &f64| {
                    scores.tasks().map(|task| share_above(task, *threshold)).sum::<f64>() / tasks
                };
                thresholds.iter().map(share).collect()
            }
            Profile::AverageScores => {
                let means = scores.task_means();
                thresholds.iter().map(|threshold| share_above(&means, *threshold)).collect()
            }
        }
    }

    /// The shares with their pointwise intervals (rliable `create_performance_profile`).
    pub fn points(
        self,
        scores: &ScoreMatrix,
        thresholds: &[f64],
        bootstrap: &Bootstrap,
    ) -> Vec<ProfilePoint> {
        let bands = bootstrap.intervals_of(scores, |drawn| self.shares(drawn, thresholds));
        thresholds
            .iter()
            .zip(self.shares(scores, thresholds))
            .enumerate()
            .map(|(index, (threshold, share))| ProfilePoint {
                threshold: *threshold,
                share,
                band: bands.as_ref().map(|bands| bands[index]),
            })
            .collect()
    }
}

fn share_above(scores: &[f64], threshold: f64) -> f64 {
    scores.iter().filter(|score| **score > threshold).count() as f64 / scores.len() as f64
}
