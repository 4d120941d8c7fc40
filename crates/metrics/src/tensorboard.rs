//! Records as an event file of TensorBoard: [`header`], then an [`event`] for each record, one behind the other.
//!
//! An event stands at the record's `real_steps` (TensorBoard's step) and at the start of the run + `wall_seconds`
//! (its wall time). The bytes are a function of the record and the start alone, so the file of a run's first records
//! is the beginning of the file of all of them. A TensorBoard user finds these scalars:
//!
//! | record | tag | value |
//! | --- | --- | --- |
//! | evaluation | `evaluation/return`, `evaluation/performance`, `evaluation/length` | mean over the episodes |
//! | | `evaluation/return_min`, `evaluation/return_max` | the worst and the best episode |
//! | episode | `episode/return`, `episode/performance`, `episode/length` | of the episode |
//! | learning | `loss/<name>` | mean since the last one |
//! | cost | `progress/updates` | gradient steps so far |
//! | | `progress/real_steps_per_second` | mean since the run began, evaluations included |
//! | | `cost/imagined_steps`, `cost/simulations`, `cost/flops` | of training so far: every phase but evaluation |
//! | | `cost/environment_operations` | so far |
//! | | `cost/peak_memory_bytes` | so far; left out where unknown |
//! | | `cost/processor_seconds` | so far, over all threads; left out where unknown |
//! | | `cost/<phase>_wall_seconds` | so far; a phase that did nothing is left out |
//!
//! An evaluation of no episodes and a learning record of no losses give no event. Values are of 32 bits, as all of
//! TensorBoard's simple scalars are: of a count beyond 2²⁴ the first seven digits are kept. What is not finite is NaN,
//! because `records.jsonl` does not say which: so a file made again from it is the one made while training. Of two
//! episodes that ended at one real step, in different lanes, TensorBoard shows the later (unless `--load_fast=false`).

mod protobuf;
pub mod tfrecord;

use crate::records::{Cost, Episode, Evaluation, Learning, Record};
use crate::statistics::mean;

/// How a file that was begun at this time is called: TensorBoard reads those that have `tfevents` in their names.
///
/// A TensorBoard that runs follows what is appended to a file that it knows, but never opens one of that name again.
/// So a file that is written anew, as after a resume, is begun at another time; the old one is to be deleted.
pub fn file_name(begun_unix_seconds: u64) -> String {
    format!("{PREFIX}{begun_unix_seconds}")
}

/// What the name of every event file begins with.
pub const PREFIX: &str = "events.out.tfevents.";

/// The beginning of a file: the version of its format, at the start of the run.
pub fn header(started_unix_seconds: u64) -> Vec<u8> {
    tfrecord::frame(&protobuf::file_version(started_unix_seconds as f64))
}

/// What a record adds to a file: its scalars in one event, or nothing if it has none.
pub fn event(record: &Record, started_unix_seconds: u64) -> Vec<u8> {
    let (scalars, wall_seconds) = match record {
        Record::Episode(episode) => (of_episode(episode), episode.wall_seconds),
        Record::Evaluation(evaluation) => (of_evaluation(evaluation), evaluation.wall_seconds),
        Record::Learning(learning) => (of_learning(learning), learning.wall_seconds),
        Record::Cost(cost) => (of_cost(cost), cost.wall_seconds),
    };
    if scalars.is_empty() {
        return Vec::new();
    }
    let wall_time = started_unix_seconds as f64 + wall_seconds;
    tfrecord::frame(&protobuf::summary(wall_time, record.real_steps(), &scalars))
}

/// A tag and its value.
type Scalar = (String, f32);

fn scalar(tag: impl Into<String>, value: f64) -> Scalar {
    (tag.into(), if value.is_finite() { value as f32 } else { f32::NAN })
}

fn of_episode(episode: &Episode) -> Vec<Scalar> {
    vec![
        scalar("episode/return", episode.r#return),
        scalar("episode/performance", episode.performance),
        scalar("episode/length", f64::from(episode.length)),
    ]
}

fn of_evaluation(evaluation: &Evaluation) -> Vec<Scalar> {
    let returns = &evaluation.returns;
    if returns.is_empty() {
        return Vec::new();
    }
    let lengths: Vec<f64> = evaluation.lengths.iter().map(|&length| f64::from(length)).collect();
    vec![
        scalar("evaluation/return", mean(returns)),
        scalar("evaluation/return_min", returns.iter().copied().fold(f64::INFINITY, f64::min)),
        scalar("evaluation/return_max", returns.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        scalar("evaluation/performance", mean(&evaluation.performances)),
        scalar("evaluation/length", mean(&lengths)),
    ]
}

fn of_learning(learning: &Learning) -> Vec<Scalar> {
    learning.losses.iter().map(|(name, loss)| scalar(format!("loss/{name}"), *loss)).collect()
}

fn of_cost(cost: &Cost) -> Vec<Scalar> {
    let training = cost.training();
    let mut scalars = vec![
        scalar("progress/updates", cost.updates as f64),
        scalar("cost/imagined_steps", training.imagined_steps as f64),
        scalar("cost/simulations", training.simulations as f64),
        scalar("cost/flops", training.flops as f64),
        scalar("cost/environment_operations", cost.environment_operations as f64),
    ];
    if cost.wall_seconds > 0.0 {
        let speed = cost.real_steps as f64 / cost.wall_seconds;
        scalars.push(scalar("progress/real_steps_per_second", speed));
    }
    if cost.processor_seconds > 0.0 {
        scalars.push(scalar("cost/processor_seconds", cost.processor_seconds));
    }
    if cost.peak_memory_bytes > 0 {
        scalars.push(scalar("cost/peak_memory_bytes", cost.peak_memory_bytes as f64));
    }
    for (phase, spent) in &cost.phases {
        scalars.push(scalar(format!("cost/{}_wall_seconds", phase.name()), spent.wall_seconds));
    }
    scalars
}
