//! Cached frames give the same observations as the replay buffer.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::PlannerNetworks;

use super::{context, networks, settings};
use crate::agent::{Context, Transition};
use crate::planner::augmentation::ImageTransform;
use crate::planner::frame_cache::{FrameCache, ObservationBatch};
use crate::planner::settings::Augmentation;
use crate::planner::target_cache::StoredState;
use crate::replay::Replay;

const FRAMES: usize = 3;
/// Three frames of two planes of 2 × 3 cells.
const SHAPE: &[usize] = &[6, 2, 3];
const LENGTH: usize = 36;
const STEPS: usize = 40;

fn stacked() -> Context {
    let mut context = context(SHAPE);
    context.description.frames = FRAMES;
    context
}

/// Episodes of images with `shades` grey levels, stacked as by an environment.
fn experience(shades: u8) -> Replay {
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let one = LENGTH / FRAMES;
    let mut image = || -> Vec<f32> {
        let step = 255 / (shades - 1);
        (0..one).map(|_| f32::from(stream.random_range(0..shades) * step) / 255.0).collect()
    };
    let mut replay = Replay::new(STEPS, 1, 0.0).with_stack(FRAMES);
    let mut seen = image().repeat(FRAMES);
    for step in 0..STEPS {
        let terminated = step % 11 == 10;
        let next = [&seen[one..], &image()].concat();
        let transition = Transition {
            lane: 0,
            observation: seen,
            action: 0,
            reward: Some(0.0),
            terminated,
            truncated: false,
            next_observation: next.clone(),
            legal: vec![true; 3],
            to_play: 0,
            next_to_play: 0,
        };
        replay.push(&transition, &[1.0, 0.0, 0.0]);
        seen = if terminated { image().repeat(FRAMES) } else { next };
    }
    replay
}

fn rows(
    networks: &PlannerNetworks,
    frame_cache: &mut FrameCache,
    observations: &ObservationBatch<'_>,
) -> Vec<Vec<f32>> {
    frame_cache.rows(networks, observations).unwrap().to_vec2().unwrap()
}

/// Also with room for so few frames that slots are reused, or for fewer frames than one batch has.
#[test]
fn observations_are_those_of_the_replay_buffer() {
    let (settings, context) = (settings(""), stacked());
    let networks = networks(&settings, &context);
    for (shades, room) in [(2, 100), (52, 100), (52, 13), (52, 5)] {
        let replay = experience(shades);
        let samples = replay.sample(60, 1.0, &mut ChaCha8Rng::seed_from_u64(2));
        let mut frame_cache = FrameCache::with_room(&context, room).unwrap();
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        for (turn, samples) in samples.chunks(4).enumerate() {
            let mut states = Vec::new();
            for after in [0, 1] {
                states.extend(samples.iter().map(|sample| StoredState {
                    episode: sample.episode,
                    observation: sample.step + after,
                }));
            }
            let transform = |_: &StoredState<'_>| {
                ImageTransform::draw(&Augmentation { shift: 2, intensity: 0.1 }, &mut stream)
            };
            let transforms =
                if turn % 2 == 0 { states.iter().map(transform).collect() } else { Vec::new() };
            let observations = ObservationBatch::new(states, transforms);
            let seen = rows(&networks, &mut FrameCache::default(), &observations);
            assert_eq!(
                rows(&networks, &mut frame_cache, &observations),
                seen,
                "{shades} shades, room {room}"
            );
        }
    }
}

#[test]
fn observations_are_stacked_from_single_frames() {
    let replay = experience(52);
    let sample = replay.sample(1, 1.0, &mut ChaCha8Rng::seed_from_u64(2))[0];
    let read = |step: usize| {
        let mut row = Vec::new();
        sample.episode.read_observation(step, &mut row);
        row
    };
    let one = LENGTH / FRAMES;
    let first = read(0);
    assert!(first.chunks(one).all(|frame| *frame == first[..one]));
    for step in 1..=sample.episode.len() {
        assert_eq!(read(step)[..LENGTH - one], read(step - 1)[one..], "{step}");
    }
}
