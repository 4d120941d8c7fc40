//! `final_scores`: the estimate over seeds of each group, by metric.

use polars::prelude::{DataFrame, PolarsResult, df};

use crate::findings::Findings;
use crate::scores::Score;

/// One row a group and metric; `value`, `low` and `high` are empty where there is no score or no interval.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let scores = &findings.scores;
    let group = |score: &Score| &findings.groups[score.group];
    let texts = |of: &dyn Fn(&Score) -> String| -> Vec<String> { scores.iter().map(of).collect() };
    let statistic = |score: &Score| score.estimate.map_or("", |estimate| estimate.statistic.name());
    let interval = |score: &Score| score.estimate.and_then(|estimate| estimate.interval);
    df![
        "environment" => texts(&|score| group(score).environment.clone()),
        "agent" => texts(&|score| group(score).agent.clone()),
        "axes" => texts(&|score| group(score).axes.clone()),
        "metric" => texts(&|score| score.metric.name().to_owned()),
        "statistic" => texts(&|score| statistic(score).to_owned()),
        "value" => scores.iter().map(|score| score.estimate.map(|estimate| estimate.value)).collect::<Vec<_>>(),
        "low" => scores.iter().map(|score| interval(score).map(|interval| interval.low)).collect::<Vec<_>>(),
        "high" => scores.iter().map(|score| interval(score).map(|interval| interval.high)).collect::<Vec<_>>(),
        "seeds" => scores.iter().map(|score| score.estimate.map_or(0, |estimate| estimate.seeds as u64)).collect::<Vec<_>>(),
        "planned_seeds" => scores.iter().map(|score| group(score).runs.len() as u64).collect::<Vec<_>>(),
    ]
}
