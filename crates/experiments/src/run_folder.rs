//! The files of one run: `run.toml`, `manifest.json`, `records.jsonl`, `log.txt` in `results/runs/<id>/`.
//!
//! A file is written whole under another name and then renamed, so a reader sees the old one or the new
//! one. Only the records are appended, whole lines at a time. Who may write here is decided in `claim`.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zerolab_metrics::{Manifest, Record};

use crate::run_error::RunError;

/// Lines are kept in memory up to so many bytes.
const UNWRITTEN_BYTES: usize = 1 << 16;

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder of the run called `id`, whether it exists or not.
    pub fn new(results: &Path, id: &str) -> Self {
        Self { path: results.join("runs").join(id) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where all that the process said is kept.
    pub fn log_path(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// Where the records are.
    pub fn records_path(&self) -> PathBuf {
        self.path.join("records.jsonl")
    }

    /// The manifest; `None` where there is none yet.
    ///
    /// # Errors
    /// If it cannot be read or is no manifest.
    pub fn manifest(&self) -> Result<Option<Manifest>, RunError> {
        let path = self.path.join("manifest.json");
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(RunError::file("read", &path))?,
        };
        let manifest = serde_json::from_slice(&bytes).map_err(|error| RunError::Damaged {
            message: format!("not a manifest: {error}"),
            folder: self.path.clone(),
            path,
        })?;
        Ok(Some(manifest))
    }

    /// Replaces the manifest.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), RunError> {
        let path = self.path.join("manifest.json");
        write_json(&path, manifest).map_err(RunError::file("write", &path))
    }

    /// Writes the resolved configuration.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_configuration(&self, toml: &str) -> Result<(), RunError> {
        let path = self.path.join("run.toml");
        write_whole(&path, toml.as_bytes()).map_err(RunError::file("write", &path))
    }

    /// Opens the records to append to.
    ///
    /// # Errors
    /// If they cannot be opened.
    pub fn records(&self) -> Result<RecordWriter, RunError> {
        let path = self.records_path();
        let file = OpenOptions::new().create(true).append(true).open(&path);
        Ok(RecordWriter {
            file: file.map_err(RunError::file("open", &path))?,
            path,
            unwritten: Vec::new(),
        })
    }

    /// Opens the log to append to.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn log(&self) -> Result<File, RunError> {
        let path = self.log_path();
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.map_err(RunError::file("open", &path))
    }

    /// The last line of the log that says something.
    pub fn last_words(&self) -> Option<String> {
        let log = fs::read(self.log_path()).ok()?;
        let log =
            String::from_utf8_lossy(&log[log.len().saturating_sub(UNWRITTEN_BYTES)..]).into_owned();
        log.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    }
}

/// Appends to `records.jsonl`, whole lines at a time.
pub struct RecordWriter {
    path: PathBuf,
    file: File,
    unwritten: Vec<u8>,
}

impl RecordWriter {
    /// Adds a line for each record and empties `records`. An evaluation brings all lines to the disk;
    /// in between they may wait.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append(&mut self, records: &mut Vec<Record>) -> Result<(), RunError> {
        let mut due = false;
        for record in records.drain(..) {
            due |= matches!(record, Record::Evaluation(_));
            serde_json::to_writer(&mut self.unwritten, &record)
                .map_err(|error| RunError::file("write", &self.path)(error.into()))?;
            self.unwritten.push(b'\n');
        }
        if due || self.unwritten.len() > UNWRITTEN_BYTES { self.flush() } else { Ok(()) }
    }

    /// Brings all lines to the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn flush(&mut self) -> Result<(), RunError> {
        self.file.write_all(&self.unwritten).map_err(RunError::file("write", &self.path))?;
        self.unwritten.clear();
        Ok(())
    }

    /// Brings all lines to the disk itself, so that a manifest that says "done" is never ahead of them.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(mut self) -> Result<(), RunError> {
        self.flush()?;
        self.file.sync_all().map_err(RunError::file("write", &self.path))
    }
}

impl Drop for RecordWriter {
    /// A run that fails keeps what it had to say; that it could not is no news then.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// Writes a file whole under another name beside it and renames it. Readable by whom the folder is.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".unfinished-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(contents)?;
    file.persist(path)?;
    Ok(())
}

/// [`write_whole`] of a value as indented JSON.
pub fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(value)?;
    json.push(b'\n');
    write_whole(path, &json)
}
