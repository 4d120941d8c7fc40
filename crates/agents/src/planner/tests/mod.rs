//! Tests of the planner's internals: targets of a batch, gradients of the losses, overfitting of one batch.

mod augmentation;
mod frame_cache;
mod gradients;
mod heads;
mod imagine;
mod overfitting;
mod reuse;
mod samples;
mod value_prefix;
mod values;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_environments::Description;
use zerolab_metrics::Account;
use zerolab_models::Device;
use zerolab_models::networks::{Network, PlannerNetworks};

use super::Settings;
use super::frame_cache::FrameCache;
use super::reanalysis::{FreshTargets, reanalyse};
use super::target_cache::TargetCache;
use super::training_batch::TrainingBatch;
use super::unrolled_batch::{UnrolledBatch, UpdateContext};
use crate::agent::{Context, Transition};
use crate::replay::{Replay, Sample};
use crate::streams::Streams;
use crate::update_schedule::PhasedUpdates;

/// Small settings, with changes.
fn settings(changes: &str) -> Settings {
    const SMALL: &str = "
        discount = 0.9
        value_limit = 5
        reward_limit = 3
        search = { simulations = 4 }
        reanalyse = { ratio = 1.0 }
        replay = { priority_exponent = 0.0 }
        training = { batch_size = 6, unroll_steps = 3, td_steps = 2, td_shortening_share = 0.0 }
        [network.image]
        channels = 4
        normalization = 'batch'
        head_channels = 3
        head_hidden = 6
        lstm_hidden = 5
        projection = 8
        [network.vector]
        channels = 8
        normalization = 'batch'
        head_channels = 3
        head_hidden = 6
        lstm_hidden = 5
        projection = 8
    ";
    let mut table: toml::Table = SMALL.parse().unwrap();
    merge(&mut table, changes.parse().unwrap());
    let settings: Settings = table.try_into().unwrap();
    settings.check().unwrap();
    settings
}

fn merge(table: &mut toml::Table, changes: toml::Table) {
    for (key, value) in changes {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(value)) => merge(below, value),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

const IMAGE: &[usize] = &[2, 3, 4];
const VECTOR: &[usize] = &[5];
const NUM_ACTIONS: usize = 3;
const BUDGET: u64 = 100;

fn context(observation_shape: &[usize]) -> Context {
    let description = Description {
        observation_range: (-1.0, 1.0),
        ..Description::new("made up", observation_shape, NUM_ACTIONS)
    };
    Context {
        description,
        real_steps: BUDGET,
        phases: PhasedUpdates::default(),
        lanes: 1,
        seed: 1,
        device: Device::cpu(),
    }
}

/// Three random episodes, one after the other: terminated, truncated and open.
fn experience(observation_shape: &[usize]) -> Replay {
    let mut stream = ChaCha8Rng::seed_from_u64(5);
    let length: usize = observation_shape.iter().product();
    let mut replay = Replay::new(100, 1, 0.0);
    let observe = |stream: &mut ChaCha8Rng| -> Vec<f32> {
        (0..length).map(|_| stream.random_range(-1.0..1.0)).collect()
    };
    for (steps, terminated, truncated) in [(7, true, false), (5, false, true), (6, false, false)] {
        let mut next = observe(&mut stream);
        for step in 1..=steps {
            let observation = std::mem::replace(&mut next, observe(&mut stream));
            let transition = Transition {
                lane: 0,
                observation,
                action: stream.random_range(0..NUM_ACTIONS),
                reward: Some(stream.random_range(-1.0..1.0)),
                terminated: terminated && step == steps,
                truncated: truncated && step == steps,
                next_observation: next.clone(),
                legal: vec![true; NUM_ACTIONS],
                to_play: 0,
                next_to_play: 0,
            };
            let policy: Vec<f32> = (0..NUM_ACTIONS).map(|_| stream.random()).collect();
            let sum: f32 = policy.iter().sum();
            let policy: Vec<f32> = policy.iter().map(|p| p / sum).collect();
            replay.push(&transition, &policy);
        }
    }
    replay
}

/// The samples of these transitions, numbered from the oldest.
fn samples<'a>(replay: &'a Replay, numbers: &[u64]) -> Vec<Sample<'a>> {
    let all = replay.sample(2000, 1.0, &mut ChaCha8Rng::seed_from_u64(0));
    let find = |number: &u64| *all.iter().find(|sample| sample.number == *number).unwrap();
    numbers.iter().map(find).collect()
}

fn batch<'a>(
    samples: Vec<Sample<'a>>,
    settings: &Settings,
    context: &Context,
) -> UnrolledBatch<'a> {
    let update_context = UpdateContext { progress: 0.5, streams: Streams::new(9) };
    UnrolledBatch::new(samples, settings, context, &update_context)
}

/// Networks without zero weights.
fn networks(settings: &Settings, context: &Context) -> PlannerNetworks {
    let mut stream = ChaCha8Rng::seed_from_u64(2);
    let networks = settings.networks(context, &mut stream).unwrap();
    for (_, var) in networks.parameters().trained() {
        let noise = (0..var.elem_count()).map(|_| stream.random_range(-0.3f32..0.3)).collect();
        let noise = context.device.upload(noise, var.dims()).unwrap();
        var.set(&(var.as_tensor() + noise).unwrap()).unwrap();
    }
    networks
}

/// The targets of a batch from `target`, without a cache.
fn fresh(target: &PlannerNetworks, batch: &UnrolledBatch<'_>, settings: &Settings) -> FreshTargets {
    let (mut search, mut cache) = (settings.search(1), TargetCache::default());
    let (mut frame_cache, mut account) = (FrameCache::default(), Account::default());
    reanalyse(target, batch, settings, &mut cache, &mut frame_cache, &mut search, &mut account)
        .unwrap()
}

fn training_batch(
    batch: &UnrolledBatch<'_>,
    fresh: &FreshTargets,
    online: &PlannerNetworks,
) -> TrainingBatch {
    TrainingBatch::new(batch, fresh, online, &mut FrameCache::default()).unwrap()
}
