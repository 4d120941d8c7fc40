//! A training on a GPU begins like one on the processor, and is reproducible bit for bit.
//!
//! It is built only with the feature `cuda`. Without a GPU the tests print so and pass.

#![cfg(feature = "cuda")]

mod lanes;

use std::collections::BTreeMap;

use zerolab_agents::registry::{find, find_preset};
use zerolab_agents::{Context, Device, DeviceName, Mode, PhasedUpdates};

use self::lanes::Lanes;

const LANES: usize = 4;
/// Real steps; learning begins after 40 of them.
const BUDGET: u64 = 80;

type Losses = Vec<BTreeMap<String, f64>>;

/// The losses of each update and all actions of a short training of `preset` in `environment`.
fn train(preset: &str, environment: &str, device: &Device) -> (Losses, Vec<usize>) {
    let environment = zerolab_environments::find(environment).unwrap();
    let environment = (environment.make)(&toml::Table::new()).unwrap();
    let mut lanes = Lanes::new(&*environment, LANES, 0);
    let mut table: toml::Table = find_preset(preset).unwrap().toml.parse().unwrap();
    let kind = table.remove("agent").unwrap();
    let entry = find(kind.as_str().unwrap()).unwrap();
    let small: toml::Table =
        "learning_starts = 40\nupdate_ratio = 0.1\nbatch_size = 8".parse().unwrap();
    if let Some(search) = table.get_mut("search") {
        search["simulations"] = 4.into();
    }
    match table.get_mut("training").and_then(toml::Value::as_table_mut) {
        Some(training) => training.extend(small),
        None => table.extend(small),
    }
    let description = lanes.environment().description().clone();
    let context = Context {
        description,
        real_steps: BUDGET,
        phases: PhasedUpdates::default(),
        lanes: LANES,
        seed: 3,
        device: device.clone(),
    };
    let mut agent = (entry.make)(&(entry.resolve)(&table).unwrap(), &context).unwrap();
    let (mut losses, mut actions) = (Losses::new(), Vec::new());
    for step in 1..=BUDGET / LANES as u64 {
        let chosen = lanes.ask(LANES, |seen| agent.act(seen, Mode::Explore).unwrap());
        let transitions = lanes.step(&chosen);
        actions.extend(chosen);
        agent.observe(transitions).unwrap();
        agent.learn(step * LANES as u64).unwrap();
        let new = agent.drain_losses();
        losses.extend((!new.is_empty()).then_some(new));
    }
    (losses, actions)
}

const PRESETS: [&str; 3] = ["efficientzero", "muzero", "dqn"];
const ENVIRONMENTS: [&str; 2] = ["cartpole", "minatar/breakout"];

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn gpu() -> Option<Device> {
    match Device::open(DeviceName::Cuda(0)) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

#[test]
fn a_training_begins_as_on_the_processor() {
    let Some(gpu) = gpu() else { return };
    for environment in ENVIRONMENTS {
        for preset in PRESETS {
            let (on_cpu, _) = train(preset, environment, &Device::cpu());
            let (on_gpu, _) = train(preset, environment, &gpu);
            // The first updates learn from random actions. Later, searches may differ where two actions are
            // almost equal.
            for (update, (cpu, gpu)) in on_cpu.iter().zip(&on_gpu).take(2).enumerate() {
                for (name, cpu) in cpu {
                    let (gpu, tolerance) = (gpu[name], 1e-2 * (1.0 + cpu.abs()));
                    let what = format!("{preset} in {environment}: {name} of update {update}");
                    assert!((cpu - gpu).abs() < tolerance, "{what} is {gpu}, not {cpu}");
                }
            }
        }
    }
}

#[test]
fn a_training_is_reproducible() {
    let Some(gpu) = gpu() else { return };
    for environment in ENVIRONMENTS {
        for preset in PRESETS {
            assert!(
                train(preset, environment, &gpu) == train(preset, environment, &gpu),
                "{preset} in {environment}"
            );
        }
    }
    assert_eq!(gpu.recording_error(), None, "updates and searches are recorded");
}
