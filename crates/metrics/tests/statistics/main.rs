//! Statistics compared with scipy, rliable, arch and lifelines, and properties that must always hold.

mod bootstrap;
mod comparisons;
mod coverage;
mod curves;
mod estimates;
mod exchange_rate;
mod normalisation;
mod profiles;
mod published;
#[path = "../../examples/coverage/simulation/mod.rs"]
mod simulation;
mod survival;
mod verdicts;

use proptest::prelude::*;
use zerolab_metrics::statistics::ScoreMatrix;

#[track_caller]
fn assert_equal(ours: f64, theirs: f64, what: &str) {
    let tolerance = 1e-12 * theirs.abs().max(1.0);
    assert!((ours - theirs).abs() <= tolerance, "{what}: ours {ours}, theirs {theirs}");
}

#[track_caller]
fn matrix<Runs: AsRef<[f64]>>(tasks: impl IntoIterator<Item = Runs>) -> ScoreMatrix {
    ScoreMatrix::new(tasks).unwrap()
}

/// Scores of one task, with ties.
fn scores() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![-1e6..1e6_f64, Just(0.0), Just(1.0)], 2..20)
}

/// Scores of tasks with unequal numbers of runs.
fn tasks() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(scores(), 1..6)
}
