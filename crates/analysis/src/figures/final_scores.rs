//! `final-scores`: IQM, median and mean of the final scores of each agent, and for normalised scores the
//! optimality gap, with stratified 95 % bootstrap intervals (Agarwal et al. 2021, figure 9).

use zerolab_metrics::statistics::{Bootstrap, ScoreMatrix, median};

use super::forest_panel::{ForestPanel, ForestRow};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, PictureResult, Section};
use super::measures::{definition, undefined};
use super::palette::Palette;
use crate::findings::Findings;
use crate::task_sets::{TaskSet, task_sets};

pub(super) const KIND: FigureKind = FigureKind {
    name: "final-scores",
    summary: "IQM, median, mean (and optimality gap of normalised scores) of final scores with 95 % \
        intervals, one row per agent",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: true,
    picture,
};

/// More environments would need too many panels.
const MAX_TASK_SETS: usize = 3;

/// An estimator with its name. A normalised score of 1 is a human's.
type NamedEstimator = (&'static str, fn(&ScoreMatrix) -> f64);

const STATISTICS: [NamedEstimator; 3] =
    [("IQM", ScoreMatrix::iqm), ("median", median_of_tasks_or_runs), ("mean", ScoreMatrix::mean)];
const OPTIMALITY_GAP: NamedEstimator = ("optimality gap", |scores| scores.optimality_gap(1.0));

/// The median over the means of tasks, as in rliable; for a single task the median over its runs.
fn median_of_tasks_or_runs(scores: &ScoreMatrix) -> f64 {
    if scores.tasks().len() > 1 { scores.median() } else { median(scores.pooled()) }
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let task_sets = task_sets(findings, &measure);
    if task_sets.is_empty() {
        return Err(undefined(&measure));
    }
    if task_sets.len() > MAX_TASK_SETS {
        return Err(format!(
            "{} environments would need {} panels; `per-task` shows each",
            task_sets.len(),
            STATISTICS.len() * task_sets.len()
        ));
    }
    let palette = Palette::of(findings);
    let normalised = task_sets.iter().any(|task_set| task_set.normalised);
    let mut statistics = STATISTICS.to_vec();
    statistics.extend(normalised.then_some(OPTIMALITY_GAP));
    // Panels of the same estimate follow each other.
    let panels = statistics.iter().flat_map(|statistic| {
        let task_sets = task_sets
            .iter()
            .filter(|task_set| task_set.normalised || statistic.0 != OPTIMALITY_GAP.0);
        task_sets.map(|task_set| panel(task_set, statistic, &palette)).collect::<Vec<_>>()
    });
    let scale = match normalised {
        true => {
            " Scores of a benchmark are human-normalised: 0 is a random agent, 1 (dashed) a human. A smaller \
                 optimality gap (the distance to 1) is better."
        }
        false => "",
    };
    Ok(Box::new(ForestPlot::new(
        panels.collect(),
        format!(
            "Final {} over finished runs. Lines: 95 % bootstrap intervals, resampled within each \
             task.{scale}{}",
            measure.title(),
            definition(findings, &measure),
        ),
    )))
}

fn panel(
    task_set: &TaskSet<'_>,
    (name, estimate): &NamedEstimator,
    palette: &Palette,
) -> ForestPanel {
    let row = |(agent, scores): &(&str, ScoreMatrix)| {
        let interval = Bootstrap::default().interval_of(scores, estimate);
        ForestRow::of(palette, agent, estimate(scores), interval, scores.pooled().len())
    };
    let gap = *name == OPTIMALITY_GAP.0;
    ForestPanel {
        title: format!("{}: {name}", task_set.title),
        reference: task_set.normalised.then_some(if gap { 0.0 } else { 1.0 }),
        ends: None,
        rows: task_set.agents.iter().map(row).collect(),
    }
}
