//! `final_scores`: the estimate over seeds of each group, by measure.

use polars::prelude::{DataFrame, PolarsResult, df};

use crate::findings::Findings;
use crate::scores::FinalScore;

/// One row per group and measure. `value`, `low` and `high` are empty if there is no score or no interval.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let scores = &findings.scores;
    let group = |score: &FinalScore| &findings.groups[score.group];
    let texts =
        |of: &dyn Fn(&FinalScore) -> String| -> Vec<String> { scores.iter().map(of).collect() };
    let statistic =
        |score: &FinalScore| score.estimate.map_or("", |estimate| estimate.statistic.name());
    let numbers = |of: &dyn Fn(&FinalScore) -> Option<f64>| -> Vec<Option<f64>> {
        scores.iter().map(of).collect()
    };
    let counts = |of: &dyn Fn(&FinalScore) -> usize| -> Vec<u64> {
        scores.iter().map(|score| of(score) as u64).collect()
    };
    let interval = |score: &FinalScore| score.estimate.and_then(|estimate| estimate.interval);
    df![
        "environment" => texts(&|score| group(score).environment.clone()),
        "agent" => texts(&|score| group(score).agent.clone()),
        "axes" => texts(&|score| group(score).axes.clone()),
        "metric" => texts(&|score| score.measure.name()),
        "statistic" => texts(&|score| statistic(score).to_owned()),
        "value" => numbers(&|score| Some(score.estimate?.value)),
        "low" => numbers(&|score| Some(interval(score)?.low)),
        "high" => numbers(&|score| Some(interval(score)?.high)),
        "seeds" => counts(&|score| score.estimate.map_or(0, |estimate| estimate.seeds)),
        "planned_seeds" => counts(&|score| group(score).runs.len()),
    ]
}
