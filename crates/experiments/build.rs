//! Stores the git revision of the source and its uncommitted changes in the program.
//!
//! A build script does this, because a run may start on another machine without the source, or after the
//! source has changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The compiled files, relative to the workspace.
const SOURCE: [&str; 3] = ["Cargo.toml", "Cargo.lock", "crates"];

/// A longer patch is truncated to this many bytes.
const LONGEST_PATCH: usize = 1 << 20;

fn main() -> Result<(), String> {
    // Read at run time: a build script is not compiled again for another copy of the source.
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no CARGO_MANIFEST_DIR")?;
    let workspace = Path::new(&here).join("../..");
    let workspace = workspace.canonicalize().map_err(|error| error.to_string())?;
    for part in SOURCE {
        println!("cargo::rerun-if-changed={}", workspace.join(part).display());
    }
    let (mut revision, mut patch) = (String::new(), Vec::new());
    if let Some(log) = log_of_head(&workspace) {
        println!("cargo::rerun-if-changed={}", log.display());
        revision = line(git(&workspace, &["rev-parse", "HEAD"])).unwrap_or_default();
        let diff = ["diff", "--no-color", "--no-ext-diff", "HEAD", "--"];
        patch = git(&workspace, &[&diff[..], &SOURCE[..]].concat()).unwrap_or_default();
        patch.truncate(LONGEST_PATCH);
    }
    println!("cargo::rustc-env=ZEROLAB_GIT_REVISION={revision}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let path = out.join("uncommitted.patch");
    fs::write(&path, patch).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The log of HEAD, which changes with every commit. `None` if the workspace is not the top of a git
/// repository.
fn log_of_head(workspace: &Path) -> Option<PathBuf> {
    let top = PathBuf::from(line(git(workspace, &["rev-parse", "--show-toplevel"]))?);
    let log = line(git(workspace, &["rev-parse", "--git-path", "logs/HEAD"]))?;
    (top.canonicalize().ok()? == workspace).then(|| workspace.join(log))
}

/// The output of git; `None` without git or a repository. It takes no locks.
fn git(workspace: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut git = Command::new("git");
    let output = git.arg("--no-optional-locks").args(arguments).current_dir(workspace).output();
    let output = output.ok()?;
    output.status.success().then_some(output.stdout)
}

fn line(output: Option<Vec<u8>>) -> Option<String> {
    Some(String::from_utf8(output?).ok()?.trim().to_owned())
}
