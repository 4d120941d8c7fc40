//! The progress of the runs, on standard error: bars on a terminal, lines elsewhere.

mod bars;

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::ProgressDrawTarget;
use zerolab_experiments::launch::events::RunEvent;
use zerolab_experiments::launch::time_left::TimeLeft;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::forecast::Forecast;
use zerolab_metrics::format::{count, duration, percent};
use zerolab_metrics::labels::short_settings;

use self::bars::Bars;
use crate::terminal::stderr_width;

/// The width of a terminal that does not tell it.
const USUAL_WIDTH: usize = 80;

/// The time between two progress lines of a run.
const LINE_INTERVAL: Duration = Duration::from_secs(30);

/// Shows the events of a runner.
pub struct Progress {
    view: View,
    started: Instant,
    time_left: TimeLeft,
    names: Names,
}

/// The name of each run by its id: the id, with the run's swept settings in short form.
type Names = HashMap<String, String>;

enum View {
    Bars(Box<Bars>),
    /// When the last progress line of each run was printed, by id.
    Lines(HashMap<String, Instant>),
}

impl Progress {
    /// Bars if standard error is a terminal, lines otherwise. The costs of the runs are in `forecast`, and `jobs`
    /// of them train at the same time.
    pub fn new(plan: &Plan, forecast: &Forecast, jobs: usize) -> Self {
        let names = names(plan);
        let view = if io::stderr().is_terminal() {
            let real_steps = plan.runs.iter().map(|run| run.budget.real_steps).sum();
            let width = stderr_width().unwrap_or(USUAL_WIDTH);
            View::Bars(Box::new(Bars::new(&names, real_steps, ProgressDrawTarget::stderr(), width)))
        } else {
            View::Lines(HashMap::new())
        };
        let time_left = TimeLeft::new(plan, forecast, jobs);
        Self { view, started: Instant::now(), time_left, names }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &RunEvent<'_>) {
        self.observe(event);
        let Self { view, time_left, names, .. } = self;
        let named = |id: &str| names.get(id).cloned().unwrap_or_default();
        match view {
            View::Bars(bars) => bars.show(event, time_left, line(event, &named)),
            View::Lines(printed) => {
                let line =
                    line(event, &named).or_else(|| progress_line(printed, event, time_left, names));
                if let Some(line) = line {
                    // An experiment goes on even if its progress cannot be shown.
                    let _ = writeln!(io::stderr(), "{line}");
                }
            }
        }
    }

    fn observe(&mut self, event: &RunEvent<'_>) {
        let now = self.started.elapsed();
        match event {
            RunEvent::Progress(run, real_steps) => {
                self.time_left.observe(&run.id, *real_steps, now)
            }
            RunEvent::Finished(run, _) => self.time_left.end(&run.id, true, now),
            RunEvent::Reused(run) | RunEvent::Failed(run, _) => {
                self.time_left.end(&run.id, false, now);
            }
            RunEvent::Lost(..)
            | RunEvent::Started(_)
            | RunEvent::Elsewhere(..)
            | RunEvent::Retried(..)
            | RunEvent::Saved(..) => {}
        }
    }
}

fn names(plan: &Plan) -> Names {
    let name = |id: &String| {
        let settings = plan.axes.get(id).map(short_settings).unwrap_or_default();
        if settings.is_empty() { id.clone() } else { format!("{id} ({settings})") }
    };
    plan.runs.iter().map(|run| (run.id.clone(), name(&run.id))).collect()
}

/// The line of an event that is always shown, also above the bars. `name` gives the name of a run for its id.
pub fn line(event: &RunEvent<'_>, name: &dyn Fn(&str) -> String) -> Option<String> {
    match event {
        RunEvent::Reused(_) | RunEvent::Progress(..) => None,
        RunEvent::Lost(run, reason) => Some(format!("lost     {}: {reason}", name(&run.id))),
        RunEvent::Started(run) => Some(format!("started  {}", name(&run.id))),
        RunEvent::Elsewhere(run, holder) => {
            Some(format!("waiting  {}: trained by {holder}", name(&run.id)))
        }
        RunEvent::Finished(run, seconds) => {
            Some(format!("finished {} in {}", name(&run.id), duration(*seconds as f64)))
        }
        RunEvent::Retried(run, reason) => Some(format!("retried  {}: {reason}", name(&run.id))),
        RunEvent::Saved(run, real_steps) => {
            Some(format!("saved    {} at real step {}", name(&run.id), count(*real_steps)))
        }
        RunEvent::Failed(run, failure) => {
            Some(format!("failed   {}: {}", name(&run.id), failure.reason))
        }
    }
}

/// The progress of a run, unless its last line is recent.
fn progress_line(
    printed: &mut HashMap<String, Instant>,
    event: &RunEvent<'_>,
    time_left: &TimeLeft,
    names: &Names,
) -> Option<String> {
    let RunEvent::Progress(run, real_steps) = event else { return None };
    let now = Instant::now();
    let last = printed.entry(run.id.clone()).or_insert(now);
    if last.elapsed() < LINE_INTERVAL {
        return None;
    }
    *last = now;
    let total = run.budget.real_steps;
    let (share, of) = (percent(*real_steps, total), count(total));
    let left = |left: Option<Duration>| {
        left.map_or_else(|| "unknown".to_owned(), |left| duration(left.as_secs_f64()))
    };
    let (run_left, all_left) = (left(time_left.of_run(&run.id)), left(time_left.of_all()));
    let name = names.get(&run.id)?;
    Some(format!(
        "running  {name}: {share} of {of} real steps, {run_left} left; all runs: {all_left} left"
    ))
}
