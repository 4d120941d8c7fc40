//! Which figures a report shows, and the check of what a spec asks for.

use zerolab_metrics::{ExperimentFile, FigureRequest};

use super::kind::FigureKind;
use super::layout::{PAGE, PIXELS_PER_MILLIMETRE};
use super::registry::{ALWAYS, Choices, figures};
use crate::error::ReportError;

/// A figure that the report should show.
pub(super) struct SelectedFigure {
    pub kind: &'static FigureKind,
    /// The quantity along x; empty for a kind without a choice.
    pub x: &'static str,
    /// Whether the spec asks for it.
    pub is_requested: bool,
    /// The width of its files in pixels, and their height if the spec has one.
    pub size: (i32, Option<i32>),
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
        xs.map(move |x| {
            let size = size(experiment, kind.name, x);
            SelectedFigure { kind, x, is_requested: false, size }
        })
    });
    let requested = experiment.figures.iter().filter_map(|request| {
        let kind = figures().iter().find(|kind| kind.name == request.kind)?;
        let x = choices_of_x(kind).find(|x| request.x.is_empty() || *x == request.x)?;
        let size = size(experiment, kind.name, x);
        Some(SelectedFigure { kind, x, is_requested: true, size })
    });
    always.chain(requested).collect()
}

/// The size that the first request for a figure gives. The spec's check has refused what is no size.
fn size(experiment: &ExperimentFile, kind: &str, x: &str) -> (i32, Option<i32>) {
    let default = |request: &FigureRequest| {
        let mut xs = figures().iter().filter(|known| known.name == kind).flat_map(choices_of_x);
        request.x.is_empty() && xs.next() == Some(x)
    };
    let mut requests = experiment.figures.iter();
    let request = requests.find(|it| it.kind == kind && (it.x == x || default(it)));
    let pixels = |millimetres: f64| (millimetres * PIXELS_PER_MILLIMETRE).round() as i32;
    let width = request.and_then(|request| request.width_in_millimetres().ok()?);
    let height = request.and_then(|request| request.height_in_millimetres().ok()?);
    (width.map_or(PAGE, pixels), height.map(pixels))
}

/// The quantities that x can show, or one empty name if there is no choice.
pub(super) fn choices_of_x(kind: &'static FigureKind) -> impl Iterator<Item = &'static str> {
    let no_choice = kind.xs.is_empty().then_some("");
    kind.xs.iter().copied().chain(no_choice)
}
