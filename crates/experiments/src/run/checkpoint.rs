//! The checkpoints of a run, `checkpoint/<real steps>/`: each written whole under another name and then renamed, the
//! last two kept, none believed before every byte of it is verified.
//!
//! What stands in one is the affair of `training`, and of the agent; here they are files. `contents` lists them with
//! their hashes. A file that has not changed since the checkpoint before may be the same file, linked.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::RunError;

/// Checkpoints that are kept: the last, and one to fall back upon.
const KEPT: usize = 2;

/// The first line of `contents`: all files of the checkpoint are laid out so. Raise it when one is not any more, so that
/// what an older program left is passed over instead of misread.
pub const FORMAT: &str = "zerolab checkpoint 3";

/// The folder of a run's checkpoints.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    path: PathBuf,
}

/// A file of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    hash: blake3::Hash,
    length: u64,
}

/// The files of a checkpoint by name.
type Contents = BTreeMap<String, Listed>;

impl Checkpoints {
    /// Those in the folder of a run.
    pub fn of(run_folder: &Path) -> Self {
        Self { path: run_folder.join("checkpoint") }
    }

    /// Newest first, whole or not.
    pub fn newest_first(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let found = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((real_steps(&path)?, path))
        });
        let mut found: Vec<(u64, PathBuf)> = found.collect();
        found.sort_by_key(|(real_steps, _)| std::cmp::Reverse(*real_steps));
        found.into_iter().map(|(_, path)| path).collect()
    }

    /// Makes the checkpoint of `real_steps`: `fill` writes its files into the folder it is given. `previous`, an
    /// earlier one, is what it may take files over from. Returns where it is.
    ///
    /// # Errors
    /// If a file cannot be written; what was there before still is.
    pub fn make(
        &self,
        real_steps: u64,
        previous: Option<&Path>,
        fill: impl FnOnce(&Path) -> Result<(), RunError>,
    ) -> Result<PathBuf, RunError> {
        fs::create_dir_all(&self.path).map_err(RunError::file("make", &self.path))?;
        self.clear_unfinished();
        let unfinished = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .permissions(Permissions::from_mode(0o777))
            .tempdir_in(&self.path)
            .map_err(RunError::file("write to", &self.path))?;
        fill(unfinished.path())?;
        list(unfinished.path(), previous)?;

        let path = self.path.join(format!("{real_steps:012}"));
        // One of the same name is no better than this one.
        remove(&path)?;
        fs::rename(unfinished.path(), &path).map_err(RunError::file("write", &path))?;
        sync(&self.path)?;
        for old in self.newest_first().into_iter().skip(KEPT) {
            remove(&old)?;
        }
        Ok(path)
    }

    /// Removes all of them.
    ///
    /// # Errors
    /// If that is impossible.
    pub fn remove_all(&self) -> Result<(), RunError> {
        remove(&self.path)
    }

    /// What a process that was killed while it wrote left behind.
    fn clear_unfinished(&self) {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // It takes room and does no other harm.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

const UNFINISHED: &str = ".unfinished-";
const CONTENTS: &str = "contents";

/// Of which real step a checkpoint is.
///
/// `None` for a folder that is none.
pub fn real_steps(checkpoint: &Path) -> Option<u64> {
    checkpoint.file_name()?.to_str()?.parse().ok()
}

/// Checks every byte of a checkpoint.
///
/// # Errors
/// If a file cannot be read ([`RunError::File`]) or the checkpoint is not what was written ([`RunError::Checkpoint`]).
pub fn verify(checkpoint: &Path) -> Result<(), RunError> {
    for (name, listed) in read_contents(checkpoint)? {
        let path = checkpoint.join(&name);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(checkpoint, format!("{name} is missing")));
            }
            read => read.map_err(RunError::file("read", &path))?,
        };
        if Listed::of(&bytes) != listed {
            return Err(damaged(checkpoint, format!("{name} was changed or cut short")));
        }
    }
    Ok(())
}

/// Removes a checkpoint, or whatever there is under its name.
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

impl Listed {
    fn of(bytes: &[u8]) -> Self {
        Self { hash: blake3::hash(bytes), length: bytes.len() as u64 }
    }
}

/// Writes `contents` of the files in `folder` and brings all to the disk.
fn list(folder: &Path, previous: Option<&Path>) -> Result<(), RunError> {
    // Without the list of the one before nothing is known of its files; then they are read once more.
    let known = previous.and_then(|previous| Some((previous, read_contents(previous).ok()?)));
    let mut contents = Contents::new();
    let entries = fs::read_dir(folder).map_err(RunError::file("read", folder))?;
    for entry in entries {
        let path = entry.map_err(RunError::file("read", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let taken_over = known.as_ref().and_then(|(previous, contents)| {
            let same = inode(&path)? == inode(&previous.join(name))?;
            contents.get(name).filter(|_| same).cloned()
        });
        let listed = match taken_over {
            Some(listed) => listed,
            None => {
                sync(&path)?;
                Listed::of(&fs::read(&path).map_err(RunError::file("read", &path))?)
            }
        };
        contents.insert(name.to_owned(), listed);
    }
    let path = folder.join(CONTENTS);
    fs::write(&path, contents_text(&contents)).map_err(RunError::file("write", &path))?;
    sync(&path)?;
    sync(folder)
}

/// The first line, a line for each file, and last the hash of all that.
fn contents_text(contents: &Contents) -> String {
    let line = |(name, listed): (&String, &Listed)| {
        format!("{} {} {name}\n", listed.hash.to_hex(), listed.length)
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
            Some((words.next()?.to_owned(), Listed { hash, length }))
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

/// Brings a file or a folder's list of names to the disk.
fn sync(path: &Path) -> Result<(), RunError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(RunError::file("write", path))
}
