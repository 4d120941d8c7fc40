//! Records as a TensorBoard event file: a [`header`], then an [`event`] for each record.
//!
//! The step of an event is the record's `real_steps`, its wall time the start of the run + `wall_seconds`.
//! The bytes depend only on the record and the start, so the file of the first records of a run is a prefix
//! of the file of all records. TensorBoard shows these scalars:
//!
//! | record | tag | value |
//! | --- | --- | --- |
//! | evaluation | `evaluation/return`, `evaluation/performance`, `evaluation/length` | mean over the episodes |
//! | | `evaluation/return_min`, `evaluation/return_max` | the worst and the best episode |
//! | | `evaluation/share.<event>`, `evaluation/rate.<event>` | share of steps, share of episodes |
//! | episode | `episode/return`, `episode/performance`, `episode/length` | of the episode |
//! | | `episode/steps.<event>` | steps in which the event happened |
//! | learning | `loss/<name>` | mean since the last record |
//! | cost | `progress/updates` | gradient steps so far |
//! | | `progress/real_steps_per_second` | mean since the run began, evaluations included |
//! | | `cost/imagined_steps`, `cost/simulations`, `cost/flops` | of training so far: every phase except evaluation |
//! | | `cost/environment_operations` | so far |
//! | | `cost/peak_memory_bytes` | so far; absent if unknown |
//! | | `cost/processor_seconds` | so far, over all threads; absent if unknown |
//! | | `cost/<phase>_wall_seconds` | so far; absent for a phase that did nothing |
//!
//! An evaluation without episodes and a learning record without losses give no event. Values have 32 bits, as
//! all simple scalars of TensorBoard: counts beyond 2²⁴ keep their first seven digits. Values that are not
//! finite become NaN, because `records.jsonl` does not tell infinities apart; so a file made from the records
//! equals the file made during training. If two episodes end at one real step in different lanes, TensorBoard
//! shows the later one (unless `--load_fast=false`).

mod protobuf;
pub mod tfrecord;

use crate::records::{CostRecord, EpisodeRecord, EvaluationRecord, LearningRecord, Record};
use crate::statistics::mean;

/// The name of a file that was started at this time. TensorBoard reads files with `tfevents` in their names.
///
/// A running TensorBoard follows a file that it knows, but never reads a file of the same name from the
/// beginning. So a file that is written again, as after a resume, needs a new start time, and the old file
/// must be deleted.
pub fn file_name(started_unix_seconds: u64) -> String {
    format!("{PREFIX}{started_unix_seconds}")
}

/// The prefix of the name of every event file.
pub const PREFIX: &str = "events.out.tfevents.";

/// The header of a file: the version of the format, with the start of the run as its time.
pub fn header(started_unix_seconds: u64) -> Vec<u8> {
    tfrecord::frame(&protobuf::file_version(started_unix_seconds as f64))
}

/// The bytes of a record: one event with its scalars, or nothing if it has none.
pub fn event(record: &Record, started_unix_seconds: u64) -> Vec<u8> {
    let (scalars, wall_seconds) = match record {
        Record::Episode(episode) => (of_episode(episode), episode.wall_seconds),
        Record::Evaluation(evaluation) => (of_evaluation(evaluation), evaluation.wall_seconds),
        Record::Learning(learning) => (of_learning(learning), learning.wall_seconds),
        Record::Cost(cost) => (of_cost(cost), cost.wall_seconds),
        // The names of its scalars would say nothing.
        Record::Phase(phase) => (Vec::new(), phase.wall_seconds),
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

fn of_episode(episode: &EpisodeRecord) -> Vec<Scalar> {
    let mut scalars = vec![
        scalar("episode/return", episode.r#return),
        scalar("episode/performance", episode.performance),
        scalar("episode/length", f64::from(episode.length)),
    ];
    let steps = |(event, &steps): (&String, &u32)| {
        scalar(format!("episode/steps.{event}"), f64::from(steps))
    };
    scalars.extend(episode.events.iter().map(steps));
    scalars
}

fn of_evaluation(evaluation: &EvaluationRecord) -> Vec<Scalar> {
    let returns = &evaluation.returns;
    if returns.is_empty() {
        return Vec::new();
    }
    let lengths: Vec<f64> = evaluation.lengths.iter().map(|&length| f64::from(length)).collect();
    let mut scalars = vec![
        scalar("evaluation/return", mean(returns)),
        scalar("evaluation/return_min", returns.iter().copied().fold(f64::INFINITY, f64::min)),
        scalar("evaluation/return_max", returns.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        scalar("evaluation/performance", mean(&evaluation.performances)),
        scalar("evaluation/length", mean(&lengths)),
    ];
    for event in evaluation.events.keys() {
        let measures = [
            ("share", evaluation.episodes().share_of_steps(event)),
            ("rate", evaluation.episodes().share_of_episodes(event)),
        ];
        for (measure, share) in measures {
            scalars
                .extend(share.map(|share| scalar(format!("evaluation/{measure}.{event}"), share)));
        }
    }
    scalars
}

fn of_learning(learning: &LearningRecord) -> Vec<Scalar> {
    learning.losses.iter().map(|(name, loss)| scalar(format!("loss/{name}"), *loss)).collect()
}

fn of_cost(cost: &CostRecord) -> Vec<Scalar> {
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
