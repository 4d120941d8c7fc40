//! Which failures are worth another try.

use zerolab_metrics::{FailedAttempt, FailureKind, Manifest, State};

/// Why a run is not tried again, if it is not: it failed at the same point twice.
///
/// An error or a panic is at the same point if it came at the same real step with the same words; running out of
/// memory and a crash, which are told late, if two attempts from one checkpoint came to it. A full disk, and a process
/// that was killed from outside, say nothing about the run.
pub fn given_up(manifest: &Manifest) -> Option<String> {
    let [.., before, last] = &manifest.failures[..] else { return None };
    (manifest.state == State::Failed && is_same_point(before, last)).then(|| {
        let place = last.real_steps;
        format!("{} (twice, after real step {place}: --fresh trains the run anew)", last.reason)
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

/// How many attempts have failed since the run last got further.
pub fn in_a_row(failures: &[FailedAttempt]) -> u32 {
    let Some(last) = failures.last() else { return 0 };
    let alike = failures.iter().rev().take_while(|one| one.resumed_from == last.resumed_from);
    u32::try_from(alike.count()).unwrap_or(u32::MAX)
}
