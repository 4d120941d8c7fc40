//! The answer in sentences, and the table of final scores: what stands on the terminal and atop the page.

use crate::findings::Findings;
use crate::groups::in_order;
use crate::hypothesis::{Comparison, Judgement};
use crate::numbers::{self, count, counted, duration, enumerated, prefixed, score};
use crate::report_table::{Align, ReportTable, TableCell};
use crate::results::Status;
use crate::scores::{Estimate, Metric};

/// Agents named in one sentence; the rest stand in the table.
const MOST_AGENTS_IN_A_SENTENCE: usize = 6;

/// The answer: a sentence an environment, the state of what is not finished, the verdict.
pub(crate) fn answer(findings: &Findings) -> String {
    let mut sentences: Vec<String> = in_order(&findings.groups, |group| &group.environment)
        .into_iter()
        .filter_map(|environment| environment_sentence(findings, environment))
        .collect();
    if findings.runs.is_empty() && findings.published.is_some() {
        sentences.push(
            "There are no runs of ours: all that stands here was published by others.".to_owned(),
        );
    } else if sentences.is_empty() {
        sentences.push("No run has finished with an evaluation yet.".to_owned());
    }
    sentences.extend(progress_sentence(findings));
    sentences.extend(verdict_sentence(findings));
    sentences.join("\n")
}

fn environment_sentence(findings: &Findings, environment: &str) -> Option<String> {
    let mut ranked: Vec<(&str, Estimate)> = findings
        .scores
        .iter()
        .filter(|score| score.metric == Metric::Return)
        .filter_map(|score| Some((&findings.groups[score.group], score.estimate?)))
        .filter(|(group, _)| group.environment == environment)
        .map(|(group, estimate)| (group.agent.as_str(), estimate))
        .collect();
    ranked.sort_by(|(_, first), (_, second)| second.value.total_cmp(&first.value));
    let leading = ranked.first()?.1.statistic;
    let mut parts: Vec<String> = ranked
        .iter()
        .take(MOST_AGENTS_IN_A_SENTENCE)
        .enumerate()
        .map(|(rank, (agent, estimate))| {
            let what = match (rank, estimate.statistic == leading) {
                (0, _) => format!(" reaches {} {} return of", leading.article(), leading.name()),
                (_, true) => String::new(),
                (_, false) => {
                    format!(" {} {} of", estimate.statistic.article(), estimate.statistic.name())
                }
            };
            let seeds = counted(estimate.seeds, "seed");
            format!("{agent}{what} {} ({seeds})", with_interval(estimate))
        })
        .collect();
    if ranked.len() > MOST_AGENTS_IN_A_SENTENCE {
        parts.push(format!("{} more in the table", ranked.len() - MOST_AGENTS_IN_A_SENTENCE));
    }
    let steps = count(findings.experiment.budget_real_steps);
    Some(format!("After {steps} real steps on {environment}, {}.", enumerated(&parts)))
}

/// Nothing once all runs are done.
fn progress_sentence(findings: &Findings) -> Option<String> {
    let states = findings.states();
    let done =
        states.iter().find(|(status, _)| *status == Status::Done).map_or(0, |(_, runs)| *runs);
    let others: Vec<String> = states
        .iter()
        .filter(|(status, _)| *status != Status::Done)
        .map(|(status, runs)| format!("{runs} {}", status.name()))
        .collect();
    let finished = format!("{done} of {} finished", counted(findings.runs.len(), "run"));
    (!others.is_empty()).then(|| {
        format!("{finished}: {}; the scores are those of finished runs.", enumerated(&others))
    })
}

fn verdict_sentence(findings: &Findings) -> Option<String> {
    let statement = &findings.experiment.hypothesis.as_ref()?.statement;
    Some(match findings.judgement.as_ref()? {
        Judgement::CannotJudge(why) => {
            format!("The hypothesis “{statement}” cannot be judged: {why}.")
        }
        Judgement::Judged { verdict, comparisons } => {
            let grounds: Vec<String> = comparisons.iter().map(ground).collect();
            format!("The hypothesis “{statement}” {}: {}.", verdict.verb(), grounds.join("; "))
        }
    })
}

fn ground(comparison: &Comparison) -> String {
    let environment = &comparison.environment;
    let paired = if comparison.paired { "paired seed" } else { "seed" };
    let seeds = match comparison.seeds {
        (first, second) if first == second => counted(first, paired),
        (first, second) => format!("{first} and {}", counted(second, "seed")),
    };
    let Some(difference) = comparison.difference else {
        return format!("on {environment} not both sides have finished runs");
    };
    let what =
        format!("the difference in {} {}", comparison.statistic.name(), comparison.metric.name());
    let difference = score(difference);
    match comparison.interval {
        Some(interval) => {
            let interval = numbers::interval(interval, score);
            format!("on {environment} {what} is {difference} {interval} ({seeds})")
        }
        None => format!(
            "on {environment} {what} is {difference}, but {seeds} are too few for an interval"
        ),
    }
}

/// An estimate with its interval, if it has one: `490 [480, 500]`.
fn with_interval(estimate: &Estimate) -> String {
    numbers::with_interval(estimate.value, estimate.interval, score)
}

/// The table of final scores.
pub(crate) fn score_table(findings: &Findings) -> ReportTable {
    let performance = findings.performance_differs();
    let mut columns = vec![("environment", Align::Left), ("agent", Align::Left)];
    columns.extend([("return", Align::Right), ("95 % interval", Align::Right)]);
    if performance {
        columns.extend([("performance", Align::Right), ("95 % interval", Align::Right)]);
    }
    columns.extend([("statistic", Align::Left), ("seeds", Align::Right)]);
    columns.extend([("imagined / real step", Align::Right), ("time a run", Align::Right)]);
    let mut table = ReportTable::new(&columns);
    for (place, group) in findings.groups.iter().enumerate() {
        let estimate = |metric| findings.score(place, metric).and_then(|score| score.estimate);
        let of_return = estimate(Metric::Return);
        let mut row: Vec<TableCell> =
            vec![group.environment.as_str().into(), group.agent.as_str().into()];
        row.extend(estimate_cells(of_return));
        if performance {
            row.extend(estimate_cells(estimate(Metric::Performance)));
        }
        row.push(of_return.map_or("–", |estimate| estimate.statistic.name()).into());
        row.push(seeds_cell(of_return.map_or(0, |estimate| estimate.seeds), group.runs.len()));
        let cost = findings.cost(place);
        let imagined = cost.and_then(|cost| cost.imagined_steps_per_real_step);
        row.push(TableCell::known(imagined, prefixed));
        row.push(TableCell::known(cost.map(|cost| cost.wall_seconds), duration));
        table.rows.push(row);
    }
    table
}

fn estimate_cells(estimate: Option<Estimate>) -> [TableCell; 2] {
    let value = estimate.map(|estimate| estimate.value);
    [
        TableCell::known(value, score),
        TableCell::interval(estimate.and_then(|estimate| estimate.interval)),
    ]
}

/// The number of seeds behind a score, and of how many if some are missing.
fn seeds_cell(finished: usize, planned: usize) -> TableCell {
    TableCell::number(finished as f64, |_| match finished == planned {
        true => planned.to_string(),
        false => format!("{finished} of {planned}"),
    })
}
