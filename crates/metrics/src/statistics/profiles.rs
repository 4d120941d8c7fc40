//! Performance profiles: which share of an agent's runs, or of its tasks, scores above each threshold.
//!
//! They show the whole distribution where one number hides it: an agent whose profile lies above
//! another's everywhere is better stochastically. Agarwal et al. 2021, section 4.2; rliable `library.py`.

use super::bootstrap::{Bootstrap, Interval};
use super::scores::ScoreMatrix;

/// What a profile counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Runs above the threshold (rliable `score_distributions`): unbiased, and the one to prefer.
    Scores,
    /// Tasks whose mean score is above it (`average_score_distributions`): biased, since a mean of few runs
    /// is spread wider than the true mean of a task.
    AverageScores,
}

/// A profile at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfilePoint {
    /// The score to be passed.
    pub threshold: f64,
    /// The share strictly above it, in [0, 1].
    pub share: f64,
    /// Its interval, for this threshold alone; nothing if a task has fewer than two runs.
    pub band: Option<Interval>,
}

impl Profile {
    /// The share of `scores` strictly above each threshold, each task weighing the same.
    ///
    /// Non-increasing in the threshold.
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

    /// The shares with their pointwise bands (rliable `create_performance_profile`).
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
            .map(|(place, (threshold, share))| ProfilePoint {
                threshold: *threshold,
                share,
                band: bands.as_ref().map(|bands| bands[place]),
            })
            .collect()
    }
}

fn share_above(scores: &[f64], threshold: f64) -> f64 {
    scores.iter().filter(|score| **score > threshold).count() as f64 / scores.len() as f64
}
