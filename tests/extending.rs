//! A program that is built on ZeroLab: what it adds, and what it may not add.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::harness::{Lab, Ran, SMALL};

const EXTENDED: &str = env!("CARGO_BIN_EXE_zerolab-extended");

/// Runs a command of the program that adds this.
fn extended(lab: &Lab, adds: &str, words: &str) -> Ran {
    lab.command_of(EXTENDED, words).env("ADDS", adds).output().unwrap().into()
}

/// A spec with an added environment, agent and kind of figure.
fn spec() -> String {
    let spec = SMALL.replace("\"catch\"", "\"own/catch\"").replace("scripted", "first-legal");
    format!("{spec}\n[[figure]]\nkind = \"records\"\n")
}

#[test]
fn what_a_program_adds_is_trained_and_reported() {
    let lab = Lab::new(&spec());
    let ran = extended(&lab, "", "run spec.toml --jobs 2");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ids = lab.run_ids();
    assert_eq!(ids.len(), 4, "{ids:?}");
    for id in ids {
        let manifest = lab.manifest(&id);
        assert_eq!(manifest["state"], "done", "{id}");
        assert_eq!(manifest["environment"], "own/catch");
        assert_eq!(manifest["provenance"]["versions"]["program extended"], "1.2.3");
        assert!(manifest["provenance"]["versions"]["zerolab"].is_string());
    }
    let figure = lab.read("results/small/figures/records.csv");
    assert!(figure.contains("own/catch,first-legal,"), "{figure}");
    let caption = lab.read("results/small/figures/records.caption.txt");
    assert!(caption.starts_with("The number of records. "), "{caption}");
    assert!(lab.read("results/small/report.html").contains("program extended"));
    // Another process reads what they left.
    let played = extended(&lab, "", "evaluate spec.toml --only first-legal* --episodes 2");
    assert_eq!(played.code, Some(0), "{}", played.err);
}

#[test]
fn every_command_knows_what_a_program_adds() {
    let lab = Lab::new(&spec());
    let expected = [
        ("list environments", "own/catch"),
        ("list agents", "first-legal"),
        ("list figures", "records"),
        ("schema", "own/catch"),
        ("plan spec.toml", "first-legal"),
        ("describe first-legal", "first-legal"),
        ("init new --environment own/catch --agent first-legal", "new.toml"),
        ("--version", "extended 1.2.3 (zerolab "),
        ("--help", "Usage: extended <COMMAND>"),
        ("completions bash", "_extended()"),
    ];
    for (words, part) in expected {
        let ran = extended(&lab, "", words);
        assert_eq!(ran.code, Some(0), "{words}\n{}", ran.err);
        assert!(ran.out.contains(part), "{words}: no {part:?} in\n{}", ran.out);
    }
    let unknown = lab.run("plan spec.toml");
    assert_eq!(unknown.code, Some(2), "{}", unknown.err);
}

#[test]
fn wrong_additions_are_errors_of_the_user() {
    let lab = Lab::new(SMALL);
    let expected = [
        ("an environment", "there is another environment called `catch`"),
        ("an agent", "there is another agent called `dqn`"),
        ("a preset", "there is another preset called `ppo`"),
        ("a figure", "there is another kind of figure called `per-task`"),
        ("a name with a space", "`my ppo` cannot be the name of the preset"),
        ("a program with a space", "`my program` cannot be the name of the program"),
        ("a preset of no agent", "the preset `mine` that you add is wrong: `agent`"),
        ("a preset with a wrong setting", "the preset `mine` that you add is wrong: `clip`"),
        ("too late", "the environment `own/catch` is added too late"),
        ("twice", "the program `extended` is added too late"),
    ];
    for (adds, message) in expected {
        let ran = extended(&lab, adds, "schema");
        assert_eq!(ran.code, Some(2), "{adds}\n{}", ran.err);
        assert!(ran.err.starts_with(&format!("error: {message}")), "{adds}: {}", ran.err);
    }
}

/// Otherwise `.ci/run` builds every dependency a second time.
#[test]
fn the_example_uses_the_dependencies_of_the_workspace() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| -> toml::Table {
        fs::read_to_string(workspace.join(path)).unwrap().parse().unwrap()
    };
    let packages = |path: &str| -> BTreeMap<String, Option<String>> {
        let lock = read(path);
        let text = |package: &toml::Value, key| {
            package.get(key).map(|value: &toml::Value| value.as_str().unwrap().to_owned())
        };
        let versions = lock["package"].as_array().unwrap().iter().map(|it| {
            let name = format!("{} {}", text(it, "name").unwrap(), text(it, "version").unwrap());
            (name, text(it, "checksum"))
        });
        versions.collect()
    };
    let (ours, own) = (packages("Cargo.lock"), packages("examples/own-environment/Cargo.lock"));
    let others: Vec<_> = own.iter().filter(|(name, sum)| ours.get(*name) != Some(sum)).collect();
    assert_eq!(others, [(&"own-environment 0.1.0".to_owned(), &None)]);
    let profile = |path: &str| read(path)["profile"]["release"]["package"].clone();
    assert_eq!(profile("Cargo.toml"), profile("examples/own-environment/Cargo.toml"));
}
