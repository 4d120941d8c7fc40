//! The answer in sentences and the table of final scores, for the terminal and for the top of the page.

use zerolab_metrics::statistics::Verdict;
use zerolab_metrics::{Hypothesis, Measure};

use crate::best_settings::{best_settings, place};
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::hypothesis::{HypothesisResult, HypothesisTest, TestedHypothesis};
use crate::numbers::{self, count, counted, duration, enumerated, prefixed, score};
use crate::report_table::{Align, ReportTable, TableCell};
use crate::results::RunStatus;
use crate::scores::Estimate;

/// A sentence names at most this many agents; the table has them all.
const MAX_AGENTS_IN_A_SENTENCE: usize = 6;

/// The answer: a sentence per environment with the best setting of each agent, the states of unfinished runs, and the verdict on the hypothesis.
pub(crate) fn answer(findings: &Findings) -> String {
    let mut sentences: Vec<String> =
        distinct_in_order(&findings.groups, |group| &group.environment)
            .into_iter()
            .filter_map(|environment| environment_sentence(findings, environment))
            .collect();
    if let Some(sentence) = published_only(findings) {
        sentences.push(sentence.to_owned());
    } else if sentences.is_empty() {
        sentences.push("No run has finished with an evaluation yet.".to_owned());
    }
    sentences.extend(progress_sentence(findings));
    sentences.extend(findings.hypotheses.iter().map(|it| verdict_sentence(findings, it)));
    sentences.join("\n")
}

/// What an experiment without runs shows.
pub(crate) fn published_only(findings: &Findings) -> Option<&'static str> {
    let published = findings.published.as_ref().filter(|_| findings.runs.is_empty())?;
    Some(match published.facts.is_empty() {
        true => "This experiment has no runs of its own: all results were published by others.",
        false => {
            "This experiment has no runs of its own: all its numbers were published by others, or are computed \
             from what they published."
        }
    })
}

fn environment_sentence(findings: &Findings, environment: &str) -> Option<String> {
    let ranked = best_settings(findings, environment);
    let leading = ranked.first()?.estimate.statistic;
    let mut parts: Vec<String> = ranked
        .iter()
        .take(MAX_AGENTS_IN_A_SENTENCE)
        .enumerate()
        .map(|(rank, best)| {
            let estimate = &best.estimate;
            let what = match (rank, estimate.statistic == leading) {
                (0, _) => format!(" reaches {} {} return of", leading.article(), leading.name()),
                (_, true) => String::new(),
                (_, false) => {
                    format!(" {} {} of", estimate.statistic.article(), estimate.statistic.name())
                }
            };
            let seeds = best.seeds_and_budget(&ranked);
            let (agent, choice) = (&best.group.agent, best.choice());
            format!("{agent}{choice}{what} {} ({seeds})", with_interval(estimate))
        })
        .collect();
    if ranked.len() > MAX_AGENTS_IN_A_SENTENCE {
        parts.push(format!("{} more in the table", ranked.len() - MAX_AGENTS_IN_A_SENTENCE));
    }
    Some(format!("{}, {}.", place(&ranked, environment), enumerated(&parts)))
}

/// The states of the runs that are not done; nothing if all are.
pub(crate) fn progress_sentence(findings: &Findings) -> Option<String> {
    let counts = findings.status_counts();
    let done =
        counts.iter().find(|(status, _)| *status == RunStatus::Done).map_or(0, |(_, runs)| *runs);
    let others: Vec<String> = counts
        .iter()
        .filter(|(status, _)| *status != RunStatus::Done)
        .map(|(status, runs)| format!("{} {}", count(*runs as u64), status.name()))
        .collect();
    let done = count(done as u64);
    let finished = format!("{done} of {} finished", counted(findings.runs.len(), "run"));
    (!others.is_empty())
        .then(|| format!("{finished}: {}; scores are of finished runs only.", enumerated(&others)))
}

fn verdict_sentence(findings: &Findings, tested: &TestedHypothesis) -> String {
    let claim = claim(findings, tested);
    match &tested.result {
        HypothesisResult::NotTestable(why) => {
            format!("The hypothesis {claim} cannot be tested: {why}.")
        }
        HypothesisResult::Tested { verdict, tests } => {
            let evidence: Vec<String> = tests.iter().map(test_summary).collect();
            let below = |test: &HypothesisTest| {
                test.difference.and_then(|it| it.interval()).is_some_and(|it| it.high < 0.0)
            };
            let chance = match verdict {
                Verdict::Undecided if tests.iter().any(below) => {
                    format!(
                        "; one of {} intervals can lie on the other side by chance",
                        tests.len()
                    )
                }
                _ => String::new(),
            };
            let verb = verdict_verb(*verdict);
            format!("The hypothesis {claim} {verb}: {}{chance}.", evidence.join("; "))
        }
    }
}

/// The statement of a hypothesis in quotes; with the measure, if the experiment has several hypotheses, and with the
/// environments, if only some count.
pub(crate) fn claim(findings: &Findings, tested: &TestedHypothesis) -> String {
    let Hypothesis { statement, environment, .. } = &tested.hypothesis;
    let measure = match tested.hypothesis.measure() {
        Some(measure) if findings.hypotheses.len() > 1 => format!(" on {}", measure.title()),
        _ => String::new(),
    };
    let place = match environment.as_str() {
        "" => String::new(),
        some => format!(" in {some}"),
    };
    format!("“{statement}”{measure}{place}")
}

/// The verdict in one word.
pub(crate) fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "fails",
        Verdict::Undecided => "undecided",
    }
}

/// The verdict as the verb of a sentence.
fn verdict_verb(verdict: Verdict) -> &'static str {
    if verdict == Verdict::Undecided { "is undecided" } else { verdict_name(verdict) }
}

fn test_summary(test: &HypothesisTest) -> String {
    let environment = &test.environment;
    let Some(difference) = test.difference else {
        return match test.undefined {
            0 => format!("on {environment} at least one side has no finished runs"),
            runs => {
                let measure = test.measure.title();
                format!(
                    "on {environment} the {measure} is not defined for {}",
                    counted(runs, "finished run")
                )
            }
        };
    };
    let paired = if difference.paired { "paired seed" } else { "seed" };
    let seeds = match test.seeds {
        (first, second) if first == second => counted(first, paired),
        (first, second) => format!("{first} and {}", counted(second, "seed")),
    };
    let interval = difference.interval();
    let few = if interval.is_none() { TOO_FEW } else { "" };
    let measure = test.measure.title();
    let undefined = match test.undefined {
        0 => String::new(),
        runs => format!("; it is not defined for {}", counted(runs, "more run")),
    };
    let (what, value) = match test.mean {
        Some(mean) => ("mean", numbers::with_interval(mean.value, mean.interval(), score)),
        None => {
            let value = numbers::with_interval(difference.value, interval, score);
            ("difference in mean", value)
        }
    };
    format!("on {environment} the {what} {measure} is {value} ({seeds}{few}{undefined})")
}

/// Why no verdict follows from the tests, in short.
pub(crate) fn why_undecided(tests: &[HypothesisTest]) -> String {
    let reason = |test: &HypothesisTest| {
        let fewest = test.seeds.0.min(test.seeds.1);
        match test.difference.map(|difference| difference.interval()) {
            None if test.undefined > 0 => {
                Some(format!("the {} is not defined for any finished run", test.measure.title()))
            }
            None => Some("at least one side has no finished runs".to_owned()),
            Some(None) if fewest == 1 => Some("1 seed is too few to judge".to_owned()),
            Some(None) => Some(format!("{} are too few to judge", counted(fewest, "seed"))),
            Some(Some(it)) if it.low <= 0.0 && it.high >= 0.0 => Some(match test.number {
                Some(number) => {
                    format!("the 95 % interval contains {}", numbers::exact(number.value))
                }
                None => "the 95 % interval of the difference contains 0".to_owned(),
            }),
            Some(Some(it)) if it.high < 0.0 => {
                Some("the whole 95 % interval is on the other side".to_owned())
            }
            Some(Some(_)) => None,
        }
    };
    let reasons: Vec<String> = tests.iter().filter_map(reason).collect();
    let of_all = |reason: &str| match reasons.iter().filter(|it| *it == reason).count() {
        _ if tests.len() == 1 => reason.to_owned(),
        found => format!("in {} of {} comparisons {reason}", found, tests.len()),
    };
    let reasons = distinct_in_order(&reasons, |reason| reason).into_iter().map(of_all);
    enumerated(&reasons.collect::<Vec<_>>())
}

/// Follows a number of seeds below [`MIN_RUNS_TO_JUDGE`](zerolab_metrics::statistics::MIN_RUNS_TO_JUDGE).
pub(crate) const TOO_FEW: &str = ": too few to judge";

/// An estimate with its interval, if it has one: `490 [480, 500]`.
pub(crate) fn with_interval(estimate: &Estimate) -> String {
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
    columns.extend([("imagined / real step", Align::Right), ("time per run", Align::Right)]);
    let mut table = ReportTable::new(&columns);
    for (index, group) in findings.groups.iter().enumerate() {
        let estimate = |measure| findings.score(index, measure).and_then(|score| score.estimate);
        let of_return = estimate(&Measure::Return);
        let agent = TableCell::shortened(&group.agent, findings.short_agent(&group.agent));
        let mut row: Vec<TableCell> = vec![group.environment.as_str().into(), agent];
        row.extend(estimate_cells(of_return));
        if performance {
            row.extend(estimate_cells(estimate(&Measure::Performance)));
        }
        row.push(of_return.map_or("–", |estimate| estimate.statistic.name()).into());
        row.push(seeds_cell(of_return.map_or(0, |estimate| estimate.seeds), group.runs.len()));
        let cost = findings.cost(index);
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

/// The number of finished seeds, and of planned ones if they differ.
fn seeds_cell(finished: usize, planned: usize) -> TableCell {
    TableCell::number(finished as f64, |_| match finished == planned {
        true => count(planned as u64),
        false => format!("{} of {}", count(finished as u64), count(planned as u64)),
    })
}
