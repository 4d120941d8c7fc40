//! Writes the report of an experiment from its files alone.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use zerolab_metrics::format::{count, counted};
use zerolab_metrics::text_table::TextTable;
use zerolab_metrics::{ChangedSetting, ExperimentFile, RunReference};

use crate::answer::{answer, score_table};
use crate::error::ReportError;
use crate::figures::{self, ReportFigures, Section};
use crate::files::{create_folder, write_whole};
use crate::findings::Findings;
use crate::headline;
use crate::page::index::IndexEntry;
use crate::page::{self, IndexText, Reload};
use crate::published::{Benchmark, PublishedComparison};
use crate::results::{self, ExperimentResults, RUN_PAGE, read_run};
use crate::tables;

/// A written report, with the texts for the terminal.
#[derive(Clone, Debug)]
pub struct Report {
    /// The page: `results/<experiment>/report.html`.
    pub page: PathBuf,
    /// The table of final scores, for each benchmark of published results one of human-normalised estimates, and tables of
    /// published facts.
    pub tables: Vec<TextTable>,
    /// The answer, one sentence per line.
    pub answer: String,
    /// What is missing in the report or in the files of its figures, each in a sentence.
    pub notes: Vec<String>,
    /// Whether no run waits or trains: each is done, failed or unreadable.
    pub is_finished: bool,
    entry: IndexEntry,
}

impl Report {
    /// The name of the experiment.
    pub fn name(&self) -> &str {
        &self.entry.name
    }

    /// How many of its runs have which state, and when the last one ended.
    pub fn state(&self) -> &str {
        &self.entry.state
    }
}

/// Writes the tables, figures and page of an experiment from the present results of its runs.
///
/// Reads `results/<experiment>/experiment.json` and the folders `results/runs/<id>/`; writes
/// `results/<experiment>/{tables/*, figures/*, report.html}`. Runs that are unfinished, failed or missing
/// are shown as such; the final scores do not include them.
///
/// # Errors
///
/// If there is no such experiment, if its file is broken or asks for an unknown figure, or if a file cannot
/// be written.
pub fn report(results: &Path, experiment: &str) -> Result<Report, ReportError> {
    write_report(results, experiment, None)
}

/// [`report`], whose page a browser loads again every `seconds` until all runs are finished.
///
/// # Errors
///
/// As [`report`].
pub fn report_while_training(
    results: &Path,
    experiment: &str,
    seconds: u32,
) -> Result<Report, ReportError> {
    write_report(results, experiment, Some(Reload(seconds)))
}

fn write_report(
    results: &Path,
    experiment: &str,
    reload: Option<Reload>,
) -> Result<Report, ReportError> {
    let findings = Findings::of(results::read(results, experiment, now())?)?;
    for request in &findings.experiment.figures {
        figures::check_figure(request)?;
    }
    let folder = results.join(experiment);
    create_folder(&folder.join("tables"))?;
    create_folder(&folder.join("figures"))?;
    tables::write(&findings, &folder.join("tables"))?;
    let drawn = figures::draw_figures(&findings, &folder.join("figures"), |_| true)?;
    let page = folder.join("report.html");
    let is_finished = findings.runs.iter().all(|run| run.status.is_final());
    let reload = reload.filter(|_| !is_finished);
    write_whole(&page, page::page(&findings, &drawn, reload).as_bytes())?;
    Ok(Report {
        tables: terminal_tables(&findings),
        answer: answer(&findings),
        notes: findings.not_included.iter().cloned().chain(drawn.note()).collect(),
        is_finished,
        entry: index_entry(&findings, experiment, &page, drawn),
        page,
    })
}

/// The time, which only distinguishes a running run from one whose heartbeat stopped.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// The kinds of figure that say something of a single run.
const FIGURES_OF_RUN: [&str; 3] = ["learning-curve", "cost-by-phase", "diagnostics"];

/// Writes `run.html` and its figures into the folder of a run, from its present results. `settings` are those
/// that differ from the usual ones. Returns the path of the page.
///
/// # Errors
///
/// If a file cannot be written.
pub fn report_run(
    folder: &Path,
    run: &RunReference,
    settings: &[ChangedSetting],
) -> Result<PathBuf, ReportError> {
    let results = read_run(folder, run, now());
    let configuration = folder.join("run.toml").display().to_string();
    let experiment = ExperimentFile {
        name: run.id.clone(),
        question: String::new(),
        command: format!("zerolab run {configuration} --results repeated"),
        spec_path: configuration,
        spec_from_results: None,
        changes: Vec::new(),
        budget_real_steps: results.real_steps(),
        hypotheses: Vec::new(),
        published: None,
        figures: Vec::new(),
        includes: Vec::new(),
        runs: vec![run.clone()],
    };
    let findings = Findings::of(ExperimentResults {
        experiment,
        runs: vec![results],
        not_included: Vec::new(),
    })?;
    create_folder(&folder.join("figures"))?;
    let drawn = figures::draw_figures(&findings, &folder.join("figures"), |kind| {
        FIGURES_OF_RUN.contains(&kind.name)
    })?;
    let page = folder.join(RUN_PAGE);
    let html = page::run::page(&findings, &findings.runs[0], &drawn, settings);
    write_whole(&page, html.as_bytes())?;
    Ok(page)
}

/// Writes an index of the reports to `page`, with `title` and, if there is one, a text above the reports.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_index(
    page: &Path,
    title: &str,
    text: Option<&IndexText>,
    reports: &[Report],
) -> Result<(), ReportError> {
    let entries: Vec<&IndexEntry> = reports.iter().map(|report| &report.entry).collect();
    let folder = page.parent().unwrap_or(Path::new(""));
    create_folder(folder)?;
    write_whole(page, page::index::page(title, text, folder, &entries).as_bytes())
}

fn index_entry(findings: &Findings, name: &str, page: &Path, drawn: ReportFigures) -> IndexEntry {
    let ReportFigures { verdict, drawn, .. } = drawn;
    let curves = drawn.iter().position(|figure| figure.section == Section::Curves);
    let main = drawn.get(curves.unwrap_or(0)).map(|figure| figure.drawings.clone());
    IndexEntry {
        name: name.to_owned(),
        page: page.to_owned(),
        question: findings.experiment.question.clone(),
        sentences: headline::for_index(findings),
        state: state(findings),
        figure: verdict.or(main),
        figures: drawn.into_iter().map(|figure| (figure.name, figure.drawings)).collect(),
    }
}

/// How many runs have which state, and when the last one ended.
fn state(findings: &Findings) -> String {
    let runs = counted(findings.runs.len(), "run");
    if !findings.has_begun() {
        return match findings.runs.len() {
            0 => "no runs of its own".to_owned(),
            _ => format!("no runs yet: {runs} planned"),
        };
    }
    let states = findings.status_counts().into_iter();
    let states = states.map(|(status, runs)| format!("{} {}", count(runs as u64), status.name()));
    let ended = findings.runs.iter().filter_map(|run| run.manifest.as_ref()?.finished_unix_seconds);
    let ended = ended.max().map(|seconds| format!("last run ended on {}", date(seconds)));
    std::iter::once(runs).chain(states).chain(ended).collect::<Vec<_>>().join(", ")
}

/// The date in UTC, as `2026-11-29` (days to a date of the Gregorian calendar: Hinnant 2014).
fn date(unix_seconds: u64) -> String {
    // Days since 0000-03-01, in eras of 400 years.
    let days = unix_seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    // Months since March.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

/// The final scores of our runs, and the human-normalised estimates with published ones and facts, if there are any.
fn terminal_tables(findings: &Findings) -> Vec<TextTable> {
    let scores = (findings.has_begun() || findings.published.is_none())
        .then(|| score_table(findings).plain());
    let benchmarks = findings.published.iter().flat_map(|published| &published.benchmarks);
    let tables = benchmarks.filter_map(Benchmark::aggregates_text);
    let facts = findings.published.iter().flat_map(PublishedComparison::facts_text);
    scores.into_iter().chain(tables).chain(facts).collect()
}
