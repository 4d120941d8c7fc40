//! Appends to `records.jsonl`, whole lines at a time, and cuts it back to where a checkpoint was made.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zerolab_metrics::{FileSeal, Record};

use crate::error::RunError;

/// Lines are kept in memory up to so many bytes.
const UNWRITTEN_BYTES: usize = 1 << 16;

/// How far the records had come, and what they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    length: u64,
    hash: [u8; 32],
}

/// Appends to `records.jsonl`.
pub struct RecordWriter {
    path: PathBuf,
    file: File,
    /// Of all that is in the file.
    hasher: blake3::Hasher,
    /// Lines of which nothing is in the file yet.
    unwritten: Vec<u8>,
}

impl RecordWriter {
    /// Begins with no records.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(path: &Path) -> Result<Self, RunError> {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(path);
        Ok(Self {
            file: file.map_err(RunError::file("open", path))?,
            path: path.to_owned(),
            hasher: blake3::Hasher::new(),
            unwritten: Vec::new(),
        })
    }

    /// Goes on at `mark`: what was written after it is cut off.
    ///
    /// # Errors
    /// If the file cannot be read or written, or what stands before the mark is not what stood there.
    pub fn resume(path: &Path, mark: &Mark) -> Result<Self, RunError> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let mut file = file.map_err(RunError::file("open", path))?;
        let mut before = Vec::new();
        let read = Read::by_ref(&mut file).take(mark.length).read_to_end(&mut before);
        read.map_err(RunError::file("read", path))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&before);
        if before.len() as u64 != mark.length || hasher.finalize() != mark.hash {
            return Err(RunError::Changed { path: path.to_owned() });
        }
        file.set_len(mark.length)
            .and_then(|()| file.seek(std::io::SeekFrom::End(0)))
            .map_err(RunError::file("write", path))?;
        Ok(Self { file, path: path.to_owned(), hasher, unwritten: Vec::new() })
    }

    /// Adds a line for each record. An evaluation brings all lines to the file; in between they may wait.
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
        if due || self.unwritten.len() > UNWRITTEN_BYTES { self.flush() } else { Ok(()) }
    }

    /// Brings all lines to the file. Of lines that it has no room for, no part is left in it.
    fn flush(&mut self) -> Result<(), RunError> {
        let lines = std::mem::take(&mut self.unwritten);
        if let Err(error) = self.file.write_all(&lines) {
            // If that fails too, a torn line is left, which readers drop and a resume cuts off.
            let _ = self.file.set_len(self.hasher.count());
            return Err(RunError::file("write", &self.path)(error));
        }
        self.hasher.update(&lines);
        Ok(())
    }

    /// Brings all lines to the disk itself, and says how far they have come.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn mark(&mut self) -> Result<Mark, RunError> {
        self.flush()?;
        self.file.sync_data().map_err(RunError::file("write", &self.path))?;
        Ok(Mark { length: self.hasher.count(), hash: *self.hasher.finalize().as_bytes() })
    }
}

impl Mark {
    /// What a manifest says of the records up to here.
    pub fn seal(&self) -> FileSeal {
        let blake3 = blake3::Hash::from_bytes(self.hash).to_hex().to_string();
        FileSeal { length_bytes: self.length, blake3 }
    }
}

impl Drop for RecordWriter {
    /// A run that fails keeps what it had to say; that it could not is no news then.
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
