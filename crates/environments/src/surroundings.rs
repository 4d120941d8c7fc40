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

    /// What was remembered under `name`.
    ///
    /// # Errors
    /// If the file has something else.
    pub fn remembered<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, SettingsError> {
        let Some(path) = self.file(name) else { return Ok(None) };
        let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
        let wrong = |error: toml::de::Error| {
            let message = error.message().to_owned();
            SettingsError::new("", format!("{}: {message}; remove the file", path.display()))
        };
        toml::from_str(&text).map(Some).map_err(wrong)
    }

    /// Remembers `value` under `name`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn remember<T: Serialize>(&self, name: &str, value: &T) -> Result<(), SettingsError> {
        let Some(path) = self.file(name) else { return Ok(()) };
        let text =
            toml::to_string(value).map_err(|error| SettingsError::new("", error.to_string()))?;
        // Several processes may write it: the file is never seen half.
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&part, text))
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|error| {
                SettingsError::new("", format!("cannot write {}: {error}", path.display()))
            })
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.memory.as_ref()?.join(format!("{name}.toml")))
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
