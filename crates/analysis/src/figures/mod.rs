//! Figures: the kinds that exist (`registry.rs`), which of them a report shows, and how they are drawn.
//!
//! Each kind is one file with a `KIND`. Kinds share layouts: `forest_plot.rs` (one row per agent),
//! `chart.rs` (axes) and `lines.rs` (what stands on them), `score_grid.rs` (coloured cells) and `parallel_axes.rs` (one
//! axis per setting).

mod ablation;
mod anchor_lines;
mod axis;
mod canvas;
mod chart;
mod colour_scale;
mod cost_against_score;
mod cost_by_phase;
mod cost_ladder;
mod data;
mod diagnostics;
mod draw;
mod exchange;
mod exchange_caption;
mod final_scores;
mod forest_panel;
mod forest_plot;
mod goodhart;
mod heat_map;
mod human_normalised;
mod kind;
mod layout;
mod learning_curve;
mod legend;
mod lines;
mod mark_names;
mod markers;
mod measures;
mod palette;
mod panels;
mod parallel;
mod parallel_axes;
mod pdf_drawing;
mod pdf_font;
mod per_task;
mod performance_profile;
mod phase_lines;
mod probability_of_improvement;
mod published_lines;
mod registry;
mod response;
mod row_names;
mod run_scores;
mod scales;
mod scatter;
mod score_grid;
mod selection;
mod setting_panels;
mod shades;
mod stepped_curves;
mod sweep_response;
mod text;
mod time_to_event;
mod tooltip;
mod verdict;
mod wrapped;

pub(crate) use draw::{Drawing, DrawnFigure, PageDrawings, ReportFigures, draw_figures};
pub use kind::{FigureKind, Section};
pub(crate) use layout::{PAGE, PHONE};
pub use registry::{extend_figures, figures};
pub use run_scores::{FinishedRun, RunScore};
pub use selection::check_figure;
pub(crate) use shades::dark_mode_rules;
pub(crate) use text::{font_css, listed};
pub(crate) use tooltip::Tooltip;

/// The worked example of `docs/adding.md`.
#[cfg(test)]
#[path = "../../../../docs/examples/worst_seed.rs"]
mod worst_seed_example;

#[cfg(test)]
mod tests {
    #[test]
    fn the_worked_example_is_a_kind_of_figure() {
        let kind = super::worst_seed_example::KIND;
        assert_eq!((kind.name, kind.xs[0]), ("worst-seed", "return"));
        assert!(super::figures().iter().all(|registered| registered.name != kind.name));
    }
}
