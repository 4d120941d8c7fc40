//! `docs/records.md` names every field that is written.

mod one_of_each;

use std::collections::BTreeSet;

use one_of_each::one_of_each;
use serde_json::Value;
use zerolab_metrics::{Manifest, Record};

const DOCUMENT: &str = include_str!("../../../docs/records.md");

/// The text from a heading to the next heading of the same or a higher level.
fn section(heading: &str) -> &'static str {
    let depth = heading.split(' ').next().unwrap().len();
    let (_, rest) = DOCUMENT
        .split_once(&format!("\n{heading}"))
        .unwrap_or_else(|| panic!("docs/records.md has no section {heading}"));
    let end = (1..=depth).filter_map(|depth| rest.find(&format!("\n{} ", "#".repeat(depth)))).min();
    &rest[..end.unwrap_or(rest.len())]
}

/// The first column of a section's tables.
fn fields(section: &str) -> BTreeSet<&str> {
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(field, _)| field)
        .collect()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn exactly_the_fields_of_each_kind_of_record_are_named() {
    for record in one_of_each() {
        let line = serde_json::to_value(&record).unwrap();
        let kind = line["kind"].as_str().unwrap();
        let common = fields(section("### Every line"));
        let own = section(&format!("### `{kind}`"));
        let (own, of_phases) = own.split_once("Each phase has:").unwrap_or((own, ""));
        assert_eq!(&common | &fields(own), keys(&line), "{kind}");
        if let Some(phases) = line.get("phases") {
            assert_eq!(fields(of_phases), keys(&phases["acting"]), "a phase");
        }
    }
}

#[test]
fn each_kind_of_record_has_its_section() {
    let unknown = serde_json::from_str::<Record>(r#"{"kind":"unheard-of"}"#).unwrap_err();
    let message = unknown.to_string();
    let (_, kinds) = message.split_once("expected one of ").unwrap();
    let kinds: BTreeSet<&str> = kinds.split('`').skip(1).step_by(2).collect();
    let headings = DOCUMENT.lines().filter_map(|line| line.strip_prefix("### `")?.split_once('`'));
    assert_eq!(headings.map(|(kind, _)| kind).collect::<BTreeSet<_>>(), kinds);
}

#[test]
fn each_field_of_the_manifest_is_named() {
    let least = r#"{"state":"done","run_id":"","experiment":"","environment":"","agent":"","preset":"","seed":0,
        "real_steps":0,"total_real_steps":0,"inexact_resumes":[0],"provenance":{"job":"","job_restarts":0}}"#;
    let manifest: Manifest = serde_json::from_str(least).unwrap();
    let written = serde_json::to_value(manifest).unwrap();
    let (own, of_provenance) =
        section("## `manifest.json`").split_once("The `provenance`:").unwrap();
    assert_eq!(fields(own), keys(&written));
    // Several members may share a row.
    let named: BTreeSet<&str> = of_provenance
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert_eq!(named, keys(&written["provenance"]));
}
