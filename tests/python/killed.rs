//! Runs whose processes are killed at any moment leave the records of undisturbed ones, if the environment allows it.

use std::process::Child;
use std::thread;
use std::time::Duration;

use super::lab::{children, lab};
use crate::harness::{Lab, kill, lives, wait_for, workers_of};

/// An agent that learns, in a walk that takes its time.
const LEARNER: &str = "[agents.dqn]\nlearning_starts = 100\n";

/// Starts the spec again and again, and kills in turn the processes of the environment, the worker and the runner, at
/// moments that differ. Then lets it run to its end. Returns how many processes were killed.
fn run_with_kills(lab: &Lab, times: u64) -> usize {
    let mut killed = 0;
    for turn in 0..times {
        let mut runner = lab.start("run spec.toml --jobs 1");
        // The plan starts an environment too, before there are workers.
        wait_for("an environment of a worker", || {
            let has_ended = runner.try_wait().unwrap().is_some();
            let is_playing = !workers_of(&runner).is_empty() && !children(lab).is_empty();
            (has_ended || is_playing).then_some(())
        });
        thread::sleep(Duration::from_millis(97 * (turn % 11)));
        let workers = workers_of(&runner);
        let victims = match turn % 3 {
            0 => children(lab),
            1 => workers.clone(),
            _ => vec![runner.id().into()],
        };
        killed += victims.into_iter().filter(|victim| kill(*victim)).count();
        if turn % 3 != 2 {
            thread::sleep(Duration::from_millis(150));
            kill(runner.id().into());
        }
        runner.wait().unwrap();
        wait_for("the workers' ends", || (!workers.iter().any(|&id| lives(id))).then_some(()));
        wait_for("the environments' ends", || children(lab).is_empty().then_some(()));
    }
    lab.succeed("run spec.toml --jobs 1");
    killed
}

/// Kills a runner and its workers, and waits until they are gone.
fn kill_all(runner: &mut Child) {
    let workers = workers_of(runner);
    // The runner first, which would start other workers.
    kill(runner.id().into());
    for worker in &workers {
        kill(*worker);
    }
    runner.wait().unwrap();
    wait_for("the workers' ends", || (!workers.iter().any(|&id| lives(id))).then_some(()));
}

fn leave_the_same_records(environment: &str) {
    let (undisturbed, disturbed) = (lab(environment, LEARNER), lab(environment, LEARNER));
    undisturbed.succeed("run spec.toml");
    let killed = run_with_kills(&disturbed, 9);
    assert!(killed >= 9, "{killed} processes were killed");
    assert_eq!(disturbed.all_records(), undisturbed.all_records());
    let id = disturbed.run_id("dqn");
    assert!(disturbed.manifest(&id)["resumed_from"].as_u64().unwrap() > 0);
    assert_eq!(children(&disturbed), [0; 0]);
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn killed_runs_of_an_environment_with_a_state_leave_the_same_records() {
    leave_the_same_records(
        "entry = \"worlds:Stateful\"\narguments = { delay = 0.02 }\nframe_stack = 2",
    );
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn killed_runs_of_a_replayed_environment_leave_the_same_records() {
    leave_the_same_records("entry = \"worlds:Masked\"\narguments = { delay = 0.02 }");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn what_an_environment_has_started_ends_with_a_killed_run() {
    let lab = lab("entry = \"worlds:Family\"\narguments = { delay = 0.02 }", "[agents.random]\n");
    let mut runner = lab.start("run spec.toml");
    lab.wait_until_running("random");
    // Four lanes, each with a process, the interpreter, and the one that watches it.
    wait_for("all lanes", || (children(&lab).len() >= 6).then_some(()));
    kill_all(&mut runner);
    wait_for("the ends of all", || children(&lab).is_empty().then_some(()));
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_changed_environment_is_named_and_is_not_called_inexact() {
    let lab = lab("entry = \"worlds:Walk\"\narguments = { delay = 0.02 }", "[agents.random]\n");
    let mut runner = lab.start("run spec.toml");
    let id = lab.wait_until_running("random");
    wait_for("a checkpoint", || (!lab.checkpoints(&id).is_empty()).then_some(()));
    let list = lab.row_list("own");
    kill_all(&mut runner);
    lab.write("worlds.py", &format!("{}\n# changed\n", lab.read("worlds.py")));
    // The run as it was planned.
    let ran = lab.run(&format!("worker --manifest {list} --row 0"));
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let reason = lab.manifest(&id)["exit_reason"].to_string();
    assert!(
        reason.contains("it is not as it was when its runs were planned: worlds.py"),
        "{reason}"
    );
    assert!(!reason.contains("exact"), "{reason}");
    assert!(!lab.checkpoints(&id).is_empty(), "the checkpoint is kept");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_run_that_cannot_be_resumed_exactly_is_refused_or_says_so() {
    let careless =
        "entry = \"worlds:Careless\"\narguments = { delay = 0.004, gust = 0.5, length = 41 }";
    let lab = lab(careless, "[agents.random]\n");
    let spec = lab.read("spec.toml").replace("retries = 1000", "retries = 0");
    lab.write("spec.toml", &spec);
    let mut runner = lab.start("run spec.toml");
    let id = lab.wait_until_running("random");
    wait_for("a checkpoint", || (!lab.checkpoints(&id).is_empty()).then_some(()));
    let workers = workers_of(&runner);
    kill(runner.id().into());
    runner.wait().unwrap();
    wait_for("the worker's end", || (!workers.iter().any(|&id| lives(id))).then_some(()));

    let ran = lab.run("run spec.toml");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("this run cannot be resumed exactly: "), "{}", ran.err);
    assert!(ran.err.contains("`checkpoint.exact = false`"), "{}", ran.err);
    assert!(!lab.checkpoints(&id).is_empty(), "the checkpoint is kept");

    lab.write("spec.toml", &spec.replace("every = 40\n", "every = 40\nexact = false\n"));
    lab.succeed("run spec.toml");
    let manifest = lab.manifest(&id);
    assert_eq!(manifest["state"], "done");
    assert_eq!(manifest["inexact_resumes"].as_array().map(Vec::len), Some(1), "{manifest}");
}
