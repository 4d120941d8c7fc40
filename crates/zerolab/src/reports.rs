//! What of the reports is in this build: all, or, without the feature `reports`, what it takes to do without.

#[cfg(feature = "reports")]
mod built {
    use std::io::Write;
    use std::path::Path;

    use crate::failure::Failure;

    /// Names of the kinds of figure, each with what it is.
    pub fn figures() -> Option<Vec<(&'static str, &'static str)>> {
        let figures = zerolab_analysis::figures().iter();
        Some(figures.map(|figure| (figure.name, figure.summary)).collect())
    }

    /// Writes the report of an experiment and shows its table, its answer and the path of its page.
    pub fn write(results: &Path, experiment: &str, out: &mut dyn Write) -> Result<(), Failure> {
        let report = zerolab_analysis::report(results, experiment)?;
        writeln!(out, "{}", report.table.trim_end())?;
        if !report.answer.is_empty() {
            writeln!(out, "\n{}", report.answer)?;
        }
        writeln!(out, "\n{}", report.page.display())?;
        Ok(())
    }
}

#[cfg(not(feature = "reports"))]
mod built {
    use std::io::Write;
    use std::path::Path;

    use crate::failure::Failure;

    /// Not known here: what a spec says is taken for right.
    pub fn figures() -> Option<Vec<(&'static str, &'static str)>> {
        None
    }

    /// Says who can write the report.
    pub fn write(results: &Path, experiment: &str, out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(
            out,
            "this build only trains: carry {} to a machine with the whole program and ask it for the \
             report of `{experiment}`",
            results.display()
        )?;
        Ok(())
    }
}

pub use built::{figures, write};
