//! Reading and checking the settings.

use serde_json::json;
use zerolab_search::{Selection, Settings};

use crate::models::presets;

#[test]
fn presets_pass_their_own_check_and_come_back_from_json() {
    assert_eq!(Settings::default(), Settings::efficientzero());
    for (_, settings) in presets() {
        assert_eq!(settings.check(), Ok(()));
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }
}

#[test]
fn what_is_left_out_has_its_default() {
    let written = json!({ "selection": "gumbel", "gumbel": { "max_considered_actions": 4 } });
    let settings: Settings = serde_json::from_value(written).unwrap();
    let mut expected = Settings::gumbel_muzero();
    expected.gumbel.max_considered_actions = 4;
    assert_eq!(settings, expected);
    assert_eq!(settings.selection, Selection::Gumbel);
}

#[test]
fn unknown_keys_are_refused() {
    for written in [json!({ "simulation": 5 }), json!({ "puct": { "c3": 1.0 } })] {
        let error = serde_json::from_value::<Settings>(written).unwrap_err().to_string();
        assert!(error.contains("expected one of"), "{error}");
    }
}

#[test]
fn values_out_of_range_are_named() {
    let refused = [
        ("simulations", json!({ "simulations": 20_000_000 })),
        ("puct.c1", json!({ "puct": { "c1": -1.0 } })),
        ("puct.c2", json!({ "puct": { "c2": 0.0 } })),
        ("puct.dirichlet_alpha", json!({ "puct": { "dirichlet_alpha": 0.0 } })),
        ("puct.dirichlet_fraction", json!({ "puct": { "dirichlet_fraction": -0.1 } })),
        ("puct.dirichlet_fraction", json!({ "puct": { "dirichlet_fraction": 1.1 } })),
        ("puct.soft_floor", json!({ "puct": { "soft_floor": 0.0 } })),
        ("gumbel.max_considered_actions", json!({ "gumbel": { "max_considered_actions": 0 } })),
        ("gumbel.gumbel_scale", json!({ "gumbel": { "gumbel_scale": -1.0 } })),
        ("gumbel.maxvisit_init", json!({ "gumbel": { "maxvisit_init": -1.0 } })),
        ("gumbel.value_scale", json!({ "gumbel": { "value_scale": -1.0 } })),
        ("gumbel.soft_floor", json!({ "gumbel": { "soft_floor": 0.0 } })),
    ];
    for (path, written) in refused {
        let settings: Settings = serde_json::from_value(written).unwrap();
        assert_eq!(settings.check().map_err(|error| error.path), Err(path.to_owned()));
    }
}

/// The schema is what an editor shows: every key in it has its sentence.
#[test]
fn every_key_of_the_schema_is_described() {
    let schema = serde_json::to_value(schemars::schema_for!(Settings)).unwrap();
    let mut keys = 0;
    for table in [&schema, &schema["$defs"]["Puct"], &schema["$defs"]["Gumbel"]] {
        for (key, property) in table["properties"].as_object().unwrap() {
            keys += 1;
            assert!(property["description"].is_string(), "{key} has no description");
        }
    }
    assert_eq!(keys, 5 + 7 + 8);
}
