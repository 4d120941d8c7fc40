//! Why the agent of a run cannot be opened.

use std::path::PathBuf;

use zerolab_environments::Description;
use zerolab_metrics::format::{count, enumerated};

use crate::error::{RunError, SpecError};

/// Why the agent of a run cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum TrainedAgentError {
    /// The run does not exist.
    #[error("there is no run `{name}` in {}{}", runs.display(), hint(nearest.as_deref()))]
    NoSuchRun {
        /// The name or path that the user gave.
        name: String,
        /// The folder of all runs.
        runs: PathBuf,
        /// The id that is nearest to the name.
        nearest: Option<String>,
    },
    /// The run has no weights and no checkpoint yet.
    #[error(
        "the run {id} is {state} and has neither weights nor a checkpoint yet: it can be watched when it is finished; \
         `zerolab run` trains it"
    )]
    NothingSaved {
        /// The run's id.
        id: String,
        /// Its state.
        state: &'static str,
    },
    /// The run is not finished.
    #[error(
        "the run in {} is {state}, and only a finished run can be evaluated again; `zerolab run SPEC` finishes it",
        folder.display()
    )]
    NotFinished {
        /// The run's folder.
        folder: PathBuf,
        /// Its state.
        state: &'static str,
    },
    /// The run has not kept these weights.
    #[error(
        "the run in {} has no weights after {} real steps{}; to keep more, set `weights = \"each-evaluation\"` or \
         `\"best\"` in `[records]` of the spec and train the run again with `zerolab run SPEC --fresh`",
        folder.display(), count(*real_steps), kept_ones(kept)
    )]
    NotKept {
        /// The run's folder.
        folder: PathBuf,
        /// The real steps that were asked for.
        real_steps: u64,
        /// The real steps of the weights that it has.
        kept: Vec<u64>,
    },
    /// A setting that only a training has was to be changed.
    #[error(
        "`--set` can change the environment and the agent of a later evaluation (`environment.…`, `agents.…`), and \
         neither its budget nor its schedule: `--episodes`, `--seed` and `--weights` choose what is played"
    )]
    OnlyOfTraining,
    /// The environment has other observations, actions or players than that of the training.
    #[error(
        "the agent was trained for {}, and with these settings `{}` has {}; change no setting that changes them",
        shape(trained), found.name, shape(found)
    )]
    OtherShape {
        /// The environment of the training.
        trained: Box<Description>,
        /// The environment that was asked for.
        found: Box<Description>,
    },
    /// Its `run.toml` or a changed setting is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A file cannot be read or written, or the environment or the agent failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl TrainedAgentError {
    /// Whether the files of one run are the reason, so that others may be opened.
    pub fn is_of_one_run(&self) -> bool {
        matches!(
            self,
            Self::NotFinished { .. }
                | Self::NotKept { .. }
                | Self::Run(
                    RunError::File { .. }
                        | RunError::Damaged { .. }
                        | RunError::State(_)
                        | RunError::Records(_)
                )
        )
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `zerolab status SPEC` lists the runs of an experiment".to_owned(),
        |nearest| format!("; did you mean `{nearest}`?"),
    )
}

/// The real steps of kept weights are listed up to this number of them.
const MOST_LISTED: usize = 8;

fn kept_ones(kept: &[u64]) -> String {
    let counts: Vec<String> = kept.iter().map(|real_steps| count(*real_steps)).collect();
    match &counts[..] {
        [] => String::new(),
        [first, second, .., last] if counts.len() > MOST_LISTED => {
            format!(", but after {first}, {second}, …, {last}")
        }
        listed => format!(", only after {}", enumerated(listed)),
    }
}

fn shape(of: &Description) -> String {
    let sides: Vec<String> = of.observation_shape.iter().map(usize::to_string).collect();
    let (sides, actions, players) = (sides.join("×"), of.num_actions, of.num_players);
    let players = if players > 1 { format!(" and {players} players") } else { String::new() };
    format!("observations of shape {sides} with {actions} actions{players}")
}
