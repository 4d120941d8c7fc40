//! Says what source is compiled: its git revision, and how it differs from that.
//!
//! It is asked here and not when a run starts, for the program is carried to where no source is, and started where the
//! source is another by then.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What is compiled, below the workspace.
const SOURCE: [&str; 3] = ["Cargo.toml", "Cargo.lock", "crates"];

/// Of a difference that is longer, the beginning is kept.
const LONGEST_PATCH: usize = 1 << 20;

fn main() -> Result<(), String> {
    // Asked as it runs: a build script is not compiled again for another copy of the source.
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
        let differing = ["diff", "--no-color", "--no-ext-diff", "HEAD", "--"];
        patch = git(&workspace, &[&differing[..], &SOURCE[..]].concat()).unwrap_or_default();
        patch.truncate(LONGEST_PATCH);
    }
    println!("cargo::rustc-env=ZEROLAB_GIT_REVISION={revision}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let path = out.join("uncommitted.patch");
    fs::write(&path, patch).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The file that changes with every commit, where the workspace is a git repository of its own and not only below one.
fn log_of_head(workspace: &Path) -> Option<PathBuf> {
    let top = PathBuf::from(line(git(workspace, &["rev-parse", "--show-toplevel"]))?);
    let log = line(git(workspace, &["rev-parse", "--git-path", "logs/HEAD"]))?;
    (top.canonicalize().ok()? == workspace).then(|| workspace.join(log))
}

/// What git says; `None` where there is no git or no repository. It locks nothing for it.
fn git(workspace: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut git = Command::new("git");
    let output = git.arg("--no-optional-locks").args(arguments).current_dir(workspace).output();
    let output = output.ok()?;
    output.status.success().then_some(output.stdout)
}

fn line(said: Option<Vec<u8>>) -> Option<String> {
    Some(String::from_utf8(said?).ok()?.trim().to_owned())
}
