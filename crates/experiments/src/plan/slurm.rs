//! The settings of Slurm: what `[launcher.slurm]` of a spec has.
//!
//! Lowest priority first: the spec, a file, the command line. None of them changes what a run computes, so none is in a
//! run's hash.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_metrics::{one_or_many, one_or_many_schema};
use zerolab_settings::range::at_least_one;
use zerolab_settings::{SettingsError, read, within};

/// The default of `restarts`.
const RESTARTS: u32 = 50;

/// The resources of each task, how many run at a time, and what precedes the training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SlurmSettings {
    /// The partition, such as `gpu`.
    pub partition: Option<String>,
    /// The account that is charged.
    pub account: Option<String>,
    /// The quality of service.
    pub qos: Option<String>,
    /// The time limit of a task, such as `04:00:00`. Before it ends, the runs are saved and queued again.
    pub time: Option<String>,
    /// The memory of a task, such as `8G`.
    pub mem: Option<String>,
    /// Generic resources of a task, such as `gpu:1`.
    pub gres: Option<String>,
    /// The features that a machine must have.
    pub constraint: Option<String>,
    /// The machines to use.
    pub nodelist: Option<String>,
    /// The machines not to use.
    pub exclude: Option<String>,
    /// The cores of a task. Its runs share them.
    #[schemars(range(min = 1))]
    pub cpus_per_task: u32,
    /// Lines of the script before the training, such as `module load cuda`. If one fails, so does the task.
    #[serde(deserialize_with = "one_or_many")]
    #[schemars(schema_with = "one_or_many_schema::<String>")]
    pub setup: Vec<String>,
    /// The number of runs that share a task, and its GPU if it has one.
    #[schemars(range(min = 1))]
    pub jobs_per_task: u32,
    /// The most tasks that run at the same time.
    #[schemars(range(min = 1))]
    pub at_once: Option<u32>,
    /// How often a task may be queued again, because its runs need more time or were killed.
    pub restarts: u32,
    /// More options of `sbatch`, such as `--mail-type=END`.
    #[serde(deserialize_with = "one_or_many")]
    #[schemars(schema_with = "one_or_many_schema::<String>")]
    pub extra: Vec<String>,
}

impl Default for SlurmSettings {
    fn default() -> Self {
        Self {
            partition: None,
            account: None,
            qos: None,
            time: None,
            mem: None,
            gres: None,
            constraint: None,
            nodelist: None,
            exclude: None,
            cpus_per_task: 1,
            setup: Vec::new(),
            jobs_per_task: 1,
            at_once: None,
            restarts: RESTARTS,
            extra: Vec::new(),
        }
    }
}

impl SlurmSettings {
    /// The options of `sbatch` that have a value in the settings, with their values.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let options = [
            ("partition", &self.partition),
            ("account", &self.account),
            ("qos", &self.qos),
            ("time", &self.time),
            ("mem", &self.mem),
            ("gres", &self.gres),
            ("constraint", &self.constraint),
            ("nodelist", &self.nodelist),
            ("exclude", &self.exclude),
        ];
        options.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }

    /// Reads and checks the settings in a table.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn read(table: &toml::Table) -> Result<Self, SettingsError> {
        let settings: Self = read(table)?;
        settings.check().map(|()| settings)
    }

    /// Checks what the types do not express.
    fn check(&self) -> Result<(), SettingsError> {
        at_least_one("cpus_per_task", u64::from(self.cpus_per_task))?;
        at_least_one("jobs_per_task", u64::from(self.jobs_per_task))?;
        self.at_once.map_or(Ok(()), |at_once| at_least_one("at_once", u64::from(at_once)))?;
        let wrong = |path: &str, message: &str| {
            Err(SettingsError { path: path.to_owned(), message: message.to_owned() })
        };
        // A value is a word of a line `#SBATCH --key=value`.
        let is_word = |value: &str| !value.is_empty() && !value.contains(char::is_whitespace);
        if let Some((key, _)) = self.options().find(|(_, value)| !is_word(value)) {
            return wrong(key, "must be a word without spaces");
        }
        for option in &self.extra {
            let Some(rest) = option.strip_prefix("--").filter(|_| !option.contains('\n')) else {
                return wrong("extra", "must be long options of sbatch, such as `--mail-type=END`");
            };
            let name = rest.split(['=', ' ']).next().unwrap_or_default();
            // sbatch also takes the first letters of an option.
            let is_meant = |long: &&&str| long.starts_with(name);
            if let Some(own) = OURS.iter().find(is_meant) {
                return wrong("extra", &format!("`--{own}` is set by zerolab"));
            }
            if let Some(key) = KEYS.iter().find(is_meant) {
                return wrong("extra", &format!("`--{key}` has a key of its own"));
            }
        }
        Ok(())
    }
}

/// Options that have keys.
const KEYS: [&str; 10] = [
    "partition",
    "account",
    "qos",
    "time",
    "mem",
    "gres",
    "constraint",
    "nodelist",
    "exclude",
    "cpus-per-task",
];

/// Options that every script has.
const OURS: [&str; 12] = [
    "job-name",
    "array",
    "output",
    "open-mode",
    "requeue",
    "no-requeue",
    "signal",
    "ntasks",
    "chdir",
    "parsable",
    "wait",
    "test-only",
];

/// The settings of a spec (`[launcher.slurm]`), over which the file `file` and then `changes` (as `KEY=VALUE`) are laid.
///
/// # Errors
/// If the file cannot be read, or what is wrong with a setting.
pub fn resolve(
    spec: &toml::Table,
    file: Option<&Path>,
    changes: &[String],
) -> Result<SlurmSettings, String> {
    let mut table = spec.clone();
    if let Some(path) = file {
        table.extend(read_file(path).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    for change in changes {
        let wrong = |message: String| format!("--slurm {change}: {message}");
        let Some((key, value)) = change.split_once('=') else {
            return Err(wrong("must be KEY=VALUE, such as partition=gpu".to_owned()));
        };
        let with = |value| toml::Table::from_iter([(key.to_owned(), value)]);
        // A string may look like a time or a number, as in time=04:00:00 and mem=500.
        let as_string = with(toml::Value::from(value));
        let change = match SlurmSettings::read(&as_string) {
            Ok(_) if !value.starts_with('[') => as_string,
            _ => with(typed(value)),
        };
        SlurmSettings::read(&change).map_err(|error| wrong(error.to_string()))?;
        table.extend(change);
    }
    SlurmSettings::read(&table).map_err(|error| error.to_string())
}

/// `[launcher.slurm]` of a file.
fn read_file(path: &Path) -> Result<toml::Table, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file: LauncherFile = toml::from_str(&text).map_err(|error| error.to_string())?;
    let read = within("launcher.slurm", SlurmSettings::read(&file.launcher.slurm).map(drop));
    read.map_err(|error| error.to_string()).map(|()| file.launcher.slurm)
}

/// A file with the settings, as they are in a spec.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LauncherFile {
    launcher: LauncherTables,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LauncherTables {
    slurm: toml::Table,
}

/// A value of the command line that is no string.
fn typed(value: &str) -> toml::Value {
    let document = toml::from_str::<toml::Table>(&format!("value = {value}"));
    let read = document.ok().and_then(|mut table| table.remove("value"));
    read.unwrap_or_else(|| toml::Value::from(value))
}
