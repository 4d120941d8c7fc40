//! Verdicts at few seeds: equal agents are seldom told apart, and fewer than five seeds decide nothing.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::report_on;
use crate::synthetic::{ResultsFolder, finished_run};

/// Environments in which two agents are equal.
const ENVIRONMENTS: usize = 150;
/// The greatest share of environments in which one of them may be said to be better.
const MAX_FALSE: f64 = 0.04;

/// A score of a run: one run in five fails, the others vary.
fn score(random: &mut ChaCha8Rng) -> f64 {
    let scale = if random.random_bool(0.2) { 5.0 } else { 100.0 };
    scale * (0.5 + random.random::<f64>() + random.random::<f64>())
}

/// The differences of the figure `ablation` with their intervals: (value, low, high).
fn differences(folder: &ResultsFolder) -> Vec<[Option<f64>; 3]> {
    let table = folder.text("figures/ablation-return.csv");
    let columns: Vec<&str> = table.lines().next().unwrap_or_default().split(',').collect();
    let place = |name: &str| columns.iter().position(|column| *column == name).expect("a column");
    let places = ["value", "low", "high"].map(place);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        places.map(|place| cells[place].parse().ok())
    };
    table.lines().skip(1).map(row).collect()
}

#[test]
fn equal_agents_with_five_seeds_differ_in_at_most_four_percent_of_environments() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut folder = ResultsFolder::new();
    folder.figure("ablation", "return");
    for environment in 0..ENVIRONMENTS {
        let environment: &'static str = format!("made/up-{environment}").leak();
        for (agent, seed) in
            ["a", "b"].into_iter().flat_map(|agent| (0..5).map(move |it| (agent, it)))
        {
            folder.add(&finished_run(environment, agent, seed, &[score(&mut random)]));
        }
    }
    report_on(&folder);
    let differences = differences(&folder);
    assert_eq!(differences.len(), ENVIRONMENTS);
    let above = differences.iter().filter(|[_, low, _]| low.expect("an interval") > 0.0).count();
    let below = differences.iter().filter(|[.., high]| high.expect("an interval") < 0.0).count();
    let most = (MAX_FALSE * ENVIRONMENTS as f64) as usize;
    assert!(
        above <= most && below <= most,
        "{above} above 0 and {below} below 0, of {ENVIRONMENTS}"
    );
}
