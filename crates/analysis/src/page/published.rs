//! The section of what others published, ours beside it, each number with its source.

use std::collections::BTreeSet;

use zerolab_metrics::published::{Ablation, Aggregate, AggregateMetric, TrainingCost};

use super::escape;
use super::sections::files_note;
use crate::findings::Findings;
use crate::groups::in_order;
use crate::numbers::score;
use crate::published::text::{DISPUTED, OF_MEANS, standing};
use crate::published::{Benchmark, Beside, Cell, Entry};
use crate::report_table::{Align, ReportTable, TableCell};

/// The sources in the order in which they are cited.
struct Citations<'a> {
    beside: &'a Beside,
    cited: Vec<&'a str>,
}

impl<'a> Citations<'a> {
    /// `[3]`, the place of a source in the list, and the way there.
    fn cite(&mut self, source: &'a str) -> TableCell {
        let place = self.cited.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.cited.push(source);
            self.cited.len() - 1
        });
        TableCell::from(format!("[{}]", place + 1)).linked(format!("#source-{}", place + 1))
    }

    fn list(&self) -> String {
        let item = |(place, name): (usize, &&str)| {
            let Some(source) = self.beside.tables.source(name) else { return String::new() };
            let citation = escape(&source.citation);
            let text = match source.address.as_str() {
                "" => citation,
                address => format!("<a href=\"{}\">{citation}</a>", escape(address)),
            };
            format!("<li id=\"source-{}\">{text}</li>\n", place + 1)
        };
        let items: String = self.cited.iter().enumerate().map(item).collect();
        format!("<h3>Sources</h3>\n<ol class=\"note\">\n{items}</ol>\n")
    }
}

/// The whole section; nothing if the experiment asks for none of it.
pub(super) fn section(findings: &Findings) -> String {
    let Some(beside) = &findings.published else { return String::new() };
    let mut citations = Citations { beside, cited: Vec::new() };
    let mut parts = vec![format!(
        "<h2>Published by others</h2>\n<p class=\"note\">Ours are so marked; all else is theirs and was not run here. Each \
         column or row says how it is known: <em>published</em> (read where its authors state it), <em>second-hand</em> \
         (others quote it), <em>per-run</em> (mean of public runs), <em>recomputed</em> (from public runs, or from the \
         means of tasks). {OF_MEANS} An IQM or optimality gap of tasks’ means, which is another estimate than that of \
         runs. {DISPUTED} Disputed: the reason stands below. Intervals are 95 % bootstrap intervals over \
         runs.</p>\n"
    )];
    parts.extend(beside.benchmarks.iter().map(|benchmark| scores(benchmark, &mut citations)));
    parts.push(aggregates(beside, &mut citations));
    parts.push(ablations(beside, &mut citations));
    parts.push(costs(beside, &mut citations));
    parts.push(citations.list());
    parts.push(files_note(
        "published_scores, human_normalised, published_aggregates, published_ablations, published_costs",
    ));
    parts.concat()
}

/// The comparison table of a benchmark as papers print it: tasks down, agents across, estimates below.
fn scores<'a>(benchmark: &'a Benchmark, citations: &mut Citations<'a>) -> String {
    let entries: Vec<&Entry> =
        benchmark.entries.iter().filter(|entry| entry.cells.iter().any(Option::is_some)).collect();
    if benchmark.tasks.is_empty() || entries.is_empty() {
        return String::new();
    }
    let mut columns = vec![("task".to_owned(), Align::Left)];
    if benchmark.references.is_some() {
        columns.extend(["random", "human"].map(|name| (name.to_owned(), Align::Right)));
    }
    let heading = |entry: &&Entry| match entry.is_ours() {
        true => format!("{} (ours)", entry.name),
        false => entry.name.clone(),
    };
    columns.extend(entries.iter().map(|entry| (heading(entry), Align::Right)));
    let mut table = ReportTable::new(&columns);
    for (place, task) in benchmark.tasks.iter().enumerate() {
        let mut row: Vec<TableCell> = vec![task.as_str().into()];
        let references = benchmark.references.iter().flat_map(|all| all[place]);
        row.extend(references.map(|reference| TableCell::number(reference, score)));
        row.extend(entries.iter().map(|entry| cell(entry.cells[place].as_ref())));
        table.rows.push(row);
    }
    let mut below = |name: &str, of: &mut dyn FnMut(&'a Entry) -> TableCell| {
        let mut row: Vec<TableCell> = vec![name.into()];
        row.resize(columns.len() - entries.len(), TableCell::default());
        row.extend(entries.iter().map(|entry| of(entry)));
        table.foot.push(row);
    };
    if benchmark.references.is_some() {
        for (metric, name) in [
            (AggregateMetric::Mean, "mean, human-normalised"),
            (AggregateMetric::Median, "median, human-normalised"),
            (AggregateMetric::Iqm, "IQM, human-normalised"),
        ] {
            below(name, &mut |entry| {
                entry.standing(metric).map_or("–".into(), |it| {
                    standing(it).split(' ').next().unwrap_or_default().into()
                })
            });
        }
    }
    below("scores are", &mut |entry| first(entry).map_or("–", |cell| cell.origin.name()).into());
    below("runs a task", &mut runs);
    below("source", &mut |entry| match first(entry).map(|cell| cell.origin.source()) {
        None | Some("") => TableCell::default(),
        Some(source) => citations.cite(source),
    });
    format!("<h3>{}</h3>\n{}{}", escape(&benchmark.name), table.html(), disputes(&entries))
}

fn first(entry: &Entry) -> Option<&Cell> {
    entry.cells.iter().flatten().next()
}

/// `813 ± 19`, or without its deviation where none is known.
fn cell(cell: Option<&Cell>) -> TableCell {
    let Some(cell) = cell else { return "–".into() };
    TableCell::number(cell.score, |value| match cell.deviation {
        Some(deviation) => format!("{} ± {}", score(value), score(deviation)),
        None => score(value),
    })
}

/// The number of runs of each task, or their range.
fn runs(entry: &Entry) -> TableCell {
    let runs: BTreeSet<u32> = entry.cells.iter().flatten().filter_map(|cell| cell.runs).collect();
    match (runs.first(), runs.last()) {
        (Some(fewest), Some(most)) if fewest == most => most.to_string().into(),
        (Some(fewest), Some(most)) => format!("{fewest}–{most}").into(),
        _ => "–".into(),
    }
}

/// Why numbers of a table are disputed, each reason once.
fn disputes(entries: &[&Entry]) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for entry in entries {
        let cells = entry.cells.iter().flatten().map(|cell| &cell.origin);
        for origin in cells.chain(entry.standings.iter().map(|standing| &standing.origin)) {
            let reason = format!("{DISPUTED} {}: {}.", entry.name, origin.disputed());
            if !origin.disputed().is_empty() && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    reasons.iter().map(|reason| format!("<p class=\"note\">{}</p>\n", escape(reason))).collect()
}

/// Every estimate of the algorithms shown, whoever states it: papers and public runs do not always agree.
fn aggregates<'a>(beside: &'a Beside, citations: &mut Citations<'a>) -> String {
    let shown = |row: &&Aggregate| beside.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&Aggregate> = beside.tables.aggregates.iter().filter(shown).collect();
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
    let alike = |first: &&Aggregate, second: &&Aggregate| {
        (&first.algorithm, &first.series, first.kind, &first.source)
            == (&second.algorithm, &second.series, second.kind, &second.source)
    };
    for group in rows.chunk_by(alike) {
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
    format!("<h3>Human-normalised estimates, whoever states them</h3>\n{}", table.html())
}

/// One table for each algorithm and task: what is measured down, variants across.
fn ablations<'a>(beside: &'a Beside, citations: &mut Citations<'a>) -> String {
    let shown = |row: &&Ablation| beside.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&Ablation> = beside.tables.ablations.iter().filter(shown).collect();
    let alike = |first: &&Ablation, second: &&Ablation| {
        (&first.benchmark, &first.algorithm, &first.task)
            == (&second.benchmark, &second.algorithm, &second.task)
    };
    let mut page = String::new();
    for group in rows.chunk_by(alike) {
        let head = group[0];
        let variants = in_order(group, |row| &row.variant);
        let mut columns = vec![("", Align::Left)];
        columns.extend(variants.iter().map(|variant| (*variant, Align::Right)));
        columns.extend([("known", Align::Left), ("source", Align::Right)]);
        let mut table = ReportTable::new(&columns);
        for metric in in_order(group, |row| &row.metric) {
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

/// What trainings took, in their sources' words.
fn costs<'a>(beside: &'a Beside, citations: &mut Citations<'a>) -> String {
    let shown = |row: &&TrainingCost| beside.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&TrainingCost> = beside.tables.costs.iter().filter(shown).collect();
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
    format!("<h3>What trainings took</h3>\n{}", table.html())
}
