//! A folder with a spec, and a cluster that the commands in it use.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::cluster::Cluster;
use crate::harness::{Lab, PROGRAM, Ran};

/// Long enough for a busy machine.
pub const TIMEOUT: Duration = Duration::from_secs(300);

/// A spec of scripted runs without its sweep and its settings of Slurm.
pub fn scripted(name: &str, seeds: usize, real_steps: usize) -> String {
    format!(
        "[experiment]\nname = \"{name}\"\nseeds = {seeds}\n[environment]\nname = \"catch\"\n\
         [budget]\nreal_steps = {real_steps}\nlanes = 4\n[evaluation]\nevery = 100\nepisodes = 2\n\
         [agents.scripted]\ndelay_milliseconds = 20\n"
    )
}

/// See above.
pub struct Site {
    pub cluster: Cluster,
    pub lab: Lab,
}

impl Site {
    /// A folder with `spec.toml` and a cluster with these lines in its configuration; nothing without Slurm.
    pub fn open(spec: &str, options: &[(&str, &str)]) -> Option<Self> {
        let cluster = Cluster::start(options)?;
        Some(Self { cluster, lab: Lab::new(spec) })
    }

    /// The program with these arguments.
    pub fn command(&self, words: &str) -> Command {
        let mut command = self.cluster.command(PROGRAM);
        command.args(words.split_whitespace()).current_dir(self.lab.path("")).env("NO_COLOR", "1");
        command
    }

    /// Runs the program with these arguments.
    pub fn run(&self, words: &str) -> Ran {
        self.command(words).output().unwrap().into()
    }

    /// Starts the program without waiting for it.
    pub fn start(&self, words: &str) -> Child {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs the program, which must succeed.
    pub fn succeed(&self, words: &str) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "{words}\n{}", ran.err);
        ran
    }

    /// Submits the runs of the spec.
    pub fn submit(&self) -> Ran {
        self.succeed("run spec.toml --launcher slurm")
    }

    /// The state and the reason of each run, by what makes it different: its id up to its last `-`, with its settings.
    pub fn states(&self) -> BTreeMap<String, (String, String)> {
        let runs = self.succeed("status spec.toml --json").out;
        let runs: Vec<serde_json::Value> = serde_json::from_str(&runs).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let state = |run: &serde_json::Value| {
            let name = format!("s{} {}", run["seed"], text(&run["settings"]));
            (name.trim().to_owned(), (text(&run["state"]), text(&run["reason"])))
        };
        runs.iter().map(state).collect()
    }

    /// How many runs are in each state.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (state, _) in self.states().into_values() {
            *counts.entry(state).or_default() += 1;
        }
        counts
    }

    /// Waits until as many runs are in a state.
    pub fn wait_for(&self, state: &str, runs: usize) {
        let what = format!("{runs} runs {state}");
        self.cluster.wait_until(&what, TIMEOUT, || self.counts().get(state) == Some(&runs));
    }

    /// How many tasks and jobs are in the queue.
    pub fn queued(&self) -> usize {
        self.cluster.output("squeue", &["-h", "-r", "-o", "%i"]).lines().count()
    }

    /// How many tasks and jobs run.
    pub fn running(&self) -> usize {
        self.cluster.output("squeue", &["-h", "-r", "-t", "running", "-o", "%i"]).lines().count()
    }
}
