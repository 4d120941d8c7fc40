//! The registry: names, descriptions, settings and their schema.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use zerolab_environments::{entries, find};

use crate::cases::cases;

proptest! {
    #[test]
    fn an_unknown_setting_is_named(entry in select(entries()), key in "[a-z_]{1,12}") {
        let resolved = (entry.resolve)(&toml::Table::new()).expect("no settings are fine");
        prop_assume!(!resolved.contains_key(&key));
        let mut settings = resolved;
        settings.insert(key.clone(), toml::Value::Boolean(true));
        let error = (entry.resolve)(&settings).expect_err("the setting does not exist");
        prop_assert_eq!(&error.path, &key);
        prop_assert!(error.message.starts_with(&format!("unknown field `{key}`")), "{}", error);
        prop_assert!((entry.make)(&settings).is_err());
    }
}

#[test]
fn descriptions_are_complete() {
    for case in cases() {
        let environment = case.make();
        let description = environment.description();
        assert_eq!(description.name, case.entry.name);
        assert!(
            matches!(description.observation_shape.len(), 1 | 3),
            "features or planes: {description:?}"
        );
        assert!(
            description.observation_len() > 0 && description.num_actions > 1,
            "{description:?}"
        );
        assert!(
            description.observation_range.0 < description.observation_range.1,
            "{description:?}"
        );
        assert!(
            description.observation_range.0.is_finite()
                && description.observation_range.1.is_finite()
        );
        assert!(
            description.num_players > 0 && description.operations_per_step > 0,
            "{description:?}"
        );
    }
}

#[test]
fn resolved_options_are_complete_and_the_schema_describes_them() {
    for case in cases() {
        let resolve = case.entry.resolve;
        let resolved = resolve(&case.settings).expect("the settings of a case are possible");
        assert_eq!(resolve(&resolved), Ok(resolved.clone()));
        for (key, value) in &case.settings {
            assert_eq!(resolved.get(key), Some(value));
        }
        let schema = (case.entry.schema)();
        let schema = schema.as_object().expect("the schema of a table is an object");
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema["description"].as_str().is_some_and(|text| !text.is_empty()));
        let properties = schema.get("properties").and_then(|properties| properties.as_object());
        let described: BTreeSet<&String> =
            properties.into_iter().flat_map(|properties| properties.keys()).collect();
        assert_eq!(described, resolved.keys().collect());
        let defaults = resolve(&toml::Table::new()).expect("no settings are fine");
        for (key, property) in properties.into_iter().flatten() {
            assert!(property["description"].is_string(), "{key} has no doc");
            assert_eq!(
                property["default"].to_string(),
                defaults[key].to_string(),
                "default of {key}"
            );
        }
    }
}

#[test]
fn names_are_found_and_summaries_are_lines() {
    for entry in entries() {
        let found = find(entry.name).expect("a registered name is found");
        assert!(std::ptr::eq(found, entry), "{} is registered twice", entry.name);
        assert!(
            !entry.summary.is_empty() && entry.summary.len() < 80 && !entry.summary.contains('\n')
        );
    }
    assert!(find("no-such-environment").is_none());
}
