//! When the runner or a worker is stopped, the files say what happened and the same command continues.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::harness::{Lab, SLOW, SMALL, is_pending, lives, parent_of, signal, stop, wait_for};

/// The number of the signal with which a runner asks a worker to save, on every Linux but MIPS, SPARC and Alpha.
const USR1: u32 = 10;

/// The records that an undisturbed experiment writes.
fn undisturbed(spec: &str) -> Vec<(String, Vec<serde_json::Value>)> {
    let lab = Lab::new(spec);
    lab.succeed("run spec.toml");
    lab.all_records()
}

/// [`SLOW`] with checkpoints, which show that a run has made progress. They change neither ids nor records.
fn with_checkpoints() -> Lab {
    Lab::new(&format!("{SLOW}\n[checkpoint]\nevery = 20\n"))
}

/// Waits until a run of [`with_checkpoints`] is in the middle of its training.
fn wait_for_progress(lab: &Lab, part: &str) -> String {
    let id = lab.wait_until_running(part);
    wait_for("a checkpoint", || (!lab.checkpoints(&id).is_empty()).then_some(()));
    id
}

fn stopped_by(name: &str) {
    let lab = with_checkpoints();
    let runner = lab.start("run spec.toml --jobs 1");
    let id = wait_for_progress(&lab, "scripted");
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    signal(name, runner.id().into());
    let output = runner.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{err}");
    assert!(err.contains("stopped: the same command resumes"), "{err}");
    assert!(!lives(worker));
    let saved = lab.manifest(&id)["real_steps"].as_u64().unwrap();
    assert!((20..200).contains(&saved), "{saved}");

    let status = lab.json("status spec.toml --json");
    let states: Vec<&str> =
        status.as_array().unwrap().iter().map(|run| run["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["saved", "pending"]);
    lab.succeed("report spec.toml");

    lab.succeed("run spec.toml");
    assert_eq!(lab.all_records(), undisturbed(SLOW));
    assert_eq!(lab.manifest(&id)["resumed_from"], saved);
    assert_eq!(lab.manifest(&id)["attempt"], 2);
}

#[test]
fn ctrl_c_saves_the_run() {
    stopped_by("INT");
}

#[test]
fn sigterm_saves_the_run() {
    stopped_by("TERM");
}

#[test]
fn sigusr1_saves_the_run() {
    stopped_by("USR1");
}

#[test]
fn sigusr2_saves_the_run() {
    stopped_by("USR2");
}

/// The terminal is closed, or the connection to the machine is lost.
#[test]
fn sighup_saves_the_run() {
    stopped_by("HUP");
}

#[test]
fn after_nohup_a_closed_terminal_stops_nothing() {
    let lab = with_checkpoints();
    let run = lab.command("run spec.toml --jobs 1 --seeds 1");
    let mut ignoring = Command::new("sh");
    ignoring.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(run.get_program());
    let runner = ignoring
        .args(run.get_args())
        .current_dir(lab.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = wait_for_progress(&lab, "scripted");
    signal("HUP", runner.id().into());
    signal("HUP", lab.manifest(&id)["process_id"].as_u64().unwrap());
    finished(runner);
    assert_eq!(lab.manifest(&id)["attempt"], 1);
}

/// A signal can come before the worker is ready to record it.
#[test]
fn a_worker_that_has_just_been_started_is_saved_too() {
    for _ in 0..20 {
        let lab = with_checkpoints();
        let mut runner = lab.start("run spec.toml --jobs 1 --seeds 1");
        let mut err = BufReader::new(runner.stderr.take().unwrap());
        let mut line = String::new();
        err.read_line(&mut line).unwrap();
        assert!(line.starts_with("started"), "{line}");
        signal("INT", runner.id().into());
        err.read_to_string(&mut line).unwrap();
        assert_eq!(runner.wait().unwrap().code(), Some(75), "{line}");
        assert!(line.contains("saved "), "{line}");
        assert!(line.contains("0 failed"), "{line}");
    }
}

#[test]
fn a_worker_saves_its_run_and_ends_when_its_runner_dies() {
    let lab = with_checkpoints();
    let mut runner = lab.start("run spec.toml --jobs 1 --seeds 1");
    let id = wait_for_progress(&lab, "scripted");
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    signal("KILL", runner.id().into());
    runner.wait().unwrap();
    wait_for("the worker's end", || (!lives(worker)).then_some(()));
    assert_eq!(lab.manifest(&id)["state"], "saved");
    assert!(lab.manifest(&id)["real_steps"].as_u64() < Some(200));
    lab.succeed("run spec.toml --seeds 1");
    assert_eq!(lab.records(&id), undisturbed(SLOW)[0].1);
}

/// A scheduler signals a whole job: the runner and its workers.
#[test]
fn a_signal_to_all_saves_every_run() {
    let lab = with_checkpoints();
    let runner = lab.start("run spec.toml --jobs 2");
    let ids = ["s0", "s1"].map(|part| wait_for_progress(&lab, part));
    for id in &ids {
        signal("TERM", lab.manifest(id)["process_id"].as_u64().unwrap());
    }
    signal("TERM", runner.id().into());
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(75));
    for id in &ids {
        assert_eq!(lab.manifest(id)["state"], "saved");
    }
}

#[test]
fn a_worker_that_is_asked_to_stop_exits_with_75() {
    let lab = with_checkpoints();
    lab.succeed("run spec.toml --seeds 1");
    let list = lab.row_list("slow");
    let worker = lab.start(&format!("worker --fresh --row 0 --manifest {list}"));
    let id = wait_for_progress(&lab, "scripted");
    signal("TERM", worker.id().into());
    assert_eq!(worker.wait_with_output().unwrap().status.code(), Some(75));
    assert_eq!(lab.manifest(&id)["state"], "saved");
}

#[test]
fn a_hanging_run_is_ended_by_the_second_signal() {
    let hanging = SMALL
        .replace("[agents.scripted]", "[agents.scripted]\nfail = { kind = \"hang\", at = 50 }");
    let lab = Lab::new(&hanging);
    let mut runner = lab.start("run spec.toml --only scripted --seeds 1");
    let id = lab.wait_until_running("scripted");
    // The heartbeat reports the round before the one that never ends.
    let hangs = || (lab.manifest(&id)["real_steps"] == 48).then_some(());
    wait_for("the round that never ends", hangs);
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    // A stopped process keeps signals pending. That shows when the runner has seen the first one and asked the worker
    // to save, so that the second one counts as a second one.
    let _stopped = stop(worker);
    signal("INT", runner.id().into());
    wait_for("the runner's request", || is_pending(USR1, worker).then_some(()));
    assert!(runner.try_wait().unwrap().is_none() && lives(worker), "ended by the first signal");
    signal("INT", runner.id().into());
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(75));
    assert!(!lives(worker));
    assert_eq!(lab.json("status spec.toml --only scripted --seeds 1 --json")[0]["state"], "stale");
}

#[test]
fn a_run_whose_process_died_unseen_is_stale_and_taken_over() {
    let lab = Lab::new(SLOW);
    let mut runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    let _stopped = stop(worker);
    signal("KILL", runner.id().into());
    runner.wait().unwrap();
    signal("KILL", worker);
    wait_for("the worker's end", || (!lives(worker)).then_some(()));

    assert_eq!(lab.json("status spec.toml --seeds 1 --json")[0]["state"], "stale");
    lab.succeed("run spec.toml --seeds 1");
    assert_eq!(lab.json("status spec.toml --seeds 1 --json")[0]["state"], "done");
    assert_eq!(lab.records(&id), undisturbed(SLOW)[0].1);
}

#[test]
fn a_run_of_another_machine_is_stale_after_a_minute() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random-s0");
    lab.forge(&id, |manifest| {
        let minute_ago = manifest["heartbeat_unix_seconds"].as_u64().unwrap() - 61;
        manifest["state"] = "running".into();
        manifest["provenance"]["host"] = "elsewhere".into();
        manifest["heartbeat_unix_seconds"] = minute_ago.into();
    });
    assert_eq!(lab.json("status spec.toml --only random --seeds 1 --json")[0]["state"], "stale");
    lab.succeed("run spec.toml --only random --seeds 1");
    assert_ne!(lab.manifest(&id)["provenance"]["host"], "elsewhere");
}

/// Waits for a runner, which must succeed. Returns what it printed.
fn finished(runner: Child) -> String {
    let output = runner.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    err
}

/// Insists that one worker began each run of [`SLOW`] and trained it to its end.
fn each_was_trained_once(lab: &Lab) {
    for id in lab.run_ids() {
        let log = lab.read(&format!("results/runs/{id}/log.txt"));
        assert_eq!(log.matches("run catch").count(), 1, "{log}");
        let manifest = lab.manifest(&id);
        assert_eq!((&manifest["attempt"], &manifest["resumed_from"]), (&1.into(), &0.into()));
    }
    assert_eq!(lab.all_records(), undisturbed(SLOW));
}

#[test]
fn two_runners_that_start_together_train_no_run_twice() {
    let lab = Lab::new(SLOW);
    let runners = [(); 2].map(|()| lab.start("run spec.toml --jobs 2"));
    runners.into_iter().for_each(|runner| drop(finished(runner)));
    each_was_trained_once(&lab);
}

#[test]
fn a_second_runner_takes_what_the_first_has_not_begun() {
    let lab = Lab::new(SLOW);
    // Starts a runner and stops the worker of the run that it must begin.
    let begin = |part| {
        let runner = lab.start("run spec.toml --jobs 1");
        let id = lab.wait_until_running(part);
        let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
        assert_eq!(parent_of(worker), Some(runner.id().into()), "{id}");
        (runner, id, worker, stop(worker))
    };
    let (first, first_id, first_worker, first_stopped) = begin("s0");
    let (second, second_id, second_worker, second_stopped) = begin("s1");
    drop((first_stopped, second_stopped));
    finished(first);
    let err = finished(second);
    let waits = format!("waiting  {first_id}: trained by process {first_worker} on ");
    assert!(err.contains(&waits), "{err}");
    assert!(err.contains("2 runs: 0 finished before, 2 finished now, 0 failed"), "{err}");
    assert_eq!(lab.manifest(&first_id)["process_id"], first_worker);
    assert_eq!(lab.manifest(&second_id)["process_id"], second_worker);
    each_was_trained_once(&lab);
}

#[test]
fn a_worker_leaves_alone_what_another_trains_or_has_finished() {
    let lab = Lab::new(SLOW);
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    let training = lab.manifest(&id)["process_id"].as_u64().unwrap();
    let stopped = stop(training);
    let worker = format!("worker --row 0 --manifest {}", lab.row_list("slow"));
    let trained = format!("row 0 is trained by process {training}");
    assert!(lab.succeed(&worker).out.contains(&trained));
    drop(stopped);
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(0));
    let manifest = lab.manifest(&id);
    assert!(lab.succeed(&worker).out.contains("row 0 is finished already"));
    assert_eq!(lab.manifest(&id), manifest);
}
