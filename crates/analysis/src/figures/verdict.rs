//! The small plot beside the verdicts: one panel per hypothesis, with the difference in each environment, or the mean
//! that is compared with a number, and its interval.

use super::forest_panel::{ForestPanel, ForestRow};
use super::forest_plot::ForestPlot;
use super::markers::Marker;
use super::palette::{INK, LineStyle, Palette};
use crate::findings::Findings;
use crate::hypothesis::{HypothesisResult, HypothesisTest, TestedHypothesis};
use zerolab_metrics::labels::short_label;

/// The plot; nothing if no hypothesis has been tested on finished runs.
pub(super) fn picture(findings: &Findings) -> Option<ForestPlot> {
    let palette = Palette::of(findings);
    let panels: Vec<ForestPanel> =
        findings.hypotheses.iter().filter_map(|it| panel(findings, it, &palette)).collect();
    let is_tested = |of_number: bool| {
        let mut hypotheses = findings.hypotheses.iter();
        hypotheses.any(|it| !tests(it).is_empty() && is_of_number(it) == of_number)
    };
    let differences = match is_tested(false) {
        true => {
            "Differences in mean score with 95 % intervals, from 5 seeds on; at 0 (dashed) the agents are equal."
        }
        false => "",
    };
    let means = match is_tested(true) {
        true => {
            "Means that a hypothesis compares with a number (dashed), with 95 % intervals, from 5 seeds on."
        }
        false => "",
    };
    let sentences: Vec<&str> =
        [differences, means].into_iter().filter(|sentence| !sentence.is_empty()).collect();
    (!panels.is_empty()).then(|| ForestPlot::new(panels, sentences.join(" ")))
}

fn tests(tested: &TestedHypothesis) -> &[HypothesisTest] {
    match &tested.result {
        HypothesisResult::Tested { tests, .. } => tests,
        HypothesisResult::NotTestable(_) => &[],
    }
}

fn is_of_number(tested: &TestedHypothesis) -> bool {
    tests(tested).iter().any(|test| test.number.is_some())
}

fn panel(findings: &Findings, tested: &TestedHypothesis, palette: &Palette) -> Option<ForestPanel> {
    let tests = tests(tested);
    let first = tests.first()?;
    let (greater, lesser) = tested.hypothesis.sides()?;
    let agent = if first.number.is_some_and(|it| !it.is_lesser) { lesser } else { greater };
    let is_known = findings.groups.iter().any(|group| group.agent == agent);
    let line = if is_known { palette.line(agent) } else { LineStyle::solid(INK, Marker::Circle) };
    let row = |test: &HypothesisTest| {
        let difference = test.difference?;
        let shown = test.mean.unwrap_or(difference);
        Some(ForestRow {
            agent: test.environment.clone(),
            label: short_label(&test.environment),
            line,
            value: shown.value,
            interval: shown.interval(),
            runs: test.seeds.0.min(test.seeds.1),
            seeds: Vec::new(),
        })
    };
    let rows: Vec<ForestRow> = tests.iter().filter_map(row).collect();
    let measure = first.measure.title();
    let (title, reference) = match first.number {
        Some(number) => (format!("mean {measure}: {agent}"), number.value),
        None => (format!("mean {measure}: {greater} − {lesser}"), 0.0),
    };
    (!rows.is_empty()).then_some(ForestPanel {
        title,
        reference: Some(reference),
        ends: None,
        rows,
    })
}
