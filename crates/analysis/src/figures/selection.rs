//! Which figures a report shows, and the check of what a spec asks for.

use zerolab_metrics::{ExperimentFile, FigureRequest, Measure};

use super::kind::{Choice, FigureKind};
use super::layout::{PAGE, PIXELS_PER_MILLIMETRE};
use super::registry::{ALWAYS, Choices, figures};
use crate::error::ReportError;

/// A figure that the report should show.
pub(super) struct SelectedFigure {
    pub kind: &'static FigureKind,
    pub choice: Choice,
    /// Whether the spec asks for it.
    pub is_requested: bool,
    /// The width of its files in pixels, and their height if the spec has one.
    pub size: (i32, Option<i32>),
}

/// Checks that a kind of figure exists and has the quantity `x` and the measure `y`; what is empty is the default.
///
/// # Errors
///
/// If it does not; the error lists the names that exist.
pub fn check_figure(request: &FigureRequest) -> Result<(), ReportError> {
    let FigureRequest { kind, x, y, .. } = request;
    let quoted = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let owned_kind = kind.clone();
    let Some(known_kind) = figures().iter().find(|known| known.name == kind) else {
        let names: Vec<&str> = figures().iter().map(|known| known.name).collect();
        return Err(ReportError::UnknownFigure { kind: owned_kind, known: quoted(&names) });
    };
    if !x.is_empty() && !known_kind.xs.contains(&x.as_str()) {
        let known =
            if known_kind.xs.is_empty() { "none".to_owned() } else { quoted(known_kind.xs) };
        return Err(ReportError::UnknownX { kind: owned_kind, x: x.clone(), known });
    }
    if !y.is_empty() && !known_kind.has_y {
        return Err(ReportError::NoY { kind: owned_kind });
    }
    match y.iter().find(|y| Measure::from_name(y).is_none()) {
        Some(unknown) => Err(ReportError::UnknownMeasure { name: unknown.clone() }),
        None => Ok(()),
    }
}

/// What every page shows, then what the experiment asks for. A figure may occur in both.
pub(super) fn selected_figures(experiment: &ExperimentFile) -> Vec<SelectedFigure> {
    let always = ALWAYS.iter().flat_map(|(kind, choices)| {
        let shown = if *choices == Choices::All { usize::MAX } else { 1 };
        choices_of_x(kind)
            .take(shown)
            .map(move |x| (kind, Choice { x, y: None, also: Vec::new() }, false))
    });
    let requested = experiment.figures.iter().filter_map(|request| {
        let kind = figures().iter().find(|kind| kind.name == request.kind)?;
        Some((kind, choice(kind, request)?, true))
    });
    let sized = |(kind, choice, is_requested): (&'static FigureKind, Choice, bool)| {
        let size = size(experiment, kind, &choice);
        SelectedFigure { kind, choice, is_requested, size }
    };
    always.chain(requested).map(sized).collect()
}

/// What a request for a figure of `kind` chooses. A measure that `x` can name, or that is the default, is no `y`, so
/// that each figure has one name.
fn choice(kind: &'static FigureKind, request: &FigureRequest) -> Option<Choice> {
    let x = choices_of_x(kind).find(|x| request.x.is_empty() || *x == request.x)?;
    let names_measures = Measure::from_name(x).is_some();
    let mut measures =
        request.y.iter().filter_map(|y| Measure::from_name(y)).filter(|_| kind.has_y);
    let (first, also) = (measures.next(), measures.collect());
    let (x, y) = match first {
        Some(measure) if names_measures => {
            let same = choices_of_x(kind).find(|x| *x == measure.name());
            same.map_or(("", Some(measure)), |x| (x, None))
        }
        y => (x, y.filter(|measure| *measure != Measure::Return)),
    };
    Some(Choice { x, y, also })
}

/// The size that the first request for a figure gives. The spec's check has refused what is no size.
fn size(
    experiment: &ExperimentFile,
    kind: &'static FigureKind,
    choice: &Choice,
) -> (i32, Option<i32>) {
    let is_same = |request: &&FigureRequest| {
        request.kind == kind.name && self::choice(kind, request).as_ref() == Some(choice)
    };
    let request = experiment.figures.iter().find(is_same);
    let pixels = |millimetres: f64| (millimetres * PIXELS_PER_MILLIMETRE).round() as i32;
    let width = request.and_then(|request| request.width_in_millimetres().ok()?);
    let height = request.and_then(|request| request.height_in_millimetres().ok()?);
    (width.map_or(PAGE, pixels), height.map(pixels))
}

/// The quantities that x can show, or one empty name if there is no choice.
fn choices_of_x(kind: &'static FigureKind) -> impl Iterator<Item = &'static str> {
    let no_choice = kind.xs.is_empty().then_some("");
    kind.xs.iter().copied().chain(no_choice)
}

/// Everything that a figure of a kind can show in an experiment with these measures beyond the sums of rewards.
pub(super) fn possible_choices<'a>(
    kind: &'static FigureKind,
    measures: &'a [&Measure],
) -> impl Iterator<Item = Choice> + 'a {
    let of_x = move |x: &'static str| {
        let names_measures = Measure::from_name(x).is_some();
        let measures = measures.iter().filter(|_| kind.has_y).map(|it| Some((*it).clone()));
        let performance = (kind.has_y && !names_measures).then_some(Some(Measure::Performance));
        let with_y = measures.chain(performance);
        let of = |x, y| Choice { x, y, also: Vec::new() };
        let with_y = with_y.map(move |y| of(if names_measures { "" } else { x }, y));
        std::iter::once(of(x, None)).chain(with_y)
    };
    choices_of_x(kind).flat_map(of_x)
}
