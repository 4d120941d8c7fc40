//! Processes as the tests see them: signals, parents, and waiting for a condition.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A test that waits longer than this has failed.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Polls until `answer` gives a value.
pub fn wait_for<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(start.elapsed() < TIMEOUT, "waited too long for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal, as `TERM`.
pub fn signal(name: &str, process_id: u64) {
    let status = Command::new("kill").args([format!("-{name}"), process_id.to_string()]).status();
    assert!(status.unwrap().success(), "kill -{name} {process_id}");
}

/// Kills a process. Returns whether there was one: it may have ended by itself.
pub fn kill(process_id: u64) -> bool {
    let mut command = Command::new("kill");
    command.args(["-KILL", &process_id.to_string()]).stderr(Stdio::null());
    command.status().unwrap().success()
}

/// The worker processes of a runner.
pub fn workers_of(runner: &Child) -> Vec<u64> {
    let children = format!("/proc/{0}/task/{0}/children", runner.id());
    let children = fs::read_to_string(children).unwrap_or_default();
    children.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

/// Whether a process exists. A zombie does not.
pub fn lives(process_id: u64) -> bool {
    status(process_id, "State").is_some_and(|state| !state.starts_with('Z'))
}

/// The parent of a process, if the process exists.
pub fn parent_of(process_id: u64) -> Option<u64> {
    status(process_id, "PPid")?.parse().ok()
}

/// A process that does nothing until this is dropped.
pub struct Stopped(u64);

/// Stops a process, and waits until each of its threads stands still: until then it still receives signals. The system
/// does not tell that everywhere.
pub fn stop(process_id: u64) -> Stopped {
    signal("STOP", process_id);
    let stands_still = || {
        let threads =
            fs::read_dir(format!("/proc/{process_id}/task")).into_iter().flatten().flatten();
        let mut states = threads.filter_map(|thread| {
            field_of(&thread.path().join("status").to_string_lossy(), "State")
        });
        states.all(|state| state.starts_with(['T', 'Z'])).then_some(())
    };
    wait_for("a process that stands still", stands_still);
    Stopped(process_id)
}

impl Drop for Stopped {
    /// Lets it go on. It may have been killed meanwhile.
    fn drop(&mut self) {
        let mut command = Command::new("kill");
        let _ = command.args(["-CONT", &self.0.to_string()]).stderr(Stdio::null()).status();
    }
}

/// Whether a signal with this number was sent to a process and is not delivered yet. A [`Stopped`] process
/// receives none, so this shows which ones it was sent meanwhile.
pub fn is_pending(number: u32, process_id: u64) -> bool {
    let mask = status(process_id, "ShdPnd").and_then(|mask| u64::from_str_radix(&mask, 16).ok());
    mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}

/// A field of `/proc/PROCESS/status`.
fn status(process_id: u64, field: &str) -> Option<String> {
    field_of(&format!("/proc/{process_id}/status"), field)
}

fn field_of(path: &str, field: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.map(|value| value.trim().to_owned())
}
