//! Files as locks. Not every shared file system has locks: without them, whoever asks gets one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Waits for the lock on a file, which is made if it is missing. The lock is held until the file is dropped.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    match file.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(file),
    }
}

/// As [`lock`], but `None` if another process has it.
pub fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(Some(file)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}
