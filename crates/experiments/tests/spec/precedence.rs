//! Which of several texts sets a setting.

use toml::Value;
use zerolab_experiments::plan::resolved::ResolvedRun;

use crate::made_up::{load, load_with, set, spec};

/// The first run of a spec with `--set` arguments.
fn first(rest: &str, arguments: &[&str]) -> ResolvedRun {
    let plan = load_with(&spec(rest), &set(arguments)).unwrap_or_else(|error| panic!("{error}"));
    plan.runs.into_iter().next().expect("a run")
}

fn simulations(run: &ResolvedRun) -> i64 {
    run.agent.settings["search"]["simulations"].as_integer().expect("a number")
}

/// All 32 subsets of the five layers above the preset.
#[test]
fn the_highest_layer_wins() {
    for written in 0..32_u8 {
        let has = |layer: u8| written & (1 << layer) != 0;
        let line = |layer: u8, text: &'static str| if has(layer) { text } else { "" };
        let rest = format!(
            "[agents.careful]\n{}[sweep]\n\"environment.size\" = [3]\n{}{}",
            line(0, "search.simulations = 100\n"),
            line(2, "\"agents.careful.search.simulations\" = [102]\n"),
            line(1, "\"agents.*.search.simulations\" = [101]\n"),
        );
        let exact = has(4).then_some("agents.careful.search.simulations=104");
        let star = has(3).then_some("agents.*.search.simulations=103");
        let arguments: Vec<_> = exact.into_iter().chain(star).collect();
        let highest = (0..5).rev().find(|&layer| has(layer));
        let expected = highest.map_or(50, |layer| 100 + i64::from(layer));
        assert_eq!(simulations(&first(&rest, &arguments)), expected, "{rest} {arguments:?}");
    }
}

#[test]
fn the_last_of_two_arguments_wins() {
    let run = first("[agents.lazy]\n", &["budget.real_steps=7", "budget.real_steps=9"]);
    assert_eq!(run.budget.real_steps, 9);
}

#[test]
fn a_set_key_is_not_an_axis() {
    let sweep = "[agents.careful]\n[sweep]\n\"agents.*.search.simulations\" = [4, 16]\n";
    let plan =
        load_with(&spec(sweep), &set(&["agents.*.search.simulations=8"])).expect("a good spec");
    assert_eq!(plan.runs.len(), 1);
    assert_eq!(plan.runs[0].agent.label, "careful");
    assert!(plan.axes[&plan.runs[0].id].is_empty());
}

#[test]
fn the_rest_of_the_preset_stays() {
    let run = first("[agents.bold.search]\nsimulations = 3\n", &[]);
    assert_eq!(run.agent.settings["search"]["noise"], Value::from("gumbel"));
    assert_eq!(run.agent.settings["learning_rate"], Value::from(0.1));
    assert_eq!((run.agent.kind.as_str(), run.agent.preset.as_str()), ("learner", "bold"));
}

#[test]
fn another_variant_replaces_the_one_of_the_preset() {
    let run = first("[agents.careful]\n", &["agents.*.network.connected.widths=[8]"]);
    assert_eq!(run.agent.settings["network"].to_string(), "{ connected = { widths = [8] } }");
    let run = first("[agents.careful]\nnetwork.residual.blocks = 3\n", &[]);
    let residual = &run.agent.settings["network"];
    assert_eq!(residual.to_string(), "{ residual = { blocks = 3, channels = 0 } }");
}

#[test]
fn the_star_applies_to_agents_with_that_variant() {
    let rest = "[agents.careful]\n[agents.bold]\n";
    let arguments = set(&["agents.*.network.residual.blocks=9"]);
    let plan = load_with(&spec(rest), &arguments).expect("a good spec");
    let networks: Vec<_> =
        plan.runs.iter().map(|run| run.agent.settings["network"].to_string()).collect();
    assert_eq!(
        networks,
        ["{ connected = { widths = [64, 64] } }", "{ residual = { blocks = 9, channels = 16 } }"]
    );
}

#[test]
fn an_optional_key_can_be_set() {
    let run = first("[agents.careful]\n[agents.lazy]\n", &["agents.*.clip=2"]);
    assert_eq!(run.agent.settings["clip"], Value::from(2.0));
}

#[test]
fn values_are_toml_or_bare_words() {
    let run = first("[agents.careful]\n", &["environment.name=maze/small"]);
    assert_eq!(run.environment.name, "maze/small");
    let run = first("[agents.careful]\n", &["environment.name = 'grid'", "environment.size = 7"]);
    assert_eq!(run.environment.options["size"], Value::from(7));
    let run = first("[agents.careful]\n", &["agents.careful.preset=bold"]);
    assert_eq!((run.agent.preset.as_str(), run.agent.label.as_str()), ("bold", "careful"));
}

#[test]
fn names_with_dots_and_spaces() {
    let rest = "[agents.\"small v1.5\"]\npreset = \"careful\"\n";
    for key in ["agents.small v1.5.learning_rate", "agents.\"small v1.5\".learning_rate"] {
        let run = first(rest, &[&format!("{key}=0.5")]);
        assert_eq!(run.agent.settings["learning_rate"], Value::from(0.5));
        let swept = format!("{rest}[sweep]\n'{key}' = [0.5]\n");
        assert_eq!(first(&swept, &[]).agent.label, "small v1.5 [learning_rate=0.5]");
    }
}

#[test]
fn the_default_number_of_lanes() {
    assert_eq!(load(&spec("[agents.lazy]\n")).expect("a good spec").runs[0].budget.lanes, 8);
}
