//! The estimates for the runs of the quickstart, which cost as differently as they did on two cores.

use std::path::Path;

use super::*;
use crate::launch::runner::training_order;
use crate::plan::Overrides;
use crate::plan::forecast::forecast;
use crate::spec::load;

/// The real steps of the measured times.
const STEPS: [u64; 7] = [0, 504, 1000, 1504, 2000, 2504, 3000];

/// Seconds of training up to these steps, as the records of a quickstart (seed 0, a busy machine) had them.
const SECONDS: [(&str, [f64; 7]); 4] = [
    ("efficientzero", [0.0, 0.30, 5.25, 10.69, 15.87, 25.60, 34.38]),
    ("muzero", [0.0, 0.60, 4.32, 8.20, 12.42, 17.88, 24.16]),
    ("dqn", [0.0, 0.01, 0.29, 0.60, 0.90, 1.21, 1.53]),
    ("random", [0.0, 0.001, 0.001, 0.002, 0.003, 0.004, 0.004]),
];

/// The time that a run took for its first steps, between two measurements by interpolation.
fn seconds(run: &ResolvedRun, real_steps: u64) -> f64 {
    let (_, times) = SECONDS.into_iter().find(|(agent, _)| *agent == run.agent.name()).unwrap();
    let after = STEPS.iter().position(|steps| *steps >= real_steps).unwrap().max(1);
    let (from, to) = (STEPS[after - 1], STEPS[after]);
    let share = (real_steps - from) as f64 / (to - from) as f64;
    times[after - 1] + share * (times[after] - times[after - 1])
}

/// Trains the runs on `jobs` cores in the order of the runner, with an observation every half second. Calls `check` with
/// the time that is left in truth.
fn train(plan: &Plan, jobs: usize, mut check: impl FnMut(&TimeLeft, f64, f64)) {
    let mut free = vec![0.0_f64; jobs];
    let mut spans = Vec::new();
    for run in training_order(&plan.runs).into_iter().map(|run| &plan.runs[run]) {
        let core = (0..jobs).min_by(|one, other| free[*one].total_cmp(&free[*other])).unwrap();
        let begin = free[core];
        free[core] += seconds(run, run.budget.real_steps);
        spans.push((run, begin, free[core]));
    }
    let end = free.into_iter().fold(0.0, f64::max);
    let mut time_left = TimeLeft::new(plan, &forecast(plan).unwrap(), jobs);
    let mut now = 0.5;
    while now < end {
        let at = Duration::from_secs_f64(now);
        for (run, begin, over) in &spans {
            let total = run.budget.real_steps;
            if *over <= now && *over > now - 0.5 {
                time_left.observe(&run.id, 0, Duration::from_secs_f64(*begin));
                time_left.end(&run.id, true, Duration::from_secs_f64(*over));
            } else if *begin <= now && now < *over {
                let steps = (0..=total).rev().find(|steps| seconds(run, *steps) <= now - begin);
                time_left.observe(&run.id, 0, Duration::from_secs_f64(*begin));
                time_left.observe(&run.id, steps.unwrap_or(0), at);
            }
        }
        check(&time_left, now, end - now);
        now += 0.5;
    }
}

#[test]
fn the_quickstart_s_time_left_is_right_to_a_factor_of_two() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments/quickstart.toml");
    let plan = load(&spec, &Overrides::default(), None).unwrap();
    let mut told = 0;
    train(&plan, 2, |time_left, now, truth| {
        let Some(left) = time_left.of_all() else {
            assert!(now < 6.0, "nothing is said after {now} s");
            return;
        };
        told += 1;
        let left = left.as_secs_f64();
        // At the end half a second more or less is no matter.
        assert!(left < 2.0 * truth + 1.0 && truth < 2.0 * left + 1.0, "{now}: {left}, not {truth}");
    });
    assert!(told > 20, "{told}");
}
