//! The documents of the project: which there are, that their links lead somewhere, and that every file below `docs/` can
//! be reached from the front page.
//!
//! This needs the standard library only, so that it can be checked before anything else is built:
//!
//! ```text
//! rustc --edition 2024 --test -A dead_code tests/documents/mod.rs -o target/documents && target/documents
//! ```

pub mod blocks;
mod links;

use std::fs;
use std::path::{Path, PathBuf};

/// The front page is to be read in five minutes.
const MOST_WORDS_OF_THE_FRONT_PAGE: usize = 1_000;

/// The top folder of the project. Without cargo it is the working folder.
pub fn project() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map(|package| Path::new(&package).join(".."));
    fs::canonicalize(package.unwrap_or_else(|| PathBuf::from("."))).unwrap()
}

/// The documents whose commands and specs must work: the front page, the page for contributors, and all of `docs/`.
pub fn documents() -> Vec<PathBuf> {
    let top = ["README.md", "CONTRIBUTING.md"].map(|name| project().join(name));
    top.into_iter().chain(markdown(&project().join("docs"))).collect()
}

fn markdown(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let files = links::files(folder).into_iter();
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md"))
}

#[test]
fn relative_links_lead_to_files() {
    let root = project();
    let top = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
    let top = top.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let below = ["docs", "crates", "analysis", "examples", "results/gallery"]
        .map(|folder| root.join(folder));
    let all = top.chain(below.iter().flat_map(|folder| markdown(folder)));
    let broken: Vec<String> = all.flat_map(|path| links::broken(&root, &path)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_document_can_be_reached_from_the_front_page() {
    let reached = links::reachable(&project().join("README.md"));
    let all = links::files(&project().join("docs"));
    assert!(!all.is_empty());
    let missed: Vec<&PathBuf> = all.iter().filter(|path| !reached.contains(*path)).collect();
    assert!(missed.is_empty(), "no link leads to {missed:?}");
}

#[test]
fn the_front_page_is_short() {
    let text = fs::read_to_string(project().join("README.md")).unwrap();
    let words = text.split_whitespace().count();
    assert!(words <= MOST_WORDS_OF_THE_FRONT_PAGE, "README.md has {words} words");
}
