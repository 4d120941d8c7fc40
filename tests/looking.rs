//! The commands that start no run: plan, status, describe, bench, list, schema.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Lab, SMALL};

#[test]
fn plan_lists_every_run_with_its_id_and_trains_nothing() {
    let lab =
        Lab::new(&format!("{SMALL}\n[sweep]\n\"agents.scripted.loss_decay\" = [10, 20, 30]\n"));
    let plan = lab.json("plan spec.toml --json");
    let runs = plan["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2 + 3 * 2);
    assert!(runs.iter().all(|run| run["state"] == "pending" && run["real_steps"] == 200));
    assert_eq!(lab.run_ids(), Vec::<String>::new());

    let mut planned: Vec<&str> = runs.iter().map(|run| run["id"].as_str().unwrap()).collect();
    planned.sort_unstable();
    lab.succeed("run spec.toml");
    assert_eq!(lab.run_ids(), planned);
    let plan = lab.json("plan spec.toml --json");
    assert!(plan["runs"].as_array().unwrap().iter().all(|run| run["state"] == "done"));
}

#[test]
fn plan_and_status_show_the_progress() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random");
    let plan = lab.succeed("plan spec.toml").out;
    assert!(plan.ends_with("4 runs, 2 of them finished\n"), "{plan}");
    let status = lab.succeed("status spec.toml").out;
    assert!(status.ends_with("4 runs: 2 done, 2 pending\n"), "{status}");
}

#[test]
fn plan_says_what_memory_a_run_takes() {
    let lab = Lab::new(&SMALL.replace("[agents.scripted]", "[agents.dqn]"));
    let plan = lab.succeed("plan spec.toml").out;
    let line = plan.lines().find(|line| line.starts_with("a run takes at least "));
    assert!(line.is_some_and(|line| line.ends_with("B of memory")), "{plan}");
    let none = lab.succeed("plan spec.toml --only random").out;
    assert!(!none.contains("of memory"), "{none}");
}

/// The memory of other systems is not read.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_needs_more_memory_than_the_machine_has_is_refused() {
    let lab = Lab::new(&SMALL.replace("[agents.scripted]", "[agents.dqn]"));
    let large = "spec.toml --set agents.dqn.batch_size=1048576 \
                 --set agents.dqn.network.image.channels=512 --set agents.dqn.network.image.blocks=8";
    for command in ["plan", "run"] {
        let ran = lab.run(&format!("{command} {large}"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{command}: {}", ran.err);
        assert!(ran.err.contains("-dqn-s0-") && ran.err.contains("needs at least"), "{}", ran.err);
        assert!(ran.err.contains("lower `batch_size`"), "{command}: {}", ran.err);
        assert_eq!(lab.run_ids(), Vec::<String>::new());
    }
}

#[test]
fn bench_measures_every_preset_that_suits_an_environment() {
    let lab = Lab::new(SMALL);
    let bench = lab.json("bench --environment board/tictactoe --seconds 0 --json");
    let rates = bench["rates"].as_array().unwrap();
    assert!(rates.iter().any(|rates| rates["preset"] == "alphazero"));
    for rates in rates {
        assert_ne!(rates["preset"], "ppo", "it learns games of one player");
        let units = rates["work"].as_array().unwrap().iter().map(|work| work["unit"].as_str());
        assert!(units.flatten().any(|unit| unit == "update"), "{rates}");
        assert!(rates["real_steps_per_second"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn a_plan_can_be_piped_into_a_reader_that_stops() {
    let lab = Lab::new(&SMALL.replace("seeds = 2", "seeds = 2000"));
    let mut plan = lab.start("plan spec.toml --json");
    drop(plan.stdout.take());
    let output = plan.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn every_preset_can_be_described_in_every_environment() {
    let lab = Lab::new(SMALL);
    let names = |words: &str| -> Vec<String> {
        let listed = lab.json(words);
        let names = listed.as_array().unwrap().iter();
        names.map(|line| line["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut environments = names("list environments --json");
    // All games of Atari have the same shapes.
    environments.retain(|name| !name.starts_with("atari/") || name == "atari/pong");
    // One of a user's own has no default settings.
    environments.retain(|name| name != "python");
    assert!(environments.iter().any(|name| name == "cartpole"));
    for preset in names("list agents --json") {
        for environment in &environments {
            let words = format!("describe {preset} --environment {environment} --json");
            if ["ppo", "cem"].contains(&preset.as_str()) && environment.starts_with("board/") {
                assert_eq!(lab.run(&words).code, Some(2), "it learns games of one player");
                continue;
            }
            let is_solved = ["board/pawns", "decision/delayed_choice"]
                .contains(&environment.as_str())
                || (environment.starts_with("gridworlds/")
                    && !environment.ends_with("/proxy_coin"));
            if preset == "optimal" && !is_solved {
                assert_eq!(lab.run(&words).code, Some(2), "it needs an exact solution");
                continue;
            }
            let described = lab.json(&words);
            let summary = &described[0]["summary"];
            let parts = summary["parts"].as_array().unwrap().iter();
            let layers = parts.flat_map(|part| part["layers"].as_array().unwrap());
            let counted: u64 = layers.map(|layer| layer["parameters"].as_u64().unwrap()).sum();
            assert_eq!(summary["parameters"], counted, "{preset} in {environment}");
        }
    }
}

#[test]
fn a_preset_can_be_described_for_a_shape() {
    let lab = Lab::new(SMALL);
    let described =
        lab.json("describe atari/efficientzero --observation 12x96x96 --actions 18 --json");
    assert_eq!(described[0]["summary"]["parameters"], 8_350_708);
    let layers = described[0]["summary"]["parts"][0]["layers"].as_array().unwrap();
    let last = layers.iter().find(|layer| layer["name"] == "representation.block0.1").unwrap();
    assert_eq!(last["output_shape"], serde_json::json!([64, 6, 6]));
    let text = lab.succeed("describe dqn --observation 3 --actions 2").out;
    assert!(text.starts_with("dqn in 3 with 2 actions\n"), "{text}");
    for words in [
        "describe dqn --observation 3",
        "describe dqn --actions 2",
        "describe dqn --observation 12x96 --actions 2",
        "describe dqn --observation 0 --actions 2",
        "describe dqn --observation 3x999999999x999999999999 --actions 2",
        "describe dqn --observation 3 --actions 0",
        "describe dqn --observation 3 --actions 2 --environment catch",
    ] {
        let ran = lab.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        assert!(ran.err.starts_with("error: "), "{words}: {}", ran.err);
    }
}

/// The bytes of acting are computed here by hand. There are 98,000 decisions, 8 at a time. Each calls h and f once, and g
/// and f 50 times. A call reads its weights, and writes and reads the output of each layer.
#[test]
fn a_forecast_is_held_against_what_a_device_can_do() {
    let lab = Lab::new(SMALL);
    let words = "describe atari/efficientzero --observation 12x96x96 --actions 6";
    let text = lab.succeed(&format!("{words} --peak 60 --bandwidth 4.8")).out;
    insta::assert_snapshot!(text.rsplit("least time on this device").next().unwrap());
    let described = lab.json(&format!("{words} --json"));
    let summary = &described[0]["summary"];
    let parts = summary["parts"].as_array().unwrap();
    let sum = |name: &str, of: &dyn Fn(&serde_json::Value) -> u64| -> u64 {
        let part = parts.iter().find(|part| part["name"] == name).unwrap();
        part["layers"].as_array().unwrap().iter().map(of).sum()
    };
    let numbers = |layer: &serde_json::Value| -> u64 {
        let sides = layer["output_shape"].as_array().unwrap().iter();
        sides.map(|side| side.as_u64().unwrap()).product()
    };
    let weights = |layer: &serde_json::Value| layer["parameters"].as_u64().unwrap();
    let call = |name: &str| 4 * sum(name, &weights) + 8 * 2 * 4 * sum(name, &numbers);
    let h = call("representation") + call("prediction");
    let g = call("dynamics") + call("prediction");
    assert_eq!(summary["traffic"]["acting"], 98_000 / 8 * (h + 50 * g));
    for words in ["--peak 60", "--bandwidth 4", "--peak 0 --bandwidth 4", "--peak 1 --bandwidth x"]
    {
        let ran = lab.run(&format!("describe muzero {words}"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
    }
}

#[test]
fn describe_shows_the_agents_of_a_spec() {
    let lab = Lab::new(SMALL);
    let text = lab.succeed("describe spec.toml").out;
    assert!(text.contains("random in catch") && text.contains("scripted in catch"), "{text}");
    assert!(lab.succeed("describe random").out.contains("random in cartpole"));
}

#[test]
fn the_schema_knows_the_tables_of_a_spec() {
    let schema = Lab::new(SMALL).json("schema");
    for table in ["experiment", "environment", "budget", "evaluation", "agents", "sweep"] {
        assert!(schema["properties"][table].is_object(), "{table}");
    }
}

#[test]
fn every_listed_x_of_a_figure_is_planned_and_any_other_is_refused() {
    let lab = Lab::new(SMALL);
    let kinds = lab.json("list figures --json");
    let xs_of = |kind: &Value| -> Vec<String> {
        let xs = kind["x"].as_array().unwrap().iter();
        xs.map(|x| x.as_str().unwrap().to_owned()).collect()
    };
    let kinds = kinds.as_array().unwrap();
    let all: BTreeSet<String> = kinds.iter().flat_map(xs_of).collect();
    assert!(all.contains("updates") && all.contains("performance"), "{all:?}");
    let figure =
        |kind: &Value, x: &str| format!("[[figure]]\nkind = {}\nx = \"{x}\"\n", kind["name"]);
    let mut allowed = String::from(SMALL);
    for kind in kinds {
        let possible = xs_of(kind);
        possible.iter().for_each(|x| allowed.push_str(&figure(kind, x)));
        for x in all.iter().filter(|x| !possible.contains(x)) {
            lab.write("wrong.toml", &format!("{SMALL}{}", figure(kind, x)));
            let refused = lab.run("plan wrong.toml");
            assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{kind} {x}");
            let named = |x: &String| refused.err.contains(&format!("`{x}`"));
            assert!(
                refused.err.contains("along x") && possible.iter().all(named),
                "{}",
                refused.err
            );
        }
    }
    lab.write("allowed.toml", &allowed);
    lab.succeed("plan allowed.toml");
    lab.succeed("run allowed.toml");
    for (kind, x) in kinds.iter().flat_map(|kind| xs_of(kind).into_iter().map(move |x| (kind, x))) {
        let name = format!("{}-{}", kind["name"].as_str().unwrap(), x.replace('_', "-"));
        assert!(lab.path(&format!("results/small/figures/{name}.svg")).exists(), "{name}");
    }
}

#[test]
fn figures_can_be_listed() {
    assert!(Lab::new(SMALL).succeed("list figures").out.contains("learning-curve"));
}
