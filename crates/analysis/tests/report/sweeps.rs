//! Swept settings as parts of names and in tables.

use crate::figures::assert_well_formed;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_run};
use crate::{report_on, terminal_text};

const SIMULATIONS: &str = "agents.*.search.simulations";

#[test]
fn each_value_of_an_axis_is_an_agent_of_its_own() {
    let mut folder = ResultsFolder::new();
    for simulations in ["4", "16"] {
        for seed in 0..4 {
            let returns = [simulations.parse::<f64>().unwrap() + seed as f64];
            let axes = vec![(SIMULATIONS, simulations), ("environment.name", "\"catch\"")];
            folder.add(&SyntheticRun { axes, ..finished_run("catch", "muzero", seed, &returns) });
        }
    }
    insta::assert_snapshot!("sweep_table", terminal_text(&report_on(&folder)));
}

#[test]
fn an_axis_of_the_environment_belongs_to_the_environment_and_one_of_another_agent_to_nobody() {
    let mut folder = ResultsFolder::new();
    for rows in ["5", "10"] {
        let axes = vec![("environment.rows", rows), ("agents.muzero.search.simulations", "4")];
        folder.add(&SyntheticRun { axes, ..finished_run("catch", "random", 0, &[0.25]) });
    }
    let table = terminal_text(&report_on(&folder));
    assert!(table.contains("catch [rows=5]") && table.contains("catch [rows=10]"), "{table}");
    assert!(!table.contains("simulations"), "{table}");
}

#[test]
fn a_run_that_occurs_twice_in_the_plan_counts_once() {
    let mut folder = ResultsFolder::new();
    for simulations in ["4", "16"] {
        for seed in 0..3 {
            // The random agent has no search, so its runs are the same for every value of the axis.
            let random = finished_run("catch", "random", seed, &[seed as f64]);
            folder.add(&random);
            let axes = vec![(SIMULATIONS, simulations)];
            folder.add(&SyntheticRun {
                axes,
                ..finished_run("catch", "muzero", seed, &[seed as f64])
            });
        }
    }
    let table = terminal_text(&report_on(&folder));
    let random = table.lines().find(|line| line.contains("random")).expect("a row");
    assert!(random.split_whitespace().any(|cell| cell == "3"), "{table}");
}

#[test]
fn a_swept_number_has_a_response_and_an_agent_without_it_a_constant() {
    let mut folder = ResultsFolder::new();
    for rows in ["5", "10"] {
        for seed in 0..5 {
            let chance = seed as f64 / 5.0;
            for (place, simulations) in ["2", "8", "32", "128"].into_iter().enumerate() {
                for (agent, slope) in [("efficientzero", 1.5), ("muzero", 1.0)] {
                    let axes = vec![(SIMULATIONS, simulations), ("environment.rows", rows)];
                    let returns = [2.0 + slope * place as f64 + chance];
                    folder.add(&SyntheticRun {
                        axes,
                        ..finished_run("catch", agent, seed, &returns)
                    });
                }
            }
            let axes = vec![("environment.rows", rows)];
            folder.add(&SyntheticRun {
                axes,
                ..finished_run("catch", "random", seed, &[1.0 + chance])
            });
        }
    }
    folder.figure("sweep-response", "");
    report_on(&folder);
    assert_well_formed(&folder.text("figures/sweep-response.svg"));
    let data = folder.text("figures/sweep-response.csv");
    let here = data.lines().filter(|line| line.contains("rows=5") || line.contains("panel"));
    insta::assert_snapshot!("sweep_response.csv", here.collect::<Vec<_>>().join("\n"));
    let of_rows = data.lines().filter(|line| line.starts_with("catch: rows"));
    assert_eq!(of_rows.count(), 2 * (2 * 4 + 1));
}

/// Random axes of one block are drawn together, so no two points agree in the other setting.
#[test]
fn settings_that_were_drawn_together_have_responses() {
    let mut folder = ResultsFolder::new();
    let rate = "agents.*.optimizer.learning_rate";
    for (simulations, learning_rate) in [("4", "0.001"), ("9", "0.0002"), ("30", "0.0007")] {
        for seed in 0..2 {
            let axes = vec![(SIMULATIONS, simulations), (rate, learning_rate)];
            folder.add(&SyntheticRun { axes, ..finished_run("catch", "muzero", seed, &[0.5]) });
        }
    }
    folder.figure("sweep-response", "");
    report_on(&folder);
    assert_well_formed(&folder.text("figures/sweep-response.svg"));
    let data = folder.text("figures/sweep-response.csv");
    assert_eq!(data.lines().filter(|line| line.contains("simulations,muzero,")).count(), 3);
    assert_eq!(data.lines().filter(|line| line.contains("learning_rate,muzero,")).count(), 3);
}

#[test]
fn figures_that_do_not_suit_the_experiment_have_a_reason() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "random", 0, &[0.25]));
    for kind in ["sweep-response", "probability-of-improvement", "ablation", "human-normalised"] {
        folder.figure(kind, "");
    }
    report_on(&folder);
    let page = folder.text("report.html");
    let lines = page.lines().filter(|line| line.contains("Not drawn:"));
    insta::assert_snapshot!("not_drawn", lines.collect::<Vec<_>>().join("\n"));
}
