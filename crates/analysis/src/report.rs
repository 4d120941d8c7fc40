//! Writes the report of an experiment from its files alone.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use zerolab_metrics::text_table::TextTable;

use crate::answer::{answer, score_table};
use crate::error::ReportError;
use crate::figures;
use crate::files::{create_folder, write_whole};
use crate::findings::Findings;
use crate::page;
use crate::published::Benchmark;
use crate::results;
use crate::tables;

/// A written report, with the texts for the terminal.
#[derive(Clone, Debug)]
pub struct Report {
    /// The page: `results/<experiment>/report.html`.
    pub page: PathBuf,
    /// The table of final scores, and for each benchmark of published results one of human-normalised estimates.
    pub tables: Vec<TextTable>,
    /// The answer, one sentence per line.
    pub answer: String,
    /// What the files of figures do not show, in a sentence.
    pub note: Option<String>,
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
    // The time only distinguishes a running run from one whose heartbeat stopped.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let findings = Findings::of(results::read(results, experiment, now)?)?;
    for request in &findings.experiment.figures {
        figures::check_figure(&request.kind, &request.x)?;
    }
    let folder = results.join(experiment);
    create_folder(&folder.join("tables"))?;
    create_folder(&folder.join("figures"))?;
    tables::write(&findings, &folder.join("tables"))?;
    let drawn = figures::draw_figures(&findings, &folder.join("figures"))?;
    let page = folder.join("report.html");
    write_whole(&page, page::page(&findings, &drawn).as_bytes())?;
    Ok(Report {
        page,
        tables: terminal_tables(&findings),
        answer: answer(&findings),
        note: drawn.note(),
    })
}

/// The final scores of our runs, and the human-normalised estimates with published ones, if there are any.
fn terminal_tables(findings: &Findings) -> Vec<TextTable> {
    let scores = (findings.has_begun() || findings.published.is_none())
        .then(|| score_table(findings).plain());
    let benchmarks = findings.published.iter().flat_map(|published| &published.benchmarks);
    let tables = benchmarks.filter_map(Benchmark::aggregates_text);
    scores.into_iter().chain(tables).collect()
}
