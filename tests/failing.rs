//! A run that fails, in whatever way, is marked with the reason and stops no other run.

use std::process::Command;

use crate::harness::{Lab, SLOW, SMALL, signal};

/// A small experiment with one more agent, which fails in the given way after 50 real steps.
fn with_failure(kind: &str) -> Lab {
    Lab::new(&format!(
        "{SMALL}\n[agents.broken]\npreset = \"scripted\"\nfail = {{ kind = \"{kind}\", at = 50 }}\n"
    ))
}

/// Runs it and checks that the two broken runs failed with `reason`, which is shown, and that the others finished.
fn fails_with(kind: &str, reason: &str) -> Lab {
    let lab = with_failure(kind);
    let ran = lab.run("run spec.toml --jobs 2");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("6 runs: 0 finished before, 4 finished now, 2 failed"), "{}", ran.err);
    for id in lab.run_ids() {
        let manifest = lab.manifest(&id);
        if id.contains("broken") {
            assert_eq!(manifest["state"], "failed", "{id}");
            let reason_given = manifest["exit_reason"].as_str().unwrap();
            assert!(reason_given.contains(reason), "{reason_given}");
            assert!(
                ran.err.contains(&format!("{id} failed: {reason_given} (twice, ")),
                "{}",
                ran.err
            );
            assert!(ran.err.contains(&format!("retried  {id}: {reason_given}")), "{}", ran.err);
            assert!(ran.err.contains(&format!("log: results/runs/{id}/log.txt")), "{}", ran.err);
        } else {
            assert_eq!(manifest["state"], "done", "{id}");
        }
    }
    assert!(lab.path("results/small/report.html").exists());
    lab
}

#[test]
fn an_error_is_reported_in_its_own_words() {
    let lab = fails_with("error", "agent `scripted`: scripted error at real step 5");
    let id = lab.run_id("broken-s0");
    assert!(
        lab.read(&format!("results/runs/{id}/log.txt")).contains("scripted error at real step")
    );
    let status = lab.json("status spec.toml --json");
    let broken = status.as_array().unwrap().iter().find(|run| run["id"] == id.as_str()).unwrap();
    assert_eq!(broken["state"], "failed");
    assert!(broken["reason"].as_str().unwrap().contains("scripted error"));
}

#[test]
fn a_panic_is_reported_with_its_place() {
    let lab = fails_with("panic", "panicked at crates/agents/src/scripted.rs:");
    let log = lab.read(&format!("results/runs/{}/log.txt", lab.run_id("broken-s0")));
    assert!(log.contains("scripted panic at real step"), "{log}");
}

#[test]
fn an_abort_is_reported_with_its_signal() {
    fails_with("abort", "killed by signal 6 (SIGABRT)");
}

#[test]
fn what_failed_at_the_same_point_twice_is_not_tried_a_third_time() {
    let lab = fails_with("error", "scripted error");
    let again = lab.run("run spec.toml");
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("4 finished before, 0 finished now, 2 failed"), "{}", again.err);
    assert!(again.err.contains("(twice, after real step 48: --fresh"), "{}", again.err);
    assert!(!again.err.contains("started"), "{}", again.err);
    let id = lab.run_id("broken-s0");
    assert_eq!(lab.manifest(&id)["failures"].as_array().unwrap().len(), 2);

    let fresh = lab.run("run spec.toml --only broken --seeds 1 --fresh");
    assert_eq!(fresh.err.matches("started").count(), 2, "{}", fresh.err);
}

#[test]
fn without_retries_a_run_is_tried_once_by_each_command() {
    let spec = SMALL.replace("seeds = 2", "seeds = 1\nretries = 0");
    let lab = Lab::new(&format!(
        "{spec}\n[agents.broken]\npreset = \"scripted\"\nfail = {{ kind = \"error\", at = 50 }}\n"
    ));
    for _ in 0..2 {
        let ran = lab.run("run spec.toml --only broken");
        assert_eq!(ran.err.matches("started").count(), 1, "{}", ran.err);
    }
    assert!(!lab.run("run spec.toml --only broken").err.contains("started"));
}

#[test]
fn with_fail_fast_the_first_failure_stops_the_others() {
    let spec = SLOW.replace("seeds = 2", "seeds = 1\nretries = 0\nfail_fast = true");
    let broken = "[agents.broken]\npreset = \"scripted\"\nfail = { kind = \"error\", at = 50 }\n";
    let lab = Lab::new(&format!("{spec}\n{broken}"));
    let ran = lab.run("run spec.toml --jobs 2");
    assert_eq!(ran.code, Some(1));
    let status = lab.json("status spec.toml --json");
    let states: Vec<&str> =
        status.as_array().unwrap().iter().map(|run| run["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["saved", "failed"]);
}

#[test]
fn a_run_that_asks_for_too_much_memory_fails_alone() {
    let lab = with_failure("memory");
    let run = lab.command("run spec.toml --jobs 1");
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -v 2000000; exec \"$@\"", "sh"])
        .arg(run.get_program())
        .args(run.get_args());
    // Each thread reserves address space, most of which it never uses. So there is one thread of each kind.
    limited.envs([
        ("POLARS_MAX_THREADS", "1"),
        ("RAYON_NUM_THREADS", "1"),
        ("MALLOC_ARENA_MAX", "1"),
    ]);
    let output = limited.current_dir(lab.path("")).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("4 finished now, 2 failed"), "{err}");
    let reason = lab.manifest(&lab.run_id("broken-s0"))["exit_reason"].clone();
    assert!(reason.as_str().unwrap().contains("out of memory"), "{reason}");
}

#[test]
fn a_killed_run_is_reported_with_its_signal() {
    let lab = Lab::new(&SLOW.replace("seeds = 2", "seeds = 2\nretries = 0"));
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    signal("KILL", lab.manifest(&id)["process_id"].as_u64().unwrap());
    let output = runner.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("killed by signal 9 (SIGKILL)"), "{err}");
    assert_eq!(lab.manifest(&id)["state"], "failed");
}
