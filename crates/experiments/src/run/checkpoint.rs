//! The checkpoints of a run, `checkpoint/<real steps>/`, or `checkpoint/<real steps>-<further>/` after progress without
//! real steps. Each is written under another name and then renamed.
//! The last two are kept. Every byte is verified before a checkpoint is used.
//!
//! `training` and the agent decide which files a checkpoint has; here they are only files. `contents` lists
//! them with their hashes. A file that is the same as in the previous checkpoint may be a hard link to it.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::RunError;
use crate::run::ownership::Ownership;
use crate::training::Progress;

/// The number of checkpoints to keep: the last, and one to fall back to.
const KEPT: usize = 2;

/// The first line of `contents`, the version of the format of all files. Raise it when one of them changes,
/// so that checkpoints of older versions are skipped instead of misread.
pub const FORMAT: &str = "zerolab checkpoint 3";

/// The folder of a run's checkpoints.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    path: PathBuf,
}

/// The hash and length of a file of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileEntry {
    hash: blake3::Hash,
    length: u64,
}

/// The files of a checkpoint by name.
type Contents = BTreeMap<String, FileEntry>;

impl Checkpoints {
    /// The checkpoints in the folder of a run.
    pub fn of(run_folder: &Path) -> Self {
        Self { path: run_folder.join("checkpoint") }
    }

    /// All checkpoints, newest first, damaged ones included.
    pub fn newest_first(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let found = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((progress(&path)?, path))
        });
        let mut found: Vec<(Progress, PathBuf)> = found.collect();
        found.sort_by_key(|(progress, _)| std::cmp::Reverse(*progress));
        found.into_iter().map(|(_, path)| path).collect()
    }

    /// Makes the checkpoint at `progress`, if the run still is that of `ownership`. `fill` writes its files
    /// into the given folder, and may link files of `previous`, an earlier checkpoint. Returns the path of
    /// the checkpoint.
    ///
    /// # Errors
    /// If a file cannot be written, or another process has taken over the run. The existing checkpoints are
    /// kept then.
    pub fn make(
        &self,
        ownership: &Ownership,
        progress: Progress,
        previous: Option<&Path>,
        fill: impl FnOnce(&Path) -> Result<(), RunError>,
    ) -> Result<PathBuf, RunError> {
        let unfinished = ownership.write(|| {
            fs::create_dir_all(&self.path).map_err(RunError::file("make", &self.path))?;
            self.clear_unfinished();
            tempfile::Builder::new()
                .prefix(UNFINISHED)
                .permissions(Permissions::from_mode(0o777))
                .tempdir_in(&self.path)
                .map_err(RunError::file("write to", &self.path))
        })?;
        fill(unfinished.path())?;
        write_contents(unfinished.path(), previous)?;

        let path = self.path.join(name(progress));
        ownership.write(|| {
            // A checkpoint with this name is not better than the new one.
            remove(&path)?;
            fs::rename(unfinished.path(), &path).map_err(RunError::file("write", &path))?;
            sync(&self.path)?;
            self.newest_first().iter().skip(KEPT).try_for_each(|old| remove(old))
        })?;
        Ok(path)
    }

    /// Removes all checkpoints.
    ///
    /// # Errors
    /// If that is impossible.
    pub fn remove_all(&self) -> Result<(), RunError> {
        remove(&self.path)
    }

    /// Removes the folders of processes that were killed while they wrote a checkpoint.
    fn clear_unfinished(&self) {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // The folder only takes space, so an error does not matter.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

const UNFINISHED: &str = ".unfinished-";
const CONTENTS: &str = "contents";

/// How far the training of a checkpoint is; `None` if `checkpoint` is not a checkpoint's folder.
pub fn progress(checkpoint: &Path) -> Option<Progress> {
    let name = checkpoint.file_name()?.to_str()?;
    let (real_steps, further) = name.split_once('-').unwrap_or((name, "0"));
    Some(Progress { real_steps: real_steps.parse().ok()?, further: further.parse().ok()? })
}

fn name(progress: Progress) -> String {
    match progress {
        Progress { real_steps, further: 0 } => format!("{real_steps:012}"),
        Progress { real_steps, further } => format!("{real_steps:012}-{further:012}"),
    }
}

/// Checks every byte of a checkpoint.
///
/// # Errors
/// If a file cannot be read ([`RunError::File`]), or the checkpoint is not as it was written
/// ([`RunError::Checkpoint`]).
pub fn verify(checkpoint: &Path) -> Result<(), RunError> {
    for (name, entry) in read_contents(checkpoint)? {
        let path = checkpoint.join(&name);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(checkpoint, format!("{name} is missing")));
            }
            read => read.map_err(RunError::file("read", &path))?,
        };
        if FileEntry::of(&bytes) != entry {
            return Err(damaged(checkpoint, format!("{name} was changed or cut short")));
        }
    }
    Ok(())
}

/// Removes a checkpoint or a folder of checkpoints.
///
/// # Errors
/// If that is impossible.
pub fn remove(path: &Path) -> Result<(), RunError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RunError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

impl FileEntry {
    fn of(bytes: &[u8]) -> Self {
        Self { hash: blake3::hash(bytes), length: bytes.len() as u64 }
    }
}

/// Writes `contents` for the files in `folder`, and syncs everything to disk.
fn write_contents(folder: &Path, previous: Option<&Path>) -> Result<(), RunError> {
    // The hashes of linked files are known from the previous checkpoint. Without its list they are computed
    // again.
    let known = previous.and_then(|previous| Some((previous, read_contents(previous).ok()?)));
    let mut contents = Contents::new();
    let entries = fs::read_dir(folder).map_err(RunError::file("read", folder))?;
    for entry in entries {
        let path = entry.map_err(RunError::file("read", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let unchanged = known.as_ref().and_then(|(previous, contents)| {
            let same = inode(&path)? == inode(&previous.join(name))?;
            contents.get(name).filter(|_| same).cloned()
        });
        let entry = match unchanged {
            Some(entry) => entry,
            None => {
                sync(&path)?;
                FileEntry::of(&fs::read(&path).map_err(RunError::file("read", &path))?)
            }
        };
        contents.insert(name.to_owned(), entry);
    }
    let path = folder.join(CONTENTS);
    fs::write(&path, contents_text(&contents)).map_err(RunError::file("write", &path))?;
    sync(&path)?;
    sync(folder)
}

/// The text of `contents`: the format, a line for each file, and the hash of these lines.
fn contents_text(contents: &Contents) -> String {
    let line = |(name, entry): (&String, &FileEntry)| {
        format!("{} {} {name}\n", entry.hash.to_hex(), entry.length)
    };
    let body = format!("{FORMAT}\n{}", contents.iter().map(line).collect::<String>());
    let hash = blake3::hash(body.as_bytes()).to_hex();
    format!("{body}{hash}\n")
}

fn read_contents(checkpoint: &Path) -> Result<Contents, RunError> {
    let path = checkpoint.join(CONTENTS);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged(checkpoint, "it has no list of its contents".to_owned()));
        }
        read => read.map_err(RunError::file("read", &path))?,
    };
    let text = String::from_utf8(text).unwrap_or_default();
    if !text.starts_with(&format!("{FORMAT}\n")) {
        return Err(damaged(checkpoint, format!("it does not begin with `{FORMAT}`")));
    }
    let contents: Option<Contents> = text
        .lines()
        .skip(1)
        .take_while(|line| line.contains(' '))
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let hash = blake3::Hash::from_hex(words.next()?).ok()?;
            let length = words.next()?.parse().ok()?;
            Some((words.next()?.to_owned(), FileEntry { hash, length }))
        })
        .collect();
    match contents {
        Some(contents) if contents_text(&contents) == text => Ok(contents),
        _ => Err(damaged(checkpoint, "the list of its contents was changed".to_owned())),
    }
}

fn damaged(checkpoint: &Path, message: String) -> RunError {
    RunError::Checkpoint { path: checkpoint.to_owned(), message }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    let data = fs::metadata(path).ok()?;
    Some((data.dev(), data.ino()))
}

/// Syncs a file or the entries of a folder to disk.
fn sync(path: &Path) -> Result<(), RunError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(RunError::file("write", path))
}
