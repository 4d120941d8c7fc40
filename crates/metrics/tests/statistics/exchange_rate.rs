//! Exchange rates of imagined for real experience.

use proptest::prelude::*;
use zerolab_metrics::statistics::{
    Bootstrap, EventTime, ExchangeRate, ExchangeVariant, IntervalMethod,
};

use EventTime::{Censored, Reached};

use crate::{assert_equal, simulation};

/// The output of the example `coverage exchange`.
const TABLE: &str = include_str!("../../src/statistics/exchange_rates.md");
/// The number of experiments for a row: in the table and in this test.
const EXPERIMENTS: (usize, usize) = (2_000, 60);

fn variant(imagined: f64, times: &[EventTime]) -> ExchangeVariant {
    ExchangeVariant::new(times.iter().map(|time| (imagined, *time))).unwrap()
}

fn rate(variants: &[ExchangeVariant]) -> Option<ExchangeRate> {
    ExchangeRate::of(variants, &Bootstrap::default())
}

/// Five runs of each variant, all as late as the truth says.
fn exact(rate: f64, imagined: &[f64]) -> Vec<ExchangeVariant> {
    let of = |x: &f64| variant(*x, &[Reached(7_000.0 * x.powf(-rate)); 5]);
    imagined.iter().map(of).collect()
}

#[test]
fn without_chance_the_rate_is_the_true_one() {
    for truth in [0.0, 0.3, 1.0, -0.2] {
        let found = rate(&exact(truth, &[3.0, 40.0, 170.0, 9_000.0])).unwrap();
        assert!((found.rate - truth).abs() < 1e-12, "{found:?}");
        let interval = found.interval.unwrap();
        assert!((interval.high - interval.low).abs() < 1e-12, "{interval:?}");
        assert_eq!((found.variants, found.runs), (4, 20));
    }
}

#[test]
fn a_rate_needs_three_variants_and_two_numbers_of_imagined_steps() {
    assert_eq!(rate(&exact(0.5, &[1.0, 10.0])), None);
    assert_eq!(rate(&exact(0.5, &[10.0, 10.0, 10.0])), None);
    assert_eq!(rate(&exact(0.5, &[10.0, 10.2, 10.4])), None, "x of equal settings");
    assert!(rate(&exact(0.5, &[10.0, 10.0, 20.0])).is_some());
    // An agent that does not imagine is none of the three.
    assert_eq!(rate(&exact(0.0, &[0.0, 1.0, 10.0])), None);
    assert_eq!(rate(&[]), None);
}

#[test]
fn a_variant_that_does_not_reach_the_level_is_left_out() {
    let mut variants = exact(0.5, &[10.0, 100.0, 1_000.0]);
    variants.push(variant(1.0, &[Reached(10.0), Censored(11.0), Censored(11.0)]));
    variants.push(variant(1.0, &[Reached(0.0); 3]));
    let found = rate(&variants).unwrap();
    assert_equal(found.rate, 0.5, "rate");
    assert_eq!(found.variants, 3);
}

#[test]
fn a_variant_with_one_run_leaves_no_interval() {
    let mut variants = exact(0.5, &[10.0, 100.0, 1_000.0]);
    variants.push(variant(1.0, &[Reached(7_000.0)]));
    assert_eq!(rate(&variants).unwrap().interval, None);
}

/// Two of five runs are censored, so that a resample often does not reach the level.
#[test]
fn what_the_runs_do_not_bound_is_infinite() {
    let late = [Reached(7_000.0), Reached(7_000.0), Reached(7_000.0), Censored(7e3), Censored(7e3)];
    let [mut slow, mut fast] = [exact(0.5, &[10.0, 100.0]), exact(0.5, &[10.0, 100.0])];
    slow.insert(0, variant(1.0, &late));
    let found = rate(&slow).unwrap();
    let interval = found.interval.unwrap();
    assert_equal(found.rate, 0.5, "rate");
    assert_equal(interval.low, 0.5, "all that is known is that the median is later");
    assert_eq!(interval.high, f64::INFINITY);
    fast.push(variant(1_000.0, &late));
    let interval = rate(&fast).unwrap().interval.unwrap();
    assert!(interval.low == f64::NEG_INFINITY && interval.high.is_finite(), "{interval:?}");
}

#[test]
fn coverage_agrees_with_the_table() {
    let rows = simulation::exchange_rows();
    assert_eq!(TABLE.lines().count(), 2 + rows.len());
    for (row, line) in rows.iter().zip(TABLE.lines().skip(2)) {
        let cells = line.strip_prefix(&row.name).unwrap_or_else(|| panic!("{} {line}", row.name));
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        // A different seed from the table's.
        let shares = row.shares(EXPERIMENTS.1, 2);
        let [_, mean_rate, _, _, unbounded, ..] = cells[..] else { panic!("{line}") };
        assert_eq!(shares.fitted, 1.0, "{}", row.name);
        assert!((shares.rate - mean_rate.parse::<f64>().unwrap()).abs() < 0.08, "{}", row.name);
        assert_eq!(shares.unbounded[1] > 0.0, unbounded != "0.0", "{}", row.name);
        for (measured, cell) in shares.coverage.iter().zip(&cells[2..]) {
            let expected = cell.parse::<f64>().unwrap() / 100.0;
            let both = 1.0 / EXPERIMENTS.0 as f64 + 1.0 / EXPERIMENTS.1 as f64;
            let error = (expected * (1.0 - expected) * both).sqrt();
            assert!((measured - expected).abs() <= 4.0 * error, "{}: {measured}", row.name);
        }
    }
}

proptest! {
    #[test]
    fn units_do_not_matter(
        times in prop::collection::vec(prop::collection::vec(1.0..1e4_f64, 3), 3..5),
        units in (0.01..100.0_f64, 0.01..100.0_f64),
    ) {
        let bootstrap = Bootstrap { resamples: 100, ..Bootstrap::default() };
        let in_units = |(x, y): (f64, f64)| {
            let variant = |(place, times): (usize, &Vec<f64>)| {
                let reached: Vec<EventTime> = times.iter().map(|time| Reached(y * time)).collect();
                variant(x * 4_f64.powi(place as i32), &reached)
            };
            let variants: Vec<ExchangeVariant> = times.iter().enumerate().map(variant).collect();
            ExchangeRate::of(&variants, &bootstrap).unwrap()
        };
        let (one, other) = (in_units((1.0, 1.0)), in_units(units));
        prop_assert!((one.rate - other.rate).abs() < 1e-9);
        let (one, other) = (one.interval.unwrap(), other.interval.unwrap());
        prop_assert!((one.low - other.low).abs() < 1e-9 && (one.high - other.high).abs() < 1e-9);
        prop_assert!(one.low <= one.high);
    }
}

#[test]
fn expanded_intervals_contain_percentile_intervals() {
    let times = [1.0, 1.3, 1.7, 2.0, 2.9].map(|time| Reached(1_000.0 * time));
    let variants = [10.0, 100.0, 1_000.0].map(|x| variant(x, &times));
    let interval = |method| {
        let bootstrap = Bootstrap { method, ..Bootstrap::default() };
        ExchangeRate::of(&variants, &bootstrap).unwrap().interval.unwrap()
    };
    let (narrow, wide) = (interval(IntervalMethod::Percentile), interval(IntervalMethod::Expanded));
    assert!(wide.low <= narrow.low && narrow.high <= wide.high);
    assert!(narrow.contains(0.0));
}
