//! What an environment told of itself when it was started: its spaces, its files and the versions behind it.
//!
//! It is part of a run's settings, and so of the run's identity. A plan needs no start of the environment while it is
//! remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;

use super::messages::Told;
use super::process::Process;
use super::settings::Settings;
use crate::environment::Description;

/// What was found when an environment was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The shape of an observation as the environment has it.
    pub shape: Vec<usize>,
    /// The least value of an observation.
    pub low: f64,
    /// The greatest value of an observation.
    pub high: f64,
    /// Whether observations are bytes.
    pub bytes: bool,
    /// Number of actions.
    pub num_actions: usize,
    /// Number of players.
    pub num_players: usize,
    /// The names of events.
    pub events: Vec<String>,
    /// The limit of steps that the environment is registered with, in its own steps; 0 if there is none.
    pub time_limit: u32,
    /// Whether its state can be read and set. Otherwise it is replayed.
    pub saves_state: bool,
    /// Whether it has an opponent for evaluations.
    pub has_opponent: bool,
    /// The hashes of its files, by their places in the folders of `path`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The versions of Python and of the packages behind it.
    pub versions: BTreeMap<String, String>,
}

impl Found {
    /// Starts the environment with these settings, asks, and ends it.
    ///
    /// # Errors
    /// If it cannot be started, with what it says.
    pub(super) fn by_starting(settings: &Settings) -> Result<Self, SettingsError> {
        let started = Process::start(settings).map(|(_, found)| found);
        started.map_err(|failure| SettingsError::new("", failure.to_string()))
    }

    /// From what the environment tells. Files in folders that are not in `path` do not count.
    pub(super) fn of(told: Told, path: &[PathBuf]) -> Self {
        let placed = |file: &PathBuf| path.iter().find_map(|folder| hashed(folder, file));
        Self { files: told.files.iter().filter_map(placed).collect(), ..told.about }
    }

    /// Checks it, and that the settings fit it.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), SettingsError> {
        let error = |key: &str, message: String| Err(SettingsError::new(key, message));
        if self.num_actions == 0 || self.num_players == 0 || self.shape.contains(&0) {
            let message = "this Python environment has no actions, no players or no observation";
            return error("", message.to_owned());
        }
        if self.events.len() > 32 {
            return error(
                "",
                format!("it has {} events; at most 32 are possible", self.events.len()),
            );
        }
        let size =
            self.shape.iter().try_fold(settings.frame_stack, |size, &side| size.checked_mul(side));
        if size.is_none_or(|size| size > 1 << 28) {
            return error("", format!("an observation of the shape {:?} is too large", self.shape));
        }
        if self.shape.len() > 3 {
            return error(
                "",
                format!(
                    "an observation has {} dimensions; at most 3 are possible",
                    self.shape.len()
                ),
            );
        }
        if self.num_players > 2 || (self.num_players == 2 && !self.has_opponent) {
            let message =
                "a game has one player, or two with a method `opponent_action` for evaluations";
            return error("", message.to_owned());
        }
        if settings.greatest_byte != 0 && !self.bytes {
            let message = "is for observations of bytes, and these are other numbers";
            return error("greatest_byte", message.to_owned());
        }
        let image = self.image();
        if (settings.grey || settings.shrunk().is_some()) && (image.is_none() || !self.bytes) {
            let key = if settings.grey { "grey" } else { "resize" };
            let message =
                format!("is for images of bytes, and observations have the shape {:?}", self.shape);
            return error(key, message);
        }
        if let Some(Image { height, width, channels, .. }) = image {
            if settings.shrunk().is_some_and(|[rows, columns]| rows > height || columns > width) {
                return error("resize", format!("images are {height}x{width}, and cannot grow"));
            }
            if settings.grey && channels != 3 {
                return error(
                    "grey",
                    format!("is for images of three colours, and this has {channels} planes"),
                );
            }
            if settings.shrunk().is_some() && channels > 4 {
                return error(
                    "resize",
                    format!("is for at most four planes, and this has {channels}"),
                );
            }
        }
        Ok(())
    }

    /// The properties of the environment with these settings.
    pub(super) fn description(&self, settings: &Settings) -> Description {
        let frames = settings.frame_stack;
        let shape = match self.image() {
            Some(image) => {
                let [height, width] = settings.shrunk().unwrap_or([image.height, image.width]);
                let planes = if settings.grey { 1 } else { image.channels };
                vec![frames * planes, height, width]
            }
            None => vec![frames * self.shape.iter().product::<usize>()],
        };
        let repeats = settings.action_repeat.max(1);
        let own = Some(settings.time_limit).filter(|limit| *limit > 0);
        let registered = Some(self.time_limit.div_ceil(repeats)).filter(|limit| *limit > 0);
        Description {
            frames,
            observation_range: match self.bytes {
                true => (0.0, 1.0),
                false => (self.low as f32, self.high as f32),
            },
            num_players: self.num_players,
            max_episode_steps: own.or(registered),
            events: self.events.clone(),
            ..Description::new("python", shape, self.num_actions)
        }
    }

    /// The byte that becomes 1.
    pub(super) fn greatest_byte(&self, settings: &Settings) -> f32 {
        match settings.greatest_byte {
            0 => self.high.clamp(1.0, 255.0) as f32,
            byte => byte.into(),
        }
    }

    /// How its observations are an image; `None` if they are not.
    pub(super) fn image(&self) -> Option<Image> {
        match *self.shape {
            [height, width] => Some(Image { height, width, channels: 1, channels_first: true }),
            // The least side is that of the channels, as it is elsewhere too.
            [first, second, third] if first < second.min(third) => {
                Some(Image { height: second, width: third, channels: first, channels_first: true })
            }
            [height, width, channels] => {
                Some(Image { height, width, channels, channels_first: false })
            }
            _ => None,
        }
    }

    /// The hashes of the file or the package that `entry` names, found without starting Python.
    pub(super) fn files_of_entry(entry: &str, path: &[PathBuf]) -> BTreeMap<String, String> {
        let module = entry.split(':').next().unwrap_or_default().replace('.', "/");
        let names = [format!("{module}.py"), format!("{module}/__init__.py")];
        let found = path.iter().flat_map(|folder| names.iter().map(move |name| (folder, name)));
        let mut found = found.filter(|_| !entry.is_empty());
        found.find_map(|(folder, name)| hashed(folder, &folder.join(name))).into_iter().collect()
    }

    /// Whether its files are in `path` as they were.
    pub(super) fn files_are_unchanged(&self, path: &[PathBuf]) -> bool {
        self.files.iter().all(|(name, hash)| {
            let now = path.iter().find_map(|folder| hashed(folder, &folder.join(name)));
            now.is_some_and(|(_, now)| now == *hash)
        })
    }

    /// The first difference to `other`, in words; `None` if an environment that was planned as `self` may run as `other`.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        if self.files != other.files {
            let names = self.files.keys().chain(other.files.keys());
            let differs = |name: &&String| self.files.get(*name) != other.files.get(*name);
            let changed: BTreeSet<&str> = names.filter(differs).map(String::as_str).collect();
            return Some(changed.into_iter().collect::<Vec<_>>().join(", "));
        }
        let as_text = |found: &Self| toml::Table::try_from(found).unwrap_or_default();
        let (planned, now) = (as_text(self), as_text(other));
        let key =
            planned.keys().chain(now.keys()).find(|key| planned.get(*key) != now.get(*key))?;
        let text =
            |table: &toml::Table| table.get(key).map_or("nothing".to_owned(), |it| it.to_string());
        Some(format!("{key} was {} and is {}", text(&planned), text(&now)))
    }
}

/// The sides of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// `[C, H, W]` and not `[H, W, C]`.
    pub channels_first: bool,
}

/// The place of `file` in `folder` and the hash of its contents, if it is there.
fn hashed(folder: &Path, file: &Path) -> Option<(String, String)> {
    let name = file.strip_prefix(folder).ok()?.to_string_lossy().into_owned();
    let contents = std::fs::read(file).ok()?;
    Some((name, blake3::hash(&contents).to_hex()[..16].to_owned()))
}
