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

/// The headline names the best setting and how many were tried; figures and tables name what differs.
#[test]
fn a_sweep_is_summed_up_by_its_best_setting() {
    let mut folder = ResultsFolder::new();
    for (simulations, score) in [("4", 1.0), ("16", 3.0), ("64", 2.0)] {
        for seed in 0..5 {
            let axes = vec![(SIMULATIONS, simulations)];
            let returns = [score + 0.1 * seed as f64];
            folder.add(&SyntheticRun { axes, ..finished_run("catch", "muzero", seed, &returns) });
        }
    }
    for seed in 0..5 {
        folder.add(&finished_run("catch", "random", seed, &[0.5]));
    }
    let answer = report_on(&folder).answer;
    let expected =
        "muzero [search.simulations=16] (best of 3 settings) reaches an IQM return of 3.2 [";
    assert!(answer.contains(expected), "{answer}");
    assert!(!answer.contains("simulations=4]"), "{answer}");
    let page = folder.text("report.html");
    assert!(page.contains("muzero [sims=16] (best of 3 settings) reaches an IQM return of 3.2 ["));
    assert!(page.contains("<span title=\"muzero [search.simulations=4]\">muzero [sims=4]</span>"));
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    assert!(svg.contains("\nmuzero [sims=64] (5 seeds)\n") && svg.contains("\nrandom (5 seeds)\n"));
}

/// An agent without the swept setting is a line over the whole axis, with the band of its interval.
#[test]
fn an_agent_without_the_swept_setting_is_a_level_line() {
    let mut folder = ResultsFolder::new();
    for seed in 0..5 {
        for simulations in ["4", "16"] {
            let axes = vec![(SIMULATIONS, simulations)];
            folder.add(&SyntheticRun { axes, ..finished_run("catch", "muzero", seed, &[2.0]) });
        }
        folder.add(&finished_run("catch", "random", seed, &[seed as f64]));
    }
    folder.figure("sweep-response", "");
    report_on(&folder);
    let svg = folder.text("figures/sweep-response.svg");
    let points = |part: &str| -> Vec<Vec<i32>> {
        let (_, points) = part.split_once("points=\"").expect("points");
        let points = points.split('"').next().expect("an end").split_whitespace();
        points.map(|it| it.split(',').map(|it| it.parse().expect("a number")).collect()).collect()
    };
    // The elements of a shape and colour, each up to its end.
    let shapes = |shape: &str, colour: &str| -> Vec<Vec<Vec<i32>>> {
        let start = format!("<{shape} ");
        let all = svg.split(start.as_str()).filter_map(|it| Some(it.split_once("/>")?.0));
        all.filter(|element| element.contains(colour)).map(points).collect()
    };
    let grey = |shape: &str| shapes(shape, "#4D4D4D").into_iter().next();
    let (line, band) = (grey("polyline").expect("a line"), grey("polygon").expect("a band"));
    assert_eq!(line[0][1], line[1][1], "level");
    let ends = |points: &[Vec<i32>]| {
        let xs = || points.iter().map(|point| point[0]);
        (xs().min(), xs().max())
    };
    assert_eq!(ends(&line), ends(&band));
    // The points of the other agent are inside.
    let is_long = |points: &Vec<Vec<i32>>| points[1][0] - points[0][0] > 500;
    let other = shapes("polyline", "#D55E00").into_iter().find(is_long).expect("a line");
    assert!(ends(&line).0 < ends(&other).0 && ends(&line).1 > ends(&other).1);
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

#[test]
fn the_variants_of_an_agent_stand_together() {
    let mut folder = ResultsFolder::new();
    for simulations in ["16", "4"] {
        for agent in ["muzero", "random"] {
            let axes = if agent == "random" { vec![] } else { vec![(SIMULATIONS, simulations)] };
            folder.add(&SyntheticRun { axes, ..finished_run("catch", agent, 0, &[1.0, 2.0]) });
        }
    }
    report_on(&folder);
    let agents = |name: &str| -> Vec<String> {
        let table = folder.text(&format!("tables/{name}.csv"));
        let heads: Vec<&str> = table.lines().next().expect("heads").split(',').collect();
        let place = |name: &str| heads.iter().position(|head| *head == name).expect("a column");
        let (agent, axes) = (place("agent"), place("axes"));
        let cells = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        cells.map(|cells| format!("{} {}", cells[agent], cells[axes])).collect()
    };
    for table in ["runs", "final_scores"] {
        let mut rows = agents(table);
        rows.dedup();
        assert!(rows[0].ends_with("=16") && rows[1].ends_with("=4"), "{table}: {rows:?}");
        assert!(rows[2..].iter().all(|row| row.starts_with("random")), "{table}: {rows:?}");
    }
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    let at = |text: &str| svg.rfind(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("sims=16") < at("sims=4") && at("sims=4") < at("random"));
}

/// Two crossed settings, of which one has very small values.
fn crossed() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    for rate in ["1e-7", "0.00123", "1000.0"] {
        for batch in ["16", "64"] {
            let axes =
                vec![("agents.*.optimizer.learning_rate", rate), ("agents.*.batch_size", batch)];
            let score = 9.3758 + rate.len() as f64 * 17.33;
            folder.add(&SyntheticRun { axes, ..finished_run("cartpole", "dqn", 0, &[score]) });
        }
    }
    folder.figure("heat-map", "");
    folder.figure("sweep-response", "");
    folder
}

#[test]
fn a_heat_map_of_few_cells_fits_a_phone() {
    let folder = crossed();
    report_on(&folder);
    let page = folder.text("report.html");
    let phones: Vec<&str> = page.split("<div class=\"plot on-phone\">").skip(1).collect();
    assert!(phones.len() >= 3);
    for phone in phones {
        let (_, style) = phone.split_once("style=\"width: ").expect("a width");
        let width: f64 = style.split('%').next().expect("a share").parse().expect("a number");
        assert!(width <= 100.0, "{width} %");
    }
}

#[test]
fn numbers_and_settings_are_written_in_one_way() {
    let folder = crossed();
    report_on(&folder);
    let texts = |name: &str| -> Vec<String> {
        let svg = folder.text(&format!("figures/{name}.svg"));
        let parts = svg.split("<text").skip(1);
        let text = |part: &str| Some(part.split_once('>')?.1.split_once('<')?.0.trim().to_owned());
        parts.filter_map(text).collect()
    };
    let (response, heat_map) = (texts("sweep-response"), texts("heat-map"));
    for text in ["lr", "batch"] {
        assert!(response.iter().any(|it| it == text), "{text}: {response:?}");
        assert!(heat_map.iter().any(|it| it.trim_matches([' ', '→', '↑']) == text), "{heat_map:?}");
    }
    let is_padded = |text: &&String| text.contains(".0e") || text.contains("00e");
    assert_eq!(response.iter().find(is_padded), None);
    assert!(
        response.iter().any(|text| text.ends_with("e-7") || text.ends_with("e-6")),
        "{response:?}"
    );
}
