//! The right to write into the folder of a run. A process that has lost it writes nothing.
//!
//! Whoever writes holds the lock on `.lock` in the run's folder, and has checked under it that the manifest
//! still names its attempt. Whoever takes the run over holds the lock too. So even a process that was suspended
//! for hours notices that its run was taken over. Records and event files are appended to without the lock: a
//! new attempt continues in a copy of them, so an earlier process appends to a file that has no name any more.

use zerolab_metrics::Manifest;

use crate::error::RunError;
use crate::run::folder::RunFolder;

/// The right of one attempt to write into the folder of its run.
#[derive(Clone, Debug)]
pub struct Ownership {
    folder: RunFolder,
    attempt: Attempt,
}

/// What distinguishes the attempts at a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attempt {
    host: String,
    process_namespace: String,
    process_id: u32,
    number: u32,
    started_unix_seconds: u64,
}

impl Ownership {
    /// The right of the attempt in `manifest`.
    pub fn of(folder: RunFolder, manifest: &Manifest) -> Self {
        Self { folder, attempt: Attempt::of(manifest) }
    }

    /// The run's folder, for reading.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Calls `write`, which is to be short, while no other process can take over the run.
    ///
    /// # Errors
    /// [`RunError::ClaimLost`] if another process has taken it over, an error of `write`, or an error of
    /// reading the manifest.
    pub fn write<T>(&self, write: impl FnOnce() -> Result<T, RunError>) -> Result<T, RunError> {
        let Some(_lock) = self.folder.lock()? else { return Err(RunError::ClaimLost) };
        match self.folder.manifest()? {
            Some(manifest) if Attempt::of(&manifest) == self.attempt => write(),
            _ => Err(RunError::ClaimLost),
        }
    }
}

impl Attempt {
    fn of(manifest: &Manifest) -> Self {
        Self {
            host: manifest.provenance.host.clone(),
            process_namespace: manifest.process_namespace.clone(),
            process_id: manifest.process_id,
            number: manifest.attempt,
            started_unix_seconds: manifest.attempt_started_unix_seconds,
        }
    }
}
