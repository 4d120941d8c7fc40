//! What in a folder of results no experiment uses any more.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use zerolab_metrics::ExperimentFile;

use crate::error::RunError;
use crate::plan::run_list;
use crate::run::claim;
use crate::run::folder::RunFolder;

/// A file or folder that no experiment uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// Its path.
    pub path: PathBuf,
    /// What it is.
    pub kind: UnusedKind,
    /// The state of a run: `done`, `saved`, `failed`, `running` if its process is dead, or `unknown`.
    pub state: Option<&'static str>,
    /// The size in bytes.
    pub bytes: u64,
}

/// What is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnusedKind {
    /// A run.
    Run,
    /// A list of runs that was replaced.
    Plan,
    /// What remains of a run that was started again.
    Remains,
}

impl UnusedKind {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            UnusedKind::Run => "run",
            UnusedKind::Plan => "plan",
            UnusedKind::Remains => "remains",
        }
    }
}

/// The runs that no `experiment.json` in `results` names and that no process trains, and the lists of runs
/// that a newer one has replaced, sorted by path.
///
/// # Errors
/// If a folder or an `experiment.json` cannot be read: then it is unknown what is used.
pub fn unused(results: &Path) -> Result<Vec<Unused>, RunError> {
    let runs = results.join("runs");
    let mut used = BTreeSet::new();
    let mut found = Vec::new();
    for folder in entries(results)?.into_iter().filter(|path| path.is_dir() && *path != runs) {
        used.extend(ids(&folder.join("experiment.json"))?);
        found.extend(replaced_lists(&folder, &runs)?);
    }
    for path in entries(&runs)?.into_iter().filter(|path| path.is_dir()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(".removed-") {
            found.push(Unused::new(path, UnusedKind::Remains, None)?);
        } else if !used.contains(&name) && !claim::is_trained(&RunFolder::at(&path)) {
            let manifest = RunFolder::at(&path).manifest().ok().flatten();
            let state = manifest.map_or("unknown", |manifest| manifest.state.name());
            found.push(Unused::new(path, UnusedKind::Run, Some(state))?);
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

impl Unused {
    fn new(path: PathBuf, kind: UnusedKind, state: Option<&'static str>) -> Result<Self, RunError> {
        let bytes = size(&path)?;
        Ok(Self { path, kind, state, bytes })
    }

    /// Removes it from the folder `results`.
    ///
    /// # Errors
    /// If that is impossible, or a process has begun to train the run meanwhile.
    pub fn remove(&self, results: &Path) -> Result<(), RunError> {
        match self.kind {
            UnusedKind::Plan => fs::remove_file(&self.path),
            UnusedKind::Remains => fs::remove_dir_all(&self.path),
            UnusedKind::Run => {
                return claim::remove_untrained(results, &RunFolder::at(&self.path));
            }
        }
        .map_err(RunError::file("remove", &self.path))
    }
}

/// The ids of an experiment's runs; none if there is no such file.
fn ids(path: &Path) -> Result<Vec<String>, RunError> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(RunError::file("read", path))?,
    };
    let file: ExperimentFile = serde_json::from_slice(&text)
        .map_err(|error| RunError::file("read", path)(io::Error::other(error)))?;
    Ok(file.runs.into_iter().map(|run| run.id).collect())
}

/// The lists of runs in the folder of an experiment, except the newest and those with a run in training, whose
/// runner may start more of them.
fn replaced_lists(folder: &Path, runs: &Path) -> Result<Vec<Unused>, RunError> {
    let mut lists = Vec::new();
    for path in entries(folder)?.into_iter().filter(|path| run_list::is_list(path)) {
        let written = fs::metadata(&path).and_then(|data| data.modified());
        lists.push((written.map_err(RunError::file("read", &path))?, path));
    }
    lists.sort();
    lists.pop();
    let replaced = lists.into_iter().map(|(_, path)| path).filter(|path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        !run_list::ids(&text).iter().any(|id| claim::is_trained(&RunFolder::at(&runs.join(id))))
    });
    replaced.map(|path| Unused::new(path, UnusedKind::Plan, None)).collect()
}

/// What is in a folder; nothing if it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let read = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(RunError::file("read", folder))?,
    };
    let paths: io::Result<Vec<PathBuf>> =
        read.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.map_err(RunError::file("read", folder))
}

/// The bytes of a file, or of all files in a folder.
fn size(path: &Path) -> Result<u64, RunError> {
    if path.is_dir() && !path.is_symlink() {
        return entries(path)?.iter().map(|path| size(path)).sum();
    }
    fs::symlink_metadata(path).map(|data| data.len()).map_err(RunError::file("read", path))
}
