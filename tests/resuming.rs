//! A run that is killed at any moment, and as often as one likes, leaves the records of one that was left alone.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Child;
use std::thread;
use std::time::Duration;

use crate::harness::{Lab, SLOW, lives, signal, wait_for};

/// Agents of each kind in an environment; a checkpoint every few rounds.
fn real_agents(environment: &str) -> String {
    format!(
        "[experiment]\nname = \"real\"\nretries = 1000\n\
         [environment]\nname = \"{environment}\"\n\
         [budget]\nreal_steps = 900\nlanes = 4\n\
         [evaluation]\nevery = 300\nepisodes = 2\n\
         [checkpoint]\nevery = 60\n\
         [agents.efficientzero]\ntraining.learning_starts = 100\n\
         [agents.dqn]\nlearning_starts = 100\n\
         [agents.ppo]\n\
         [sweep]\n\"environment.name\" = [\"{environment}\", \"catch\"]\n"
    )
}

/// The processes of a runner that is in a process group of its own: its workers.
fn workers_of(runner: &Child) -> Vec<u64> {
    let children = format!("/proc/{0}/task/{0}/children", runner.id());
    let children = fs::read_to_string(children).unwrap_or_default();
    children.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

/// Runs the spec, but after each of these pauses, in milliseconds, kills the workers with `SIGKILL`, and every other
/// time the runner too, until it is done. Returns how many processes were killed.
fn run_with_kills(lab: &Lab, pauses: impl Iterator<Item = u64>) -> usize {
    let mut killed = 0;
    for (turn, pause) in pauses.enumerate() {
        let mut runner = lab.command("run spec.toml --jobs 2").process_group(0).spawn().unwrap();
        thread::sleep(Duration::from_millis(pause));
        if runner.try_wait().unwrap().is_some_and(|status| status.success()) {
            return killed;
        }
        let workers = workers_of(&runner);
        for &worker in &workers {
            // It may have ended by itself.
            if lives(worker) {
                signal("KILL", worker);
                killed += 1;
            }
        }
        if turn % 2 == 0 {
            signal("KILL", runner.id().into());
            killed += 1;
        } else {
            thread::sleep(Duration::from_millis(pause / 4));
            workers_of(&runner)
                .into_iter()
                .filter(|&id| lives(id))
                .for_each(|id| signal("KILL", id));
            signal("TERM", runner.id().into());
        }
        runner.wait().unwrap();
    }
    lab.succeed("run spec.toml --jobs 2");
    killed
}

#[test]
fn real_agents_that_are_killed_again_and_again_leave_the_same_records() {
    let spec = real_agents("cartpole");
    let (calm, disturbed) = (Lab::new(&spec), Lab::new(&spec));
    calm.succeed("run spec.toml --jobs 2");
    // Pauses in which a worker gets from nothing done to several checkpoints.
    let killed = run_with_kills(&disturbed, (0..10).map(|turn| 150 + turn * 130));
    assert!(killed >= 10, "{killed} kills disturbed nobody");
    for (id, records) in calm.all_records() {
        assert_eq!(disturbed.records(&id), records, "{id}");
        assert!(disturbed.checkpoints(&id).is_empty(), "{id}");
        assert!(disturbed.path(&format!("results/runs/{id}/weights.safetensors")).exists());
    }
    let attempts =
        disturbed.run_ids().into_iter().map(|id| disturbed.manifest(&id)["attempt"].as_u64());
    assert!(attempts.flatten().sum::<u64>() > calm.run_ids().len() as u64);
}

/// A run that was stopped after some checkpoints.
fn stopped() -> (Lab, String) {
    let lab = Lab::new(&format!("{SLOW}\n[checkpoint]\nevery = 20\n"));
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    wait_for("two checkpoints", || (lab.checkpoints(&id).len() == 2).then_some(()));
    signal("TERM", runner.id().into());
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(75));
    (lab, id)
}

/// The stopped run goes on, says this in its log, and leaves what an undisturbed one leaves.
fn goes_on(lab: &Lab, id: &str, from: Option<u64>) {
    lab.succeed("run spec.toml --seeds 1");
    let calm = Lab::new(SLOW);
    calm.succeed("run spec.toml --seeds 1");
    assert_eq!(lab.records(id), calm.records(id));
    assert_eq!(lab.manifest(id)["resumed_from"].as_u64(), from);
}

#[test]
fn two_checkpoints_are_kept_and_the_last_is_gone_on_from() {
    let (lab, id) = stopped();
    let checkpoints = lab.checkpoints(&id);
    assert_eq!(checkpoints.len(), 2);
    goes_on(&lab, &id, lab.manifest(&id)["real_steps"].as_u64());
}

fn real_steps(checkpoint: &std::path::Path) -> u64 {
    checkpoint.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

#[test]
fn a_damaged_checkpoint_is_passed_over_for_the_one_before() {
    let (lab, id) = stopped();
    let [before, last] = &lab.checkpoints(&id)[..] else { panic!("two checkpoints are kept") };
    let state = last.join("state.bin");
    let mut bytes = fs::read(&state).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&state, bytes).unwrap();
    goes_on(&lab, &id, Some(real_steps(before)));
    let log = lab.read(&format!("results/runs/{id}/log.txt"));
    assert!(log.contains("state.bin was changed or cut short; it is passed over"), "{log}");
}

#[test]
fn without_a_whole_checkpoint_a_run_begins_again() {
    let (lab, id) = stopped();
    for checkpoint in lab.checkpoints(&id) {
        fs::remove_file(checkpoint.join("training.bin")).unwrap();
    }
    goes_on(&lab, &id, Some(0));
}

#[test]
fn records_that_were_changed_are_not_gone_on_with() {
    let (lab, id) = stopped();
    let path = format!("results/runs/{id}/records.jsonl");
    let changed = lab.read(&path).replacen("\"length\":9", "\"length\":8", 1);
    lab.write(&path, &changed);
    goes_on(&lab, &id, Some(0));
}

#[test]
fn lines_behind_the_checkpoint_are_cut_off() {
    let (lab, id) = stopped();
    let path = format!("results/runs/{id}/records.jsonl");
    let longer =
        lab.read(&path).replacen('\n', "\n\n", 0) + "{\"kind\":\"episode\"}\n{\"kind\":\"tor";
    lab.write(&path, &longer);
    goes_on(&lab, &id, lab.manifest(&id)["real_steps"].as_u64());
}

#[test]
fn tensorboard_s_file_is_one_and_whole_after_a_resume() {
    let spec = format!("{SLOW}\n[records]\ntensorboard = true\n");
    let lab = Lab::new(&spec);
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    thread::sleep(Duration::from_millis(1100));
    signal("TERM", runner.id().into());
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(75));
    lab.succeed("run spec.toml --seeds 1");
    let entries = fs::read_dir(lab.path(&format!("results/runs/{id}"))).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let events: Vec<_> = paths.filter(|path| path.to_string_lossy().contains("tfevents")).collect();
    assert_eq!(events.len(), 1, "{events:?}");

    let records =
        zerolab_metrics::read_records(&lab.path(&format!("results/runs/{id}/records.jsonl")), None);
    let started = lab.manifest(&id)["started_unix_seconds"].as_u64().unwrap();
    let mut expected = zerolab_metrics::tensorboard::header(started);
    for record in records.unwrap() {
        expected.extend(zerolab_metrics::tensorboard::event(&record, started));
    }
    assert_eq!(fs::read(&events[0]).unwrap().len(), expected.len());
}
