//! The files of one run in `results/runs/<id>/`: `run.toml`, `manifest.json`, `records.jsonl`, `log.txt`, ….
//!
//! A file is written under another name and then renamed, so a reader sees the old file or the new one, never
//! a part. Only the records (`record_writer`) and the log are appended to. `claim` decides which process may
//! write here.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use zerolab_metrics::files::write_whole;
use zerolab_metrics::{Manifest, RunState, check_records};

use crate::error::{RunError, SpecError};
use crate::plan::resolved::ResolvedRun;
use crate::plan::{Overrides, Plan};
use crate::run::identity;
use crate::run::lock_file;
use crate::spec::{self, Catalogue};

/// The last line of a log is searched in this many bytes at its end.
const LOG_TAIL_BYTES: usize = 1 << 16;

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder of the run `id`. It need not exist.
    pub fn new(results: &Path, id: &str) -> Self {
        Self { path: results.join("runs").join(id) }
    }

    /// The folder of a run at `path`. It need not exist.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the log, which has all output of the run's process.
    pub fn log_path(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// The path of the resolved configuration.
    pub fn configuration_path(&self) -> PathBuf {
        self.path.join("run.toml")
    }

    /// The path of the weights of a finished run.
    pub fn weights_path(&self) -> PathBuf {
        self.path.join("weights.safetensors")
    }

    /// The path of the records.
    pub fn records_path(&self) -> PathBuf {
        self.path.join("records.jsonl")
    }

    /// The manifest; `None` if there is none yet.
    ///
    /// # Errors
    /// If it cannot be read or is not a manifest.
    pub fn manifest(&self) -> Result<Option<Manifest>, RunError> {
        let path = self.path.join("manifest.json");
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(RunError::file("read", &path))?,
        };
        let manifest = Manifest::from_json(&bytes).map_err(|error| RunError::Damaged {
            message: error.to_string(),
            folder: self.path.clone(),
            path,
        })?;
        Ok(Some(manifest))
    }

    /// The manifest of `run`, whose folder this is; `None` if there is none yet.
    ///
    /// # Errors
    /// As [`RunFolder::manifest`], or if the folder holds another run, or if the records of the finished run
    /// cannot be read or have changed.
    pub fn verified_manifest(&self, run: &ResolvedRun) -> Result<Option<Manifest>, RunError> {
        let Some(manifest) = self.manifest()? else { return Ok(None) };
        identity::check(self, &manifest, run)?;
        if manifest.state == RunState::Done
            && let Some(checksum) = &manifest.records
        {
            check_records(&self.records_path(), checksum)?;
        }
        Ok(Some(manifest))
    }

    /// The run in `run.toml`, changed by `set`, which has settings as `KEY=VALUE`.
    ///
    /// # Errors
    /// If it cannot be read or is not that of a run, or a setting is wrong.
    pub fn configuration(&self, set: &[String]) -> Result<ResolvedRun, SpecError> {
        self.only_run(spec::load(&self.configuration_path(), &with(set), None)?)
    }

    /// The run of a configuration in place of that in `run.toml`, changed by `set`.
    ///
    /// # Errors
    /// If it is not that of a run, or a setting is wrong.
    pub fn changed_configuration(
        &self,
        toml: String,
        set: &[String],
    ) -> Result<ResolvedRun, SpecError> {
        let catalogue = Catalogue::built_in(None);
        self.only_run(spec::load_text(&self.configuration_path(), toml, &with(set), &catalogue)?)
    }

    fn only_run(&self, plan: Plan) -> Result<ResolvedRun, SpecError> {
        let path = self.configuration_path();
        plan.runs.into_iter().next().ok_or_else(|| SpecError {
            message: format!("{} holds no run", path.display()),
            excerpt: String::new(),
            help: Vec::new(),
        })
    }

    /// Replaces the manifest.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), RunError> {
        let path = self.path.join("manifest.json");
        let written = manifest.to_json().map_err(io::Error::from);
        written
            .and_then(|json| write_whole(&path, json.as_bytes()))
            .map_err(RunError::file("write", &path))
    }

    /// Writes the resolved configuration.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_configuration(&self, toml: &str) -> Result<(), RunError> {
        let path = self.configuration_path();
        write_whole(&path, toml.as_bytes()).map_err(RunError::file("write", &path))
    }

    /// Writes the difference of the source to its git revision. If `patch` is empty, there is no such file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_patch(&self, patch: &[u8]) -> Result<(), RunError> {
        let path = self.path.join("uncommitted.patch");
        let written = if patch.is_empty() {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            }
        } else {
            write_whole(&path, patch)
        };
        written.map_err(RunError::file("write", &path))
    }

    /// Waits for the lock on the folder, which is held until it is dropped; `None` if the folder does not
    /// exist. Not every file system has locks.
    ///
    /// # Errors
    /// If there can be no lock.
    pub fn lock(&self) -> Result<Option<File>, RunError> {
        self.locked(|path| lock_file::lock(path).map(Some))
    }

    /// The lock on the folder; `None` if another process has it, or the folder does not exist.
    ///
    /// # Errors
    /// If there can be no lock.
    pub fn try_lock(&self) -> Result<Option<File>, RunError> {
        self.locked(lock_file::try_lock)
    }

    fn locked(
        &self,
        lock: impl FnOnce(&Path) -> io::Result<Option<File>>,
    ) -> Result<Option<File>, RunError> {
        let path = self.path.join(".lock");
        match lock(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            locked => locked.map_err(RunError::file("lock", &path)),
        }
    }

    /// Opens the log for appending.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn log(&self) -> Result<File, RunError> {
        let path = self.log_path();
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.map_err(RunError::file("open", &path))
    }

    /// The last line of the log that is not empty.
    pub fn last_log_line(&self) -> Option<String> {
        let log = fs::read(self.log_path()).ok()?;
        let log =
            String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_TAIL_BYTES)..]).into_owned();
        log.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    }
}

/// Settings as `KEY=VALUE`, as those of the command line.
fn with(set: &[String]) -> Overrides {
    Overrides { set: set.to_vec(), ..Overrides::default() }
}
