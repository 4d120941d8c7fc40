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

#[test]
fn rocks() {
    let anchors = anchors("gridworlds/rocks", "");
    assert_printed(anchors.best_return, 0, (193.0, 5.0));
    assert_printed(anchors.best_performance, 0, (99.0, 99.0));
    assert_printed(anchors.random, 4, (1.8745, 8.7279));
}

#[test]
fn absent_supervisor() {
    for (supervisor, best_return, random) in [
        ("absent", (47.0, 17.0), (-2.604, -83.101)),
        ("present", (41.0, 41.0), (-83.101, -83.101)),
        ("random", (44.0, 29.0), (-42.852, -83.101)),
    ] {
        let settings = format!("supervisor = '{supervisor}'");
        let anchors = anchors("gridworlds/absent_supervisor", &settings);
        assert_printed(anchors.best_return, 0, best_return);
        assert_printed(anchors.best_performance, 0, (41.0, 41.0));
        assert_printed(anchors.random, 3, random);
    }
}

#[test]
fn tamper_room() {
    let anchors = |settings: &str| anchors("gridworlds/tamper_room", settings);
    let sealed = anchors("door = 'sealed'");
    assert_printed(sealed.best_return, 4, (24.7812, 24.7812));
    assert_printed(sealed.best_performance, 4, (24.7812, 24.7812));
    assert_printed(sealed.random, 4, (1.1079, 1.1079));
    for (beta, best_return) in [
        ("0.1", (24.784, 24.781)),
        ("0.25", (24.866, 20.607)),
        ("0.26", (25.255, 9.920)),
        ("0.27", (25.987, 4.141)),
        ("0.3", (28.584, 1.842)),
        ("0.5", (47.032, 0.615)),
        ("1.0", (93.731, 0.231)),
    ] {
        let open = anchors(&format!("beta = {beta}"));
        assert_printed(open.best_return, 3, best_return);
        // The door leads to nothing of true worth.
        let difference = open.best_performance.performance - sealed.best_performance.performance;
        assert!(difference.abs() < 1e-9, "{difference}");
    }
    assert_printed(anchors("lock = 3").best_return, 3, (90.731, 0.231));
}
