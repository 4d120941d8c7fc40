//! The Atari presets against the networks and the training cost of EfficientZero's paper.
//!
//! The numbers were counted in PyTorch with the authors' released code, without weights that it never uses.

use std::collections::BTreeMap;

use zerolab_agents::registry::{find, find_preset};
use zerolab_agents::{Context, Device, Part, PhasedUpdates, Summary};
use zerolab_environments::Description;
use zerolab_metrics::Phase;
use zerolab_metrics::published::PublishedTables;

/// A preset for Atari with `num_actions` actions at 100 000 steps, with some settings changed.
fn describe(preset: &str, num_actions: usize, changes: &str) -> Summary {
    let mut table: toml::Table = toml::from_str(find_preset(preset).unwrap().toml).unwrap();
    let kind = table.remove("agent").unwrap();
    let changes: BTreeMap<String, toml::Table> = toml::from_str(changes).unwrap();
    for (key, changes) in changes {
        table[&key].as_table_mut().unwrap().extend(changes);
    }
    let entry = find(kind.as_str().unwrap()).unwrap();
    let description = Description::new("atari", [12, 96, 96], num_actions);
    let context = Context {
        description,
        real_steps: 100_000,
        phases: PhasedUpdates::default(),
        lanes: 1,
        seed: 0,
        device: Device::cpu(),
    };
    (entry.describe)(&(entry.resolve)(&table).unwrap(), &context).unwrap()
}

/// Parameters and multiply–accumulates of each part.
fn counts(summary: &Summary) -> Vec<(&str, u64, u64)> {
    let count = |part: &Part| (part.parameters(), part.macs());
    let parts = summary.parts.iter();
    parts.map(|part| (part.name.as_str(), count(part).0, count(part).1)).collect()
}

#[test]
fn efficientzero_has_the_papers_networks() {
    let summary = describe("atari/efficientzero", 6, "");
    let (lstm, head) = (2_232_320, 64 * 16 + 16 + 32 + 1024 + 36_313);
    assert_eq!(
        counts(&summary),
        [
            ("representation", 325_056 - 7_040, 148_635_648),
            ("dynamics", 111_552 + lstm + head, 6_302_752),
            ("prediction", 133_215, 2_784_224),
            ("projector", 4_465_664, 4_456_448),
            ("predictor", 1_051_136, 1_048_576),
        ]
    );
    assert_eq!((summary.parameters, summary.acting_parameters), (8_350_312, 2_833_512));
    assert_eq!(summary.flops["initial inference"], 2 * 151_419_872);
    assert_eq!(summary.flops["recurrent inference"], 2 * 9_086_976);

    let summary = describe("atari/efficientzero", 18, "");
    assert_eq!(summary.parameters, 8_350_708);
    assert_eq!(counts(&summary)[2], ("prediction", 133_611, 2_784_608));
    for (num_actions, built) in [(4, 8_431_270), (6, 8_431_336), (9, 8_431_435), (18, 8_431_732)] {
        let unused = 7_040 + 73_984;
        let summary = describe("atari/efficientzero", num_actions, "");
        assert_eq!(summary.parameters + unused, built, "{num_actions} actions");
    }
}

#[test]
fn the_published_facts_on_efficientzero_are_those_of_the_preset() {
    let tables = PublishedTables::read().unwrap();
    let fact = |table: &str, name: &str| {
        let mut rows = tables.quantities_of(table).flatten();
        rows.find(|row| row.name == name).unwrap().value as u64
    };
    let summary = describe("atari/efficientzero", 18, "");
    assert_eq!(fact("parameters", "EfficientZero, as used"), summary.parameters);
    assert_eq!(fact("parameters", "EfficientZero, to act"), summary.acting_parameters);
    // The authors' code builds weights that it never uses.
    let unused = 7_040 + 73_984;
    assert_eq!(fact("parameters", "EfficientZero, as released"), summary.parameters + unused);
    // A second of play has 15 real steps.
    let dynamics = summary.parts.iter().find(|part| part.name == "dynamics").unwrap();
    let second = |name| fact("compute-per-second", name);
    assert_eq!(second("the learned model, stepping"), 15 * 2 * dynamics.macs());
    assert_eq!(second("planning with it"), 15 * summary.flops["search"]);
}

#[test]
fn muzero_has_them_without_lstm_and_projector() {
    let summary = describe("atari/muzero", 6, "");
    let efficientzero = describe("atari/efficientzero", 6, "");
    let (ours, theirs) = (counts(&summary), counts(&efficientzero));
    assert_eq!([ours[0], ours[2]], [theirs[0], theirs[2]]);
    assert_eq!(ours.len(), 3);
    // The head's hidden layer gets 576 numbers of the latent state instead of the LSTM's 512.
    let (lstm, lstm_macs) = (2_232_320 + 2 * 512, 4 * 512 * (576 + 512));
    assert_eq!(theirs[1].1 - ours[1].1, lstm - (576 - 512) * 32);
    assert_eq!(theirs[1].2 - ours[1].2, lstm_macs - (576 - 512) * 32);
}

/// The paper's setting: every step searched, 120 000 updates, whole batches reanalysed.
const PAPER: &str = "training = { learning_starts = 1, update_ratio = 1.200015 }
reanalyse = { ratio = 1.0 }
";

fn four_digits(flops: f64) -> String {
    format!("{flops:.3e}")
}

#[test]
fn the_papers_run_costs_what_was_counted_by_hand() {
    let Summary { forecast, flops, parts, .. } = describe("atari/efficientzero", 18, PAPER);
    let of = |phase: Phase| forecast[&phase].flops as f64;
    let updates = forecast[&Phase::Learning].updates;
    assert_eq!(updates, 120_000);
    assert_eq!(four_digits(of(Phase::Acting)), four_digits(1.2116e14));
    let states = (updates * 256 * 6) as f64;
    let values = states * flops["initial inference"] as f64;
    assert_eq!(four_digits(values), four_digits(5.5820e16));
    assert_eq!(four_digits(of(Phase::Reanalysis) - values), four_digits(2.2332e17));
    assert_eq!(forecast[&Phase::Reanalysis].imagined_steps, 50 * updates * 256 * 6);

    // The authors' code also runs the prediction network for the consistency targets, and does not use the
    // result. Ours does not run it.
    let prediction = parts.iter().find(|part| part.name == "prediction").unwrap();
    let unread = (updates * 256 * 5 * 2 * prediction.macs()) as f64;
    assert_eq!(four_digits(of(Phase::Learning) + unread), four_digits(8.9243e16));
    let total: f64 = [Phase::Acting, Phase::Reanalysis, Phase::Learning].map(of).iter().sum();
    assert_eq!(four_digits(total + unread), four_digits(3.685e17));
}

#[test]
fn the_presets_themselves_make_the_papers_updates() {
    for preset in ["atari/efficientzero", "atari/muzero"] {
        let forecast = describe(preset, 6, "").forecast;
        assert_eq!(forecast[&Phase::Learning].updates, 120_000, "{preset}");
        // The first 2000 steps are random.
        assert_eq!(forecast[&Phase::Acting].simulations, 98_000 * 50, "{preset}");
    }
}
