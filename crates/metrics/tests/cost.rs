//! Derived costs compared with a calculation by hand: EfficientZero on Atari 100k as in its paper.
//!
//! 100,000 real steps, 120,000 updates, batch size 256, 5 unroll steps, 50 simulations, all targets
//! reanalysed. FLOPs of one sample are those of the layers of the released configuration at 96×96.

use std::collections::BTreeMap;

use zerolab_metrics::published::PublishedTables;
use zerolab_metrics::{CostRecord, Phase, PhaseCost, PriceSheet};

const REAL_STEPS: u64 = 100_000;
const UPDATES: u64 = 120_000;
const BATCH: u64 = 256;
const UNROLL: u64 = 5;
const SIMULATIONS: u64 = 50;

const INITIAL: u64 = 302_840_512;
const RECURRENT: u64 = 18_174_720;
const PROJECTOR: u64 = 8_912_896;
const PREDICTOR_HEAD: u64 = 2_097_152;

fn atari_100k() -> CostRecord {
    let searched = UPDATES * BATCH * (UNROLL + 1);
    let search = INITIAL + SIMULATIONS * RECURRENT;
    let sample = 3 * (INITIAL + UNROLL * RECURRENT + UNROLL * (PROJECTOR + PREDICTOR_HEAD))
        + UNROLL * INITIAL
        + UNROLL * PROJECTOR;
    let acting = PhaseCost {
        imagined_steps: REAL_STEPS * SIMULATIONS,
        simulations: REAL_STEPS * SIMULATIONS,
        real_steps: REAL_STEPS,
        flops: REAL_STEPS * search,
        ..PhaseCost::default()
    };
    let reanalysis = PhaseCost {
        imagined_steps: searched * SIMULATIONS,
        simulations: searched * SIMULATIONS,
        flops: searched * search + searched * INITIAL,
        ..PhaseCost::default()
    };
    let learning =
        PhaseCost { updates: UPDATES, flops: UPDATES * BATCH * sample, ..PhaseCost::default() };
    let evaluation = PhaseCost {
        imagined_steps: 1 << 40,
        flops: 1 << 60,
        real_steps: 1 << 20,
        ..PhaseCost::default()
    };
    CostRecord {
        real_steps: REAL_STEPS,
        updates: UPDATES,
        phases: BTreeMap::from([
            (Phase::Acting, acting),
            (Phase::Reanalysis, reanalysis),
            (Phase::Learning, learning),
            (Phase::Evaluation, evaluation),
        ]),
        // The emulator is taken to do 10^6 operations a second, at 15 real steps a second.
        environment_operations: REAL_STEPS * 1_000_000 / 15,
        peak_memory_bytes: 0,
        processor_seconds: 0.0,
        wall_seconds: 7.0 * 3_600.0,
    }
}

#[track_caller]
fn assert_to_four_digits(ours: f64, by_hand: f64) {
    assert!((ours / by_hand - 1.0).abs() < 5e-4, "ours {ours:e}, by hand {by_hand:e}");
}

#[test]
fn the_efficientzero_paper_imagines_92_210_steps_for_each_real_one() {
    let derived = atari_100k().derived(15.0);
    assert_eq!(derived.imagined_steps_per_real_step, Some(92_210.0));
}

#[test]
fn training_flops_agree_with_the_hand_calculation_and_leave_evaluation_out() {
    let cost = atari_100k();
    assert_to_four_digits(cost.phases[&Phase::Acting].flops as f64, 1.2116e14);
    assert_to_four_digits(cost.phases[&Phase::Reanalysis].flops as f64, 2.2332e17 + 5.5820e16);
    assert_to_four_digits(cost.phases[&Phase::Learning].flops as f64, 8.9243e16);
    assert_to_four_digits(cost.training().flops as f64, 3.685e17);
    let derived = cost.derived(15.0);
    assert_to_four_digits(derived.flops_per_real_second.unwrap(), 5.53e13);
    // The factors from the emulator to training: × 189 × 96 × 3,041.
    assert_to_four_digits(derived.flops_per_environment_operation.unwrap(), 5.5275e7);
}

#[test]
fn the_published_waterfall_is_that_of_this_account() {
    let tables = PublishedTables::read().unwrap();
    let step = |name: &str| {
        let rows = tables.quantities_of("compute-per-second").next().unwrap();
        rows.iter().find(|row| row.name == name).unwrap().value
    };
    assert_eq!(step("planning with it"), (15 * (INITIAL + SIMULATIONS * RECURRENT)) as f64);
    let training = atari_100k().derived(15.0).flops_per_real_second.unwrap();
    assert!((step("training") / training - 1.0).abs() < 1e-9);
}

#[test]
fn dollars_and_energy_agree_with_the_hand_calculation() {
    for (dollars_per_hour, by_hand) in [(0.12, 3.36), (0.18, 5.04), (0.43, 12.04)] {
        let prices = PriceSheet {
            hardware: "RTX 3090".into(),
            devices: 4.0,
            dollars_per_hour,
            watts: 350.0,
            source: "price table of Epoch".into(),
            date: "2024".into(),
        };
        let wall_seconds = atari_100k().wall_seconds;
        assert!((prices.dollars(wall_seconds) - by_hand).abs() < 1e-9);
        assert!((prices.kilowatt_hours(wall_seconds) - 9.8).abs() < 1e-9);
    }
}

#[test]
fn a_run_without_costs_has_no_ratios() {
    let nothing = CostRecord {
        real_steps: 0,
        updates: 0,
        phases: BTreeMap::new(),
        environment_operations: 0,
        peak_memory_bytes: 0,
        processor_seconds: 0.0,
        wall_seconds: 0.0,
    };
    let derived = nothing.derived(15.0);
    assert_eq!(derived.imagined_steps_per_real_step, None);
    assert_eq!(derived.flops_per_real_second, None);
    assert_eq!(derived.flops_per_environment_operation, None);
}
