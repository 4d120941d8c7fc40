//! Containers share a folder of results. They can have one host name and the same process ids.

use std::fs::File;
use std::process::{Child, Command, Stdio};

use crate::harness::{Lab, SLOW, stop, wait_for};

/// One run of three seconds.
fn lab() -> Lab {
    Lab::new(
        &SLOW.replace("seeds = 2", "seeds = 1").replace("real_steps = 200", "real_steps = 400"),
    )
}

/// Waits for both runners, which must succeed. The run must have so many attempts and undisturbed records.
fn both_succeed(runners: [Child; 2], lab: &Lab, id: &str, attempts: u64) {
    for runner in runners {
        let output = runner.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{err}");
    }
    assert_eq!(lab.manifest(id)["attempt"], attempts);
    let undisturbed = self::lab();
    undisturbed.succeed("run spec.toml");
    assert_eq!(lab.records(id), undisturbed.records(id));
}

/// The command in a namespace of its own for process ids. `before` starts some processes first, so that the ids of two
/// such commands differ.
fn in_container(lab: &Lab, before: &str) -> Command {
    let run = lab.command("run spec.toml");
    let mut command = Command::new("unshare");
    command
        .args(["-r", "--pid", "--fork", "--mount-proc", "bash", "-c"])
        .arg(format!("{before} \"$@\"; exit"))
        .arg("bash")
        .arg(run.get_program())
        .args(run.get_args())
        .current_dir(lab.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

#[test]
fn a_run_of_another_container_is_waited_for() {
    let probe = ["-r", "--pid", "--fork", "--mount-proc", "true"];
    if !Command::new("unshare").args(probe).output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine does not allow namespaces of process ids");
        return;
    }
    let lab = lab();
    let first = in_container(&lab, "").spawn().unwrap();
    let id = lab.wait_until_running("scripted");
    let second = in_container(&lab, "(:);(:);(:);(:);").spawn().unwrap();
    both_succeed([first, second], &lab, &id, 1);
}

/// A process that was suspended for a minute has lost its run. It writes nothing more, also not what it was about to
/// write when it was suspended.
#[test]
fn a_suspended_process_whose_run_was_taken_over_writes_nothing() {
    let lab = lab();
    let first = lab.start("run spec.toml");
    let id = lab.wait_until_running("scripted");
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    // A process that is suspended while it writes keeps the folder locked, and its run is waited for.
    let lock = lab.path(&format!("results/runs/{id}/.lock"));
    let lock = wait_for("the first write under the lock", || File::open(&lock).ok());
    let between_writes = || {
        let suspended = stop(worker);
        lock.try_lock().ok()?;
        lock.unlock().unwrap();
        Some(suspended)
    };
    let suspended = wait_for("a moment between two writes", between_writes);
    // As if it were on another machine and its last heartbeat long ago.
    lab.forge(&id, |manifest| {
        manifest["heartbeat_unix_seconds"] =
            (manifest["heartbeat_unix_seconds"].as_u64().unwrap() - 61).into();
    });
    let second = lab.start("run spec.toml");
    let attempt = || (lab.manifest(&id)["attempt"] == 2).then_some(());
    wait_for("the second attempt", attempt);
    drop(suspended);
    both_succeed([first, second], &lab, &id, 2);
    let log = lab.read(&format!("results/runs/{id}/log.txt"));
    assert!(!log.contains("took over"), "{log}");
    lab.succeed("report spec.toml");
    assert!(lab.read("results/slow/tables/runs.csv").contains("done"));
}
