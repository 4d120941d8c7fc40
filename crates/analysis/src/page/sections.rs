//! The sections of the page on answer, scores, comparisons, runs, reproduction and citation.

use std::collections::{BTreeMap, BTreeSet};

use zerolab_metrics::statistics::{
    MIN_RUNS_TO_JUDGE, simulated_coverage, simulated_false_verdicts,
};
use zerolab_metrics::{Manifest, Measure, Provenance};

use super::figures;
use crate::answer::{TOO_FEW, score_table};
use crate::figures::ReportFigures;
use crate::findings::Findings;
use crate::headline;
use crate::html::escape;
use crate::labels::{agent_label, environment_label};
use crate::latex::escape_latex;
use crate::numbers::{count, counted, duration, score};
use crate::report_table::{Align, ReportTable, TableCell};
use crate::results::{RUN_PAGE, RunResults};

/// Name, question, and the headline with the plot of the verdict.
pub(super) fn question_and_answer(findings: &Findings, drawn: &ReportFigures) -> String {
    let experiment = &findings.experiment;
    let verdict = |(class, sentence): (&str, String)| {
        format!("<p class=\"verdict {class}\">{}</p>\n", escape(&sentence))
    };
    let verdict: String = headline::verdicts(findings).into_iter().map(verdict).collect();
    let sentence = |sentence: String| format!("<p>{}</p>\n", escape(&sentence));
    let sentences: String = headline::sentences(findings).into_iter().map(sentence).collect();
    format!(
        "<h1>{}</h1>\n<p class=\"question\">{}</p>\n{}<section class=\"answer\" \
         aria-label=\"answer\">\n{verdict}{sentences}</section>\n{}",
        escape(&experiment.name),
        escape(&experiment.question),
        changes(&experiment.changes) + &not_included(findings),
        figures::verdict(drawn),
    )
}

/// What the intervals of the page are.
pub(super) fn statistics_note() -> String {
    format!(
        "<details class=\"note\"><summary>How scores and intervals are computed</summary>\n<p>Brackets contain \
         95 % percentile bootstrap intervals over seeds (2,000 resamples, seeded). A run’s score is the \
         mean over the episodes of its last evaluation. Over seeds it is the interquartile mean (IQM) from \
         4 seeds on, otherwise the mean.{}</p></details>\n",
        coverage_note(),
    )
}

/// What the command line changed, if anything: the page does not show the spec as it is written.
fn changes(changes: &[String]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let changes = escape(&changes.join(" "));
    format!(
        "<p class=\"note\">Not the spec as it is written, but changed by <code>{changes}</code>.</p>\n"
    )
}

/// What the spec includes from other experiments and is not there.
fn not_included(findings: &Findings) -> String {
    let note = |text: &String| format!("<p class=\"note\">{}</p>\n", escape(text));
    findings.not_included.iter().map(note).collect()
}

/// How often intervals of few seeds contain the true value, and how often a verdict is false.
fn coverage_note() -> String {
    let of = |runs: usize| {
        let shares = simulated_coverage(runs);
        shares.map_or(String::new(), |(low, high)| format!(", {low:.0} to {high:.0} % at {runs}"))
    };
    let [at_least, double] = [MIN_RUNS_TO_JUDGE, 2 * MIN_RUNS_TO_JUDGE].map(|runs| {
        let share = simulated_false_verdicts(runs);
        share.map_or(String::new(), |share| format!("{share:.1} % at {runs} seeds"))
    });
    format!(
        " Intervals of few seeds are too narrow: in simulations of one environment at most 75 % of them \
         contain the true value at 3 seeds{}{}. No verdict uses them. Verdicts need {MIN_RUNS_TO_JUDGE} \
         seeds and use 95 % intervals of the difference in means: Student’s t over pairs of equal seeds, \
         Welch’s for other seeds. Of two equal agents, one is said to be better in at most {at_least} \
         and {double}, by simulation.",
        of(5),
        of(10)
    )
}

/// The table of final scores.
pub(super) fn scores(findings: &Findings) -> String {
    if !findings.has_begun() {
        return String::new();
    }
    let files = files_note("final_scores, curves");
    let latex = "<p class=\"note\">For LaTeX: <a href=\"tables/final_scores.tex\">final_scores.tex</a>.</p>\n";
    format!("{}{}{files}{latex}", score_table(findings).html(), statistics_note())
}

/// How likely a run of the first agent of the plan is to beat a run of each other agent. The file has all
/// pairs.
pub(super) fn comparisons(findings: &Findings) -> String {
    let Some(base) = findings.groups.first() else { return String::new() };
    let mut table = ReportTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("against", Align::Left),
        ("probability of improvement", Align::Right),
        ("95 % interval", Align::Right),
        ("runs", Align::Right),
    ]);
    let of_base = findings.comparisons.iter();
    for row in of_base.filter(|row| row.first == base.agent && row.measure == Measure::Return) {
        table.rows.push(vec![
            row.environment.as_str().into(),
            TableCell::shortened(&row.first, findings.short_agent(&row.first)),
            TableCell::shortened(&row.second, findings.short_agent(&row.second)),
            TableCell::number(row.probability_of_improvement, score),
            match row.interval {
                None => format!("{}{TOO_FEW}", counted(row.fewest_seeds, "seed")).into(),
                known => TableCell::interval(known),
            },
            format!("{}, {}", row.runs.0, row.runs.1).into(),
        ]);
    }
    if table.rows.is_empty() {
        return String::new();
    }
    format!(
        "<h3>Probability of improvement</h3>\n{}<p class=\"note\">The share of all pairs of finished runs \
         in which the run of the agent has the higher return; a tie counts half (Mann–Whitney). All \
         environments have equal weight. At 0.5 neither is better. Intervals are expanded bootstrap \
         intervals; the runs of each agent are drawn by themselves, as in rliable.</p>\n{}",
        table.html(),
        files_note("comparisons"),
    )
}

/// Every run with its status, and the reason for it.
pub(super) fn runs(findings: &Findings) -> String {
    if !findings.has_begun() {
        return String::new();
    }
    let mut table = ReportTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("seed", Align::Right),
        ("state", Align::Left),
        ("real steps", Align::Right),
        ("last return", Align::Right),
        ("time", Align::Right),
        ("reason", Align::Left),
        ("run", Align::Left),
    ]);
    for run in &findings.runs {
        let total = run
            .manifest
            .as_ref()
            .map_or(findings.experiment.budget_real_steps, |manifest| manifest.total_real_steps);
        let id = TableCell::from(run.reference.id.as_str());
        table.rows.push(vec![
            environment_label(&run.reference, &[]).into(),
            agent_label(&run.reference, &[]).into(),
            TableCell::number(run.reference.seed as f64, |_| run.reference.seed.to_string()),
            run.status.name().into(),
            TableCell::number(run.real_steps() as f64, |_| {
                format!("{} / {}", count(run.real_steps()), count(total))
            }),
            TableCell::known(run.score(&Measure::Return), score),
            TableCell::known(run.cost().map(|cost| cost.wall_seconds), duration),
            run.reason.clone().unwrap_or_default().into(),
            match run.manifest {
                Some(_) => id.linked(format!("../runs/{}/{}", run.reference.id, run_page(run))),
                None => id,
            },
        ]);
    }
    format!("<h2>Runs</h2>\n{}{}", table.html(), files_note("runs"))
}

/// The page of a run in its folder, if there is one.
fn run_page(run: &RunResults) -> &'static str {
    if run.has_page { RUN_PAGE } else { "" }
}

/// The command, the spec, and the provenance of the runs.
pub(super) fn reproduction(findings: &Findings) -> String {
    let experiment = &findings.experiment;
    let mut facts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &str, value: String| {
        facts.entry(name.to_owned()).or_default().insert(value);
    };
    for manifest in manifests(findings) {
        let provenance = &manifest.provenance;
        add("git revision", revision(provenance));
        let host = or_unknown(&provenance.host);
        add("machine", format!("{host} ({})", or_unknown(&provenance.device)));
        add("processor", or_unknown(&provenance.processor).to_owned());
        provenance.gpu.iter().for_each(|gpu| add("GPU", gpu.clone()));
        if !provenance.features.is_empty() {
            add("built with", provenance.features.join(", "));
        }
        add("command", or_unknown(&provenance.command).to_owned());
        for (name, version) in &provenance.versions {
            add(name, version.clone());
        }
    }
    let mut html = format!(
        "<h2>Reproduce</h2>\n<pre>{}</pre>\n<p>Spec: <code>{}</code>. On the same kind of CPU all records \
         except times and memory are reproduced exactly. Each run’s folder contains its complete \
         configuration in <code>run.toml</code>, which <code>zerolab run</code> accepts on its own.</p>\n",
        escape(&experiment.command),
        escape(&experiment.spec_path),
    );
    if !facts.is_empty() {
        let mut table = ReportTable::new(&[("made with", Align::Left), ("", Align::Left)]);
        for (name, values) in facts {
            let values = values.into_iter().collect::<Vec<_>>().join(", ");
            table.rows.push(vec![name.into(), values.into()]);
        }
        html.push_str(&table.html());
    }
    html
}

pub(super) fn manifests(findings: &Findings) -> impl Iterator<Item = &Manifest> {
    findings.runs.iter().filter_map(|run| run.manifest.as_ref())
}

/// A BibTeX entry without authors.
pub(super) fn citation(findings: &Findings) -> String {
    let experiment = &findings.experiment;
    let of_runs = |of: &dyn Fn(&Provenance) -> String| {
        let values: BTreeSet<String> =
            manifests(findings).map(|manifest| of(&manifest.provenance)).collect();
        values.into_iter().collect::<Vec<_>>().join(", ")
    };
    let version = |provenance: &Provenance| {
        provenance.versions.get("zerolab").map_or("unknown", String::as_str).to_owned()
    };
    let title = match experiment.question.as_str() {
        "" => &experiment.name,
        question => question,
    };
    let runs = counted(experiment.runs.len(), "run");
    let made_with = match manifests(findings).next() {
        Some(_) => format!("ZeroLab {}, revision {}", of_runs(&version), of_runs(&revision)),
        None => "ZeroLab".to_owned(),
    };
    let entry = format!(
        "@misc{{{},\n  title = {{{}}},\n  note  = {{Experiment {} ({runs}) with {}}},\n}}",
        experiment.name,
        escape_latex(title),
        escape_latex(&experiment.name),
        escape_latex(&made_with)
    );
    format!("<h2>Cite</h2>\n<pre>{}</pre>\n", escape(&entry))
}

fn revision(provenance: &Provenance) -> String {
    let revision = provenance.git_revision.as_deref().unwrap_or("unknown");
    if provenance.git_dirty {
        format!("{revision} with uncommitted changes (each run’s uncommitted.patch)")
    } else {
        revision.to_owned()
    }
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

/// Links to the files with the numbers of a section.
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
