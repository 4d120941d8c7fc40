//! The replay buffer: its content, its priorities, and its files.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_agents::{Insertion, Replay, Sample, Transition};

/// Transition `number` of lane `lane`, recognisable by its observation and reward.
fn transition(lane: usize, number: usize, terminated: bool) -> Transition {
    Transition {
        lane,
        observation: vec![lane as f32, number as f32],
        action: number % 3,
        reward: Some(number as f32),
        terminated,
        truncated: false,
        next_observation: vec![lane as f32, number as f32 + 1.0],
        legal: vec![true; 3],
        to_play: 0,
        next_to_play: 0,
    }
}

/// The observation so many steps after the sampled one.
fn observation(sample: &Sample<'_>, later: usize) -> Vec<f32> {
    let mut row = Vec::new();
    sample.episode.read_observation(sample.step + later, &mut row);
    row
}

/// A number of an observation: a bit, a multiple of 1/255, or any bit pattern.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<bool>().prop_map(f32::from),
        any::<u8>().prop_map(|shade| f32::from(shade) / 255.0),
        any::<u32>().prop_map(f32::from_bits),
    ]
}

/// Observations with one kind of numbers, or with several.
fn numbers() -> impl Strategy<Value = Vec<f32>> {
    let bits = prop::collection::vec(any::<bool>().prop_map(f32::from), 0..40);
    let shades = any::<u8>().prop_map(|shade| f32::from(shade) / 255.0);
    let shades = prop::collection::vec(shades, 0..40);
    prop_oneof![bits, shades, prop::collection::vec(number(), 0..40)]
}

proptest! {
    /// Bit for bit, NaN and -0 included, also after saving.
    #[test]
    fn observations_are_stored_exactly(seen in numbers(), after in numbers()) {
        let mut replay = Replay::new(4, 1, 0.0);
        let seen_and_after = [seen.clone(), after.clone()];
        let transition =
            Transition { observation: seen, next_observation: after, ..transition(0, 0, false) };
        replay.push(&transition, &[]);
        let folder = tempfile::tempdir().unwrap();
        replay.save(folder.path(), None).unwrap();
        let mut loaded = Replay::new(4, 1, 0.0);
        loaded.load(folder.path()).unwrap();
        for replay in [replay, loaded] {
            let sample = replay.sample(1, 1.0, &mut ChaCha8Rng::seed_from_u64(1))[0];
            for (later, expected) in seen_and_after.iter().enumerate() {
                let bits = |row: &[f32]| row.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(&observation(&sample, later)), bits(expected));
            }
        }
    }

    /// Also if it was saved several times, each time with the previous folder.
    #[test]
    fn a_loaded_buffer_is_the_saved_one(
        capacity in 1usize..40,
        lanes in 1usize..4,
        rounds in prop::collection::vec((any::<bool>(), 0.0f32..2.0, 0u8..4), 1..80),
    ) {
        let fresh = || Replay::new(capacity, lanes, 0.6);
        let (mut replay, root) = (fresh(), tempfile::tempdir().unwrap());
        let mut previous: Option<PathBuf> = None;
        for (number, (ends, error, chance)) in rounds.into_iter().enumerate() {
            replay.push(&transition(number % lanes, number, ends), &[number as f32, 0.5, 0.0]);
            replay.reprioritise(&[number as u64 / 2], &[error]);
            if chance == 0 {
                let folder = root.path().join(number.to_string());
                fs::create_dir(&folder).unwrap();
                replay.save(&folder, previous.as_deref()).unwrap();
                previous.into_iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
                let mut loaded = fresh();
                loaded.load(&folder).unwrap();
                prop_assert_eq!(format!("{loaded:?}"), format!("{replay:?}"));
                // The test goes on with the loaded one.
                (replay, previous) = (loaded, Some(folder));
            }
        }
    }

    /// A sample is one of the newest `capacity` transitions, with its own data.
    #[test]
    fn samples_are_what_was_pushed(
        capacity in 1usize..40,
        lanes in 1usize..4,
        ends in prop::collection::vec(any::<bool>(), 1..80),
    ) {
        let mut replay = Replay::new(capacity, lanes, 0.6);
        for (number, &terminated) in ends.iter().enumerate() {
            replay.push(&transition(number % lanes, number / lanes, terminated), &[]);
        }
        prop_assert_eq!(replay.len(), capacity.min(ends.len()));
        for sample in replay.sample(50, 1.0, &mut ChaCha8Rng::seed_from_u64(1)) {
            let [observation, observation_after] = [0, 1].map(|later| observation(&sample, later));
            let (lane, number) = (observation[0] as usize, observation[1] as usize);
            let pushed = number * lanes + lane;
            prop_assert_eq!(sample.number, pushed as u64);
            prop_assert_eq!(sample.age, (ends.len() - 1 - pushed) as u64);
            prop_assert!(sample.age < capacity as u64);
            prop_assert_eq!(sample.episode.reward(sample.step), Some(number as f32));
            prop_assert_eq!(sample.episode.actions[sample.step], number as u32 % 3);
            prop_assert_eq!(observation_after[1], number as f32 + 1.0);
        }
    }
}

#[test]
fn steps_are_drawn_by_their_priorities() {
    let mut replay = Replay::new(8, 1, 1.0);
    for number in 0..4 {
        replay.push(&transition(0, number, false), &[]);
    }
    replay.reprioritise(&[0, 1, 2, 3], &[1.0, -2.0, 3.0, 4.0]);
    let count = 40_000;
    let mut drawn = BTreeMap::new();
    for sample in replay.sample(count, 1.0, &mut ChaCha8Rng::seed_from_u64(2)) {
        *drawn.entry(sample.number).or_insert(0) += 1;
        // (N P)^-1 divided by the largest, that of the least likely step: 0.1 / P.
        let probability = (sample.number + 1) as f32 / 10.0;
        assert!((sample.weight - 0.1 / probability).abs() < 1e-4);
    }
    for (number, drawn) in drawn {
        let expected = (number + 1) as f64 / 10.0;
        let error = (f64::from(drawn) / count as f64 - expected).abs();
        assert!(
            error < 4.0 * (expected * (1.0 - expected) / count as f64).sqrt(),
            "{number}: {drawn}"
        );
    }
}

#[test]
fn with_an_exponent_of_zero_all_weights_are_equal() {
    let mut replay = Replay::new(8, 1, 0.0);
    for number in 0..8 {
        replay.push(&transition(0, number, false), &[]);
    }
    replay.reprioritise(&[0, 1], &[1000.0, 0.0]);
    for sample in replay.sample(100, 0.7, &mut ChaCha8Rng::seed_from_u64(3)) {
        assert_eq!(sample.weight, 1.0);
    }
}

/// The importance weight of each transition with β = 1, divided by the largest: `P_min / P`.
fn weights(replay: &Replay) -> BTreeMap<u64, f32> {
    let samples = replay.sample(20_000, 1.0, &mut ChaCha8Rng::seed_from_u64(4));
    samples.iter().map(|sample| (sample.number, sample.weight)).collect()
}

#[test]
fn new_transitions_get_the_priority_of_the_rule() {
    for (insertion, error, expected) in [
        // 8 is the largest so far; 2 is the largest in the buffer.
        (Insertion::LargestEver, None, 8.0),
        (Insertion::LargestEver, Some(3.0), 8.0),
        (Insertion::LargestHeld, Some(3.0), 2.0),
        (Insertion::ValueError, Some(-4.0), 4.0),
        (Insertion::ValueError, None, 8.0),
    ] {
        let mut replay = Replay::new(8, 1, 1.0).with_insertion(insertion);
        replay.push(&transition(0, 0, false), &[]);
        replay.push(&transition(0, 1, false), &[]);
        replay.reprioritise(&[0, 1], &[1.0, 8.0]);
        replay.reprioritise(&[1], &[2.0]);
        replay.push_with_value_error(&transition(0, 2, false), &[], error);
        let weights = weights(&replay);
        assert!((weights[&0] - 1.0).abs() < 1e-4, "{insertion:?}");
        assert!((weights[&1] - 1.0 / 2.0).abs() < 1e-4, "{insertion:?}");
        assert!((weights[&2] - 1.0 / expected).abs() < 1e-4, "{insertion:?} {error:?}");
    }
}

#[test]
fn saved_files_are_linked_until_their_episodes_are_dropped() {
    let root = tempfile::tempdir().unwrap();
    let (first, second) = (root.path().join("first"), root.path().join("second"));
    [&first, &second].iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let mut replay = Replay::new(10, 1, 0.0);
    (0..10).for_each(|number| replay.push(&transition(0, number, number % 5 == 4), &[]));
    replay.save(&first, None).unwrap();
    (10..15).for_each(|number| replay.push(&transition(0, number, number % 5 == 4), &[]));
    replay.save(&second, Some(&first)).unwrap();
    let inode = |folder: &PathBuf| fs::metadata(folder.join("replay-0.bin")).unwrap().ino();
    assert_eq!(inode(&first), inode(&second));

    let third = root.path().join("third");
    fs::create_dir(&third).unwrap();
    (15..25).for_each(|number| replay.push(&transition(0, number, number % 5 == 4), &[]));
    replay.save(&third, Some(&second)).unwrap();
    let mut names: Vec<_> =
        fs::read_dir(&third).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["replay-2.bin", "replay.bin"]);
}

#[test]
fn a_buffer_with_other_settings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Replay::new(10, 2, 0.5).save(folder.path(), None).unwrap();
    for mut other in [Replay::new(11, 2, 0.5), Replay::new(10, 1, 0.5), Replay::new(10, 2, 0.6)] {
        let error = other.load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("other settings"), "{error}");
    }
}

#[test]
fn the_first_transitions_have_equal_weights() {
    for insertion in [Insertion::LargestEver, Insertion::LargestHeld, Insertion::ValueError] {
        let mut replay = Replay::new(8, 1, 0.6).with_insertion(insertion);
        (0..3).for_each(|number| replay.push(&transition(0, number, false), &[]));
        assert!(weights(&replay).values().all(|weight| *weight == 1.0), "{insertion:?}");
    }
}

/// Schaul et al. 2016, equation 1 and section 3.4: `P ∝ p^α`, `w ∝ (N P)^-β`.
#[test]
fn both_exponents_are_used_as_in_the_paper() {
    for (alpha, beta) in [(0.6, 0.4), (1.0, 0.4), (0.5, 1.0), (0.6, 0.0)] {
        let mut replay = Replay::new(4, 1, alpha);
        (0..3).for_each(|number| replay.push(&transition(0, number, false), &[]));
        replay.reprioritise(&[0, 1, 2], &[0.5, 1.0, 4.0]);
        for sample in replay.sample(1000, beta, &mut ChaCha8Rng::seed_from_u64(5)) {
            // Divided by the largest weight, that of the error of 0.5.
            let error = [0.5f64, 1.0, 4.0][sample.number as usize];
            let expected = ((0.5 / error).powf(alpha)).powf(beta) as f32;
            assert!((sample.weight - expected).abs() < 1e-4, "{alpha} {beta}: {}", sample.weight);
        }
    }
}

#[test]
fn a_buffer_that_forgets_holds_what_is_new_under_new_numbers() {
    let mut replay = Replay::new(50, 2, 0.6);
    for number in 0..30 {
        replay.push(&transition(0, number, number % 7 == 6 || number == 29), &[]);
        replay.push(&transition(1, number, number == 29), &[]);
    }
    let numbers: Vec<u64> = replay
        .sample(200, 0.4, &mut ChaCha8Rng::seed_from_u64(1))
        .iter()
        .map(|it| it.number)
        .collect();
    replay.reprioritise(&numbers, &vec![100.0; numbers.len()]);
    let next_episode = replay.sample(200, 0.4, &mut ChaCha8Rng::seed_from_u64(1));
    let next_episode = next_episode.iter().map(|it| it.episode.number()).max().unwrap() + 1;
    replay.forget();
    assert!(replay.is_empty());
    // An error of a dropped transition has no effect.
    replay.reprioritise(&numbers, &vec![1.0; numbers.len()]);
    for number in 100..110 {
        replay.push(&transition(0, number, false), &[]);
    }
    assert_eq!(replay.len(), 10);
    let samples = replay.sample(500, 0.4, &mut ChaCha8Rng::seed_from_u64(2));
    for sample in &samples {
        assert!(observation(sample, 0)[1] >= 100.0);
        assert!(sample.episode.number() >= next_episode && !numbers.contains(&sample.number));
        // The priorities are equal again, whatever the largest one was.
        assert_eq!(sample.weight, 1.0);
    }
    let mut fresh = Replay::new(50, 2, 0.6);
    fresh.push(&transition(0, 0, false), &[]);
    let expected = fresh.sample(1, 0.4, &mut ChaCha8Rng::seed_from_u64(2))[0].weight;
    assert_eq!(samples[0].weight, expected);
}
