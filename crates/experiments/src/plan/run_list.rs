//! The list of runs that the runner passes to its workers: one resolved run per line, as JSON.
//!
//! Its file name contains a hash of its contents. So a worker never reads the wrong row if the plan changes
//! while runs are going on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::resolved::ResolvedRun;
use zerolab_metrics::files::write_whole;

/// The name of a list is these two with the hash of its contents between them.
const PREFIX: &str = "plan-";
const SUFFIX: &str = ".jsonl";

/// Whether a path is that of a list of runs.
pub fn is_list(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_file() && name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// The ids in the text of a list, which may be of an older version.
pub fn ids(text: &str) -> Vec<String> {
    let id = |line: &str| {
        let run: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(run["id"].as_str()?.to_owned())
    };
    text.lines().filter_map(id).collect()
}

/// Writes the plan's runs to `results/<experiment>/plan-<hash>.jsonl` and returns the path.
///
/// # Errors
/// If it cannot be written.
pub fn write(results: &Path, plan: &Plan) -> Result<PathBuf, RunError> {
    let folder = results.join(&plan.experiment.name);
    fs::create_dir_all(&folder).map_err(unusable(&folder))?;
    let lines = lines(&plan.runs).map_err(unusable(&folder))?;
    let path = folder.join(format!("{PREFIX}{}{SUFFIX}", &blake3::hash(&lines).to_hex()[..8]));
    write_whole(&path, &lines).map_err(unusable(&path))?;
    Ok(path)
}

/// Writes runs to a file.
///
/// # Errors
/// If it cannot be written.
pub fn write_to(path: &Path, runs: &[ResolvedRun]) -> Result<(), RunError> {
    let written = lines(runs).and_then(|lines| write_whole(path, &lines));
    written.map_err(unusable(path))
}

fn lines(runs: &[ResolvedRun]) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for run in runs {
        serde_json::to_writer(&mut lines, run)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |source| RunError::Results { path, source }
}

/// The run in row `row`, counted from 0.
///
/// # Errors
/// If the list cannot be read, it has no such row, or the row's id does not match its contents.
pub fn read(path: &Path, row: usize) -> Result<ResolvedRun, RunError> {
    let runs = read_from(path, row, 1)?;
    runs.into_iter().next().ok_or_else(|| wrong(path, format!("there is no row {row}")))
}

/// The runs in `count` rows from `first` on, or fewer at the end of the list.
///
/// # Errors
/// As [`read`].
pub fn read_from(path: &Path, first: usize, count: usize) -> Result<Vec<ResolvedRun>, RunError> {
    let list = fs::read_to_string(path).map_err(RunError::file("read", path))?;
    let rows: Vec<_> = list.lines().enumerate().skip(first).take(count).collect();
    if rows.is_empty() {
        return Err(wrong(path, format!("there is no row {first}")));
    }
    let parse =
        |(row, line)| parse(line).map_err(|error| wrong(path, format!("row {row} {error}")));
    rows.into_iter().map(parse).collect()
}

fn wrong(path: &Path, message: String) -> RunError {
    RunError::Row { path: path.to_owned(), message }
}

/// The run in a line, or what is wrong with it.
fn parse(line: &str) -> Result<ResolvedRun, String> {
    let run: ResolvedRun =
        serde_json::from_str(line).map_err(|error| format!("is no run: {error}"))?;
    let identified = run.clone().identified();
    if run.id == identified.id || run.id == run.older_id() {
        Ok(run)
    } else {
        Err(format!("is `{}`, not `{}`", identified.id, run.id))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use zerolab_agents::presets;

    use super::*;
    use crate::plan::ExperimentMetadata;
    use crate::plan::FailurePolicy;
    use crate::plan::forecast::preset_run;

    /// The id covers every digit of every number, so JSON must keep them all.
    #[test]
    fn a_run_of_every_preset_is_read_as_it_was_written() {
        let run = |name| preset_run(name, "minatar/breakout", 1000).unwrap().identified();
        let plan = Plan {
            spec_path: PathBuf::new(),
            experiment: ExperimentMetadata {
                name: "listed".to_owned(),
                question: String::new(),
                hypotheses: Vec::new(),
                published: None,
                figures: Vec::new(),
                includes: Vec::new(),
                on_failure: FailurePolicy { retries: 0, fail_fast: false },
            },
            all_runs: Vec::new(),
            runs: presets().iter().map(|preset| run(preset.name)).collect(),
            axes: BTreeMap::new(),
            repeats: Vec::new(),
            examinations: BTreeMap::new(),
            slurm: toml::Table::new(),
        };
        let folder = tempfile::tempdir().unwrap();
        let list = write(folder.path(), &plan).unwrap();
        for (row, run) in plan.runs.iter().enumerate() {
            assert_eq!(&read(&list, row).unwrap(), run);
        }
    }
}
