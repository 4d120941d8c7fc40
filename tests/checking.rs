//! `zerolab check`: exit codes, tables and JSON.

use insta::assert_snapshot;

use crate::harness::{Lab, SMALL};

/// A world with settings that leave its observations as they are.
const WORLD: &str = "gridworlds/forbidden_shortcut";

/// The output without the line of speeds, and without the rule of its table, which is as long as that line.
fn without_speed(out: &str) -> String {
    let varies = |line: &str| line.starts_with("speed ") || line.starts_with("──────────────  ");
    let lines = out.lines().filter(|line| !varies(line));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn an_environment_that_keeps_the_rules() {
    let ran = Lab::new("").succeed("check cartpole --steps 2000");
    assert_snapshot!(without_speed(&ran.out));
    assert_eq!(ran.err, "");
}

#[test]
fn every_environment_of_a_spec_is_checked_once() {
    let evaluated = "episodes = 3\nenvironment = { licence = 0.5 }\n\n[sweep]\nenvironment.licensed = [0.25, 0.75]\n";
    let spec = SMALL.replace("catch", WORLD).replace("episodes = 3\n", evaluated);
    let checkups = Lab::new(&spec).json("check spec.toml --steps 500 --seed 3 --json");
    let checkups = checkups.as_array().unwrap();
    let settings = |key: &str| -> Vec<f64> {
        checkups.iter().map(|it| it["settings"][key].as_f64().unwrap()).collect()
    };
    assert_eq!(settings("licensed"), [0.25, 0.25, 0.75, 0.75]);
    assert_eq!(settings("licence"), [0.0, 0.5, 0.0, 0.5]);
    for checkup in checkups {
        assert_eq!(checkup["passes"], true, "{checkup}");
        assert_eq!(checkup["used_for"].as_array().unwrap().len(), 1);
    }
    let both = Lab::new(SMALL).json("check spec.toml --steps 500 --json");
    assert_eq!(both.as_array().unwrap().len(), 1);
    assert_eq!(both[0]["used_for"], serde_json::json!(["training", "evaluation"]));
}

#[test]
fn settings_can_be_changed() {
    let checkups = Lab::new("").json("check cartpole --set max_steps=7 --steps 500 --json");
    assert_eq!(checkups[0]["information"]["max_episode_steps"], 7);
    let spec = SMALL.replace("catch", "cartpole");
    let ran = Lab::new(&spec).succeed("check spec.toml --set environment.max_steps=7 --steps 500");
    let head = "cartpole, training and evaluation\n  max_steps = 7\n";
    assert!(ran.out.starts_with(head), "{}", ran.out);
}

#[test]
fn wrong_arguments_are_refused_with_2() {
    let lab = Lab::new(SMALL);
    for (words, message) in [
        ("check cartpol", "there is no environment `cartpol`"),
        ("check cartpole --set max_stepss=7", "max_stepss"),
        ("check cartpole --set max_steps=0", "max_steps"),
        ("check missing.toml", "missing.toml"),
        ("check spec.toml --set environment.row=7", "row"),
        ("check cartpole --steps 0", "at least 1"),
    ] {
        let ran = lab.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        assert!(ran.err.contains(message), "{words}: {}", ran.err);
    }
}

#[cfg(not(feature = "atari"))]
#[test]
fn an_environment_that_the_program_was_built_without_says_so() {
    let ran = Lab::new("").run("check atari/pong");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("needs a build with the feature `atari`"), "{}", ran.err);
}
