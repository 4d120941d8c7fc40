//! A run's records follow from its configuration alone: not from the day, nor from the number of jobs.

use serde_json::Value;

use crate::harness::Lab;

/// Every preset, in an environment where episodes end often, for a budget that takes seconds.
fn every_preset() -> String {
    let presets: Value = Lab::new("").json("list agents --json");
    let agents = presets.as_array().unwrap().iter().map(|preset| preset["name"].as_str().unwrap());
    let tables: Vec<String> = agents.map(|name| format!("[agents.{name}]\n")).collect();
    format!(
        "[experiment]\nname = \"determinism\"\nseeds = 2\n\
         [environment]\nname = \"catch\"\n\
         [budget]\nreal_steps = 400\nlanes = 4\n\
         [evaluation]\nevery = 200\nepisodes = 4\n{}",
        tables.concat()
    )
}

#[test]
fn records_follow_from_the_configuration() {
    let spec = every_preset();
    let left_by = |words: &str| {
        let lab = Lab::new(&spec);
        lab.succeed(words);
        lab.all_records()
    };
    let alone = left_by("run spec.toml --jobs 1");
    assert!(alone.len() >= 4 && alone.iter().all(|(_, records)| records.len() > 40));
    assert_eq!(alone, left_by("run spec.toml --jobs 2"));
}

#[test]
fn seeds_differ() {
    let lab = Lab::new(&every_preset());
    lab.succeed("run spec.toml --only random");
    let [one, other] = &lab.all_records()[..] else { panic!("two runs were asked for") };
    assert_ne!(one.1, other.1);
}
