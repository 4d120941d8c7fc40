//! Why a report cannot be made: what, where, and what to do.

use std::io;
use std::path::PathBuf;

/// Why a report cannot be made. A single broken run is no error: the report shows it as unreadable.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The experiment left no file to report on.
    #[error("cannot read {}: {source}; run the experiment first", path.display())]
    Read {
        /// The experiment's file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The experiment's file is not what it should be.
    #[error("{}: not an experiment file: {source}; `zerolab run` or `zerolab report` on its spec writes it anew", path.display())]
    Parse {
        /// The experiment's file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// What others published is not what the experiment asks for.
    #[error(
        "what others published: {0}; a spec with right names writes the experiment's file anew"
    )]
    Published(String),
    /// A file of the report cannot be written.
    #[error("cannot write {}: {source}; is the folder writable, and is there room?", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table cannot be built or written.
    #[error("cannot make the table {table}: {message}")]
    Table {
        /// The table's name.
        table: &'static str,
        /// What the table library said.
        message: String,
    },
    /// A figure cannot be drawn.
    #[error("cannot draw the figure {figure}: {message}")]
    Figure {
        /// The figure's name.
        figure: String,
        /// What the drawing library said.
        message: String,
    },
    /// The spec asks for a kind of figure that does not exist.
    #[error("no figure is of kind `{kind}`; there are {known}")]
    UnknownFigure {
        /// The kind asked for.
        kind: String,
        /// The kinds that exist.
        known: String,
    },
    /// The spec asks for a quantity along x that the kind of figure does not know.
    #[error("a figure of kind `{kind}` has no x = `{x}`; it has {known}")]
    UnknownX {
        /// The kind asked for.
        kind: String,
        /// The quantity asked for.
        x: String,
        /// The quantities that the kind knows.
        known: String,
    },
}
