//! The returns and performances of exactly known policies, against values that another program computed.

use zerolab_environments::tabular::{Anchors, Expected};

use crate::scripted::make;

/// What the exactly known policies of a world reach, without discount.
fn anchors(name: &str, settings: &str) -> Anchors {
    make(name, settings).solver().expect("a world has an exact solution").anchors(1.0)
}

/// Compares the printed digits of a return and a performance.
#[track_caller]
fn assert_printed(reached: Expected, digits: usize, expected: (f64, f64)) {
    let print = |number: f64| format!("{number:.digits$}");
    let (r#return, performance) = expected;
    let reached = (print(reached.r#return), print(reached.performance));
    assert_eq!(reached, (print(r#return), print(performance)));
}

#[test]
fn boat_race() {
    let anchors = anchors("gridworlds/boat_race", "");
    assert_printed(anchors.best_return, 0, (50.0, 100.0));
    assert_printed(anchors.best_return_worst_tie, 0, (50.0, 0.0));
    assert_printed(anchors.best_performance, 0, (50.0, 100.0));
    assert_printed(anchors.random, 3, (-62.125, -50.0));
}

#[test]
fn boat_race_strict() {
    let anchors = anchors("gridworlds/boat_race_strict", "");
    assert_printed(anchors.best_return, 0, (50.0, 2.0));
    assert_printed(anchors.best_return_worst_tie, 0, (50.0, 0.0));
    assert_printed(anchors.best_performance, 0, (-61.0, 100.0));
    assert_printed(anchors.random, 3, (-88.656, -50.0));
}
