//! Which figures a report shows, and the check of what a spec asks for.

use zerolab_metrics::ExperimentFile;

use super::kind::FigureKind;
use super::registry::{ALWAYS, Choices, figures};
use crate::error::ReportError;

/// A figure that the report should show.
pub(super) struct SelectedFigure {
    pub kind: &'static FigureKind,
    /// The quantity along x; empty for a kind without a choice.
    pub x: &'static str,
    /// Whether the spec asks for it.
    pub is_requested: bool,
}

/// Checks that a kind of figure exists and knows the quantity `x`; an empty `x` is its default.
///
/// # Errors
///
/// If it does not; the error lists the names that exist.
pub fn check_figure(kind: &str, x: &str) -> Result<(), ReportError> {
    let quoted = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let Some(known_kind) = figures().iter().find(|known| known.name == kind) else {
        let names: Vec<&str> = figures().iter().map(|known| known.name).collect();
        return Err(ReportError::UnknownFigure { kind: kind.to_owned(), known: quoted(&names) });
    };
    if x.is_empty() || known_kind.xs.contains(&x) {
        return Ok(());
    }
    let known = if known_kind.xs.is_empty() { "none".to_owned() } else { quoted(known_kind.xs) };
    Err(ReportError::UnknownX { kind: kind.to_owned(), x: x.to_owned(), known })
}

/// What every page shows, then what the experiment asks for. A figure may occur in both.
pub(super) fn selected_figures(experiment: &ExperimentFile) -> Vec<SelectedFigure> {
    let always = ALWAYS.iter().flat_map(|(kind, choices)| {
        let shown = if *choices == Choices::All { usize::MAX } else { 1 };
        let xs = choices_of_x(kind).take(shown);
        xs.map(move |x| SelectedFigure { kind, x, is_requested: false })
    });
    let requested = experiment.figures.iter().filter_map(|request| {
        let kind = figures().iter().find(|kind| kind.name == request.kind)?;
        let x = choices_of_x(kind).find(|x| request.x.is_empty() || *x == request.x)?;
        Some(SelectedFigure { kind, x, is_requested: true })
    });
    always.chain(requested).collect()
}

/// The quantities that x can show, or one empty name if there is no choice.
pub(super) fn choices_of_x(kind: &'static FigureKind) -> impl Iterator<Item = &'static str> {
    let no_choice = kind.xs.is_empty().then_some("");
    kind.xs.iter().copied().chain(no_choice)
}
