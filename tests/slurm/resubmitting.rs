//! The launching process ends, and another one goes on.

use std::fs;

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
