//! Whatever stops the runner or a worker, the files tell the truth and the same command goes on.

use crate::harness::{Lab, SLOW, SMALL, lives, signal, wait_for};

/// What an undisturbed experiment leaves.
fn undisturbed(spec: &str) -> Vec<(String, Vec<serde_json::Value>)> {
    let lab = Lab::new(spec);
    lab.succeed("run spec.toml");
    lab.all_records()
}

fn stopped_by(name: &str) {
    let lab = Lab::new(SLOW);
    let runner = lab.start("run spec.toml --jobs 1");
    let id = lab.wait_until_running("scripted");
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    signal(name, runner.id().into());
    let output = runner.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{err}");
    assert!(err.contains("stopped: the same command goes on with the other runs"), "{err}");
    assert!(!lives(worker));
    let saved = lab.manifest(&id)["real_steps"].as_u64().unwrap();
    assert!((1..200).contains(&saved), "{saved}");

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
fn ctrl_c_leaves_everything_readable() {
    stopped_by("INT");
}

#[test]
fn a_polite_kill_leaves_everything_readable() {
    stopped_by("TERM");
}

#[test]
fn a_scheduler_s_warning_leaves_everything_readable() {
    stopped_by("USR1");
}

/// What a scheduler does to a job: the signal reaches the runner and its workers alike.
#[test]
fn a_signal_to_all_saves_every_run() {
    let lab = Lab::new(SLOW);
    let runner = lab.start("run spec.toml --jobs 2");
    let ids = ["s0", "s1"].map(|part| lab.wait_until_running(part));
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
fn a_worker_that_is_asked_to_stop_says_so_with_its_exit_code() {
    let lab = Lab::new(SLOW);
    lab.run("run spec.toml --seeds 1 --set budget.real_steps=4");
    let rows = std::fs::read_dir(lab.path("results/slow")).unwrap();
    let rows = rows
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    let worker =
        lab.start(&format!("worker --fresh --row 0 --manifest {}", rows.unwrap().display()));
    let id = lab.wait_until_running("scripted");
    signal("TERM", worker.id().into());
    assert_eq!(worker.wait_with_output().unwrap().status.code(), Some(75));
    assert_eq!(lab.manifest(&id)["state"], "saved");
}

#[test]
fn a_hanging_run_is_ended_by_the_second_signal() {
    let hanging = SMALL
        .replace("[agents.scripted]", "[agents.scripted]\nfail = { kind = \"hang\", at = 50 }");
    let lab = Lab::new(&hanging);
    let runner = lab.start("run spec.toml --only scripted --seeds 1");
    let id = lab.wait_until_running("scripted");
    // Its heart tells of the last round before the one that never ends.
    let hangs = || (lab.manifest(&id)["real_steps"] == 48).then_some(());
    wait_for("the round that never ends", hangs);
    signal("INT", runner.id().into());
    std::thread::sleep(std::time::Duration::from_millis(300));
    signal("INT", runner.id().into());
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(75));
    assert!(!lives(lab.manifest(&id)["process_id"].as_u64().unwrap()));
    assert_eq!(lab.json("status spec.toml --only scripted --seeds 1 --json")[0]["state"], "stale");
}

#[test]
fn a_run_whose_process_died_unseen_is_stale_and_taken_over() {
    let lab = Lab::new(SLOW);
    let mut runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    let worker = lab.manifest(&id)["process_id"].as_u64().unwrap();
    signal("KILL", runner.id().into());
    runner.wait().unwrap();
    assert!(lives(worker), "a worker outlives its runner");
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

#[test]
fn two_runners_share_the_work_and_train_no_run_twice() {
    let lab = Lab::new(SLOW);
    let runners = [lab.start("run spec.toml --jobs 2"), lab.start("run spec.toml --jobs 2")];
    let mut trained = 0;
    for runner in runners {
        let output = runner.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{err}");
        trained += err.matches("waiting ").count();
    }
    assert!(trained <= 2, "a run was waited for by both runners");
    for id in lab.run_ids() {
        let log = lab.read(&format!("results/runs/{id}/log.txt"));
        assert_eq!(log.matches("run catch").count(), 1, "{log}");
    }
    assert_eq!(lab.all_records(), undisturbed(SLOW));
}

#[test]
fn a_worker_leaves_alone_what_another_trains_or_has_finished() {
    let lab = Lab::new(SLOW);
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    let rows = std::fs::read_dir(lab.path("results/slow")).unwrap().next().unwrap().unwrap().path();
    let worker = format!("worker --row 0 --manifest {}", rows.display());
    assert!(lab.succeed(&worker).out.contains("row 0 is trained by process"));
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(0));
    let manifest = lab.manifest(&id);
    assert!(lab.succeed(&worker).out.contains("row 0 is finished already"));
    assert_eq!(lab.manifest(&id), manifest);
}
