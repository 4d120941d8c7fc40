//! Why a command did not do what was asked, and the exit code that says so.

use std::io;
use std::process::ExitCode;

use zerolab_experiments::error::RunError;
use zerolab_experiments::error::SpecError;
use zerolab_experiments::inspect::watch::WatchError;

/// The exit code that says: saved, run me again (`EX_TEMPFAIL` of sysexits.h).
pub const SAVED: u8 = 75;

/// The end of a command that went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The spec, or what the command line changes of it, is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The arguments are wrong in a way that only the registries know.
    #[error("{0}")]
    Arguments(String),
    /// A run or the runner could not go on.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A run cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The report could not be made.
    #[cfg(feature = "reports")]
    #[error(transparent)]
    Report(#[from] zerolab_analysis::ReportError),
    /// Standard output or standard error could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// Something could not be said in JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Failure {
    /// 2 where the person must change the spec or the arguments, 1 otherwise.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Spec(_)
            | Self::Arguments(_)
            | Self::Run(RunError::Impossible(_))
            | Self::Watch(WatchError::NoSuchRun { .. } | WatchError::Spec(_)) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
