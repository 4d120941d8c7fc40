//! The error of a command, and its exit code.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use zerolab_agents::ExtensionError;
use zerolab_experiments::error::RunError;
use zerolab_experiments::error::SpecError;
pub use zerolab_experiments::launch::EXIT_SAVED;
use zerolab_experiments::launch::slurm::SlurmError;
use zerolab_experiments::run::trained_agent::TrainedAgentError;
use zerolab_metrics::format::counted;
use zerolab_registry::RegistryError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The spec, or a change of it on the command line, is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The arguments are wrong in a way that clap does not know.
    #[error("{0}")]
    Arguments(String),
    /// What a program adds has a wrong name, or is added twice.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The agents or presets that a program adds are wrong.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// No run of an experiment is finished.
    #[error("{0}")]
    Unfinished(String),
    /// Some runs could not be played; why was written before.
    #[error("{unplayed} of {} could not be played, as said above", counted(*runs, "run"))]
    Unplayed {
        /// Their number.
        unplayed: usize,
        /// The number of runs that were to be played.
        runs: usize,
    },
    /// A run or the runner failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A scheduler did not do what it was asked.
    #[error(transparent)]
    Slurm(#[from] SlurmError),
    /// The agent of a run cannot be opened.
    #[error(transparent)]
    TrainedAgent(#[from] TrainedAgentError),
    /// The report could not be made.
    #[cfg(feature = "reports")]
    #[error(transparent)]
    Report(#[from] zerolab_analysis::ReportError),
    /// Standard output or standard error could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// A value could not be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl CommandError {
    /// 2 if the user must change the spec or the arguments, 1 otherwise.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Spec(_)
            | Self::Arguments(_)
            | Self::Registry(_)
            | Self::Extension(_)
            | Self::Run(
                RunError::Impossible(_)
                | RunError::NameTaken { .. }
                | RunError::Device(_)
                | RunError::NotBuilt { .. },
            )
            | Self::TrainedAgent(
                TrainedAgentError::NoSuchRun { .. }
                | TrainedAgentError::OnlyOfTraining
                | TrainedAgentError::OtherShape { .. }
                | TrainedAgentError::Spec(_)
                | TrainedAgentError::Run(RunError::Device(_) | RunError::NotBuilt { .. }),
            ) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

/// The error of a file that cannot be written.
pub fn write_error(path: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let path = path.to_owned();
    move |source| CommandError::Run(RunError::File { action: "write", path, source })
}
