//! Figures: the registry of kinds, and how each is drawn to SVG and PNG.
//!
//! A new kind is one file with a `picture` function, and one line in [`FIGURES`].

mod ablation;
mod axis;
mod cells;
mod chart;
mod colour_scale;
mod cost_against_score;
mod cost_by_phase;
mod data;
mod final_scores;
mod heat_map;
mod human_normalised;
mod learning_curve;
mod legend;
mod marks;
mod palette;
mod panels;
mod paper;
mod parallel;
mod per_task;
mod performance_profile;
mod probability_of_improvement;
mod published_lines;
mod rows;
mod scales;
mod spot;
mod sweep_response;
mod text;
mod upright;

use std::path::Path;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::drawing::IntoDrawingArea;
use plotters::style::WHITE;

use crate::error::ReportError;
use crate::files::{rename, temporary_beside, write_whole};
use crate::findings::Findings;
use crate::tables;
use data::Datum;
use paper::{Area, Drawing, Paper};
pub(crate) use spot::Spot;
pub(crate) use text::letters;

/// A kind of figure that a spec may ask for.
pub struct Entry {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub summary: &'static str,
    /// The quantities that may stand along x, the default first; none if the kind has no choice.
    pub xs: &'static [&'static str],
    /// What there is to draw.
    picture: for<'a> fn(&'a Findings, &str) -> Sketch<'a>,
}

/// What there is to draw, or why there is nothing: the runs have not come so far, or the kind says nothing of such an
/// experiment.
type Sketch<'a> = Result<Box<dyn Picture + 'a>, String>;

/// Why there is nothing to draw of an experiment whose runs have not come so far.
const NOTHING_FINISHED: &str = "no run has finished with an evaluation yet";

const FIGURES: &[Entry] = &[
    learning_curve::ENTRY,
    final_scores::ENTRY,
    per_task::ENTRY,
    probability_of_improvement::ENTRY,
    ablation::ENTRY,
    performance_profile::ENTRY,
    sweep_response::ENTRY,
    heat_map::ENTRY,
    parallel::ENTRY,
    cost_against_score::ENTRY,
    cost_by_phase::ENTRY,
    human_normalised::ENTRY,
];

/// Every page shows these against all that they know, and what its spec asks for.
const ALWAYS: [Entry; 3] = [human_normalised::ENTRY, learning_curve::ENTRY, cost_by_phase::ENTRY];

/// Something that can be drawn on an area of its size.
trait Picture {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);
    /// What it shows, for those who read it and for those who cannot see it.
    fn caption(&self) -> String;
    /// The numbers that it shows, where no table of the report holds them.
    fn data(&self) -> Vec<Datum> {
        Vec::new()
    }
    /// Draws it.
    fn draw(&self, area: &Area<'_>) -> Drawing;
}

/// A figure that has been drawn.
pub(crate) struct Drawn {
    pub kind: &'static str,
    /// What stands along x; empty for a kind that has no choice.
    pub x: &'static str,
    /// Its files are `figures/<name>.svg` and `.png`, and `.csv` if it has data of its own.
    pub name: String,
    pub has_data: bool,
    pub caption: String,
    /// In pixels.
    pub width: u32,
    pub svg: String,
    /// What the page says under the pointer.
    pub spots: Vec<Spot>,
}

/// The figures of a report.
#[derive(Default)]
pub(crate) struct Figures {
    pub drawn: Vec<Drawn>,
    /// What the experiment asks for and cannot be drawn, each with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Every kind of figure.
pub fn figures() -> &'static [Entry] {
    FIGURES
}

/// Checks that a kind of figure exists and knows the quantity `x`; an empty `x` is its default.
///
/// # Errors
///
/// If it does not, with the names that there are.
pub fn check_figure(kind: &str, x: &str) -> Result<(), ReportError> {
    let quoted = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let Some(entry) = FIGURES.iter().find(|entry| entry.name == kind) else {
        let names: Vec<&str> = FIGURES.iter().map(|entry| entry.name).collect();
        return Err(ReportError::UnknownFigure { kind: kind.to_owned(), known: quoted(&names) });
    };
    if x.is_empty() || entry.xs.contains(&x) {
        return Ok(());
    }
    let known = if entry.xs.is_empty() { "none".to_owned() } else { quoted(entry.xs) };
    Err(ReportError::UnknownX { kind: kind.to_owned(), x: x.to_owned(), known })
}

/// Draws into `folder` what every page shows and what the experiment asks for, as far as its runs have come.
pub(crate) fn draw(findings: &Findings, folder: &Path) -> Result<Figures, ReportError> {
    let mut wanted: Vec<(&Entry, &'static str, bool)> = Vec::new();
    for entry in &ALWAYS {
        wanted.extend(choices(entry).map(|x| (entry, x, false)));
    }
    for request in &findings.experiment.figures {
        let Some(entry) = FIGURES.iter().find(|entry| entry.name == request.kind) else { continue };
        let asked = choices(entry).find(|x| request.x.is_empty() || *x == request.x);
        wanted.extend(asked.map(|x| (entry, x, true)));
    }
    let mut figures = Figures::default();
    for (entry, x, is_asked) in wanted {
        if figures.drawn.iter().any(|figure| figure.kind == entry.name && figure.x == x) {
            continue;
        }
        let name = match x {
            "" => entry.name.to_owned(),
            x => format!("{}-{}", entry.name, x.replace('_', "-")),
        };
        match (entry.picture)(findings, x) {
            Ok(picture) => {
                figures.drawn.push(draw_files(picture.as_ref(), entry.name, x, name, folder)?);
            }
            Err(why) if is_asked => figures.left_out.push((name, why)),
            Err(_) => {}
        }
    }
    Ok(figures)
}

/// What may stand along x of a kind, an empty name where it has no choice.
fn choices(entry: &Entry) -> impl Iterator<Item = &'static str> {
    let none = entry.xs.is_empty().then_some("");
    entry.xs.iter().copied().chain(none)
}

/// Draws one figure in both formats and writes its data.
fn draw_files(
    picture: &dyn Picture,
    kind: &'static str,
    x: &'static str,
    name: String,
    folder: &Path,
) -> Result<Drawn, ReportError> {
    let failed = |message: String| ReportError::Figure { figure: name.clone(), message };
    if !text::register() {
        return Err(failed("the embedded font cannot be read".to_owned()));
    }
    let path = |extension: &str| folder.join(&name).with_extension(extension);
    let size = picture.size();
    let (mut svg, mut spots) = (String::new(), Vec::new());
    draw_on(Paper::Svg(SVGBackend::with_string(&mut svg, size), &mut spots), picture)
        .map_err(failed)?;
    let with_letters = svg.replacen('>', &format!("><style>{}</style>", text::letters()), 1);
    write_whole(&path("svg"), with_letters.as_bytes())?;
    let file = temporary_beside(&path("png"))?;
    draw_on(Paper::Bitmap(BitMapBackend::new(file.path(), size)), picture).map_err(failed)?;
    rename(file, &path("png"))?;
    let data = picture.data();
    if !data.is_empty() {
        let csv = data::frame(&data).and_then(|mut frame| tables::csv(&mut frame));
        write_whole(&path("csv"), &csv.map_err(|error| failed(error.to_string()))?)?;
    }
    let (caption, has_data) = (picture.caption(), !data.is_empty());
    Ok(Drawn { kind, x, name, has_data, caption, width: size.0, svg, spots })
}

fn draw_on(paper: Paper<'_>, picture: &dyn Picture) -> Result<(), String> {
    let area = paper.into_drawing_area();
    area.fill(&WHITE).map_err(|error| error.to_string())?;
    picture.draw(&area).map_err(|error| error.to_string())?;
    area.present().map_err(|error| error.to_string())
}
