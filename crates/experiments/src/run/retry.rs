//! Decides which failed runs are retried.

use zerolab_metrics::format::count;
use zerolab_metrics::{FailedAttempt, FailureKind, Manifest, RunState};

/// Why a failed run is not retried, if it failed twice at the same point, or more than `retries` times in a row.
pub fn final_reason(manifest: &Manifest, retries: u32) -> Option<String> {
    reason_to_give_up(manifest).or_else(|| {
        let reason = manifest.exit_reason.clone().unwrap_or_default();
        (failures_in_a_row(&manifest.failures) > retries).then_some(reason)
    })
}

/// Why a run is not retried, if it failed twice at the same point.
///
/// For an error or a panic the point is the real step and the message. For running out of memory or a crash,
/// which are noticed late, it is the checkpoint that the attempts started from. A full disk, or a process
/// that was killed from outside, says nothing about the run.
pub fn reason_to_give_up(manifest: &Manifest) -> Option<String> {
    let [.., before, last] = &manifest.failures[..] else { return None };
    (manifest.state == RunState::Failed && is_same_point(before, last)).then(|| {
        let place = count(last.real_steps);
        format!("{} (twice, after real step {place}: --fresh starts the run again)", last.reason)
    })
}

fn is_same_point(one: &FailedAttempt, other: &FailedAttempt) -> bool {
    let alike = one.kind == other.kind && one.reason == other.reason;
    let from_one_checkpoint = one.resumed_from == other.resumed_from;
    alike
        && match one.kind {
            FailureKind::Error | FailureKind::Panic => one.real_steps == other.real_steps,
            FailureKind::OutOfMemory | FailureKind::Crash => from_one_checkpoint,
            FailureKind::Machine | FailureKind::Killed => false,
        }
}

/// The number of failed attempts since the run last got further.
fn failures_in_a_row(failures: &[FailedAttempt]) -> u32 {
    let Some(last) = failures.last() else { return 0 };
    let alike = failures.iter().rev().take_while(|one| one.resumed_from == last.resumed_from);
    u32::try_from(alike.count()).unwrap_or(u32::MAX)
}
