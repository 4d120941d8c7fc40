//! The weights that a run keeps: the last ones in `weights.safetensors`, and those of earlier evaluations in
//! `weights/`, if the spec asks for them. `weights.json` of a finished run lists all of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zerolab_metrics::files::{temporary_beside, write_whole};
use zerolab_metrics::statistics::mean;
use zerolab_metrics::{
    EvaluationRecord, FileChecksum, Record, from_json_with_checksum, read_records,
    to_json_with_checksum,
};

use crate::error::RunError;
use crate::plan::persistence::KeptWeights;
use crate::run::folder::RunFolder;
use crate::run::ownership::Ownership;
use crate::training::Training;

/// A file of weights of a finished run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightsFile {
    /// The real steps of the evaluation with these weights.
    pub real_steps: u64,
    /// The path of the file in the run's folder.
    pub file: PathBuf,
    /// Its checksum.
    pub checksum: FileChecksum,
}

/// The contents of `weights.json`.
#[derive(Serialize, Deserialize)]
struct WeightsList {
    /// By real steps.
    weights: Vec<WeightsFile>,
}

/// Keeps the weights of a run in training.
pub struct WeightsKeeper<'a> {
    ownership: &'a Ownership,
    keep: KeptWeights,
    best: BestEvaluation,
}

/// The evaluation of the last phase with the highest mean return, the first of equal ones. The returns of other phases are of
/// another task.
#[derive(Default)]
pub struct BestEvaluation {
    found: Option<(u64, f64)>,
}

impl BestEvaluation {
    /// The best of the evaluations in `records`.
    pub fn of(records: &[Record]) -> Self {
        let mut best = Self::default();
        for record in records {
            best.note(record);
        }
        best
    }

    /// The real steps before it.
    pub fn real_steps(&self) -> Option<u64> {
        self.found.map(|(real_steps, _)| real_steps)
    }

    /// The evaluation in `record`, if it has one, and whether it is better than all before in its phase.
    fn note<'a>(&mut self, record: &'a Record) -> Option<(&'a EvaluationRecord, bool)> {
        match record {
            Record::Evaluation(evaluation) => Some((evaluation, self.is_better(evaluation))),
            Record::Phase(_) => {
                *self = Self::default();
                None
            }
            Record::Episode(_) | Record::Learning(_) | Record::Cost(_) => None,
        }
    }

    fn is_better(&mut self, evaluation: &EvaluationRecord) -> bool {
        let score = mean(&evaluation.returns);
        let is_better = self.found.is_none_or(|(_, best)| score > best);
        if is_better {
            self.found = Some((evaluation.real_steps, score));
        }
        is_better
    }
}

impl<'a> WeightsKeeper<'a> {
    /// Continues a run whose records are complete up to now.
    ///
    /// # Errors
    /// If the records cannot be read.
    pub fn new(keep: KeptWeights, ownership: &'a Ownership) -> Result<Self, RunError> {
        let best = match keep {
            KeptWeights::Best => {
                BestEvaluation::of(&read_records(&ownership.folder().records_path(), None)?)
            }
            KeptWeights::EachEvaluation | KeptWeights::Last => BestEvaluation::default(),
        };
        Ok(Self { ownership, keep, best })
    }

    /// Keeps the weights of an evaluation in `records`, which has just been made, unless it is the last of the
    /// run.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn note(&mut self, records: &[Record], training: &Training<'_>) -> Result<(), RunError> {
        for record in records {
            let Some((evaluation, is_best)) = self.best.note(record) else { continue };
            let is_kept = match self.keep {
                // What the start of a phase changed is not what was evaluated after the same real steps before.
                KeptWeights::EachEvaluation => !training.is_at_begin_of_phase(),
                KeptWeights::Best => is_best,
                KeptWeights::Last => false,
            };
            if is_kept && !training.is_finished() {
                let path = earlier_path(self.ownership.folder(), evaluation.real_steps);
                self.write(&path, training)?;
            }
        }
        Ok(())
    }

    /// Removes weights of earlier evaluations that are not to be kept. Called when a checkpoint is made, because a
    /// resume begins there and may need those that were the best until then.
    ///
    /// # Errors
    /// If a file cannot be removed.
    pub fn remove_superseded(&self) -> Result<(), RunError> {
        for (real_steps, path) in earlier_files(self.ownership.folder())? {
            let is_kept = match self.keep {
                KeptWeights::EachEvaluation => real_steps.is_some(),
                KeptWeights::Best => real_steps.is_some() && real_steps == self.best.real_steps(),
                KeptWeights::Last => false,
            };
            if !is_kept {
                self.ownership
                    .write(|| fs::remove_file(&path).map_err(RunError::file("remove", &path)))?;
            }
        }
        Ok(())
    }

    /// Writes the last weights of a finished run and the list of all that are kept.
    ///
    /// # Errors
    /// If a file cannot be written or read.
    pub fn finish(&self, training: &Training<'_>) -> Result<(), RunError> {
        let folder = self.ownership.folder();
        self.remove_superseded()?;
        let last = folder.weights_path();
        if !self.write(&last, training)? {
            return Ok(());
        }
        let earlier = earlier_files(folder)?.into_iter();
        let earlier = earlier.filter_map(|(real_steps, path)| Some((real_steps?, path)));
        let files = earlier.chain([(training.real_steps(), last)]);
        let file = |(real_steps, path): (u64, PathBuf)| {
            let checksum = FileChecksum::of_file(&path).map_err(RunError::file("read", &path))?;
            let file = path.strip_prefix(folder.path()).unwrap_or(&path).to_owned();
            Ok(WeightsFile { real_steps, file, checksum })
        };
        let list = WeightsList { weights: files.map(file).collect::<Result<_, RunError>>()? };
        let path = list_path(folder);
        self.ownership.write(|| {
            let json = to_json_with_checksum(&list).map_err(io::Error::from);
            json.and_then(|json| write_whole(&path, json.as_bytes()))
                .map_err(RunError::file("write", &path))
        })
    }

    /// Writes the weights that the agent acts with. Returns false if it has none.
    fn write(&self, path: &Path, training: &Training<'_>) -> Result<bool, RunError> {
        if let Some(folder) = path.parent() {
            self.ownership
                .write(|| fs::create_dir_all(folder).map_err(RunError::file("make", folder)))?;
        }
        let unfinished = temporary_beside(path).map_err(RunError::file("write", path))?;
        if !training.save_weights(unfinished.path())? {
            return Ok(false);
        }
        // Written again, because safetensors replaces the file and its permissions.
        let weights = fs::read(unfinished.path());
        let weights = weights.map_err(RunError::file("read", unfinished.path()))?;
        self.ownership
            .write(|| write_whole(path, &weights).map_err(RunError::file("write", path)))?;
        Ok(true)
    }
}

/// The files of weights of a finished run, by real steps; `None` if the program was too old to list them, or the
/// agent has no weights.
///
/// # Errors
/// If the list cannot be read or was changed.
pub fn listed(folder: &RunFolder) -> Result<Option<Vec<WeightsFile>>, RunError> {
    let path = list_path(folder);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(RunError::file("read", &path))?,
    };
    let list: WeightsList = from_json_with_checksum(&bytes).map_err(|error| RunError::Damaged {
        message: error.to_string(),
        folder: folder.path().to_owned(),
        path,
    })?;
    Ok(Some(list.weights))
}

fn list_path(folder: &RunFolder) -> PathBuf {
    folder.path().join("weights.json")
}

/// The folder of the weights of earlier evaluations.
fn earlier_folder(folder: &RunFolder) -> PathBuf {
    folder.path().join("weights")
}

fn earlier_path(folder: &RunFolder, real_steps: u64) -> PathBuf {
    earlier_folder(folder).join(format!("{real_steps:012}.safetensors"))
}

/// The files of the weights of earlier evaluations, by real steps. Those of a process that was killed while it wrote
/// them have none.
fn earlier_files(folder: &RunFolder) -> Result<Vec<(Option<u64>, PathBuf)>, RunError> {
    let folder = earlier_folder(folder);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(RunError::file("read", &folder))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(RunError::file("read", &folder))?.path();
        let real_steps = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        found.push((real_steps, path));
    }
    found.sort();
    Ok(found)
}
