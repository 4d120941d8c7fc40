//! Errors of reports: what failed, where, and what to do.

use std::io;
use std::path::PathBuf;

/// The reason why a report cannot be made. A broken run is no error: the report shows it as unreadable.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The experiment's file cannot be read.
    #[error("cannot read {}: {source}; run the experiment first", path.display())]
    Read {
        /// The experiment's file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The experiment's file cannot be parsed.
    #[error("{}: not an experiment file: {source}; `zerolab run` or `zerolab report` on its spec writes it \
        again", path.display())]
    Parse {
        /// The experiment's file.
        path: PathBuf,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// The published results do not contain what the experiment asks for.
    #[error(
        "published results: {0}; correct the name in the spec, then `zerolab report` on it writes the \
         experiment's file again"
    )]
    Published(String),
    /// A file of the report cannot be written.
    #[error("cannot write {}: {source}; is the folder writable, and is there room?", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A table cannot be built or written.
    #[error("cannot make the table {table}: {message}")]
    Table {
        /// The table's name.
        table: &'static str,
        /// The table library's error.
        message: String,
    },
    /// A figure cannot be drawn.
    #[error("cannot draw the figure {figure}: {message}")]
    Figure {
        /// The figure's name.
        figure: String,
        /// The drawing library's error.
        message: String,
    },
    /// The spec asks for a kind of figure that does not exist.
    #[error("there is no figure kind `{kind}`; known kinds: {known}")]
    UnknownFigure {
        /// The kind asked for.
        kind: String,
        /// The kinds that exist.
        known: String,
    },
    /// The spec asks for a quantity along x that the kind of figure does not have.
    #[error("a figure of kind `{kind}` has no x = `{x}`; known x: {known}")]
    UnknownX {
        /// The kind asked for.
        kind: String,
        /// The quantity asked for.
        x: String,
        /// The quantities that the kind has.
        known: String,
    },
    /// The spec asks for a measure in a kind of figure that has no choice of it.
    #[error("a figure of kind `{kind}` has no `y`: leave the key out")]
    NoY {
        /// The kind asked for.
        kind: String,
    },
    /// The spec asks for a measure that does not exist.
    #[error(
        "there is no measure `{name}`; known measures: `return`, `performance`, `competence`, `hack_fraction`, \
         `share.EVENT`, `rate.EVENT`"
    )]
    UnknownMeasure {
        /// The name asked for.
        name: String,
    },
}
