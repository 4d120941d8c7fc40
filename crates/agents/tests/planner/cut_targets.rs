//! The share of targets beyond the support is among the losses.

use std::collections::BTreeMap;

use crate::training::{TestTraining, environment};

/// Enough for a few updates.
const BUDGET: u64 = 60;

/// The losses of a training in which each reward is 100.
fn losses(changes: &str) -> BTreeMap<String, f64> {
    let mut training = TestTraining::new(changes, &*environment("minatar/breakout"), BUDGET);
    training.reward = |_| 100.0;
    training.until(BUDGET).losses.remove(0)
}

#[test]
fn a_wide_support_cuts_no_target() {
    let losses = losses("value_limit = 100\nreward_limit = 100");
    assert_eq!((losses["value_targets_cut"], losses["reward_targets_cut"]), (0.0, 0.0));
}

#[test]
fn a_narrow_support_cuts_the_targets_of_its_kind() {
    let narrow = losses("value_limit = 1\nreward_limit = 100");
    assert_eq!(narrow["reward_targets_cut"], 0.0);
    // Values after the end of an episode are 0.
    assert!((0.5..1.0).contains(&narrow["value_targets_cut"]), "{narrow:?}");
    let narrow = losses("value_limit = 100\nreward_limit = 1");
    assert_eq!(narrow["value_targets_cut"], 0.0);
    // The sum of rewards stays what it was at the end.
    assert_eq!(narrow["reward_targets_cut"], 1.0);
}
