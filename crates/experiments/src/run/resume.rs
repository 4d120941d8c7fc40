//! Starts or resumes a run, and saves it when a checkpoint is due or the run is to stop.
//!
//! A damaged checkpoint is skipped and the one before is used. The records are the same, because a run
//! depends only on its configuration; only time is lost. If the disk cannot be read, the run fails and does
//! not start again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zerolab_agents::{AgentError, Device, saved};
use zerolab_metrics::format::count;
use zerolab_metrics::{Record, read_records};

use crate::error::RunError;
use crate::plan::persistence::Checkpointing;
use crate::plan::resolved::ResolvedRun;
use crate::run::checkpoint::{self, Checkpoints};
use crate::run::event_file::EventFile;
use crate::run::kept_weights::WeightsKeeper;
use crate::run::ownership::Ownership;
use crate::run::provenance::now_unix_seconds;
use crate::run::record_writer::{RecordWriter, RecordsPosition};
use crate::training::Training;

/// The file of a checkpoint with the position in the records.
const POSITION: &str = "records.bin";

/// Checkpoints by time take at most one part in this many of the time (2 %).
const TIME_FRACTION: u32 = 50;

/// A run in training, with its records and checkpoints.
pub struct TrainingSession<'a> {
    pub training: Training<'a>,
    ownership: &'a Ownership,
    writer: RecordWriter,
    events: Option<EventFile>,
    weights: WeightsKeeper<'a>,
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
    /// The progress at the last checkpoint ([`Progress::total`]).
    done: u64,
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
        ownership: &'a Ownership,
        started_unix_seconds: u64,
        log: &dyn Fn(&str),
    ) -> Result<Self, RunError> {
        let folder = ownership.folder();
        let (training, writer, last) = newest(run, device, ownership, log)?;
        let events = run.records.tensorboard.then(|| {
            let kept = read_records(&folder.records_path(), None)?;
            ownership.write(|| {
                EventFile::begin(folder.path(), &kept, started_unix_seconds, now_unix_seconds())
            })
        });
        Ok(Self {
            ownership,
            schedule: Schedule::new(&run.checkpoint, training.progress().total()),
            checkpoints: Checkpoints::of(folder.path()),
            weights: WeightsKeeper::new(run.records.weights, ownership)?,
            training,
            writer,
            events: events.transpose()?,
            last,
        })
    }

    /// Appends to the records, and keeps the weights of an evaluation among them, if the spec asks for it.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn record(&mut self, records: &[Record]) -> Result<(), RunError> {
        self.writer.append(records)?;
        self.weights.note(records, &self.training)?;
        self.events.as_mut().map_or(Ok(()), |events| events.append(records))
    }

    /// Saves the run if a checkpoint is due. Returns whether it was due. After an error the next one is due
    /// as if this one had been made: a full disk is not tried again in every round.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save_if_due(&mut self) -> Result<bool, RunError> {
        let done = self.training.progress().total();
        if !self.schedule.is_due(done) {
            return Ok(false);
        }
        let begun = Instant::now();
        let saved = self.save();
        if saved.is_err() {
            self.schedule.made(done, begun);
        }
        saved.map(|()| true)
    }

    /// Saves the run, unless its last checkpoint is at the same place.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save(&mut self) -> Result<(), RunError> {
        let progress = self.training.progress();
        let begun = Instant::now();
        if self.last.as_deref().and_then(checkpoint::progress) != Some(progress) {
            let position = self.writer.position()?;
            let (training, previous) = (&mut self.training, self.last.as_deref());
            let path = self.checkpoints.make(self.ownership, progress, previous, |folder| {
                saved::write(&folder.join(POSITION), &position).map_err(RunError::State)?;
                training.save(folder, previous)
            })?;
            self.last = Some(path);
            self.weights.remove_superseded()?;
        }
        self.schedule.made(progress.total(), begun);
        Ok(())
    }

    /// Finishes the run: writes its weights, if it has any. Returns the end of its records.
    ///
    /// # Errors
    /// If a file cannot be written or removed.
    pub fn finish(mut self) -> Result<RecordsPosition, RunError> {
        self.weights.finish(&self.training)?;
        self.writer.position()
    }
}

/// The training and records of the newest valid checkpoint with its path, or those of a new run.
fn newest<'a>(
    run: &'a ResolvedRun,
    device: &Device,
    ownership: &Ownership,
    log: &dyn Fn(&str),
) -> Result<(Training<'a>, RecordWriter, Option<PathBuf>), RunError> {
    let folder = ownership.folder();
    let mut unreadable = None;
    for path in Checkpoints::of(folder.path()).newest_first() {
        match load(run, device, ownership, &path) {
            Ok((training, writer)) => {
                log(&format!("resumes at real step {}", count(training.real_steps())));
                return Ok((training, writer, Some(path)));
            }
            Err(error) if is_damage(&error) => {
                log(&format!("{error}; it is passed over"));
                ownership.write(|| checkpoint::remove(&path))?;
            }
            Err(error) => unreadable = Some(error),
        }
    }
    match unreadable {
        Some(error) => Err(error),
        None => {
            let writer = ownership.write(|| RecordWriter::begin(&folder.records_path()))?;
            Ok((Training::new(run, device)?, writer, None))
        }
    }
}

/// The training and records of a checkpoint.
fn load<'a>(
    run: &'a ResolvedRun,
    device: &Device,
    ownership: &Ownership,
    checkpoint: &Path,
) -> Result<(Training<'a>, RecordWriter), RunError> {
    checkpoint::verify(checkpoint)?;
    let position = saved::read(&checkpoint.join(POSITION)).map_err(RunError::State)?;
    let mut training = Training::new(run, device)?;
    training.load(checkpoint)?;
    let path = ownership.folder().records_path();
    let writer = ownership.write(|| RecordWriter::resume(&path, &position))?;
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
    fn new(settings: &Checkpointing, done: u64) -> Self {
        let settings = settings.clone();
        Self { settings, last: Instant::now(), took: Duration::ZERO, done }
    }

    fn is_due(&self, done: u64) -> bool {
        let Checkpointing { every, every_seconds, exact: _ } = self.settings;
        let by_steps = every > 0 && done / every > self.done / every;
        let wait = Duration::from_secs(every_seconds).max(self.took * TIME_FRACTION);
        by_steps || (every_seconds > 0 && self.last.elapsed() >= wait)
    }

    fn made(&mut self, done: u64, begun: Instant) {
        (self.last, self.took, self.done) = (Instant::now(), begun.elapsed(), done);
    }
}

#[cfg(test)]
mod tests;
