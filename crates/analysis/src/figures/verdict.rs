//! The small plot beside the verdict on the hypothesis: the difference in each environment with its interval.

use super::forest_plot::{ForestPanel, ForestPlot, ForestRow};
use super::markers::Marker;
use super::palette::{INK, LineStyle, Palette};
use crate::findings::Findings;
use crate::hypothesis::{HypothesisResult, HypothesisTest, sides};
use zerolab_metrics::labels::short_label;

/// The plot; nothing if the hypothesis has not been tested on finished runs.
pub(super) fn picture(findings: &Findings) -> Option<ForestPlot> {
    let statement = &findings.experiment.hypothesis.as_ref()?.statement;
    let HypothesisResult::Tested { tests, .. } = findings.hypothesis.as_ref()? else { return None };
    let (greater, lesser) = sides(statement)?;
    let palette = Palette::of(findings);
    let of_agent = palette.line(greater);
    let is_known = findings.groups.iter().any(|group| group.agent == greater);
    let line = if is_known { of_agent } else { LineStyle::solid(INK, Marker::Circle) };
    let row = |test: &HypothesisTest| {
        let difference = test.difference?;
        Some(ForestRow {
            agent: test.environment.clone(),
            label: short_label(&test.environment),
            line,
            value: difference.value,
            interval: difference.interval(),
            runs: test.seeds.0.min(test.seeds.1),
            seeds: Vec::new(),
        })
    };
    let rows: Vec<ForestRow> = tests.iter().filter_map(row).collect();
    let measure = tests.first()?.measure.title();
    let panel = ForestPanel {
        title: format!("mean {measure}: {greater} − {lesser}"),
        reference: Some(0.0),
        ends: None,
        rows,
    };
    (!panel.rows.is_empty()).then(|| {
        let caption =
            "Differences in mean score with 95 % intervals, from 5 seeds on; at 0 (dashed) the agents are equal.";
        ForestPlot::new(vec![panel], caption.to_owned())
    })
}
