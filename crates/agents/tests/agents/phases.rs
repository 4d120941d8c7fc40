//! What the start of a phase changes of an agent, and that it changes nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device as CandleDevice, Tensor, safetensors};
use zerolab_agents::{EVERY_LAYER, PhaseStart, is_within};

use crate::test_run::{BUDGET, TestRun};

/// Half of a training.
fn half(preset: &str, seed: u64) -> TestRun {
    let mut run = TestRun::new(preset, "cartpole", seed);
    while run.real_steps < BUDGET / 2 {
        run.round();
    }
    run
}

fn reset(layers: &[&str]) -> PhaseStart {
    let reset = layers.iter().map(|layer| (*layer).to_owned()).collect();
    PhaseStart { phase: 1, forget: false, reset }
}

/// The tensors of a file of a saved agent.
fn tensors(folder: &Path, file: &str) -> BTreeMap<String, Vec<f32>> {
    let read = safetensors::load(folder.join(file), &CandleDevice::Cpu).unwrap();
    let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    read.iter().map(|(name, tensor)| (name.clone(), numbers(tensor))).collect()
}

/// The files of an agent with tensors, before and after the start of a phase.
fn before_and_after(
    run: &mut TestRun,
    start: &PhaseStart,
    file: &str,
) -> [BTreeMap<String, Vec<f32>>; 2] {
    let [before, after] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    run.agent.save(before.path(), None).unwrap();
    run.agent.begin_phase(start).unwrap();
    run.agent.save(after.path(), None).unwrap();
    [before, after].map(|folder| tensors(folder.path(), file))
}

#[test]
fn a_reset_draws_its_layers_anew_and_changes_no_other() {
    for (preset, layers, files) in [
        ("efficientzero", &["dynamics.reward"][..], &["online", "target"][..]),
        ("efficientzero", &["prediction.value", "prediction.policy"], &["online", "target"]),
        ("dqn", &["values"], &["online", "target"]),
        ("alphazero", &["critic"], &["online", "target"]),
        ("ppo", &["actor"], &["network"]),
    ] {
        let start = reset(layers);
        for file in files {
            let mut run = half(preset, 3);
            let file = format!("{file}.safetensors");
            let [before, after] = before_and_after(&mut run, &start, &file);
            let is_reset = |name: &str| layers.iter().any(|layer| is_within(name, layer));
            let changed: Vec<&String> =
                before.keys().filter(|name| before[*name] != after[*name]).collect();
            assert!(!changed.is_empty(), "{preset}");
            for name in changed {
                assert!(is_reset(name), "{preset}: {name} in {file}");
            }
            // What is drawn at random is never what was trained.
            let drawn = |name: &&String| {
                is_reset(name) && name.ends_with(".weight") && !name.contains("norm")
            };
            for name in before.keys().filter(drawn) {
                assert_ne!(before[name], after[name], "{preset}: {name} in {file}");
            }
        }
    }
}

#[test]
fn a_reset_clears_the_moments_of_its_layers_and_no_other() {
    let start = reset(&["dynamics.reward"]);
    let mut run = half("efficientzero", 3);
    let [before, after] = before_and_after(&mut run, &start, "optimizer.safetensors");
    for (name, moments) in &after {
        let weight = name.split_once('.').unwrap().1;
        match is_within(weight, "dynamics.reward") {
            true => assert!(moments.iter().all(|moment| *moment == 0.0), "{name}"),
            false => assert_eq!(moments, &before[name], "{name}"),
        }
    }
    let reset = |name: &&String| name.contains("dynamics.reward");
    assert!(before.keys().filter(reset).any(|name| before[name].iter().any(|it| *it != 0.0)));
}

/// All layers are those of a network from a stream of its own, the same in every run with the seed.
#[test]
fn all_layers_anew_do_not_depend_on_what_was_learned() {
    let start = reset(&[EVERY_LAYER]);
    let mut trained = half("efficientzero", 3);
    let mut fresh = TestRun::new("efficientzero", "cartpole", 3);
    let [initial, of_fresh] = before_and_after(&mut fresh, &start, "online.safetensors");
    let [_, of_trained] = before_and_after(&mut trained, &start, "online.safetensors");
    assert_eq!(of_fresh, of_trained);
    assert_ne!(of_fresh, initial);
    let later = PhaseStart { phase: 2, ..start };
    let [_, another] = before_and_after(&mut trained, &later, "online.safetensors");
    assert_ne!(another, of_trained);
}

#[test]
fn a_phase_that_asks_for_nothing_changes_nothing() {
    for preset in ["efficientzero", "dqn", "alphazero", "ppo", "random", "optimal"] {
        let mut turned = half(preset, 5);
        turned.agent.begin_phase(&PhaseStart { phase: 1, ..PhaseStart::default() }).unwrap();
        assert_eq!(turned.finish().actions, half(preset, 5).finish().actions, "{preset}");
    }
}

/// Without experience there are no updates until there is as much as before the first one; the weights stay.
#[test]
fn an_agent_that_forgets_keeps_its_weights_and_collects_anew() {
    for preset in ["efficientzero", "dqn", "alphazero"] {
        let mut run = half(preset, 4);
        let start = PhaseStart { phase: 1, forget: true, reset: Vec::new() };
        let [before, after] = before_and_after(&mut run, &start, "online.safetensors");
        assert_eq!(before, after, "{preset}");
        let (updates, begin) = (run.agent.updates(), run.real_steps);
        assert!(updates > 0, "{preset}");
        while run.real_steps < begin + 20 {
            assert_eq!(run.agent.updates(), updates, "{preset}");
            run.round();
        }
        let finished = run.finish();
        // 0.1 updates for each real step after 20 without.
        let expected = updates + (BUDGET - begin - 20) / 10;
        assert_eq!(finished.agent.updates(), expected, "{preset}");
    }
}

#[test]
fn updates_without_new_experience_come_on_top() {
    for preset in ["efficientzero", "dqn", "alphazero"] {
        let mut run = half(preset, 4);
        let updates = run.agent.updates();
        run.agent.learn_offline(7).unwrap();
        assert_eq!(run.agent.updates(), updates + 7, "{preset}");
        let finished = run.finish();
        let plain = half(preset, 4).finish();
        assert_eq!(finished.agent.updates(), plain.agent.updates() + 7, "{preset}");
    }
}
