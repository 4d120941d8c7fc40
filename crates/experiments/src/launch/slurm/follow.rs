//! Shows how the jobs of an experiment go on, for somebody who waits.

use std::collections::HashMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::client::SlurmError;
use super::jobs::{Job, JobsFolder};
use super::queue::Queue;
use super::run_states::look;
use crate::inspect::status::{RunStatus, status};
use crate::plan::Plan;
use crate::run::interrupt::Interrupt;

/// Time between two looks at the runs and the queue.
const LOOK_INTERVAL: Duration = Duration::from_secs(3);

/// Time between checks for a signal.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Follows the runs of `plan` until none is queued or in training, then the report's job. Calls `on_change` whenever the
/// state of a run is another one than before. Returns the states at the end, or `None` after a signal; the jobs go on then.
///
/// # Errors
/// If the files of the jobs cannot be read.
pub fn follow(
    plan: &Plan,
    results: &Path,
    interrupt: &Interrupt,
    on_change: &mut dyn FnMut(&RunStatus),
) -> Result<Option<Vec<RunStatus>>, SlurmError> {
    let folder = JobsFolder::of(results, &plan.experiment.name);
    let mut known: HashMap<String, RunStatus> = HashMap::new();
    loop {
        let is_done = |id: &String| known.get(id).is_some_and(|run| run.state == "done");
        let mut rest = plan.clone();
        rest.runs.retain(|run| !is_done(&run.id));
        let mut runs = status(results, &rest);
        let queue = look(&mut runs, &folder);
        let is_live = |run: &RunStatus| ["queued", "running", "unknown"].contains(&run.state);
        let live = runs.iter().any(is_live);
        for run in runs {
            if known.get(&run.id).is_none_or(|before| before.state != run.state) {
                on_change(&run);
            }
            known.insert(run.id.clone(), run);
        }
        if !live && !report_is_queued(queue, &folder) {
            let runs = plan.runs.iter().filter_map(|run| known.remove(&run.id));
            return Ok(Some(runs.collect()));
        }
        let looked = Instant::now();
        while looked.elapsed() < LOOK_INTERVAL {
            if interrupt.stop_requested() {
                return Ok(None);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }
}

/// Whether the queue, which may be known, has the job of the report. No answer means that it may.
fn report_is_queued(queue: Option<Queue>, folder: &JobsFolder) -> bool {
    let queue = queue.or_else(|| Queue::read(folder, &|_| false).ok());
    queue.is_none_or(|queue| queue.live().any(Job::is_report))
}
