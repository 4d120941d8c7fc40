//! The progress of the runs, on standard error: bars on a terminal, lines elsewhere.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use zerolab_experiments::launch::events::RunEvent;
use zerolab_experiments::launch::time_left::TimeLeft;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::forecast::Forecast;
use zerolab_experiments::plan::resolved::ResolvedRun;
use zerolab_metrics::format::{count, duration, percent};
use zerolab_metrics::labels::short_settings;

/// The time between two progress lines of a run.
const LINE_INTERVAL: Duration = Duration::from_secs(30);

/// Shows the events of a runner.
pub struct Progress {
    view: View,
    started: Instant,
    time_left: TimeLeft,
    /// The swept settings of each run in short form, by id; nothing for a run without any.
    settings: HashMap<String, String>,
}

enum View {
    Bars(Bars),
    /// When the last progress line of each run was printed, by id.
    Lines(HashMap<String, Instant>),
}

impl Progress {
    /// Bars if standard error is a terminal, lines otherwise. The costs of the runs are in `forecast`, and `jobs`
    /// of them train at the same time.
    pub fn new(plan: &Plan, forecast: &Forecast, jobs: usize) -> Self {
        let bars = io::stderr().is_terminal();
        let settings = plan.axes.iter().map(|(id, axes)| (id.clone(), short_settings(axes)));
        Self {
            view: if bars { View::Bars(Bars::new(plan)) } else { View::Lines(HashMap::new()) },
            started: Instant::now(),
            time_left: TimeLeft::new(plan, forecast, jobs),
            settings: settings.filter(|(_, settings)| !settings.is_empty()).collect(),
        }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &RunEvent<'_>) {
        self.observe(event);
        let name = |id: &str| match self.settings.get(id) {
            Some(settings) => format!("{id} ({settings})"),
            None => id.to_owned(),
        };
        match &mut self.view {
            View::Bars(bars) => bars.show(event, &self.time_left, &name),
            View::Lines(printed) => {
                let line = line(event, &name)
                    .or_else(|| progress_line(printed, event, &self.time_left, &name));
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

/// The name of a run by its id.
type Name<'a> = dyn Fn(&str) -> String + 'a;

/// The line of an event that is always shown, also above the bars.
fn line(event: &RunEvent<'_>, name: &Name<'_>) -> Option<String> {
    match event {
        RunEvent::Reused(_) | RunEvent::Progress(..) => None,
        RunEvent::Lost(run, reason) => Some(format!("lost     {}: {reason}", name(&run.id))),
        RunEvent::Started(run) => Some(format!("started  {}", name(&run.id))),
        RunEvent::Elsewhere(run, holder) => Some(format!(
            "waiting  {}: trained by process {} on {}",
            name(&run.id),
            holder.process_id,
            holder.host
        )),
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
    name: &Name<'_>,
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
    let name = name(&run.id);
    Some(format!(
        "running  {name}: {share} of {of} real steps, {run_left} left; all runs: {all_left} left"
    ))
}

struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    of_runs: HashMap<String, ProgressBar>,
    real_steps: HashMap<String, u64>,
}

impl Bars {
    fn new(plan: &Plan) -> Self {
        let all = MultiProgress::new();
        let steps = plan.runs.iter().map(|run| run.budget.real_steps).sum();
        let total = all.add(ProgressBar::new(steps).with_style(style("all runs")));
        Self { all, total, of_runs: HashMap::new(), real_steps: HashMap::new() }
    }

    fn show(&mut self, event: &RunEvent<'_>, time_left: &TimeLeft, name: &Name<'_>) {
        match event {
            RunEvent::Reused(run) => self.total.dec_length(run.budget.real_steps),
            RunEvent::Started(run) | RunEvent::Elsewhere(run, _) => self.begin(run, name),
            RunEvent::Progress(run, real_steps) | RunEvent::Saved(run, real_steps) => {
                self.advance(run, *real_steps, time_left);
            }
            RunEvent::Lost(..) | RunEvent::Retried(..) => {}
            RunEvent::Finished(run, _) | RunEvent::Failed(run, _) => {
                self.advance(run, run.budget.real_steps, time_left);
                if let Some(bar) = self.of_runs.remove(&run.id) {
                    bar.finish_and_clear();
                }
            }
        }
        if !matches!(event, RunEvent::Started(_))
            && let Some(line) = line(event, name)
        {
            let _ = self.all.println(line);
        }
    }

    fn begin(&mut self, run: &ResolvedRun, name: &Name<'_>) {
        let bar = ProgressBar::new(run.budget.real_steps).with_style(style(&name(&run.id)));
        let bar = self.all.insert_before(&self.total, bar);
        bar.tick();
        self.of_runs.insert(run.id.clone(), bar);
    }

    fn advance(&mut self, run: &ResolvedRun, real_steps: u64, time_left: &TimeLeft) {
        self.real_steps.insert(run.id.clone(), real_steps);
        if let Some(bar) = self.of_runs.get(&run.id) {
            move_to(bar, real_steps, time_left.of_run(&run.id));
        }
        move_to(&self.total, self.real_steps.values().sum(), time_left.of_all());
    }
}

/// Moves a bar, and shows the time left if it is known.
fn move_to(bar: &ProgressBar, real_steps: u64, left: Option<Duration>) {
    if let Some(left) = left {
        bar.set_message(format!("{} left", duration(left.as_secs_f64().round())));
    }
    bar.set_position(real_steps);
}

/// A bar, the share done, the time left, and the name.
fn style(name: &str) -> ProgressStyle {
    let name = name.replace(['{', '}'], "");
    let template = format!("{{bar:24}} {{percent:>3}} %  {{msg:12}}  {name}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
