//! Swept settings: part of the agent's or the environment's name, and of the tables.

use crate::report_on;
use crate::synthetic::{Folder, Run, run};

const SIMULATIONS: &str = "agents.*.search.simulations";

#[test]
fn each_value_of_an_axis_is_an_agent_of_its_own() {
    let mut folder = Folder::new();
    for simulations in ["4", "16"] {
        for seed in 0..4 {
            let returns = [simulations.parse::<f64>().unwrap() + seed as f64];
            let axes = vec![(SIMULATIONS, simulations), ("environment.name", "\"catch\"")];
            folder.add(&Run { axes, ..run("catch", "muzero", seed, &returns) });
        }
    }
    insta::assert_snapshot!("sweep_table", report_on(&folder).table);
}

#[test]
fn an_axis_of_the_environment_belongs_to_the_environment_and_one_of_another_agent_to_nobody() {
    let mut folder = Folder::new();
    for rows in ["5", "10"] {
        let axes = vec![("environment.rows", rows), ("agents.muzero.search.simulations", "4")];
        folder.add(&Run { axes, ..run("catch", "random", 0, &[0.25]) });
    }
    let table = report_on(&folder).table;
    assert!(table.contains("catch [rows=5]") && table.contains("catch [rows=10]"), "{table}");
    assert!(!table.contains("simulations"), "{table}");
}

#[test]
fn a_run_that_stands_in_the_plan_twice_counts_once() {
    let mut folder = Folder::new();
    for simulations in ["4", "16"] {
        for seed in 0..3 {
            // Random has no search: its runs are the same whatever the axis says.
            let random = run("catch", "random", seed, &[seed as f64]);
            folder.add(&random);
            let axes = vec![(SIMULATIONS, simulations)];
            folder.add(&Run { axes, ..run("catch", "muzero", seed, &[seed as f64]) });
        }
    }
    let table = report_on(&folder).table;
    let random = table.lines().find(|line| line.contains("random")).expect("a row");
    assert!(random.split_whitespace().any(|cell| cell == "3"), "{table}");
}
