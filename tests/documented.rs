//! What the project's front page and its shipped specs say is so.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Lab, SMALL};

/// A path from the top of the project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn readme() -> String {
    fs::read_to_string(project("README.md")).unwrap()
}

#[test]
fn every_command_of_the_readme_exists() {
    let lab = Lab::new(SMALL);
    let readme = readme();
    let lines = readme.lines().filter_map(|line| line.strip_prefix("    zerolab "));
    let commands: Vec<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"run"));
    for command in commands {
        lab.succeed(&format!("{command} --help"));
    }
}

#[test]
fn the_example_of_the_readme_is_a_spec() {
    let readme = readme();
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    Lab::new(example.unwrap()).succeed("plan spec.toml");
}

#[test]
fn every_shipped_spec_is_a_plan() {
    let folders = ["experiments", "experiments/paper", "experiments/atari"].map(project);
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let specs = entries.map(|entry| entry.unwrap().path());
    let specs: Vec<PathBuf> =
        specs.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    assert!(specs.iter().any(|spec| spec.ends_with("quickstart.toml")));
    for spec in specs {
        let lab = Lab::new(&fs::read_to_string(&spec).unwrap());
        let plan = lab.json("plan spec.toml --json");
        let name = plan["experiment"].as_str().unwrap();
        assert_eq!(spec.file_stem().unwrap(), name, "a spec's file is named after its experiment");
    }
}
