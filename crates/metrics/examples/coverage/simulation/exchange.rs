//! Simulated variants of an agent whose true exchange rate is known.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use zerolab_metrics::statistics::{
    Bootstrap, EventTime, ExchangeRate, ExchangeVariant, IntervalMethod, mean,
};

use super::METHODS;

/// The true exchange rate.
const RATE: f64 = 0.5;
/// The standard deviation of the logarithm of lognormal times.
const SPREAD: f64 = 0.4;
/// Of a standard normal distribution, 30 % lie above the first and 60 % above the second.
const QUANTILES: [(u32, f64); 2] = [(30, 0.524_400_5), (60, -0.253_347_1)];

/// How the times of runs are distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Times {
    Lognormal,
    Exponential,
    /// Lognormal, seen at 20 evaluations up to the median of the variant with the least imagination.
    Evaluated,
}

impl Times {
    fn name(self) -> &'static str {
        match self {
            Times::Lognormal => "lognormal",
            Times::Exponential => "exponential",
            Times::Evaluated => "lognormal, 20 evaluations",
        }
    }
}

/// One row of the table of exchange rates.
pub struct ExchangeRow {
    /// The first cells of its line.
    pub name: String,
    times: Times,
    /// Imagined steps per real step.
    imagined: &'static [f64],
    runs: usize,
    /// Where the budget lies among the lognormal times of the variant with the least imagination.
    budget: Option<f64>,
}

/// What a simulation of experiments finds, as shares in [0, 1].
pub struct ExchangeShares {
    /// Of the experiments that have a rate: the mean rate.
    pub rate: f64,
    /// Of all experiments: those that have a rate.
    pub fitted: f64,
    /// For each method, of the experiments that have a rate: those whose interval contains the true rate.
    pub coverage: Vec<f64>,
    /// For each method, those whose interval has an infinite end.
    pub unbounded: Vec<f64>,
}

/// All rows, in the order of the table.
pub fn exchange_rows() -> Vec<ExchangeRow> {
    let three: &[f64] = &[10.0, 100.0, 1_000.0];
    let five: &[f64] = &[10.0, 30.0, 100.0, 300.0, 1_000.0];
    let [some, most] = QUANTILES;
    [
        (Times::Lognormal, three, 3, None),
        (Times::Lognormal, three, 5, None),
        (Times::Lognormal, three, 10, None),
        (Times::Lognormal, five, 3, None),
        (Times::Lognormal, five, 5, None),
        (Times::Lognormal, five, 10, None),
        (Times::Exponential, five, 5, None),
        (Times::Evaluated, five, 5, None),
        (Times::Lognormal, five, 5, Some(some)),
        (Times::Lognormal, five, 5, Some(most)),
        (Times::Lognormal, five, 10, Some(some)),
        (Times::Lognormal, five, 10, Some(most)),
    ]
    .map(|(times, imagined, runs, budget)| {
        let (late, budget) = budget.unzip();
        let (times_of, variants, late) = (times.name(), imagined.len(), late.unwrap_or(0));
        let name = format!("| {times_of} | {variants} | {runs} | {late} % |");
        ExchangeRow { name, times, imagined, runs, budget }
    })
    .into()
}

impl ExchangeRow {
    /// Simulates experiments with both methods.
    pub fn shares(&self, experiments: usize, seed: u64) -> ExchangeShares {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut rates = Vec::new();
        let (mut covered, mut unbounded) = (vec![0; METHODS.len()], vec![0; METHODS.len()]);
        for _ in 0..experiments {
            let variants = self.play(&mut random);
            let seed = random.random();
            for (place, method) in METHODS.iter().enumerate() {
                let bootstrap = Bootstrap { seed, method: *method, ..Bootstrap::default() };
                let Some(found) = ExchangeRate::of(&variants, &bootstrap) else { continue };
                if *method == IntervalMethod::Percentile {
                    rates.push(found.rate);
                }
                let Some(interval) = found.interval else { continue };
                covered[place] += usize::from(interval.contains(RATE));
                let is_bounded = interval.low.is_finite() && interval.high.is_finite();
                unbounded[place] += usize::from(!is_bounded);
            }
        }
        let share = |count: usize| count as f64 / rates.len() as f64;
        ExchangeShares {
            rate: mean(&rates),
            fitted: rates.len() as f64 / experiments as f64,
            coverage: covered.into_iter().map(share).collect(),
            unbounded: unbounded.into_iter().map(share).collect(),
        }
    }

    fn play(&self, random: &mut ChaCha8Rng) -> Vec<ExchangeVariant> {
        let slowest = self.median(self.imagined[0]);
        let budget = self.budget.map_or(f64::INFINITY, |late| slowest * (SPREAD * late).exp());
        let variant = |imagined: &f64| {
            let runs = (0..self.runs).map(|_| {
                let time = self.median(*imagined) * self.spread(random);
                let spacing = slowest / 20.0;
                let time = match self.times {
                    Times::Evaluated => (time / spacing).ceil() * spacing,
                    _ => time,
                };
                let reached = if time <= budget {
                    EventTime::Reached(time)
                } else {
                    EventTime::Censored(budget)
                };
                (*imagined, reached)
            });
            ExchangeVariant::new(runs.collect::<Vec<_>>()).expect("there are runs")
        };
        self.imagined.iter().map(variant).collect()
    }

    /// The true median of a variant's times.
    fn median(&self, imagined: f64) -> f64 {
        imagined.powf(-RATE)
    }

    /// The time of a run as a multiple of the median.
    fn spread(&self, random: &mut ChaCha8Rng) -> f64 {
        match self.times {
            Times::Exponential => {
                let time: f64 = Exp1.sample(random);
                time / 2.0_f64.ln()
            }
            Times::Lognormal | Times::Evaluated => {
                let deviate: f64 = StandardNormal.sample(random);
                (SPREAD * deviate).exp()
            }
        }
    }
}
