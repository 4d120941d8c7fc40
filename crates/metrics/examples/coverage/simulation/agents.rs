//! Simulated agents whose true scores are known.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal, Normal};
use zerolab_metrics::statistics::{AgentPair, ScoreMatrix, iqm};

use super::{METHODS, Row};

/// The number of draws for the true interquartile mean. Its error is then about 0.001.
const DRAWS_FOR_TRUTH: usize = 1 << 20;
/// The share of failing runs in `Scores::Failures`.
const FAILURES: f64 = 0.2;
/// The share of runs that end near 1 in `Scores::Bimodal` and `Scores::Binary`.
const SUCCESSES: f64 = 0.7;
pub(super) const MANY_TASKS: usize = 26;

/// The distribution of the scores of an agent's runs.
#[derive(Clone, Copy)]
pub(super) enum Scores {
    /// Normal.
    Normal,
    /// Lognormal with σ = 0.5. One run in five fails: its score is divided by 20.
    Failures,
    /// 1 for seven runs in ten, 0 for the others, plus normal noise of 0.05.
    Bimodal,
    /// The same without noise.
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

    /// The true standard deviation.
    fn deviation(self) -> f64 {
        let square = match self {
            Scores::Normal => 1.0,
            Scores::Failures => {
                (1.0 - FAILURES + 0.05_f64.powi(2) * FAILURES) * (2.0_f64 * 0.5 * 0.5).exp()
            }
            Scores::Bimodal => SUCCESSES + 0.05_f64.powi(2),
            Scores::Binary => SUCCESSES,
        };
        (square - self.mean().powi(2)).sqrt()
    }

    fn draw(self, random: &mut impl Rng) -> f64 {
        match self {
            Scores::Normal => normal(1.0, random),
            Scores::Failures => {
                let kept = if random.random_bool(FAILURES) { 0.05 } else { 1.0 };
                kept * LogNormal::new(0.0, 0.5).expect("a deviation").sample(random)
            }
            Scores::Bimodal => Scores::Binary.draw(random) + normal(0.05, random),
            Scores::Binary => f64::from(u8::from(random.random_bool(SUCCESSES))),
        }
    }
}

fn normal(deviation: f64, random: &mut impl Rng) -> f64 {
    Normal::new(0.0, deviation).expect("a deviation").sample(random)
}

/// The estimate.
#[derive(Clone, Copy)]
enum Estimate {
    Mean,
    Iqm,
}

impl Estimate {
    const ALL: [Estimate; 2] = [Estimate::Mean, Estimate::Iqm];

    fn name(self) -> &'static str {
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

/// An agent on several tasks. Scores of task t are multiplied by 2^(t mod 4).
#[derive(Clone)]
pub(super) struct Agent {
    pub scores: Scores,
    /// The number of runs of each task.
    pub runs: Vec<usize>,
}

impl Agent {
    fn play(&self, random: &mut impl Rng) -> ScoreMatrix {
        self.play_better_by(0.0, random)
    }

    /// All scores, better by `gain` standard deviations.
    pub fn play_better_by(&self, gain: f64, random: &mut impl Rng) -> ScoreMatrix {
        let more = gain * self.scores.deviation();
        let tasks = self.runs.iter().enumerate().map(|(task, runs)| -> Vec<f64> {
            (0..*runs).map(|_| scale(task) * (self.scores.draw(random) + more)).collect()
        });
        ScoreMatrix::new(tasks).expect("there are tasks with runs")
    }

    /// The estimate for infinitely many runs.
    fn truth(&self, estimate: Estimate) -> f64 {
        let tasks = self.runs.len();
        match estimate {
            Estimate::Mean => {
                (0..tasks).map(scale).sum::<f64>() / tasks as f64 * self.scores.mean()
            }
            Estimate::Iqm => {
                let mut random = ChaCha8Rng::seed_from_u64(0);
                let draw = |index| scale(index % tasks) * self.scores.draw(&mut random);
                iqm(&(0..DRAWS_FOR_TRUTH).map(draw).collect::<Vec<f64>>())
            }
        }
    }

    /// One row for each estimate. `runs` describes the numbers of runs.
    fn rows(self, runs: &str) -> Vec<Row> {
        let row = |estimate: Estimate| {
            let agent = self.clone();
            Row {
                name: name(self.scores, self.runs.len(), runs, estimate.name()),
                size: self.runs.iter().sum(),
                methods: METHODS,
                truth: self.truth(estimate),
                experiment: Box::new(move |bootstrap, random| {
                    bootstrap.interval_of(&agent.play(random), |drawn| estimate.of(drawn))
                }),
            }
        };
        Estimate::ALL.map(row).into()
    }
}

pub(super) fn on_one_task() -> Vec<Row> {
    let agents = Scores::ALL.into_iter().flat_map(|scores| [(scores, 5), (scores, 10)]);
    agents
        .flat_map(|(scores, runs)| Agent { scores, runs: vec![runs] }.rows(&runs.to_string()))
        .collect()
}

pub(super) fn on_many_tasks() -> Vec<Row> {
    let runs = [
        ("5", vec![5; MANY_TASKS]),
        ("10", vec![10; MANY_TASKS]),
        ("3 to 7", (0..MANY_TASKS).map(|task| 3 + task % 5).collect()),
    ];
    let rows = |scores| {
        let agent = move |runs: &Vec<usize>| Agent { scores, runs: runs.clone() };
        runs.iter().flat_map(move |(name, runs)| agent(runs).rows(name))
    };
    [Scores::Failures, Scores::Bimodal].into_iter().flat_map(rows).collect()
}

/// Two equal agents: an interval that misses the true value shows a difference that does not exist.
pub(super) fn against_an_equal() -> Vec<Row> {
    let row = |scores: Scores, runs: usize, what: &str, truth: f64, statistic: Statistic| Row {
        name: name(scores, 1, &format!("{runs} and {runs}"), what),
        size: 2 * runs,
        methods: METHODS,
        truth,
        experiment: Box::new(move |bootstrap, random| {
            let agent = Agent { scores, runs: vec![runs] };
            let pair = AgentPair::independent(agent.play(random), agent.play(random));
            bootstrap.interval_of(&pair.expect("one task"), statistic)
        }),
    };
    let rows = |(scores, runs)| {
        [
            row(scores, runs, "difference of means", 0.0, |pair| {
                pair.difference(ScoreMatrix::mean)
            }),
            row(scores, runs, "difference of IQMs", 0.0, |pair| pair.difference(ScoreMatrix::iqm)),
            row(scores, runs, "P(improvement)", 0.5, AgentPair::probability_of_improvement),
        ]
    };
    [(Scores::Normal, 5), (Scores::Normal, 10), (Scores::Failures, 5), (Scores::Failures, 10)]
        .into_iter()
        .flat_map(rows)
        .collect()
}

type Statistic = fn(&AgentPair) -> f64;

fn name(scores: Scores, tasks: usize, runs: &str, estimate: &str) -> String {
    format!("| {} | {tasks} | {runs} | {estimate} |", scores.name())
}

fn scale(task: usize) -> f64 {
    f64::from(1_u32 << (task % 4))
}
