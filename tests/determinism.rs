//! A run's records depend on its configuration alone, not on the time or the number of jobs.
//! Its costs are those of the forecast.

use serde_json::Value;

use crate::harness::Lab;

/// Every preset in an environment where episodes end often, with a budget that takes seconds and in which every
/// learner learns. Presets of Atari's size are left out: they are the same agents.
fn every_preset() -> String {
    let presets: Value = Lab::new("").json("list agents --json");
    let agents = presets.as_array().unwrap().iter().map(|preset| preset["name"].as_str().unwrap());
    // The exact solution needs an environment that has one.
    let agents = agents.filter(|name| *name != "optimal");
    let small = agents.filter(|name| !name.starts_with("atari/"));
    let table = |name: &str| match name {
        // By their presets they start to learn after the end of this budget.
        "rainbow" | "der" => format!("[agents.{name}]\nlearning_starts = 300\n"),
        "cem" => format!("[agents.{name}]\npopulation = 4\nepisodes = 1\n"),
        _ => format!("[agents.{name}]\n"),
    };
    let tables: Vec<String> = small.map(table).collect();
    format!(
        "[experiment]\nname = \"determinism\"\nseeds = 2\n\
         [environment]\nname = \"cartpole\"\n\
         [budget]\nreal_steps = 540\nlanes = 4\n\
         [evaluation]\nevery = 270\nepisodes = 2\n{}",
        tables.concat()
    )
}

#[test]
fn records_follow_from_the_configuration() {
    let spec = every_preset();
    let left_by = |jobs: u32| {
        let lab = Lab::new(&spec);
        lab.succeed(&format!("run spec.toml --jobs {jobs}"));
        lab.all_records()
    };
    let alone = left_by(1);
    for (id, records) in &alone {
        assert!(records.len() > 5, "{id}");
        let updates = records.last().unwrap()["updates"].as_u64().unwrap();
        assert!(updates > 0 || id.contains("random"), "{id} did not learn");
    }
    assert_eq!(alone, left_by(2));
}

#[test]
fn seeds_differ() {
    let lab = Lab::new(&every_preset());
    lab.succeed("run spec.toml --only random");
    let [one, other] = &lab.all_records()[..] else { panic!("there must be two runs") };
    assert_ne!(one.1, other.1);
}

#[test]
fn the_account_of_a_run_is_what_was_forecast() {
    let lab = Lab::new(&every_preset());
    let plan = lab.json("plan spec.toml --seeds 1 --json");
    lab.succeed("run spec.toml --seeds 1");
    for (run, variant) in each(&plan["runs"]).zip(each(&plan["forecast"])) {
        let id = run["id"].as_str().unwrap();
        let records = lab.records(id);
        let spent = &records.iter().rfind(|record| record["kind"] == "cost").unwrap()["phases"];
        for (phase, forecast) in variant["summary"]["forecast"].as_object().unwrap() {
            for count in ["imagined_steps", "simulations", "real_steps", "updates", "flops"] {
                let spent = spent[phase][count].as_u64().unwrap_or(0);
                let forecast = forecast[count].as_u64().unwrap();
                // An upper bound: how many states were searched before is not known in advance, nor how often
                // AlphaZero's searches reach the end of an episode, nor how long episodes are.
                let at_most = match (phase.as_str(), count) {
                    ("reanalysis", _) => forecast > 0,
                    ("acting", "imagined_steps" | "flops") => id.contains("alphazero"),
                    ("learning", "updates" | "flops") => id.contains("-cem-"),
                    _ => false,
                };
                if at_most {
                    assert!((1..=forecast).contains(&spent), "{id}: {spent} of {forecast}");
                } else {
                    assert_eq!(spent, forecast, "{id}: {phase}: {count}");
                }
            }
        }
    }
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().unwrap().iter()
}
