//! The environments, agents and presets of the program: each can be planned.

use std::collections::BTreeSet;
use std::path::Path;

use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::{Catalogue, Figure, load_text, schema};

use crate::shown::dangling_references;

const FIGURES: [Figure; 1] = [Figure { kind: "learning-curve", xs: &["real_steps"], has_y: true }];

fn load(text: &str) -> Plan {
    let catalogue = Catalogue::built_in(Some(&FIGURES));
    let plan =
        load_text(Path::new("real.toml"), text.to_owned(), &Overrides::default(), &catalogue);
    plan.unwrap_or_else(|error| panic!("{error}"))
}

/// A spec with most features.
const DESIGN: &str = r#"
[experiment]
name = "minatar-100k"
question = "At 100 000 real steps, what do the model, the search and each EfficientZero component buy?"
seeds = 5

[environment]
name = "minatar/breakout"
sticky_action_probability = 0.1

[budget]
real_steps = 100_000

[evaluation]
every = 10_000
episodes = 32

[agents.efficientzero]
[agents.muzero]
[agents.dqn]
[agents.ppo]

[agents."efficientzero without consistency"]
preset = "efficientzero"
consistency.weight = 0.0

[sweep]
"environment.name" = ["minatar/breakout", "minatar/asterix"]
"agents.*.search.simulations" = [4, 16, 50]

[hypothesis]
metric = "evaluation.return"
statement = "efficientzero > muzero"

[[figure]]
kind = "learning-curve"
x = "real_steps"
"#;

#[test]
fn the_spec_of_the_design() {
    let plan = load(DESIGN);
    // Three planners with three numbers of simulations, and two agents without, in two environments.
    assert_eq!(plan.runs.len(), (3 * 3 + 2) * 2 * 5);
    let labels: BTreeSet<_> = plan.runs.iter().map(|run| run.agent.label.as_str()).collect();
    assert_eq!(labels.len(), 11);
    assert!(labels.contains("dqn"));
    assert!(labels.contains("efficientzero without consistency [search.simulations=4]"));
    for run in &plan.runs {
        let weight = run.agent.settings.get("consistency").map(|settings| &settings["weight"]);
        let expected = match run.agent.name() {
            "efficientzero" => Some(toml::Value::from(2.0)),
            "dqn" | "ppo" => None,
            _ => Some(toml::Value::from(0.0)),
        };
        assert_eq!(weight, expected.as_ref(), "{}", run.id);
    }
}

#[test]
fn every_preset_in_every_environment() {
    let catalogue = Catalogue::built_in(Some(&FIGURES));
    let agents: String =
        catalogue.presets.iter().map(|preset| format!("[agents.{:?}]\n", preset.name)).collect();
    // One of a user's own is not complete without its name there.
    let names = catalogue.environments.iter().map(|environment| environment.name);
    let names: Vec<_> = names.filter(|name| *name != "python").collect();
    let text = format!(
        "[experiment]\nname = \"all\"\n[environment]\n[budget]\nreal_steps = 10\n[evaluation]\n\
         every = 10\nepisodes = 1\n{agents}[sweep]\n\"environment.name\" = {names:?}\n"
    );
    let plan = load(&text);
    assert_eq!(plan.runs.len(), catalogue.presets.len() * names.len());
    for run in plan.runs {
        assert_eq!(load(&run.to_toml()).runs, [run]);
    }
}

#[test]
fn the_schema_has_every_name() {
    let catalogue = Catalogue::built_in(Some(&FIGURES));
    let schema = schema(&catalogue);
    assert_eq!(dangling_references(&schema), [""; 0]);
    let text = schema.to_string();
    let environments = catalogue.environments.iter().map(|environment| environment.name);
    for name in environments.chain(catalogue.presets.iter().map(|preset| preset.name)) {
        assert!(text.contains(&format!("{name:?}")), "{name}");
    }
}

/// Finished runs are found by these ids.
#[test]
fn the_ids_of_presets_stay_what_they_are() {
    let id = |environment: &str, agent: &str| {
        let text = format!(
            "[experiment]\nname = \"ids\"\n[environment]\nname = {environment:?}\n[budget]\n\
             real_steps = 1000\n[evaluation]\nevery = 500\nepisodes = 4\n[agents.{agent:?}]\n"
        );
        load(&text).runs.remove(0).id
    };
    for (environment, agent, expected) in [
        ("cartpole", "der", "cartpole-der-s0-d8e731d2"),
        ("cartpole", "dqn", "cartpole-dqn-s0-e2eb5822"),
        ("cartpole", "efficientzero", "cartpole-efficientzero-s0-8a514c68"),
        ("cartpole", "muzero", "cartpole-muzero-s0-994547b6"),
        ("cartpole", "ppo", "cartpole-ppo-s0-27cf0f0b"),
        ("cartpole", "rainbow", "cartpole-rainbow-s0-762a3240"),
        ("cartpole", "random", "cartpole-random-s0-bb19d83b"),
        ("cartpole", "scripted", "cartpole-scripted-s0-24f66bac"),
        ("board/tictactoe", "alphazero", "board-tictactoe-alphazero-s0-e323ecfa"),
        ("atari/pong", "atari/der", "atari-pong-atari-der-s0-ef734706"),
        ("atari/pong", "atari/efficientzero", "atari-pong-atari-efficientzero-s0-c13abb62"),
        ("atari/pong", "atari/muzero", "atari-pong-atari-muzero-s0-ed572d07"),
    ] {
        assert!(id(environment, agent).starts_with(expected), "{expected}");
    }
}

/// A spec of DQN agents in CartPole.
fn cartpole(rest: &str) -> String {
    format!(
        "[experiment]\nname = \"trial\"\n[environment]\nname = \"cartpole\"\n[budget]\n\
         real_steps = 400\n[evaluation]\nevery = 100\nepisodes = 4\n{rest}"
    )
}

/// Single precision rounds the last three to 1, and 0.806 to 0.8059999942779541.
#[test]
fn a_setting_keeps_all_of_its_digits() {
    let values = ["0.806", "0.99", "0.99999999", "0.999999999", "1"];
    let sweep =
        format!("[agents.dqn]\n[sweep]\n\"agents.dqn.discount\" = [{}]\n", values.join(", "));
    let plan = load(&cartpole(&sweep));
    assert_eq!(plan.runs.len(), values.len());
    for (run, value) in plan.runs.iter().zip(values) {
        assert_eq!(run.agent.label, format!("dqn [discount={value}]"));
        assert_eq!(run.agent.settings["discount"].as_float(), value.parse().ok());
        let line =
            run.to_toml().lines().find(|line| line.starts_with("discount")).map(str::to_owned);
        let written = line.and_then(|line| line.split_once(" = ")?.1.parse().ok());
        assert_eq!(written, value.parse::<f64>().ok());
    }
}

#[test]
fn agents_whose_names_become_one_slug_are_all_planned() {
    let names = ["dqn (a)", "dqn a", "DQN A", "智能体甲", "智能体乙", "dqn"];
    let agents: String =
        names.iter().map(|name| format!("[agents.{name:?}]\npreset = \"dqn\"\n")).collect();
    let plan = load(&cartpole(&agents));
    let found: Vec<_> = plan.runs.iter().map(|run| run.agent.name()).collect();
    assert_eq!(found, names);
    let ids: BTreeSet<_> = plan.runs.iter().map(|run| &run.id).collect();
    assert_eq!(ids.len(), names.len());
    assert!(ids.iter().all(|id| id.is_ascii() && !id.contains("--")), "{ids:?}");
    for run in plan.runs {
        assert_eq!(load(&run.to_toml()).runs, [run]);
    }
}

/// Each of these numbers once ended in a failed allocation or in a run without an end.
#[test]
fn counts_have_upper_bounds() {
    for (key, value) in [
        ("agents.dqn.network.vector.channels", "100000000"),
        ("agents.dqn.network.vector.head_hidden", "4000000000"),
        ("agents.dqn.network.image.lstm_hidden", "4000000000"),
        ("agents.dqn.network.vector.blocks", "1000000"),
        ("agents.dqn.network.vector.head_channels", "100000000"),
        ("agents.dqn.batch_size", "100000000000"),
        ("agents.dqn.td_steps", "100000000000"),
        ("agents.dqn.replay_capacity", "100000000000"),
        ("agents.dqn.distributional.atoms", "100000000000"),
        ("agents.dqn.update_ratio", "1e18"),
        ("agents.efficientzero.value_limit", "100000000000"),
        ("agents.efficientzero.search.simulations", "4000000000"),
        ("agents.efficientzero.training.unroll_steps", "100000000000"),
        ("agents.efficientzero.replay.capacity", "100000000000"),
        ("agents.ppo.epochs", "100000000000"),
        ("agents.ppo.rollout_steps", "100000000000"),
        ("budget.lanes", "100000"),
        ("evaluation.episodes", "1000000000000"),
    ] {
        let overrides = Overrides { set: vec![format!("{key}={value}")], ..Overrides::default() };
        let catalogue = Catalogue::built_in(Some(&FIGURES));
        let text = cartpole("[agents.dqn]\n[agents.efficientzero]\n[agents.ppo]\n");
        let planned = load_text(Path::new("real.toml"), text, &overrides, &catalogue);
        let error = planned.expect_err(key).to_string();
        let name = key.rsplit('.').next().unwrap_or(key);
        assert!(error.contains(name) && error.contains("must be"), "{key}: {error}");
    }
}

/// File systems allow 255 bytes.
#[test]
fn names_that_are_too_long_for_a_folder_are_refused() {
    let catalogue = Catalogue::built_in(Some(&FIGURES));
    let plan = |text| {
        load_text(Path::new("real.toml"), text, &Overrides::default(), &catalogue)
            .map_err(|error| error.to_string())
    };
    let agent = cartpole(&format!("[agents.{}]\npreset = \"dqn\"\n", "x".repeat(235)));
    assert!(plan(agent).expect_err("235 letters").contains("shorten the agent's name"));
    let experiment = cartpole("[agents.dqn]\n").replace("trial", &"x".repeat(256));
    assert!(plan(experiment).expect_err("256 letters").contains("at most 200 letters"));
}
