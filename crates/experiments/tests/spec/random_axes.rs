//! Random axes: drawn before anything starts, and always the same.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::made_up::{load, spec};

/// The distinct learning rates of the agent `careful` in a spec with `sweep` and `sweep_seed`, in order.
fn rates(sweep: &str, sweep_seed: u64) -> Vec<f64> {
    let head = format!("name = \"trial\"\nsweep_seed = {sweep_seed}");
    let text = spec(&format!("[agents.careful]\n{sweep}")).replace("name = \"trial\"", &head);
    let plan = load(&text).unwrap_or_else(|error| panic!("{error}"));
    let mut rates = Vec::new();
    for run in plan.runs.iter().filter(|run| run.agent.preset == "careful") {
        let rate = run.agent.settings["learning_rate"].as_float().expect("a number");
        if !rates.contains(&rate) {
            rates.push(rate);
        }
    }
    rates
}

fn axis(form: &str, samples: usize) -> String {
    format!("\"agents.*.learning_rate\" = {{ {form}, samples = {samples} }}\n")
}

/// The numbers are part of run ids. If they change, finished runs are not found any more.
#[test]
fn the_numbers_stay_what_they_are() {
    let log = rates(&format!("[sweep]\n{}", axis("log_uniform = [1e-4, 1e-2]", 4)), 0);
    let even = rates(&format!("[sweep]\n{}", axis("uniform = [1, 3]", 4)), 7);
    insta::assert_debug_snapshot!((log, even));
}

/// Each quarter of the logarithms, or of the range, gets a quarter of 1000 draws: 250 within 5 standard
/// deviations (68).
#[test]
fn the_numbers_have_the_given_distribution() {
    let quarters = |numbers: &[f64], place: fn(f64) -> f64| {
        let count = |quarter: usize| {
            numbers.iter().filter(|&&number| (place(number) * 4.0) as usize == quarter).count()
        };
        (0..4).map(count).collect::<Vec<_>>()
    };
    let log = rates(&format!("[sweep]\n{}", axis("log_uniform = [1e-4, 1.0]", 1000)), 1);
    let even = rates(&format!("[sweep]\n{}", axis("uniform = [1, 2]", 1000)), 1);
    for counts in [quarters(&log, |x| x.log10() / 4.0 + 1.0), quarters(&even, |x| x - 1.0)] {
        assert!(counts.iter().all(|&count| (182..=318).contains(&count)), "{counts:?}");
    }
}

proptest! {
    #[test]
    fn the_rest_of_the_spec_does_not_matter(seed in 0..1000_u64, samples in 1..6_usize, more in 0..6_usize) {
        let form = "log_uniform = [1e-5, 1e-1]";
        let alone = rates(&format!("[sweep]\n{}", axis(form, samples)), seed);
        let others = "[agents.lazy]\n[sweep]\n\"budget.real_steps\" = [5, 6]\n\
                      \"agents.*.clip\" = { uniform = [1, 2], samples = 2 }\n";
        let among = rates(&format!("{others}{}", axis(form, samples)), seed);
        prop_assert_eq!(&alone, &among);
        let longer = rates(&format!("[sweep]\n{}", axis(form, samples + more)), seed);
        prop_assert_eq!(&alone[..], &longer[..samples]);
        prop_assert!(alone.iter().all(|rate| (1e-5..=1e-1).contains(rate)));
        prop_assert_eq!(alone.len(), samples);
    }

    #[test]
    fn another_seed_draws_other_numbers(seed in 0..1000_u64) {
        let sweep = format!("[sweep]\n{}", axis("uniform = [1, 2]", 3));
        prop_assert_ne!(rates(&sweep, seed), rates(&sweep, seed + 1));
    }
}

#[test]
fn two_random_axes_can_be_zipped() {
    let sweep = "[[sweep.zip]]\n\"agents.*.learning_rate\" = { uniform = [0, 1], samples = 5 }\n\
                 \"agents.*.clip\" = { uniform = [1, 2], samples = 5 }\n";
    let plan = load(&spec(&format!("[agents.careful]\n{sweep}"))).expect("a good spec");
    assert_eq!(plan.runs.len(), 5);
    let labels: BTreeSet<_> = plan.runs.iter().map(|run| &run.agent.label).collect();
    assert_eq!(labels.len(), 5);
}
