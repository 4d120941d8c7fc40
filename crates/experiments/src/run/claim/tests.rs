//! Who is granted a run, and what becomes of what another left.

use super::*;
use crate::plan::forecast::preset_run;
use crate::run::heartbeat::End;

fn run() -> ResolvedRun {
    preset_run("random", "catch", 100).unwrap()
}

fn granted(answer: Answer) -> Claim {
    match answer {
        Answer::Granted(claim) => claim,
        _ => panic!("the claim was not granted"),
    }
}

/// Leaves a folder behind whose manifest `change` has changed, with a file in it.
fn leave_behind(results: &Path, change: impl FnOnce(&mut Manifest)) -> RunFolder {
    let claim = granted(claim(results, &run(), false, "").unwrap());
    let folder = claim.folder().clone();
    drop(claim);
    let mut manifest = folder.manifest().unwrap().unwrap();
    change(&mut manifest);
    folder.write_manifest(&manifest).unwrap();
    fs::write(folder.records_path(), "left behind").unwrap();
    folder
}

#[test]
fn of_many_that_ask_at_once_one_is_granted() {
    let results = tempfile::tempdir().unwrap();
    let ask = || claim(results.path(), &run(), false, "").unwrap();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let granted = answers.iter().filter(|answer| matches!(answer, Answer::Granted(_))).count();
    let us = Holder { host: host(), process_id: std::process::id() };
    let elsewhere = answers
        .iter()
        .filter(|answer| matches!(answer, Answer::Elsewhere(holder) if *holder == us));
    assert_eq!((granted, elsewhere.count()), (1, 15));
}

#[test]
fn a_finished_run_is_left_alone_unless_it_is_to_be_fresh() {
    let results = tempfile::tempdir().unwrap();
    let folder = leave_behind(results.path(), |manifest| manifest.state = State::Done);
    assert!(matches!(claim(results.path(), &run(), false, ""), Ok(Answer::Finished)));
    assert!(folder.records_path().exists());
    granted(claim(results.path(), &run(), true, "").unwrap());
    assert!(!folder.records_path().exists());
}

#[test]
fn a_failed_run_a_saved_one_and_one_whose_process_is_gone_are_taken_over() {
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let endings: [&dyn Fn(&mut Manifest); 4] = [
        &|manifest| manifest.state = State::Failed,
        &|manifest| manifest.state = State::Saved,
        &|manifest| manifest.process_id = child.id(),
        &|manifest| manifest.heartbeat_unix_seconds -= 61,
    ];
    for ending in endings {
        let results = tempfile::tempdir().unwrap();
        let folder = leave_behind(results.path(), ending);
        let claim = granted(claim(results.path(), &run(), false, "").unwrap());
        assert!(folder.records_path().exists());
        let manifest = claim.folder().manifest().unwrap().unwrap();
        assert_eq!((manifest.state, manifest.attempt), (State::Running, 2));
    }
}

#[test]
fn a_process_on_another_machine_lives_as_long_as_its_heart_beats() {
    let results = tempfile::tempdir().unwrap();
    leave_behind(results.path(), |manifest| {
        manifest.provenance.host = "elsewhere".to_owned();
        manifest.process_id = u32::MAX;
        manifest.heartbeat_unix_seconds -= 50;
    });
    let answer = claim(results.path(), &run(), true, "").unwrap();
    assert!(matches!(answer, Answer::Elsewhere(holder) if holder.host == "elsewhere"));
}

#[test]
fn a_claim_that_was_taken_over_writes_nothing_more() {
    let results = tempfile::tempdir().unwrap();
    let claim = granted(claim(results.path(), &run(), false, "").unwrap());
    let folder = claim.folder().clone();
    let mut other = folder.manifest().unwrap().unwrap();
    other.process_id += 1;
    folder.write_manifest(&other).unwrap();
    assert!(matches!(claim.finish(End::Saved), Err(RunError::ClaimLost)));
    assert_eq!(folder.manifest().unwrap().unwrap(), other);
}

#[test]
fn a_damaged_manifest_is_named_and_replaced_only_if_asked() {
    let results = tempfile::tempdir().unwrap();
    let folder = leave_behind(results.path(), |manifest| manifest.state = State::Done);
    fs::write(folder.path().join("manifest.json"), "{").unwrap();
    let error = claim(results.path(), &run(), false, "").err().unwrap().to_string();
    assert!(error.contains("manifest.json"), "{error}");
    granted(claim(results.path(), &run(), true, "").unwrap());
}
