//! Simulated runs whose true times to a threshold are known.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};
use zerolab_metrics::statistics::{EventTime, Interval, TimesToThreshold};

use super::{METHODS, Row};

/// Times are exponential with mean 1. A share of e^−1.2, three runs in ten, does not reach the threshold in
/// time.
const BUDGET: f64 = 1.2;

pub(super) fn rows() -> Vec<Row> {
    [5, 10]
        .into_iter()
        .flat_map(|runs| {
            let restricted_mean = Row {
                name: name(runs, "restricted mean"),
                size: runs,
                methods: METHODS,
                truth: 1.0 - (-BUDGET).exp(),
                experiment: Box::new(move |bootstrap, random| {
                    bootstrap
                        .interval_of(&play(runs, random), |times| times.restricted_mean(BUDGET))
                }),
            };
            let median = Row {
                name: name(runs, "median (Brookmeyer & Crowley)"),
                size: runs,
                methods: &METHODS[..1],
                truth: 2.0_f64.ln(),
                experiment: Box::new(
                    move |bootstrap, random: &mut ChaCha8Rng| -> Option<Interval> {
                        play(runs, random).median_interval(bootstrap.confidence)
                    },
                ),
            };
            [restricted_mean, median]
        })
        .collect()
}

fn play(runs: usize, random: &mut impl Rng) -> TimesToThreshold {
    let times = (0..runs).map(|_| match Exp1.sample(random) {
        time if time <= BUDGET => EventTime::Reached(time),
        _ => EventTime::Censored(BUDGET),
    });
    TimesToThreshold::new(times).expect("there are runs")
}

fn name(runs: usize, estimate: &str) -> String {
    format!("| times, 30 % of runs are too late | 1 | {runs} | {estimate} |")
}
