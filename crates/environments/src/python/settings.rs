//! The settings of an environment in Python.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;
use zerolab_settings::range::{at_least_one, positive};

use super::advice::advice;
use super::environment::PythonEnvironment;
use super::fleet::Fleet;
use super::found::Found;
use crate::checking::Rule;
use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment, Environments};
use crate::surroundings::{OutsideProgram, Surroundings};

/// The most lanes, frames and repetitions, so that no number overflows.
const MOST: u64 = 1_000;

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A registered name of Gymnasium, such as `CartPole-v1`. Either this or `entry`.
    pub id: String,
    /// A class or function that makes the environment, such as `my_module:MyEnv`. Either this or `id`.
    pub entry: String,
    /// What `gymnasium.make` or `entry` is called with, by name.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub arguments: toml::Table,
    /// The interpreter: a command, or the path of one, such as that of a virtual environment. A path with a `/` is
    /// relative to the folder of the spec.
    pub python: String,
    /// Folders in which Python looks for modules first, relative to that of the spec, which is always one of them.
    pub path: Vec<PathBuf>,
    /// Number of observations that are stacked, the oldest first.
    #[schemars(range(min = 1, max = MOST))]
    pub frame_stack: usize,
    /// Height and width to which images are shrunk; `[0, 0]` leaves them as they are.
    pub resize: [usize; 2],
    /// Whether images of three colours become grey.
    pub grey: bool,
    /// The byte that becomes 1 where observations are bytes; 0 for the greatest of the space.
    #[schemars(range(min = 0, max = 255))]
    pub greatest_byte: u8,
    /// How often each action is taken. The rewards are added.
    #[schemars(range(min = 1, max = MOST))]
    pub action_repeat: u32,
    /// Steps of the agent after which an episode is truncated; 0 for the limit of the environment's own registration, if
    /// there is one.
    pub time_limit: u32,
    /// What the observed reward is multiplied by. The true reward stays.
    pub reward_scale: f64,
    /// Seconds after which a step or a reset counts as hanging. The start has at least a minute.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub step_timeout: f64,
    /// What was found when the environment was started last. The program writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub found: Option<Found>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            id: String::new(),
            entry: String::new(),
            arguments: toml::Table::new(),
            python: "python3".to_owned(),
            path: Vec::new(),
            frame_stack: 1,
            resize: [0, 0],
            grey: false,
            greatest_byte: 0,
            action_repeat: 1,
            time_limit: 0,
            reward_scale: 1.0,
            step_timeout: 60.0,
            found: None,
        }
    }
}

/// The settings that say where something is, or how long to wait. They are not part of a run's identity, and not of the
/// name under which an environment is remembered.
pub const PLACES: [&str; 3] = ["path", "python", "step_timeout"];

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "python";
    const SUMMARY: &'static str =
        "your own: a Gymnasium id or a Python class, in a process of its own";

    fn check(&self) -> Result<(), SettingsError> {
        let error = |key: &str, message: &str| Err(SettingsError::new(key, message));
        match (self.id.is_empty(), self.entry.is_empty()) {
            (false, false) => return error("entry", "give either `id` or `entry`, not both"),
            (true, false) if !self.entry.contains(':') => {
                return error("entry", "must be `MODULE:CLASS`, such as `my_module:MyEnv`");
            }
            _ => {}
        }
        if let Some((name, why)) =
            self.arguments.iter().find_map(|(key, it)| Some((key, unspeakable(it)?)))
        {
            return Err(SettingsError::new("arguments", format!("`{name}` has {why}")));
        }
        if self.python.is_empty() {
            return error("python", "must name an interpreter, such as `python3`");
        }
        at_least_one("frame_stack", self.frame_stack as u64)?;
        at_least_one("action_repeat", self.action_repeat.into())?;
        if self.frame_stack as u64 > MOST || u64::from(self.action_repeat) > MOST {
            let key = if self.frame_stack as u64 > MOST { "frame_stack" } else { "action_repeat" };
            return error(key, "must be at most 1000");
        }
        if self.resize != [0, 0] && self.resize.contains(&0) {
            return error("resize", "must be a height and a width of at least 1");
        }
        positive("step_timeout", self.step_timeout)?;
        if !self.reward_scale.is_finite() || self.reward_scale == 0.0 {
            return error("reward_scale", "must be a finite number other than 0");
        }
        self.found.as_ref().map_or(Ok(()), |found| found.check(self))
    }

    fn describe(&self) -> Result<Description, SettingsError> {
        Ok(self.known()?.description(self))
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(PythonEnvironment::new(&Fleet::shared(self), self, self.known()?)))
    }

    fn make_lanes(&self, lanes: usize) -> Result<Environments, SettingsError> {
        let fleet = Fleet::shared(self);
        let found = self.known()?;
        let lane =
            |_| -> Box<dyn Environment> { Box::new(PythonEnvironment::new(&fleet, self, found)) };
        Ok((0..lanes).map(lane).collect())
    }

    fn complete(mut self, surroundings: &Surroundings) -> Result<Self, SettingsError> {
        if self.id.is_empty() && self.entry.is_empty() {
            return Err(SettingsError::new(
                "id",
                "is missing: name an environment of Gymnasium (`id = \"CartPole-v1\"`) or a class (`entry = \
                 \"my_module:MyEnv\"`)",
            ));
        }
        if let Some(folder) = &surroundings.folder {
            self.locate(folder);
        }
        self.found = match surroundings.may_start {
            true => {
                let found = Found::by_starting(&self)?;
                found.check(&self)?;
                surroundings.remember(&self.name()?, &found)?;
                Some(found)
            }
            false => match self.found {
                Some(found) => Some(found),
                None => surroundings
                    .remembered(&self.name()?)?
                    .into_iter()
                    .find(|found: &Found| found.files_are_unchanged(&self.path)),
            },
        };
        Ok(self)
    }

    fn program(&self) -> Option<OutsideProgram> {
        let named = if self.id.is_empty() { &self.entry } else { &self.id };
        let is_known = self.found.is_some();
        let files = match &self.found {
            Some(found) => found.files.clone(),
            None => Found::files_of_entry(&self.entry, &self.path),
        };
        Some(OutsideProgram { command: self.python.clone(), runs: named.clone(), files, is_known })
    }

    fn advice(rule: Rule) -> &'static str {
        advice(rule)
    }
}

/// What of an argument cannot be told to Python.
fn unspeakable(value: &toml::Value) -> Option<&'static str> {
    match value {
        toml::Value::Float(number) if !number.is_finite() => Some(
            "a number that is not finite; write a string, such as \"inf\", and convert it in Python",
        ),
        toml::Value::Array(values) => values.iter().find_map(unspeakable),
        toml::Value::Table(table) => table.values().find_map(unspeakable),
        _ => None,
    }
}

impl Settings {
    /// The height and width to which images are shrunk, if they are.
    pub(super) fn shrunk(&self) -> Option<[usize; 2]> {
        Some(self.resize).filter(|sides| *sides != [0, 0])
    }

    /// What was found at the last start.
    fn known(&self) -> Result<&Found, SettingsError> {
        self.found.as_ref().ok_or_else(|| {
            SettingsError::new(
                "",
                "this Python environment was not started yet with its files as they are now, so its observations and \
                 actions are not known; `zerolab check SPEC` starts it",
            )
        })
    }

    /// Makes relative places absolute, and adds the folder of the spec to the path.
    fn locate(&mut self, folder: &Path) {
        self.path.iter_mut().for_each(|path| *path = folder.join(&*path));
        if !self.path.iter().any(|path| path == folder) {
            self.path.push(folder.to_owned());
        }
        if self.python.contains('/') {
            self.python = folder.join(&self.python).to_string_lossy().into_owned();
        }
    }

    /// The name under which the environment with these settings is remembered.
    fn name(&self) -> Result<String, SettingsError> {
        let mut settings = zerolab_settings::write(&Self { found: None, ..self.clone() })?;
        PLACES.iter().for_each(|key| drop(settings.remove(*key)));
        Ok(blake3::hash(settings.to_string().as_bytes()).to_hex()[..16].to_owned())
    }
}
