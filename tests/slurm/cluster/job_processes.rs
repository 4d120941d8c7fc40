//! The processes of one cluster. Each has the cluster's `SLURM_CONF` in its environment, or an ancestor that
//! has it.
//!
//! A process that clears its environment and outlives its ancestors is not found.

use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::Duration;

/// How often all processes are searched for. A process that starts during one search is found by the next.
const SEARCHES: usize = 50;

/// Sends a signal, as `TERM`. The process may have ended meanwhile.
pub fn signal(name: &str, process_id: u32) {
    let mut command = Command::new("kill");
    let _ =
        command.args([format!("-{name}"), process_id.to_string()]).stderr(Stdio::null()).status();
}

/// Kills the daemons and all processes of the jobs.
pub fn kill_all(conf: &Path) {
    for _ in 0..SEARCHES {
        let found = processes_of(conf);
        if found.is_empty() {
            return;
        }
        found.into_iter().for_each(|id| signal("KILL", id));
        thread::sleep(Duration::from_millis(20));
    }
}

/// Kills the daemon of each running step, but not the processes of the jobs.
pub fn kill_step_daemons(conf: &Path) {
    let is_step_daemon = |id: &u32| {
        let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        name.trim() == "slurmstepd"
    };
    processes_of(conf).into_iter().filter(is_step_daemon).for_each(|id| signal("KILL", id));
}

/// The ids of the cluster's processes, without zombies and without this process.
fn processes_of(conf: &Path) -> Vec<u32> {
    let mut variable = b"SLURM_CONF=".to_vec();
    variable.extend(conf.as_os_str().as_bytes());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: HashMap<u32, u32> = ids.filter_map(|id| Some((id, live_parent(id)?))).collect();
    let has_variable = |id: u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|setting| setting == variable)
    };
    let own: Vec<u32> = parents.keys().copied().filter(|&id| has_variable(id)).collect();
    let belongs = |&id: &u32| {
        let mut ancestors = std::iter::successors(Some(id), |id| parents.get(id).copied());
        ancestors.any(|ancestor| own.contains(&ancestor))
    };
    parents.keys().copied().filter(belongs).filter(|&id| id != process::id()).collect()
}

/// The parent of a process, unless the process is a zombie.
fn live_parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets and may contain spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    (fields.next()? != "Z").then(|| fields.next()?.parse().ok())?
}
