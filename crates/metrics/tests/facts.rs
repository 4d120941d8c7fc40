//! Published facts: tables, and numbers that are computed from what their sources state.

use zerolab_metrics::PriceSheet;
use zerolab_metrics::published::{PublishedTables, Quantity, Role};

fn published() -> PublishedTables {
    PublishedTables::read().unwrap_or_else(|error| panic!("{error}"))
}

fn value(table: &str, quantity: &str, name: &str) -> f64 {
    let it = published();
    let row = it.quantities.iter().find(|row| {
        (row.table.as_str(), row.quantity.as_str(), row.name.as_str()) == (table, quantity, name)
    });
    row.unwrap_or_else(|| panic!("{table} has no {quantity} of {name}")).value
}

#[track_caller]
fn assert_to_five_digits(ours: f64, theirs: f64) {
    assert!((ours / theirs - 1.0).abs() < 1e-5, "{ours:e}, {theirs:e}");
}

#[test]
fn quantities_are_above_zero_and_those_of_a_ladder_stand_together() {
    let it = published();
    assert_eq!(it.facts(), ["environments", "parameters", "training-cost", "compute-per-second"]);
    assert!(it.quantities.iter().all(|row| row.value > 0.0 && row.value.is_finite()));
    let ladders = it.facts().iter().map(|table| it.quantities_of(table).count()).sum::<usize>();
    assert_eq!(ladders, 5, "rows of one quantity stand in one place");
    for steps in it.facts().iter().flat_map(|table| it.quantities_of(table)) {
        let steps: Vec<&Quantity> = steps.iter().filter(|row| row.role == Role::Step).collect();
        assert!(steps.windows(2).all(|pair| pair[0].value < pair[1].value));
    }
}

const SECOND: &str = "FLOPs for each second of play";

#[test]
fn the_factors_of_the_waterfall_multiply_to_the_whole() {
    let it = published();
    let rows = it.quantities_of("compute-per-second").next().unwrap();
    let steps: Vec<f64> =
        rows.iter().filter(|row| row.role == Role::Step).map(|row| row.value).collect();
    let factors: Vec<f64> = steps.windows(2).map(|pair| pair[1] / pair[0]).collect();
    let rounded: Vec<f64> = factors.iter().map(|factor| (10.0 * factor).round() / 10.0).collect();
    assert_eq!(rounded, [189.1, 96.1, 3_041.5, 19.5]);
    assert_to_five_digits(factors.iter().product(), 1.07598e9);
}

/// Convolutions of 3 × 3 without a bias.
fn convolution(from: u64, to: u64) -> u64 {
    9 * from * to
}

#[test]
fn networks_without_code_of_ours_are_counted_from_their_descriptions() {
    let of = |name: &str| value("parameters", "trainable parameters", name);
    // MuZero: 32 images and 32 planes of actions; residual blocks of two convolutions; 16 of them in each network.
    let blocks = |number: u64, planes| 2 * number * convolution(planes, planes);
    let representation =
        convolution(128, 128) + blocks(2, 128) + convolution(128, 256) + blocks(3 + 3 + 16, 256);
    let dynamics = convolution(256 + 1, 256) + blocks(16, 256);
    assert_eq!(of("MuZero for Atari"), (representation + dynamics) as f64);
    // DQN: 8 × 8, 4 × 4 and 3 × 3 convolutions of 4 images, then 512 units and 18 actions.
    let convolutions = 64 * 4 * 32 + 32 + 16 * 32 * 64 + 64 + convolution(64, 64) + 64;
    assert_eq!(of("DQN (2015)"), (convolutions + 3_136 * 512 + 512 + 512 * 18 + 18) as f64);
}

/// Seconds of play of 100,000 real steps at 15 a second.
const PLAY: f64 = 100_000.0 / 15.0;
const HOURS: f64 = PLAY / 3_600.0;

#[test]
fn costs_follow_from_hours_prices_and_watts() {
    let dollars = |name: &str| value("training-cost", "US dollars for one game", name);
    let kilowatt_hours = |name: &str| value("training-cost", "kilowatt-hours for one game", name);
    for (price, name) in [(0.12, "$0.12"), (0.18, "$0.18"), (0.43, "$0.43")] {
        let sheet = PriceSheet {
            hardware: "RTX 3090".into(),
            devices: 4.0,
            dollars_per_hour: price,
            watts: 350.0,
            source: String::new(),
            date: String::new(),
        };
        let name = format!("EfficientZero at {name} an hour");
        assert_to_five_digits(dollars(&name), sheet.dollars(7.0 * 3_600.0));
        assert_to_five_digits(kilowatt_hours("EfficientZero"), sheet.kilowatt_hours(7.0 * 3_600.0));
    }
    assert_eq!(dollars("the thread’s estimate"), 10_000.0 / 20_000.0 * 7.0);
    for (name, wage) in
        [("player at US minimum wage", 7.25), ("player at US mean wage", 58_260.0 / 2_080.0)]
    {
        assert!((dollars(name) - wage * HOURS).abs() < 0.005, "{name}");
    }
    assert_to_five_digits(kilowatt_hours("player’s brain"), 20.0 * HOURS / 1_000.0);
}

#[test]
fn both_ladders_of_flops_have_the_same_training_hardware_and_brains() {
    let game = |name: &str| value("training-cost", "FLOPs for one game", name);
    let second = |name: &str| value("compute-per-second", SECOND, name);
    assert_to_five_digits(game("EfficientZero’s training"), second("training") * PLAY);
    // Multiprocessors, tensor cores, multiply-adds per clock, clock.
    let peak = 4.0 * 82.0 * 4.0 * 64.0 * 2.0 * 1.695e9 * 7.0 * 3_600.0;
    assert_to_five_digits(game("its GPUs at their peak"), peak);
    assert_to_five_digits(second("the GPUs at their peak"), peak / PLAY);
    for power in ["1e13", "1e14", "1e15", "1e17"] {
        let name = format!("brain of {power} FLOP/s");
        assert_eq!(second(&name), power.parse::<f64>().unwrap());
        assert_to_five_digits(game(&name), second(&name) * PLAY);
    }
}
