//! The scores of one agent: runs of tasks, as rliable's matrix, but tasks may have unequal numbers of runs.

use std::ops::Range;

use thiserror::Error;

use super::bootstrap::Resample;

/// The final scores of every run of every task, all finite; at least one task, and one run a task.
///
/// rliable's matrix is runs × tasks and full. Here a task is a stratum of its own number of runs, so that
/// a crashed run leaves a gap and not a made-up score. Every estimate is a functional of the average of
/// the tasks' distributions, each task weighing the same however many runs it has: with equal numbers
/// that is rliable's estimate exactly, with unequal numbers a task that lost runs does not lose weight.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreMatrix {
    /// Task after task.
    scores: Vec<f64>,
    /// One past each task's last score.
    ends: Vec<usize>,
}

/// Why numbers are not the scores of an agent, or cannot be compared with another's.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ScoresError {
    /// There is no task at all.
    #[error("there are no tasks: an estimate needs the scores of at least one")]
    NoTasks,
    /// A task without a run.
    #[error(
        "task {task} (counted from 0) has no runs: leave the task out of all agents, or add a run"
    )]
    NoRuns {
        /// Its place.
        task: usize,
    },
    /// A score that is infinite or not a number.
    #[error("the score of run {run} of task {task} (counted from 0) is {score}: it must be finite")]
    NotFinite {
        /// The task's place.
        task: usize,
        /// The run's place within the task.
        run: usize,
        /// The score.
        score: f64,
    },
    /// Two things that go task by task do not have the same number of tasks.
    #[error(
        "{first} tasks cannot be matched with {second}: give both the same tasks in the same order"
    )]
    UnequalTasks {
        /// The tasks of the one.
        first: usize,
        /// The tasks of the other.
        second: usize,
    },
    /// Paired runs that are not as many on both sides.
    #[error(
        "task {task} (counted from 0) has {first} runs of one agent and {second} of the other: \
         pairs need the same seeds on both sides"
    )]
    UnequalRuns {
        /// The task's place.
        task: usize,
        /// The runs of the one agent.
        first: usize,
        /// The runs of the other.
        second: usize,
    },
}

impl ScoreMatrix {
    /// The scores of the runs of each task.
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
        self.places().map(|places| &self.scores[places])
    }

    /// The scores of all tasks, one task after the other.
    pub fn pooled(&self) -> &[f64] {
        &self.scores
    }

    /// Where each task's scores are.
    fn places(&self) -> impl ExactSizeIterator<Item = Range<usize>> {
        self.ends.iter().enumerate().map(|(task, end)| match task.checked_sub(1) {
            Some(before) => self.ends[before]..*end,
            None => 0..*end,
        })
    }
}

/// rliable `StratifiedBootstrap`: each task's runs by themselves, the tasks fixed.
impl Resample for ScoreMatrix {
    fn strata(&self) -> Vec<usize> {
        self.tasks().map(<[f64]>::len).collect()
    }

    fn draw_again(&mut self, from: &Self, places: &[usize]) {
        for task in from.places() {
            let (drawn, places) = (&mut self.scores[task.clone()], &places[task.clone()]);
            for (score, place) in drawn.iter_mut().zip(places) {
                *score = from.scores[task.start + place];
            }
        }
    }
}
