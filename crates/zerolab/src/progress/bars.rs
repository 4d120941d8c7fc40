//! A bar for each run in training, and one for all. Every bar fits into one line of the terminal.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use zerolab_experiments::launch::events::RunEvent;
use zerolab_experiments::launch::time_left::TimeLeft;
use zerolab_metrics::display_width::shortened;
use zerolab_metrics::format::duration;

use super::Names;

/// The columns of a line without its bar and its name.
const FIXED_WIDTH: usize = " 100 %  12 min 34 s left  ".len();

/// Progress bars.
pub struct Bars {
    all: MultiProgress,
    bar_length: usize,
    total: ProgressBar,
    of_runs: HashMap<String, ProgressBar>,
    real_steps: HashMap<String, u64>,
    /// The names of the runs as they are shown.
    names: Names,
}

impl Bars {
    /// The bars of runs with these names, which take `real_steps` together, for a terminal of `width` columns.
    pub fn new(names: &Names, real_steps: u64, target: ProgressDrawTarget, width: usize) -> Self {
        // A terminal of 40 columns still has room for `all runs`.
        let bar_length = (width / 4).saturating_sub(5).clamp(4, 24);
        let (ids, names): (Vec<&String>, Vec<&String>) = names.iter().unzip();
        let names = shortened(&names, width.saturating_sub(bar_length + FIXED_WIDTH));
        let all = MultiProgress::with_draw_target(target);
        let total =
            ProgressBar::new(real_steps).with_style(style(bar_length)).with_message("all runs");
        Self {
            total: all.add(total),
            all,
            bar_length,
            of_runs: HashMap::new(),
            real_steps: HashMap::new(),
            names: ids.into_iter().cloned().zip(names).collect(),
        }
    }

    /// Shows an event, and above the bars its `line`.
    pub fn show(&mut self, event: &RunEvent<'_>, time_left: &TimeLeft, line: Option<String>) {
        let mut advance = |id: &str, real_steps: u64| {
            self.advance(id, real_steps, time_left.of_run(id), time_left.of_all());
        };
        match event {
            RunEvent::Progress(run, real_steps) | RunEvent::Saved(run, real_steps) => {
                advance(&run.id, *real_steps);
            }
            RunEvent::Finished(run, _) | RunEvent::Failed(run, _) => {
                advance(&run.id, run.budget.real_steps);
                self.end(&run.id);
            }
            RunEvent::Reused(run) => self.total.dec_length(run.budget.real_steps),
            RunEvent::Started(run) | RunEvent::Elsewhere(run, _) => {
                self.begin(&run.id, run.budget.real_steps);
            }
            RunEvent::Lost(..) | RunEvent::Retried(..) => {}
        }
        // The bar of a run says that it was started.
        if !matches!(event, RunEvent::Started(_))
            && let Some(line) = line
        {
            let _ = self.all.println(line);
        }
    }

    fn begin(&mut self, id: &str, real_steps: u64) {
        self.end(id);
        let name = self.names.get(id).cloned().unwrap_or_default();
        let bar =
            ProgressBar::new(real_steps).with_style(style(self.bar_length)).with_message(name);
        let bar = self.all.insert_before(&self.total, bar);
        bar.tick();
        self.of_runs.insert(id.to_owned(), bar);
    }

    /// Moves the bar of a run, and that of all.
    fn advance(
        &mut self,
        id: &str,
        real_steps: u64,
        left: Option<Duration>,
        all_left: Option<Duration>,
    ) {
        self.real_steps.insert(id.to_owned(), real_steps);
        if let Some(bar) = self.of_runs.get(id) {
            move_to(bar, real_steps, left);
        }
        move_to(&self.total, self.real_steps.values().sum(), all_left);
    }

    fn end(&mut self, id: &str) {
        if let Some(bar) = self.of_runs.remove(id) {
            bar.finish_and_clear();
        }
    }
}

/// Moves a bar, and shows the time left if it is known.
fn move_to(bar: &ProgressBar, real_steps: u64, left: Option<Duration>) {
    if let Some(left) = left {
        bar.set_prefix(format!("{} left", duration(left.as_secs_f64().round())));
    }
    bar.set_position(real_steps);
}

/// A bar, the share done, the time left, and the name. The name is the part that is cut off if the terminal has become
/// narrower.
fn style(bar_length: usize) -> ProgressStyle {
    let template = format!("{{bar:{bar_length}}} {{percent:>3}} %  {{prefix:16}}  {{wide_msg}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::InMemoryTerm;

    const RUNS: [(&str, &str); 3] = [
        ("a", "minatar-breakout-efficientzero-s0-8ed3f54d5a0c1f77 (lr=1e-3 sims=16)"),
        ("b", "minatar-breakout-efficientzero-s1-fb5b4eed90d1c2a8 (lr=1e-3 sims=8)"),
        ("c", "catch-dqn-s0-523d91e5bb01a2c3"),
    ];

    /// What a terminal of `width` columns shows in the middle of three runs.
    fn shown(width: u16, width_now: u16) -> String {
        let terminal = InMemoryTerm::new(10, width_now);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let names = RUNS.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        let mut bars = Bars::new(&names, 3_000, target, width.into());
        for ((id, _), (real_steps, left)) in RUNS.into_iter().zip([(990, 5), (450, 754), (0, 0)]) {
            bars.begin(id, 1_000);
            if left > 0 {
                let all_left = Some(Duration::from_secs(86_399));
                bars.advance(id, real_steps, Some(Duration::from_secs(left)), all_left);
            }
        }
        terminal.contents()
    }

    #[test]
    fn every_bar_is_one_line_in_any_width() {
        let all: Vec<String> = [40, 60, 80, 120]
            .map(|width| {
                let shown = shown(width, width);
                assert_eq!(shown.lines().count(), RUNS.len() + 1, "{shown}");
                format!("{width} columns\n{shown}")
            })
            .into();
        insta::assert_snapshot!(all.join("\n\n"));
    }

    #[test]
    fn a_terminal_that_became_narrower_cuts_names_off() {
        let shown = shown(120, 70);
        assert_eq!(shown.lines().count(), RUNS.len() + 1, "{shown}");
    }
}
