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

/// Random axes are drawn together, so chance decides whether a condition of two of them drops a run.
#[test]
fn a_condition_that_was_not_drawn_is_no_error() {
    let body = "[agents.careful]\n[sweep]\n\
                \"environment.size\" = { uniform_int = [2, 100], samples = 2 }\n\
                \"agents.*.search.simulations\" = { uniform_int = [2, 1000], samples = 2 }\n";
    let drawn = load(&spec(body)).unwrap_or_else(|error| panic!("{error}"));
    let size = drawn.runs[0].environment.options["size"].as_integer().unwrap();
    let other = &drawn.runs.last().unwrap().agent.settings["search"]["simulations"];
    let exclude = format!(
        "exclude = [{{ \"environment.size\" = {size}, \"agents.*.search.simulations\" = {other} }}]\n"
    );
    let plan = load(&spec(&format!("{body}{exclude}"))).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(plan.runs.len(), drawn.runs.len());
}

proptest! {
    #[test]
    fn the_rest_of_the_spec_does_not_matter(seed in 0..1000_u64, samples in 1..6_usize, more in 0..6_usize) {
        let form = "log_uniform = [1e-5, 1e-1]";
        let alone = rates(&format!("[sweep]\n{}", axis(form, samples)), seed);
        let others = "[agents.lazy]\n[sweep]\n\"budget.real_steps\" = [5, 6]\n\
                      \"agents.*.clip\" = { uniform = [1, 2], samples = 2, crossed = true }\n";
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

/// Six digits do not tell these numbers apart.
#[test]
fn a_narrow_range_gives_as_many_numbers_as_samples() {
    for form in ["uniform = [0.999, 0.9990001]", "log_uniform = [0.999, 0.9990001]"] {
        let numbers = rates(&format!("[sweep]\n{}", axis(form, 50)), 0);
        assert_eq!(numbers.len(), 50, "{form}");
        assert!(numbers.iter().all(|number| (0.999..=0.9990001).contains(number)), "{numbers:?}");
        let middle = numbers.iter().filter(|&&number| number < 0.99900005).count();
        assert!((10..=40).contains(&middle), "{middle} of 50 are in the lower half");
    }
}

/// The simulations of the runs of a spec with this axis.
fn simulations(form: &str) -> Vec<i64> {
    let sweep = format!("[sweep]\n\"agents.*.search.simulations\" = {{ {form}, samples = 300 }}\n");
    let plan = load(&spec(&format!("[agents.careful]\n{sweep}"))).expect("a good spec");
    assert_eq!(plan.runs.len() + plan.repeats.len(), 300);
    let of_run = |run: &zerolab_experiments::plan::resolved::ResolvedRun| {
        run.agent.settings["search"]["simulations"].as_integer().expect("a whole number")
    };
    let mut found: Vec<_> = plan.runs.iter().map(of_run).collect();
    found.sort_unstable();
    found
}

#[test]
fn whole_numbers_and_choices_are_drawn() {
    assert_eq!(simulations("uniform_int = [16, 20]"), [16, 17, 18, 19, 20]);
    assert_eq!(simulations("log_uniform_int = [1, 4]"), [1, 2, 3, 4]);
    assert_eq!(simulations("choice = [8, 32, 16]"), [8, 16, 32]);
}

#[test]
fn random_axes_of_a_block_are_drawn_together() {
    let axes = |crossed: &str| {
        format!(
            "[agents.careful]\n[sweep]\n\"environment.size\" = [5, 6]\n\
             \"agents.*.learning_rate\" = {{ uniform = [0, 1], samples = 4 }}\n\
             \"agents.*.search.simulations\" = {{ uniform_int = [16, 1000], samples = 4{crossed} }}\n"
        )
    };
    let runs = |crossed: &str| load(&spec(&axes(crossed))).expect("a good spec").runs.len();
    assert_eq!(runs(""), 2 * 4);
    assert_eq!(runs(", crossed = true"), 2 * 4 * 4);
    let error =
        load(&spec(&axes("").replacen("samples = 4", "samples = 3", 1))).expect_err("uneven");
    assert!(error.to_string().contains("`crossed = true`"), "{error}");
}
