//! Which process is granted a run, and what happens to files of earlier processes.

use super::*;
use crate::plan::forecast::preset_run;
use crate::run::heartbeat::RunEnd;

fn run() -> ResolvedRun {
    preset_run("random", "catch", 100).unwrap()
}

fn granted(outcome: ClaimOutcome) -> Claim {
    match outcome {
        ClaimOutcome::Granted(claim) => claim,
        _ => panic!("the claim was not granted"),
    }
}

/// Makes a run's folder with one file, and applies `change` to its manifest.
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
fn only_one_of_many_concurrent_claims_is_granted() {
    let results = tempfile::tempdir().unwrap();
    let ask = || claim(results.path(), &run(), false, "").unwrap();
    let outcomes: Vec<ClaimOutcome> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let granted =
        outcomes.iter().filter(|outcome| matches!(outcome, ClaimOutcome::Granted(_))).count();
    let us = ClaimHolder { host: provenance::host(), process_id: std::process::id() };
    let elsewhere = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, ClaimOutcome::Elsewhere(holder) if *holder == us));
    assert_eq!((granted, elsewhere.count()), (1, 15));
}

#[test]
fn a_finished_run_is_started_again_only_with_fresh() {
    let results = tempfile::tempdir().unwrap();
    let folder = leave_behind(results.path(), |manifest| manifest.state = RunState::Done);
    assert!(matches!(claim(results.path(), &run(), false, ""), Ok(ClaimOutcome::Finished)));
    assert!(folder.records_path().exists());
    granted(claim(results.path(), &run(), true, "").unwrap());
    assert!(!folder.records_path().exists());
}

#[test]
fn failed_saved_and_dead_runs_are_taken_over() {
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let endings: [&dyn Fn(&mut Manifest); 4] = [
        &|manifest| manifest.state = RunState::Failed,
        &|manifest| manifest.state = RunState::Saved,
        &|manifest| manifest.process_id = child.id(),
        &|manifest| manifest.heartbeat_unix_seconds -= 61,
    ];
    for ending in endings {
        let results = tempfile::tempdir().unwrap();
        let folder = leave_behind(results.path(), ending);
        let claim = granted(claim(results.path(), &run(), false, "").unwrap());
        assert!(folder.records_path().exists());
        let manifest = claim.folder().manifest().unwrap().unwrap();
        assert_eq!((manifest.state, manifest.attempt), (RunState::Running, 2));
    }
}

#[test]
fn a_process_on_another_machine_is_alive_while_its_heartbeat_goes_on() {
    let results = tempfile::tempdir().unwrap();
    leave_behind(results.path(), |manifest| {
        manifest.provenance.host = "elsewhere".to_owned();
        manifest.process_namespace = "another boot".to_owned();
        manifest.process_id = u32::MAX;
        manifest.heartbeat_unix_seconds -= 50;
    });
    let outcome = claim(results.path(), &run(), true, "").unwrap();
    assert!(matches!(outcome, ClaimOutcome::Elsewhere(holder) if holder.host == "elsewhere"));
}

/// Machines and containers can have one host name. Their process ids say nothing about each other.
#[test]
fn a_process_id_of_another_namespace_is_not_looked_up() {
    for namespace in ["", "another boot pid:[1]"] {
        let results = tempfile::tempdir().unwrap();
        leave_behind(results.path(), |manifest| {
            manifest.process_namespace = namespace.to_owned();
            manifest.process_id = u32::MAX;
        });
        let outcome = claim(results.path(), &run(), false, "").unwrap();
        assert!(matches!(outcome, ClaimOutcome::Elsewhere(_)), "{namespace}");
    }
}

#[test]
fn a_run_is_not_taken_over_while_its_process_writes() {
    let results = tempfile::tempdir().unwrap();
    let holder = granted(claim(results.path(), &run(), false, "").unwrap());
    let ask = || claim(results.path(), &run(), false, "").unwrap();
    holder
        .ownership()
        .write(|| {
            let mut manifest = holder.folder().manifest()?.unwrap();
            manifest.heartbeat_unix_seconds -= 61;
            holder.folder().write_manifest(&manifest)?;
            assert!(matches!(ask(), ClaimOutcome::Elsewhere(_)));
            Ok(())
        })
        .unwrap();
    granted(ask());
    let write = || holder.ownership().write(|| Ok(()));
    assert!(matches!(write(), Err(RunError::ClaimLost)));
}

/// Its process died before it wrote a manifest. Looking at the folder does not make it look used.
#[test]
fn an_old_folder_without_a_manifest_is_taken_over_and_can_be_removed() {
    let results = tempfile::tempdir().unwrap();
    let folder = RunFolder::new(results.path(), &run().id);
    let make_old = || {
        fs::create_dir_all(folder.path()).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * HEARTBEAT;
        File::open(folder.path()).unwrap().set_modified(long_ago).unwrap();
    };
    make_old();
    remove_untrained(results.path(), &folder).unwrap();
    assert!(!folder.path().exists());
    make_old();
    granted(claim(results.path(), &run(), false, "").unwrap());
}

#[test]
fn another_run_with_the_same_id_is_never_used() {
    let results = tempfile::tempdir().unwrap();
    let folder = leave_behind(results.path(), |manifest| manifest.settings_hash = "0".repeat(64));
    let mut other = run();
    other.budget.real_steps = 99;
    folder.write_configuration(&other.to_toml()).unwrap();
    for fresh in [false, true] {
        let error = claim(results.path(), &run(), fresh, "").err().unwrap().to_string();
        assert!(error.contains(&run().id), "{error}");
        assert!(error.contains("budget.real_steps is 99 there and 100 here"), "{error}");
    }
    assert!(folder.records_path().exists());
}

#[test]
fn a_finished_run_with_damaged_records_is_started_again() {
    let results = tempfile::tempdir().unwrap();
    let folder = leave_behind(results.path(), |manifest| {
        manifest.state = RunState::Done;
        manifest.records = Some(zerolab_metrics::FileChecksum::of(b"whole"));
    });
    granted(claim(results.path(), &run(), false, "").unwrap());
    assert!(!folder.records_path().exists());
}

#[test]
fn a_lost_claim_writes_nothing_more() {
    let results = tempfile::tempdir().unwrap();
    let claim = granted(claim(results.path(), &run(), false, "").unwrap());
    let folder = claim.folder().clone();
    let mut other = folder.manifest().unwrap().unwrap();
    other.process_id += 1;
    folder.write_manifest(&other).unwrap();
    assert!(matches!(claim.finish(RunEnd::Saved), Err(RunError::ClaimLost)));
    assert_eq!(folder.manifest().unwrap().unwrap(), other);
}

#[test]
fn a_damaged_manifest_is_reported_and_replaced_only_with_fresh() {
    let results = tempfile::tempdir().unwrap();
    let folder = leave_behind(results.path(), |manifest| manifest.state = RunState::Done);
    fs::write(folder.path().join("manifest.json"), "{").unwrap();
    let error = claim(results.path(), &run(), false, "").err().unwrap().to_string();
    assert!(error.contains("manifest.json"), "{error}");
    granted(claim(results.path(), &run(), true, "").unwrap());
}
