//! The errors of this crate: what is wrong, where, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use zerolab_agents::{AgentError, DeviceError};
use zerolab_environments::{SettingsError, StepError};
use zerolab_metrics::{FailureKind, RecordsError};

/// The first thing wrong with a spec. Its `Display` is the whole message, of several lines: what is
/// wrong, the line with the offending text underlined, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", whole(message, excerpt, help))]
pub struct SpecError {
    /// What is wrong, in one line.
    pub message: String,
    /// The place, as `--> file:line:column` and the underlined line. Empty if the file could not be read.
    pub excerpt: String,
    /// What to do about it, and for which run it went wrong; a line each.
    pub help: Vec<String>,
}

fn whole(message: &str, excerpt: &str, help: &[String]) -> String {
    let excerpt = (!excerpt.is_empty()).then(|| excerpt.trim_end_matches('\n').to_owned());
    let help = help.iter().map(|line| format!("  = {line}"));
    std::iter::once(message.to_owned()).chain(excerpt).chain(help).collect::<Vec<_>>().join("\n")
}

/// Why a run or a runner stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The results folder is of no use.
    #[error("cannot write to the results folder {}: {source}; name another one with --results", path.display())]
    Results {
        /// The folder, or the place in it that could not be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {message}; remove the folder {} to train the run again", path.display(), folder.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Its run's folder.
        folder: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A file that is only added to has changed in what it had.
    #[error("{}: what was written first was changed", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// A checkpoint is not what was written.
    #[error("the checkpoint {} is damaged: {message}", path.display())]
    Checkpoint {
        /// Which checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The records that are kept cannot be read.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A part of a checkpoint could not be written or taken up.
    #[error(transparent)]
    State(AgentError),
    /// A launcher asked for a run that the list of runs does not hold.
    #[error("{}: {message}; make it again with `zerolab run SPEC`", path.display())]
    Row {
        /// The list of runs.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The registry has no such environment or agent: the run was planned by another version.
    #[error("this version of zerolab knows no {what} called `{name}`; plan the experiment again")]
    Unknown {
        /// `environment` or `agent`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The environment is in another build of the program.
    #[error(
        "environment `{name}` takes a program that was built with the feature `{feature}`: `just {feature}`"
    )]
    NotBuilt {
        /// Which environment.
        name: String,
        /// The feature.
        feature: &'static str,
    },
    /// The options of the environment are wrong.
    #[error("environment `{name}`: {source}")]
    Options {
        /// Which environment.
        name: String,
        /// What is wrong.
        source: SettingsError,
    },
    /// The agent failed.
    #[error("agent `{name}`: {source}")]
    Agent {
        /// Which kind of agent.
        name: String,
        /// What went wrong.
        source: AgentError,
    },
    /// What is asked for cannot be trained.
    #[error(transparent)]
    Impossible(Box<RunError>),
    /// The environment refused an action.
    #[error("environment `{name}` refused an action: {source}")]
    Step {
        /// Which environment.
        name: String,
        /// Why.
        source: StepError,
    },
    /// The environment has several players, and none of its own to play against.
    #[error("environment `{name}` has no opponent against whom an agent could be evaluated")]
    NoOpponent {
        /// Which environment.
        name: String,
    },
    /// The device cannot be had.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The device fails at a product of matrices.
    #[error("the peak of the device cannot be measured: {0}")]
    Peak(AgentError),
    /// No threads can be had.
    #[error("cannot start threads: {0}; set RAYON_NUM_THREADS=1")]
    Threads(String),
    /// The agent did not answer for every lane.
    #[error("agent `{name}` chose {chosen} actions for {lanes} lanes")]
    Actions {
        /// Which kind of agent.
        name: String,
        /// How many actions it chose.
        chosen: usize,
        /// How many it was asked for.
        lanes: usize,
    },
    /// Another process has taken the run over.
    #[error(
        "the run was taken over by another process, since this one gave no sign of life for a minute"
    )]
    ClaimLost,
    /// A worker could not be started.
    #[error("cannot start a worker process: {0}; check the limits on memory and processes")]
    Launch(io::Error),
    /// The system does not let us watch for Ctrl-C.
    #[error("signals cannot be watched for: {0}")]
    Signals(io::Error),
}

impl RunError {
    /// What kind of failure of a run it is.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::Results { .. }
            | Self::File { .. }
            | Self::State(AgentError::File { .. })
            | Self::Records(RecordsError::Read { .. })
            | Self::Device(_)
            | Self::Threads(_)
            | Self::ClaimLost
            | Self::Signals(_) => FailureKind::Machine,
            _ => FailureKind::Error,
        }
    }

    /// For `map_err` on what is done with a file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
