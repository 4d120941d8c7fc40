//! The environments, agents and presets of the program: each can be planned.

use std::collections::BTreeSet;
use std::path::Path;

use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::{Catalogue, Figure, load_text, schema};

use crate::shown::dangling_references;

const FIGURES: [Figure; 1] = [Figure { kind: "learning-curve", xs: &["real_steps"] }];

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
    let names: Vec<_> = catalogue.environments.iter().map(|environment| environment.name).collect();
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
