//! The runner with a launcher whose workers end at once, in this process.

use std::cell::Cell;
use std::io;

use zerolab_metrics::{FailureKind, FileChecksum};

use super::*;
use crate::launch::launcher::{Worker, WorkerEnd};
use crate::plan::Overrides;
use crate::run::claim::ClaimOutcome;
use crate::run::heartbeat::RunEnd;
use crate::spec::{Catalogue, load_text};

/// Starts workers of which the first `crashes` end without a word.
struct InProcess {
    crashes: Cell<usize>,
}

struct EndedWorker {
    succeeded: bool,
}

impl Launcher for InProcess {
    type Worker = EndedWorker;

    fn start(&self, task: &Task<'_>) -> io::Result<EndedWorker> {
        let claim = match claim::claim(task.results, task.run, task.fresh, task.command) {
            Ok(ClaimOutcome::Granted(claim)) => claim,
            _ => return Err(io::Error::other("the claim was not granted")),
        };
        let crashes = self.crashes.get();
        self.crashes.set(crashes.saturating_sub(1));
        if crashes == 0 {
            std::fs::write(claim.folder().records_path(), [])?;
            let records = FileChecksum::of(&[]);
            claim.finish(RunEnd::Done(records)).map_err(io::Error::other)?;
        }
        Ok(EndedWorker { succeeded: crashes == 0 })
    }
}

impl Worker for EndedWorker {
    fn wrote(&self, manifest: &Manifest) -> bool {
        manifest.process_id == std::process::id()
    }

    fn ask_to_save(&self) {}

    fn poll(&mut self) -> io::Result<Option<WorkerEnd>> {
        Ok(Some(WorkerEnd {
            succeeded: self.succeeded,
            kind: FailureKind::Crash,
            reason: "crashed".to_owned(),
        }))
    }

    fn kill(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn startup_error(&mut self) -> Option<String> {
        None
    }
}

/// The summary of two runs, and the names of the events.
fn carry_out(crashes: usize) -> (LaunchSummary, Vec<&'static str>) {
    let spec = "[experiment]\nname = \"trial\"\nseeds = 2\n[environment]\nname = \"catch\"\n\
        [budget]\nreal_steps = 100\n[evaluation]\nevery = 100\nepisodes = 1\n[agents.random]\n";
    let (path, overrides) = (Path::new("trial.toml"), Overrides::default());
    let plan = load_text(path, spec.to_owned(), &overrides, &Catalogue::built_in(None)).unwrap();
    let results = tempfile::tempdir().unwrap();
    let settings = LaunchSettings {
        results: results.path().to_owned(),
        jobs: 1,
        fresh: false,
        command: String::new(),
    };
    let mut events = Vec::new();
    let launcher = InProcess { crashes: Cell::new(crashes) };
    let interrupt = Interrupt::watch().unwrap();
    let rows = Rows {
        run_list: PathBuf::new(),
        first: 0,
        runs: &plan.runs,
        on_failure: plan.experiment.on_failure,
    };
    let summary = train(&launcher, &rows, &settings, &interrupt, &mut |event| {
        events.push(match event {
            RunEvent::Started(_) => "started",
            RunEvent::Retried(..) => "retried",
            RunEvent::Finished(..) => "finished",
            RunEvent::Failed(..) => "failed",
            _ => "other",
        });
    });
    (summary.unwrap(), events)
}

#[test]
fn a_crashed_run_is_retried_once() {
    let (summary, events) = carry_out(1);
    assert_eq!((summary.finished, summary.failed.len()), (2, 0));
    assert_eq!(events, ["started", "retried", "started", "finished", "started", "finished"]);
}

#[test]
fn a_run_that_crashes_twice_at_the_same_point_fails_and_the_others_go_on() {
    let (summary, events) = carry_out(2);
    assert_eq!((summary.finished, summary.failed.len()), (1, 1));
    assert!(summary.failed[0].reason.starts_with("crashed (twice, after real step 0"));
    assert_eq!(events, ["started", "retried", "started", "failed", "started", "finished"]);
}
