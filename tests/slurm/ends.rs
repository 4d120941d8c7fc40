//! Runs and tasks that end badly.

use std::thread;
use std::time::Duration;

use super::site::{Site, TIMEOUT, scripted};

#[test]
fn failures_are_told_apart_and_follow_the_policy() {
    let spec = scripted("failing", 1, 200)
        + "fail.at = 100\n[sweep]\n\"agents.scripted.fail.kind\" = [\"none\", \"error\", \"abort\", \"memory\"]\n\
           [launcher.slurm]\nmem = \"200\"\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    site.cluster.wait_idle(TIMEOUT);
    let states = site.states();
    let is = |kind: &str, state: &str, reason: &str| {
        let (found, why) = &states[&format!("s0 kind={kind}")];
        assert_eq!(found, state, "{kind}: {why}");
        assert!(why.contains(reason), "{kind}: {why}");
    };
    is("none", "done", "");
    is("error", "failed", "scripted error at real step 104 (twice");
    is("abort", "failed", "SIGABRT");
    // It was tried twice, and is not tried for ever.
    is("memory", "failed", "out of memory: killed by the scheduler (twice");
    // The exit codes of the scripts are those of the workers.
    let codes = [0, 1, 1, 1].map(|code| code.to_string());
    for (task, code) in codes.iter().enumerate() {
        let written = site.lab.read(&format!("results/failing/slurm/1_{task}.exit"));
        assert_eq!(written.trim(), code, "task {task}");
        let known = site.cluster.job_field(&format!("1_{task}"), "ExitCode");
        assert_eq!(known.as_deref(), Some(&*format!("{code}:0")), "task {task}");
    }
    // What failed for good is not submitted again, unless that is asked for.
    let again = site.run("run spec.toml --launcher slurm");
    assert_eq!(again.code, Some(1), "{}", again.err);
    assert!(again.err.contains("4 runs: 1 finished before, 3 failed"), "{}", again.err);
    let fresh = site.succeed("run spec.toml --launcher slurm --only s0 --fresh");
    assert!(fresh.err.contains("4 runs: 4 submitted"), "{}", fresh.err);
}

#[test]
fn the_first_failure_stops_the_others_if_the_spec_says_so() {
    let spec = scripted("strict", 6, 20_000).replace("seeds = 6", "seeds = 6\nfail_fast = true")
        + "fail.kind = \"error\"\n[sweep]\n\"agents.scripted.fail.at\" = [100, 100_000]\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    site.cluster.wait_idle(TIMEOUT);
    let counts = site.counts();
    assert!(counts["failed"] >= 1 && !counts.contains_key("done"), "{counts:?}");
}

#[test]
fn runs_on_a_machine_that_died_go_on_elsewhere() {
    let Some(mut site) = Site::open(&scripted("node", 2, 4000), &[]) else { return };
    site.submit();
    site.wait_for("running", 2);
    // Slurm queues the tasks again, though their processes live on, as if only the network had failed.
    site.cluster.kill_node();
    site.cluster.start_node();
    site.wait_for("done", 2);
    site.cluster.wait_idle(TIMEOUT);
    let restarts = site.cluster.job_field("1_0", "Restarts");
    assert_eq!(restarts.as_deref(), Some("1"));
    for id in site.lab.run_ids() {
        assert_eq!(site.lab.manifest(&id)["attempt"], 1, "no run was trained twice");
    }
}

#[test]
fn a_task_that_was_killed_at_its_time_limit_says_so() {
    // The signal before the limit reaches the training alone, which has not started.
    let slurm = "[launcher.slurm]\ntime = \"1\"\nsetup = \"sleep 1000\"\n";
    let Some(site) = Site::open(&(scripted("limit", 1, 40) + slurm), &[]) else { return };
    site.submit();
    site.cluster.wait_until("the end of the job", TIMEOUT, || {
        site.cluster.job_field("1_0", "JobState").as_deref() == Some("TIMEOUT")
    });
    let end = ("pending".to_owned(), "job 1_0 was killed at its time limit".to_owned());
    assert_eq!(site.states(), [("s0".to_owned(), end)].into());
    site.cluster.output("scancel", &["2"]);
}

#[test]
fn a_task_is_queued_again_only_as_often_as_it_may() {
    // The options that a setup sets do not end the script when a run is saved.
    let slurm = "[launcher.slurm]\nrestarts = 1\nsetup = \"set -euo pipefail\"\n";
    let spec = scripted("capped", 1, 100_000) + slurm;
    let Some(site) = Site::open(&spec, &[]) else { return };
    // The restarts of a job that submits are not those of the task.
    let mut command = site.command("run spec.toml --launcher slurm");
    assert!(command.env("SLURM_RESTART_COUNT", "7").output().unwrap().status.success());
    for _ in 0..2 {
        site.wait_for("running", 1);
        site.cluster.output("scancel", &["--signal=TERM", "1_0"]);
        site.cluster.wait_until("a saved run", TIMEOUT, || !site.counts().contains_key("running"));
    }
    site.cluster.wait_idle(TIMEOUT);
    let reason = "job 1_0 ended before its runs, and was not queued again".to_owned();
    assert_eq!(site.states(), [("s0".to_owned(), ("saved".to_owned(), reason))].into());
    // The same command submits what is left.
    assert!(site.submit().err.contains("1 run: 1 submitted"));
    site.succeed("cancel spec.toml");
    site.cluster.wait_idle(TIMEOUT);
}

#[test]
fn a_task_that_an_operator_queues_again_goes_on() {
    let Some(site) = Site::open(&scripted("operated", 1, 2000), &[]) else { return };
    site.submit();
    for restarts in ["0", "1", "2"] {
        site.cluster.wait_until("a task", TIMEOUT, || {
            site.cluster.job_field("1_0", "JobState").as_deref() == Some("RUNNING")
                && site.cluster.job_field("1_0", "Restarts").as_deref() == Some(restarts)
        });
        site.wait_for("running", 1);
        if restarts != "2" {
            site.cluster.output("scontrol", &["requeue", "1_0"]);
        }
    }
    site.wait_for("done", 1);
    site.cluster.wait_idle(TIMEOUT);
    site.lab.succeed("run spec.toml --results here");
    let id = site.lab.run_id("scripted");
    assert_eq!(site.lab.records(&id), site.lab.records_in("here", &id));
}

#[test]
fn a_run_that_does_not_answer_fails_and_is_retried_as_often_as_the_spec_says() {
    let spec = scripted("hanging", 1, 400) + "fail.kind = \"hang\"\nfail.at = 100\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    for restarts in ["0", "1"] {
        site.cluster.wait_until("a task", TIMEOUT, || {
            site.cluster.job_field("1_0", "JobState").as_deref() == Some("RUNNING")
                && site.cluster.job_field("1_0", "Restarts").as_deref() == Some(restarts)
        });
        site.wait_for("running", 1);
        // Until then it would answer.
        thread::sleep(Duration::from_secs(5));
        site.cluster.output("scancel", &["--signal=TERM", "1_0"]);
        site.cluster.wait_until("its end", TIMEOUT, || !site.counts().contains_key("running"));
    }
    site.cluster.wait_idle(TIMEOUT);
    let (state, reason) = site.states().remove("s0").unwrap();
    assert_eq!(state, "failed");
    assert!(reason.starts_with("it did not save itself within 25 s"), "{reason}");
    assert!(site.lab.path("results/hanging/report.html").exists());
}

#[test]
fn a_setup_that_fails_trains_nothing() {
    let spec = scripted("setup", 1, 40) + "[launcher.slurm]\nsetup = [\"true\", \"(exit 3)\"]\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    site.cluster.wait_idle(TIMEOUT);
    let (state, reason) = site.states().remove("s0").unwrap();
    assert_eq!(state, "pending");
    let log = "results/setup/slurm/1_0.log";
    assert_eq!(reason, format!("job 1_0 ended with code 3; its log is {log}"));
}
