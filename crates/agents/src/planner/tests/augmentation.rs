//! Which observations of an update are augmented, and how.

use super::{IMAGE, VECTOR, batch, context, experience, fresh, networks, samples, settings};
use crate::planner::reanalysis::FreshTargets;
use crate::planner::unrolled_batch::UnrolledBatch;

const NUMBERS: [u64; 6] = [0, 2, 6, 8, 11, 16];
const LENGTH: usize = 24;

fn with_batch(changes: &str, shape: &[usize], check: impl FnOnce(&UnrolledBatch<'_>)) {
    let (settings, context, replay) = (settings(changes), context(shape), experience(shape));
    check(&batch(samples(&replay, &NUMBERS), &settings, &context));
}

fn rows(changes: &str, shape: &[usize]) -> [Vec<f32>; 2] {
    let mut rows = [const { Vec::new() }; 2];
    with_batch(changes, shape, |batch| {
        rows = [batch.first_observations(), batch.later_observations()]
            .map(|observations| observations.numbers(shape));
    });
    rows
}

/// The training targets of a batch.
fn targets(changes: &str) -> [Vec<f32>; 3] {
    let (settings, context) = (settings(changes), context(IMAGE));
    let mut targets = [const { Vec::new() }; 3];
    with_batch(changes, IMAGE, |batch| {
        let FreshTargets { bootstraps, policies, values } =
            fresh(&networks(&settings, &context), batch, &settings);
        targets = [bootstraps, policies, values];
    });
    targets
}

const ON: &str = "consistency.augmentation = { shift = 1, intensity = 0.1 }";

#[test]
fn only_training_images_are_augmented() {
    let (plain, augmented) = (rows("", IMAGE), rows(ON, IMAGE));
    assert_ne!(plain[0], augmented[0]);
    assert_ne!(plain[1], augmented[1]);
    assert_eq!(targets(""), targets(ON));
    assert_eq!(rows("", VECTOR), rows(ON, VECTOR));
    let off = format!("{ON}\n consistency.weight = 0.0");
    assert_eq!(plain, rows(&off, IMAGE));
}

/// The factor between an augmented image and the original, if only the intensity varies.
fn factor(augmented: &[f32], plain: &[f32]) -> f32 {
    let factor = augmented[0] / plain[0];
    for (augmented, plain) in augmented.iter().zip(plain) {
        assert!((augmented - factor * plain).abs() < 1e-5);
    }
    factor
}

#[test]
fn each_sample_has_one_augmentation_for_its_start_and_another_for_later_states() {
    let bright = "consistency.augmentation = { shift = 0, intensity = 0.1 }";
    let (plain, augmented) = (rows("", IMAGE), rows(bright, IMAGE));
    let count = NUMBERS.len();
    let at = |which: usize, row: usize| {
        let range = row * LENGTH..(row + 1) * LENGTH;
        factor(&augmented[which][range.clone()], &plain[which][range])
    };
    let mut factors = Vec::new();
    for b in 0..count {
        let (first, later) = (at(0, b), at(1, b));
        assert!((at(1, count + b) - later).abs() < 1e-5);
        assert!((at(1, 2 * count + b) - later).abs() < 1e-5);
        factors.extend([first, later]);
    }
    factors.sort_by(f32::total_cmp);
    assert!(factors.windows(2).all(|pair| pair[1] - pair[0] > 1e-6), "{factors:?}");
}

#[test]
fn a_shift_moves_all_planes_of_an_image_alike() {
    let shift = "consistency.augmentation = { shift = 1, intensity = 0.0 }";
    let (plain, augmented) = (rows("", IMAGE), rows(shift, IMAGE));
    let mut offsets = std::collections::BTreeSet::new();
    for (seen, image) in augmented[0].chunks(LENGTH).zip(plain[0].chunks(LENGTH)) {
        let shifted = |down: i64, right: i64| -> Vec<f32> {
            let cell = |i: i64| {
                let (y, x) = ((i / 4 % 3 + down).clamp(0, 2), (i % 4 + right).clamp(0, 3));
                image[(i / 12 * 12 + 4 * y + x) as usize]
            };
            (0..LENGTH as i64).map(cell).collect()
        };
        let ways = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right)));
        let way = ways.into_iter().find(|&(down, right)| shifted(down, right) == seen);
        offsets.insert(way.unwrap());
    }
    assert!(offsets.len() > 1);
}
