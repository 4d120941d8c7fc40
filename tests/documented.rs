//! What the documents say works: their commands run, and their specs and those that ship can be planned.
//!
//! The convention for code blocks in `README.md`, `CONTRIBUTING.md` and `docs/`:
//!
//! * `sh`: every line that begins with `zerolab`, `target/release/zerolab` or `cargo run --release --` is run and must
//!   succeed. The commands of a document run in order in one fresh folder, which has copies of `experiments/` and
//!   `results/gallery/`. The shell sees pipes and redirections. Other lines are not run.
//! * `console`: nothing is run. In lines that begin with `$ `, the commands of `zerolab` and their options must exist.
//! * In both, the recipes of `just` must exist.
//! * `toml`: a block with `[experiment]` is a spec, which `zerolab plan` must accept. Another block is a fragment: its
//!   tables replace those of the first spec in the document, and `zerolab plan` must accept the result.
//! * `rust`: a block that begins with `//!` is a whole file of `docs/examples/`. The tests of the crate that it belongs to
//!   compile that file.
//! * other languages: nothing. A block without a language is an error, because a command could hide there.
//!
//! `zerolab run experiments/quickstart.toml` takes minutes. Here it trains the random agent only; `.ci/run` runs it whole.

mod commands;
mod specs;

use std::fs;
use std::path::PathBuf;

use crate::documents::blocks::{Block, Document};
use crate::documents::{documents, project};
use crate::harness::Lab;

/// All documents with their names.
fn read_documents() -> Vec<(String, Document)> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(project()).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let document = Document::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, document)
    };
    documents().into_iter().map(read).collect()
}

/// Insists that `faults` finds none in any document.
fn check(faults: impl Fn(&Document) -> Vec<String>) {
    let documents = read_documents();
    let named = |(name, document): &(String, Document)| {
        let faults = faults(document).into_iter();
        faults.map(|fault| format!("{name}: {fault}")).collect::<Vec<_>>()
    };
    let faults: Vec<String> = documents.iter().flat_map(named).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_commands_of_the_documents_succeed() {
    check(commands::run);
}

#[test]
fn commands_that_are_not_run_exist_with_their_options() {
    check(commands::faults);
}

#[test]
fn the_specs_of_the_documents_can_be_planned() {
    check(specs::faults);
}

#[test]
fn every_block_has_a_language() {
    check(|document| {
        let nameless = document.blocks.iter().filter(|block| block.language.is_empty());
        let nameless = nameless.map(|block| format!("line {}: no language", block.first_line));
        let indented = document.prose.iter().filter(|line| line.starts_with("    zerolab "));
        nameless.chain(indented.map(|line| format!("not in a block: {line}"))).collect()
    });
}

#[test]
fn the_examples_are_what_the_documents_show() {
    let entries = fs::read_dir(project().join("docs/examples")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let sources = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let program = project().join("examples/own-environment/src/main.rs");
    let sources = sources.chain([program]);
    let mut examples: Vec<String> = sources.map(|path| fs::read_to_string(path).unwrap()).collect();
    let documents = read_documents();
    let blocks = documents.iter().flat_map(|(_, document)| document.blocks_in("rust"));
    let mut shown: Vec<String> =
        blocks.map(Block::text).filter(|text| text.starts_with("//!")).collect();
    examples.sort();
    shown.sort();
    assert_eq!(shown, examples);
}

#[test]
fn every_shipped_spec_is_a_plan() {
    let folders = [
        "experiments",
        "experiments/paper",
        "experiments/atari",
        "experiments/studies",
        "experiments/thread",
    ];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(project().join(folder)).unwrap());
    let specs = entries.map(|entry| entry.unwrap().path());
    let is_spec = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "toml") && !path.ends_with("index.toml")
    };
    let specs: Vec<PathBuf> = specs.filter(is_spec).collect();
    assert!(specs.iter().any(|spec| spec.ends_with("quickstart.toml")));
    for spec in specs {
        let lab = Lab::new(&fs::read_to_string(&spec).unwrap());
        let plan = lab.json("plan spec.toml --json");
        let name = plan["experiment"].as_str().unwrap();
        assert_eq!(spec.file_stem().unwrap(), name, "a spec's file is named after its experiment");
    }
}

#[test]
fn every_kind_of_figure_is_documented_with_its_summary_and_a_picture() {
    let text = fs::read_to_string(project().join("docs/figures.md")).unwrap();
    let listed = Lab::new("").json("list figures --json");
    for kind in listed.as_array().unwrap() {
        let (name, summary) = (kind["name"].as_str().unwrap(), kind["summary"].as_str().unwrap());
        let row = text.lines().find(|line| line.starts_with(&format!("| [`{name}`](#{name}) |")));
        assert!(row.is_some_and(|row| row.ends_with(&format!("| {summary} |"))), "{name}: {row:?}");
        let section = text.split("\n## ").find(|part| part.starts_with(&format!("`{name}`\n")));
        assert!(section.is_some_and(|section| section.contains("\n![")), "{name} has no picture");
    }
}
