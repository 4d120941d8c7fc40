//! A fresh folder with a spec in it, commands that run there, and readers of the files that they write.

mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub use processes::{is_pending, kill, lives, parent_of, signal, stop, wait_for, workers_of};

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_zerolab-under-test");

/// Four short runs: two agents, two seeds.
pub const SMALL: &str = r#"
[experiment]
name = "small"
question = "Does it run?"
seeds = 2

[environment]
name = "catch"

[budget]
real_steps = 200
lanes = 4

[evaluation]
every = 100
episodes = 3

[agents.random]
[agents.scripted]
"#;

/// Two runs of a second and a half each.
pub const SLOW: &str = r#"
[experiment]
name = "slow"
seeds = 2

[environment]
name = "catch"

[budget]
real_steps = 200
lanes = 4

[evaluation]
every = 100
episodes = 3

[agents.scripted]
delay_milliseconds = 30
"#;

/// A temporary folder, removed when the test ends.
pub struct Lab {
    folder: TempDir,
}

/// The exit code and the output of a command.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Lab {
    /// A folder with `spec.toml` in it.
    pub fn new(spec: &str) -> Self {
        let lab = Self { folder: tempfile::tempdir().unwrap() };
        lab.write("spec.toml", spec);
        lab
    }

    /// The list of runs that the runner of an experiment gives to its workers.
    pub fn row_list(&self, experiment: &str) -> String {
        let entries = fs::read_dir(self.path(&format!("results/{experiment}"))).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        let list = paths.find(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        list.unwrap().display().to_string()
    }

    pub fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command with these arguments, in this folder.
    pub fn command(&self, words: &str) -> Command {
        self.command_of(PROGRAM, words)
    }

    /// The command of another program with these arguments, in this folder.
    pub fn command_of(&self, program: &str, words: &str) -> Command {
        let mut command = Command::new(program);
        command.args(words.split_whitespace()).current_dir(self.folder.path());
        command
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, words: &str) -> Ran {
        self.command(words).output().unwrap().into()
    }

    /// Runs the command, which must exit with 0.
    pub fn succeed(&self, words: &str) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "{words}\n{}", ran.err);
        ran
    }

    /// Starts the command without waiting for it.
    pub fn start(&self, words: &str) -> Child {
        self.command(words).spawn().unwrap()
    }

    /// The output of a command with `--json`.
    pub fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.succeed(words).out).unwrap()
    }

    /// The ids of the runs that have a folder, sorted.
    pub fn run_ids(&self) -> Vec<String> {
        self.run_ids_in("results")
    }

    pub fn run_ids_in(&self, results: &str) -> Vec<String> {
        let folder = self.path(&format!("{results}/runs"));
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut ids: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        ids.sort();
        ids
    }

    /// The one run whose id contains `part`.
    pub fn run_id(&self, part: &str) -> String {
        let ids: Vec<String> = self.run_ids().into_iter().filter(|id| id.contains(part)).collect();
        assert_eq!(ids.len(), 1, "{part}: {ids:?}");
        ids.into_iter().next().unwrap()
    }

    pub fn manifest(&self, id: &str) -> Value {
        serde_json::from_str(&self.read(&format!("results/runs/{id}/manifest.json"))).unwrap()
    }

    /// Changes a run's manifest and seals it again.
    pub fn forge(&self, id: &str, change: impl FnOnce(&mut Value)) {
        let mut manifest = self.manifest(id);
        manifest.as_object_mut().unwrap().remove("seal");
        change(&mut manifest);
        let sealed = zerolab_metrics::to_json_with_checksum(&manifest).unwrap();
        self.write(&format!("results/runs/{id}/manifest.json"), &sealed);
    }

    /// A run's records without times and memory.
    pub fn records(&self, id: &str) -> Vec<Value> {
        self.records_in("results", id)
    }

    pub fn records_in(&self, results: &str, id: &str) -> Vec<Value> {
        let text = self.read(&format!("{results}/runs/{id}/records.jsonl"));
        let record = |line| {
            let mut record = serde_json::from_str(line).unwrap_or_else(|_| panic!("{id}: {line}"));
            forget_clock(&mut record);
            record
        };
        text.lines().map(record).collect()
    }

    /// The records of all runs, by id.
    pub fn all_records(&self) -> Vec<(String, Vec<Value>)> {
        self.run_ids().into_iter().map(|id| (id.clone(), self.records(&id))).collect()
    }

    /// The complete checkpoints of a run, oldest first.
    pub fn checkpoints(&self, id: &str) -> Vec<PathBuf> {
        let folder = self.path(&format!("results/runs/{id}/checkpoint"));
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_whole = |path: &PathBuf| !path.file_name().unwrap().to_string_lossy().contains('.');
        let mut paths: Vec<PathBuf> = paths.filter(is_whole).collect();
        paths.sort();
        paths
    }

    /// Waits until the manifest of the run whose id contains `part` says `running` and its configuration is written, which
    /// comes after it. Returns the id.
    pub fn wait_until_running(&self, part: &str) -> String {
        let running = || {
            let id = self.run_ids().into_iter().find(|id| id.contains(part))?;
            // There is none for a moment while a run begins.
            let text = fs::read_to_string(self.path(&format!("results/runs/{id}/manifest.json")));
            let manifest: Value = serde_json::from_str(&text.ok()?).ok()?;
            let has_begun = self.path(&format!("results/runs/{id}/run.toml")).exists();
            (manifest["state"] == "running" && has_begun).then_some(id)
        };
        wait_for(part, running)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Copies all that is in a folder.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// Removes times and memory, which differ between two runs of one configuration.
fn forget_clock(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.ends_with("_seconds") && !name.ends_with("_bytes"));
            members.values_mut().for_each(forget_clock);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_clock),
        _ => {}
    }
}
