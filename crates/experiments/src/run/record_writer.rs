//! Appends whole lines to `records.jsonl`, and truncates it to the position of a checkpoint.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zerolab_metrics::files::{rename, temporary_beside};
use zerolab_metrics::{FileChecksum, Record};

use crate::error::RunError;

/// Lines are buffered up to this many bytes.
const BUFFER_BYTES: usize = 1 << 16;

/// A position in the records, and the hash of everything before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsPosition {
    length: u64,
    hash: [u8; 32],
}

/// Appends to `records.jsonl`.
pub struct RecordWriter {
    path: PathBuf,
    file: File,
    /// The hash of all bytes in the file.
    hasher: blake3::Hasher,
    /// Lines that are not in the file yet.
    unwritten: Vec<u8>,
}

impl RecordWriter {
    /// Starts an empty file, in place of any other.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(path: &Path) -> Result<Self, RunError> {
        Self::replace(path, &[])
    }

    /// Continues at `position`, in a copy of the file without anything after it. A process that lost the run
    /// may still append to the file before.
    ///
    /// # Errors
    /// If the file cannot be read or written, or the part before the position has changed.
    pub fn resume(path: &Path, position: &RecordsPosition) -> Result<Self, RunError> {
        let mut before = fs::read(path).map_err(RunError::file("read", path))?;
        let length = usize::try_from(position.length).unwrap_or(usize::MAX);
        if before.len() < length || blake3::hash(&before[..length]) != position.hash {
            return Err(RunError::Changed { path: path.to_owned() });
        }
        before.truncate(length);
        Self::replace(path, &before)
    }

    /// Replaces the file by one with these contents.
    fn replace(path: &Path, contents: &[u8]) -> Result<Self, RunError> {
        // Synced before it is renamed: the checkpoint needs these lines, whatever the machine does now.
        temporary_beside(path)
            .and_then(|mut file| {
                file.write_all(contents)?;
                file.as_file().sync_data()?;
                rename(file, path)
            })
            .map_err(RunError::file("write", path))?;
        let file = OpenOptions::new().append(true).open(path);
        let mut hasher = blake3::Hasher::new();
        hasher.update(contents);
        let file = file.map_err(RunError::file("open", path))?;
        Ok(Self { path: path.to_owned(), file, hasher, unwritten: Vec::new() })
    }

    /// Appends a line for each record. Lines are buffered until an evaluation.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append(&mut self, records: &[Record]) -> Result<(), RunError> {
        let mut due = false;
        for record in records {
            due |= matches!(record, Record::Evaluation(_));
            serde_json::to_writer(&mut self.unwritten, record)
                .map_err(|error| RunError::file("write", &self.path)(error.into()))?;
            self.unwritten.push(b'\n');
        }
        if due || self.unwritten.len() > BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    /// Writes all lines to the file. If there is no space for all of them, it keeps none.
    fn flush(&mut self) -> Result<(), RunError> {
        let lines = std::mem::take(&mut self.unwritten);
        if let Err(error) = self.file.write_all(&lines) {
            // If this fails too, part of a line is left. Readers ignore it and a resume removes it.
            let _ = self.file.set_len(self.hasher.count());
            return Err(RunError::file("write", &self.path)(error));
        }
        self.hasher.update(&lines);
        Ok(())
    }

    /// Syncs all lines to disk, and returns the position after them.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn position(&mut self) -> Result<RecordsPosition, RunError> {
        self.flush()?;
        self.file.sync_data().map_err(RunError::file("write", &self.path))?;
        Ok(RecordsPosition {
            length: self.hasher.count(),
            hash: *self.hasher.finalize().as_bytes(),
        })
    }
}

impl RecordsPosition {
    /// The seal of the records up to here, for the manifest.
    pub fn seal(&self) -> FileChecksum {
        let blake3 = blake3::Hash::from_bytes(self.hash).to_hex().to_string();
        FileChecksum { length_bytes: self.length, blake3 }
    }
}

impl Drop for RecordWriter {
    /// A failed run keeps its last records. An error here follows an error that was reported.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
