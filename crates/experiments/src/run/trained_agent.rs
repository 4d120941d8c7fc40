//! The agent of a run with its weights, opened from the folder of the run. Nothing is written.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use zerolab_agents::Device;
//! use zerolab_experiments::plan::chosen_weights::ChosenWeights;
//! use zerolab_experiments::run::trained_agent::{TrainedAgent, find};
//!
//! let folder = find(Path::new("results"), "catch-dqn-s0-0123456789abcdef")?;
//! let trained = TrainedAgent::open(&folder, ChosenWeights::Best, &[], &Device::cpu())?;
//! println!("{} after {} real steps", trained.run.agent.label, trained.real_steps);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;

use std::fs;
use std::path::{Path, PathBuf};

use zerolab_agents::{Agent, AgentError, Device};
use zerolab_environments::Description;
use zerolab_metrics::{FileChecksum, Manifest, RunState, read_records};

use crate::error::{RunError, SpecError};
use crate::plan::chosen_weights::ChosenWeights;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::run::checkpoint::{self, Checkpoints};
use crate::run::folder::RunFolder;
use crate::run::kept_weights::{BestEvaluation, WeightsFile, listed};
use crate::spec::{Catalogue, applies, nearest};

pub use error::TrainedAgentError;

/// A trained agent and the run that it is from.
pub struct TrainedAgent {
    /// The run. Its settings are those of the training, except those that were changed when it was opened.
    pub run: ResolvedRun,
    /// The run's manifest.
    pub manifest: Manifest,
    /// The description of its evaluation environment.
    pub description: Description,
    /// The agent with its weights.
    pub agent: Box<dyn Agent>,
    /// The real steps that it was trained for.
    pub real_steps: u64,
    /// The checksum of its file of weights; `None` for an agent without weights, or from a checkpoint.
    pub weights: Option<FileChecksum>,
}

impl TrainedAgent {
    /// Opens the agent of the finished run in `folder`. `set` has settings of its environment and of the agent that
    /// are to differ from those of the training, as `KEY=VALUE`. They are checked as those of a spec.
    ///
    /// # Errors
    /// If the run is not finished, or is of a version of the program that wrote other files, if it has not kept these
    /// weights, if they were changed, or if a setting is wrong or does not suit the weights.
    pub fn open(
        folder: &Path,
        weights: ChosenWeights,
        set: &[String],
        device: &Device,
    ) -> Result<Self, TrainedAgentError> {
        let folder = RunFolder::at(folder);
        let manifest = finished(&folder)?;
        let trained = configuration(&folder)?;
        let run = changed(&folder, &trained, set)?;
        let mut opened = Self::without_weights(manifest, &trained, run, device)?;
        if let Some(parameters) = opened.agent.weights() {
            let FoundWeights { real_steps, path, checksum } =
                choose(&folder, &opened.manifest, weights)?;
            let found = FileChecksum::of_file(&path).map_err(RunError::file("read", &path))?;
            if checksum.is_some_and(|written| written != found) {
                return Err(changed_file(&folder, path).into());
            }
            parameters.load(&path).map_err(|error| unsuitable(path, &error))?;
            (opened.real_steps, opened.weights) = (real_steps, Some(found));
        }
        Ok(opened)
    }

    /// Opens the newest agent of the run in `folder`, on the CPU: that of a finished run with its last weights, or
    /// that of the newest checkpoint.
    ///
    /// # Errors
    /// If the run has neither weights nor a checkpoint, or they cannot be read.
    pub fn open_newest(folder: &Path) -> Result<Self, TrainedAgentError> {
        let found = RunFolder::at(folder);
        let run = configuration(&found)?;
        let manifest = found.manifest()?;
        let state = state(manifest.as_ref());
        if state == RunState::Done.name() {
            return Self::open(folder, ChosenWeights::Last, &[], &Device::cpu());
        }
        let newest = Checkpoints::of(folder).newest_first().into_iter().next();
        let saved = newest.and_then(|path| Some((checkpoint::progress(&path)?.real_steps, path)));
        let (Some(manifest), Some((real_steps, path))) = (manifest, saved) else {
            return Err(TrainedAgentError::NothingSaved { id: run.id, state });
        };
        let mut opened =
            Self::without_weights(manifest, &run, run.in_last_phase(), &Device::cpu())?;
        checkpoint::verify(&path)?;
        opened.agent.load(&path).map_err(RunError::State)?;
        Ok(Self { real_steps, ..opened })
    }

    /// The agent of `run` as it is made, for the environment of `trained`.
    fn without_weights(
        manifest: Manifest,
        trained: &ResolvedRun,
        run: ResolvedRun,
        device: &Device,
    ) -> Result<Self, TrainedAgentError> {
        // The agent is made for the training environment.
        let training = instantiate::environment(&trained.environment)?.description().clone();
        let description = instantiate::evaluation_environment(&run)?.description().clone();
        let shape =
            |of: &Description| (of.observation_shape.clone(), of.num_actions, of.num_players);
        if shape(&training) != shape(&description) {
            return Err(TrainedAgentError::OtherShape {
                trained: Box::new(training),
                found: Box::new(description),
            });
        }
        let agent = instantiate::agent(&run, &training, device)?;
        let real_steps = run.budget.real_steps;
        Ok(Self { run, manifest, description, agent, real_steps, weights: None })
    }
}

/// The folder of the run `name`, which is an id of a run in `results`, or a path.
///
/// # Errors
/// If there is none.
pub fn find(results: &Path, name: &str) -> Result<PathBuf, TrainedAgentError> {
    let by_id = RunFolder::new(results, name);
    for folder in [RunFolder::at(Path::new(name)), by_id] {
        if folder.configuration_path().is_file() {
            return Ok(folder.path().to_owned());
        }
    }
    let runs = results.join("runs");
    let entries = fs::read_dir(&runs).into_iter().flatten().flatten();
    let mut ids: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    ids.sort();
    let nearest = nearest(name, &ids).map(str::to_owned);
    Err(TrainedAgentError::NoSuchRun { name: name.to_owned(), runs, nearest })
}

/// Those of the settings `set` that apply to the run in `folder`: not those of agents with another name, nor those
/// for every agent (`agents.*`) that this one does not have.
///
/// # Errors
/// If the file of the run cannot be read.
pub fn applying(folder: &Path, set: &[String]) -> Result<Vec<String>, TrainedAgentError> {
    let run = configuration(&RunFolder::at(folder))?;
    let catalogue = Catalogue::built_in(None);
    Ok(set.iter().filter(|argument| applies(argument, &run, &catalogue)).cloned().collect())
}

/// Checks settings that are to differ from those of the training of the runs in `folders`.
///
/// # Errors
/// If a setting applies to no run, or a value is wrong.
pub fn check_settings(folders: &[PathBuf], set: &[String]) -> Result<(), TrainedAgentError> {
    let check = |folder: &Path, set: &[String]| {
        let folder = RunFolder::at(folder);
        changed(&folder, &configuration(&folder)?, set).map(drop)
    };
    let mut idle = set.to_vec();
    for folder in folders {
        let applying = applying(folder, set)?;
        check(folder, &applying)?;
        idle.retain(|argument| !applying.contains(argument));
    }
    // What applies to no run is a mistake, and the first run says which.
    folders.first().map_or(Ok(()), |folder| check(folder, &idle))
}

/// Whether the run in `folder` is finished.
pub fn is_finished(folder: &Path) -> bool {
    finished(&RunFolder::at(folder)).is_ok()
}

fn state(manifest: Option<&Manifest>) -> &'static str {
    manifest.map_or("not begun", |manifest| manifest.state.name())
}

/// The manifest of a finished run.
fn finished(folder: &RunFolder) -> Result<Manifest, TrainedAgentError> {
    match folder.manifest()? {
        Some(manifest) if manifest.state == RunState::Done => Ok(manifest),
        found => Err(TrainedAgentError::NotFinished {
            folder: folder.path().to_owned(),
            state: state(found.as_ref()),
        }),
    }
}

/// The settings of the training.
fn configuration(folder: &RunFolder) -> Result<ResolvedRun, SpecError> {
    folder.configuration(&[]).map_err(|mut error| {
        let help = "it is the file of a run of another version of zerolab; train the run again with `zerolab run SPEC`";
        error.help.push(help.to_owned());
        error
    })
}

/// The run with other settings of its environment and agent.
fn changed(
    folder: &RunFolder,
    trained: &ResolvedRun,
    set: &[String],
) -> Result<ResolvedRun, TrainedAgentError> {
    let configuration = match trained.phases.is_empty() {
        true => folder.configuration(set),
        // The settings of a phase would count more than `set`.
        false => folder.changed_configuration(trained.in_last_phase().to_toml(), set),
    };
    let mut run = configuration.map_err(|mut error| {
        error.help.push(format!("the run is {}", trained.id));
        error
    })?;
    if run.budget == trained.budget && run.evaluation == trained.evaluation {
        // What is set now counts more than what the run's own evaluations change.
        let is_set = |key: &str| {
            set.iter()
                .any(|it| it.split_once('=').is_some_and(|it| it.0 == format!("environment.{key}")))
        };
        run.evaluation.environment.retain(|key, _| !is_set(key));
        return Ok(ResolvedRun { id: trained.id.clone(), ..run });
    }
    Err(TrainedAgentError::OnlyOfTraining)
}

/// A file of weights, and its checksum if it is known.
struct FoundWeights {
    real_steps: u64,
    path: PathBuf,
    checksum: Option<FileChecksum>,
}

/// The file with the chosen weights of a finished run.
fn choose(
    folder: &RunFolder,
    manifest: &Manifest,
    weights: ChosenWeights,
) -> Result<FoundWeights, TrainedAgentError> {
    let last = manifest.total_real_steps;
    let real_steps = match weights {
        ChosenWeights::Last => last,
        ChosenWeights::At(real_steps) => real_steps,
        ChosenWeights::Best => {
            let records = read_records(&folder.records_path(), manifest.records.as_ref());
            BestEvaluation::of(&records.map_err(RunError::Records)?).real_steps().unwrap_or(last)
        }
    };
    let Some(files) = listed(folder)? else {
        // An earlier version of the program trained the run: it kept the last weights, and no list.
        let path = folder.weights_path();
        return match path.is_file() {
            true if real_steps == last => Ok(FoundWeights { real_steps, path, checksum: None }),
            true => Err(not_kept(folder, real_steps, vec![last])),
            false => Err(not_kept(folder, real_steps, Vec::new())),
        };
    };
    match files.iter().find(|file| file.real_steps == real_steps) {
        Some(WeightsFile { file, checksum, .. }) => Ok(FoundWeights {
            real_steps,
            path: folder.path().join(file),
            checksum: Some(checksum.clone()),
        }),
        None => {
            let kept = files.iter().map(|file| file.real_steps).collect();
            Err(not_kept(folder, real_steps, kept))
        }
    }
}

fn not_kept(folder: &RunFolder, real_steps: u64, kept: Vec<u64>) -> TrainedAgentError {
    TrainedAgentError::NotKept { folder: folder.path().to_owned(), real_steps, kept }
}

fn changed_file(folder: &RunFolder, path: PathBuf) -> RunError {
    let message = "it was changed or cut short after it was written".to_owned();
    RunError::Damaged { path, folder: folder.path().to_owned(), message }
}

fn unsuitable(path: PathBuf, error: &dyn std::fmt::Display) -> RunError {
    // A backtrace may follow the first line.
    let error = error.to_string();
    let error = error.lines().next().unwrap_or_default();
    let message = format!(
        "the weights do not suit the agent's networks: {error}; play them with the settings of the training, or, if \
         they are of another version of zerolab, train the run again with `zerolab run SPEC --fresh`"
    );
    RunError::State(AgentError::State { path, message })
}
