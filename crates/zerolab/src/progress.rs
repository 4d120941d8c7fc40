//! The progress of the runs, on standard error: bars on a terminal, lines elsewhere.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use zerolab_experiments::launch::events::RunEvent;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::resolved::ResolvedRun;
use zerolab_metrics::format::{count, duration, percent};

/// The time between two progress lines of a run.
const LINE_INTERVAL: Duration = Duration::from_secs(30);

/// Shows the events of a runner.
pub struct Progress {
    view: View,
}

enum View {
    Bars(Bars),
    /// The last progress line of each run, by id.
    Lines(HashMap<String, LastLine>),
}

struct LastLine {
    printed: Instant,
    /// When the first event of the run was shown.
    started: Instant,
}

impl Progress {
    /// Bars if standard error is a terminal, lines otherwise.
    pub fn new(plan: &Plan) -> Self {
        let bars = io::stderr().is_terminal();
        Self { view: if bars { View::Bars(Bars::new(plan)) } else { View::Lines(HashMap::new()) } }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &RunEvent<'_>) {
        match &mut self.view {
            View::Bars(bars) => bars.show(event),
            View::Lines(last_lines) => {
                if let Some(line) = line(event).or_else(|| progress_line(last_lines, event)) {
                    // An experiment goes on even if its progress cannot be shown.
                    let _ = writeln!(io::stderr(), "{line}");
                }
            }
        }
    }
}

/// The line of an event that is always shown, also above the bars.
fn line(event: &RunEvent<'_>) -> Option<String> {
    match event {
        RunEvent::Reused(_) | RunEvent::Progress(..) => None,
        RunEvent::Lost(run, reason) => Some(format!("lost     {}: {reason}", run.id)),
        RunEvent::Started(run) => Some(format!("started  {}", run.id)),
        RunEvent::Elsewhere(run, holder) => Some(format!(
            "waiting  {}: trained by process {} on {}",
            run.id, holder.process_id, holder.host
        )),
        RunEvent::Finished(run, seconds) => {
            Some(format!("finished {} in {}", run.id, duration(*seconds as f64)))
        }
        RunEvent::Retried(run, reason) => Some(format!("retried  {}: {reason}", run.id)),
        RunEvent::Saved(run, real_steps) => {
            Some(format!("saved    {} at real step {}", run.id, count(*real_steps)))
        }
        RunEvent::Failed(run, failure) => Some(format!("failed   {}: {}", run.id, failure.reason)),
    }
}

/// The progress of a run, unless its last line is recent.
fn progress_line(
    last_lines: &mut HashMap<String, LastLine>,
    event: &RunEvent<'_>,
) -> Option<String> {
    let RunEvent::Progress(run, real_steps) = event else { return None };
    let now = Instant::now();
    let last = last_lines.entry(run.id.clone()).or_insert(LastLine { printed: now, started: now });
    if last.printed.elapsed() < LINE_INTERVAL {
        return None;
    }
    last.printed = now;
    let total = run.budget.real_steps;
    let left =
        last.started.elapsed().as_secs() * total.saturating_sub(*real_steps) / (*real_steps).max(1);
    let (share, of, left) = (percent(*real_steps, total), count(total), duration(left as f64));
    Some(format!("running  {}: {share} of {of} real steps, {left} left", run.id))
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
        let total = all.add(ProgressBar::new(steps).with_style(style("all runs", false)));
        Self { all, total, of_runs: HashMap::new(), real_steps: HashMap::new() }
    }

    fn show(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Reused(run) => self.total.dec_length(run.budget.real_steps),
            RunEvent::Started(run) | RunEvent::Elsewhere(run, _) => self.begin(run),
            RunEvent::Progress(run, real_steps) | RunEvent::Saved(run, real_steps) => {
                self.advance(run, *real_steps);
            }
            RunEvent::Lost(..) | RunEvent::Retried(..) => {}
            RunEvent::Finished(run, _) | RunEvent::Failed(run, _) => {
                self.advance(run, run.budget.real_steps);
                if let Some(bar) = self.of_runs.remove(&run.id) {
                    bar.finish_and_clear();
                }
            }
        }
        if !matches!(event, RunEvent::Started(_))
            && let Some(line) = line(event)
        {
            let _ = self.all.println(line);
        }
    }

    fn begin(&mut self, run: &ResolvedRun) {
        let bar = ProgressBar::new(run.budget.real_steps).with_style(style(&run.id, false));
        let bar = self.all.insert_before(&self.total, bar);
        bar.tick();
        self.of_runs.insert(run.id.clone(), bar);
    }

    fn advance(&mut self, run: &ResolvedRun, real_steps: u64) {
        self.real_steps.insert(run.id.clone(), real_steps);
        if let Some(bar) = self.of_runs.get(&run.id) {
            move_to(bar, &run.id, real_steps);
        }
        move_to(&self.total, "all runs", self.real_steps.values().sum());
    }
}

/// Moves a bar. The time left is shown from the first step on, when there is a speed.
fn move_to(bar: &ProgressBar, name: &str, real_steps: u64) {
    if bar.position() == 0 && real_steps > 0 {
        bar.set_style(style(name, true));
    }
    bar.set_position(real_steps);
}

/// A bar, the share done, the time left if known, and the name.
fn style(name: &str, timed: bool) -> ProgressStyle {
    let name = name.replace(['{', '}'], "");
    let left = if timed { "{eta:>4} left" } else { "         " };
    let template = format!("{{bar:24}} {{percent:>3}} %  {left}  {name}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
