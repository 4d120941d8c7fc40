//! `time-to-event`: the share of runs whose training episodes are not yet mostly ones of an event, against real
//! steps (Kaplan & Meier 1958). One panel per environment and event.

use zerolab_metrics::statistics::{Interval, MIN_RUNS_TO_JUDGE};

use super::kind::{Choice, FigureKind, PictureResult, Section};
use super::stepped_curves::{SteppedCurve, SteppedCurves, SteppedPanel, SteppedPoint};
use crate::event_times::{EventTimes, THRESHOLD, WINDOW};
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::numbers::{counted, exact, with_interval};
use crate::spending::SpentQuantity;

pub(super) const KIND: FigureKind = FigureKind {
    name: "time-to-event",
    summary: "share of runs whose training is not yet mostly an event of the environment, against real steps, \
        with 95 % bands, one panel per environment and event",
    section: Section::Curves,
    xs: &[],
    has_y: false,
    picture,
};

/// The confidence of the bands.
const CONFIDENCE: f64 = 0.95;

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let mut panels: Vec<SteppedPanel> = Vec::new();
    for times in &findings.event_times {
        let group = &findings.groups[times.group];
        let title = format!("{}: {}", group.environment, times.event);
        let panel = find_or_add(
            &mut panels,
            |it| it.title == title,
            || SteppedPanel {
                title: title.clone(),
                x_title: SpentQuantity::RealSteps.title().to_owned(),
                y_title: "share of runs that have not reached it".to_owned(),
                span: (0.0, 1.0),
                curves: Vec::new(),
            },
        );
        panel.span.1 = panel.span.1.max(times.horizon * 1.02);
        panel.curves.push(curve(&group.agent, times));
    }
    if panels.is_empty() {
        return Err("no finished run has recorded an event of its environment".to_owned());
    }
    let caption = format!(
        "Share of finished runs in which the event has not yet happened in more than half of the steps: the \
         mean share of steps over the last {WINDOW} training episodes has not exceeded {THRESHOLD} \
         (Kaplan–Meier; a run that never does so is censored at its budget). Bands: 95 % intervals, \
         pointwise, from {MIN_RUNS_TO_JUDGE} runs on; none where no run is left."
    );
    Ok(Box::new(SteppedCurves::new(findings, panels, caption)))
}

/// The share of an agent's runs that have not yet reached the event, from 0 to the end of the budget.
fn curve<'a>(agent: &'a str, times: &EventTimes) -> SteppedCurve<'a> {
    let begin = (0.0, 1.0, Some(Interval { low: 1.0, high: 1.0 }));
    let survival = times.times.survival().into_iter();
    let mut steps = vec![begin];
    steps.extend(survival.map(|step| (step.time, step.share, step.interval(CONFIDENCE))));
    // The last share stays until the end of the budget.
    let last = steps.last().map(|&(_, share, band)| (times.horizon, share, band));
    steps.extend(last);
    let point = |(x, share, band): (f64, f64, Option<Interval>)| {
        let band = band.filter(|_| times.runs >= MIN_RUNS_TO_JUDGE);
        let at = SpentQuantity::RealSteps.amount(x);
        let reached = format!("{} of {} have", times.reached, counted(times.runs, "run"));
        let lines = [format!("{at}: {}", with_interval(share, band, exact)), reached];
        SteppedPoint { x, share, band, lines }
    };
    SteppedCurve { agent, runs: times.runs, points: steps.into_iter().map(point).collect() }
}
