//! Times to a threshold, some of them censored.

use proptest::prelude::*;
use serde::Deserialize;
use zerolab_metrics::statistics::{
    Bootstrap, EventTime, TimesError, TimesToThreshold, mean, median,
};

use crate::assert_equal;

#[derive(Deserialize)]
struct Case {
    name: String,
    reached: Vec<f64>,
    censored: Vec<f64>,
    horizon: f64,
    shares: Vec<(f64, f64)>,
    median: Option<f64>,
    median_interval: (Option<f64>, Option<f64>),
    restricted_mean: f64,
}

fn times(reached: &[f64], censored: &[f64]) -> TimesToThreshold {
    let reached = reached.iter().copied().map(EventTime::Reached);
    TimesToThreshold::new(reached.chain(censored.iter().copied().map(EventTime::Censored))).unwrap()
}

#[test]
fn estimates_and_intervals_equal_lifelines() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../goldens/survival.json")).unwrap();
    for case in cases {
        let times = times(&case.reached, &case.censored);
        let survival = times.survival();
        assert_eq!(survival.len(), case.shares.len(), "{}", case.name);
        for (step, (time, share)) in survival.iter().zip(case.shares) {
            assert_eq!(step.time, time, "{}", case.name);
            assert_equal(step.share, share, &case.name);
        }
        assert_eq!(times.median(), case.median, "{}", case.name);
        let interval = times.median_interval(0.95).unwrap();
        let ends = [case.median_interval.0, case.median_interval.1];
        let ends = ends.map(|end| end.unwrap_or(f64::INFINITY));
        assert_eq!([interval.low, interval.high], ends, "{}", case.name);
        assert_equal(times.restricted_mean(case.horizon), case.restricted_mean, &case.name);
    }
}

#[test]
fn greenwoods_variance_agrees_with_a_textbook_example() {
    // Freireich et al. 1963, 6-MP: 3 of 21 at week 6, 1 of 17 at week 7.
    let survival = times(&[6.0, 6.0, 6.0, 7.0], &[vec![6.0], vec![35.0; 16]].concat()).survival();
    assert_equal(survival[0].greenwood, 3.0 / (21.0 * 18.0), "week 6");
    assert_equal(survival[1].greenwood, 3.0 / (21.0 * 18.0) + 1.0 / (17.0 * 16.0), "week 7");
}

#[test]
fn invalid_times_are_refused() {
    assert_eq!(TimesToThreshold::new([]), Err(TimesError::NoRuns));
    for time in [-1.0, f64::INFINITY] {
        let error = TimesToThreshold::new([EventTime::Reached(0.0), EventTime::Censored(time)])
            .unwrap_err();
        assert_eq!(error, TimesError::NotATime { run: 1, time });
    }
    assert!(TimesToThreshold::new([EventTime::Reached(f64::NAN)]).is_err());
    assert_eq!(times(&[5.0], &[]).median(), Some(5.0));
    assert_eq!(times(&[5.0], &[]).median_interval(0.95), None);
}

#[test]
fn a_failure_counts_as_the_budget_in_the_restricted_mean_and_its_interval() {
    let budget = 100.0;
    let failing = times(&[20.0, 30.0, 60.0], &[budget; 2]);
    let counted = [20.0, 30.0, 60.0, budget, budget];
    assert_equal(failing.restricted_mean(budget), mean(&counted), "estimate");
    let bootstrap = Bootstrap::default();
    let ours = bootstrap.interval_of(&failing, |times| times.restricted_mean(budget)).unwrap();
    let plain = bootstrap.interval(&[&counted], mean).unwrap();
    assert_equal(ours.low, plain.low, "low");
    assert_equal(ours.high, plain.high, "high");
}

fn runs() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((0..20_u8, any::<bool>()), 1..15)
}

fn of_runs(runs: &[(u8, bool)]) -> TimesToThreshold {
    let time = |(time, reached): &(u8, bool)| match reached {
        true => EventTime::Reached(f64::from(*time)),
        false => EventTime::Censored(f64::from(*time)),
    };
    TimesToThreshold::new(runs.iter().map(time)).unwrap()
}

proptest! {
    #[test]
    fn without_censoring_the_curve_is_the_share_of_later_times(times_of in prop::collection::vec(0..20_u8, 1..15)) {
        let reached: Vec<f64> = times_of.iter().copied().map(f64::from).collect();
        let uncensored = times(&reached, &[]);
        for step in uncensored.survival() {
            let later = reached.iter().filter(|time| **time > step.time).count();
            prop_assert!((step.share - later as f64 / reached.len() as f64).abs() < 1e-12);
        }
        prop_assert!((uncensored.restricted_mean(20.0) - mean(&reached)).abs() < 1e-9);
        if reached.len() % 2 == 1 {
            prop_assert_eq!(uncensored.median(), Some(median(&reached)));
        }
    }

    #[test]
    fn the_curve_never_rises_and_no_order_of_runs_matters(runs in runs()) {
        let survival = of_runs(&runs).survival();
        prop_assert!(survival.windows(2).all(|pair| pair[0].time < pair[1].time && pair[0].share > pair[1].share));
        prop_assert!(survival.iter().all(|step| (0.0..1.0).contains(&step.share)));
        let mut reversed = runs.clone();
        reversed.reverse();
        prop_assert_eq!(of_runs(&reversed).survival(), survival);
    }

    #[test]
    fn the_median_lies_in_its_interval(runs in runs()) {
        prop_assume!(runs.len() > 1);
        let times = of_runs(&runs);
        let interval = times.median_interval(0.95).unwrap();
        let middle = times.median().unwrap_or(f64::INFINITY);
        prop_assert!(interval.low <= middle && middle <= interval.high, "{:?} {}", interval, middle);
        let wider = times.median_interval(0.99).unwrap();
        prop_assert!(wider.low <= interval.low && interval.high <= wider.high);
    }

    #[test]
    fn with_one_budget_to_reach_the_threshold_later_never_lowers_an_estimate(of in prop::collection::vec(0..30_u8, 1..15), place: prop::sample::Index, delay in 0..10_u8) {
        let budget = 20;
        let estimates = |of: &[u8]| {
            let runs: Vec<(u8, bool)> = of.iter().map(|time| (*time.min(&budget), *time < budget)).collect();
            let times = of_runs(&runs);
            (times.restricted_mean(f64::from(budget)), times.median().unwrap_or(f64::INFINITY))
        };
        let mut later = of.clone();
        later[place.index(of.len())] += delay;
        let (before, after) = (estimates(&of), estimates(&later));
        prop_assert!(after.0 >= before.0 - 1e-9 && after.1 >= before.1);
    }
}

/// R's `survfit` of the times 1, 2, 4 and one run censored at 3, with `conf.type = "log-log"`.
#[test]
fn the_band_is_that_of_r() {
    let survival = times(&[1.0, 2.0, 4.0], &[3.0]).survival();
    let first = survival[0].interval(0.95).unwrap();
    assert!((first.low - 0.1279).abs() < 1e-4 && (first.high - 0.9605).abs() < 1e-4, "{first:?}");
    assert_eq!(survival[2].share, 0.0);
    assert_eq!(survival[2].interval(0.95), None, "no run is left");
}
