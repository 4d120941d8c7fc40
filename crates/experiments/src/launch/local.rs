//! Workers as processes on this machine.

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use zerolab_metrics::{FailureKind, Manifest};

use crate::launch::launcher::{Launcher, Task, Worker, WorkerEnd};
use crate::run::interrupt::with_held_signals;
use crate::run::process;
use crate::run::threads::{set_worker_variables, threads_per_run};

/// Starts workers as processes on this machine.
#[derive(Clone, Copy, Debug)]
pub struct LocalLauncher {
    /// The number of runs that train at the same time and share the cores.
    pub jobs: usize,
}

/// The process of a worker.
#[derive(Debug)]
pub struct LocalWorker {
    child: Child,
    /// The number of processes killed for lack of memory before this one started.
    out_of_memory_before: Option<u64>,
}

impl Launcher for LocalLauncher {
    type Worker = LocalWorker;

    /// Starts this program as a worker. It has a process group of its own, so that Ctrl-C reaches only the
    /// runner, which then stops its workers in order.
    fn start(&self, task: &Task<'_>) -> io::Result<LocalWorker> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").arg("--manifest").arg(task.run_list);
        command.args(["--row", &task.row.to_string()]);
        command.arg("--results").arg(task.results).args(task.fresh.then_some("--fresh"));
        command.args(["--asked-by", task.command, "--for-runner"]);
        set_worker_variables(&mut command, threads_per_run(task.run.device, self.jobs));
        // The worker ends when its standard input does, which is when this process ends.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let out_of_memory_before = out_of_memory_kills();
        let child = with_held_signals(|| command.spawn())?;
        Ok(LocalWorker { child, out_of_memory_before })
    }
}

impl Worker for LocalWorker {
    fn wrote(&self, manifest: &Manifest) -> bool {
        manifest.process_id == self.child.id() && manifest.process_namespace == process::namespace()
    }

    /// Sends SIGUSR1.
    fn ask_to_save(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::USR1);
        }
    }

    fn poll(&mut self) -> io::Result<Option<WorkerEnd>> {
        Ok(self.child.try_wait()?.map(|status| self.end(status)))
    }

    /// Sends SIGKILL.
    fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    fn startup_error(&mut self) -> Option<String> {
        let mut text = String::new();
        self.child.stderr.take()?.read_to_string(&mut text).ok()?;
        let text = text.trim();
        let text = text.strip_prefix("error: ").unwrap_or(text);
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl LocalWorker {
    /// How the process ended, as far as its exit status tells.
    fn end(&self, status: ExitStatus) -> WorkerEnd {
        let failed = |kind, reason| WorkerEnd { succeeded: status.success(), kind, reason };
        let Some(signal) = status.signal() else {
            let code =
                status.code().map_or("an unknown code".to_owned(), |code| format!("code {code}"));
            let reason = format!("ended with {code} before its training did");
            return failed(FailureKind::Crash, reason);
        };
        let name = signal_hook::low_level::signal_name(signal).unwrap_or("unknown");
        let by_signal = format!("killed by signal {signal} ({name})");
        match name {
            "SIGKILL" if out_of_memory_kills() > self.out_of_memory_before => failed(
                FailureKind::OutOfMemory,
                format!("out of memory: {by_signal} by the system"),
            ),
            "SIGKILL" => failed(
                FailureKind::Killed,
                format!("{by_signal}; the system does so when memory runs out"),
            ),
            "SIGTERM" | "SIGINT" => failed(FailureKind::Killed, by_signal),
            "SIGABRT" => failed(
                FailureKind::Crash,
                format!("{by_signal}; the program aborted, its log may say why"),
            ),
            _ => failed(FailureKind::Crash, by_signal),
        }
    }
}

/// The number of processes in our control group that the system killed for lack of memory; `None` if unknown.
fn out_of_memory_kills() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    // A line is `number:controllers:/path`. Version 2 has one line, without controllers.
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
