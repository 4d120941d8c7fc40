//! The sections of the page.

use std::collections::{BTreeMap, BTreeSet};

use zerolab_metrics::{Manifest, PriceSheet, Provenance};

use super::escape;
use crate::answer::{answer, score_table};
use crate::figures::{Drawn, Figures};
use crate::findings::Findings;
use crate::groups::written_axes;
use crate::numbers::{count, duration, prefixed, score};
use crate::prices::{REAL_STEPS_PER_SECOND, price_sheet};
use crate::scores::Metric;
use crate::text_table::{Align, TextTable};

/// Name, question, and the answer a sentence a line.
pub(super) fn question_and_answer(findings: &Findings) -> String {
    let experiment = &findings.experiment;
    let sentences: String =
        answer(findings).lines().map(|sentence| format!("<p>{}</p>\n", escape(sentence))).collect();
    format!(
        "<h1>{}</h1>\n<p class=\"question\">{}</p>\n<section class=\"answer\" aria-label=\"answer\">\n{sentences}</section>\n\
         <p class=\"note\">Brackets hold 95 % percentile bootstrap intervals over seeds (2,000 resamples, seeded). A \
         run’s score is the mean over the episodes of its last evaluation; over seeds it is the interquartile mean \
         (IQM) from 4 seeds on, else the mean.</p>\n",
        escape(&experiment.name),
        escape(&experiment.question),
    )
}

/// Every figure inline, with its caption as the text alternative.
pub(super) fn figures(figures: &Figures) -> String {
    let drawn: String = figures.drawn.iter().map(figure).collect();
    let drawn = match figures.drawn.is_empty() {
        true => "<p>No run has left anything to draw yet.</p>\n".to_owned(),
        false => format!("<div class=\"figures\">\n{drawn}</div>\n"),
    };
    let line = |(name, why): &(String, String)| {
        let (name, why) = (escape(name), escape(why));
        format!("<p class=\"note\">Not drawn: <code>{name}</code>, since {why}.</p>\n")
    };
    let left_out: String = figures.left_out.iter().map(line).collect();
    format!("<h2>Figures</h2>\n{drawn}{left_out}")
}

fn figure(figure: &Drawn) -> String {
    let (name, caption) = (escape(&figure.name), escape(&figure.caption));
    let label = format!("<svg role=\"img\" aria-label=\"{caption}\" ");
    let svg = figure.svg.replacen("<svg ", &label, 1);
    let file =
        |format: &str| format!("<a href=\"figures/{name}.{format}\">{}</a>", format.to_uppercase());
    let class = if figure.wide { " class=\"wide\"" } else { "" };
    let csv = if figure.has_data { format!(", {}", file("csv")) } else { String::new() };
    let files = format!("{}, {}{csv}", file("svg"), file("png"));
    format!("<figure{class}>\n{svg}<figcaption>{caption} {files}</figcaption>\n</figure>\n")
}

/// The table of final scores.
pub(super) fn scores(findings: &Findings) -> String {
    if findings.groups.is_empty() {
        return String::new();
    }
    let files = files_note("final_scores, curves");
    format!("<h2>Final scores</h2>\n{}{files}", score_table(findings).html(|_, _| None))
}

/// How likely a run of the first agent of the plan is to beat one of each other agent; the file has all pairs.
pub(super) fn comparisons(findings: &Findings) -> String {
    let Some(base) = findings.groups.first() else { return String::new() };
    let mut table = TextTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("against", Align::Left),
        ("probability of improvement", Align::Right),
        ("95 % interval", Align::Right),
        ("runs", Align::Right),
    ]);
    let of_base = findings.comparisons.iter();
    for row in of_base.filter(|row| row.first == base.agent && row.metric == Metric::Return) {
        table.rows.push(vec![
            row.environment.clone(),
            row.first.clone(),
            row.second.clone(),
            score(row.probability_of_improvement),
            row.interval
                .map_or("–".to_owned(), |it| format!("[{}, {}]", score(it.low), score(it.high))),
            format!("{}, {}", row.runs.0, row.runs.1),
        ]);
    }
    if table.rows.is_empty() {
        return String::new();
    }
    format!(
        "<h2>Probability of improvement</h2>\n{}<p class=\"note\">How often a finished run of the agent has the higher \
         return, over all pairs of runs, a tie counting half (Mann–Whitney); over all environments each counts alike. \
         0.5 says neither.</p>\n{}",
        table.html(|_, _| None),
        files_note("comparisons"),
    )
}

/// The cost account of each group, and the prices that it is stated at.
pub(super) fn costs(findings: &Findings) -> String {
    if findings.costs.is_empty() {
        return String::new();
    }
    let mut table = TextTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("runs", Align::Right),
        ("time", Align::Right),
        ("processor time", Align::Right),
        ("training FLOPs", Align::Right),
        ("FLOPs / real second", Align::Right),
        ("FLOPs / simulator operation", Align::Right),
        ("imagined / real step", Align::Right),
        ("peak memory", Align::Right),
        ("dollars", Align::Right),
        ("kWh", Align::Right),
    ]);
    let or_dash =
        |value: Option<f64>, write: fn(f64) -> String| value.map_or("–".to_owned(), write);
    for cost in &findings.costs {
        let group = &findings.groups[cost.group];
        table.rows.push(vec![
            group.environment.clone(),
            group.agent.clone(),
            cost.runs.to_string(),
            duration(cost.wall_seconds),
            or_dash(cost.processor_seconds, duration),
            prefixed(cost.flops),
            or_dash(cost.flops_per_real_second, prefixed),
            or_dash(cost.flops_per_environment_operation, prefixed),
            or_dash(cost.imagined_steps_per_real_step, prefixed),
            memory(cost.peak_memory_bytes),
            or_dash(cost.dollars, score),
            or_dash(cost.kilowatt_hours, score),
        ]);
    }
    let prices: String = price_sheets(findings).iter().map(price_note).collect();
    format!(
        "<h2>Cost account</h2>\n{}<p class=\"note\">Means over finished runs; evaluation is not part of training \
         FLOPs. A real second of play is {REAL_STEPS_PER_SECOND} real steps (Atari’s 60 frames a second at frame skip \
         4), also where an environment has no clock. Imagined steps are the recurrent inferences of acting and \
         reanalysis.</p>\n{prices}{}",
        table.html(|_, _| None),
        files_note("costs"),
    )
}

fn memory(bytes: f64) -> String {
    if bytes > 0.0 { format!("{}B", prefixed(bytes)) } else { "–".to_owned() }
}

fn price_sheets(findings: &Findings) -> Vec<PriceSheet> {
    let mut sheets: Vec<PriceSheet> = Vec::new();
    for sheet in manifests(findings).filter_map(|manifest| price_sheet(&manifest.provenance.device))
    {
        if !sheets.contains(&sheet) {
            sheets.push(sheet);
        }
    }
    sheets
}

fn price_note(sheet: &PriceSheet) -> String {
    format!(
        "<p class=\"note\">Priced as {}: ${} an hour, {} W ({}; {}).</p>\n",
        escape(&sheet.hardware),
        sheet.dollars_per_hour,
        sheet.watts,
        escape(&sheet.source),
        escape(&sheet.date),
    )
}

/// Every run with its state, and why it is in it.
pub(super) fn runs(findings: &Findings) -> String {
    if findings.runs.is_empty() {
        return String::new();
    }
    let mut table = TextTable::new(&[
        ("run", Align::Left),
        ("agent", Align::Left),
        ("seed", Align::Right),
        ("state", Align::Left),
        ("real steps", Align::Right),
        ("last return", Align::Right),
        ("time", Align::Right),
        ("reason", Align::Left),
    ]);
    for run in &findings.runs {
        let axes = written_axes(&run.reference);
        let agent = &run.reference.agent;
        let total = run
            .manifest
            .as_ref()
            .map_or(findings.experiment.budget_real_steps, |manifest| manifest.total_real_steps);
        table.rows.push(vec![
            run.reference.id.clone(),
            if axes.is_empty() { agent.clone() } else { format!("{agent} ({axes})") },
            run.reference.seed.to_string(),
            run.status.name().to_owned(),
            format!("{} / {}", count(run.real_steps()), count(total)),
            run.score(|evaluation| &evaluation.returns).map_or("–".to_owned(), score),
            run.cost().map_or("–".to_owned(), |cost| duration(cost.wall_seconds)),
            run.reason.clone().unwrap_or_default(),
        ]);
    }
    let link = |row: usize, column: usize| {
        let run = &findings.runs[row];
        (column == 0 && run.manifest.is_some()).then(|| format!("../runs/{}/", run.reference.id))
    };
    format!("<h2>Runs</h2>\n{}{}", table.html(link), files_note("runs"))
}

/// The command, and what the runs were made with.
pub(super) fn reproduction(findings: &Findings) -> String {
    let experiment = &findings.experiment;
    let mut facts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &str, value: String| {
        facts.entry(name.to_owned()).or_default().insert(value);
    };
    for manifest in manifests(findings) {
        let made_with = &manifest.provenance;
        add("git revision", revision(made_with));
        let host = or_unknown(&made_with.host);
        add("machine", format!("{host} ({})", or_unknown(&made_with.device)));
        add("processor", or_unknown(&made_with.processor).to_owned());
        made_with.gpu.iter().for_each(|gpu| add("GPU", gpu.clone()));
        if !made_with.features.is_empty() {
            add("built with", made_with.features.join(", "));
        }
        add("command", or_unknown(&made_with.command).to_owned());
        for (name, version) in &made_with.versions {
            add(name, version.clone());
        }
    }
    let mut html = format!(
        "<h2>Reproduce</h2>\n<pre>{}</pre>\n<p>Spec: <code>{}</code>. On one kind of CPU all records but times and \
         memory come out the same. Each run’s folder holds its complete configuration in <code>run.toml</code>, which \
         <code>zerolab run</code> accepts by itself.</p>\n",
        escape(&experiment.command),
        escape(&experiment.spec_path),
    );
    if !facts.is_empty() {
        let mut table = TextTable::new(&[("made with", Align::Left), ("", Align::Left)]);
        for (name, values) in facts {
            table.rows.push(vec![name, values.into_iter().collect::<Vec<_>>().join(", ")]);
        }
        html.push_str(&table.html(|_, _| None));
    }
    html
}

fn manifests(findings: &Findings) -> impl Iterator<Item = &Manifest> {
    findings.runs.iter().filter_map(|run| run.manifest.as_ref())
}

fn revision(made_with: &Provenance) -> String {
    let revision = made_with.git_revision.as_deref().unwrap_or("unknown");
    if made_with.git_dirty {
        format!("{revision} with uncommitted changes (each run’s uncommitted.patch)")
    } else {
        revision.to_owned()
    }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

/// Where the numbers of a section lie as files.
pub(super) fn files_note(tables: &str) -> String {
    let links: Vec<String> = tables
        .split(", ")
        .flat_map(|table| {
            ["csv", "parquet"]
                .map(|format| format!("<a href=\"tables/{table}.{format}\">{table}.{format}</a>"))
        })
        .collect();
    format!("<p class=\"note\">As files: {}.</p>\n", links.join(", "))
}
