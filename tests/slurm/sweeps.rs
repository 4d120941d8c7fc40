//! Sweeps that go well.

use std::thread;
use std::time::Duration;

use super::site::{Site, TIMEOUT, scripted};

#[test]
fn a_sweep_becomes_an_array_and_then_a_report() {
    let spec = scripted("sweep", 20, 200) + "[launcher.slurm]\nat_once = 4\nmem = \"200\"\n";
    let node = format!("{} NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 Gres=gpu:2", host());
    let Some(site) = Site::open(&spec, &[("NodeName", &node)]) else { return };
    let scripts = site.succeed("run spec.toml --launcher slurm --dry-run").out;
    assert!(scripts.contains("#SBATCH --array=0-19%4\n"), "{scripts}");
    assert_eq!(site.queued(), 0, "a dry run submits nothing");
    let submitted = site.submit();
    assert!(submitted.err.contains("20 runs: 20 submitted"), "{}", submitted.err);
    let mut most = 0;
    site.cluster.wait_until("an empty queue", TIMEOUT, || {
        most = most.max(site.running());
        site.queued() == 0
    });
    assert!((2..=4).contains(&most), "{most} tasks at the same time");
    assert_eq!(site.counts(), [("done".to_owned(), 20)].into());
    assert!(site.lab.path("results/sweep/report.html").exists());
    let kept = site.lab.read("results/sweep/slurm/sweep-1.sh");
    assert!(scripts.contains(&kept), "the scripts are those of the dry run");
    let again = site.submit();
    assert!(again.err.contains("20 runs: 20 finished before"), "{}", again.err);
    assert_eq!(site.queued(), 0);
}

#[test]
fn runs_share_tasks_and_are_all_saved_when_one_is_preempted() {
    let spec = scripted("pack", 10, 2000) + "[launcher.slurm]\njobs_per_task = 4\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    let submitted = site.submit();
    assert!(submitted.err.contains("job 1: 3 tasks"), "{}", submitted.err);
    let is_saved = |row: usize| {
        let log = site.lab.path(&format!("results/pack/slurm/1_{row}.log"));
        let log = std::fs::read_to_string(log).unwrap_or_default();
        log.lines().filter(|line| line.starts_with("saved")).count() == 4
    };
    site.wait_for("running", 10);
    // As a scheduler does that needs the machine: TERM to all processes of the step.
    site.cluster.output("scancel", &["--signal=TERM", "1_0"]);
    site.cluster.wait_until("four saved runs", TIMEOUT, || is_saved(0));
    site.wait_for("done", 10);
    site.cluster.wait_idle(TIMEOUT);
    assert_eq!(site.cluster.job_field("1_0", "Restarts").as_deref(), Some("1"));
    assert_eq!(site.cluster.job_field("1_1", "Restarts").as_deref(), Some("0"));
    // The same runs on this machine have the same records.
    let here = site.lab.succeed("run spec.toml --results here --seeds 2");
    assert!(here.err.contains("2 runs: 0 finished before, 2 finished now"), "{}", here.err);
    for id in site.lab.run_ids_in("here") {
        assert_eq!(site.lab.records(&id), site.lab.records_in("here", &id));
        let job = site.lab.manifest(&id)["provenance"]["job"].clone();
        assert_eq!(job, "1_0", "the manifest names the job");
    }
}

#[test]
fn arrays_are_split_at_the_limit_of_the_site() {
    let spec = scripted("split", 12, 40);
    let Some(site) = Site::open(&spec, &[("MaxArraySize", "5")]) else { return };
    let submitted = site.submit().err;
    for job in ["job 1: 5 tasks", "job 2: 5 tasks", "job 3: 2 tasks", "job 4: the report"] {
        assert!(submitted.contains(job), "{submitted}");
    }
    site.cluster.wait_idle(TIMEOUT);
    assert_eq!(site.counts(), [("done".to_owned(), 12)].into());
    assert!(site.lab.path("results/split/report.html").exists());
}

#[test]
fn a_run_that_is_longer_than_the_time_limit_equals_an_undisturbed_one() {
    // Slurm looks at time limits every half a minute. Two minutes before a limit of one minute are at its first look.
    let spec = "[experiment]\nname = \"long\"\n[environment]\nname = \"catch\"\n\
        [budget]\nreal_steps = 20_000\n[evaluation]\nevery = 5_000\nepisodes = 5\n\
        [agents.efficientzero]\n[launcher.slurm]\ntime = \"1\"\nmem = \"3000\"\n";
    let Some(site) = Site::open(spec, &[]) else { return };
    site.submit();
    let here = site.start("run spec.toml --results here");
    let restarts = || site.cluster.job_field("1_0", "Restarts").and_then(|it| it.parse().ok());
    let is_over = || site.counts().get("done") == Some(&1);
    site.cluster.wait_until("the end of a long run", 3 * TIMEOUT, || {
        thread::sleep(Duration::from_secs(1));
        is_over()
    });
    let restarts: u32 = restarts().unwrap();
    assert!(restarts >= 2, "queued again {restarts} times");
    assert!(here.wait_with_output().unwrap().status.success());
    let id = site.lab.run_id("efficientzero");
    assert_eq!(site.lab.manifest(&id)["provenance"]["job_restarts"], restarts);
    assert_eq!(site.lab.records(&id), site.lab.records_in("here", &id));
}

#[test]
fn examinations_are_played_before_the_report() {
    let spec = scripted("examined", 2, 40)
        + "[examination.again]\nepisodes = 3\nmeasure = [\"play\"]\n[records]\nweights = \"last\"\n";
    let spec = spec.replace("[agents.scripted]\ndelay_milliseconds = 20", "[agents.dqn]");
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    site.cluster.wait_idle(TIMEOUT);
    let runs = site.succeed("status spec.toml --json").out;
    let runs: Vec<serde_json::Value> = serde_json::from_str(&runs).unwrap();
    assert!(runs.iter().all(|run| run["examined"] == 1), "{runs:?}");
}

/// The first part of the machine's name.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().split('.').next().unwrap_or_default().to_owned()
}
