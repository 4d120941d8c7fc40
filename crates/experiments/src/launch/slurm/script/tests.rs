//! The scripts as people read them, and the lines that errors concern.

use super::*;

/// Settings with a value for most keys, in folders whose names need quotes.
fn context(settings: &SlurmSettings) -> JobContext<'_> {
    let folder = Path::new("/home/me/100 %/results");
    JobContext {
        settings,
        program: PathBuf::from("/home/me/bin/zerolab"),
        working_folder: PathBuf::from("/home/me/100 %"),
        results: folder.to_owned(),
        folder: folder.join("pong/slurm"),
        run_list: folder.join("pong/plan-1a2b3c4d.jsonl"),
        command: "zerolab run pong.toml --set 'agents.dqn.label=\"it''s\"'",
        fresh: true,
        on_failure: FailurePolicy { retries: 1, fail_fast: true },
    }
}

fn settings() -> SlurmSettings {
    SlurmSettings {
        partition: Some("gpu".to_owned()),
        time: Some("04:00:00".to_owned()),
        gres: Some("gpu:1".to_owned()),
        cpus_per_task: 8,
        jobs_per_task: 4,
        at_once: Some(10),
        restarts: 20,
        setup: vec!["module load cuda".to_owned(), "ulimit -n 4096".to_owned()],
        extra: vec!["--mail-type=END".to_owned()],
        ..SlurmSettings::default()
    }
}

#[test]
fn the_script_of_an_array() {
    let names = ["pong-1".to_owned(), "pong-2".to_owned()];
    let job = ArrayJob { name: "pong-2", first_row: 4004, tasks: 25, all_names: &names };
    insta::assert_snapshot!(context(&settings()).array(&job));
}

#[test]
fn the_script_of_a_report() {
    let report = "report pong.toml --examine --results results";
    insta::assert_snapshot!(context(&SlurmSettings::default()).report("pong-3", report));
}

#[test]
fn an_error_concerns_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("pong-3.sh");
    fs::write(&script, context(&settings()).report("pong-3", "report")).unwrap();
    let line = |message: &str| line_of(&script, message);
    let gres = line("Batch job submission failed: Requested node configuration is not available");
    assert!(gres.unwrap().ends_with(": #SBATCH --gres=gpu:1"));
    assert!(line("error: invalid partition specified: gpu").unwrap().ends_with("--partition=gpu"));
    assert!(line("Invalid --time specification").unwrap().ends_with("--time=04:00:00"));
    let option = line("unrecognized option '--mail-type=END'").unwrap();
    assert!(option.ends_with("#SBATCH --mail-type=END"), "{option}");
    assert_eq!(line("Unable to contact slurm controller"), None);
}
