//! Presets: complete, consistent with each other, and their costs foreseen.

use std::collections::BTreeMap;

use zerolab_agents::registry::{agents, find_preset, presets};
use zerolab_metrics::{Phase, PhaseCost};

use crate::run::{Run, WORLDS, context};
use crate::small::{SMALL, lay_over, settings};

#[test]
fn every_agent_has_a_preset_a_word_and_a_schema() {
    for entry in agents() {
        assert!(!entry.summary.is_empty());
        let properties = (entry.schema)();
        assert!(properties.as_object().is_some());
        let named = presets()
            .iter()
            .any(|preset| preset.toml.contains(&format!("agent = \"{}\"", entry.name)));
        assert!(named, "{} has no preset", entry.name);
        assert!(
            SMALL.iter().any(|(kind, _)| *kind == entry.name),
            "{} has no small settings here",
            entry.name
        );
    }
}

#[test]
fn presets_resolve_to_themselves() {
    for preset in presets() {
        let (entry, table) = settings(preset.name);
        assert_eq!((entry.resolve)(&table).unwrap(), table, "{}", preset.name);
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

/// A setting that a preset left out would change when its neighbour is overridden.
#[test]
fn presets_are_complete() {
    for preset in presets() {
        let mut written: toml::Table = toml::from_str(preset.toml).unwrap();
        written.remove("agent");
        let entry = settings(preset.name).0;
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
        let mut switched = settings(efficientzero).1;
        lay_over(&mut switched, toml::from_str(off).unwrap());
        assert_eq!(switched, settings(muzero).1);
    }
}

/// It differs from muzero in what it searches in, not in how.
#[test]
fn alphazero_has_the_values_of_muzero() {
    let [mut muzero, mut alphazero] = ["muzero", "alphazero"]
        .map(|preset| find_preset(preset).unwrap().toml.parse::<toml::Table>().unwrap());
    alphazero.remove("agent");
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

#[test]
fn the_account_is_the_forecast() {
    for world in WORLDS {
        for preset in presets() {
            let mut run = Run::new(preset.name, world, 1).finish();
            let (entry, table) = settings(preset.name);
            let summary = (entry.describe)(&table, &context(run.lanes.world(), 1)).unwrap();
            let spent: BTreeMap<Phase, PhaseCost> = run.agent.account().phases().clone();
            for (phase, forecast) in &summary.forecast {
                // Seconds cannot be foreseen, and real steps are counted by the loop.
                let mut spent = spent.get(phase).copied().unwrap_or_default();
                (spent.wall_seconds, spent.real_steps) = (0.0, forecast.real_steps);
                if *phase == Phase::Reanalysis {
                    // How often something is known from before cannot be foreseen either.
                    let searched = forecast.simulations.min(1)..=forecast.simulations;
                    let fewer = (1..forecast.flops).contains(&spent.flops);
                    assert!(fewer && searched.contains(&spent.simulations), "{}", preset.name);
                    assert_eq!(spent.simulations, spent.imagined_steps, "{}", preset.name);
                    spent = *forecast;
                }
                if (entry.name, *phase) == ("alphazero", Phase::Acting) {
                    // Nor how many episodes end within a search.
                    assert!((1..=forecast.flops).contains(&spent.flops), "on {world}");
                    assert!((1..=forecast.imagined_steps).contains(&spent.imagined_steps));
                    (spent.flops, spent.imagined_steps) = (forecast.flops, forecast.imagined_steps);
                }
                assert_eq!(spent, *forecast, "{} on {world}, {phase:?}", preset.name);
            }
            assert!(spent.keys().all(|phase| summary.forecast.contains_key(phase)), "{spent:?}");
        }
    }
}
