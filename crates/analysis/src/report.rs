//! The report of an experiment, from its files alone.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::answer::{answer, score_table};
use crate::error::ReportError;
use crate::figures;
use crate::files::{create_folder, write_whole};
use crate::findings::Findings;
use crate::page;
use crate::published::Benchmark;
use crate::results;
use crate::tables;

/// What a report left, and what to show on the terminal.
#[derive(Clone, Debug)]
pub struct Report {
    /// The page: `results/<experiment>/report.html`.
    pub page: PathBuf,
    /// The table of final scores, aligned text.
    pub table: String,
    /// The answer, a sentence a line.
    pub answer: String,
}

/// Makes the tables, figures and page of an experiment from what its runs have left so far.
///
/// Reads `results/<experiment>/experiment.json` and the folders `results/runs/<id>/`; writes
/// `results/<experiment>/{tables/*, figures/*, report.html}`. Runs that are unfinished, failed or missing
/// are shown as such and have no part in the final scores.
///
/// # Errors
///
/// If there is no such experiment, its file is broken or asks for an unknown figure, or the results
/// cannot be written.
pub fn report(results: &Path, experiment: &str) -> Result<Report, ReportError> {
    // Only to tell a running run from one whose heartbeat stopped.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let findings = Findings::of(results::read(results, experiment, now)?)?;
    for request in &findings.experiment.figures {
        figures::check_figure(&request.kind, &request.x)?;
    }
    let folder = results.join(experiment);
    create_folder(&folder.join("tables"))?;
    create_folder(&folder.join("figures"))?;
    tables::write(&findings, &folder.join("tables"))?;
    let drawn = figures::draw(&findings, &folder.join("figures"))?;
    let page = folder.join("report.html");
    write_whole(&page, page::page(&findings, &drawn).as_bytes())?;
    Ok(Report { page, table: terminal_tables(&findings), answer: answer(&findings) })
}

/// The final scores of our runs, and others' estimates with ours beside them, as far as there are any.
fn terminal_tables(findings: &Findings) -> String {
    let scores = (findings.has_begun() || findings.published.is_none())
        .then(|| score_table(findings).plain());
    let benchmarks = findings.published.iter().flat_map(|beside| &beside.benchmarks);
    let tables = benchmarks.map(Benchmark::standings_table).filter(|table| !table.rows.is_empty());
    let tables: Vec<String> = scores.into_iter().chain(tables.map(|table| table.plain())).collect();
    tables.join("\n")
}
