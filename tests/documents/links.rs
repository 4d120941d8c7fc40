//! Relative links of Markdown documents: whether they lead somewhere, and what can be reached by them.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, iter};

use super::blocks::Document;

/// The targets of all links and pictures in a document, outside of code. Links to other hosts are left out.
pub fn targets(document: &Document) -> Vec<String> {
    let prose = without_code_spans(&document.prose.join("\n"));
    let mut targets = Vec::new();
    for (start, end) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
        for rest in prose.split(start).skip(1) {
            // A title may follow the target.
            let target = rest.split(end).next().unwrap_or_default();
            targets.extend(target.split_whitespace().next().map(str::to_owned));
        }
    }
    targets.retain(|target| !target.contains("://") && !target.starts_with("mailto:"));
    targets
}

fn without_code_spans(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// What follows `#` in a link to a heading, as GitHub makes it.
pub fn anchors(document: &Document) -> BTreeSet<String> {
    let headings = document.prose.iter().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A document's links that lead nowhere, each with the document's name.
pub fn broken(root: &Path, path: &Path) -> Vec<String> {
    let document = read(path);
    let is_broken = |target: &String| {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let file = resolve(path, file);
        let is_markdown = file.extension().is_some_and(|extension| extension == "md");
        let lacks_anchor = !anchor.is_empty() && is_markdown && file.is_file();
        !file.exists() || (lacks_anchor && !anchors(&read(&file)).contains(anchor))
    };
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let targets = targets(&document).into_iter().filter(is_broken);
    targets.map(|target| format!("{name} links to `{target}`, which is not there")).collect()
}

/// All files that links lead to from this document, over any number of documents. A folder stands for its `README.md`.
pub fn reachable(from: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(path) = open.pop() {
        let path = if path.is_dir() { path.join("README.md") } else { path };
        if !path.is_file() || !found.insert(path.clone()) {
            continue;
        }
        if path.extension().is_some_and(|extension| extension == "md") {
            let targets = targets(&read(&path)).into_iter();
            open.extend(
                targets.map(|target| resolve(&path, target.split('#').next().unwrap_or(""))),
            );
        }
    }
    found
}

/// All files in a folder and in its folders.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { iter::once(path).collect() })
        .collect();
    paths.sort();
    paths
}

/// The file that a link means. The empty link is the document itself.
fn resolve(document: &Path, target: &str) -> PathBuf {
    if target.is_empty() {
        return document.to_owned();
    }
    let joined = document.parent().unwrap_or(Path::new("")).join(target);
    let mut path = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

fn read(path: &Path) -> Document {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    Document::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn targets_are_those_of_links_and_pictures_outside_of_code() {
    let text = "[a](b.md#c), ![d](e.svg \"title\") `[no](code)` [f](https://g)\n\
                <img src=\"h.png\" alt=\"\">\n```md\n[no](block)\n```\n";
    let document = Document::read(text).unwrap();
    assert_eq!(targets(&document), ["b.md#c", "e.svg", "h.png"]);
}

#[test]
fn anchors_are_those_of_github() {
    let document = Document::read("# A `b-c` (d), e\n## Two words\n```sh\n# none\n```\n").unwrap();
    let expected = ["a-b-c-d-e", "two-words"].map(str::to_owned);
    assert_eq!(anchors(&document), BTreeSet::from(expected));
}

#[test]
fn broken_links_are_named_and_others_followed() {
    let folder = std::env::temp_dir().join(format!("zerolab-links-{}", std::process::id()));
    let page =
        "[b](docs/b.md#part) [c](docs/c) [no](docs/no.md) [no](docs/b.md#other) [self](#a)\n# A\n";
    fs::create_dir_all(folder.join("docs/c")).unwrap();
    fs::write(folder.join("a.md"), page).unwrap();
    fs::write(folder.join("docs/b.md"), "# Part\n[up](../a.md) ![](picture.svg)\n").unwrap();
    for name in ["docs/c/README.md", "docs/picture.svg", "docs/alone.md"] {
        fs::write(folder.join(name), "").unwrap();
    }
    let broken = broken(&folder, &folder.join("a.md"));
    let reached = reachable(&folder.join("a.md"));
    let all = files(&folder);
    fs::remove_dir_all(&folder).unwrap();
    let named = |target: &str| format!("a.md links to `{target}`, which is not there");
    assert_eq!(broken, [named("docs/no.md"), named("docs/b.md#other")]);
    let missed: Vec<&PathBuf> = all.iter().filter(|path| !reached.contains(*path)).collect();
    assert_eq!(missed, [&folder.join("docs/alone.md")]);
}
