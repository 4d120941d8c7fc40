//! The process of one worker: started, asked to end, ended, and what its end means.

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use zerolab_metrics::FailureKind;

use crate::run::threads;

/// A worker process and the row of the plan that it trains.
pub struct Worker {
    row: usize,
    child: Child,
    /// How many processes had been ended for want of memory when this one began.
    out_of_memory_before: Option<u64>,
}

/// What a worker is to do.
pub struct Task<'a> {
    /// The folder of results.
    pub results: &'a Path,
    /// The list of runs.
    pub rows: &'a Path,
    /// Which of them.
    pub row: usize,
    /// Whether to begin it anew.
    pub fresh: bool,
    /// How many threads it uses, unless the environment says otherwise.
    pub threads: usize,
    /// What asked for it.
    pub command: &'a str,
}

impl Worker {
    /// Starts this same program on one row of the list of runs. It is in a process group of its own, so
    /// that Ctrl-C reaches the runner alone, which ends its workers in order.
    ///
    /// # Errors
    /// If the system starts no process.
    pub fn start(task: &Task<'_>) -> io::Result<Self> {
        let Task { results, rows, row, fresh, threads, command: asked_by } = *task;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").arg("--manifest").arg(rows).args(["--row", &row.to_string()]);
        command.arg("--results").arg(results).args(fresh.then_some("--fresh"));
        command.args(["--asked-by", asked_by]);
        threads::compute_with(&mut command, threads);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let out_of_memory_before = out_of_memory_kills();
        Ok(Self { row, child: command.spawn()?, out_of_memory_before })
    }

    /// The row of the plan.
    pub fn row(&self) -> usize {
        self.row
    }

    /// Its number on this machine.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// What an ended worker said before it had a log to say it to: why it could not claim its run.
    pub fn words_before_claim(&mut self) -> Option<String> {
        let mut words = String::new();
        self.child.stderr.take()?.read_to_string(&mut words).ok()?;
        let words = words.trim();
        let words = words.strip_prefix("error: ").unwrap_or(words);
        (!words.is_empty()).then(|| words.to_owned())
    }

    /// Sends SIGUSR1: the run is to save itself and stop. One that has ended meanwhile needs none.
    pub fn ask_to_save(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::USR1);
        }
    }

    /// Sends SIGKILL and waits for the end.
    ///
    /// # Errors
    /// If the system does not let us.
    pub fn end(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

/// How a process failed that ended with `status` and left no word of its own, as far as its end tells.
pub fn failure(worker: &Worker, status: ExitStatus) -> (FailureKind, String) {
    let Some(signal) = status.signal() else {
        let code =
            status.code().map_or("an unknown code".to_owned(), |code| format!("code {code}"));
        return (FailureKind::Crash, format!("ended with {code} before its training did"));
    };
    let name = signal_hook::low_level::signal_name(signal).unwrap_or("unknown");
    let by_signal = format!("killed by signal {signal} ({name})");
    match name {
        "SIGKILL" if out_of_memory_kills() > worker.out_of_memory_before => {
            (FailureKind::OutOfMemory, format!("out of memory: {by_signal} by the system"))
        }
        "SIGKILL" => {
            (FailureKind::Killed, format!("{by_signal}; the system does so when memory runs out"))
        }
        "SIGTERM" | "SIGINT" => (FailureKind::Killed, by_signal),
        "SIGABRT" => {
            (FailureKind::Crash, format!("{by_signal}; the program gave up, its log may say why"))
        }
        _ => (FailureKind::Crash, by_signal),
    }
}

/// How many processes of our control group the system has ended for want of memory; `None` where it does not tell.
fn out_of_memory_kills() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    // A line is `number:controllers:/path`; of version 2 there is one, without controllers.
    groups.lines().find_map(|line| {
        let (controllers, group) = line.split_once(':')?.1.split_once(":/")?;
        let file = match controllers {
            "" => Path::new("/sys/fs/cgroup").join(group).join("memory.events"),
            "memory" => Path::new("/sys/fs/cgroup/memory").join(group).join("memory.oom_control"),
            _ => return None,
        };
        let events = fs::read_to_string(file).ok()?;
        events.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
    })
}
