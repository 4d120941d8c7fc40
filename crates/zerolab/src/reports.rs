//! Reports, or a message without the feature `reports`.

#[cfg(feature = "reports")]
mod built {
    use std::io::{self, Write};
    use std::path::Path;

    use zerolab_experiments::spec::Figure;

    use crate::best_effort::BestEffort;
    use crate::error::CommandError;
    use crate::terminal::fitted;

    /// The kinds of figure, each with its summary.
    pub fn figures() -> Option<Vec<(Figure, &'static str)>> {
        let figures = zerolab_analysis::figures().iter();
        let known = |kind, xs| Figure { kind, xs };
        Some(figures.map(|figure| (known(figure.name, figure.xs), figure.summary)).collect())
    }

    /// Writes the report of an experiment. Prints its tables, its answer and the path of its page.
    pub fn write(
        results: &Path,
        experiment: &str,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let report = zerolab_analysis::report(results, experiment)?;
        let tables = report.tables.into_iter().map(|table| fitted(table).to_string());
        writeln!(out, "{}", tables.collect::<Vec<_>>().join("\n").trim_end())?;
        if !report.answer.is_empty() {
            writeln!(out, "\n{}", report.answer)?;
        }
        writeln!(out, "\n{}", report.page.display())?;
        if let Some(note) = report.note {
            writeln!(BestEffort(io::stderr()), "note: {note}")?;
        }
        Ok(())
    }
}

#[cfg(not(feature = "reports"))]
mod built {
    use std::io::Write;
    use std::path::Path;

    use zerolab_experiments::spec::Figure;

    use crate::error::CommandError;

    /// Unknown in this build: any kind in a spec is accepted.
    pub fn figures() -> Option<Vec<(Figure, &'static str)>> {
        None
    }

    /// Prints how to get the report.
    pub fn write(
        results: &Path,
        experiment: &str,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        writeln!(
            out,
            "this build only trains: copy {} to a machine with the full program and run \
             `zerolab report {}` there",
            results.display(),
            results.join(experiment).display()
        )?;
        Ok(())
    }
}

pub use built::{figures, write};
