//! Reads the runs of other experiments that a report includes.

use std::fs;
use std::path::Path;

use crate::format::enumerated;
use crate::{ExperimentFile, IncludeRequest, RunReference};

/// What an `[[include]]` finds in a folder of results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Included {
    /// The runs. The names of their agents end in `of EXPERIMENT`.
    pub runs: Vec<RunReference>,
    /// What was asked for and is not there, in a sentence without its end.
    pub missing: Option<String>,
}

impl IncludeRequest {
    /// Reads the experiment's file in the folder `results`.
    pub fn find(&self, results: &Path) -> Included {
        let Self { experiment: name, agents } = self;
        let path = results.join(name).join("experiment.json");
        let read = fs::read(&path).map_err(|error| error.to_string());
        let parsed = read.and_then(|text| {
            serde_json::from_slice::<ExperimentFile>(&text).map_err(|error| error.to_string())
        });
        let mut runs = match parsed {
            Ok(file) => file.runs,
            Err(_) if !path.exists() => {
                let missing = format!("there are no results of `{name}` in {}", results.display());
                return Included { missing: Some(missing), ..Included::default() };
            }
            Err(error) => {
                let missing = format!("{} cannot be read: {error}", path.display());
                return Included { missing: Some(missing), ..Included::default() };
            }
        };
        let is_unknown = |agent: &&String| runs.iter().all(|run| run.agent != **agent);
        let unknown: Vec<String> =
            agents.iter().filter(is_unknown).map(|agent| format!("`{agent}`")).collect();
        let missing = (!unknown.is_empty())
            .then(|| format!("`{name}` has no agent {}", enumerated(&unknown)));
        runs.retain(|run| agents.is_empty() || agents.contains(&run.agent));
        runs.iter_mut().for_each(|run| run.agent = format!("{} of {name}", run.agent));
        Included { runs, missing }
    }
}
