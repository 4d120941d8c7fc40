//! Scores of different tasks on one scale.

use proptest::prelude::*;
use zerolab_metrics::statistics::{Normalisation, ScoreMatrix, ScoresError};

use crate::{assert_equal, matrix, scores};

#[test]
fn references_are_0_and_1() {
    // Pong: a random agent has −20.7, a human 14.6.
    let pong = Normalisation::new(-20.7, 14.6).unwrap();
    assert_eq!((pong.apply(-20.7), pong.apply(14.6)), (0.0, 1.0));
    assert_equal(pong.apply(21.0), 41.7 / 35.3, "the greatest score");
    let cost = Normalisation::new(100.0, 20.0).unwrap();
    assert_equal(cost.apply(40.0), 0.75, "for a cost lower is better");
}

#[test]
fn equal_or_infinite_references_define_no_scale() {
    for (zero, one) in [(1.0, 1.0), (0.0, f64::INFINITY), (f64::NAN, 1.0), (-f64::MAX, f64::MAX)] {
        assert!(Normalisation::new(zero, one).is_err(), "{zero} {one}");
    }
    insta::assert_snapshot!(
        Normalisation::new(1.0, 1.0).unwrap_err(),
        @"scores 1 and 1 do not define a scale: they must be finite and differ; leave out a task whose random and best scores are equal"
    );
    let scale = Normalisation::new(0.0, 1.0).unwrap();
    let error = matrix([[1.0], [2.0]]).normalised(&[scale]).unwrap_err();
    assert_eq!(error, ScoresError::UnequalTasks { first: 2, second: 1 });
    let tiny = Normalisation::new(0.0, 1e-300).unwrap();
    let error = matrix([[1e300]]).normalised(&[tiny]).unwrap_err();
    assert_eq!(error, ScoresError::NotFinite { task: 0, run: 0, score: f64::INFINITY });
}

proptest! {
    #[test]
    fn a_scale_keeps_the_aggregates_of_one_task(scores in scores(), zero in -1e3..1e3_f64, width in 1.0..1e3_f64) {
        let scale = Normalisation::new(zero, zero + width).unwrap();
        let raw = matrix([&scores]);
        let scaled = raw.normalised(&[scale]).unwrap();
        for statistic in [ScoreMatrix::mean, ScoreMatrix::median, ScoreMatrix::iqm] {
            prop_assert!((statistic(&scaled) - scale.apply(statistic(&raw))).abs() < 1e-6);
        }
        // The gap to the optimum, in units of the raw scores, is the regret.
        let optimum = zero + width;
        prop_assert!((scaled.optimality_gap(1.0) * width - raw.optimality_gap(optimum)).abs() < 1e-6);
    }
}
