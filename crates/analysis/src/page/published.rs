//! The section with published results next to our own, each number with its source.

use std::collections::BTreeSet;

use zerolab_metrics::published::{Ablation, Aggregate, AggregateMetric, TrainingCost};

use super::citations::Citations;
use super::sections::files_note;
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::html::escape;
use crate::numbers::score;
use crate::published::text::{DISPUTED, OF_MEANS, aggregate_text};
use crate::published::{Benchmark, BenchmarkEntry, PublishedComparison, TaskScore};
use crate::report_table::{Align, ReportTable, TableCell};

/// The whole section; nothing if the experiment asks for no results of others.
pub(super) fn section(findings: &Findings) -> String {
    let shown = findings.published.as_ref().filter(|published| !published.benchmarks.is_empty());
    let Some(comparison) = shown else { return String::new() };
    let mut citations = Citations::new(&comparison.tables, "source");
    let mut parts = vec![format!(
        "<h2>Published by others</h2>\n<p class=\"note\">Our own results are marked as ours; all others \
         were not run here. Each column or row says how its numbers are known: <em>published</em> (stated \
         by the authors), <em>second-hand</em> (quoted by others), <em>per-run</em> (mean of public runs), \
         <em>recomputed</em> (from public runs, or from the means of tasks). {OF_MEANS} An IQM or \
         optimality gap over tasks’ means; it differs from the estimate over runs. {DISPUTED} Disputed; \
         the reason is given below. Intervals are 95 % bootstrap intervals over runs.</p>\n"
    )];
    parts.extend(comparison.benchmarks.iter().map(|benchmark| scores(benchmark, &mut citations)));
    parts.push(aggregates(comparison, &mut citations));
    parts.push(ablations(comparison, &mut citations));
    parts.push(costs(comparison, &mut citations));
    parts.push(citations.list());
    parts.push(files_note(
        "published_scores, human_normalised, published_aggregates, published_ablations, published_costs",
    ));
    parts.concat()
}

/// The comparison table of a benchmark as in papers: one row per task, one column per agent, estimates below.
fn scores<'a>(benchmark: &'a Benchmark, citations: &mut Citations<'a>) -> String {
    let entries: Vec<&BenchmarkEntry> = benchmark
        .entries
        .iter()
        .filter(|entry| entry.task_scores.iter().any(Option::is_some))
        .collect();
    if benchmark.tasks.is_empty() || entries.is_empty() {
        return String::new();
    }
    let mut columns = vec![("task".to_owned(), Align::Left)];
    if benchmark.references.is_some() {
        columns.extend(["random", "human"].map(|name| (name.to_owned(), Align::Right)));
    }
    let heading = |entry: &&BenchmarkEntry| match entry.is_ours() {
        true => format!("{} (ours)", entry.name),
        false => entry.name.clone(),
    };
    columns.extend(entries.iter().map(|entry| (heading(entry), Align::Right)));
    let mut table = ReportTable::new(&columns);
    for (index, task) in benchmark.tasks.iter().enumerate() {
        let mut row: Vec<TableCell> = vec![task.as_str().into()];
        let references = benchmark.references.iter().flat_map(|all| all[index]);
        row.extend(references.map(|reference| TableCell::number(reference, score)));
        row.extend(entries.iter().map(|entry| cell(entry.task_scores[index].as_ref())));
        table.rows.push(row);
    }
    let mut below = |name: &str, of: &mut dyn FnMut(&'a BenchmarkEntry) -> TableCell| {
        let mut row: Vec<TableCell> = vec![name.into()];
        row.resize(columns.len() - entries.len(), TableCell::default());
        row.extend(entries.iter().map(|entry| of(entry)));
        table.foot.push(row);
    };
    if benchmark.references.is_some() {
        for (metric, name) in [
            (AggregateMetric::Mean, "mean"),
            (AggregateMetric::Median, "median"),
            (AggregateMetric::Iqm, "IQM"),
        ] {
            let name = match benchmark.is_whole() {
                true => format!("{name}, human-normalised"),
                false => format!("{name}, human-normalised, {}", benchmark.number_of_tasks()),
            };
            below(&name, &mut |entry| {
                entry.aggregate(metric).map_or("–".into(), |it| {
                    aggregate_text(it).split(' ').next().unwrap_or_default().into()
                })
            });
        }
    }
    below("scores are", &mut |entry| first(entry).map_or("–", |cell| cell.origin.name()).into());
    below("runs per task", &mut runs);
    below("source", &mut |entry| match first(entry).map(|cell| cell.origin.source()) {
        None | Some("") => TableCell::default(),
        Some(source) => citations.cite(source),
    });
    format!(
        "<h3>{}</h3>\n{}{}{}",
        escape(&benchmark.name),
        table.html(),
        scope_note(benchmark),
        disputes(&entries)
    )
}

/// Over which tasks the estimates are, if not over the whole benchmark, and what was published for that.
fn scope_note(benchmark: &Benchmark) -> String {
    if benchmark.is_whole() || benchmark.references.is_none() {
        return String::new();
    }
    format!(
        "<p class=\"note\">The human-normalised estimates are over the tasks that we have: {}. Published \
         ones are computed again over the same tasks, from runs if these are public, else from the means of \
         tasks. An agent without a score on one of these tasks has no estimate. The last rows are the \
         published numbers of the whole benchmark; they cannot be compared with ours.</p>\n{}",
        escape(&benchmark.scope()),
        benchmark.aggregates_table().html()
    )
}

fn first(entry: &BenchmarkEntry) -> Option<&TaskScore> {
    entry.task_scores.iter().flatten().next()
}

/// `813 ± 19`, or only the score if the deviation is not known.
fn cell(cell: Option<&TaskScore>) -> TableCell {
    let Some(cell) = cell else { return "–".into() };
    TableCell::number(cell.score, |value| match cell.deviation {
        Some(deviation) => format!("{} ± {}", score(value), score(deviation)),
        None => score(value),
    })
}

/// The number of runs per task, or the range.
fn runs(entry: &BenchmarkEntry) -> TableCell {
    let runs: BTreeSet<u32> =
        entry.task_scores.iter().flatten().filter_map(|cell| cell.runs).collect();
    match (runs.first(), runs.last()) {
        (Some(fewest), Some(most)) if fewest == most => most.to_string().into(),
        (Some(fewest), Some(most)) => format!("{fewest}–{most}").into(),
        _ => "–".into(),
    }
}

/// The reasons why numbers of a table are disputed, each once.
fn disputes(entries: &[&BenchmarkEntry]) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for entry in entries {
        let task_scores = entry.task_scores.iter().flatten().map(|cell| &cell.origin);
        for origin in task_scores.chain(entry.aggregates.iter().map(|aggregate| &aggregate.origin))
        {
            let reason = format!("{DISPUTED} {}: {}.", entry.name, origin.disputed());
            if !origin.disputed().is_empty() && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    reasons.iter().map(|reason| format!("<p class=\"note\">{}</p>\n", escape(reason))).collect()
}

/// Every estimate of the algorithms shown, from all sources, because papers and public runs can disagree.
fn aggregates<'a>(comparison: &'a PublishedComparison, citations: &mut Citations<'a>) -> String {
    let shown = |row: &&Aggregate| comparison.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&Aggregate> = comparison.tables.aggregates.iter().filter(shown).collect();
    if rows.is_empty() {
        return String::new();
    }
    let metrics = crate::published::METRICS;
    let mut columns =
        vec![("algorithm", Align::Left), ("series", Align::Left), ("known", Align::Left)];
    columns.extend(
        ["mean", "median", "IQM", "optimality gap", "superhuman"].map(|name| (name, Align::Right)),
    );
    columns.extend([("runs", Align::Right), ("source", Align::Right), ("disputed", Align::Left)]);
    let mut table = ReportTable::new(&columns);
    let same_row = |first: &&Aggregate, second: &&Aggregate| {
        (&first.algorithm, &first.series, first.kind, &first.source)
            == (&second.algorithm, &second.series, second.kind, &second.source)
    };
    for group in rows.chunk_by(same_row) {
        let value = |metric: AggregateMetric| {
            let row = group.iter().find(|row| row.metric == metric);
            TableCell::known(row.map(|row| row.value), score)
        };
        let head = group[0];
        let head_cells = [&head.algorithm, &head.series, head.kind.name()];
        let mut row: Vec<TableCell> = head_cells.map(TableCell::from).into();
        row.extend(metrics.map(value));
        row.push(head.runs.map_or("–".into(), |runs| TableCell::count(runs as usize)));
        row.push(citations.cite(&head.source));
        let reason =
            group.iter().map(|row| row.disputed.as_str()).find(|reason| !reason.is_empty());
        row.push(reason.unwrap_or_default().into());
        table.rows.push(row);
    }
    format!(
        "<h3>Human-normalised estimates of all sources, over whole benchmarks</h3>\n{}",
        table.html()
    )
}

/// One table per algorithm and task: one row per metric, one column per variant.
fn ablations<'a>(comparison: &'a PublishedComparison, citations: &mut Citations<'a>) -> String {
    let shown = |row: &&Ablation| comparison.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&Ablation> = comparison.tables.ablations.iter().filter(shown).collect();
    let same_table = |first: &&Ablation, second: &&Ablation| {
        (&first.benchmark, &first.algorithm, &first.task)
            == (&second.benchmark, &second.algorithm, &second.task)
    };
    let mut page = String::new();
    for group in rows.chunk_by(same_table) {
        let head = group[0];
        let variants = distinct_in_order(group, |row| &row.variant);
        let mut columns = vec![("", Align::Left)];
        columns.extend(variants.iter().map(|variant| (*variant, Align::Right)));
        columns.extend([("known", Align::Left), ("source", Align::Right)]);
        let mut table = ReportTable::new(&columns);
        for metric in distinct_in_order(group, |row| &row.metric) {
            let value = |variant: &&str| {
                let mut here = group.iter().filter(|row| row.metric == metric);
                let row = here.find(|row| row.variant == *variant);
                TableCell::known(row.map(|row| row.value), score)
            };
            let mut row: Vec<TableCell> = vec![metric.into()];
            row.extend(variants.iter().map(value));
            row.extend([head.kind.name().into(), citations.cite(&head.source)]);
            table.rows.push(row);
        }
        let title = format!("Ablations of {} on {}, {}", head.algorithm, head.benchmark, head.task);
        page.push_str(&format!("<h3>{}</h3>\n{}", escape(&title), table.html()));
    }
    page
}

/// The cost of published trainings, in the words of their sources.
fn costs<'a>(comparison: &'a PublishedComparison, citations: &mut Citations<'a>) -> String {
    let shown = |row: &&TrainingCost| comparison.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&TrainingCost> = comparison.tables.costs.iter().filter(shown).collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut table = ReportTable::new(&[
        ("algorithm", Align::Left),
        ("trained on", Align::Left),
        ("hours", Align::Right),
        ("accelerator", Align::Left),
        ("number", Align::Right),
        ("known", Align::Left),
        ("source", Align::Right),
        ("note", Align::Left),
    ]);
    for row in rows {
        let algorithm = match row.variant.as_str() {
            "" => row.algorithm.clone(),
            variant => format!("{} ({variant})", row.algorithm),
        };
        let cpu = Some(&row.cpu).filter(|cpu| !cpu.is_empty());
        let accelerator = cpu.map_or(row.gpu.clone(), |cpu| format!("{}; {cpu}", row.gpu));
        table.rows.push(vec![
            algorithm.into(),
            row.what.as_str().into(),
            TableCell::known(row.hours, score),
            accelerator.into(),
            TableCell::known(row.gpus, score),
            row.kind.name().into(),
            citations.cite(&row.source),
            row.note.as_str().into(),
        ]);
    }
    format!("<h3>Cost of published trainings</h3>\n{}", table.html())
}
