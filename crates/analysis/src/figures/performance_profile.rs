//! `performance-profile`: the share of runs whose final score is above each threshold (Agarwal et al. 2021,
//! section 4.2). One panel for all tasks of a benchmark with normalised scores, otherwise one panel per
//! environment.

use zerolab_metrics::Measure;
use zerolab_metrics::statistics::{
    Bootstrap, MIN_RUNS_TO_JUDGE, Profile, ProfilePoint, ScoreMatrix,
};

use super::kind::{Choice, FigureKind, NOTHING_FINISHED, PictureResult, Section};
use super::stepped_curves::{SteppedCurve, SteppedCurves, SteppedPanel, SteppedPoint};
use crate::findings::Findings;
use crate::numbers::{counted, exact, score, with_interval};
use crate::task_sets::{TaskSet, task_sets};

pub(super) const KIND: FigureKind = FigureKind {
    name: "performance-profile",
    summary: "share of runs with a final score above each threshold, with 95 % bands: the whole \
        distribution of scores",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: false,
    picture,
};

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let task_sets = task_sets(findings, &measure).into_iter();
    let panels: Vec<_> = task_sets.map(|task_set| panel(task_set, &measure)).collect();
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let caption = format!(
        "Share of finished runs whose final {} is above the score along x. Several tasks have equal \
         weight. Bands: 95 % bootstrap intervals, pointwise, from {MIN_RUNS_TO_JUDGE} runs on. An agent \
         whose line is everywhere above another’s is better.",
        measure.title()
    );
    Ok(Box::new(SteppedCurves::new(findings, panels, caption)))
}

fn panel<'a>(task_set: TaskSet<'a>, measure: &Measure) -> SteppedPanel<'a> {
    let scores = || task_set.agents.iter().flat_map(|(_, scores)| scores.pooled());
    let low = scores().copied().fold(f64::INFINITY, f64::min);
    let high = scores().copied().fold(f64::NEG_INFINITY, f64::max);
    // A margin beyond the scores, so that each profile begins at 1 and ends at 0.
    let margin = if high > low { 0.04 * (high - low) } else { high.abs().max(1.0) };
    let span = (low - margin, high + margin);
    let profile = |(agent, scores): &(&'a str, ScoreMatrix)| {
        let mut thresholds: Vec<f64> = scores.pooled().to_vec();
        thresholds.extend([span.0, span.1]);
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        let runs = scores.pooled().len();
        let point = |ProfilePoint { threshold, share, band }: ProfilePoint| {
            let band = band.filter(|_| runs >= MIN_RUNS_TO_JUDGE);
            let above = with_interval(share, band, exact);
            let above = format!("{above} of runs above {}", score(threshold));
            SteppedPoint { x: threshold, share, band, lines: [above, counted(runs, "run")] }
        };
        let points = Profile::Scores.points(scores, &thresholds, &Bootstrap::default());
        SteppedCurve { agent, runs, points: points.into_iter().map(point).collect() }
    };
    let curves: Vec<SteppedCurve<'_>> = task_set.agents.iter().map(profile).collect();
    let runs = || curves.iter().map(|curve| curve.runs);
    let (fewest, most) = (runs().min().unwrap_or(0), runs().max().unwrap_or(0));
    let number = match fewest == most {
        true => counted(most, "run"),
        false => format!("{fewest} to {}", counted(most, "run")),
    };
    let scale = if task_set.normalised { "human-normalised " } else { "" };
    SteppedPanel {
        title: task_set.title.clone(),
        x_title: format!("final {scale}{}", measure.title()),
        y_title: format!("share above, of {number}"),
        span,
        curves,
    }
}
