//! The launching process ends, and another one goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::site::{Site, TIMEOUT, scripted};

#[test]
fn jobs_outlive_the_process_that_submitted_them() {
    let spec = scripted("outliving", 3, 1000);
    let Some(site) = Site::open(&spec, &[]) else { return };
    let mut waiting = site.start("run spec.toml --launcher slurm --detach=false");
    site.wait_for("running", 3);
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    // Another process submits nothing twice.
    let again = site.submit().err;
    assert!(again.contains("3 runs: 3 running"), "{again}");
    assert!(site.queued() <= 4, "three tasks and the report");
    // One that waits sees the end.
    let waited = site.succeed("run spec.toml --launcher slurm --detach=false");
    assert!(waited.err.contains("3 runs: 3 finished, 0 failed, 0 left"), "{}", waited.err);
    assert!(site.lab.path("results/outliving/report.html").exists());
}

#[test]
fn what_is_queued_is_not_submitted_twice() {
    let spec = scripted("twice", 4, 40) + "[launcher.slurm]\nextra = \"--hold\"\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    let first = site.succeed("run spec.toml --launcher slurm --seeds 2").err;
    assert!(first.contains("2 runs: 2 submitted"), "{first}");
    let more = site.submit().err;
    assert!(more.contains("4 runs: 2 queued before, 2 submitted"), "{more}");
    let none = site.submit().err;
    assert!(none.contains("4 runs: 4 queued before"), "{none}");
    // Its process died after it had submitted the job, and before it had noted its id.
    let list = site.lab.path("results/twice/slurm/jobs.jsonl");
    let text = fs::read_to_string(&list).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("\"submitted\"")).collect();
    fs::write(&list, kept.join("\n")).unwrap();
    let found = site.submit().err;
    assert!(found.contains("4 runs: 4 queued before"), "{found}");
    for task in ["1", "3"] {
        site.cluster.output("scontrol", &["release", task]);
    }
    site.wait_for("done", 4);
    site.succeed("cancel spec.toml");
    site.cluster.wait_idle(TIMEOUT);
}

#[test]
fn jobs_that_are_lost_from_the_list_are_not_submitted_twice() {
    let spec = scripted("lost", 2, 40) + "[launcher.slurm]\nextra = \"--hold\"\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    let list = site.lab.path("results/lost/slurm/jobs.jsonl");
    let text = fs::read_to_string(&list).unwrap();
    let remove = || fs::remove_file(&list).unwrap();
    let said = "the queue has jobs of this experiment that results/lost/slurm/jobs.jsonl does not list: 1 2; \
        restore the file, or cancel them with `scancel 1 2`";
    let is_refused = || {
        for words in ["run spec.toml --launcher slurm", "cancel spec.toml"] {
            let ran = site.run(words);
            assert_eq!(ran.code, Some(1), "{}", ran.err);
            assert!(ran.err.ends_with(&format!("error: {said}\n")), "{}", ran.err);
        }
        for end in site.states().into_values() {
            assert_eq!(end, ("unknown".to_owned(), said.to_owned()));
        }
    };
    fs::write(&list, "").unwrap();
    is_refused();
    remove();
    is_refused();
    assert_eq!(site.queued(), 3, "two tasks and the report");
    fs::write(&list, text).unwrap();
    assert_eq!(site.counts(), [("queued".to_owned(), 2)].into());
    remove();
    site.cluster.output("scancel", &["1", "2"]);
    site.cluster.wait_idle(TIMEOUT);
    assert!(site.submit().err.contains("2 runs: 2 submitted"));
    site.succeed("cancel spec.toml");
    site.cluster.wait_idle(TIMEOUT);
}

#[test]
fn a_fresh_start_keeps_finished_runs_until_they_train_again() {
    let spec = scripted("fresh", 2, 40);
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    site.wait_for("done", 2);
    site.cluster.wait_idle(TIMEOUT);
    let first = site.lab.all_records();
    let refused = site.run("run spec.toml --launcher slurm --fresh --slurm partition=nope");
    assert_eq!(refused.code, Some(1));
    assert_eq!(site.counts(), [("done".to_owned(), 2)].into());
    let started = |id: &String| site.lab.manifest(id)["started_unix_seconds"].as_u64();
    let before: Vec<_> = site.lab.run_ids().iter().map(started).collect();
    let fresh = site.succeed("run spec.toml --launcher slurm --fresh").err;
    assert!(fresh.contains("2 runs: 2 submitted"), "{fresh}");
    site.cluster.wait_idle(TIMEOUT);
    let after: Vec<_> = site.lab.run_ids().iter().map(started).collect();
    assert!(before.iter().zip(&after).all(|(before, after)| before < after));
    assert_eq!(site.lab.all_records(), first);
}

#[test]
fn the_report_is_that_of_the_spec_as_it_was_submitted() {
    let Some(site) = Site::open(&scripted("edited", 2, 400), &[]) else { return };
    site.submit();
    site.lab.write("spec.toml", "");
    // A plan in use is nothing to clean.
    site.succeed("clean --remove");
    site.cluster.wait_idle(TIMEOUT);
    let page = site.lab.read("results/edited/report.html");
    assert!(page.contains("zerolab run spec.toml"), "the command of the user");
    let table = site.lab.read("results/edited/tables/runs.csv");
    assert_eq!(table.lines().filter(|line| line.contains(",done,")).count(), 2, "{table}");
}

#[test]
fn a_process_that_is_killed_while_it_submits_loses_no_job() {
    let spec = scripted("killed", 3, 40) + "[launcher.slurm]\nextra = \"--hold\"\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    // A slow `sbatch`, which goes on when the process that called it is gone.
    let sbatch = site.cluster.output("bash", &["-c", "command -v sbatch"]);
    let slow = site.lab.path("sbatch");
    fs::write(&slow, format!("#!/bin/sh\ntouch called\nsleep 3\nexec {sbatch} \"$@\"\n")).unwrap();
    fs::set_permissions(&slow, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = site.command("run spec.toml --launcher slurm");
    command.env("PATH", format!("{}:{path}", site.lab.path("").display()));
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // It first asks for the version of Slurm, and then submits.
    let is_written = || site.lab.path("results/killed/slurm/jobs.jsonl").exists();
    site.cluster.wait_until("a job that is written down", TIMEOUT, is_written);
    process.kill().unwrap();
    process.wait().unwrap();
    let found = site.submit().err;
    assert!(found.contains("3 runs: 3 queued before"), "{found}");
    assert_eq!(site.queued(), 4, "three tasks and the report");
    site.succeed("cancel spec.toml");
    site.cluster.wait_idle(TIMEOUT);
}
