//! Reports on experiments: tables, figures and one page, made from recorded results.
//!
//! [`report`] reads `results/<experiment>/experiment.json` and, for each run of the experiment,
//! `results/runs/<id>/manifest.json` and `records.jsonl`. It writes `results/<experiment>/tables/`,
//! `figures/` and `report.html`. It reads no other file, so it works on any machine that has these. It
//! starts no training and knows no agent and no environment. Every file is written under a temporary name
//! and then renamed. Equal results give equal bytes.
//!
//! # Stages
//!
//! 1. Results are read as they are; unfinished, failed and missing runs are shown as such.
//! 2. Runs that differ only in their seed form a group. Scores by each measure, intervals, comparisons, learning curves and
//!    costs are computed per group. The statistics are those of [`zerolab_metrics::statistics`].
//! 3. Tables, figures and the page show these numbers.
//!
//! [`figures`] lists the kinds of figure that a spec can ask for, and [`check_figure`] checks a request.
//! A program adds kinds with [`extend_figures`]: numbers of its runs that it computes from their records ([`RunScore`]).
//!
//! # Example
//!
//! An experiment without own runs: its report compares published results.
//!
//! ```
//! use std::fs;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let results = tempfile::tempdir()?;
//! fs::create_dir(results.path().join("literature"))?;
//! fs::write(
//!     results.path().join("literature/experiment.json"),
//!     r#"{
//!         "name": "literature",
//!         "question": "How good is EfficientZero on Atari 100k?",
//!         "spec_path": "experiments/literature.toml",
//!         "command": "zerolab report experiments/literature.toml",
//!         "budget_real_steps": 100000,
//!         "published": {"benchmarks": ["atari-100k"], "algorithms": ["EfficientZero", "MuZero"]},
//!         "runs": []
//!     }"#,
//! )?;
//!
//! let report = zerolab_analysis::report(results.path(), "literature")?;
//!
//! assert!(report.tables[0].to_string().contains("EfficientZero"));
//! assert!(results.path().join("literature/figures/human-normalised.svg").exists());
//! assert_eq!(report.page, results.path().join("literature/report.html"));
//! # Ok(())
//! # }
//! ```

// Only here, because tests may unwrap.
#![warn(clippy::unwrap_used)]

mod answer;
mod best_settings;
mod comparisons;
mod cost_breakdown;
mod costs;
mod curves;
mod diagnostics;
mod error;
mod event_times;
mod exchange;
mod figures;
mod files;
mod findings;
mod groups;
mod headline;
mod html;
mod hypothesis;
mod labels;
mod latex;
mod page;
mod prices;
mod published;
mod report;
mod report_table;
mod results;
mod scores;
mod spending;
mod tables;
mod task_sets;
mod training_episodes;

use zerolab_metrics::format as numbers;

pub use error::ReportError;
pub use figures::{
    FigureKind, FinishedRun, RunScore, Section, check_figure, extend_figures, figures,
};
pub use page::IndexText;
pub use report::{Report, report, report_run, report_while_training, write_index};
