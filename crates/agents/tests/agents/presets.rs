//! Presets: they are complete and consistent with each other, and their cost is the forecast.

use std::collections::{BTreeMap, BTreeSet};

use zerolab_agents::registry::{agents, find_preset, presets};
use zerolab_agents::{AgentEntry, Summary, find};
use zerolab_metrics::{Phase, PhaseCost};

use crate::small::{SMALL, lay_over, settings};
use crate::test_run::{BUDGET, ENVIRONMENTS, TestRun, context};

/// A preset's kind of agent, and its settings as they are in the file.
fn written(preset: &str) -> (&'static AgentEntry, toml::Table) {
    let mut table: toml::Table = find_preset(preset).unwrap().toml.parse().unwrap();
    let kind = table.remove("agent").unwrap();
    (find(kind.as_str().unwrap()).unwrap(), table)
}

#[test]
fn every_agent_has_a_preset_a_summary_and_a_schema() {
    for entry in agents() {
        assert!(!entry.summary.is_empty());
        let schema = (entry.schema)();
        let properties = schema.get("properties").and_then(|properties| properties.as_object());
        let described: BTreeSet<&str> =
            properties.into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let defaults = (entry.resolve)(&toml::Table::new()).unwrap();
        let keys: BTreeSet<&str> = defaults.keys().map(String::as_str).collect();
        assert_eq!(described, keys, "schema of {}", entry.name);
        let named = presets().iter().any(|preset| written(preset.name).0.name == entry.name);
        assert!(named, "{} has no preset", entry.name);
        assert!(
            SMALL.iter().any(|(kind, _)| *kind == entry.name),
            "{} has no small settings here",
            entry.name
        );
    }
}

/// Whether two tables are equal. Some settings are stored in single precision.
fn same(one: &toml::Value, other: &toml::Value) -> bool {
    match (one, other) {
        (toml::Value::Float(one), toml::Value::Float(other)) => {
            (one - other).abs() <= 1e-7 * other.abs()
        }
        (toml::Value::Array(one), toml::Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (toml::Value::Table(one), toml::Value::Table(other)) => {
            one.keys().eq(other.keys())
                && one.values().zip(other.values()).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

#[test]
fn presets_resolve_to_themselves() {
    for preset in presets() {
        let (entry, table) = written(preset.name);
        let resolved = (entry.resolve)(&table).unwrap();
        let (resolved, table) = (toml::Value::Table(resolved), toml::Value::Table(table));
        assert!(same(&resolved, &table), "{}: {resolved} is not {table}", preset.name);
        assert!(!preset.summary.is_empty());
    }
}

/// Every key of a table, with its path.
fn keys(table: &toml::Table, path: &str) -> Vec<String> {
    let below = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::Table(table) => keys(table, &format!("{path}{key}.")),
        _ => vec![format!("{path}{key}")],
    };
    table.iter().flat_map(below).collect()
}

/// A setting that a preset leaves out could change when another setting is overridden.
#[test]
fn presets_are_complete() {
    for preset in presets() {
        let (entry, written) = written(preset.name);
        let resolved = (entry.resolve)(&written).unwrap();
        assert_eq!(keys(&written, ""), keys(&resolved, ""), "{}", preset.name);
    }
}

#[test]
fn muzero_is_efficientzero_with_three_switches_off() {
    let off = "value_prefix.enabled = false\nconsistency.weight = 0.0\ntraining.td_shortening_share = 0.0";
    for [efficientzero, muzero] in
        [["efficientzero", "muzero"], ["atari/efficientzero", "atari/muzero"]]
    {
        let mut switched = written(efficientzero).1;
        lay_over(&mut switched, toml::from_str(off).unwrap());
        assert_eq!(switched, written(muzero).1);
    }
}

/// The two differ in what the search steps in, not in its settings.
#[test]
fn alphazero_has_the_values_of_muzero() {
    let [mut muzero, alphazero] = ["muzero", "alphazero"].map(|preset| written(preset).1);
    let target_interval = muzero["reanalyse"]["target_interval"].clone();
    muzero["training"]
        .as_table_mut()
        .unwrap()
        .insert("target_interval".to_owned(), target_interval);
    for key in keys(&alphazero, "") {
        let at = |table: &toml::Table| {
            key.split('.')
                .try_fold(toml::Value::Table(table.clone()), |at, key| at.get(key).cloned())
        };
        assert_eq!(at(&alphazero), at(&muzero), "{key}");
    }
}

/// Simulations of a search in the small settings.
const SIMULATIONS: u64 = 3;

/// The cost of reanalysis depends on how often values and searches are cached. The forecast is its upper
/// bound, and exact for searches that are not reused.
fn check_reanalysis(spent: &PhaseCost, summary: &Summary, reuse: Option<u64>) {
    let forecast = &summary.forecast[&Phase::Reanalysis];
    assert_eq!(spent.simulations, spent.imagined_steps);
    let (search, evaluation) = match reuse {
        Some(_) => (summary.flops["search"], summary.flops["initial inference"]),
        None => (0, summary.flops["inference"]),
    };
    match reuse {
        Some(0) | None => assert_eq!(spent.simulations, forecast.simulations),
        Some(_) => assert!((1..forecast.simulations).contains(&spent.simulations)),
    }
    assert_eq!(spent.simulations % SIMULATIONS, 0);
    // Apart from searches it evaluates bootstrap states, some of which are cached.
    let upper = forecast.flops - forecast.simulations / SIMULATIONS * search;
    let evaluations = spent.flops - spent.simulations / SIMULATIONS * search;
    assert_eq!(evaluations % evaluation, 0);
    assert!((1..upper).contains(&evaluations), "{evaluations} of {upper}");
}

/// AlphaZero neither steps nor evaluates states after the end of an episode.
fn check_simulated_acting(spent: &PhaseCost, summary: &Summary) {
    let (forecast, inference) = (&summary.forecast[&Phase::Acting], summary.flops["inference"]);
    assert_eq!(spent.flops % inference, 0);
    let evaluations = spent.flops / inference;
    assert!((BUDGET + 1..=BUDGET + spent.imagined_steps).contains(&evaluations), "{evaluations}");
    assert!((1..=forecast.imagined_steps).contains(&spent.imagined_steps));
    assert_eq!(forecast.imagined_steps, SIMULATIONS * BUDGET);
}

/// A generation of the cross-entropy method ends with its last episode, so the number of updates depends on the length
/// of episodes.
fn check_generations(spent: &PhaseCost, summary: &Summary) {
    let forecast = &summary.forecast[&Phase::Learning];
    assert!((1..=forecast.updates).contains(&spent.updates), "{} updates", spent.updates);
    assert_eq!(spent.flops, spent.updates * summary.flops["update"]);
    assert_eq!(forecast.flops, forecast.updates * summary.flops["update"]);
}

#[test]
fn the_account_is_the_forecast() {
    for environment in ENVIRONMENTS {
        for preset in presets() {
            let mut run = TestRun::new(preset.name, environment, 1).finish();
            let (entry, table) = settings(preset.name);
            let summary = (entry.describe)(&table, &context(run.lanes.environment(), 1)).unwrap();
            let spent: BTreeMap<Phase, PhaseCost> = run.agent.account().phases().clone();
            let learns = !["random", "optimal", "scripted"].contains(&entry.name);
            assert_eq!(summary.forecast.contains_key(&Phase::Learning), learns, "{}", preset.name);
            let where_it_is = format!("{} on {environment}", preset.name);
            for (phase, forecast) in &summary.forecast {
                let mut spent = spent.get(phase).copied().unwrap_or_default();
                let real_steps = if *phase == Phase::Acting { BUDGET } else { 0 };
                assert_eq!(forecast.real_steps, real_steps, "{where_it_is}, {phase:?}");
                assert!(forecast.flops > 0 && spent.wall_seconds >= 0.0, "{where_it_is}");
                // Seconds have no forecast, and the training loop counts real steps.
                (spent.wall_seconds, spent.real_steps) = (0.0, forecast.real_steps);
                if *phase == Phase::Reanalysis {
                    let reuse = table.get("reanalyse").map(|table| &table["reuse"]);
                    let reuse = reuse.map(|reuse| reuse.as_integer().unwrap() as u64);
                    check_reanalysis(&spent, &summary, reuse);
                    spent = *forecast;
                }
                if (entry.name, *phase) == ("cem", Phase::Learning) {
                    check_generations(&spent, &summary);
                    spent = *forecast;
                }
                if (entry.name, *phase) == ("alphazero", Phase::Acting) {
                    check_simulated_acting(&spent, &summary);
                    (spent.flops, spent.imagined_steps) = (forecast.flops, forecast.imagined_steps);
                }
                assert_eq!(spent, *forecast, "{where_it_is}, {phase:?}");
            }
            assert!(spent.keys().all(|phase| summary.forecast.contains_key(phase)), "{spent:?}");
        }
    }
}
