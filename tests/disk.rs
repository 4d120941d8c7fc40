//! Full disks, changed files and missing folders: each gives an error that names the file, never a wrong number.

use std::fs;
use std::process::{Command, Output};

use crate::harness::{Lab, SLOW, SMALL, stop, wait_for};

/// Runs a command whose files can have at most so many blocks of 512 bytes. Writes then fail as on a full disk.
fn with_short_files(lab: &Lab, words: &str, blocks: u32) -> Output {
    let run = lab.command(words);
    Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"])
        .arg(run.get_program())
        .args(run.get_args())
        .current_dir(lab.path(""))
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_fails_the_run_which_continues_when_there_is_room() {
    let spec = SLOW.replace("real_steps = 200", "real_steps = 4_000");
    let spec = spec.replace("delay_milliseconds = 30", "");
    let lab = Lab::new(&format!("{spec}\n[checkpoint]\nevery = 500\n"));
    let output = with_short_files(&lab, "run spec.toml --seeds 1", 40);
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("records.jsonl: File too large"), "{err}");
    let id = lab.run_id("scripted-s0");
    assert_eq!(lab.manifest(&id)["state"], "failed");
    // No line is cut off: a line that does not fit is left out.
    assert!(lab.read(&format!("results/runs/{id}/records.jsonl")).ends_with('\n'));

    // A full disk is not the run's failure: the run is tried again and continues from its checkpoint.
    let undisturbed = Lab::new(&spec);
    undisturbed.succeed("run spec.toml --seeds 1");
    lab.succeed("run spec.toml --seeds 1");
    assert_eq!(lab.records(&id), undisturbed.records(&id));
    assert!(lab.manifest(&id)["resumed_from"].as_u64() > Some(0));
}

#[test]
fn a_removed_folder_ends_its_run_and_no_other() {
    let lab = Lab::new(SLOW);
    let runner = lab.start("run spec.toml --jobs 2");
    let id = lab.wait_until_running("s0");
    // A worker that writes a file meanwhile would make the removal fail.
    let stopped = stop(lab.manifest(&id)["process_id"].as_u64().unwrap());
    fs::remove_dir_all(lab.path(&format!("results/runs/{id}"))).unwrap();
    drop(stopped);
    let output = runner.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains(&format!("failed   {id}: ")), "{err}");
    assert!(err.contains("1 finished now, 1 failed"), "{err}");
    lab.succeed("run spec.toml");
}

#[test]
fn a_changed_byte_in_a_finished_run_is_named_and_its_numbers_are_not_used() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random");
    let id = lab.run_id("random-s0");
    let path = format!("results/runs/{id}/records.jsonl");
    let changed = lab.read(&path).replacen("\"real_steps\":", "\"real_steps\":1", 1);
    lab.write(&path, &changed);
    let table = "results/small/tables/runs.csv";
    lab.succeed("report spec.toml");
    let row =
        |id: &str| lab.read(table).lines().find(|row| row.starts_with(id)).unwrap().to_owned();
    assert!(row(&id).contains("unreadable"), "{}", row(&id));
    assert!(row(&id).contains("records.jsonl was changed or cut short"), "{}", row(&id));

    // All commands agree, and `run` trains it again.
    let state = |words: &str| {
        let found = lab.json(words);
        let runs = found.as_array().or_else(|| found["runs"].as_array()).unwrap().clone();
        runs.iter().find(|run| run["id"] == id.as_str()).unwrap()["state"].clone()
    };
    assert_eq!(state("status spec.toml --json"), "unreadable");
    assert_eq!(state("plan spec.toml --json"), "unreadable");
    let ran = lab.succeed("run spec.toml --only random");
    assert!(ran.err.contains(&format!("lost     {id}: ")), "{}", ran.err);
    assert!(ran.err.contains("1 finished before, 1 finished now, 0 failed"), "{}", ran.err);
    assert_eq!(state("status spec.toml --json"), "done");
    assert!(row(&id).contains("done"), "{}", row(&id));
}

#[test]
fn a_changed_byte_in_a_manifest_is_named() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random-s0");
    let path = format!("results/runs/{id}/manifest.json");
    lab.write(&path, &lab.read(&path).replacen("\"seed\": 0", "\"seed\": 1", 1));
    let status = lab.json("status spec.toml --only random --seeds 1 --json");
    assert_eq!(status[0]["state"], "unreadable");
    let ran = lab.run("run spec.toml --only random --seeds 1");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("manifest.json: it was changed or cut short"), "{}", ran.err);
    lab.succeed("run spec.toml --only random --seeds 1 --fresh");
}

/// A file system of so many bytes as the folder of results, where one may be mounted.
fn small_file_system(lab: &Lab, bytes: u32) -> Option<SmallFileSystem> {
    let path = lab.path("results");
    fs::create_dir(&path).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "zerolab-test"]).arg(&path);
    let made = mount.output().is_ok_and(|output| output.status.success());
    made.then_some(SmallFileSystem(path))
}

struct SmallFileSystem(std::path::PathBuf);

impl Drop for SmallFileSystem {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
#[ignore = "mounts a file system: run as root with --ignored"]
fn a_file_system_that_turns_read_only_is_named() {
    let lab = Lab::new(SLOW);
    let mounted = small_file_system(&lab, 1 << 22).expect("this test must be run as root");
    let runner = lab.start("run spec.toml --seeds 1");
    lab.wait_until_running("scripted");
    let mode = |mode: &str| {
        let remounted = Command::new("mount").args(["-o", mode]).arg(&mounted.0).output().unwrap();
        remounted.status.success()
    };
    // The open log keeps the file system busy, so it is forced.
    wait_for("read-only", || (mode("remount,ro") || mode("remount,ro,force")).then_some(()));
    let output = runner.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("Read-only file system"), "{err}");
    assert!(mode("remount,rw"));
    lab.succeed("run spec.toml --seeds 1");
}

/// Checkpoints that do not fit are tried when they are due, and said once: each line would take more space.
#[test]
#[ignore = "mounts a file system: run as root with --ignored"]
fn checkpoints_that_do_not_fit_are_said_once_with_their_file() {
    let spec = r#"
[experiment]
name = "slow"
retries = 0
[environment]
name = "minatar/breakout"
[budget]
real_steps = 6000
lanes = 1
[evaluation]
every = 6000
episodes = 1
[checkpoint]
every = 1000
[agents.dqn]
update_ratio = 0.0625
"#;
    let lab = Lab::new(spec);
    let _mounted = small_file_system(&lab, 420_000).expect("this test must be run as root");
    let ran = lab.run("run spec.toml");
    let id = lab.run_id("dqn");
    let log = lab.read(&format!("results/runs/{id}/log.txt"));
    let lines = log.lines().filter(|line| line.starts_with("no checkpoint")).count();
    assert_eq!(lines, 1, "{log}");
    assert!(log.contains("/checkpoint/") && log.contains("No space left on device"), "{log}");
    assert!(!log.contains("network operation"), "{log}");
    if ran.code != Some(0) {
        let failures = lab.manifest(&id)["failures"].clone();
        assert_eq!(failures[0]["kind"], "machine", "{failures}");
    }
}

#[test]
#[ignore = "mounts a file system: run as root with --ignored"]
fn a_file_system_that_fills_up_is_named_and_no_line_is_torn() {
    // Room for a report.
    const SIZE: u32 = 8 << 20;
    let spec = SLOW.replace("real_steps = 200", "real_steps = 2_000").replace("= 30", "= 1");
    let lab = Lab::new(&format!("{spec}\n[checkpoint]\nevery = 100\n"));
    let _mounted = small_file_system(&lab, SIZE).expect("this test must be run as root");
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    wait_for("a checkpoint", || (!lab.checkpoints(&id).is_empty()).then_some(()));
    // This fills the rest of the file system.
    let _ = fs::write(lab.path("results/ballast"), vec![1; SIZE as usize]);
    let output = runner.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("No space left on device"), "{err}");
    fs::remove_file(lab.path("results/ballast")).unwrap();
    let status = lab.json("status spec.toml --seeds 1 --json");
    assert_ne!(status[0]["state"], "done");
    lab.succeed("run spec.toml --seeds 1");

    let undisturbed = Lab::new(&spec);
    undisturbed.succeed("run spec.toml --seeds 1");
    assert_eq!(lab.records(&id), undisturbed.records(&id));
}
