//! Learning curves as single numbers.

use proptest::prelude::*;
use serde::Deserialize;
use zerolab_metrics::statistics::{EventTime, area_under_curve, time_to_threshold};

use crate::assert_equal;

#[derive(Deserialize)]
struct Goldens {
    curve: Curve,
}

#[derive(Deserialize)]
struct Curve {
    points: Vec<(f64, f64)>,
    area: f64,
}

#[test]
fn the_area_under_a_curve_equals_numpys_trapezoids() {
    let goldens: Goldens =
        serde_json::from_str(include_str!("../goldens/statistics.json")).unwrap();
    assert_equal(area_under_curve(&goldens.curve.points), goldens.curve.area, "area");
    assert_equal(area_under_curve(&[(7.0, 3.0)]), 3.0, "one point");
    assert!(area_under_curve(&[]).is_nan());
    assert!(area_under_curve(&[(0.0, 1.0), (1.0, f64::NAN)]).is_nan());
    assert!(area_under_curve(&[(0.0, 1.0), (f64::NAN, 1.0)]).is_nan());
    assert!(area_under_curve(&[(1.0, 2.0), (1.0, 3.0)]).is_nan(), "x must ascend");
}

#[test]
fn a_threshold_is_reached_at_the_first_evaluation_that_shows_it() {
    let curve = [(0.0, 0.0), (10.0, 5.0), (20.0, 4.0), (30.0, 9.0)];
    assert_eq!(time_to_threshold(&curve, 5.0), Some(EventTime::Reached(10.0)));
    assert_eq!(time_to_threshold(&curve, 5.1), Some(EventTime::Reached(30.0)));
    assert_eq!(time_to_threshold(&curve, -1.0), Some(EventTime::Reached(0.0)));
    assert_eq!(time_to_threshold(&curve, 9.1), Some(EventTime::Censored(30.0)));
    let diverged = [(0.0, 0.0), (10.0, f64::NAN), (20.0, 3.0)];
    assert_eq!(time_to_threshold(&diverged, 1.0), Some(EventTime::Reached(20.0)));
    assert_eq!(time_to_threshold(&[], 1.0), None);
    assert_eq!(time_to_threshold(&[(1.0, 0.0), (0.0, 1.0)], 1.0), None);
}

proptest! {
    #[test]
    fn a_higher_threshold_is_never_reached_sooner(ys in prop::collection::vec(-10.0..10.0_f64, 1..20), low in -12.0..12.0_f64, step in 0.0..5.0_f64) {
        let curve: Vec<(f64, f64)> = ys.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
        let order = |time: Option<EventTime>| match time.unwrap() {
            EventTime::Reached(time) => time,
            EventTime::Censored(_) => f64::INFINITY,
        };
        prop_assert!(order(time_to_threshold(&curve, low)) <= order(time_to_threshold(&curve, low + step)));
    }
}
