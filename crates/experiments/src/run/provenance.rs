//! What computes a run: versions, git revision, machine. Also the clock of manifests.
//!
//! None of it changes a run's records.

use std::collections::BTreeMap;
use std::fs;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use zerolab_metrics::Provenance;

use crate::plan::instantiate;
use crate::plan::resolved::{ALGORITHM_VERSION, ResolvedRun};
use crate::run::program::{self, Program};

/// The git revision of ZeroLab that this program was built from; empty without a git repository.
const GIT_REVISION: &str = env!("ZEROLAB_GIT_REVISION");

/// The difference of the source to that revision as a patch; empty if there is none.
pub const PATCH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/uncommitted.patch"));

/// Seconds since 1970-01-01 UTC; 0 if the clock is before that.
pub fn now_unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The name of the machine.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The provenance of `run` in this process. `command` is the command that the user gave.
pub fn of(run: &ResolvedRun, command: &str) -> Provenance {
    Provenance {
        versions: versions(run),
        features: features(),
        git_revision: (!GIT_REVISION.is_empty()).then(|| GIT_REVISION.to_owned()),
        git_dirty: !PATCH.is_empty(),
        command: command.to_owned(),
        host: host(),
        processor: processor(),
        gpu: None,
        device: run.device.to_string(),
        job: job(),
        job_restarts: job().map(|_| variable("SLURM_RESTART_COUNT").unwrap_or(0)),
    }
}

/// The job of Slurm that this process belongs to: `ID`, or `ARRAY_TASK`.
fn job() -> Option<String> {
    let array: Option<u64> = variable("SLURM_ARRAY_JOB_ID");
    let task: Option<u64> = variable("SLURM_ARRAY_TASK_ID");
    match (array, task) {
        (Some(array), Some(task)) => Some(format!("{array}_{task}")),
        _ => variable::<u64>("SLURM_JOB_ID").map(|id| id.to_string()),
    }
}

/// A number in the environment.
fn variable<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The features of this build that change where and what it can train.
fn features() -> Vec<String> {
    let known = [("atari", cfg!(feature = "atari")), ("cuda", cfg!(feature = "cuda"))];
    known.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()).collect()
}

fn versions(run: &ResolvedRun) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::from([
        ("zerolab".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("algorithm".to_owned(), ALGORITHM_VERSION.to_string()),
    ]);
    if let Some(Program { name, version }) = program::get() {
        versions.insert(format!("program {name}"), version.to_owned());
    }
    if let Some(preset) = zerolab_agents::find_preset(&run.agent.preset) {
        let hash = blake3::hash(preset.toml.as_bytes()).to_hex();
        versions.insert(format!("preset {}", preset.name), hash[..8].to_owned());
    }
    if let Ok(environment) = instantiate::environment(&run.environment)
        && let Some(tag) = zerolab_environments::saved_state_tag(&environment.save())
    {
        versions.insert("environment".to_owned(), tag.to_owned());
    }
    versions
}

/// The model of the processor, or else its architecture.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
