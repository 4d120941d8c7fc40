//! A training on a GPU begins as the one on the processor, and repeats itself bit for bit.
//!
//! Only built with the feature `cuda`; where there is no GPU the tests say so and pass.

#![cfg(feature = "cuda")]

mod lanes;

use std::collections::BTreeMap;

use zerolab_agents::registry::{find, find_preset};
use zerolab_agents::{Context, Device, DeviceName, Mode};

use self::lanes::Lanes;

const LANES: usize = 4;
/// Real steps; learning begins after 40 of them.
const BUDGET: u64 = 80;

type Losses = Vec<BTreeMap<String, f64>>;

/// The losses of each update and all actions of a short training of `preset` in `world`.
fn train(preset: &str, world: &str, device: &Device) -> (Losses, Vec<usize>) {
    let world = zerolab_environments::find(world).unwrap();
    let world = (world.make)(&toml::Table::new()).unwrap();
    let mut lanes = Lanes::new(&*world, LANES, 0);
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
    let description = lanes.world().description().clone();
    let context =
        Context { description, real_steps: BUDGET, lanes: LANES, seed: 3, device: device.clone() };
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
const WORLDS: [&str; 2] = ["cartpole", "minatar/breakout"];

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
    for world in WORLDS {
        for preset in PRESETS {
            let (on_cpu, _) = train(preset, world, &Device::cpu());
            let (on_gpu, _) = train(preset, world, &gpu);
            // The data of the first updates are those of random play. Searches may then take another way
            // where two actions were all but equal.
            for (update, (cpu, gpu)) in on_cpu.iter().zip(&on_gpu).take(2).enumerate() {
                for (name, cpu) in cpu {
                    let (gpu, tolerance) = (gpu[name], 1e-2 * (1.0 + cpu.abs()));
                    let what = format!("{preset} in {world}: {name} of update {update}");
                    assert!((cpu - gpu).abs() < tolerance, "{what} is {gpu}, not {cpu}");
                }
            }
        }
    }
}

#[test]
fn a_training_repeats_itself() {
    let Some(gpu) = gpu() else { return };
    for world in WORLDS {
        for preset in PRESETS {
            assert!(
                train(preset, world, &gpu) == train(preset, world, &gpu),
                "{preset} in {world}"
            );
        }
    }
    assert_eq!(gpu.recording_error(), None, "updates and searches are recorded");
}
