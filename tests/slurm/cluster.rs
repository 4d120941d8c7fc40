//! A private Slurm on this machine: `munged`, `slurmctld` and `slurmd` in a temporary folder, for one test.
//!
//! It needs no root, no systemd, no cgroups and no database, and listens on 127.0.0.1 only. The node claims
//! four CPUs, 4,000 MB and two GPUs, whatever the machine has. Several clusters can run at the same time.

mod configuration;
mod job_processes;

use std::env;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use configuration::Configuration;

/// How often a condition is checked.
const POLL: Duration = Duration::from_millis(100);

/// How long a daemon may take to start or to stop. It takes less than a second, except on a busy machine.
const DAEMON_TIMEOUT: Duration = Duration::from_secs(30);

/// The lines of each log that [`Cluster::show_log`] prints.
const SHOWN_LINES: usize = 40;

/// A running cluster. When it is dropped, its daemons, its jobs and its folder are removed.
///
/// Keep it in a local variable: Rust never drops a static.
pub struct Cluster {
    munged: Option<Child>,
    controller: Option<Child>,
    node: Option<Child>,
    configuration: Configuration,
    /// Removed when this is dropped, after the daemons have ended.
    folder: TempDir,
}

impl Cluster {
    /// Starts a cluster and waits until its node is idle. Without Slurm it prints why the test is skipped and
    /// returns nothing.
    ///
    /// `options` are lines of `slurm.conf`, as `("MaxArraySize", "5")`. They replace a line of the same name,
    /// or are added.
    pub fn start(options: &[(&str, &str)]) -> Option<Self> {
        let needed = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol"];
        if needed.iter().any(|name| find_program(name).is_none()) {
            println!("skipped: Slurm is not installed (Debian: slurm-wlm and munge)");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder for the cluster");
        let configuration = Configuration::write(folder.path(), options);
        let mut cluster =
            Self { munged: None, controller: None, node: None, configuration, folder };
        cluster.start_munged();
        cluster.start_controller();
        cluster.start_node();
        Some(cluster)
    }

    /// The path of `slurm.conf`, as the variable `SLURM_CONF` needs it.
    pub fn conf(&self) -> &Path {
        &self.configuration.path
    }

    /// A command in the environment of this cluster: one of Slurm, or any program that calls Slurm.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        let found = program.to_str().and_then(find_program);
        let mut command = Command::new(found.as_deref().unwrap_or(program));
        for name in env::vars_os().filter_map(|(name, _)| name.into_string().ok()) {
            // Slurm's programs read their options from such variables, and set them inside of jobs.
            if ["SLURM", "SBATCH_", "SRUN_", "SQUEUE_", "SINFO_", "SCANCEL_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            {
                command.env_remove(name);
            }
        }
        command.env("SLURM_CONF", self.conf()).stdin(Stdio::null());
        command
    }

    /// What a command prints, without spaces at the end. The command must succeed.
    pub fn output(&self, program: &str, args: &[&str]) -> String {
        let ran = self.command(program).args(args).output();
        let ran = ran.unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
        let err = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{program} {}: {}\n{err}", args.join(" "), ran.status);
        String::from_utf8_lossy(&ran.stdout).trim_end().to_owned()
    }

    /// A field of `scontrol show job`, as `JobState`, of a job or a task (`7_0`). Nothing if the job is
    /// unknown.
    pub fn job_field(&self, job: &str, field: &str) -> Option<String> {
        let mut command = self.command("scontrol");
        let ran = command.args(["show", "job", job, "--oneliner"]).output().ok()?;
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let mut words = text.lines().next()?.split_whitespace();
        words.find_map(|word| Some(word.strip_prefix(field)?.strip_prefix('=')?.to_owned()))
    }

    /// Waits until a condition holds. It fails the test after `timeout`.
    pub fn wait_until(&self, what: &str, timeout: Duration, mut holds: impl FnMut() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < timeout, "waited {timeout:?} for this in vain: {what}");
            thread::sleep(POLL);
        }
    }

    /// Waits until no job waits, runs or ends.
    pub fn wait_idle(&self, timeout: Duration) {
        let is_empty = || self.output("squeue", &["--noheader"]).is_empty();
        self.wait_until("an empty queue", timeout, is_empty);
    }

    /// Stops the controller, which saves its state. Jobs continue, but every command of Slurm fails.
    pub fn stop_controller(&mut self) {
        if let Some(mut controller) = self.controller.take() {
            job_processes::signal("TERM", controller.id());
            self.wait_until("the end of slurmctld", DAEMON_TIMEOUT, || {
                controller.try_wait().expect("slurmctld is a child of this process").is_some()
            });
        }
    }

    /// Starts the controller, with the state that it saved.
    pub fn start_controller(&mut self) {
        self.controller = Some(self.start_daemon("slurmctld", &["-D"]));
        let address = ("127.0.0.1", self.configuration.controller_port);
        self.wait_for_start("slurmctld", || TcpStream::connect(address).is_ok());
    }

    /// Kills the node's daemons and marks the node as down. Slurm then requeues its jobs, or ends them as
    /// `NODE_FAIL`.
    ///
    /// The processes of the jobs continue, as they do when only the network of a node fails.
    pub fn kill_node(&mut self) {
        if let Some(mut node) = self.node.take() {
            let _ = node.kill();
            let _ = node.wait();
        }
        job_processes::kill_step_daemons(self.conf());
        let node = format!("nodename={}", self.configuration.host);
        self.output("scontrol", &["update", &node, "state=down", "reason=killed"]);
    }

    /// Starts the node's daemon, and waits until the controller may give jobs to the node.
    pub fn start_node(&mut self) {
        self.node = Some(self.start_daemon("slurmd", &["-D"]));
        self.wait_for_start("slurmd", || {
            let state = self.command("sinfo").args(["-h", "-o", "%T"]).output();
            let state = state.map(|ran| String::from_utf8_lossy(&ran.stdout).trim().to_owned());
            state.is_ok_and(|state| ["idle", "mixed", "allocated"].contains(&state.as_str()))
        });
    }

    /// Prints the queue and the ends of the logs. It happens by itself when a test fails.
    pub fn show_log(&self) {
        println!("{}", self.logs());
    }

    fn start_munged(&mut self) {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let args = [
            "--foreground".to_owned(),
            // Permits a folder that other users cannot enter.
            "--force".to_owned(),
            format!("--socket={}", self.configuration.munge_socket.display()),
            format!("--key-file={}", self.configuration.munge_key.display()),
            format!("--pid-file={}", path("munged.pid")),
            format!("--log-file={}", path("munged.log")),
            format!("--seed-file={}", path("munged.seed")),
        ];
        self.munged = Some(self.start_daemon("munged", &args.each_ref().map(String::as_str)));
        self.wait_for_start("munged", || self.configuration.munge_socket.exists());
    }

    /// A daemon as a child of this process. It has the variable `SLURM_CONF`, by which it is found when it is
    /// to end.
    fn start_daemon(&self, program: &str, args: &[&str]) -> Child {
        let mut command = self.command(program);
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap_or_else(|error| panic!("cannot start {program}: {error}"))
    }

    fn wait_for_start(&self, daemon: &str, is_up: impl FnMut() -> bool) {
        self.wait_until(&format!("the start of {daemon}"), DAEMON_TIMEOUT, is_up);
    }

    fn logs(&self) -> String {
        let mut text = String::new();
        if self.controller.is_some() {
            let queue = self.command("squeue").args(["--array"]).output();
            let queue = queue.map(|ran| String::from_utf8_lossy(&ran.stdout).into_owned());
            text = format!("--- squeue\n{}", queue.unwrap_or_default());
        }
        for name in ["munged.log", "slurmctld.log", "slurmd.log"] {
            let log = fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
            text += &format!("--- {name}\n{}\n", shown.join("\n"));
        }
        text
    }
}

impl Drop for Cluster {
    /// Kills every process of the cluster, without TERM first: no daemon needs to save its state.
    fn drop(&mut self) {
        if thread::panicking() {
            self.show_log();
        }
        job_processes::kill_all(&self.configuration.path);
        for daemon in [&mut self.controller, &mut self.node, &mut self.munged].into_iter().flatten()
        {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// The path of a program. The folders of daemons are not in every user's `PATH`.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    let paths = env::split_paths(&path).chain(system).map(|folder| folder.join(name));
    paths.into_iter().find(|path| path.is_file())
}
