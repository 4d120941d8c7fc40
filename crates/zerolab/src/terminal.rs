//! The width of the terminal, and tables that fit into it. Pipes and files get whole tables.

use std::io;

use terminal_size::{Width, terminal_size_of};
use zerolab_metrics::text_table::TextTable;

/// The columns of standard output, if it is a terminal and they are known.
pub fn stdout_width() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into())
}

/// The columns of standard error, if it is a terminal and they are known.
pub fn stderr_width() -> Option<usize> {
    terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns.into())
}

/// A table as it is printed to standard output.
pub fn fitted(table: TextTable) -> TextTable {
    match stdout_width() {
        Some(width) => table.fitted(width),
        None => table,
    }
}
