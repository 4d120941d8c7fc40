//! What Slurm refuses, and where there is none.

use super::site::{Site, scripted};
use crate::harness::Lab;

#[test]
fn what_sbatch_refuses_names_the_line_of_the_script() {
    let Some(site) = Site::open(&scripted("refused", 2, 40), &[]) else { return };
    let cases = [
        ("partition=nope", "invalid partition specified: nope", "--partition=nope"),
        ("mem=900G", "Memory specification can not be satisfied", "--mem=900G"),
        ("gres=gpu:9", "Requested node configuration is not available", "--gres=gpu:9"),
        ("constraint=none", "Invalid feature specification", "--constraint=none"),
        ("time=soon", "Invalid --time specification", "--time=soon"),
        ("extra=--nonsense=3", "unrecognized option '--nonsense=3'", "--nonsense=3"),
    ];
    for (setting, said, line) in cases {
        let ran = site.run(&format!("run spec.toml --launcher slurm --slurm {setting}"));
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains("2 runs: 2 not submitted"), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
        let last = ran.err.lines().last().unwrap();
        assert!(last.ends_with(&format!(": #SBATCH {line}")), "{}", ran.err);
    }
    assert_eq!(site.queued(), 0);
    assert_eq!(site.counts(), [("pending".to_owned(), 2)].into());
}

#[test]
fn no_more_tasks_are_submitted_than_the_site_takes() {
    let options = [("MaxJobCount", "6"), ("MaxArraySize", "6")];
    let Some(site) = Site::open(&scripted("many", 5, 40), &options) else { return };
    let ran = site.run("run spec.toml --launcher slurm");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("5 runs: 4 submitted, 1 not submitted"), "{}", ran.err);
    assert!(ran.err.contains("tasks that were not submitted: 1"), "{}", ran.err);
    site.wait_for("done", 4);
}

#[test]
fn a_controller_that_does_not_answer_is_no_failure() {
    let spec = scripted("silent", 2, 40) + "[launcher.slurm]\nextra = \"--hold\"\n";
    let Some(mut site) = Site::open(&spec, &[("MessageTimeout", "2")]) else { return };
    site.submit();
    assert_eq!(site.counts(), [("queued".to_owned(), 2)].into());
    site.cluster.stop_controller();
    let states = site.states();
    for (state, reason) in states.values() {
        assert_eq!(state, "unknown", "{reason}");
        assert!(reason.contains("whether job 1_"), "{reason}");
    }
    let ran = site.run("run spec.toml --launcher slurm");
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("nothing is submitted, because it is unknown"), "{}", ran.err);
    site.cluster.start_controller();
    assert_eq!(site.counts(), [("queued".to_owned(), 2)].into());
}

#[test]
fn without_slurm_one_line_says_so() {
    let lab = Lab::new(&scripted("nowhere", 2, 100));
    for words in ["run spec.toml --launcher slurm", "run spec.toml --launcher slurm --dry-run"] {
        let output = lab.command(words).env("PATH", lab.path("")).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            said,
            "error: Slurm is not installed on this machine (there is no `sbatch`): use `--launcher slurm` where jobs \
             are submitted\n"
        );
        assert!(!lab.path("results").exists(), "nothing is written");
    }
}

#[test]
fn wrong_settings_are_refused() {
    let Some(site) = Site::open(&scripted("settings", 1, 40), &[]) else { return };
    site.lab.write("wrong.toml", "[launcher.slurm]\ncpus_per_task = 0\n");
    site.lab.write("right.toml", "[launcher.slurm]\ntime = \"5\"\nmem = \"100\"\n");
    let cases = [
        ("--slurm partitoin=gpu", "unknown field `partitoin`"),
        ("--slurm partition", "must be KEY=VALUE"),
        ("--slurm jobs_per_task=0", "`jobs_per_task`: must be at least 1"),
        ("--slurm extra=--array=3", "`--array` is set by zerolab"),
        ("--slurm extra=--mem=3", "`--mem` has a key of its own"),
        ("--slurm extra=--arr=3", "`--array` is set by zerolab"),
        ("--slurm extra=-a3", "must be long options of sbatch"),
        (
            "--launcher-file wrong.toml",
            "wrong.toml: `launcher.slurm.cpus_per_task`: must be at least 1",
        ),
        ("--launcher-file none.toml", "none.toml: No such file"),
        ("--jobs 2", "--jobs and --follow are of this machine"),
    ];
    for (words, said) in cases {
        let ran = site.run(&format!("run spec.toml --launcher slurm {words}"));
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.err);
        assert!(ran.err.contains(said), "{words}: {}", ran.err);
    }
    let local = site.run("run spec.toml --slurm partition=gpu");
    assert_eq!(local.code, Some(2), "{}", local.err);
    // The command line is over the file.
    let words =
        "run spec.toml --launcher slurm --dry-run --launcher-file right.toml --slurm time=04:00:00";
    let script = site.succeed(words).out;
    assert!(script.contains("--time=04:00:00\n") && script.contains("--mem=100\n"), "{script}");
    let spec = scripted("settings", 1, 40) + "[launcher.slurm]\ntime = 5\n";
    site.lab.write("spec.toml", &spec);
    let ran = site.run("plan spec.toml");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("spec.toml:15"), "{}", ran.err);
}
