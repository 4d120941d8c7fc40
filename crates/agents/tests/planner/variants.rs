//! Every variant of each setting trains, is reproducible, resumes exactly, and costs what was forecast.

use std::collections::BTreeMap;

use zerolab_agents::Summary;
use zerolab_metrics::{Phase, PhaseCost};

use crate::training::{LANES, TestTraining, context, environment, settings};

/// Enough for a few updates of each.
const BUDGET: u64 = 60;

const VARIANTS: &[&str] = &[
    "reanalyse.values = 'searched-bootstrap'",
    "reanalyse.values = 'search'",
    "reanalyse = { values = 'mixed', ratio = 1.0, mixed = { start = 0.5, recent = 0.2 } }",
    "reanalyse.ratio = 0.0",
    "reanalyse = { ratio = 1.0, reuse = 2 }",
    "reanalyse = { values = 'searched-bootstrap', reuse = 1000 }",
    "consistency.augmentation = { shift = 2, intensity = 0.05 }",
    "replay = { insertion = 'value-error', priority_exponent = 0.6 }",
    "replay = { insertion = 'largest-held', priority_exponent = 1.0, importance_exponent = 1.0 }",
    "training.gradient_scaling = 'pseudocode'",
    "training.gradient_scaling = 'released'",
    "training.gradient_scaling = 'none'",
    "training.reward_clipping = { rule = 'sign', limit = 1.0 }",
    "search.selection = 'puct'\n exploration.temperatures = [1.0, 0.25]",
    "value_prefix.horizon = 2",
    "network.image.precision = 'bf16'",
    "network.image.normalization_momentum = 0.5",
];

#[test]
fn each_changes_the_training_and_is_reproducible() {
    // An environment with images, and with rewards that differ from their signs.
    let environment = environment("minatar/breakout");
    let train = |changes: &str| {
        let mut training = TestTraining::new(changes, &*environment, BUDGET);
        training.reward = |reward| 0.3 + reward;
        training.until(BUDGET).losses
    };
    let plain = train("");
    for changes in VARIANTS {
        let losses = train(changes);
        assert_ne!(losses, plain, "{changes}");
        assert_eq!(losses, train(changes), "{changes}");
    }
}

#[test]
fn each_resumes_exactly() {
    let environment = environment("minatar/breakout");
    for changes in VARIANTS {
        let mut run = TestTraining::new(changes, &*environment, BUDGET).until(BUDGET / 2);
        let mut again = run.reloaded(changes, BUDGET).until(BUDGET);
        (run.actions, run.losses) = (Vec::new(), Vec::new());
        let mut run = run.until(BUDGET);
        assert_eq!(counted(&mut run), counted(&mut again), "{changes}");
        assert_eq!((run.actions, run.losses), (again.actions, again.losses), "{changes}");
    }
}

/// The costs without seconds.
fn counted(training: &mut TestTraining) -> BTreeMap<Phase, PhaseCost> {
    let mut phases = training.agent.account().phases().clone();
    phases.values_mut().for_each(|cost| cost.wall_seconds = 0.0);
    phases
}

#[test]
fn each_costs_what_was_forecast() {
    let environment = environment("catch");
    for changes in VARIANTS {
        let mut training = TestTraining::new(changes, &*environment, BUDGET).until(BUDGET);
        assert_eq!(training.actions.len() as u64, BUDGET.next_multiple_of(LANES as u64));
        let (entry, table) = settings(changes);
        let Summary { forecast, flops, .. } =
            (entry.describe)(&table, &context(&*environment, BUDGET, 1)).unwrap();
        let spent = counted(&mut training);
        for (phase, foreseen) in &forecast {
            let mut spent = spent.get(phase).copied().unwrap_or_default();
            // The training loop counts real steps.
            spent.real_steps = foreseen.real_steps;
            if *phase == Phase::Reanalysis {
                // For values, and for searches that are reused, the forecast is an upper bound.
                let searched = spent.simulations / 3 * flops["search"];
                assert!((searched..=foreseen.flops).contains(&spent.flops), "{changes}");
                spent.flops = foreseen.flops;
                if changes.contains("reuse") {
                    assert!(spent.simulations < foreseen.simulations, "{changes}");
                    (spent.simulations, spent.imagined_steps) =
                        (foreseen.simulations, foreseen.imagined_steps);
                }
            }
            assert_eq!(spent, *foreseen, "{changes}, {phase:?}");
        }
    }
}

#[test]
fn wrong_settings_name_their_key() {
    let (entry, _) = settings("");
    for (wrong, path) in [
        ("reanalyse = { values = 'search', ratio = 0.0 }", "reanalyse.values"),
        ("reanalyse = { values = 'mixed', ratio = 0.001 }", "reanalyse.values"),
        ("reanalyse.mixed.start = 1.5", "reanalyse.mixed.start"),
        ("reanalyse.mixed.recent = -0.5", "reanalyse.mixed.recent"),
        ("reanalyse.values = 'root'", "reanalyse.values"),
        ("replay.insertion = 'largest'", "replay.insertion"),
        ("consistency.augmentation.intensity = -0.1", "consistency.augmentation.intensity"),
        ("consistency.augmentation.shift = -1", "consistency.augmentation.shift"),
        ("training.gradient_scaling = 0.5", "training.gradient_scaling"),
        ("training.reward_clipping.limit = -1.0", "training.reward_clipping.limit"),
        ("training.reward_clipping.rule = 'tanh'", "training.reward_clipping.rule"),
    ] {
        let error = (entry.resolve)(&wrong.parse().unwrap()).unwrap_err();
        assert_eq!(error.path, path, "{error}");
    }
}
