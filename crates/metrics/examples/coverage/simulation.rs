//! How often intervals contain the truth, by simulation: agents whose true scores are known.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal, Normal};
use zerolab_metrics::statistics::{Bootstrap, ScoreMatrix, iqm};

/// Draws of a task's distribution from which the true interquartile mean is made: its error is a thousandth.
const DRAWS_FOR_TRUTH: usize = 1 << 20;

/// The share of runs that fail, where some do.
const FAILURES: f64 = 0.2;
/// The share of runs that end near 1 where the others end near 0.
const SUCCESSES: f64 = 0.7;

/// How the scores of the runs of an agent on one task are distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scores {
    /// Normal.
    Normal,
    /// Lognormal with σ = 0.5; one run in five fails and keeps a twentieth.
    Failures,
    /// 1 for seven runs in ten and 0 for the others, and normal noise of 0.05.
    Bimodal,
    /// The same without noise: nothing but 0 and 1.
    Binary,
}

impl Scores {
    pub const ALL: [Scores; 4] =
        [Scores::Normal, Scores::Failures, Scores::Bimodal, Scores::Binary];

    pub fn name(self) -> &'static str {
        match self {
            Scores::Normal => "normal",
            Scores::Failures => "skewed, 20 % of runs fail",
            Scores::Bimodal => "bimodal: about 0 or about 1",
            Scores::Binary => "0 or 1",
        }
    }

    /// The true mean.
    fn mean(self) -> f64 {
        match self {
            Scores::Normal => 0.0,
            Scores::Failures => (1.0 - FAILURES + 0.05 * FAILURES) * (0.5_f64 * 0.5 / 2.0).exp(),
            Scores::Bimodal | Scores::Binary => SUCCESSES,
        }
    }

    fn draw(self, random: &mut impl Rng) -> f64 {
        let normal = |mean, deviation, random: &mut _| {
            Normal::new(mean, deviation).expect("a deviation").sample(random)
        };
        match self {
            Scores::Normal => normal(0.0, 1.0, random),
            Scores::Failures => {
                let kept = if random.random_bool(FAILURES) { 0.05 } else { 1.0 };
                kept * LogNormal::new(0.0, 0.5).expect("a deviation").sample(random)
            }
            Scores::Bimodal => {
                let mode = f64::from(u8::from(random.random_bool(SUCCESSES)));
                mode + normal(0.0, 0.05, random)
            }
            Scores::Binary => f64::from(u8::from(random.random_bool(SUCCESSES))),
        }
    }
}

/// What is estimated: of one task, or over many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Estimate {
    Mean,
    Iqm,
}

impl Estimate {
    pub const ALL: [Estimate; 2] = [Estimate::Mean, Estimate::Iqm];

    pub fn name(self) -> &'static str {
        match self {
            Estimate::Mean => "mean",
            Estimate::Iqm => "IQM",
        }
    }

    fn of(self, scores: &ScoreMatrix) -> f64 {
        match self {
            Estimate::Mean => scores.mean(),
            Estimate::Iqm => scores.iqm(),
        }
    }
}

/// An agent on tasks of one kind of distribution: task t has it times 2^(t mod 4).
#[derive(Clone, Debug)]
pub struct Agent {
    pub scores: Scores,
    /// The number of runs of each task.
    pub runs: Vec<usize>,
}

impl Agent {
    fn play(&self, random: &mut impl Rng) -> ScoreMatrix {
        let tasks = self.runs.iter().enumerate().map(|(task, runs)| -> Vec<f64> {
            (0..*runs).map(|_| scale(task) * self.scores.draw(random)).collect()
        });
        ScoreMatrix::new(tasks).expect("there are tasks with runs")
    }

    /// What the estimate would be with infinitely many runs.
    fn truth(&self, estimate: Estimate, random: &mut impl Rng) -> f64 {
        let tasks = self.runs.len();
        match estimate {
            Estimate::Mean => {
                (0..tasks).map(scale).sum::<f64>() / tasks as f64 * self.scores.mean()
            }
            Estimate::Iqm => {
                let draw = |index| scale(index % tasks) * self.scores.draw(random);
                iqm(&(0..DRAWS_FOR_TRUTH).map(draw).collect::<Vec<f64>>())
            }
        }
    }

    /// The share of `experiments` in which the interval contains the truth.
    pub fn coverage(
        &self,
        estimate: Estimate,
        bootstrap: Bootstrap,
        experiments: usize,
        seed: u64,
    ) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let truth = self.truth(estimate, &mut random);
        let hits = (0..experiments).filter(|_| {
            let scores = self.play(&mut random);
            let bootstrap = Bootstrap { seed: random.random(), ..bootstrap };
            let interval = bootstrap.interval_of(&scores, |drawn| estimate.of(drawn));
            interval.expect("at least two runs a task").contains(truth)
        });
        hits.count() as f64 / experiments as f64
    }
}

fn scale(task: usize) -> f64 {
    f64::from(1_u32 << (task % 4))
}
