//! The scores of one agent by task and run. Unlike in rliable, tasks may have unequal numbers of runs.

use std::ops::Range;

use thiserror::Error;

use super::bootstrap::Resample;

/// The final scores of every run of every task. All scores are finite; there is at least one task, and each
/// task has at least one run.
///
/// rliable's matrix is a full table of runs × tasks. Here each task is a stratum with its own number of runs,
/// so a crashed run is simply missing. Every estimate is a functional of the average of the tasks'
/// distributions: each task has the same weight, however many runs it has. With equal numbers of runs the
/// estimates equal rliable's.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreMatrix {
    /// The scores, task after task.
    scores: Vec<f64>,
    /// For each task, one past the index of its last score.
    ends: Vec<usize>,
}

/// Invalid scores, or scores of two agents that cannot be compared.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ScoresError {
    /// There are no tasks.
    #[error("there are no tasks: an estimate needs the scores of at least one")]
    NoTasks,
    /// A task without runs.
    #[error(
        "task {task} (counted from 0) has no runs: add a run, or leave the task out for all agents"
    )]
    NoRuns {
        /// The index of the task.
        task: usize,
    },
    /// A score that is infinite or not a number.
    #[error("the score of run {run} of task {task} (counted from 0) is {score}: it must be finite")]
    NotFinite {
        /// The index of the task.
        task: usize,
        /// The index of the run within the task.
        run: usize,
        /// The score.
        score: f64,
    },
    /// Two lists with one entry for each task have different lengths.
    #[error(
        "{first} tasks cannot be matched with {second}: both need the same tasks in the same order"
    )]
    UnequalTasks {
        /// The number of tasks of the first.
        first: usize,
        /// The number of tasks of the second.
        second: usize,
    },
}

impl ScoreMatrix {
    /// A matrix from the scores of each task's runs.
    ///
    /// # Errors
    /// If there are no tasks, a task has no runs, or a score is not finite.
    pub fn new<Runs: AsRef<[f64]>>(
        tasks: impl IntoIterator<Item = Runs>,
    ) -> Result<Self, ScoresError> {
        let (mut scores, mut ends) = (Vec::new(), Vec::new());
        for (task, runs) in tasks.into_iter().enumerate() {
            let runs = runs.as_ref();
            if runs.is_empty() {
                return Err(ScoresError::NoRuns { task });
            }
            if let Some(run) = runs.iter().position(|score| !score.is_finite()) {
                return Err(ScoresError::NotFinite { task, run, score: runs[run] });
            }
            scores.extend_from_slice(runs);
            ends.push(scores.len());
        }
        if ends.is_empty() { Err(ScoresError::NoTasks) } else { Ok(Self { scores, ends }) }
    }

    /// The scores of each task.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.ranges().map(|range| &self.scores[range])
    }

    /// All scores, task after task.
    pub fn pooled(&self) -> &[f64] {
        &self.scores
    }

    /// The index range of each task's scores.
    fn ranges(&self) -> impl ExactSizeIterator<Item = Range<usize>> {
        self.ends.iter().enumerate().map(|(task, end)| match task.checked_sub(1) {
            Some(before) => self.ends[before]..*end,
            None => 0..*end,
        })
    }
}

/// rliable `StratifiedBootstrap`: a task is a stratum, and the tasks are fixed.
impl Resample for ScoreMatrix {
    fn strata(&self) -> Vec<usize> {
        self.tasks().map(<[f64]>::len).collect()
    }

    fn resample_from(&mut self, from: &Self, indices: &[usize]) {
        for task in from.ranges() {
            let (drawn, indices) = (&mut self.scores[task.clone()], &indices[task.clone()]);
            for (score, index) in drawn.iter_mut().zip(indices) {
                *score = from.scores[task.start + index];
            }
        }
    }
}
