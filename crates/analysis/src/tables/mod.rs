//! The tables as files: CSV for people and other programs, parquet with column types, and final scores for LaTeX.

mod comparisons;
mod costs;
mod curves;
mod examinations;
mod facts;
mod final_scores;
mod hypotheses;
mod published;
mod runs;

use std::path::Path;

use polars::prelude::{Column, CsvWriter, DataFrame, ParquetWriter, PolarsResult, SerWriter};

use zerolab_metrics::Measure;

use crate::error::ReportError;
use crate::files::{remove_stale, write_whole};
use crate::findings::Findings;
use crate::latex::score_table;
use crate::published::PublishedComparison;

/// The formats of a table.
const EXTENSIONS: [&str; 2] = ["csv", "parquet"];

/// The name of a table, and the function that builds it.
type Table = (&'static str, fn(&Findings) -> PolarsResult<DataFrame>);

const TABLES: [Table; 5] = [
    ("final_scores", final_scores::frame),
    ("comparisons", comparisons::frame),
    ("curves", curves::frame),
    ("costs", costs::frame),
    ("runs", runs::frame),
];

/// The name of a table that only some reports have, whether one has it, and the function that builds it.
type OccasionalTable =
    (&'static str, fn(&Findings) -> bool, fn(&Findings) -> PolarsResult<DataFrame>);

const OCCASIONAL_TABLES: [OccasionalTable; 2] = [
    ("examinations", examinations::exist, examinations::frame),
    ("hypotheses", hypotheses::exist, hypotheses::frame),
];

/// A table of published results.
type PublishedTable = (&'static str, fn(&PublishedComparison) -> PolarsResult<DataFrame>);

const PUBLISHED_TABLES: [PublishedTable; 5] = [
    ("published_scores", published::scores),
    ("human_normalised", published::aggregate_scores),
    ("published_aggregates", published::aggregates),
    ("published_ablations", published::ablations),
    ("published_costs", published::costs),
];

/// A table of published facts, and whether an experiment asks for it.
type FactTable = (PublishedTable, fn(&PublishedComparison) -> bool);

const FACT_TABLES: [FactTable; 2] = [
    (("published_environments", facts::environments), PublishedComparison::shows_environments),
    (("published_quantities", facts::quantities), PublishedComparison::shows_quantities),
];

/// The names of the tables of the facts that an experiment asks for.
pub(crate) fn fact_tables(published: &PublishedComparison) -> Vec<&'static str> {
    let asked = FACT_TABLES.into_iter().filter(|(_, is_asked)| is_asked(published));
    asked.map(|((name, _), _)| name).collect()
}

/// Writes every table into `folder`. Removes the tables of an earlier report that this one does not have.
pub(crate) fn write(findings: &Findings, folder: &Path) -> Result<(), ReportError> {
    for (name, frame) in TABLES {
        write_table(name, frame(findings), folder)?;
    }
    for (name, exist, frame) in OCCASIONAL_TABLES {
        match exist(findings) {
            true => write_table(name, frame(findings), folder)?,
            false => remove_table(name, folder)?,
        }
    }
    let published = findings.published.as_ref();
    let with_benchmarks = published.filter(|published| !published.benchmarks.is_empty());
    for (name, frame) in PUBLISHED_TABLES {
        match with_benchmarks {
            Some(comparison) => write_table(name, frame(comparison), folder)?,
            None => remove_table(name, folder)?,
        }
    }
    for ((name, frame), is_asked) in FACT_TABLES {
        match published.filter(|published| is_asked(published)) {
            Some(published) => write_table(name, frame(published), folder)?,
            None => remove_table(name, folder)?,
        }
    }
    let latex = folder.join("final_scores.tex");
    match findings.has_begun() {
        true => write_whole(&latex, score_table(findings).as_bytes()),
        false => remove_stale(&latex),
    }
}

fn remove_table(name: &str, folder: &Path) -> Result<(), ReportError> {
    let path = |extension| folder.join(name).with_extension(extension);
    EXTENSIONS.iter().try_for_each(|extension| remove_stale(&path(extension)))
}

fn write_table(
    name: &'static str,
    frame: PolarsResult<DataFrame>,
    folder: &Path,
) -> Result<(), ReportError> {
    let failed = |error: polars::error::PolarsError| ReportError::Table {
        table: name,
        message: error.to_string(),
    };
    let mut frame = frame.map_err(failed)?;
    let text = csv(&mut frame).map_err(failed)?;
    write_whole(&folder.join(name).with_extension("csv"), &text)?;
    let mut parquet = Vec::new();
    ParquetWriter::new(&mut parquet).finish(&mut frame).map_err(failed)?;
    write_whole(&folder.join(name).with_extension("parquet"), &parquet)
}

/// Adds a column for each of the experiment's measures beyond the sums of rewards that is `wanted`.
fn add_measures(
    frame: &mut DataFrame,
    findings: &Findings,
    wanted: impl Fn(&Measure) -> bool,
    column: impl Fn(&Measure) -> Vec<Option<f64>>,
) -> PolarsResult<()> {
    for measure in findings.further_measures().into_iter().filter(|measure| wanted(measure)) {
        frame.with_column(Column::new(measure.name().into(), column(measure)))?;
    }
    Ok(())
}

/// A table as CSV.
pub(crate) fn csv(frame: &mut DataFrame) -> PolarsResult<Vec<u8>> {
    let mut csv = Vec::new();
    CsvWriter::new(&mut csv).finish(frame)?;
    Ok(csv)
}
