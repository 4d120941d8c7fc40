//! What is trained, the report and the exit code do not depend on whether anybody reads the output.

use std::fs::OpenOptions;
use std::process::Child;

use crate::harness::{Lab, SLOW, SMALL, signal, wait_for};

/// Starts a command whose readers end at once.
fn unread(lab: &Lab, words: &str) -> Child {
    let mut started = lab.start(words);
    drop((started.stdout.take(), started.stderr.take()));
    started
}

#[test]
fn a_run_finishes_and_is_reported() {
    let lab = Lab::new(SMALL);
    assert_eq!(unread(&lab, "run spec.toml").wait().unwrap().code(), Some(0));
    assert!(lab.path("results/small/report.html").exists());
    for id in lab.run_ids() {
        assert_eq!(lab.manifest(&id)["state"], "done");
    }
}

#[test]
fn a_failure_exits_with_1() {
    let lab =
        Lab::new(&SMALL.replace(
            "[agents.scripted]",
            "[agents.scripted]\nfail = { kind = \"error\", at = 50 }",
        ));
    assert_eq!(unread(&lab, "run spec.toml").wait().unwrap().code(), Some(1));
    assert!(lab.path("results/small/report.html").exists());
}

/// As in `zerolab run … 2>&1 | tee log` when a scheduler ends the whole job.
#[test]
fn an_interrupted_run_is_saved_and_exits_with_75() {
    let lab = Lab::new(&format!("{SLOW}\n[checkpoint]\nevery = 20\n"));
    let mut runner = unread(&lab, "run spec.toml --jobs 1 --seeds 1");
    let id = lab.wait_until_running("scripted");
    wait_for("a checkpoint", || (!lab.checkpoints(&id).is_empty()).then_some(()));
    signal("TERM", runner.id().into());
    assert_eq!(runner.wait().unwrap().code(), Some(75));
    assert_eq!(lab.manifest(&id)["state"], "saved");
}

#[test]
fn a_full_disk_of_the_log_changes_nothing() {
    let lab = Lab::new(SMALL);
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (words, code) in [("run spec.toml", 0), ("report spec.toml", 0), ("plan spec.toml", 1)] {
        let status = lab.command(words).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{words}");
    }
    assert!(lab.path("results/small/report.html").exists());
}
