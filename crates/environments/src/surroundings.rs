//! Where settings are completed that name something outside of the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zerolab_settings::SettingsError;

/// What an environment that is outside of the program may use while a spec is read.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The folder of the spec, to which places in it are relative. Without one they are complete.
    pub folder: Option<PathBuf>,
    /// The folder of what is remembered between commands, if there is one.
    pub memory: Option<PathBuf>,
    /// Whether the command may start programs that the spec names.
    pub may_start: bool,
}

impl Surroundings {
    /// Those of a spec whose results are in `results`, for a command that may start programs if `may_start`.
    #[must_use]
    pub fn of_spec(spec: &Path, results: &Path, may_start: bool) -> Self {
        let spec = std::path::absolute(spec).unwrap_or_else(|_| spec.to_owned());
        let folder = spec.parent().map(Path::to_owned);
        Self { folder, memory: Some(results.join("environments")), may_start }
    }

    /// All that was remembered under `name`, the last first.
    ///
    /// # Errors
    /// If a file has something else.
    pub fn remembered<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, SettingsError> {
        let entries = self.memory.as_ref().and_then(|memory| fs::read_dir(memory).ok());
        let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        let prefix = format!("{name}-");
        let is_of_name = |path: &PathBuf| {
            path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&prefix))
                && path.extension().is_some_and(|it| it == "toml")
        };
        let mut paths: Vec<PathBuf> = paths.filter(is_of_name).collect();
        let age = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
        paths.sort_by_key(|path| std::cmp::Reverse(age(path)));
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).ok()?;
            Some(toml::from_str(&text).map_err(|error| {
                let message = error.message();
                SettingsError::new("", format!("{}: {message}; remove the file", path.display()))
            }))
        };
        paths.into_iter().filter_map(read).collect()
    }

    /// Remembers `value` under `name`, beside what is remembered there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn remember<T: Serialize>(&self, name: &str, value: &T) -> Result<(), SettingsError> {
        let Some(memory) = &self.memory else { return Ok(()) };
        let text =
            toml::to_string(value).map_err(|error| SettingsError::new("", error.to_string()))?;
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let path = memory.join(format!("{name}-{}.toml", &hash[..8]));
        // Several processes may write it: the file is never seen half.
        let part = path.with_extension(format!("{}.part", std::process::id()));
        fs::create_dir_all(memory)
            .and_then(|()| fs::write(&part, text))
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|error| {
                SettingsError::new("", format!("cannot write {}: {error}", path.display()))
            })
    }
}

/// The code outside of this program that an environment runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutsideProgram {
    /// The command that is started.
    pub command: String,
    /// What it is told to run.
    pub runs: String,
    /// The hashes of the files that it runs, as far as they are known without starting it.
    pub files: BTreeMap<String, String>,
    /// Whether it was started before, so that its observations and actions are known.
    pub is_known: bool,
}
