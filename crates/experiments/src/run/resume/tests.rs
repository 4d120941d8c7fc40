//! Resuming gives the same records, and every damaged byte is noticed.

use std::ffi::OsString;
use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;
use zerolab_metrics::Record;

use super::*;
use crate::plan::forecast::preset_run;
use crate::run::claim::{self, ClaimOutcome};
use crate::run::folder::RunFolder;
use crate::run::heartbeat::Claim;

/// A short run in which the agent starts to learn.
fn run(preset: &str, environment: &str) -> ResolvedRun {
    let mut run = preset_run(preset, environment, 400).unwrap();
    run.budget.lanes = 3;
    run.evaluation.every = 150;
    run.evaluation.episodes = 2;
    let settings = &mut run.agent.settings;
    if settings.contains_key("learning_starts") {
        settings.insert("learning_starts".to_owned(), 60.into());
    }
    if settings.contains_key("population") {
        settings.insert("population".to_owned(), 5.into());
    }
    if let Some(training) = settings.get_mut("training").and_then(toml::Value::as_table_mut) {
        training.insert("learning_starts".to_owned(), 60.into());
    }
    run.identified()
}

/// A run folder.
struct Place {
    claim: Claim,
    folder: RunFolder,
    _root: tempfile::TempDir,
}

impl Place {
    fn new(run: &ResolvedRun) -> Self {
        let root = tempfile::tempdir().unwrap();
        let outcome = claim::claim(root.path(), run, false, "").unwrap();
        let ClaimOutcome::Granted(claim) = outcome else { panic!("the claim was not granted") };
        Self { folder: claim.folder().clone(), claim, _root: root }
    }

    fn open<'a>(&'a self, run: &'a ResolvedRun) -> TrainingSession<'a> {
        TrainingSession::open(run, &Device::cpu(), self.claim.ownership(), 0, &|_| ()).unwrap()
    }

    /// Trains `rounds` rounds, or to the end, and saves.
    fn train(&self, run: &ResolvedRun, rounds: usize) {
        let mut session = self.open(run);
        for _ in 0..rounds {
            if !session.training.is_finished() {
                let mut records = Vec::new();
                session.training.advance(&mut records, &|| false).unwrap();
                session.record(&records).unwrap();
            }
        }
        session.save().unwrap();
    }

    fn newest(&self) -> PathBuf {
        Checkpoints::of(self.folder.path()).newest_first().swap_remove(0)
    }

    fn records(&self) -> Vec<Record> {
        let records = read_records(&self.folder.records_path(), None).unwrap();
        records.iter().map(Record::without_times_and_memory).collect()
    }
}

/// Saves every environment in the middle of an episode and every agent in the middle of learning.
#[test]
fn a_run_that_is_resumed_often_has_the_same_records_as_one_that_is_not() {
    let kinds = [
        ("efficientzero", "catch"),
        ("alphazero", "board/tictactoe"),
        ("rainbow", "minatar/seaquest"),
        ("dqn", "minatar/asterix"),
        ("ppo", "minatar/space_invaders"),
        ("cem", "cartpole"),
        ("random", "minatar/freeway"),
        ("random", "minatar/breakout"),
        ("random", "board/connect4"),
        ("scripted", "cartpole"),
    ];
    for (preset, environment) in kinds {
        let run = run(preset, environment);
        let (straight, resumed) = (Place::new(&run), Place::new(&run));
        straight.train(&run, 1_000);
        for rounds in [1, 7, 30, 2, 50, 11, 1_000] {
            resumed.train(&run, rounds);
        }
        assert!(straight.records().len() > 5, "{preset} in {environment}");
        assert_eq!(straight.records(), resumed.records(), "{preset} in {environment}");
    }
}

#[test]
fn an_abandoned_evaluation_is_played_after_a_resume() {
    let run = run("dqn", "catch");
    let (straight, resumed) = (Place::new(&run), Place::new(&run));
    straight.train(&run, 1_000);
    // The rounds before each evaluation, which is then asked to stop.
    for rounds in [49, 49, 34] {
        resumed.train(&run, rounds);
        let mut session = resumed.open(&run);
        let mut records = Vec::new();
        session.training.advance(&mut records, &|| true).unwrap();
        let played = records.iter().any(|record| matches!(record, Record::Evaluation(_)));
        assert!(!played, "at real step {}", session.training.real_steps());
        session.record(&records).unwrap();
        session.save().unwrap();
    }
    resumed.train(&run, 1_000);
    assert_eq!(straight.records(), resumed.records());
}

#[test]
fn every_changed_byte_and_every_truncation_of_a_checkpoint_is_noticed() {
    let run = run("random", "catch");
    let place = Place::new(&run);
    place.train(&run, 20);
    let newest = place.newest();
    checkpoint::verify(&newest).unwrap();
    for entry in fs::read_dir(&newest).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let check = |changed: &[u8], what: &str| {
            fs::write(&path, changed).unwrap();
            let found = checkpoint::verify(&newest);
            let noticed = matches!(found, Err(RunError::Checkpoint { .. }));
            assert!(noticed, "{}: {what}: {found:?}", path.display());
        };
        for length in 0..bytes.len() {
            check(&bytes[..length], &format!("cut to {length}"));
            for bit in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[length] ^= bit;
                check(&changed, &format!("bit {bit:#x} of byte {length}"));
            }
        }
        check(&[&bytes[..], b"\n"].concat(), "one byte more");
        fs::remove_file(&path).unwrap();
        assert!(checkpoint::verify(&newest).is_err(), "{} is missing", path.display());
        fs::write(&path, bytes).unwrap();
    }
    checkpoint::verify(&newest).unwrap();
}

#[test]
fn the_records_before_the_position_of_a_checkpoint_must_be_unchanged() {
    let run = run("random", "catch");
    let place = Place::new(&run);
    place.train(&run, 20);
    let path = place.folder.records_path();
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.is_empty());
    let position: RecordsPosition = saved::read(&place.newest().join(POSITION)).unwrap();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(matches!(RecordWriter::resume(&path, &position), Err(RunError::Changed { .. })));
        let mut changed = bytes.clone();
        changed[length] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(matches!(RecordWriter::resume(&path, &position), Err(RunError::Changed { .. })));
    }
    fs::write(&path, [&bytes[..], b"{\"kind\":\"torn"].concat()).unwrap();
    RecordWriter::resume(&path, &position).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

const PRESETS: [&str; 4] = ["random", "dqn", "ppo", "efficientzero"];

/// The files of a checkpoint, by name.
type Files = Vec<(OsString, Vec<u8>)>;

/// The files of a checkpoint in the middle of a run.
fn files(preset: &str) -> Files {
    let run = run(preset, "catch");
    let place = Place::new(&run);
    place.train(&run, 30);
    let entries = fs::read_dir(place.newest()).unwrap().map(|entry| entry.unwrap());
    let read = |entry: fs::DirEntry| (entry.file_name(), fs::read(entry.path()).unwrap());
    let mut files: Files = entries.map(read).collect();
    files.sort();
    files
}

/// If a length changes, the layout of checkpoints has changed: raise `FORMAT`.
#[test]
fn the_layout_is_that_of_the_format() {
    let mut lines = vec![checkpoint::FORMAT.to_owned()];
    for preset in PRESETS {
        for (name, bytes) in files(preset) {
            // These contain times and memory, and the length of an integer depends on its value.
            let name = name.to_string_lossy().into_owned();
            if !["contents", "records.bin", "training.bin"].contains(&name.as_str()) {
                lines.push(format!("{preset}: {name}, {} bytes", bytes.len()));
            }
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

static CHECKPOINTS: LazyLock<Vec<Files>> =
    LazyLock::new(|| PRESETS.iter().map(|preset| files(preset)).collect());

proptest! {
    /// The hashes would notice a changed file. The readers behind them must not panic either.
    #[test]
    fn damaged_files_never_panic(
        preset in 0..PRESETS.len(),
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut files = CHECKPOINTS[preset].clone();
        let file = file.index(files.len());
        let bytes = &mut files[file].1;
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        // An error is not required: some changes give other valid values.
        let run = run(PRESETS[preset], "catch");
        let _ = Training::new(&run, &Device::cpu()).unwrap().load(folder.path());
        let _ = saved::read::<RecordsPosition>(&folder.path().join(POSITION));
        let _ = checkpoint::verify(folder.path());
    }
}
