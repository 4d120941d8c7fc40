//! What went wrong in an environment, or in its process.

use std::path::PathBuf;

use serde::Deserialize;
use thiserror::Error;

/// A failure of an environment or of its process.
#[derive(Clone, Debug, PartialEq, Error)]
pub(super) enum Failure {
    /// The interpreter cannot be started.
    #[error("cannot start the interpreter `{python}`: {why}; `environment.python` names it")]
    Start { python: String, why: String },
    /// The environment raised an exception.
    #[error("{0}")]
    Raised(Raised),
    /// The process has ended.
    #[error("its process has ended: {how}{}", last_words(said))]
    Ended { how: String, said: String },
    /// It does not answer.
    #[error(
        "it gave no answer within {seconds} s (`environment.step_timeout`), and was ended{}",
        last_words(said)
    )]
    Hangs { seconds: f64, said: String },
    /// Something else writes to the pipe before the adapter.
    #[error(
        "its process wrote {0:?} to standard output before the environment was loaded; `environment.python` must be a \
         Python that prints nothing by itself"
    )]
    Talks(String),
    /// An answer does not have the form of one.
    #[error(
        "its process sent what is no answer: {0}; does the environment write to the pipe of the protocol?"
    )]
    Garbled(String),
    /// It is not what was planned.
    #[error(
        "it is not as it was when its runs were planned: {0}; `zerolab run` plans new runs with it as it is now"
    )]
    Changed(String),
}

/// An exception, as the process tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Raised {
    /// The seed of the episode in which it was raised, if it was in one.
    pub seed: Option<u32>,
    /// The step of that episode, from 1.
    pub step: Option<u32>,
    /// The class of the exception. `Refused` is what the adapter itself complains of.
    pub class: String,
    /// Its message.
    pub message: String,
    /// The traceback, which ends with class and message; empty for complaints of the adapter.
    pub trace: String,
}

impl Raised {
    /// Adds where modules were looked for, if one was not found.
    pub fn with_folders(mut self, folders: &[PathBuf]) -> Self {
        if self.class == "ModuleNotFoundError" {
            let folders: Vec<String> = folders.iter().map(|it| it.display().to_string()).collect();
            self.trace = format!(
                "{}\nModules were looked for in {} and where this Python looks. A finished run remembers the folders of its \
                 training; `--set 'environment.path=[\"FOLDER\"]'` names others.",
                self.trace.trim_end(),
                folders.join(", ")
            );
        }
        self
    }
}

impl std::fmt::Display for Raised {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { class, message, trace, .. } = self;
        match class.as_str() {
            "Refused" => write!(formatter, "{message}"),
            "ModuleNotFoundError" if message == "No module named 'numpy'" => write!(
                formatter,
                "this Python has no numpy; install it (`python -m pip install numpy`), or name another interpreter with \
                 `environment.python`"
            ),
            _ => write!(formatter, "it raised {class}: {message}\n{}", trace.trim_end()),
        }
    }
}

fn last_words(said: &str) -> String {
    match said.trim() {
        "" => String::new(),
        said => format!("; the last that it wrote:\n{said}"),
    }
}
