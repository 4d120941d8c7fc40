//! A fresh folder with a spec in it, the command run there, and what came of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Four runs that take no time: two agents, two seeds.
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

/// A folder of its own, gone when the test ends.
pub struct Lab {
    folder: TempDir,
}

/// How a command ended.
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

    pub fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command with these words, in this folder.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zerolab-under-test"));
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

    /// Runs the command and insists that all is well.
    pub fn succeed(&self, words: &str) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "{words}\n{}", ran.err);
        ran
    }

    /// Starts the command without waiting for it.
    pub fn start(&self, words: &str) -> Child {
        self.command(words).spawn().unwrap()
    }

    /// What a command with `--json` prints.
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

    /// Changes a run's manifest.
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

    /// The checkpoints of a run, oldest first.
    pub fn checkpoints(&self, id: &str) -> Vec<PathBuf> {
        let folder = self.path(&format!("results/runs/{id}/checkpoint"));
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_whole = |path: &PathBuf| !path.file_name().unwrap().to_string_lossy().contains('.');
        let mut paths: Vec<PathBuf> = paths.filter(is_whole).collect();
        paths.sort();
        paths
    }

    /// Waits until a run says that it is running.
    pub fn wait_until_running(&self, part: &str) -> String {
        let running = || {
            let id = self.run_ids().into_iter().find(|id| id.contains(part))?;
            let manifest = self.path(&format!("results/runs/{id}/manifest.json"));
            (manifest.exists() && self.manifest(&id)["state"] == "running").then_some(id)
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

/// Removes everything that may differ between two runs of one configuration.
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

/// Asks again and again until there is an answer.
pub fn wait_for<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited too long for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal, as `TERM`.
pub fn signal(name: &str, process_id: u64) {
    let status = Command::new("kill").args([format!("-{name}"), process_id.to_string()]).status();
    assert!(status.unwrap().success(), "kill -{name} {process_id}");
}

/// Whether a process exists; one that only waits to be counted does not.
pub fn lives(process_id: u64) -> bool {
    let state = fs::read_to_string(Path::new("/proc").join(process_id.to_string()).join("status"));
    state.is_ok_and(|state| !state.contains("State:\tZ"))
}
