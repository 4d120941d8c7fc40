//! What a failing environment of a user's own does to its run and to others.

use crate::harness::Lab;

use super::lab::{children, lab};

/// The spec with one seed that works and one setting that does not.
fn one_fails(how: &str) -> Lab {
    let arguments = format!("[{{ how = \"\" }}, {{ how = \"{how}\" }}]");
    let sweep = format!("[agents.random]\n[sweep]\n\"environment.arguments\" = {arguments}\n");
    let lab = lab("entry = \"worlds:Broken\"\nstep_timeout = 4.0", &sweep);
    lab.write("spec.toml", &lab.read("spec.toml").replace("retries = 1000", "retries = 0"));
    lab
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn the_failure_of_one_run_has_its_traceback_and_stops_no_other() {
    for (how, expected) in [
        ("raises in step", "KeyError: 'treasure'"),
        ("hangs", "it gave no answer within 4 s"),
        ("is killed", "it was killed (signal 9)"),
        ("has no legal action", "action_mask\"] is [0, 0]"),
    ] {
        let lab = one_fails(how);
        let ran = lab.run("run spec.toml");
        assert_eq!(ran.code, Some(1), "{how}: {}", ran.err);
        assert!(ran.err.contains("1 finished now, 1 failed"), "{how}: {}", ran.err);
        let states: Vec<_> = lab.run_ids().iter().map(|id| lab.manifest(id)).collect();
        let failed = states.iter().find(|manifest| manifest["state"] == "failed").unwrap();
        let reason = failed["exit_reason"].as_str().unwrap();
        assert!(
            reason.contains(expected) && reason.contains("at step 2 of an episode"),
            "{reason}"
        );
        assert_eq!(children(&lab), [0; 0], "{how}: no process is left");
    }
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn what_the_environment_prints_is_in_the_log_of_the_run() {
    let lab =
        lab("entry = \"worlds:Broken\"\narguments = { how = \"prints\" }", "[agents.random]\n");
    lab.succeed("run spec.toml");
    let id = lab.run_id("random");
    let log = lab.read(&format!("results/runs/{id}/log.txt"));
    assert!(log.contains("hello from the environment") && log.contains("and from C"), "{log}");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_wrong_entry_is_an_error_of_the_spec() {
    let lab = lab("entry = \"worlds:Wolk\"", "[agents.random]\n");
    let ran = lab.run("run spec.toml");
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("module 'worlds' has no attribute 'Wolk'"), "{}", ran.err);
    assert!(ran.err.contains("spec.toml:"), "{}", ran.err);
}
