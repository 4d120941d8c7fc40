//! `final-scores`: IQM, median and mean of the final scores of each agent, and where scores are normalised the
//! optimality gap, with stratified 95 % bootstrap intervals (Agarwal et al. 2021, figure 9).

use zerolab_metrics::statistics::{Bootstrap, ScoreMatrix, median};

use super::palette::Palette;
use super::rows::{Panel, Row, Rows};
use super::{Entry, NOTHING_FINISHED, Sketch};
use crate::aggregates::{Field, fields};
use crate::findings::Findings;
use crate::scores::Metric;

pub(super) const ENTRY: Entry = Entry {
    name: "final-scores",
    summary: "IQM, median, mean (and optimality gap of normalised scores) of final scores with 95 % intervals, an agent a row",
    xs: &["return", "performance"],
    picture,
};

/// More environments without a common scale would make a wall of panels.
const MOST_FIELDS: usize = 3;

/// What is estimated: its name, and how. The score of 1 is a human's.
type Statistic = (&'static str, fn(&ScoreMatrix) -> f64);

const STATISTICS: [Statistic; 3] =
    [("IQM", ScoreMatrix::iqm), ("median", over_all), ("mean", ScoreMatrix::mean)];
const OPTIMALITY_GAP: Statistic = ("optimality gap", |scores| scores.optimality_gap(1.0));

/// The median over tasks of their means, as rliable's; over the runs of a single task, where that would be a mean.
fn over_all(scores: &ScoreMatrix) -> f64 {
    if scores.tasks().len() > 1 { scores.median() } else { median(scores.pooled()) }
}

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let metric = Metric::named(x);
    let fields = fields(findings, metric);
    if fields.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    if fields.len() > MOST_FIELDS {
        return Err(format!(
            "the scores of {} environments are on no common scale; `per-task` shows each",
            fields.len()
        ));
    }
    let palette = Palette::of(findings);
    let normalised = fields.iter().any(|field| field.normalised);
    let mut statistics = STATISTICS.to_vec();
    statistics.extend(normalised.then_some(OPTIMALITY_GAP));
    // An estimate a row of panels, so that equal ones stand side by side.
    let panels = statistics.iter().flat_map(|statistic| {
        let fields =
            fields.iter().filter(|field| field.normalised || statistic.0 != OPTIMALITY_GAP.0);
        fields.map(|field| panel(field, statistic, &palette)).collect::<Vec<_>>()
    });
    let scale = match normalised {
        true => {
            " Scores of a benchmark are human-normalised: 0 is a random agent, 1 (dashed) a human; of the \
                 optimality gap, what is missing to 1, less is better."
        }
        false => "",
    };
    Ok(Box::new(Rows {
        panels: panels.collect(),
        columns: fields.len(),
        caption: format!(
            "Final {} over finished runs. Lines: 95 % bootstrap intervals, the runs of each task drawn by themselves.{scale}",
            metric.name()
        ),
    }))
}

fn panel(field: &Field<'_>, (name, estimate): &Statistic, palette: &Palette<'_>) -> Panel {
    let row = |(agent, scores): &(&str, ScoreMatrix)| Row {
        agent: (*agent).to_owned(),
        line: palette.line(agent),
        value: estimate(scores),
        interval: Bootstrap::default().interval_of(scores, estimate),
        runs: scores.pooled().len(),
    };
    let gap = *name == OPTIMALITY_GAP.0;
    Panel {
        title: format!("{}: {name}", field.title),
        reference: field.normalised.then_some(if gap { 0.0 } else { 1.0 }),
        ends: None,
        rows: field.agents.iter().map(row).collect(),
    }
}
