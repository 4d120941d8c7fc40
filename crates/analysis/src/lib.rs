//! Records → tables → figures → page: what `zerolab report` does.
//!
//! Reads `results/<experiment>/experiment.json` and `results/runs/<id>/{manifest.json, records.jsonl}` and
//! nothing else, so it works on another machine from the files alone; trains nothing, knows no network
//! and no environment. Writes only into `results/<experiment>/`, each file whole under another name
//! and then renamed. The same files give the same bytes.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod aggregates;
mod answer;
mod axes;
mod comparisons;
mod costs;
mod curves;
mod error;
mod figures;
mod files;
mod findings;
mod groups;
mod hypothesis;
mod ladder;
mod page;
mod prices;
mod published;
mod report;
mod report_table;
mod results;
mod scores;
mod spending;
mod tables;

use zerolab_metrics::format as numbers;

pub use error::ReportError;
pub use figures::{Entry, check_figure, figures};
pub use report::{Report, report};
