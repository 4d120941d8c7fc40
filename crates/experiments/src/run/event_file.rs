//! The records of a run as a TensorBoard event file in the run's folder, if the spec asks for it.
//!
//! A resume writes it again from the records that are kept.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use zerolab_metrics::{Record, tensorboard};

use crate::error::RunError;

/// An event file that is being written.
pub struct EventFile {
    path: PathBuf,
    file: File,
    started_unix_seconds: u64,
}

impl EventFile {
    /// Starts the event file of a run, with the events of `records`, and removes older ones. The name
    /// contains the time, because TensorBoard does not follow a file that was replaced.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(
        folder: &Path,
        records: &[Record],
        started_unix_seconds: u64,
        now_unix_seconds: u64,
    ) -> Result<Self, RunError> {
        for entry in fs::read_dir(folder).map_err(RunError::file("read", folder))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(tensorboard::PREFIX) {
                fs::remove_file(entry.path()).map_err(RunError::file("remove", &entry.path()))?;
            }
        }
        let path = folder.join(tensorboard::file_name(now_unix_seconds));
        let mut file = File::create(&path).map_err(RunError::file("write", &path))?;
        let header = tensorboard::header(started_unix_seconds);
        file.write_all(&header).map_err(RunError::file("write", &path))?;
        let mut events = Self { path, file, started_unix_seconds };
        events.append(records)?;
        Ok(events)
    }

    /// Appends the events of `records`.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn append(&mut self, records: &[Record]) -> Result<(), RunError> {
        let events = records.iter();
        let events: Vec<u8> = events
            .flat_map(|record| tensorboard::event(record, self.started_unix_seconds))
            .collect();
        self.file.write_all(&events).map_err(RunError::file("write", &self.path))
    }
}
