//! Experiments of ZeroLab: from a spec in TOML to trained runs on disk.
//!
//! The modules follow the way of an experiment:
//!
//! * [`spec`] reads a spec, expands its sweep and checks all of it.
//! * [`plan`] has the result: a [`plan::Plan`] of [`plan::resolved::ResolvedRun`]s, their forecast costs, and
//!   the files that list them.
//! * `training` has the training loop and the evaluations.
//! * [`run`] has the folder of one run, the claim on it, its checkpoints, and the worker process that trains
//!   it.
//! * [`launch`] starts workers for all runs of a plan, and retries runs that failed.
//! * [`examine`] measures the agents of finished runs again.
//! * [`inspect`] shows the progress of runs, episodes of trained agents, and the speed of this machine.
//!   [`run::trained_agent`] opens the agent of a finished run.
//!
//! The next example expands a spec to its runs. [`launch::runner::run`] would train them.
//!
//! ```
//! use std::path::Path;
//!
//! use zerolab_experiments::plan::Overrides;
//! use zerolab_experiments::spec::{Catalogue, load_text};
//!
//! let spec = r#"
//!     [experiment]
//!     name = "budgets"
//!     seeds = 2
//!
//!     [environment]
//!     name = "catch"
//!
//!     [budget]
//!     real_steps = 500
//!
//!     [evaluation]
//!     every = 100
//!     episodes = 8
//!
//!     [agents.random]
//!
//!     [sweep]
//!     budget.real_steps = [500, 1000]
//! "#;
//! let (path, overrides) = (Path::new("budgets.toml"), Overrides::default());
//! let plan = load_text(path, spec.to_owned(), &overrides, &Catalogue::built_in(None))?;
//! let runs = plan.runs.iter().map(|run| (run.budget.real_steps, run.seed));
//! assert_eq!(runs.collect::<Vec<_>>(), [(500, 0), (500, 1), (1000, 0), (1000, 1)]);
//! # Ok::<(), zerolab_experiments::error::SpecError>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

pub mod error;
pub mod examine;
pub mod inspect;
pub mod launch;
pub mod plan;
pub mod run;
pub mod shell;
pub mod spec;

mod training;
