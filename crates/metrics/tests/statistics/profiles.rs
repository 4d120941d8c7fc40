//! Performance profiles.

use proptest::prelude::*;
use zerolab_metrics::statistics::{Bootstrap, Profile};

use crate::{matrix, tasks};

#[test]
fn a_profile_counts_what_is_strictly_above() {
    let scores = matrix([vec![0.0, 1.0], vec![1.0, 1.0, 1.0, 2.0]]);
    assert_eq!(Profile::Scores.shares(&scores, &[-1.0, 0.0, 1.0, 2.0]), [1.0, 0.75, 0.125, 0.0]);
    assert_eq!(
        Profile::AverageScores.shares(&scores, &[0.4, 0.5, 1.0, 1.25]),
        [1.0, 0.5, 0.5, 0.0]
    );
}

#[test]
fn a_task_of_one_run_leaves_a_profile_without_a_band() {
    let points = Profile::Scores.points(&matrix([[0.5]]), &[0.0, 1.0], &Bootstrap::default());
    assert_eq!(points.iter().map(|point| point.share).collect::<Vec<_>>(), [1.0, 0.0]);
    assert!(points.iter().all(|point| point.band.is_none()));
    assert!(Profile::Scores.points(&matrix([[0.5]]), &[], &Bootstrap::default()).is_empty());
}

proptest! {
    #[test]
    fn profiles_and_their_bands_never_rise(tasks in tasks(), mut thresholds in prop::collection::vec(-1e6..1e6_f64, 1..10)) {
        thresholds.sort_by(f64::total_cmp);
        let scores = matrix(&tasks);
        let bootstrap = Bootstrap { resamples: 100, ..Bootstrap::default() };
        for profile in [Profile::Scores, Profile::AverageScores] {
            let points = profile.points(&scores, &thresholds, &bootstrap);
            for point in &points {
                prop_assert!((0.0..=1.0).contains(&point.share));
            }
            for pair in points.windows(2) {
                let (left, right) = (pair[0].band.unwrap(), pair[1].band.unwrap());
                prop_assert!(pair[0].share >= pair[1].share);
                prop_assert!(left.low >= right.low && left.high >= right.high);
            }
        }
    }

    #[test]
    fn the_area_under_the_profile_is_the_mean(tasks in prop::collection::vec(prop::collection::vec(0..8_u8, 1..6), 1..5)) {
        // Agarwal et al. 2021: the mean of non-negative scores is the integral of their profile.
        let scores = matrix(tasks.iter().map(|task| task.iter().map(|score| f64::from(*score)).collect::<Vec<_>>()));
        let thresholds: Vec<f64> = (0..8).map(f64::from).collect();
        let area: f64 = Profile::Scores.shares(&scores, &thresholds).iter().sum();
        prop_assert!((area - scores.mean()).abs() < 1e-9);
    }
}
