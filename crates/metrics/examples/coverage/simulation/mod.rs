//! How often intervals contain the truth, by simulation of experiments whose truth is known.

mod agents;
mod times;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::statistics::{Bootstrap, Ends, Interval};

/// The kinds of intervals, in the order of the columns.
pub const ENDS: &[Ends] = &[Ends::Percentile, Ends::Expanded];

/// One row of the table: an experiment, done again and again.
pub struct Row {
    /// What it is of, as the first cells of its line.
    pub name: String,
    /// How many scores or times an experiment has.
    pub size: usize,
    /// The kinds of interval, of which one that is not drawn again has but the first.
    pub ends: &'static [Ends],
    truth: f64,
    experiment: Box<Experiment>,
}

/// Plays all runs, and gives the interval.
type Experiment = dyn Fn(&Bootstrap, &mut ChaCha8Rng) -> Option<Interval>;

impl Row {
    /// The share of `experiments` in which the 95 % interval contains the truth.
    pub fn coverage(&self, ends: Ends, experiments: usize, seed: u64) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let hits = (0..experiments).filter(|_| {
            let bootstrap = Bootstrap { seed: random.random(), ends, ..Bootstrap::default() };
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
