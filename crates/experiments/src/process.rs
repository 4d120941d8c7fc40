//! The process of one worker: started, asked to end, ended, and what its end means.

use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::threads;

/// A worker process and the row of the plan that it trains.
pub struct Worker {
    row: usize,
    child: Child,
}

impl Worker {
    /// Starts this same program on one row of the list of runs. It is in a process group of its own, so
    /// that Ctrl-C reaches the runner alone, which ends its workers in order. It uses so
    /// many threads, unless the environment says otherwise.
    ///
    /// # Errors
    /// If the system starts no process.
    pub fn start(
        results: &Path,
        rows: &Path,
        row: usize,
        fresh: bool,
        threads_of_run: usize,
    ) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").arg("--manifest").arg(rows).args(["--row", &row.to_string()]);
        command.arg("--results").arg(results).args(fresh.then_some("--fresh"));
        threads::compute_with(&mut command, threads_of_run);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        Ok(Self { row, child: command.spawn()? })
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

    /// Sends SIGTERM. One that has ended meanwhile needs none.
    pub fn ask_to_end(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Sends SIGKILL.
    ///
    /// # Errors
    /// If the system does not let us.
    pub fn end(&mut self) -> io::Result<()> {
        self.child.kill()
    }
}

/// What the end of a process means that left no word of its own.
pub fn exit_reason(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        let code =
            status.code().map_or("an unknown code".to_owned(), |code| format!("code {code}"));
        return format!("ended with {code} before its training did");
    };
    let name = signal_hook::low_level::signal_name(signal).unwrap_or("unknown");
    let hint = match name {
        "SIGKILL" => "; the system does so when memory runs out",
        "SIGABRT" => "; the program gave up, its log may say why",
        _ => "",
    };
    format!("killed by signal {signal} ({name}){hint}")
}
