//! What computed a run: versions, git revision, machine. The clock of manifests.
//!
//! None of it can change a run's records.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::resolved::ALGORITHM_VERSION;

/// Seconds since 1970-01-01 UTC, 0 on a machine whose clock stands before.
pub fn now_unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The machine's name.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Versions of what can matter to a result.
pub fn versions() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("zerolab".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("algorithm".to_owned(), ALGORITHM_VERSION.to_string()),
    ])
}

/// The git revision of the folder that the run was started in, and whether files there differed from it.
/// `None` where there is no git or no repository.
pub fn git() -> Option<(String, bool)> {
    let revision = git_output(&["rev-parse", "HEAD"])?;
    let changes = git_output(&["status", "--porcelain", "--untracked-files=no"])?;
    Some((revision, !changes.is_empty()))
}

fn git_output(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
