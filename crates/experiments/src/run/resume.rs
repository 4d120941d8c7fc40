//! Starts or resumes a run, and saves it when a checkpoint is due or the run is to stop.
//!
//! A damaged checkpoint is skipped and the one before is used. The records are the same, because a run
//! depends only on its configuration; only time is lost. If the disk cannot be read, the run fails and does
//! not start again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zerolab_agents::{AgentError, Device, saved};
use zerolab_metrics::{Record, read_records};

use crate::error::RunError;
use crate::plan::persistence::Checkpointing;
use crate::plan::resolved::ResolvedRun;
use crate::run::checkpoint::{self, Checkpoints};
use crate::run::event_file::EventFile;
use crate::run::folder::RunFolder;
use crate::run::provenance::now_unix_seconds;
use crate::run::record_writer::{RecordWriter, RecordsPosition};
use crate::training::Training;
use zerolab_metrics::files::write_whole;

/// The file of a checkpoint with the position in the records.
const POSITION: &str = "records.bin";

/// Checkpoints by time take at most one part in this many of the time (2 %).
const TIME_FRACTION: u32 = 50;

/// A run in training, with its records and checkpoints.
pub struct TrainingSession<'a> {
    pub training: Training<'a>,
    writer: RecordWriter,
    events: Option<EventFile>,
    checkpoints: Checkpoints,
    /// The checkpoint that this training was last saved to or resumed from.
    last: Option<PathBuf>,
    schedule: Schedule,
}

/// Decides when the next checkpoint is due.
struct Schedule {
    settings: Checkpointing,
    last: Instant,
    /// The duration of the last checkpoint.
    took: Duration,
    real_steps: u64,
}

impl<'a> TrainingSession<'a> {
    /// Resumes the run from its newest valid checkpoint, or starts it if there is none.
    /// `started_unix_seconds` is the start of its first attempt. `log` receives a line for each damaged
    /// checkpoint.
    ///
    /// # Errors
    /// If the environment or the agent cannot be made, or a file cannot be read or written.
    pub fn open(
        run: &'a ResolvedRun,
        device: &Device,
        folder: &RunFolder,
        started_unix_seconds: u64,
        log: &dyn Fn(&str),
    ) -> Result<Self, RunError> {
        let (training, writer, last) = newest(run, device, folder, log)?;
        let events = run.records.tensorboard.then(|| {
            let kept = read_records(&folder.records_path(), None)?;
            EventFile::begin(folder.path(), &kept, started_unix_seconds, now_unix_seconds())
        });
        Ok(Self {
            schedule: Schedule::new(&run.checkpoint, training.real_steps()),
            checkpoints: Checkpoints::of(folder.path()),
            training,
            writer,
            events: events.transpose()?,
            last,
        })
    }

    /// Appends to the records.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn record(&mut self, records: &[Record]) -> Result<(), RunError> {
        self.writer.append(records)?;
        self.events.as_mut().map_or(Ok(()), |events| events.append(records))
    }

    /// Saves the run if a checkpoint is due.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save_if_due(&mut self) -> Result<(), RunError> {
        if self.schedule.is_due(self.training.real_steps()) { self.save() } else { Ok(()) }
    }

    /// Saves the run, unless its last checkpoint is at the same real step.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save(&mut self) -> Result<(), RunError> {
        let real_steps = self.training.real_steps();
        let begun = Instant::now();
        if self.last.as_deref().and_then(checkpoint::real_steps) != Some(real_steps) {
            let position = self.writer.position()?;
            let (training, previous) = (&mut self.training, self.last.as_deref());
            let path = self.checkpoints.make(real_steps, previous, |folder| {
                saved::write(&folder.join(POSITION), &position).map_err(RunError::State)?;
                training.save(folder, previous)
            })?;
            self.last = Some(path);
        }
        self.schedule.made(real_steps, begun);
        Ok(())
    }

    /// Finishes the run: writes its weights, if it has any. Returns the end of its records.
    ///
    /// # Errors
    /// If a file cannot be written or removed.
    pub fn finish(mut self, folder: &RunFolder) -> Result<RecordsPosition, RunError> {
        // Written again by `write_whole`, which sets the permissions of the folder's other files.
        let path = folder.weights_path();
        let unfinished = tempfile::NamedTempFile::new_in(folder.path());
        let unfinished = unfinished.map_err(RunError::file("write", &path))?;
        if self.training.save_weights(unfinished.path())? {
            fs::read(unfinished.path())
                .and_then(|weights| write_whole(&path, &weights))
                .map_err(RunError::file("write", &path))?;
        }
        self.writer.position()
    }
}

/// The training and records of the newest valid checkpoint with its path, or those of a new run.
fn newest<'a>(
    run: &'a ResolvedRun,
    device: &Device,
    folder: &RunFolder,
    log: &dyn Fn(&str),
) -> Result<(Training<'a>, RecordWriter, Option<PathBuf>), RunError> {
    let mut unreadable = None;
    for path in Checkpoints::of(folder.path()).newest_first() {
        match load(run, device, folder, &path) {
            Ok((training, writer)) => {
                log(&format!("resumes at real step {}", training.real_steps()));
                return Ok((training, writer, Some(path)));
            }
            Err(error) if is_damage(&error) => {
                log(&format!("{error}; it is passed over"));
                checkpoint::remove(&path)?;
            }
            Err(error) => unreadable = Some(error),
        }
    }
    match unreadable {
        Some(error) => Err(error),
        None => {
            let writer = RecordWriter::begin(&folder.records_path())?;
            Ok((Training::new(run, device)?, writer, None))
        }
    }
}

/// The training and records of a checkpoint.
fn load<'a>(
    run: &'a ResolvedRun,
    device: &Device,
    folder: &RunFolder,
    checkpoint: &Path,
) -> Result<(Training<'a>, RecordWriter), RunError> {
    checkpoint::verify(checkpoint)?;
    let position = saved::read(&checkpoint.join(POSITION)).map_err(RunError::State)?;
    let mut training = Training::new(run, device)?;
    training.load(checkpoint)?;
    let writer = RecordWriter::resume(&folder.records_path(), &position)?;
    Ok((training, writer))
}

/// Whether the files have wrong contents. Otherwise they could not be read.
fn is_damage(error: &RunError) -> bool {
    matches!(
        error,
        RunError::Checkpoint { .. }
            | RunError::Changed { .. }
            | RunError::State(AgentError::State { .. } | AgentError::Tensor(_))
    )
}

impl Schedule {
    fn new(settings: &Checkpointing, real_steps: u64) -> Self {
        let settings = settings.clone();
        Self { settings, last: Instant::now(), took: Duration::ZERO, real_steps }
    }

    fn is_due(&self, real_steps: u64) -> bool {
        let Checkpointing { every, every_seconds } = self.settings;
        let by_steps = every > 0 && real_steps / every > self.real_steps / every;
        let wait = Duration::from_secs(every_seconds).max(self.took * TIME_FRACTION);
        by_steps || (every_seconds > 0 && self.last.elapsed() >= wait)
    }

    fn made(&mut self, real_steps: u64, begun: Instant) {
        (self.last, self.took, self.real_steps) = (Instant::now(), begun.elapsed(), real_steps);
    }
}

#[cfg(test)]
mod tests;
