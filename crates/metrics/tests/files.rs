//! The file formats: how they are written, that they read back, and what is refused.

mod one_of_each;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use one_of_each::one_of_each;
use proptest::prelude::*;
use zerolab_metrics::files::{temporary_beside, write_whole};
use zerolab_metrics::{
    Account, ChecksumError, CostRecord, ExperimentFile, FileChecksum, LearningRecord, Manifest,
    Phase, PhaseCost, Record, RecordsError, RunState, peak_memory_bytes, processor_seconds,
    read_records,
};

fn lines(records: &[Record]) -> String {
    records
        .iter()
        .map(|record| serde_json::to_string(record).expect("a record is JSON") + "\n")
        .collect()
}

fn file(name: &str, contents: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, contents).expect("the folder for tests is writable");
    path
}

#[test]
fn a_line_is_one_json_object_with_its_kind() {
    insta::assert_snapshot!(lines(&one_of_each()));
}

#[test]
fn the_clockless_form_keeps_all_but_times_and_memory() {
    let clockless: Vec<Record> =
        one_of_each().iter().map(Record::without_times_and_memory).collect();
    insta::assert_snapshot!(lines(&clockless));
}

#[test]
fn records_come_back_as_written() {
    let path = file("whole.jsonl", lines(&one_of_each()).as_bytes());
    let records = read_records(&path, None).unwrap();
    assert_eq!(records, one_of_each());
    assert_eq!(records.iter().map(Record::real_steps).collect::<Vec<_>>(), [9, 16, 16, 16, 16]);
}

#[test]
fn a_torn_last_line_is_dropped_wherever_it_was_torn() {
    let whole = lines(&one_of_each());
    let last_line = whole.trim_end().rfind('\n').unwrap() + 1;
    for length in last_line..whole.len() {
        let path = file("torn.jsonl", &whole.as_bytes()[..length]);
        assert_eq!(
            read_records(&path, None).unwrap(),
            one_of_each()[..4],
            "torn after {length} bytes"
        );
    }
}

#[test]
fn an_empty_file_has_no_records() {
    assert_eq!(read_records(&file("empty.jsonl", b""), None).unwrap(), []);
}

#[test]
fn a_bad_line_is_named_with_its_file_and_number() {
    let mut contents = lines(&one_of_each()[..2]);
    contents.push_str("{\"kind\":\"episode\",\"real_steps\":\n");
    contents.push_str(&lines(&one_of_each()[2..]));
    let message =
        read_records(&file("bad.jsonl", contents.as_bytes()), None).unwrap_err().to_string();
    insta::assert_snapshot!(message.replace(env!("CARGO_TARGET_TMPDIR"), "<results>"));
}

#[test]
fn a_missing_file_is_named() {
    let message =
        read_records(&PathBuf::from("nowhere/records.jsonl"), None).unwrap_err().to_string();
    assert!(message.starts_with("cannot read nowhere/records.jsonl: "), "{message}");
}

#[test]
fn a_loss_that_diverged_stays_readable() {
    let diverged = Record::Learning(LearningRecord {
        real_steps: 1,
        updates: 1,
        losses: BTreeMap::from([("value".into(), f64::NAN)]),
        wall_seconds: 0.0,
    });
    let records =
        read_records(&file("diverged.jsonl", lines(&[diverged]).as_bytes()), None).unwrap();
    let [Record::Learning(learning)] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert!(learning.losses["value"].is_nan());
}

#[test]
fn a_manifest_reads_with_required_fields_only_and_becomes_stale() {
    let least = r#"{"state":"running","run_id":"catch-dqn-s0-00000000","experiment":"quick","environment":"catch",
        "agent":"dqn","preset":"dqn","seed":0,"real_steps":10,"total_real_steps":100}"#;
    let mut manifest: Manifest = serde_json::from_str(least).unwrap();
    assert_eq!(manifest.state, RunState::Running);
    assert_eq!(manifest.exit_reason, None);
    manifest.heartbeat_unix_seconds = 1_000;
    assert!(!manifest.is_stale(1_060));
    assert!(manifest.is_stale(1_061));
    manifest.state = RunState::Done;
    assert!(!manifest.is_stale(9_999));
    let written = manifest.to_json().unwrap();
    assert_eq!(Manifest::from_json(written.as_bytes()).unwrap(), manifest);
}

#[test]
fn an_experiment_file_reads_without_its_optional_parts() {
    let least = r#"{"name":"quick","question":"?","spec_path":"quick.toml","command":"zerolab run quick.toml",
        "budget_real_steps":100,"runs":[{"id":"a","environment":"catch","agent":"dqn","seed":0}]}"#;
    let experiment: ExperimentFile = serde_json::from_str(least).unwrap();
    assert_eq!(experiment.hypotheses, []);
    assert!(experiment.figures.is_empty() && experiment.runs[0].axes.is_empty());
}

#[test]
fn an_experiment_file_has_no_hypothesis_one_or_a_list() {
    let with = |hypothesis: &str| -> serde_json::Result<ExperimentFile> {
        serde_json::from_str(&format!(
            r#"{{"name":"a","question":"","spec_path":"","command":"","budget_real_steps":1,"runs":[],
            "hypothesis":{hypothesis}}}"#
        ))
    };
    let one = r#"{"metric":"evaluation.return","statement":"a > b"}"#;
    assert_eq!(with("null").unwrap().hypotheses.len(), 0);
    assert_eq!(with(one).unwrap().hypotheses.len(), 1);
    let two = with(&format!("[{one},{one}]")).unwrap();
    assert_eq!(two.hypotheses.len(), 2);
    let written = serde_json::to_string(&two).unwrap();
    assert_eq!(serde_json::from_str::<ExperimentFile>(&written).unwrap(), two);
    assert!(with("3").unwrap_err().to_string().contains("expected struct Hypothesis"));
    assert!(with(r#"{"metrik":"return"}"#).unwrap_err().to_string().contains("metrik"));
}

#[test]
fn an_account_adds_up_by_phase_and_survives_a_checkpoint() {
    let mut account = Account::new();
    let timer = account.start();
    account.count(Phase::Learning, |cost| cost.updates += 1);
    account.count(Phase::Learning, |cost| cost.updates += 2);
    account.phase(Phase::Acting).real_steps += 8;
    account.stop(Phase::Acting, timer);
    assert_eq!(account.phases()[&Phase::Learning].updates, 3);
    assert!(account.phases()[&Phase::Acting].wall_seconds > 0.0);
    assert!(!account.phases().contains_key(&Phase::Evaluation), "nothing was counted there");
    let saved = serde_json::to_string(&account).unwrap();
    let restored: Account = serde_json::from_str(&saved).unwrap();
    assert_eq!(restored.phases()[&Phase::Learning], account.phases()[&Phase::Learning]);
    assert!(
        Phase::ALL
            .iter()
            .all(|phase| serde_json::to_string(phase).unwrap().trim_matches('"') == phase.name())
    );
}

#[test]
#[cfg(unix)]
fn this_process_uses_memory_and_processor_time() {
    assert!(peak_memory_bytes() > 100_000);
    // Loops until a fifth of a second of processor time is counted, however busy the machine is.
    let before = processor_seconds();
    let mut state = 1u64;
    while processor_seconds() < before + 0.2 {
        (0..100_000).for_each(|i| state = state.wrapping_mul(31) ^ i);
    }
    assert_ne!(state, 1);
}

#[test]
fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    write_whole(&path, b"old").unwrap();
    write_whole(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    let unfinished = temporary_beside(&path).unwrap();
    assert_eq!(unfinished.path().extension().unwrap(), "csv");
    drop(unfinished);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(write_whole(&folder.path().join("missing/table.csv"), b"new").is_err());
}

#[test]
#[cfg(unix)]
fn a_file_has_the_permissions_of_an_ordinary_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (whole, ordinary) = (folder.path().join("whole"), folder.path().join("ordinary"));
    write_whole(&whole, b"").unwrap();
    fs::write(&ordinary, b"").unwrap();
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&whole), mode(&ordinary));
}

#[test]
fn every_changed_byte_and_every_missing_end_of_a_manifest_is_noticed() {
    let least = r#"{"state":"failed","run_id":"catch-dqn-s0-00000000","experiment":"quick","environment":"catch",
        "agent":"dqn","preset":"dqn","seed":0,"real_steps":10,"total_real_steps":100}"#;
    let manifest: Manifest = serde_json::from_str(least).unwrap();
    let written = manifest.to_json().unwrap().into_bytes();
    assert_eq!(Manifest::from_json(&written).unwrap(), manifest);
    for at in 0..written.len() {
        let cut = Manifest::from_json(&written[..at]);
        assert!(matches!(cut, Err(ChecksumError::Mismatch)), "cut to {at}");
        for bit in 0..8 {
            let mut changed = written.clone();
            changed[at] ^= 1 << bit;
            let found = Manifest::from_json(&changed);
            assert!(matches!(found, Err(ChecksumError::Mismatch)), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn every_changed_byte_and_every_missing_end_of_records_is_noticed() {
    let contents = lines(&one_of_each()).into_bytes();
    let path = file("checked.jsonl", &contents);
    let checksum = FileChecksum::of(&contents);
    assert_eq!(read_records(&path, Some(&checksum)).unwrap(), one_of_each());
    for at in 0..contents.len() {
        let mut changed = contents.clone();
        changed[at] ^= 1;
        for wrong in [&contents[..at], &changed] {
            let found = read_records(&file("checked.jsonl", wrong), Some(&checksum));
            assert!(matches!(found, Err(RecordsError::Changed { .. })), "byte {at}");
        }
    }
}

#[test]
fn packed_records_are_read_where_the_plain_ones_are_missing() {
    let contents = lines(&one_of_each()).into_bytes();
    let plain = file("packed.jsonl", &contents);
    let packed = std::process::Command::new("gzip").arg("-f").arg(&plain).status().unwrap();
    assert!(packed.success() && !plain.exists());
    let checksum = FileChecksum::of(&contents);
    assert_eq!(read_records(&plain, Some(&checksum)).unwrap(), one_of_each());
    let packed = plain.with_extension("jsonl.gz");
    let bytes = fs::read(&packed).unwrap();
    fs::write(&packed, &bytes[..bytes.len() / 2]).unwrap();
    let cut = read_records(&plain, Some(&checksum)).unwrap_err().to_string();
    assert!(cut.contains("packed.jsonl.gz"), "{cut}");
    // Files that were packed in parts are one.
    fs::write(&packed, [&bytes[..], &bytes[..]].concat()).unwrap();
    assert_eq!(read_records(&plain, None).unwrap().len(), 2 * one_of_each().len());
    // Plain records come first.
    fs::write(&plain, &contents).unwrap();
    assert_eq!(read_records(&plain, Some(&checksum)).unwrap(), one_of_each());
}

proptest! {
    #[test]
    fn records_of_any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_records(&file("any.jsonl", &bytes), None);
        let _ = Manifest::from_json(&bytes);
    }

    /// Records with a few changed bytes are read or give an error, and never a panic.
    #[test]
    fn records_with_changed_bytes_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut contents = lines(&one_of_each()).into_bytes();
        for (at, byte) in changes {
            let at = at.index(contents.len());
            contents[at] = byte;
        }
        let _ = read_records(&file("changed.jsonl", &contents), None);
    }

    #[test]
    fn counters_are_exact_whatever_their_size(flops: u64, imagined_steps: u64, real_steps: u64) {
        let phases = BTreeMap::from([(Phase::Reanalysis, PhaseCost { flops, imagined_steps, ..PhaseCost::default() })]);
        let record = Record::Cost(CostRecord { real_steps, updates: 0, phases, environment_operations: flops, peak_memory_bytes: 0, processor_seconds: 0.0, wall_seconds: 0.0 });
        let line = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    }
}
