//! Takes a run up where it was saved, or begins it; and saves it, when that is due and when it is to stop.
//!
//! A damaged checkpoint is passed over for the one before it. What follows is the same either way, because a run is a
//! function of its configuration: only time is lost. A disk that cannot be read is another matter: then the run fails,
//! rather than begin anew.

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
use crate::run::folder::{RunFolder, write_whole};
use crate::run::provenance::now_unix_seconds;
use crate::run::record_writer::{Mark, RecordWriter};
use crate::training::Training;

/// The file of a checkpoint that says how far the records had come.
const MARK: &str = "records.bin";

/// Checkpoints that are due by time take at most this share of it.
const MOST_OF_TIME: u32 = 50;

/// A run that is being trained: its training, its records, its checkpoints.
pub struct Resumable<'a> {
    pub training: Training<'a>,
    writer: RecordWriter,
    events: Option<EventFile>,
    checkpoints: Checkpoints,
    /// The last one that this training was saved in or taken up from.
    last: Option<PathBuf>,
    schedule: Schedule,
}

/// When the next checkpoint is due.
struct Schedule {
    settings: Checkpointing,
    last: Instant,
    /// How long the last one took.
    took: Duration,
    real_steps: u64,
}

impl<'a> Resumable<'a> {
    /// The run as its newest whole checkpoint has it, or, where there is none, before its first step. The run was first
    /// started then. Each checkpoint that is of no use is told with `say`.
    ///
    /// # Errors
    /// If the environment or the agent cannot be made, or a file cannot be read or written.
    pub fn take_up(
        run: &'a ResolvedRun,
        device: &Device,
        folder: &RunFolder,
        started_unix_seconds: u64,
        say: &dyn Fn(&str),
    ) -> Result<Self, RunError> {
        let (training, writer, last) = newest(run, device, folder, say)?;
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

    /// Writes the records down.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn record(&mut self, records: &[Record]) -> Result<(), RunError> {
        self.writer.append(records)?;
        self.events.as_mut().map_or(Ok(()), |events| events.append(records))
    }

    /// Saves the run if that is due.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save_if_due(&mut self) -> Result<(), RunError> {
        if self.schedule.is_due(self.training.real_steps()) { self.save() } else { Ok(()) }
    }

    /// Saves the run, unless it is saved as it is.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn save(&mut self) -> Result<(), RunError> {
        let real_steps = self.training.real_steps();
        let begun = Instant::now();
        if self.last.as_deref().and_then(checkpoint::real_steps) != Some(real_steps) {
            let mark = self.writer.mark()?;
            let (training, previous) = (&mut self.training, self.last.as_deref());
            let path = self.checkpoints.make(real_steps, previous, |folder| {
                saved::write(&folder.join(MARK), &mark).map_err(RunError::State)?;
                training.save(folder, previous)
            })?;
            self.last = Some(path);
        }
        self.schedule.made(real_steps, begun);
        Ok(())
    }

    /// The run is at its end: what remains are its records, of which it says how far they came, and its weights.
    ///
    /// # Errors
    /// If a file cannot be written or removed.
    pub fn finish(mut self, folder: &RunFolder) -> Result<Mark, RunError> {
        // Under another name first, and then readable by whom the folder is.
        let path = folder.weights_path();
        let unfinished = tempfile::NamedTempFile::new_in(folder.path());
        let unfinished = unfinished.map_err(RunError::file("write", &path))?;
        if self.training.save_weights(unfinished.path())? {
            fs::read(unfinished.path())
                .and_then(|weights| write_whole(&path, &weights))
                .map_err(RunError::file("write", &path))?;
        }
        self.writer.mark()
    }
}

/// The training and the records of the newest checkpoint that is whole, and where it is; or of a run that begins.
fn newest<'a>(
    run: &'a ResolvedRun,
    device: &Device,
    folder: &RunFolder,
    say: &dyn Fn(&str),
) -> Result<(Training<'a>, RecordWriter, Option<PathBuf>), RunError> {
    let mut unreadable = None;
    for path in Checkpoints::of(folder.path()).newest_first() {
        match load(run, device, folder, &path) {
            Ok((training, writer)) => {
                say(&format!("goes on from real step {}", training.real_steps()));
                return Ok((training, writer, Some(path)));
            }
            Err(error) if is_damage(&error) => {
                say(&format!("{error}; it is passed over"));
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

/// The training and the records of a checkpoint.
fn load<'a>(
    run: &'a ResolvedRun,
    device: &Device,
    folder: &RunFolder,
    checkpoint: &Path,
) -> Result<(Training<'a>, RecordWriter), RunError> {
    checkpoint::verify(checkpoint)?;
    let mark = saved::read(&checkpoint.join(MARK)).map_err(RunError::State)?;
    let mut training = Training::new(run, device)?;
    training.load(checkpoint)?;
    let writer = RecordWriter::resume(&folder.records_path(), &mark)?;
    Ok((training, writer))
}

/// Whether the files are wrong, rather than that they could not be read.
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
        let wait = Duration::from_secs(every_seconds).max(self.took * MOST_OF_TIME);
        by_steps || (every_seconds > 0 && self.last.elapsed() >= wait)
    }

    fn made(&mut self, real_steps: u64, begun: Instant) {
        (self.last, self.took, self.real_steps) = (Instant::now(), begun.elapsed(), real_steps);
    }
}

#[cfg(test)]
mod tests;
