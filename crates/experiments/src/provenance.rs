//! What computed a run: versions, git revision, machine. The clock of manifests.
//!
//! None of it can change a run's records.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use zerolab_metrics::Provenance;

use crate::assembly;
use crate::resolved::{ALGORITHM_VERSION, ResolvedRun};

/// Of a difference that is longer, the beginning is kept.
const LONGEST_PATCH: usize = 1 << 20;

/// Seconds since 1970-01-01 UTC, 0 on a machine whose clock stands before.
pub fn now_unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The machine's name.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// What this process will compute `run` with, `command` having asked for it; and how the files of the folder that it
/// was started in differ from their git revision, if they do.
pub fn of(run: &ResolvedRun, command: &str) -> (Provenance, Option<Vec<u8>>) {
    let git_revision = git(&["rev-parse", "HEAD"]);
    let git_revision = git_revision.and_then(|revision| String::from_utf8(revision).ok());
    let mut patch = git(&["diff", "--no-color", "--no-ext-diff", "HEAD"]).unwrap_or_default();
    patch.truncate(LONGEST_PATCH);
    let provenance = Provenance {
        versions: versions(run),
        features: features(),
        git_revision: git_revision.map(|revision| revision.trim().to_owned()),
        git_dirty: !patch.is_empty(),
        command: command.to_owned(),
        host: host(),
        processor: processor(),
        gpu: None,
        device: run.device.to_string(),
    };
    (provenance, (!patch.is_empty()).then_some(patch))
}

/// Those of the program's features that say where and in what it can train.
fn features() -> Vec<String> {
    let known = [("atari", cfg!(feature = "atari")), ("cuda", cfg!(feature = "cuda"))];
    known.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()).collect()
}

fn versions(run: &ResolvedRun) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::from([
        ("zerolab".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("algorithm".to_owned(), ALGORITHM_VERSION.to_string()),
    ]);
    if let Some(preset) = zerolab_agents::find_preset(&run.agent.preset) {
        let hash = blake3::hash(preset.toml.as_bytes()).to_hex();
        versions.insert(format!("preset {}", preset.name), hash[..8].to_owned());
    }
    if let Ok(environment) = assembly::environment(run)
        && let Some(tag) = zerolab_environments::saved_by(&environment.save())
    {
        versions.insert("environment".to_owned(), tag.to_owned());
    }
    versions
}

/// The model of the processor, where the system tells it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// What git says; `None` where there is no git or no repository. It locks nothing for it.
fn git(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git").arg("--no-optional-locks").args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}
