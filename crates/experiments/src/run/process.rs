//! Whether a process of a manifest exists.
//!
//! A process id means something only in its namespace, and only until the machine restarts. Containers and
//! machines can have equal host names, so a host name does not tell.

use std::fs;

/// The boot of this machine and the namespace of process ids of this process; empty if the system does not
/// tell.
pub fn namespace() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let namespace = fs::read_link("/proc/self/ns/pid");
    match (boot, namespace) {
        (Ok(boot), Ok(namespace)) => format!("{} {}", boot.trim(), namespace.display()),
        _ => String::new(),
    }
}

/// Whether a process does not exist any more. False if its id counts in another namespace or it is unknown in
/// which one.
pub fn is_gone(process_id: u32, process_namespace: &str) -> bool {
    !process_namespace.is_empty() && process_namespace == namespace() && !lives(process_id)
}

fn lives(process_id: u32) -> bool {
    let number = i32::try_from(process_id).ok().and_then(rustix::process::Pid::from_raw);
    // Any error but "no such process" means that the process exists.
    let exists = number
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH));
    exists && !is_zombie(process_id)
}

/// Whether the process has ended but its parent has not waited for it. Its id still exists then.
fn is_zombie(process_id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat"));
    stat.is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|state| state.starts_with('Z')))
}
