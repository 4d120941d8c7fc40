//! A folder of specs, which `zerolab report` takes as a whole.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::error::CommandError;

/// The file in the folder that says what the index of its experiments shows. It is no spec.
const INDEX_FILE: &str = "index.toml";

/// The specs of a folder, and what their index shows.
#[derive(Debug)]
pub struct SpecFolder {
    /// Its own name, which the index takes.
    pub name: String,
    /// In the order of their names, in which numbers count: `q9` stands before `q10`.
    pub specs: Vec<PathBuf>,
    /// The folder of results from which the experiments are reported.
    pub results: Option<PathBuf>,
    /// The text above the experiments: its path, and its contents.
    pub text: Option<(PathBuf, String)>,
}

/// The contents of `index.toml`; both paths are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexFile {
    text: Option<PathBuf>,
    results: Option<PathBuf>,
}

impl SpecFolder {
    /// The folder of specs at `path`; nothing if it is no folder, one of results, or one without specs.
    pub fn find(path: &Path) -> Result<Option<Self>, CommandError> {
        if !path.is_dir() || path.join("experiment.json").exists() {
            return Ok(None);
        }
        let unreadable = |error| CommandError::Arguments(format!("{}: {error}", path.display()));
        let mut specs = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            let is_spec = file.extension().is_some_and(|extension| extension == "toml");
            if is_spec && file.is_file() && file.file_name().is_some_and(|name| name != INDEX_FILE)
            {
                specs.push(file);
            }
        }
        if specs.is_empty() {
            return Ok(None);
        }
        specs.sort_by_cached_key(|spec| {
            in_order(&spec.file_stem().unwrap_or_default().to_string_lossy())
        });
        let own = fs::canonicalize(path).map_err(unreadable)?;
        let name = own.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let IndexFile { text, results } = IndexFile::read(&path.join(INDEX_FILE))?;
        let text = text.map(|text| read_text(path, &text)).transpose()?;
        let results = results.map(|results| beside(path, &results));
        Ok(Some(Self { name, specs, results, text }))
    }
}

impl IndexFile {
    /// The file, or nothing in particular if there is none.
    fn read(path: &Path) -> Result<Self, CommandError> {
        let wrong = |why: String| CommandError::Arguments(format!("{}: {why}", path.display()));
        match path.is_file() {
            false => Ok(Self::default()),
            true => {
                let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
                toml::from_str(&text)
                    .map_err(|error| wrong(error.to_string().trim_end().to_owned()))
            }
        }
    }
}

fn read_text(folder: &Path, named: &Path) -> Result<(PathBuf, String), CommandError> {
    let path = beside(folder, named);
    let unreadable = |error| {
        CommandError::Arguments(format!(
            "cannot read {}: {error}; {} names it as the text of the index",
            path.display(),
            folder.join(INDEX_FILE).display()
        ))
    };
    let text = fs::read_to_string(&path).map_err(unreadable)?;
    Ok((path, text))
}

/// The path `named` in a file of `folder`, without detours if it leads to the same place.
fn beside(folder: &Path, named: &Path) -> PathBuf {
    let whole = folder.join(named);
    let mut short = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir
                if matches!(short.components().next_back(), Some(Component::Normal(_))) =>
            {
                short.pop();
            }
            part => short.push(part),
        }
    }
    // They differ where a folder on the way is a symbolic link.
    let is_same = fs::canonicalize(&short).ok() == fs::canonicalize(&whole).ok();
    if is_same { short } else { whole }
}

/// A name in parts of letters and numbers, such that numbers are compared by their values.
fn in_order(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(letters);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count() {
        let mut names = ["q10-a", "q1b-a", "b", "q9-a", "q1a-b", "q1a"];
        names.sort_by_key(|name| in_order(name));
        assert_eq!(names, ["b", "q1a", "q1a-b", "q1b-a", "q9-a", "q10-a"]);
    }
}
