//! The errors of this crate. Each says what is wrong, where, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use zerolab_agents::{AgentError, DeviceError};
use zerolab_environments::{RestoreError, StepError};
use zerolab_metrics::{FailureKind, RecordsError, format};
use zerolab_settings::SettingsError;

/// The first error in a spec. Its `Display` has several lines: what is wrong, the line with the place
/// underlined, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", whole(message, excerpt, help))]
pub struct SpecError {
    /// What is wrong, in one line.
    pub message: String,
    /// The place, as `--> file:line:column` and the underlined line. Empty if the file could not be read.
    pub excerpt: String,
    /// What to do about it, and which run is affected; one line each.
    pub help: Vec<String>,
}

fn whole(message: &str, excerpt: &str, help: &[String]) -> String {
    let excerpt = (!excerpt.is_empty()).then(|| excerpt.trim_end_matches('\n').to_owned());
    let help = help.iter().map(|line| format!("  = {line}"));
    std::iter::once(message.to_owned()).chain(excerpt).chain(help).collect::<Vec<_>>().join("\n")
}

/// Why a run or the runner stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The results folder cannot be used.
    #[error("cannot write to the results folder {}: {source}; name another one with --results", path.display())]
    Results {
        /// The folder, or the file in it that could not be written.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A file of a run has wrong contents.
    #[error("{}: {message}; remove the folder {} to train the run again", path.display(), folder.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The folder of its run.
        folder: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The folder of a run holds another run.
    #[error(
        "{} holds another run with the same id: {difference}; remove the folder, or name another one with --results",
        folder.display()
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// A setting in which the two runs differ, with both values.
        difference: String,
    },
    /// The name of the experiment belongs to another one.
    #[error(
        "{} has the report of another experiment, `{command}`; give this one a name of its own with --name, or with \
         `name` in the spec; if the spec was renamed or moved, remove that folder, which contains no runs",
        folder.display()
    )]
    NameTaken {
        /// The folder of the other experiment.
        folder: PathBuf,
        /// The command that made its report.
        command: String,
    },
    /// A file that is only appended to has lost or changed earlier contents.
    #[error("{}: its earlier contents were changed", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A checkpoint is not as it was written.
    #[error("the checkpoint {} is damaged: {message}", path.display())]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The records cannot be read.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A part of a checkpoint could not be written or loaded.
    #[error(transparent)]
    State(AgentError),
    /// The list of runs does not have the run that a worker is to train.
    #[error("{}: {message}; make it again with `zerolab run SPEC`", path.display())]
    Row {
        /// The list of runs.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The registry does not have this environment or agent: another version planned the run.
    #[error("this version of zerolab has no {what} called `{name}`; plan the experiment again")]
    Unknown {
        /// `environment` or `agent`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// This build of the program does not have the environment.
    #[error("environment `{name}` needs a build with the feature `{feature}`: `just {feature}`")]
    NotBuilt {
        /// The environment.
        name: String,
        /// The feature.
        feature: &'static str,
    },
    /// The options of the environment are wrong.
    #[error("environment `{name}`: {source}")]
    Options {
        /// The environment.
        name: String,
        /// The error of the settings.
        source: SettingsError,
    },
    /// An examination panicked.
    #[error("it panicked, which is an error of zerolab; the message is above")]
    Panicked,
    /// A state that the environment names for examinations is none of its states.
    #[error("environment `{name}` names an impossible state: {source}")]
    Position {
        /// The environment.
        name: String,
        /// The error of the environment.
        source: RestoreError,
    },
    /// The agent failed.
    #[error("agent `{name}`: {source}")]
    Agent {
        /// The kind of agent.
        name: String,
        /// What went wrong.
        source: AgentError,
    },
    /// The run cannot be trained: its environment or its agent cannot be made.
    #[error(transparent)]
    Impossible(Box<RunError>),
    /// The run needs more memory than the machine has.
    #[error(
        "the run {id} needs at least {} of memory, and this machine has {}; lower `{key}`, which takes {}",
        format::bytes(*bytes), format::bytes(*machine), format::bytes(*largest)
    )]
    Memory {
        /// The run.
        id: String,
        /// The bytes that it needs.
        bytes: u64,
        /// The bytes of the machine.
        machine: u64,
        /// The setting that takes most of them.
        key: String,
        /// The bytes that the setting takes.
        largest: u64,
    },
    /// The environment refused an action, or its own code failed.
    #[error("environment `{name}`: {source}")]
    Step {
        /// The environment.
        name: String,
        /// The reason.
        source: StepError,
    },
    /// An environment does not come to its saved state again.
    #[error(
        "this run cannot be resumed exactly: {reason}; with `checkpoint.exact = false` it goes on with new episodes, and \
         --fresh starts it again"
    )]
    Inexact {
        /// What happened.
        reason: String,
    },
    /// The environment is not there any more, or is another one.
    #[error("environment `{name}`: {reason}")]
    Absent {
        /// The environment.
        name: String,
        /// What has changed, or why it cannot be started.
        reason: String,
    },
    /// The environment has several players, but no opponent to evaluate against.
    #[error(
        "environment `{name}` has no opponent to evaluate an agent against: its `opponent_action` gives none"
    )]
    NoOpponent {
        /// The environment.
        name: String,
    },
    /// The opponent does what it may not.
    #[error("environment `{name}`: its `opponent_action` is {action}, which is no legal action")]
    IllegalOpponent {
        /// The environment.
        name: String,
        /// The action.
        action: usize,
    },
    /// The device is not available.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The device fails in a matrix product.
    #[error("cannot measure the peak performance of the device: {0}")]
    Peak(AgentError),
    /// The system gives no threads.
    #[error("cannot start threads: {0}; set RAYON_NUM_THREADS=1")]
    Threads(String),
    /// The agent did not choose an action for every lane.
    #[error("agent `{name}` chose {chosen} actions for {lanes} lanes")]
    Actions {
        /// The kind of agent.
        name: String,
        /// The number of actions that it chose.
        chosen: usize,
        /// The number of lanes.
        lanes: usize,
    },
    /// Another process has taken over the run.
    #[error(
        "another process took over the run, because this one gave no sign of life for a minute, or the folder of the \
         run was removed; nothing more is written"
    )]
    ClaimLost,
    /// A run that is to be removed is in use.
    #[error("{} is in use: a process trains the run", folder.display())]
    InUse {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// A worker could not be started.
    #[error("cannot start a worker process: {0}; check the limits on memory and processes")]
    Launch(io::Error),
    /// The system does not deliver signals.
    #[error("cannot watch for signals: {0}")]
    Signals(io::Error),
}

impl RunError {
    /// The kind of failure for the run's manifest.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::Results { .. }
            | Self::File { .. }
            | Self::State(AgentError::File { .. })
            | Self::Records(RecordsError::Read { .. })
            | Self::Device(_)
            | Self::Threads(_)
            | Self::ClaimLost
            // Another setting of checkpoints may let it go on: it is no run that always fails.
            | Self::Inexact { .. }
            | Self::Absent { .. }
            | Self::Signals(_) => FailureKind::Machine,
            _ => FailureKind::Error,
        }
    }

    /// Whether the records of a finished run are lost, so that the run must be trained again.
    pub(crate) fn is_lost_result(&self) -> bool {
        match self {
            Self::Records(RecordsError::Changed { .. }) => true,
            Self::Records(RecordsError::Read { source, .. }) => {
                source.kind() == io::ErrorKind::NotFound
            }
            _ => false,
        }
    }

    /// For `map_err` on an operation on a file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
