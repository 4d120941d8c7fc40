//! A run that is killed at any moment, any number of times, leaves the records of an undisturbed run.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Child;
use std::thread;
use std::time::Duration;

use crate::harness::{Lab, SLOW, kill, lives, signal, wait_for, workers_of};
use crate::phases::PHASES;

/// Three kinds of agents in two environments, with a checkpoint every few rounds.
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

/// Kills processes. Returns how many there were: some may have ended by themselves.
fn kill_all(processes: &[u64]) -> usize {
    processes.iter().filter(|process| kill(**process)).count()
}

fn has_ended(runner: &mut Child) -> bool {
    runner.try_wait().unwrap().is_some()
}

/// The newest checkpoint of each run.
fn progress(lab: &Lab) -> Vec<Option<PathBuf>> {
    lab.run_ids().iter().map(|id| lab.checkpoints(id).pop()).collect()
}

/// Starts the spec so many times and kills the workers each time: every third time as soon as they are there, otherwise
/// behind the next checkpoint. Every other time the runner is killed too; otherwise the attempts that it starts again are.
/// Then lets the spec run to its end. Returns how many processes were killed: fewer if a fast machine finished before.
fn run_with_kills(lab: &Lab, times: u64) -> usize {
    let mut killed = 0;
    for turn in 0..times {
        let before = progress(lab);
        let mut runner = lab.command("run spec.toml --jobs 2").process_group(0).spawn().unwrap();
        let workers = wait_for("progress", || {
            let is_due = turn % 3 == 0 || progress(lab) != before;
            let workers = workers_of(&runner);
            (has_ended(&mut runner) || is_due && !workers.is_empty()).then_some(workers)
        });
        // The moments differ. All of them are right.
        thread::sleep(Duration::from_millis(turn * 13));
        killed += kill_all(&workers);
        if turn % 2 == 0 {
            killed += kill_all(&[runner.id().into()]);
        } else {
            let again = wait_for("another attempt", || {
                let mut all = workers_of(&runner);
                all.retain(|worker| !workers.contains(worker));
                (has_ended(&mut runner) || !all.is_empty()).then_some(all)
            });
            killed += kill_all(&again);
            if !has_ended(&mut runner) {
                signal("TERM", runner.id().into());
            }
        }
        runner.wait().unwrap();
        // A worker that a killed runner leaves behind has been killed too: it ends before the next turn.
        wait_for("the workers' ends", || (!workers.iter().any(|&id| lives(id))).then_some(()));
    }
    lab.succeed("run spec.toml --jobs 2");
    killed
}

#[test]
fn real_agents_that_are_killed_again_and_again_leave_the_same_records() {
    leave_the_same_records(&real_agents("cartpole"));
}

#[test]
fn so_they_do_when_the_task_changes() {
    // Enough runs that a fast machine does not finish them between two kills.
    leave_the_same_records(&PHASES.replace("retries", "seeds = 3\nretries"));
}

fn leave_the_same_records(spec: &str) {
    let (undisturbed, disturbed) = (Lab::new(spec), Lab::new(spec));
    undisturbed.succeed("run spec.toml --jobs 2");
    let killed = run_with_kills(&disturbed, 10);
    assert!(killed >= 10, "{killed} processes were killed");
    for (id, records) in undisturbed.all_records() {
        assert_eq!(disturbed.records(&id), records, "{id}");
        assert!(disturbed.checkpoints(&id).is_empty(), "{id}");
        let has_weights = !id.contains("-random-");
        let weights = disturbed.path(&format!("results/runs/{id}/weights.safetensors"));
        assert_eq!(weights.exists(), has_weights, "{id}");
    }
    let sum = |field: &str| -> u64 {
        let manifests = disturbed.run_ids().into_iter().map(|id| disturbed.manifest(&id));
        manifests.map(|manifest| manifest[field].as_u64().unwrap()).sum()
    };
    assert!(sum("attempt") >= 10, "{} attempts", sum("attempt"));
    assert!(sum("resumed_from") > 0, "no run continued from a checkpoint");
}

/// The process of the run was killed a moment ago, before it wrote a manifest.
#[test]
fn a_new_folder_without_a_manifest_is_waited_for_and_then_used() {
    let lab = Lab::new(SLOW);
    let ids = lab.json("plan spec.toml --json")["runs"].as_array().unwrap().clone();
    let id = ids[0]["id"].as_str().unwrap();
    fs::create_dir_all(lab.path(&format!("results/runs/{id}"))).unwrap();
    let err = lab.succeed("run spec.toml --jobs 2").err;
    assert!(err.contains(&format!("waiting  {id}")), "{err}");
    assert!(err.contains("2 finished now, 0 failed"), "{err}");
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

/// The run continues from `from` and leaves the records of an undisturbed run.
fn continues(lab: &Lab, id: &str, from: Option<u64>) {
    lab.succeed("run spec.toml --seeds 1");
    let undisturbed = Lab::new(SLOW);
    undisturbed.succeed("run spec.toml --seeds 1");
    assert_eq!(lab.records(id), undisturbed.records(id));
    assert_eq!(lab.manifest(id)["resumed_from"].as_u64(), from);
}

#[test]
fn two_checkpoints_are_kept_and_the_run_continues_from_the_last() {
    let (lab, id) = stopped();
    let checkpoints = lab.checkpoints(&id);
    assert_eq!(checkpoints.len(), 2);
    continues(&lab, &id, lab.manifest(&id)["real_steps"].as_u64());
}

fn real_steps(checkpoint: &std::path::Path) -> u64 {
    checkpoint.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

#[test]
fn a_damaged_checkpoint_is_skipped_for_the_one_before() {
    let (lab, id) = stopped();
    let [before, last] = &lab.checkpoints(&id)[..] else { panic!("two checkpoints are kept") };
    let state = last.join("state.bin");
    let mut bytes = fs::read(&state).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&state, bytes).unwrap();
    continues(&lab, &id, Some(real_steps(before)));
    let log = lab.read(&format!("results/runs/{id}/log.txt"));
    assert!(log.contains("state.bin was changed or cut short; it is passed over"), "{log}");
}

#[test]
fn without_a_whole_checkpoint_a_run_begins_again() {
    let (lab, id) = stopped();
    for checkpoint in lab.checkpoints(&id) {
        fs::remove_file(checkpoint.join("training.bin")).unwrap();
    }
    continues(&lab, &id, Some(0));
}

#[test]
fn a_run_whose_records_were_changed_begins_again() {
    let (lab, id) = stopped();
    let path = format!("results/runs/{id}/records.jsonl");
    let changed = lab.read(&path).replacen("\"length\":9", "\"length\":8", 1);
    lab.write(&path, &changed);
    continues(&lab, &id, Some(0));
}

#[test]
fn lines_behind_the_checkpoint_are_cut_off() {
    let (lab, id) = stopped();
    let path = format!("results/runs/{id}/records.jsonl");
    let kept = lab.read(&path);
    assert!(kept.ends_with("}\n"), "{kept}");
    // A record that is complete but behind the checkpoint, and one that is torn.
    let last = kept.lines().last().unwrap();
    lab.write(&path, &format!("{kept}{last}\n{{\"kind\":\"tor"));
    continues(&lab, &id, lab.manifest(&id)["real_steps"].as_u64());
}

#[test]
fn tensorboard_s_file_is_one_and_whole_after_a_resume() {
    let lab =
        Lab::new(&format!("{SLOW}\n[checkpoint]\nevery = 20\n[records]\ntensorboard = true\n"));
    let runner = lab.start("run spec.toml --seeds 1");
    let id = lab.wait_until_running("scripted");
    // The first evaluation brings records to the disk.
    let records = lab.path(&format!("results/runs/{id}/records.jsonl"));
    let has_records = || fs::metadata(&records).is_ok_and(|data| data.len() > 0).then_some(());
    wait_for("records", has_records);
    signal("TERM", runner.id().into());
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(75));
    assert_eq!(lab.manifest(&id)["state"], "saved");

    let event_files = || -> Vec<PathBuf> {
        let entries = fs::read_dir(lab.path(&format!("results/runs/{id}"))).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.to_string_lossy().contains("tfevents")).collect()
    };
    let expected = || {
        let started = lab.manifest(&id)["started_unix_seconds"].as_u64().unwrap();
        let records = zerolab_metrics::read_records(&records, None).unwrap();
        let events =
            records.iter().flat_map(|record| zerolab_metrics::tensorboard::event(record, started));
        zerolab_metrics::tensorboard::header(started).into_iter().chain(events).collect::<Vec<u8>>()
    };
    let [before] = &event_files()[..] else { panic!("{:?}", event_files()) };
    let bytes_before = fs::read(before).unwrap();
    assert_eq!(bytes_before, expected());
    // It is named after the second in which it was begun. This one must differ from that of the resume.
    fs::rename(before, before.with_file_name("events.out.tfevents.1")).unwrap();

    lab.succeed("run spec.toml --seeds 1");
    assert!(lab.manifest(&id)["resumed_from"].as_u64() > Some(0));
    let [after] = &event_files()[..] else { panic!("{:?}", event_files()) };
    assert!(!after.ends_with("events.out.tfevents.1"));
    let bytes = fs::read(after).unwrap();
    assert_eq!(bytes, expected());
    assert!(bytes.starts_with(&bytes_before) && bytes.len() > bytes_before.len());
}
