//! Simulates how often intervals contain the true value, with experiments whose true value is known.

mod agents;
mod exchange;
mod times;
mod verdicts;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::statistics::{Bootstrap, Interval, IntervalMethod};

pub use exchange::exchange_rows;
pub use verdicts::verdict_rows;

/// The interval methods, in the order of the columns.
pub const METHODS: &[IntervalMethod] = &[IntervalMethod::Percentile, IntervalMethod::Expanded];

/// One row of the table: an experiment that is repeated.
pub struct Row {
    /// The first cells of its line.
    pub name: String,
    /// The number of scores or times of an experiment.
    pub size: usize,
    /// The interval methods. An interval that is not resampled has only the first.
    pub methods: &'static [IntervalMethod],
    truth: f64,
    experiment: Box<Experiment>,
}

/// Simulates all runs and returns the interval.
type Experiment = dyn Fn(&Bootstrap, &mut ChaCha8Rng) -> Option<Interval>;

impl Row {
    /// The share of `experiments` whose 95 % interval contains the true value.
    pub fn coverage(&self, method: IntervalMethod, experiments: usize, seed: u64) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let hits = (0..experiments).filter(|_| {
            let bootstrap = Bootstrap { seed: random.random(), method, ..Bootstrap::default() };
            let interval = (self.experiment)(&bootstrap, &mut random);
            interval.is_some_and(|interval| interval.contains(self.truth))
        });
        hits.count() as f64 / experiments as f64
    }
}

/// All rows, in the order of the table.
pub fn rows() -> Vec<Row> {
    [agents::on_one_task(), agents::on_many_tasks(), agents::against_an_equal(), times::rows()]
        .into_iter()
        .flatten()
        .collect()
}
